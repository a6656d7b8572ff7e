//! Guards a stream: pure `push(bytes) -> bytes`.
//!
//! What the stream is framed in is [`palisade_wire::framing`]'s to know: here it is one unit after the other, an event or a
//! piece of text. A unit that needs no change leaves byte for byte; what a [lane](lane) still holds when its text ends leaves
//! in a unit of its own before the end.
//!
//! INVARIANT: no byte of a match that policy withholds leaves, wherever units, frames, chunks or the connection break.

mod mute;
mod waiting;

use super::lane::{Lanes, MARK, Unfit};
use super::{Cut, Observed, whole};
use crate::screen::find_at_once;
use crate::treat::Withheld;
use bytes::{Bytes, BytesMut};
use mute::Mute;
use palisade_audit::End;
use palisade_guardrails::Engine;
use palisade_wire::framing::{self, Content, Framing, Unit, Units};
use palisade_wire::json::{Document, Edit, splice};
use palisade_wire::protocol::Protocol;
use palisade_wire::text::{Channel, Closes, Delta, Dialect, Event, Shape, Unscanned};
use waiting::Waiting;

pub(super) struct Guard<'a> {
    engine: &'a Engine,
    dialect: Dialect,
    units: Units,
    lanes: Lanes<'a>,
    waiting: Waiting,
    /// The text that the unit at hand annotates.
    annotated: Option<Channel>,
    /// Of models that speak.
    mute: Option<Mute>,
    end: End,
}

/// Why a unit cannot be passed on.
enum Interruption {
    Withheld,
    /// It has a member with text that nobody knows; its name, where that may be told.
    Unknown(Option<String>),
    Malformed,
}

impl From<Withheld> for Interruption {
    fn from(_: Withheld) -> Self {
        Self::Withheld
    }
}

impl From<Unfit> for Interruption {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Withheld => Self::Withheld,
            Unfit::TooMany => Self::Malformed,
        }
    }
}

