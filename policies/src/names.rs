//! The names that the schema's types have in Cedar, parsed once: parsing one costs eight times as much as using it.

use crate::question::Question;
use cedar_policy::{EntityId, EntityTypeName, EntityUid, ParseErrors, RestrictedExpression};

/// A type of entity.
#[derive(Clone, Debug)]
pub(crate) struct Typed(EntityTypeName);

/// The types that the gateway fills.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// Whether the schema lets principals have `granted`.
    pub(crate) takes_grants: bool,
    pub(crate) user: Typed,
    pub(crate) application: Typed,
    pub(crate) tenant: Typed,
    pub(crate) team: Typed,
    pub(crate) role: Typed,
    pub(crate) model: Typed,
    pub(crate) endpoint: Typed,
    pub(crate) guardrail: Typed,
    pub(crate) knowledge_base: Typed,
    pub(crate) output: Typed,
    pub(crate) model_group: Typed,
    pub(crate) data_category: Typed,
    pub(crate) lifecycle: Typed,
    pub(crate) modality: Typed,
    pub(crate) jurisdiction: Typed,
    pub(crate) purpose: Typed,
    pub(crate) environment: Typed,
    pub(crate) provider: Typed,
    pub(crate) unscanned: Typed,
    pub(crate) place: Typed,
    pub(crate) entry: Typed,
    pub(crate) entry_kind: Typed,
    pub(crate) action: Typed,
}

impl Typed {
    fn new(name: &str) -> Result<Self, Box<ParseErrors>> {
        Ok(Self(format!("Palisade::{name}").parse().map_err(Box::new)?))
    }

    pub(crate) fn uid(&self, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.0.clone(), EntityId::new(id))
    }

    pub(crate) fn expression(&self, id: &str) -> RestrictedExpression {
        RestrictedExpression::new_entity_uid(self.uid(id))
    }

    pub(crate) fn is_type_of(&self, uid: &EntityUid) -> bool {
        *uid.type_name() == self.0
    }
}

impl Names {
    pub(crate) fn new() -> Result<Self, Box<ParseErrors>> {
        Ok(Self {
            takes_grants: true,
            user: Typed::new("User")?,
            application: Typed::new("Application")?,
            tenant: Typed::new("Tenant")?,
            team: Typed::new("Team")?,
            role: Typed::new("Role")?,
            model: Typed::new("Model")?,
            endpoint: Typed::new("Endpoint")?,
            guardrail: Typed::new("Guardrail")?,
            knowledge_base: Typed::new("KnowledgeBase")?,
            output: Typed::new("Output")?,
            model_group: Typed::new("ModelGroup")?,
            data_category: Typed::new("DataCategory")?,
            lifecycle: Typed::new("Lifecycle")?,
            modality: Typed::new("Modality")?,
            jurisdiction: Typed::new("Jurisdiction")?,
            purpose: Typed::new("Purpose")?,
            environment: Typed::new("Environment")?,
            provider: Typed::new("Provider")?,
            unscanned: Typed::new("Unscanned")?,
            place: Typed::new("Place")?,
            entry: Typed::new("Entry")?,
            entry_kind: Typed::new("EntryKind")?,
            action: Typed::new("Action")?,
        })
    }

    pub(crate) fn question(&self, question: Question) -> EntityUid {
        self.action.uid(question.action_id())
    }
}
