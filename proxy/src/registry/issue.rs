//! Keys that are issued to applications, for a store.

use super::{Sealing, instant};
use crate::aead::random;
use crate::clock::{stamp, unix_s};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use palisade_registry::{Entry, File, KeyEntry, Kind, Step, StoreError};

/// What access key ids begin with.
const ID_START: &str = "PLSD";

const DAY_S: i64 = 24 * 60 * 60;
const HOUR_S: i64 = 60 * 60;

/// Longest life that can be asked for, in days.
pub(crate) const DAYS_MAX: u32 = 10 * 366;

/// A key, and its secret, which nobody has seen yet.
pub(crate) struct NewKey {
    pub(crate) entry: KeyEntry,
    pub(crate) secret: String,
}

/// Why a key cannot be issued.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssueError {
    #[error(transparent)]
    Random(#[from] std::io::Error),
    #[error("the secret cannot be sealed")]
    Sealing,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no key is called {0}")]
    Unknown(String),
    #[error("it is no entry")]
    Entry,
}

impl NewKey {
    /// Makes one for an application, good for so many days, or until it is revoked.
    pub(crate) fn make(
        sealing: &Sealing,
        tenant: &str,
        application: &str,
        days: Option<u32>,
    ) -> Result<Self, IssueError> {
        let now = unix_s();
        let mut entry = KeyEntry {
            id: ID_START.to_owned() + &letters(&random::<16>()?),
            tenant: tenant.to_owned(),
            application: application.to_owned(),
            issued: Some(text(now)),
            expires: days.map(|days| text(now + i64::from(days) * DAY_S)),
            ..KeyEntry::default()
        };
        let secret = BASE64_STANDARD.encode(random::<30>()?);
        entry.sealed = Some(sealing.seal(&entry, &secret).ok_or(IssueError::Sealing)?);
        Ok(Self { entry, secret })
    }

    /// The change that brings it.
    pub(crate) fn step(&self) -> Result<Step, IssueError> {
        Ok(Step::Put(entry(&self.entry)?))
    }

    /// The changes that bring it and end another after an overlap, or when that ends by itself, if sooner.
    pub(crate) fn in_place_of(&self, old: &KeyEntry, overlap_hours: u32) -> Result<Vec<Step>, IssueError> {
        let ends = unix_s() + i64::from(overlap_hours) * HOUR_S;
        let own = old.expires.as_deref().and_then(instant);
        let old = KeyEntry {
            expires: Some(text(own.map_or(ends, |own| own.min(ends)))),
            ..old.clone()
        };
        Ok(vec![self.step()?, Step::Put(entry(&old)?)])
    }
}

/// The key with this id.
pub(crate) fn key_of(entries: &[Entry], id: &str) -> Result<KeyEntry, IssueError> {
    let found = entries.iter().find(|entry| entry.name() == (Kind::Key, id));
    let found = found.ok_or_else(|| IssueError::Unknown(id.to_owned()))?;
    let mut file = File::of(vec![found.clone()])?;
    file.keys.pop().ok_or(IssueError::Entry)
}

fn entry(key: &KeyEntry) -> Result<Entry, IssueError> {
    let file = File {
        keys: vec![key.clone()],
        ..File::default()
    };
    file.entries()?.pop().ok_or(IssueError::Entry)
}

/// A time in seconds since the Unix epoch, as entries have it.
fn text(unix_s: i64) -> String {
    let ns = u64::try_from(unix_s).unwrap_or_default() * 1_000_000_000;
    stamp(ns).replace(' ', "T")
}

/// A letter or digit for each byte: 32 of them (RFC 4648 section 6), so that all are as likely.
fn letters(bytes: &[u8]) -> String {
    const ALPHABET: [char; 32] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T',
        'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
    ];
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or('A');
    bytes.iter().map(letter).collect()
}
