//! From entries of the registry file to what requests are judged with: every word checked, once.

use super::grants::{Groups, granted};
use super::{Endpoint, Identity, Tenant};
use palisade_policies as policies;
use palisade_registry::{ApplicationEntry, EndpointEntry, GrantEntry, ModelEntry, TenantEntry};
use palisade_wire::bedrock::sagemaker::EndpointName;
use palisade_wire::text::Dialect;
use std::str::FromStr;
use std::sync::Arc;

/// A value that cannot be used: which, and why.
pub(crate) struct WrongValue {
    pub(super) key: String,
    pub(super) why: String,
}

pub(super) fn wrong(kind: &str, id: &str, why: &str) -> WrongValue {
    WrongValue {
        key: format!("{kind} {id}"),
        why: why.to_owned(),
    }
}

pub(super) fn word<T: FromStr<Err = policies::UnknownTerm>>(
    kind: &str,
    id: &str,
    key: &str,
    text: &str,
) -> Result<T, WrongValue> {
    text.parse()
        .map_err(|e: policies::UnknownTerm| wrong(kind, id, &format!("`{key}`: {e}")))
}

fn level(kind: &str, id: &str, key: &str, level: u8) -> Result<policies::Classification, WrongValue> {
    policies::Classification::new(level).map_err(|e| wrong(kind, id, &format!("`{key}`: {e}")))
}

pub(super) fn tenant(entry: &TenantEntry, grants: Vec<GrantEntry>) -> Result<Tenant, WrongValue> {
    if entry.id.is_empty() || entry.id.contains('/') {
        return Err(wrong("tenant", &entry.id, "an id is not empty and holds no `/`"));
    }
    Ok(Tenant {
        id: entry.id.clone(),
        jurisdiction: word("tenant", &entry.id, "jurisdiction", &entry.jurisdiction)?,
        purpose: word("tenant", &entry.id, "purpose", &entry.purpose)?,
        purposes: entry
            .purposes
            .iter()
            .map(|purpose| word("tenant", &entry.id, "purposes", purpose))
            .collect::<Result<_, _>>()?,
        classification: level("tenant", &entry.id, "classification", entry.classification)?,
        clearance: level("tenant", &entry.id, "clearance", entry.clearance)?,
        entry: entry.clone(),
        grants,
    })
}

pub(super) fn application(entry: &ApplicationEntry, tenant: &Arc<Tenant>) -> Result<Identity, WrongValue> {
    let environment = word("application", &entry.id, "environment", &entry.environment)?;
    let mut facts = tenant.principal_facts(&entry.id, policies::PrincipalKind::Application { environment });
    facts.teams.clone_from(&entry.teams);
    facts.roles.clone_from(&entry.roles);
    facts.granted = granted(&tenant.grants, &entry.teams, &entry.roles);
    let facts =
        policies::Principal::new(facts).map_err(|e| wrong("application", &entry.id, &e.to_string()))?;
    Ok(Identity {
        purpose: purpose(entry, tenant)?,
        tenant: Arc::clone(tenant),
        facts,
    })
}

/// Who changes applications of a tenant need not be who decides what its calls may be for.
fn purpose(entry: &ApplicationEntry, tenant: &Tenant) -> Result<policies::Purpose, WrongValue> {
    let Some(text) = &entry.purpose else {
        return Ok(tenant.purpose);
    };
    let purpose = word("application", &entry.id, "purpose", text)?;
    let is_allowed = purpose == tenant.purpose || tenant.purposes.contains(&purpose);
    let why = format!(
        "`purpose`: `{text}` is none of the `purposes` of tenant {}",
        tenant.id
    );
    is_allowed
        .then_some(purpose)
        .ok_or_else(|| wrong("application", &entry.id, &why))
}

