//! What other processes leave for whoever writes the log: a file each, in a folder, that stays there until what it asks for is in the log.

use super::file::replace;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// So many are taken at a time.
const TAKEN_MAX: usize = 256;

/// Longest file, in bytes: ids are 2,048 at most, six bytes each where they are escaped.
const FILE_BYTES_MAX: u64 = 32 * 1024;

/// What the name of a file ends with that was put aside.
pub(super) const DAMAGED: &str = "damaged";

/// A folder in which files are left.
#[derive(Debug)]
pub(super) struct Inbox {
    folder: PathBuf,
}

/// What was left.
#[derive(Debug)]
pub(super) struct Left<T> {
    pub(super) path: PathBuf,
    /// The user of the system whose file it is.
    pub(super) owner: u32,
    pub(super) what: T,
}

impl Inbox {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Makes the folder if it is not there, but not the one that it is in.
    pub(super) fn make(&self) -> io::Result<()> {
        make_folder(&self.folder)
    }

    /// Leaves something under a name. CRASH: it is there whole or not at all.
    pub(super) fn leave(&self, name: &str, what: &impl Serialize) -> io::Result<PathBuf> {
        let path = self.folder.join(name);
        replace(&path, &serde_json::to_vec(what)?)?;
        Ok(path)
    }

    /// What was left, the first of it where it is very much. What is nothing of the kind is put aside.
    pub(super) fn all<T: DeserializeOwned>(&self) -> io::Result<Vec<Left<T>>> {
        let mut all = Vec::new();
        for path in files(&self.folder)?.into_iter().take(TAKEN_MAX) {
            if is_unfinished(&path) {
                continue;
            }
            match left(&path) {
                Ok(left) => all.push(left),
                Err(error) => {
                    tracing::error!(%error, "what was left for the audit log is put aside");
                    fs::rename(&path, path.with_extension(DAMAGED))?;
                }
            }
        }
        Ok(all)
    }
}

fn left<T: DeserializeOwned>(path: &Path) -> io::Result<Left<T>> {
    Ok(Left {
        owner: fs::symlink_metadata(path)?.uid(),
        what: read(path)?,
        path: path.to_owned(),
    })
}

/// Makes a folder for its owner only, if it is not there; not the one that it is in: a disk that is away is not replaced by what it is mounted over.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// The files of a folder that hold JSON, in no order; none where there is no folder.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Whether [`replace`] was writing a file.
pub(super) fn is_unfinished(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// What a file holds; [`ErrorKind::InvalidData`] where it holds nothing of the kind.
pub(super) fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> io::Result<T> {
    let wrong = || {
        let what = format!("{}: holds nothing of the kind", path.display());
        io::Error::new(ErrorKind::InvalidData, what)
    };
    // Reading anything but a file could wait for ever.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return Err(wrong());
    }
    serde_json::from_slice(&fs::read(path)?).map_err(|_| wrong())
}
