//! Every field of a scripted reply.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use palisade_wire::eventstream::Frame;
use serde_json::{Value, json};

use crate::lab::{CONVERSE, CONVERSE_STREAM, Call, HELLO, Lab, decode};

fn deltas(events: &[(String, Value)], pointer: &str) -> Vec<String> {
    let texts = events
        .iter()
        .filter_map(|(_, event)| event.pointer(pointer)?.as_str());
    texts.map(str::to_owned).collect()
}

#[tokio::test]
async fn says_the_text_in_chunks_of_the_asked_length() {
    let lab = Lab::start();
    let script = json!({ "text": "grün-blau", "chunk_chars": 4, "stop_reason": "max_tokens" });
    let events = lab.scripted(script.clone(), CONVERSE_STREAM).await.events();
    assert_eq!(deltas(&events, "/delta/text"), ["grün", "-bla", "u"]);
    assert_eq!(deltas(&events, "/stopReason"), ["max_tokens"]);
    let whole = lab.scripted(script, CONVERSE).await.json();
    assert_eq!(whole["output"]["message"]["content"][0]["text"], "grün-blau");
    assert_eq!(whole["stopReason"], "max_tokens");
}

#[tokio::test]
async fn calls_tools_with_input_in_fragments() {
    let lab = Lab::start();
    let input = json!({ "city": "Zürich", "days": 3 });
    let script =
        json!({ "text": "Let me see.", "tool_use": { "name": "weather", "input": input }, "chunk_chars": 5 });
    let events = lab.scripted(script.clone(), CONVERSE_STREAM).await.events();
    let start = events
        .iter()
        .find(|(name, _)| name == "contentBlockStart")
        .unwrap();
    assert_eq!(start.1["contentBlockIndex"], 1);
    assert_eq!(start.1["start"]["toolUse"]["name"], "weather");
    let fragments = deltas(&events, "/delta/toolUse/input");
    assert!(fragments.len() > 3 && fragments.iter().all(|fragment| fragment.chars().count() <= 5));
    assert_eq!(serde_json::from_str::<Value>(&fragments.concat()).unwrap(), input);
    assert_eq!(deltas(&events, "/stopReason"), ["tool_use"]);

    let whole = lab.scripted(script.clone(), CONVERSE).await.json();
    let blocks = &whole["output"]["message"]["content"];
    assert_eq!(
        (&blocks[0]["text"], &blocks[1]["toolUse"]["input"]),
        (&json!("Let me see."), &input)
    );

    let cases = [
        ("anthropic.x", "/delta/partial_json", "/content/1/input"),
        (
            "amazon.nova-x",
            "/contentBlockDelta/delta/toolUse/input",
            "/output/message/content/1/toolUse/input",
        ),
        (
            "qwen.x",
            "/choices/0/delta/tool_calls/0/function/arguments",
            "/choices/0/message/tool_calls/0/function/arguments",
        ),
    ];
    for (model, pointer, whole_pointer) in cases {
        let reply = lab
            .scripted(
                script.clone(),
                &format!("/model/{model}/invoke-with-response-stream"),
            )
            .await;
        let native = |event: &Value| STANDARD.decode(event["bytes"].as_str().unwrap()).unwrap();
        let chunks: Vec<_> = reply
            .events()
            .iter()
            .map(|(name, event)| (name.clone(), serde_json::from_slice(&native(event)).unwrap()))
            .collect();
        assert_eq!(
            serde_json::from_str::<Value>(&deltas(&chunks, pointer).concat()).unwrap(),
            input,
            "{model}"
        );
        let whole = lab
            .scripted(script.clone(), &format!("/model/{model}/invoke"))
            .await
            .json();
        let called = whole.pointer(whole_pointer).unwrap();
        let called = called
            .as_str()
            .map_or(called.clone(), |text| serde_json::from_str(text).unwrap());
        assert_eq!(called, input, "{model}: {whole}");
    }
}

#[tokio::test]
async fn answers_with_scripted_errors() {
    let lab = Lab::start();
    let cases = [
        (
            json!({ "error": "ThrottlingException", "message": "slow down" }),
            429,
            "ThrottlingException",
            "slow down",
        ),
        (
            json!({ "status": 429 }),
            429,
            "ThrottlingException",
            "scripted by the simulator",
        ),
        (
            json!({ "status": 503 }),
            503,
            "ServiceUnavailableException",
            "scripted by the simulator",
        ),
        (
            json!({ "status": 418, "error": "TeapotException" }),
            418,
            "TeapotException",
            "scripted by the simulator",
        ),
    ];
    for (script, status, error, message) in cases {
        for path in [CONVERSE, CONVERSE_STREAM] {
            let reply = lab.scripted(script.clone(), path).await;
            assert_eq!(
                (reply.status.as_u16(), reply.header("x-amzn-errortype")),
                (status, error)
            );
            assert_eq!(reply.json(), json!({ "message": message }));
        }
        let reply = lab.scripted(script, "/endpoints/e/invocations").await;
        assert_eq!(reply.json(), json!({ "Message": message }));
    }
}

