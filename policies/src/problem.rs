//! What is wrong with a bundle, and where: a problem names its file, line and column and says what to do.

use std::error::Error;
use std::fmt;

/// A place in a text file. Both numbers count from one; columns count Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One reason why a bundle, or what stands beside it, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as the bundle names it.
    pub path: String,
    /// The place in the file; `None` when the whole file is meant.
    pub at: Option<Position>,
    /// The policy, when one is known.
    pub policy: Option<String>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it, when that is known.
    pub help: Option<String>,
}

impl Position {
    /// The position of byte `offset` of `text`; past the end, the position just behind the last character.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before =
            text.char_indices()
                .take_while(|&(at, _)| at < offset)
                .fold((1, 1), |(line, column), (_, c)| {
                    if c == '\n' {
                        (line + 1, 1)
                    } else {
                        (line, column + 1)
                    }
                });
        Self {
            line: before.0,
            column: before.1,
        }
    }
}

/// A value that no policy could be asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Invalid {
    /// The field that is wrong.
    pub field: &'static str,
    /// What is wrong with it: lower case, no full stop, never the value.
    pub reason: &'static str,
}

impl Problem {
    pub(crate) fn new(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            at: None,
            policy: None,
            message: message.into(),
            help: None,
        }
    }

    /// Takes message, first label and help from an error of the Cedar parser or validator over `text`.
    pub(crate) fn from_diagnostic(path: &str, text: &str, error: &dyn miette::Diagnostic) -> Self {
        let label = error.labels().and_then(|mut labels| labels.next());
        let mut problem = Self::new(path, error.to_string());
        problem.at = label.as_ref().map(|l| Position::of(text, l.offset()));
        problem.help = error
            .help()
            .map(|help| help.to_string())
            .or_else(|| label.and_then(|l| l.label().map(str::to_owned)));
        problem
    }

    pub(crate) fn at(mut self, position: Position) -> Self {
        self.at = Some(position);
        self
    }

    pub(crate) fn policy(mut self, id: &str) -> Self {
        self.policy = Some(id.to_owned());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(Position { line, column }) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        if let Some(id) = &self.policy {
            write!(f, ": policy `{id}`")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, " (help: {help})"),
            None => Ok(()),
        }
    }
}

/// An error with everything that caused it, joined by colons.
pub(crate) fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl Invalid {
    pub(crate) fn new(field: &'static str, reason: &'static str) -> Self {
        Self { field, reason }
    }
}
