//! Messages to Claude, which speaks them itself through `InvokeModel`: the body goes as it is, but for what the path says at Bedrock, and the answer comes as
//! it is (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html).

use super::events::sent;
use crate::json::Document;
use crate::translate::fields::is_streamed;
use crate::translate::sse::event;
use crate::translate::voice::{Manner, Unspeakable, Voice};
use crate::translate::{Names, Translated, Untranslatable, Way};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::BytesMut;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What Bedrock wants to be told in every body.
const VERSION: &[u8] = br#"{"anthropic_version":"bedrock-2023-05-31""#;

/// What callers can ask for in a header, and Bedrock takes in the body: a flag that it does not know would refuse the call. It knows more for some models
/// than for others, and says which (Amazon Bedrock User Guide, "Anthropic Claude Messages API", `anthropic_beta`).
const BETAS: [&str; 13] = [
    "claude-code-20250219",
    "computer-use-2024-10-22",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "token-efficient-tools-2025-02-19",
    "interleaved-thinking-2025-05-14",
    "output-128k-2025-02-19",
    "dev-full-thinking-2025-05-14",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "effort-2025-11-24",
    "tool-search-tool-2025-10-19",
    "tool-examples-2025-10-29",
];

/// Takes a request as it is, with what its `anthropic-beta` headers ask for.
pub(in crate::translate) fn request(body: &Document, betas: &[&str]) -> Result<Translated, Untranslatable> {
    let is_streaming = is_streamed(body)?;
    let root = body.root();
    let mut out = Vec::with_capacity(body.bytes().len() + VERSION.len());
    out.extend_from_slice(VERSION);
    let known = betas.iter().filter(|beta| BETAS.contains(beta)).copied();
    let known: BTreeSet<&str> = known.filter(|_| root.get("anthropic_beta").is_none()).collect();
    if !known.is_empty() {
        out.extend_from_slice(br#","anthropic_beta":"#);
        out.extend_from_slice(json!(known).to_string().as_bytes());
    }
    // Those of a body go as they are, and those of a header do not join them.
    let is_asked_twice = !betas.is_empty() && root.get("anthropic_beta").is_some();
    let is_all_known = !is_asked_twice && betas.iter().all(|beta| BETAS.contains(beta));
    for (name, value) in root.members() {
        if matches!(name.name().as_ref(), b"model" | b"stream" | b"anthropic_version") {
            continue;
        }
        out.push(b',');
        out.extend_from_slice(name.raw());
        out.push(b':');
        out.extend_from_slice(value.raw());
    }
    out.push(b'}');
    Ok(Translated {
        way: Way::InvokeModel,
        body: out,
        is_streaming,
        left_out: if is_all_known {
            Vec::new()
        } else {
            vec!["anthropic-beta"]
        },
        voice: Voice::new(Manner::Native, Names::default()),
    })
}

/// A chunk of the stream of a model: an event in base64.
#[derive(Deserialize)]
struct Chunk {
    bytes: String,
}

#[derive(Deserialize)]
struct Kinded {
    r#type: String,
    index: Option<u64>,
}

/// The last events of a stream that Claude declines to go on with, each with its kind; `open` is the block that is open
/// (Anthropic, "Handling stop reasons").
pub(crate) fn refused(open: Option<u64>) -> impl Iterator<Item = (&'static str, Value)> {
    let stop = open.map(|index| {
        let told = json!({ "type": "content_block_stop", "index": index });
        ("content_block_stop", told)
    });
    let delta = json!({ "stop_reason": "refusal", "stop_sequence": null });
    let usage = json!({ "output_tokens": 0 });
    let end = json!({ "type": "message_delta", "delta": delta, "usage": usage });
    let last = [
        ("message_delta", end),
        ("message_stop", json!({ "type": "message_stop" })),
    ];
    stop.into_iter().chain(last)
}

/// Passes a stream, event by event.
#[derive(Debug, Default)]
pub(in crate::translate) struct Passing {
    has_begun: bool,
    /// The block that is open.
    open: Option<u64>,
    is_stopped: bool,
}

impl Passing {
    /// Writes the event in a frame as one sent by a server.
    pub(in crate::translate) fn chunk(
        &mut self,
        payload: &[u8],
        out: &mut BytesMut,
    ) -> Result<(), Unspeakable> {
        let chunk: Chunk = serde_json::from_slice(payload).map_err(|_| Unspeakable)?;
        let mut told = BASE64_STANDARD.decode(chunk.bytes).map_err(|_| Unspeakable)?;
        let Kinded { r#type: kind, index } = serde_json::from_slice(&told).map_err(|_| Unspeakable)?;
        if kind.contains(['\n', '\r']) {
            return Err(Unspeakable);
        }
        // Between its values JSON may have lines, which would be other fields of the event.
        told.iter_mut()
            .filter(|byte| matches!(byte, b'\n' | b'\r'))
            .for_each(|byte| *byte = b' ');
        match kind.as_str() {
            "message_start" => self.has_begun = true,
            "content_block_start" => self.open = index,
            "content_block_stop" => self.open = None,
            "message_stop" => self.is_stopped = true,
            _ => {}
        }
        event(&kind, &told, out);
        Ok(())
    }

    /// Ends it for a filter, as Anthropic does.
    pub(in crate::translate) fn withhold(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        if !self.has_begun || self.is_stopped {
            return Err(Unspeakable);
        }
        for (kind, told) in refused(self.open.take()) {
            sent(&told, kind, out);
        }
        self.is_stopped = true;
        Ok(())
    }

    pub(in crate::translate) fn finish(&self) -> Result<(), Unspeakable> {
        self.is_stopped.then_some(()).ok_or(Unspeakable)
    }
}
