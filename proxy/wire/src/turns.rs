//! What a caller says in a conversation that goes both ways at once, put in order: what must be looked into before it may go on, and what
//! may go on as it is. Contents are held until they end, so that a text that comes in pieces is read as one.
//!
//! INVARIANT: what [`Turns::take`] lets go on as it is holds no text, no tool and no limit; everything else is [`Turn::Judge`]d whole.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use bytes::{Bytes, BytesMut};

use crate::eventstream::{self, Decoder, Frame};
use crate::framing;
use crate::json::{self, Document, Edit, Value, splice};
use crate::text::{Dialect, RequestMap, Unscanned};

/// So many contents are open at one time at most. Nova Sonic has one recording, and a text or the result of a tool beside it.
const OPEN_MAX: usize = 16;

/// The largest event, in bytes: more than ten seconds of sound. Ours: an event is read at once, where others wait.
pub const EVENT_BYTES_MAX: usize = 1024 * 1024;

/// What one may be made of. Texts and schemas are strings, and sound is one.
const LIMITS: json::Limits = json::Limits {
    depth_max: 32,
    nodes_max: 10_000,
};

/// Why an event cannot go on. Nothing of its content is in it, but the place of a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no event in a frame.
    #[error("an event is not a `chunk` of an event stream with `bytes` in base64")]
    Frame,
    /// It is no strict JSON.
    #[error("an event is not strict JSON: {0}")]
    Json(json::Error),
    /// It has a shape that the gateway does not know.
    #[error("an event has an unexpected shape at `{0}`")]
    Shape(String),
    /// It is about a content that has not begun.
    #[error("a text belongs to no content of type TEXT or TOOL that has begun")]
    Outside,
    /// A content begins once more, or ends without a text.
    #[error("a content has begun already, or ends without a text")]
    Order,
    /// More contents than any model takes.
    #[error("more than {OPEN_MAX} contents are open")]
    Open,
    /// It is larger than [`EVENT_BYTES_MAX`].
    #[error("an event is larger than {EVENT_BYTES_MAX} bytes")]
    Large,
    /// What is held is larger than a body may be.
    #[error("the contents that have begun are larger than a body may be")]
    Size,
}

/// What becomes of an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// It may go on.
    Pass(Bytes),
    /// A list of events to look into; they go on together, see [`events`].
    Judge(Bytes),
    /// It waits for the end of its content.
    Wait,
}

/// A content that has begun.
struct Open {
    /// `promptName` and `contentName`.
    name: [Vec<u8>; 2],
    start: Bytes,
    /// The first event with a piece of the text, and the text so far.
    text: Option<(Bytes, String)>,
    /// What it holds, in bytes.
    held: usize,
}

/// The contents that have begun, in one direction of a conversation.
pub struct Turns {
    open: Vec<Open>,
    /// What they hold, in bytes, and may hold.
    held: usize,
    bytes_max: usize,
}

impl Turns {
    /// Before anything was said. All that is held together has `bytes_max` at most.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self {
            open: Vec::new(),
            held: 0,
            bytes_max,
        }
    }

    /// What is held of contents that have begun, in bytes.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held
    }

    /// Takes the caller's next event, JSON.
    ///
    /// # Errors
    /// [`Error`]: the conversation cannot go on.
    pub fn take(&mut self, event: Bytes) -> Result<Turn, Error> {
        let (list, map) = looked_into(&event)?;
        let Some((kind, told)) = list.root().items().next().and_then(named) else {
            return Err(Error::Shape("/0/event".to_owned()));
        };
        let name = ["promptName", "contentName"].map(|key| {
            let name = told.get(key).map(Value::name).unwrap_or_default();
            name.into_owned()
        });
        let place = self.open.iter().position(|open| open.name == name);
        let is_text = || {
            let kind = told.get("type").map(Value::name).unwrap_or_default();
            matches!(&*kind, b"TEXT" | b"TOOL")
        };
        match (&*kind, place) {
            (b"contentStart", Some(_)) => Err(Error::Order),
            (b"contentStart", None) if is_text() => self.begin(name, event),
            (b"textInput" | b"toolResult", place) => {
                let text = told.get("content").and_then(|content| content.as_str());
                self.go_on(place, &event, text.unwrap_or_default())
            }
            (b"contentEnd", Some(place)) => self.end(place, &event),
            _ if is_silent(&map) => Ok(Turn::Pass(event)),
            _ => Ok(Turn::Judge(list.bytes().clone())),
        }
    }

    fn hold(&mut self, bytes: usize) -> Result<usize, Error> {
        self.held = self.held.saturating_add(bytes);
        match self.held > self.bytes_max {
            true => Err(Error::Size),
            false => Ok(bytes),
        }
    }

    fn begin(&mut self, name: [Vec<u8>; 2], start: Bytes) -> Result<Turn, Error> {
        if self.open.len() == OPEN_MAX {
            return Err(Error::Open);
        }
        let held = self.hold(start.len())?;
        self.open.push(Open {
            name,
            start,
            text: None,
            held,
        });
        Ok(Turn::Wait)
    }

    fn go_on(&mut self, place: Option<usize>, event: &Bytes, piece: Cow<'_, str>) -> Result<Turn, Error> {
        let held = self.hold(event.len())?;
        let open = place.and_then(|place| self.open.get_mut(place));
        let open = open.ok_or(Error::Outside)?;
        open.held += held;
        match &mut open.text {
            Some((_, text)) => text.push_str(&piece),
            begins => *begins = Some((event.clone(), piece.into_owned())),
        }
        Ok(Turn::Wait)
    }

    fn end(&mut self, place: usize, end: &Bytes) -> Result<Turn, Error> {
        let Open {
            start, text, held, ..
        } = self.open.swap_remove(place);
        let (event, text) = text.ok_or(Error::Order)?;
        self.held = self.held.saturating_sub(held);
        let list = listed(&[&start, &joined(&event, text)?, end]);
        Ok(Turn::Judge(list))
    }
}

