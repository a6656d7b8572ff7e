//! Groups of models, the groups that hold them, and who is granted which.

use super::{WrongValue, wrong};
use palisade_registry::{File, GrantEntry};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Which groups hold which.
#[derive(Debug, Default)]
pub(super) struct Groups<'f>(HashMap<&'f str, &'f [String]>);

impl<'f> Groups<'f> {
    /// Those of a file. A group that holds itself, over others or not, is none.
    pub(super) fn of(file: &'f File, found: &mut Vec<WrongValue>) -> Self {
        let mut all = HashMap::new();
        for entry in &file.groups {
            if all.insert(entry.id.as_str(), entry.within.as_slice()).is_some() {
                found.push(wrong("group", &entry.id, "is listed twice"));
            }
        }
        let groups = Self(all);
        for entry in &file.groups {
            if entry
                .within
                .iter()
                .any(|group| !groups.0.contains_key(group.as_str()))
            {
                found.push(wrong("group", &entry.id, "is within a group that is not listed"));
            } else if groups.closed(&entry.within).contains(&entry.id) {
                found.push(wrong("group", &entry.id, "is within itself"));
            }
        }
        groups
    }

    /// These groups, and all that hold them.
    pub(super) fn closed(&self, groups: &[String]) -> Vec<String> {
        let mut all: BTreeSet<String> = BTreeSet::new();
        let mut next: Vec<&String> = groups.iter().collect();
        while let Some(group) = next.pop() {
            if all.insert(group.clone()) {
                next.extend(self.0.get(group.as_str()).copied().unwrap_or_default());
            }
        }
        all.into_iter().collect()
    }
}

/// The grants of a file, by tenant.
pub(super) fn grants(file: &File, found: &mut Vec<WrongValue>) -> HashMap<String, Vec<GrantEntry>> {
    let tenants: HashSet<&str> = file.tenants.iter().map(|tenant| tenant.id.as_str()).collect();
    let of_models = file.models.iter().flat_map(|model| &model.groups);
    let of_endpoints = file.endpoints.iter().flat_map(|endpoint| &endpoint.groups);
    let of_guardrails = file.guardrails.iter().flat_map(|guardrail| &guardrail.groups);
    let of_knowledge = file.knowledge_bases.iter().flat_map(|known| &known.groups);
    let of_outputs = file.outputs.iter().flat_map(|output| &output.groups);
    let held = of_models
        .chain(of_endpoints)
        .chain(of_guardrails)
        .chain(of_knowledge)
        .chain(of_outputs);
    let listed = file.groups.iter().map(|group| &group.id);
    let groups: HashSet<&String> = held.chain(listed).collect();
    let (mut all, mut ids) = (HashMap::<String, Vec<GrantEntry>>::new(), HashSet::new());
    for entry in &file.grants {
        let id = entry.full_id();
        let why = if !tenants.contains(entry.tenant.as_str()) {
            "names a tenant that is not listed"
        } else if !groups.contains(&entry.group) {
            "names a group that no model is in, and that is not listed"
        } else if entry.team.is_some() && entry.role.is_some() {
            "set one of `team` and `role`, or neither"
        } else if !ids.insert(id.clone()) {
            "is listed twice"
        } else {
            all.entry(entry.tenant.clone()).or_default().push(entry.clone());
            continue;
        };
        found.push(wrong("grant", &id, why));
    }
    all
}

/// The groups that these grants give to somebody of these teams and roles.
pub(super) fn granted(grants: &[GrantEntry], teams: &[String], roles: &[String]) -> Vec<String> {
    let is_for = |grant: &&GrantEntry| {
        grant.team.as_ref().is_none_or(|team| teams.contains(team))
            && grant.role.as_ref().is_none_or(|role| roles.contains(role))
    };
    grants
        .iter()
        .filter(is_for)
        .map(|grant| grant.group.clone())
        .collect()
}
