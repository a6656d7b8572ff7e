//! The gate: finds the next place where a value may start, and skips everything else at the speed of a table look-up.
//!
//! It only spares work: a value may start wherever its detector's `Before` allows, and the gate passes every place where that
//! can come to a match. Four things catch its eye: three bytes that some value starts with; a digit, whose word may be a value, or
//! may end one that a short word begins; an operator after a telling word; and an `@` (see `mailbox`).

use crate::assignment::{Assignments, Unresolved};
use crate::automaton::{Automaton, Ending, Text};
use crate::bytes::ByteTable;
use crate::detector::{Before, is_word};
use crate::lead::{is_letter, starts, word_start};
use crate::mailbox::Lookout;
use crate::place::SearchPlace;
use crate::rows::RowSet;
use crate::words::Words;
use events::{DIGIT, DOT, Event, Events, LETTER, NUMERAL, OPERATOR, OTHER, PREFIX, SURE};

mod events;

/// The longest label of a host name (RFC 1035 §2.3.4).
const LABEL_BYTES_MAX: usize = 63;

/// Rules that more than the byte before decides.
const NEVER: u32 = Before::Mailbox as u32 | Before::Assigned as u32;

/// Tables made for one set of detectors.
pub(crate) struct Gate {
    events: Events,
    before: ByteTable<u32>,
    assignments: Assignments,
    mailboxes: bool,
    hosts: bool,
}

/// What a gate is made for.
pub(crate) struct Leads {
    /// Detectors whose values may follow a letter, and a digit.
    pub(crate) after_letters: RowSet,
    pub(crate) after_digits: RowSet,
    /// Whether there are addresses to find, and host names.
    pub(crate) mailboxes: bool,
    pub(crate) hosts: bool,
    pub(crate) assignments: Assignments,
}

/// A text that is searched, and what knows how values start.
#[derive(Clone, Copy)]
pub(crate) struct Searched<'a> {
    pub(crate) automata: &'a [Automaton],
    pub(crate) words: Option<&'a Words>,
    pub(crate) text: Text<'a>,
}

/// A place where a value may start.
#[derive(Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) start: usize,
    /// An address may start here.
    pub(crate) mailbox: bool,
    /// A value may be assigned here, as `SearchPlace::assignable` says.
    pub(crate) assigned: bool,
}

impl Gate {
    /// A gate for the detectors of `automata`, in the order numbers, prefixes, custom ones, told numbers, words, and those that `leads` tell of.
    pub(crate) fn new(automata: &[Automaton], leads: Leads) -> Self {
        let mut gate = Self {
            events: Events::new(),
            before: ByteTable::new(Before::allowing),
            assignments: leads.assignments,
            mailboxes: leads.mailboxes,
            hosts: leads.hosts,
        };
        for byte in 0..=u8::MAX {
            let mut rows = RowSet::default();
            for automaton in automata.iter().take(found_by_prefix(byte)) {
                rows.add(&automaton.prospects_after(byte));
                if !byte.is_ascii_digit() {
                    automaton.beginnings(byte, &mut |beginning| gate.events.begin_with(beginning));
                }
            }
            gate.mark(OTHER, byte, !rows.is_empty());
            gate.mark(LETTER, byte, rows.meets(&leads.after_letters));
            gate.mark(NUMERAL, byte, rows.meets(&leads.after_digits));
        }
        let Self {
            events, assignments, ..
        } = &mut gate;
        assignments.beginnings(&mut |beginning| {
            events.mark(OTHER, beginning[0], OPERATOR);
            events.begin_with(beginning);
        });
        gate
    }

    /// Notes what `byte` can be after one of class `before`; whether a value can start with it, `prefix` says.
    fn mark(&mut self, before: u32, byte: u8, prefix: bool) {
        let flag = |is: bool, flag: u32| u32::from(is) * flag;
        let sign = self.assignments.is_sign(byte);
        let digit = byte.is_ascii_digit() && before != NUMERAL;
        let dot = self.hosts && byte == b'.' && before != OTHER;
        let flags = flag(prefix, PREFIX)
            | flag(sign, OPERATOR)
            | flag(digit, DIGIT)
            | flag(dot, DOT)
            | flag(sign || digit, SURE);
        self.events.mark(before, byte, flags);
    }

