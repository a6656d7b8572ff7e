//! What would change, before it does.

use crate::entry::{Entry, Kind};
use std::collections::{BTreeMap, HashSet};
use std::fmt;

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An entry comes, or takes the place of the one with its kind and id.
    Put(Entry),
    /// An entry goes.
    Remove(Kind, String),
}

/// What would change, in the order in which entries refer to each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The changes.
    pub steps: Vec<Step>,
    /// Of each changed entry, the members that would be others; none of one that is new, or goes.
    members: Vec<Option<Vec<String>>>,
    /// Entries that are as they are wanted.
    pub same: usize,
    /// Entries that are not wanted, and stay.
    pub left: usize,
}

/// What makes `current` as it is `wanted`. Entries that are not wanted go only if `prune`.
#[must_use]
pub fn plan(current: &[Entry], wanted: &[Entry], prune: bool) -> Plan {
    let (mut before, wanted) = (by_name(current), by_name(wanted));
    let mut plan = Plan::default();
    for (name, entry) in wanted {
        match before.remove(&name) {
            Some(same) if same == entry => plan.same += 1,
            other => {
                plan.members.push(other.map(|old| changed(old, entry)));
                plan.steps.push(Step::Put(entry.clone()));
            }
        }
    }
    if !prune {
        plan.left = before.len();
        return plan;
    }
    // What refers goes before what is referred to.
    for (kind, id) in before.into_keys().rev() {
        plan.members.push(None);
        plan.steps.push(Step::Remove(kind, id.to_owned()));
    }
    plan
}

/// What makes `current` as a file wants it: as [`plan`], but that keys which were issued stay as long as their applications, for no file lists them.
#[must_use]
pub fn plan_file(current: &[Entry], mut wanted: Vec<Entry>, prune: bool) -> Plan {
    let names: HashSet<(Kind, &str)> = wanted.iter().map(Entry::name).collect();
    let listed = |kind, id: &str| names.contains(&(kind, id));
    let member = |entry: &Entry, name: &str| Some(entry.value.get(name)?.as_str()?.to_owned());
    let of_listed = |entry: &&Entry| {
        let application = (member(entry, "tenant"), member(entry, "application"));
        let is_issued = entry.kind == Kind::Key && member(entry, "sealed").is_some();
        let (Some(tenant), Some(application)) = application else {
            return false;
        };
        is_issued
            && !listed(Kind::Key, &entry.id)
            && listed(Kind::Application, &format!("{tenant}/{application}"))
    };
    let issued: Vec<Entry> = current.iter().filter(of_listed).cloned().collect();
    wanted.extend(issued);
    plan(current, &wanted, prune)
}

/// The first of these entries, by kind and id, that stands there more than once.
#[must_use]
pub fn listed_twice(entries: &[Entry]) -> Option<&Entry> {
    let mut pairs = entries.iter().zip(entries.iter().skip(1));
    pairs
        .find(|(one, other)| one.name() == other.name())
        .map(|(one, _)| one)
}

fn by_name(entries: &[Entry]) -> BTreeMap<(Kind, &str), &Entry> {
    entries.iter().map(|entry| (entry.name(), entry)).collect()
}

/// The members that differ, sorted.
fn changed(old: &Entry, new: &Entry) -> Vec<String> {
    let mut names: Vec<String> = old.value.keys().chain(new.value.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| old.value.get(name) != new.value.get(name));
    names
}

impl Plan {
    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// The entries as they would be after these steps, by kind and id.
#[must_use]
pub fn carried_out(current: &[Entry], steps: &[Step]) -> Vec<Entry> {
    let mut entries = by_name(current);
    for step in steps {
        match step {
            Step::Put(entry) => entries.insert(entry.name(), entry),
            Step::Remove(kind, id) => entries.remove(&(*kind, id.as_str())),
        };
    }
    entries.into_values().cloned().collect()
}

impl fmt::Display for Plan {
    /// A line for each change, and one that counts. No values are told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut new, mut other, mut gone) = (0, 0, 0);
        for (step, members) in self.steps.iter().zip(&self.members) {
            match (step, members) {
                (Step::Put(Entry { kind, id, .. }), None) => {
                    new += 1;
                    writeln!(f, "+ {} {id}", kind.name())?;
                }
                (Step::Put(Entry { kind, id, .. }), Some(members)) => {
                    other += 1;
                    writeln!(f, "~ {} {id}: {}", kind.name(), members.join(", "))?;
                }
                (Step::Remove(kind, id), _) => {
                    gone += 1;
                    writeln!(f, "- {} {id}", kind.name())?;
                }
            }
        }
        write!(
            f,
            "{new} new, {other} changed, {gone} removed, {} as they are",
            self.same
        )?;
        match self.left {
            0 => Ok(()),
            left => write!(
                f,
                ", {left} that the file does not list stay (`--prune` removes them)"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, json};

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let entry = (0..5_usize, "[a-c]", 0..3_u8, any::<bool>()).prop_map(|(kind, id, number, more)| {
            let mut value = Map::new();
            value.insert("number".to_owned(), json!(number));
            if more {
                value.insert("more".to_owned(), json!([number]));
            }
            Entry {
                kind: Kind::ALL[kind],
                id,
                value,
            }
        });
        prop::collection::vec(entry, 0..12).prop_map(|mut entries| {
            entries.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
            entries.dedup_by(|a, b| (a.kind, &a.id) == (b.kind, &b.id));
            entries
        })
    }

    proptest! {
        #[test]
        fn a_plan_that_is_carried_out_leaves_what_is_wanted_and_nothing_to_do(current in entries(), wanted in entries()) {
            let pruned = carried_out(&current, &plan(&current, &wanted, true).steps);
            prop_assert_eq!(&pruned, &wanted);
            prop_assert!(plan(&pruned, &wanted, true).is_empty());
            let merged = plan(&current, &wanted, false);
            let after = carried_out(&current, &merged.steps);
            prop_assert!(plan(&after, &wanted, false).is_empty());
            prop_assert_eq!(after.len(), merged.left + wanted.len());
            prop_assert!(wanted.iter().all(|entry| after.contains(entry)));
        }
    }

    #[test]
    fn a_plan_tells_what_and_not_to_which_value() {
        let entry = |kind, id: &str, value| Entry {
            kind,
            id: id.to_owned(),
            value: serde_json::from_value(value).expect("an object"),
        };
        let current = [
            entry(Kind::Tenant, "a", json!({"purpose": "x", "same": 1})),
            entry(Kind::Key, "K", json!({})),
            entry(Kind::Model, "m", json!({})),
        ];
        let wanted = [
            entry(
                Kind::Tenant,
                "a",
                json!({"purpose": "y", "same": 1, "suspended": true}),
            ),
            entry(Kind::Tenant, "b", json!({})),
            entry(Kind::Model, "m", json!({})),
        ];
        let told = plan(&current, &wanted, true).to_string();
        let expected =
            "~ tenant a: purpose, suspended\n+ tenant b\n- key K\n1 new, 1 changed, 1 removed, 1 as they are";
        assert_eq!(told, expected);
        let left = plan(&current, &wanted, false).to_string();
        assert!(
            left.ends_with("1 as they are, 1 that the file does not list stay (`--prune` removes them)"),
            "{left}"
        );
    }
}
