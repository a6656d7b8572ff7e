//! Units that wait behind text: a citation stands between two words, and the first of them may still be held for becoming part of a match.
//! What annotates a text leaves behind the text that came before it, and what came after it leaves behind it.
//!
//! A mark takes the place of the annotation in the text that is scanned. It is a control character, which no match minds, and where it
//! comes out again the annotation has its place.

use super::super::lane::MARK;
use palisade_wire::framing::{Error, Unit, Units};
use palisade_wire::text::Channel;
use std::collections::VecDeque;

/// So many units may wait; then they leave as they came, ahead of what is held.
const WAITING_MAX: usize = 64;

/// What has been let through and may not leave yet.
#[derive(Default)]
pub(super) struct Waiting {
    entries: VecDeque<Entry>,
    /// Marks that are in a text and have not come out.
    marks: usize,
}

struct Entry {
    leaves: Leaves,
    /// The text that has to come first.
    behind: Option<Channel>,
}

enum Leaves {
    Unit(Box<Unit>, Option<Vec<u8>>),
    Text(Channel, String),
}

impl Waiting {
    /// Lets a unit leave, behind all that waits; an annotation of `behind` waits for its mark.
    pub(super) fn unit(
        &mut self,
        unit: Unit,
        changed: Option<Vec<u8>>,
        behind: Option<Channel>,
        units: &mut Units,
    ) -> Result<(), Error> {
        if self.entries.is_empty() && behind.is_none() {
            return units.pass(&unit, changed.as_deref());
        }
        self.marks += usize::from(behind.is_some());
        let leaves = Leaves::Unit(Box::new(unit), changed);
        self.entries.push_back(Entry { leaves, behind });
        if self.entries.len() > WAITING_MAX {
            self.entries.iter_mut().for_each(|entry| entry.behind = None);
        }
        self.flush(units)
    }

    /// Lets a text leave that is in no unit.
    pub(super) fn text(&mut self, channel: Channel, text: String, units: &mut Units) -> Result<(), Error> {
        let rest = self.settle(channel, text, units)?;
        match rest.as_str() {
            "" => Ok(()),
            rest if self.entries.is_empty() => units.add(channel, rest),
            _ => {
                let leaves = Leaves::Text(channel, rest);
                self.entries.push_back(Entry { leaves, behind: None });
                Ok(())
            }
        }
    }

    /// Lets what is before marks in `text` leave, and the annotations that they stand for. Returns what is behind all marks.
    pub(super) fn settle(
        &mut self,
        channel: Channel,
        text: String,
        units: &mut Units,
    ) -> Result<String, Error> {
        let mut rest = text;
        while self.marks > 0
            && let Some((before, behind)) = rest.split_once(MARK)
        {
            let (before, behind) = (before.to_owned(), behind.to_owned());
            self.marks -= 1;
            let marked = self.before_annotation(channel, before);
            if let Some(entry) = self.entries.get_mut(marked) {
                entry.behind = None;
            }
            rest = behind;
        }
        if self.entries.iter().any(|entry| entry.behind == Some(channel)) {
            self.before_annotation(channel, std::mem::take(&mut rest));
        }
        self.flush(units)?;
        Ok(rest)
    }

    /// Puts a text in front of the first annotation that waits for one of `channel`; returns where that stands then.
    fn before_annotation(&mut self, channel: Channel, text: String) -> usize {
        let marked = self
            .entries
            .iter()
            .position(|entry| entry.behind == Some(channel));
        let at = marked.unwrap_or(self.entries.len());
        if text.is_empty() {
            return at;
        }
        let leaves = Leaves::Text(channel, text);
        self.entries.insert(at, Entry { leaves, behind: None });
        at + 1
    }

    /// No text is held any more: all leave.
    pub(super) fn end(&mut self, units: &mut Units) -> Result<(), Error> {
        self.marks = 0;
        self.entries.iter_mut().for_each(|entry| entry.behind = None);
        self.flush(units)
    }

    fn flush(&mut self, units: &mut Units) -> Result<(), Error> {
        while let Some(entry) = self.entries.pop_front_if(|entry| entry.behind.is_none()) {
            match entry.leaves {
                Leaves::Unit(unit, changed) => units.pass(&unit, changed.as_deref())?,
                Leaves::Text(channel, text) => units.add(channel, &text)?,
            }
        }
        Ok(())
    }
}
