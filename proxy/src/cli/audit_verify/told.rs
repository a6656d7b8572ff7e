//! What there is to say of a log: the first lines of it are told, all are counted.

use std::fmt::Write;

/// Lines of one kind.
#[derive(Default)]
pub(super) struct Told {
    lines: Vec<String>,
    count: u64,
}

impl Told {
    /// So many lines are told.
    pub(super) const MAX: usize = 20;

    pub(super) fn push(&mut self, line: String) {
        self.count += 1;
        if self.lines.len() < Self::MAX {
            self.lines.push(line);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Appends the lines, each behind a word.
    pub(super) fn print(&self, word: &str, out: &mut String) {
        // Writing into a String cannot fail.
        for line in &self.lines {
            let _ = writeln!(out, "{word}  {line}");
        }
        let more = self.count - self.lines.len() as u64;
        if more > 0 {
            let _ = writeln!(out, "{word}  and {more} more");
        }
    }
}
