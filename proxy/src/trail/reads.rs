//! Who reads the log while it is written. Reading is the system's to allow, so this is what Palisade's own commands say of themselves; whose file it
//! is says the system.

use super::inbox::{Inbox, Left, make_folder};
use super::resume::is_written;
use crate::clock::unix_ns;
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::{LogRead, Record};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// The folder of a log in which reads are told.
const FOLDER: &str = "reads";

/// As much is kept of what a reader says it looked for, in bytes.
const WORD_BYTES_MAX: usize = 256;

/// A read of the log.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    /// The command.
    pub(crate) command: String,
    /// Whether people could be read by name.
    pub(crate) names: bool,
    /// Of one call only.
    pub(crate) request_id: Option<String>,
    /// Of one tenant only.
    pub(crate) tenant: Option<String>,
}

impl Read {
    /// By a command, of everything.
    pub(crate) fn by(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            ..Self::default()
        }
    }
}

/// Tells whoever writes the log in `directory` of a read. Where nobody writes it, it is a copy, or it will not change: nothing is told.
///
/// # Errors
/// When it cannot be told.
pub(crate) fn tell(directory: &Path, read: &Read) -> io::Result<()> {
    if !is_written(directory)? {
        return Ok(());
    }
    let folder = directory.join(FOLDER);
    make_folder(&folder)?;
    let name = format!("{}.json", uuid::Uuid::now_v7());
    Inbox::new(folder).leave(&name, read).map(|_| ())
}

/// The reads that were told, with the files that tell them.
pub(super) fn told(directory: &Path) -> io::Result<Vec<(PathBuf, Record)>> {
    let all = Inbox::new(directory.join(FOLDER)).all()?;
    Ok(all.into_iter().map(record).collect())
}

fn record(left: Left<Read>) -> (PathBuf, Record) {
    let Left { path, owner, what } = left;
    let cut = |word: String| word[..word.floor_char_boundary(WORD_BYTES_MAX)].to_owned();
    let record = Record::LogRead(LogRead {
        by: owner,
        command: cut(what.command),
        names: what.names,
        request_id: what.request_id.map(cut),
        tenant: what.tenant.map(cut),
        time: unix_ns(),
        v: SCHEMA_VERSION,
        ..LogRead::default()
    });
    (path, record)
}
