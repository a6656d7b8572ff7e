//! Operations on what is called beside models and endpoints: guardrails and knowledge bases.

use crate::refusal::{Refusal, Unroutable};
use crate::registry::{GUARDRAIL_CHECKS, KnowledgeBase, Registry};
use palisade_policies::{Action, Model};
use palisade_wire::bedrock::{self, agent};
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

/// An operation on a knowledge base.
pub(super) fn on_knowledge_base(
    registry: &Registry,
    target: &agent::Target,
) -> Result<(Action, Model, Dialect), Refusal> {
    let known = known(registry, target).ok_or(Refusal::Unroutable(Unroutable::KnowledgeBase))?;
    Ok((Action::Retrieve, known.model.clone(), Dialect::Retrieve))
}

fn known<'r>(registry: &'r Registry, target: &agent::Target) -> Option<&'r KnowledgeBase> {
    registry
        .services()
        .knowledge_base(target.knowledge_base()?.as_str())
}

/// Whose documents are retrieved, where the knowledge base tells tenants apart.
pub(super) fn confinement(registry: &Registry, tenant: &str, target: &Target) -> Option<Confinement> {
    let Target::Agent(target) = target else {
        return None;
    };
    Some(Confinement {
        key: known(registry, target)?.tenant_key.clone()?,
        value: tenant.to_owned(),
    })
}
