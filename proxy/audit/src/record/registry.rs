//! Records about the registry.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

kind!(
    /// The member `kind` of a [`RegistryChanged`].
    RegistryChangedKind = "registry_changed"
);
kind!(
    /// The member `kind` of a [`RegistryReach`].
    RegistryReachKind = "registry_reach"
);

/// What became of the entries of the registry, when rules were activated.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryChanged {
    /// The entries, by kind and id; the first of them where there are very many.
    pub entries: Vec<ChangedEntry>,
    /// Place in the log.
    pub index: u64,
    /// `registry_changed`.
    pub kind: RegistryChangedKind,
    /// How many entries more are not listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<u64>,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub v: u32,
}

/// One entry of the registry that is not as it was.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedEntry {
    /// What became of it: `added`, `changed` or `removed`.
    pub became: Cow<'static, str>,
    /// Its id.
    pub id: String,
    /// What it is about: `tenant`, `model`, `endpoint`, `application` or `key`.
    pub of: Cow<'static, str>,
}

/// The store of the registry does not answer any more, or answers again. In between decisions are made by what was read from it before; they say so.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryReach {
    /// Place in the log.
    pub index: u64,
    /// `registry_reach`.
    pub kind: RegistryReachKind,
    /// Whether it answers.
    pub reachable: bool,
    /// How long ago it had answered, in seconds.
    pub stale_s: u64,
    /// When.
    pub time: u64,
    /// [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub v: u32,
    /// Why it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Entries of the registry that a decision is about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entries {
    /// The first of them.
    pub first: Vec<EntryRef>,
    /// How many more there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<u64>,
}

/// An entry of the registry.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRef {
    /// Its id.
    pub id: String,
    /// What it is about: `tenant`, `model`, `alias`, `endpoint`, `application` or `key`.
    pub of: Cow<'static, str>,
}
