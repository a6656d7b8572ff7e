//! One file of the log.

use palisade_audit::Store;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// An append-only file, readable by its owner only.
pub(super) struct LogFile {
    file: File,
    /// Length without, and with, the last append.
    before: u64,
    length: u64,
}

impl LogFile {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        OpenOptions::new()
            .create_new(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map(|file| Self {
                file,
                before: 0,
                length: 0,
            })
    }
}

impl Store for LogFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // A file that was removed still takes writes, which nobody would ever read.
        if self.file.metadata()?.nlink() == 0 {
            return Err(io::Error::other("the audit file was removed"));
        }
        self.before = self.length;
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn cut_back(&mut self) {
        // On a disk that fails this may fail too; a reader then finds the same records twice.
        if let Err(error) = self.file.set_len(self.before) {
            tracing::warn!(%error, "a failed audit batch could not be taken back");
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}