#[tokio::test]
async fn ends_a_stream_with_an_exception_frame() {
    let lab = Lab::start();
    let script = json!({ "text": "abcdef", "chunk_chars": 1, "exception_after": 3, "message": "enough" });
    let reply = lab.scripted(script, CONVERSE_STREAM).await;
    let frames = reply.frames();
    assert!(reply.whole && frames.len() == 4);
    let last = frames.last().unwrap();
    let types = (last.message_type(), last.exception_type());
    assert_eq!(types, (Some("exception"), Some("throttlingException")));
    assert_eq!(last.payload_bytes(), br#"{"message":"enough"}"#);
    let script = json!({ "exception_after": 0, "exception": "ModelStreamError" });
    let frames = lab
        .scripted(script, "/endpoints/e/invocations-response-stream")
        .await
        .frames();
    assert_eq!(
        frames.iter().map(Frame::exception_type).collect::<Vec<_>>(),
        [Some("ModelStreamError")]
    );
    let payload: Value = serde_json::from_slice(frames[0].payload_bytes()).unwrap();
    assert_eq!(payload["ErrorCode"], "ModelStreamError");
}

#[tokio::test]
async fn dies_when_told() {
    let lab = Lab::start();
    for split in [json!(null), json!(5)] {
        let mut script = json!({ "text": "abcdef", "chunk_chars": 1, "die_after": 2 });
        if split.is_number() {
            script["frames_split_bytes"] = split;
        }
        let reply = lab.scripted(script, CONVERSE_STREAM).await;
        assert!(!reply.whole);
        assert_eq!(reply.frames().len(), 2);
        assert_eq!(lab.outcome("killed").await["frames"], 2);
    }
    let reply = lab.scripted(json!({ "die_after": 0 }), CONVERSE).await;
    assert!(!reply.whole && reply.chunks.is_empty());

    lab.script(json!([{ "die_before_response": true }, { "die_before_response": true }]))
        .await;
    let call = Call::new(CONVERSE, HELLO).signed(&lab);
    assert!(lab.send(&call).await.is_err());
    assert!(lab.send_h2(&call).await.is_err());
    assert_eq!(lab.outcome("killed").await["frames"], 0);
}

#[tokio::test]
async fn waits_and_hangs() {
    let lab = Lab::start();
    let started = Instant::now();
    lab.scripted(json!({ "first_delay_ms": 60 }), CONVERSE).await;
    assert!(started.elapsed() >= Duration::from_millis(60));

    lab.script(json!([{ "text": "ab", "chunk_chars": 1, "first_delay_ms": 40, "delay_ms": 20 }]))
        .await;
    let started = Instant::now();
    let response = lab
        .open(&Call::new(CONVERSE_STREAM, HELLO).signed(&lab))
        .await
        .unwrap();
    assert!(
        started.elapsed() < Duration::from_millis(40),
        "the head of a stream does not wait"
    );
    http_body_util::BodyExt::collect(response.into_body())
        .await
        .unwrap();
    assert!(
        started.elapsed() >= Duration::from_millis(40 + 5 * 20),
        "six frames, five of them delayed"
    );

    lab.script(json!([{ "hang": true }])).await;
    let call = Call::new(CONVERSE, HELLO).signed(&lab);
    let waited = tokio::time::timeout(Duration::from_millis(100), lab.send(&call)).await;
    assert!(waited.is_err(), "answered: {waited:?}");
    assert_eq!(lab.outcome("client_gone").await["frames"], 0);
}

#[tokio::test]
async fn splits_frames_across_chunks() {
    let lab = Lab::start();
    let text = "a text that is long enough for some frames";
    let script = json!({ "text": text, "frames_split_bytes": 7 });
    let reply = lab.scripted(script.clone(), CONVERSE_STREAM).await;
    let (last, pieces) = reply.chunks.split_last().unwrap();
    assert!(reply.whole && pieces.len() > 10);
    assert!(
        pieces.iter().all(|piece| piece.len() == 7) && last.len() <= 7,
        "{:?}",
        reply.chunks
    );
    assert_eq!(deltas(&reply.events(), "/delta/text").concat(), text);

    // Pieces of a body of known length carry no mark: how many there are shows only in when they arrive.
    let reply = lab.scripted(script, CONVERSE).await;
    assert!(reply.whole && !reply.header("content-length").is_empty());
    assert_eq!(reply.json()["output"]["message"]["content"][0]["text"], text);
}

#[tokio::test]
async fn replays_golden_streams_byte_for_byte() {
    let lab = Lab::start();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/streams");
    let mut replayed = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let golden = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!decode(&golden).is_empty());
        let whole = json!({ "raw_body_base64": STANDARD.encode(&golden), "content_type": "a/b" });
        let reply = lab.scripted(whole, CONVERSE_STREAM).await;
        assert_eq!(
            (reply.body().to_vec(), reply.header("content-type")),
            (golden.clone(), "a/b")
        );
        let chunks: Vec<_> = golden.chunks(50).map(|chunk| STANDARD.encode(chunk)).collect();
        let reply = lab
            .scripted(
                json!({ "raw_chunks_base64": chunks, "delay_ms": 1 }),
                CONVERSE_STREAM,
            )
            .await;
        assert_eq!(reply.body(), golden);
        assert!(reply.chunks.len() > 1);
        assert_eq!(reply.header("content-type"), "application/vnd.amazon.eventstream");
        replayed += 1;
    }
    assert_eq!(replayed, 5);
    let reply = lab
        .scripted(json!({ "raw_body_base64": "aGk=", "status": 502 }), CONVERSE)
        .await;
    assert_eq!(
        (reply.status.as_u16(), reply.body().as_ref()),
        (502, b"hi".as_ref())
    );
}

