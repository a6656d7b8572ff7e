//! One file of the log, and files beside it that are there whole or not at all.

use super::store::Room;
use palisade_audit::Store;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// A file that is written from its beginning on, readable by its owner only.
pub(super) struct LogFile {
    file: File,
    /// How much was written, without and with the last append.
    before: u64,
    length: u64,
    /// So many bytes of the file are on disk, be they zeroes.
    room: u64,
}

/// Zeroes are written so many at a time, in bytes, and synced: what else waits for the disk waits for no more.
pub(super) const ZEROES_BYTES: u64 = 1024 * 1024;

impl LogFile {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(path)
            .map(|file| Self {
                file,
                before: 0,
                length: 0,
                room: 0,
            })
    }

    /// Makes room towards so many bytes, by [`ZEROES_BYTES`] at most.
    pub(super) fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        let more = bytes.saturating_sub(self.room).min(ZEROES_BYTES);
        let zeroes = vec![0; usize::try_from(more).unwrap_or_default()];
        self.file.write_all_at(&zeroes, self.room)?;
        self.file.sync_all()?;
        self.room += more;
        Ok(())
    }
}

impl Store for LogFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // A file that was removed still takes writes, which nobody would ever read.
        if self.file.metadata()?.nlink() == 0 {
            return Err(io::Error::other("the audit file was removed"));
        }
        self.before = self.length;
        self.file.write_all_at(bytes, self.length)?;
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

impl Room for LogFile {
    fn room(&self) -> u64 {
        self.room
    }

    fn trim(&self) {
        if let Err(error) = self.file.set_len(self.length) {
            tracing::warn!(%error, "the room behind an audit segment could not be taken away");
        }
    }
}

/// Writes a file that takes the place of what is there. CRASH: it is whole, as it was or as it is to be, and whoever has read the new one finds
/// nothing older afterwards. One process at a time writes a folder.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = folder.join(format!(".{name}"));
    let written = write_whole(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // What is left behind is of no use to anybody; that it cannot be removed changes nothing.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    File::open(folder)?.sync_all()
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
