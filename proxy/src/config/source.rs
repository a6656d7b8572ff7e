//! Files, and where in them values stand, for messages about them.

use std::path::{Path, PathBuf};

/// The file that a configuration was read from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    pub(super) fn new(path: &Path, text: String) -> Self {
        Self {
            path: path.to_owned(),
            text,
        }
    }

    /// The file's content; empty where there is no file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file's name, with the line of what begins at byte `at`.
    #[must_use]
    pub fn place(&self, at: Option<usize>) -> String {
        let path = self.path.display();
        match at.and_then(|at| self.text.get(..at)) {
            Some(before) => format!("{path}, line {}", 1 + before.matches('\n').count()),
            None => path.to_string(),
        }
    }
}

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) struct WrongValue {
    /// Where its section begins, if that is known, in bytes of the file.
    pub(crate) at: Option<usize>,
    pub(crate) key: String,
    /// What is wrong and what to do.
    pub(crate) why: String,
}

impl WrongValue {
    pub(crate) fn at(at: Option<usize>, key: String, why: &str) -> Self {
        Self {
            at,
            key,
            why: why.to_owned(),
        }
    }
}

/// What is wrong with a file: names the file, and the line and key where the parser knows them.
#[derive(Debug, thiserror::Error)]
pub enum ConfigProblem {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not valid TOML, or a key is unknown, missing or of the wrong type.
    #[error("{}: {source}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Where and why; boxed because it is large.
        source: Box<toml::de::Error>,
    },
    /// A value is well-formed but cannot be used.
    #[error("{place}: `{key}`: {why}")]
    Unusable {
        /// Which file, and which line where that is known.
        place: String,
        /// Which key.
        key: String,
        /// What is wrong and what to do.
        why: String,
    },
}

/// Reads a TOML file into its typed form. Gives the text too.
///
/// # Errors
/// [`ConfigProblem::Unreadable`] or [`ConfigProblem::Invalid`].
pub fn read_toml<T: serde::de::DeserializeOwned>(path: &Path) -> Result<(T, String), ConfigProblem> {
    let text = text_of(path)?;
    Ok((parse(path, &text)?, text))
}

fn text_of(path: &Path) -> Result<String, ConfigProblem> {
    std::fs::read_to_string(path).map_err(|source| ConfigProblem::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, ConfigProblem> {
    toml::from_str(text).map_err(|source| ConfigProblem::Invalid {
        path: path.to_owned(),
        source: Box::new(source),
    })
}
