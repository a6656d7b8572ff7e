//! Strict JSON, read in place: one pass over the bytes yields a flat tape of nodes with byte spans.
//!
//! The reader accepts RFC 8259 and refuses, beyond it, everything that two parsers could read in
//! two ways: duplicate keys (compared decoded), lone surrogates, numbers outside a double, a byte
//! order mark, text after the document. What the scanner saw is then what the model will see.
//!
//! INVARIANT: a [`Document`] never changes. An edit is a list of spans and texts that [`splice`]
//! applies, leaving every other byte as it was.

use std::{borrow::Cow, fmt, ops::Range};

use bytes::Bytes;

mod error;

mod steps;

mod escape;

mod parse;

mod distinct;

mod fragments;

mod nested;

mod members;

mod pointer;

mod splice;

mod omit;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod work;

pub use distinct::{DistinctKeys, TooManyKeys};
pub use error::{Error, ErrorKind};
pub use escape::push_string;
pub use fragments::{Fragments, Spelling};
pub use nested::{Place, places, said};
pub use splice::{Edit, Extent, SpliceError, splice};

/// How many arrays and objects may ever be open at once. Model bodies nest about ten deep; the rest is
/// room for tool schemas.
pub const DEPTH_MAX: usize = 64;

/// How many nodes (keys included) a document may ever have. At 16 bytes a node the tape stays under
/// 64 MiB whatever a body holds.
pub const NODES_MAX: usize = 1 << 22;

/// Bytes that a node takes.
pub const NODE_BYTES: usize = size_of::<Node>();

/// What a document may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Arrays and objects that may be open at once; at most [`DEPTH_MAX`].
    pub depth_max: usize,
    /// Nodes, keys included; at most [`NODES_MAX`].
    pub nodes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth_max: DEPTH_MAX,
            nodes_max: NODES_MAX,
        }
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
    /// A key of an object. Met only in [`Value::members`] and [`Value::nodes`].
    Key,
}

/// One node: its literal is `start..end`, its subtree ends before tape index `next`.
#[derive(Debug, Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    next: u32,
    kind: Kind,
    escaped: bool,
}

/// A parsed body: the bytes as they came, and the tape over them.
#[derive(Clone)]
pub struct Document {
    bytes: Bytes,
    nodes: Vec<Node>,
}

/// The content stays out of logs: only sizes are shown.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("bytes", &self.bytes.len())
            .field("nodes", &self.nodes.len())
            .finish()
    }
}

impl Document {
    /// Reads one JSON document.
    ///
    /// # Errors
    /// An [`Error`] with the offset and kind of the first fault met; see [`ErrorKind`].
    pub fn parse(bytes: Bytes) -> Result<Self, Error> {
        Self::parse_within(bytes, Limits::default())
    }

    /// The same within limits of the caller's own.
    ///
    /// # Errors
    /// As [`Document::parse`]; [`ErrorKind::TooDeep`] and [`ErrorKind::TooLarge`] by `limits`.
    pub fn parse_within(bytes: Bytes, limits: Limits) -> Result<Self, Error> {
        let nodes = parse::tape(&bytes, limits)?;
        Ok(Self { bytes, nodes })
    }

    /// How many nodes there are, keys included.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        self.value(0)
    }

    /// The bytes as they came.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The decoded text of the string literal at `span`, or the digits of a number there.
    ///
    /// Borrowed when the literal holds no escapes. Spans come from [`Value::span`]; for any other
    /// range the result is empty or a part of the document, never a panic.
    #[must_use]
    pub fn literal(&self, span: &Range<usize>) -> Cow<'_, str> {
        let raw = self.bytes.get(span.clone()).unwrap_or_default();
        match raw {
            [b'"', inner @ .., b'"'] => escape::decode(inner),
            other => Cow::Borrowed(std::str::from_utf8(other).unwrap_or_default()),
        }
    }

    /// Where parts of the decoded text of the string literal at `span` stand in the document. `parts` are byte ranges
    /// of the decoded text, ascending and apart, on character boundaries.
    #[must_use]
    pub fn within(&self, span: &Range<usize>, parts: &[Range<usize>]) -> Vec<Range<usize>> {
        let inner = span.start + 1..span.end.saturating_sub(1);
        let text = self.bytes.get(inner.clone()).unwrap_or_default();
        let mut known = (0, 0);
        let mut find = |target| {
            known = escape::encoded_offset(text, known, target);
            inner.start + known.1
        };
        parts
            .iter()
            .map(|part| find(part.start)..find(part.end))
            .collect()
    }

    /// The key or string whose literal begins at `start`; none when neither begins there.
    #[must_use]
    pub fn string_at(&self, start: u32) -> Option<Value<'_>> {
        self.value_at(start)
            .filter(|value| matches!(value.kind(), Kind::Key | Kind::String))
    }

    /// The key or value whose literal begins at `start`; none when none begins there.
    #[must_use]
    pub fn value_at(&self, start: u32) -> Option<Value<'_>> {
        let from = self.nodes.partition_point(|node| node.start < start);
        let node = self.nodes.get(from)?;
        (node.start == start).then(|| self.value(from))
    }

    fn value(&self, index: usize) -> Value<'_> {
        const NOTHING: Node = Node {
            start: 0,
            end: 0,
            next: 0,
            kind: Kind::Null,
            escaped: false,
        };
        let node = self.nodes.get(index).copied().unwrap_or(NOTHING);
        Value {
            document: self,
            node,
            index,
        }
    }

    fn walk(&self, from: usize, to: usize) -> Walk<'_> {
        Walk {
            document: self,
            at: from,
            end: to,
        }
    }
}

