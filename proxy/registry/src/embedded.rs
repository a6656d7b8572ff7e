//! A store in a file of this machine (redb). One process writes at a time, any number read.
//!
//! ```text
//! entries   KIND 0x00 ID -> the entry, JSON
//! meta      "format" -> FORMAT, "revision" -> the revision
//! ```

use crate::entry::{Entry, Kind};
use crate::error::StoreError;
use crate::plan::Step;
use crate::store::Store;
use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase,
    ReadableTable, TableDefinition, TableError,
};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// Of the tables.
const FORMAT: u64 = 1;

/// How often it is tried to open what another process has to itself, and how long is waited in between.
const TRIES: u32 = 250;
const TRY_EVERY: Duration = Duration::from_millis(20);

/// Memory for pages, in bytes.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

const ENTRIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("entries");
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

/// A store in a file.
#[derive(Debug, Clone)]
pub struct Embedded {
    path: PathBuf,
}

impl Embedded {
    /// The one in this file, which need not be there: it is made by the first change.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Whether its file is there, with anything in it.
    #[must_use]
    pub fn is_made(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|file| file.len() > 0)
    }

    /// What stands in it now, if it was ever written.
    fn reading(&self) -> Result<Option<ReadTransaction>, StoreError> {
        if !self.is_made() {
            return Ok(None);
        }
        let database = self.patiently(|| builder().open_read_only(&self.path))?;
        let reading = ReadOnlyDatabase::begin_read(&database).map_err(|error| self.fault(&error))?;
        let is_written = is_known(self.meta(&reading, "format")?)?;
        Ok(is_written.then_some(reading))
    }

    fn meta(&self, reading: &ReadTransaction, name: &str) -> Result<Option<u64>, StoreError> {
        let table = match reading.open_table(META) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            table => table.map_err(|error| self.fault(&error))?,
        };
        self.value(&table, name)
    }

    fn value(
        &self,
        table: &impl ReadableTable<&'static str, u64>,
        name: &str,
    ) -> Result<Option<u64>, StoreError> {
        let value = table.get(name).map_err(|error| self.fault(&error))?;
        Ok(value.map(|value| value.value()))
    }

    /// Opens, and again while another process has it to itself.
    fn patiently<T>(&self, open: impl Fn() -> Result<T, DatabaseError>) -> Result<T, StoreError> {
        for _ in 0..TRIES {
            match open() {
                Err(DatabaseError::DatabaseAlreadyOpen) => sleep(TRY_EVERY),
                opened => return opened.map_err(|error| self.fault(&error)),
            }
        }
        Err(StoreError::Busy)
    }

    fn fault(&self, error: &dyn std::error::Error) -> StoreError {
        StoreError::Unavailable(format!("{}: {error}", self.path.display()))
    }

    fn write(&self, database: &Database, expected: u64, steps: &[Step]) -> Result<u64, StoreError> {
        let writing = database.begin_write().map_err(|error| self.fault(&error))?;
        let revision = {
            let mut meta = writing.open_table(META).map_err(|error| self.fault(&error))?;
            is_known(self.value(&meta, "format")?)?;
            let found = self.value(&meta, "revision")?.unwrap_or(0);
            if found != expected {
                return Err(StoreError::Conflict { expected, found });
            }
            let revision = found + 1;
            for (name, value) in [("format", FORMAT), ("revision", revision)] {
                meta.insert(name, value).map_err(|error| self.fault(&error))?;
            }
            let mut entries = writing.open_table(ENTRIES).map_err(|error| self.fault(&error))?;
            for step in steps {
                match step {
                    Step::Put(entry) => {
                        entries.insert(key(entry.kind, &entry.id).as_str(), entry.json()?.as_slice())
                    }
                    Step::Remove(kind, id) => entries.remove(key(*kind, id).as_str()),
                }
                .map_err(|error| self.fault(&error))?;
            }
            revision
        };
        writing.commit().map_err(|error| self.fault(&error))?;
        Ok(revision)
    }
}

impl Store for Embedded {
    fn revision(&self) -> Result<u64, StoreError> {
        match self.reading()? {
            None => Ok(0),
            Some(reading) => Ok(self.meta(&reading, "revision")?.unwrap_or(0)),
        }
    }

    fn read(&self, each: &mut dyn FnMut(Entry) -> Result<(), StoreError>) -> Result<u64, StoreError> {
        let Some(reading) = self.reading()? else {
            return Ok(0);
        };
        let revision = self.meta(&reading, "revision")?.unwrap_or(0);
        let table = reading.open_table(ENTRIES).map_err(|error| self.fault(&error))?;
        for row in table.iter().map_err(|error| self.fault(&error))? {
            let (name, value) = row.map_err(|error| self.fault(&error))?;
            each(entry(name.value(), value.value())?)?;
        }
        Ok(revision)
    }

    fn apply(&self, expected: u64, steps: &[Step]) -> Result<u64, StoreError> {
        if steps.is_empty() {
            return Ok(expected);
        }
        // Secrets of keys are in it, if sealed: for its owner only.
        let mut file = OpenOptions::new();
        let file = file
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&self.path);
        file.map_err(|error| self.fault(&error))?;
        let database = self.patiently(|| builder().create(&self.path))?;
        self.write(&database, expected, steps)
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .set_cache_size(CACHE_BYTES)
        .set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// Whether there is a format, which then is one that is known.
fn is_known(format: Option<u64>) -> Result<bool, StoreError> {
    match format {
        None => Ok(false),
        Some(FORMAT) => Ok(true),
        Some(found) => Err(StoreError::Version { found, known: FORMAT }),
    }
}

fn key(kind: Kind, id: &str) -> String {
    format!("{}\0{id}", kind.name())
}

fn entry(name: &str, value: &[u8]) -> Result<Entry, StoreError> {
    let (kind, id) = name.split_once('\0').unwrap_or((name, ""));
    let wrong = |why: &str| StoreError::Entry {
        kind: "entry",
        id: name.replace('\0', " "),
        why: why.to_owned(),
    };
    Ok(Entry {
        kind: Kind::named(kind).ok_or_else(|| wrong("is of no kind that is known"))?,
        id: id.to_owned(),
        value: serde_json::from_slice(value).map_err(|_| wrong("holds no table"))?,
    })
}
