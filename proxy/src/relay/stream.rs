//! Guards an event stream: pure `push(bytes) -> bytes`.
//!
//! Each running text of the stream (a content block's text, its reasoning, a tool's arguments) has a lane with its own
//! scanner, which holds back only what may still become part of a match. A frame that needs no change leaves byte for
//! byte; what a lane still holds when its text ends leaves in a frame of its own before the end.
//!
//! INVARIANT: no byte of a match that policy withholds leaves, wherever frames, chunks or the connection break.

use super::{Cut, Met, whole};
use crate::screen::{Spelt, find_at_once};
use crate::treat::Withheld;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use palisade_audit::End;
use palisade_guardrails::{self as guardrails, Engine, Piece, Restorer};
use palisade_policies::Treatment;
use palisade_wire::eventstream::{self, Decoder, Frame, HeaderValue};
use palisade_wire::json::{Document, Edit, Extent, Fragments, splice};
use palisade_wire::text::{Channel, ChannelKind, Dialect, Unscanned};
use std::borrow::Cow;

/// Running texts at one time; models open a handful.
const LANES_MAX: usize = 256;
/// Frames of InvokeModel, whose payload wraps the model's own event in base64.
const CHUNK: &str = "chunk";

pub(super) struct Guard<'a> {
    engine: &'a Engine,
    dialect: Dialect,
    decoder: Decoder,
    lanes: Vec<Lane>,
    end: End,
}

/// One running text.
struct Lane {
    channel: Channel,
    scanner: guardrails::Channel,
    /// Tool arguments are JSON text: scanned as what it stands for, passed on as it was spelt.
    json: Option<Fragments>,
    /// How the match that is being passed on is treated; a long match comes in several pieces.
    open: Treatment,
    /// Puts values back in the place of their tokens, if they may be put back here.
    restorer: Option<Restorer>,
}

/// Why a frame cannot be passed on.
enum Fault {
    Withheld,
    Malformed,
}

impl From<Withheld> for Fault {
    fn from(_: Withheld) -> Self {
        Self::Withheld
    }
}

impl From<eventstream::Error> for Fault {
    fn from(_: eventstream::Error) -> Self {
        Self::Malformed
    }
}

impl<'a> Guard<'a> {
    pub(super) fn new(engine: &'a Engine, dialect: Dialect) -> Self {
        Self {
            engine,
            dialect,
            decoder: Decoder::new(),
            lanes: Vec::new(),
            end: End::Completed,
        }
    }

    /// How the stream ended, as far as its frames tell.
    pub(super) fn end(&self) -> End {
        self.end
    }

    /// Takes what has arrived and gives what may leave.
    pub(super) fn push(&mut self, piece: Bytes, met: &mut Met<'_>) -> Result<Bytes, Cut> {
        let mut out = BytesMut::with_capacity(piece.len());
        self.decoder.push(piece);
        self.frames(&mut out, met)
            .map_err(|fault| cut(&fault, &mut out))?;
        Ok(out.freeze())
    }

    fn frames(&mut self, out: &mut BytesMut, met: &mut Met<'_>) -> Result<(), Fault> {
        while let Some(frame) = self.decoder.next_frame()? {
            self.frame(&frame, out, met)?;
        }
        Ok(())
    }

    /// Takes the end of the stream and gives what was still held.
    pub(super) fn finish(&mut self, met: &mut Met<'_>) -> Result<Bytes, Cut> {
        let mut out = BytesMut::new();
        let flushed = self.decoder.finish().map_err(Fault::from).and_then(|()| {
            let lanes = std::mem::take(&mut self.lanes);
            lanes
                .into_iter()
                .try_for_each(|lane| self.flush(lane, &mut out, met))
        });
        flushed.map_err(|fault| cut(&fault, &mut out))?;
        Ok(out.freeze())
    }

    fn frame(&mut self, frame: &Frame, out: &mut BytesMut, met: &mut Met<'_>) -> Result<(), Fault> {
        match (frame.message_type(), frame.event_type()) {
            (Some("event"), Some(CHUNK)) if self.dialect != Dialect::Converse => self.chunk(frame, out, met),
            (Some("event"), Some(kind)) => {
                let payload = self.event(kind, frame.payload(), out, met)?;
                pass(frame, payload.as_deref(), out)
            }
            // The provider's own error; its text can quote the prompt. (Frames of type `error` carry theirs in a header; none
            // of Bedrock's are of that type, and not every SDK reads it, so they are malformed.)
            (Some("exception"), _) => {
                self.end = End::UpstreamError;
                let payload = self.whole_texts(frame.payload(), met)?;
                pass(frame, payload.as_deref(), out)
            }
            _ => Err(Fault::Malformed),
        }
    }

