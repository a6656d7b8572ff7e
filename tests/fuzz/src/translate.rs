use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::encode;
use palisade_wire::json::Document;
use palisade_wire::text::Dialect;
use palisade_wire::translate::{Heading, Own, Spoken, Tongue, Voice, Way};
use serde_json::Value;

const MODELS: [Spoken<'_>; 6] = [
    Spoken {
        id: "an-endpoint",
        family: "llama",
        own: Own::Chat,
    },
    Spoken {
        id: "amazon.titan-embed-text-v2:0",
        family: "titan",
        own: Own::Converse,
    },
    Spoken {
        id: "cohere.embed-v4:0",
        family: "embed",
        own: Own::Converse,
    },
    Spoken {
        id: "anthropic.claude-3-5-sonnet-20240620-v1:0",
        family: "claude",
        own: Own::Messages,
    },
    Spoken {
        id: "amazon.nova-2-lite-v1:0",
        family: "nova",
        own: Own::Converse,
    },
    Spoken {
        id: "meta.llama3-70b-instruct-v1:0",
        family: "llama",
        own: Own::Converse,
    },
];

/// Requests in other protocols: what is made of one is a request that Converse takes. Answers: what is said of one, whole or streamed, is JSON,
/// and the same wherever a stream is cut.
///
/// The input is a request and, behind an empty line, an answer; its lines are events of a stream, each its kind, a blank and its payload.
pub fn translate(data: &[u8]) {
    let cut = data.windows(2).position(|pair| pair == b"\n\n");
    let (request, answer) = match cut {
        Some(at) => (&data[..at], &data[at + 2..]),
        None => (data, &[][..]),
    };
    let Ok(document) = Document::parse(Bytes::copy_from_slice(request)) else {
        return;
    };
    for tongue in Tongue::ALL {
        let named = tongue.model(&document);
        assert!(named.is_err() || !named.unwrap().is_empty());
        for model in MODELS {
            if let Ok(translated) = tongue.request(&document, model, &["effort-2025-11-24"]) {
                match translated.way {
                    Way::Converse => check(&translated.body),
                    Way::InvokeModel | Way::CountTokens | Way::InvokeEndpoint => {
                        let body = Bytes::copy_from_slice(&translated.body);
                        Document::parse(body).expect("strict JSON");
                    }
                }
                let is_translated = translated.way == Way::Converse;
                say(&translated.voice.under(Heading::default()), answer, is_translated);
            }
        }
    }
}

/// What Converse asks of a body, as its documentation says.
fn check(body: &[u8]) {
    let document = Document::parse(Bytes::copy_from_slice(body)).expect("strict JSON");
    Dialect::Converse.request(&document).expect("a body of Converse");
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let turns = body["messages"].as_array().expect("messages");
    for (number, turn) in turns.iter().enumerate() {
        assert_eq!(turn["role"], ["user", "assistant"][number % 2]);
        let content = turn["content"].as_array().expect("content");
        assert!(!content.is_empty());
        for block in content {
            assert!(block["text"].as_str().is_none_or(|text| !text.trim().is_empty()));
            for call in [&block["toolUse"], &block["toolResult"]] {
                let id = call["toolUseId"].as_str();
                assert!(id.is_none_or(|id| (1..=64).contains(&id.len()) && id.is_ascii()));
            }
            assert!(block["toolUse"].is_null() || block["toolUse"]["input"].is_object());
        }
    }
}

/// What a model says in its own words has been read before; it is passed on, whatever it is.
fn say(voice: &Voice, answer: &[u8], is_translated: bool) {
    if let Ok(said) = voice.whole(&Bytes::copy_from_slice(answer), None) {
        assert!(!is_translated || serde_json::from_slice::<Value>(&said).is_ok());
    }
    let frames = frames(answer);
    let whole = streamed(voice, &frames, frames.len());
    assert_eq!(streamed(voice, &frames, 7), whole);
    for line in whole.0.split(|byte| *byte == b'\n') {
        let said = line.strip_prefix(b"data: ").filter(|said| *said != b"[DONE]");
        assert!(!is_translated || said.is_none_or(|said| serde_json::from_slice::<Value>(said).is_ok()));
    }
}

fn frames(answer: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    for line in answer.split(|byte| *byte == b'\n') {
        let at = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        let (kind, payload) = line.split_at(at);
        let Ok(kind) = std::str::from_utf8(kind) else {
            continue;
        };
        let headers = [(":event-type", kind), (":message-type", "event")];
        let _ = encode(&headers, payload, &mut out);
    }
    out.to_vec()
}

fn streamed(voice: &Voice, frames: &[u8], size: usize) -> (Vec<u8>, bool) {
    let mut stream = voice.stream();
    let mut out = BytesMut::new();
    for piece in frames.chunks(size.max(1)) {
        if stream.push(Bytes::copy_from_slice(piece), &mut out).is_err() {
            return (out.to_vec(), false);
        }
    }
    let is_whole = stream.finish(&mut out).is_ok();
    (out.to_vec(), is_whole)
}
