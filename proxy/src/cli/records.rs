//! The records of a log, one after the other.

use super::Failure;
use palisade_audit::{Entry, ReadError, read_line};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest line that is read, in bytes: records are far shorter.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

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
        let fault = |e: std::io::Error| format!("cannot read {}: {e}", path.display());
        let mut lines = BufReader::new(File::open(&path).map_err(fault)?);
        let mut number = 0;
        let mut line = String::new();
        while lines
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_line(&mut line)
            .map_err(fault)?
            > 0
        {
            number += 1;
            if line.len() as u64 == LINE_BYTES_MAX {
                return Err(format!("{}:{number}: the line is too long for a record", path.display()).into());
            }
            if let Some(text) = line.strip_suffix('\n') {
                each(Line {
                    path: &path,
                    number,
                    text,
                    entry: read_line(text),
                })?;
            }
            line.clear();
        }
    }
    Ok(())
}

/// The log's files, oldest first: their names begin with the time.
fn files(log: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fault = |e: std::io::Error| format!("cannot read {}: {e}", log.display());
    if log.is_file() {
        return Ok(vec![log.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(log).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{}: no log files (*.jsonl) here", log.display()).into());
    }
    Ok(files)
}
