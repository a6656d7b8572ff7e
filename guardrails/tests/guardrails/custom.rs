//! Detectors of the configuration.

use crate::streams::{boundaries, finished, found_in, whole};
use palisade_guardrails::{
    Category, Confidence, Custom, CustomError, CustomShape, Engine, Error, Options, TextStream,
};

fn pattern(name: &str, regex: &str) -> Custom {
    Custom {
        category: Category::custom(name).unwrap(),
        shape: CustomShape::Pattern {
            regex: regex.to_owned(),
            whole_words: true,
        },
        check: None,
        telling: Vec::new(),
        confidence: Confidence::VALIDATED,
    }
}

fn list(name: &str, words: &[&str]) -> Custom {
    Custom {
        shape: CustomShape::Words(words.iter().map(|word| (*word).to_owned()).collect()),
        ..pattern(name, "x")
    }
}

fn engine(custom: Vec<Custom>) -> Result<Engine, Error> {
    Engine::with(Options {
        categories: vec![Category::EMAIL],
        custom,
        ..Options::default()
    })
}

/// Asserts that exactly the parts in ⟦brackets⟧ are found, whole and a character at a time.
fn check(engine: &Engine, marked: &[&str]) {
    for text in marked {
        let plain = text.replace(['⟦', '⟧'], "");
        assert_eq!(&found_in(engine, &plain), text);
        let streamed = finished(&mut TextStream::default(), engine, &plain, &boundaries(&plain));
        assert_eq!(streamed, whole(engine, &plain), "{text} streamed");
    }
}

#[test]
fn patterns_find_whole_words_obey_their_check_and_wait_for_their_words() {
    let case_number = pattern("CASE_NUMBER", "(?:CASE|case)-[0-9]{4,8}");
    let badge = Custom {
        check: Some("luhn".to_owned()),
        telling: vec!["badge".to_owned()],
        ..pattern("BADGE", "[0-9]{6}")
    };
    let inside = Custom {
        shape: CustomShape::Pattern {
            regex: "zq+z".to_owned(),
            whole_words: false,
        },
        ..pattern("INSIDE", "x")
    };
    check(
        &engine(vec![case_number, badge, inside]).unwrap(),
        &[
            "see ⟦CASE-12345⟧, ⟦case-1234⟧; not XCASE-12345 or CASE-123",
            "badge ⟦123455⟧, badge 123456",
            "a badge, and then, so much later that nothing tells of it any more, a 123455",
            "a⟦zqqqz⟧b and ⟦a@b.co⟧",
        ],
    );
}

#[test]
fn words_are_found_whole_and_in_any_case() {
    let names = list("CODENAME", &["Falcon", "falcon nine", "Größe", "日本", "x"]);
    check(
        &engine(vec![names]).unwrap(),
        &[
            "the ⟦FALCON⟧ and the ⟦falcon Nine⟧, not falcons or a-falconer; ⟦falcon⟧ ninety",
            "⟦GRÖSSE⟧".replace("SS", "ß").as_str(),
            "⟦größe⟧ größer ⟦日本⟧ 日本語 ⟦x⟧ xx _x ⟦X⟧",
            "write to ⟦falcon@example.org⟧",
        ],
    );
}

#[test]
fn a_hundred_thousand_words_are_found_and_one_more_is_refused() {
    let words: Vec<String> = (0..100_001).map(|number| format!("word{number:06}x")).collect();
    let with = |words: &[String]| {
        engine(vec![Custom {
            shape: CustomShape::Words(words.to_vec()),
            ..pattern("MANY", "x")
        }])
    };
    let many = with(&words[..100_000]).unwrap();
    check(&many, &["⟦word000000x⟧ ⟦WORD099999X⟧ word100000x"]);
    assert!(many.memory() < 20 << 20, "{} bytes", many.memory());
    assert!(matches!(
        with(&words),
        Err(Error::Custom(_, CustomError::Count(100_001)))
    ));
}

#[test]
fn what_cannot_be_compiled_is_refused_with_its_reason() {
    let refused = |custom: Custom| match engine(vec![custom]) {
        Err(Error::Custom(category, error)) => format!("{category}: {error}"),
        other => format!("{other:?}"),
    };
    for (regex, reason) in [
        ("(a{1000}){1000}", "cannot be used"),
        ("(", "cannot be used"),
        (r"\bword\b", "looks at what is around it"),
        ("a*", "matches nothing at all"),
        (&"a".repeat(5000), "5000 bytes"),
    ] {
        let message = refused(pattern("BROKEN", regex));
        assert!(
            message.starts_with("BROKEN: ") && message.contains(reason),
            "{message}"
        );
    }
    let unknown = Custom {
        check: Some("crc".to_owned()),
        ..pattern("BROKEN", "x+")
    };
    assert!(refused(unknown).contains("`crc` is not a check"));
    assert!(refused(list("BROKEN", &[])).contains("0 words"));
    assert!(refused(list("BROKEN", &["fine", " "])).contains("word 2"));
}

#[test]
fn an_engine_for_nothing_finds_nothing() {
    let engine = Engine::new(&[]).unwrap();
    check(&engine, &["ada@example.org 4111 1111 1111 1111"]);
}
