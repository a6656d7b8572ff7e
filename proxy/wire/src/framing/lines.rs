//! A body of JSON values, one after the other, that parts cut anywhere: JSON lines, a JSON text over several lines, or
//! server-sent events (WHATWG HTML, "Server-sent events", §9.2.6).

use bytes::{Bytes, BytesMut};

use super::Error;

/// Longest unit: a container that does not stream sends its whole answer as one. Source: AWS API reference,
/// `InvokeEndpointWithResponseStream`, `Body`, 6,291,456 bytes.
const UNIT_BYTES_MAX: usize = 6_291_456;

/// The value that ends a stream of OpenAI's.
const DONE: &[u8] = b"[DONE]";

/// Longest name or number in a field of an event.
const FIELD_BYTES_MAX: usize = 128;

/// A JSON value, or the mark of the end, and what stands around it.
pub(super) struct Line {
    /// From the start of the line to the end of what follows the value; fields of the same event that stand before it.
    raw: Bytes,
    /// Where the value is.
    value: std::ops::Range<usize>,
    is_done: bool,
}

impl Line {
    /// The value; `None` for the mark of the end.
    pub(super) fn json(&self) -> Option<Bytes> {
        (!self.is_done).then(|| self.raw.slice(self.value.clone()))
    }

    /// Appends the line, with another value if it changes.
    pub(super) fn write(&self, changed: Option<&[u8]>, out: &mut BytesMut) {
        let part = |range: std::ops::Range<usize>| self.raw.get(range).unwrap_or_default();
        out.extend_from_slice(part(0..self.value.start));
        out.extend_from_slice(changed.unwrap_or(part(self.value.clone())));
        out.extend_from_slice(part(self.value.end..self.raw.len()));
    }
}

/// Cuts joined parts into lines.
#[derive(Default)]
pub(super) struct Lines {
    /// What no line has been made of yet; it starts at the start of a line.
    held: BytesMut,
    /// The first bytes of `held` are fields, such as `event: x`, of the event that follows.
    fields: usize,
    /// The first bytes of `held` are known to hold no end of the unit.
    searched: usize,
    value: Value,
    /// The values are those of server-sent events.
    events: bool,
    /// A value has left, and not yet the end of its line.
    open: bool,
}

/// How far a JSON value has been read.
#[derive(Default, Clone, Copy)]
struct Value {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Value {
    /// Takes a byte; true if the value ends with it. Brackets are counted, not matched: whoever parses it does that.
    fn ends_with(&mut self, byte: u8) -> bool {
        match (self.in_string, byte) {
            (true, _) if self.escaped => self.escaped = false,
            (true, b'\\') => self.escaped = true,
            (true, b'"') => {
                self.in_string = false;
                return self.depth == 0;
            }
            (true, _) => {}
            (false, b'"') => self.in_string = true,
            (false, b'{' | b'[') => self.depth += 1,
            (false, b'}' | b']') => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            (false, _) => {}
        }
        false
    }
}

impl Lines {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next value. What stands between values, and holds no text, goes to `out` at once.
    ///
    /// # Errors
    /// [`Error::Unit`] for a line that is neither JSON nor a field of an event, [`Error::Length`].
    pub(super) fn next_line(&mut self, out: &mut BytesMut) -> Result<Option<Line>, Error> {
        loop {
            self.pass_blanks(out);
            let first = self.held.get(self.fields).copied();
            let end = first.and_then(|first| match first {
                b'{' | b'[' | b'"' => self.end_of_value(),
                _ => self.end_of_line(),
            });
            let (Some(first), Some(end)) = (first, end) else {
                return match self.held.len() > UNIT_BYTES_MAX {
                    true => Err(Error::Length),
                    false => Ok(None),
                };
            };
            if let Some(line) = self.line(first, end, out)? {
                return Ok(Some(line));
            }
        }
    }

    /// The last value, which no end of a line follows.
    ///
    /// # Errors
    /// As [`Lines::next_line`], and [`Error::Truncated`] when the value is not whole.
    pub(super) fn finish(&mut self, out: &mut BytesMut) -> Result<Option<Line>, Error> {
        match self.held.get(self.fields).copied() {
            None => Ok(None),
            Some(b'{' | b'[' | b'"') => Err(Error::Truncated),
            Some(first) => self.line(first, self.held.len(), out),
        }
    }

