//! A stream as events of a response (platform.openai.com/docs/api-reference/responses-streaming).

use super::output::{Closed, Ending, Item, ending, part, response, summary};
use crate::fault::Fault;
use crate::translate::heard::{Delta, Event, ReasoningDelta, Usage};
use crate::translate::tools::JSON_TOOL;
use crate::translate::voice::{Heading, Unspeakable};
use crate::translate::{Names, sse};
use bytes::BytesMut;
use serde_json::{Value, json};

/// The last event repeats all that was said, so it has to be kept until then: as much as this, in bytes. Models write a tenth of it.
const SAID_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Says a stream, event by event.
#[derive(Debug)]
pub(in crate::translate) struct Events<'v> {
    names: &'v Names,
    heading: &'v Heading,
    includes_thoughts: bool,
    is_json_tool: bool,
    /// Events that were sent.
    sequence: u64,
    /// The items that have ended.
    output: Vec<Value>,
    /// The one that has not, and its block at Converse.
    open: Option<(u64, Item)>,
    said_bytes: usize,
    stopped: Option<Ending>,
    is_over: bool,
}

impl<'v> Events<'v> {
    pub(in crate::translate) fn new(
        names: &'v Names,
        heading: &'v Heading,
        includes_thoughts: bool,
        is_json_tool: bool,
    ) -> Self {
        Self {
            names,
            heading,
            includes_thoughts,
            is_json_tool,
            sequence: 0,
            output: Vec::new(),
            open: None,
            said_bytes: 0,
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
            Event::MessageStart => {
                let response = response(self.heading, Ending::InProgress, &[], None);
                for kind in ["response.created", "response.in_progress"] {
                    self.send(kind, json!({ "response": response }), out);
                }
            }
            Event::ToolStart { block, id: _, name } if self.is_json_tool && name == JSON_TOOL => {
                self.begin(block, Item::Message { text: String::new() }, out);
            }
            Event::ToolStart {
                block,
                id: call_id,
                name,
            } => {
                let name = self.names.given(&name).to_owned();
                self.begin(
                    block,
                    Item::Call {
                        call_id,
                        name,
                        arguments: String::new(),
                    },
                    out,
                );
            }
            Event::Delta { block, delta } => self.said(block, delta, out)?,
            Event::BlockStop { block } => {
                if self.open.as_ref().is_some_and(|(open, _)| *open == block) {
                    self.end(out);
                }
            }
            Event::MessageStop { reason } => self.stopped = Some(ending(&reason).ok_or(Unspeakable)?),
            Event::Metadata { usage } => self.close(&usage, out),
            Event::Nothing => {}
        }
        Ok(())
    }

    fn said(&mut self, block: u64, delta: Delta, out: &mut BytesMut) -> Result<(), Unspeakable> {
        let said = match &delta {
            Delta::Text(said) | Delta::ToolUse { input: said } => said.len(),
            Delta::ReasoningContent(
                ReasoningDelta::Text(said)
                | ReasoningDelta::Signature(said)
                | ReasoningDelta::RedactedContent(said),
            ) => said.len(),
            Delta::Citation(_) => 0,
        };
        self.said_bytes += said;
        if self.said_bytes > SAID_BYTES_MAX {
            return Err(Unspeakable);
        }
        match delta {
            Delta::Text(text) => {
                if !self.is_open(block, |item| matches!(item, Item::Message { .. })) {
                    self.begin(block, Item::Message { text: String::new() }, out);
                }
                self.add(&text, out)
            }
            Delta::ToolUse { input } if self.is_open(block, |item| !matches!(item, Item::Thought { .. })) => {
                self.add(&input, out)
            }
            // Of an item that has ended: clients could not put it together.
            Delta::ToolUse { .. } => Err(Unspeakable),
            Delta::ReasoningContent(thought) => {
                if !self.is_open(block, |item| matches!(item, Item::Thought { .. })) {
                    let thought = Item::Thought {
                        text: String::new(),
                        closed: Closed::default(),
                    };
                    self.begin(block, thought, out);
                }
                self.thought(thought, out)
            }
            Delta::Citation(_) => Ok(()),
        }
    }

    fn is_open(&self, block: u64, is_meant: impl Fn(&Item) -> bool) -> bool {
        self.open
            .as_ref()
            .is_some_and(|(open, item)| *open == block && is_meant(item))
    }

    fn thought(&mut self, delta: ReasoningDelta, out: &mut BytesMut) -> Result<(), Unspeakable> {
        let Some((_, Item::Thought { closed, .. })) = &mut self.open else {
            return Err(Unspeakable);
        };
        match delta {
            ReasoningDelta::Text(text) => {
                closed.text.push_str(&text);
                return self.add(&text, out);
            }
            ReasoningDelta::Signature(signature) => closed.signature.push_str(&signature),
            ReasoningDelta::RedactedContent(data) => closed.redacted.push_str(&data),
        }
        Ok(())
    }