/// An event with the whole text of its content.
fn joined(event: &Bytes, text: String) -> Result<Bytes, Error> {
    let list = Document::parse(event.clone()).map_err(Error::Json)?;
    let told = list.root().get("event").and_then(|event| event.members().next());
    let content = told
        .and_then(|(_, told)| told.get("content"))
        .ok_or(Error::Order)?;
    let edit = Edit::literal(content.span(), text);
    splice(list.bytes(), &[edit])
        .map(Bytes::from)
        .map_err(|_| Error::Order)
}

/// An event as a list of one, and what it holds.
fn looked_into(event: &Bytes) -> Result<(Document, RequestMap), Error> {
    if event.len() > EVENT_BYTES_MAX {
        return Err(Error::Large);
    }
    let list = Document::parse_within(listed(&[event]), LIMITS).map_err(Error::Json)?;
    if list.root().items().count() != 1 {
        return Err(Error::Shape("/1".to_owned()));
    }
    let map = Dialect::Sonic
        .request(&list)
        .map_err(|error| Error::Shape(error.pointer))?;
    Ok((list, map))
}

/// The name of an event, and what it says, in either direction.
#[must_use]
pub fn named(event: Value<'_>) -> Option<(Cow<'_, [u8]>, Value<'_>)> {
    let mut members = event.get("event")?.members();
    match (members.next(), members.next()) {
        (Some((key, told)), None) => Some((key.name(), told)),
        _ => None,
    }
}

/// Whether an event holds nothing that anybody is asked about: what it sounds like was asked about before the first.
fn is_silent(map: &RequestMap) -> bool {
    let RequestMap {
        regions,
        max_tokens,
        tools,
        unscanned,
        client_guardrail,
        modalities: _,
    } = map;
    let is_heard = unscanned.iter().all(|what| *what == Unscanned::Audio);
    regions.is_empty() && max_tokens.is_none() && tools.is_empty() && is_heard && !client_guardrail
}

fn listed(events: &[&Bytes]) -> Bytes {
    let mut list = BytesMut::with_capacity(events.iter().map(|event| event.len() + 1).sum::<usize>() + 1);
    list.extend_from_slice(b"[");
    for (index, event) in events.iter().enumerate() {
        list.extend_from_slice(if index == 0 { b"" } else { b"," });
        list.extend_from_slice(event);
    }
    list.extend_from_slice(b"]");
    list.freeze()
}

/// The events of a list, as JSON each.
///
/// # Errors
/// [`Error::Json`].
pub fn events(list: &Bytes) -> Result<Vec<Bytes>, Error> {
    let document = Document::parse(list.clone()).map_err(Error::Json)?;
    let items = document.root().items();
    Ok(items.map(|event| list.slice(event.span())).collect())
}

/// The event that a caller has put into a frame inside a signed one, whose payload that is.
///
/// # Errors
/// [`Error::Frame`].
pub fn unwrapped(payload: Bytes) -> Result<Bytes, Error> {
    let inner = only_frame(payload).ok_or(Error::Frame)?;
    framing::chunk(&inner).ok_or(Error::Frame)
}

fn only_frame(payload: Bytes) -> Option<Frame> {
    let mut decoder = Decoder::new();
    decoder.push(payload);
    let frame = decoder.next_frame().ok().flatten()?;
    decoder.finish().is_ok().then_some(frame)
}

/// The frame for an event, which is what is signed.
///
/// # Errors
/// When it is larger than a frame may be.
pub fn wrapped(event: &[u8]) -> Result<BytesMut, eventstream::Error> {
    let mut out = BytesMut::new();
    let payload = format!("{{\"bytes\":\"{}\"}}", STANDARD.encode(event));
    framing::event(framing::CHUNK, payload.as_bytes(), &mut out)?;
    Ok(out)
}
