//! The prospects of states, checked against a search that does not use them.

use super::{Automaton, Error, Terminator, Walk};
use crate::Category;
use crate::detectors::{DETECTORS, Detector};
use regex_automata::dfa::Automaton as _;
use regex_automata::util::primitives::StateID;
use std::collections::HashMap;

impl Automaton {
    /// The shortest text that, read after what `walk` has read, ends in a hit; found by looking at transitions only.
    pub(crate) fn witness(&self, walk: &Walk) -> Option<Vec<u8>> {
        let mut texts = HashMap::from([(walk.state, Vec::new())]);
        let mut queue = vec![walk.state];
        let mut next = 0;
        while let Some(&state) = queue.get(next) {
            next += 1;
            let text = texts[&state].clone();
            if self.rules_ending_at(self.dfa.next_eoi_state(state)) & walk.rules != 0 {
                return Some(text);
            }
            // Printable bytes first, so that the text is one a stream can carry.
            for byte in (b' '..=b'~').chain([b'\n']) {
                let successor = self.dfa.next_state(state, byte);
                texts.entry(successor).or_insert_with(|| {
                    queue.push(successor);
                    [text.as_slice(), &[byte]].concat()
                });
            }
        }
        None
    }
}

fn automaton() -> Automaton {
    Automaton::new(&DETECTORS.iter().collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_state_has_prospects_exactly_when_a_hit_is_reachable() {
    let automaton = automaton();
    let states = automaton.reachable();
    let all = DETECTORS
        .iter()
        .fold(0, |rules, detector| rules | detector.before as u32);
    // Every state would take minutes unoptimised; a step that shares no factor with the table visits all kinds.
    for &state in states.iter().step_by(states.len() / 37 + 1) {
        for rules in (0..u32::BITS).map(|bit| 1 << bit).filter(|rule| all & rule != 0) {
            let reachable = automaton
                .witness(&Walk {
                    start: 0,
                    at: 0,
                    state,
                    rules,
                })
                .is_some();
            assert_eq!(
                automaton.info(state) & rules != 0,
                reachable,
                "state {state:?} under rule {rules:b}"
            );
        }
    }
}

#[test]
fn the_whole_table_stays_small() {
    let automaton = automaton();
    assert!(automaton.reachable().len() < 20_000);
    assert!(automaton.dfa.memory_usage() < super::AUTOMATON_BYTES_MAX / 4);
    assert_ne!(automaton.start, StateID::default());
}

#[test]
fn refuses_shapes_that_look_around_or_do_not_compile() {
    let row = |shapes| -> &'static Detector {
        Box::leak(Box::new(Detector {
            shapes,
            ..*DETECTORS.first().unwrap()
        }))
    };
    assert!(matches!(
        Automaton::new(&[row(&[r"\bword"])]),
        Err(Error::LookAround)
    ));
    assert!(matches!(Automaton::new(&[row(&["("])]), Err(Error::Shapes(_))));
    assert!(matches!(Terminator::new(r"\bword"), Err(Error::LookAround)));
}

#[test]
fn every_category_has_a_row() {
    for category in Category::all() {
        assert!(
            DETECTORS.iter().any(|detector| detector.category == *category),
            "{category}"
        );
    }
}
