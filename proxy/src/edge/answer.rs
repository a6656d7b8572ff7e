//! The way back to the client: whole answers, streams, and refusals. Every write is limited in time.

use super::Client;
use crate::config::millis;
use crate::refusal::Refusal;
use bytes::Bytes;
use pingora::http::ResponseHeader;
use pingora::time::timeout;
use std::time::{Duration, Instant};

/// A body up to this size is dropped before a refusal is written.
const SMALL_BODY_BYTES: usize = 64 * 1024;

/// Longest time that a body which was not wanted is read and dropped.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

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

impl Client<'_> {
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

    /// Leaves the session as its owner must find it, whoever that is and whatever it does next: what is not a whole answer must
    /// not end like one, so its connection is closed, or its stream of HTTP/2 reset; and a connection on which the next
    /// request cannot be found is not used again.
    pub async fn leave(&mut self) {
        if !self.answer.complete {
            let limit = millis(self.shared.limits.write_timeout_ms);
            // What does not close in time has nobody to read it.
            let _ = timeout(limit, self.session.shutdown()).await;
        }
        if !self.answer.complete || self.body.is_none() {
            self.session.set_keepalive(None);
        }
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
        if let Ok(Ok(())) = timeout(DRAIN_TIMEOUT, self.drain_all()).await {
            self.body = Some(Bytes::new());
        }
    }

    /// No faster than what its sender may waste.
    async fn drain_all(&mut self) -> pingora::Result<()> {
        if self.proven {
            return self.session.drain_request_body().await;
        }
        while let Some(piece) = self.session.read_request_body().await? {
            self.received += piece.len();
            tokio::time::sleep(self.pause_after(piece.len())).await;
        }
        Ok(())
    }
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
