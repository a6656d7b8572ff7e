//! The provider's answer on its way to the client: metered, scanned, treated, passed on.
//!
//! A whole answer is rewritten in place; a stream goes through [`stream::Guard`], a pure `push(bytes) -> bytes`. Policy is
//! asked about each finding with the number there have been. Tokens that the request put in the place of values give way
//! to them last, so that what is put back is not found again.

mod cut;
mod lane;
mod retirement;
mod whole;
mod stream;
mod spoken;
mod talk;

use crate::config::WithheldAnswers;
use crate::controls::Controls;
use crate::edge::Client;
use crate::outcome::{Answered, Outcome};
use crate::refusal::{ProviderFailure, Refusal};
use crate::rulebook::Rulebook;
use crate::settle;
use crate::trail::Recorded;
use crate::treat::{Treatments, Withheld};
use crate::upstream::{Reply, Upstream};
use crate::withdrawal::Withdrawal;
use crate::work::{Allowance, Pool, Stop};
use bytes::Bytes;
use cut::Cut;
use palisade_audit::End;
use palisade_wire::protocol::{Protocol, SESSION_HEADER};
use palisade_wire::text::{Unscanned, Usage};
use spoken::Saying;
use std::collections::BTreeSet;
use std::sync::Arc;
use stream::Guard;
pub use talk::Conversation;

/// Media type of Bedrock's streams (AWS, "Amazon event stream encoding").
const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// What an answer is guarded with.
pub struct Guarding<'a> {
    /// The detectors, and what takes the place of values.
    pub rulebook: &'a Arc<Rulebook>,
    /// Where long work is done.
    pub pool: &'a Pool,
    /// In whose turn.
    pub tenant: &'a str,
    /// Largest whole body, in bytes.
    pub body_bytes_max: usize,
    /// What the client is told on errors.
    pub request_id: &'a str,
    /// Which rules are in force.
    pub controls: &'a Controls,
}

/// What was seen in an answer.
struct Observed<'a> {
    treatments: Treatments<'a>,
    unscanned: BTreeSet<Unscanned>,
    usage: Usage,
    /// Why the model stopped.
    finish_reason: Option<&'static str>,
}

impl<'a> Observed<'a> {
    fn new(treatments: Treatments<'a>) -> Self {
        Self {
            treatments,
            unscanned: BTreeSet::new(),
            usage: Usage::default(),
            finish_reason: None,
        }
    }

    /// Notes why the model stopped; the last reason stands.
    fn finished(&mut self, reason: Option<&'static str>) {
        self.finish_reason = reason.or(self.finish_reason);
    }

    fn into_answered(self) -> Answered {
        let errors = self.treatments.errors();
        let (findings, restored) = self.treatments.into_records();
        Answered {
            errors,
            findings,
            restored,
            unscanned: self.unscanned,
            usage: self.usage,
            finish_reason: self.finish_reason,
        }
    }
}

/// Passes an answer on, and says what became of it.
pub async fn run(
    guarding: &Guarding<'_>,
    upstream: &Upstream,
    recorded: &Arc<Recorded>,
    mut reply: Reply,
    client: &mut Client<'_>,
) -> Outcome {
    let upstream_status = reply.status();
    let upstream_request_id = request_id(&reply);
    let (end, answer) = answer(guarding, recorded, &mut reply, client).await;
    if matches!(end, Ok(End::Completed)) {
        upstream.release(reply).await;
    }
    Outcome {
        end,
        upstream_status,
        upstream_request_id,
        answer,
    }
}

/// The provider's own id of the request.
fn request_id(reply: &Reply) -> Option<String> {
    let id = uuid::Uuid::try_parse(reply.header("x-amzn-requestid")?);
    id.ok().map(|id| id.to_string())
}

/// Whether an answer is a stream of events.
fn streams(reply: &Reply) -> bool {
    reply
        .header("content-type")
        .is_some_and(|kind| kind.starts_with(EVENT_STREAM))
}

