//! What the AWS CLI prints.

use serde::Deserialize;

/// One list, of either kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    pub(super) model_summaries: Option<Vec<Model>>,
    pub(super) inference_profile_summaries: Option<Vec<Profile>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Model {
    pub(super) model_arn: String,
    pub(super) model_id: String,
    pub(super) model_name: Option<String>,
    #[serde(default)]
    pub(super) input_modalities: Vec<String>,
    #[serde(default)]
    pub(super) output_modalities: Vec<String>,
    #[serde(default)]
    pub(super) inference_types_supported: Vec<String>,
    #[serde(default)]
    pub(super) model_lifecycle: Lifecycle,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Lifecycle {
    #[serde(default)]
    pub(super) status: String,
    pub(super) end_of_life_time: Option<String>,
    pub(super) legacy_time: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    pub(super) inference_profile_id: String,
    pub(super) inference_profile_arn: String,
    pub(super) inference_profile_name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) models: Vec<ProfileModel>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProfileModel {
    pub(super) model_arn: String,
}
