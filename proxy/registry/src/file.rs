//! The registry file, as TOML says it. `config/registry.toml` is a documented example.

use crate::entry::{Entry, Kind};
use crate::store::StoreError;
use palisade_wire::bedrock::sagemaker::CHOOSERS;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// `[[tenant]]`
    #[serde(default, rename = "tenant", skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<TenantEntry>,
    /// `[[application]]`
    #[serde(default, rename = "application", skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<ApplicationEntry>,
    /// `[[key]]`
    #[serde(default, rename = "key", skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyEntry>,
    /// `[[model]]`
    #[serde(default, rename = "model", skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelEntry>,
    /// `[[alias]]`
    #[serde(default, rename = "alias", skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<AliasEntry>,
    /// `[[endpoint]]`
    #[serde(default, rename = "endpoint", skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<EndpointEntry>,
}

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_life: Option<String>,
    /// Every place where it may be served.
    pub jurisdictions: Vec<String>,
    /// Highest classification it may see, 0 to 4.
    pub classification_max: u8,
    /// Whether the provider keeps prompts or completions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retains_data: bool,
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

impl File {
    /// The entries, by kind and id. Of two with one name both are given.
    ///
    /// # Errors
    /// None, where the values are what TOML can hold.
    pub fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        for tenant in &self.tenants {
            entries.push(entry(Kind::Tenant, tenant.id.clone(), tenant)?);
        }
        for model in &self.models {
            entries.push(entry(Kind::Model, model.id.clone(), model)?);
        }
        for alias in &self.aliases {
            entries.push(entry(Kind::Alias, alias.full_id(), alias)?);
        }
        for endpoint in &self.endpoints {
            entries.push(entry(Kind::Endpoint, endpoint.id(), endpoint)?);
        }
        for application in &self.applications {
            entries.push(entry(Kind::Application, application.full_id(), application)?);
        }
        for key in &self.keys {
            entries.push(entry(Kind::Key, key.id.clone(), key)?);
        }
        entries.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        Ok(entries)
    }

    /// The file that holds these entries.
    ///
    /// # Errors
    /// [`StoreError::Entry`] for the first that is none of its kind: a member that is not known, missing, or of another type.
    pub fn of(entries: Vec<Entry>) -> Result<Self, StoreError> {
        let mut file = Self::default();
        entries.into_iter().try_for_each(|entry| file.push(entry))?;
        Ok(file)
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// As [`File::of`].
    pub fn push(&mut self, entry: Entry) -> Result<(), StoreError> {
        match entry.kind {
            Kind::Tenant => self.tenants.push(typed(entry)?),
            Kind::Model => self.models.push(typed(entry)?),
            Kind::Alias => self.aliases.push(typed(entry)?),
            Kind::Endpoint => self.endpoints.push(typed(entry)?),
            Kind::Application => self.applications.push(typed(entry)?),
            Kind::Key => self.keys.push(typed(entry)?),
        }
        Ok(())
    }

    /// The text of the file.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a value is none that TOML can hold.
    pub fn to_toml(&self) -> Result<String, StoreError> {
        toml::to_string_pretty(self).map_err(|error| StoreError::Unavailable(error.to_string()))
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

fn entry(kind: Kind, id: String, value: &impl Serialize) -> Result<Entry, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::Object(value)) => Ok(Entry { kind, id, value }),
        Ok(_) => Err(fault(kind, id, "is no table")),
        Err(error) => Err(fault(kind, id, &error.to_string())),
    }
}

fn typed<T: DeserializeOwned>(entry: Entry) -> Result<T, StoreError> {
    serde_json::from_value(entry.value.into())
        .map_err(|error| fault(entry.kind, entry.id, &error.to_string()))
}

fn fault(kind: Kind, id: String, why: &str) -> StoreError {
    StoreError::Entry {
        kind: kind.name(),
        id,
        why: why.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../config/registry.toml");

    #[test]
    fn a_file_becomes_entries_and_a_file_again() {
        let file: File = toml::from_str(EXAMPLE).expect("the example");
        let entries = file.entries().expect("entries");
        let again = File::of(entries.clone()).expect("a file");
        assert_eq!(again.entries().expect("entries"), entries);
        let written: File = toml::from_str(&again.to_toml().expect("text")).expect("TOML");
        assert_eq!(written, again);
        assert_eq!(again.tenants.len(), file.tenants.len());
        let names: Vec<String> = entries
            .iter()
            .map(|entry| format!("{} {}", entry.kind.name(), entry.id))
            .collect();
        assert!(
            names.contains(&"application retail/assistant".to_owned()),
            "{names:?}"
        );
    }

    #[test]
    fn an_entry_that_is_none_of_its_kind_is_named() {
        let file: File = toml::from_str(EXAMPLE).expect("the example");
        let mut entries = file.entries().expect("entries");
        entries[0].value.insert("pourpose".to_owned(), "x".into());
        let told = File::of(entries)
            .expect_err("a member that is not known")
            .to_string();
        assert!(
            told.starts_with("tenant markets: unknown field `pourpose`"),
            "{told}"
        );
    }
}
