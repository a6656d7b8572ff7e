//! The data port: what Bedrock Runtime and `SageMaker` Runtime answer, from the request to the response.
//!
//! The order is that of AWS: operation, size, signature, JSON, then the reply. A script's reply is used up only by a
//! call that gets that far.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use palisade_wire::sigv4::PayloadHash;
use serde_json::{Value, json};

use crate::access::Access;
use crate::answer::Answer;
use crate::call::{Call, Operation};
use crate::frames;
use crate::guardrail;
use crate::invocations::Invocations;
use crate::knowledge;
use crate::line::Line;
use crate::playback::{Frames, Pace, Playback};
use crate::prompt;
use crate::received::{Received, Ticket};
use crate::refusal::Refusal;
use crate::respond::{JSON, now, refuse, respond};
use crate::script::{Queue, Reply};
use crate::shape::Shape;
use crate::written::Written;

/// Characters in a delta, and bytes in a `SageMaker` part, unless a script says otherwise.
const CHUNK_CHARS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("application/vnd.amazon.eventstream");

/// The state of the data port; the side port reads and fills the script and the ring.
pub(crate) struct DataPort {
    pub(crate) access: Access,
    /// Whether a request with a bad signature is refused.
    pub(crate) verify: bool,
    pub(crate) script: Queue,
    /// `None` when nothing is recorded.
    pub(crate) received: Option<Received>,
    /// Exchanges so far: ids and padding are made from it.
    pub(crate) exchanges: AtomicU64,
    invocations: Arc<Invocations>,
}

/// A call that passed every check, on its way to a reply.
struct Exchange {
    operation: Operation,
    target: String,
    body: Bytes,
    /// `null` for `SageMaker`, whose bodies are opaque.
    json: Value,
    content_type: Option<HeaderValue>,
    number: u64,
    invocations: Arc<Invocations>,
    line: Arc<Line>,
    ticket: Ticket,
}

impl DataPort {
    pub(crate) fn new(access: Access, verify: bool, received: Option<Received>) -> Self {
        Self {
            access,
            verify,
            script: Queue::default(),
            received,
            exchanges: AtomicU64::new(0),
            invocations: Arc::default(),
        }
    }

    /// Requests of the data port so far, refused ones included.
    pub(crate) fn exchanges(&self) -> u64 {
        self.exchanges.load(Ordering::Relaxed)
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Incoming>, line: Arc<Line>) -> Response<Playback> {
        let number = self.exchanges.fetch_add(1, Ordering::Relaxed);
        let (head, body) = request.into_parts();
        let call = Call::parse(&head.method, head.uri.path());
        let is_sagemaker = head.uri.path().starts_with("/endpoints/");
        let body = read(
            &head,
            body,
            call.as_ref().map_or(0, |call| call.operation.body_bytes_max()),
        )
        .await;
        let (sigv4, judged) = self.judge(&head, call, body.as_ref());
        let content_type = head.headers.get(CONTENT_TYPE).cloned();
        let body = body.unwrap_or_default();
        let ticket = self.keep(head, &body, sigv4);
        match judged {
            Ok((Call { operation, target }, json)) => {
                let exchange = Exchange {
                    operation,
                    target,
                    body,
                    json,
                    content_type,
                    number,
                    invocations: Arc::clone(&self.invocations),
                    line,
                    ticket,
                };
                exchange.perform(self.script.next()).await
            }
            Err(refusal) => refuse(&refusal, is_sagemaker, number, Pace::default(), line, ticket),
        }
    }

    /// The verdict on the signature, as `GET /received` shows it, and the call with its JSON or the error to answer.
    /// `body`: `None` when it could not be read.
    fn judge(
        &self,
        head: &Parts,
        call: Option<Call>,
        body: Option<&Bytes>,
    ) -> (&'static str, Result<(Call, Value), Refusal>) {
        let unread = if head.headers.contains_key(AUTHORIZATION) {
            "unverified"
        } else {
            "absent"
        };
        let Some(call) = call else {
            return (unread, Err(Refusal::new("UnknownOperationException", "")));
        };
        let is_sagemaker = call.operation.is_sagemaker();
        let Some(body) = body else {
            return (unread, Err(Refusal::too_large(is_sagemaker)));
        };
        let sigv4 = if self.verify {
            let unix_seconds = i64::try_from(now().as_secs()).unwrap_or(i64::MAX);
            if let Err(denial) = self.access.verify(
                head,
                &PayloadHash::of(body),
                call.operation.signing_service(),
                unix_seconds,
            ) {
                return (denial.verdict(), Err(denial.refusal()));
            }
            "valid"
        } else {
            unread
        };
        let json = if is_sagemaker || head.method == Method::GET {
            Ok(Value::Null)
        } else {
            parse(body)
        };
        (sigv4, json.map(|json| (call, json)))
    }

