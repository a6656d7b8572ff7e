use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use bytes::Bytes;
use palisade_wire::{
    json::{Document, Edit, Extent, Kind, splice},
    text::{Delta, Dialect, Region, RegionKind, Shape},
};

const DIALECTS: [Dialect; 13] = [
    Dialect::Converse,
    Dialect::Anthropic,
    Dialect::Nova,
    Dialect::Sonic,
    Dialect::Generic,
    Dialect::CountTokens,
    Dialect::Guardrail,
    Dialect::GuardrailChecks,
    Dialect::Retrieve,
    Dialect::StartAsyncInvoke,
    Dialect::AsyncInvokes,
    Dialect::Rerank,
    Dialect::RetrieveAndGenerate,
];

const CONVERSE_EVENTS: [&str; 7] = [
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
    "novel",
];

const GENERATION_EVENTS: [&str; 4] = ["output", "citation", "guardrail", "novel"];

/// Whether a token stands in a document that is made, and opened, by machines only.
fn has_token(dialect: Dialect, document: &Document) -> bool {
    let name = match dialect {
        Dialect::RetrieveAndGenerate => "sessionId",
        Dialect::StartAsyncInvoke | Dialect::AsyncInvokes => "nextToken",
        _ => return false,
    };
    document.root().get(name).is_some()
}

/// The text maps of every dialect over any document: regions and deltas are literals of the document, ascend, never
/// overlap and can all be replaced; no string slips through that is not plainly an identifier; what a channel puts into
/// an event of its own comes back on the same channel.
pub fn text_map(data: &[u8]) {
    let Ok(document) = Document::parse(Bytes::copy_from_slice(data)) else {
        return;
    };
    for dialect in DIALECTS {
        if let Ok(map) = dialect.request(&document)
            && !dialect.takes_nothing()
        {
            let all_scanned = map.unscanned.is_empty() && !has_token(dialect, &document);
            check(&document, &map.regions, &[], all_scanned);
        }
        let map = dialect.response(&document);
        let all_scanned = map.unscanned.is_empty() && !has_token(dialect, &document);
        check(&document, &map.regions, &map.deltas, all_scanned);
        let (events, of_channel) = match dialect {
            Dialect::Converse => (CONVERSE_EVENTS.as_slice(), "contentBlockDelta"),
            Dialect::RetrieveAndGenerate => (GENERATION_EVENTS.as_slice(), "output"),
            _ => (["chunk"].as_slice(), "chunk"),
        };
        for event_type in events {
            let map = dialect.event(event_type, &document);
            check(&document, &map.regions, &map.deltas, map.unscanned.is_empty());
            for delta in &map.deltas {
                match delta.channel.is_shaped() {
                    true => returns(
                        dialect,
                        event_type,
                        Shape::of(&document, &map, &delta.span).with(HELD),
                        delta,
                    ),
                    false => returns(dialect, of_channel, delta.channel.delta(HELD), delta),
                }
            }
        }
    }
}

fn check(document: &Document, regions: &[Region], deltas: &[Delta], all_scanned: bool) {
    assert!(
        regions.is_sorted_by(|a, b| a.span.end <= b.span.start),
        "regions out of order"
    );
    assert!(
        deltas.is_sorted_by(|a, b| a.span.end <= b.span.start),
        "deltas out of order"
    );
    let mut literals = literals(document);
    let mut edits = Vec::new();
    let regions = regions
        .iter()
        .map(|region| (&region.span, region.kind == RegionKind::Key));
    for (span, is_key) in regions.chain(deltas.iter().map(|delta| (&delta.span, false))) {
        let literal = literals.remove(&span.start);
        let (end, kind) = literal.expect("a region is a literal, and is named once");
        assert_eq!(end, span.end);
        assert_eq!(is_key, kind == Kind::Key);
        if !is_key {
            edits.push(replacement(span));
        }
    }
    if all_scanned {
        let strings = literals
            .into_iter()
            .filter(|(_, (_, kind))| *kind == Kind::String);
        for (start, (end, _)) in strings {
            let text = document.literal(&(start..end));
            assert!(
                text.bytes().all(is_plain),
                "a string that is no identifier is not mapped"
            );
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    let edited = splice(document.bytes(), &edits).expect("regions and deltas are apart");
    let edited = Document::parse(edited.into()).expect("replacing regions leaves JSON");
    assert_eq!(edited.root().len(), document.root().len());
}

/// Start, end and kind of every string, key and number.
fn literals(document: &Document) -> BTreeMap<usize, (usize, Kind)> {
    let nodes = document.root().nodes();
    let literals = nodes.filter(|node| matches!(node.kind(), Kind::String | Kind::Key | Kind::Number));
    literals
        .map(|node| (node.span().start, (node.span().end, node.kind())))
        .collect()
}

fn replacement(span: &Range<usize>) -> Edit<'static> {
    Edit {
        span: span.clone(),
        extent: Extent::Literal,
        text: Cow::Borrowed("\"{EMAIL}\\\n"),
    }
}

/// What identifiers and signatures are made of. A space or an `@` is never among it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.:/+=".contains(&byte)
}

/// What was held of a text.
const HELD: &str = "held \"back\"\n";

/// An event of our own carries the text on the channel of `delta`.
fn returns(dialect: Dialect, event_type: &str, event: Vec<u8>, delta: &Delta) {
    let document = Document::parse(event.into()).expect("an event of our own is JSON");
    let [found] = &dialect.event(event_type, &document).deltas[..] else {
        panic!("an event of our own carries one piece of text");
    };
    assert_eq!(found.channel, delta.channel);
    assert_eq!(document.literal(&found.span), HELD);
}
