//! Reasoning under a signature, to the caller and back to its provider.

use super::*;
use palisade_wire::json::splice;
use serde_json::{Value, json};

const SIGNATURE: &str = "c2lnbmVk";

/// The text and the signature that a caller gets of a stream of reasoning.
fn streamed(text: &str, sizes: &[usize]) -> (String, String) {
    let mut stream = BytesMut::new();
    let mut delta = |reasoning: Value| {
        let delta = json!({"contentBlockIndex": 0, "delta": {"reasoningContent": reasoning}});
        frame("contentBlockDelta", &delta.to_string(), &mut stream);
    };
    for piece in deltas(text, sizes) {
        delta(json!({ "text": piece }));
    }
    delta(json!({ "signature": SIGNATURE }));
    let mut guard = Guard::new(&fixture().engine, Protocol::BedrockRuntime, Dialect::Converse);
    let mut observed = fixture().observed();
    let out = guard.push(stream.freeze(), &mut observed);
    let mut decoder = Decoder::new();
    decoder.push(out.unwrap_or_else(|_| panic!("was cut")));
    let (mut shown, mut signature) = (String::new(), String::new());
    while let Some(frame) = decoder.next_frame().unwrap() {
        let value: Value = serde_json::from_slice(frame.payload_bytes()).unwrap();
        let reasoning = &value["delta"]["reasoningContent"];
        shown += reasoning["text"].as_str().unwrap_or_default();
        signature += reasoning["signature"].as_str().unwrap_or_default();
    }
    (shown, signature)
}

/// The same of a whole answer.
fn whole(dialect: Dialect, body: &Value) -> Value {
    let document = Document::parse(Bytes::from(body.to_string())).unwrap();
    let regions = dialect.response(&document).regions;
    let found = find_at_once(&fixture().engine, &document, &regions);
    let edits = super::super::whole::edits(&document, &regions, &found, &mut fixture().observed()).unwrap();
    serde_json::from_slice(&splice(document.bytes(), &edits).unwrap()).unwrap()
}

/// A request as it is sent.
fn sent(dialect: Dialect, body: &Value) -> Result<Value, Withheld> {
    let Fixture {
        engine,
        permit,
        forms,
        seal,
        ..
    } = fixture();
    let document = Document::parse(Bytes::from(body.to_string())).unwrap();
    let regions = dialect.request(&document).unwrap().regions;
    let found = find_at_once(engine, &document, &regions);
    let edits = Treatments::of_request(permit, forms, seal, None).edits(&document, &regions, &found)?;
    Ok(serde_json::from_slice(&splice(document.bytes(), &edits).unwrap()).unwrap())
}

fn converse_block(text: &str, signature: &str) -> Value {
    json!({"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}})
}

fn anthropic_block(text: &str, signature: &str) -> Value {
    json!({"type": "thinking", "thinking": text, "signature": signature})
}

fn history(dialect: Dialect, content: &Value) -> Value {
    let said = |text: &str| match dialect {
        Dialect::Converse => json!([{ "text": text }]),
        _ => json!(text),
    };
    json!({"messages": [
        {"role": "user", "content": said("mail ada@example.com")},
        {"role": "assistant", "content": content},
        {"role": "user", "content": said("go on")},
    ]})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_original_goes_back_to_its_provider(text in text(), sizes in prop::collection::vec(1usize..9, 1..5)) {
        prop_assume!(!text.is_empty());
        let (shown, signature) = streamed(&text, &sizes);
        prop_assert_eq!(&shown, &redacted(&fixture().engine, &text));
        prop_assert_eq!(signature == SIGNATURE, shown == text);
        for (dialect, block) in [
            (Dialect::Converse, converse_block as fn(&str, &str) -> Value),
            (Dialect::Anthropic, anthropic_block),
        ] {
            let body = history(dialect, &json!([block(&shown, &signature), {"type": "text", "text": "ok"}]));
            let got = sent(dialect, &body).unwrap();
            prop_assert_eq!(&got["messages"][1]["content"][0], &block(&text, SIGNATURE));
            prop_assert_eq!(&got["messages"][0], &sent(dialect, &history(dialect, &json!([]))).unwrap()["messages"][0]);
        }
    }
}

#[test]
fn whole_answers_carry_their_originals_too() {
    let original = "ask ada@example.com first";
    let message =
        json!({"role": "assistant", "content": [converse_block(original, SIGNATURE), {"text": "ok"}]});
    let got = whole(Dialect::Converse, &json!({"output": {"message": message}}));
    let block = &got["output"]["message"]["content"][0];
    assert_eq!(
        block["reasoningContent"]["reasoningText"]["text"],
        "ask {EMAIL} first"
    );
    let back = sent(Dialect::Converse, &history(Dialect::Converse, &json!([block]))).unwrap();
    assert_eq!(
        back["messages"][1]["content"],
        json!([converse_block(original, SIGNATURE)])
    );

    let answer =
        json!({"type": "message", "role": "assistant", "content": [anthropic_block(original, SIGNATURE)]});
    let got = whole(Dialect::Anthropic, &answer);
    let back = sent(Dialect::Anthropic, &history(Dialect::Anthropic, &got["content"])).unwrap();
    assert_eq!(
        back["messages"][1]["content"],
        json!([anthropic_block(original, SIGNATURE)])
    );
}

/// A changed text with the old signature, and a seal over another text, are refused by providers or would let somebody put words in a
/// model's mouth.
#[test]
fn what_cannot_go_back_as_it_was_is_left_out() {
    let (shown, sealed) = streamed("ask ada@example.com first", &[4]);
    let other = Seal::new(TokenKey::new(&[2; 32]), "retail".to_owned());
    assert_eq!(
        other.close(crate::seal::Altered::default(), SIGNATURE).get(..8),
        Some("Palisade")
    );
    for (text, signature) in [
        ("ask ada@example.com first", SIGNATURE),
        ("ask {EMAIL} last", &sealed),
        (&shown, &sealed[..sealed.len() - 4]),
        (&shown, "Palisade"),
        (&shown, &other.close(crate::seal::Altered::default(), SIGNATURE)),
    ] {
        let ok = json!({"text": "ok"});
        let body = history(
            Dialect::Converse,
            &json!([ok, converse_block(text, signature), ok]),
        );
        let got = sent(Dialect::Converse, &body).unwrap();
        assert_eq!(got["messages"][1]["content"], json!([ok, ok]), "{text}");
        let body = history(Dialect::Anthropic, &json!([anthropic_block(text, signature)]));
        let got = sent(Dialect::Anthropic, &body).unwrap();
        assert_eq!(
            got["messages"][1]["content"],
            json!([{"type": "text", "text": "(reasoning left out)"}])
        );
    }
    // Nothing found in it, and the provider's own signature: as it came.
    let block = converse_block("ask somebody", SIGNATURE);
    let body = history(Dialect::Converse, &json!([block]));
    assert_eq!(
        sent(Dialect::Converse, &body).unwrap()["messages"][1]["content"],
        json!([block])
    );
}
