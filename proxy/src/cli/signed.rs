//! What is signed of a log, and whose key is believed for it.

use super::Failure;
use crate::trail::OWN_KEY;
use crate::trail::keys;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::Verifier;
use std::path::Path;

/// The public key that is named, or the one in the folder of the log.
pub(super) fn key_of(log: &Path, named: Option<&Path>) -> Result<Verifier, Failure> {
    let own = log.join(format!("{OWN_KEY}.pub"));
    Ok(keys::verifier(named.unwrap_or(&own))?)
}

/// A checkpoint in the folder of a log, and its note.
pub(super) fn signed(log: &Path, name: &str, verifier: &Verifier) -> Result<(String, Checkpoint), Failure> {
    let path = log.join(name);
    let note = keys::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let checkpoint = Checkpoint::open(&note, verifier).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok((note, checkpoint))
}
