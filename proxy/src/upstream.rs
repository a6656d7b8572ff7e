//! The provider's side: connect, sign, send, retry, and read the answer.
//!
//! Together with `edge` the only module that names Pingora. Dropping a [`Reply`] closes its connection at once, which
//! is how a cancelled exchange stops the model.

mod endpoint;
mod talk;

use endpoint::Endpoint;
pub use endpoint::Endpoints;
pub use talk::Talk;

use crate::authorize::Cleared;
use crate::clock::unix_s;
use crate::config::{self, millis};
use crate::credentials::{Credentials, ToSign};
use crate::edge::Held;
use crate::refusal::{ProviderFailure, Refusal};
use crate::trail::Recorded;
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use palisade_audit::{Attempt, Sent};
use palisade_wire::protocol::Protocol;
use palisade_wire::sigv4::PayloadHash;
use palisade_wire::target::Target;
use pingora::connectors::http::Connector;
use pingora::http::RequestHeader;
use pingora::protocols::http::client::HttpSession;
use pingora::time::timeout;
use pingora::upstreams::peer::HttpPeer;
use std::time::Duration;

/// Attempts for one request: a pool can hold several connections that died together.
const ATTEMPTS_MAX: usize = 4;
/// Interim responses (RFC 9110 §15.2) accepted before the answer.
const INTERIM_MAX: usize = 8;
/// Idle time after which a pooled connection is closed.
const POOL_IDLE: Duration = Duration::from_secs(50);
/// The gateway's own: what clients say there is not scanned, so it stays here.
const USER_AGENT: &str = concat!("palisade/", env!("CARGO_PKG_VERSION"));
/// Most that is gathered from an answer before it is passed on, in bytes.
const GATHER_BYTES_MAX: usize = 64 * 1024;

/// The way to the provider.
pub struct Upstream {
    connector: Connector,
    region: String,
    endpoints: Endpoints,
    credentials: Credentials,
    connect_timeout: Duration,
    response_timeout: Duration,
    idle_timeout: Duration,
}

/// A connection that has carried nothing of this exchange yet.
pub struct Connection {
    /// Which leg it is on.
    leg: usize,
    session: HttpSession,
    peer: HttpPeer,
    reused: bool,
}

/// Why a request has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unanswered {
    /// The connection had died before it took anything.
    NotTaken,
    /// It broke later: the provider may have read the request.
    Broken,
}

/// The provider's answer: its head has arrived, its body is read piece by piece.
pub struct Reply {
    connection: Connection,
    /// How the answer broke off, when more had arrived before it that must be passed on first.
    broken: Option<Refusal>,
}

impl Upstream {
    /// Sets up the way to the endpoint; connects to nothing yet.
    #[must_use]
    pub fn new(endpoints: Endpoints, config: &config::UpstreamConfig, credentials: Credentials) -> Self {
        Self {
            connector: Connector::new(None),
            region: config.region.clone(),
            endpoints,
            credentials,
            connect_timeout: millis(config.connect_timeout_ms),
            response_timeout: millis(config.response_timeout_ms),
            idle_timeout: millis(config.idle_timeout_ms),
        }
    }

    /// How long the provider may take until it answers.
    #[must_use]
    pub fn response_timeout(&self) -> Duration {
        self.response_timeout
    }

    /// How long the provider may be silent.
    #[must_use]
    pub fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    /// The region of the provider's.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// A connection from the pool, or a new one, on the first leg that can be reached. Runs while the decision is being made
    /// durable.
    ///
    /// # Errors
    /// [`Refusal::Upstream`] when no leg can be reached in its time.
    pub async fn connect(&self, target: &Target) -> Result<Connection, Refusal> {
        self.connect_from(target, 0).await
    }

    async fn connect_from(&self, target: &Target, first: usize) -> Result<Connection, Refusal> {
        for (leg, endpoint) in self
            .endpoints
            .legs(target.protocol())
            .iter()
            .enumerate()
            .skip(first)
        {
            let connecting = async {
                let peer = endpoint.peer(target.goes_both_ways()).await?;
                let (session, reused) = self.connector.get_http_session(&peer).await.ok()?;
                Some(Connection {
                    leg,
                    session,
                    peer,
                    reused,
                })
            };
            if let Ok(Some(connection)) = timeout(self.connect_timeout, connecting).await {
                return Ok(connection);
            }
        }
        Err(Refusal::Upstream(ProviderFailure::Unreachable))
    }

