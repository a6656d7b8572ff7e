//! Where natural language sits in model bodies: the text map of each dialect.
//!
//! A map names spans of literals, never copies text. Known places get a precise kind; whatever a
//! dialect does not know is walked string by string, so a new field is scanned before anyone has
//! heard of it. What cannot be read as text (images, encrypted reasoning) is a fact in `unscanned`.
//!
//! INVARIANT: regions and deltas ascend and never overlap, so they can become [`Edit`]s as they are.
//! INVARIANT: every string of a body is a region, a delta, a payload named in `unscanned`, a long signature or encrypted text in
//! base64, or an identifier in a place made for one and too short for a credential.

use std::{borrow::Cow, num::NonZeroU32, ops::Range};

use crate::json::{Document, Edit, Extent, Kind, Value};

mod usage;

mod stop_reason;

mod channel;

mod payload;

mod literal;

mod facts;

mod order;

mod gather;

mod carried;

mod unheard;

mod asked;

mod converse;
mod count;

mod nova;
mod sonic;

mod anthropic;

mod generic;

mod guardrail;

mod retrieval;
mod generation;
mod started;

mod endpoint;

mod dialect;

#[cfg(test)]
mod tests;

pub use asked::OUTPUT_LIMITS;
pub use channel::{Channel, ChannelKind, Closes, Delta};
pub use dialect::{Dialect, Form};
pub use facts::Place;
pub use literal::is_word;
pub use order::numbering;
pub use payload::in_base64;
pub use stop_reason::stop_reason;
pub use unheard::Shape;
pub use usage::Usage;

/// What a region is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegionKind {
    /// A prompt or a completion.
    Text,
    /// A system prompt.
    System,
    /// A model's reasoning. A signature covers it: rewriting it breaks the next turn.
    Reasoning,
    /// A string inside the arguments of a tool call, or such arguments as JSON in a string.
    ToolInput,
    /// What a tool answered.
    ToolResult,
    /// The text of a document.
    Document,
    /// A citation or its source.
    Citation,
    /// Descriptions, schemas, names of documents, stop sequences, tags, traces.
    Metadata,
    /// What has the form of an identifier, and is long enough for a credential: only such are looked for in it.
    Identifier,
    /// A key of an object. What is found in it renames it.
    Key,
    /// A number of six digits or more in free JSON. Rewriting it puts a string there.
    Number,
}

/// One literal to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The literal in the document, quotes included.
    pub span: Range<usize>,
    /// What it is made of.
    pub kind: RegionKind,
    /// Whose words it holds.
    pub place: Place,
    /// Prose of an answer, for somebody to read: no argument of a tool, no setting, no free JSON.
    pub prose: bool,
    /// Where the literal of the signature begins that stands beside it: rewriting the text alone breaks the next turn.
    pub signature: Option<NonZeroU32>,
    /// Where the literal of the key begins under which it stands in free JSON: `{"ssn": "536904399"}` is told by it. The
    /// items of an array stand under the array's key.
    pub key: Option<NonZeroU32>,
    /// The literal is the text in base64, as documents travel.
    pub encoded: bool,
}

/// What a body holds that cannot be read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unscanned {
    /// An image, inline or by reference.
    Image,
    /// A recording, inline or by reference.
    Audio,
    /// A video, inline or by reference.
    Video,
    /// A document such as a PDF, inline or by reference.
    Document,
    /// A reference to an object in S3 that the model will read.
    S3Location,
    /// Reasoning that the model's provider has encrypted.
    RedactedReasoning,
    /// An unknown member with an unreadable payload, or one of a stream event that could go on in the
    /// next one and cannot be read as a text that does.
    UnknownBlock,
    /// A long base64 string in free JSON. It is a region too, but its content cannot be seen.
    EncodedPayload,
}

/// A set of input or output modalities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modalities(u8);

