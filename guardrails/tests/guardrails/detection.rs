//! What each detector finds and what it leaves alone.

use crate::streams::{Output, boundaries, finished, whole};
use crate::texts::{COMMON, POSITIVES, access_key, everything, marker, private_key};
use palisade_guardrails::{Category, Confidence, Engine, Options, Specimen, TextStream};
use std::sync::LazyLock;

/// What is found unless told otherwise.
static DEFAULT: LazyLock<Engine> = LazyLock::new(|| {
    Engine::with(Options {
        categories: COMMON.to_vec(),
        specimens: Specimen::ALL.to_vec(),
        ..Options::default()
    })
    .unwrap()
});

/// Each text holds `category` exactly where the brackets `⟦⟧` say, and nothing else.
fn check(category: Category, texts: &[&str]) {
    for marked in texts {
        let text = marked.replace(['⟦', '⟧'], "");
        let expected: Vec<_> = marked
            .split('⟦')
            .skip(1)
            .map(|rest| (category, rest.split('⟧').next().unwrap()))
            .collect();
        assert_eq!(whole(&DEFAULT, &text).matches(), expected, "{marked}");
    }
}

#[test]
fn finds_every_positive_alone_and_in_a_sentence() {
    for (category, value) in POSITIVES.iter() {
        for text in [
            value.clone(),
            format!("It is {value}."),
            format!("({value})\n"),
            format!("值{value}，"),
        ] {
            assert_eq!(
                whole(everything(), &text).matches(),
                [(*category, value.as_str())],
                "{text}"
            );
        }
    }
}

#[test]
fn email_starts_and_ends_where_the_address_does() {
    check(
        Category::EMAIL,
        &[
            "<⟦ada@example.org⟧>",
            "mailto:⟦ada@example.org⟧?subject=x",
            "- ⟦a@b.co⟧;⟦c@d.org⟧",
            "⟦_ada@example.org⟧_",
            "x=⟦a@b.com⟧.",
            "'⟦ada@example.org⟧'",
            "--⟦ada@example.org⟧",
            "..⟦ada@example.org⟧..",
            "⟦a@b.com⟧_",
            "⟦a@b.com⟧-",
            "⟦a@b.com⟧,⟦c@d.com⟧",
            "值⟦a@b.com⟧值",
            "⟦1@2.com⟧",
            "⟦536-22-8145@x.org⟧",
            "⟦a@b.com⟧@c",
            "⟦a@b.com⟧.⟦c@d.com⟧",
            "a@⟦b@c.de⟧",
            "https://u@example.org/x",
            "⟦a@b.c.de⟧.e",
            "⟦a@b.com⟧.1",
        ],
    );
    check(
        Category::EMAIL,
        &[
            "ada@example",
            "ada @example.org",
            "@example.org",
            "ada@.org",
            "ada@example.o",
            "a@b.c1",
            "a@-b.c-",
            "x@y",
            "user@127",
            "@@",
            "a@b..com",
        ],
    );
}

#[test]
fn email_refuses_a_local_part_of_more_than_64_bytes() {
    let local = "l".repeat(64);
    check(
        Category::EMAIL,
        &[
            &format!("⟦{local}@example.org⟧"),
            &format!("l{local}@example.org"),
            &format!("{}⟦ada@example.org⟧", ".".repeat(90)),
        ],
    );
}

#[test]
fn card_survives_what_follows_it() {
    check(
        Category::CREDIT_DEBIT_CARD_NUMBER,
        &[
            "⟦4111 1111 1111 1111⟧ 123",
            "⟦4111-1111-1111-1111⟧-12/27",
            "⟦4111111111111111⟧,",
            "12 ⟦4111 1111 1111 1111⟧",
            "card:⟦4111111111111111⟧ 12/27",
            "⟦4111 1111 1111 1111⟧ ⟦5555 5555 5555 4444⟧",
            "中⟦4111111111111111⟧中",
        ],
    );
    check(
        Category::CREDIT_DEBIT_CARD_NUMBER,
        &[
            "4111111111111112",
            "4111 1111-1111 1111",
            "x4111111111111111",
            "4111111111111111x",
            "41111111111111111",
            "1234567812345670",
            "order 2024010112345678",
            "_4111111111111111",
            "4111  1111  1111  1111",
            "9111111111111111",
        ],
    );
}

#[test]
fn social_security_refuses_numbers_never_issued() {
    check(
        Category::US_SOCIAL_SECURITY_NUMBER,
        &[
            "SSN ⟦536-22-8145⟧.",
            "⟦665-12-3456⟧",
            "⟦667-12-3456⟧",
            "(⟦123-45-6789⟧)",
        ],
    );
    check(
        Category::US_SOCIAL_SECURITY_NUMBER,
        &[
            "000-12-3456",
            "666-12-3456",
            "900-12-3456",
            "536-00-8145",
            "536-22-0000",
            "078-05-1120",
            "536-22 8145",
            "536228145",
            "536-22-81456",
            "1536-22-8145",
            "536-22-8145a",
        ],
    );
}

#[test]
fn phone_takes_the_number_and_not_what_stands_beside_it() {
    check(
        Category::PHONE,
        &[
            "call ⟦+14155552671⟧ 2024",
            "tel:⟦+1-415-555-2671⟧",
            "⟦+1 415.555.2671x123⟧, ⟦+1 415 555 2671 ext. 12⟧",
            "(⟦+44 20 7946 0958⟧)",
            "⟦+7 495 123-45-67⟧, ⟦+998 71 123 45 67⟧",
            "⟦+24740123⟧",
            "⟦+33 6 12 34 56 78⟧ 2024",
        ],
    );
    check(
        Category::PHONE,
        &[
            "+1",
            "+1 415 555",
            "+999 123 456 78",
            "++14155552671",
            "1+14155552671",
            "+0 415 555 2671",
            "a+b",
            "+1234567",
            "+1 4155552671234567890",
        ],
    );
}

