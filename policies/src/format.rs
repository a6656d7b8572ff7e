//! Policies in the form that Cedar's own formatter gives them.

use cedar_policy_formatter::{Config, policies_str_to_pretty};

/// As the examples of Cedar are written: two blanks, lines of a hundred characters.
const STYLE: Config = Config {
    line_width: 100,
    indent_width: 2,
};

/// Policies that cannot be formatted: they cannot be parsed, or a comment would be lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be formatted: {0}")]
pub struct Unformattable(String);

/// The text of a file of policies, formatted; what it says stays.
///
/// # Errors
/// [`Unformattable`].
pub fn formatted(text: &str) -> Result<String, Unformattable> {
    policies_str_to_pretty(text, &STYLE).map_err(|error| Unformattable(format!("{error}")))
}
