//! The registry file. `config/registry.toml` is a documented example.

use crate::entry::{Entry, Kind};
use crate::error::StoreError;
use crate::tables::{
    AliasEntry, ApplicationEntry, EndpointEntry, GrantEntry, GroupEntry, GuardrailEntry, KeyEntry,
    KnowledgeBaseEntry, ModelEntry, OutputEntry, TenantEntry,
};
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
    /// `[[group]]`
    #[serde(default, rename = "group", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupEntry>,
    /// `[[model]]`
    #[serde(default, rename = "model", skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelEntry>,
    /// `[[alias]]`
    #[serde(default, rename = "alias", skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<AliasEntry>,
    /// `[[endpoint]]`
    #[serde(default, rename = "endpoint", skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<EndpointEntry>,
    /// `[[guardrail]]`
    #[serde(default, rename = "guardrail", skip_serializing_if = "Vec::is_empty")]
    pub guardrails: Vec<GuardrailEntry>,
    /// `[[knowledge_base]]`
    #[serde(default, rename = "knowledge_base", skip_serializing_if = "Vec::is_empty")]
    pub knowledge_bases: Vec<KnowledgeBaseEntry>,
    /// `[[output]]`
    #[serde(default, rename = "output", skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputEntry>,
    /// `[[grant]]`
    #[serde(default, rename = "grant", skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantEntry>,
}

/// Is shown the entries of a file.
pub trait Visit {
    /// Why it goes no further.
    type Error;

    /// Is shown one: its kind, its id, and its table.
    ///
    /// # Errors
    /// The visit ends there.
    fn entry<T: Serialize>(&mut self, kind: Kind, id: String, table: &T) -> Result<(), Self::Error>;
}

impl File {
    /// Shows all entries, in no order. Of two with one name both are shown.
    ///
    /// # Errors
    /// What the visitor says.
    pub fn visit<V: Visit>(&self, visitor: &mut V) -> Result<(), V::Error> {
        let Self {
            tenants,
            applications,
            keys,
            groups,
            models,
            aliases,
            endpoints,
            guardrails,
            knowledge_bases,
            outputs,
            grants,
        } = self;
        tenants
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Tenant, it.id.clone(), it))?;
        groups
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Group, it.id.clone(), it))?;
        models
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Model, it.id.clone(), it))?;
        aliases
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Alias, it.full_id(), it))?;
        endpoints
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Endpoint, it.id(), it))?;
        guardrails
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Guardrail, it.id.clone(), it))?;
        knowledge_bases
            .iter()
            .try_for_each(|it| visitor.entry(Kind::KnowledgeBase, it.id.clone(), it))?;
        outputs
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Output, it.id.clone(), it))?;
        applications
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Application, it.full_id(), it))?;
        keys.iter()
            .try_for_each(|it| visitor.entry(Kind::Key, it.id.clone(), it))?;
        grants
            .iter()
            .try_for_each(|it| visitor.entry(Kind::Grant, it.full_id(), it))
    }

    /// The entries, by kind and id. Of two with one name both are given.
    ///
    /// # Errors
    /// None, where the values are what TOML can hold.
    pub fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        let mut all = All(Vec::new());
        self.visit(&mut all)?;
        all.0.sort_by(|a, b| a.name().cmp(&b.name()));
        Ok(all.0)
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
            Kind::Group => self.groups.push(typed(entry)?),
            Kind::Model => self.models.push(typed(entry)?),
            Kind::Alias => self.aliases.push(typed(entry)?),
            Kind::Endpoint => self.endpoints.push(typed(entry)?),
            Kind::Guardrail => self.guardrails.push(typed(entry)?),
            Kind::KnowledgeBase => self.knowledge_bases.push(typed(entry)?),
            Kind::Output => self.outputs.push(typed(entry)?),
            Kind::Application => self.applications.push(typed(entry)?),
            Kind::Key => self.keys.push(typed(entry)?),
            Kind::Grant => self.grants.push(typed(entry)?),
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

/// All entries, as stores keep them.
struct All(Vec<Entry>);

impl Visit for All {
    type Error = StoreError;

    fn entry<T: Serialize>(&mut self, kind: Kind, id: String, table: &T) -> Result<(), StoreError> {
        match serde_json::to_value(table) {
            Ok(serde_json::Value::Object(value)) => self.0.push(Entry { kind, id, value }),
            Ok(_) => return Err(fault(kind, id, "is no table")),
            Err(error) => return Err(fault(kind, id, &error.to_string())),
        }
        Ok(())
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