/// One value of a document; cheap to copy.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    document: &'a Document,
    node: Node,
    index: usize,
}

/// The content stays out of logs: only kind and span are shown.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:?}", self.kind(), self.span())
    }
}

impl<'a> Value<'a> {
    /// What the value is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node.kind
    }

    /// Where the literal stands, quotes and brackets included.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.node.start as usize..self.node.end as usize
    }

    /// The literal itself.
    #[must_use]
    pub fn raw(self) -> &'a [u8] {
        self.document.bytes.get(self.span()).unwrap_or_default()
    }

    /// The member named `key`, if this is an object that has it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        self.members()
            .find(|(name, _)| *name.name() == *key.as_bytes())
            .map(|(_, value)| value)
    }

    /// The items of an array, in order; none for any other kind.
    pub fn items(self) -> impl Iterator<Item = Value<'a>> {
        let end = if self.kind() == Kind::Array {
            self.node.next as usize
        } else {
            0
        };
        self.document.walk(self.index + 1, end)
    }

    /// The keys and values of an object, in order; none for any other kind.
    pub fn members(self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        let end = if self.kind() == Kind::Object {
            self.node.next as usize
        } else {
            0
        };
        let mut walk = self.document.walk(self.index + 1, end);
        std::iter::from_fn(move || Some((walk.next()?, walk.next()?)))
    }

    /// The value and everything below it, keys included, in document order.
    pub fn nodes(self) -> impl Iterator<Item = Value<'a>> {
        let end = self.node.next as usize;
        (self.index..end).map(move |index| self.document.value(index))
    }

    /// How many nodes [`Value::nodes`] yields.
    #[must_use]
    pub fn len(self) -> usize {
        (self.node.next as usize).saturating_sub(self.index)
    }

    /// Whether the value is an array or object without content, or an empty string.
    #[must_use]
    pub fn is_empty(self) -> bool {
        match self.kind() {
            Kind::String | Kind::Key => self.node.end == self.node.start + 2,
            Kind::Array | Kind::Object => self.len() == 1,
            Kind::Null | Kind::Bool | Kind::Number => false,
        }
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The decoded text of a string or key; borrowed when it holds no escapes.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = self.inner()?;
        if self.node.escaped {
            return Some(escape::decode(inner));
        }
        std::str::from_utf8(inner).ok().map(Cow::Borrowed)
    }

    /// The decoded bytes of a string or key; empty for any other kind. Made for `match`.
    #[must_use]
    pub fn name(self) -> Cow<'a, [u8]> {
        let inner = self.inner().unwrap_or_default();
        if !self.node.escaped {
            return Cow::Borrowed(inner);
        }
        Cow::Owned(escape::decode(inner).into_owned().into_bytes())
    }

    /// The value of a number written as a plain non-negative integer that fits.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        let number = (self.kind() == Kind::Number).then_some(self.raw())?;
        std::str::from_utf8(number).ok()?.parse().ok()
    }

    /// The value of `true` or `false`.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then_some(self.raw() == b"true")
    }

    fn start(self) -> usize {
        self.node.start as usize
    }

    fn holds(self, offset: usize) -> bool {
        self.span().contains(&offset)
    }

    /// What stands between the quotes.
    fn inner(self) -> Option<&'a [u8]> {
        match (self.kind(), self.raw()) {
            (Kind::String | Kind::Key, [_, inner @ .., _]) => Some(inner),
            _ => None,
        }
    }
}

/// Siblings, from a tape index up to another.
struct Walk<'a> {
    document: &'a Document,
    at: usize,
    end: usize,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        if self.at >= self.end {
            return None;
        }
        let value = self.document.value(self.at);
        // A sibling always lies ahead: the iterator ends even if the tape were wrong.
        self.at = (value.node.next as usize).max(self.at + 1);
        Some(value)
    }
}
