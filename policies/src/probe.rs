//! The start-up self-test: a schema must take everything that the gateway supplies, every word of every vocabulary
//! included, and a forbid on a group of actions must bite on each action in it.

use crate::action::Action;
use crate::administration::{Administering, Administration, is_declared};
use crate::base::{Base, Classification};
use crate::context;
use crate::entities;
use crate::entry::{ENTRY_KINDS, EntryFacts};
use crate::facts::{
    CallFacts, FindingFacts, Limits, Model, ModelFacts, ModelKind, Principal, PrincipalFacts, PrincipalKind,
};
use crate::names::Names;
use crate::question::Question;
use crate::vocabulary::{
    Environment, Jurisdiction, Lifecycle, Modality, Place, Provider, Purpose, Unscanned,
};
use cedar_policy::{Authorizer, Decision, Entities, PolicySet, Request, Schema};
use std::error::Error;
use std::net::Ipv4Addr;

/// Kinds of what is called.
const KINDS: usize = 5;

/// Permits everything, and forbids each group of actions.
const TRIPWIRE: &str = r#"
permit (principal, action, resource);
forbid (principal, action in Palisade::Action::"Invoke", resource);
forbid (principal, action in Palisade::Action::"Disclose", resource);
forbid (principal, action in Palisade::Action::"Reveal", resource);
forbid (principal, action in Palisade::Action::"Restore", resource);
forbid (principal, action in Palisade::Action::"UseTool", resource);
"#;

/// Tries the schema out; an error says what does not fit.
pub(crate) fn run(names: &Names, schema: &Schema) -> Result<(), Box<dyn Error>> {
    let foundation = entities::foundation(names, schema, &[("CHILD", "PARENT")])?;
    let tripwire: PolicySet = TRIPWIRE.parse()?;
    // Enough rounds to try each word of the longest vocabulary, and all pairs of kinds.
    for round in 0..Provider::ALL.len().max(2 * KINDS) {
        let (principal, model) = (principal(round)?, model(round)?);
        let slice = entities::slice(names, schema, &foundation, &principal, &model)?;
        for &question in Question::ALL {
            if question.takes(&model.facts().kind) {
                let request = request(names, schema, question, round, &principal, &model)?;
                trip(
                    &tripwire,
                    &slice,
                    &request,
                    (question.action_id(), question.group_id()),
                )?;
            }
        }
    }
    match is_declared(names, schema) {
        true => administration(names, schema, &foundation, &tripwire),
        false => Ok(()),
    }
}

/// Whether a schema takes principals that are granted something; it may leave that out.
pub(crate) fn takes_grants(names: &Names, schema: &Schema) -> bool {
    let tried = || {
        let foundation = entities::foundation(names, schema, &[("CHILD", "PARENT")])?;
        let slice = entities::slice(names, schema, &foundation, &principal(0)?, &model(0)?)?;
        // What is built is checked in debug builds only.
        Ok::<_, Box<dyn Error>>(Entities::from_entities(slice.iter().cloned(), Some(schema))?)
    };
    tried().is_ok()
}

/// The same for questions about the registry, where the schema declares them.
fn administration(
    names: &Names,
    schema: &Schema,
    foundation: &Entities,
    tripwire: &PolicySet,
) -> Result<(), Box<dyn Error>> {
    let forbidden: PolicySet =
        r#"forbid (principal, action in Palisade::Action::"Administer", resource);"#.parse()?;
    let mut tripwire = tripwire.clone();
    tripwire.merge(&forbidden, true)?;
    for round in 0..ENTRY_KINDS.len().max(Administration::ALL.len()) {
        let base = base(round)?;
        for owner in [None, Some("tenant")] {
            let entry = EntryFacts {
                kind: pick(ENTRY_KINDS, round)?,
                id: "entry",
                owner,
            };
            let action = pick(Administration::ALL, round)?;
            let asked = Administering {
                action,
                entry,
                roles: &["role".to_owned()],
                base: &base,
            };
            let context = context::of_administration(context::base(names, &base)?, asked.roles)?;
            let (request, entities) = asked.put(names, schema, foundation, &principal(round)?, context)?;
            trip(&tripwire, &entities, &request, (action.as_str(), "Administer"))?;
        }
    }
    Ok(())
}

