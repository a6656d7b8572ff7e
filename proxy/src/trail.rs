//! The audit trail of one exchange: a decision record, durable before anything leaves, and a completion record.
//!
//! INVARIANT: every [`Trail`] of an identified caller leaves both records, whatever happens: refused, failed, abandoned,
//! panicked. Room for both is reserved when the caller is known, so closing it never waits and never fails for want of
//! room. One whose caller nobody could identify leaves both, or is counted with others like it.
//!
//! ```text
//! open ──caller──► room ──decided──► decision written, durable ──close──► completion written
//!   └───refused─────┴────────────────────────┘                  └─drop──► completion `abandoned`
//! ```

mod words;
mod segment;
mod store;
mod file;
mod archive;
mod strangers;
mod queue;
mod ongoing;
mod prepare;
mod disk;
mod resume;
mod reads;
pub(crate) mod keys;
mod inbox;
mod people;
mod sealing;
mod log;
mod hashes;
mod witnesses;
mod publish;
mod writer;
mod handle;
mod answered;

pub(crate) use archive::{Kind, configuration, kept_at};
pub(crate) use file::replace;
pub use handle::{Audit, AuditError};
pub(crate) use hashes::Hashes;
pub(crate) use people::{Erasure, People};
pub(crate) use publish::{CHECKPOINT, OWN_KEY};
pub use queue::{InForce, Receipt, Slot, Subjects};
pub(crate) use reads::{Read, tell as tell_read};
pub(crate) use resume::{lock as lock_folder, tree_before};
pub(crate) use sealing::sealed_facts;
pub(crate) use segment::{LINES, LogSegment, Segment, limited, line_files, segments};
pub(crate) use witnesses::WITNESSED;

use crate::authorize::Cleared;
use crate::caller::Caller;
use crate::clock::unix_ns;
use crate::edge::{Answer, Head};
use crate::outcome::Outcome;
use crate::quota::Reserved;
use crate::refusal::Refusal;
use crate::route::Route;
use crate::screen::{Coverage, recorded};
use crate::shadow::Tried;
use palisade_audit::{
    Attempt, Completion, Decision, Effect, End, Finding, Http, ModelRef, PolicyRef, Question, Reason, Record,
    Treatment, record,
};
use std::borrow::Cow;
use std::net::IpAddr;
use std::time::{Duration, Instant};
use strangers::Verdict;
use words::{action, method};

/// A decision whose record is durable: the only thing that may be sent.
#[derive(Debug)]
#[must_use = "what is recorded as allowed must be sent or closed"]
pub struct Recorded {
    reserved: Reserved,
    receipt: Option<Receipt>,
}

impl Recorded {
    /// The cleared call.
    pub fn cleared(&self) -> &Cleared {
        self.reserved.cleared()
    }

    /// Where the record stands; `None` when it was not waited for, as in `best_effort` mode.
    pub fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }
}

/// The open trail of one exchange.
#[derive(Debug)]
#[must_use = "a trail is closed with `close`; dropping it records an abandoned exchange"]
pub struct Trail {
    audit: Audit,
    client_ip: IpAddr,
    arrived: Instant,
    decision: Box<Decision>,
    subjects: Subjects,
    /// What is asked beside the rules in force.
    tried: Option<Tried>,
    completion: Box<Completion>,
    room: Room,
}

/// Where the records go.
#[derive(Debug)]
enum Room {
    /// Nobody is identified yet. Whether there will be records is decided when it ends.
    Unidentified,
    /// Each slot is taken when its record is written.
    Slots {
        decision: Option<Slot>,
        completion: Option<Slot>,
    },
    /// There are no records: the exchange is counted.
    Counted,
}

impl Trail {
    /// Opens a trail. Nothing is reserved for somebody who may never be identified.
    pub fn open(audit: &Audit, head: &Head, arrived: Instant, request_id: &str) -> Self {
        let decision = Decision {
            id: uuid::Uuid::now_v7().to_string(),
            request_id: request_id.to_owned(),
            time: unix_ns(),
            v: record::SCHEMA_VERSION,
            http: Http {
                body_bytes: 0,
                client_ip: head.client_ip().to_string(),
                method: method(head.method()).to_owned(),
                path_sha256: sha256_hex(head.path()),
                sent_sha256: None,
                version: format!("{:?}", head.version()),
            },
            ..Decision::default()
        };
        Self {
            audit: audit.clone(),
            client_ip: head.client_ip(),
            arrived,
            completion: Box::new(Completion {
                decision: decision.id.clone(),
                request_id: request_id.to_owned(),
                v: record::SCHEMA_VERSION,
                ..Completion::default()
            }),
            decision: Box::new(decision),
            subjects: Subjects::default(),
            tried: None,
            room: Room::Unidentified,
        }
    }

