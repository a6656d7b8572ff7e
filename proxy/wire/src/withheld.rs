//! Answers that may not be shown, ended in the words that a model's own dialect has for that: Bedrock's guardrails end Converse with
//! `guardrail_intervened` (AWS API reference, `Converse`, `stopReason`), Nova with `content_filtered` (Nova user guide, "Complete response schema"), Claude
//! declines with `refusal` (Anthropic, "Handling stop reasons"), `RetrieveAndGenerateStream` with `INTERVENED` (AWS API reference, `GuardrailEvent`).
//!
//! A client sees an answer that is over, not a broken call, and does not try again.

use crate::eventstream;
use crate::framing::{Content, Framing, Unit, Units};
use crate::protocol::Protocol;
use crate::text::Dialect;
use crate::translate::{Heading, Voice, refused};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::{Value, json};

/// What takes the place of an answer.
const WHOLE: &str = "[The answer was withheld by policy.]";
/// What takes the place of the rest of one.
const REST: &str = "[The rest of the answer was withheld by policy.]";

/// Says, in the place of a whole answer, that it is withheld; none where the dialect has no words for that. `usage` is that of the answer: tokens
/// that went in and came out.
#[must_use]
pub fn whole(dialect: Dialect, usage: (u64, u64), heading: Heading) -> Option<Bytes> {
    match dialect {
        Dialect::Converse | Dialect::Nova => Some(converse(dialect, usage).to_string().into()),
        _ => Voice::of_dialect(dialect)?.under(heading).withheld(usage),
    }
}

/// A whole answer of Converse, or of Nova, that says that it is withheld.
fn converse(dialect: Dialect, (input_tokens, output_tokens): (u64, u64)) -> Value {
    let total = input_tokens.saturating_add(output_tokens);
    json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": WHOLE }] } },
        "stopReason": stop_reason(dialect),
        "usage": { "inputTokens": input_tokens, "outputTokens": output_tokens, "totalTokens": total },
        "metrics": { "latencyMs": 0 },
    })
}

/// Why a message of Converse, or of Nova, stopped.
fn stop_reason(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Nova => "content_filtered",
        _ => "guardrail_intervened",
    }
}

/// The last frames of a stream whose rest is withheld; none where the dialect has no words for that, or has said already that the answer is over.
/// `sent` is what has left: whole frames, all of them if `is_all`, else the last.
#[must_use]
pub fn rest(dialect: Dialect, sent: &[Bytes], is_all: bool) -> Option<Bytes> {
    let first = if is_all { At::Start } else { At::Unknown };
    let at = sent
        .iter()
        .try_fold(first, |at, piece| at.after(dialect, piece))?;
    let mut out = BytesMut::new();
    match dialect {
        Dialect::Converse | Dialect::Nova => end_converse(at, dialect, &mut out),
        Dialect::Anthropic => end_messages(at, &mut out),
        Dialect::RetrieveAndGenerate => end_generation(&mut out),
        _ => None,
    }?;
    Some(out.freeze())
}

/// Where in a message a stream stands. One block follows the other in both dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// What has left does not tell.
    Unknown,
    /// Before it.
    Start,
    /// Before the block of this number.
    Before(u64),
    /// In the block of this number.
    Within(u64),
    /// Behind its end.
    End,
}

/// What of an event tells where a stream stands.
#[derive(Deserialize)]
struct Place {
    #[serde(alias = "contentBlockIndex")]
    index: Option<u64>,
}

impl At {
    /// Where it stands behind some frames; none when they cannot be read.
    fn after(self, dialect: Dialect, frames: &Bytes) -> Option<Self> {
        let mut units = units(dialect);
        units.push(frames.clone());
        let mut at = self;
        while let Some(unit) = units.next_unit().ok()? {
            at = at.behind(dialect, &unit)?;
        }
        units.finish().ok()?;
        Some(at)
    }

