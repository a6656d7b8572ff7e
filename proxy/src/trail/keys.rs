//! Keys of logs and of witnesses, in files.

use crate::aead::random;
use palisade_audit::note::{Kind, Malformed, NOTE_BYTES_MAX, Signer, Verifier};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Makes a pair of keys for a log, or a witness, of this name: `path`, and `path` with `.pub` behind it, both for their owner only. Returns what others need to
/// believe the log.
///
/// # Errors
/// When the name cannot be one, the system gives no random numbers, or the file is there or cannot be written.
pub(crate) fn generate(name: &str, kind: Kind, path: &Path) -> io::Result<Verifier> {
    let seed = random()?;
    let verifier = Signer::new(name, kind, &seed)
        .map_err(io::Error::other)?
        .verifier();
    let write = |path: &Path, text: String| {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    let public = PathBuf::from(format!("{}.pub", path.display()));
    write(path, Signer::encoded(name, &verifier, &seed) + "\n")?;
    write(&public, verifier.encoded() + "\n")?;
    Ok(verifier)
}

/// The private key in a file.
///
/// # Errors
/// When it cannot be read, or is none; the message names the file.
pub(crate) fn signer(path: &Path) -> io::Result<Signer> {
    parsed(path, Signer::parse)
}

/// The public key in a file.
///
/// # Errors
/// As [`signer`].
pub(crate) fn verifier(path: &Path) -> io::Result<Verifier> {
    parsed(path, Verifier::parse)
}

fn parsed<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T, Malformed>) -> io::Result<T> {
    let wrong = |why: &dyn std::fmt::Display| io::Error::other(format!("{}: {why}", path.display()));
    parse(&read(path).map_err(|e| wrong(&e))?).map_err(|e| wrong(&e))
}

/// The text of a key or a note.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    match fs::metadata(path)?.len() > NOTE_BYTES_MAX as u64 {
        true => Err(io::Error::other("is too long")),
        false => fs::read_to_string(path),
    }
}
