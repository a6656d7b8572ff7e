//! Calls whose body names the model, in the provider's own protocols.

use super::{Route, forwarded, named};
use crate::edge::Hardened;
use crate::refusal::Refusal;
use crate::registry::Registry;
use palisade_policies::Action;
use palisade_wire::bedrock::agent;
use palisade_wire::target::Target;
use palisade_wire::text::Dialect;

/// A call of which all is known but the model.
#[derive(Debug)]
pub struct Unnamed {
    target: agent::Target,
    headers: Vec<(&'static str, String)>,
}

impl Unnamed {
    /// Takes what the head says.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a header that cannot be passed on.
    pub(super) fn of(target: agent::Target, head: &Hardened) -> Result<Self, Refusal> {
        let mut headers = forwarded(head)?;
        headers.push(("content-type", "application/json".to_owned()));
        Ok(Self { target, headers })
    }

    /// Where in the body the model is named.
    #[must_use]
    pub fn field(&self) -> &'static [&'static str] {
        self.target.model_field()
    }

    /// The call, of a model by its ARN.
    ///
    /// # Errors
    /// [`Refusal::Unroutable`] for a model that is not there.
    pub fn of_model(&self, registry: &Registry, tenant: &str, arn: &str) -> Result<Route, Refusal> {
        let model = named(registry, tenant, arn)?.model().clone();
        Ok(Route {
            alias: (arn != model.facts().id).then(|| arn.to_owned()),
            target: Target::Agent(self.target.clone()),
            action: Action::Rerank,
            dialect: Dialect::Rerank,
            model,
            headers: self.headers.clone(),
            speech: None,
            confinement: None,
        })
    }
}
