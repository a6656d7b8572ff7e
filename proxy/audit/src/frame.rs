//! Frames: how records stand in a segment, which is one file of the log.
//!
//! A frame is a batch of records that was written at once. Each record has a checksum, and a frame begins and ends with bytes that stand in no
//! text of UTF-8, so that no record can pass for a frame. A segment may go on behind its last frame with anything that is no frame of it: zeroes,
//! or what a crash left.
//!
//! ```text
//! frame  = start, length of the entries u32, segment u64, index of the first record u64, synced u64, number of records u32,
//!          CRC-32 of these 36 bytes u32, entries, end
//! entry  = length u32, CRC-32 of the record u32, record
//! ```
//!
//! All numbers are big-endian; CRC-32 is that of IEEE 802.3 (`crc32` of zlib). `synced` is how many records of the log were durable when the
//! frame was written. It tells a crash from a change: of what was durable nothing can be missing, whatever became of the rest.

/// The first bytes of a frame, the last of which is the version of the format.
const START: [u8; 4] = [0xFF, b'P', b'F', 1];
/// Its last bytes.
const END: [u8; 4] = [0xFF, b'F', b'P', 1];

const HEADER_BYTES: usize = 40;
const CHECKED_BYTES: usize = 36;
const ENTRY_BYTES: usize = 8;

/// The longest record, in bytes: that of an entry of c2sp.org/tlog-tiles.
pub const RECORD_BYTES_MAX: usize = u16::MAX as usize;

/// What a frame says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which segment it is in: no two of a log have the same.
    pub segment: u64,
    /// The index of its first record.
    pub first: u64,
    /// How many records of the log were durable when it was written.
    pub synced: u64,
}

/// A frame that is being written, at the end of a buffer.
#[derive(Debug)]
pub struct Framing {
    place: Place,
    at: usize,
    records: u32,
}

impl Framing {
    /// Begins a frame at the end of `out`.
    pub fn begin(out: &mut Vec<u8>, place: Place) -> Self {
        let at = out.len();
        out.resize(at + HEADER_BYTES, 0);
        Self {
            place,
            at,
            records: 0,
        }
    }

    /// Adds a record, which `write` appends to the buffer. Gives what it appended, or takes it back and gives its error.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn record<'o, E>(
        &mut self,
        out: &'o mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<&'o [u8], E> {
        let at = out.len();
        out.resize(at + ENTRY_BYTES, 0);
        write(out).inspect_err(|_| out.truncate(at))?;
        let record = out.get(at + ENTRY_BYTES..).unwrap_or_default();
        let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
        let sum = crc32fast::hash(record);
        put(out, at, &length.to_be_bytes());
        put(out, at + 4, &sum.to_be_bytes());
        self.records += 1;
        Ok(out.get(at + ENTRY_BYTES..).unwrap_or_default())
    }

    /// How many bytes of entries there are.
    #[must_use]
    pub fn bytes(&self, out: &[u8]) -> usize {
        out.len() - self.at - HEADER_BYTES
    }

    /// Ends the frame. One without records is taken back.
    pub fn end(self, out: &mut Vec<u8>) {
        if self.records == 0 {
            out.truncate(self.at);
            return;
        }
        let Place {
            segment,
            first,
            synced,
        } = self.place;
        let length = u32::try_from(self.bytes(out)).unwrap_or(u32::MAX);
        put(out, self.at, &START);
        put(out, self.at + 4, &length.to_be_bytes());
        put(out, self.at + 8, &segment.to_be_bytes());
        put(out, self.at + 16, &first.to_be_bytes());
        put(out, self.at + 24, &synced.to_be_bytes());
        put(out, self.at + 32, &self.records.to_be_bytes());
        let checked = out.get(self.at..self.at + CHECKED_BYTES).unwrap_or_default();
        let sum = crc32fast::hash(checked);
        put(out, self.at + CHECKED_BYTES, &sum.to_be_bytes());
        out.extend_from_slice(&END);
    }
}

