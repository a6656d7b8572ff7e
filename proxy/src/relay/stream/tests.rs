//! The guard under every chunking: what leaves is the same text, and no part of what is withheld.

mod keys;

mod listed;

mod order;

mod parts;

mod signed;

mod spoken;

mod tokens;

mod unheard;

use super::*;
use crate::forms::{Forms, MaskOf};
use crate::seal::Seal;
use crate::treat::{Tokens, Treatments};
use palisade_guardrails::{self as guardrails, Piece, TokenKey};
use palisade_policies::Permit;
use palisade_policies::{self as policies, Bundle, DEFAULT_BUNDLE, Snapshot};
use palisade_wire::eventstream::{self, Decoder};
use palisade_wire::text::is_word;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};

struct Fixture {
    engine: Engine,
    permit: Permit,
    forms: Forms,
    seal: Seal,
    /// What the request issued.
    tokens: Option<Tokens>,
}

impl Fixture {
    fn observed(&self) -> Observed<'_> {
        Observed::new(Treatments::of_answer(
            &self.permit,
            &self.forms,
            &self.seal,
            self.tokens.as_ref(),
        ))
    }
}

/// Retail talks to a general-purpose model under the bundle that ships. Loading that is slow, so it is done once.
fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(load)
}

fn load() -> Fixture {
    let forest = guardrails::forest();
    let bundle = Arc::new(Bundle::load(DEFAULT_BUNDLE).unwrap());
    let snapshot = Arc::new(Snapshot::new(bundle, &forest).unwrap());
    let level = policies::Classification::new(1).unwrap();
    let principal = policies::Principal::new(policies::PrincipalFacts {
        granted: Vec::new(),
        kind: policies::PrincipalKind::Application {
            environment: policies::Environment::Prod,
        },
        id: "assistant".into(),
        tenant: "retail".into(),
        teams: vec![],
        roles: vec![],
        jurisdiction: policies::Jurisdiction::Eu,
        limits: policies::Limits {
            max_output_tokens: 1000,
            max_input_tokens: 1000,
        },
        suspended: false,
        clearance: level,
    });
    let model = policies::Model::new(policies::ModelFacts {
        deprecated_from_ms: None,
        lineage: None,
        kind: policies::ModelKind::Model,
        id: "amazon.nova-lite-v1:0".into(),
        groups: vec!["general-purpose".into()],
        provider: policies::Provider::Amazon,
        family: "nova".into(),
        modalities: vec![policies::Modality::Text],
        lifecycle: policies::Lifecycle::Approved,
        end_of_life_ms: None,
        jurisdictions: vec![policies::Jurisdiction::Eu],
        max_classification: level,
        retains_data: false,
    });
    let base = policies::Base::new(
        0,
        12,
        true,
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        policies::Purpose::CustomerService,
        level,
    );
    let call = policies::CallFacts {
        action: policies::Action::ConverseStream,
        input_tokens: 10,
        max_tokens: 10,
        modalities: vec![policies::Modality::Text],
        tools: vec![],
        unscanned: vec![],
        uses: Vec::new(),
        base: base.unwrap(),
    };
    Fixture {
        engine: Engine::new(guardrails::Category::all()).unwrap(),
        permit: policies::decide(&snapshot, &principal.unwrap(), &model.unwrap(), &call).unwrap(),
        forms: Forms::new(MaskOf::These(BTreeSet::new()), None, false),
        seal: seal(),
        tokens: None,
    }
}

fn seal() -> Seal {
    Seal::new(TokenKey::new(&[1; 32]), "retail".to_owned())
}