    /// Looks for the words of lists too.
    pub(crate) fn watch(&mut self, words: Option<&Words>) {
        let Some(words) = words else { return };
        for first in (0..=u8::MAX).filter(|first| words.may_start(*first, None)) {
            self.events.mark(OTHER, first, PREFIX);
            for second in (0..=u8::MAX).filter(|second| words.may_start(first, Some(*second))) {
                (0..=u8::MAX).for_each(|third| self.events.begin_with([first, second, third]));
            }
        }
    }

    /// The detectors that look at what a name is assigned.
    pub(crate) fn named(&self, name: &[u8]) -> RowSet {
        self.assignments.named(name)
    }

    /// The first candidate from `place.cursor` on.
    pub(crate) fn next(
        &self,
        searched: Searched<'_>,
        place: &mut SearchPlace,
        lookout: &mut Lookout,
    ) -> Option<Candidate> {
        let mailbox = if self.mailboxes {
            lookout.next(searched.text, place)
        } else {
            None
        };
        let other = self.search(searched, place);
        match (other, mailbox) {
            (Some(candidate), Some(start)) if candidate.start <= start => Some(Candidate {
                mailbox: candidate.start == start,
                ..candidate
            }),
            (_, Some(start)) => Some(Candidate {
                mailbox: true,
                ..Candidate::at(start)
            }),
            (other, None) => other,
        }
    }

    /// The rules under which a value can start at `at`, by the bytes before it.
    pub(crate) fn rules_at(&self, bytes: &[u8], at: usize) -> u32 {
        let before = |distance| at.checked_sub(distance).and_then(|at| bytes.get(at)).copied();
        let rules = before(1).map_or(Before::ANYWHERE, |byte| self.before.of(byte));
        if !matches!(before(1), Some(b'.' | b'-' | b'/' | b' ' | b':')) {
            return rules & !NEVER;
        }
        let grouped = matches!(before(1), Some(b'.' | b'-' | b'/'))
            && before(2).is_some_and(|byte| byte.is_ascii_digit());
        let spaced = before(1) == Some(b' ') && before(2).is_some_and(|byte| byte.is_ascii_digit());
        let coloned =
            before(1) == Some(b':') && before(2).is_some_and(|byte| byte == b':' || byte.is_ascii_hexdigit());
        let hexadecimal = |distance| before(distance).is_some_and(|byte| byte.is_ascii_hexdigit());
        let paired =
            before(1) == Some(b'-') && hexadecimal(2) && hexadecimal(3) && !before(4).is_some_and(is_word);
        let rule = |barred: bool, rule: Before| u32::from(barred) * rule as u32;
        let barred = rule(grouped, Before::Ungrouped)
            | rule(grouped || spaced, Before::Unspaced)
            | rule(coloned, Before::Uncoloned)
            | rule(grouped || coloned || paired, Before::Unpaired);
        rules & !NEVER & !barred
    }

    /// The first candidate but for mailboxes.
    fn search(&self, searched: Searched<'_>, place: &mut SearchPlace) -> Option<Candidate> {
        let Text { bytes, ending } = searched.text;
        let mut at = place.seek;
        let mut unresolved = None;
        while let Some(event) = self.events.next(bytes, at, &mut place.block) {
            match self.examine(searched, event, place) {
                Ok(Some(candidate)) => {
                    place.seek = unresolved.unwrap_or(event.at);
                    place.spent = unresolved.is_none() && candidate.start == event.at && !event.is(OPERATOR);
                    return Some(candidate);
                }
                Ok(None) => {}
                Err(Unresolved) => unresolved = unresolved.or(Some(event.at)),
            }
            at = event.at + 1;
        }
        place.seek = unresolved.unwrap_or(bytes.len());
        place.spent = false;
        if ending == Ending::Last {
            return None;
        }
        // The next digit may make a value of the word at the end.
        self.earlier_start(bytes, bytes.len(), place).map(Candidate::at)
    }

