//! The client's side: HTTP in and out, hardened and bounded.
//!
//! Owns the downstream session for the length of one exchange. Together with `upstream` it is the only module that
//! names Pingora. Everything after it sees a [`Head`], a body as [`Bytes`], and a few verbs to answer with.
//!
//! Limits enforced here: body size, body time, body memory over all exchanges, write stalls. The listener adds
//! connection count and head time.

mod budget;
mod bucket;
mod answer;
mod head;
mod listener;
mod presence;
mod talk;
mod holder;
mod seats;
mod unproven;
mod wasted;

pub use answer::Answer;
pub(crate) use bucket::{Bucket, Rate};
pub use budget::{EdgeState, Held};
pub use head::{Hardened, Head};
pub use holder::Holder;
pub use listener::{Listener, ListenerError, Serve};
pub(crate) use seats::network;
pub use talk::SignedEvents;

use crate::config::millis;
use crate::refusal::{Exceeded, Limit, Refusal};
use bytes::{Bytes, BytesMut};
use palisade_wire::sigv4::PayloadHash;
use pingora::ErrorType;
use pingora::protocols::http::ServerSession;
use pingora::time::timeout;
use seats::Seat;
use std::sync::Arc;
use std::time::{Duration, Instant};
use unproven::Place;
use wasted::FREE_BYTES;

/// Memory set aside for a body on the word of its `content-length` alone.
const FIRST_CAPACITY_MAX: usize = 256 * 1024;

/// One client request and the way to answer it.
pub struct Client<'s> {
    session: &'s mut ServerSession,
    shared: EdgeState,
    head: Arc<Head>,
    arrived: Instant,
    body: Option<Bytes>,
    /// The body's hash, once somebody has needed it.
    payload: Option<PayloadHash>,
    /// Held until the exchange ends, or until [`Client::drop_body`]: the body may be referenced that long.
    held: Held,
    /// Holds the memory of the body instead, until the caller has proven who it is.
    unproven: Option<Place>,
    /// The caller has proven who it is.
    proven: bool,
    /// The connection's place, when this listener gave it one.
    seat: Option<Arc<Seat>>,
    /// Bytes of request body received so far.
    received: usize,
    /// The client's side of the connection has ended, with the body or after it.
    half_closed: bool,
    /// What its events are signed with, if it signs them.
    events: Option<SignedEvents>,
    /// It may say more: nobody else listens whether it is there.
    talks: bool,
    answer: Answer,
}

impl<'s> Client<'s> {
    /// Takes over a session whose request head has been read.
    #[must_use]
    pub fn new(session: &'s mut ServerSession, shared: EdgeState) -> Self {
        let head = head::of(session);
        Self::with_head(session, shared, head)
    }

    /// Says which place the connection has.
    fn on(mut self, seat: &Arc<Seat>) -> Self {
        self.seat = Some(Arc::clone(seat));
        self
    }

    /// Takes over a session whose bytes were no request head; it can only be answered.
    fn unreadable(session: &'s mut ServerSession, shared: EdgeState) -> Self {
        let head = Head::unreadable(session);
        Self::with_head(session, shared, head)
    }

    fn with_head(session: &'s mut ServerSession, shared: EdgeState, head: Head) -> Self {
        let held = shared.hold();
        Self {
            session,
            shared,
            head: Arc::new(head),
            arrived: Instant::now(),
            body: None,
            payload: None,
            held,
            unproven: None,
            proven: false,
            seat: None,
            received: 0,
            half_closed: false,
            events: None,
            talks: false,
            answer: Answer::default(),
        }
    }

    /// The request head.
    #[must_use]
    pub fn head(&self) -> &Arc<Head> {
        &self.head
    }

    /// Refuses ambiguous HTTP. The connection is not used again then: where the next request begins could be read in two
    /// ways too.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], naming the fault.
    pub fn harden(&mut self) -> Result<Hardened, Refusal> {
        let hardened = self.head.harden();
        if hardened.is_err() {
            self.give_up_body();
        }
        hardened
    }

    /// The rest of the body is not waited for, and the connection not used again.
    fn give_up_body(&mut self) {
        self.session.set_keepalive(None);
        self.body = Some(Bytes::new());
    }

