//! A request while it is read: what all protocols that become Converse have in common.

use super::converse::{Block, Reasoning, Request, Role, ToolUse};
use super::family::{Effort, Spoken};
use super::fields::{member, text};
use super::names::tool_use_id;
use super::tools::{Fields, Wanted};
use super::voice::{Manner, Voice};
use super::{Names, Translated, Untranslatable, Way};
use crate::json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What has been read.
pub(super) struct Draft<'a> {
    pub(super) model: Spoken<'a>,
    pub(super) request: Request<'a>,
    pub(super) names: Names,
    pub(super) wanted: Wanted<'a>,
    pub(super) is_streaming: bool,
    pub(super) effort: Option<Effort>,
    pub(super) top_k: Option<u64>,
    pub(super) left_out: Vec<&'static str>,
    documents: usize,
}

impl<'a> Draft<'a> {
    pub(super) fn new(model: Spoken<'a>) -> Self {
        Self {
            model,
            request: Request::default(),
            names: Names::default(),
            wanted: Wanted::default(),
            is_streaming: false,
            effort: None,
            top_k: None,
            left_out: Vec::new(),
            documents: 0,
        }
    }

    /// Notes a field that is not carried over, once.
    pub(super) fn leave_out(&mut self, field: &'static str) {
        if !self.left_out.contains(&field) {
            self.left_out.push(field);
        }
    }

    /// The number of one more document: names have to differ.
    pub(super) fn document_number(&mut self) -> usize {
        self.documents += 1;
        self.documents
    }

    /// Says what somebody says. `what` is what the protocol calls a document, which Converse takes beside a text only.
    pub(super) fn say(
        &mut self,
        role: Role,
        at: &str,
        content: Vec<Block<'a>>,
        what: &str,
    ) -> Result<(), Untranslatable> {
        let holds = |wanted: fn(&Block<'_>) -> bool| content.iter().any(wanted);
        if holds(|block| matches!(block, Block::Document(_)))
            && !holds(|block| matches!(block, Block::Text(_)))
        {
            let why = format!("holds a {what}, which goes with a text only");
            return Err(Untranslatable::of(at, why));
        }
        self.request.say(role, content);
        Ok(())
    }

    /// A call of a tool that the model made before, with what it was called with as JSON in a string.
    pub(super) fn call(
        &mut self,
        at: &str,
        (id, name): (Cow<'a, str>, Cow<'a, str>),
        arguments: Cow<'a, str>,
    ) -> Result<Block<'a>, Untranslatable> {
        let input = match arguments.trim().is_empty() {
            true => "{}".to_owned(),
            false => arguments.into_owned(),
        };
        let is_object = input.trim_start().starts_with('{');
        let input = RawValue::from_string(input).ok().filter(|_| is_object);
        let why = "is a JSON object, as a string";
        Ok(Block::ToolUse(ToolUse {
            tool_use_id: tool_use_id(id, self.model.family),
            name: self.names.taken(name),
            input: input.ok_or_else(|| Untranslatable::of(format!("{at}.arguments"), why))?,
        }))
    }

    /// Puts tools, thinking and settings into the request, when all turns are in it. Tells whether the answer comes as a call of a tool.
    pub(super) fn settle(&mut self, fields: &Fields) -> Result<bool, Untranslatable> {
        let is_json_tool = std::mem::take(&mut self.wanted).apply(&mut self.request, self.model, fields)?;
        if let Some(effort) = self.effort {
            let left_out = self
                .request
                .think(effort, self.model, is_json_tool, fields.effort)?;
            self.left_out.extend(left_out);
        }
        if let Some(count) = self.top_k {
            let own = self.model.top_k(count);
            let why = "cannot be carried over to this model";
            let (name, value) = own.ok_or_else(|| Untranslatable::of("top_k", why))?;
            self.request
                .additional_model_request_fields
                .insert(name.to_owned(), value);
        }
        self.left_out.extend(self.request.one_sampling(self.model));
        Ok(is_json_tool)
    }

    pub(super) fn finish(self, manner: Manner) -> Translated {
        Translated {
            way: Way::Converse,
            // Serializing to memory fails for maps with keys that are no strings, of which there are none.
            body: serde_json::to_vec(&self.request).unwrap_or_default(),
            is_streaming: self.is_streaming,
            left_out: self.left_out,
            voice: Voice::new(manner, self.names),
        }
    }
}

/// A thought of Claude's, under its signature or closed, as Anthropic's Messages and, in `thinking_blocks`, `litellm` write it.
pub(super) fn thought_of<'a>(at: &str, thought: Value<'a>) -> Result<Block<'a>, Untranslatable> {
    let member = |name: &str| text(&format!("{at}.{name}"), member(at, thought, name)?);
    let reasoning = match member("type")?.as_ref() {
        "thinking" => Reasoning::ReasoningText {
            text: member("thinking")?,
            signature: member("signature")?,
        },
        "redacted_thinking" => Reasoning::RedactedContent(member("data")?),
        _ => {
            return Err(Untranslatable::of(
                format!("{at}.type"),
                "is thinking or redacted_thinking",
            ));
        }
    };
    Ok(Block::ReasoningContent(reasoning))
}
