//! The files of the repository, and Rust source as the rules see it.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 5] = ["target", "node_modules", "corpus", "artifacts", "__pycache__"];

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

/// A text file of the repository.
pub(crate) struct Source {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every file with one of these extensions, in order. An empty extension stands for files without one.
pub(crate) fn files(extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    gather(&root(), extensions, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no files with {extensions:?}");
    found
}

fn gather(folder: &Path, extensions: &[&str], found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let ours = !SKIPPED.contains(&name) && (!name.starts_with('.') || name == ".ci");
            if ours {
                gather(&path, extensions, found);
            }
        } else if extensions.contains(&path.extension().map_or("", |e| e.to_str().unwrap())) {
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let relative = path.strip_prefix(root()).unwrap();
            found.push(Source {
                path: relative.to_str().unwrap().to_owned(),
                text,
            });
        }
    }
}

/// Every Rust file.
pub(crate) fn rust() -> Vec<Source> {
    files(&["rs"])
}

impl Source {
    /// Whether this is test code: below a folder called `tests` (but for this crate's own `src`), or a module called so.
    pub(crate) fn is_test(&self) -> bool {
        let product = self.path.starts_with("tests/src/");
        !product && (self.path.split('/').any(|part| part == "tests") || self.path.ends_with("/tests.rs"))
    }

    /// Lines of product code with their numbers: comments and the test module at the end are left out.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self
            .text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        lines
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The lines of product code that hold any of these, as `file:line: text`.
    pub(crate) fn lines_with(&self, needles: &[&str]) -> Vec<String> {
        let hits = self
            .code()
            .filter(|(_, line)| needles.iter().any(|needle| line.contains(needle)));
        hits.map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim()))
            .collect()
    }
}

/// Fails with every offender.
#[track_caller]
pub(crate) fn none(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}:\n{}", offenders.join("\n"));
}
