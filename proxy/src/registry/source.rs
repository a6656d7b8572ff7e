//! Where a registry is read from: a file, or a store.

use crate::config::{self, ConfigProblem};
use palisade_registry::{Embedded, File, Store, StoreError};
use std::path::{Path, PathBuf};

/// Registries of more entries are not written out beside the log at each change; their revision is.
const TEXT_ENTRIES_MAX: usize = 5_000;

/// What was read.
pub(super) struct Read {
    pub(super) file: File,
    /// The file as it is, or as it would be.
    pub(super) text: String,
    /// What paths in it are relative to.
    pub(super) base: PathBuf,
    /// Its name, for messages about it.
    pub(super) place: String,
}

/// Reads what is configured.
pub(super) fn read(config: &config::Registry) -> Result<Read, ConfigProblem> {
    match (&config.file, &config.store) {
        (Some(path), _) => {
            let (file, text) = config::read_toml(path)?;
            Ok(Read {
                file,
                text,
                base: folder(path),
                place: path.display().to_string(),
            })
        }
        (None, Some(path)) => stored(path).map_err(|error| ConfigProblem::Unusable {
            place: path.display().to_string(),
            key: "registry.store".to_owned(),
            why: error.to_string(),
        }),
        // What is configured is checked where it is read.
        (None, None) => Ok(Read {
            file: File::default(),
            text: String::new(),
            base: PathBuf::new(),
            place: String::new(),
        }),
    }
}

fn stored(path: &Path) -> Result<Read, StoreError> {
    if !path.exists() {
        let why = "is not there: `palisade registry apply FILE` makes it";
        return Err(StoreError::Unavailable(why.to_owned()));
    }
    // One after the other: all entries as JSON would be several times as large as what is made of them.
    let (mut file, mut count) = (File::default(), 0);
    let revision = Embedded::at(path).read(&mut |entry| {
        count += 1;
        file.push(entry)
    })?;
    let place = format!("{}, revision {revision}", path.display());
    let text = match count > TEXT_ENTRIES_MAX {
        true => format!("# {count} entries of {place}\n"),
        false => file.to_toml()?,
    };
    Ok(Read {
        file,
        text,
        base: folder(path),
        place,
    })
}

fn folder(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new(".")).to_owned()
}