    pub(crate) fn keep(&self, head: Parts, body: &Bytes, sigv4: &'static str) -> Ticket {
        let Some(received) = &self.received else {
            return Ticket::default();
        };
        let received_at_ms = u64::try_from(now().as_millis()).unwrap_or(u64::MAX);
        received.keep(head, body.clone(), received_at_ms, sigv4)
    }
}

impl Exchange {
    async fn perform(self, mut reply: Reply) -> Response<Playback> {
        if reply.hang {
            std::future::pending::<()>().await;
        }
        let first_delay = Duration::from_millis(reply.first_delay_ms.unwrap_or(0));
        let streams = self.operation.is_stream() && reply.error.is_none() && !reply.die_before_response;
        if !streams && !first_delay.is_zero() {
            tokio::time::sleep(first_delay).await;
        }
        if reply.die_before_response {
            let Self { line, mut ticket, .. } = self;
            ticket.killed();
            line.kill();
            return std::future::pending().await;
        }
        let pace = Pace {
            first_delay: if streams { first_delay } else { Duration::ZERO },
            delay: Duration::from_millis(reply.delay_ms.unwrap_or(0)),
            split_bytes: reply.frames_split_bytes,
            die_after: reply.die_after,
        };
        if reply.error.is_some() || (is_error(reply.status) && !reply.has_raw()) {
            let refusal = Refusal::scripted(reply.status, reply.error, reply.message);
            let is_sagemaker = self.operation.is_sagemaker();
            return refuse(&refusal, is_sagemaker, self.number, pace, self.line, self.ticket);
        }
        self.speak(&mut reply, pace)
    }

    /// A reply of the model, or the raw bytes that stand for one.
    fn speak(self, reply: &mut Reply, pace: Pace) -> Response<Playback> {
        let status = reply.status.and_then(|status| StatusCode::from_u16(status).ok());
        let scripted_type = reply
            .content_type
            .as_deref()
            .and_then(|value| HeaderValue::from_str(value).ok());
        let (said, mut headers) = self.say(reply);
        let number = self.number;
        let body = match said {
            Said::Whole(body) => Playback::whole(body, pace, self.line, self.ticket),
            Said::Frames(frames) => Playback::stream(frames, pace, self.line, self.ticket),
        };
        headers.extend(scripted_type.map(|value| (CONTENT_TYPE, value)));
        respond(status.unwrap_or_default(), headers, body, number)
    }

    fn say(&self, reply: &mut Reply) -> (Said, Vec<(HeaderName, HeaderValue)>) {
        let usual_type = if self.operation.is_stream() {
            EVENT_STREAM
        } else {
            JSON
        };
        if let Some(raw) = reply.raw_body_base64.take() {
            return (Said::Whole(raw.0), vec![(CONTENT_TYPE, usual_type)]);
        }
        if let Some(raw) = reply.raw_chunks_base64.take() {
            let chunks = raw.into_iter().map(|chunk| chunk.0);
            return (Said::Frames(Box::new(chunks)), vec![(CONTENT_TYPE, usual_type)]);
        }
        match self.operation {
            Operation::CountTokens => self.count_tokens(),
            Operation::ApplyGuardrail => whole(&guardrail::applied(&self.json, reply.text.take())),
            Operation::Retrieve => whole(&knowledge::retrieved(&self.json, reply.text.take())),
            Operation::Rerank => whole(&knowledge::ranked(&self.json)),
            Operation::StartAsync => whole(&self.invocations.start(&self.json, self.number)),
            Operation::GetAsync => whole(&self.invocations.get(&self.target)),
            Operation::ListAsync => whole(&self.invocations.list()),
            Operation::RetrieveAndGenerate => whole(&self.written(reply).whole()),
            Operation::RetrieveAndGenerateStream => {
                let written = self.written(reply);
                let delta_chars = reply.chunk_chars.unwrap_or(CHUNK_CHARS);
                let frames = self.interrupt(written.frames(delta_chars), reply);
                let session = HeaderName::from_static("x-amzn-bedrock-knowledge-base-session-id");
                let session = written.session().map(|id| (session, id));
                let kind = (CONTENT_TYPE, EVENT_STREAM);
                (Said::Frames(frames), session.into_iter().chain([kind]).collect())
            }
            Operation::GuardrailChecks => whole(&guardrail::checked(&self.json)),
            Operation::Endpoint | Operation::EndpointStream => self.endpoint(reply),
            Operation::Converse | Operation::ConverseStream | Operation::Invoke | Operation::InvokeStream => {
                self.generate(reply)
            }
        }
    }

