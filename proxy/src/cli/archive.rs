//! The policies that are kept beside a log.

use super::records::directory;
use crate::replay::Unreplayable;
use crate::trail::{Kind, kept_at};
use palisade_audit::PolicyRef;
use palisade_policies::{ENGINE, Snapshot};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Policies that stay loaded: a log goes from one to the next, and rarely back.
const LOADED_MAX: usize = 4;

/// The policies that are kept beside a log.
pub(super) struct Archive {
    directory: PathBuf,
    /// By digest, the last one used last.
    loaded: Vec<(String, Arc<Snapshot>)>,
}

impl Archive {
    /// Those of the log in this folder, or of this file.
    pub(super) fn beside(log: &Path) -> Self {
        Self {
            directory: directory(log).to_owned(),
            loaded: Vec::new(),
        }
    }

    /// The very policies that a record names.
    pub(super) fn policies(&mut self, policy: &PolicyRef) -> Result<Arc<Snapshot>, Unreplayable> {
        if policy.engine != ENGINE {
            return Err(Unreplayable::Engine(policy.engine.clone()));
        }
        if let Some(index) = self
            .loaded
            .iter()
            .position(|(digest, _)| *digest == policy.digest)
        {
            let found = self.loaded.remove(index);
            let snapshot = Arc::clone(&found.1);
            self.loaded.push(found);
            return Ok(snapshot);
        }
        let path = kept_at(&self.directory, Kind::Policies, &policy.digest);
        let json =
            std::fs::read_to_string(&path).map_err(|_| Unreplayable::NoPolicies(policy.digest.clone()))?;
        let snapshot = Snapshot::from_archived(&policy.digest, &json)
            .map(Arc::new)
            .map_err(|why| Unreplayable::Policies(path.display().to_string(), why.to_string()))?;
        if self.loaded.len() >= LOADED_MAX {
            self.loaded.remove(0);
        }
        self.loaded.push((policy.digest.clone(), Arc::clone(&snapshot)));
        Ok(snapshot)
    }
}
