//! A stream as units to look at: bytes in, one unit after the other out, and what may leave of them back to bytes.
//!
//! | framing | a frame | a unit |
//! |---|---|---|
//! | `Events` | of Bedrock's own type, such as `contentBlockDelta` | its payload |
//! | `Chunks` | `chunk`: `{"bytes": base64}` | the JSON in it |
//! | `Parts` | `PayloadPart`: bytes of the container, cut anywhere | a JSON value, or a piece of text, of the parts joined |
//!
//! Frames that need no change leave byte for byte. Parts leave one for one that came: as much of it as may.
//!
//! INVARIANT: whatever does not follow the framing is an error. Nothing leaves that was not a unit, but the marks between
//! units, which hold no text.

mod chunks;
mod lines;

mod pieces;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};

use crate::eventstream::{self, Decoder, Frame, HeaderValue};
use crate::json::Document;
use crate::protocol::Protocol;
use crate::text::{Channel, Closes, Dialect, Form, Shape};

pub(crate) use chunks::chunk;
use chunks::{rewrapped, unwrapped};
use lines::{Line, Lines};
use pieces::Pieces;

/// The event type of InvokeModel's frames.
pub(crate) const CHUNK: &str = "chunk";
/// The event type of an endpoint's frames. Source: AWS API reference, `InvokeEndpointWithResponseStream`, `PayloadPart`.
const PAYLOAD_PART: &str = "PayloadPart";

/// How the units of a stream are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One event a frame.
    Events,
    /// One event a frame, wrapped in base64.
    Chunks,
    /// Frames that cut a body anywhere; what the body is made of.
    Parts(Form),
}

impl Framing {
    /// The framing of a protocol's streams in a dialect.
    #[must_use]
    pub fn of(protocol: Protocol, dialect: Dialect) -> Self {
        match protocol {
            Protocol::SageMakerRuntime => Self::Parts(dialect.form()),
            Protocol::BedrockRuntime
            | Protocol::BedrockAgentRuntime
            | Protocol::OpenAi
            | Protocol::AnthropicMessages => match dialect {
                Dialect::Converse | Dialect::RetrieveAndGenerate => Self::Events,
                _ => Self::Chunks,
            },
        }
    }
}

/// The longest event without its texts that is kept for a text, in bytes. Events have some hundred.
const SHAPE_BYTES_MAX: usize = 16 * 1024;

/// Why a stream cannot be read on. Nothing of the content is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A frame is broken.
    #[error(transparent)]
    Frame(#[from] eventstream::Error),
    /// A frame is whole, and not one of this framing, or what it carries is not.
    #[error("not a unit of this framing")]
    Unit,
    /// A unit is longer than any that is read.
    #[error("a unit is too long")]
    Length,
    /// The stream ends inside a unit.
    #[error("the stream ends inside a unit")]
    Truncated,
}

/// What is in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// An event: JSON.
    Event(Bytes),
    /// The end of all running texts, as a mark of its own.
    Done,
    /// A piece of a running text, which is all that the stream is made of.
    Text(Bytes),
    /// Bytes that nobody here can read.
    Opaque,
    /// An error of the provider: JSON, or nothing.
    Exception(Bytes),
}

/// One unit of a stream.
pub struct Unit {
    /// What is in it.
    pub content: Content,
    carrier: Carrier,
}

/// What a unit came in.
enum Carrier {
    /// A frame of its own.
    Frame(Frame),
    /// A frame, in base64.
    Chunk(Frame, Document),
    /// A line, or a JSON value, of joined parts.
    Line(Line),
    /// A piece of joined parts.
    Piece(Bytes),
}

impl Unit {
    /// The type of its event.
    #[must_use]
    pub fn kind(&self) -> &str {
        match &self.carrier {
            Carrier::Frame(frame) => frame.event_type().unwrap_or_default(),
            Carrier::Chunk(..) | Carrier::Line(_) | Carrier::Piece(_) => CHUNK,
        }
    }
}

/// Reads a stream unit by unit, and writes it anew.
///
/// Loop `push(bytes)`, then [`Units::next_unit`] until it gives `None`, each time [`Units::pass`] or not; at the end
/// [`Units::finish`]. [`Units::take`] gives what may leave.
pub struct Units {
    framing: Framing,
    decoder: Decoder,
    lines: Lines,
    pieces: Pieces,
    /// The events that texts were met in of which only those events tell what they look like; as many as there are channels.
    shapes: Vec<(Channel, String, Shape)>,
    /// What leaves of the part that is being read.
    part: BytesMut,
    out: BytesMut,
}

