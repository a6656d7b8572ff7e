//! Streams whose model is taken away while they run: by policy, by the registry, or with their tenant.

use crate::clock::unix_ms;
use crate::controls::Controls;
use crate::discovery::may_call;
use crate::question::circumstances;
use crate::rulebook::Rulebook;
use crate::trail::Recorded;
use palisade_policies::Model;
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

    fn may_begin(&self, rules: &Rulebook) -> bool {
        let cleared = self.recorded.cleared();
        let route = cleared.route();
        let (Some(caller), Some(model)) = (
            rules.registry.again(cleared.principal()),
            model(rules, route.target(), route.model()),
        ) else {
            return false;
        };
        let base = circumstances(&caller, unix_ms(), self.client_ip);
        base.is_ok_and(|base| may_call(rules, &caller, model, route.action(), &base))
    }
}

/// What is called now where this was called.
fn model<'r>(rules: &'r Rulebook, target: &Target, called: &Model) -> Option<&'r Model> {
    match target {
        Target::Bedrock(target) => rules.registry.model(target.model()?.as_str()),
        Target::Agent(target) => match target.knowledge_base() {
            Some(id) => Some(&rules.registry.services().knowledge_base(id.as_str())?.model),
            None => rules.registry.model(&called.facts().id),
        },
        Target::SageMaker(_) => Some(&rules.registry.endpoint(&called.facts().id)?.model),
    }
}
