//! Work grows with the text and with nothing else: not with how much is found, nor how it is escaped, nor how it nests.

use std::ops::Range;

use bytes::Bytes;

use super::{Document, Fragments, places, push_string, said, steps};

/// Sizes that every kind of text is tried in.
const SIZES: [usize; 2] = [64 << 10, 1 << 20];

/// The largest, for the first kind only: debug builds are slow.
const SIZE_MAX: usize = 8 << 20;

/// Texts as they stand in a string of JSON: each `unit` repeated.
const UNITS: [&str; 6] = [
    "a@bc.de ",
    r"a@bc.\u0064e ",
    r#"\"\\\/ "#,
    r"\ud83d\ude00x",
    "é1 ",
    r"\n",
];

fn text(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len())
}

/// As many findings as a text can hold: every other character.
fn parts(said: &str) -> Vec<Range<usize>> {
    let starts: Vec<usize> = said.char_indices().map(|(at, _)| at).collect();
    starts
        .windows(2)
        .step_by(2)
        .map(|pair| pair[0]..pair[1])
        .collect()
}

/// Checks the steps a byte over all sizes; a pass that is not linear takes sixteen times as many on the second.
fn check(pass: &str, per_byte_max: usize, work: impl Fn(&str)) {
    for unit in UNITS {
        let largest = (unit == UNITS[0]).then_some(SIZE_MAX);
        for size in SIZES.into_iter().chain(largest) {
            let text = text(unit, size);
            let steps = steps::of(|| work(&text));
            assert!(
                steps <= per_byte_max * text.len() + 64,
                "{pass}: {steps} steps for {} bytes of `{unit}`",
                text.len()
            );
        }
    }
}

#[test]
fn places_in_a_literal_cost_one_walk() {
    check("within", 4, |inner| {
        let document = Document::parse(Bytes::from(format!("[\"{inner}\"]"))).unwrap();
        let span = document.root().items().next().unwrap().span();
        let parts = parts(&document.literal(&span));
        assert_eq!(document.within(&span, &parts).len(), parts.len());
    });
}

#[test]
fn places_in_json_text_cost_one_walk() {
    check("places", 4, |inner| {
        let text = format!("{{\"a\":\"{inner}\"}}");
        let parts = parts(&said(&text));
        assert_eq!(places(&text, &parts).len(), parts.len());
    });
}

#[test]
fn fragments_are_let_go_without_moving_the_rest() {
    check("spelling", 4, |inner| {
        let mut fragments = Fragments::default();
        let said = fragments.push(&format!("\"{inner}"));
        let takes = parts(&said).len();
        let spelt: usize = (0..=takes * 2).map(|_| fragments.spelling(1).raw.len()).sum();
        assert!(spelt > 0);
    });
}

#[test]
fn json_in_strings_four_deep_costs_one_walk_a_level() {
    for size in SIZES {
        let mut text = text("a@bc.de ", size / 8);
        for _ in 0..4 {
            let mut outer = Vec::new();
            push_string(&mut outer, &format!("{{\"a\":\"{text}\"}}"));
            text = String::from_utf8(outer).unwrap();
            text = text.trim_matches('"').to_owned();
        }
        let text = format!("{{\"a\":\"{text}\"}}");
        let steps = steps::of(|| {
            let parts = parts(&said(&text));
            assert_eq!(places(&text, &parts).len(), parts.len());
        });
        assert!(steps <= 4 * text.len(), "{steps} steps for {} bytes", text.len());
    }
}

#[test]
fn a_place_is_named_in_one_walk_over_what_stands_beside_its_way() {
    let wide = |bytes: usize| format!("[{}\"last\"]", "1,".repeat(bytes / 2));
    let deep = |bytes: usize| {
        let level = "{\"a\":1,\"b\":[1,2],\"c\":";
        let levels = 60;
        let filler = format!("[{}1]", "1,".repeat(bytes / 2 / levels));
        let open = format!("{level}[{filler},").repeat(levels / 2);
        format!("{open}\"last\"{}", "]}".repeat(levels / 2))
    };
    for size in SIZES {
        for text in [wide(size), deep(size)] {
            let at = text.find("\"last\"").unwrap();
            let document = Document::parse(Bytes::from(text)).unwrap();
            let nodes = document.root().nodes().count();
            let steps = steps::of(|| assert!(document.pointer(at).len() > 2));
            assert!(steps <= nodes, "{steps} steps for {nodes} nodes");
        }
    }
}
