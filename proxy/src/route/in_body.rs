//! Calls whose body says who takes part in them, in the provider's own protocols.

use super::{Route, confinement};
use crate::refusal::{Refusal, Unroutable};
use crate::registry::Registry;
use palisade_policies::{Action, Used};
use palisade_wire::asynchronous::is_place;
use palisade_wire::bedrock::agent;
use palisade_wire::json::Value;
use palisade_wire::parties::{NotNamed, Parties, Role};
use palisade_wire::target::Target;
use palisade_wire::text::Dialect;

/// A call of which all is known that its head says.
#[derive(Debug)]
pub struct Unnamed {
    target: Target,
    headers: Vec<(&'static str, String)>,
}

/// Where a call is made.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// What is known there.
    pub registry: &'a Registry,
    /// Whose call it is.
    pub tenant: &'a str,
    /// The region that it goes to.
    pub region: &'a str,
}

impl Unnamed {
    /// Of a target, with the headers to send upstream but for the kind of the body.
    pub(super) fn of(target: Target, mut headers: Vec<(&'static str, String)>) -> Self {
        headers.push(("content-type", "application/json".to_owned()));
        Self { target, headers }
    }

    /// The call of a tenant, with what its body says.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when the body names nobody where it has to, [`Refusal::Unroutable`] for who is not there.
    pub fn with(&self, place: &Place<'_>, body: Value<'_>) -> Result<Route, Refusal> {
        let parties = self
            .parties(body)
            .map_err(|error| Refusal::Malformed(error.to_string()))?;
        let (role, name) = parties.called;
        let called = party(place, role, &name)?;
        let uses = parties.used.iter().map(|(role, name)| party(place, *role, name));
        let used_bases = parties.used.iter().filter(|(role, _)| *role == Role::Searched);
        let searched = match role {
            Role::Searched => Some(&name),
            _ => used_bases.map(|(_, base)| base).next(),
        };
        let confinement = searched.and_then(|base| confinement(place.registry, place.tenant, base));
        Ok(Route {
            alias: (name != called.model.facts().id).then_some(name),
            dialect: self.dialect(),
            target: self.target.clone(),
            query: String::new(),
            action: called.action,
            model: called.model,
            uses: uses.collect::<Result<_, _>>()?,
            headers: self.headers.clone(),
            speech: None,
            confinement,
        })
    }

    fn parties(&self, body: Value<'_>) -> Result<Parties, NotNamed> {
        match &self.target {
            Target::Agent(target) => Parties::of(target, body),
            Target::Bedrock(_) | Target::SageMaker(_) => Parties::of_start(body),
        }
    }

    fn dialect(&self) -> Dialect {
        match &self.target {
            Target::Agent(agent::Target::Retrieve(_)) => Dialect::Retrieve,
            Target::Agent(agent::Target::Rerank) => Dialect::Rerank,
            Target::Agent(agent::Target::RetrieveAndGenerate { .. }) => Dialect::RetrieveAndGenerate,
            Target::Bedrock(_) | Target::SageMaker(_) => Dialect::StartAsyncInvoke,
        }
    }
}

/// Who takes part, and what policy is asked of it.
fn party(place: &Place<'_>, role: Role, name: &str) -> Result<Used, Refusal> {
    let registry = place.registry;
    let model = registry.called_in(place.region, name).ok_or(Unroutable::Model);
    let (action, model) = match role {
        Role::Searched => {
            let base = registry.services().knowledge_base(name);
            let base = base.map(|base| &base.model).ok_or(Unroutable::KnowledgeBase);
            (Action::Retrieve, base)
        }
        Role::Keeps => {
            let outputs = registry.services().outputs_of(place.tenant);
            // They are sorted: the last is the innermost.
            let within = outputs.filter(|output| is_place(name) && name.starts_with(&output.facts().id));
            (Action::StartAsyncInvoke, within.last().ok_or(Unroutable::Output))
        }
        Role::Runs => (Action::StartAsyncInvoke, model),
        Role::Reranks => (Action::Rerank, model),
        Role::Filters => (Action::InvokeModel, model),
        Role::Writes { is_streaming: false } => (Action::RetrieveAndGenerate, model),
        Role::Writes { is_streaming: true } => (Action::RetrieveAndGenerateStream, model),
    };
    Ok(Used {
        action,
        model: model.map_err(Refusal::Unroutable)?.clone(),
    })
}