/// Writes over bytes that are there.
fn put(out: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(to) = out.get_mut(at..at + bytes.len()) {
        to.copy_from_slice(bytes);
    }
}

/// What stands in a segment next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'s> {
    /// A record as it was written.
    Record {
        /// Its place in the log.
        index: u64,
        /// Its bytes.
        bytes: &'s [u8],
    },
    /// These records were durable, and are not as they were written.
    Damaged {
        /// The first of them.
        from: u64,
        /// The one after the last of them; the same as `from` when it is the frame around the record before it that was changed.
        to: u64,
    },
    /// From here on nothing is known to have been durable: a crash leaves this. It is the last piece.
    Torn {
        /// The index of the first record that may have been here.
        first: u64,
        /// The index of the first record that is not whole.
        bad: u64,
    },
}

/// The pieces of a segment, in their order.
#[derive(Debug)]
pub struct Pieces<'s> {
    bytes: &'s [u8],
    segment: u64,
    /// The index of the next record.
    next: u64,
    /// Where the next frame begins.
    at: usize,
    /// What is left of a frame.
    entries: Option<Entries<'s>>,
    /// The largest `synced` of all frames, once it was needed.
    synced: Option<u64>,
    over: bool,
}

/// A header that is one.
#[derive(Debug, Clone, Copy)]
struct Header {
    place: Place,
    length: usize,
    records: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entries<'s> {
    rest: &'s [u8],
    left: u32,
    /// Whether the frame ends as one.
    ended: bool,
}

impl<'s> Pieces<'s> {
    /// Those of the segment of this number, which begins with the record of this index.
    #[must_use]
    pub fn new(bytes: &'s [u8], segment: u64, first: u64) -> Self {
        Self {
            bytes,
            segment,
            next: first,
            at: 0,
            entries: None,
            synced: None,
            over: false,
        }
    }

    /// The header at a place, if there is one of a frame of this segment.
    fn header(&self, at: usize) -> Option<Header> {
        let bytes = self.bytes.get(at..at + HEADER_BYTES)?;
        let (checked, sum) = bytes.split_at_checked(CHECKED_BYTES)?;
        if !checked.starts_with(&START) || crc32fast::hash(checked).to_be_bytes() != sum {
            return None;
        }
        let header = Header {
            place: Place {
                segment: u64_at(checked, 8)?,
                first: u64_at(checked, 16)?,
                synced: u64_at(checked, 24)?,
            },
            length: usize::try_from(u32_at(checked, 4)?).ok()?,
            records: u32_at(checked, 32)?,
        };
        (header.place.segment == self.segment && header.records > 0).then_some(header)
    }

