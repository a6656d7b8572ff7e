//! Canonical JSON: RFC 8785 (JCS) for values that hold integers only.
//!
//! Record types declare their fields in alphabetical order, so that serialising them is already canonical and
//! costs no sorting. [`canonicalize`] is the slow, general form; tests hold the two together.

use serde::Serialize;
use serde_json::Value;

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The value could not be represented as JSON.
    #[error("record is not representable as JSON")]
    NotJson(#[from] serde_json::Error),
    /// Records hold integers only: floats print differently from one implementation to the next.
    #[error("record holds a number that is not an integer")]
    NotInteger,
}

/// Appends the canonical bytes of a record whose fields are declared in alphabetical order.
///
/// # Errors
/// [`Error::NotJson`] when a map key is not a string; cannot happen for the types of [`crate::record`].
pub fn append<T: Serialize>(record: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    Ok(serde_json::to_writer(out, record)?)
}

/// The canonical bytes of any JSON value: keys sorted by UTF-16 code units (RFC 8785 §3.2.3), no white space.
///
/// # Errors
/// [`Error::NotInteger`] when the value holds a float.
pub fn canonicalize(value: &Value) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
    match value {
        Value::Number(number) if !(number.is_u64() || number.is_i64()) => {
            return Err(Error::NotInteger);
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (i, (key, member)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                append(key, out)?;
                out.push(b':');
                write(member, out)?;
            }
            out.push(b'}');
        }
        scalar => append(scalar, out)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_keys_by_utf16_code_units_as_rfc_8785_does() {
        // The example of RFC 8785 §3.2.3, without its floats.
        let value: Value = serde_json::from_str(
            "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}",
        )
        .unwrap();
        let text = String::from_utf8(canonicalize(&value).unwrap()).unwrap();
        assert_eq!(
            text,
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn refuses_floats() {
        let value: Value = serde_json::from_str("{\"a\":[1.5]}").unwrap();
        assert!(matches!(canonicalize(&value), Err(Error::NotInteger)));
    }
}