    /// A frame of InvokeModel: `{"bytes": base64 of the model's event, …}`.
    fn chunk(&mut self, frame: &Frame, out: &mut BytesMut, met: &mut Met<'_>) -> Result<(), Fault> {
        let outer = Document::parse(frame.payload()).map_err(|_| Fault::Malformed)?;
        let wrapped = outer.root().get("bytes").ok_or(Fault::Malformed)?;
        let encoded = wrapped.as_str().ok_or(Fault::Malformed)?;
        let inner = STANDARD
            .decode(encoded.as_bytes())
            .map_err(|_| Fault::Malformed)?;
        let Some(changed) = self.event(CHUNK, Bytes::from(inner), out, met)? else {
            return pass(frame, None, out);
        };
        let edit = Edit {
            span: wrapped.span(),
            extent: Extent::Literal,
            text: Cow::Owned(STANDARD.encode(changed)),
        };
        let payload = splice(outer.bytes(), &[edit]).map_err(|_| Fault::Malformed)?;
        pass(frame, Some(&payload), out)
    }

    /// Guards one event. Writes to `out` what must leave before it; returns the new payload if it changes.
    fn event(
        &mut self,
        kind: &str,
        payload: Bytes,
        out: &mut BytesMut,
        met: &mut Met<'_>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let document = Document::parse(payload).map_err(|_| Fault::Malformed)?;
        let event = self.dialect.event(kind, &document);
        met.usage.merge(event.usage);
        met.finished(event.stop_reason);
        met.unscanned.extend(event.unscanned.iter().copied());
        // Text in an unknown place may go on in the next event, where nobody would know that it does.
        if event.unscanned.contains(&Unscanned::UnknownBlock) {
            return Err(Fault::Withheld);
        }
        let found = find_at_once(self.engine, &document, &event.regions);
        let mut edits = whole::edits(&document, &event.regions, &found, met)?;
        // In the bodies of OpenAI's shape nothing is signed; in others a signature may come after the reasoning.
        let signed = document.root().get("choices").is_none();
        for delta in &event.deltas {
            let text = document.literal(&delta.span);
            let mut released = self.advance(delta.channel, signed, &text, met)?;
            if event.closes.covers(delta.channel) {
                released.push_str(&self.close(delta.channel, met)?);
            }
            if released != text {
                edits.push(Edit {
                    span: delta.span.clone(),
                    extent: Extent::Literal,
                    text: Cow::Owned(released),
                });
            }
        }
        let ended = self
            .lanes
            .extract_if(.., |lane| event.closes.covers(lane.channel))
            .collect::<Vec<_>>();
        ended
            .into_iter()
            .try_for_each(|lane| self.flush(lane, out, met))?;
        rewritten(&document, edits)
    }

    fn whole_texts(&self, payload: Bytes, met: &mut Met<'_>) -> Result<Option<Vec<u8>>, Fault> {
        if payload.is_empty() {
            return Ok(None);
        }
        let document = Document::parse(payload).map_err(|_| Fault::Malformed)?;
        let map = Dialect::Generic.response(&document);
        let found = find_at_once(self.engine, &document, &map.regions);
        let edits = whole::edits(&document, &map.regions, &found, met)?;
        rewritten(&document, edits)
    }

    /// Pushes a piece of a running text; returns what may leave.
    fn advance(
        &mut self,
        channel: Channel,
        signed: bool,
        text: &str,
        met: &mut Met<'_>,
    ) -> Result<String, Fault> {
        let index = match self.lanes.iter().position(|lane| lane.channel == channel) {
            Some(index) => index,
            None if self.lanes.len() < LANES_MAX => {
                let restorer = met.treatments.restorer(channel.kind, signed);
                self.lanes.push(Lane::new(channel, restorer));
                self.lanes.len() - 1
            }
            None => return Err(Fault::Malformed),
        };
        let lane = self.lanes.get_mut(index).ok_or(Fault::Malformed)?;
        Ok(lane.scan(self.engine, met, Some(text))?)
    }

    /// Ends a running text; returns what was still held.
    fn close(&mut self, channel: Channel, met: &mut Met<'_>) -> Result<String, Fault> {
        match self.lanes.iter().position(|lane| lane.channel == channel) {
            Some(index) => Ok(self.lanes.swap_remove(index).scan(self.engine, met, None)?),
            None => Ok(String::new()),
        }
    }

    /// Ends a running text; what was still held leaves in a frame of its own.
    fn flush(&self, mut lane: Lane, out: &mut BytesMut, met: &mut Met<'_>) -> Result<(), Fault> {
        let rest = lane.scan(self.engine, met, None)?;
        if rest.is_empty() {
            return Ok(());
        }
        let delta = lane.channel.delta(&rest);
        let (kind, payload) = if self.dialect == Dialect::Converse {
            ("contentBlockDelta", delta)
        } else {
            (
                CHUNK,
                format!("{{\"bytes\":\"{}\"}}", STANDARD.encode(delta)).into_bytes(),
            )
        };
        let headers = [
            (":event-type", kind),
            (":content-type", "application/json"),
            (":message-type", "event"),
        ];
        Ok(eventstream::encode(&headers, &payload, out)?)
    }
}

