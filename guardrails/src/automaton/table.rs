//! A deterministic automaton as one flat table of two-byte states: half of what the regex library keeps, so that twice as much of
//! it stays in a processor's cache.

use super::compile::compile;
use crate::bytes::ByteTable;
use crate::error::Error;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, util::alphabet::Unit};

/// A state of a table: its row.
pub(super) type State = u16;

/// Where every walk starts.
pub(super) const START: State = 0;

/// The states reachable from the start, nearest first.
pub(super) struct Table {
    /// The column of each byte; the last column is the end of the text.
    column: ByteTable<u8>,
    columns: usize,
    next: Vec<State>,
    /// The patterns that ended one byte before each state: what stands from its own place up to the next state's.
    ended: Vec<u16>,
    ended_from: Vec<u32>,
}

impl Table {
    /// Compiles patterns, which are numbered as they come.
    pub(super) fn new(patterns: &[&str]) -> Result<Self, Error> {
        let dfa = compile(patterns, StartKind::Anchored)?;
        let start = dfa
            .universal_start_state(Anchored::Yes)
            .ok_or(Error::LookAround)?;
        let columns: Vec<Unit> = dfa.byte_classes().representatives(..).collect();
        let mut table = Self {
            column: ByteTable::new(|byte| dfa.byte_classes().get(byte)),
            columns: columns.len(),
            next: Vec::new(),
            ended: Vec::new(),
            ended_from: vec![0],
        };
        let mut numbers = Numbers::new(&dfa);
        numbers.of(start)?;
        let mut row = 0;
        while let Some(&state) = numbers.states.get(row) {
            row += 1;
            for column in &columns {
                let next = match column.as_u8() {
                    Some(byte) => dfa.next_state(state, byte),
                    None => dfa.next_eoi_state(state),
                };
                table.next.push(numbers.of(next)?);
            }
            table.end(&dfa, state)?;
        }
        Ok(table)
    }

    /// Notes what ended before `state`, the next in order.
    fn end(&mut self, dfa: &dense::DFA<Vec<u32>>, state: StateID) -> Result<(), Error> {
        let count = if dfa.is_match_state(state) {
            dfa.match_len(state)
        } else {
            0
        };
        for index in 0..count {
            let pattern = dfa.match_pattern(state, index).as_usize();
            self.ended.push(pattern.try_into().map_err(|_| Error::States)?);
        }
        let upto = self.ended.len().try_into().map_err(|_| Error::States)?;
        self.ended_from.push(upto);
        Ok(())
    }

    /// The state after `byte`.
    #[inline]
    pub(super) fn step(&self, state: State, byte: u8) -> State {
        let at = usize::from(state) * self.columns + usize::from(self.column.of(byte));
        self.next.get(at).copied().unwrap_or_default()
    }

    /// Reads `bytes` up to the first that leads to a state which `stop` picks, given the byte and what `facts` has of the state.
    /// Returns the last state, and how many bytes were read.
    #[inline]
    pub(super) fn read(
        &self,
        mut state: State,
        bytes: &[u8],
        facts: &[u32],
        stop: impl Fn(u32, u8) -> bool,
    ) -> (State, usize) {
        for (index, &byte) in bytes.iter().enumerate() {
            state = self.step(state, byte);
            if stop(facts.get(usize::from(state)).copied().unwrap_or_default(), byte) {
                return (state, index + 1);
            }
        }
        (state, bytes.len())
    }

    /// The state after the end of the text.
    pub(super) fn end_of_text(&self, state: State) -> State {
        self.successors(state).last().copied().unwrap_or_default()
    }

    /// Where one more byte, or the end of the text, leads from `state`, repeatedly.
    pub(super) fn successors(&self, state: State) -> &[State] {
        let at = usize::from(state) * self.columns;
        self.next.get(at..at + self.columns).unwrap_or_default()
    }

    /// The patterns that ended one byte before `state`.
    #[inline]
    pub(super) fn ended(&self, state: State) -> &[u16] {
        let state = usize::from(state);
        let from = self.ended_from.get(state).copied().unwrap_or_default();
        let upto = self.ended_from.get(state + 1).copied().unwrap_or_default();
        self.ended.get(from as usize..upto as usize).unwrap_or_default()
    }

    /// Every state, the start first.
    pub(super) fn states(&self) -> impl DoubleEndedIterator<Item = State> + Clone + use<> {
        // There are at most as many as a `State` can tell apart.
        let last = self.ended_from.len().saturating_sub(2);
        START..=State::try_from(last).unwrap_or(State::MAX)
    }

    /// The size in memory, in bytes.
    pub(super) fn memory(&self) -> usize {
        size_of::<Self>() + 2 * (self.next.len() + self.ended.len()) + 4 * self.ended_from.len()
    }
}

/// Numbers the states of an automaton as they turn up.
struct Numbers {
    /// By the library's own number of a state, which counts in strides.
    known: Vec<Option<State>>,
    stride2: usize,
    states: Vec<StateID>,
}

impl Numbers {
    fn new(dfa: &dense::DFA<Vec<u32>>) -> Self {
        Self {
            known: Vec::new(),
            stride2: dfa.stride2(),
            states: Vec::new(),
        }
    }

    fn of(&mut self, state: StateID) -> Result<State, Error> {
        let slot = state.as_usize() >> self.stride2;
        if slot >= self.known.len() {
            self.known.resize(slot + 1, None);
        }
        if let Some(Some(known)) = self.known.get(slot) {
            return Ok(*known);
        }
        let number = self.states.len().try_into().map_err(|_| Error::States)?;
        self.states.push(state);
        if let Some(known) = self.known.get_mut(slot) {
            *known = Some(number);
        }
        Ok(number)
    }
}