async fn answer(
    guarding: &Guarding<'_>,
    recorded: &Arc<Recorded>,
    reply: &mut Reply,
    client: &mut Client<'_>,
) -> (Result<End, Refusal>, Answered) {
    // Such an error is about the gateway's credentials, and says more of them than a tenant may know.
    if matches!(reply.status(), 401 | 403) {
        tracing::error!(
            status = reply.status(),
            error = credential_error(reply.header("x-amzn-errortype").unwrap_or_default()),
            "the provider refuses the gateway's credentials"
        );
        return (
            Err(Refusal::Upstream(ProviderFailure::Refused)),
            Answered::default(),
        );
    }
    if streams(reply) && reply.status() == 200 && recorded.cleared().route().streaming() {
        let mut observed = observed_in(recorded, guarding.rulebook);
        let end = stream(guarding, recorded, reply, client, &mut observed).await;
        (end, observed.into_answered())
    } else {
        let mut answered = Answered::default();
        let end = answer_whole(guarding, recorded, reply, client, &mut answered).await;
        (end, answered)
    }
}

fn protocol(recorded: &Recorded) -> Protocol {
    recorded.cleared().route().target().protocol()
}

fn observed_in<'a>(recorded: &'a Recorded, rulebook: &'a Rulebook) -> Observed<'a> {
    let cleared = recorded.cleared();
    Observed::new(Treatments::of_answer(
        cleared.permit(),
        &rulebook.forms,
        cleared.seal(),
        cleared.tokens(),
    ))
}

/// What is passed on of an answer's headers, or is said in their place. The request id is the gateway's own: it is the one in the records.
fn answer_headers(
    recorded: &Recorded,
    reply: &Reply,
    asked_in: Protocol,
    request_id: &str,
) -> Vec<(&'static str, String)> {
    let route = recorded.cleared().route();
    let told = retirement::headers(route.model());
    if let Some(speech) = route.speech() {
        let said = spoken::headers(speech, route.streaming(), asked_in, request_id);
        return said.into_iter().chain(told).collect();
    }
    let value = |&name: &&'static str| {
        let value = reply.header(name)?;
        match name {
            SESSION_HEADER => {
                let sealed = settle::sealed_session(route, recorded.cleared().seal(), value);
                sealed.map(|sealed| (name, sealed))
            }
            _ => Some((name, value.to_owned())),
        }
    };
    let own = ("x-amzn-requestid", request_id.to_owned());
    let passed = protocol(recorded).answer_headers().iter().filter_map(value);
    passed.chain([own]).chain(told).collect()
}

/// The name of an error about credentials as logs show it: of a closed list, for who answers in the provider's place could
/// put anything there.
fn credential_error(name: &str) -> &'static str {
    const KNOWN: [&str; 7] = [
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "OptInRequired",
        "UnrecognizedClientException",
    ];
    // AWS appends the namespace, and sometimes a URL, after a colon.
    let name = name.split(':').next().unwrap_or_default();
    KNOWN.into_iter().find(|known| *known == name).unwrap_or("other")
}

async fn answer_whole(
    guarding: &Guarding<'_>,
    recorded: &Arc<Recorded>,
    reply: &mut Reply,
    client: &mut Client<'_>,
    answered: &mut Answered,
) -> Result<End, Refusal> {
    let mut held = client.hold();
    let body = tokio::select! {
        body = reply.whole(guarding.body_bytes_max, &mut held) => body?,
        why = client.interrupted() => return Err(why),
    };
    let bytes = body.len();
    let work = guard_whole(guarding, recorded, reply, body);
    let (guarded, observed) = tokio::select! {
        biased;
        guarded = guarding.pool.run(guarding.tenant, bytes, work) => guarded?,
        why = client.interrupted() => return Err(why),
    };
    *answered = observed;
    if let Some(body) = withheld(guarding, recorded, reply.status(), &guarded, &answered.usage) {
        let headers = answer_headers(recorded, reply, client.head().protocol(), guarding.request_id);
        client.respond(200, &headers, body).await?;
        return Ok(End::PolicyCut);
    }
    let body = guarded.map_err(of_answer)?;
    let (status, headers, body) = match (recorded.cleared().route().speech(), reply.status()) {
        (Some(_), status) if status != 200 => {
            spoken::error(reply, &body, client.head().protocol(), guarding.request_id)
        }
        (_, status) => (
            status,
            answer_headers(recorded, reply, client.head().protocol(), guarding.request_id),
            body,
        ),
    };
    client.respond(status, &headers, body).await?;
    Ok(End::Completed)
}

/// What is said in the place of an answer, if it may not be shown and ends as if a filter had stopped it.
fn withheld(
    guarding: &Guarding<'_>,
    recorded: &Recorded,
    status: u16,
    guarded: &Result<Bytes, Refusal>,
    usage: &Usage,
) -> Option<Bytes> {
    let is_answer = status == 200 && matches!(guarded, Err(Refusal::Withheld));
    let is_ended = is_answer && guarding.rulebook.withheld_answers == WithheldAnswers::End;
    is_ended
        .then(|| spoken::withheld(recorded.cleared().route(), usage, guarding.request_id))
        .flatten()
}

