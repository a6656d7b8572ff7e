//! Values without a length limit: what ends them, and how they are taken while they last.

use crate::automaton::compile;
use crate::bytes::ByteTable;
use crate::detector::Detector;
use crate::error::Error;
use crate::finding::Confidence;
use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::StateID;

/// An open-ended match ends after this many bytes without key material, so that a key header quoted in prose does
/// not swallow the rest of the text.
const IDLE_BYTES_MAX: usize = 1024;

/// So many base64 characters in a row are key material: shorter runs are words.
const KEY_MATERIAL_BYTES: usize = 32;

/// How the values of one detector go on.
pub(crate) enum Tail {
    /// They end where their shape says.
    None,
    /// They go on up to the end of a terminator.
    Until(Box<Terminator>),
    /// Those that fill a walk go on while these bytes come.
    While(Box<ByteTable<bool>>),
}

/// Finds the first end of an open-ended value.
pub(crate) struct Terminator {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
}

/// An open-ended match under way.
#[derive(Clone, Copy)]
pub(crate) struct Swallow {
    /// Whose, as a place in the engine.
    pub(crate) row: usize,
    pub(crate) detector: &'static Detector,
    pub(crate) confidence: Confidence,
    state: StateID,
    /// Bytes since the last key material, and base64 characters in a row.
    idle: usize,
    run: usize,
}

impl Tail {
    /// How the values of `detector` go on.
    pub(crate) fn of(detector: &Detector) -> Result<Self, Error> {
        match (detector.terminator, detector.overflow) {
            (Some(shape), _) => Ok(Tail::Until(Box::new(Terminator::new(shape)?))),
            (None, Some(class)) => Ok(Tail::While(Box::new(class_table(class)?))),
            (None, None) => Ok(Tail::None),
        }
    }

    /// The state of a value of `row` before its tail.
    pub(crate) fn begin(&self, row: usize, detector: &'static Detector, confidence: Confidence) -> Swallow {
        let state = match self {
            Tail::Until(terminator) => terminator.start,
            Tail::None | Tail::While(_) => StateID::default(),
        };
        Swallow {
            row,
            detector,
            confidence,
            state,
            idle: 0,
            run: 0,
        }
    }

    /// How many bytes of `text` after `from` belong to the value, and whether it ends there.
    pub(crate) fn take(&self, swallow: &mut Swallow, text: &str, from: usize) -> (usize, bool) {
        let rest = text.as_bytes().get(from..).unwrap_or_default();
        let length = match self {
            Tail::None => Some(0),
            Tail::While(class) => rest.iter().position(|byte| !class.of(*byte)),
            Tail::Until(terminator) => rest.iter().enumerate().position(|(offset, &byte)| {
                let ended = terminator.step(&mut swallow.state, byte);
                let idle = swallow.idle > IDLE_BYTES_MAX && text.is_char_boundary(from + offset);
                swallow.read(byte);
                ended || idle
            }),
        };
        (length.unwrap_or(rest.len()), length.is_some())
    }
}

impl Terminator {
    fn new(pattern: &str) -> Result<Self, Error> {
        let dfa = compile(&[pattern], StartKind::Unanchored)?;
        let start = dfa.universal_start_state(Anchored::No).ok_or(Error::LookAround)?;
        Ok(Self { dfa, start })
    }

    /// Reads one byte. Returns whether the end came just before it.
    fn step(&self, state: &mut StateID, byte: u8) -> bool {
        *state = self.dfa.next_state(*state, byte);
        self.dfa.is_match_state(*state)
    }
}

impl Swallow {
    fn read(&mut self, byte: u8) {
        let base64 = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        self.run = if base64 { self.run.saturating_add(1) } else { 0 };
        self.idle = if self.run >= KEY_MATERIAL_BYTES {
            0
        } else {
            self.idle.saturating_add(1)
        };
    }
}

/// The bytes of a character class.
fn class_table(class: &str) -> Result<ByteTable<bool>, Error> {
    let dfa = compile(&[class], StartKind::Anchored)?;
    let start = dfa
        .universal_start_state(Anchored::Yes)
        .ok_or(Error::LookAround)?;
    Ok(ByteTable::new(|byte| {
        let after = dfa.next_eoi_state(dfa.next_state(start, byte));
        dfa.is_match_state(after)
    }))
}
