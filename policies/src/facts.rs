//! What the gateway knows about one call, as plain values. Constructors refuse what a policy could not read, so that
//! nothing is left to go wrong when a decision is due.

use crate::action::Action;
use crate::archived::{Archived, Unreadable};
use crate::base::{Base, Classification, check_time};
use crate::keyed::Keyed;
use crate::lineage::Lineage;
use crate::problem::Invalid;
use crate::vocabulary::{Environment, Jurisdiction, Lifecycle, Modality, Place, Provider, Unscanned};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest id, in bytes: the limit of a Bedrock model identifier
/// (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, `modelId`).
const ID_BYTES_MAX: usize = 2_048;

/// The limits of a tenant's tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Tokens one call may send.
    pub max_input_tokens: u64,
    /// Tokens one call may ask a model to write.
    pub max_output_tokens: u64,
}

/// A person or a workload.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum PrincipalKind {
    /// A person.
    User {
        /// Whether the person signed in with a second factor.
        mfa: bool,
        /// Until when the person's training in the use of AI is valid, in Unix milliseconds; 0 when never trained.
        trained_until_ms: i64,
    },
    /// A service account, a job or an agent.
    Application {
        /// The stage it runs in.
        environment: Environment,
    },
}

/// Who calls. Ids of principals and teams belong to a tenant: policies write them `tenant/id`, so that a name chosen in
/// one tenant never matches in another. Roles are the operator's and the same for all tenants.
///
/// Fields are in alphabetical order, as they are kept: see [`Archived`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalFacts {
    /// The lower one of the principal's and the tenant's clearance.
    pub clearance: Classification,
    /// Groups of models that the registry grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<String>,
    /// The id within the tenant.
    pub id: String,
    /// The tenant's jurisdiction.
    pub jurisdiction: Jurisdiction,
    /// Person or workload.
    pub kind: PrincipalKind,
    /// The limits of the tenant's tier.
    pub limits: Limits,
    /// Roles, as the operator names them.
    pub roles: Vec<String>,
    /// Whether the tenant or the principal is suspended.
    pub suspended: bool,
    /// Teams, by their id within the tenant.
    pub teams: Vec<String>,
    /// The tenant, without `/`.
    pub tenant: String,
}

/// What stands behind the id of what is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ModelKind {
    /// A Bedrock model, provisioned throughput or inference profile.
    Model,
    /// A SageMaker endpoint.
    Endpoint {
        /// The tenant that runs it.
        owner: String,
    },
    /// A guardrail of Bedrock's own.
    Guardrail,
    /// A knowledge base.
    KnowledgeBase,
    /// A place in S3 for what asynchronous calls give.
    Output {
        /// The tenant whose it is.
        owner: String,
    },
}

/// What is called, as the registry describes it. Fields are in alphabetical order, as they are kept: see [`Archived`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFacts {
    /// From when on callers are told that it is deprecated, in Unix milliseconds, if that is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_from_ms: Option<i64>,
    /// When it ends, in Unix milliseconds, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_life_ms: Option<i64>,
    /// The family, such as `claude`.
    pub family: String,
    /// All groups it belongs to, those that hold its groups included.
    pub groups: Vec<String>,
    /// Model id, ARN or endpoint name.
    pub id: String,
    /// Every place where it may be served: for a cross-region profile all of them. Never empty.
    pub jurisdictions: Vec<Jurisdiction>,
    /// Model or endpoint.
    pub kind: ModelKind,
    /// Where it stands in the approval process.
    pub lifecycle: Lifecycle,
    /// Where it comes from, if it is one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
    /// The highest classification it may see.
    pub max_classification: Classification,
    /// What it takes and gives.
    pub modalities: Vec<Modality>,
    /// Who made it.
    pub provider: Provider,
    /// Whether the provider keeps prompts or completions.
    pub retains_data: bool,
}

/// A checked principal; cheap to clone. Two are equal when all their facts are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal(Arc<Keyed<PrincipalFacts>>);

/// A checked model or endpoint; cheap to clone. Two are equal when all their facts are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Model(Arc<Keyed<ModelFacts>>);

/// One call.
#[derive(Clone, Debug)]
pub struct CallFacts {
    /// What is asked of the model.
    pub action: Action,
    /// Estimate of the tokens sent.
    pub input_tokens: u64,
    /// Tokens the model may write; the gateway fills the default in when the caller names none.
    pub max_tokens: u64,
    /// What the prompt holds and what is asked for.
    pub modalities: Vec<Modality>,
    /// Names of the tools the model is offered; each is asked about. With more than 1,024 the call is denied as invalid.
    pub tools: Vec<String>,
    /// What the guardrails could not look into.
    pub unscanned: Vec<Unscanned>,
    /// What it uses beside the model; each is asked about, with the same facts of the call.
    pub uses: Vec<Used>,
    /// The circumstances.
    pub base: Base,
}

/// What a call uses beside its model, such as a knowledge base that is searched for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// What is asked of it.
    pub action: Action,
    /// What it is.
    pub model: Model,
}

