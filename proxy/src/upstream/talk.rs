//! Calls that go both ways at once: events are signed one by one and leave while the answer arrives.

use super::{ATTEMPTS_MAX, Connection, Reply, Upstream};
use crate::clock::unix_s;
use crate::refusal::{ProviderFailure, Refusal};
use crate::trail::Recorded;
use bytes::{Bytes, BytesMut};
use h2::SendStream;
use palisade_audit::{Attempt, Sent};
use palisade_wire::sigv4::{AmzDate, EventSignatures};
use pingora::http::RequestHeader;
use pingora::protocols::http::client::HttpSession;
use std::future::poll_fn;

/// The way to the provider, for events.
pub struct Talk<'u> {
    upstream: &'u Upstream,
    service: &'static str,
    signatures: EventSignatures,
    writer: SendStream<Bytes>,
    /// What is signed and has not left.
    behind: BytesMut,
    /// What is behind is the last.
    is_last: bool,
    /// The last has left.
    closed: bool,
    /// The provider takes no more.
    lost: bool,
}

const GONE: Refusal = Refusal::Upstream(ProviderFailure::Unreachable);

impl Upstream {
    /// Opens a call that goes both ways: its head is sent, its events follow, and its answer may come at any time. Tries again when a connection
    /// does not take it, as [`Upstream::send`] does.
    ///
    /// # Errors
    /// [`Refusal::Upstream`] when the provider does not speak HTTP/2, or does not take the call.
    pub async fn open<'u>(
        &'u self,
        connection: Connection,
        recorded: &Recorded,
        attempts: &mut Vec<Attempt>,
    ) -> Result<(Talk<'u>, Reply), Refusal> {
        let call = recorded.cleared();
        let target = call.route().target();
        let mut connection = connection;
        while attempts.len() < ATTEMPTS_MAX {
            let leg = self.leg(target.protocol(), connection.leg)?;
            let attempt = attempts.push_mut(Attempt {
                host: leg.authority().to_owned(),
                result: Sent::NotTaken,
            });
            let (head, signature) = self.request_head(call, leg)?;
            if let Some(writer) = connection.begin(head)? {
                attempt.result = Sent::GivenUp;
                let talk = Talk {
                    upstream: self,
                    service: target.protocol().service(),
                    signatures: EventSignatures::after(signature),
                    writer,
                    behind: BytesMut::new(),
                    is_last: false,
                    closed: false,
                    lost: false,
                };
                return Ok((
                    talk,
                    Reply {
                        connection,
                        broken: None,
                    },
                ));
            }
            let next = connection.leg + usize::from(!connection.reused);
            connection = self.connect_from(target, next).await?;
        }
        Err(GONE)
    }
}

impl Connection {
    /// Sends the head of a call whose events follow; none when the connection does not take it.
    fn begin(&mut self, head: Box<RequestHeader>) -> Result<Option<SendStream<Bytes>>, Refusal> {
        let HttpSession::H2(session) = &mut self.session else {
            return Err(GONE);
        };
        let sent = session.write_request_header(head, false);
        Ok(sent.ok().and_then(|()| session.take_request_body_writer()))
    }
}

impl Talk<'_> {
    /// Signs an event, framed, to be sent by [`Talk::flush`]; an empty one is the last.
    ///
    /// # Errors
    /// [`Refusal::Internal`].
    pub fn say(&mut self, event: &[u8]) -> Result<(), Refusal> {
        let fault = |_| Refusal::Internal("signature of an event");
        let now = unix_s();
        let date = AmzDate::from_unix(now).map_err(fault)?;
        let key = self.upstream.credentials.signing_key(date.day(), self.service);
        self.signatures
            .sign(event, now * 1000, &key, &mut self.behind)
            .map_err(fault)?;
        self.is_last = event.is_empty();
        Ok(())
    }

    /// Whether something has not left.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.lost && !self.closed && (!self.behind.is_empty() || self.is_last)
    }

    /// Whether the provider takes no more.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Sends what has been signed, as fast as the provider takes it. Nothing is lost when it is dropped. A provider that takes no more may
    /// say why, or all there is to say: its answer tells.
    pub async fn flush(&mut self) {
        self.lost |= self.send_all().await.is_err();
    }

    async fn send_all(&mut self) -> Result<(), Refusal> {
        while !self.behind.is_empty() {
            self.writer.reserve_capacity(self.behind.len());
            if self.writer.capacity() == 0 {
                let granted = poll_fn(|cx| self.writer.poll_capacity(cx)).await;
                granted.ok_or(GONE)?.map_err(|_| GONE)?;
            }
            let bytes = self.writer.capacity().min(self.behind.len());
            let piece = self.behind.split_to(bytes).freeze();
            self.writer.send_data(piece, false).map_err(|_| GONE)?;
        }
        if self.is_last {
            self.writer.send_data(Bytes::new(), true).map_err(|_| GONE)?;
            self.closed = true;
        }
        Ok(())
    }
}

impl Drop for Talk<'_> {
    /// What is not said to its end stops the model.
    fn drop(&mut self) {
        if !self.closed && !self.lost {
            self.writer.send_reset(h2::Reason::CANCEL);
        }
    }
}

impl Reply {
    /// Waits for the head of an answer, for as long as there is none. Nothing is lost when it is dropped.
    ///
    /// # Errors
    /// [`Refusal::Upstream`].
    pub async fn begins(&mut self) -> Result<(), Refusal> {
        let read = self.connection.session.read_response_header().await;
        read.map_err(|_| GONE)
    }
}
