//! The client's side: HTTP in and out, hardened and bounded.
//!
//! Owns the downstream session for the length of one exchange. Together with `upstream` it is the only module that
//! names Pingora. Everything after it sees a [`Head`], a body as [`Bytes`], and a few verbs to answer with.
//!
//! Limits enforced here: body size, body time, body memory over all exchanges, write stalls. The listener adds
//! connection count and head time.

mod budget;
mod head;
mod listener;
mod presence;

pub use budget::{Held, Shared};
pub use head::Head;
pub use listener::{Listener, ListenerError, Serve};

use crate::config::millis;
use crate::refusal::{Exceeded, Limit, Refusal};
use bytes::{Bytes, BytesMut};
use palisade_wire::sigv4::PayloadHash;
use pingora::ErrorType;
use pingora::http::ResponseHeader;
use pingora::protocols::http::ServerSession;
use pingora::time::timeout;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A body up to this size is dropped before a refusal is written.
const SMALL_BODY_BYTES: usize = 64 * 1024;

/// Longest time that a body which was not wanted is read and dropped.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Memory set aside for a body on the word of its `content-length` alone.
const FIRST_CAPACITY_MAX: usize = 256 * 1024;

/// One client request and the way to answer it.
pub struct Client<'s> {
    session: &'s mut ServerSession,
    shared: Shared,
    head: Arc<Head>,
    arrived: Instant,
    body: Option<Bytes>,
    /// The body's hash, once somebody has needed it.
    payload: Option<PayloadHash>,
    /// Held until the exchange ends, or until [`Client::release_body`]: the body may be referenced that long.
    held: Held,
    /// Bytes of request body received so far.
    received: usize,
    /// The client's side of the connection has ended, with the body or after it.
    half_closed: bool,
    answer: Answer,
}

/// How far the answer has come.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer {
    /// Status written; 0 before any.
    pub status: u16,
    /// Body bytes handed to the connection.
    pub body_bytes: u64,
    /// When the first byte of the answer was written.
    pub first_byte: Option<Instant>,
    /// The whole answer has been written.
    pub complete: bool,
}

impl<'s> Client<'s> {
    /// Takes over a session whose request head has been read.
    #[must_use]
    pub fn new(session: &'s mut ServerSession, shared: Shared) -> Self {
        let head = head::of(session);
        Self::with_head(session, shared, head)
    }

    /// Takes over a session whose bytes were no request head; it can only be answered.
    fn unreadable(session: &'s mut ServerSession, shared: Shared) -> Self {
        let head = Head::unreadable(session);
        Self::with_head(session, shared, head)
    }

