//! The reader: one loop over the tokens, an explicit stack of open containers, no recursion.
//!
//! ```text
//!           ┌───────────── , ──────────────┐
//! Value ──► Separator ── ] or } ──► Separator or End
//!   │                                      ▲
//!   ├─ [ ─► FirstItem ── ] ────────────────┤
//!   └─ { ─► FirstKey ─── } ────────────────┘
//!              └─ key ─► Colon ─► Value          , in an object ─► Key
//! ```

use std::hash::{BuildHasher, RandomState};

use memchr::memchr2;

use super::{DEPTH_MAX, Error, ErrorKind, Kind, Limits, NODES_MAX, Node, escape};

/// Objects up to this size are searched for twins pair by pair, larger ones by hash.
const PAIRWISE_MAX: usize = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    FirstItem,
    FirstKey,
    Key,
    Colon,
    Separator,
    End,
}

struct Open {
    node: usize,
    kind: Kind,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    /// At most [`DEPTH_MAX`] long.
    open: Vec<Open>,
    /// Tape indices of the keys of the object being closed; kept to reuse its storage.
    keys: Vec<usize>,
    limits: Limits,
}

/// The tape of the one document that `bytes` must be.
pub(super) fn tape(bytes: &[u8], limits: Limits) -> Result<Vec<Node>, Error> {
    let refuse = |offset, kind| Err(Error { offset, kind });
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return refuse(0, ErrorKind::ByteOrderMark);
    }
    if u32::try_from(bytes.len()).is_err() {
        return refuse(0, ErrorKind::TooLarge);
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        return refuse(error.valid_up_to(), ErrorKind::InvalidUtf8);
    }
    let mut reader = Reader {
        bytes,
        at: 0,
        nodes: Vec::with_capacity(8 + bytes.len().min(1 << 15) / 32),
        open: Vec::with_capacity(8),
        keys: Vec::new(),
        limits: Limits {
            depth_max: limits.depth_max.min(DEPTH_MAX),
            nodes_max: limits.nodes_max.min(NODES_MAX),
        },
    };
    reader.run()?;
    Ok(reader.nodes)
}

