//! Models from what the AWS CLI prints: `aws bedrock list-foundation-models` and `aws bedrock list-inference-profiles`
//! (docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html, `API_ListInferenceProfiles.html`).

mod lists;
mod words;

use crate::catalogue::Catalogue;
use crate::tables::ModelEntry;
use lists::{Lifecycle, List, Model, Profile, ProfileModel};
use std::collections::{BTreeMap, BTreeSet};
use words::{day, family, jurisdictions, provider};

/// What models are imported as: what AWS does not know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct As {
    /// A word of `Lifecycle`, of models that AWS does not call legacy.
    pub lifecycle: String,
    /// Groups that policy grants.
    pub groups: Vec<String>,
    /// Highest classification that they may see, 0 to 4.
    pub classification_max: u8,
}

/// What was made of lists.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Imported {
    /// The models and profiles that can be called, by id.
    pub models: Vec<ModelEntry>,
    /// What was left out, and why: a line each.
    pub left_out: Vec<String>,
}

/// Why a list is none.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not the JSON that the AWS CLI prints.
    #[error(
        "is not what `aws bedrock list-foundation-models` or `list-inference-profiles` prints as JSON: {0}"
    )]
    Form(#[from] serde_json::Error),
    /// It is JSON of another command.
    #[error("holds neither `modelSummaries` nor `inferenceProfileSummaries`")]
    Neither,
}

/// Makes entries of lists, each with what stands behind it: a profile may be served wherever one of its models is.
///
/// # Errors
/// The position of the list that is none, and why.
pub fn import(lists: &[String], as_what: &As) -> Result<Imported, (usize, ImportError)> {
    let (mut models, mut profiles) = (Vec::new(), Vec::new());
    for (position, text) in lists.iter().enumerate() {
        let list: List = serde_json::from_str(text).map_err(|error| (position, error.into()))?;
        if list.model_summaries.is_none() && list.inference_profile_summaries.is_none() {
            return Err((position, ImportError::Neither));
        }
        models.extend(list.model_summaries.unwrap_or_default());
        profiles.extend(list.inference_profile_summaries.unwrap_or_default());
    }
    Ok(entries(&models, &profiles, as_what))
}

/// Makes entries of what the catalogue lists, as AWS would list it in `region`.
#[must_use]
pub fn import_catalogue(catalogue: &Catalogue, region: &str, as_what: &As) -> Imported {
    let foundation = |region: &str, id: &str| format!("arn:aws:bedrock:{region}::foundation-model/{id}");
    let (mut models, mut profiles) = (BTreeMap::new(), Vec::new());
    for listed in &catalogue.models {
        let (id, regions) = listed.behind();
        let is_called = regions.is_none();
        let model = Model {
            model_arn: foundation(region, id),
            model_id: id.to_owned(),
            model_name: None,
            input_modalities: listed.inputs.iter().map(|word| word.to_uppercase()).collect(),
            output_modalities: listed.outputs.iter().map(|word| word.to_uppercase()).collect(),
            inference_types_supported: is_called.then(|| "ON_DEMAND".to_owned()).into_iter().collect(),
            model_lifecycle: Lifecycle {
                end_of_life_time: listed.end_of_life.clone(),
                ..Lifecycle::default()
            },
        };
        // One that only profiles lead to is told of by each of them.
        if is_called || !models.contains_key(id) {
            models.insert(id, model);
        }
        profiles.extend(regions.map(|regions| {
            Profile {
                inference_profile_id: listed.id.clone(),
                inference_profile_arn: String::new(),
                inference_profile_name: None,
                kind: "SYSTEM_DEFINED".to_owned(),
                models: regions
                    .iter()
                    .map(|region| ProfileModel {
                        model_arn: foundation(region, id),
                    })
                    .collect(),
            }
        }));
    }
    let models: Vec<Model> = models.into_values().collect();
    entries(&models, &profiles, as_what)
}

fn entries(models: &[Model], profiles: &[Profile], as_what: &As) -> Imported {
    let mut all = Importing {
        as_what,
        entries: BTreeMap::new(),
        left_out: Vec::new(),
    };
    for model in models {
        match model
            .inference_types_supported
            .iter()
            .any(|kind| kind == "ON_DEMAND")
        {
            true => all.add(
                Called {
                    id: &model.model_id,
                    name: model.model_name.as_ref(),
                    profile: false,
                },
                &[&model.model_arn],
                model,
            ),
            // It is called through profiles, or capacity that was bought, which have ids of their own.
            false => all.leave_out(&model.model_id, "cannot be called on demand under this id"),
        }
    }
    let known: BTreeMap<&str, &Model> = models
        .iter()
        .map(|model| (model.model_id.as_str(), model))
        .collect();
    for profile in profiles {
        all.profile(profile, &known);
    }
    Imported {
        models: all.entries.into_values().collect(),
        left_out: all.left_out,
    }
}