impl Modalities {
    /// Text.
    pub const TEXT: Self = Self(1);
    /// Images.
    pub const IMAGE: Self = Self(2);
    /// Recordings.
    pub const AUDIO: Self = Self(4);
    /// Videos.
    pub const VIDEO: Self = Self(8);
    /// Documents.
    pub const DOCUMENT: Self = Self(16);

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in this set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Lower-case names of what the set holds, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (Self::TEXT, "text"),
            (Self::IMAGE, "image"),
            (Self::AUDIO, "audio"),
            (Self::VIDEO, "video"),
            (Self::DOCUMENT, "document"),
        ];
        all.into_iter()
            .filter(move |(one, _)| self.has(*one))
            .map(|(_, name)| name)
    }
}

/// The text map of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMap {
    /// What to scan, ascending.
    pub regions: Vec<Region>,
    /// The largest output limit that the body names, in tokens; `None` leaves the model's own.
    pub max_tokens: Option<u64>,
    /// Names of the tools offered to the model, in order.
    pub tools: Vec<String>,
    /// What the prompt is made of.
    pub modalities: Modalities,
    /// What could not be scanned; each kind once.
    pub unscanned: Vec<Unscanned>,
    /// Whether the body names a Bedrock guardrail of the client's choice.
    pub client_guardrail: bool,
}

/// The text map of a whole response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseMap {
    /// What to scan, ascending.
    pub regions: Vec<Region>,
    /// Tokens that are listed beside a text, ascending: each list has a block of its own, and in it a channel for the tokens
    /// themselves and one for the alternatives of each rank.
    pub deltas: Vec<Delta>,
    /// What could not be scanned; each kind once.
    pub unscanned: Vec<Unscanned>,
    /// Tokens counted by the model.
    pub usage: Usage,
    /// Why the model stopped: a word of [`stop_reason`], safe to record.
    pub stop_reason: Option<&'static str>,
}

/// The text map of one stream event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Pieces of running texts, ascending. They come before what `closes` says.
    pub deltas: Vec<Delta>,
    /// Whole texts, ascending.
    pub regions: Vec<Region>,
    /// Which channels end with this event: what is held back on them must leave before it.
    pub closes: Closes,
    /// The running text that the event annotates at the place where it stands: a citation.
    pub annotates: Option<Channel>,
    /// The literal of a signature over the text of the block that it closes.
    pub signature: Option<Range<usize>>,
    /// Tokens counted so far; see [`Usage::merge`].
    pub usage: Usage,
    /// Why the model stopped, if this event says so: a word of [`stop_reason`], safe to record.
    pub stop_reason: Option<&'static str>,
    /// What could not be scanned; each kind once.
    pub unscanned: Vec<Unscanned>,
    /// The name of the member that is an [`Unscanned::UnknownBlock`], where it is a plain name.
    pub unknown: Option<String>,
}

/// A body that is JSON but not of its dialect's shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unexpected shape at `{pointer}`")]
pub struct ShapeError {
    /// Where, as a JSON pointer that is safe to log (see [`Document::pointer`]).
    pub pointer: String,
}

impl Document {
    /// The decoded text of a region.
    #[must_use]
    pub fn text(&self, region: &Region) -> Cow<'_, str> {
        let literal = self.literal(&region.span);
        match region.encoded {
            true => Cow::Owned(payload::text_of(&literal).unwrap_or_default()),
            false => literal,
        }
    }

    /// The edits for a piece of a running text to say `said`: none if it does. What says the same in numbers says nothing then.
    pub fn piece(&self, piece: &Delta, said: String) -> impl Iterator<Item = Edit<'static>> + use<> {
        let changed = self.literal(&piece.span) != said;
        let echo = piece
            .echo
            .filter(|_| changed)
            .and_then(|echo| self.value_at(echo));
        let echo = echo.map(|echo| Edit {
            span: echo.span(),
            extent: Extent::Json,
            text: Cow::Borrowed(if echo.kind() == Kind::Number { "0" } else { "null" }),
        });
        let piece = changed.then(|| Edit::literal(piece.span.clone(), said));
        piece.into_iter().chain(echo)
    }

    /// The decoded key under which a region stands in free JSON.
    #[must_use]
    pub fn key(&self, region: &Region) -> Option<Cow<'_, str>> {
        self.string_at(region.key?.get())?.as_str()
    }

    /// The literal of the signature over a region.
    #[must_use]
    pub fn signature(&self, region: &Region) -> Option<Range<usize>> {
        self.string_at(region.signature?.get()).map(Value::span)
    }
}
