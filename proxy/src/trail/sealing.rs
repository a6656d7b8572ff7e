//! What identifies a person is sealed before it is written: the id, the address, and the facts that policy was told.
//!
//! It happens on the writer's thread, in the records that it was given: what is asked beside the log goes by who it is. Applications are not people.

use super::inbox::Left;
use super::people::{Erasure, KeyFile, People, Stamp};
use super::queue::Queued;
use crate::aead::random;
use crate::clock::unix_ns;
use crate::config::PersonalIds;
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::sealed::{Part, SubjectKey};
use palisade_audit::{Decision, Erased, Record};
use palisade_policies::{Archived, Principal, PrincipalKind};
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// So many people are remembered, with what is sealed of them: 2 KB each.
const KNOWN_MAX: usize = 10_000;

/// Seals records.
pub(super) struct Sealing {
    people: People,
    personal_ids: PersonalIds,
    /// By the digest of their facts as they are.
    known: HashMap<String, Known>,
    /// Of the folder of their keys when it was looked at last.
    stamp: Option<Stamp>,
}

/// A person, and what is sealed of them.
struct Known {
    key: SubjectKey,
    file: KeyFile,
    id: String,
    facts: Arc<Archived>,
    /// The last address, and that sealed.
    address: (String, String),
}

impl Sealing {
    /// Under the keys of these people.
    ///
    /// # Errors
    /// When their folder cannot be made.
    pub(super) fn open(people: People, personal_ids: PersonalIds) -> io::Result<Self> {
        if personal_ids == PersonalIds::Sealed {
            people.open()?;
        }
        Ok(Self {
            people,
            personal_ids,
            known: HashMap::new(),
            stamp: None,
        })
    }

    /// Seals what is to be written. CRASH: each key is on disk before anything that is sealed under it.
    ///
    /// # Errors
    /// When a key cannot be read or made: nothing of the batch may be written.
    pub(super) fn seal(&mut self, batch: &mut [Queued]) -> io::Result<()> {
        if self.personal_ids == PersonalIds::Plain {
            return Ok(());
        }
        for queued in batch {
            let Record::Decision(decision) = queued.record.as_mut() else {
                continue;
            };
            if let Some(person) = queued
                .subjects
                .principal
                .take_if(|principal| is_person(principal))
            {
                let known = self.meet(&person)?;
                known.seal(decision)?;
                queued.subjects.sealed = Some(Arc::clone(&known.facts));
            }
        }
        Ok(())
    }

    fn meet(&mut self, person: &Principal) -> io::Result<&mut Known> {
        let digest = &person.archived().digest;
        if !self.known.contains_key(digest) {
            if self.known.len() >= KNOWN_MAX {
                self.known.clear();
            }
            let facts = person.facts();
            let key = self.people.key(&facts.tenant, &facts.id)?;
            let file = self.people.file(&facts.tenant, &facts.id)?;
            self.known.insert(digest.clone(), Known::new(key, file, person)?);
        }
        self.known
            .get_mut(digest)
            .ok_or_else(|| io::Error::other("a person is not known"))
    }

    /// Erases whom it is asked to, and gives the files that ask, with the records that say so. To be called now and then: a key that is gone, whoever took it away, is used no
    /// more.
    pub(super) fn erase(&mut self) -> io::Result<Vec<(PathBuf, Record)>> {
        let asked = self.people.asked()?.into_iter();
        let erased: io::Result<Vec<_>> = asked.map(|left| self.erased(left)).collect();
        let stamp = self.people.stamp();
        if stamp.is_none() || stamp != self.stamp || !matches!(&erased, Ok(erased) if erased.is_empty()) {
            self.known.retain(|_, known| known.file.is_there());
            self.stamp = stamp;
        }
        erased
    }

    fn erased(&self, left: Left<Erasure>) -> io::Result<(PathBuf, Record)> {
        let Left { path, owner, what } = left;
        self.people.destroy(&what)?;
        let record = Record::Erased(Erased {
            by: owner,
            key: what.key,
            ticket: what.ticket,
            time: unix_ns(),
            v: SCHEMA_VERSION,
            ..Erased::default()
        });
        Ok((path, record))
    }
}

impl Known {
    fn new(key: SubjectKey, file: KeyFile, person: &Principal) -> io::Result<Self> {
        let sealed = seal(&key, Part::Facts, &person.archived().json)?;
        Ok(Self {
            id: seal(&key, Part::Id, &person.facts().id)?,
            facts: Arc::new(sealed_facts(&sealed)),
            key,
            file,
            address: (String::new(), String::new()),
        })
    }

    fn seal(&mut self, decision: &mut Decision) -> io::Result<()> {
        if self.address.0 != decision.http.client_ip {
            let sealed = seal(&self.key, Part::Address, &decision.http.client_ip)?;
            self.address = (decision.http.client_ip.clone(), sealed);
        }
        decision.http.client_ip.clone_from(&self.address.1);
        if let Some(principal) = &mut decision.principal {
            principal.id.clone_from(&self.id);
            principal.facts.clone_from(&self.facts.digest);
        }
        Ok(())
    }
}

/// Facts as a log has them that are sealed, and the digest that decisions name.
pub(crate) fn sealed_facts(sealed: &str) -> Archived {
    let json = format!(r#"{{"sealed":"{sealed}"}}"#);
    Archived {
        digest: super::sha256_hex(json.as_bytes()),
        json,
    }
}

fn is_person(principal: &Principal) -> bool {
    matches!(principal.facts().kind, PrincipalKind::User { .. })
}

fn seal(key: &SubjectKey, part: Part, text: &str) -> io::Result<String> {
    let sealed = key.seal(part, text, random()?);
    sealed.map_err(|_| io::Error::other("what identifies a person cannot be sealed"))
}
