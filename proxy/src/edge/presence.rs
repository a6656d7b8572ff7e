//! Whether the client is still there, while its answer is made.

use super::Client;
use crate::refusal::Refusal;
use pingora::http::ResponseHeader;
use std::time::Duration;

/// How long the reset of a client that has left is waited for, after each interim answer. Together less than a second,
/// and long enough for two ways around the world.
const LISTEN_PAUSES: [Duration; 2] = [Duration::from_millis(150), Duration::from_millis(450)];

impl Client<'_> {
    /// Resolves when the exchange must end before its answer: the client has left, or the gateway stops. To be polled only
    /// after the request body has been read to its end, or over HTTP/2, where leaving is told apart.
    pub async fn interrupted(&mut self) -> Refusal {
        let stopping = self.shared.stopping();
        tokio::select! {
            () = self.gone() => Refusal::ClientGone,
            () = stopping => Refusal::Stopping,
        }
    }

    /// Waits for `wait`.
    ///
    /// # Errors
    /// [`Refusal::Stopping`] when the gateway does not wait that long.
    pub async fn wait(&self, wait: Duration) -> Result<(), Refusal> {
        if wait.is_zero() {
            return Ok(());
        }
        tokio::select! {
            biased;
            () = self.shared.stopping() => Err(Refusal::Stopping),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    /// Resolves when the client leaves; pending for as long as it stays. Bytes after the body are the next request, which
    /// waits its turn.
    async fn gone(&mut self) {
        if !self.half_closed {
            let keepalive = self.session.get_keepalive();
            let _ = self.session.read_body_or_idle(true).await;
            let h1 = self.session.as_http1();
            self.half_closed =
                h1.is_some_and(|h1| h1.is_half_closed()) && self.head.version() == http::Version::HTTP_11;
            // More requests may have come before the end of the client's side.
            self.session.set_keepalive(keepalive);
        }
        if self.half_closed && self.still_listens().await {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a client that says no more still reads. The end of its side is the same whether it has closed one direction or
    /// both; an interim answer (RFC 9110 §15.2, which every client must be able to pass over) is reset by one that has
    /// closed both. Once the answer has begun, its own writes tell.
    async fn still_listens(&mut self) -> bool {
        for pause in LISTEN_PAUSES {
            if self.answer.status != 0 {
                return true;
            }
            if self.write_interim().await.is_err() {
                return false;
            }
            tokio::time::sleep(pause).await;
        }
        self.answer.status != 0 || self.write_interim().await.is_ok()
    }

    async fn write_interim(&mut self) -> pingora::Result<()> {
        let interim = ResponseHeader::build(http::StatusCode::CONTINUE, Some(0))?;
        self.session.write_response_header(Box::new(interim)).await
    }
}
