//! The folder of a log on the file system.

use super::file::LogFile;
use super::prepare::Preparer;
use super::segment::{Segment, segments};
use super::store::Disk;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A folder of the file system.
pub(super) struct Folder {
    directory: PathBuf,
    preparer: Preparer,
    /// Whether no segment was made in it by this process.
    is_first: bool,
}

impl Folder {
    /// The folder of a log whose segments get so long. `floor_bytes` are left free on its disk.
    pub(super) fn new(directory: &Path, segment_bytes: u64, floor_bytes: u64) -> io::Result<Self> {
        Ok(Self {
            directory: directory.to_owned(),
            preparer: Preparer::start(directory, segment_bytes, floor_bytes)?,
            is_first: true,
        })
    }
}

impl Disk for Folder {
    type File = LogFile;

    fn segments(&self) -> io::Result<Vec<Segment>> {
        segments(&self.directory)
    }

    fn read(&self, segment: &Segment) -> io::Result<Vec<u8>> {
        segment.read()
    }

    fn settle(&mut self, segment: &Segment, whole: &[u8]) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(&segment.path)?;
        file.write_all_at(whole, 0)?;
        file.set_len(whole.len() as u64)?;
        file.sync_all()
    }

    fn place(&self, first: u64, number: u64) -> Segment {
        Segment::new(&self.directory, first, number)
    }

    fn create(&mut self, segment: &Segment) -> io::Result<LogFile> {
        let file = match self.preparer.take(&segment.path) {
            Some(made) => made,
            None => {
                let mut file = LogFile::create(&segment.path)?;
                if self.is_first {
                    // Where there is no room it grows.
                    let _ = file.make_room(self.preparer.first_bytes());
                }
                file
            }
        };
        self.is_first = false;
        File::open(&self.directory)?
            .sync_all()
            .inspect_err(|_| self.remove(segment))?;
        Ok(file)
    }

    fn remove(&mut self, segment: &Segment) {
        // What is left behind holds nothing that is believed.
        let _ = std::fs::remove_file(&segment.path);
    }

    fn prepare(&mut self) {
        self.preparer.ask();
    }

    fn is_prepared(&mut self) -> bool {
        self.preparer.is_ready()
    }
}
