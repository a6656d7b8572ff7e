//! Guards a stream: pure `push(bytes) -> bytes`.
//!
//! What the stream is framed in is [`palisade_wire::framing`]'s to know: here it is one unit after the other, an event or a
//! piece of text. A unit that needs no change leaves byte for byte; what a [lane](lane) still holds when its text ends leaves
//! in a unit of its own before the end.
//!
//! INVARIANT: no byte of a match that policy withholds leaves, wherever units, frames, chunks or the connection break.

mod lane;

use super::{Cut, Met, whole};
use crate::screen::find_at_once;
use crate::treat::Withheld;
use bytes::{Bytes, BytesMut};
use lane::{Lanes, Unfit};
use palisade_audit::End;
use palisade_guardrails::Engine;
use palisade_wire::framing::{self, Content, Framing, Unit, Units};
use palisade_wire::json::{Document, Edit, Extent, splice};
use palisade_wire::protocol::Protocol;
use palisade_wire::text::{Channel, Closes, Delta, Dialect, Event, Unscanned};
use std::borrow::Cow;

pub(super) struct Guard<'a> {
    engine: &'a Engine,
    dialect: Dialect,
    units: Units,
    lanes: Lanes<'a>,
    end: End,
}

/// Why a unit cannot be passed on.
enum Fault {
    Withheld,
    Malformed,
}

impl From<Withheld> for Fault {
    fn from(_: Withheld) -> Self {
        Self::Withheld
    }
}

impl From<Unfit> for Fault {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Withheld => Self::Withheld,
            Unfit::TooMany => Self::Malformed,
        }
    }
}

impl From<framing::Error> for Fault {
    fn from(_: framing::Error) -> Self {
        Self::Malformed
    }
}

impl<'a> Guard<'a> {
    pub(super) fn new(engine: &'a Engine, protocol: Protocol, dialect: Dialect) -> Self {
        Self {
            engine,
            dialect,
            units: Units::new(Framing::of(protocol, dialect)),
            lanes: Lanes::new(engine),
            end: End::Completed,
        }
    }

    /// How the stream ended, as far as its units tell.
    pub(super) fn end(&self) -> End {
        self.end
    }

    /// Takes what has arrived and gives what may leave.
    pub(super) fn push(&mut self, piece: Bytes, met: &mut Met<'_>) -> Result<Bytes, Cut> {
        self.units.push(piece);
        let passed = self.pass_units(met);
        self.released(passed)
    }

    /// Takes the end of the stream and gives what was still held.
    pub(super) fn finish(&mut self, met: &mut Met<'_>) -> Result<Bytes, Cut> {
        let passed = self.pass_end(met);
        self.released(passed)
    }

    fn released(&mut self, passed: Result<(), Fault>) -> Result<Bytes, Cut> {
        let released = self.units.take();
        let cut = |end, before| Cut { end, before };
        match (passed, released) {
            (Ok(()), Ok(out)) => Ok(out.freeze()),
            (Err(Fault::Withheld), out) => Err(cut(End::PolicyCut, out.unwrap_or_default())),
            (Err(Fault::Malformed), out) => Err(cut(End::UpstreamError, out.unwrap_or_default())),
            (Ok(()), Err(_)) => Err(cut(End::UpstreamError, BytesMut::new())),
        }
    }

    fn pass_units(&mut self, met: &mut Met<'_>) -> Result<(), Fault> {
        while let Some(unit) = self.units.next_unit()? {
            self.pass(&unit, met)?;
        }
        Ok(())
    }

    fn pass_end(&mut self, met: &mut Met<'_>) -> Result<(), Fault> {
        if let Some(unit) = self.units.finish()? {
            self.pass(&unit, met)?;
        }
        self.close(Closes::All, met)
    }

    fn pass(&mut self, unit: &Unit, met: &mut Met<'_>) -> Result<(), Fault> {
        let changed = match &unit.content {
            Content::Event(json) => self.event(unit.kind(), json.clone(), met)?,
            Content::Text(text) => self.text(text, met)?,
            Content::Done => {
                self.close(Closes::All, met)?;
                None
            }
            Content::Opaque => {
                met.unscanned.insert(Unscanned::EncodedPayload);
                None
            }
            // The provider's own error; its text can quote the prompt.
            Content::Exception(json) => {
                self.end = End::UpstreamError;
                self.whole_texts(json.clone(), met)?
            }
        };
        Ok(self.units.pass(unit, changed.as_deref())?)
    }

    /// Ends running texts; what was still held leaves in units of its own.
    fn close(&mut self, closes: Closes, met: &mut Met<'_>) -> Result<(), Fault> {
        let units = &mut self.units;
        self.lanes
            .close_all(closes, met, |channel, rest| Ok(units.add(channel, rest)?))
    }

    /// Guards a piece of a stream that is one text.
    fn text(&mut self, piece: &[u8], met: &mut Met<'_>) -> Result<Option<Vec<u8>>, Fault> {
        let text = std::str::from_utf8(piece).map_err(|_| Fault::Malformed)?;
        let released = self.lanes.advance(Channel::PLAIN, text, met)?;
        Ok((released != text).then(|| released.into_bytes()))
    }

    /// Guards one event. What must leave before it leaves; returns the new payload if it changes.
    fn event(&mut self, kind: &str, payload: Bytes, met: &mut Met<'_>) -> Result<Option<Vec<u8>>, Fault> {
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
        for delta in &event.deltas {
            edits.extend(self.delta(&document, &event, delta, met)?);
        }
        self.close(event.closes, met)?;
        rewritten(&document, edits)
    }

    /// Guards a piece of a running text, and what is still held of it if it ends here.
    fn delta(
        &mut self,
        document: &Document,
        event: &Event,
        delta: &Delta,
        met: &mut Met<'_>,
    ) -> Result<Option<Edit<'static>>, Fault> {
        let text = document.literal(&delta.span);
        let mut released = self.lanes.advance(delta.channel, &text, met)?;
        if event.closes.covers(delta.channel) {
            released.push_str(&self.lanes.close(delta.channel, met)?);
        }
        Ok((released != text).then(|| Edit {
            span: delta.span.clone(),
            extent: Extent::Literal,
            text: Cow::Owned(released),
        }))
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

#[cfg(test)]
mod tests;
