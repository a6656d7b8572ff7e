//! Conversations that go both ways at once: what the caller says is judged event by event, what the model says is guarded like any
//! stream.
//!
//! Nothing goes on that was not looked into: sound at once, a content with text when it has ended. What policy is asked about is recorded
//! as a decision of its own, under the id of the request, and goes on once that is durable.

mod hearing;
mod sides;

use super::stream::Guard;
use super::{
    Cut, Guarding, Observed, answer, answer_headers, last_words, observed_in, protocol, request_id, streams,
};
use crate::admit::Admitted;
use crate::authorize::policy_ref;
use crate::call::Standing;
use crate::edge::{Answer, Client, SignedEvents};
use crate::judge::Judging;
use crate::outcome::Outcome;
use crate::quota;
use crate::refusal::{Denied, ProviderFailure, Refusal};
use crate::spoken::Sent;
use crate::trail::{Recorded, Trail};
use crate::upstream::{Connection, Reply, Upstream};
use crate::withdrawal::Withdrawal;
use bytes::{Bytes, BytesMut};
use hearing::{Heard, Hearing};
use palisade_audit::{self as audit, Attempt, End};
use palisade_wire::sigv4::PayloadHash;
use palisade_wire::turns::{self, Turn};
use sides::{Next, Sides};
use std::sync::Arc;
use std::time::Instant;

/// A conversation that may begin.
pub struct Conversation<'a> {
    /// What it is guarded with.
    pub guarding: Guarding<'a>,
    /// What was asked for.
    pub admitted: &'a Arc<Admitted>,
    /// The decision to let it begin.
    pub recorded: &'a Arc<Recorded>,
}

/// So many tools are offered in one.
const TOOLS_MAX: usize = 1_024;

/// Why a conversation does not go on.
enum Stop {
    /// It is over.
    Ended(End),
    /// The answer is no stream.
    Whole,
    Cut(Cut),
    Refused(Refusal),
}

impl From<Cut> for Stop {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Conversation<'_> {
    /// Passes a conversation on, and says what became of it.
    pub async fn run(
        &self,
        (upstream, connection): (&Upstream, Connection),
        signatures: SignedEvents,
        client: &mut Client<'_>,
        attempts: &mut Vec<Attempt>,
    ) -> Outcome {
        let opened = upstream.open(connection, self.recorded, attempts).await;
        let (talk, mut reply) = match opened {
            Ok(opened) => opened,
            Err(refusal) => return Outcome::unanswered(refusal),
        };
        let mut observed = observed_in(self.recorded, self.guarding.rulebook);
        let hearing = Hearing::new(signatures, client, self.guarding.body_bytes_max);
        let mut sides = Sides::new((client, hearing), (talk, &mut reply), upstream);
        let stop = match self.pass(&mut sides, &mut observed).await {
            Ok(end) => Stop::Ended(end),
            Err(stop) => stop,
        };
        // Dropped, it stops the model, and loses what of an answer is on its way.
        let _talk = matches!(stop, Stop::Whole).then(|| sides.into_talk());
        if let Some(attempt) = attempts.last_mut() {
            attempt.result = sent(&reply, &stop);
        }
        let (end, answer) = match stop {
            Stop::Whole => answer(&self.guarding, self.recorded, &mut reply, client).await,
            Stop::Ended(end) => (Ok(end), observed.into_answered()),
            Stop::Cut(cut) => (Ok(self.cut(&cut, client).await), observed.into_answered()),
            Stop::Refused(refusal) => (self.refuse(refusal, client).await, observed.into_answered()),
        };
        Outcome {
            end,
            upstream_status: reply.status(),
            upstream_request_id: request_id(&reply),
            answer,
        }
    }

    /// From the first event to the last of either side.
    async fn pass(&self, sides: &mut Sides<'_, '_, '_>, observed: &mut Observed<'_>) -> Result<End, Stop> {
        let route = self.recorded.cleared().route();
        let (protocol, engine) = (protocol(self.recorded), &self.guarding.rulebook.engine);
        let mut guard = None;
        let mut withdrawal = Withdrawal::of(
            self.guarding.controls,
            self.recorded,
            sides.client.head().client_ip(),
        );
        loop {
            let next = tokio::select! {
                next = sides.next(guard.is_some()) => next?,
                () = withdrawal.happened() => return Err(match guard {
                    Some(_) => Cut::before(End::Withdrawn).into(),
                    None => withdrawn().into(),
                }),
            };
            match (next, &mut guard) {
                (Next::Left, _) => {}
                (Next::Heard(piece), _) => self.hear(sides, piece, &withdrawal).await?,
                (Next::Begun, _) => {
                    self.begin(sides).await?;
                    guard = Some(Guard::new(engine, protocol, route.dialect()));
                }
                (Next::Said(Some(piece)), Some(guard)) => {
                    let out = guard.push(piece, observed)?;
                    sides.client.send(out).await?;
                }
                (Next::Said(None), Some(guard)) => {
                    let out = guard.finish(observed)?;
                    sides.client.send(out).await?;
                    sides.client.end().await?;
                    return Ok(guard.end());
                }
                (Next::Said(_), None) => return Err(Refusal::Internal("an answer before its head").into()),
            }
        }
    }

    /// The head of the answer has arrived.
    async fn begin(&self, sides: &mut Sides<'_, '_, '_>) -> Result<(), Stop> {
        if sides.reply.status() != 200 || !streams(sides.reply) {
            return Err(Stop::Whole);
        }
        let asked_in = sides.client.head().protocol();
        let headers = answer_headers(self.recorded, sides.reply, asked_in, self.guarding.request_id);
        Ok(sides.client.start(200, &headers).await?)
    }

