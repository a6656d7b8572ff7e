//! A stream as events of a message (docs.anthropic.com/en/docs/build-with-claude/streaming).

use super::answer::{id, stop_reason};
use super::usage;
use crate::translate::Names;
use crate::translate::heard::{Delta, Event, ReasoningDelta, Usage};
use crate::translate::sse::event;
use crate::translate::tools::JSON_TOOL;
use crate::translate::voice::{Heading, Unspeakable};
use bytes::BytesMut;
use serde_json::{Value, json};

/// Says a stream, event by event. One block is open at a time, and they are counted in the order in which they begin, for that is how clients put a message
/// together.
#[derive(Debug)]
pub(in crate::translate) struct Events<'v> {
    names: &'v Names,
    heading: &'v Heading,
    is_json_tool: bool,
    open: Option<Open>,
    /// Blocks that have begun.
    begun: u64,
    has_calls: bool,
    stopped: Option<&'static str>,
    is_over: bool,
}

/// The block that is open.
#[derive(Debug)]
struct Open {
    /// Its number at Converse.
    block: u64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Thinking,
    Call,
    /// A call that is the answer.
    Form,
}

impl<'v> Events<'v> {
    pub(in crate::translate) fn new(names: &'v Names, heading: &'v Heading, is_json_tool: bool) -> Self {
        Self {
            names,
            heading,
            is_json_tool,
            open: None,
            begun: 0,
            has_calls: false,
            stopped: None,
            is_over: false,
        }
    }

    /// Says an event.
    pub(in crate::translate) fn event(
        &mut self,
        event: Event,
        out: &mut BytesMut,
    ) -> Result<(), Unspeakable> {
        match event {
            Event::MessageStart => self.start(out),
            Event::ToolStart {
                block,
                id: call,
                name,
            } => {
                let is_form = self.is_json_tool && name == JSON_TOOL;
                self.has_calls |= !is_form;
                let (kind, content) = match is_form {
                    true => (Kind::Form, json!({ "type": "text", "text": "" })),
                    false => (
                        Kind::Call,
                        json!({ "type": "tool_use", "id": id(&call), "name": self.names.given(&name), "input": {} }),
                    ),
                };
                self.begin(block, kind, &content, out);
            }
            Event::Delta { block, delta } => self.said(block, delta, out)?,
            Event::BlockStop { block } => {
                if self.open.as_ref().is_some_and(|open| open.block == block) {
                    self.close(out);
                }
            }
            Event::MessageStop { reason } => {
                self.stopped = Some(stop_reason(&reason, self.has_calls).ok_or(Unspeakable)?);
            }
            Event::Metadata { usage } => self.end(&usage, out),
            Event::Nothing => {}
        }
        Ok(())
    }

    fn start(&self, out: &mut BytesMut) {
        let message = json!({
            "id": format!("msg_{}", self.heading.id),
            "type": "message",
            "role": "assistant",
            "model": self.heading.model,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": usage(&Usage::default()),
        });
        sent(
            &json!({ "type": "message_start", "message": message }),
            "message_start",
            out,
        );
    }

    fn said(&mut self, block: u64, delta: Delta, out: &mut BytesMut) -> Result<(), Unspeakable> {
        let is_open = |kind| {
            self.open
                .as_ref()
                .is_some_and(|open| open.block == block && open.kind == kind)
        };
        match delta {
            Delta::Text(text) => {
                if !is_open(Kind::Text) {
                    self.begin(block, Kind::Text, &json!({ "type": "text", "text": "" }), out);
                }
                self.delta(&json!({ "type": "text_delta", "text": text }), out);
            }
            Delta::ToolUse { input } if is_open(Kind::Call) => {
                self.delta(&json!({ "type": "input_json_delta", "partial_json": input }), out);
            }
            Delta::ToolUse { input } if is_open(Kind::Form) => {
                self.delta(&json!({ "type": "text_delta", "text": input }), out);
            }
            // Of a block that is closed: clients could not put it together.
            Delta::ToolUse { .. } => return Err(Unspeakable),
            Delta::ReasoningContent(ReasoningDelta::RedactedContent(data)) => {
                self.begin(
                    block,
                    Kind::Thinking,
                    &json!({ "type": "redacted_thinking", "data": data }),
                    out,
                );
                self.close(out);
            }
            Delta::ReasoningContent(thought) => {
                if !is_open(Kind::Thinking) {
                    self.begin(
                        block,
                        Kind::Thinking,
                        &json!({ "type": "thinking", "thinking": "", "signature": "" }),
                        out,
                    );
                }
                let delta = match thought {
                    ReasoningDelta::Text(text) => json!({ "type": "thinking_delta", "thinking": text }),
                    ReasoningDelta::Signature(text) | ReasoningDelta::RedactedContent(text) => {
                        json!({ "type": "signature_delta", "signature": text })
                    }
                };
                self.delta(&delta, out);
            }
            Delta::Citation(_) => {}
        }
        Ok(())
    }

    fn begin(&mut self, block: u64, kind: Kind, content: &Value, out: &mut BytesMut) {
        self.close(out);
        let start = json!({ "type": "content_block_start", "index": self.begun, "content_block": content });
        sent(&start, "content_block_start", out);
        self.begun += 1;
        self.open = Some(Open { block, kind });
    }

    fn delta(&self, delta: &Value, out: &mut BytesMut) {
        let index = self.begun.saturating_sub(1);
        sent(
            &json!({ "type": "content_block_delta", "index": index, "delta": delta }),
            "content_block_delta",
            out,
        );
    }

    fn close(&mut self, out: &mut BytesMut) {
        if self.open.take().is_some() {
            let index = self.begun.saturating_sub(1);
            sent(
                &json!({ "type": "content_block_stop", "index": index }),
                "content_block_stop",
                out,
            );
        }
    }

    /// Tokens are told with why the model stopped, and come behind it.
    fn end(&mut self, used: &Usage, out: &mut BytesMut) {
        let Some(reason) = self.stopped.filter(|_| !self.is_over) else {
            return;
        };
        self.is_over = true;
        self.close(out);
        let delta = json!({ "stop_reason": reason, "stop_sequence": null });
        sent(
            &json!({ "type": "message_delta", "delta": delta, "usage": usage(used) }),
            "message_delta",
            out,
        );
        sent(&json!({ "type": "message_stop" }), "message_stop", out);
    }

    /// Says that it is over.
    pub(in crate::translate) fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        self.end(&Usage::default(), out);
        self.is_over.then_some(()).ok_or(Unspeakable)
    }
}

/// An event, whose name stands in it too.
pub(super) fn sent(told: &Value, name: &str, out: &mut BytesMut) {
    event(name, told.to_string().as_bytes(), out);
}