    fn with_head(session: &'s mut ServerSession, shared: Shared, head: Head) -> Self {
        let held = shared.hold();
        Self {
            session,
            shared,
            head: Arc::new(head),
            arrived: Instant::now(),
            body: None,
            payload: None,
            held,
            received: 0,
            half_closed: false,
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
    pub fn harden(&mut self) -> Result<(), Refusal> {
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

    /// Drops the body, which nobody needs any more, and gives its memory back.
    pub fn release_body(&mut self) {
        self.body = Some(Bytes::new());
        self.held = self.shared.hold();
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
        let mut piece = Some(first);
        while let Some(bytes) = piece {
            if body.len() + bytes.len() > max {
                return Err(too_large(max));
            }
            body.extend_from_slice(&bytes);
            piece = self.next_piece().await?;
        }
        Ok(body.freeze())
    }

    async fn next_piece(&mut self) -> Result<Option<Bytes>, Refusal> {
        let piece = match self.session.read_request_body().await {
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
        self.held.more(bytes)?;
        Ok(piece)
    }

    /// Writes a whole answer.
    ///
    /// # Errors
    /// [`Refusal::ClientGone`] when the client no longer takes it.
    pub async fn respond(
        &mut self,
        status: u16,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<(), Refusal> {
        let mut response = response_head(status, headers)?;
        response
            .insert_header("content-length", body.len())
            .map_err(|_| Refusal::Internal("content-length"))?;
        self.write_head(response).await?;
        self.write(body, true).await
    }

    /// Starts an answer whose length is not known yet.
    ///
    /// # Errors
    /// [`Refusal::ClientGone`] when the client no longer takes it.
    pub async fn start(&mut self, status: u16, headers: &[(&'static str, String)]) -> Result<(), Refusal> {
        let mut response = response_head(status, headers)?;
        if self.head.version() == http::Version::HTTP_11 {
            response
                .insert_header("transfer-encoding", "chunked")
                .map_err(|_| Refusal::Internal("transfer-encoding"))?;
        }
        self.write_head(response).await
    }

    async fn write_head(&mut self, response: ResponseHeader) -> Result<(), Refusal> {
        self.answer.status = response.status.as_u16();
        self.answer.first_byte = Some(Instant::now());
        let limit = millis(self.shared.limits.write_timeout_ms);
        let writing = self.session.write_response_header(Box::new(response));
        in_time(limit, writing).await
    }

    /// Writes a piece of a started answer; an empty piece is no write.
    ///
    /// # Errors
    /// [`Refusal::ClientGone`] when the client no longer takes it.
    pub async fn send(&mut self, piece: Bytes) -> Result<(), Refusal> {
        self.write(piece, false).await
    }

    /// Ends a started answer in order.
    ///
    /// # Errors
    /// [`Refusal::ClientGone`] when the client no longer takes it.
    pub async fn end(&mut self) -> Result<(), Refusal> {
        self.write(Bytes::new(), true).await
    }

    async fn write(&mut self, piece: Bytes, end: bool) -> Result<(), Refusal> {
        self.answer.body_bytes += piece.len() as u64;
        let limit = millis(self.shared.limits.write_timeout_ms);
        in_time(limit, self.session.write_response_body(piece, end)).await?;
        self.answer.complete = end;
        Ok(())
    }

    /// Answers without having wanted the body: a small one is dropped before, so that the connection lives on, a large
    /// one after, so that the client can finish sending and read its answer. Bounded in time; the connection is
    /// closed if the body has not ended by then.
    ///
    /// # Errors
    /// [`Refusal::ClientGone`] when the client no longer takes it.
    pub async fn turn_away(
        &mut self,
        status: u16,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<(), Refusal> {
        let declared = self.head.content_length().ok().flatten();
        if declared.is_none_or(|bytes| bytes <= SMALL_BODY_BYTES) {
            self.drain().await;
        }
        self.respond(status, headers, body).await?;
        self.drain().await;
        Ok(())
    }

    /// Reads and drops what is left of the body.
    async fn drain(&mut self) {
        if self.body.is_some() || self.session.is_http2() || self.head.expects_continue() {
            return;
        }
        let drained = timeout(DRAIN_TIMEOUT, self.session.drain_request_body()).await;
        if matches!(drained, Ok(Ok(()))) {
            self.body = Some(Bytes::new());
        }
    }

    /// Whether the connection can carry another request after a whole answer to this one.
    fn reusable(&self) -> bool {
        self.body.is_some()
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

/// A write that the client must take in time: Pingora limits some of its writes only.
async fn in_time(limit: Duration, writing: impl Future<Output = pingora::Result<()>>) -> Result<(), Refusal> {
    let written = timeout(limit, writing).await;
    written
        .map_err(|_| Refusal::ClientGone)?
        .map_err(|_| Refusal::ClientGone)
}

fn response_head(status: u16, headers: &[(&'static str, String)]) -> Result<ResponseHeader, Refusal> {
    let mut response =
        ResponseHeader::build(status, Some(headers.len() + 2)).map_err(|_| Refusal::Internal("status"))?;
    for (name, value) in headers {
        response
            .append_header(*name, value.as_str())
            .map_err(|_| Refusal::Internal("response header"))?;
    }
    Ok(response)
}