    /// Notes who called, and reserves room for the two records.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when there is no room; the loss is itself recorded. In best effort the call goes on without.
    pub fn caller(&mut self, caller: &Caller) -> Result<(), Refusal> {
        self.room = Room::Counted;
        match self.reserve() {
            Err(_) if self.audit.goes_on() => {}
            reserved => reserved?,
        }
        caller
            .principal()
            .tenant()
            .id()
            .clone_into(&mut self.decision.tenant);
        self.decision.principal = Some(Box::new(caller.record()));
        self.subjects.principal = Some(caller.principal().facts().clone());
        Ok(())
    }

    fn reserve(&mut self) -> Result<(), Refusal> {
        let (decision, completion) = self.audit.reserve()?;
        self.room = Room::Slots {
            decision: Some(decision),
            completion: Some(completion),
        };
        Ok(())
    }

    /// Decides what a refusal of somebody unidentified leaves behind. Returns how long its answer has to wait.
    fn stranger(&mut self, reason: Reason) -> Duration {
        self.room = Room::Counted;
        match self.audit.stranger(self.client_ip, reason) {
            Verdict::Recorded => {
                // Without room it is lost, and the log says so.
                let _ = self.reserve();
                Duration::ZERO
            }
            Verdict::Counted(wait) => wait,
        }
    }

    /// Notes how old the registry is, in seconds, if its store does not answer.
    pub fn stale(&mut self, stale_s: Option<u64>) {
        self.decision.stale_s = stale_s;
    }

    /// Notes what is asked for, and which policies are asked about it.
    pub fn route(&mut self, route: &Route, policy: PolicyRef) {
        self.decision.action = action(route.action());
        self.subjects.model = Some(route.model().clone());
        self.subjects.used = route.uses().iter().map(|used| used.model.clone()).collect();
        self.decision.model = Some(ModelRef {
            alias: route.alias().map(str::to_owned),
            id: route.model().facts().id.clone(),
            facts: route.model().archived().digest.clone(),
        });
        self.decision.streaming = route.streaming();
        let tongue = route.speech().map(|speech| speech.tongue.name());
        self.decision.translated_from = tongue.map(Cow::Borrowed);
        self.decision.policy = Some(policy);
    }

    /// Has a bundle that is only tried asked about the same, when the decision is made and when the answer has passed.
    pub fn tried(&mut self, tried: Option<Tried>) {
        self.tried = tried;
    }

    /// Notes the size of the request body, in bytes.
    pub fn body(&mut self, bytes: usize) {
        self.decision.http.body_bytes = bytes as u64;
    }

    /// Notes what a scan could not look into, a guardrail of the caller's choice, and what policy is asked about the call.
    pub fn screened(&mut self, coverage: &Coverage, question: Question) {
        self.decision.question = Some(Box::new(question));
        self.decision.coverage_gaps = coverage.gaps.iter().copied().map(recorded).collect();
        self.decision.client_guardrail = coverage.client_guardrail;
    }

    /// Notes what became of the call. Returns how it ended.
    ///
    /// # Errors
    /// The refusal that it ended with, before anything was written to the client.
    pub fn settled(&mut self, outcome: Outcome) -> Result<End, Refusal> {
        outcome.note(&mut self.completion)
    }

    /// Notes each sending of the call.
    pub fn attempts(&mut self, attempts: Vec<Attempt>) {
        self.completion.attempts = attempts;
    }

    /// Records that the call may go upstream, and waits until the record is durable.
    ///
    /// # Errors
    /// [`Refusal::AuditUnavailable`]: nothing may be sent.
    pub async fn decided(&mut self, reserved: Reserved) -> Result<Recorded, Refusal> {
        let cleared = reserved.cleared();
        self.decision.log_only = !cleared.permit().enforced();
        match cleared.waived() {
            Some(refusal) => self.note_refusal(refusal),
            None => {
                self.decision.reason = Reason::Policy;
                self.decision.effect = effect(cleared);
                self.decision.determining = cleared.determining().to_vec();
            }
        }
        self.decision.findings = cleared.findings().to_vec();
        self.decision.http.sent_sha256 = Some(cleared.payload().as_str().to_owned());
        let receipt = self.write_decision().await?;
        Ok(Recorded { reserved, receipt })
    }

