//! Notices that files of rules have changed: the configuration, the registry, the bundle.
//!
//! Their sizes, times and inodes are looked at, not their content, and no notice of the system is asked for: what replaces whole
//! folders, or lies on a file system of the network, is seen as well.

use crate::config::Config;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often is looked. What has changed is read when it has stayed as it is for one look, so that a bundle of several files is not
/// read while it is being copied.
const EVERY: Duration = Duration::from_millis(250);

/// More files than this are not watched.
const FILES_MAX: usize = 2_000;

/// Watches the files that rules are read from.
pub(super) struct Watch {
    config: PathBuf,
    /// What was there when the rules were last read.
    read: Files,
    /// What was there at the last look.
    seen: Files,
}

/// Size, time and inode of each file.
type Files = BTreeMap<PathBuf, (u64, i64, i64, u64)>;

impl Watch {
    /// Watches what the configuration in `config` names, as it is now. To be made before the rules are read.
    #[must_use]
    pub(super) fn new(config: &Path) -> Self {
        let now = look(config);
        Self {
            config: config.to_owned(),
            read: now.clone(),
            seen: now,
        }
    }

    /// Waits until files have changed since the last time that this was true of them. Nothing is lost when it is dropped.
    pub(super) async fn changed(&mut self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let now = look(&self.config);
            let settled = now == self.seen;
            self.seen = now;
            if settled && self.seen != self.read {
                return;
            }
        }
    }

    /// Takes what is there now as read. To be called before it is.
    pub(super) fn reading(&mut self) {
        self.seen = look(&self.config);
        self.read = self.seen.clone();
    }
}

/// A configuration that cannot be read names nothing; when it can be again, that is a change.
fn look(config: &Path) -> Files {
    let mut files = Files::new();
    note(config, &mut files);
    if let Ok(read) = Config::read(config)
        && read.policy.watch
    {
        for registry in read.registry.file.iter().chain(&read.registry.store) {
            note(registry, &mut files);
        }
        if let Some(key) = &read.policy.public_key {
            note(key, &mut files);
        }
        for bundle in read.policy.bundle.iter().chain(&read.policy.shadow) {
            note_all(bundle, true, &mut files);
        }
        return files;
    }
    files
}

fn note(path: &Path, files: &mut Files) {
    if let Ok(file) = fs::metadata(path) {
        let state = (file.len(), file.mtime(), file.mtime_nsec(), file.ino());
        files.insert(path.to_owned(), state);
    }
}

fn note_all(folder: &Path, outermost: bool, files: &mut Files) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if files.len() >= FILES_MAX {
            return;
        }
        match path.is_dir() {
            true if outermost => note_all(&path, false, files),
            true => {}
            false => note(&path, files),
        }
    }
}
