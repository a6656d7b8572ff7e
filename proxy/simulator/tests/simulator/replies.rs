//! What the simulated model says when nobody scripted it, in each format.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::lab::{CONVERSE, CONVERSE_STREAM, Call, HELLO, Lab};

const ECHO: &str =
    "This is acme.chat-v1:0, simulated. The last thing I received from you is: \"Hello from Ada\"";

#[tokio::test]
async fn echoes_what_the_model_received() {
    let lab = Lab::start();
    let reply = lab.ask(CONVERSE, HELLO).await.json();
    assert_eq!(
        reply["output"]["message"],
        json!({ "role": "assistant", "content": [{ "text": ECHO }] })
    );
    assert_eq!(reply["stopReason"], "end_turn");
    let usage = &reply["usage"];
    assert_eq!(
        (&usage["inputTokens"], &usage["outputTokens"]),
        (&json!(4), &json!(ECHO.len().div_ceil(4)))
    );
    assert_eq!(
        lab.ask(CONVERSE, HELLO).await.json(),
        reply,
        "equal requests get equal answers"
    );
}

#[tokio::test]
async fn streams_the_same_text_as_converse_events() {
    let lab = Lab::start();
    let reply = lab.ask(CONVERSE_STREAM, HELLO).await;
    assert_eq!(reply.header("content-type"), "application/vnd.amazon.eventstream");
    assert!(reply.whole && reply.header("content-length").is_empty());
    let events = reply.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names[0], names[1]), ("messageStart", "contentBlockDelta"));
    assert_eq!(
        names[names.len() - 3..],
        ["contentBlockStop", "messageStop", "metadata"]
    );
    let text: String = events
        .iter()
        .filter_map(|(_, event)| event["delta"]["text"].as_str())
        .collect();
    assert_eq!(text, ECHO);
    let paddings: BTreeSet<usize> = events
        .iter()
        .map(|(_, event)| event["p"].as_str().unwrap().len())
        .collect();
    assert!(paddings.len() > 2 && !paddings.contains(&0), "{paddings:?}");
    let metadata = &events.last().unwrap().1;
    assert!(metadata["usage"]["totalTokens"].is_u64() && metadata["metrics"]["latencyMs"].is_u64());
}

struct Native {
    model: &'static str,
    request: Value,
    /// Where the text is in a whole reply.
    whole: &'static str,
    /// Where it is in a chunk.
    chunk: &'static str,
    stop: &'static str,
}

async fn check(lab: &Lab, native: Native) {
    let Native {
        model,
        request,
        whole,
        chunk,
        stop,
    } = native;
    let body = request.to_string();
    let text =
        format!("This is {model}, simulated. The last thing I received from you is: \"Hello from Ada\"");
    let reply = lab.ask(&format!("/model/{model}/invoke"), &body).await;
    let json = reply.json();
    assert_eq!(json.pointer(whole), Some(&json!(text)), "{model}: {json}");
    assert_eq!(
        json.pointer(stop).and_then(Value::as_str).map(str::is_empty),
        Some(false),
        "{model}: {json}"
    );
    assert_eq!(reply.header("x-amzn-bedrock-input-token-count"), "4", "{model}");
    assert_eq!(
        reply.header("x-amzn-bedrock-output-token-count"),
        text.len().div_ceil(4).to_string(),
        "{model}"
    );

    let reply = lab
        .ask(&format!("/model/{model}/invoke-with-response-stream"), &body)
        .await;
    assert_eq!(
        reply.header("x-amzn-bedrock-content-type"),
        "application/json",
        "{model}"
    );
    let chunks: Vec<Value> = reply
        .events()
        .iter()
        .map(|(name, event)| {
            assert_eq!(name, "chunk");
            assert!(event["p"].is_string());
            serde_json::from_slice(&STANDARD.decode(event["bytes"].as_str().unwrap()).unwrap()).unwrap()
        })
        .collect();
    let streamed: String = chunks
        .iter()
        .filter_map(|part| part.pointer(chunk)?.as_str())
        .collect();
    assert_eq!(streamed, text, "{model}");
    let (last, earlier) = chunks.split_last().unwrap();
    let metrics = "amazon-bedrock-invocationMetrics";
    assert_eq!(last[metrics]["inputTokenCount"], 4, "{model}");
    assert!(earlier.iter().all(|part| part.get(metrics).is_none()), "{model}");
    if model.starts_with("anthropic.") {
        let kinds: Vec<_> = chunks.iter().filter_map(|part| part["type"].as_str()).collect();
        assert_eq!(kinds[..2], ["message_start", "content_block_start"]);
        assert_eq!(
            kinds[kinds.len() - 3..],
            ["content_block_stop", "message_delta", "message_stop"]
        );
    }
}