    /// Records that the exchange was refused, unless its decision is already written, and waits until the record is
    /// durable. That of somebody unidentified is not waited for: nothing is acted on, and a sync is not theirs to ask
    /// for. Returns how long the answer has to wait.
    ///
    /// # Errors
    /// [`Refusal::AuditUnavailable`]: the caller is told that instead.
    pub async fn refused(&mut self, refusal: &Refusal) -> Result<Duration, Refusal> {
        self.note_refusal(refusal);
        match &self.room {
            Room::Unidentified => {
                let wait = self.stranger(refusal.reason());
                self.send_decision();
                Ok(wait)
            }
            Room::Slots {
                decision: Some(_), ..
            } => self.write_decision().await.map(|_| Duration::ZERO),
            Room::Slots { decision: None, .. } | Room::Counted => Ok(Duration::ZERO),
        }
    }

    fn note_refusal(&mut self, refusal: &Refusal) {
        self.decision.effect = Effect::Deny;
        self.decision.reason = refusal.reason();
        match refusal {
            Refusal::Denied(denied) => {
                self.decision.determining.clone_from(&denied.determining);
                self.decision.errors.clone_from(&denied.errors);
                self.decision.findings.clone_from(&denied.findings);
            }
            Refusal::Exceeded(exceeded) => self.decision.limit = Some(exceeded.limit.key().to_owned()),
            Refusal::Blocked(blocked) => {
                self.decision.errors.clone_from(&blocked.errors);
                self.decision.findings.clone_from(&blocked.findings);
            }
            _ => {}
        }
    }

    async fn write_decision(&mut self) -> Result<Option<Receipt>, Refusal> {
        let Some(slot) = self.decision_slot() else {
            return match self.room {
                // There was no room, and the call goes on: see `caller`.
                Room::Counted if self.audit.goes_on() => Ok(None),
                _ => Err(Refusal::Internal("a decision was recorded twice")),
            };
        };
        let decision = std::mem::take(&mut *self.decision);
        slot.send_durable(Record::Decision(decision), std::mem::take(&mut self.subjects))
            .await
    }

    /// The same without waiting, if it has not been written yet.
    fn send_decision(&mut self) {
        if let Some(slot) = self.decision_slot() {
            let subjects = std::mem::take(&mut self.subjects);
            slot.send(Record::Decision(std::mem::take(&mut *self.decision)), subjects);
        }
    }

    fn decision_slot(&mut self) -> Option<Slot> {
        if let (Some(tried), Some(principal), Some(model)) =
            (&self.tried, &self.subjects.principal, &self.subjects.model)
        {
            tried.decision(&self.decision, principal, model, &self.subjects.used);
        }
        match &mut self.room {
            Room::Slots { decision, .. } => decision.take(),
            Room::Unidentified | Room::Counted => None,
        }
    }

    /// Closes the trail: writes the completion record.
    pub fn close(mut self, end: End, answer: Answer) {
        self.completion.end = end;
        self.completion.client_status = answer.status;
        self.completion.client_bytes = answer.body_bytes;
        self.completion.ttfb_us = answer.first_byte.map(|at| self.micros_until(at));
        self.write_completion();
    }

    fn micros_until(&self, at: Instant) -> u64 {
        let elapsed = at.saturating_duration_since(self.arrived);
        u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
    }

    fn write_completion(&mut self) {
        let Room::Slots { completion, .. } = &mut self.room else {
            return;
        };
        let Some(slot) = completion.take() else {
            return;
        };
        self.completion.time = unix_ns();
        self.completion.total_us = self.micros_until(Instant::now());
        if let Some(tried) = &self.tried {
            tried.completion(&self.completion);
        }
        slot.send(
            Record::Completion(std::mem::take(&mut *self.completion)),
            Subjects::default(),
        );
    }
}

impl Drop for Trail {
    /// An exchange that was dropped without a word (a cancelled task, a panic) still leaves its records.
    fn drop(&mut self) {
        if matches!(self.room, Room::Unidentified) {
            self.stranger(self.decision.reason);
        }
        self.send_decision();
        self.write_completion();
    }
}

/// What is done with a call that policy lets pass, or would have been if it is only watched.
fn effect(cleared: &Cleared) -> Effect {
    let changes = |finding: &Finding| finding.treatment != Treatment::Raw;
    match cleared.modified() || cleared.findings().iter().any(changes) {
        true => Effect::AllowModified,
        false => Effect::Allow,
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    palisade_wire::sigv4::PayloadHash::of(bytes).as_str().to_owned()
}

#[cfg(test)]
mod tests;
