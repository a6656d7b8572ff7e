//! Streams whose model is taken away while they run: by policy, by the registry, or with their tenant.

use crate::clock::unix_ms;
use crate::controls::Controls;
use crate::discovery::may_call;
use crate::question::circumstances;
use crate::rulebook::Rulebook;
use crate::trail::Recorded;
use palisade_policies::{Model, ModelKind};
use palisade_wire::target::Target;
use std::net::IpAddr;
use tokio::sync::watch;

/// Waits for rules that would not let a call begin any more.
pub struct Withdrawal<'a> {
    controls: &'a Controls,
    recorded: &'a Recorded,
    client_ip: IpAddr,
    changes: watch::Receiver<()>,
}

impl<'a> Withdrawal<'a> {
    /// Of a call that has begun.
    #[must_use]
    pub fn of(controls: &'a Controls, recorded: &'a Recorded, client_ip: IpAddr) -> Self {
        Self {
            controls,
            recorded,
            client_ip,
            changes: controls.changes(),
        }
    }

    /// Resolves when such rules are in force, and say that running streams are cut. Nothing is lost when it is dropped.
    pub async fn happened(&mut self) {
        loop {
            if self.changes.changed().await.is_err() {
                return std::future::pending().await;
            }
            let rules = self.controls.rulebook();
            if rules.cuts_streams && !self.may_begin(&rules) {
                return;
            }
        }
    }

    /// Whether these rules would let the call begin.
    #[must_use]
    pub fn may_begin(&self, rules: &Rulebook) -> bool {
        let cleared = self.recorded.cleared();
        let route = cleared.route();
        let Some(caller) = rules.registry.again(cleared.principal()) else {
            return false;
        };
        let Ok(base) = circumstances(&caller, unix_ms(), self.client_ip) else {
            return false;
        };
        let may = |action, model: Option<&Model>| {
            model.is_some_and(|model| may_call(rules, &caller, model, action, &base))
        };
        let mut uses = route.uses().iter();
        may(route.action(), called(rules, route.target(), route.model()))
            && uses.all(|used| may(used.action, again(rules, &used.model)))
    }
}

/// What is called now where this was called.
fn called<'r>(rules: &'r Rulebook, target: &Target, called: &Model) -> Option<&'r Model> {
    match target {
        Target::Bedrock(target) => rules.registry.model(target.model()?.as_str()),
        Target::Agent(_) | Target::SageMaker(_) => again(rules, called),
    }
}

/// What has the same id now.
fn again<'r>(rules: &'r Rulebook, called: &Model) -> Option<&'r Model> {
    let (registry, facts) = (&rules.registry, called.facts());
    match facts.kind {
        ModelKind::Model => registry.model(&facts.id),
        ModelKind::Endpoint { .. } => Some(&registry.endpoint(&facts.id)?.model),
        ModelKind::Guardrail => registry.services().guardrail(&facts.id),
        ModelKind::Output { .. } => registry
            .services()
            .outputs()
            .find(|output| output.facts().id == facts.id),
        ModelKind::KnowledgeBase => Some(&registry.services().knowledge_base(&facts.id)?.model),
    }
}
