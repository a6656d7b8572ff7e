//! Models, and what stands behind a profile.

use super::entries::{described, word};
use super::grants::Groups;
use super::{WrongValue, keep, wrong};
use crate::clock::unix_ms;
use palisade_policies::{self as policies, Lifecycle, Modality, ModelFacts};
use palisade_registry::{File, ModelEntry};
use palisade_wire::bedrock::ModelId;
use palisade_wire::bedrock::discovery::Listed;
use std::collections::{BTreeSet, HashMap};

/// A model, and what is told of it to those who may use it.
#[derive(Debug)]
pub struct Card {
    /// What policy is asked about. Of a profile of one model it has the id of that model: policies that name it mean all ways to it.
    pub model: policies::Model,
    name: Option<String>,
    behind: Vec<String>,
    outputs: Vec<Modality>,
}

impl Card {
    /// The model as it is listed under a name.
    #[must_use]
    pub fn listed(&self, id: &str) -> Listed {
        let facts = self.model.facts();
        let words = |all: &[Modality]| all.iter().map(|one| one.as_str().to_uppercase()).collect();
        let takes = |modality: &Modality| *modality != Modality::Embedding;
        let inputs: Vec<Modality> = facts.modalities.iter().copied().filter(takes).collect();
        Listed {
            id: id.to_owned(),
            name: self.name.clone(),
            provider: facts.provider.as_str(),
            inputs: words(&inputs),
            outputs: words(&self.outputs),
            behind: self.behind.clone(),
            is_legacy: facts.is_deprecated(unix_ms()),
            ends: facts.end_of_life_ms.map(|ms| ms / 1_000),
            is_alias: false,
        }
    }
}

/// The models of a file, by the names that callers have for them.
pub(super) fn models(file: &File, groups: &Groups<'_>, found: &mut Vec<WrongValue>) -> HashMap<String, Card> {
    let mut cards: HashMap<String, Card> = HashMap::with_capacity(file.models.len());
    // Those that nothing stands behind come first: the others are no better than these.
    let (models, profiles): (Vec<_>, Vec<_>) = file.models.iter().partition(|entry| entry.models.is_empty());
    for entry in models.into_iter().chain(profiles) {
        let made = card(entry, groups, &cards);
        found.extend(keep(&mut cards, entry.id.clone(), made, ("model", &entry.id)));
    }
    cards
}

fn card(entry: &ModelEntry, groups: &Groups<'_>, listed: &HashMap<String, Card>) -> Result<Card, WrongValue> {
    let within = ModelEntry {
        groups: groups.closed(&entry.groups),
        ..entry.clone()
    };
    let model = described("model", &within, policies::ModelKind::Model)?;
    let outputs = entry
        .outputs
        .iter()
        .map(|text| word("model", &entry.id, "outputs", text));
    let mut outputs: Vec<Modality> = outputs.collect::<Result<_, _>>()?;
    let modalities = &model.facts().modalities;
    if !outputs.iter().all(|output| modalities.contains(output)) {
        return Err(wrong(
            "model",
            &entry.id,
            "`outputs` are some of its `modalities`",
        ));
    }
    if outputs.is_empty() {
        let embeds = modalities.contains(&Modality::Embedding);
        outputs.push(if embeds {
            Modality::Embedding
        } else {
            Modality::Text
        });
    }
    let model = match entry.models.is_empty() {
        true => model,
        false => resolved(model.facts(), &behind(entry)?, listed)?,
    };
    Ok(Card {
        model,
        name: entry.name.clone(),
        behind: entry.models.clone(),
        outputs,
    })
}

/// The ids of the models behind a profile.
fn behind(entry: &ModelEntry) -> Result<BTreeSet<String>, WrongValue> {
    let none = || wrong("model", &entry.id, "`models` are ARNs of foundation models");
    let id = |arn: &String| ModelId::foundation(arn).map(str::to_owned).ok_or_else(none);
    entry.models.iter().map(id).collect()
}

/// A profile as policy is asked about it: as the one model behind it, if it is one, and not better than any of those that are listed.
fn resolved(
    profile: &ModelFacts,
    behind: &BTreeSet<String>,
    listed: &HashMap<String, Card>,
) -> Result<policies::Model, WrongValue> {
    let mut facts = profile.clone();
    if let (Some(id), 1) = (behind.first(), behind.len()) {
        facts.id.clone_from(id);
    }
    for model in behind
        .iter()
        .filter_map(|id| listed.get(id))
        .map(|card| card.model.facts())
    {
        facts.lifecycle = later(facts.lifecycle, model.lifecycle);
        facts.end_of_life_ms = [facts.end_of_life_ms, model.end_of_life_ms]
            .into_iter()
            .flatten()
            .min();
        facts.deprecated_from_ms = [facts.deprecated_from_ms, model.deprecated_from_ms]
            .into_iter()
            .flatten()
            .min();
        facts.max_classification = facts.max_classification.min(model.max_classification);
        facts.retains_data |= model.retains_data;
    }
    policies::Model::new(facts).map_err(|error| wrong("model", &profile.id, &error.to_string()))
}

/// The one that allows less.
fn later(one: Lifecycle, other: Lifecycle) -> Lifecycle {
    let rank = |lifecycle| match lifecycle {
        Lifecycle::Approved => 0,
        Lifecycle::Deprecated => 1,
        Lifecycle::Candidate => 2,
        Lifecycle::EndOfLife => 3,
    };
    match rank(one) < rank(other) {
        true => other,
        false => one,
    }
}
