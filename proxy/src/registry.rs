//! Tenants, who works for them, their keys, and the models: read from one file, checked whole, then immutable.
//!
//! Nothing is usable that is not listed here. Facts that policy reads are built once, at load, so that a request only
//! clones handles.

mod tenant;
mod identity;
mod ids;
mod entries;
mod grants;
mod models;
mod services;
mod aliases;
mod certificates;
mod sealing;
mod issue;
mod key;
mod source;
mod fingerprints;

pub use fingerprints::{Became, Difference};
pub use identity::Identity;
pub(crate) use issue::{DAYS_MAX, IssueError, NewKey, key_of};
pub use key::{AccessKey, Secrets};
pub use models::Card;
pub(crate) use sealing::Sealing;
pub use services::{GUARDRAIL_CHECKS, KnowledgeBase, Services};
pub use source::Source;
pub(crate) use source::secrets;
pub use tenant::Tenant;

use crate::config::{self, ConfigProblem};
use aliases::Aliases;
use certificates::Certificates;
pub(crate) use entries::instant;
use entries::{WrongValue, application, endpoint, tenant, wrong};
use fingerprints::Fingerprints;
use grants::{Groups, granted};
use palisade_policies as policies;
use palisade_registry::File;
use palisade_wire::bedrock::ModelId;
use palisade_wire::text::Dialect;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// The registry in force.
#[derive(Debug)]
pub struct Registry {
    text: String,
    fingerprints: Fingerprints,
    tenants: HashMap<String, Arc<Tenant>>,
    keys: HashMap<Arc<str>, AccessKey>,
    models: HashMap<String, Card>,
    aliases: Aliases,
    /// By [`endpoint_id`].
    endpoints: HashMap<String, Endpoint>,
    services: Services,
    certificates: Certificates,
}

/// A SageMaker endpoint, or what is chosen behind it.
#[derive(Debug)]
pub struct Endpoint {
    /// What policy is told.
    pub model: policies::Model,
    /// What its bodies are.
    pub dialect: Dialect,
}

impl Registry {
    /// Reads the registry that is configured and checks it whole. To be called where waiting is allowed.
    ///
    /// # Errors
    /// When it cannot be read or parsed, the first [`ConfigProblem`]; else all entries that cannot be used.
    pub fn read(config: &config::Registry) -> Result<Self, Vec<ConfigProblem>> {
        Source::open(config).map_err(|problem| vec![problem])?.read()
    }

    /// Checks entries whole, whose keys have these secrets. Messages call them `place`.
    ///
    /// # Errors
    /// All entries that cannot be used.
    pub fn of(file: &File, secrets: &Secrets, place: &str) -> Result<Self, Vec<ConfigProblem>> {
        let unusable = |WrongValue { key, why }| ConfigProblem::Unusable {
            place: place.to_owned(),
            key,
            why,
        };
        Self::build(file, secrets).map_err(|wrong| wrong.into_iter().map(unusable).collect())
    }

