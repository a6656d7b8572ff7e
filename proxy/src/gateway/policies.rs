//! The policies of a gateway: read from the folder of a bundle, and held against what is registered.

use super::StartError;
use super::signature::{SIGNATURE_PATH, verify};
use crate::config::{ConfigProblem, Policy};
use crate::registry::Registry;
use palisade_policies::{
    BUNDLE_BYTES_MAX, Bundle, BundleFile, DEFAULT_BUNDLE, Inventory, ModelKind, Problem, Registered, Snapshot,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bundles that were loaded last, the one in force and the one that is only tried. To validate one and to run its cases takes most
/// of the time until a change is in force, so one whose files are as they were is not loaded again; what it has prepared for
/// decisions stays prepared.
#[derive(Clone, Default)]
pub(crate) struct Bundles(Arc<Mutex<Vec<Arc<Snapshot>>>>);

/// The one in force, the one that is tried, and those before them: whoever goes back finds them.
const BUNDLES_MAX: usize = 4;

impl Bundles {
    /// The bundle in `folder`, or the one that ships. The names in a bundle of the operator's own must be registered, as far
    /// as that is known; those in the one that ships are examples.
    ///
    /// With it comes the number under which it is signed, where a key is trusted.
    pub(super) fn read(
        &self,
        config: &Policy,
        registered: Option<&Inventory>,
    ) -> Result<(Arc<Snapshot>, Option<u64>), StartError> {
        let Some(folder) = &config.bundle else {
            let snapshot = self
                .snapshot(DEFAULT_BUNDLE, None)
                .map_err(|problems| listed(&problems))?;
            return Ok((snapshot, None));
        };
        let snapshot = self.snapshot_in(folder, registered)?;
        let sequence = match &config.public_key {
            Some(key) => Some(verify(folder, snapshot.bundle().digest(), key).map_err(StartError::Policy)?),
            None => None,
        };
        Ok((snapshot, sequence))
    }

    /// The bundle that is only tried, if there is one. Nobody needs to have signed it.
    pub(super) fn read_shadow(
        &self,
        config: &Policy,
        registered: Option<&Inventory>,
    ) -> Result<Option<Arc<Snapshot>>, StartError> {
        let read = |folder: &PathBuf| {
            self.snapshot_in(folder, registered).map_err(|error| {
                StartError::Policy(format!("`policy.shadow` in {}: {error}", folder.display()))
            })
        };
        config.shadow.as_ref().map(read).transpose()
    }

    fn snapshot_in(
        &self,
        folder: &Path,
        registered: Option<&Inventory>,
    ) -> Result<Arc<Snapshot>, StartError> {
        let files = read_bundle(folder)?;
        let sources: Vec<_> = files
            .iter()
            .map(|(path, text)| BundleFile { path, text })
            .collect();
        self.snapshot(&sources, registered)
            .map_err(|problems| listed(&problems))
    }

    fn snapshot(
        &self,
        sources: &[BundleFile<'_>],
        registered: Option<&Inventory>,
    ) -> Result<Arc<Snapshot>, Vec<Problem>> {
        let known = self
            .loaded()
            .iter()
            .find(|known| known.bundle().is_of(sources))
            .cloned();
        let snapshot = match known {
            Some(known) => known,
            None => Arc::new(load(sources)?),
        };
        self.keep(&snapshot);
        registered_in(registered, &snapshot)?;
        Ok(snapshot)
    }

    fn keep(&self, snapshot: &Arc<Snapshot>) {
        let mut loaded = self.loaded();
        loaded.retain(|known| !Arc::ptr_eq(known, snapshot));
        loaded.insert(0, Arc::clone(snapshot));
        loaded.truncate(BUNDLES_MAX);
    }

    fn loaded(&self) -> MutexGuard<'_, Vec<Arc<Snapshot>>> {
        // Each holder leaves it as a whole list.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load(sources: &[BundleFile<'_>]) -> Result<Snapshot, Vec<Problem>> {
    Snapshot::new(Arc::new(Bundle::load(sources)?), &palisade_guardrails::forest())
}

/// Names that a registry does not have are problems of the bundle.
fn registered_in(registered: Option<&Inventory>, snapshot: &Snapshot) -> Result<(), Vec<Problem>> {
    let unknown = registered.map(|registered| snapshot.unknown_literals(registered));
    match unknown.filter(|unknown| !unknown.is_empty()) {
        Some(unknown) => Err(unknown),
        None => Ok(()),
    }
}

/// What decides by these files of a bundle, whose names must be registered, as far as that is known.
///
/// # Errors
/// Everything that keeps it from being used.
pub(crate) fn snapshot(
    sources: &[BundleFile<'_>],
    registered: Option<&Inventory>,
) -> Result<Snapshot, Vec<Problem>> {
    let snapshot = load(sources)?;
    registered_in(registered, &snapshot)?;
    Ok(snapshot)
}

/// A bundle with these problems cannot be used.
pub(crate) fn listed(problems: &[Problem]) -> StartError {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    StartError::Policy(lines.join("\n"))
}

/// What a registry knows.
pub(crate) fn inventory(registry: &Registry) -> Inventory {
    let endpoints = registry.endpoints().map(|endpoint| &endpoint.model);
    let groups = registry
        .models()
        .chain(endpoints)
        .chain(registry.services().all())
        .flat_map(|model| model.facts().groups.clone());
    let services = |kind| {
        let all = registry.services().all().map(|service| service.facts());
        all.filter(move |facts| facts.kind == kind)
            .map(|facts| facts.id.as_str())
    };
    Inventory::default()
        .with(Registered::Tenant, registry.tenants().map(|tenant| tenant.id()))
        .with(
            Registered::Model,
            registry.models().map(|model| model.facts().id.as_str()),
        )
        .with(
            Registered::Endpoint,
            registry
                .endpoints()
                .map(|endpoint| endpoint.model.facts().id.as_str()),
        )
        .with(Registered::Guardrail, services(ModelKind::Guardrail))
        .with(Registered::KnowledgeBase, services(ModelKind::KnowledgeBase))
        .with(
            Registered::Output,
            registry
                .services()
                .outputs()
                .map(|output| output.facts().id.as_str()),
        )
        .with(Registered::ModelGroup, groups)
        // A bundle may speak of it before the configuration has a detector in it.
        .with(Registered::DataCategory, ["Custom"])
}

/// Files that a bundle may have, read or not.
const FILES_MAX: usize = 1_000;

/// Every file of a bundle, with its path relative to the folder. One level of folders, as a bundle has. What begins with a full
/// stop is no part of it: editors and Kubernetes keep such.
pub(crate) fn read_bundle(folder: &Path) -> Result<Vec<(String, String)>, StartError> {
    let mut files = Vec::new();
    let mut bytes = 0;
    for path in listed_files(folder)? {
        let relative = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        if relative == SIGNATURE_PATH {
            continue;
        }
        let text = read_file(folder, &path, &mut bytes)?;
        files.push((relative, text));
    }
    files.sort();
    Ok(files)
}

fn listed_files(folder: &Path) -> Result<Vec<PathBuf>, StartError> {
    let mut pending: Vec<PathBuf> = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(next) = pending.pop() {
        for entry in fs::read_dir(&next).map_err(|e| unreadable(&next, e))? {
            let entry = entry.map_err(|e| unreadable(&next, e))?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            match path.is_dir() {
                true if next == folder => pending.push(path),
                true => {}
                false => files.push(path),
            }
            if files.len() + pending.len() > FILES_MAX {
                let why = format!("has more than {FILES_MAX} files: name the folder of a bundle");
                return Err(unusable(folder, &why));
            }
        }
    }
    Ok(files)
}

/// A file of the bundle in `folder`; `bytes` have been read before it.
fn read_file(folder: &Path, path: &Path, bytes: &mut u64) -> Result<String, StartError> {
    let real = |path: &Path| path.canonicalize().map_err(|e| unreadable(path, e));
    if !real(path)?.starts_with(real(folder)?) {
        return Err(unusable(path, "leads out of the bundle: copy the file into it"));
    }
    let metadata = fs::metadata(path).map_err(|e| unreadable(path, e))?;
    if !metadata.is_file() {
        return Err(unusable(path, "is no file"));
    }
    *bytes += metadata.len();
    if *bytes > BUNDLE_BYTES_MAX as u64 {
        let why = format!(
            "the bundle has more than {BUNDLE_BYTES_MAX} bytes here: split it, or drop what is not used"
        );
        return Err(unusable(path, &why));
    }
    fs::read_to_string(path).map_err(|e| unreadable(path, e))
}

fn unreadable(path: &Path, source: std::io::Error) -> StartError {
    let path = path.to_owned();
    ConfigProblem::Unreadable { path, source }.into()
}

fn unusable(path: &Path, why: &str) -> StartError {
    StartError::Policy(format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_loaded_once_and_held_against_each_registry() {
        let (bundles, config) = (Bundles::default(), Policy::default());
        let (first, _) = bundles.read(&config, None).expect("the bundle that ships");
        let (again, _) = bundles.read(&config, None).expect("the same");
        assert!(Arc::ptr_eq(&first, &again));
        let other: Vec<_> = DEFAULT_BUNDLE
            .iter()
            .filter(|file| file.path != "policies/administration.cedar" && !file.path.starts_with("tests/"))
            .copied()
            .collect();
        let changed = bundles.snapshot(&other, None).expect("without a file");
        assert_ne!(changed.digest(), first.digest());
        let nobody = Inventory::default().with(Registered::Tenant, ["nobody"]);
        let unknown = bundles
            .snapshot(DEFAULT_BUNDLE, Some(&nobody))
            .expect_err("unknown tenants");
        assert!(!unknown.is_empty());
        let (back, _) = bundles.read(&config, None).expect("the first");
        assert!(Arc::ptr_eq(&first, &back));
        assert_eq!(bundles.loaded().len(), 2);
    }
}
