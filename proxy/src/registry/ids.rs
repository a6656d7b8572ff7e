//! Ids of entries, whatever they are of: they stand in policies, records, logs and paths.

use super::{WrongValue, wrong};
use palisade_registry::{File, Kind, Visit};
use serde::Serialize;
use std::convert::Infallible;

/// Longest id, in bytes: that of a Bedrock model identifier (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, `modelId`).
const ID_BYTES_MAX: usize = 2_048;

/// Those that cannot be.
pub(super) fn unusable(file: &File) -> Vec<WrongValue> {
    let mut found = Unusable(Vec::new());
    let Ok(()) = file.visit(&mut found);
    found.0
}

struct Unusable(Vec<WrongValue>);

impl Visit for Unusable {
    type Error = Infallible;

    fn entry<T: Serialize>(&mut self, kind: Kind, id: String, _: &T) -> Result<(), Infallible> {
        if id.is_empty() || id.len() > ID_BYTES_MAX || id.chars().any(char::is_control) {
            let shown: String = id.escape_debug().take(64).collect();
            let why = "an id has 1 to 2,048 bytes, and no control characters";
            self.0.push(wrong(kind.name(), &shown, why));
        }
        Ok(())
    }
}
