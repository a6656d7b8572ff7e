//! The one builder of entities: attributes and hierarchy of a principal and a model come from the same facts here and
//! nowhere else, so that `principal in Tenant::"x"` and `principal.tenant == Tenant::"x"` cannot disagree.

use crate::context::{datetime, long};
use crate::entry::EntryFacts;
use crate::facts::{Model, ModelKind, Principal, PrincipalKind};
use crate::names::{Names, Typed};
use cedar_policy::entities_errors::EntitiesError;
use cedar_policy::{
    Entities, Entity, EntityAttrEvaluationError, EntityUid, ExpressionConstructionError,
    RestrictedExpression, Schema,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Why entities could not be built; says nothing about whom they stand for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error("an attribute cannot be written")]
    Expression(#[from] ExpressionConstructionError),
    #[error("an attribute cannot be evaluated")]
    Attribute(#[from] Box<EntityAttrEvaluationError>),
    #[error("the entities do not fit the schema")]
    Entities(#[from] Box<EntitiesError>),
}

type Attributes = Vec<(&'static str, RestrictedExpression)>;

/// The actions of the schema and the forest of categories, which every slice holds.
///
/// INVARIANT: the first step passes the schema. Without it there is no action hierarchy, and a forbid on a group of
/// actions would match nothing, without an error.
pub(crate) fn foundation(
    names: &Names,
    schema: &Schema,
    forest: &[(&str, &str)],
) -> Result<Entities, BuildError> {
    let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for &(child, parent) in forest {
        parents.entry(child).or_default().insert(parent);
        parents.entry(parent).or_default();
    }
    let categories = parents.into_iter().map(|(id, parents)| {
        let parents = parents.into_iter().map(|parent| names.data_category.uid(parent));
        Entity::new_no_attrs(names.data_category.uid(id), parents.collect())
    });
    Ok(Entities::from_entities(categories, Some(schema)).map_err(Box::new)?)
}

/// The foundation with one principal, one model, and everything above them.
pub(crate) fn slice(
    names: &Names,
    schema: &Schema,
    foundation: &Entities,
    principal: &Principal,
    model: &Model,
) -> Result<Entities, BuildError> {
    let mut entities: HashMap<EntityUid, Entity> = HashMap::new();
    let built = principal_entities(names, principal)?
        .into_iter()
        .chain(model_entities(names, model)?);
    // An endpoint's owner and the principal's tenant may be the same entity.
    entities.extend(built.map(|entity| (entity.uid(), entity)));
    // Release builds rely on the typed builder, which the self-test of the bundle tries out.
    let schema = cfg!(debug_assertions).then_some(schema);
    let whole = foundation.clone().add_entities(entities.into_values(), schema);
    Ok(whole.map_err(Box::new)?)
}

/// The foundation with one principal, one entry of the registry, and everything above them.
pub(crate) fn administration(
    names: &Names,
    schema: &Schema,
    foundation: &Entities,
    principal: &Principal,
    entry: &EntryFacts<'_>,
) -> Result<Entities, BuildError> {
    let owner = entry.owner.map(|owner| names.tenant.uid(owner));
    let mut attributes = vec![("kind", names.entry_kind.expression(entry.kind))];
    attributes.extend(entry.owner.map(|owner| ("owner", names.tenant.expression(owner))));
    let mut built = principal_entities(names, principal)?;
    built.push(self::entity(entry_uid(names, entry), attributes, HashSet::new())?);
    built.extend(owner.map(Entity::with_uid));
    let entities: HashMap<EntityUid, Entity> =
        built.into_iter().map(|entity| (entity.uid(), entity)).collect();
    let whole = foundation
        .clone()
        .add_entities(entities.into_values(), Some(schema));
    Ok(whole.map_err(Box::new)?)
}

pub(crate) fn entry_uid(names: &Names, entry: &EntryFacts<'_>) -> EntityUid {
    names.entry.uid(&format!("{}/{}", entry.kind, entry.id))
}

pub(crate) fn principal_uid(names: &Names, principal: &Principal) -> EntityUid {
    let facts = principal.facts();
    let kind = match facts.kind {
        PrincipalKind::User { .. } => &names.user,
        PrincipalKind::Application { .. } => &names.application,
    };
    kind.uid(&within(&facts.tenant, &facts.id))
}

pub(crate) fn model_uid(names: &Names, model: &Model) -> EntityUid {
    let kind = match model.facts().kind {
        ModelKind::Model => &names.model,
        ModelKind::Endpoint { .. } => &names.endpoint,
        ModelKind::Guardrail => &names.guardrail,
        ModelKind::KnowledgeBase => &names.knowledge_base,
        ModelKind::Output { .. } => &names.output,
    };
    kind.uid(&model.facts().id)
}

fn principal_entities(names: &Names, principal: &Principal) -> Result<Vec<Entity>, BuildError> {
    let facts = principal.facts();
    let tenant = names.tenant.uid(&facts.tenant);
    let teams: Vec<_> = facts
        .teams
        .iter()
        .map(|team| names.team.uid(&within(&facts.tenant, team)))
        .collect();
    let roles: Vec<_> = facts.roles.iter().map(|role| names.role.uid(role)).collect();
    let parents = teams.iter().chain(&roles).chain([&tenant]).cloned().collect();
    let attributes = principal_attributes(names, principal)?;
    let mut entities = vec![entity(principal_uid(names, principal), attributes, parents)?];
    entities.extend(
        teams
            .into_iter()
            .map(|team| Entity::new_no_attrs(team, HashSet::from([tenant.clone()]))),
    );
    entities.extend(roles.into_iter().chain([tenant]).map(Entity::with_uid));
    Ok(entities)
}

fn principal_attributes(names: &Names, principal: &Principal) -> Result<Attributes, BuildError> {
    let facts = principal.facts();
    let limits = RestrictedExpression::new_record(
        [
            ("maxOutputTokens", facts.limits.max_output_tokens),
            ("maxInputTokens", facts.limits.max_input_tokens),
        ]
        .map(|(name, limit)| (name.to_owned(), long(limit))),
    )?;
    let mut attributes = vec![
        ("tenant", names.tenant.expression(&facts.tenant)),
        (
            "jurisdiction",
            names.jurisdiction.expression(facts.jurisdiction.as_str()),
        ),
        ("limits", limits),
        ("suspended", RestrictedExpression::new_bool(facts.suspended)),
        ("clearance", long(facts.clearance.level().into())),
    ];
    if names.takes_grants && !facts.granted.is_empty() {
        let granted = set(&names.model_group, facts.granted.iter().map(String::as_str));
        attributes.push(("granted", granted));
    }
    match facts.kind {
        PrincipalKind::User {
            mfa,
            trained_until_ms,
        } => attributes.extend([
            ("mfa", RestrictedExpression::new_bool(mfa)),
            ("trainedUntil", datetime(trained_until_ms)),
        ]),
        PrincipalKind::Application { environment } => {
            attributes.push(("environment", names.environment.expression(environment.as_str())));
        }
    }
    Ok(attributes)
}

fn model_entities(names: &Names, model: &Model) -> Result<Vec<Entity>, BuildError> {
    let groups: HashSet<_> = model
        .facts()
        .groups
        .iter()
        .map(|group| names.model_group.uid(group))
        .collect();
    let attributes = model_attributes(names, model);
    let mut entities = vec![entity(model_uid(names, model), attributes, groups.clone())?];
    entities.extend(groups.into_iter().map(Entity::with_uid));
    if let Some(owner) = model.facts().kind.owner() {
        entities.push(Entity::with_uid(names.tenant.uid(owner)));
    }
    Ok(entities)
}

fn model_attributes(names: &Names, model: &Model) -> Attributes {
    let facts = model.facts();
    let mut attributes = vec![
        ("provider", names.provider.expression(facts.provider.as_str())),
        ("family", RestrictedExpression::new_string(facts.family.clone())),
        (
            "modalities",
            set(&names.modality, facts.modalities.iter().map(|m| m.as_str())),
        ),
        ("lifecycle", names.lifecycle.expression(facts.lifecycle.as_str())),
        (
            "jurisdictions",
            set(
                &names.jurisdiction,
                facts.jurisdictions.iter().map(|j| j.as_str()),
            ),
        ),
        ("maxClassification", long(facts.max_classification.level().into())),
        ("retainsData", RestrictedExpression::new_bool(facts.retains_data)),
    ];
    attributes.extend(facts.end_of_life_ms.map(|ms| ("endOfLife", datetime(ms))));
    if let Some(owner) = facts.kind.owner() {
        attributes.push(("owner", names.tenant.expression(owner)));
    }
    attributes
}

fn set<'a>(names: &Typed, ids: impl Iterator<Item = &'a str>) -> RestrictedExpression {
    RestrictedExpression::new_set(ids.map(|id| names.expression(id)))
}

fn entity(uid: EntityUid, attributes: Attributes, parents: HashSet<EntityUid>) -> Result<Entity, BuildError> {
    let attributes = attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Ok(Entity::new(uid, attributes.collect(), parents).map_err(Box::new)?)
}

fn within(tenant: &str, id: &str) -> String {
    format!("{tenant}/{id}")
}
