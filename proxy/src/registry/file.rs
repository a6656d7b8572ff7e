//! The registry file, as TOML says it. `config/registry.toml` is a documented example.

use serde::Deserialize;
use std::path::PathBuf;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// `[[tenant]]`
    #[serde(default, rename = "tenant")]
    pub tenants: Vec<TenantEntry>,
    /// `[[application]]`
    #[serde(default, rename = "application")]
    pub applications: Vec<ApplicationEntry>,
    /// `[[key]]`
    #[serde(default, rename = "key")]
    pub keys: Vec<KeyEntry>,
    /// `[[model]]`
    #[serde(default, rename = "model")]
    pub models: Vec<ModelEntry>,
    /// `[[endpoint]]`
    #[serde(default, rename = "endpoint")]
    pub endpoints: Vec<EndpointEntry>,
}

/// A line of business.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// Unique name, without `/`.
    pub id: String,
    /// Where the tenant's data is at home: a word of the policy schema's `Jurisdiction`.
    pub jurisdiction: String,
    /// What its calls are for: a word of `Purpose`.
    #[serde(default = "unspecified")]
    pub purpose: String,
    /// How confidential the data in its calls is, 0 to 4.
    #[serde(default)]
    pub classification: u8,
    /// What its people and workloads may handle, 0 to 4.
    #[serde(default)]
    pub clearance: u8,
    /// Refuse every call.
    #[serde(default)]
    pub suspended: bool,
    /// Nothing is refused or changed by policy; records say what would have been.
    #[serde(default)]
    pub log_only: bool,
    /// The tenant's time zone for policies on working hours, in minutes east of UTC.
    #[serde(default)]
    pub utc_offset_minutes: i32,
    /// Limits of the tenant's tier.
    pub limits: LimitsEntry,
    /// What tokens may say of the tenant's users.
    #[serde(default)]
    pub user: UserEntry,
}

/// Limits of a tenant's tier.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsEntry {
    /// Tokens one call may ask a model to write.
    pub output_tokens_max: u64,
    /// Tokens assumed when a call names no number.
    pub default_output_tokens: u64,
    /// Tokens one call may send.
    pub input_tokens_max: u64,
}

/// What tokens may say of a tenant's users: groups that are not listed here are ignored.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserEntry {
    /// Groups that are roles of the organisation.
    pub roles: Vec<String>,
    /// Groups that are teams of the tenant.
    pub teams: Vec<String>,
}

/// A workload.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationEntry {
    /// Name within the tenant.
    pub id: String,
    /// The tenant.
    pub tenant: String,
    /// Teams of the tenant.
    #[serde(default)]
    pub teams: Vec<String>,
    /// Roles of the organisation.
    #[serde(default)]
    pub roles: Vec<String>,
    /// `dev`, `test` or `prod`.
    pub environment: String,
}

/// A key that Palisade issued. Exactly one of the two places of its secret is set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// The access key id.
    pub id: String,
    /// The tenant.
    pub tenant: String,
    /// The application that holds it.
    pub application: String,
    /// File that holds the secret and nothing else.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Environment variable that holds the secret.
    #[serde(default)]
    pub secret_env: Option<String>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Model id, profile id or ARN, as callers name it.
    pub id: String,
    /// Groups that policy grants.
    pub groups: Vec<String>,
    /// A word of `Provider`.
    pub provider: String,
    /// Such as `claude`.
    pub family: String,
    /// Words of `Modality`.
    pub modalities: Vec<String>,
    /// A word of `Lifecycle`.
    pub lifecycle: String,
    /// Last day, such as `2027-03-31`.
    #[serde(default)]
    pub end_of_life: Option<String>,
    /// Every place where it may be served.
    pub jurisdictions: Vec<String>,
    /// Highest classification it may see, 0 to 4.
    pub classification_max: u8,
    /// Whether the provider keeps prompts or completions.
    #[serde(default)]
    pub retains_data: bool,
}

/// A SageMaker endpoint, or one of the things that run behind it, which callers choose by headers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointEntry {
    /// Its name.
    pub name: String,
    /// The inference component that is meant; only calls that choose it. So for the next three.
    #[serde(default)]
    pub component: Option<String>,
    /// The production variant.
    #[serde(default)]
    pub variant: Option<String>,
    /// The model of a multi-model endpoint.
    #[serde(default)]
    pub target_model: Option<String>,
    /// The container, by its host name.
    #[serde(default)]
    pub container: Option<String>,
    /// The tenant that runs it.
    pub owner: String,
    /// What its bodies are: `openai-chat`, `tgi`, `jumpstart`, `json`, `text` or `opaque`.
    pub dialect: String,
    /// Groups that policy grants.
    #[serde(default)]
    pub groups: Vec<String>,
    /// A word of `Provider`.
    pub provider: String,
    /// Such as `llama`.
    pub family: String,
    /// Words of `Modality`.
    pub modalities: Vec<String>,
    /// A word of `Lifecycle`.
    pub lifecycle: String,
    /// Last day, such as `2027-03-31`.
    #[serde(default)]
    pub end_of_life: Option<String>,
    /// Every place where it may be served.
    pub jurisdictions: Vec<String>,
    /// Highest classification it may see, 0 to 4.
    pub classification_max: u8,
    /// Whether prompts or completions are kept, such as by data capture.
    #[serde(default)]
    pub retains_data: bool,
}

impl EndpointEntry {
    /// Its id for policies and records: the name, and behind it what is chosen.
    pub(super) fn id(&self) -> String {
        let chosen = [
            &self.component,
            &self.variant,
            &self.target_model,
            &self.container,
        ];
        super::endpoint_id(&self.name, chosen.map(Option::as_deref))
    }
}

fn unspecified() -> String {
    "unspecified".to_owned()
}

/// The end of a day in UTC, in Unix milliseconds. None when the text is no day.
pub(super) fn unix_ms(day: &str) -> Option<i64> {
    let stamp = format!("{}T235959Z", day.replace('-', ""));
    let plain = day.len() == 10 && day.bytes().filter(|b| *b == b'-').count() == 2;
    let date = palisade_wire::sigv4::AmzDate::parse(stamp.as_bytes())
        .ok()
        .filter(|_| plain)?;
    Some(date.unix_seconds() * 1000 + 999)
}