impl Reader<'_> {
    fn run(&mut self) -> Result<(), Error> {
        let mut expect = Expect::Value;
        loop {
            self.skip_space();
            let Some(byte) = self.bytes.get(self.at).copied() else {
                return match expect {
                    Expect::End => Ok(()),
                    _ if self.nodes.is_empty() => Err(self.error(ErrorKind::Empty)),
                    _ => Err(self.error(ErrorKind::Unfinished)),
                };
            };
            expect = self.token(expect, byte)?;
        }
    }

    fn token(&mut self, expect: Expect, byte: u8) -> Result<Expect, Error> {
        let container = self.open.last().map(|open| open.kind);
        match (expect, byte, container) {
            (Expect::End, ..) => Err(self.error(ErrorKind::Trailing)),
            (Expect::FirstItem | Expect::Separator, b']', Some(Kind::Array))
            | (Expect::FirstKey | Expect::Separator, b'}', Some(Kind::Object)) => self.close(),
            (Expect::Value | Expect::FirstItem, ..) => self.value(byte),
            (Expect::FirstKey | Expect::Key, b'"', _) => self.string(Kind::Key).map(|()| Expect::Colon),
            (Expect::Colon, b':', _) => Ok(self.pass(Expect::Value)),
            (Expect::Separator, b',', Some(Kind::Object)) => Ok(self.pass(Expect::Key)),
            (Expect::Separator, b',', _) => Ok(self.pass(Expect::Value)),
            _ => Err(self.error(ErrorKind::Unexpected)),
        }
    }

    fn value(&mut self, byte: u8) -> Result<Expect, Error> {
        match byte {
            b'{' => return self.open(Kind::Object, Expect::FirstKey),
            b'[' => return self.open(Kind::Array, Expect::FirstItem),
            b'"' => self.string(Kind::String)?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word(b"true", Kind::Bool)?,
            b'f' => self.word(b"false", Kind::Bool)?,
            b'n' => self.word(b"null", Kind::Null)?,
            _ => return Err(self.error(ErrorKind::Unexpected)),
        }
        Ok(self.after_value())
    }

    fn open(&mut self, kind: Kind, expect: Expect) -> Result<Expect, Error> {
        if self.open.len() >= self.limits.depth_max {
            return Err(self.error(ErrorKind::TooDeep));
        }
        self.open.push(Open {
            node: self.nodes.len(),
            kind,
        });
        self.push(kind, self.at + 1, false)?;
        Ok(expect)
    }

    fn close(&mut self) -> Result<Expect, Error> {
        self.at += 1;
        let next = self.nodes.len();
        if let Some(open) = self.open.pop() {
            if let Some(node) = self.nodes.get_mut(open.node) {
                node.end = narrow(self.at);
                node.next = narrow(next);
            }
            if open.kind == Kind::Object {
                self.refuse_twins(open.node + 1)?;
            }
        }
        Ok(self.after_value())
    }

    fn after_value(&self) -> Expect {
        if self.open.is_empty() {
            Expect::End
        } else {
            Expect::Separator
        }
    }

    fn pass(&mut self, expect: Expect) -> Expect {
        self.at += 1;
        expect
    }

    fn string(&mut self, kind: Kind) -> Result<(), Error> {
        let mut at = self.at + 1;
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let length = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            let (run, tail) = rest.split_at_checked(length).unwrap_or_default();
            // A fold without early exit is what the compiler turns into vector instructions.
            if run.iter().fold(false, |found, byte| found | (*byte < 0x20)) {
                let control = run.iter().take_while(|byte| **byte >= 0x20).count();
                return Err(fault(at + control, ErrorKind::Control));
            }
            at += length;
            match tail.first() {
                Some(b'"') => return self.push(kind, at + 1, escaped),
                Some(_) => at += escape::read(tail).map_err(|kind| fault(at, kind))?.1,
                None => return Err(fault(at, ErrorKind::Unfinished)),
            }
            escaped = true;
        }
    }

    fn number(&mut self) -> Result<(), Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let minus = usize::from(rest.first() == Some(&b'-'));
        let whole = digits(rest, minus);
        let mut length = minus + whole;
        let mut valid = whole > 0 && (whole == 1 || rest.get(minus) != Some(&b'0'));
        if rest.get(length) == Some(&b'.') {
            let fraction = digits(rest, length + 1);
            valid &= fraction > 0;
            length += 1 + fraction;
        }
        let mut exponent = 0;
        if matches!(rest.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
            exponent = digits(rest, length + 1 + sign);
            valid &= exponent > 0;
            length += 1 + sign + exponent;
        }
        if !valid {
            return Err(self.error(ErrorKind::InvalidNumber));
        }
        // The largest double has 309 digits; anything shorter without an exponent fits.
        if exponent > 0 || length > 300 {
            let literal = rest
                .get(..length)
                .and_then(|literal| std::str::from_utf8(literal).ok());
            if !literal
                .and_then(|text| text.parse::<f64>().ok())
                .is_some_and(f64::is_finite)
            {
                return Err(self.error(ErrorKind::NumberRange));
            }
        }
        self.push(Kind::Number, self.at + length, false)
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<(), Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            return self.push(kind, self.at + word.len(), false);
        }
        let unfinished = rest.len() < word.len() && word.starts_with(rest);
        Err(self.error(if unfinished {
            ErrorKind::Unfinished
        } else {
            ErrorKind::Unexpected
        }))
    }

    /// Adds the node that begins here and moves to its end.
    fn push(&mut self, kind: Kind, end: usize, escaped: bool) -> Result<(), Error> {
        if self.nodes.len() >= self.limits.nodes_max {
            return Err(self.error(ErrorKind::TooLarge));
        }
        let next = narrow(self.nodes.len() + 1);
        self.nodes.push(Node {
            start: narrow(self.at),
            end: narrow(end),
            next,
            kind,
            escaped,
        });
        self.at = end;
        Ok(())
    }

    /// Refuses two equal keys in the object whose first key is at `first`.
    fn refuse_twins(&mut self, first: usize) -> Result<(), Error> {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        let mut at = first;
        while let Some(value) = self.nodes.get(at + 1) {
            keys.push(at);
            at = value.next as usize;
        }
        let twin = if keys.len() <= PAIRWISE_MAX {
            self.twin_by_pairs(&keys)
        } else {
            self.twin_by_hash(&keys)
        };
        self.keys = keys;
        twin.map_or(Ok(()), |offset| Err(fault(offset, ErrorKind::DuplicateKey)))
    }

    fn twin_by_pairs(&self, keys: &[usize]) -> Option<usize> {
        let twin_of_earlier = |(count, key): (usize, &usize)| {
            keys.iter()
                .take(count)
                .any(|earlier| self.same(*earlier, *key))
                .then_some(*key)
        };
        self.start(keys.iter().enumerate().find_map(twin_of_earlier)?)
    }

    /// Sorts by a keyed hash, so that no choice of keys makes it slow.
    fn twin_by_hash(&self, keys: &[usize]) -> Option<usize> {
        let state = RandomState::new();
        let hash = |key: &usize| (state.hash_one(self.name(*key)), *key);
        let mut hashes: Vec<(u64, usize)> = keys.iter().map(hash).collect();
        hashes.sort_unstable();
        let twins = |group: &[(u64, usize)]| {
            let keys: Vec<usize> = group.iter().map(|(_, key)| *key).collect();
            (keys.len() > 1).then(|| self.twin_by_pairs(&keys)).flatten()
        };
        hashes
            .chunk_by(|left, right| left.0 == right.0)
            .filter_map(twins)
            .min()
    }

    fn same(&self, left: usize, right: usize) -> bool {
        self.name(left) == self.name(right)
    }

    /// The decoded bytes of a key.
    fn name(&self, key: usize) -> std::borrow::Cow<'_, [u8]> {
        let literal = self.nodes.get(key).and_then(|node| {
            let raw = self.bytes.get(node.start as usize + 1..node.end as usize - 1)?;
            Some((raw, node.escaped))
        });
        match literal {
            Some((raw, true)) => escape::decode(raw).into_owned().into_bytes().into(),
            Some((raw, false)) => raw.into(),
            None => std::borrow::Cow::default(),
        }
    }

    fn start(&self, key: usize) -> Option<usize> {
        self.nodes.get(key).map(|node| node.start as usize)
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn error(&self, kind: ErrorKind) -> Error {
        fault(self.at, kind)
    }
}

fn fault(offset: usize, kind: ErrorKind) -> Error {
    Error { offset, kind }
}

/// How many digits stand at `from`.
fn digits(bytes: &[u8], from: usize) -> usize {
    bytes
        .iter()
        .skip(from)
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// Offsets fit because `tape` refuses longer bodies.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