    /// What the caller has said goes on, or is judged first.
    async fn hear(
        &self,
        sides: &mut Sides<'_, '_, '_>,
        piece: Option<Bytes>,
        withdrawal: &Withdrawal<'_>,
    ) -> Result<(), Refusal> {
        sides.hears = piece.is_some();
        sides.hearing.push(piece, sides.client)?;
        while let Some(heard) = sides.hearing.next()? {
            match heard {
                Heard::Everything => sides.talk.say(b"")?,
                Heard::Turn(Turn::Wait) => {}
                Heard::Turn(Turn::Pass(event)) => sides.say(&event)?,
                Heard::Turn(Turn::Judge(events)) => {
                    for event in self.judged(events, sides, withdrawal).await? {
                        sides.say(&event)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Events as they may go on. The decision is recorded.
    async fn judged(
        &self,
        events: Bytes,
        sides: &mut Sides<'_, '_, '_>,
        withdrawal: &Withdrawal<'_>,
    ) -> Result<Vec<Bytes>, Refusal> {
        let audit = self.guarding.controls.audit();
        let head = sides.client.head();
        let mut trail = Trail::open(audit, head, Instant::now(), self.guarding.request_id);
        match self
            .decided(events, &sides.standing, &mut trail, withdrawal)
            .await
        {
            Ok((recorded, standing)) => {
                sides.standing = standing;
                trail.close(End::Completed, Answer::default());
                let events = turns::events(recorded.cleared().body());
                events.map_err(|_| Refusal::Internal("events as they were rewritten"))
            }
            Err(refusal) => {
                trail.refused(&refusal).await?;
                trail.close(refusal.end(), Answer::default());
                Err(refusal)
            }
        }
    }

    /// The decision, by the rules in force now.
    async fn decided(
        &self,
        events: Bytes,
        before: &Standing,
        trail: &mut Trail,
        withdrawal: &Withdrawal<'_>,
    ) -> Result<(Recorded, Standing), Refusal> {
        let Guarding {
            pool,
            tenant,
            controls,
            ..
        } = &self.guarding;
        trail.caller(self.admitted.caller())?;
        let rulebook = &controls.rulebook();
        trail.stale(controls.freshness().check(Instant::now(), rulebook.stale_max)?);
        trail.route(self.admitted.route(), policy_ref(&rulebook.policies));
        trail.tried(controls.shadow().beside(rulebook));
        let is_as_it_began = Arc::ptr_eq(rulebook, self.guarding.rulebook);
        if !is_as_it_began && !withdrawal.may_begin(rulebook) {
            return Err(withdrawn());
        }
        let bytes = events.len();
        trail.body(bytes);
        let judging = Judging {
            rulebook: Arc::clone(rulebook),
            admitted: Arc::clone(self.admitted),
            sent: Sent {
                payload: PayloadHash::of(&events),
                body: events,
            },
            before: before.clone(),
        };
        let judged = pool
            .run(tenant, bytes, move |allowance| judging.judge(allowance))
            .await?;
        trail.screened(&judged.coverage, judged.question);
        if judged.standing.tools() > TOOLS_MAX {
            let why = format!("a conversation offers {TOOLS_MAX} tools at most");
            return Err(Refusal::Malformed(why));
        }
        let recorded = trail.decided(quota::reserve(judged.cleared?)).await?;
        Ok((recorded, judged.standing))
    }

    /// Ends an answer that must not go on.
    async fn cut(&self, cut: &Cut, client: &mut Client<'_>) -> End {
        let last = cut.last_bytes(client.head().protocol(), self.guarding.request_id);
        last_words(last, client).await;
        cut.end
    }

    /// Says why what the caller said does not go on: as a refusal before the answer has begun, else as its end.
    async fn refuse(&self, refusal: Refusal, client: &mut Client<'_>) -> Result<End, Refusal> {
        if client.answer().status == 0 || matches!(refusal, Refusal::ClientGone) {
            return Err(refusal);
        }
        let end = match refusal {
            Refusal::Upstream(ProviderFailure::Timeout) => {
                return Ok(self.cut(&Cut::before(End::Timeout), client).await);
            }
            Refusal::Upstream(_) => return Ok(self.cut(&Cut::before(End::UpstreamError), client).await),
            Refusal::Denied(_) | Refusal::Blocked(_) => End::PolicyCut,
            _ => refusal.end(),
        };
        let message = format!("{} (request {})", refusal.message(), self.guarding.request_id);
        let mut last = BytesMut::new();
        // It fails for messages of megabytes only.
        let _ = refusal.fault().exception_frame(
            client.head().protocol(),
            &message,
            self.guarding.request_id,
            &mut last,
        );
        last_words(last.freeze(), client).await;
        Ok(end)
    }
}

/// What became of the sending of a conversation.
fn sent(reply: &Reply, stop: &Stop) -> audit::Sent {
    match (reply.status(), stop) {
        (1.., _) => audit::Sent::Answered,
        (_, Stop::Refused(Refusal::Upstream(ProviderFailure::Timeout))) => audit::Sent::Timeout,
        (_, Stop::Refused(Refusal::Upstream(_))) => audit::Sent::Broken,
        _ => audit::Sent::GivenUp,
    }
}

/// Rules came into force that would not let it begin.
fn withdrawn() -> Refusal {
    Refusal::Denied(Denied {
        reason: audit::Reason::NoPermit,
        determining: Vec::new(),
        errors: Vec::new(),
        findings: Vec::new(),
        message: Some("the model has been withdrawn from you".to_owned()),
    })
}