/// How something is called.
struct Called<'a> {
    id: &'a str,
    name: Option<&'a String>,
    /// Whether it is a profile.
    profile: bool,
}

struct Importing<'a> {
    as_what: &'a As,
    entries: BTreeMap<String, ModelEntry>,
    left_out: Vec<String>,
}

impl Importing<'_> {
    fn profile(&mut self, profile: &Profile, known: &BTreeMap<&str, &Model>) {
        let arns: Vec<&str> = profile
            .models
            .iter()
            .map(|model| model.model_arn.as_str())
            .collect();
        let model_id = arns
            .first()
            .and_then(|arn| arn.rsplit_once('/'))
            .map_or("", |(_, id)| id);
        // A profile of the account's own is called by its ARN.
        let id = match profile.kind.as_str() {
            "APPLICATION" => &profile.inference_profile_arn,
            _ => &profile.inference_profile_id,
        };
        match known.get(model_id) {
            Some(model) => {
                let name = profile.inference_profile_name.as_ref();
                self.add(
                    Called {
                        id,
                        name,
                        profile: true,
                    },
                    &arns,
                    model,
                );
            }
            None => self.leave_out(
                id,
                &format!("its model {model_id} is in none of the lists of models"),
            ),
        }
    }

    /// Adds what is served as a model in the regions of these ARNs.
    fn add(&mut self, Called { id, name, profile }: Called<'_>, arns: &[&str], model: &Model) {
        let places: Option<BTreeSet<&str>> = arns
            .iter()
            .map(|arn| jurisdictions(arn))
            .collect::<Option<Vec<_>>>()
            .map(|places| places.into_iter().flatten().copied().collect());
        let Some(places) = places else {
            return self.leave_out(id, "is in a region that is not known");
        };
        let places = places.into_iter().map(str::to_owned);
        if let Some(entry) = self.entries.get_mut(id) {
            // The same, listed in another region.
            let mut all: BTreeSet<String> = entry.jurisdictions.drain(..).collect();
            all.extend(places);
            entry.jurisdictions = all.into_iter().collect();
            let mut models: BTreeSet<String> = entry.models.drain(..).collect();
            models.extend(arns.iter().filter(|_| profile).map(|arn| (*arn).to_owned()));
            entry.models = models.into_iter().collect();
            return;
        }
        let legacy = model.model_lifecycle.status == "LEGACY" && self.as_what.lifecycle == "approved";
        let entry = ModelEntry {
            id: id.to_owned(),
            name: name.cloned(),
            models: arns
                .iter()
                .filter(|_| profile)
                .map(|arn| (*arn).to_owned())
                .collect(),
            groups: self.as_what.groups.clone(),
            provider: provider(&model.model_id).to_owned(),
            family: family(&model.model_id),
            modalities: modalities(model.input_modalities.iter().chain(&model.output_modalities)),
            outputs: modalities(model.output_modalities.iter()),
            lifecycle: if legacy {
                "deprecated".to_owned()
            } else {
                self.as_what.lifecycle.clone()
            },
            deprecated_from: model.model_lifecycle.legacy_time.as_deref().and_then(day),
            end_of_life: model.model_lifecycle.end_of_life_time.as_deref().and_then(day),
            jurisdictions: places.collect(),
            classification_max: self.as_what.classification_max,
            retains_data: false,
            lineage: None,
        };
        self.entries.insert(id.to_owned(), entry);
    }

    fn leave_out(&mut self, id: &str, why: &str) {
        self.left_out.push(format!("{id}: {why}"));
    }
}