    /// Gives the connection of a fully read answer back to the pool.
    pub async fn release(&self, reply: Reply) {
        let Connection { session, peer, .. } = reply.connection;
        self.connector
            .release_http_session(session, &peer, Some(POOL_IDLE))
            .await;
    }

    /// Sends a recorded call and waits for the head of the answer. Tries again only when a connection did not take the
    /// request, on the same leg if it came from the pool, else on the next: a call that may have been read is never sent
    /// twice, for the model may be at work on it. Notes each sending in `attempts`, also when it fails or is dropped.
    ///
    /// # Errors
    /// [`Refusal::Upstream`].
    pub async fn send(
        &self,
        connection: Connection,
        recorded: &Recorded,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Reply, Refusal> {
        let call = recorded.cleared();
        let target = call.route().target();
        let mut connection = connection;
        while attempts.len() < ATTEMPTS_MAX {
            let leg = self.leg(target.protocol(), connection.leg)?;
            let (head, _) = self.request_head(call, leg)?;
            let attempt = attempts.push_mut(Attempt {
                host: leg.authority().to_owned(),
                result: Sent::GivenUp,
            });
            let next = connection.leg + usize::from(!connection.reused);
            let answered = timeout(self.response_timeout, connection.exchange(head, call.body())).await;
            attempt.result = match answered {
                Ok(Ok(())) => Sent::Answered,
                Ok(Err(Unanswered::NotTaken)) => Sent::NotTaken,
                Ok(Err(Unanswered::Broken)) => Sent::Broken,
                Err(_) => Sent::Timeout,
            };
            match answered {
                Ok(Ok(())) => {
                    connection.session.set_read_timeout(Some(self.idle_timeout));
                    return Ok(Reply {
                        connection,
                        broken: None,
                    });
                }
                Ok(Err(Unanswered::NotTaken)) => connection = self.connect_from(target, next).await?,
                Ok(Err(Unanswered::Broken)) => break,
                Err(_) => return Err(Refusal::Upstream(ProviderFailure::Timeout)),
            }
        }
        Err(Refusal::Upstream(ProviderFailure::Unreachable))
    }

    fn leg(&self, protocol: Protocol, leg: usize) -> Result<&Endpoint, Refusal> {
        let leg = self.endpoints.legs(protocol).get(leg);
        leg.ok_or(Refusal::Internal("leg"))
    }

    /// The request head: rebuilt from the typed route, signed for the body as it is sent, or for events to come. Beside it the signature.
    fn request_head(
        &self,
        call: &Cleared,
        leg: &Endpoint,
    ) -> Result<(Box<RequestHeader>, [u8; 64]), Refusal> {
        let fault = |_| Refusal::Internal("request head");
        let target = call.route().target();
        let (path, query) = (target.canonical_path(), call.route().query());
        let headers = call.route().headers();
        let host = leg.authority();
        let talks = target.goes_both_ways();
        let events = PayloadHash::event_stream();
        let to_sign: Vec<(&str, &[u8])> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()))
            .collect();
        let signed = self
            .credentials
            .sign(&ToSign {
                method: target.method(),
                service: target.protocol().service(),
                path: &path,
                query,
                host,
                headers: &to_sign,
                payload: if talks { &events } else { call.payload() },
                unix_seconds: unix_s(),
            })
            .map_err(|_| Refusal::Internal("signature"))?;

        let uri = match query.is_empty() {
            true => path,
            false => [&path, "?", query].concat(),
        };
        let mut head =
            RequestHeader::build(target.method(), uri.as_bytes(), Some(headers.len() + 6)).map_err(fault)?;
        head.insert_header("host", host).map_err(fault)?;
        head.insert_header("user-agent", USER_AGENT).map_err(fault)?;
        for (name, value) in headers {
            head.insert_header(*name, value.as_str()).map_err(fault)?;
        }
        if !talks {
            head.insert_header("content-length", call.body().len())
                .map_err(fault)?;
        }
        head.insert_header("x-amz-date", signed.x_amz_date.as_str())
            .map_err(fault)?;
        head.insert_header("authorization", signed.authorization)
            .map_err(fault)?;
        if let Some(token) = self.credentials.session_token() {
            head.insert_header("x-amz-security-token", token).map_err(fault)?;
        }
        Ok((Box::new(head), signed.signature))
    }
}

