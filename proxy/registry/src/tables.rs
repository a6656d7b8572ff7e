//! The tables of the registry file, as TOML says them.

use palisade_wire::bedrock::sagemaker::CHOOSERS;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A line of business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// Unique name, without `/`.
    pub id: String,
    /// Where the tenant's data is at home: a word of the policy schema's `Jurisdiction`.
    pub jurisdiction: String,
    /// What its calls are for: a word of `Purpose`.
    #[serde(default = "unspecified", skip_serializing_if = "is_unspecified")]
    pub purpose: String,
    /// What else calls of its applications may be for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<String>,
    /// How confidential the data in its calls is, 0 to 4.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub classification: u8,
    /// What its people and workloads may handle, 0 to 4.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub clearance: u8,
    /// Refuse every call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// Nothing is refused or changed by policy; records say what would have been.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log_only: bool,
    /// The tenant's time zone for policies on working hours, in minutes east of UTC.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub utc_offset_minutes: i32,
    /// Limits of the tenant's tier.
    pub limits: LimitsEntry,
    /// What its applications' client certificates may name: SPIFFE ids, those that end with `/` for all behind them, and subjects or their ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
    /// What tokens may say of the tenant's users.
    #[serde(default, skip_serializing_if = "UserEntry::is_empty")]
    pub user: UserEntry,
}

/// Limits of a tenant's tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserEntry {
    /// Groups that are roles of the organisation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Groups that are teams of the tenant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
}

impl UserEntry {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationEntry {
    /// Name within the tenant.
    pub id: String,
    /// The tenant.
    pub tenant: String,
    /// Teams of the tenant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// Roles of the organisation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// `dev`, `test` or `prod`.
    pub environment: String,
    /// What its client certificates name: SPIFFE ids, or subjects as RFC 4514 writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
    /// What its calls are for, if not what the tenant's are: one of the tenant's `purposes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// A key that Palisade issued. Exactly one of the three places of its secret is set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// The access key id.
    pub id: String,
    /// The tenant.
    pub tenant: String,
    /// The application that holds it.
    pub application: String,
    /// File that holds the secret and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// Environment variable that holds the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    /// The secret, sealed: `palisade key issue` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// When it was issued, such as `2026-11-30T09:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
    /// From when on it is good no more, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Model id, profile id or ARN, as callers name it.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of a profile, the models behind it, as ARNs. If all are one model, policy is asked about that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Groups that policy grants.
    pub groups: Vec<String>,
    /// A word of `Provider`.
    pub provider: String,
    /// Such as `claude`.
    pub family: String,
    /// Words of `Modality`: what it takes and gives.
    pub modalities: Vec<String>,
    /// Those of them that it gives; without it `text`, or `embedding`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
    /// A word of `Lifecycle`.
    pub lifecycle: String,
    /// First day on which callers are told that it is deprecated, such as `2027-01-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_from: Option<String>,
    /// Last day, such as `2027-03-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_life: Option<String>,
    /// Every place where it may be served.
    pub jurisdictions: Vec<String>,
    /// Highest classification it may see, 0 to 4.
    pub classification_max: u8,
    /// Whether the provider keeps prompts or completions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retains_data: bool,
    /// Where it comes from, if it is one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<LineageEntry>,
}

/// A group of models, where it is held by others. Groups that only hold models need not be listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    /// Its name.
    pub id: String,
    /// The groups that hold it: whoever may call what is in those may call what is in this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
}

/// A group of models that a tenant may call, or some of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantEntry {
    /// The tenant.
    pub tenant: String,
    /// The group.
    pub group: String,
    /// Only those of this team of the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Only those who have this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl GrantEntry {
    /// Its id among entries: `TENANT/GROUP`, and behind it to whom of the tenant: `retail/frontier/team=cards`.
    #[must_use]
    pub fn full_id(&self) -> String {
        let to = [("team", &self.team), ("role", &self.role)];
        let parts = to
            .into_iter()
            .filter_map(|(key, name)| Some(format!("/{key}={}", name.as_ref()?)));
        parts.fold(format!("{}/{}", self.tenant, self.group), |id, part| id + &part)
    }
}

/// Where a model of one's own comes from. Decisions name facts that hold it, but for who approved it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineageEntry {
    /// Which of its versions it is, such as a model package version.
    pub version: String,
    /// Where its artifact is, such as an S3 URI or the ARN of a model package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// The job that trained it, such as its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job: Option<String>,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// Another name of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasEntry {
    /// The name, as callers put it into `modelId`.
    pub id: String,
    /// The tenant whose name it is; without it, everybody's. A tenant's own comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The id of the model that is called.
    pub model: String,
}

