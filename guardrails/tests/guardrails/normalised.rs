//! What is read as something else is found as what it is read as, whole, and however it is cut.

use crate::streams::{Output, boundaries, finished, streamed, whole};
use crate::texts::{NEAR_MISSES, POSITIVES, PROFILES, Profile, SENTENCES, everything, mixtures};
use palisade_guardrails::{Category, TextStream};
use proptest::prelude::*;

/// Characters that are not shown.
const UNSEEN: [&str; 5] = ["\u{200B}", "\u{2060}", "\u{FEFF}", "\u{FE0F}", "\u{AD}"];

/// Where the digits of other scripts and styles begin.
const ZEROES: [char; 4] = ['\u{FF10}', '\u{660}', '\u{966}', '\u{1D7CE}'];

const DASHES: [char; 4] = ['\u{2010}', '\u{2013}', '\u{2212}', '\u{FF0D}'];

const SPACES: [char; 4] = ['\u{A0}', '\u{2009}', '\u{202F}', '\u{3000}'];

/// What a reader takes for a part of an address or a number.
const SPELLINGS: &[&str] = &[
    "ada\\u0040example.org",
    "ada(at)example[dot]org",
    "ada[at]example.org",
    "ada{@}mail(dot)example.org",
    "ada(AT)example(DOT)org",
    "4111\\u00201111\\u00201111\\u00201111",
    "\\u0034111111111111111",
    "４１１１ １１１１ １１１１ １１１１",
    "٤١١١١١١١١١١١١١١١",
    "536\u{2011}22\u{2011}8145",
    "ada＠example．org",
    "192。168.1.1",
    "ada\u{200B}@\u{200B}example.org",
    "4\u{200B}\u{200B}\u{200B}111 1111\u{2060} 1111 1111",
    "a \\u00",
    "\\",
    "\\u",
    "\\\\u0040",
    "\\ud83d\\ude00",
    " (at",
    "x(at)",
    "x (dot) ",
    " [",
    "\u{200B}",
    "\u{E0041}\u{E0042}",
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}",
    "\u{202E}",
    "e\u{301}",
    "👩\u{200D}👩\u{200D}👧",
];

/// Asserts that the only match in `text` is all of `value`.
fn finds_all_of(value: &str, category: Category) {
    let text = format!("see {value}, ok");
    let found = everything().find(&text);
    let spans: Vec<_> = found
        .iter()
        .map(|finding| (finding.category, finding.span.clone()))
        .collect();
    assert_eq!(
        spans,
        [(category, 4..4 + value.len())],
        "{}",
        text.escape_unicode()
    );
}

/// Each positive with each character that `from` picks replaced.
fn replaced(from: impl Fn(char) -> Option<char>) {
    for (category, value) in POSITIVES
        .iter()
        .filter(|(category, _)| *category != Category::SECRET_PRIVATE_KEY)
    {
        let spelt: String = value.chars().map(|c| from(c).unwrap_or(c)).collect();
        finds_all_of(&spelt, *category);
    }
}

/// The cuts of `text` at which its output differs from the whole text's.
fn wrong_cuts(profile: &Profile, text: &str) -> Vec<Vec<usize>> {
    let expected = whole(&profile.engine, text);
    assert_eq!(expected.raw(), text, "profile {}", profile.name);
    let places = boundaries(text);
    let cuts = places.iter().map(|place| vec![*place]).chain([places.clone()]);
    cuts.filter(|cuts| finished(&mut TextStream::default(), &profile.engine, text, cuts) != expected)
        .collect()
}

#[test]
fn a_character_that_is_not_shown_hides_no_value() {
    for (category, value) in POSITIVES.iter() {
        for unseen in UNSEEN {
            for at in 1..value.len() {
                let (before, after) = value.split_at(at);
                finds_all_of(&format!("{before}{unseen}{after}"), *category);
            }
        }
    }
}

#[test]
fn digits_of_any_script_are_digits() {
    for zero in ZEROES {
        replaced(|c| {
            let digit = c.to_digit(10)?;
            char::from_u32(u32::from(zero) + digit)
        });
    }
}

#[test]
fn any_dash_and_any_space_separates() {
    for (dash, space) in DASHES.into_iter().zip(SPACES) {
        replaced(|c| match c {
            '-' => Some(dash),
            ' ' => Some(space),
            _ => None,
        });
    }
}

