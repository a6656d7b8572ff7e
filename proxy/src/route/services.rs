//! Operations on what is called beside models and endpoints: guardrails and knowledge bases.

use super::Route;
use crate::refusal::{Refusal, Unroutable};
use crate::registry::{GUARDRAIL_CHECKS, Registry};
use palisade_policies::{Action, Model, Used};
use palisade_wire::bedrock;
use palisade_wire::target::Target;
use palisade_wire::text::Dialect;

/// The only documents that may be retrieved: those with this value of an attribute.
#[derive(Debug)]
pub struct Confinement {
    /// The metadata attribute.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// An operation on a guardrail.
pub(super) fn on_guardrail(
    registry: &Registry,
    target: &bedrock::Target,
) -> Result<(Action, Model, Dialect), Refusal> {
    let (action, dialect, id) = match (target.operation(), target.guardrail()) {
        (bedrock::Operation::ApplyGuardrail, Some((id, _))) => {
            (Action::ApplyGuardrail, Dialect::Guardrail, id)
        }
        (bedrock::Operation::InvokeGuardrailChecks, _) => (
            Action::InvokeGuardrailChecks,
            Dialect::GuardrailChecks,
            GUARDRAIL_CHECKS,
        ),
        _ => return Err(Refusal::Unroutable(Unroutable::NotServed)),
    };
    let guardrail = registry
        .services()
        .guardrail(id)
        .ok_or(Refusal::Unroutable(Unroutable::Guardrail))?;
    Ok((action, guardrail.clone(), dialect))
}

/// A question about asynchronous calls. Policy is asked about all places that the tenant has for what they give.
pub(super) fn on_outputs(
    registry: &Registry,
    tenant: &str,
    (target, action): (Target, Action),
    query: String,
) -> Result<Route, Refusal> {
    let mut places = registry.services().outputs_of(tenant).cloned();
    let first = places.next().ok_or(Refusal::Unroutable(Unroutable::Output))?;
    Ok(Route {
        target,
        query,
        action,
        dialect: Dialect::AsyncInvokes,
        model: first,
        uses: places.map(|model| Used { action, model }).collect(),
        alias: None,
        headers: Vec::new(),
        speech: None,
        confinement: None,
    })
}

/// Whose documents are retrieved, where the knowledge base tells tenants apart.
pub(super) fn confinement(registry: &Registry, tenant: &str, base: &str) -> Option<Confinement> {
    Some(Confinement {
        key: registry.services().knowledge_base(base)?.tenant_key.clone()?,
        value: tenant.to_owned(),
    })
}
