//! Where a log goes on: the tree over what stands in its folder already.
//!
//! Each file begins with the peaks of the tree before it, so only the last one is read. A file whose first record is not whole holds
//! nothing that was acknowledged, and a last line without its end is a record that was not.

use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::tree::{Tree, leaf_hash, unhex};
use palisade_audit::{Entry, LogStarted, Record, read_line};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file that whoever writes a log holds locked.
const LOCK: &str = "LOCK";

/// The longest line of a log, in bytes: records are far shorter.
pub(crate) const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Keeps a second writer out of a log, as long as it lives.
pub(super) fn lock(directory: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(directory.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(io::Error::other(
            "another process writes this log: give each gateway a folder of its own",
        )),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The tree over all records of a log. `published` is the last checkpoint, which the log must bear out.
pub(super) fn resume(directory: &Path, published: Option<&Checkpoint>) -> io::Result<Tree> {
    let mut tree = Tree::default();
    for path in files(directory)?.iter().rev() {
        if let Some(mut file) = LogText::open(path)? {
            tree = file.tree.clone();
            while let Some(line) = file.next_line()? {
                bears_out(&tree, published, path)?;
                tree.push(leaf_hash(line.as_bytes()));
            }
            bears_out(&tree, published, path)?;
            break;
        }
    }
    match published {
        Some(published) if published.size > tree.size() => Err(io::Error::other(format!(
            "the log was cut: its last checkpoint is over {} records, and {} are there. Keep the folder as it is for whoever looks into \
             this, and begin a new log in another",
            published.size,
            tree.size()
        ))),
        _ => Ok(tree),
    }
}

fn bears_out(tree: &Tree, published: Option<&Checkpoint>, path: &Path) -> io::Result<()> {
    match published {
        Some(published) if published.size == tree.size() && published.root != tree.root() => {
            Err(io::Error::other(format!(
                "{}: the log was changed before record {}: its checkpoint says otherwise. `palisade audit verify` says where; keep the folder as \
             it is, and begin a new log in another",
                path.display(),
                published.size
            )))
        }
        _ => Ok(()),
    }
}

/// The files of a log, in their order: their names begin with the index of their first record.
pub(crate) fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A file of a log, behind its first record.
struct LogText {
    lines: BufReader<File>,
    /// What was read, and is to be given first.
    first: Option<String>,
    /// Over all records before the first.
    tree: Tree,
}

impl LogText {
    /// `None` when the file does not hold a whole record.
    fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut lines = BufReader::new(File::open(path)?);
        let Some(first) = line_of(&mut lines)? else {
            return Ok(None);
        };
        let wrong = |why: &str| io::Error::other(format!("{}: {why}", path.display()));
        let Ok(Entry::Known(record)) = read_line(&first) else {
            return Err(wrong("its first line is no record of this version"));
        };
        let Record::LogStarted(started) = *record else {
            return Err(wrong("does not begin with `log_started`"));
        };
        let tree = tree_before(&started).map_err(wrong)?;
        Ok(Some(Self {
            lines,
            first: Some(first),
            tree,
        }))
    }

    fn next_line(&mut self) -> io::Result<Option<String>> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => line_of(&mut self.lines),
        }
    }
}

fn tree_before(started: &LogStarted) -> Result<Tree, &'static str> {
    if started.origin.is_none() {
        return Err(
            "is of a version without checkpoints, and cannot be gone on with. To keep it, move the files of this folder to another: \
                    `palisade audit show` and `replay` read them there. A new log then begins here",
        );
    }
    let peaks: Option<Vec<_>> = started.peaks.iter().map(|peak| unhex(peak)).collect();
    peaks
        .and_then(|peaks| Tree::from_peaks(started.index, peaks))
        .ok_or("its first record does not name the tree before it")
}

/// The next line without its end; `None` at the end, or when it has none.
fn line_of(lines: &mut BufReader<File>) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return match line.len() as u64 + 1 >= LINE_BYTES_MAX {
            true => Err(io::Error::other("a line is too long for a record")),
            false => Ok(None),
        };
    }
    String::from_utf8(line).map(Some).map_err(io::Error::other)
}
