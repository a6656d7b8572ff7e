//! Which items hold the entries.

use crate::table::{Key, Row, number, text};
use aws_sdk_dynamodb::types::AttributeValue;
use palisade_registry::{Entry, Kind, Step, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of the table.
pub(crate) const FORMAT: u64 = 1;

/// Entries are spread over so many buckets: a change writes those that it touches, and readers need not read the others again.
const BUCKETS: u32 = 512;

/// Longest list of entries in one item, in bytes; items are at most 400 KB long (DynamoDB, "Constraints"), and an entry at most 64 KiB.
const PART_BYTES_MAX: usize = 256 * 1024;

/// The first part of the keys of [attempts](attempt).
pub(crate) const ATTEMPTS: &str = "attempt";

/// What stands in the head.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Head {
    pub(crate) revision: u64,
    /// The change that made it.
    pub(crate) attempt: String,
}

/// Where the entries are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Manifest {
    pub(crate) head: Head,
    pub(crate) buckets: BTreeMap<u32, Parts>,
}

/// The items of a bucket: `NAME#0` to `NAME#(count - 1)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts {
    name: String,
    count: usize,
}

pub(crate) fn head_key() -> Key {
    Key("head".to_owned(), "head".to_owned())
}

pub(crate) fn manifest_key() -> Key {
    Key("manifest".to_owned(), "manifest".to_owned())
}

fn part_key(bucket: u32, name: &str, part: usize) -> Key {
    Key(format!("bucket#{bucket:03}"), format!("{name}#{part}"))
}

impl Head {
    /// Reads the head, or the same of the manifest.
    pub(crate) fn of(row: &Row) -> Result<Self, StoreError> {
        let known = FORMAT;
        match number(row, "format") {
            Some(FORMAT) => {}
            found => {
                return Err(StoreError::Version {
                    found: found.unwrap_or(0),
                    known,
                });
            }
        }
        let (revision, attempt) = (number(row, "revision"), text(row, "attempt"));
        let (Some(revision), Some(attempt)) = (revision, attempt) else {
            return Err(StoreError::Unavailable(
                "its head has no revision: restore the table".to_owned(),
            ));
        };
        Ok(Self {
            revision,
            attempt: attempt.to_owned(),
        })
    }

    fn row(&self, key: &Key) -> Row {
        let mut row = key.row();
        row.insert("format".to_owned(), AttributeValue::N(FORMAT.to_string()));
        row.insert(
            "revision".to_owned(),
            AttributeValue::N(self.revision.to_string()),
        );
        row.insert("attempt".to_owned(), AttributeValue::S(self.attempt.clone()));
        row
    }
}

impl Manifest {
    pub(crate) fn of(row: &Row) -> Result<Self, StoreError> {
        let head = Head::of(row)?;
        let buckets = text(row, "buckets").and_then(|json| serde_json::from_str(json).ok());
        let none = || StoreError::Unavailable("its manifest cannot be read: restore the table".to_owned());
        Ok(Self {
            head,
            buckets: buckets.ok_or_else(none)?,
        })
    }

    /// The two items that put it in force.
    pub(crate) fn rows(&self) -> Result<(Row, Row), StoreError> {
        let mut manifest = self.head.row(&manifest_key());
        manifest.insert("buckets".to_owned(), json(&self.buckets)?);
        Ok((self.head.row(&head_key()), manifest))
    }

    /// The items of all buckets.
    pub(crate) fn keys(&self) -> Vec<Key> {
        self.buckets
            .keys()
            .flat_map(|bucket| self.keys_of(*bucket))
            .collect()
    }

    /// The items of one bucket.
    pub(crate) fn keys_of(&self, bucket: u32) -> Vec<Key> {
        let parts = self.buckets.get(&bucket);
        let keys = parts.map(|parts| (0..parts.count).map(move |part| part_key(bucket, &parts.name, part)));
        keys.into_iter().flatten().collect()
    }

    /// Takes these entries as those of a bucket. Returns the items that are to be written.
    pub(crate) fn fill(
        &mut self,
        bucket: u32,
        entries: &[Entry],
        name: &str,
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for part in packed(entries)? {
            let mut row = part_key(bucket, name, rows.len()).row();
            row.insert("entries".to_owned(), AttributeValue::S(part));
            rows.push(row);
        }
        match rows.len() {
            0 => self.buckets.remove(&bucket),
            count => self.buckets.insert(
                bucket,
                Parts {
                    name: name.to_owned(),
                    count,
                },
            ),
        };
        Ok(rows)
    }
}

/// Lists of entries as JSON, none longer than an item may be.
fn packed(entries: &[Entry]) -> Result<Vec<String>, StoreError> {
    let mut parts: Vec<String> = Vec::new();
    for entry in entries {
        let json =
            serde_json::to_string(entry).map_err(|defect| StoreError::Unavailable(defect.to_string()))?;
        match parts.last_mut() {
            Some(part) if part.len() + json.len() < PART_BYTES_MAX => {
                part.push(',');
                part.push_str(&json);
            }
            _ => parts.push(format!("[{json}")),
        }
    }
    parts.iter_mut().for_each(|part| part.push(']'));
    Ok(parts)
}

/// The entries in an item.
pub(crate) fn entries(json: &str) -> Result<Vec<Entry>, StoreError> {
    serde_json::from_str(json).map_err(|error| {
        StoreError::Unavailable(format!(
            "it holds what this version does not know as an entry ({error})"
        ))
    })
}

/// The steps, by the buckets that they touch.
pub(crate) fn by_bucket(steps: &[Step]) -> BTreeMap<u32, Vec<Step>> {
    let mut found: BTreeMap<u32, Vec<Step>> = BTreeMap::new();
    for step in steps {
        let bucket = match step {
            Step::Put(entry) => bucket(entry.kind, &entry.id),
            Step::Remove(kind, id) => bucket(*kind, id),
        };
        found.entry(bucket).or_default().push(step.clone());
    }
    found
}

fn bucket(kind: Kind, id: &str) -> u32 {
    crc32fast::hash(format!("{}\0{id}", kind.name()).as_bytes()) % BUCKETS
}

/// The item that lists what a change, meant for the revision `base`, writes and replaces.
pub(crate) fn attempt(name: &str, base: u64, items: &[Key]) -> Result<Row, StoreError> {
    let mut row = Key(ATTEMPTS.to_owned(), name.to_owned()).row();
    row.insert("base".to_owned(), AttributeValue::N(base.to_string()));
    row.insert("items".to_owned(), json(&items)?);
    Ok(row)
}

/// What such an item says: its base and the items.
pub(crate) fn attempted(row: &Row) -> Option<(u64, Vec<Key>)> {
    let items = serde_json::from_str(text(row, "items")?).ok()?;
    Some((number(row, "base")?, items))
}

fn json(value: &impl Serialize) -> Result<AttributeValue, StoreError> {
    let json = serde_json::to_string(value);
    json.map(AttributeValue::S)
        .map_err(|defect| StoreError::Unavailable(defect.to_string()))
}
