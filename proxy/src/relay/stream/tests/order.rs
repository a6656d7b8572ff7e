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
        let cited = delta["citation"]["title"].as_str();
        match (text, signed.or(cited), seen.last_mut()) {
            (Some(text), _, Some(last)) if last.starts_with('"') => last.push_str(text),
            (Some(text), _, _) => seen.push(format!("\"{text}")),
            (None, Some(signed), _) if cited.is_none() => seen.push(format!("signature {signed}")),
            (None, Some(title), _) => seen.push(format!("citation {title}")),
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

/// Frames of a text with a citation in each place of `parts` but the last.
fn cited(parts: &[&str]) -> Vec<String> {
    let delta =
        |delta: serde_json::Value| serde_json::json!({"contentBlockIndex": 0, "delta": delta}).to_string();
    let mut frames = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            frames.push(delta(
                serde_json::json!({"citation": {"title": format!("c{number}")}}),
            ));
        }
        frames.extend(
            deltas(part, &[3])
                .iter()
                .map(|piece| delta(serde_json::json!({ "text": piece }))),
        );
    }
    frames
}

/// What is seen of it, before the block ends.
fn seen_of(parts: &[&str]) -> Vec<String> {
    let frames = cited(parts);
    let mut frames: Vec<_> = frames
        .iter()
        .map(|frame| ("contentBlockDelta", frame.as_str()))
        .collect();
    frames.push(("contentBlockStop", r#"{"contentBlockIndex":0}"#));
    let mut seen = seen(&frames);
    assert_eq!(seen.pop().as_deref(), Some("contentBlockStop"));
    seen
}

#[test]
fn citations_stand_where_they_stood() {
    let cases: [(&[&str], &[&str]); 6] = [
        (
            &["The limit is 500 ", "euros"],
            &["\"The limit is 500 ", "citation c1", "\"euros"],
        ),
        (
            &["It is ada", " who said so", ", and bo"],
            &[
                "\"It is ada",
                "citation c1",
                "\" who said so",
                "citation c2",
                "\", and bo",
            ],
        ),
        (&["One. ", "Two."], &["\"One. ", "citation c1", "\"Two."]),
        (
            &["word", "", "more"],
            &["\"word", "citation c1", "citation c2", "\"more"],
        ),
        // Within a value: behind what takes its place.
        (
            &["Mail ada@exam", "ple.com today"],
            &["\"Mail {EMAIL}", "citation c1", "\" today"],
        ),
        (&["", "word"], &["citation c1", "\"word"]),
    ];
    for (parts, expected) in cases {
        assert_eq!(seen_of(parts), expected, "{parts:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn citations_lose_no_text_and_keep_their_order(parts in prop::collection::vec(text(), 1..5)) {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let seen = seen_of(&parts);
        let text: String = seen.iter().filter_map(|one| one.strip_prefix('"')).collect();
        prop_assert_eq!(text, redacted(&fixture().engine, &parts.concat()));
        let titles: Vec<String> = seen.iter().filter(|one| !one.starts_with('"')).cloned().collect();
        let expected: Vec<String> = (1..parts.len()).map(|number| format!("citation c{number}")).collect();
        prop_assert_eq!(titles, expected);
    }
}