    /// Appends a value in a line of its own, as the others came.
    pub(super) fn add(&self, value: &[u8], out: &mut BytesMut) {
        let (before, after): (&[u8], &[u8]) = match (self.events, self.open) {
            (true, true) => (b"\n\ndata: ", b"\n\n"),
            (true, false) => (b"data: ", b"\n\n"),
            (false, true) => (b"\n", b""),
            (false, false) => (b"", b"\n"),
        };
        out.extend_from_slice(before);
        out.extend_from_slice(value);
        out.extend_from_slice(after);
    }

    /// Lets white space between lines go; after the fields of an event it would end that.
    fn pass_blanks(&mut self, out: &mut BytesMut) {
        let text = self.held.iter().position(|byte| !byte.is_ascii_whitespace());
        let blanks = text.unwrap_or(self.held.len());
        if self.fields == 0 && blanks > 0 {
            self.open &= !self.held.iter().take(blanks).any(|byte| *byte == b'\n');
            out.extend_from_slice(&self.taken(blanks));
        }
    }

    /// Where the value ends that begins after the fields.
    fn end_of_value(&mut self) -> Option<usize> {
        let from = self.searched.max(self.fields);
        let mut value = self.value;
        let found = self
            .held
            .get(from..)?
            .iter()
            .position(|byte| value.ends_with(*byte));
        self.value = value;
        self.searched = self.held.len();
        found.map(|position| from + position + 1)
    }

    /// Where the line ends that begins after the fields, its mark included.
    fn end_of_line(&mut self) -> Option<usize> {
        let from = self.searched.max(self.fields);
        let found = memchr::memchr(b'\n', self.held.get(from..)?);
        self.searched = self.held.len();
        found.map(|position| from + position + 1)
    }

    /// Takes the bytes up to `end`, the last line of which begins with `first`.
    fn line(&mut self, first: u8, end: usize, out: &mut BytesMut) -> Result<Option<Line>, Error> {
        let text = self.held.get(self.fields..end).unwrap_or_default();
        let start = self.fields;
        let value = match kind(first, text)? {
            Kind::Blank => {
                out.extend_from_slice(&self.taken(end));
                return Ok(None);
            }
            // Without what it says: clients do not read it, and nobody here has.
            Kind::Comment => {
                out.extend_from_slice(&self.taken(end).slice(..start));
                out.extend_from_slice(b":\n");
                return Ok(None);
            }
            Kind::Field => {
                self.fields = end;
                self.begin();
                return Ok(None);
            }
            Kind::Data(value) => {
                self.events = true;
                start + value.start..start + value.end
            }
            Kind::Json(value) => start + value.start..start + value.end,
        };
        self.open = true;
        let raw = self.taken(end);
        let is_done = raw.get(value.clone()) == Some(DONE);
        Ok(Some(Line { raw, value, is_done }))
    }

    fn taken(&mut self, end: usize) -> Bytes {
        self.fields = 0;
        self.begin();
        self.held.split_to(end).freeze()
    }

    fn begin(&mut self) {
        self.searched = 0;
        self.value = Value::default();
    }
}

/// What a line is.
enum Kind {
    /// The end of an event that has fields only.
    Blank,
    /// `: …`, or data that is empty: clients do nothing with it.
    Comment,
    /// `event: name`, `id: name`, `retry: 10`.
    Field,
    /// `data: value`.
    Data(std::ops::Range<usize>),
    /// A value.
    Json(std::ops::Range<usize>),
}

fn kind(first: u8, line: &[u8]) -> Result<Kind, Error> {
    let trimmed = line.trim_ascii_end();
    match first {
        b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Ok(Kind::Json(0..trimmed.len())),
        b'\r' | b'\n' if trimmed.is_empty() => Ok(Kind::Blank),
        b':' => Ok(Kind::Comment),
        _ => field(trimmed),
    }
}

/// A field of a server-sent event. Those that are not data hold a name or a number; of text nobody would have looked at it.
fn field(line: &[u8]) -> Result<Kind, Error> {
    let colon = memchr::memchr(b':', line).ok_or(Error::Unit)?;
    let (name, rest) = line.split_at_checked(colon).ok_or(Error::Unit)?;
    let value = rest.get(1..).unwrap_or_default().trim_ascii_start();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    match name {
        b"data" if value.is_empty() => Ok(Kind::Comment),
        b"data" => Ok(Kind::Data(line.len() - value.len()..line.len())),
        b"event" | b"id" | b"retry" if value.len() <= FIELD_BYTES_MAX && value.iter().all(plain) => {
            Ok(Kind::Field)
        }
        _ => Err(Error::Unit),
    }
}
