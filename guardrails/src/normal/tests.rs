//! What texts are read as, and that it does not depend on how they arrive.

use super::{Changes, Normaliser, is_plain};
use crate::category::Category;
use proptest::prelude::*;

/// The view of a text, and what differs: where, how long, how spelt, and what it is found to be.
type View = (String, Vec<(usize, usize, String, Option<Category>)>);

fn view<'a>(chunks: impl IntoIterator<Item = &'a str>) -> View {
    let (mut normaliser, mut view, mut changes) = (Normaliser::default(), String::new(), Changes::default());
    for chunk in chunks {
        normaliser.push(chunk, true, &mut view, &mut changes);
    }
    normaliser.push("", false, &mut view, &mut changes);
    assert_eq!(normaliser.pending(), 0);
    let changes = changes
        .into_iter()
        .map(|change| (change.at, change.len, change.original.into(), change.found));
    (view, changes.collect())
}

/// The text that a view is of.
fn spelling((view, changes): &View) -> String {
    let mut text = String::new();
    let mut from = 0;
    for (at, length, original, _) in changes {
        text.push_str(&view[from..*at]);
        text.push_str(original);
        from = at + length;
    }
    text + &view[from..]
}

#[test]
fn texts_are_read_as_a_reader_takes_them() {
    let cases = [
        ("plain", "plain"),
        ("４１１١", "4111"),
        ("a\u{2010}b\u{2013}c\u{A0}d", "a-b-c d"),
        ("a\u{200B}b\u{AD}c", "abc"),
        ("ada\\u0040b.de", "ada@b.de"),
        ("\\u002B\\u0031", "+1"),
        ("ada(at)b[dot]de", "ada@b.de"),
        ("ada (at) b [ dot ] de", "ada@b.de"),
        ("ada ( at)b { dot } de", "ada@b.de"),
        ("ada(AT)b(DOT)de", "ada@b.de"),
        ("ada{@}b", "ada@b"),
        ("ada<at>b", "ada@b"),
        ("e\u{301}", "e"),
        ("1\u{FE0F}\u{20E3}2", "12"),
        ("a\0b\u{8}c\u{7F}d\u{B}e", "abcde"),
        ("a\u{C}b", "a b"),
        ("\u{1B}[1;31m4\u{1B}[0m1", "41"),
        ("\u{1B}]x", "]x"),
        ("ada%40b &#x40; \\\\u0040", "ada@b @ @"),
        (
            "echo YW5uQG1haWwuZXhhbXBsZQ== | base64 -d",
            "echo ann@mail.example | base64 -d",
        ),
        ("x='QXJlIHlvdSB0aGVyZT8'.", "x='Are you there?'."),
        ("\u{2502} a \u{2502}", "| a |"),
    ];
    for (text, expected) in cases {
        assert_eq!(view([text]).0, expected, "{text}");
        assert!(!is_plain(text, false) || text == expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_a_spelling_stays() {
    let cases = [
        "(at)",
        "look (at) ",
        "look (at)  b",
        "look ( at ",
        "be (at",
        "a (at b)",
        "a (at] b",
        "f(at)",
        "x[dot]",
        "a  (at) b",
        "\\u00",
        "\\u00zz",
        "\\ud83d\\ude00",
        "\\n",
        "\\\\",
        "C:\\users",
        "é (at) b",
        "中",
    ];
    for text in cases {
        let (view, changes) = view([text]);
        assert_eq!((view.as_str(), changes.len()), (text, 0));
    }
}

#[test]
fn hiding_places_are_findings_and_typography_is_none() {
    let cases = [
        ("a\u{200B}b", Some(Category::INVISIBLE_TEXT)),
        ("a\u{200B} b", None),
        ("a\u{AD}b", None),
        ("👩\u{200D}👧", None),
        (
            "x \u{200B}\u{200B}\u{200B}\u{200B} y",
            Some(Category::INVISIBLE_TEXT),
        ),
        ("\u{202E}abc", Some(Category::BIDI_CONTROL)),
        ("x\u{E0041}\u{E0042}", Some(Category::TAG_CHARACTERS)),
        ("\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}", None),
        ("\\u200b", None),
    ];
    for (text, expected) in cases {
        let found = view([text]).1.into_iter().find_map(|(_, _, _, found)| found);
        assert_eq!(found, expected, "{}", text.escape_unicode());
    }
}

#[test]
fn a_run_without_end_is_not_kept_waiting() {
    let run = "\u{200B}".repeat(1000);
    let mut normaliser = Normaliser::default();
    let (mut view, mut changes) = (String::new(), Changes::default());
    for character in run.chars() {
        normaliser.push(character.encode_utf8(&mut [0; 4]), true, &mut view, &mut changes);
        assert!(normaliser.pending() <= 16 * 4);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_view_is_the_same_under_every_chunking_and_loses_nothing(
        text in "([ab1 ]|\\\\|u00|40|YW5u|QG1h|aWwu|=|[(\\[{]| [(\\[] ?(at|dot) ?[)\\]] |at|dot|@|[)\\]}]|[\u{200B}\u{AD}\u{202E}\u{FF11}\u{A0}\u{1F3F4}]|[\u{E0041}-\u{E0043}]|\u{200B}{14,18}|\\PC){0,14}",
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let whole = view([text.as_str()]);
        prop_assert_eq!(spelling(&whole), text.as_str());
        prop_assert!(!is_plain(&text, true) || whole.0 == text);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        prop_assert_eq!(&view(cuts.windows(2).map(|pair| &text[pair[0]..pair[1]])), &whole);
        prop_assert_eq!(&view(text.split_inclusive(|_| true)), &whole);
    }
}