    /// Bytes of request body received so far.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        self.received
    }

    /// The body to come is that of somebody who says to have this key, and has yet to prove it: until [`Client::proven`] its
    /// memory comes from a small budget apart.
    pub fn unproven(&mut self, key_id: &Arc<str>) {
        self.unproven = Some(self.shared.unproven.place(self.head.client_ip(), key_id));
    }

    /// The caller has proven who it is: the body moves to the budget of all, and the connection keeps its place.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`].
    pub fn proven(&mut self) -> Result<(), Refusal> {
        if let Some(seat) = &self.seat {
            seat.proven();
        }
        self.proven = true;
        if self.unproven.take().is_none() {
            return Ok(());
        }
        self.shared.wasted.refund(self.head.client_ip(), self.received);
        self.held.more(self.received)
    }

    /// Drops what was read of the body, which nobody needs any more, and gives its memory back.
    pub fn drop_body(&mut self) {
        if let Some(body) = &mut self.body {
            *body = Bytes::new();
        }
        self.unproven = None;
        self.held = self.shared.hold();
    }

    /// Lets go of the body, for another of so many bytes has taken its place and lives as long as the exchange.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when there is no memory for that.
    pub fn replace_body(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.drop_body();
        self.held.more(bytes)
    }

    /// When the request head had arrived.
    #[must_use]
    pub fn arrived(&self) -> Instant {
        self.arrived
    }

    /// Memory for the body of an answer.
    #[must_use]
    pub fn hold(&self) -> Held {
        self.shared.hold()
    }

    /// How far the answer has come.
    #[must_use]
    pub fn answer(&self) -> Answer {
        self.answer
    }

    /// The whole request body; read once, then remembered.
    ///
    /// # Errors
    /// Too large, too slow, over the memory budget, compressed, or the client left half-way.
    pub async fn body(&mut self) -> Result<Bytes, Refusal> {
        if let Some(body) = &self.body {
            return Ok(body.clone());
        }
        let declared = self.head.content_length()?;
        if declared.is_some_and(|length| length > self.shared.limits.body_bytes_max) {
            return Err(too_large(self.shared.limits.body_bytes_max));
        }
        self.head.refuse_encoding()?;
        if self.head.expects_continue() && !self.session.is_http2() {
            let written = self.session.write_continue_response().await;
            written.map_err(|_| Refusal::ClientGone)?;
        }
        let limit = millis(self.shared.limits.body_timeout_ms);
        let Ok(body) = timeout(limit, self.read_body(declared)).await else {
            self.give_up_body();
            return Err(Refusal::TooSlow);
        };
        let body = body?;
        self.body = Some(body.clone());
        Ok(body)
    }

    /// The hash of the whole request body; made once.
    ///
    /// # Errors
    /// As [`Client::body`].
    pub async fn payload(&mut self) -> Result<PayloadHash, Refusal> {
        let body = self.body().await?;
        Ok(*self.payload.get_or_insert_with(|| PayloadHash::of(&body)))
    }

    async fn read_body(&mut self, declared: Option<usize>) -> Result<Bytes, Refusal> {
        let max = self.shared.limits.body_bytes_max;
        let Some(first) = self.next_piece().await? else {
            return Ok(Bytes::new());
        };
        // One piece is the common case: no copy.
        if Some(first.len()) == declared {
            return Ok(first);
        }
        let mut body = BytesMut::with_capacity(declared.unwrap_or(0).clamp(first.len(), FIRST_CAPACITY_MAX));
        // Piece by piece, for the hash of a large body all at once would hold up every exchange on this thread.
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        let mut piece = Some(first);
        while let Some(bytes) = piece {
            if body.len() + bytes.len() > max {
                return Err(too_large(max));
            }
            hash.update(&bytes);
            body.extend_from_slice(&bytes);
            piece = self.next_piece().await?;
        }
        self.payload = Some(PayloadHash::finish(hash));
        Ok(body.freeze())
    }

    async fn next_piece(&mut self) -> Result<Option<Bytes>, Refusal> {
        let reading = self.session.read_request_body();
        let read = match &self.unproven {
            None => reading.await,
            Some(place) => tokio::select! {
                biased;
                () = place.gives_way() => return Err(self.give_way()),
                read = reading => read,
            },
        };
        let piece = match read {
            Ok(piece) => piece,
            Err(error) if is_framing(&error) => {
                self.give_up_body();
                return Err(Refusal::Malformed(
                    "the chunks of the body are not well-formed".to_owned(),
                ));
            }
            Err(_) => return Err(Refusal::ClientGone),
        };
        let bytes = piece.as_ref().map_or(0, Bytes::len);
        self.received += bytes;
        let Some(place) = &self.unproven else {
            self.held.more(bytes)?;
            return Ok(piece);
        };
        let wait = self.pause_after(bytes);
        if place.more(bytes).is_err() {
            return Err(self.give_way());
        }
        if !wait.is_zero() {
            tokio::select! {
                () = place.gives_way() => return Err(self.give_way()),
                () = tokio::time::sleep(wait) => {}
            }
        }
        Ok(piece)
    }

    /// How long to wait after a piece that may come to nothing, before more is read.
    fn pause_after(&self, bytes: usize) -> Duration {
        let wait = self.shared.wasted.spend(self.head.client_ip(), bytes);
        match self.received > FREE_BYTES {
            true => wait,
            false => Duration::ZERO,
        }
    }

    /// What was read is dropped; what still comes is read and dropped too, so that the client can read why.
    fn give_way(&mut self) -> Refusal {
        self.unproven = None;
        self.session.set_keepalive(None);
        Refusal::Overloaded
    }
}

fn too_large(max: usize) -> Refusal {
    Refusal::Exceeded(Exceeded {
        limit: Limit::BodyBytes,
        max: max as u64,
    })
}

/// Whether the client broke the framing of its body, rather than left.
fn is_framing(error: &pingora::Error) -> bool {
    matches!(
        error.etype(),
        ErrorType::Custom("InvalidChunk" | "InvalidTrailerEnd")
    )
}
