//! Calls whose body says who takes part in them, in the provider's own protocols.

use super::{Route, confinement};
use crate::refusal::{Refusal, Unroutable};
use crate::registry::Registry;
use palisade_policies::{Action, Used};
use palisade_wire::bedrock::agent;
use palisade_wire::json::Value;
use palisade_wire::retrieval::{Parties, Role};
use palisade_wire::target::Target;
use palisade_wire::text::Dialect;

/// A call of which all is known that its head says.
#[derive(Debug)]
pub struct Unnamed {
    target: agent::Target,
    headers: Vec<(&'static str, String)>,
}

impl Unnamed {
    /// Of a target, with the headers to send upstream but for the kind of the body.
    pub(super) fn of(target: agent::Target, mut headers: Vec<(&'static str, String)>) -> Self {
        headers.push(("content-type", "application/json".to_owned()));
        Self { target, headers }
    }

    /// The call of a tenant, with what its body says.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when the body names nobody where it has to, [`Refusal::Unroutable`] for who is not there.
    pub fn with(&self, registry: &Registry, tenant: &str, body: Value<'_>) -> Result<Route, Refusal> {
        let parties =
            Parties::of(&self.target, body).map_err(|error| Refusal::Malformed(error.to_string()))?;
        let (role, name) = parties.called;
        let called = party(registry, role, &name)?;
        let uses = parties
            .used
            .iter()
            .map(|(role, name)| party(registry, *role, name));
        let all = std::iter::once((&role, &name)).chain(parties.used.iter().map(|(role, name)| (role, name)));
        let searched = all
            .filter(|(role, _)| **role == Role::Searched)
            .map(|(_, name)| name)
            .next();
        let confinement = searched.and_then(|base| confinement(registry, tenant, base));
        Ok(Route {
            alias: (name != called.model.facts().id).then_some(name),
            dialect: match &self.target {
                agent::Target::Retrieve(_) => Dialect::Retrieve,
                agent::Target::Rerank => Dialect::Rerank,
                agent::Target::RetrieveAndGenerate { .. } => Dialect::RetrieveAndGenerate,
            },
            target: Target::Agent(self.target.clone()),
            action: called.action,
            model: called.model,
            uses: uses.collect::<Result<_, _>>()?,
            headers: self.headers.clone(),
            speech: None,
            confinement,
        })
    }
}

/// Who takes part, and what policy is asked of it.
fn party(registry: &Registry, role: Role, name: &str) -> Result<Used, Refusal> {
    let model = registry.of_arn(name).ok_or(Unroutable::Model);
    let (action, model) = match role {
        Role::Searched => {
            let base = registry.services().knowledge_base(name);
            let base = base.map(|base| &base.model).ok_or(Unroutable::KnowledgeBase);
            (Action::Retrieve, base)
        }
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
