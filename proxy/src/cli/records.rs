//! The records of a log, one after the other.

use super::Failure;
use crate::trail::{self, LINE_BYTES_MAX};
use palisade_audit::{Entry, LogStarted, ReadError, Record, read_line};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// A line of a log, and where it stands.
pub(super) struct Line<'l> {
    pub(super) path: &'l Path,
    pub(super) number: u64,
    /// Without its line feed.
    pub(super) text: &'l str,
    pub(super) entry: Result<Entry, ReadError>,
}

/// Hands each line of a log to `each`, oldest first. A last line without its end is a record that was being written when the process
/// died.
pub(super) fn each_line(
    log: &Path,
    mut each: impl FnMut(Line<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for path in files(log)? {
        let mut number = 0;
        lines(&path, |text| {
            number += 1;
            each(Line {
                path: &path,
                number,
                text,
                entry: read_line(text),
            })?;
            Ok(true)
        })?;
    }
    Ok(())
}

/// Hands each line of a file to `each`, without its end, until that says false. A last line without its end is none.
pub(super) fn lines(path: &Path, mut each: impl FnMut(&str) -> Result<bool, Failure>) -> Result<(), Failure> {
    let fault = |e: std::io::Error| format!("cannot read {}: {e}", path.display());
    let mut lines = BufReader::new(File::open(path).map_err(fault)?);
    let mut line = String::new();
    while lines
        .by_ref()
        .take(LINE_BYTES_MAX)
        .read_line(&mut line)
        .map_err(fault)?
        > 0
    {
        if line.len() as u64 == LINE_BYTES_MAX {
            return Err(format!("{}: a line is too long for a record", path.display()).into());
        }
        if let Some(text) = line.strip_suffix('\n')
            && !each(text)?
        {
            return Ok(());
        }
        line.clear();
    }
    Ok(())
}

/// The log's files, in their order, or the one file that is named.
fn files(log: &Path) -> Result<Vec<PathBuf>, Failure> {
    if log.is_file() {
        return Ok(vec![log.to_owned()]);
    }
    let files = trail::log_files(log).map_err(|e| format!("cannot read {}: {e}", log.display()))?;
    if files.is_empty() {
        return Err(format!("{}: no log files (*.jsonl) here", log.display()).into());
    }
    Ok(files)
}

/// A file of a log, and which records of the log stand in it.
pub(super) struct LogFile {
    pub(super) path: PathBuf,
    pub(super) start: LogStarted,
    /// How many of its lines count: those that the next file begins with were not acknowledged. None in the last file: all.
    pub(super) records: Option<u64>,
}

/// The files of the log in a folder, in their order. A file whose first record is not whole holds nothing that was acknowledged.
pub(super) fn log_files(log: &Path) -> Result<Vec<LogFile>, Failure> {
    let mut found: Vec<LogFile> = Vec::new();
    for path in files(log)? {
        let mut first = None;
        lines(&path, |text| {
            first = Some(text.to_owned());
            Ok(false)
        })?;
        let Some(first) = first else { continue };
        let start = start_of(&first).ok_or_else(|| {
            format!(
                "{}: does not begin as a file of a log with checkpoints: `palisade audit show` reads logs of before",
                path.display()
            )
        })?;
        if let Some(before) = found.last_mut() {
            before.records = Some(start.index.saturating_sub(before.start.index));
        }
        found.push(LogFile {
            path,
            start,
            records: None,
        });
    }
    Ok(found)
}

fn start_of(line: &str) -> Option<LogStarted> {
    match read_line(line) {
        Ok(Entry::Known(record)) => match *record {
            Record::LogStarted(started) if started.origin.is_some() => Some(started),
            _ => None,
        },
        _ => None,
    }
}
