//! Reading the members of a request, with errors that name them.

use super::Untranslatable;
use super::converse::CachePoint;
use crate::json::{Document, Kind, Value};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What is expected of a member.
pub(super) fn text<'a>(at: &str, value: Value<'a>) -> Result<Cow<'a, str>, Untranslatable> {
    let text = value.as_str().filter(|_| value.kind() == Kind::String);
    text.ok_or_else(|| Untranslatable::of(at, "is a string"))
}

pub(super) fn whole(at: &str, value: Value<'_>) -> Result<u64, Untranslatable> {
    value
        .as_u64()
        .ok_or_else(|| Untranslatable::of(at, "is a whole number"))
}

pub(super) fn flag(at: &str, value: Value<'_>) -> Result<bool, Untranslatable> {
    value
        .as_bool()
        .ok_or_else(|| Untranslatable::of(at, "is true or false"))
}

/// A number from 0 to 1, which is what Converse takes where others go further.
pub(super) fn fraction(at: &str, value: Value<'_>) -> Result<f64, Untranslatable> {
    let number = (value.kind() == Kind::Number)
        .then(|| std::str::from_utf8(value.raw()).ok()?.parse::<f64>().ok())
        .flatten();
    number
        .filter(|number| (0.0..=1.0).contains(number))
        .ok_or_else(|| Untranslatable::of(at, "is a number from 0 to 1 for models behind Bedrock"))
}

pub(super) fn list<'a>(
    at: &str,
    value: Value<'a>,
) -> Result<impl Iterator<Item = Value<'a>>, Untranslatable> {
    match value.kind() {
        Kind::Array => Ok(value.items()),
        _ => Err(Untranslatable::of(at, "is a list")),
    }
}

/// A member that says something: `null` says as much as nothing.
pub(super) fn given<'a>(value: Value<'a>, name: &str) -> Option<Value<'a>> {
    value.get(name).filter(|found| !found.is_null())
}

/// A text that need not be there.
pub(super) fn text_of<'a>(
    at: &str,
    value: Value<'a>,
    name: &str,
) -> Result<Option<Cow<'a, str>>, Untranslatable> {
    let found = given(value, name);
    found
        .map(|found| text(&format!("{at}.{name}"), found))
        .transpose()
}

/// A switch that need not be there; off without it.
pub(super) fn flag_of(at: &str, value: Value<'_>, name: &str) -> Result<bool, Untranslatable> {
    let found = given(value, name);
    found.map_or(Ok(false), |found| flag(&format!("{at}.{name}"), found))
}

/// Whether a body, which is passed on as it is, asks for a stream.
pub(super) fn is_streamed(body: &Document) -> Result<bool, Untranslatable> {
    let root = body.root();
    if root.kind() != Kind::Object {
        return Err(Untranslatable::of("", "is no JSON object"));
    }
    let stream = given(root, "stream");
    stream.map_or(Ok(false), |stream| flag("stream", stream))
}

/// Checks that an object has no members but these.
pub(super) fn only(at: &str, value: Value<'_>, known: &[&str]) -> Result<(), Untranslatable> {
    for (name, _) in members(at, value)? {
        if !known.contains(&name.as_str()) {
            return Err(unknown(at, &name));
        }
    }
    Ok(())
}

/// The mark on an object, if it has one.
pub(super) fn mark_of(at: &str, value: Value<'_>) -> Result<Option<CachePoint>, Untranslatable> {
    let mark = given(value, "cache_control");
    mark.map(|mark| cache_point(at, mark)).transpose()
}

/// A member of an object that must be there.
pub(super) fn member<'a>(at: &str, value: Value<'a>, name: &str) -> Result<Value<'a>, Untranslatable> {
    let found = given(value, name);
    found.ok_or_else(|| Untranslatable::of(format!("{at}.{name}"), "is missing"))
}

/// The members of an object that say something: `null` says as much as nothing. Names that are no text are nobody's.
pub(super) fn members<'a>(
    at: &str,
    value: Value<'a>,
) -> Result<impl Iterator<Item = (String, Value<'a>)>, Untranslatable> {
    if value.kind() != Kind::Object {
        return Err(Untranslatable::of(at, "is an object"));
    }
    let named = |(name, value): (Value<'a>, Value<'a>)| {
        let name = name.as_str().unwrap_or_default().into_owned();
        (!value.is_null()).then_some((name, value))
    };
    Ok(value.members().filter_map(named))
}

/// A member that nobody here knows: what it asks for would be lost. Its name is the caller's, so it is told only where it is short and plain.
pub(super) fn unknown(at: &str, name: &str) -> Untranslatable {
    let is_plain = name.len() <= 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let name = if is_plain { name } else { "…" };
    let field = if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    };
    Untranslatable::of(field, "is no field that can be carried over to this model")
}

/// A piece of JSON as it stands.
pub(super) fn raw(value: Value<'_>) -> Result<Box<RawValue>, Untranslatable> {
    let text = String::from_utf8_lossy(value.raw()).into_owned();
    RawValue::from_string(text).map_err(|_| Untranslatable::of("", "is no JSON"))
}

/// A mark up to which the prompt is to be kept (an extension that many clients of both APIs send).
pub(super) fn cache_point(at: &str, value: Value<'_>) -> Result<CachePoint, Untranslatable> {
    match text_of(at, value, "ttl")?.as_deref() {
        None => Ok(CachePoint::new(None)),
        Some("5m") => Ok(CachePoint::new(Some("5m"))),
        Some("1h") => Ok(CachePoint::new(Some("1h"))),
        Some(_) => Err(Untranslatable::of(format!("{at}.ttl"), "is `5m` or `1h`")),
    }
}
