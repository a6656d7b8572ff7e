//! Properties that need to see inside: linear work and least hold-back.

use super::{Progress, Scan};
use crate::automaton::Ending;
use crate::catalogue;
use crate::category::Category;
use crate::detector::{Check, Detector};
use crate::emission::Emission;
use crate::engine::{Engine, Options};
use crate::finding::{Confidence, Piece};
use crate::normal::Changes;
use std::sync::LazyLock;

/// The whole catalogue, however unsure a row is.
pub(crate) static EVERYTHING: LazyLock<Engine> =
    LazyLock::new(|| Engine::with(unsure(Category::all())).unwrap());

/// The catalogue's shapes alone: validators and refutations look at more than an automaton does. Without e-mail, under which
/// every word is held.
static SHAPES: LazyLock<Engine> = LazyLock::new(|| {
    let rows = catalogue::rows().filter(|row| row.category != Category::EMAIL);
    let shapes = rows.map(|row| Detector {
        check: Check::Shape,
        refuted_by: &[],
        ..*row
    });
    let shapes: Vec<&'static Detector> = shapes.map(|row| &*Box::leak(Box::new(row))).collect();
    let count = shapes.len();
    let options = Options {
        minimum: Confidence::DEFAULT_MINIMUM,
        ..unsure(Category::all())
    };
    Engine::of(shapes, count, options.minimum, options.regions).unwrap()
});

/// The engine that most exchanges have.
static DEFAULT: LazyLock<Engine> = LazyLock::new(|| Engine::with(Options::default()).unwrap());

fn unsure(categories: &[Category]) -> Options {
    Options {
        categories: categories.to_vec(),
        minimum: Confidence::new(1),
        ..Options::default()
    }
}

/// What makes candidates start often and die late.
const HOSTILE: &[&str] = &[
    "1-",
    "1 ",
    "1.",
    "1/",
    "1-1-1-",
    "11-11-",
    "1/2/3/",
    "4 1 4 1 ",
    "4111-",
    "4111 1111 ",
    "411111",
    "123-45-",
    "536-22-8145-",
    "3782 822463 ",
    "62000 ",
    "9",
    "1.1.1.1.",
    "255.255.255.25",
    "0:0:0:",
    "0:",
    "::",
    "fe80:",
    "00:11:22:33:44:",
    "2024-05-06T",
    "2024-05-06T07:08:09",
    "01.02.1990 ",
    "a.a.a.",
    "a.",
    "a-",
    "a_",
    "ab.cd.",
    "www.a.b.c.d/",
    "www.a",
    "http://a",
    "https://a.b/c?d=e&",
    "http://a:b@",
    "://",
    "//",
    "@",
    "a@",
    "a@a@",
    "a@b.",
    ".a@",
    "'a",
    "a-b.c@",
    "+1",
    "+1 ",
    "+1(",
    "+49 ",
    "00",
    "AA00 AA00 ",
    "AA00",
    "A0 ",
    "A 0 ",
    "DE89 3704 ",
    "GB29",
    "M-AB 1 ",
    "AKIA",
    "A3T",
    "AKIA2",
    "eyJ.eyJ.",
    "eyJ",
    "sk-",
    "sk-ant-",
    "ghp_",
    "xoxb-",
    "AIza",
    "-----BEGIN ",
    "-----",
    "-",
    "password=",
    "password: ",
    "password is ",
    "token=a ",
    "secret=secret=",
    "ssn ",
    "card 1 ",
    "pin 1 ",
    "user@",
    "deadbeef",
    "DEADBEEF00",
    "aB3/+",
    "aB3dE5gH",
    "=",
    ":",
    " ",
    "w",
    "W0",
    "ignore all ",
    "é1",
];

/// The most bytes that are walked for each byte of a text: a walk is begun at some places only, but in several automata.
const WALKED_MAX: usize = 24;

/// `HOSTILE` repeated, and some texts that are no repetition.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut texts: Vec<_> = HOSTILE
        .iter()
        .map(|unit| unit.repeat(4096 / unit.len()))
        .collect();
    texts.push(format!("{}a@b.", ".".repeat(64)).repeat(60));
    texts.push(format!("{}@", "l".repeat(64)).repeat(60));
    texts.push(format!("{}@{}", "l.".repeat(32), "b.".repeat(120)).repeat(13));
    texts.push(format!("{} ", "0123456789abcdef".repeat(16)).repeat(16));
    texts.push(format!("https://{}/ ", "a.".repeat(150)).repeat(13));
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
        progress,
        ending,
        out: Emission {
            engine,
            text,
            changes: &mut Changes::default(),
            sink,
        },
    }
    .run();
}