    /// The first candidate that an event tells of.
    fn examine(
        &self,
        searched: Searched<'_>,
        event: Event,
        place: &mut SearchPlace,
    ) -> Result<Option<Candidate>, Unresolved> {
        let (bytes, at) = (searched.text.bytes, event.at);
        if event.is(DIGIT) {
            let start = self.earlier_start(bytes, at, place);
            if start.is_some() {
                return Ok(start.map(Candidate::at));
            }
        }
        if event.is(PREFIX) && at >= place.cursor && self.starts_at(searched, at) {
            let start = self.earlier_start(bytes, at, place).unwrap_or(at);
            return Ok(Some(Candidate::at(start)));
        }
        if event.is(DOT) {
            let inside = bytes.get(at + 1).is_none_or(u8::is_ascii_alphanumeric);
            let start = inside.then(|| self.host_start(bytes, at, place)).flatten();
            return Ok(start.map(Candidate::at));
        }
        if event.is(OPERATOR) {
            let assigned = self.assignments.at(searched.text, at)?;
            let Some(assigned) = assigned.filter(|assigned| assigned.start >= place.cursor) else {
                return Ok(None);
            };
            place.assignable = assigned.rows;
            let earlier = self.earlier_start(bytes, assigned.start, place);
            return Ok(Some(Candidate {
                assigned: earlier.is_none(),
                ..Candidate::at(earlier.unwrap_or(assigned.start))
            }));
        }
        Ok(None)
    }

    /// The first start before `at` that a digit or a full stop there, or after it, would tell of. Starts are tried in order, or
    /// else a match would hide one that starts before it.
    fn earlier_start(&self, bytes: &[u8], at: usize, place: &SearchPlace) -> Option<usize> {
        let before = |distance| at.checked_sub(distance).and_then(|at| bytes.get(at)).copied();
        let label = before(1).is_some_and(|byte| is_word(byte) || byte == b'-');
        if at <= place.cursor || (!label && !before(2).is_some_and(is_letter)) {
            return None;
        }
        let word = word_start(bytes, at, place.cursor).into_iter();
        let worded = word.flat_map(|word| starts(bytes, word, place.fence));
        let host = self.host_start(bytes, at, place);
        worded
            .chain(host)
            .filter(|start| (place.cursor..at).contains(start))
            .min()
    }

    /// Where the host name starts whose first label ends at `end`.
    fn host_start(&self, bytes: &[u8], end: usize, place: &SearchPlace) -> Option<usize> {
        let from = end
            .saturating_sub(LABEL_BYTES_MAX + 1)
            .max(place.cursor.saturating_sub(1));
        let lead = bytes.get(from.min(end)..end)?;
        let label = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
        let length = lead.iter().rev().take_while(label).count();
        let start = end - length;
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        let allowed = before.is_none_or(|byte| self.before.of(*byte) & Before::Host as u32 != 0);
        let whole = self.hosts && length <= LABEL_BYTES_MAX && bytes.get(start) != Some(&b'-');
        (whole && allowed && start >= place.cursor).then_some(start)
    }

    /// Whether a value that is found by its first bytes can start at `at`, as far as a few bytes tell.
    fn starts_at(&self, searched: Searched<'_>, at: usize) -> bool {
        let bytes = searched.text.bytes;
        let Some(&first) = bytes.get(at) else {
            return false;
        };
        let second = bytes.get(at + 1).copied();
        if searched.words.is_some_and(|words| words.may_start(first, second)) {
            return true;
        }
        let rules = self.rules_at(bytes, at);
        let mut automata = searched.automata.iter().take(found_by_prefix(first));
        automata.any(|automaton| {
            let starts = automaton.starts_with(first, rules);
            starts && (first.is_ascii_digit() || automaton.may_start(bytes, at))
        })
    }
}

/// How many of the automata (numbers, prefixes, custom ones, told numbers, words) have values that are found by their first bytes if those start with
/// `first`: a value that is found by its digit and starts with one is.
fn found_by_prefix(first: u8) -> usize {
    4 + usize::from(first.is_ascii_digit())
}

impl Candidate {
    pub(crate) fn at(start: usize) -> Self {
        Self {
            start,
            mailbox: false,
            assigned: false,
        }
    }
}

#[cfg(test)]
mod tests;
