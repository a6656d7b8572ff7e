//! What is called beside models and endpoints: guardrails, knowledge bases, and places for what asynchronous calls give. Policy is asked about them
//! as about models.

use super::entries::{described, wrong};
use super::grants::Groups;
use super::{WrongValue, keep};
use palisade_policies::{self as policies, ModelKind};
use palisade_registry::{File, GuardrailEntry, KnowledgeBaseEntry, ModelEntry, OutputEntry};
use palisade_wire::asynchronous::is_place;
use palisade_wire::bedrock::Target;
use palisade_wire::bedrock::agent::KnowledgeBaseId;
use std::collections::HashMap;

/// The id of the checks that need no guardrail of one's own.
pub const GUARDRAIL_CHECKS: &str = "guardrail-checks";

/// Guardrails and knowledge bases, by the ids that callers have for them.
#[derive(Debug, Default)]
pub struct Services {
    guardrails: HashMap<String, policies::Model>,
    knowledge_bases: HashMap<String, KnowledgeBase>,
    /// Sorted by id.
    outputs: Vec<policies::Model>,
}

/// A knowledge base.
#[derive(Debug)]
pub struct KnowledgeBase {
    /// What policy is told.
    pub model: policies::Model,
    /// The metadata attribute that says whose a document is.
    pub tenant_key: Option<String>,
}

impl Services {
    /// Those of a file.
    pub(super) fn of(file: &File, groups: &Groups<'_>, found: &mut Vec<WrongValue>) -> Self {
        let mut all = Self::default();
        for entry in &file.guardrails {
            let name = ("guardrail", entry.id.as_str());
            let made = guardrail(entry, groups);
            found.extend(keep(&mut all.guardrails, entry.id.clone(), made, name));
        }
        for entry in &file.knowledge_bases {
            let name = ("knowledge_base", entry.id.as_str());
            let made = knowledge_base(entry, groups);
            found.extend(keep(&mut all.knowledge_bases, entry.id.clone(), made, name));
        }
        let mut outputs = HashMap::new();
        for entry in &file.outputs {
            let made = output(entry, file, groups);
            found.extend(keep(
                &mut outputs,
                entry.id.clone(),
                made,
                ("output", entry.id.as_str()),
            ));
        }
        all.outputs = outputs.into_values().collect();
        all.outputs.sort_by(|a, b| a.facts().id.cmp(&b.facts().id));
        all
    }

    /// The guardrail that is named like this.
    #[must_use]
    pub fn guardrail(&self, id: &str) -> Option<&policies::Model> {
        self.guardrails.get(id)
    }

    /// The knowledge base with this id.
    #[must_use]
    pub fn knowledge_base(&self, id: &str) -> Option<&KnowledgeBase> {
        self.knowledge_bases.get(id)
    }

    /// All of them as policy is told them, in no order.
    pub fn all(&self) -> impl Iterator<Item = &policies::Model> {
        let knowledge_bases = self.knowledge_bases.values().map(|known| &known.model);
        self.guardrails
            .values()
            .chain(knowledge_bases)
            .chain(&self.outputs)
    }

    /// Places for what asynchronous calls give, by id.
    pub fn outputs(&self) -> impl Iterator<Item = &policies::Model> {
        self.outputs.iter()
    }

    /// Those of a tenant.
    pub fn outputs_of<'s>(&'s self, tenant: &'s str) -> impl Iterator<Item = &'s policies::Model> {
        self.outputs()
            .filter(move |output| output.facts().kind.owner() == Some(tenant))
    }
}

fn output(entry: &OutputEntry, file: &File, groups: &Groups<'_>) -> Result<policies::Model, WrongValue> {
    const KIND: &str = "output";
    if !(entry.id.ends_with('/') && is_place(&entry.id)) {
        let why = "`id` is a place in S3: `s3://BUCKET/` or `s3://BUCKET/FOLDER/`, of letters, digits and `! - _ . * ' ( ) =`";
        return Err(wrong(KIND, &entry.id, why));
    }
    if !file.tenants.iter().any(|tenant| tenant.id == entry.owner) {
        return Err(wrong(KIND, &entry.id, "`owner` is a tenant that is not listed"));
    }
    // Whoever may write to one would write to the other.
    let is_within = |other: &&OutputEntry| other.owner != entry.owner && entry.id.starts_with(&other.id);
    if let Some(other) = file.outputs.iter().find(is_within) {
        let why = format!("lies in `{}`, which is another tenant's", other.id);
        return Err(wrong(KIND, &entry.id, &why));
    }
    let facts = (
        entry.lifecycle.as_str(),
        entry.jurisdictions.as_slice(),
        entry.classification_max,
    );
    let as_model = like_model(&entry.id, KIND, groups.closed(&entry.groups), facts);
    let owner = entry.owner.clone();
    described(KIND, &as_model, ModelKind::Output { owner })
}

fn guardrail(entry: &GuardrailEntry, groups: &Groups<'_>) -> Result<policies::Model, WrongValue> {
    const KIND: &str = "guardrail";
    let path = format!("/guardrail/{}/version/1/apply", entry.id);
    if entry.id != GUARDRAIL_CHECKS && Target::parse("POST", &path).is_err() {
        let why = "`id` is the identifier or ARN of a guardrail, or `guardrail-checks`";
        return Err(wrong(KIND, &entry.id, why));
    }
    let facts = (
        entry.lifecycle.as_str(),
        entry.jurisdictions.as_slice(),
        entry.classification_max,
    );
    let as_model = like_model(&entry.id, KIND, groups.closed(&entry.groups), facts);
    described(KIND, &as_model, ModelKind::Guardrail)
}

fn knowledge_base(entry: &KnowledgeBaseEntry, groups: &Groups<'_>) -> Result<KnowledgeBase, WrongValue> {
    const KIND: &str = "knowledge_base";
    if KnowledgeBaseId::new(&entry.id).is_err() {
        let why = "`id` is that of a knowledge base: up to ten letters and digits";
        return Err(wrong(KIND, &entry.id, why));
    }
    if entry.tenant_key.as_ref().is_some_and(String::is_empty) {
        return Err(wrong(
            KIND,
            &entry.id,
            "`tenant_key` is the name of a metadata attribute",
        ));
    }
    let facts = (
        entry.lifecycle.as_str(),
        entry.jurisdictions.as_slice(),
        entry.classification_max,
    );
    let as_model = like_model(&entry.id, KIND, groups.closed(&entry.groups), facts);
    Ok(KnowledgeBase {
        model: described(KIND, &as_model, ModelKind::KnowledgeBase)?,
        tenant_key: entry.tenant_key.clone(),
    })
}

/// What they have in common with models, lifecycle, jurisdictions and highest classification among it: Amazon's, for texts and images.
fn like_model(
    id: &str,
    family: &str,
    groups: Vec<String>,
    (lifecycle, jurisdictions, classification_max): (&str, &[String], u8),
) -> ModelEntry {
    ModelEntry {
        id: id.to_owned(),
        name: None,
        models: Vec::new(),
        outputs: Vec::new(),
        groups,
        provider: "amazon".to_owned(),
        family: family.to_owned(),
        modalities: vec!["text".to_owned(), "image".to_owned()],
        lifecycle: lifecycle.to_owned(),
        deprecated_from: None,
        end_of_life: None,
        jurisdictions: jurisdictions.to_vec(),
        classification_max,
        retains_data: false,
        lineage: None,
    }
}