impl Connection {
    /// Writes the request and reads the head of the answer. A body that is not taken is not the end: the provider may have
    /// answered before it had read everything.
    async fn exchange(&mut self, head: Box<RequestHeader>, body: &Bytes) -> Result<(), Unanswered> {
        // The head leaves in one write, so when that fails nobody has read a request.
        let taken = self.session.write_request_header(head).await;
        taken.map_err(|_| Unanswered::NotTaken)?;
        let _ = self.write_body(body).await;
        for _ in 0..=INTERIM_MAX {
            let read = self.session.read_response_header().await;
            read.map_err(|_| Unanswered::Broken)?;
            match self.session.response_header() {
                Some(head) if head.status.is_informational() => {}
                Some(_) => return Ok(()),
                None => break,
            }
        }
        Err(Unanswered::Broken)
    }

    async fn write_body(&mut self, body: &Bytes) -> pingora::Result<()> {
        self.session.write_request_body(body.clone(), true).await?;
        self.session.finish_request_body().await
    }
}

impl Reply {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.connection
            .session
            .response_header()
            .map_or(0, |head| head.status.as_u16())
    }

    /// A header's first value, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.connection.session.response_header()?;
        head.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The next piece of the body: everything that has already arrived, gathered, so that it costs one write. Never
    /// waits for more. None at the end.
    ///
    /// # Errors
    /// [`Refusal::Upstream`] when the provider breaks off or is silent for too long.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        let Some(first) = self.read().await? else {
            return Ok(None);
        };
        let Some(second) = self.arrived() else {
            return Ok(Some(first));
        };
        let mut gathered = BytesMut::with_capacity(2 * (first.len() + second.len()));
        gathered.extend_from_slice(&first);
        gathered.extend_from_slice(&second);
        while gathered.len() < GATHER_BYTES_MAX {
            let Some(piece) = self.arrived() else {
                break;
            };
            gathered.extend_from_slice(&piece);
        }
        Ok(Some(gathered.freeze()))
    }

    /// A piece that can be read without waiting. Safe to drop when it cannot: a read that has not finished has taken
    /// nothing from the connection.
    fn arrived(&mut self) -> Option<Bytes> {
        if self.connection.session.response_done() {
            return None;
        }
        let read = self.read().now_or_never()?;
        read.unwrap_or_else(|broken| {
            self.broken = Some(broken);
            None
        })
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Refusal> {
        self.connection
            .session
            .read_response_body()
            .await
            .map_err(|error| {
                let timeout = matches!(error.etype(), pingora::ErrorType::ReadTimedout);
                Refusal::Upstream(if timeout {
                    ProviderFailure::Timeout
                } else {
                    ProviderFailure::Unreachable
                })
            })
    }

    /// The whole body, up to `max` bytes; its memory is taken from `held`.
    ///
    /// # Errors
    /// [`Refusal::Upstream`] when it breaks off, is too slow or too large; [`Refusal::Overloaded`].
    pub async fn whole(&mut self, max: usize, held: &mut Held) -> Result<Bytes, Refusal> {
        let Some(first) = self.next().await? else {
            return Ok(Bytes::new());
        };
        held.more(first.len())?;
        let declared = self
            .header("content-length")
            .and_then(|length| length.parse::<usize>().ok());
        if declared == Some(first.len()) {
            // Reads the end, so that the connection can be used again.
            while self.next().await?.is_some() {}
            return Ok(first);
        }
        let mut body = BytesMut::from(first);
        while let Some(piece) = self.next().await? {
            if body.len() + piece.len() > max {
                return Err(Refusal::Upstream(ProviderFailure::Malformed));
            }
            held.more(piece.len())?;
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }
}
