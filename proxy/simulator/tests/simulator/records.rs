//! What `GET /received` tells, while exchanges run and after.

use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::lab::{CONVERSE, CONVERSE_STREAM, Call, HELLO, Lab, now};

#[tokio::test]
async fn keeps_the_request_as_it_came() {
    let lab = Lab::start();
    let call = Call::new(&format!("{CONVERSE}?a=1"), HELLO)
        .header("x-many", "one")
        .signed(&lab);
    lab.send(&call).await.unwrap();
    let entry = lab.outcome("completed").await;
    assert_eq!(entry["method"], "POST");
    assert_eq!(
        (&entry["path"], &entry["query"]),
        (&json!(CONVERSE), &json!("a=1"))
    );
    assert_eq!(
        (&entry["body"], &entry["sigv4"]),
        (&json!(HELLO), &json!("valid"))
    );
    assert!(
        entry["headers"]
            .as_array()
            .unwrap()
            .contains(&json!(["x-many", "one"]))
    );
    assert!((now() * 1000 - entry["received_at_ms"].as_i64().unwrap()).abs() < 10_000);
    assert_eq!(entry["frames"], 1);

    let binary = Call::new("/endpoints/e/invocations", vec![0xff, 0x00]).signed(&lab);
    lab.send(&binary).await.unwrap();
    assert_eq!(
        lab.outcome("completed").await["body"],
        json!({ "base64": "/wA=" })
    );
    lab.ask("/nowhere", "").await;
    assert_eq!(lab.received().await.len(), 3);
    assert_eq!(
        lab.side(Method::DELETE, "/received", &Value::Null).await.status,
        200
    );
    assert!(lab.received().await.is_empty());
}

async fn check_leaving(lab: &Lab, response: hyper::Result<http::Response<Incoming>>) {
    let mut body = response.unwrap().into_body();
    for _ in 0..3 {
        body.frame().await.unwrap().unwrap();
    }
    let entry = lab.received().await.pop().unwrap();
    assert_eq!(entry["outcome"], "open");
    assert!(entry["frames"].as_u64() >= Some(3));
    drop(body);
    let frames = lab.outcome("client_gone").await["frames"].as_u64().unwrap();
    assert!((3..12).contains(&frames), "{frames} of 12 frames");
}

#[tokio::test]
async fn sees_a_client_leave_in_the_middle() {
    let lab = Lab::start();
    let slow = json!({ "text": "abcdefgh", "chunk_chars": 1, "delay_ms": 50 });
    lab.script(json!([slow, slow])).await;
    let call = Call::new(CONVERSE_STREAM, HELLO).signed(&lab);
    check_leaving(&lab, lab.open(&call).await).await;
    check_leaving(&lab, lab.open_h2(&call).await).await;
}

#[tokio::test]
async fn completes_every_kind_of_reply() {
    let lab = Lab::start();
    let cases = [
        (json!({ "text": "ab", "chunk_chars": 1 }), CONVERSE_STREAM, 6),
        (json!({ "text": "ab" }), CONVERSE, 1),
        (json!({ "text": "ab", "frames_split_bytes": 3 }), CONVERSE, 1),
        (json!({ "text": "ab", "die_after": 9 }), CONVERSE, 1),
        (json!({ "error": "ThrottlingException" }), CONVERSE, 1),
        (json!({ "raw_body_base64": "" }), CONVERSE, 0),
        (json!({ "raw_chunks_base64": [] }), CONVERSE, 0),
        (json!({ "exception_after": 1 }), CONVERSE_STREAM, 2),
    ];
    for (script, path, frames) in cases {
        assert!(lab.scripted(script.clone(), path).await.whole);
        assert_eq!(lab.outcome("completed").await["frames"], frames, "{script}");
    }
}

#[tokio::test]
async fn records_nothing_when_told() {
    let lab = Lab::start_with(|options| options.record = false);
    assert_eq!(lab.ask(CONVERSE, HELLO).await.status, 200);
    assert_eq!(lab.side(Method::GET, "/received", &Value::Null).await.status, 404);
    assert_eq!(
        lab.side(Method::DELETE, "/received", &Value::Null).await.status,
        404
    );
    let stats = lab.side(Method::GET, "/stats", &Value::Null).await.json();
    assert_eq!(stats["requests"], 1);
}
