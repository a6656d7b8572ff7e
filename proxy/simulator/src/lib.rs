//! A stand-in for Amazon Bedrock Runtime and Amazon `SageMaker` Runtime on loopback: for demos, tests, benchmarks and
//! offline development.
//!
//! It speaks the real wire: HTTP/1.1 and HTTP/2 with prior knowledge, Signature Version 4 verified as AWS does, event
//! streams, AWS-shaped errors. Only the model is simulated: without a script it says what it received.
//!
//! ```text
//! data port   call ─► access (SigV4) ─► script ─► answer ─► shape ─► frames ─► playback ─► bytes out
//! side port   POST /script · GET /script · GET|DELETE /received · GET /stats · GET /healthz
//!             GET /.well-known/openid-configuration · GET|PUT /jwks.json
//! ```
//!
//! # Scripts
//! `POST /script` with `{"replies": [reply, …]}` queues replies for the next calls that pass every check, first in first
//! out; one bad reply refuses the whole script. Every field of a reply may be left out:
//!
//! | field | effect |
//! |---|---|
//! | `text`, `tool_use` `{name, input}`, `stop_reason` | what the model says, calls, and why it stops |
//! | `chunk_chars` | characters in one delta of a stream; bytes in one `SageMaker` part |
//! | `first_delay_ms`, `delay_ms` | wait before the head of a whole reply or the first frame of a stream; before each later frame |
//! | `status`, `error`, `message` | an AWS error: its status, name and message; either of the first two suffices |
//! | `exception_after`, `exception`, `message` | an exception frame ends the stream after so many frames |
//! | `die_after`, `die_before_response` | the TCP connection is reset after so many frames, or before the head |
//! | `hang` | never answers |
//! | `frames_split_bytes` | writes the body in pieces of so many bytes |
//! | `raw_body_base64` or `raw_chunks_base64`, `content_type` | exactly these bytes, at once or as chunks |
//!
//! # What was received
//! `GET /received` lists the last 10,000 requests, at most 64 MB: `method`, `path`, `query`, `headers` as pairs, `body`
//! (text, or `{"base64": …}`), `received_at_ms`, `sigv4` (`valid`, `absent`, `unverified` or the error's name), `outcome`
//! (`open`, `completed`, `client_gone`, `killed`) and `frames`, the body frames handed to the connection. The last two
//! are live.
//!
//! INVARIANT: nothing listens but on 127.0.0.1, and no task outlives its [`Running`].

mod lock;
mod prompt;
mod script;

mod answer;
mod shape;

mod line;
mod received;

mod playback;

mod call;
mod frames;
mod guardrail;
mod invocations;
mod knowledge;
mod written;
mod sonic;
mod refusal;
mod respond;

mod access;
mod data;
mod talk;
mod issuer;
mod server;
mod side;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::Value;

use crate::access::Access;
use crate::data::DataPort;
use crate::issuer::Issuer;
use crate::received::Received;
use crate::server::{Life, Stopper};
use crate::side::SidePort;

/// How a simulator is started. No `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Options {
    /// Address of the data port, on 127.0.0.1; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Address of the side port, on 127.0.0.1; port 0 picks a free one.
    pub side: SocketAddr,
    /// Access key ids and their secrets. Requests signed with another are refused.
    pub credentials: Vec<(String, String)>,
    /// Whether signatures are verified. Without it every request passes, signed or not.
    pub verify: bool,
    /// Whether requests are kept for `GET /received`.
    pub record: bool,
    /// The key set (RFC 7517 §5) of an OpenID Connect issuer on the side port, whose issuer URL is `http://` and the
    /// side address. `None`: no issuer, until a key set is put.
    pub issuer: Option<Value>,
}

impl Default for Options {
    /// Free ports, no credentials, verifying and recording, no issuer.
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            listen: any,
            side: any,
            credentials: Vec::new(),
            verify: true,
            record: true,
            issuer: None,
        }
    }
}

/// Starts simulators.
#[derive(Debug)]
pub struct Simulator;

/// A simulator that runs. Dropped, it stops.
#[must_use]
pub struct Running {
    /// Where the runtimes are: the endpoint URL is `http://` and this.
    pub data_addr: SocketAddr,
    /// Where scripts, records and the issuer are.
    pub side_addr: SocketAddr,
    side: Arc<SidePort>,
    stopper: Stopper,
}

impl Simulator {
    /// Starts a simulator on the current tokio runtime. Both ports accept connections when it returns.
    ///
    /// # Errors
    /// Outside a runtime, for an address other than 127.0.0.1, and when a port cannot be bound.
    pub fn start(options: Options) -> io::Result<Running> {
        tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
        let (data_listener, data_addr) = server::bind(options.listen)?;
        let (side_listener, side_addr) = server::bind(options.side)?;
        let received = options.record.then(Received::default);
        let data = Arc::new(DataPort::new(
            Access::new(options.credentials),
            options.verify,
            received,
        ));
        let issuer = Issuer::new(side_addr, options.issuer);
        let side = Arc::new(SidePort {
            data: Arc::clone(&data),
            issuer,
        });
        let (life, stopper) = Life::new();
        server::serve(data_listener, &life, move |request, line| {
            talk::serve(Arc::clone(&data), request, line)
        });
        let port = Arc::clone(&side);
        server::serve(side_listener, &life, move |request, _| {
            side::serve(Arc::clone(&port), request)
        });
        Ok(Running {
            data_addr,
            side_addr,
            side,
            stopper,
        })
    }
}

impl Running {
    /// Serves `jwks` as the issuer's key set from now on.
    pub fn set_jwks(&self, jwks: Value) {
        self.side.issuer.set_jwks(jwks);
    }

    /// Closes both ports and every connection, and waits until all tasks are gone.
    pub async fn shutdown(self) {
        self.stopper.stop().await;
    }
}
