//! Records with the people in them by name, where their keys are there.

use super::records::directory;
use super::{Failure, PeopleKeys};
use crate::trail::{People, sealed_facts};
use palisade_audit::sealed::{Part, SubjectKey, sealed_under};
use palisade_audit::{Decision, Entry, Facts, Record};
use palisade_policies::Principal;
use std::collections::HashMap;
use std::path::Path;

/// Opens what is sealed in the records of a log, in their order. What it cannot open stays as it is.
pub(super) struct Unseal {
    keys: HashMap<String, SubjectKey>,
    /// Digests of the facts of people in the segment: as they are named, and as they are.
    facts: HashMap<String, String>,
}

impl Unseal {
    /// With the keys beside a log, or in the folder that is named.
    pub(super) fn of(log: &Path, named: &PeopleKeys) -> Result<Self, Failure> {
        let keys = People::of(directory(log), named.people_keys.as_deref()).all()?;
        Ok(Self {
            keys,
            facts: HashMap::new(),
        })
    }

    /// Whether anybody can be read by name.
    pub(super) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Opens a record.
    pub(super) fn opened(&mut self, mut entry: Entry) -> Entry {
        if let Entry::Known(record) = &mut entry {
            match record.as_mut() {
                Record::LogStarted(_) => self.facts.clear(),
                Record::Facts(facts) => self.open_facts(facts),
                Record::Decision(decision) => self.open_decision(decision),
                _ => {}
            }
        }
        entry
    }

    fn open_facts(&mut self, facts: &mut Facts) {
        let Some(opened) = self.facts(facts) else {
            return;
        };
        let digest = opened.archived().digest.clone();
        let as_named = std::mem::replace(&mut facts.digest, digest.clone());
        facts.facts = serde_json::from_str(&opened.archived().json).unwrap_or_default();
        self.facts.insert(as_named, digest);
    }

    fn facts(&self, facts: &Facts) -> Option<Principal> {
        let sealed = facts.facts.get("sealed")?.as_str()?;
        if sealed_facts(sealed).digest != facts.digest {
            return None;
        }
        Principal::from_archived(&self.text(Part::Facts, sealed)?).ok()
    }

    fn open_decision(&self, decision: &mut Decision) {
        let Some(principal) = decision.principal.as_deref_mut() else {
            return;
        };
        let (Some(id), Some(address)) = (
            self.text(Part::Id, &principal.id),
            self.text(Part::Address, &decision.http.client_ip),
        ) else {
            return;
        };
        principal.id = id;
        decision.http.client_ip = address;
        if let Some(digest) = self.facts.get(&principal.facts) {
            principal.facts.clone_from(digest);
        }
    }

    fn text(&self, part: Part, text: &str) -> Option<String> {
        self.keys.get(sealed_under(text)?)?.open(part, text)
    }
}
