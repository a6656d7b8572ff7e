//! Asynchronous calls of Bedrock Runtime: `StartAsyncInvoke`, `GetAsyncInvoke`, `ListAsyncInvokes`
//! (docs.aws.amazon.com/bedrock/latest/APIReference: `API_runtime_StartAsyncInvoke` and the others).
//!
//! The service shows the calls of a whole account to whoever may look. Each is marked with who started it, in the token that clients send and the
//! service gives back; what has another mark, or none, is nobody's to see here.

use crate::json::{Edit, Extent, Kind, Value};
use serde_json::json;
use std::borrow::Cow;

/// The longest token that a client may send, behind the mark. Source: `StartAsyncInvoke`, `clientRequestToken`: at most 256 characters.
const TOKEN_BYTES_MAX: usize = 256;

/// What a token is that cannot be sent: too long, or no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`clientRequestToken` is visible ASCII, at most {0} characters")]
pub struct NoToken(usize);

/// Where the output of a call to start goes.
#[must_use]
pub fn output<'a>(call: Value<'a>) -> Option<Cow<'a, str>> {
    let of = |value: Option<Value<'a>>, name| value.and_then(|value| value.get(name));
    let s3 = of(call.get("outputDataConfig"), "s3OutputDataConfig");
    of(s3, "s3Uri").and_then(Value::as_str)
}

/// Whether a URI names a bucket, or what lies in one, and can be read in one way only. Source: the pattern of `s3Uri` (AWS API reference,
/// `AsyncInvokeS3OutputDataConfig`), and of the characters of keys those that S3 calls safe ("Naming Amazon S3 objects").
#[must_use]
pub fn is_place(uri: &str) -> bool {
    let Some((bucket, key)) = uri.strip_prefix("s3://").and_then(|place| place.split_once('/')) else {
        return false;
    };
    let is_bucket = (3..=63).contains(&bucket.len())
        && bucket
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"!-_.*'()=".contains(&byte);
    let is_segment = |segment: &str| {
        !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(is_safe)
    };
    let mut segments = key.strip_suffix('/').unwrap_or(key).split('/');
    is_bucket && (key.is_empty() || segments.all(is_segment))
}