#[test]
fn addresses_in_disguise_are_found() {
    let cases = [
        "ada\\u0040example.org",
        "ada(at)example[dot]org",
        "ada[at]example.org",
        "ada{@}mail(dot)example.org",
        "ada(AT)example(DOT)org",
        "ada＠example.org",
        "ada@example\u{FF0E}org",
    ];
    for case in cases {
        finds_all_of(case, Category::EMAIL);
    }
}

#[test]
fn every_split_of_every_spelling_equals_the_whole() {
    for profile in PROFILES.iter() {
        for spelling in SPELLINGS {
            for text in [
                (*spelling).to_owned(),
                format!("to {spelling} x"),
                format!("1{spelling}1"),
            ] {
                let wrong = wrong_cuts(profile, &text);
                assert!(
                    wrong.is_empty(),
                    "profile {}, {text:?} at {wrong:?}",
                    profile.name
                );
            }
        }
    }
}

#[test]
fn text_that_is_not_shown_is_kept_wherever_it_stands() {
    let key = crate::texts::private_key("RSA ", 2);
    let places: Vec<_> = boundaries(&key)
        .into_iter()
        .step_by(7)
        .chain([key.len()])
        .collect();
    for place in places {
        let (before, after) = key.split_at(place);
        for text in [format!("{before}\u{200B}{after}"), format!("{before}\u{200B}")] {
            for profile in PROFILES.iter() {
                let wrong = wrong_cuts(profile, &text);
                assert!(
                    wrong.is_empty(),
                    "profile {}, at {place}, cuts {wrong:?}",
                    profile.name
                );
            }
        }
    }
}

#[test]
fn nothing_runs_ahead_of_a_pending_spelling() {
    for spelling in SPELLINGS {
        let text = format!("to {spelling} x");
        let expected = whole(everything(), &text);
        let stages = streamed(
            &mut TextStream::default(),
            everything(),
            &text,
            &boundaries(&text),
        );
        let runs_ahead = |stage: &Output| !expected.raw().starts_with(&stage.raw());
        assert!(!stages.iter().any(runs_ahead), "{text:?}");
    }
}

#[test]
fn held_text_is_bounded_by_what_is_shown() {
    let long = [
        "\u{200B}".repeat(3000),
        "4\u{200B}".repeat(3000),
        "(".repeat(3000),
        "\\u0041".repeat(2000),
    ];
    for text in &long {
        let mut channel = TextStream::default();
        for character in text.chars() {
            channel.push(everything(), character.encode_utf8(&mut [0; 4]), &mut |_| {});
            assert!(channel.held() <= 320 + 64, "{} bytes held", channel.held());
        }
    }
}

/// Texts with what is read as something else strewn in.
fn disguised() -> impl Strategy<Value = String> {
    let strewn = prop_oneof![
        prop::sample::select(UNSEEN.as_slice()).prop_map(str::to_owned),
        prop::sample::select(SPELLINGS).prop_map(str::to_owned),
        prop::sample::select(NEAR_MISSES).prop_map(str::to_owned),
        prop::sample::select(SENTENCES).prop_map(str::to_owned),
        "[\\\\u0-9 (at)\\[dot\\]\u{200B}\u{AD}\u{202E}\u{E0041}]{0,8}",
        "\\PC{0,4}",
    ];
    let strewn = prop::collection::vec((any::<prop::sample::Index>(), strewn), 0..8);
    (mixtures(), strewn).prop_map(|(mut text, strewn)| {
        for (index, strewn) in strewn {
            let place = text.floor_char_boundary(index.index(text.len() + 1));
            text.insert_str(place, &strewn);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_of_disguised_text_equals_the_whole(
        text in disguised(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)
    ) {
        let places = boundaries(&text);
        let mut cuts: Vec<_> = cuts.iter().filter(|_| !places.is_empty()).map(|cut| places[cut.index(places.len())]).collect();
        cuts.sort_unstable();
        for Profile { name, engine, .. } in PROFILES.iter() {
            let expected = whole(engine, &text);
            prop_assert_eq!(expected.raw(), text.as_str(), "profile {}", name);
            for cuts in [&cuts, &places] {
                let out = finished(&mut TextStream::default(), engine, &text, cuts);
                prop_assert_eq!(&out, &expected, "profile {}", name);
            }
        }
    }
}
