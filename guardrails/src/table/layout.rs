//! How the cells of a table are told from each other.

use super::markup::Markup;

/// The longest header of a column, in bytes, and in words.
const NAME_BYTES_MAX: usize = 40;
const NAME_WORDS_MAX: usize = 5;

/// The most digits in it: `address_2`, `turnover 2026`.
const NAME_DIGITS_MAX: usize = 4;

/// The most columns of a table.
pub(super) const COLUMNS_MAX: usize = 256;

/// The longest quoted cell, in bytes: a lone quotation mark must not hide the rows behind it.
const QUOTED_BYTES_MAX: usize = 1024;

/// How far to the left of its header a value may start that is set flush right under it.
const OVERHANG: usize = 16;

/// What separates cells: the first of these in a header does.
const SEPARATORS: [u8; 4] = [b'\t', b'|', b';', b','];

/// How cells are separated, and where in a row the reading stands.
#[derive(Clone)]
pub(super) enum Layout {
    Separated(Separated),
    Aligned(Aligned),
    Markup(Markup),
}

/// What a byte of a table is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Part of something.
    On,
    /// The first byte of a cell's value.
    Value,
    /// The end of a header of HTML.
    Named,
    /// The end of the table.
    Over,
}

/// Cells with a byte between them (RFC 4180, with other separators too; Markdown, consoles).
#[derive(Clone)]
pub(super) struct Separated {
    separator: u8,
    column: usize,
    /// Nothing of the cell's value has been read.
    fresh: bool,
    /// The cell is a quoted one; how much has been read of what is inside quotation marks, if that is where the reading stands.
    quoted: bool,
    inside: Option<usize>,
    line: Line,
}

/// What the line under way has shown so far.
#[derive(Clone, Copy, Default)]
struct Line {
    separated: bool,
    words: bool,
    anything: bool,
}

/// Cells that stand under their headers.
#[derive(Clone)]
pub(super) struct Aligned {
    /// Where the headers start, in characters.
    starts: Vec<usize>,
    at: usize,
    /// Where the cell under way starts.
    cell: usize,
    /// Blanks in front of the next character; at the start of a line, as many as separate cells.
    blanks: usize,
    anything: bool,
}

/// The cells of a line, and what separates them, if all of them can be names of columns.
pub(super) fn header(line: &[u8]) -> Option<(Vec<&[u8]>, Layout)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let last = *line.last()?;
    // Sentences end with a full stop, and most lines of programs with a sign that no name has.
    if last == b'.' || !(is_of_name(last) || is_frame(last) || last == b'|') {
        return None;
    }
    match first_gap(line)? {
        Gap::Blanks => aligned(line),
        Gap::Byte(separator) => separated(line, separator),
    }
}

/// What separates cells.
enum Gap {
    Byte(u8),
    Blanks,
}

/// What ends the first cell of a line, if that can be the name of a column: most lines of prose and of programs are done with here.
fn first_gap(line: &[u8]) -> Option<Gap> {
    let start = line.iter().position(|byte| !is_frame(*byte))?;
    let mut blanks = 0;
    for (place, byte) in line.iter().enumerate().skip(start).take(NAME_BYTES_MAX + 2) {
        match byte {
            byte if byte.is_ascii_alphanumeric() => {}
            b' ' if line.get(place + 1) == Some(&b' ') => {
                let next = line.iter().skip(place).find(|byte| **byte != b' ');
                let separator = next.filter(|byte| SEPARATORS.contains(byte));
                return Some(separator.map_or(Gap::Blanks, |separator| Gap::Byte(*separator)));
            }
            b' ' => blanks += 1,
            byte if SEPARATORS.contains(byte) => return Some(Gap::Byte(*byte)),
            byte if is_frame(*byte) || is_of_name(*byte) => {}
            _ => return None,
        }
        if blanks > NAME_WORDS_MAX {
            return None;
        }
    }
    None
}

fn separated(line: &[u8], separator: u8) -> Option<(Vec<&[u8]>, Layout)> {
    let cells = || line.split(|byte| *byte == separator).map(trimmed);
    // Bars may frame a line.
    let framed = separator == b'|';
    let mut named = 0;
    let mut rest = cells().enumerate().peekable();
    while let Some((place, cell)) = rest.next() {
        let edge = place == 0 || rest.peek().is_none();
        if place >= COLUMNS_MAX || !(is_name(cell) || (framed && edge && cell.is_empty())) {
            return None;
        }
        named += usize::from(!cell.is_empty());
    }
    (named > 1).then(|| (cells().collect(), Layout::Separated(Separated::new(separator))))
}

/// As `separated`, with two blanks or more between the cells.
fn aligned(line: &[u8]) -> Option<(Vec<&[u8]>, Layout)> {
    let mut cells = Vec::new();
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(skipped) = line.get(at..)?.iter().position(|byte| *byte != b' ') {
        let start = at + skipped;
        let rest = line.get(start..)?;
        let length = rest
            .windows(2)
            .position(|pair| pair == b"  ")
            .unwrap_or(rest.len());
        let cell = trimmed(rest.get(..length)?);
        if !is_name(cell) || cells.len() == COLUMNS_MAX {
            return None;
        }
        cells.push(cell);
        starts.push(characters(line.get(..start)?));
        at = start + length;
    }
    (cells.len() > 1).then(|| (cells, Layout::Aligned(Aligned::new(starts))))
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || !byte.is_ascii()
        || matches!(
            byte,
            b' ' | b'_' | b'-' | b'/' | b'.' | b'#' | b'(' | b')' | b'\'' | b'&' | b':'
        )
}

