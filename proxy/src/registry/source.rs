//! Where a registry is read from: a file, or a store.

use super::{Sealing, Secrets};
use crate::config::{self, ConfigProblem};
use palisade_registry::{Embedded, File, Store, StoreError};
use std::path::Path;

/// Stores of more entries are not written out beside the log at each change: their revision is, and records list what changed.
const TEXT_ENTRIES_MAX: usize = 500;

/// What was read.
pub(super) struct Read {
    pub(super) file: File,
    /// The file as it is, or as it would be.
    pub(super) text: String,
    /// Where the secrets of its keys are.
    pub(super) secrets: Secrets,
    /// Its name, for messages about it.
    pub(super) place: String,
}

/// Reads what is configured.
pub(super) fn read(config: &config::Registry) -> Result<Read, ConfigProblem> {
    let secrets = secrets(config)?;
    match (&config.file, &config.store) {
        (Some(path), _) => {
            let (file, text) = config::read_toml(path)?;
            Ok(Read {
                file,
                text,
                secrets,
                place: path.display().to_string(),
            })
        }
        (None, Some(path)) => stored(path, secrets).map_err(|error| ConfigProblem::Unusable {
            place: path.display().to_string(),
            key: "registry.store".to_owned(),
            why: error.to_string(),
        }),
        // What is configured is checked where it is read.
        (None, None) => Ok(Read {
            file: File::default(),
            text: String::new(),
            secrets,
            place: String::new(),
        }),
    }
}

fn stored(path: &Path, secrets: Secrets) -> Result<Read, StoreError> {
    if !Embedded::at(path).is_made() {
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
        secrets,
        place,
    })
}

/// Where the secrets of keys are.
///
/// # Errors
/// When there is none that those in a store could be sealed under, though one is configured.
pub(crate) fn secrets(config: &config::Registry) -> Result<Secrets, ConfigProblem> {
    let wrong = |(member, why): (&str, String)| ConfigProblem::Unusable {
        place: config.place(),
        key: format!("registry.sealing.{member}"),
        why,
    };
    let secret = config.sealing.as_ref().map(config::Secret::bytes).transpose();
    let path = config.file.as_ref().or(config.store.as_ref());
    let base = path.and_then(|path| path.parent()).unwrap_or(Path::new("."));
    Ok(Secrets {
        base: base.to_owned(),
        sealing: secret.map_err(wrong)?.and_then(|secret| Sealing::new(&secret)),
    })
}
