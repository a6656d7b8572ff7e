use std::borrow::Cow;

use bytes::Bytes;
use palisade_wire::json::{Document, Edit, ErrorKind, Extent, Kind, Value, splice};

/// Strict JSON against `serde_json`: what is accepted means the same to both, what only `serde_json` accepts was
/// refused for a reason that this reader has on purpose. No edits change nothing; an edit within a literal changes the
/// decoded text there and nothing else.
pub fn json(data: &[u8]) {
    let theirs = serde_json::from_slice::<serde_json::Value>(data);
    match (Document::parse(Bytes::copy_from_slice(data)), theirs) {
        (Ok(ours), theirs) => {
            // The two round the digits just below the largest double differently.
            let theirs = theirs.map_err(|error| error.to_string());
            match theirs {
                Ok(theirs) => assert_eq!(meaning(ours.root()), Some(theirs)),
                Err(error) => assert!(error.starts_with("number out of range"), "{error}"),
            }
            assert_eq!(splice(data, &[]).as_deref(), Ok(data));
            replace_within(&ours);
        }
        (Err(error), theirs) => {
            assert!(error.offset <= data.len(), "{error}");
            let stricter = [
                ErrorKind::DuplicateKey,
                ErrorKind::TooDeep,
                ErrorKind::NumberRange,
            ];
            assert!(theirs.is_err() || stricter.contains(&error.kind), "{error}");
        }
    }
}

/// The value as `serde_json` would read it. Recursion ends at the reader's limit of depth.
fn meaning(value: Value<'_>) -> Option<serde_json::Value> {
    Some(match value.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool => value.as_bool()?.into(),
        Kind::Number => serde_json::from_slice(value.raw()).ok()?,
        Kind::String => value.as_str()?.into(),
        Kind::Array => value.items().map(meaning).collect::<Option<Vec<_>>>()?.into(),
        Kind::Object => {
            let member = |(key, value): (Value<'_>, _)| Some((key.as_str()?.into_owned(), meaning(value)?));
            let members = value.members().map(member);
            serde_json::Value::Object(members.collect::<Option<_>>()?)
        }
        Kind::Key => return None,
    })
}

/// Replaces the middle of every string, in its encoded form, and compares with the same done to the decoded text.
fn replace_within(document: &Document) {
    let mut edits = Vec::new();
    let mut expected = Vec::new();
    for node in document.root().nodes().filter(|node| node.kind() == Kind::String) {
        let text = node.as_str().expect("a string has text");
        let (from, to) = (
            text.floor_char_boundary(text.len() / 3),
            text.floor_char_boundary(text.len() * 2 / 3),
        );
        let spans = document.within(&node.span(), &[from..to, to..text.len()]);
        let replacement = |span, text| Edit {
            span,
            extent: Extent::Part,
            text: Cow::Borrowed(text),
        };
        edits.extend(
            spans
                .into_iter()
                .zip(["\"{X}\n", "é"])
                .map(|(span, text)| replacement(span, text)),
        );
        expected.push([&text[..from], "\"{X}\n", "é"].concat());
    }
    let edited = splice(document.bytes(), &edits).expect("ascending edits inside the document");
    let edited = Document::parse(edited.into()).expect("an edit leaves JSON");
    let strings = edited.root().nodes().filter(|node| node.kind() == Kind::String);
    let found: Vec<_> = strings.filter_map(Value::as_str).collect();
    assert_eq!(found, expected);
    assert_eq!(edited.root().len(), document.root().len());
}
