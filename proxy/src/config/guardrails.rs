//! What is looked for, and what it is replaced by.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What is looked for in prompts and completions, and what takes its place. Wherever categories are named, the name of a
/// group stands for all categories in it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guardrails {
    /// Names of categories or groups to find; without it, all that Palisade knows.
    pub detectors: Option<Vec<String>>,
    /// Findings below this are none, 0 to 100.
    pub minimum_confidence: u8,
    /// Regions (ISO 3166-1, two letters) whose telephone numbers are found in national form.
    pub phone_regions: Vec<String>,
    /// What stands in the place of redacted values.
    pub redaction: Redaction,
    /// Where the secret is that tokens are derived from; without it nothing is tokenized.
    pub tokenize: Option<TokenSecret>,
    /// Put values back in the place of their tokens in tool arguments too. Arguments leave the conversation: whoever can
    /// make the model call a tool could have values sent there.
    pub restore_tool_arguments: bool,
}

impl Default for Guardrails {
    fn default() -> Self {
        Self {
            detectors: None,
            minimum_confidence: palisade_guardrails::Confidence::DEFAULT_MINIMUM.percent(),
            phone_regions: vec!["US".to_owned()],
            redaction: Redaction::Word(Placeholder::Name),
            tokenize: None,
            restore_tool_arguments: false,
        }
    }
}

/// What stands in the place of redacted values.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"name\", \"mask\" or { mask = [categories or groups] }"
)]
pub enum Redaction {
    /// The same for all categories.
    Word(Placeholder),
    /// A mask for some, the name for all others.
    Masked(Masked),
}

/// A form of redaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placeholder {
    /// The category's name in braces, as Bedrock guardrails write it: `{EMAIL}`.
    Name,
    /// The value with all but its last four letters and digits as `*`.
    Mask,
}

/// The categories that are masked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Masked {
    /// Names of categories or groups.
    pub mask: Vec<String>,
}

/// Where a secret of 32 random bytes is, in base64 or hexadecimal. Exactly one of the two is set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSecret {
    /// File that holds it and nothing else; not to be read by everybody on the machine.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Environment variable that holds it.
    #[serde(default)]
    pub key_env: Option<String>,
}

impl Guardrails {
    /// Makes relative paths relative to `base`.
    pub(super) fn rebase(&mut self, base: &Path) {
        let file = self.tokenize.as_mut().and_then(|secret| secret.key_file.as_mut());
        if let Some(file) = file {
            *file = base.join(&*file);
        }
    }

    /// What is wrong with a value, and its key.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let wrong = |key: &str, why: &str| Err((format!("guardrails.{key}"), why.to_owned()));
        if self.minimum_confidence > 100 {
            return wrong("minimum_confidence", "is a number from 0 to 100");
        }
        let places = |secret: &TokenSecret| secret.key_file.is_some() != secret.key_env.is_some();
        if !self.tokenize.as_ref().is_none_or(places) {
            return wrong("tokenize", "set exactly one of `key_file` and `key_env`");
        }
        Ok(())
    }
}