/// What was found of one category in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingFacts<'a> {
    /// The category, of the forest of the snapshot.
    pub category: &'a str,
    /// Where it stands.
    pub place: Place,
    /// How sure the surest finding of the category is: 0 to 100; more counts as 100.
    pub confidence: u8,
    /// How many findings of the category there are so far, in all places.
    pub count: u32,
}

impl Principal {
    /// Checks ids and times. Order and repetition of teams and roles do not matter.
    pub fn new(mut facts: PrincipalFacts) -> Result<Self, Invalid> {
        check_id("principal id", &facts.id)?;
        check_tenant("tenant", &facts.tenant)?;
        facts.teams.iter().try_for_each(|id| check_id("team", id))?;
        facts.roles.iter().try_for_each(|id| check_id("role", id))?;
        facts
            .granted
            .iter()
            .try_for_each(|id| check_id("model group", id))?;
        if let PrincipalKind::User { trained_until_ms, .. } = facts.kind {
            check_time("trained until", trained_until_ms)?;
        }
        normalise(&mut facts.teams);
        normalise(&mut facts.roles);
        normalise(&mut facts.granted);
        Ok(Self(Arc::new(Keyed::new(facts))))
    }

    /// The facts as they were given, lists sorted.
    pub fn facts(&self) -> &PrincipalFacts {
        &self.0.value
    }

    /// The facts as they are kept. Made when first asked for.
    pub fn archived(&self) -> &Archived {
        self.0.archived.get_or_init(|| Archived::of(&self.0.value))
    }

    /// The principal whose facts were kept as this JSON.
    ///
    /// # Errors
    /// When it is no such JSON, or holds what [`Principal::new`] refuses.
    pub fn from_archived(json: &str) -> Result<Self, Unreadable> {
        Ok(Self::new(serde_json::from_str(json)?)?)
    }
}

impl ModelKind {
    /// The tenant whose it is, where it is one's.
    pub fn owner(&self) -> Option<&str> {
        match self {
            Self::Endpoint { owner } | Self::Output { owner } => Some(owner),
            Self::Model | Self::Guardrail | Self::KnowledgeBase => None,
        }
    }

    /// Whether it is a place for what asynchronous calls give.
    pub fn is_output(&self) -> bool {
        matches!(self, Self::Output { .. })
    }
}

impl ModelFacts {
    /// Whether callers are told at a time, in Unix milliseconds, that it is deprecated.
    pub fn is_deprecated(&self, now_ms: i64) -> bool {
        self.lifecycle == Lifecycle::Deprecated || self.deprecated_from_ms.is_some_and(|from| from <= now_ms)
    }
}

impl Model {
    /// Checks ids and times, and that some place of service is named.
    pub fn new(mut facts: ModelFacts) -> Result<Self, Invalid> {
        check_id("model id", &facts.id)?;
        if let Some(owner) = facts.kind.owner() {
            check_tenant("owner", owner)?;
        }
        facts
            .groups
            .iter()
            .try_for_each(|id| check_id("model group", id))?;
        if facts.jurisdictions.is_empty() {
            return Err(Invalid::new("model jurisdictions", "at least one is needed"));
        }
        for (name, at) in [
            ("end of life", facts.end_of_life_ms),
            ("deprecated from", facts.deprecated_from_ms),
        ] {
            at.map_or(Ok(()), |ms| check_time(name, ms))?;
        }
        normalise(&mut facts.groups);
        normalise(&mut facts.modalities);
        normalise(&mut facts.jurisdictions);
        Ok(Self(Arc::new(Keyed::new(facts))))
    }

    /// The facts as they were given, lists sorted.
    pub fn facts(&self) -> &ModelFacts {
        &self.0.value
    }

    /// The facts as they are kept. Made when first asked for.
    pub fn archived(&self) -> &Archived {
        self.0.archived.get_or_init(|| Archived::of(&self.0.value))
    }

    /// The model whose facts were kept as this JSON.
    ///
    /// # Errors
    /// When it is no such JSON, or holds what [`Model::new`] refuses.
    pub fn from_archived(json: &str) -> Result<Self, Unreadable> {
        Ok(Self::new(serde_json::from_str(json)?)?)
    }
}

fn check_id(field: &'static str, id: &str) -> Result<(), Invalid> {
    if id.is_empty() || id.len() > ID_BYTES_MAX {
        return Err(Invalid::new(field, "must have 1 to 2,048 bytes"));
    }
    if id.chars().any(char::is_control) {
        return Err(Invalid::new(field, "must not hold control characters"));
    }
    Ok(())
}

fn check_tenant(field: &'static str, id: &str) -> Result<(), Invalid> {
    check_id(field, id)?;
    if id.contains('/') {
        return Err(Invalid::new(
            field,
            "must not hold `/`, which ends the tenant's name in ids",
        ));
    }
    Ok(())
}

fn normalise<T: Ord>(values: &mut Vec<T>) {
    values.sort_unstable();
    values.dedup();
}