    /// The entries of the frame with this header.
    fn entries(&self, at: usize, header: Header) -> Entries<'s> {
        let from = at + HEADER_BYTES;
        let to = from.saturating_add(header.length).min(self.bytes.len());
        let end = self.bytes.get(to..).unwrap_or_default();
        Entries {
            rest: self.bytes.get(from..to).unwrap_or_default(),
            left: header.records,
            ended: end.starts_with(&END),
        }
    }

    /// Where the next frame begins; after the last piece, where the last frame that is whole ends. In bytes from the beginning of the segment.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Where frames begin behind a place, and their headers.
    fn headers(&self, from: usize) -> impl Iterator<Item = (usize, Header)> {
        let starts = memchr::memchr_iter(0xFF, self.bytes.get(from..).unwrap_or_default());
        starts.filter_map(move |at| Some((from + at, self.header(from + at)?)))
    }

    /// The header of the next frame, if it is what comes next.
    fn next_header(&self) -> Option<Header> {
        self.header(self.at)
            .filter(|header| header.place.first == self.next)
    }

    fn enter(&mut self, header: Header) -> Option<Piece<'s>> {
        self.entries = Some(self.entries(self.at, header));
        self.at = self.at.saturating_add(HEADER_BYTES + header.length + END.len());
        self.next_entry()
    }

    /// The next frame is not whole.
    fn broken(&mut self) -> Option<Piece<'s>> {
        let largest = || self.headers(self.at).map(|(_, header)| header.place.synced).max();
        let synced = self.synced.unwrap_or_else(|| largest().unwrap_or_default());
        self.synced = Some(synced);
        match self.next_header() {
            header if synced <= self.next => self.torn(header),
            Some(header) => self.enter(header),
            None => {
                let from = self.next;
                let later = |(_, header): &(usize, Header)| header.place.first > from;
                let found = self.headers(self.at + 1).find(later);
                (self.at, self.next) =
                    found.map_or((self.bytes.len(), from), |(at, header)| (at, header.place.first));
                Some(Piece::Damaged { from, to: self.next })
            }
        }
    }

    fn torn(&mut self, header: Option<Header>) -> Option<Piece<'s>> {
        self.over = true;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.iter().all(|byte| *byte == 0) {
            return None;
        }
        let whole = header.map_or(0, |header| self.entries(self.at, header).whole());
        Some(Piece::Torn {
            first: self.next,
            bad: self.next.saturating_add(u64::from(whole)),
        })
    }

    fn next_entry(&mut self) -> Option<Piece<'s>> {
        let entries = self.entries.as_mut()?;
        if entries.left == 0 {
            let sound = entries.ended && entries.rest.is_empty();
            self.entries = None;
            let (from, to) = (self.next, self.next);
            return (!sound)
                .then_some(Piece::Damaged { from, to })
                .or_else(|| self.next());
        }
        let index = self.next;
        let left = u64::from(entries.left);
        match entries.take() {
            Taken::Record(bytes) => {
                self.next = self.next.saturating_add(1);
                Some(Piece::Record { index, bytes })
            }
            Taken::Changed => {
                self.next = self.next.saturating_add(1);
                let to = self.next;
                Some(Piece::Damaged { from: index, to })
            }
            Taken::Lost => {
                self.entries = None;
                self.next = self.next.saturating_add(left);
                let to = self.next;
                Some(Piece::Damaged { from: index, to })
            }
        }
    }
}

impl<'s> Iterator for Pieces<'s> {
    type Item = Piece<'s>;

    fn next(&mut self) -> Option<Piece<'s>> {
        if self.entries.is_some() {
            return self.next_entry();
        }
        if self.over || self.at >= self.bytes.len() {
            return None;
        }
        let whole = self.next_header().filter(|header| {
            let entries = self.entries(self.at, *header);
            entries.ended && entries.whole() == header.records
        });
        match whole {
            Some(header) => self.enter(header),
            None => self.broken(),
        }
    }
}

/// What an entry turns out to be.
enum Taken<'s> {
    Record(&'s [u8]),
    /// The record is not what its checksum says.
    Changed,
    /// Where the next one begins is not known either.
    Lost,
}

impl<'s> Entries<'s> {
    fn take(&mut self) -> Taken<'s> {
        self.left -= 1;
        let Some((record, sum, rest)) = self.split() else {
            return Taken::Lost;
        };
        self.rest = rest;
        match crc32fast::hash(record) == sum {
            true => Taken::Record(record),
            false => Taken::Changed,
        }
    }

    /// The next record, its checksum, and what follows.
    fn split(&self) -> Option<(&'s [u8], u32, &'s [u8])> {
        let (head, rest) = self.rest.split_at_checked(ENTRY_BYTES)?;
        let length = usize::try_from(u32_at(head, 0)?).ok()?;
        let (record, rest) = rest.split_at_checked(length)?;
        // Of the last one the length is known twice.
        (self.left > 0 || rest.is_empty()).then_some((record, u32_at(head, 4)?, rest))
    }

    /// How many records at its beginning are as they were written.
    fn whole(mut self) -> u32 {
        let mut whole = 0;
        while self.left > 0 && matches!(self.take(), Taken::Record(_)) {
            whole += 1;
        }
        whole
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    bytes.try_into().ok().map(u32::from_be_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + 8)?;
    bytes.try_into().ok().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests;