#[tokio::test]
async fn speaks_every_native_format() {
    let lab = Lab::start();
    let messages = json!([{ "role": "user", "content": "Hello from Ada" }]);
    let blocks = json!([{ "role": "user", "content": [{ "text": "Hello from Ada" }] }]);
    check(&lab, Native {
        model: "anthropic.claude-x",
        request: json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": messages }),
        whole: "/content/0/text",
        chunk: "/delta/text",
        stop: "/stop_reason",
    }).await;
    check(
        &lab,
        Native {
            model: "amazon.nova-x",
            request: json!({ "schemaVersion": "messages-v1", "messages": blocks }),
            whole: "/output/message/content/0/text",
            chunk: "/contentBlockDelta/delta/text",
            stop: "/stopReason",
        },
    )
    .await;
    check(
        &lab,
        Native {
            model: "qwen.x",
            request: json!({ "messages": messages }),
            whole: "/choices/0/message/content",
            chunk: "/choices/0/delta/content",
            stop: "/choices/0/finish_reason",
        },
    )
    .await;
    check(
        &lab,
        Native {
            model: "amazon.titan-text-x",
            request: json!({ "inputText": "Hello from Ada" }),
            whole: "/results/0/outputText",
            chunk: "/outputText",
            stop: "/results/0/completionReason",
        },
    )
    .await;
    check(
        &lab,
        Native {
            model: "meta.llama-x",
            request: json!({ "prompt": "Hello from Ada" }),
            whole: "/generation",
            chunk: "/generation",
            stop: "/stop_reason",
        },
    )
    .await;
}

#[tokio::test]
async fn counts_tokens() {
    let lab = Lab::start();
    let body = json!({ "input": { "converse": serde_json::from_str::<Value>(HELLO).unwrap() } });
    let reply = lab.ask("/model/m/count-tokens", &body.to_string()).await;
    assert_eq!(reply.json(), json!({ "inputTokens": 4 }));
}

#[tokio::test]
async fn echoes_sagemaker_bodies_byte_for_byte() {
    let lab = Lab::start();
    let body: Vec<u8> = (0..=255).collect();
    let call = Call::new("/endpoints/e/invocations", body.clone()).set("content-type", |_| "x/y".to_owned());
    let reply = lab.send(&call.signed(&lab)).await.unwrap();
    assert_eq!(
        (reply.body().to_vec(), reply.header("content-type")),
        (body.clone(), "x/y")
    );
    let call = Call::new("/endpoints/e/invocations-response-stream", body.clone());
    let reply = lab.send(&call.signed(&lab)).await.unwrap();
    assert_eq!(reply.header("x-amzn-sagemaker-content-type"), "application/json");
    let frames = reply.frames();
    assert!(
        frames.len() > 1
            && frames
                .iter()
                .all(|frame| frame.event_type() == Some("PayloadPart"))
    );
    let parts: Vec<u8> = frames
        .iter()
        .flat_map(|frame| frame.payload_bytes().to_vec())
        .collect();
    assert_eq!(parts, body);
}

#[tokio::test]
async fn refuses_as_aws_does() {
    let lab = Lab::start();
    let large = vec![b' '; 25_000_001];
    let large_for_sagemaker = vec![b' '; 6_291_457];
    let cases: [(&str, Vec<u8>, u16, &str); 7] = [
        (
            "/model/m/unknown",
            b"{}".to_vec(),
            404,
            "UnknownOperationException",
        ),
        ("/", b"".to_vec(), 404, "UnknownOperationException"),
        (
            "/model/m/converse",
            b"{\"messages\":".to_vec(),
            400,
            "ValidationException",
        ),
        ("/model/m/invoke", b"[]".to_vec(), 400, "ValidationException"),
        ("/model/m/invoke", b"".to_vec(), 400, "ValidationException"),
        ("/model/m/invoke", large, 413, "ValidationException"),
        (
            "/endpoints/e/invocations",
            large_for_sagemaker,
            413,
            "ValidationError",
        ),
    ];
    for (path, body, status, error) in cases {
        let call = Call::new(path, body).signed(&lab);
        // A refused upload may be cut short: the answer is still there to read.
        let reply = lab.send(&call).await.unwrap();
        assert_eq!(
            (reply.status.as_u16(), reply.header("x-amzn-errortype")),
            (status, error),
            "{path}"
        );
    }
    let mut largest = br#"{"prompt":""#.to_vec();
    largest.resize(25_000_000 - 2, b'x');
    largest.extend(b"\"}");
    let call = Call::new("/model/m/invoke", largest).signed(&lab);
    assert_eq!(lab.send(&call).await.unwrap().status, 200);
}