/// The work on a whole answer: gives the body as the client may see it, or why it may not, and what was observed.
fn guard_whole(
    guarding: &Guarding<'_>,
    recorded: &Arc<Recorded>,
    reply: &Reply,
    body: Bytes,
) -> impl Fn(&mut Allowance<'_>) -> Result<(Result<Bytes, Refusal>, Answered), Stop> + Send + use<> {
    let (rulebook, recorded) = (Arc::clone(guarding.rulebook), Arc::clone(recorded));
    let (status, usage) = (reply.status(), whole::header_usage(reply));
    let dialect = (status == 200).then(|| recorded.cleared().route().dialect());
    move |allowance| {
        let speech = recorded.cleared().route().speech().filter(|_| status == 200);
        let mut observed = observed_in(&recorded, &rulebook);
        observed.usage.merge(usage);
        let guarded = owned(&recorded, status, body.clone())
            .map_err(Stop::from)
            .and_then(|body| whole::guard(&rulebook.engine, status, dialect, body, &mut observed, allowance));
        let said = Stop::unless_moved(guarded)?.and_then(|body| match (speech, status) {
            (Some(speech), _) => Ok(speech.voice.whole(&body, observed.usage.input_tokens)?),
            (None, 200) => settle::answer(recorded.cleared().route(), recorded.cleared().seal(), body),
            (None, _) => Ok(body),
        });
        Ok((said, observed.into_answered()))
    }
}

/// An answer that is no error, without what it tells of others.
fn owned(recorded: &Recorded, status: u16, body: Bytes) -> Result<Bytes, Refusal> {
    match status {
        400.. => Ok(body),
        _ => settle::own(recorded.cleared().route(), recorded.cleared().seal(), body),
    }
}

/// A limit that an answer is over is no fault of the caller's.
fn of_answer(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Exceeded(exceeded) => Refusal::Upstream(ProviderFailure::Exceeds(exceeded)),
        other => other,
    }
}

/// Passes a stream on. Once it has begun, errors are frames of the stream: an early end would pass for a whole answer.
async fn stream(
    guarding: &Guarding<'_>,
    recorded: &Recorded,
    reply: &mut Reply,
    client: &mut Client<'_>,
    observed: &mut Observed<'_>,
) -> Result<End, Refusal> {
    let protocol = protocol(recorded);
    client
        .start(
            200,
            &answer_headers(recorded, reply, client.head().protocol(), guarding.request_id),
        )
        .await?;
    let route = recorded.cleared().route();
    let mut guard = Guard::new(&guarding.rulebook.engine, protocol, route.dialect());
    let mut saying = Saying::of(route, guarding.rulebook.withheld_answers);
    let mut withdrawal = Withdrawal::of(guarding.controls, recorded, client.head().client_ip());
    let cut = loop {
        let piece = tokio::select! {
            piece = reply.next() => piece,
            () = withdrawal.happened() => break Cut::before(End::Withdrawn),
            why = client.interrupted() => match why {
                Refusal::Stopping => break Cut::before(End::Stopped),
                why => return Err(why),
            },
        };
        match piece {
            Ok(Some(piece)) => match guard.push(piece, observed).and_then(|out| Ok(saying.push(out)?)) {
                Ok(out) => client.send(out).await?,
                Err(cut) => break cut,
            },
            Ok(None) => match guard.finish(observed).and_then(|out| Ok(saying.last(out)?)) {
                Ok(out) => {
                    client.send(out).await?;
                    client.end().await?;
                    return Ok(guard.end());
                }
                Err(cut) => break cut,
            },
            Err(Refusal::Upstream(ProviderFailure::Timeout)) => break Cut::before(End::Timeout),
            Err(_) => break Cut::before(End::UpstreamError),
        }
    };
    let last = saying.cut(&cut, client.head().protocol(), guarding.request_id);
    last_words(last, client).await;
    Ok(cut.end)
}

/// Ends a stream that is cut. Why it was stays true when the client leaves at this moment.
async fn last_words(last: Bytes, client: &mut Client<'_>) {
    if client.send(last).await.is_ok() {
        let _ = client.end().await;
    }
}

impl From<Withheld> for Refusal {
    fn from(_: Withheld) -> Self {
        Self::Withheld
    }
}