/// The edits that mark a call to start. `fresh` is the token of one that has none.
///
/// # Errors
/// [`NoToken`]
pub fn marked(call: Value<'_>, mark: &str, fresh: &str) -> Result<Vec<Edit<'static>>, NoToken> {
    let room = TOKEN_BYTES_MAX.saturating_sub(mark.len());
    let Some(token) = call.get("clientRequestToken") else {
        // Behind the bracket that every object begins with.
        let at = call.span().start + 1;
        let comma = if call.members().next().is_some() { "," } else { "" };
        let token = json!([mark, fresh].concat());
        return Ok(vec![Edit {
            span: at..at,
            extent: Extent::Json,
            text: Cow::Owned(format!("\"clientRequestToken\":{token}{comma}")),
        }]);
    };
    let said = match token.is_null() {
        true => Some(Cow::Borrowed(fresh)),
        false => token.as_str(),
    };
    let is_token = |said: &Cow<'_, str>| {
        (1..=room).contains(&said.len()) && said.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let said = said.filter(is_token);
    let said = said.ok_or(NoToken(room))?;
    Ok(vec![Edit {
        span: token.span(),
        extent: Extent::Json,
        text: Cow::Owned(json!([mark, &said].concat()).to_string()),
    }])
}

/// The edit that takes the mark off a call that was started with it; none when it was not, or its output goes to none of `places`.
#[must_use]
pub fn own(call: Value<'_>, mark: &str, places: &[&str]) -> Option<Edit<'static>> {
    let output = output(call)?;
    if !places.iter().any(|place| output.starts_with(place)) {
        return None;
    }
    let token = call.get("clientRequestToken")?;
    let said = token.as_str()?;
    let said = said.strip_prefix(mark)?.to_owned();
    Some(Edit::literal(token.span(), said))
}

/// The edits that take out of a list what is not [`own`].
#[must_use]
pub fn owned(list: Value<'_>, mark: &str, places: &[&str]) -> Option<Vec<Edit<'static>>> {
    let is_known = |name: &[u8]| matches!(name, b"asyncInvokeSummaries" | b"nextToken");
    if list.kind() != Kind::Object || !list.members().all(|(key, _)| is_known(&key.name())) {
        return None;
    }
    let Some(calls) = list.get("asyncInvokeSummaries").filter(|calls| !calls.is_null()) else {
        return Some(Vec::new());
    };
    if calls.kind() != Kind::Array {
        return None;
    }
    let mut edits = Vec::new();
    let mut is_first = true;
    let mut end = calls.span().start + 1;
    for call in calls.items() {
        let span = call.span();
        match own(call, mark, places) {
            Some(edit) => {
                let separator = if is_first { "" } else { "," };
                edits.push(cut(end..span.start, separator));
                edits.push(edit);
                is_first = false;
            }
            None => edits.push(cut(end..span.end, "")),
        }
        end = span.end;
    }
    Some(edits)
}

fn cut(span: std::ops::Range<usize>, by: &'static str) -> Edit<'static> {
    Edit {
        span,
        extent: Extent::Json,
        text: Cow::Borrowed(by),
    }
}

/// What the value of a parameter can be.
#[derive(Clone, Copy)]
enum Grammar {
    /// One of these.
    Words(&'static [&'static str]),
    /// One to a thousand.
    Number,
    /// A time as in RFC 3339.
    Time,
    /// What the service gave as such.
    Token,
}

/// Parameters of `ListAsyncInvokes`, sorted by name.
const PARAMETERS: [(&str, Grammar); 7] = [
    ("maxResults", Grammar::Number),
    ("nextToken", Grammar::Token),
    ("sortBy", Grammar::Words(&["SubmissionTime"])),
    ("sortOrder", Grammar::Words(&["Ascending", "Descending"])),
    (
        "statusEquals",
        Grammar::Words(&["InProgress", "Completed", "Failed"]),
    ),
    ("submitTimeAfter", Grammar::Time),
    ("submitTimeBefore", Grammar::Time),
];

impl Grammar {
    fn holds(self, value: &str) -> bool {
        match self {
            Self::Words(words) => words.contains(&value),
            Self::Number => {
                value.len() <= 4 && value.parse().is_ok_and(|number| (1..=1_000).contains(&number))
            }
            Self::Time => is_time(value),
            Self::Token => {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:+/=".contains(&byte);
                (1..=2_048).contains(&value.len()) && value.bytes().all(plain)
            }
        }
    }
}

/// `2026-01-01T00:00:00Z`, with fractions of a second and an offset where there are any.
fn is_time(value: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let Some((start, rest)) = value.split_at_checked(FORM.len()) else {
        return false;
    };
    let fits = |(form, byte): (&u8, u8)| match form {
        b'0' => byte.is_ascii_digit(),
        other => *other == byte,
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => rest,
    };
    let is_offset = match rest.as_bytes() {
        b"Z" => true,
        [b'+' | b'-', h, i, b':', m, n] => [h, i, m, n].into_iter().all(u8::is_ascii_digit),
        _ => false,
    };
    FORM.iter().zip(start.bytes()).all(fits) && value.len() <= 40 && is_offset
}

/// The query of `ListAsyncInvokes` in its one form; none when it has other parameters, or one twice, or a value that it cannot have.
#[must_use]
pub fn query(raw: &str) -> Option<String> {
    let mut values = [const { None::<String> }; PARAMETERS.len()];
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let value = String::from_utf8(crate::uri::percent_decode(value.as_bytes())?).ok()?;
        let place = PARAMETERS.iter().position(|(known, _)| *known == name)?;
        let (_, grammar) = PARAMETERS.get(place)?;
        if !grammar.holds(&value) {
            return None;
        }
        if values.get_mut(place)?.replace(value).is_some() {
            return None;
        }
    }
    let mut out = String::new();
    for ((name, _), value) in PARAMETERS.iter().zip(values) {
        let Some(value) = value else { continue };
        out.push_str(if out.is_empty() { "" } else { "&" });
        out.push_str(name);
        out.push('=');
        crate::uri::percent_encode(value.as_bytes(), b"", &mut |bytes| {
            out.push_str(std::str::from_utf8(bytes).unwrap_or_default());
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Document, splice};
    use proptest::prelude::*;

    const MARK: &str = "palisade-0123-";

    fn document(text: &str) -> Document {
        Document::parse(text.to_owned().into()).unwrap()
    }

    fn edited(document: &Document, edits: &[Edit<'_>]) -> serde_json::Value {
        let written = splice(document.bytes(), edits).unwrap();
        Document::parse(written.clone().into()).unwrap();
        serde_json::from_slice(&written).unwrap()
    }

    #[test]
    fn a_call_is_marked_whatever_token_it_has() {
        for (body, token) in [
            ("{}", "palisade-0123-fresh"),
            (r#"{"modelId":"m"}"#, "palisade-0123-fresh"),
            (r#"{"clientRequestToken":null}"#, "palisade-0123-fresh"),
            (r#"{ "clientRequestToken" : "a\u0062" }"#, "palisade-0123-ab"),
        ] {
            let document = document(body);
            let edits = marked(document.root(), MARK, "fresh").unwrap();
            assert_eq!(edited(&document, &edits)["clientRequestToken"], token, "{body}");
        }
        for odd in [
            json!(3),
            json!({}),
            json!(""),
            json!("a b"),
            json!("é"),
            json!("x".repeat(243)),
        ] {
            let document = document(&json!({ "clientRequestToken": odd }).to_string());
            assert_eq!(marked(document.root(), MARK, "fresh"), Err(NoToken(242)), "{odd}");
        }
    }

    fn call(token: &str, place: &str) -> serde_json::Value {
        json!({ "clientRequestToken": token, "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": place } } })
    }

    #[test]
    fn a_list_keeps_what_is_ones_own() {
        let own = call("palisade-0123-a", "s3://out/retail/x");
        let mine = call("a", "s3://out/retail/x");
        let others = [
            call("palisade-0124-a", "s3://out/retail/x"),
            call("palisade-0123-a", "s3://out/markets/x"),
            call("palisade-0123-a", "s3://out/retail"),
            json!({ "clientRequestToken": "palisade-0123-a" }),
            json!({}),
            json!(null),
        ];
        for calls in [
            vec![],
            vec![own.clone()],
            vec![own.clone(), own.clone()],
            others.to_vec(),
            [
                &others[..],
                std::slice::from_ref(&own),
                &others[..],
                &[own.clone(), own.clone()],
            ]
            .concat(),
            [std::slice::from_ref(&own), &others[..]].concat(),
        ] {
            let document = document(&json!({ "asyncInvokeSummaries": calls, "nextToken": "n" }).to_string());
            let edits = owned(document.root(), MARK, &["s3://out/retail/"]).unwrap();
            let kept = calls.iter().filter(|call| **call == own).map(|_| mine.clone());
            let expected = json!({ "asyncInvokeSummaries": kept.collect::<Vec<_>>(), "nextToken": "n" });
            assert_eq!(edited(&document, &edits), expected);
        }
        assert_eq!(owned(document("{}").root(), MARK, &[]), Some(Vec::new()));
        assert_eq!(
            owned(document(r#"{"asyncInvokeSummaries":{}}"#).root(), MARK, &[]),
            None
        );
    }

    #[test]
    fn a_place_can_be_read_in_one_way_only() {
        for place in [
            "s3://out/",
            "s3://out/retail/",
            "s3://my.out-1/a/b/c.mp4",
            "s3://out/a=1/(b)!/",
        ] {
            assert!(is_place(place), "{place}");
        }
        for odd in [
            "s3://out",
            "S3://out/",
            "s3:///a/",
            "s3://ou/",
            "s3://Out/",
            "s3://out//",
            "s3://out/a//b/",
            "s3://out/../a/",
            "s3://out/./a",
            "s3://out/%2e%2e/a",
            "s3://out/a?x",
            "s3://out/a#x",
            "s3://out/a b",
            "s3://out/a\0",
            "s3://out/é/",
            "https://out/a",
        ] {
            assert!(!is_place(odd), "{odd}");
        }
    }

    #[test]
    fn a_list_of_another_shape_is_none() {
        for odd in [
            r#"{"novel":[]}"#,
            "[]",
            "null",
            r#"{"asyncInvokeSummaries":[],"more":{}}"#,
        ] {
            assert_eq!(owned(document(odd).root(), MARK, &[]), None, "{odd}");
        }
    }

    #[test]
    fn queries_have_one_form() {
        for (raw, told) in [
            ("", Some("")),
            ("&", Some("")),
            (
                "sortOrder=Ascending&maxResults=5&submitTimeAfter=2026-01-01T00:00:00Z",
                Some("maxResults=5&sortOrder=Ascending&submitTimeAfter=2026-01-01T00%3A00%3A00Z"),
            ),
            ("nextToken=a%2Fb%3D", Some("nextToken=a%2Fb%3D")),
            ("maxResults=5&maxResults=6", None),
            ("maxResults=", None),
            ("maxResults", None),
            ("maxResults=12345", None),
            ("maxResults=0", None),
            ("maxResults=x", None),
            ("statusEquals=ada.lovelace", None),
            ("sortBy=DE89370400440532013000", None),
            ("submitTimeAfter=2026-01-01", None),
            ("submitTimeAfter=2026-01-01T00:00:00", None),
            ("submitTimeAfter=2026-01-01T00:00:00ada", None),
            ("submitTimeAfter=%2B15551234567", None),
            (
                "submitTimeBefore=2026-01-01T00:00:00.250%2B01:00",
                Some("submitTimeBefore=2026-01-01T00%3A00%3A00.250%2B01%3A00"),
            ),
            ("novel=1", None),
            ("max%52esults=1", None),
            ("nextToken=ada%40example.org", None),
            ("nextToken=a%20b", None),
            ("nextToken=%zz", None),
        ] {
            assert_eq!(query(raw).as_deref(), told, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn a_form_is_its_own_form(raw in "(maxResults|nextToken|sortBy|novel)=[a-zA-Z0-9%/=+:]{0,12}(&(nextToken|sortOrder)=[a-z%0-9]{0,6})?") {
            if let Some(form) = query(&raw) {
                prop_assert_eq!(query(&form), Some(form.clone()));
            }
        }
    }
}