impl Units {
    /// At the start of a stream.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            decoder: Decoder::new(),
            lines: Lines::default(),
            pieces: Pieces::default(),
            shapes: Vec::new(),
            part: BytesMut::new(),
            out: BytesMut::new(),
        }
    }

    /// Hands over what has arrived.
    pub fn push(&mut self, bytes: Bytes) {
        self.out.reserve(bytes.len());
        self.decoder.push(bytes);
    }

    /// The next unit; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`Error`]; the stream cannot be read on.
    pub fn next_unit(&mut self) -> Result<Option<Unit>, Error> {
        loop {
            if let Framing::Parts(form) = self.framing {
                if let Some(unit) = self.joined(form)? {
                    return Ok(Some(unit));
                }
                self.close_part()?;
            }
            let Some(frame) = self.decoder.next_frame()? else {
                return Ok(None);
            };
            if let Some(unit) = self.unit(frame)? {
                return Ok(Some(unit));
            }
        }
    }

    /// To be called when the stream has ended: its last unit, if that was open to the end.
    ///
    /// # Errors
    /// [`Error::Truncated`], or [`Error::Unit`].
    pub fn finish(&mut self) -> Result<Option<Unit>, Error> {
        self.decoder.finish()?;
        match self.framing {
            Framing::Parts(Form::Json) => Ok(self.lines.finish(&mut self.part)?.map(line)),
            Framing::Parts(Form::Text) => self.pieces.finish().map(|()| None),
            Framing::Parts(Form::Opaque) | Framing::Events | Framing::Chunks => Ok(None),
        }
    }

    /// Lets a unit leave: as it came, or with other content.
    ///
    /// # Errors
    /// [`Error::Frame`] when what leaves is longer than a frame may be.
    pub fn pass(&mut self, unit: &Unit, changed: Option<&[u8]>) -> Result<(), Error> {
        match (&unit.carrier, changed) {
            (Carrier::Frame(frame), changed) => pass(frame, changed, &mut self.out),
            (Carrier::Chunk(frame, _), None) => pass(frame, None, &mut self.out),
            (Carrier::Chunk(frame, outer), Some(event)) => {
                pass(frame, Some(&rewrapped(outer, event)?), &mut self.out)
            }
            (Carrier::Line(line), changed) => {
                line.write(changed, &mut self.part);
                Ok(())
            }
            (Carrier::Piece(piece), changed) => {
                self.part.extend_from_slice(changed.unwrap_or(piece));
                Ok(())
            }
        }
    }

    /// Notes what the event of type `kind` looks like that carried the last piece of a text which is [`Channel::is_unheard`].
    ///
    /// # Errors
    /// [`Error::Length`] when it is longer than is kept for each text.
    pub fn met(&mut self, channel: Channel, kind: &str, shape: Shape) -> Result<(), Error> {
        if shape.bytes() > SHAPE_BYTES_MAX {
            return Err(Error::Length);
        }
        self.shapes.retain(|(known, ..)| *known != channel);
        self.shapes.push((channel, kind.to_owned(), shape));
        Ok(())
    }

    /// Forgets what events of texts looked like that have ended, and of which nothing is held.
    pub fn forget(&mut self, closes: Closes) {
        self.shapes.retain(|(channel, ..)| !closes.covers(*channel));
    }

    /// Lets a piece of a running text leave that is in no unit.
    ///
    /// # Errors
    /// As [`Units::pass`].
    pub fn add(&mut self, channel: Channel, text: &str) -> Result<(), Error> {
        let met = self.shapes.iter().find(|(known, ..)| *known == channel);
        let (kind, delta) = match met {
            Some((_, kind, shape)) => (kind.as_str(), shape.with(text)),
            None => (channel.event_type(), channel.delta(text)),
        };
        match self.framing {
            Framing::Events => Ok(event(kind, &delta, &mut self.out)?),
            Framing::Chunks => {
                let payload = format!("{{\"bytes\":\"{}\"}}", STANDARD.encode(delta));
                Ok(event(CHUNK, payload.as_bytes(), &mut self.out)?)
            }
            Framing::Parts(Form::Json) => {
                self.lines.add(&delta, &mut self.part);
                Ok(())
            }
            Framing::Parts(Form::Text | Form::Opaque) => {
                self.part.extend_from_slice(&delta);
                Ok(())
            }
        }
    }

    /// What may leave now.
    ///
    /// # Errors
    /// As [`Units::pass`].
    pub fn take(&mut self) -> Result<BytesMut, Error> {
        self.close_part()?;
        Ok(std::mem::take(&mut self.out))
    }

    /// The unit that a frame is. A part is none: it is joined to those before.
    fn unit(&mut self, frame: Frame) -> Result<Option<Unit>, Error> {
        let of = |content, carrier| Ok(Some(Unit { content, carrier }));
        match (frame.message_type(), frame.event_type(), self.framing) {
            (Some("event"), Some(PAYLOAD_PART), Framing::Parts(form)) => {
                self.join(form, frame.payload_bytes());
                Ok(None)
            }
            (Some("event"), Some(CHUNK), Framing::Chunks) => {
                let (outer, event) = unwrapped(&frame)?;
                of(Content::Event(event), Carrier::Chunk(frame, outer))
            }
            (Some("event"), Some(_), Framing::Events | Framing::Chunks) => {
                of(Content::Event(frame.payload()), Carrier::Frame(frame))
            }
            // The provider's own error. (Frames of type `error` carry theirs in a header; none of AWS's are of that type, and
            // not every SDK reads it, so they are no units.) What was open in the parts before is lost with the stream.
            (Some("exception"), _, _) => {
                self.lines = Lines::default();
                self.pieces = Pieces::default();
                of(Content::Exception(frame.payload()), Carrier::Frame(frame))
            }
            _ => Err(Error::Unit),
        }
    }

    fn join(&mut self, form: Form, bytes: &[u8]) {
        match form {
            Form::Json => self.lines.push(bytes),
            Form::Text | Form::Opaque => self.pieces.push(bytes),
        }
    }

    /// The next unit of the parts so far.
    fn joined(&mut self, form: Form) -> Result<Option<Unit>, Error> {
        let piece = |content: fn(Bytes) -> Content| {
            move |bytes: Bytes| Unit {
                content: content(bytes.clone()),
                carrier: Carrier::Piece(bytes),
            }
        };
        Ok(match form {
            Form::Json => self.lines.next_line(&mut self.part)?.map(line),
            Form::Text => self.pieces.text()?.map(piece(Content::Text)),
            Form::Opaque => self.pieces.bytes().map(piece(|_| Content::Opaque)),
        })
    }

    fn close_part(&mut self) -> Result<(), Error> {
        if self.part.is_empty() {
            return Ok(());
        }
        let headers = [
            (":event-type", PAYLOAD_PART),
            (":content-type", "application/octet-stream"),
            (":message-type", "event"),
        ];
        eventstream::encode(&headers, &self.part, &mut self.out)?;
        self.part.clear();
        Ok(())
    }
}

