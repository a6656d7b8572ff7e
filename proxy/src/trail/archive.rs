//! What decisions were made by, kept beside the log under its digest, so that each can be made again from there alone.

use super::file::replace;
use palisade_policies::Archived;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The folder of a log in which they are kept.
const FOLDER: &str = "archive";

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Policies, by the digest of their snapshot.
    Policies,
    /// Configuration and registry, by SHA-256 over the file.
    Configuration,
}

/// Where what has this digest is kept, in the log in `directory`.
pub(crate) fn kept_at(directory: &Path, kind: Kind, digest: &str) -> PathBuf {
    let kind = match kind {
        Kind::Policies => "policies",
        Kind::Configuration => "configuration",
    };
    directory.join(FOLDER).join(format!("{kind}-{digest}.json"))
}

/// The files that say what a gateway does, as they are kept. No secrets are in them: they name files and variables that hold these.
pub(crate) fn configuration(config: &str, registry: &str) -> Archived {
    // Members in the order of the alphabet, as is canonical.
    let json = serde_json::json!({"config": config, "registry": registry}).to_string();
    Archived {
        digest: super::sha256_hex(json.as_bytes()),
        json,
    }
}

/// Keeps something, unless it is kept already. CRASH: they stand under their name when they are whole and synced, and the
/// folder is synced too, before anything is decided by them.
pub(super) fn keep(directory: &Path, kind: Kind, kept: &Archived) -> io::Result<()> {
    let path = kept_at(directory, kind, &kept.digest);
    let folder = directory.join(FOLDER);
    if fs::read(&path).is_ok_and(|there| there == kept.json.as_bytes()) {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    replace(&path, kept.json.as_bytes())?;
    File::open(directory)?.sync_all()
}