/// The simulator's frames carry the same headers, in the same order, as those of the service.
#[tokio::test]
async fn frames_have_the_headers_of_the_golden_ones() {
    let lab = Lab::start();
    let cases = [
        ("converse-stream-ok.bin", CONVERSE_STREAM),
        (
            "invoke-stream-anthropic.bin",
            "/model/anthropic.x/invoke-with-response-stream",
        ),
        (
            "sagemaker-payloadpart.bin",
            "/endpoints/e/invocations-response-stream",
        ),
    ];
    for (file, path) in cases {
        let golden = std::fs::read(format!("{}/tests/streams/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let headers = |frame: &Frame| format!("{:?}", frame.headers().collect::<Vec<_>>());
        let mut expected: Vec<_> = decode(&golden).iter().map(headers).collect();
        let mut actual: Vec<_> = lab.ask(path, HELLO).await.frames().iter().map(headers).collect();
        expected.dedup();
        actual.dedup();
        assert_eq!(actual, expected, "{file}");
    }
}

#[tokio::test]
async fn serves_replies_in_order_and_only_to_accepted_calls() {
    let lab = Lab::start();
    lab.script(json!([{ "text": "one" }, { "text": "two" }])).await;
    let unsigned = lab.send(&Call::new(CONVERSE, HELLO)).await.unwrap();
    assert_eq!(unsigned.status, 403);
    assert_eq!(lab.ask(CONVERSE, "{").await.status, 400);
    let waiting = async || lab.side(Method::GET, "/script", &Value::Null).await.json();
    assert_eq!(
        waiting().await,
        json!({ "replies": [{ "text": "one" }, { "text": "two" }] })
    );
    for expected in ["one", "two"] {
        let said = lab.ask(CONVERSE, HELLO).await.json();
        assert_eq!(said["output"]["message"]["content"][0]["text"], expected);
    }
    assert_eq!(waiting().await, json!({ "replies": [] }));
}

#[tokio::test]
async fn refuses_scripts_whole() {
    let lab = Lab::start();
    let cases = [
        json!({ "replies": [{ "txt": "unknown key" }] }),
        json!({ "replies": [], "more": 1 }),
        json!({}),
        json!({ "replies": [{ "status": 199 }] }),
        json!({ "replies": [{ "chunk_chars": 0 }] }),
        json!({ "replies": [{ "frames_split_bytes": 0 }] }),
        json!({ "replies": [{ "error": "a b" }] }),
        json!({ "replies": [{ "exception": "" }] }),
        json!({ "replies": [{ "content_type": "a\nb" }] }),
        json!({ "replies": [{ "raw_body_base64": "?" }] }),
        json!({ "replies": [{ "raw_body_base64": "", "raw_chunks_base64": [] }] }),
        json!({ "replies": [{ "raw_body_base64": "", "text": "x" }] }),
        json!({ "replies": [{ "delay_ms": 600_001 }] }),
        json!({ "replies": [{ "text": "x".repeat(2 * 1024 * 1024 + 1) }] }),
        json!({ "replies": vec![json!({}); 10_001] }),
        json!({ "replies": [{ "text": "good" }, { "status": 1 }] }),
    ];
    for script in cases {
        let reply = lab.side(Method::POST, "/script", &script).await;
        assert_eq!(reply.status, 400);
        assert!(reply.json()["error"].is_string());
    }
    let waiting = lab.side(Method::GET, "/script", &Value::Null).await.json();
    assert_eq!(waiting, json!({ "replies": [] }));
}
