//! What it costs to say a stream in another protocol: microseconds a frame, of streams of 1,000 and of 100,000 frames.
//!
//! cargo run --release -p palisade-wire --example translate_cost
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program of its own, which prints and stops at the first fault"
)]

use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::encode;
use palisade_wire::json::Document;
use palisade_wire::translate::{Own, Spoken, Tongue};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const MODEL: Spoken<'_> = Spoken {
    id: "amazon.nova-lite-v1:0",
    family: "nova",
    own: Own::Converse,
};

fn main() {
    println!("| protocol | 1,000 frames | 100,000 frames |\n|---|--:|--:|");
    for (tongue, request) in [
        (
            Tongue::Chat,
            json!({ "model": "m", "stream": true, "messages": [{ "role": "user", "content": "hi" }] }),
        ),
        (
            Tongue::Responses,
            json!({ "model": "m", "stream": true, "input": "hi" }),
        ),
        (
            Tongue::Messages,
            json!({ "model": "m", "stream": true, "max_tokens": 9, "messages": [{ "role": "user", "content": "hi" }] }),
        ),
    ] {
        let document = Document::parse(Bytes::from(request.to_string())).unwrap();
        let voice = tongue.request(&document, MODEL, &[]).unwrap().voice;
        let [short, long] = [1_000, 100_000].map(|count| {
            let frames = stream(count);
            let best = (0..10).map(|_| said(&voice, &frames)).min().unwrap_or_default();
            best.as_secs_f64() * 1e6 / f64::from(count)
        });
        println!("| {} | {short:.2} µs | {long:.2} µs |", tongue.name());
    }
}

fn said(voice: &palisade_wire::translate::Voice, frames: &[Bytes]) -> Duration {
    let began = Instant::now();
    let (mut stream, mut out) = (voice.stream(), BytesMut::with_capacity(64 * 1024));
    for frame in frames {
        stream.push(frame.clone(), &mut out).unwrap();
        out.clear();
    }
    stream.finish(&mut out).unwrap();
    began.elapsed()
}

fn stream(count: u32) -> Vec<Bytes> {
    let delta = || {
        frame(
            "contentBlockDelta",
            &json!({ "contentBlockIndex": 0, "delta": { "text": " word" }, "p": "abcdefgh" }),
        )
    };
    let mut frames = vec![frame("messageStart", &json!({ "role": "assistant" }))];
    frames.extend((0..count).map(|_| delta()));
    frames.push(frame("contentBlockStop", &json!({ "contentBlockIndex": 0 })));
    frames.push(frame("messageStop", &json!({ "stopReason": "end_turn" })));
    frames.push(frame(
        "metadata",
        &json!({ "usage": { "inputTokens": 1, "outputTokens": 2 } }),
    ));
    frames
}

fn frame(kind: &str, payload: &Value) -> Bytes {
    let mut out = BytesMut::new();
    let headers = [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    encode(&headers, payload.to_string().as_bytes(), &mut out).unwrap();
    out.freeze()
}