    fn behind(self, dialect: Dialect, unit: &Unit) -> Option<Self> {
        let (kind, told) = event(dialect, unit)?;
        let Place { index } = serde_json::from_value(told).ok()?;
        Some(match kind.as_str() {
            "messageStart" | "message_start" => Self::Before(0),
            "contentBlockStart" | "contentBlockDelta" | "content_block_start" | "content_block_delta" => {
                Self::Within(index?)
            }
            "contentBlockStop" | "content_block_stop" => Self::Before(index?.checked_add(1)?),
            "messageStop" | "metadata" | "message_delta" | "message_stop" => Self::End,
            _ => self,
        })
    }
}

fn units(dialect: Dialect) -> Units {
    Units::new(Framing::of(Protocol::BedrockRuntime, dialect))
}

/// The kind of an event, and what it says.
fn event(dialect: Dialect, unit: &Unit) -> Option<(String, Value)> {
    let Content::Event(json) = &unit.content else {
        return None;
    };
    let told: Value = serde_json::from_slice(json).ok()?;
    match dialect {
        Dialect::Converse | Dialect::RetrieveAndGenerate => Some((unit.kind().to_owned(), told)),
        Dialect::Nova => told.as_object()?.clone().into_iter().next(),
        _ => Some((told.get("type")?.as_str()?.to_owned(), told)),
    }
}

