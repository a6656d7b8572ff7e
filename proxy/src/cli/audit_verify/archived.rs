//! What is kept beside a log under its digest, and named by the records.

use super::told::Told;
use crate::trail::{Kind, kept_at, sha256_hex};
use palisade_policies::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What records have named.
#[derive(Default)]
pub(super) struct Named(BTreeMap<Kind, BTreeSet<String>>);

impl Named {
    /// Takes a digest, which is empty where nothing is named.
    pub(super) fn take(&mut self, kind: Kind, digest: &str) {
        let named = self.0.entry(kind).or_default();
        if !digest.is_empty() && !named.contains(digest) {
            named.insert(digest.to_owned());
        }
    }

    /// How many policies.
    pub(super) fn policies(&self) -> usize {
        self.0.get(&Kind::Policies).map_or(0, BTreeSet::len)
    }

    /// Says what of it is not there, or not what its digest says.
    pub(super) fn conclude(&self, log: &Path, tampered: &mut Told, incomplete: &mut Told) {
        let all = self.0.iter();
        for (kind, digest) in all.flat_map(|(kind, named)| named.iter().map(move |digest| (kind, digest))) {
            let path = kept_at(log, *kind, digest);
            let why = match std::fs::read_to_string(&path) {
                Ok(json) => fault(*kind, digest, &json),
                Err(error) => {
                    incomplete.push(format!("{}: {error}", path.display()));
                    None
                }
            };
            if let Some(why) = why {
                tampered.push(format!("{}: {why}", path.display()));
            }
        }
    }
}

fn fault(kind: Kind, digest: &str, json: &str) -> Option<String> {
    match kind {
        Kind::Policies => Snapshot::from_archived(digest, json)
            .err()
            .map(|why| why.to_string()),
        Kind::Configuration => {
            let found = sha256_hex(json.as_bytes());
            (found != digest).then(|| format!("its digest is {found}"))
        }
    }
}
