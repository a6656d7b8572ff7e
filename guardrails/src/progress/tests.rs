//! Properties that need to see inside: linear work and least hold-back.

use super::{Progress, Scan};
use crate::Category;
use crate::automaton::Ending;
use crate::detectors::{DETECTORS, Detector};
use crate::engine::Engine;
use crate::finding::Piece;
use std::sync::LazyLock;

/// Text that makes candidates start often and die late.
static HOSTILE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let units = [
        "1-",
        "1 ",
        "a.",
        "1.",
        "a@",
        "a@b.",
        "+1",
        "+1 ",
        "4111-",
        "4111 1111 ",
        "123-45-",
        "411111",
        "1.1.1.1.",
        "-",
        "AKIA",
        "A3T",
        "AKIA2",
        "-----BEGIN ",
        "'a",
        ".a@",
        "536-22-8145-",
        "3782 822463 ",
        "62000 ",
        "a-b.c@",
        "9",
        "+1(",
        "255.255.255.25",
    ];
    let mut texts: Vec<_> = units.iter().map(|unit| unit.repeat(8192 / unit.len())).collect();
    texts.push("w".repeat(8192));
    texts.push(format!("{}a@b.", ".".repeat(64)).repeat(100));
    texts.push(format!("{}@", "l".repeat(64)).repeat(100));
    texts
});

fn advance(
    engine: &Engine,
    text: &str,
    ending: Ending,
    progress: &mut Progress,
    sink: &mut dyn FnMut(Piece<'_>),
) {
    Scan {
        engine,
        text,
        ending,
        progress,
        sink,
    }
    .run();
}

#[test]
fn work_is_linear_on_hostile_text() {
    let engine = Engine::new(Category::all()).unwrap();
    for text in HOSTILE.iter() {
        let mut whole = Progress::default();
        advance(&engine, text, Ending::Last, &mut whole, &mut |_| {});
        let mut streamed = Progress::default();
        for end in 1..=text.len() {
            advance(&engine, &text[..end], Ending::More, &mut streamed, &mut |_| {});
        }
        for walked in [whole.walked, streamed.walked] {
            assert!(
                walked <= 8 * text.len(),
                "{walked} bytes walked for {} of {:?}",
                text.len(),
                &text[..16]
            );
        }
    }
}

#[test]
fn prose_is_hardly_walked_at_all() {
    let engine = Engine::new(Category::all()).unwrap();
    let prose =
        "An Answer: the committee met twice - once in May, and again As planned; nothing was decided. "
            .repeat(20);
    let mut progress = Progress::default();
    advance(&engine, &prose, Ending::Last, &mut progress, &mut |_| {});
    assert!(
        progress.walked * 10 < prose.len(),
        "{} of {} bytes walked",
        progress.walked,
        prose.len()
    );
}

#[test]
fn whatever_is_held_can_still_become_a_match() {
    // Validators and refutations look at more than the automaton does, so they are left out here.
    let shapes = DETECTORS.iter().map(|row| Detector {
        check: None,
        refuted_by: &[],
        ..*row
    });
    let engine = Engine::of(shapes.map(|row| &*Box::leak(Box::new(row))).collect()).unwrap();
    let starts = [
        "call +1 415 55",
        "ada.love",
        "ada@exam",
        "4111 1111 11",
        "4111",
        "536-2",
        "10.0.",
        "10.0.0.1",
        "AKIA22",
        "-----BEGIN RS",
        "x -",
        "A",
        "+",
        "536-22-8145",
        "ada@example.org",
        "é4",
        "a@b.co-",
        "12 3782 8",
    ];
    for text in starts {
        let mut progress = Progress::default();
        advance(&engine, text, Ending::More, &mut progress, &mut |_| {});
        assert!(progress.released < text.len(), "{text} is not held");
        let walk = progress.walk.as_ref().unwrap();
        let witness = engine.automaton.witness(walk).unwrap();
        let continued = format!("{text}{}", String::from_utf8(witness).unwrap());
        let found = engine.find(&continued);
        assert!(
            found
                .iter()
                .any(|finding| finding.span.start == progress.released),
            "{continued}"
        );
    }
}

#[test]
fn nothing_is_held_when_nothing_can_come_of_it() {
    let engine = Engine::new(Category::all()).unwrap();
    for text in [
        "plain ",
        "Word, ",
        "411x ",
        "9 ",
        "536-22-81456 ",
        "a@b c;",
        &format!("{} ", "w".repeat(70)),
        &"w".repeat(70),
        "1.2.x. ",
        "é",
        "",
    ] {
        let mut progress = Progress::default();
        advance(&engine, text, Ending::More, &mut progress, &mut |_| {});
        assert_eq!(progress.released, text.len(), "{text}");
    }
}
