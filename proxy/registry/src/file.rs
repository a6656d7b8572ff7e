//! The registry file. `config/registry.toml` is a documented example.

use crate::entry::{Entry, Kind};
use crate::error::StoreError;
use crate::tables::{AliasEntry, ApplicationEntry, EndpointEntry, KeyEntry, ModelEntry, TenantEntry};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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
        entries.sort_by(|a, b| a.name().cmp(&b.name()));
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
