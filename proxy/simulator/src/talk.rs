//! Calls that go both ways at once: signed events in, events out while more come in.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use palisade_wire::bedrock::BOTH_WAYS;
use palisade_wire::eventstream::{self, Decoder};
use palisade_wire::sigv4::{EventSignatures, PayloadHash, SigningKey};
use palisade_wire::turns::unwrapped;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::access::Denial;
use crate::data::DataPort;
use crate::line::Line;
use crate::playback::{Pace, Playback};
use crate::received::Ticket;
use crate::refusal::Refusal;
use crate::respond::{now, refuse, respond};
use crate::script::Reply;
use crate::sonic::Sonic;

/// Frames that wait for the client.
const WAITING: usize = 64;

/// What the caller says, and what it is told.
struct Talk {
    port: Arc<DataPort>,
    body: Incoming,
    frames: Decoder,
    /// `None` when signatures are not verified.
    signed: Option<(EventSignatures, SigningKey)>,
    sonic: Sonic,
    /// The reply for the first turn.
    first: Option<Reply>,
    /// What was heard, an event a line.
    heard: Vec<u8>,
    out: mpsc::Sender<Bytes>,
}

/// Answers a request, as hyper calls it.
pub(crate) async fn serve(
    port: Arc<DataPort>,
    request: Request<Incoming>,
    line: Arc<Line>,
) -> Result<Response<Playback>, Infallible> {
    if request.method() != Method::POST || !request.uri().path().ends_with(BOTH_WAYS) {
        return Ok(port.answer(request, line).await);
    }
    let number = port.exchanges.fetch_add(1, Ordering::Relaxed);
    Ok(answer(port, request.into_parts(), line, number).await)
}

/// What the events of a call are verified with; `None` when nothing is verified.
fn signed_events(port: &DataPort, head: &Parts) -> Result<Option<(EventSignatures, SigningKey)>, Refusal> {
    if !port.verify {
        return Ok(None);
    }
    let unix_seconds = i64::try_from(now().as_secs()).unwrap_or(i64::MAX);
    let payload = PayloadHash::event_stream();
    let verified = port.access.verify(head, &payload, "bedrock", unix_seconds);
    verified.map(Some).map_err(Denial::refusal)
}

/// Answers a call, of which `head` and nothing else has arrived.
async fn answer(
    port: Arc<DataPort>,
    (head, body): (Parts, Incoming),
    line: Arc<Line>,
    number: u64,
) -> Response<Playback> {
    let signed = match signed_events(&port, &head) {
        Ok(signed) => signed,
        Err(refusal) => return refuse(&refusal, false, number, Pace::default(), line, Ticket::default()),
    };
    let first = port.script.next();
    if first.error.is_some() || first.status.is_some_and(|status| status >= 400) {
        let refusal = Refusal::scripted(first.status, first.error, first.message);
        return refuse(&refusal, false, number, Pace::default(), line, Ticket::default());
    }
    let (out, frames) = mpsc::channel(WAITING);
    let talk = Talk {
        port,
        body,
        frames: Decoder::new(),
        signed,
        sonic: Sonic::default(),
        first: Some(first),
        heard: Vec::new(),
        out,
    };
    tokio::spawn(talk.run(head));
    let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
    let body = Playback::live(frames, line);
    respond(StatusCode::OK, vec![(CONTENT_TYPE, kind)], body, number)
}

impl Talk {
    async fn run(mut self, head: Parts) {
        let ended = self.listen().await;
        let sigv4 = if self.signed.is_some() {
            "valid"
        } else {
            "unverified"
        };
        let mut ticket = self
            .port
            .keep(head, &std::mem::take(&mut self.heard).into(), sigv4);
        match ended {
            Some(Ok(())) => ticket.completed(),
            Some(Err(fault)) => {
                let mut last = bytes::BytesMut::new();
                let message = serde_json::json!({ "message": fault }).to_string();
                if eventstream::exception("validationException", message.as_bytes(), &mut last).is_ok() {
                    let _ = self.out.send(last.freeze()).await;
                }
                ticket.completed();
            }
            // The client has gone.
            None => drop(ticket),
        }
    }

    /// Until the last event: fine, or what is wrong with one; `None` when the client has gone before.
    async fn listen(&mut self) -> Option<Result<(), &'static str>> {
        while let Some(frame) = self.body.frame().await {
            let Ok(data) = frame.ok()?.into_data() else {
                continue;
            };
            self.frames.push(data);
            loop {
                let Ok(frame) = self.frames.next_frame() else {
                    return Some(Err("an event is not well-formed"));
                };
                let Some(frame) = frame else { break };
                if let Some((signatures, key)) = &mut self.signed
                    && signatures.verify(&frame, key).is_err()
                {
                    return Some(Err("the signature of an event does not match"));
                }
                if frame.payload_bytes().is_empty() {
                    return Some(Ok(()));
                }
                let event = unwrapped(frame.payload()).ok();
                let event = event.and_then(|event| Some((serde_json::from_slice(&event).ok()?, event)));
                let Some((json, event)) = event else {
                    return Some(Err("an event is not JSON"));
                };
                self.heard.extend_from_slice(&event);
                self.heard.push(b'\n');
                self.say(&json).await?;
            }
        }
        None
    }

    async fn say(&mut self, event: &Value) -> Option<()> {
        let (first, script) = (&mut self.first, &self.port.script);
        let said = self
            .sonic
            .take(event, || first.take().unwrap_or_else(|| script.next()));
        for frame in said {
            self.out.send(frame).await.ok()?;
        }
        Some(())
    }
}
