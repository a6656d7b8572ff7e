//! Tables of HTML: the first row with cells is the header.

use super::layout::{COLUMNS_MAX, Step};

/// The longest name of a tag that matters, with its slash.
const TAG_BYTES_MAX: usize = 8;

/// The longest header of a column that is kept, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Where in a table of HTML the reading stands.
#[derive(Clone, Default)]
pub(super) struct Markup {
    place: Place,
    tag: Vec<u8>,
    /// Cells of the row so far.
    cells: usize,
    in_cell: bool,
    /// Nothing of the cell's value has been read.
    fresh: bool,
    /// The header has been read.
    headed: bool,
    /// The header cell under way.
    name: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    TagName,
    Tag,
}

impl Markup {
    /// Whether `text`, which starts with `<`, opens a row or a header cell; nothing while it is too short to tell.
    pub(super) fn opens(text: &[u8]) -> Option<bool> {
        let opens = |tag: &[u8]| {
            let name = text.get(1..3).is_some_and(|name| name.eq_ignore_ascii_case(tag));
            Some(name && !text.get(3)?.is_ascii_alphanumeric())
        };
        match text {
            [_, b't' | b'T', b'r' | b'R', ..] => opens(b"tr"),
            [_, b't' | b'T', b'h' | b'H', ..] => opens(b"th"),
            [_] | [_, b't' | b'T'] => None,
            _ => Some(false),
        }
    }

    /// The header that has just been read.
    pub(super) fn take_header(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.name)
    }

    /// The column that the reading stands in, if it is in a cell under a header.
    pub(super) fn column(&self) -> Option<usize> {
        self.cells.checked_sub(1).filter(|_| self.in_cell && self.headed)
    }

    /// Reads the next byte.
    pub(super) fn step(&mut self, byte: u8) -> Step {
        match self.place {
            Place::Text if byte == b'<' => {
                self.place = Place::TagName;
                self.tag.clear();
            }
            Place::Text => return self.text(byte),
            Place::TagName if byte == b'/' || byte.is_ascii_alphanumeric() => {
                if self.tag.len() < TAG_BYTES_MAX {
                    self.tag.push(byte.to_ascii_lowercase());
                }
            }
            Place::TagName => {
                self.place = if byte == b'>' { Place::Text } else { Place::Tag };
                return self.take_tag();
            }
            Place::Tag if byte == b'>' => self.place = Place::Text,
            Place::Tag => {}
        }
        Step::On
    }

    fn text(&mut self, byte: u8) -> Step {
        if !self.in_cell {
            return Step::On;
        }
        if !self.headed {
            if self.name.len() < NAME_BYTES_MAX {
                self.name.push(byte);
            }
        } else if self.fresh && !byte.is_ascii_whitespace() {
            self.fresh = false;
            return Step::Value;
        }
        Step::On
    }

    /// What a tag does. A cell ends with its own tag or, as HTML allows, where the next cell or row begins.
    fn take_tag(&mut self) -> Step {
        let opens_cell = matches!(self.tag.as_slice(), b"td" | b"th");
        let is_cell = opens_cell || matches!(self.tag.as_slice(), b"/td" | b"/th");
        let is_row = matches!(self.tag.as_slice(), b"tr" | b"/tr");
        if self.tag == b"/table" {
            return Step::Over;
        }
        if !is_cell && !is_row {
            return Step::On;
        }
        let named = self.in_cell && !self.headed;
        self.in_cell = opens_cell;
        self.fresh = opens_cell;
        if is_row {
            self.headed |= self.cells > 0;
            self.cells = 0;
        }
        if opens_cell {
            self.cells += 1;
            if self.cells > COLUMNS_MAX {
                return Step::Over;
            }
        }
        if named { Step::Named } else { Step::On }
    }
}