fn line(line: Line) -> Unit {
    let content = match line.json() {
        Some(json) => Content::Event(json),
        None => Content::Done,
    };
    Unit {
        content,
        carrier: Carrier::Line(line),
    }
}

pub(crate) fn event(kind: &str, payload: &[u8], out: &mut BytesMut) -> Result<(), eventstream::Error> {
    let headers = [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    eventstream::encode(&headers, payload, out)
}

/// Headers of the frames that AWS sends. Others could carry text that nobody has looked at.
const FRAME_HEADERS: [&str; 4] = [":event-type", ":exception-type", ":content-type", ":message-type"];

/// Passes a frame on: as it came, or with a new payload, or without headers that are not known.
fn pass(frame: &Frame, payload: Option<&[u8]>, out: &mut BytesMut) -> Result<(), Error> {
    let known = frame.headers().all(|(name, _)| FRAME_HEADERS.contains(&name));
    match payload {
        None if known => out.extend_from_slice(frame.raw()),
        Some(payload) if known => frame.with_payload(payload, out)?,
        _ => {
            let text = |name| match frame.header(name) {
                Some(HeaderValue::String(value)) => Some((name, value)),
                _ => None,
            };
            let headers: Vec<_> = FRAME_HEADERS.into_iter().filter_map(text).collect();
            eventstream::encode(&headers, payload.unwrap_or(frame.payload_bytes()), out)?;
        }
    }
    Ok(())
}