    fn begin(&mut self, block: u64, item: Item, out: &mut BytesMut) {
        self.end(out);
        let index = self.output.len();
        let begun = item.json(self.heading, index, false, self.includes_thoughts);
        let id = item.id(self.heading, index);
        self.send(
            "response.output_item.added",
            json!({ "output_index": index, "item": begun }),
            out,
        );
        if matches!(item, Item::Message { .. }) {
            let added = json!({ "item_id": id, "output_index": index, "content_index": 0, "part": part("") });
            self.send("response.content_part.added", added, out);
        }
        self.open = Some((block, item));
    }

    /// Adds to the item that is open.
    fn add(&mut self, piece: &str, out: &mut BytesMut) -> Result<(), Unspeakable> {
        let index = self.output.len();
        let Some((_, item)) = &mut self.open else {
            return Err(Unspeakable);
        };
        let id = item.id(self.heading, index);
        match item {
            Item::Message { text } => {
                text.push_str(piece);
                let delta = json!({ "item_id": id, "output_index": index, "content_index": 0, "delta": piece, "logprobs": [] });
                self.send("response.output_text.delta", delta, out);
            }
            Item::Thought { text, .. } => {
                let is_first = text.is_empty();
                text.push_str(piece);
                if is_first {
                    let added = json!({ "item_id": id, "output_index": index, "summary_index": 0, "part": summary("") });
                    self.send("response.reasoning_summary_part.added", added, out);
                }
                let delta =
                    json!({ "item_id": id, "output_index": index, "summary_index": 0, "delta": piece });
                self.send("response.reasoning_summary_text.delta", delta, out);
            }
            Item::Call { arguments, .. } => {
                arguments.push_str(piece);
                let delta = json!({ "item_id": id, "output_index": index, "delta": piece });
                self.send("response.function_call_arguments.delta", delta, out);
            }
        }
        Ok(())
    }

    /// Ends the item that is open, if one is.
    fn end(&mut self, out: &mut BytesMut) {
        let Some((_, mut item)) = self.open.take() else {
            return;
        };
        let index = self.output.len();
        let id = item.id(self.heading, index);
        match &mut item {
            Item::Message { text } => {
                let done = json!({ "item_id": id, "output_index": index, "content_index": 0, "text": text, "logprobs": [] });
                self.send("response.output_text.done", done, out);
                let done =
                    json!({ "item_id": id, "output_index": index, "content_index": 0, "part": part(text) });
                self.send("response.content_part.done", done, out);
            }
            Item::Thought { text, .. } if text.is_empty() => {}
            Item::Thought { text, .. } => {
                let done = json!({ "item_id": id, "output_index": index, "summary_index": 0, "text": text });
                self.send("response.reasoning_summary_text.done", done, out);
                let done = json!({ "item_id": id, "output_index": index, "summary_index": 0, "part": summary(text) });
                self.send("response.reasoning_summary_part.done", done, out);
            }
            Item::Call { name, arguments, .. } => {
                // A tool that takes nothing is called with an empty object.
                if arguments.is_empty() {
                    arguments.push_str("{}");
                }
                let done =
                    json!({ "item_id": id, "output_index": index, "name": name, "arguments": arguments });
                self.send("response.function_call_arguments.done", done, out);
            }
        }
        let ended = item.json(self.heading, index, true, self.includes_thoughts);
        self.send(
            "response.output_item.done",
            json!({ "output_index": index, "item": ended }),
            out,
        );
        self.output.push(ended);
    }

    /// Tokens are told with how it ended, and come behind it.
    fn close(&mut self, usage: &Usage, out: &mut BytesMut) {
        let Some(ending) = self.stopped.filter(|_| !self.is_over) else {
            return;
        };
        self.is_over = true;
        self.end(out);
        let kind = match ending {
            Ending::Incomplete(_) => "response.incomplete",
            Ending::Completed | Ending::InProgress | Ending::Failed => "response.completed",
        };
        let response = response(self.heading, ending, &self.output, Some(usage));
        self.send(kind, json!({ "response": response }), out);
    }

    /// Says that it has failed: clients wait for an event that ends it. What raises in OpenAI's own comes behind it.
    pub(in crate::translate) fn fail(&mut self, fault: Fault, message: &str, out: &mut BytesMut) {
        let code = match fault {
            Fault::Throttling { .. } => "rate_limit_exceeded",
            Fault::Validation => "invalid_prompt",
            _ => "server_error",
        };
        self.is_over = true;
        let mut response = response(self.heading, Ending::Failed, &self.output, None);
        if let Some(error) = response.get_mut("error") {
            *error = json!({ "code": code, "message": message });
        }
        self.send("response.failed", json!({ "response": response }), out);
    }

    /// Says that it is over.
    pub(in crate::translate) fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        self.close(&Usage::default(), out);
        self.is_over.then_some(()).ok_or(Unspeakable)
    }

    fn send(&mut self, kind: &str, mut event: Value, out: &mut BytesMut) {
        if let Value::Object(event) = &mut event {
            event.insert("type".to_owned(), json!(kind));
            event.insert("sequence_number".to_owned(), json!(self.sequence));
        }
        self.sequence += 1;
        sse::event(kind, event.to_string().as_bytes(), out);
    }
}
