//! Tables: what a header names is what stands under it, in every row.
//!
//! ```text
//!   id,full_name,ssn,password        ◄── a header: names only, one of them telling
//!   17,Ann Example,536904399,…       ◄── its rows: each cell is looked at as if its header stood before it
//! ```
//! Lines with commas, semicolons, tabs or bars (Markdown, consoles), columns of blanks, and HTML. A table ends with a line that has
//! none of its separators; HTML's with its own tag. Reading is linear, a byte at a time, and keeps nothing but a header.

use crate::engine::Engine;
use crate::rows::RowSet;
use layout::{Layout, Step, header};
use markup::Markup;

mod layout;
mod markup;

/// The longest line that is looked at as a header, in bytes.
pub(crate) const HEADER_BYTES_MAX: usize = 1024;

/// The tables of one text. One reader is where the text ends, to find the cells that something is assigned to by their header; the
/// other is where the last candidate was.
#[derive(Default)]
pub(crate) struct Tables {
    ahead: Reader,
    behind: Reader,
    /// The cell at which `ahead` stands.
    next: Option<Cell>,
}

/// A cell that something is assigned to by its header.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) start: usize,
    pub(crate) rows: RowSet,
}

/// Reads one text from its beginning on.
#[derive(Clone, Default)]
struct Reader {
    at: usize,
    /// Where the line under way starts, behind what was carried over.
    line: usize,
    /// The beginning of that line, when the text that held it is gone.
    carried: Vec<u8>,
    table: Option<Table>,
    /// Where the last table ended.
    ended: usize,
}

/// A table under way.
#[derive(Clone)]
struct Table {
    /// What each header tells of.
    columns: Vec<RowSet>,
    layout: Layout,
}

impl Tables {
    /// The first cell from `cursor` on that something is assigned to by its header.
    pub(crate) fn next(&mut self, engine: &Engine, bytes: &[u8], cursor: usize) -> Option<Cell> {
        while self.next.is_none_or(|cell| cell.start < cursor) {
            self.next = self.ahead.read(engine, bytes, bytes.len());
            self.next?;
        }
        self.next
    }

    /// What the header over `start` tells of. Calls for one text come in the order of `start`.
    pub(crate) fn rows_at(&mut self, engine: &Engine, bytes: &[u8], start: usize) -> RowSet {
        if self.nothing_between() {
            return RowSet::NONE;
        }
        while self.behind.read(engine, bytes, start).is_some() {}
        self.behind.table.as_ref().map_or(RowSet::NONE, Table::rows)
    }

    /// Accounts for `dropped` bytes at the front of `bytes` that go.
    pub(crate) fn shift(&mut self, engine: &Engine, bytes: &[u8], dropped: usize) {
        if self.nothing_between() {
            self.behind = self.ahead.clone();
        }
        self.rows_at(engine, bytes, dropped);
        for reader in [&mut self.ahead, &mut self.behind] {
            reader.shift(bytes, dropped);
        }
        self.next
            .iter_mut()
            .for_each(|cell| cell.start = cell.start.saturating_sub(dropped));
    }

    /// Whether no table reaches from one reader to the other.
    fn nothing_between(&self) -> bool {
        self.behind.table.is_none() && self.ahead.table.is_none() && self.ahead.ended <= self.behind.at
    }
}

impl Reader {
    /// Reads up to `to`, or through the first byte of a cell that something is assigned to by its header.
    fn read(&mut self, engine: &Engine, bytes: &[u8], to: usize) -> Option<Cell> {
        while let Some(&byte) = bytes.get(self.at..to).and_then(<[u8]>::first) {
            let Some(table) = &mut self.table else {
                if !self.seek(engine, bytes, to) {
                    break;
                }
                continue;
            };
            let step = table.layout.step(byte);
            self.at += 1;
            match step {
                Step::On => {}
                Step::Named => table.name(engine),
                Step::Over => {
                    self.table = None;
                    self.ended = self.at;
                    self.begin_line();
                }
                Step::Value => {
                    let mut rows = table.rows();
                    rows.keep(&engine.assigned);
                    if !rows.is_empty() {
                        let start = self.at - 1;
                        return Some(Cell { start, rows });
                    }
                }
            }
        }
        None
    }

    /// Looks for a header up to `to`. Returns whether there may be more to read.
    fn seek(&mut self, engine: &Engine, bytes: &[u8], to: usize) -> bool {
        let unread = bytes.get(self.at..to).unwrap_or_default();
        let Some(found) = memchr::memchr2(b'\n', b'<', unread) else {
            self.at = to;
            return false;
        };
        self.at += found;
        if unread.get(found) == Some(&b'<') {
            let Some(is_row) = Markup::opens(unread.get(found..).unwrap_or_default()) else {
                return false;
            };
            self.table = is_row.then(|| Table {
                columns: Vec::new(),
                layout: Layout::Markup(Markup::default()),
            });
            self.at += usize::from(!is_row);
            return true;
        }
        let line = bytes.get(self.line..self.at).unwrap_or_default();
        if self.carried.len() + line.len() <= HEADER_BYTES_MAX {
            self.table = if self.carried.is_empty() {
                Table::under(line, engine)
            } else {
                self.carried.extend_from_slice(line);
                Table::under(&self.carried, engine)
            };
        }
        self.at += 1;
        self.begin_line();
        true
    }

    fn begin_line(&mut self) {
        self.line = self.at;
        self.carried.clear();
    }

    fn shift(&mut self, bytes: &[u8], dropped: usize) {
        if self.table.is_none() && self.line < dropped {
            let gone = bytes.get(self.line..dropped.min(self.at)).unwrap_or_default();
            let room = (HEADER_BYTES_MAX + 1).saturating_sub(self.carried.len());
            self.carried.extend(gone.iter().take(room));
        }
        self.line = self.line.saturating_sub(dropped);
        self.at = self.at.saturating_sub(dropped);
        self.ended = self.ended.saturating_sub(dropped);
    }
}

impl Table {
    /// The table under a line, if that is a header that tells of something.
    fn under(line: &[u8], engine: &Engine) -> Option<Self> {
        let (cells, layout) = header(line)?;
        let columns: Vec<RowSet> = cells.into_iter().map(|cell| engine.named(cell)).collect();
        let telling = columns.iter().any(|rows| !rows.is_empty());
        telling.then_some(Self { columns, layout })
    }

    /// What the header over the current cell tells of.
    fn rows(&self) -> RowSet {
        let mut rows = RowSet::default();
        for column in self.layout.columns().into_iter().flatten() {
            rows.add(self.columns.get(column).unwrap_or(&RowSet::NONE));
        }
        rows
    }

    /// Takes in the header that has just been read.
    fn name(&mut self, engine: &Engine) {
        if let Layout::Markup(markup) = &mut self.layout {
            self.columns.push(engine.named(&markup.take_header()));
        }
    }
}