pub(super) fn endpoint(entry: &EndpointEntry, groups: &Groups<'_>) -> Result<Endpoint, WrongValue> {
    const KIND: &str = "endpoint";
    let id = entry.id();
    EndpointName::new(&entry.name).map_err(|_| wrong(KIND, &id, "`name` is none that SageMaker gives"))?;
    let dialect = Dialect::of_endpoint(&entry.dialect).ok_or_else(|| {
        wrong(
            KIND,
            &id,
            "`dialect` is one of openai-chat, tgi, jumpstart, json, text and opaque",
        )
    })?;
    let as_model = ModelEntry {
        id,
        name: None,
        models: Vec::new(),
        outputs: Vec::new(),
        groups: groups.closed(&entry.groups),
        provider: entry.provider.clone(),
        family: entry.family.clone(),
        modalities: entry.modalities.clone(),
        lifecycle: entry.lifecycle.clone(),
        deprecated_from: entry.deprecated_from.clone(),
        end_of_life: entry.end_of_life.clone(),
        jurisdictions: entry.jurisdictions.clone(),
        classification_max: entry.classification_max,
        retains_data: entry.retains_data,
        lineage: entry.lineage.clone(),
    };
    let owner = entry.owner.clone();
    let model = described(KIND, &as_model, policies::ModelKind::Endpoint { owner })?;
    Ok(Endpoint { model, dialect })
}

/// A model, or what is described like one.
pub(super) fn described(
    kind: &str,
    entry: &ModelEntry,
    of: policies::ModelKind,
) -> Result<policies::Model, WrongValue> {
    let id = &entry.id;
    let words = |list: &[String], key| -> Result<Vec<_>, WrongValue> {
        list.iter().map(|text| word(kind, id, key, text)).collect()
    };
    let places = entry
        .jurisdictions
        .iter()
        .map(|text| word(kind, id, "jurisdictions", text));
    let end_of_life_ms = entry.end_of_life.as_ref().map(|day| unix_ms(day));
    if end_of_life_ms == Some(None) {
        return Err(wrong(kind, id, "`end_of_life` is not a day such as 2027-03-31"));
    }
    let from = entry
        .deprecated_from
        .as_ref()
        .map(|day| instant(&format!("{day}T00:00:00Z")));
    if from == Some(None) {
        return Err(wrong(
            kind,
            id,
            "`deprecated_from` is not a day such as 2027-01-01",
        ));
    }
    let facts = policies::ModelFacts {
        deprecated_from_ms: from.flatten().map(|at| at * 1_000),
        kind: of,
        id: id.clone(),
        groups: entry.groups.clone(),
        provider: word(kind, id, "provider", &entry.provider)?,
        family: entry.family.clone(),
        modalities: words(&entry.modalities, "modalities")?,
        lifecycle: word(kind, id, "lifecycle", &entry.lifecycle)?,
        end_of_life_ms: end_of_life_ms.flatten(),
        jurisdictions: places.collect::<Result<_, _>>()?,
        max_classification: level(kind, id, "classification_max", entry.classification_max)?,
        retains_data: entry.retains_data,
        lineage: lineage(kind, entry)?,
    };
    policies::Model::new(facts).map_err(|e| wrong(kind, id, &e.to_string()))
}

/// Where a model of one's own comes from. What is in use has been approved by somebody.
fn lineage(kind: &str, entry: &ModelEntry) -> Result<Option<policies::Lineage>, WrongValue> {
    let Some(lineage) = &entry.lineage else {
        return Ok(None);
    };
    let is_used = ["approved", "deprecated"].contains(&entry.lifecycle.as_str());
    if is_used && lineage.approved_by.as_ref().is_none_or(String::is_empty) {
        return Err(wrong(
            kind,
            &entry.id,
            "`lineage.approved_by` says who approved what is in use",
        ));
    }
    Ok(Some(policies::Lineage {
        artifact: lineage.artifact.clone(),
        training_job: lineage.training_job.clone(),
        version: lineage.version.clone(),
    }))
}

/// The end of a day in UTC, in Unix milliseconds. None when the text is no day.
fn unix_ms(day: &str) -> Option<i64> {
    let end = instant(&format!("{day}T23:59:59Z")).filter(|_| day.len() == 10)?;
    Some(end * 1000 + 999)
}

/// A time such as `2027-03-31T00:00:00Z` (RFC 3339, in UTC), in seconds since the Unix epoch. None when the text is none.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let is_in_form = text.len() == 20
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            10 => byte == b'T',
            13 | 16 => byte == b':',
            19 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    let plain = text.replace(['-', ':'], "");
    let date = palisade_wire::sigv4::AmzDate::parse(plain.as_bytes()).ok();
    date.filter(|_| is_in_form).map(|date| date.unix_seconds())
}
