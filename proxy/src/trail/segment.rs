//! The segments of a log: files of frames, whose names begin with the index of their first record.

use crate::config::SEGMENT_BYTES_MAX;
use palisade_audit::frame::{Piece, Pieces};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How the name of a segment ends.
const EXTENSION: &str = "seg";

/// How the name of a file of before there were segments ends: records, a line each.
pub(crate) const LINES: &str = "jsonl";

/// The longest file that is read as a segment, in bytes: a full one, and behind it a batch of thousands of the longest records.
const READ_BYTES_MAX: u64 = 16 * SEGMENT_BYTES_MAX;

/// A segment of a log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Segment {
    /// The index of its first record.
    pub(crate) first: u64,
    /// When it was opened, in nanoseconds since the Unix epoch: no two of a log have the same.
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

impl Segment {
    /// The one of this number that is to begin with this record.
    pub(super) fn new(directory: &Path, first: u64, number: u64) -> Self {
        let path = directory.join(format!("{first:020}-{number:020}.{EXTENSION}"));
        Self { first, number, path }
    }

    /// The segment in a file, if its name is that of one.
    pub(crate) fn named(path: &Path) -> Option<Self> {
        let stem = path.file_stem()?.to_str()?;
        let (first, number) = stem.split_once('-')?;
        let segment = Self::new(path.parent()?, first.parse().ok()?, number.parse().ok()?);
        (segment.path == path).then_some(segment)
    }

    /// The name of its file.
    pub(super) fn name(&self) -> &str {
        self.path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
    }

    /// Its bytes.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        match fs::metadata(&self.path)?.len() > READ_BYTES_MAX {
            true => Err(io::Error::other(format!(
                "{}: is too long for a segment",
                self.path.display()
            ))),
            false => fs::read(&self.path),
        }
    }

    /// What stands in its bytes.
    pub(crate) fn pieces<'b>(&self, bytes: &'b [u8]) -> Pieces<'b> {
        Pieces::new(bytes, self.number, self.first)
    }
}

/// The segments in a folder, in their order.
pub(crate) fn segments(directory: &Path) -> io::Result<Vec<Segment>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        found.extend(Segment::named(&entry?.path()));
    }
    found.sort();
    Ok(found)
}

/// A segment of a log, and where its records end that are records of the log.
pub(crate) struct LogSegment {
    pub(crate) segment: Segment,
    /// The index at which the next one begins: those from there on were not acknowledged. None in the last one.
    pub(crate) end: Option<u64>,
}

impl LogSegment {
    /// What stands in its bytes that is of the log.
    pub(crate) fn pieces<'b>(&self, bytes: &'b [u8]) -> impl Iterator<Item = Piece<'b>> {
        let end = self.end.unwrap_or(u64::MAX);
        self.segment.pieces(bytes).filter_map(move |piece| match piece {
            Piece::Damaged { from, to } if from < end => Some(Piece::Damaged {
                from,
                to: to.min(end),
            }),
            Piece::Record { index: at, .. } | Piece::Torn { bad: at, .. } if at < end => Some(piece),
            _ => None,
        })
    }
}

/// Segments of a log, in their order, each up to where the next one begins.
pub(crate) fn limited(segments: Vec<Segment>) -> Vec<LogSegment> {
    let mut limited: Vec<LogSegment> = Vec::with_capacity(segments.len());
    for segment in segments {
        if let Some(before) = limited.last_mut() {
            before.end = Some(segment.first);
        }
        limited.push(LogSegment { segment, end: None });
    }
    limited
}

/// The files of a log of before there were segments, in their order.
pub(crate) fn line_files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == LINES) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