/// The bytes walked for `text`, whole and one byte at a time.
fn walked(engine: &Engine, text: &str) -> [usize; 2] {
    let mut whole = Progress::default();
    advance(engine, text, Ending::Last, &mut whole, &mut |_| {});
    let mut streamed = Progress::default();
    for end in (1..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        advance(engine, &text[..end], Ending::More, &mut streamed, &mut |_| {});
    }
    [whole.candidacy.walked, streamed.candidacy.walked]
}

#[test]
fn work_is_linear_on_hostile_text() {
    for text in TEXTS.iter() {
        for walked in walked(&DEFAULT, text) {
            let most = WALKED_MAX * text.len();
            assert!(
                walked <= most,
                "{walked} bytes walked, not {most}, for {:?}…",
                &text[..16]
            );
        }
    }
}

#[test]
fn prose_is_hardly_walked_at_all() {
    let prose =
        "An Answer: the committee met twice - once in May, and again As planned; nothing was decided. "
            .repeat(20);
    let mut progress = Progress::default();
    advance(&DEFAULT, &prose, Ending::Last, &mut progress, &mut |_| {});
    assert!(
        progress.candidacy.walked * 5 < prose.len(),
        "{} of {} bytes walked",
        progress.candidacy.walked,
        prose.len()
    );
}

#[test]
fn whatever_is_held_can_still_become_a_match() {
    let texts = [
        "call +1 415 55",
        "SSN: 536-22-81",
        "card 4111 1111 11",
        "ip 10.0.0.1 and fe80::1:2",
        "AKIA22",
        "x -----BEGIN RS",
        "the password was hunter2!",
        "{\"api_key\": \"abcdef",
        "see https://www.example.org/a?b=c and ftp",
        "my-host.example.com",
        "12 3782 8",
        "IBAN DE89 3704 0044 0532",
        "born 10 December 1990, aged 4",
        "passport no. C01X00T4",
        "M-AB 1234 and AB12 CDE",
        "eyJhbGciOiJ",
        "mongodb://app:pw@h",
        "00:1A:2B:3C",
        "bitcoin bc1qw508d6",
        "é4",
    ];
    let mut held = 0;
    for (text, end) in texts
        .iter()
        .flat_map(|text| (1..=text.len()).map(move |end| (*text, end)))
    {
        let Some(text) = text.get(..end) else { continue };
        let mut progress = Progress::default();
        advance(&SHAPES, text, Ending::More, &mut progress, &mut |_| {});
        if progress.released == text.len() {
            continue;
        }
        held += 1;
        let candidacy = &progress.candidacy;
        let mut rows = SHAPES.alone;
        rows.add(&candidacy.in_context.unwrap_or_default());
        let witnesses = candidacy
            .walks
            .iter()
            .filter_map(|walk| SHAPES.machines[walk.machine].witness(walk, &rows));
        let mut matched = witnesses
            .filter_map(|witness| String::from_utf8(witness).ok())
            .map(|witness| {
                let found = SHAPES.find(&format!("{text}{witness}"));
                found
                    .iter()
                    .any(|finding| finding.span.start == progress.released)
            });
        assert!(
            matched.any(|matched| matched),
            "{text} is held from {}",
            progress.released
        );
    }
    assert!(held > 100, "only {held} texts are held");
}

#[test]
fn nothing_is_held_when_nothing_can_come_of_it() {
    for text in [
        "plain ",
        "Word, ",
        "411x ",
        "536-22-81456 ",
        "a@b c;",
        &format!("{} ", "w".repeat(70)),
        "1.2.x. ",
        // What stands before the first byte, and what ended, make no difference.
        "10.0.0.1!",
        "x 10.0.0.1!",
        "é ",
        "",
    ] {
        let mut progress = Progress::default();
        advance(&DEFAULT, text, Ending::More, &mut progress, &mut |_| {});
        assert_eq!(progress.released, text.len(), "{text}");
    }
}
