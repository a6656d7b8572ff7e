//! Other names of models: of everybody, or of one tenant, whose own come first.

use super::{WrongValue, wrong};
use palisade_registry::{AliasEntry, File};
use palisade_wire::bedrock::ModelId;
use std::collections::{HashMap, HashSet};

/// The id of a model, by tenant, if it is a tenant's own, and name.
#[derive(Debug, Default)]
pub(super) struct Aliases(HashMap<(Option<String>, String), String>);

impl Aliases {
    /// Those of a file. An alias is never an alias of an alias, and never hides a model: that would be another model to policy than to the caller.
    pub(super) fn of(file: &File, found: &mut Vec<WrongValue>) -> Self {
        let models: HashSet<&str> = file.models.iter().map(|model| model.id.as_str()).collect();
        let tenants: HashSet<&str> = file.tenants.iter().map(|tenant| tenant.id.as_str()).collect();
        let mut all = HashMap::new();
        for entry in &file.aliases {
            let AliasEntry { id, tenant, model } = entry;
            let why = if ModelId::new(id).is_err() {
                "an id is letters, digits and `. : _ -`"
            } else if models.contains(id.as_str()) {
                "is the id of a model"
            } else if !models.contains(model.as_str()) {
                "names a model that is not listed"
            } else if tenant
                .as_ref()
                .is_some_and(|tenant| !tenants.contains(tenant.as_str()))
            {
                "names a tenant that is not listed"
            } else if all.insert((tenant.clone(), id.clone()), model.clone()).is_some() {
                "is listed twice"
            } else {
                continue;
            };
            found.push(wrong("alias", &entry.full_id(), why));
        }
        Self(all)
    }

    /// Those of a tenant and of everybody, each with the id of its model; the tenant's own come first.
    pub(super) fn of_tenant<'a>(&'a self, tenant: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let of = move |owner: Option<&'a str>| {
            let all = self.0.iter().filter(move |((of, _), _)| of.as_deref() == owner);
            all.map(|((_, id), model)| (id.as_str(), model.as_str()))
        };
        of(Some(tenant)).chain(of(None))
    }

    /// The id of the model that a tenant means.
    pub(super) fn model(&self, tenant: &str, id: &str) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let own = self.0.get(&(Some(tenant.to_owned()), id.to_owned()));
        own.or_else(|| self.0.get(&(None, id.to_owned())))
            .map(String::as_str)
    }
}
