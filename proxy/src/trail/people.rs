//! The keys of the people in a log, a file each. Whoever deletes one has erased the person, in all copies of the log.
//!
//! They are in a folder of their own, so that copies of a log, its tiles and its proofs go without them. Whoever holds the lock of the log writes it;
//! others ask for an erasure in its folder `erase`.

use super::file::replace;
use super::inbox::{DAMAGED, Inbox, Left, files, is_unfinished, make_folder, read};
use crate::aead::random;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use palisade_audit::sealed::SubjectKey;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The folder of a log in which they are, where no other is configured.
const FOLDER: &str = "people";

/// The folder in which erasures are asked for.
const ERASE: &str = "erase";

/// The keys of the people in a log.
#[derive(Debug)]
pub(crate) struct People {
    folder: PathBuf,
}

/// Which folder it is, and when what is in it last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    folder: (u64, u64),
    changed: (i64, i64),
}

/// The key of a person, as its file holds it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    id: String,
    key: String,
    tenant: String,
    user: String,
}

/// An erasure, as its file holds it until it is recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erasure {
    /// Id of the key.
    pub(crate) key: String,
    /// The name of its file.
    pub(crate) file: String,
    /// What asked for it.
    pub(crate) ticket: Option<String>,
}

/// A key's file, as it was when the key was read.
#[derive(Debug)]
pub(super) struct KeyFile {
    path: PathBuf,
    inode: u64,
}

impl KeyFile {
    /// Whether it is still the one that is there.
    pub(super) fn is_there(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|file| file.ino() == self.inode)
    }
}

impl People {
    /// Those of the log in this folder, or in the one that is named.
    pub(crate) fn of(log: &Path, named: Option<&Path>) -> Self {
        Self {
            folder: named.map_or_else(|| log.join(FOLDER), Path::to_owned),
        }
    }

    /// Their folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder if it is not there, but not the one that it is in.
    pub(super) fn make(&self) -> io::Result<()> {
        make_folder(&self.folder)?;
        self.erasures().make()
    }

    /// Makes the folder if it is not there, and takes away what a process that ended had not finished.
    pub(super) fn open(&self) -> io::Result<()> {
        self.make()?;
        let files = files(&self.folder)?.into_iter();
        files
            .filter(|path| is_unfinished(path))
            .try_for_each(fs::remove_file)
    }

    /// Differs when a key has come or gone.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        let folder = fs::metadata(&self.folder).ok()?;
        Some(Stamp {
            folder: (folder.dev(), folder.ino()),
            changed: (folder.mtime(), folder.mtime_nsec()),
        })
    }

    /// The key of a person, which is made if there is none. CRASH: it is on disk. One that cannot be read is put aside, for whoever can mend it.
    pub(super) fn key(&self, tenant: &str, user: &str) -> io::Result<SubjectKey> {
        let path = self.folder.join(name(tenant, user));
        match read::<Kept>(&path).map(|kept| kept.key()) {
            Ok(Some(key)) => return Ok(key),
            Err(error) if error.kind() == ErrorKind::NotFound => self.make()?,
            Err(error) if error.kind() != ErrorKind::InvalidData => return Err(error),
            Ok(None) | Err(_) => {
                let aside = path.with_extension(DAMAGED);
                tracing::error!(file = %aside.display(), "the key of a person cannot be read; the person has another from now on");
                fs::rename(&path, aside)?;
            }
        }
        Kept::new(tenant, user)?.write(&path)
    }

    /// The file of a person's key.
    pub(super) fn file(&self, tenant: &str, user: &str) -> io::Result<KeyFile> {
        let path = self.folder.join(name(tenant, user));
        let inode = fs::metadata(&path)?.ino();
        Ok(KeyFile { path, inode })
    }

    /// All keys, by their ids. A log that is not sealed has none.
    pub(crate) fn all(&self) -> io::Result<HashMap<String, SubjectKey>> {
        let mut keys = HashMap::new();
        for path in files(&self.folder)?
            .into_iter()
            .filter(|path| !is_unfinished(path))
        {
            if let Some(key) = read::<Kept>(&path).ok().and_then(|kept| kept.key()) {
                keys.insert(key.id().to_owned(), key);
            }
        }
        Ok(keys)
    }

    /// Asks whoever writes the log to erase a person. Gives the file that is there until it is done, and what it asks for; none where the person has
    /// no key.
    pub(crate) fn ask(
        &self,
        tenant: &str,
        user: &str,
        ticket: Option<String>,
    ) -> io::Result<Option<(PathBuf, Erasure)>> {
        let name = name(tenant, user);
        let kept: Kept = match read(&self.folder.join(&name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            kept => kept?,
        };
        let erasure = Erasure {
            key: kept.id,
            file: name,
            ticket,
        };
        self.make()?;
        // Under the name of the key: the person may have another by the time that this is recorded, and that be asked for too.
        let asked = self
            .erasures()
            .leave(&format!("{}.json", erasure.key), &erasure)?;
        Ok(Some((asked, erasure)))
    }

    /// The erasures that are asked for.
    pub(super) fn asked(&self) -> io::Result<Vec<Left<Erasure>>> {
        self.erasures().all()
    }

    fn erasures(&self) -> Inbox {
        Inbox::new(self.folder.join(ERASE))
    }

    /// Destroys a key. It is out of the folder, on disk, when this returns. A key that the person has by now stays: more than once may be asked for the
    /// same.
    pub(crate) fn destroy(&self, erasure: &Erasure) -> io::Result<()> {
        let path = self
            .folder
            .join(Path::new(&erasure.file).file_name().unwrap_or_default());
        match read::<Kept>(&path) {
            Ok(kept) if kept.id == erasure.key => fs::remove_file(&path)?,
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        match fs::remove_file(path.with_extension(DAMAGED)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        File::open(&self.folder)?.sync_all()
    }
}

impl Kept {
    fn new(tenant: &str, user: &str) -> io::Result<Self> {
        Ok(Self {
            id: uuid::Uuid::from_bytes(random()?).simple().to_string(),
            key: BASE64_STANDARD.encode(random::<32>()?),
            tenant: tenant.to_owned(),
            user: user.to_owned(),
        })
    }

    fn key(&self) -> Option<SubjectKey> {
        let secret = BASE64_STANDARD.decode(&self.key).ok()?;
        SubjectKey::new(self.id.clone(), secret.as_slice().try_into().ok()?)
    }

    fn write(&self, path: &Path) -> io::Result<SubjectKey> {
        replace(path, &serde_json::to_vec(self)?)?;
        self.key()
            .ok_or_else(|| io::Error::other("a key that was made is none"))
    }
}

/// The name of a person's file. It goes with the file, so it may say whose it is to whoever can guess.
fn name(tenant: &str, user: &str) -> String {
    let lengths = format!("{}:{tenant}{}:{user}", tenant.len(), user.len());
    format!("{}.json", super::sha256_hex(lengths.as_bytes()))
}