fn frame(kind: &str, payload: &str, out: &mut BytesMut) {
    let headers = [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    eventstream::encode(&headers, payload.as_bytes(), out).unwrap();
}

/// A Converse stream of `blocks`, each a list of deltas, block after block or interleaved.
fn converse(blocks: &[Vec<String>], interleaved: bool) -> Bytes {
    let mut out = BytesMut::new();
    frame("messageStart", r#"{"role":"assistant","p":"ab"}"#, &mut out);
    let delta = |block: usize, text: &str, out: &mut BytesMut| {
        let text = serde_json::to_string(text).unwrap();
        frame(
            "contentBlockDelta",
            &format!(r#"{{"contentBlockIndex":{block},"delta":{{"text":{text}}},"p":"abc"}}"#),
            out,
        );
    };
    let stop = |block: usize, out: &mut BytesMut| {
        frame(
            "contentBlockStop",
            &format!(r#"{{"contentBlockIndex":{block}}}"#),
            out,
        );
    };
    if interleaved {
        let longest = blocks.iter().map(Vec::len).max().unwrap_or(0);
        for turn in 0..longest {
            for (block, deltas) in blocks.iter().enumerate() {
                if let Some(text) = deltas.get(turn) {
                    delta(block, text, &mut out);
                }
            }
        }
        (0..blocks.len()).for_each(|block| stop(block, &mut out));
    } else {
        for (block, deltas) in blocks.iter().enumerate() {
            deltas.iter().for_each(|text| delta(block, text, &mut out));
            stop(block, &mut out);
        }
    }
    frame("messageStop", r#"{"stopReason":"end_turn"}"#, &mut out);
    frame(
        "metadata",
        r#"{"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8},"metrics":{"latencyMs":1}}"#,
        &mut out,
    );
    out.freeze()
}

/// What the client has in the end: the bytes, and the text of each block.
type Seen = (Vec<u8>, Vec<String>);

/// Sends a stream through a guard, cut as told; a cut short stream gives its end and the bytes so far.
fn through(fixture: &Fixture, stream: &Bytes, cuts: &[usize]) -> Result<Seen, (End, Vec<u8>)> {
    let mut guard = Guard::new(&fixture.engine, Protocol::BedrockRuntime, Dialect::Converse);
    let mut observed = fixture.observed();
    let mut out = Vec::new();
    let mut from = 0;
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
    ends.push(stream.len());
    ends.sort_unstable();
    for to in ends {
        match guard.push(stream.slice(from..to), &mut observed) {
            Ok(piece) => out.extend_from_slice(&piece),
            Err(cut) => {
                out.extend_from_slice(&cut.last_bytes(Protocol::BedrockRuntime, "r"));
                return Err((cut.end, out));
            }
        }
        from = to;
    }
    match guard.finish(&mut observed) {
        Ok(piece) => out.extend_from_slice(&piece),
        Err(cut) => return Err((cut.end, out)),
    }
    let texts = texts(&out);
    Ok((out, texts))
}

fn texts(out: &[u8]) -> Vec<String> {
    let mut decoder = Decoder::new();
    decoder.push(Bytes::copy_from_slice(out));
    let mut texts: Vec<String> = Vec::new();
    while let Some(frame) = decoder.next_frame().unwrap() {
        if frame.event_type() == Some("contentBlockDelta") {
            let value: serde_json::Value = serde_json::from_slice(frame.payload_bytes()).unwrap();
            let block = usize::try_from(value["contentBlockIndex"].as_u64().unwrap()).unwrap();
            texts.resize(texts.len().max(block + 1), String::new());
            texts[block].push_str(value["delta"]["text"].as_str().unwrap());
        }
    }
    decoder.finish().unwrap();
    texts
}

fn redacted(engine: &Engine, text: &str) -> String {
    let mut out = String::new();
    engine.scan(text, &mut |piece| match piece {
        Piece::Clear(text) => out.push_str(text),
        Piece::Match(found) if !found.continues => out.push_str(found.category.placeholder()),
        Piece::Match(_) => {}
    });
    out
}

fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z]{1,8}",
        Just("ada@example.com".to_owned()),
        Just("4111 1111 1111 1111".to_owned()),
        Just("536-22-8145".to_owned()),
        Just("10.1.2.3".to_owned()),
        Just("é€😀\"\\\n".to_owned()),
        Just("@".to_owned()),
        "[0-9]{1,6}",
    ];
    prop::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

/// Cuts a text into deltas at character boundaries.
fn deltas(text: &str, sizes: &[usize]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut rest = chars.as_slice();
    let mut out = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (head, tail) = rest.split_at((*size).clamp(1, rest.len()));
        out.push(head.iter().collect());
        rest = tail;
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_leaves_is_the_redacted_text_under_every_chunking(
        first in text(), second in text(), sizes in prop::collection::vec(1usize..9, 1..5),
        cuts in prop::collection::vec(any::<usize>(), 0..40), interleaved in any::<bool>(),
    ) {
        let fixture = fixture();
        let stream = converse(&[deltas(&first, &sizes), deltas(&second, &sizes)], interleaved);
        let (_, got) = through(fixture, &stream, &cuts).unwrap();
        let expected = [redacted(&fixture.engine, &first), redacted(&fixture.engine, &second)];
        for (block, text) in expected.iter().enumerate() {
            prop_assert_eq!(got.get(block).map_or("", String::as_str), text);
        }
    }

    #[test]
    fn a_clean_stream_leaves_byte_for_byte(
        words in prop::collection::vec("[a-z]{1,6}", 0..20), cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let fixture = fixture();
        let spaced: Vec<String> = words.iter().map(|word| format!("{word}, ")).collect();
        let stream = converse(&[spaced], false);
        let (out, _) = through(fixture, &stream, &cuts).unwrap();
        prop_assert_eq!(out, stream.to_vec());
    }

    #[test]
    fn no_part_of_a_key_leaves_and_the_stream_is_cut(
        before in "[a-z ]{0,20}", size in 1usize..20, cuts in prop::collection::vec(any::<usize>(), 0..30),
    ) {
        let fixture = fixture();
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(4);
        let key = format!("{d}BEGIN PRIVATE KEY{d}\n{body}\n{d}END PRIVATE KEY{d}", d = "-----");
        let stream = converse(&[deltas(&format!("{before} {key} after"), &[size])], false);
        let (end, out) = through(fixture, &stream, &cuts).unwrap_err();
        prop_assert_eq!(end, End::PolicyCut);
        let shown = String::from_utf8_lossy(&out).into_owned();
        for window in body.as_bytes().windows(8) {
            prop_assert!(!shown.contains(std::str::from_utf8(window).unwrap()));
        }
        prop_assert!(shown.contains("validationException"));
    }

    #[test]
    fn any_bytes_are_cut_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let fixture = fixture();
        let _ = through(fixture, &Bytes::from(bytes), &[]);
    }
}

#[test]
fn a_truncated_stream_is_an_upstream_error() {
    let fixture = fixture();
    let stream = converse(&[vec!["hello".into()]], false);
    let (end, _) = through(fixture, &stream.slice(..stream.len() - 1), &[]).unwrap_err();
    assert_eq!(end, End::UpstreamError);
}

#[test]
fn an_exception_of_the_provider_passes_without_what_it_quotes() {
    let fixture = fixture();
    let mut out = BytesMut::new();
    eventstream::exception(
        "validationException",
        br#"{"message":"bad input: ada@example.com"}"#,
        &mut out,
    )
    .unwrap();
    let mut guard = Guard::new(&fixture.engine, Protocol::BedrockRuntime, Dialect::Converse);
    let passed = guard
        .push(out.freeze(), &mut fixture.observed())
        .unwrap_or_else(|_| panic!("was cut"));
    let shown = String::from_utf8_lossy(&passed).into_owned();
    assert!(shown.contains("bad input: {EMAIL}") && !shown.contains("ada@"));
    assert_eq!(guard.end(), End::UpstreamError);
}