impl From<framing::Error> for Interruption {
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
            waiting: Waiting::default(),
            annotated: None,
            mute: (dialect == Dialect::Sonic).then(Mute::default),
            end: End::Completed,
        }
    }

    /// How the stream ended, as far as its units tell.
    pub(super) fn end(&self) -> End {
        self.end
    }

    /// Takes what has arrived and gives what may leave.
    pub(super) fn push(&mut self, piece: Bytes, observed: &mut Observed<'_>) -> Result<Bytes, Cut> {
        self.units.push(piece);
        let passed = self.pass_units(observed);
        self.released(passed)
    }

    /// Takes the end of the stream and gives what was still held.
    pub(super) fn finish(&mut self, observed: &mut Observed<'_>) -> Result<Bytes, Cut> {
        let passed = self.pass_end(observed);
        self.released(passed)
    }

    fn released(&mut self, passed: Result<(), Interruption>) -> Result<Bytes, Cut> {
        let released = self.units.take();
        let (why, before) = match (passed, released) {
            (Ok(()), Ok(out)) => return Ok(out.freeze()),
            (Err(why), out) => (why, out.unwrap_or_default()),
            (Ok(()), Err(_)) => (Interruption::Malformed, BytesMut::new()),
        };
        let (end, unknown) = match why {
            Interruption::Withheld => (End::PolicyCut, None),
            Interruption::Unknown(name) => (End::PolicyCut, Some(name.unwrap_or_default())),
            Interruption::Malformed => (End::UpstreamError, None),
        };
        Err(Cut { end, unknown, before })
    }

    fn pass_units(&mut self, observed: &mut Observed<'_>) -> Result<(), Interruption> {
        while let Some(unit) = self.units.next_unit()? {
            self.pass(unit, observed)?;
        }
        Ok(())
    }

    fn pass_end(&mut self, observed: &mut Observed<'_>) -> Result<(), Interruption> {
        if let Some(unit) = self.units.finish()? {
            self.pass(unit, observed)?;
        }
        self.close(Closes::All, observed)?;
        Ok(self.waiting.end(&mut self.units)?)
    }

    fn pass(&mut self, unit: Unit, observed: &mut Observed<'_>) -> Result<(), Interruption> {
        let changed = match &unit.content {
            Content::Event(json) => self.event(unit.kind(), json.clone(), observed)?,
            Content::Text(text) => self.text(text, observed)?,
            Content::Done => {
                self.close(Closes::All, observed)?;
                None
            }
            Content::Opaque => {
                observed.unscanned.insert(Unscanned::EncodedPayload);
                None
            }
            // The provider's own error; its text can quote the prompt.
            Content::Exception(json) => {
                self.end = End::UpstreamError;
                self.close(Closes::All, observed)?;
                self.whole_texts(json.clone(), observed)?
            }
        };
        let annotated = self.annotated.take().filter(|channel| self.lanes.holds(*channel));
        self.waiting.unit(unit, changed, annotated, &mut self.units)?;
        if let Some(channel) = annotated {
            let released = self.lanes.advance(channel, MARK, observed)?;
            self.waiting.text(channel, released, &mut self.units)?;
        }
        Ok(())
    }

    /// Ends running texts; what was still held leaves in units of its own.
    fn close(&mut self, closes: Closes, observed: &mut Observed<'_>) -> Result<(), Interruption> {
        let (units, waiting) = (&mut self.units, &mut self.waiting);
        self.lanes.close_all(closes, observed, |channel, rest| {
            Ok(waiting.text(channel, rest, units)?)
        })
    }

    /// Guards a piece of a stream that is one text.
    fn text(&mut self, piece: &[u8], observed: &mut Observed<'_>) -> Result<Option<Vec<u8>>, Interruption> {
        let text = std::str::from_utf8(piece).map_err(|_| Interruption::Malformed)?;
        let released = self.lanes.advance(Channel::PLAIN, text, observed)?;
        Ok((released != text).then(|| released.into_bytes()))
    }

    /// Guards one event. What must leave before it leaves; returns the new payload if it changes.
    fn event(
        &mut self,
        kind: &str,
        payload: Bytes,
        observed: &mut Observed<'_>,
    ) -> Result<Option<Vec<u8>>, Interruption> {
        let document = Document::parse(payload).map_err(|_| Interruption::Malformed)?;
        let event = self.dialect.event(kind, &document);
        observed.usage.merge(event.usage);
        observed.finished(event.stop_reason);
        observed.unscanned.extend(event.unscanned.iter().copied());
        // It may go on in the next event, where nobody would know that it does.
        if event.unscanned.contains(&Unscanned::UnknownBlock) {
            return Err(Interruption::Unknown(event.unknown));
        }
        let found = find_at_once(self.engine, &document, &event.regions);
        let edits = whole::edits(&document, &event.regions, &found, observed)?;
        self.running_texts(kind, &document, &event, edits, observed)
    }

    /// Guards the running texts of an event whose whole texts change by `edits`.
    fn running_texts(
        &mut self,
        kind: &str,
        document: &Document,
        event: &Event,
        mut edits: Vec<Edit<'static>>,
        observed: &mut Observed<'_>,
    ) -> Result<Option<Vec<u8>>, Interruption> {
        for delta in &event.deltas {
            if delta.channel.is_unheard() {
                self.unheard(document, delta, observed)?;
            }
            if delta.channel.is_shaped() {
                let shape = Shape::of(document, event, &delta.span);
                self.units.met(delta.channel, kind, shape)?;
            }
            edits.extend(self.delta(document, event, delta, observed)?);
        }
        self.close(event.closes, observed)?;
        self.annotated = event.annotates;
        edits.extend(self.seal(document, event, observed));
        let treated = observed.treatments.treated();
        if let Some(mute) = &mut self.mute {
            edits.extend(mute.edit(document, treated));
            self.units.forget(event.closes);
        }
        rewritten(document, edits)
    }

    /// Notes what belongs to a piece in a member that nobody has heard of: what it stands under, and what it holds as it stands.
    fn unheard(
        &mut self,
        document: &Document,
        delta: &Delta,
        observed: &mut Observed<'_>,
    ) -> Result<(), Interruption> {
        let piece = delta.alone();
        let key = document.key(&piece).unwrap_or_default();
        let found = find_at_once(self.engine, document, std::slice::from_ref(&piece));
        Ok(self.lanes.tell(delta.channel, &key, &found, observed)?)
    }

    /// What takes the place of the signature over a text that was altered.
    fn seal(&mut self, document: &Document, event: &Event, observed: &Observed<'_>) -> Option<Edit<'static>> {
        let span = event.signature.clone()?;
        let altered = self.lanes.take_altered(event.closes)?;
        let sealed = observed.treatments.sealed(altered, &document.literal(&span));
        Some(Edit::literal(span, sealed))
    }

    /// Guards a piece of a running text, and what is still held of it if it ends here.
    fn delta(
        &mut self,
        document: &Document,
        event: &Event,
        delta: &Delta,
        observed: &mut Observed<'_>,
    ) -> Result<impl Iterator<Item = Edit<'static>> + use<>, Interruption> {
        let text = document.literal(&delta.span);
        let mut released = self.lanes.advance(delta.channel, &text, observed)?;
        if event.closes.covers(delta.channel) {
            released.push_str(&self.lanes.close(delta.channel, observed)?);
        }
        let released = self.waiting.settle(delta.channel, released, &mut self.units)?;
        Ok(document.piece(delta, released))
    }

    fn whole_texts(
        &self,
        payload: Bytes,
        observed: &mut Observed<'_>,
    ) -> Result<Option<Vec<u8>>, Interruption> {
        if payload.is_empty() {
            return Ok(None);
        }
        let document = Document::parse(payload).map_err(|_| Interruption::Malformed)?;
        let map = Dialect::Generic.response(&document);
        let found = find_at_once(self.engine, &document, &map.regions);
        let edits = whole::edits(&document, &map.regions, &found, observed)?;
        rewritten(&document, edits)
    }
}

fn rewritten(document: &Document, mut edits: Vec<Edit<'static>>) -> Result<Option<Vec<u8>>, Interruption> {
    if edits.is_empty() {
        return Ok(None);
    }
    edits.sort_by_key(|edit| edit.span.start);
    // A number can be a finding, and the echo of a text that is changed.
    edits.dedup_by(|a, b| a.span == b.span);
    splice(document.bytes(), &edits)
        .map(Some)
        .map_err(|_| Interruption::Malformed)
}

#[cfg(test)]
mod tests;