    fn build(file: &File, secrets: &Secrets) -> Result<Self, Vec<WrongValue>> {
        let mut registry = Self {
            text: String::new(),
            fingerprints: Fingerprints::of(file),
            tenants: HashMap::new(),
            keys: HashMap::new(),
            models: HashMap::new(),
            aliases: Aliases::default(),
            endpoints: HashMap::new(),
            services: Services::default(),
            certificates: Certificates::default(),
        };
        let mut found = ids::unusable(file);
        let groups = Groups::of(file, &mut found);
        let mut grants = grants::grants(file, &mut found);
        for entry in &file.tenants {
            let grants = grants.remove(&entry.id).unwrap_or_default();
            let made = tenant(entry, grants).map(Arc::new);
            found.extend(keep(
                &mut registry.tenants,
                entry.id.clone(),
                made,
                ("tenant", &entry.id),
            ));
        }
        registry.models = models::models(file, &groups, &mut found);
        registry.aliases = Aliases::of(file, &mut found);
        for entry in &file.endpoints {
            let id = entry.id();
            let made = match file.tenants.iter().any(|tenant| tenant.id == entry.owner) {
                true => endpoint(entry, &groups),
                false => Err(wrong("endpoint", &id, "`owner` is a tenant that is not listed")),
            };
            found.extend(keep(&mut registry.endpoints, id.clone(), made, ("endpoint", &id)));
        }
        registry.services = Services::of(file, &groups, &mut found);
        let applications = registry.applications(file, &mut found);
        registry.certificates = Certificates::of(file, &applications, &mut found);
        for entry in &file.keys {
            let name = ("key", entry.id.as_str());
            let owner = (entry.tenant.as_str(), entry.application.as_str());
            let made = match applications.get(&owner) {
                Some(Some(principal)) => AccessKey::read(entry, secrets, Arc::clone(principal)),
                // What is wrong with its application has been told.
                Some(None) => continue,
                None => Err(wrong(name.0, name.1, "names an application that is not listed")),
            };
            found.extend(keep(&mut registry.keys, Arc::from(entry.id.as_str()), made, name));
        }
        if found.is_empty() {
            Ok(registry)
        } else {
            Err(found)
        }
    }

