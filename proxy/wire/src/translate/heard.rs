//! Answers of Converse, whole and streamed, as far as other protocols can say them
//! (docs.aws.amazon.com/bedrock/latest/APIReference: `Converse`, `ConverseStream`).

use super::voice::Unspeakable;
use crate::eventstream::Frame;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Why a model stopped, where something intervened.
pub(super) const WITHHELD: &str = "guardrail_intervened";

/// A whole answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) output: Output,
    pub(super) stop_reason: String,
    #[serde(default)]
    pub(super) usage: Usage,
}

#[derive(Debug, Deserialize)]
pub(super) struct Output {
    pub(super) message: Message,
}

#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub(super) content: Vec<Block>,
}

/// A piece of a message. One that is none of these cannot be said elsewhere.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block {
    Text(String),
    ToolUse(ToolUse),
    ReasoningContent(Reasoning),
    CitationsContent(Cited),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse {
    pub(super) tool_use_id: String,
    pub(super) name: String,
    pub(super) input: Box<RawValue>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Reasoning {
    ReasoningText { text: String, signature: Option<String> },
    RedactedContent(String),
}

/// A text with its sources. The text is said, the sources are not.
#[derive(Debug, Deserialize)]
pub(super) struct Cited {
    #[serde(default)]
    pub(super) content: Vec<CitedText>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CitedText {
    pub(super) text: String,
}

/// Tokens. Those of the cache are not among `input_tokens`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Usage {
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) cache_read_input_tokens: u64,
    pub(super) cache_write_input_tokens: u64,
}

impl Answer {
    /// One that says nothing, for something intervened.
    pub(super) fn withheld((input_tokens, output_tokens): (u64, u64)) -> Self {
        let message = Message { content: Vec::new() };
        Self {
            output: Output { message },
            stop_reason: WITHHELD.to_owned(),
            usage: Usage {
                input_tokens,
                output_tokens,
                ..Usage::default()
            },
        }
    }
}

/// An event of a stream.
#[derive(Debug)]
pub(super) enum Event {
    MessageStart,
    ToolStart {
        block: u64,
        id: String,
        name: String,
    },
    Delta {
        block: u64,
        delta: Delta,
    },
    BlockStop {
        block: u64,
    },
    MessageStop {
        reason: String,
    },
    Metadata {
        usage: Usage,
    },
    /// Says nothing to anybody.
    Nothing,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Delta {
    Text(String),
    ToolUse {
        input: String,
    },
    ReasoningContent(ReasoningDelta),
    /// Where a text is from.
    Citation(serde::de::IgnoredAny),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ReasoningDelta {
    Text(String),
    Signature(String),
    RedactedContent(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockStart {
    content_block_index: u64,
    start: Start,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    tool_use: Option<ToolStart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolStart {
    tool_use_id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockDelta {
    content_block_index: u64,
    delta: Delta,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockStop {
    content_block_index: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageStop {
    stop_reason: String,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    usage: Usage,
}

/// Reads a frame of a stream.
///
/// # Errors
/// [`Unspeakable`] for an event that has another form, or holds what other protocols cannot say.
pub(super) fn event(frame: &Frame) -> Result<Event, Unspeakable> {
    Ok(match frame.event_type().unwrap_or_default() {
        "messageStart" => Event::MessageStart,
        "contentBlockStart" => {
            let BlockStart {
                content_block_index: block,
                start,
            } = read(frame)?;
            match start.tool_use {
                Some(ToolStart {
                    tool_use_id: id,
                    name,
                }) => Event::ToolStart { block, id, name },
                None => Event::Nothing,
            }
        }
        "contentBlockDelta" => {
            let BlockDelta {
                content_block_index: block,
                delta,
            } = read(frame)?;
            Event::Delta { block, delta }
        }
        "contentBlockStop" => {
            let BlockStop {
                content_block_index: block,
            } = read(frame)?;
            Event::BlockStop { block }
        }
        "messageStop" => {
            let MessageStop { stop_reason: reason } = read(frame)?;
            Event::MessageStop { reason }
        }
        "metadata" => {
            let Metadata { usage } = read(frame)?;
            Event::Metadata { usage }
        }
        _ => Event::Nothing,
    })
}

fn read<T: DeserializeOwned>(frame: &Frame) -> Result<T, Unspeakable> {
    serde_json::from_slice(frame.payload_bytes()).map_err(|_| Unspeakable)
}
