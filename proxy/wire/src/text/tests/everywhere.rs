//! Nothing slips through: a text put anywhere into a body is a region, or the body is refused.

use std::path::Path;

use proptest::prelude::*;

use super::{
    bodies::{ANTHROPIC, CONVERSE, NOVA},
    *,
};
use crate::json::{Edit, Extent, Kind, splice};

const NEEDLE: &str = "call 555-0100 @ once";

const SAMPLES: [(Dialect, &str); 6] = [
    (Dialect::Converse, CONVERSE),
    (Dialect::Nova, NOVA),
    (Dialect::Anthropic, ANTHROPIC),
    (Dialect::Generic, ANTHROPIC),
    (Dialect::Generic, CONVERSE),
    (Dialect::Generic, NOVA),
];

/// Places made for payloads, which become facts.
fn is_payload(pointer: &str) -> bool {
    ["/bytes", "/redactedContent", "/data", "/encrypted_content"]
        .iter()
        .any(|end| pointer.ends_with(end))
}

fn finds_needle(dialect: Dialect, body: &str) -> bool {
    let document = document(body);
    let found = |regions: &[Region]| regions.iter().any(|region| document.text(region) == NEEDLE);
    found(&dialect.response(&document).regions)
        && dialect.request(&document).map_or(true, |map| found(&map.regions))
}

#[test]
fn finds_a_text_in_the_place_of_any_value() {
    for (dialect, body) in SAMPLES {
        let sample = document(body);
        for node in sample.root().nodes().filter(|node| node.kind() != Kind::Key) {
            let pointer = sample.pointer(node.span().start);
            let put = |literal: String| {
                format!(
                    "{}{literal}{}",
                    &body[..node.span().start],
                    &body[node.span().end..]
                )
            };
            if !is_payload(&pointer) {
                assert!(
                    finds_needle(dialect, &put(format!("\"{NEEDLE}\""))),
                    "{dialect:?} {pointer}"
                );
            }
            assert!(
                finds_needle(dialect, &put(format!("{{\"k\":[\"{NEEDLE}\"]}}"))),
                "{dialect:?} {pointer}"
            );
        }
    }
}

#[test]
fn finds_a_text_under_an_unknown_key_and_as_a_key() {
    for (dialect, body) in SAMPLES {
        let sample = document(body);
        for node in sample.root().nodes().filter(|node| node.kind() == Kind::Object) {
            let start = node.span().start + 1;
            let comma = if node.is_empty() { "" } else { "," };
            let put = |member: String| format!("{}{member}{comma}{}", &body[..start], &body[start..]);
            let pointer = sample.pointer(node.span().start);
            assert!(
                finds_needle(dialect, &put(format!("\"novel\":\"{NEEDLE}\""))),
                "{dialect:?} {pointer}"
            );
            assert!(
                finds_needle(dialect, &put(format!("\"{NEEDLE}\":1"))),
                "{dialect:?} {pointer}"
            );
        }
    }
}

const EVENTS: &[(Dialect, &str, &str)] = &[
    (
        Dialect::Converse,
        "contentBlockDelta",
        r#"{"contentBlockIndex":0,"delta":{"text":"a","toolUse":{"input":"b"},"reasoningContent":{"text":"c","signature":"d"},"citation":{"title":"e"}},"p":"f"}"#,
    ),
    (
        Dialect::Converse,
        "contentBlockStart",
        r#"{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"n"},"image":{"format":"png"}}}"#,
    ),
    (
        Dialect::Converse,
        "messageStop",
        r#"{"stopReason":"end_turn","additionalModelResponseFields":{}}"#,
    ),
    (
        Dialect::Converse,
        "metadata",
        r#"{"usage":{"inputTokens":1},"metrics":{"latencyMs":1},"trace":{},"serviceTier":{"type":"default"}}"#,
    ),
    (
        Dialect::Nova,
        "chunk",
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"a"}},"amazon-bedrock-trace":{"x":1}}"#,
    ),
    (
        Dialect::Anthropic,
        "chunk",
        r#"{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"stop_reason":null,"usage":{"input_tokens":1}}}"#,
    ),
    (
        Dialect::Anthropic,
        "chunk",
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}"#,
    ),
    (
        Dialect::Anthropic,
        "chunk",
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","thinking":"b","partial_json":"c","signature":"d"}}"#,
    ),
    (
        Dialect::Anthropic,
        "chunk",
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":4},"amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#,
    ),
    (
        Dialect::Generic,
        "chunk",
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"r","content":"a","tool_calls":[{"index":0,"id":"i","function":{"name":"n","arguments":"{"}}]},"finish_reason":"stop","text":"t","message":{"content":"x"}}],"usage":{"prompt_tokens":1}}"#,
    ),
    (
        Dialect::Generic,
        "chunk",
        r#"{"outputText":"a","generation":"b","outputs":[{"text":"c","stop_reason":null}],"token":{"text":"d"},"stop_reason":"e"}"#,
    ),
    (
        Dialect::Generic,
        "chunk",
        r#"{"event_type":"stream-end","finish_reason":"COMPLETE","response":{"text":"a"}}"#,
    ),
];