/// Modalities in the words of the policy schema.
fn modalities<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let word = |name: &String| match name.as_str() {
        "TEXT" => Some("text"),
        "IMAGE" => Some("image"),
        "EMBEDDING" => Some("embedding"),
        "DOCUMENT" => Some("document"),
        "AUDIO" | "SPEECH" => Some("audio"),
        "VIDEO" => Some("video"),
        _ => None,
    };
    let words: BTreeSet<&str> = names.filter_map(word).collect();
    words.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODELS: &str = r#"{"modelSummaries": [
        {"modelArn": "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0", "modelId": "amazon.nova-lite-v1:0", "modelName": "Nova Lite",
         "providerName": "Amazon", "inputModalities": ["TEXT", "IMAGE", "VIDEO"], "outputModalities": ["TEXT"], "responseStreamingSupported": true,
         "customizationsSupported": [], "inferenceTypesSupported": ["ON_DEMAND"], "modelLifecycle": {"status": "ACTIVE"}},
        {"modelArn": "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-3-opus-20240229-v1:0", "modelId": "anthropic.claude-3-opus-20240229-v1:0",
         "inputModalities": ["TEXT"], "outputModalities": ["TEXT"], "inferenceTypesSupported": ["INFERENCE_PROFILE"],
         "modelLifecycle": {"status": "LEGACY", "legacyTime": "2026-07-15T00:00:00+00:00", "endOfLifeTime": "2027-01-15T00:00:00+00:00"}},
        {"modelArn": "arn:aws:bedrock:mars-1::foundation-model/acme.x1", "modelId": "acme.x1", "inferenceTypesSupported": ["ON_DEMAND"]}
    ]}"#;

    const PROFILES: &str = r#"{"inferenceProfileSummaries": [
        {"inferenceProfileId": "eu.anthropic.claude-3-opus-20240229-v1:0", "inferenceProfileArn": "arn:aws:bedrock:eu-central-1:1:inference-profile/eu.x", "type": "SYSTEM_DEFINED",
         "status": "ACTIVE", "models": [{"modelArn": "arn:aws:bedrock:eu-west-2::foundation-model/anthropic.claude-3-opus-20240229-v1:0"},
         {"modelArn": "arn:aws:bedrock:eu-west-3::foundation-model/anthropic.claude-3-opus-20240229-v1:0"}]},
        {"inferenceProfileId": "abc", "inferenceProfileArn": "arn:aws:bedrock:eu-central-1:1:application-inference-profile/abc", "type": "APPLICATION",
         "models": [{"modelArn": "arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0"}]},
        {"inferenceProfileId": "us.meta.y", "inferenceProfileArn": "arn:aws:bedrock:us-east-1:1:inference-profile/us.meta.y", "type": "SYSTEM_DEFINED",
         "models": [{"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/meta.y"}]}
    ]}"#;

    fn approved() -> As {
        As {
            lifecycle: "approved".to_owned(),
            groups: vec!["general-purpose".to_owned()],
            classification_max: 2,
        }
    }

    #[test]
    fn models_and_profiles_become_entries_with_all_places_that_may_serve_them() {
        let lists = [PROFILES.to_owned(), MODELS.to_owned()];
        let imported = import(&lists, &approved()).expect("lists");
        let [nova, application, opus] = &imported.models[..] else {
            panic!("{imported:?}");
        };
        assert_eq!(nova.id, "amazon.nova-lite-v1:0");
        assert_eq!((nova.provider.as_str(), nova.family.as_str()), ("amazon", "nova"));
        assert_eq!(
            (&nova.modalities[..], &nova.jurisdictions[..]),
            (
                &["image", "text", "video"].map(str::to_owned)[..],
                &["EU".to_owned()][..]
            )
        );
        assert_eq!(
            (nova.lifecycle.as_str(), nova.classification_max),
            ("approved", 2)
        );
        assert_eq!(opus.id, "eu.anthropic.claude-3-opus-20240229-v1:0");
        assert_eq!(opus.jurisdictions, ["EU", "UK"]);
        assert_eq!((opus.models.len(), nova.models.len()), (2, 0));
        assert_eq!(
            (nova.name.as_deref(), &nova.outputs[..]),
            (Some("Nova Lite"), &["text".to_owned()][..])
        );
        assert_eq!(
            (
                opus.lifecycle.as_str(),
                opus.deprecated_from.as_deref(),
                opus.end_of_life.as_deref()
            ),
            ("deprecated", Some("2026-07-15"), Some("2027-01-15"))
        );
        assert_eq!(
            (opus.provider.as_str(), opus.family.as_str()),
            ("anthropic", "claude")
        );
        assert!(application.id.ends_with(":application-inference-profile/abc"));
        assert_eq!(application.jurisdictions.len(), 8, "it may be served anywhere");
        let told = imported.left_out.join("\n");
        for part in [
            "anthropic.claude-3-opus-20240229-v1:0: cannot be called on demand",
            "acme.x1: is in a region",
            "us.meta.y: its model meta.y is in none",
        ] {
            assert!(told.contains(part), "{part} is not in {told}");
        }
    }

    #[test]
    fn a_model_of_several_regions_is_one_entry_and_a_candidate_stays_one() {
        let elsewhere = MODELS.replace("eu-central-1", "us-east-1");
        let as_what = As {
            lifecycle: "candidate".to_owned(),
            ..approved()
        };
        let imported = import(&[MODELS.to_owned(), elsewhere, PROFILES.to_owned()], &as_what).expect("lists");
        let nova = imported
            .models
            .iter()
            .find(|model| model.id == "amazon.nova-lite-v1:0")
            .expect("it");
        assert_eq!(nova.jurisdictions, ["EU", "US"]);
        assert!(imported.models.iter().all(|model| model.lifecycle == "candidate"));
    }

    #[test]
    fn what_is_no_list_is_told_with_its_position() {
        let (position, error) =
            import(&[MODELS.to_owned(), "{}".to_owned()], &approved()).expect_err("no list");
        assert_eq!((position, error.to_string().contains("neither")), (1, true));
        let (position, error) = import(&["<html>".to_owned()], &approved()).expect_err("no JSON");
        assert_eq!((position, error.to_string().contains("is not what")), (0, true));
    }
}
