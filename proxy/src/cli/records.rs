//! The records of a log, one after the other.

use super::unseal::Unseal;
use super::{Failure, PeopleKeys};
use crate::trail::{self, LINES, LogSegment, Read, Segment, limited, tell_read};
use palisade_audit::frame::Piece;
use palisade_audit::{Entry, ReadError, read_line};
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The longest line that is read as a record, in bytes.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// A record of a log, and where it stands.
pub(super) struct Line<'l> {
    pub(super) place: Place<'l>,
    /// The record, in the words of whoever wrote it.
    pub(super) text: &'l str,
    /// What it says, with people by name where their keys are there.
    pub(super) entry: Result<Entry, ReadError>,
}

/// Where a record stands.
pub(super) enum Place<'l> {
    /// In a line of a file.
    Line(&'l Path, u64),
    /// In a segment, under its index.
    Record(&'l Path, u64),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(path, number) => write!(f, "{}:{number}", path.display()),
            Self::Record(path, index) => write!(f, "{}: record {index}", path.display()),
        }
    }
}

/// Tells the log of a read. That it cannot be told is no reason not to read: whoever may read the files may read them in other ways too.
pub(super) fn tell(log: &Path, read: &Read) {
    if let Err(error) = tell_read(directory(log), read) {
        super::tell(&format!("this read is not recorded in the log: {error}").into());
    }
}

/// The folder of a log, or of one of its files.
pub(super) fn directory(log: &Path) -> &Path {
    match log.is_file() {
        true => log.parent().unwrap_or(Path::new(".")),
        false => log,
    }
}

/// Hands each record of a log to `each`, oldest first, with people by name where `keys` has theirs. What is damaged is no record; what was being written when a process died is left out.
/// A log is a folder, a segment, or a file with a record a line, as `palisade audit show --format json` prints them.
pub(super) fn each_line(
    log: &Path,
    keys: &PeopleKeys,
    read: Read,
    mut each: impl FnMut(Line<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (segments, lines) = files(log)?;
    let mut unseal = Unseal::of(log, keys)?;
    let names = unseal.has_keys();
    tell(log, &Read { names, ..read });
    let mut each = |place: Place<'_>, text: &str| {
        let entry = read_line(text).map(|entry| unseal.opened(entry));
        each(Line { place, text, entry })
    };
    for path in lines {
        each_of_lines(&path, &mut each)?;
    }
    for segment in segments {
        let path = &segment.segment.path;
        each_piece(&segment, |piece| {
            let (index, bytes) = match piece {
                Piece::Record { index, bytes } => (index, bytes),
                // One line for all of them.
                Piece::Damaged { from, .. } => (from, [].as_slice()),
                Piece::Torn { .. } => return Ok(()),
            };
            each(
                Place::Record(path, index),
                std::str::from_utf8(bytes).unwrap_or_default(),
            )
        })?;
    }
    Ok(())
}

/// A last line without its end is none.
fn each_of_lines(
    path: &Path,
    each: &mut impl FnMut(Place<'_>, &str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let fault = |e: std::io::Error| format!("cannot read {}: {e}", path.display());
    let mut lines = BufReader::new(File::open(path).map_err(fault)?);
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        let read = lines.by_ref().take(LINE_BYTES_MAX).read_line(&mut line);
        if read.map_err(fault)? == 0 {
            break;
        }
        if line.len() as u64 == LINE_BYTES_MAX {
            return Err(format!("{}: a line is too long for a record", path.display()).into());
        }
        let Some(text) = line.strip_suffix('\n') else {
            break;
        };
        each(Place::Line(path, number), text)?;
    }
    Ok(())
}

/// Hands each piece of a segment that is of the log to `each`.
pub(super) fn each_piece(
    segment: &LogSegment,
    each: impl FnMut(Piece<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let path = &segment.segment.path;
    let bytes = segment.segment.read();
    let bytes = bytes.map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    segment.pieces(&bytes).try_for_each(each)
}

/// The segments of a log, in their order.
pub(super) fn log_segments(log: &Path) -> Result<Vec<LogSegment>, Failure> {
    match files(log)? {
        (segments, lines) if lines.is_empty() => Ok(segments),
        (_, lines) => {
            let [first, ..] = lines.as_slice() else {
                return Ok(Vec::new());
            };
            Err(format!(
                "{}: holds lines, which no checkpoint is over: `palisade audit show` and `replay` read them",
                first.display()
            )
            .into())
        }
    }
}

/// The files of a log: segments, and files of lines.
fn files(log: &Path) -> Result<(Vec<LogSegment>, Vec<PathBuf>), Failure> {
    if log.is_file() {
        return Ok(match Segment::named(log) {
            Some(segment) => (limited(vec![segment]), Vec::new()),
            None => (Vec::new(), vec![log.to_owned()]),
        });
    }
    let fault = |e: std::io::Error| format!("cannot read {}: {e}", log.display());
    let (segments, lines) = (
        trail::segments(log).map_err(fault)?,
        trail::line_files(log).map_err(fault)?,
    );
    match segments.is_empty() && lines.is_empty() {
        true => Err(format!(
            "{}: no log is here: neither segments (*.seg) nor lines (*.{LINES})",
            log.display()
        )
        .into()),
        false => Ok((limited(segments), lines)),
    }
}
