//! The next segment, made ahead of its use: a file of zeroes that stands on disk.
//!
//! Writing to blocks that are there already costs a sync no change of the file's own data, which on most file systems is most of it. A file
//! is made on a thread of its own, and there is none where that fails: the log then writes to one that grows.

use super::file::{LogFile, ZEROES_BYTES};
use super::store::Room;
use crate::work::give_way;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// The name of the file until it is used.
const NEXT: &str = ".next";

/// The first segment of a process has room for so many bytes, each further one for twice as many.
const FIRST_BYTES: u64 = 256 * 1024;

/// Makes segments ahead of their use, one at a time.
pub(super) struct Preparer {
    path: PathBuf,
    /// How long the next one is to be, in bytes.
    length: u64,
    length_max: u64,
    wanted: Option<SyncSender<u64>>,
    /// None where that failed.
    made: Receiver<Option<LogFile>>,
    /// Whether one is being made.
    asked: bool,
    ready: Option<LogFile>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Preparer {
    /// Starts the thread, for segments of `length_max` bytes in the end. `floor_bytes` are left free on the disk.
    pub(super) fn start(directory: &Path, length_max: u64, floor_bytes: u64) -> io::Result<Self> {
        let path = directory.join(NEXT);
        let (wanted, asked) = sync_channel(1);
        let (made, taken) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let work = Work {
            path: path.clone(),
            floor_bytes,
            stop: Arc::clone(&stop),
        };
        let thread = thread::Builder::new()
            .name("segments".to_owned())
            .spawn(move || work.serve(&asked, &made))?;
        Ok(Self {
            path,
            length: FIRST_BYTES.min(length_max),
            length_max,
            wanted: Some(wanted),
            made: taken,
            asked: false,
            ready: None,
            stop,
            thread: Some(thread),
        })
    }

    /// Whether a segment is there to be taken.
    pub(super) fn is_ready(&mut self) -> bool {
        if let Ok(made) = self.made.try_recv() {
            self.ready = made;
            self.asked = false;
        }
        self.ready.is_some()
    }

    /// Takes the segment that is there, as the file `path`. One whose file is gone is none.
    pub(super) fn take(&mut self, path: &Path) -> Option<LogFile> {
        match self.is_ready() {
            true => self.ready.take().filter(|_| fs::rename(&self.path, path).is_ok()),
            false => None,
        }
    }

    /// Has the next segment made, longer than the last, unless there is one.
    pub(super) fn ask(&mut self) {
        if self.is_ready() || self.asked {
            return;
        }
        self.length = (self.length * 2).min(self.length_max);
        self.asked = self
            .wanted
            .as_ref()
            .is_some_and(|wanted| wanted.try_send(self.length).is_ok());
    }

    /// The length of the first segment, which is made when it is used.
    pub(super) fn first_bytes(&self) -> u64 {
        FIRST_BYTES.min(self.length_max)
    }
}

impl Drop for Preparer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wanted = None;
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("the thread that makes segments of the audit log panicked");
        }
        // One that is left is of no use to anybody.
        let _ = fs::remove_file(&self.path);
    }
}

/// The thread's.
struct Work {
    path: PathBuf,
    floor_bytes: u64,
    stop: Arc<AtomicBool>,
}

impl Work {
    fn serve(&self, asked: &Receiver<u64>, made: &SyncSender<Option<LogFile>>) {
        give_way();
        while let Ok(length) = asked.recv() {
            let file = self.make(length).inspect_err(|error| {
                let _ = fs::remove_file(&self.path);
                tracing::info!(%error, "no segment of the audit log was made ahead");
            });
            // There is room: nothing is asked for before this is taken.
            if made.send(file.ok()).is_err() {
                return;
            }
        }
    }

    fn make(&self, length: u64) -> io::Result<LogFile> {
        // What a process before has left.
        let _ = fs::remove_file(&self.path);
        let mut file = LogFile::create(&self.path)?;
        while file.room() < length {
            if self.stop.load(Ordering::Relaxed) {
                return Err(io::Error::other("the log is being closed"));
            }
            if free_bytes(&self.path)? < self.floor_bytes.saturating_add(ZEROES_BYTES) {
                return Err(io::Error::other("the disk has little room left"));
            }
            file.make_room(length)?;
        }
        Ok(file)
    }
}

/// What is free for us on the disk of a file or folder.
pub(super) fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn ready(preparer: &mut Preparer) -> bool {
        let until = Instant::now() + Duration::from_secs(20);
        while !preparer.is_ready() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
        preparer.is_ready()
    }

    #[test]
    fn segments_are_made_ahead_each_longer_than_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let mut preparer = Preparer::start(folder.path(), 1_000_000, 0).unwrap();
        assert!(preparer.take(&folder.path().join("none")).is_none());
        for (name, room) in [("one", 2 * FIRST_BYTES), ("two", 1_000_000), ("three", 1_000_000)] {
            preparer.ask();
            assert!(ready(&mut preparer));
            let path = folder.path().join(name);
            assert_eq!(preparer.take(&path).unwrap().room(), room);
            assert_eq!(fs::read(&path).unwrap(), vec![0; usize::try_from(room).unwrap()]);
        }
    }

    #[test]
    fn one_that_was_not_taken_is_gone_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut preparer = Preparer::start(folder.path(), FIRST_BYTES, 0).unwrap();
        preparer.ask();
        assert!(ready(&mut preparer));
        // The one that is there is not made anew under whoever takes it.
        for _ in 0..3 {
            preparer.ask();
            thread::sleep(Duration::from_millis(20));
        }
        let path = folder.path().join("taken");
        let _taken = preparer.take(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), FIRST_BYTES);
        fs::remove_file(path).unwrap();
        preparer.ask();
        drop(preparer);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_disk_that_is_nearly_full_is_not_filled() {
        let folder = tempfile::tempdir().unwrap();
        let mut preparer = Preparer::start(folder.path(), FIRST_BYTES, u64::MAX).unwrap();
        preparer.ask();
        thread::sleep(Duration::from_millis(50));
        assert!(!preparer.is_ready() && !folder.path().join(NEXT).exists());
    }
}
