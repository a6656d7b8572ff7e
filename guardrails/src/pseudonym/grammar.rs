//! How tokens are spelt: one way by us, several ways by models.
//!
//! ```text
//! token = "<" body ">" | "\<" body "\>" | "&lt;" body "&gt;" | "\u003c" body "\u003e"
//!       | body                            where no ASCII letter or digit is beside it
//! body  = CATEGORY us ORDINAL us CHECK    letters in any case
//! us    = "_" | "\_"
//! ```
//! `_` beside a body alone counts as no letter, because Markdown writes emphasis with it. Delimiters match in kind:
//! what stands before a token that is copied as we spell it, `CORP\` say, is not taken for a part of it.

use crate::automaton::Ending;
use crate::category::Category;

/// Spellings of the delimiters. No opening one begins with another one.
const DELIMITERS: [(&str, &str); 4] = [
    ("<", ">"),
    (r"\<", r"\>"),
    ("&lt;", "&gt;"),
    (r"\u003c", r"\u003e"),
];

/// The bytes that spellings of the opening delimiter begin with.
pub(super) const OPENING: [u8; 3] = *b"<\\&";

/// Why no token was read.
pub(super) enum Miss {
    /// There is none, whatever follows.
    Never,
    /// Text ended where one may still come of it.
    NotYet,
}

/// A place in a text where the body of a token may begin.
pub(super) struct Start<'a> {
    /// The text from there on, as much as has arrived.
    body: &'a [u8],
    /// The closing delimiter that goes with the opening one before the body, if there is one.
    close: Option<&'static str>,
    /// The bytes of that opening delimiter.
    opening: usize,
    ending: Ending,
}

/// The token as we spell it.
pub(super) fn spell(category: Category, ordinal: u32, check: &str) -> String {
    format!("<{category}_{ordinal}_{check}>")
}

impl<'a> Start<'a> {
    /// Reads the opening delimiter, if any, of a token that begins where `text` does, after the byte `before`.
    pub(super) fn read(text: &'a [u8], before: Option<u8>, ending: Ending) -> Result<Self, Miss> {
        for (open, close) in DELIMITERS {
            match literal(text, open) {
                Ok(body) => {
                    return Ok(Self {
                        body,
                        close: Some(close),
                        opening: open.len(),
                        ending,
                    });
                }
                Err(Miss::NotYet) => return Err(Miss::NotYet),
                Err(Miss::Never) => {}
            }
        }
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Miss::Never);
        }
        Ok(Self {
            body: text,
            close: None,
            opening: 0,
            ending,
        })
    }

    /// Reads the rest of a token of `category`; `check_of` tells the check part that was issued with an ordinal.
    /// Returns the ordinal and the length of the whole token's spelling.
    pub(super) fn token<'t>(
        &self,
        category: Category,
        check_of: impl Fn(u32) -> Option<&'t str>,
    ) -> Result<(u32, usize), Miss> {
        let (ordinal, rest) = body(self.body, category, check_of)?;
        let rest = match (self.close, rest.first()) {
            (Some(close), _) => literal(rest, close)?,
            (None, Some(byte)) if byte.is_ascii_alphanumeric() => return Err(Miss::Never),
            (None, None) if self.ending == Ending::More => return Err(Miss::NotYet),
            (None, _) => rest,
        };
        Ok((ordinal, self.opening + self.body.len() - rest.len()))
    }
}

fn body<'a, 't>(
    text: &'a [u8],
    category: Category,
    check_of: impl Fn(u32) -> Option<&'t str>,
) -> Result<(u32, &'a [u8]), Miss> {
    let rest = name(text, category.name())?;
    let rest = underscore(rest)?;
    let (ordinal, check, rest) = ordinal(rest, check_of)?;
    let rest = underscore(rest)?;
    Ok((ordinal, literal(rest, check)?))
}

/// Reads a number that was issued. Numbers are issued without gaps, so a part of one is one too.
fn ordinal<'a, 't>(
    text: &'a [u8],
    check_of: impl Fn(u32) -> Option<&'t str>,
) -> Result<(u32, &'t str, &'a [u8]), Miss> {
    let mut rest = text;
    let mut number = 0u32;
    while let Some((digit, after)) = rest.split_first()
        && digit.is_ascii_digit()
    {
        number = number.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
        rest = after;
        // Also ends the loop early on a leading zero and on endless digits.
        check_of(number).ok_or(Miss::Never)?;
    }
    match check_of(number) {
        Some(check) => Ok((number, check, rest)),
        None if rest.is_empty() => Err(Miss::NotYet),
        None => Err(Miss::Never),
    }
}

/// Reads a category's name, in which underscores may be escaped.
fn name<'a>(text: &'a [u8], name: &str) -> Result<&'a [u8], Miss> {
    let mut parts = name.split('_');
    let first = literal(text, parts.next().unwrap_or_default())?;
    parts.try_fold(first, |rest, part| literal(underscore(rest)?, part))
}

fn underscore(text: &[u8]) -> Result<&[u8], Miss> {
    literal(text, "_").or_else(|miss| match miss {
        Miss::Never => literal(text, r"\_"),
        Miss::NotYet => Err(Miss::NotYet),
    })
}

/// Reads `spelling` in any case and returns what follows it.
fn literal<'a>(text: &'a [u8], spelling: &str) -> Result<&'a [u8], Miss> {
    let spelling = spelling.as_bytes();
    match text.split_at_checked(spelling.len()) {
        Some((found, rest)) if found.eq_ignore_ascii_case(spelling) => Ok(rest),
        None if spelling
            .get(..text.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(text)) =>
        {
            Err(Miss::NotYet)
        }
        _ => Err(Miss::Never),
    }
}
