//! What signs, ends or breaks off a text comes after it, however much of it was held back.

use super::*;

/// What the guard lets out of `frames`, one after the other, with the text or the name of each.
fn seen(frames: &[(&str, &str)]) -> Vec<String> {
    let fixture = fixture();
    let mut stream = BytesMut::new();
    for (kind, payload) in frames {
        match kind.ends_with("Exception") {
            true => eventstream::exception(kind, payload.as_bytes(), &mut stream).unwrap(),
            false => frame(kind, payload, &mut stream),
        }
    }
    let (mut guard, mut observed) = (
        Guard::new(&fixture.engine, Protocol::BedrockRuntime, Dialect::Converse),
        fixture.observed(),
    );
    let mut out = Vec::new();
    let pushed = guard.push(stream.freeze(), &mut observed);
    out.extend_from_slice(&pushed.unwrap_or_else(|_| panic!("was cut")));
    out.extend_from_slice(&guard.finish(&mut observed).unwrap_or_else(|_| panic!("was cut")));
    let mut decoder = Decoder::new();
    decoder.push(Bytes::from(out));
    let mut seen: Vec<String> = Vec::new();
    while let Some(frame) = decoder.next_frame().unwrap() {
        let value: serde_json::Value = serde_json::from_slice(frame.payload_bytes()).unwrap();
        let delta = &value["delta"];
        let text = delta["text"]
            .as_str()
            .or_else(|| delta["reasoningContent"]["text"].as_str());
        let signed = delta["reasoningContent"]["signature"].as_str();
        match (text, signed, seen.last_mut()) {
            (Some(text), _, Some(last)) if last.starts_with('"') => last.push_str(text),
            (Some(text), _, _) => seen.push(format!("\"{text}")),
            (None, Some(signed), _) => seen.push(format!("signature {signed}")),
            (None, None, _) => seen.push(frame.event_type().unwrap_or("exception").to_owned()),
        }
    }
    seen
}

#[test]
fn reasoning_leaves_before_its_signature() {
    let reasoning = |text: &str| {
        format!(r#"{{"contentBlockIndex":0,"delta":{{"reasoningContent":{{"text":"{text}"}}}}}}"#)
    };
    let signature = r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2ln"}}}"#;
    for last in [
        "all of it",
        "it costs 500",
        "ask ada",
        "card 4111 1111",
        "www.example.org",
    ] {
        let text = format!("Think about it now, {last}");
        let (first, second) = (reasoning("Think about it now, "), reasoning(last));
        let got = seen(&[
            ("contentBlockDelta", &first),
            ("contentBlockDelta", &second),
            ("contentBlockDelta", signature),
            ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        ]);
        let shown = redacted(&fixture().engine, &text);
        let [said, signature, stop] = got.as_slice() else {
            panic!("{got:?}");
        };
        assert_eq!((said, stop.as_str()), (&format!("\"{shown}"), "contentBlockStop"));
        // The old signature does not hold for another text.
        assert_eq!(signature == "signature c2ln", shown == text, "{signature}");
    }
}

#[test]
fn text_leaves_before_the_exception_that_breaks_it_off() {
    for last in ["500", "4111 1111", "ada@example.com"] {
        let delta = format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"The total is {last}"}}}}"#);
        let got = seen(&[
            ("contentBlockDelta", &delta),
            ("modelStreamErrorException", r#"{"message":"broken"}"#),
        ]);
        let shown = redacted(&fixture().engine, &format!("The total is {last}"));
        assert_eq!(got, [format!("\"{shown}"), "exception".into()]);
    }
}
