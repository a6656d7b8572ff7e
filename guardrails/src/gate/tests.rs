//! Which places the gate passes, and what it knows of the byte before.

use super::{Searched, found_by_prefix};
use crate::automaton::{Ending, Text};
use crate::detector::Before;
use crate::mailbox::Lookout;
use crate::place::SearchPlace;
use crate::progress::tests::EVERYTHING;

/// The places of `text` that are passed if none comes to a match, those of assigned values and of addresses marked.
fn passed(text: &str, ending: Ending) -> Vec<(usize, &'static str)> {
    let (mut place, mut lookout) = (SearchPlace::default(), Lookout::default());
    let searched = Searched {
        automata: &EVERYTHING.machines,
        words: None,
        text: Text {
            bytes: text.as_bytes(),
            ending,
        },
    };
    let mut passed = Vec::new();
    while let Some(candidate) = EVERYTHING.gate.next(searched, &mut place, &mut lookout) {
        assert!(candidate.start >= place.cursor, "{text} goes back");
        let kind = match (candidate.mailbox, candidate.assigned) {
            (true, _) => "mailbox",
            (_, true) => "assigned",
            _ => "",
        };
        passed.push((candidate.start, kind));
        place.pass(candidate.start);
    }
    passed
}

#[test]
fn a_place_is_passed_for_what_can_start_there() {
    let cases: [(&str, &[(usize, &str)]); 5] = [
        ("nothing to see in here", &[]),
        ("to ada@b.de", &[(3, "mailbox")]),
        ("password: hunter", &[(10, "assigned")]),
        ("x B 1234", &[(2, "")]),
        ("on my-host.example", &[(3, "")]),
    ];
    for (text, expected) in cases {
        let passed = passed(text, Ending::Last);
        for place in expected {
            assert!(passed.contains(place), "{text}: {place:?} not in {passed:?}");
        }
        assert!(passed.is_sorted_by(|a, b| a.0 < b.0), "{text}: {passed:?}");
        assert!(!expected.is_empty() || passed.is_empty(), "{text}: {passed:?}");
    }
}

#[test]
fn blanks_between_words_are_passed_over() {
    for byte in [b' ', b'\t', b',', b'"'] {
        for machine in EVERYTHING.machines.iter().take(found_by_prefix(byte)) {
            let rows = machine.prospects_after(byte);
            assert!(rows.is_empty(), "{:?} starts a value: {rows:?}", char::from(byte));
        }
    }
    assert!(EVERYTHING.gate.events.knows_quiet);
}

/// Every rule that bytes before a value decide.
const RULES: [Before; 10] = [
    Before::Anything,
    Before::Boundary,
    Before::Undotted,
    Before::Unsigned,
    Before::Ungrouped,
    Before::Uncoloned,
    Before::Unspaced,
    Before::Unpaired,
    Before::Host,
    Before::Digitless,
];

#[test]
fn rules_follow_the_bytes_before() {
    let cases: [(&str, &[Before]); 14] = [
        ("", &[]),
        (" ", &[]),
        ("é", &[]),
        (
            "a",
            &[
                Before::Boundary,
                Before::Undotted,
                Before::Unsigned,
                Before::Ungrouped,
                Before::Uncoloned,
                Before::Unspaced,
                Before::Unpaired,
                Before::Host,
            ],
        ),
        (
            "1",
            &[
                Before::Boundary,
                Before::Undotted,
                Before::Unsigned,
                Before::Ungrouped,
                Before::Uncoloned,
                Before::Unspaced,
                Before::Unpaired,
                Before::Host,
                Before::Digitless,
            ],
        ),
        (".", &[Before::Undotted, Before::Host]),
        ("+", &[Before::Unsigned, Before::Host]),
        (
            "1-",
            &[
                Before::Ungrouped,
                Before::Unspaced,
                Before::Unpaired,
                Before::Host,
            ],
        ),
        ("a-", &[Before::Host]),
        ("1 ", &[Before::Unspaced]),
        ("f:", &[Before::Uncoloned, Before::Unpaired]),
        ("fe-", &[Before::Unpaired, Before::Host]),
        ("cafe-", &[Before::Host]),
        ("g:", &[]),
    ];
    for (lead, barred) in cases {
        let rules = EVERYTHING.gate.rules_at(lead.as_bytes(), lead.len());
        for rule in RULES {
            assert_eq!(
                rules & rule as u32 == 0,
                barred.contains(&rule),
                "{rule:?} after {lead:?}"
            );
        }
        assert_eq!(
            rules & (Before::Mailbox as u32 | Before::Assigned as u32),
            0,
            "after {lead:?}"
        );
    }
}
