//! What signatures and frames cost: microseconds to verify a signed request of 1 KiB and to sign it anew, and to take a frame apart that needs
//! no change.
//!
//! cargo run --release -p palisade-wire --example signature_cost
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program of its own, which prints and stops at the first fault"
)]

use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::encode;
use palisade_wire::framing::{Framing, Units};
use palisade_wire::json::Document;
use palisade_wire::sigv4::{
    Authorization, Head, Headers, PayloadHash, SignRequest, SigningKey, request_date, sign, verify,
};
use palisade_wire::text::Dialect;
use std::hint::black_box;
use std::time::Instant;

const PATH: &str = "/model/amazon.nova-lite-v1%3A0/converse";
const HOST: &str = "bedrock-runtime.us-east-1.amazonaws.com";
const NOW: i64 = 1_780_000_000;
const ROUNDS: u32 = 20_000;

struct Lines(Vec<(&'static str, Vec<u8>)>);

impl Headers for Lines {
    fn for_each(&self, each: &mut dyn FnMut(&str, &[u8])) {
        self.0.iter().for_each(|(name, value)| each(name, value));
    }

    fn values(&self, name: &str, each: &mut dyn FnMut(&[u8])) {
        let named = self.0.iter().filter(|(own, _)| *own == name);
        named.for_each(|(_, value)| each(value));
    }
}

fn main() {
    let body = vec![b'x'; 1024];
    let secret: String = ["example", "secret"].concat();
    let key = SigningKey::derive(&secret, "20260528", "us-east-1", "bedrock");
    let signed = signed(&key, &body);
    let lines = Lines(vec![
        ("host", HOST.into()),
        ("content-type", b"application/json".to_vec()),
        ("x-amz-date", signed.1.clone().into()),
    ]);
    let verified = best(|| {
        let head = Head {
            method: "POST",
            path: PATH.as_bytes(),
            query: b"",
            authority: HOST,
            headers: &lines,
        };
        let authorization = Authorization::parse(&signed.0).unwrap();
        request_date(&head).unwrap().check_skew(NOW).unwrap();
        verify(&head, &authorization, &key, &PayloadHash::of(&body)).unwrap();
    });
    let signed_anew = best(|| {
        black_box(self::signed(&key, &body));
    });
    let frame = frame();
    let framed = best(|| {
        let mut units = Units::new(Framing::Events);
        units.push(frame.clone());
        let unit = units.next_unit().unwrap().unwrap();
        let palisade_wire::framing::Content::Event(json) = &unit.content else {
            return;
        };
        let document = Document::parse(json.clone()).unwrap();
        black_box(Dialect::Converse.event(unit.kind(), &document));
    });
    println!(
        "verify {verified:.2} µs, sign {signed_anew:.2} µs, together {:.2} µs",
        verified + signed_anew
    );
    println!("a frame, read and mapped {framed:.2} µs");
}

fn signed(key: &SigningKey, body: &[u8]) -> (String, String) {
    let signed = sign(&SignRequest {
        method: "POST",
        path: PATH,
        query: "",
        host: HOST,
        headers: &[("content-type", b"application/json")],
        payload: &PayloadHash::of(body),
        unix_seconds: NOW,
        access_key_id: "EXAMPLEKEY",
        key,
        session_token: None,
    });
    let signed = signed.unwrap();
    (signed.authorization, signed.x_amz_date.as_str().to_owned())
}

fn frame() -> Bytes {
    let mut out = BytesMut::new();
    let headers = [
        (":event-type", "contentBlockDelta"),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    let payload = br#"{"contentBlockIndex":0,"delta":{"text":"a word or two"},"p":"abcdefghijk"}"#;
    encode(&headers, payload, &mut out).unwrap();
    out.freeze()
}

/// The best of ten runs, in microseconds a round.
fn best(mut round: impl FnMut()) -> f64 {
    let runs = (0..10).map(|_| {
        let began = Instant::now();
        (0..ROUNDS).for_each(|_| round());
        began.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
    });
    runs.fold(f64::INFINITY, f64::min)
}
