//! Replies that a test queues: what each may say, and the bounded queue they wait in.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lock::lock;

/// Most replies that wait at once.
const REPLIES_MAX: usize = 10_000;
/// Most bytes that waiting replies hold together, counted over text, tool input and raw bytes.
const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Longest text or tool input. Escaped (six times) and in base64 it still fits one event-stream frame.
const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Longest delay: longer is `hang`.
const DELAY_MS_MAX: u64 = 600_000;

/// One reply, as `POST /script` gives it. A field that is absent keeps the default behaviour.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Reply {
    /// What the model says; absent: the friendly echo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool_use: Option<ToolUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stop_reason: Option<String>,
    /// Characters of text or tool input in one delta; bytes for `SageMaker` parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chunk_chars: Option<NonZeroUsize>,
    /// Before the head of a whole reply, before the first frame of a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_delay_ms: Option<u64>,
    /// Before every later frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// Frames before a mid-stream exception frame ends the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exception_after: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exception: Option<String>,
    /// Frames before the TCP connection is reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) die_after: Option<u64>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) die_before_response: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) hang: bool,
    /// Bytes in one HTTP chunk, so that frames and chunks do not align.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frames_split_bytes: Option<NonZeroUsize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) raw_body_base64: Option<Base64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) raw_chunks_base64: Option<Vec<Base64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
}

/// A tool call that the model makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolUse {
    pub(crate) name: String,
    pub(crate) input: serde_json::Value,
}

/// Bytes that travel as base64 (RFC 4648 §4) in JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Base64(pub(crate) Bytes);

/// Why a script was refused. No reply of it was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScriptError {
    #[error("`status` must be between 200 and 599")]
    Status,
    #[error("`error` and `exception` must be ASCII letters and digits")]
    Name,
    #[error("`content_type` is not a header value")]
    ContentType,
    #[error("`raw_body_base64` and `raw_chunks_base64` exclude each other, `text`, `tool_use` and `error`")]
    Raw,
    #[error("a delay is at most {DELAY_MS_MAX} ms; use `hang` for longer")]
    Delay,
    #[error("`text` and `tool_use.input` are at most {TEXT_BYTES_MAX} bytes")]
    TextLength,
    #[error("at most {REPLIES_MAX} replies of {QUEUE_BYTES_MAX} bytes together can wait")]
    Full,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde's skip_serializing_if calls"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Reply {
    fn check(&self) -> Result<(), ScriptError> {
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err(ScriptError::Status);
        }
        let named = [&self.error, &self.exception];
        if !named.into_iter().flatten().all(|name| is_name(name)) {
            return Err(ScriptError::Name);
        }
        let content_type = self.content_type.as_deref().map(http::HeaderValue::from_str);
        if content_type.is_some_and(|value| value.is_err()) {
            return Err(ScriptError::ContentType);
        }
        let spoken = self.text.is_some() || self.tool_use.is_some() || self.error.is_some();
        let raws =
            usize::from(self.raw_body_base64.is_some()) + usize::from(self.raw_chunks_base64.is_some());
        if raws > 1 || (raws == 1 && spoken) {
            return Err(ScriptError::Raw);
        }
        let delays = [self.first_delay_ms, self.delay_ms];
        if delays
            .into_iter()
            .flatten()
            .any(|delay_ms| delay_ms > DELAY_MS_MAX)
        {
            return Err(ScriptError::Delay);
        }
        if self.text_bytes() > TEXT_BYTES_MAX || self.tool_bytes() > TEXT_BYTES_MAX {
            return Err(ScriptError::TextLength);
        }
        Ok(())
    }

    /// Whether the body is given byte for byte.
    pub(crate) fn has_raw(&self) -> bool {
        self.raw_body_base64.is_some() || self.raw_chunks_base64.is_some()
    }

    fn text_bytes(&self) -> usize {
        self.text.as_ref().map_or(0, String::len)
    }

    fn tool_bytes(&self) -> usize {
        self.tool_use
            .as_ref()
            .map_or(0, |tool| tool.input.to_string().len())
    }

    fn held_bytes(&self) -> usize {
        let body = self.raw_body_base64.iter();
        let raw = body.chain(self.raw_chunks_base64.iter().flatten());
        self.text_bytes() + self.tool_bytes() + raw.map(|raw| raw.0.len()).sum::<usize>()
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD
            .decode(text)
            .map_err(|_| serde::de::Error::custom("not base64"))?;
        Ok(Self(bytes.into()))
    }
}

/// The replies that wait, first in first out. Locked for one push or pop at a time.
#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    replies: VecDeque<Reply>,
    /// The sum of `held_bytes` of the replies.
    bytes: usize,
}

impl Queue {
    /// Queues all replies or, with an error, none. Gives how many wait now.
    pub(crate) fn extend(&self, replies: Vec<Reply>) -> Result<usize, ScriptError> {
        replies.iter().try_for_each(Reply::check)?;
        let bytes: usize = replies.iter().map(Reply::held_bytes).sum();
        let mut waiting = lock(&self.0);
        if waiting.replies.len() + replies.len() > REPLIES_MAX || waiting.bytes + bytes > QUEUE_BYTES_MAX {
            return Err(ScriptError::Full);
        }
        waiting.bytes += bytes;
        waiting.replies.extend(replies);
        Ok(waiting.replies.len())
    }

    /// The next reply; the default one when none waits.
    pub(crate) fn next(&self) -> Reply {
        let mut waiting = lock(&self.0);
        let reply = waiting.replies.pop_front().unwrap_or_default();
        waiting.bytes -= reply.held_bytes();
        reply
    }

    /// A copy of what waits.
    pub(crate) fn waiting(&self) -> Vec<Reply> {
        lock(&self.0).replies.iter().cloned().collect()
    }
}
