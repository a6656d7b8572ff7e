//! Which models a caller may use: asked of policy for each that is registered, and told from the registry. Nothing is asked of the provider.

use crate::caller::Caller;
use crate::question::circumstances;
use crate::refusal::{Refusal, Unroutable};
use crate::registry::{Card, Endpoint, Identity};
use crate::rulebook::Rulebook;
use crate::work::{Allowance, Stop};
use palisade_policies::{Action, Base, CallFacts, Model, decide};
use palisade_wire::bedrock::discovery::{Discovery, Listed};
use palisade_wire::bedrock::sagemaker::EndpointName;
use palisade_wire::text::Dialect;
use std::net::IpAddr;
use std::sync::Arc;

/// A question, and all that its answer depends on.
pub struct Telling {
    /// The rules in force.
    pub rulebook: Arc<Rulebook>,
    /// Who asks.
    pub caller: Caller,
    /// From where.
    pub client_ip: IpAddr,
    /// What.
    pub asked: Discovery,
    /// The region whose models they are.
    pub region: String,
}

impl Telling {
    /// The answer at a time, in milliseconds since the Unix epoch: JSON.
    ///
    /// # Errors
    /// [`Refusal::Unroutable`] when the model that is asked about is not there, or not for the caller; [`Stop`] when it takes too long.
    pub fn answer(&self, now_ms: i64, allowance: &Allowance<'_>) -> Result<Vec<u8>, Stop> {
        let base = circumstances(self.caller.principal(), now_ms, self.client_ip);
        let base = base.map_err(|_| Refusal::Internal("policy context"))?;
        let mut listed = Vec::new();
        for (name, card) in self.candidates() {
            allowance.step()?;
            if self.may_use(card, &base) {
                let is_alias = self.rulebook.registry.card(&name).is_none() && !name.starts_with("arn:");
                listed.push(Listed {
                    is_alias,
                    ..card.listed(&name)
                });
            }
        }
        listed.extend(self.endpoints(&base));
        listed.sort_by(|a, b| a.id.cmp(&b.id));
        listed.dedup_by(|a, b| a.id == b.id);
        let answer = self.asked.answer(&listed, &self.region);
        let answer = answer.ok_or(Refusal::Unroutable(Unroutable::Model))?;
        Ok(answer.to_string().into_bytes())
    }

    /// What could be told of, by the names that the caller has for it.
    fn candidates(&self) -> Vec<(String, &Card)> {
        let registry = &self.rulebook.registry;
        let tenant = self.caller.principal().tenant().id();
        let named = |name: &str, id: &str| Some((name.to_owned(), registry.card(id)?));
        match self.asked.model() {
            Some(name) => {
                let id = registry.behind(tenant, name).unwrap_or(name.as_str());
                named(name.as_str(), id).into_iter().collect()
            }
            None => {
                let own = registry.cards().map(|(id, card)| (id.to_owned(), card));
                let aliases = registry.aliases(tenant).filter_map(|(name, id)| named(name, id));
                own.chain(aliases).collect()
            }
        }
    }

    /// Endpoints that are called like models: those that speak chat completions.
    fn endpoints(&self, base: &Base) -> Vec<Listed> {
        if !self.asked.takes_endpoints() {
            return Vec::new();
        }
        let asked = self.asked.model();
        let is_meant = |endpoint: &&Endpoint| {
            let id = endpoint.model.facts().id.as_str();
            endpoint.dialect == Dialect::OpenAiChat
                && EndpointName::new(id).is_ok()
                && asked.is_none_or(|asked| asked.as_str() == id)
        };
        let principal = self.caller.principal();
        let may = |endpoint: &&Endpoint| {
            may_call(
                &self.rulebook,
                principal,
                &endpoint.model,
                Action::InvokeEndpoint,
                base,
            )
        };
        let endpoints = self.rulebook.registry.endpoints().filter(is_meant).filter(may);
        let listed = endpoints.map(|endpoint| Listed {
            id: endpoint.model.facts().id.clone(),
            provider: endpoint.model.facts().provider.as_str(),
            ..Listed::default()
        });
        listed.collect()
    }

    fn may_use(&self, card: &Card, base: &Base) -> bool {
        let principal = self.caller.principal();
        let may = |action| may_call(&self.rulebook, principal, &card.model, action, base);
        may(Action::Converse) || may(Action::InvokeModel)
    }
}

/// Whether the smallest call of a model would be permitted.
pub(crate) fn may_call(
    rules: &Rulebook,
    principal: &Identity,
    model: &Model,
    action: Action,
    base: &Base,
) -> bool {
    let call = CallFacts {
        action,
        input_tokens: 1,
        max_tokens: 1,
        modalities: Vec::new(),
        tools: Vec::new(),
        unscanned: Vec::new(),
        uses: Vec::new(),
        base: base.clone(),
    };
    !rules.enforces(principal.tenant()) || decide(&rules.policies, principal.facts(), model, &call).is_ok()
}
