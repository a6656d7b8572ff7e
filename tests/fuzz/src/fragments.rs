use bytes::Bytes;
use palisade_wire::json::{Document, Fragments, Kind, said};

use crate::cuts::cut;

/// JSON text in fragments: the decoded text does not depend on the cuts, every byte comes back as it was spelt however
/// the text is taken, and of a whole document exactly the strings are decoded.
///
/// The first four bytes are the sizes of chunks, the rest is the text.
pub fn fragments(data: &[u8]) {
    let Some((sizes, text)) = data.split_first_chunk::<4>() else {
        return;
    };
    let text = String::from_utf8_lossy(text);
    let whole = decoded(&text, &[]);
    assert_eq!(decoded(&text, sizes), whole);
    assert_eq!(decoded(&text, &[1]), whole);
    assert_eq!(said(&text), whole);
    if let Ok(document) = Document::parse(Bytes::from(text.into_owned())) {
        assert_eq!(whole, meaning(&document));
    }
}

/// Feeds `text` in chunks of `sizes` and takes it back in stretches of the same sizes.
fn decoded(text: &str, sizes: &[u8]) -> String {
    let mut fragments = Fragments::default();
    let mut decoded: String = cut(text, sizes)
        .into_iter()
        .map(|chunk| fragments.push(chunk))
        .collect();
    decoded.push_str(&fragments.finish());
    let stretches = cut(&decoded, sizes).into_iter();
    let spelt: String = stretches
        .map(|stretch| fragments.spelling(stretch.len()).raw)
        .collect();
    assert_eq!(spelt, text);
    decoded
}

/// The document with its strings decoded in their places.
fn meaning(document: &Document) -> String {
    let text = str::from_utf8(document.bytes()).expect("a document is UTF-8");
    let mut out = String::new();
    let mut copied = 0;
    let strings = document
        .root()
        .nodes()
        .filter(|node| matches!(node.kind(), Kind::String | Kind::Key));
    for node in strings {
        let inner = node.span().start + 1..node.span().end - 1;
        out.push_str(&text[copied..inner.start]);
        out.push_str(&node.as_str().expect("a string has text"));
        copied = inner.end;
    }
    out.push_str(&text[copied..]);
    out
}