impl AliasEntry {
    /// Its id among entries: of a tenant's own `TENANT/ID`.
    #[must_use]
    pub fn full_id(&self) -> String {
        match &self.tenant {
            Some(tenant) => format!("{tenant}/{}", self.id),
            None => self.id.clone(),
        }
    }
}

/// A SageMaker endpoint, or one of the things that run behind it, which callers choose by headers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointEntry {
    /// Its name.
    pub name: String,
    /// The inference component that is meant; only calls that choose it. So for the next three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The production variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The model of a multi-model endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_model: Option<String>,
    /// The container, by its host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The tenant that runs it.
    pub owner: String,
    /// What its bodies are: `openai-chat`, `tgi`, `jumpstart`, `json`, `text` or `opaque`.
    pub dialect: String,
    /// Groups that policy grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// A word of `Provider`.
    pub provider: String,
    /// Such as `llama`.
    pub family: String,
    /// Words of `Modality`.
    pub modalities: Vec<String>,
    /// A word of `Lifecycle`.
    pub lifecycle: String,
    /// First day on which callers are told that it is deprecated, such as `2027-01-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_from: Option<String>,
    /// Last day, such as `2027-03-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_life: Option<String>,
    /// Every place where it may be served.
    pub jurisdictions: Vec<String>,
    /// Highest classification it may see, 0 to 4.
    pub classification_max: u8,
    /// Whether prompts or completions are kept, such as by data capture.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retains_data: bool,
    /// Where it comes from, if it is one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<LineageEntry>,
}

/// A guardrail of Bedrock's own, which texts can be shown to without a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardrailEntry {
    /// Its identifier or ARN, as callers name it; `guardrail-checks` for the checks that need none (`InvokeGuardrailChecks`).
    pub id: String,
    /// Groups that policy grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// A word of `Lifecycle`.
    pub lifecycle: String,
    /// Every place where it may be served.
    pub jurisdictions: Vec<String>,
    /// Highest classification it may see, 0 to 4.
    pub classification_max: u8,
}

/// A knowledge base of Bedrock's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeBaseEntry {
    /// Its id.
    pub id: String,
    /// Groups that policy grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// A word of `Lifecycle`.
    pub lifecycle: String,
    /// Every place where it may be served.
    pub jurisdictions: Vec<String>,
    /// Highest classification that calls of it may have, 0 to 4.
    pub classification_max: u8,
    /// The metadata attribute that says whose a document is: a tenant gets those only that have its id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_key: Option<String>,
}

/// A place in S3 for what asynchronous calls of a tenant give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputEntry {
    /// Where it is: `s3://BUCKET/` or `s3://BUCKET/FOLDER/`, with all below it.
    pub id: String,
    /// The tenant whose it is.
    pub owner: String,
    /// Groups that policy grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// A word of `Lifecycle`.
    pub lifecycle: String,
    /// Where it lies.
    pub jurisdictions: Vec<String>,
    /// Highest classification that may lie there, 0 to 4.
    pub classification_max: u8,
}

impl EndpointEntry {
    /// Its id for policies and records: the name, and behind it what is chosen.
    #[must_use]
    pub fn id(&self) -> String {
        let chosen = [
            &self.component,
            &self.variant,
            &self.target_model,
            &self.container,
        ];
        endpoint_id(&self.name, chosen.map(Option::as_deref))
    }
}

impl ApplicationEntry {
    /// Its id for whoever refers to it: `TENANT/ID`.
    #[must_use]
    pub fn full_id(&self) -> String {
        format!("{}/{}", self.tenant, self.id)
    }
}

/// How an endpoint is called in policies and records: its name, and behind it what the caller chooses, in the order of
/// [`CHOOSERS`]: `chat`, `chat/component=llama`.
#[must_use]
pub fn endpoint_id(name: &str, chosen: [Option<&str>; CHOOSERS.len()]) -> String {
    let chosen = CHOOSERS.iter().zip(chosen);
    let parts = chosen.filter_map(|((_, key), value)| Some(format!("/{key}={}", value?)));
    parts.fold(name.to_owned(), |id, part| id + &part)
}

fn unspecified() -> String {
    "unspecified".to_owned()
}

fn is_unspecified(purpose: &String) -> bool {
    *purpose == unspecified()
}

fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}