fn trip(
    tripwire: &PolicySet,
    slice: &Entities,
    request: &Request,
    (action, group): (&str, &str),
) -> Result<(), Box<dyn Error>> {
    let answer = Authorizer::new().is_authorized(request, tripwire, slice);
    let diagnostics = answer.diagnostics();
    let bitten = answer.decision() == Decision::Deny
        && diagnostics.reason().next().is_some()
        && diagnostics.errors().next().is_none();
    if bitten {
        return Ok(());
    }
    Err(format!("a forbid on the group `{group}` does not reach the action `{action}`").into())
}

fn request(
    names: &Names,
    schema: &Schema,
    question: Question,
    round: usize,
    principal: &Principal,
    model: &Model,
) -> Result<Request, Box<dyn Error>> {
    let base = base(round)?;
    let context = match question {
        Question::Call(action) => context::of_call(names, context::base(names, &base)?, &call(action, base))?,
        Question::Tool => context::of_tool(context::base(names, &base)?, "tool")?,
        Question::Finding(_) => {
            let finding = FindingFacts {
                category: "CHILD",
                place: pick(Place::ALL, round)?,
                confidence: 100,
                count: 1,
            };
            context::of_finding(names, context::base(names, &base)?, &finding)?
        }
    };
    Ok(Request::new(
        entities::principal_uid(names, principal),
        names.question(question),
        entities::model_uid(names, model),
        context,
        Some(schema),
    )?)
}

fn base(round: usize) -> Result<Base, Box<dyn Error>> {
    let (purpose, level) = (pick(Purpose::ALL, round)?, Classification::new(0)?);
    Ok(Base::new(
        0,
        0,
        false,
        Ipv4Addr::LOCALHOST.into(),
        purpose,
        level,
    )?)
}

fn call(action: Action, base: Base) -> CallFacts {
    CallFacts {
        action,
        input_tokens: 0,
        max_tokens: 0,
        modalities: Modality::ALL.to_vec(),
        tools: vec!["tool".to_owned()],
        unscanned: Unscanned::ALL.to_vec(),
        uses: Vec::new(),
        base,
    }
}

fn principal(round: usize) -> Result<Principal, Box<dyn Error>> {
    let kind = if round.is_multiple_of(2) {
        PrincipalKind::User {
            mfa: false,
            trained_until_ms: 0,
        }
    } else {
        PrincipalKind::Application {
            environment: pick(Environment::ALL, round)?,
        }
    };
    Ok(Principal::new(PrincipalFacts {
        granted: vec!["group".to_owned()],
        kind,
        id: "principal".to_owned(),
        tenant: "tenant".to_owned(),
        teams: vec!["team".to_owned()],
        roles: vec!["role".to_owned()],
        jurisdiction: pick(Jurisdiction::ALL, round)?,
        limits: Limits {
            max_output_tokens: 0,
            max_input_tokens: 0,
        },
        suspended: false,
        clearance: Classification::new(0)?,
    })?)
}

fn model(round: usize) -> Result<Model, Box<dyn Error>> {
    let kind = match (round / 2) % KINDS {
        0 => ModelKind::Model,
        1 => ModelKind::Endpoint {
            owner: "owner".to_owned(),
        },
        2 => ModelKind::Guardrail,
        3 => ModelKind::KnowledgeBase,
        _ => ModelKind::Output {
            owner: "owner".to_owned(),
        },
    };
    Ok(Model::new(ModelFacts {
        deprecated_from_ms: None,
        lineage: None,
        kind,
        id: "model".to_owned(),
        groups: vec!["group".to_owned()],
        provider: pick(Provider::ALL, round)?,
        family: "family".to_owned(),
        modalities: Modality::ALL.to_vec(),
        lifecycle: pick(Lifecycle::ALL, round)?,
        end_of_life_ms: Some(0),
        jurisdictions: Jurisdiction::ALL.to_vec(),
        max_classification: Classification::new(0)?,
        retains_data: false,
    })?)
}

fn pick<T: Copy>(words: &[T], round: usize) -> Result<T, &'static str> {
    words
        .iter()
        .cycle()
        .nth(round)
        .copied()
        .ok_or("a vocabulary is empty")
}
