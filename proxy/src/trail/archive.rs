//! What decisions were made by, kept beside the log under its digest, so that each can be made again from there alone.

use palisade_policies::Archived;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
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
    let unfinished = folder.join(format!(".{}-{}", std::process::id(), policies.digest));
    let written =
        write_new(&unfinished, policies.json.as_bytes()).and_then(|()| fs::rename(&unfinished, &path));
    if written.is_err() {
        // What is left behind is of no use to anybody; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    File::open(&folder)?.sync_all()?;
    File::open(directory)?.sync_all()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