    fn written(&self, reply: &mut Reply) -> Written {
        Written::of(&self.json, reply.text.take(), self.number)
    }

    fn count_tokens(&self) -> (Said, Vec<(HeaderName, HeaderValue)>) {
        let tokens = prompt::counted(&self.json).map_or(1, |counted| prompt::input_tokens(&counted));
        whole(&json!({ "inputTokens": tokens }))
    }

    /// `SageMaker` knows no format: the body comes back, or the script's text goes out as it is.
    fn endpoint(&self, reply: &mut Reply) -> (Said, Vec<(HeaderName, HeaderValue)>) {
        let tool = reply.tool_use.take().map(|tool| tool.input.to_string());
        let body = reply
            .text
            .take()
            .or(tool)
            .map_or_else(|| self.body.clone(), Bytes::from);
        let body_type = self.content_type.clone().unwrap_or(JSON);
        let variant = (
            HeaderName::from_static("x-amzn-invoked-production-variant"),
            HeaderValue::from_static("AllTraffic"),
        );
        if !self.operation.is_stream() {
            return (Said::Whole(body), vec![(CONTENT_TYPE, body_type), variant]);
        }
        let frames = frames::of_bytes(body, reply.chunk_chars.unwrap_or(CHUNK_CHARS));
        let part_type = (
            HeaderName::from_static("x-amzn-sagemaker-content-type"),
            body_type,
        );
        (
            Said::Frames(self.interrupt(frames, reply)),
            vec![(CONTENT_TYPE, EVENT_STREAM), part_type, variant],
        )
    }

    fn generate(&self, reply: &mut Reply) -> (Said, Vec<(HeaderName, HeaderValue)>) {
        let shape = match self.operation {
            Operation::Converse | Operation::ConverseStream => Shape::Converse,
            _ => Shape::native(&self.target, &self.json),
        };
        let answer = Answer::new(self.target.clone(), &self.json, reply, self.number);
        if !self.operation.is_stream() {
            let body = shape.whole(&answer, self.number).to_string();
            let mut headers = vec![(CONTENT_TYPE, JSON)];
            if shape != Shape::Converse {
                headers.extend(usage_headers(&answer));
            }
            return (Said::Whole(body.into()), headers);
        }
        let delta_chars = reply.chunk_chars.unwrap_or(CHUNK_CHARS);
        let frames = self.interrupt(frames::of_answer(shape, &answer, delta_chars, self.number), reply);
        let mut headers = vec![(CONTENT_TYPE, EVENT_STREAM)];
        if shape != Shape::Converse {
            headers.push((HeaderName::from_static("x-amzn-bedrock-content-type"), JSON));
        }
        (Said::Frames(frames), headers)
    }

    fn interrupt(&self, frames: Frames, reply: &Reply) -> Frames {
        let Some(count) = reply.exception_after else {
            return frames;
        };
        let name = reply.exception.as_deref().unwrap_or("throttlingException");
        let message = reply.message.as_deref().unwrap_or("scripted by the simulator");
        frames::cut_by_exception(frames, count, name, message, self.operation.is_sagemaker())
    }
}

fn whole(body: &Value) -> (Said, Vec<(HeaderName, HeaderValue)>) {
    (Said::Whole(body.to_string().into()), vec![(CONTENT_TYPE, JSON)])
}

enum Said {
    Whole(Bytes),
    Frames(Frames),
}

/// Source: the response headers from which langchain-aws takes the usage of `InvokeModel`.
fn usage_headers(answer: &Answer) -> [(HeaderName, HeaderValue); 3] {
    [
        (
            HeaderName::from_static("x-amzn-bedrock-input-token-count"),
            answer.input_tokens.into(),
        ),
        (
            HeaderName::from_static("x-amzn-bedrock-output-token-count"),
            answer.output_tokens.into(),
        ),
        (
            HeaderName::from_static("x-amzn-bedrock-invocation-latency"),
            answer.latency_ms().into(),
        ),
    ]
}

/// `None` when the body is larger than `bytes_max`, or breaks off.
async fn read(head: &Parts, body: Incoming, bytes_max: usize) -> Option<Bytes> {
    let declared = head
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > bytes_max) {
        return None;
    }
    Limited::new(body, bytes_max)
        .collect()
        .await
        .ok()
        .map(http_body_util::Collected::to_bytes)
}

fn parse(body: &[u8]) -> Result<Value, Refusal> {
    let malformed = || {
        Refusal::new(
            "ValidationException",
            "The request body is not a valid JSON object.",
        )
    };
    let json: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    if json.is_object() {
        Ok(json)
    } else {
        Err(malformed())
    }
}

fn is_error(status: Option<u16>) -> bool {
    status.is_some_and(|status| status >= 400)
}