    /// The applications by tenant and id; `None` for those that cannot be used.
    fn applications<'a>(
        &self,
        file: &'a File,
        found: &mut Vec<WrongValue>,
    ) -> HashMap<(&'a str, &'a str), Option<Arc<Identity>>> {
        let mut applications = HashMap::new();
        for entry in &file.applications {
            let name = ("application", entry.id.as_str());
            let made = match self.tenants.get(&entry.tenant) {
                Some(tenant) => application(entry, tenant).map(|principal| Some(Arc::new(principal))),
                // What is wrong with its tenant has been told.
                None if file.tenants.iter().any(|tenant| tenant.id == entry.tenant) => Ok(None),
                None => Err(wrong(name.0, name.1, "names a tenant that is not listed")),
            };
            let made = made.unwrap_or_else(|wrong| {
                found.push(wrong);
                None
            });
            let key = (entry.tenant.as_str(), entry.id.as_str());
            found.extend(keep(&mut applications, key, Ok(made), name));
        }
        applications
    }

    /// The user of a tenant that a token speaks for. Groups that the tenant's roles do not list are ignored: an issuer
    /// cannot invent roles. None when there is no such tenant or the user's id cannot be one.
    #[must_use]
    pub fn user(&self, tenant: &str, user: &str, groups: &[String]) -> Option<Arc<Identity>> {
        let tenant = self.tenants.get(tenant)?;
        let kind = policies::PrincipalKind::User {
            mfa: false,
            trained_until_ms: 0,
        };
        let mut facts = tenant.principal_facts(user, kind);
        facts.roles = groups
            .iter()
            .filter(|g| tenant.entry.user.roles.contains(g))
            .cloned()
            .collect();
        facts.teams = groups
            .iter()
            .filter(|g| tenant.entry.user.teams.contains(g))
            .cloned()
            .collect();
        facts.granted = granted(&tenant.grants, &facts.teams, &facts.roles);
        let facts = policies::Principal::new(facts).ok()?;
        Some(Arc::new(Identity {
            purpose: tenant.purpose,
            tenant: Arc::clone(tenant),
            facts,
        }))
    }

    /// The same user or application as it is registered here; none that is not, or could not call.
    #[must_use]
    pub fn again(&self, identity: &Identity) -> Option<Arc<Identity>> {
        let facts = identity.facts().facts();
        let (tenant, id) = (identity.tenant().id(), identity.id());
        match facts.kind {
            policies::PrincipalKind::User { .. } => {
                self.user(tenant, id, &[&facts.roles[..], &facts.teams].concat())
            }
            policies::PrincipalKind::Application { .. } => self.application(tenant, id),
        }
    }

    /// The application of a tenant; none that has neither key nor certificate, for nobody could call as it.
    #[must_use]
    pub fn application(&self, tenant: &str, id: &str) -> Option<Arc<Identity>> {
        let keys = self.keys.values().map(AccessKey::principal);
        let mut identities = keys.chain(self.certificates.holders());
        let found = identities.find(|identity| identity.tenant().id() == tenant && identity.id() == id);
        found.map(Arc::clone)
    }

    /// The application whose certificates name it so.
    #[must_use]
    pub fn holder(&self, name: &str) -> Option<&Arc<Identity>> {
        self.certificates.holder(name)
    }

    /// The key with this access key id.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&AccessKey> {
        self.keys.get(id)
    }

    /// What became of its entries in the next one, by kind and id.
    #[must_use]
    pub fn differences(&self, next: &Self) -> Vec<Difference> {
        self.fingerprints.differences(&next.fingerprints)
    }

    /// The file that it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The model with this id, as it stands in the path once decoded.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&policies::Model> {
        Some(&self.models.get(id)?.model)
    }

    /// The model that a name is for to the provider in a region, whatever it is an alias of here: for names that go on as they are. Elsewhere the same
    /// model may be another to policy.
    #[must_use]
    pub fn called_in(&self, region: &str, name: &str) -> Option<&policies::Model> {
        let name = ModelId::new(name).ok()?;
        let spelt_out = || name.named().filter(|_| name.region() == Some(region));
        self.model(name.as_str()).or_else(|| self.model(spelt_out()?))
    }

    /// What is told of the model with this id to those who may use it.
    #[must_use]
    pub fn card(&self, id: &str) -> Option<&Card> {
        self.models.get(id)
    }

    /// All of those, by id, in no order.
    pub fn cards(&self) -> impl Iterator<Item = (&str, &Card)> {
        self.models.iter().map(|(id, card)| (id.as_str(), card))
    }

    /// The id of the model that a tenant calls by this name, if that is none of a model: an alias, or an ARN that spells out an id.
    #[must_use]
    pub fn behind<'r>(&'r self, tenant: &str, name: &'r ModelId) -> Option<&'r str> {
        if self.models.contains_key(name.as_str()) {
            return None;
        }
        let spelt_out = || name.named().filter(|id| self.models.contains_key(*id));
        self.aliases.model(tenant, name.as_str()).or_else(spelt_out)
    }

    /// The aliases of a tenant and of everybody, each with the id of its model; the tenant's own come first.
    pub fn aliases<'r>(&'r self, tenant: &'r str) -> impl Iterator<Item = (&'r str, &'r str)> {
        self.aliases.of_tenant(tenant)
    }

    /// One tenant, `t`.
    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        let file = "[[tenant]]\nid = \"t\"\njurisdiction = \"EU\"\n\
                    limits = { output_tokens_max = 1, default_output_tokens = 1, input_tokens_max = 1 }";
        let secrets = Secrets {
            base: std::path::PathBuf::new(),
            sealing: None,
        };
        Self::build(&toml::from_str(file).unwrap(), &secrets)
            .map_err(|wrong| wrong.len())
            .unwrap()
    }

    /// The endpoint of this name, and with these choices.
    #[must_use]
    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints.get(id)
    }

    /// All endpoints, in no order.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.values()
    }

    /// What is called beside models and endpoints.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// All tenants, in no order.
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.values().map(AsRef::as_ref)
    }

    /// Whether it grants anything to anybody.
    #[must_use]
    pub fn grants(&self) -> bool {
        self.tenants.values().any(|tenant| !tenant.grants.is_empty())
    }

    /// All models, in no order.
    pub fn models(&self) -> impl Iterator<Item = &policies::Model> {
        self.models.values().map(|card| &card.model)
    }
}

/// Keeps what was made of an entry; says what is wrong with it otherwise.
fn keep<K: Eq + Hash, V>(
    all: &mut HashMap<K, V>,
    key: K,
    made: Result<V, WrongValue>,
    (kind, id): (&str, &str),
) -> Option<WrongValue> {
    match made {
        Ok(value) => all.insert(key, value).map(|_| wrong(kind, id, "is listed twice")),
        Err(wrong) => Some(wrong),
    }
}