/// What may stand around a name.
fn is_frame(byte: u8) -> bool {
    matches!(byte, b' ' | b'"' | b'\'' | b'`' | b'*' | b'_')
}

fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| starts_character(**byte)).count()
}

fn starts_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

fn trimmed(cell: &[u8]) -> &[u8] {
    let mut cell = cell;
    while let [first, rest @ ..] = cell
        && is_frame(*first)
    {
        cell = rest;
    }
    while let [rest @ .., last] = cell
        && is_frame(*last)
    {
        cell = rest;
    }
    cell
}

/// Whether a cell can be the name of a column: few words, no value, no sentence, no code.
fn is_name(cell: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    if cell.len() > NAME_BYTES_MAX || !cell.first().is_some_and(letter) || cell.ends_with(b".") {
        return false;
    }
    let (mut blanks, mut opened, mut closed, mut digits) = (0, 0, 0, 0);
    for byte in cell {
        match byte {
            b' ' => blanks += 1,
            b'(' => opened += 1,
            b')' => closed += 1,
            b'0'..=b'9' => digits += 1,
            byte if is_of_name(*byte) => {}
            _ => return false,
        }
    }
    blanks < NAME_WORDS_MAX && opened == closed && digits <= NAME_DIGITS_MAX
}

impl Layout {
    /// Reads the next byte.
    pub(super) fn step(&mut self, byte: u8) -> Step {
        match self {
            Self::Separated(row) => row.step(byte),
            Self::Aligned(row) => row.step(byte),
            Self::Markup(markup) => markup.step(byte),
        }
    }

    /// The columns that what comes next can stand in.
    pub(super) fn columns(&self) -> [Option<usize>; 2] {
        match self {
            Self::Separated(row) => [Some(row.column), None],
            Self::Aligned(row) => row.columns(),
            Self::Markup(markup) => [markup.column(), None],
        }
    }
}

impl Separated {
    fn new(separator: u8) -> Self {
        Self {
            separator,
            column: 0,
            fresh: true,
            quoted: false,
            inside: None,
            line: Line::default(),
        }
    }

    fn step(&mut self, byte: u8) -> Step {
        if let Some(read) = &mut self.inside {
            *read += 1;
            if byte == b'"' || *read > QUOTED_BYTES_MAX {
                self.inside = None;
                return Step::On;
            }
            return self.value(byte);
        }
        self.line.anything |= !matches!(byte, b' ' | b'\r' | b'\n');
        self.line.words |= byte.is_ascii_alphanumeric() || !byte.is_ascii();
        if byte == self.separator {
            self.line.separated = true;
            self.cell(self.column + 1);
        } else if byte == b'\n' {
            let line = std::mem::take(&mut self.line);
            self.cell(0);
            // A ruled line, as consoles draw them, has neither words nor separators.
            if !line.separated && (line.words || !line.anything) {
                return Step::Over;
            }
        } else if byte == b'"' && (self.fresh || self.quoted) {
            self.quoted = true;
            self.inside = Some(0);
        } else {
            return self.value(byte);
        }
        Step::On
    }

    fn cell(&mut self, column: usize) {
        self.column = column;
        self.fresh = true;
        self.quoted = false;
    }

    fn value(&mut self, byte: u8) -> Step {
        if self.fresh && !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\'' | b'`' | b'*') {
            self.fresh = false;
            return Step::Value;
        }
        Step::On
    }
}

impl Aligned {
    fn new(starts: Vec<usize>) -> Self {
        Self {
            starts,
            at: 0,
            cell: 0,
            blanks: 2,
            anything: false,
        }
    }

    fn step(&mut self, byte: u8) -> Step {
        match byte {
            b'\n' if !self.anything => return Step::Over,
            b'\n' => {
                (self.at, self.blanks) = (0, 2);
                self.anything = false;
            }
            b'\r' => {}
            b' ' => {
                self.blanks += 1;
                self.at += 1;
            }
            _ if starts_character(byte) => {
                let begins = self.blanks >= 2;
                if begins {
                    self.cell = self.at;
                }
                self.anything = true;
                self.blanks = 0;
                self.at += 1;
                if begins {
                    return Step::Value;
                }
            }
            _ => {}
        }
        Step::On
    }

    /// The column whose header starts at the cell or before it, and the next one where the cell may be flush right under it.
    fn columns(&self) -> [Option<usize>; 2] {
        let cell = if self.blanks >= 2 { self.at } else { self.cell };
        let next = self.starts.partition_point(|start| *start <= cell);
        let near = self
            .starts
            .get(next)
            .is_some_and(|start| *start <= cell + OVERHANG);
        [next.checked_sub(1), near.then_some(next)]
    }
}
