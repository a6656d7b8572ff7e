//! Trails of questions about models, which go no further than the gateway.

use super::{Trail, words};
use crate::refusal::Refusal;
use palisade_audit::{Effect, PolicyRef, Reason};
use palisade_wire::bedrock::discovery::Discovery;

impl Trail {
    /// Notes a question about models, and the policies that say which the caller may use.
    pub fn asked(&mut self, asked: &Discovery, policy: PolicyRef) {
        self.decision.action = words::question(asked);
        self.decision.policy = Some(policy);
    }

    /// Records that a question is answered, and waits until the record is durable.
    ///
    /// # Errors
    /// [`Refusal::AuditUnavailable`]: nothing may be told.
    pub async fn told(&mut self) -> Result<(), Refusal> {
        self.decision.reason = Reason::Policy;
        self.decision.effect = Effect::Allow;
        self.write_decision().await.map(|_| ())
    }
}