/// Writes an event as a frame; those of InvokeModel are JSON in base64.
fn frame(kind: &str, payload: &Value, out: &mut BytesMut) -> Option<()> {
    let headers = [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    eventstream::encode(&headers, payload.to_string().as_bytes(), out).ok()
}

fn chunk(event: &Value, out: &mut BytesMut) -> Option<()> {
    let payload = json!({ "bytes": BASE64_STANDARD.encode(event.to_string()) });
    frame("chunk", &payload, out)
}

fn end_converse(at: At, dialect: Dialect, out: &mut BytesMut) -> Option<()> {
    let mut event = |kind: &str, payload: Value| match dialect {
        Dialect::Nova => chunk(&json!({ kind: payload }), out),
        _ => frame(kind, &payload, out),
    };
    let block = match at {
        At::Unknown | At::End => return None,
        At::Start => {
            event("messageStart", json!({ "role": "assistant" }))?;
            0
        }
        At::Before(block) => block,
        At::Within(block) => {
            event("contentBlockStop", json!({ "contentBlockIndex": block }))?;
            block.checked_add(1)?
        }
    };
    let delta = json!({ "contentBlockIndex": block, "delta": { "text": REST } });
    event("contentBlockDelta", delta)?;
    event("contentBlockStop", json!({ "contentBlockIndex": block }))?;
    event("messageStop", json!({ "stopReason": stop_reason(dialect) }))
}

/// Its events do not depend on each other.
fn end_generation(out: &mut BytesMut) -> Option<()> {
    frame("guardrail", &json!({ "action": "INTERVENED" }), out)?;
    frame("output", &json!({ "text": REST }), out)
}

/// Claude says nothing of it but the reason.
fn end_messages(at: At, out: &mut BytesMut) -> Option<()> {
    let open = match at {
        // What begins a message is the provider's to say: its id, and what went in.
        At::Unknown | At::Start | At::End => return None,
        At::Before(_) => None,
        At::Within(index) => Some(index),
    };
    refused(open).try_for_each(|(_, told)| chunk(&told, out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: &str, payload: &Value) -> Bytes {
        let mut out = BytesMut::new();
        super::frame(kind, payload, &mut out).unwrap();
        out.freeze()
    }

    fn chunk(event: &Value) -> Bytes {
        let mut out = BytesMut::new();
        super::chunk(event, &mut out).unwrap();
        out.freeze()
    }

    /// The kinds of the last frames, with the block they are about.
    fn kinds(dialect: Dialect, bytes: Bytes) -> Vec<String> {
        let mut units = units(dialect);
        units.push(bytes);
        let mut kinds = Vec::new();
        while let Some(unit) = units.next_unit().unwrap() {
            let (kind, told) = event(dialect, &unit).unwrap();
            let block = told["contentBlockIndex"].as_u64().or(told["index"].as_u64());
            kinds.push(block.map_or(kind.clone(), |block| format!("{kind} {block}")));
        }
        kinds
    }

    #[test]
    fn converse_ends_wherever_it_stands() {
        let start = frame("messageStart", &json!({ "role": "assistant" }));
        let delta = frame(
            "contentBlockDelta",
            &json!({ "contentBlockIndex": 2, "delta": { "text": "a" } }),
        );
        let stop = frame("contentBlockStop", &json!({ "contentBlockIndex": 2 }));
        let own = |block: u64| {
            vec![
                format!("contentBlockDelta {block}"),
                format!("contentBlockStop {block}"),
                "messageStop".to_owned(),
            ]
        };
        let ends = |sent: &[Bytes]| kinds(Dialect::Converse, rest(Dialect::Converse, sent, true).unwrap());
        assert_eq!(ends(&[]), [vec!["messageStart".to_owned()], own(0)].concat());
        assert_eq!(ends(std::slice::from_ref(&start)), own(0));
        assert_eq!(
            ends(&[start, delta.clone()]),
            [vec!["contentBlockStop 2".to_owned()], own(3)].concat()
        );
        assert_eq!(ends(&[delta, stop]), own(3));
    }

    #[test]
    fn claude_declines_once_it_has_begun() {
        let start = chunk(&json!({ "type": "message_start", "message": {} }));
        let delta = chunk(&json!({ "type": "content_block_delta", "index": 0, "delta": {} }));
        let ping = chunk(&json!({ "type": "ping" }));
        let ends =
            |sent: &[Bytes]| rest(Dialect::Anthropic, sent, true).map(|rest| kinds(Dialect::Anthropic, rest));
        assert_eq!(ends(&[]), None);
        assert_eq!(
            ends(std::slice::from_ref(&start)).unwrap(),
            ["message_delta", "message_stop"]
        );
        assert_eq!(
            ends(&[start, delta, ping]).unwrap(),
            ["content_block_stop 0", "message_delta", "message_stop"]
        );
    }

    #[test]
    fn nova_ends_like_converse_in_chunks() {
        let delta =
            chunk(&json!({ "contentBlockDelta": { "contentBlockIndex": 0, "delta": { "text": "a" } } }));
        let rest = rest(Dialect::Nova, &[delta], true).unwrap();
        let own = [
            "contentBlockStop 0",
            "contentBlockDelta 1",
            "contentBlockStop 1",
            "messageStop",
        ];
        assert_eq!(kinds(Dialect::Nova, rest), own);
    }

    #[test]
    fn what_is_over_or_has_no_words_does_not_end_again() {
        let stop = frame("messageStop", &json!({ "stopReason": "end_turn" }));
        assert_eq!(rest(Dialect::Converse, &[stop], true), None);
        let cut = frame("messageStart", &json!({ "role": "assistant" })).slice(..20);
        assert_eq!(rest(Dialect::Converse, &[cut], true), None);
        assert_eq!(rest(Dialect::Generic, &[], true), None);
        // What left last does not tell where the stream stands.
        let novel = frame("novelEvent", &json!({}));
        assert_eq!(rest(Dialect::Converse, std::slice::from_ref(&novel), false), None);
        assert!(rest(Dialect::Converse, &[novel], true).is_some());
        assert_eq!(whole(Dialect::Generic, (1, 2), Heading::default()), None);
        assert_eq!(whole(Dialect::CountTokens, (1, 2), Heading::default()), None);
    }

    #[test]
    fn whole_answers_say_why_and_what_was_used() {
        let said = |dialect| -> Value {
            serde_json::from_slice(&whole(dialect, (3, 4), Heading::default()).unwrap()).unwrap()
        };
        let converse = said(Dialect::Converse);
        assert_eq!(converse["stopReason"], "guardrail_intervened");
        assert_eq!(said(Dialect::Nova)["stopReason"], "content_filtered");
        assert_eq!(converse["usage"]["totalTokens"], 7);
        assert_eq!(said(Dialect::Anthropic)["stop_reason"], "refusal");
        assert_eq!(
            said(Dialect::OpenAiChat)["choices"][0]["finish_reason"],
            "content_filter"
        );
    }
}
