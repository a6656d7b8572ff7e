//! One line of a labelled file.

use crate::category::Category;
use serde_json::{Map, Value};
use std::fmt;
use std::ops::Range;

/// A labelled text. Its `Debug` output leaves the text out.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// The text to scan.
    pub text: String,
    /// The categories that the line labels, sorted, each once.
    pub only: Vec<Category>,
    /// Names in `only` that are no category, in the order given.
    pub unknown: Vec<String>,
    /// What is to be found, by position, each once.
    pub expected: Vec<Expected>,
    /// How many labels of categories outside `only` were left out.
    pub unlabelled: usize,
    /// Whether the labels can be asked of a detector.
    pub strength: Strength,
}

/// A value that is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// What it is.
    pub category: Category,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
}

/// Whether the labels of a case can be asked of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// They can.
    Strong,
    /// They cannot without guessing: values of a shape that countless other things have, and no word that tells.
    Weak,
}

/// Why a line is not a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LineError {
    line: u64,
    problem: String,
}

impl Case {
    /// The case that `line` describes; `number` is its number in the file, for the error.
    ///
    /// # Errors
    /// [`LineError`] names the line and the key for what is not JSON, a key that is missing or of the wrong type, and a span that is
    /// empty or ends after the text. Keys that this does not know are left alone.
    pub fn parse(line: &str, number: u64) -> Result<Case, LineError> {
        object(line)
            .and_then(|fields| Self::of(&fields))
            .map_err(|problem| LineError {
                line: number,
                problem,
            })
    }

    fn of(fields: &Map<String, Value>) -> Result<Case, String> {
        if !fields.contains_key("text") && !fields.contains_key("spans") {
            return Err("neither `text` nor `spans`: a labelled line has `text`, `only` and `spans`".into());
        }
        let text = string(fields, "text", "text")?;
        let (mut only, mut unknown) = (Vec::new(), Vec::new());
        for (index, name) in array(fields, "only")?.iter().enumerate() {
            let name = name
                .as_str()
                .ok_or_else(|| format!("`only[{index}]` is not a string"))?;
            match Category::from_name(name) {
                Some(category) => only.push(category),
                None => unknown.push(name.to_owned()),
            }
        }
        only.sort_unstable();
        only.dedup();
        let strength = match fields.get("strong") {
            None | Some(Value::Bool(true)) => Strength::Strong,
            Some(Value::Bool(false)) => Strength::Weak,
            Some(_) => return Err("`strong` is not true or false".into()),
        };
        let spans = array(fields, "spans")?;
        let mut expected = labels(spans, &text, &only)?;
        let unlabelled = spans.len() - expected.len();
        expected.sort_by_key(|label| (label.span.start, label.span.end, label.category));
        expected.dedup();
        Ok(Case {
            text,
            only,
            unknown,
            expected,
            unlabelled,
            strength,
        })
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("bytes", &self.text.len())
            .field("only", &self.only)
            .field("expected", &self.expected)
            .field("strength", &self.strength)
            .finish_non_exhaustive()
    }
}

/// The labels of categories in `only`. The others are checked all the same: a wrong offset is a mistake in the file.
fn labels(spans: &[Value], text: &str, only: &[Category]) -> Result<Vec<Expected>, String> {
    if spans.is_empty() {
        return Ok(Vec::new());
    }
    // Where each code point starts, and the end of the text.
    let starts: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let mut labels = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        let Value::Object(span) = span else {
            return Err(format!("`spans[{index}]` is not an object"));
        };
        let key = |name: &str| format!("spans[{index}].{name}");
        let name = string(span, "category", &key("category"))?;
        let (start, end) = (
            offset(span, "start", &key("start"), &starts)?,
            offset(span, "end", &key("end"), &starts)?,
        );
        if start >= end {
            return Err(format!("`{}` is not after `{}`", key("end"), key("start")));
        }
        if let Some(category) = Category::from_name(&name).filter(|category| only.contains(category)) {
            labels.push(Expected {
                category,
                span: start..end,
            });
        }
    }
    Ok(labels)
}

fn object(line: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(line) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("not a JSON object".into()),
        Err(error) => Err(format!("not JSON, at column {}", error.column())),
    }
}

fn string(fields: &Map<String, Value>, name: &str, key: &str) -> Result<String, String> {
    match fields.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(format!("`{key}` is not a string")),
        None => Err(format!("`{key}` is missing")),
    }
}

fn array<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], String> {
    match fields.get(name) {
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(format!("`{name}` is not an array")),
        None => Err(format!("`{name}` is missing")),
    }
}

/// The byte at which the code point that `fields` name starts.
fn offset(fields: &Map<String, Value>, name: &str, key: &str, starts: &[usize]) -> Result<usize, String> {
    let value = fields.get(name).ok_or_else(|| format!("`{key}` is missing"))?;
    let number = value
        .as_u64()
        .ok_or_else(|| format!("`{key}` is not a whole number from 0"))?;
    let at = usize::try_from(number).ok().and_then(|number| starts.get(number));
    at.copied().ok_or_else(|| {
        let length = starts.len() - 1;
        format!("`{key}` is after the end of the text, which has {length} code points")
    })
}