#[test]
fn ip_address_is_no_version_and_no_object_identifier() {
    check(
        Category::IP_ADDRESS,
        &[
            "ping ⟦10.0.0.1⟧.",
            "⟦10.0.0.1⟧:8080",
            "⟦10.0.0.0/8⟧",
            "http://⟦127.0.0.1⟧/",
            "[⟦1.2.3.4⟧]",
        ],
    );
    check(
        Category::IP_ADDRESS,
        &[
            "1.2.3",
            "256.1.1.1",
            "1.2.3.4.5",
            "1.3.6.1.4.1.311",
            "01.2.3.4",
            "1.2.3.400",
            "v1.2.3.4",
            ".1.2.3.4",
            "1.2.3.4x",
            "1..2.3.4",
        ],
    );
}

#[test]
fn access_key_needs_its_prefix_alphabet_and_length() {
    let key = access_key("AKIA");
    check(
        Category::AWS_ACCESS_KEY,
        &[
            &format!("id=⟦{key}⟧;"),
            &format!("\"⟦{key}⟧\""),
            &format!("é⟦{key}⟧é"),
        ],
    );
    check(
        Category::AWS_ACCESS_KEY,
        &[
            &format!("x{key}"),
            &format!("{key}A"),
            &key[..19],
            &key.to_lowercase(),
            &key.replace('7', "1"),
            &access_key("AIDA"),
        ],
    );
}

#[test]
fn private_key_reaches_to_its_end_line() {
    let key = private_key("RSA ", 4);
    let key = key.trim_end();
    check(
        Category::SECRET_PRIVATE_KEY,
        &[
            &format!("a ⟦{key}⟧\nafter"),
            &format!("⟦{key}⟧\n⟦{key}⟧"),
            &format!("-⟦{key}⟧-"),
        ],
    );
    let armour = key.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK");
    let escaped = key.replace('\n', "\\n");
    let quoted = key.replace('\n', "\\n\" +\n    \"");
    check(
        Category::SECRET_PRIVATE_KEY,
        &[
            &format!("⟦{armour}⟧ x"),
            &format!("{{\"k\": \"⟦{escaped}⟧\"}}"),
            &format!("⟦{quoted}⟧\";"),
        ],
    );
    let public = key.replace("PRIVATE", "PUBLIC");
    check(
        Category::SECRET_PRIVATE_KEY,
        &[&public, "-----BEGIN CERTIFICATE-----", "BEGIN PRIVATE KEY"],
    );
}

#[test]
fn unterminated_private_key_is_withheld_to_the_end() {
    let key = private_key("", 500);
    for cut in [marker("BEGIN", "").len(), 100, 2000, key.len() - 8] {
        check(Category::SECRET_PRIVATE_KEY, &[&format!("x ⟦{}⟧", &key[..cut])]);
    }
}

#[test]
fn a_key_header_quoted_in_prose_does_not_swallow_the_rest() {
    let text = format!(
        "{} {}",
        marker("BEGIN", ""),
        "é words that are no key. ".repeat(200)
    );
    let found = everything().find(&text);
    assert_eq!(found.len(), 1);
    assert!(
        (1000..1200).contains(&found[0].span.end),
        "ends at {}",
        found[0].span.end
    );
    let places = boundaries(&text);
    for step in [1, 3, 701] {
        let cuts: Vec<_> = places.iter().copied().step_by(step).collect();
        let streamed = finished(&mut TextStream::default(), everything(), &text, &cuts);
        assert_eq!(streamed, whole(everything(), &text));
    }
}

#[test]
fn a_telling_word_raises_confidence_under_any_chunking() {
    let far = "x".repeat(70);
    let cases = [
        ("SSN: 536-22-8145", Confidence::CONTEXT),
        ("her Social Security number is 536-22-8145", Confidence::CONTEXT),
        ("536-22-8145", Confidence::VALIDATED),
        ("assn 536-22-8145", Confidence::VALIDATED),
        (&format!("ssn {far} 536-22-8145"), Confidence::VALIDATED),
        ("4111111111111111", Confidence::VALIDATED),
    ];
    for (text, confidence) in cases {
        assert_eq!(everything().find(text)[0].confidence, confidence, "{text}");
        let cuts: Vec<_> = (1..text.len()).collect();
        assert_eq!(
            finished(&mut TextStream::default(), everything(), text, &cuts),
            whole(everything(), text),
            "{text}"
        );
    }
}

#[test]
fn an_engine_finds_only_what_it_was_built_for() {
    let text = "ada@example.org 4111111111111111 +14155552671";
    for &category in Category::all() {
        let found = Engine::new(&[category, category]).unwrap().find(text);
        assert!(found.iter().all(|finding| finding.category == category));
    }
    assert_eq!(Engine::new(&[]).unwrap().find(text), []);
}

#[test]
fn debug_output_holds_no_text() {
    let mut seen = String::new();
    everything().scan("to ada@example.org", &mut |piece| seen += &format!("{piece:?}"));
    let mut channel = TextStream::default();
    channel.push(everything(), "to ada@exam", &mut |_| {});
    seen += &format!("{channel:?}");
    assert!(!seen.contains("ada") && !seen.contains("exam"), "{seen}");
}

#[test]
fn engines_and_channels_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Engine>();
    shared::<TextStream>();
    assert_eq!(Output::default().redacted(), "");
}
