//! What states know about their prospects, checked against the transitions alone.

use super::compile::AUTOMATON_BYTES_MAX;
use super::{Automaton, Ending, Hit, Hits, START, State, Text, Walk, compile};
use crate::catalogue;
use crate::detector::{After, Detector, PLAIN, WALK_BYTES_MAX};
use crate::error::Error;
use crate::progress::tests::EVERYTHING;
use crate::rows::RowSet;
use regex_automata::dfa::StartKind;
use std::collections::{HashMap, HashSet};

const RULES: u32 = (1 << super::ENDED) - 1;

impl Automaton {
    /// The shortest text that, read after what `walk` has read, makes one of `rows` match; found by looking at transitions only.
    pub(crate) fn witness(&self, walk: &Walk, rows: &RowSet) -> Option<Vec<u8>> {
        let mut came_from = HashMap::from([(walk.state, None)]);
        let mut queue = vec![walk.state];
        let mut next = 0;
        while let Some(&state) = queue.get(next) {
            next += 1;
            let hits = |shape: &super::Shape| shape.before & walk.rules != 0 && rows.contains(shape.row);
            if self.ended_at(self.table.end_of_text(state)).any(hits) {
                let mut text = Vec::new();
                let mut at = state;
                while let Some(Some((before, byte))) = came_from.get(&at) {
                    text.push(*byte);
                    at = *before;
                }
                text.reverse();
                return Some(text);
            }
            // Letters first, or a value may be one that only its validator, or the gate in its knowledge of it, refuses.
            for byte in (b'a'..=b'z')
                .chain(b'0'..=b'9')
                .chain(b' '..=b'~')
                .chain([b'\n'])
                .chain(0x80..=0xFF)
            {
                let successor = self.table.step(state, byte);
                came_from.entry(successor).or_insert_with(|| {
                    queue.push(successor);
                    Some((state, byte))
                });
            }
        }
        None
    }

    /// The states from which a shape under `rule` ends after one byte or more: carried backwards over the transitions.
    fn fruitful(&self, into: &HashMap<State, Vec<State>>, rule: u32) -> HashSet<State> {
        let ends = |state: &&State| self.ended_at(**state).any(|shape| shape.before & rule != 0);
        let mut queue: Vec<State> = into.keys().filter(ends).copied().collect();
        let mut fruitful = HashSet::new();
        while let Some(state) = queue.pop() {
            for &before in into.get(&state).into_iter().flatten() {
                if fruitful.insert(before) {
                    queue.push(before);
                }
            }
        }
        fruitful
    }
}

fn walked(shapes: &'static [&'static str], text: &str, ending: Ending) -> (Vec<(usize, bool)>, bool) {
    let row = Detector {
        shapes,
        refuted_by: &["a+!"],
        after: After::Boundary,
        ..PLAIN
    };
    let automaton = Automaton::new([(0, &row)]).unwrap();
    let mut walk = automaton.begin(0, 0, row.before as u32);
    let mut hits: Vec<Hit> = Vec::new();
    let text = Text {
        bytes: text.as_bytes(),
        ending,
    };
    let mut noted = Hits {
        allowed: &RowSet::ALL,
        noted: &mut hits,
    };
    let over = automaton.walk(&mut walk, text, &mut noted);
    (hits.iter().map(|hit| (hit.len, hit.refutes)).collect(), over)
}

#[test]
fn a_walk_goes_on_exactly_while_a_hit_is_reachable() {
    for automaton in &EVERYTHING.machines {
        let states: Vec<State> = automaton.table.states().collect();
        let mut into: HashMap<State, Vec<State>> = HashMap::new();
        for &state in &states {
            for next in automaton.table.successors(state).iter().copied() {
                into.entry(next).or_default().push(state);
            }
        }
        let used = automaton
            .shapes
            .iter()
            .flatten()
            .fold(0, |rules, shape| rules | shape.before);
        for rule in (0..super::ENDED)
            .map(|bit| 1 << bit)
            .filter(|rule| used & rule != 0)
        {
            let fruitful = automaton.fruitful(&into, rule);
            for &state in &states {
                let alive = automaton.info(state) & RULES & rule != 0;
                assert_eq!(
                    alive,
                    fruitful.contains(&state),
                    "state {state:?} under rule {rule:b}"
                );
            }
        }
    }
}

#[test]
fn prospects_are_those_of_some_successor() {
    for automaton in &EVERYTHING.machines {
        // Every state would take long unoptimised; a step that shares no factor with the table visits all kinds.
        for state in automaton.table.states().step_by(37) {
            let mut expected = RowSet::default();
            for next in automaton.table.successors(state).iter().copied() {
                expected.add(automaton.prospects_of(next));
                expected.add(&RowSet::of(automaton.ended_at(next).map(|shape| shape.row)));
            }
            assert_eq!(automaton.prospects_of(state), &expected, "state {state:?}");
        }
    }
}

#[test]
fn a_walk_knows_its_outcome_no_later_than_the_byte_that_settles_it() {
    let cases = [
        ("aa b", Ending::More, vec![(2, false)], true),
        ("aab", Ending::More, vec![], true),
        ("aa", Ending::More, vec![], false),
        ("aa", Ending::Last, vec![(2, false)], true),
        ("aa! ", Ending::More, vec![(2, false), (3, true)], true),
        ("b", Ending::More, vec![], true),
        ("", Ending::More, vec![], false),
    ];
    for (text, ending, hits, over) in cases {
        assert_eq!(walked(&["a+"], text, ending), (hits, over), "{text:?}");
    }
}

#[test]
fn a_walk_ends_at_its_limit_whatever_follows() {
    let long = "a".repeat(WALK_BYTES_MAX + 1);
    for length in [WALK_BYTES_MAX, WALK_BYTES_MAX + 1] {
        assert_eq!(
            walked(&["a+"], &long[..length], Ending::More),
            (vec![(WALK_BYTES_MAX, false)], true)
        );
    }
    assert_eq!(
        walked(&["a+"], &long[..WALK_BYTES_MAX - 1], Ending::More),
        (vec![], false)
    );
}

#[test]
fn every_end_is_a_hit() {
    let (hits, over) = walked(&["a(?:\\.a)*"], &"a.".repeat(100), Ending::Last);
    assert!(over);
    assert_eq!(
        hits,
        (0..100).map(|count| (2 * count + 1, false)).collect::<Vec<_>>()
    );
}

#[test]
fn the_catalogue_stays_small() {
    for automaton in &EVERYTHING.machines {
        assert!(
            automaton.memory() < AUTOMATON_BYTES_MAX / 4,
            "{} bytes",
            automaton.memory()
        );
        assert!(automaton.prospects.len() < usize::from(u16::MAX));
    }
    assert!(
        EVERYTHING.memory() < AUTOMATON_BYTES_MAX,
        "{} bytes",
        EVERYTHING.memory()
    );
}

#[test]
fn refuses_shapes_that_look_around_or_do_not_compile() {
    let refused = |shapes| {
        let row = Detector { shapes, ..PLAIN };
        Automaton::new([(0, &row)]).err().unwrap()
    };
    assert!(matches!(refused(&[r"\bword"]), Error::LookAround));
    assert!(matches!(refused(&["("]), Error::Shapes(_)));
    assert!(compile(&["["], StartKind::Unanchored).is_err());
}

#[test]
fn no_value_is_empty() {
    for row in catalogue::rows() {
        let automaton = Automaton::new([(0, row)]).unwrap();
        let empty = automaton.ended_at(automaton.table.end_of_text(START));
        assert_eq!(empty.count(), 0, "{}", row.category);
    }
}
