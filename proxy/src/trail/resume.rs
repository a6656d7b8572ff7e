//! Where a log goes on: the tree over what stands in its folder already.
//!
//! Each segment begins with the peaks of the tree before it, so only the last one is read. One whose first frame is not whole holds nothing that
//! was acknowledged, and neither does what is torn at the end of the last.

use super::ongoing::Exchanges;
use super::segment::{Segment, line_files};
use super::store::Disk;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::frame::Piece;
use palisade_audit::tree::{Tree, leaf_hash, unhex};
use palisade_audit::{Entry, LogStarted, Record, read_line};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The file that whoever writes a log holds locked.
const LOCK: &str = "LOCK";

/// Keeps a second writer out of a folder, as long as it lives.
pub(crate) fn lock(directory: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(directory.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(io::Error::other(
            "another process writes here: give each a folder of its own",
        )),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether a process writes the log in a folder.
pub(super) fn is_written(directory: &Path) -> io::Result<bool> {
    match File::open(directory.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        file => match file?.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        },
    }
}

/// A log of before there were segments is not gone on with.
pub(super) fn refuse_lines(directory: &Path) -> io::Result<()> {
    match line_files(directory)?.first() {
        Some(lines) => Err(io::Error::other(format!(
            "{}: is of a version of before, and cannot be gone on with. To keep it, move the files of this folder to another: `palisade audit \
             show` and `replay` read them there. A new log then begins here",
            lines.display()
        ))),
        None => Ok(()),
    }
}

/// Where a log goes on.
#[derive(Debug, Default)]
pub(super) struct Resumed {
    /// Over all records.
    pub(super) tree: Tree,
    /// The largest number of a segment: the next one's is larger, whatever the clock says.
    pub(super) number: u64,
    /// Whose processes are gone.
    pub(super) exchanges: Exchanges,
    /// What was torn at the end, in bytes.
    pub(super) torn_bytes: u64,
    /// The segment in which it ends, and what is whole of it.
    pub(super) last: Option<(Segment, Vec<u8>)>,
}

/// Finds where a log goes on. `published` is its last checkpoint, which it must bear out. Segments that hold nothing are taken away: readers would
/// take their names for the end of the one before.
pub(super) fn resume(disk: &mut impl Disk, published: Option<&Checkpoint>) -> io::Result<Resumed> {
    let segments = disk.segments()?;
    let mut resumed = Resumed {
        number: segments
            .iter()
            .map(|segment| segment.number)
            .max()
            .unwrap_or_default(),
        ..Resumed::default()
    };
    let mut empty = Vec::new();
    for segment in segments.iter().rev() {
        let mut bytes = disk.read(segment)?;
        if let Some(found) = Found::read(segment, &bytes, published)? {
            bytes.truncate(found.end);
            resumed.last = Some((segment.clone(), bytes));
            resumed.tree = found.tree;
            resumed.exchanges = found.exchanges;
            resumed.torn_bytes = found.torn_bytes;
            break;
        }
        empty.push(segment);
    }
    match published {
        // What begins a segment is signed before anything is acted on.
        None if resumed.tree.size() > segments.len() as u64 => Err(io::Error::other(format!(
            "the checkpoint of the log is gone, and {} records are there. {LOOK}",
            resumed.tree.size()
        ))),
        Some(published) if published.size > resumed.tree.size() => Err(io::Error::other(format!(
            "the log was cut: its last checkpoint is over {} records, and {} are there. Keep the folder as it is for whoever looks into \
             this, and begin a new log in another",
            published.size,
            resumed.tree.size()
        ))),
        _ => {
            empty.into_iter().for_each(|segment| disk.remove(segment));
            Ok(resumed)
        }
    }
}

/// What a segment holds.
struct Found {
    /// Over all records of the log to its end.
    tree: Tree,
    exchanges: Exchanges,
    /// Where the last frame ends, in bytes.
    end: usize,
    /// What is behind it that is not zero, in bytes.
    torn_bytes: u64,
}

impl Found {
    /// `None` when there is no record in the segment.
    fn read(segment: &Segment, bytes: &[u8], published: Option<&Checkpoint>) -> io::Result<Option<Self>> {
        let wrong = |why: &str| io::Error::other(format!("{}: {why}", segment.path.display()));
        let mut tree = None;
        let mut exchanges = Exchanges::default();
        let mut pieces = segment.pieces(bytes);
        for piece in pieces.by_ref() {
            match piece {
                Piece::Record { bytes, .. } => {
                    let tree = match &mut tree {
                        Some(tree) => tree,
                        none => none.insert(tree_before(segment.first, bytes).map_err(wrong)?),
                    };
                    bears_out(tree, published, segment)?;
                    tree.push(leaf_hash(bytes));
                    if let Some(Ok(Entry::Known(record))) = std::str::from_utf8(bytes).ok().map(read_line) {
                        exchanges.note(&record);
                    }
                }
                Piece::Damaged { from, .. } => {
                    return Err(wrong(&format!(
                        "record {from} was damaged after it was written. {LOOK}"
                    )));
                }
                Piece::Torn { .. } => {}
            }
        }
        let Some(tree) = tree else { return Ok(None) };
        bears_out(&tree, published, segment)?;
        let rest = bytes.get(pieces.offset()..).unwrap_or_default();
        Ok(Some(Self {
            tree,
            exchanges,
            end: pieces.offset(),
            torn_bytes: rest
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last as u64 + 1),
        }))
    }
}

/// What to do with a log that was changed.
pub(super) const LOOK: &str =
    "`palisade audit verify` says where; keep the folder as it is, and begin a new log in another";

fn bears_out(tree: &Tree, published: Option<&Checkpoint>, segment: &Segment) -> io::Result<()> {
    match published {
        Some(published) if published.size == tree.size() && published.root != tree.root() => {
            Err(io::Error::other(format!(
                "{}: the log was changed before record {}: its checkpoint says otherwise. {LOOK}",
                segment.path.display(),
                published.size
            )))
        }
        _ => Ok(()),
    }
}

/// The tree over all records before a segment, from the bytes of its first record, whose index is `first`.
pub(crate) fn tree_before(first: u64, bytes: &[u8]) -> Result<Tree, &'static str> {
    let peaks = started(bytes)
        .ok_or("does not begin with a `log_started` of this version")?
        .peaks;
    let peaks: Option<Vec<_>> = peaks.iter().map(|peak| unhex(peak)).collect();
    peaks
        .and_then(|peaks| Tree::from_peaks(first, peaks))
        .ok_or("its first record does not name the tree before it")
}

/// The first record of a segment.
fn started(first: &[u8]) -> Option<LogStarted> {
    let Entry::Known(record) = read_line(std::str::from_utf8(first).ok()?).ok()? else {
        return None;
    };
    match *record {
        Record::LogStarted(started) => Some(started),
        _ => None,
    }
}