impl Lane {
    fn new(channel: Channel, restorer: Option<Restorer>) -> Self {
        Self {
            channel,
            scanner: guardrails::Channel::default(),
            json: (channel.kind == ChannelKind::ToolInput).then(Fragments::default),
            open: Treatment::Block,
            restorer,
        }
    }

    /// Scans a piece, or the end (`None`), and returns the text that may leave.
    fn scan(&mut self, engine: &Engine, met: &mut Met<'_>, text: Option<&str>) -> Result<String, Withheld> {
        let read = match (&mut self.json, text) {
            (None, text) => Cow::Borrowed(text.unwrap_or_default()),
            (Some(json), Some(text)) => Cow::Owned(json.push(text)),
            (Some(json), None) => Cow::Owned(json.finish()),
        };
        let mut passage = Passage {
            out: String::with_capacity(text.map_or(0, str::len)),
            outcome: Ok(()),
            channel: self.channel,
            open: &mut self.open,
            json: self.json.as_mut(),
            restorer: self.restorer.as_mut(),
        };
        let mut sink = |piece: Piece<'_>| passage.pass(&piece, met);
        self.scanner.push(engine, &read, &mut sink);
        if text.is_none() {
            self.scanner.finish(engine, &mut sink);
            passage.emit(None, met);
        }
        passage.outcome.map(|()| passage.out)
    }
}

/// What leaves a lane in one go.
struct Passage<'l> {
    out: String,
    outcome: Result<(), Withheld>,
    channel: Channel,
    open: &'l mut Treatment,
    json: Option<&'l mut Fragments>,
    restorer: Option<&'l mut Restorer>,
}

impl Passage<'_> {
    fn pass(&mut self, piece: &Piece<'_>, met: &mut Met<'_>) {
        let spelling = self.json.as_mut().map(|json| json.spelling(piece.text().len()));
        let raw = spelling
            .as_ref()
            .map_or(piece.text(), |spelling| spelling.raw.as_str());
        let Piece::Match(found) = piece else {
            return self.emit(Some(raw), met);
        };
        if !found.continues {
            let percent = found.confidence.percent();
            let place = || place(self.channel);
            *self.open = match met.treatments.is_token(found.text) {
                true => Treatment::Raw,
                false => met.treatments.one_more(found.category, percent, place),
            };
        }
        match *self.open {
            Treatment::Raw => self.emit(Some(raw), met),
            Treatment::Tokenized | Treatment::Redacted if !found.continues => {
                let spelt = spelling.map_or(Spelt::Plain, |spelling| Spelt::in_json(spelling.in_string));
                let text = met.treatments.redacted(found.category, found.text, spelt);
                self.emit(Some(&text), met);
            }
            Treatment::Tokenized | Treatment::Redacted => {}
            Treatment::Block => self.outcome = Err(Withheld),
        }
    }

    /// Lets text go, or what is still held of it (`None`). Whatever leaves takes this way, so that nothing overtakes what
    /// may still become a token.
    fn emit(&mut self, text: Option<&str>, met: &mut Met<'_>) {
        match &mut self.restorer {
            Some(restorer) => met
                .treatments
                .restore(restorer, text, self.json.is_some(), &mut self.out),
            None => self.out.push_str(text.unwrap_or_default()),
        }
    }
}

/// Where a finding stands, for the record.
fn place(channel: Channel) -> String {
    let kind = match channel.kind {
        ChannelKind::Text => "text",
        ChannelKind::Reasoning => "reasoning",
        ChannelKind::ToolInput => "tool_input",
        ChannelKind::ToolResult => "tool_result",
    };
    format!("stream/{}/{kind}", channel.block)
}

fn rewritten(document: &Document, mut edits: Vec<Edit<'static>>) -> Result<Option<Vec<u8>>, Fault> {
    if edits.is_empty() {
        return Ok(None);
    }
    edits.sort_by_key(|edit| edit.span.start);
    splice(document.bytes(), &edits)
        .map(Some)
        .map_err(|_| Fault::Malformed)
}

/// Headers of the frames that AWS sends. Others could carry text that nobody has looked at.
const FRAME_HEADERS: [&str; 4] = [":event-type", ":exception-type", ":content-type", ":message-type"];

/// Passes a frame on: as it came, or with a new payload, or without headers that are not known.
fn pass(frame: &Frame, payload: Option<&[u8]>, out: &mut BytesMut) -> Result<(), Fault> {
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

fn cut(fault: &Fault, out: &mut BytesMut) -> Cut {
    let end = match fault {
        Fault::Withheld => End::PolicyCut,
        Fault::Malformed => End::UpstreamError,
    };
    Cut {
        end,
        before: std::mem::take(out),
    }
}

#[cfg(test)]
mod tests;
