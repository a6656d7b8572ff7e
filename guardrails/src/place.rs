//! Where the search of one text stands.

use crate::rows::RowSet;

/// Where a search stands, in bytes of the text.
#[derive(Clone, Copy, Default)]
pub(crate) struct SearchPlace {
    /// Where the last match ended.
    pub(crate) fence: usize,
    /// Candidates before this have been tried.
    pub(crate) cursor: usize,
    /// What is before this has been looked at.
    pub(crate) seek: usize,
    /// What is at `seek` tells of nothing but a candidate there.
    pub(crate) spent: bool,
    /// What has been seen of what comes next.
    pub(crate) block: Block,
    /// The detectors that may match the last value that something was assigned to.
    pub(crate) assignable: RowSet,
}

/// What has been seen of a part of a text: a bit for each byte that may tell of a value.
#[derive(Clone, Copy, Default)]
pub(crate) struct Block {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) marks: u32,
}

impl SearchPlace {
    /// Gives up a candidate at `start`.
    pub(crate) fn pass(&mut self, start: usize) {
        self.cursor = start + 1;
        self.seek += usize::from(self.spent && self.seek == start);
    }

    /// Ends a match at `end`: whatever comes next starts afresh.
    pub(crate) fn resume_after(&mut self, end: usize) {
        self.fence = end;
        self.cursor = end;
        self.seek = self.seek.max(end);
    }

    /// Looks again at everything from `cursor` on.
    pub(crate) fn rewind(&mut self, cursor: usize) {
        self.cursor = cursor;
        self.seek = cursor;
        self.spent = false;
        self.block = Block::default();
    }

    /// Accounts for `bytes` dropped from the front of the text.
    pub(crate) fn shift(&mut self, bytes: usize) {
        self.fence = self.fence.saturating_sub(bytes);
        self.cursor = self.cursor.saturating_sub(bytes);
        self.seek = self.seek.saturating_sub(bytes);
        self.block = Block::default();
    }
}
