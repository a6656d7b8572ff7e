//! What is looked for, and what it is replaced by.

use super::secret::Secret;
use super::source::WrongValue;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What is looked for in prompts and completions, and what takes its place. Wherever categories are named, the name of a
/// group stands for all categories in it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guardrails {
    /// Names of categories or groups to find; without it, all that Palisade knows but `URL`.
    pub detectors: Option<Vec<String>>,
    /// Findings below this are none, 0 to 100.
    pub minimum_confidence: u8,
    /// Regions (ISO 3166-1, two letters) whose telephone numbers are found in national form.
    pub phone_regions: Vec<String>,
    /// Kinds of values of documentation that are found all the same: `test_cards`, `reserved_addresses`, `example_keys`.
    pub specimens: Vec<String>,
    /// What stands in the place of redacted values.
    pub redaction: Redaction,
    /// Where the secret is that tokens are derived from; without it nothing is tokenized.
    pub tokenize: Option<Secret>,
    /// Put values back in the place of their tokens in tool arguments too. Arguments leave the conversation: whoever can
    /// make the model call a tool could have values sent there.
    pub restore_tool_arguments: bool,
    /// How an answer ends that may not be shown.
    pub withheld_answers: WithheldAnswers,
    /// Detectors of the operator's own.
    pub custom: Vec<Spanned<CustomDetector>>,
}

/// A detector of the operator's own: exactly one of `regex`, `words` and `words_file` is set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomDetector {
    /// The category it reports, in the group `Custom`: upper-case letters, digits and `_`.
    pub name: String,
    /// A regular expression without look-around.
    #[serde(default)]
    pub regex: Option<String>,
    /// Whether matches of `regex` are whole words.
    #[serde(default = "yes")]
    pub whole_words: bool,
    /// Words or phrases, found whole and in any case.
    #[serde(default)]
    pub words: Option<Vec<String>>,
    /// File with one word or phrase a line.
    #[serde(default)]
    pub words_file: Option<PathBuf>,
    /// A rule that matches of `regex` must obey.
    #[serde(default)]
    pub check: Option<String>,
    /// Words of which one must stand in the 64 bytes before a match of `regex`.
    #[serde(default)]
    pub telling: Vec<String>,
    /// How sure a match is, 0 to 100.
    #[serde(default = "sure")]
    pub confidence: u8,
}

fn yes() -> bool {
    true
}

fn sure() -> u8 {
    palisade_guardrails::Confidence::VALIDATED.percent()
}

impl Default for Guardrails {
    fn default() -> Self {
        Self {
            detectors: None,
            minimum_confidence: palisade_guardrails::Confidence::DEFAULT_MINIMUM.percent(),
            phone_regions: vec!["US".to_owned()],
            specimens: vec![palisade_guardrails::Specimen::TestCards.name().to_owned()],
            redaction: Redaction::Word(Placeholder::Name),
            tokenize: None,
            restore_tool_arguments: false,
            withheld_answers: WithheldAnswers::End,
            custom: Vec::new(),
        }
    }
}

/// How an answer ends that may not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithheldAnswers {
    /// As the protocol ends an answer that its provider's own filter stops, such as `guardrail_intervened`; with an error where it has no words
    /// for that.
    End,
    /// With an error.
    Error,
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

impl Guardrails {
    /// Makes relative paths relative to `base`.
    pub(super) fn rebase(&mut self, base: &Path) {
        self.tokenize.iter_mut().for_each(|secret| secret.rebase(base));
        let lists = self
            .custom
            .iter_mut()
            .filter_map(|custom| custom.get_mut().words_file.as_mut());
        for file in lists {
            *file = base.join(&*file);
        }
    }

    /// What is wrong with the values by themselves.
    pub(crate) fn check(&self) -> Vec<WrongValue> {
        let wrong = |key: &str, why: &str| WrongValue::at(None, format!("guardrails.{key}"), why);
        let mut found = Vec::new();
        if self.minimum_confidence > 100 {
            found.push(wrong("minimum_confidence", "is a number from 0 to 100"));
        }
        if self.detectors.as_ref().is_some_and(Vec::is_empty) && self.custom.is_empty() {
            found.push(wrong(
                "detectors",
                "names no category, so nothing would be found; leave the key out for all of them",
            ));
        }
        if let Some((member, why)) = self.tokenize.as_ref().and_then(Secret::wrong) {
            found.push(wrong(&format!("tokenize{member}"), why));
        }
        found.extend(self.custom.iter().filter_map(|custom| {
            let (key, why) = custom.get_ref().check().err()?;
            let why = format!("{}: {why}", custom.get_ref().name);
            Some(WrongValue::at(
                Some(custom.span().start),
                format!("guardrails.custom{key}"),
                &why,
            ))
        }));
        found
    }
}

impl CustomDetector {
    /// What is wrong with a value, after what follows `guardrails.custom` in its key.
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let shapes = [
            self.regex.is_some(),
            self.words.is_some(),
            self.words_file.is_some(),
        ];
        if shapes.iter().filter(|set| **set).count() != 1 {
            return Err(("", "set exactly one of `regex`, `words` and `words_file`"));
        }
        let only_regex = "goes with `regex`; leave it out for words";
        if self.regex.is_none() && self.check.is_some() {
            return Err((".check", only_regex));
        }
        if self.regex.is_none() && !self.telling.is_empty() {
            return Err((".telling", only_regex));
        }
        if self.confidence > 100 {
            return Err((".confidence", "is a number from 0 to 100"));
        }
        Ok(())
    }
}
