//! Where a registry is read from: a file, or a store.

use super::{Registry, Sealing, Secrets};
use crate::config::{self, ConfigProblem};
use palisade_dynamodb::DynamoDb;
use palisade_registry::{Embedded, File, Store, StoreError};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Stores of more entries are not written out beside the log at each change: their revision is, and records list what changed.
const TEXT_ENTRIES_MAX: usize = 500;

/// What is configured, opened. To be used where waiting is allowed.
pub struct Source {
    config: config::Registry,
    store: Option<Box<dyn Store>>,
    /// The revision that was read last.
    read: AtomicU64,
}

impl Source {
    /// Opens what is configured. Nothing is read yet.
    ///
    /// # Errors
    /// When the system gives no means to wait for networks.
    pub fn open(config: &config::Registry) -> Result<Self, ConfigProblem> {
        let store: Option<Box<dyn Store>> = match (&config.file, &config.store, &config.dynamodb) {
            (None, Some(path), _) => Some(Box::new(Embedded::at(path))),
            (None, None, Some(table)) => {
                let opened = DynamoDb::at(table.place());
                Some(Box::new(opened.map_err(|why| unusable(config, why.to_string()))?))
            }
            // What is configured is checked where it is read.
            _ => None,
        };
        Ok(Self {
            config: config.clone(),
            store,
            read: AtomicU64::new(0),
        })
    }

    /// Whether it is what this configuration says.
    #[must_use]
    pub fn is_of(&self, config: &config::Registry) -> bool {
        self.config == *config
    }

    /// The store, if it is not a file that people write.
    #[must_use]
    pub fn into_store(self) -> Option<Box<dyn Store>> {
        self.store
    }

    /// Whether it has to be asked whether it has changed, for there is no file of it.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.config.dynamodb.is_some() && self.store.is_some()
    }

    /// Whether the store has changed since it was read.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn has_changed(&self) -> Result<bool, StoreError> {
        match &self.store {
            None => Ok(false),
            Some(store) => Ok(store.revision()? != self.read.load(Ordering::Acquire)),
        }
    }

    /// Reads it and checks it whole.
    ///
    /// # Errors
    /// When it cannot be read or parsed, the first [`ConfigProblem`]; else all entries that cannot be used.
    pub fn read(&self) -> Result<Registry, Vec<ConfigProblem>> {
        let one = |problem| vec![problem];
        let secrets = secrets(&self.config).map_err(one)?;
        let (file, text, place) = match (&self.config.file, &self.store) {
            (Some(path), _) => {
                let (file, text) = config::read_toml(path).map_err(one)?;
                (file, text, path.display().to_string())
            }
            (None, Some(store)) => {
                let stored = self.stored(store.as_ref());
                stored.map_err(|error| one(unusable(&self.config, error.to_string())))?
            }
            (None, None) => (File::default(), String::new(), String::new()),
        };
        let built = Registry::of(&file, &secrets, &place)?;
        Ok(Registry { text, ..built })
    }

    /// All entries, as text too, and the name that they have in messages.
    fn stored(&self, store: &dyn Store) -> Result<(File, String, String), StoreError> {
        // One after the other: all entries as JSON would be several times as large as what is made of them.
        let (mut file, mut count) = (File::default(), 0);
        let revision = store.read(&mut |entry| {
            count += 1;
            file.push(entry)
        })?;
        self.read.store(revision, Ordering::Release);
        if revision == 0 {
            let why = "holds nothing: `palisade registry apply FILE` fills it";
            return Err(StoreError::Unavailable(why.to_owned()));
        }
        let place = format!("{}, revision {revision}", self.config.place());
        let text = match count > TEXT_ENTRIES_MAX {
            true => format!("# {count} entries of {place}\n"),
            false => file.to_toml()?,
        };
        Ok((file, text, place))
    }
}

fn unusable(config: &config::Registry, why: String) -> ConfigProblem {
    let member = if config.store.is_some() {
        "store"
    } else {
        "dynamodb"
    };
    ConfigProblem::Unusable {
        place: config.place(),
        key: format!("registry.{member}"),
        why,
    }
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
