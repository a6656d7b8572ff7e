//! What decisions were made by, kept beside the log under its digest, so that each can be made again from there alone.

use super::file::replace;
use palisade_policies::Archived;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The folder of a log in which they are kept.
const FOLDER: &str = "archive";

/// Where policies of this digest are kept in the log in `directory`.
pub(crate) fn policies_path(directory: &Path, digest: &str) -> PathBuf {
    directory.join(FOLDER).join(format!("policies-{digest}.json"))
}

/// Keeps policies, unless they are kept already. CRASH: they stand under their name when they are whole and synced, and the
/// folder is synced too, before anything is decided by them.
pub(super) fn keep(directory: &Path, policies: &Archived) -> io::Result<()> {
    let path = policies_path(directory, &policies.digest);
    let folder = directory.join(FOLDER);
    if fs::read(&path).is_ok_and(|kept| kept == policies.json.as_bytes()) {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    replace(&path, policies.json.as_bytes())?;
    File::open(directory)?.sync_all()
}