#[test]
fn finds_a_text_anywhere_in_an_event() {
    for (dialect, event_type, body) in EVENTS {
        let sample = document(body);
        for node in sample.root().nodes().filter(|node| node.kind() != Kind::Key) {
            for literal in [format!("\"{NEEDLE}\""), format!("{{\"k\":[\"{NEEDLE}\"]}}")] {
                let put = format!(
                    "{}{literal}{}",
                    &body[..node.span().start],
                    &body[node.span().end..]
                );
                let document = document(&put);
                let event = dialect.event(event_type, &document);
                let mut spans = event
                    .regions
                    .iter()
                    .map(|region| &region.span)
                    .chain(event.deltas.iter().map(|delta| &delta.span));
                assert!(
                    spans.any(|span| document.literal(span) == NEEDLE),
                    "{dialect:?} {put}"
                );
            }
        }
    }
}

#[test]
fn maps_what_clients_send() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder)
        .expect("recorded requests")
        .map(Result::unwrap)
    {
        let Ok(request) = std::fs::read_to_string(entry.path()) else {
            continue; // A folder, or the one body that is an event stream.
        };
        let request = request.replace("\r\n", "\n");
        let (head, body) = request.split_once("\n\n").unwrap();
        let path = head.lines().next().unwrap();
        let dialect = match path {
            _ if path.contains("/converse") => Dialect::Converse,
            _ if path.contains("anthropic.claude") && path.contains("/invoke") => Dialect::Anthropic,
            _ => Dialect::Generic,
        };
        let Ok(document) = Document::parse(Bytes::copy_from_slice(body.as_bytes())) else {
            continue; // No body, or not JSON.
        };
        let map = dialect
            .request(&document)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        texts.extend(
            map.regions
                .iter()
                .filter(|region| region.kind == RegionKind::Text)
                .map(|region| document.text(region).into_owned()),
        );
    }
    let count = |text: &str| texts.iter().filter(|found| *found == text).count();
    assert!(
        count("Hi, I am Anna Müller") >= 10 && count("Hi Anna Müller") >= 10,
        "{texts:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn rewriting_regions_changes_nothing_else(
        sample in prop::sample::select(SAMPLES.to_vec()),
        picks in prop::collection::vec((any::<bool>(), ".{0,8}"), 100),
    ) {
        let (dialect, body) = sample;
        let before = document(body);
        let map = dialect.request(&before).unwrap();
        let edits: Vec<Edit<'_>> = map.regions.iter().zip(&picks)
            .filter(|(region, (picked, _))| *picked && region.kind != RegionKind::Key)
            .map(|(region, (_, text))| Edit { span: region.span.clone(), extent: Extent::Literal, text: text.into() })
            .collect();
        let after = Document::parse(splice(body.as_bytes(), &edits).unwrap().into()).unwrap();
        let mut rest = after.bytes().as_ref();
        let mut copied = 0;
        for edit in &edits {
            let kept = &body.as_bytes()[copied..edit.span.start];
            prop_assert!(rest.starts_with(kept));
            let mut literal = Vec::new();
            crate::json::push_string(&mut literal, &edit.text);
            prop_assert!(rest[kept.len()..].starts_with(&literal));
            rest = &rest[kept.len() + literal.len()..];
            copied = edit.span.end;
        }
        prop_assert_eq!(rest, &body.as_bytes()[copied..]);
        prop_assert_eq!(after.root().len(), before.root().len());
    }
}
