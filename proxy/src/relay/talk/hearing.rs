//! The caller's side of a conversation: frames are verified and opened, their events put in order.

use crate::edge::{Client, Held, SignedEvents};
use crate::refusal::{Exceeded, Limit, Refusal};
use bytes::Bytes;
use palisade_wire::eventstream::Decoder;
use palisade_wire::turns::{EVENT_BYTES_MAX, Error, Turn, Turns, unwrapped};

/// What may arrive of a frame before it is whole, in bytes, and more than the largest event is in base64, twice framed.
const FRAME_BYTES_MAX: usize = 2 * EVENT_BYTES_MAX;

/// What a caller has said.
pub(super) enum Heard {
    /// An event, or events to look into.
    Turn(Turn),
    /// All.
    Everything,
}

/// What has arrived of a caller's events.
pub(super) struct Hearing {
    frames: Decoder,
    signatures: SignedEvents,
    turns: Turns,
    bytes_max: usize,
    held: Held,
    /// What `held` was taken for, in bytes.
    covered: usize,
    /// The last event has come.
    is_over: bool,
}

impl Hearing {
    /// Before the first. What has not gone on has `bytes_max` at most.
    pub(super) fn new(signatures: SignedEvents, client: &Client<'_>, bytes_max: usize) -> Self {
        Self {
            frames: Decoder::new(),
            signatures,
            turns: Turns::new(bytes_max),
            bytes_max,
            held: client.hold(),
            covered: 0,
            is_over: false,
        }
    }

    /// Takes what has arrived; at the end (`None`) the last event must have come.
    pub(super) fn push(&mut self, piece: Option<Bytes>, client: &Client<'_>) -> Result<(), Refusal> {
        let whole = "the events do not end with a signed one that is empty, or in the middle of a content";
        match piece {
            Some(piece) => self.frames.push(piece),
            None if self.is_over && self.frames.buffered_bytes() == 0 => {}
            None => return Err(Refusal::Malformed(whole.to_owned())),
        }
        self.cover(client)
    }

    /// What was said next; none if more must arrive first.
    pub(super) fn next(&mut self) -> Result<Option<Heard>, Refusal> {
        let frame = self.frames.next_frame();
        let Some(frame) = frame.map_err(|error| Refusal::Malformed(error.to_string()))? else {
            return Ok(None);
        };
        self.signatures.verify(&frame)?;
        let payload = frame.payload();
        if self.is_over || payload.is_empty() && self.turns.held() > 0 {
            return Err(Refusal::Malformed(
                "an event comes after the end, or the end before that of a content".to_owned(),
            ));
        }
        if payload.is_empty() {
            self.is_over = true;
            return Ok(Some(Heard::Everything));
        }
        let turn = unwrapped(payload).and_then(|event| self.turns.take(event));
        turn.map(|turn| Some(Heard::Turn(turn)))
            .map_err(|error| self.refusal(&error))
    }

    fn refusal(&self, error: &Error) -> Refusal {
        match error {
            Error::Size => Refusal::Exceeded(Exceeded {
                limit: Limit::BodyBytes,
                max: self.bytes_max as u64,
            }),
            other => Refusal::Malformed(other.to_string()),
        }
    }

    /// Holds memory for what has not gone on: part of a frame, and contents that have not ended.
    fn cover(&mut self, client: &Client<'_>) -> Result<(), Refusal> {
        if self.frames.buffered_bytes() > FRAME_BYTES_MAX {
            return Err(self.refusal(&Error::Large));
        }
        let bytes = self.frames.buffered_bytes() + self.turns.held();
        if bytes == 0 && self.covered > 0 {
            (self.held, self.covered) = (client.hold(), 0);
        }
        self.held.more(bytes.saturating_sub(self.covered))?;
        self.covered = self.covered.max(bytes);
        Ok(())
    }
}
