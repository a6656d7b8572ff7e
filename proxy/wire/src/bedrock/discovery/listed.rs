//! Models as they are listed: in the shapes of Amazon Bedrock, of OpenAI and of Anthropic.

use super::Shape;
use crate::bedrock::ModelId;
use serde_json::{Value, json};

/// What the ids of profiles over several regions begin with. Source: Amazon Bedrock User Guide, "Supported Regions and models for
/// inference profiles".
const GEOGRAPHIES: [&str; 9] = ["us", "us-gov", "eu", "apac", "au", "ca", "jp", "sa", "global"];

/// A model as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// What callers put into `modelId`.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// Who made it: a word.
    pub provider: &'static str,
    /// What it takes, in capitals: `TEXT`.
    pub inputs: Vec<String>,
    /// What it gives.
    pub outputs: Vec<String>,
    /// The models behind a profile, as ARNs.
    pub behind: Vec<String>,
    /// Whether it is to be replaced.
    pub is_legacy: bool,
    /// When it ends, in seconds since the Unix epoch.
    pub ends: Option<i64>,
    /// Whether it is another name of a model.
    pub is_alias: bool,
}

impl Listed {
    pub(super) fn is(&self, id: &ModelId) -> bool {
        self.id == id.as_str()
    }

    /// The resource of an ARN, or the id.
    fn resource(&self) -> &str {
        match self.id.starts_with("arn:") {
            true => self.id.splitn(6, ':').nth(5).unwrap_or_default(),
            false => &self.id,
        }
    }

    pub(super) fn is_profile(&self) -> bool {
        let resource = self.resource();
        let is_over_regions = || {
            let start = resource.split_once('.').map(|(start, _)| start);
            start.is_some_and(|start| GEOGRAPHIES.contains(&start))
        };
        !self.is_alias
            && (resource.starts_with("inference-profile/")
                || resource.starts_with("application-inference-profile/")
                || !self.id.starts_with("arn:") && (!self.behind.is_empty() || is_over_regions()))
    }

    pub(super) fn is_foundation(&self) -> bool {
        let is_named = !self.id.starts_with("arn:") || self.resource().starts_with("foundation-model/");
        !self.is_alias && is_named && !self.is_profile()
    }

    fn arn(&self, region: &str, kind: &str) -> String {
        match self.id.starts_with("arn:") {
            true => self.id.clone(),
            // Whose account it is, is not the caller's to know.
            false => format!("arn:aws:bedrock:{region}::{kind}/{}", self.id),
        }
    }

    pub(super) fn foundation(&self, region: &str) -> Value {
        let mut model = json!({
            "modelArn": self.arn(region, "foundation-model"),
            "modelId": self.id,
            "modelName": self.name.as_deref().unwrap_or(&self.id),
            "providerName": maker(self.provider),
            "inputModalities": self.inputs,
            "outputModalities": self.outputs,
            "responseStreamingSupported": self.outputs.iter().any(|output| output == "TEXT"),
            "customizationsSupported": [],
            "inferenceTypesSupported": ["ON_DEMAND"],
            "modelLifecycle": { "status": if self.is_legacy { "LEGACY" } else { "ACTIVE" } },
        });
        if let (Some(ends), Some(lifecycle)) = (
            self.ends,
            model.get_mut("modelLifecycle").and_then(Value::as_object_mut),
        ) {
            lifecycle.insert("endOfLifeTime".to_owned(), json!(time(ends)));
        }
        model
    }

    pub(super) fn profile_type(&self) -> &'static str {
        match self.resource().starts_with("application-inference-profile/") {
            true => "APPLICATION",
            false => "SYSTEM_DEFINED",
        }
    }

    pub(super) fn profile(&self, region: &str) -> Value {
        let plain = self.resource().rsplit('/').next().unwrap_or_default();
        let models = match (&self.behind[..], plain.split_once('.')) {
            // Of a profile over regions the rest is the model; those that it may go to are known only if they are listed.
            ([], Some((_, model))) => vec![format!("arn:aws:bedrock:{region}::foundation-model/{model}")],
            (behind, _) => behind.to_vec(),
        };
        let models: Vec<Value> = models.iter().map(|arn| json!({ "modelArn": arn })).collect();
        json!({
            "inferenceProfileName": self.name.as_deref().unwrap_or(plain),
            "inferenceProfileArn": self.arn(region, "inference-profile"),
            "inferenceProfileId": plain,
            "models": models,
            "status": "ACTIVE",
            "type": self.profile_type(),
        })
    }

    pub(super) fn model(&self, shape: Shape) -> Value {
        // When it was made is not known; the types ask for a time.
        match shape {
            Shape::OpenAi => {
                json!({ "id": self.id, "object": "model", "created": 0, "owned_by": self.provider })
            }
            Shape::Anthropic => {
                let name = self.name.as_deref().unwrap_or(&self.id);
                json!({ "type": "model", "id": self.id, "display_name": name, "created_at": time(0) })
            }
        }
    }
}

/// A time as REST-JSON has it (Smithy, "timestampFormat": `date-time`).
fn time(unix_s: i64) -> String {
    let time = chrono::DateTime::from_timestamp(unix_s, 0).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The maker's name, as Bedrock's lists have it.
pub(super) fn maker(provider: &'static str) -> &'static str {
    match provider {
        "ai21" => "AI21 Labs",
        "amazon" => "Amazon",
        "anthropic" => "Anthropic",
        "cohere" => "Cohere",
        "deepseek" => "DeepSeek",
        "google" => "Google",
        "luma" => "Luma AI",
        "meta" => "Meta",
        "minimax" => "MiniMax AI",
        "mistral" => "Mistral AI",
        "moonshot" => "Moonshot AI",
        "nvidia" => "NVIDIA",
        "openai" => "OpenAI",
        "qwen" => "Qwen",
        "stability" => "Stability AI",
        "twelvelabs" => "TwelveLabs",
        "writer" => "Writer",
        other => other,
    }
}
