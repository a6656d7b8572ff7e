//! A request of Converse as it is written here: what other protocols ask for, in its words
//! (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).

use super::Untranslatable;
use super::family::{Effort, Spoken};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What stands for the result of a tool that says nothing: Converse takes no blank text.
const NOTHING: &str = "(empty)";

/// The body.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request<'a> {
    pub(super) messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) system: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "InferenceConfig::is_empty")]
    pub(super) inference_config: InferenceConfig<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_config: Option<ToolConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_config: Option<Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) additional_model_request_fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) request_metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_tier: Option<Value>,
}

#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    pub(super) role: Role,
    pub(super) content: Vec<Block<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    User,
    Assistant,
}

/// A piece of a message, of a tool's result or of the system prompt.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block<'a> {
    Text(Cow<'a, str>),
    Image(Media<'a>),
    Document(Media<'a>),
    ToolUse(ToolUse<'a>),
    ToolResult(ToolResult<'a>),
    ReasoningContent(Reasoning<'a>),
    CachePoint(CachePoint),
}

/// Bytes, in base64 as they came.
#[derive(Debug, Serialize)]
pub(super) struct Media<'a> {
    pub(super) format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// What the caller says of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context: Option<Cow<'a, str>>,
    pub(super) source: MediaSource<'a>,
}

#[derive(Debug, Serialize)]
pub(super) struct MediaSource<'a> {
    pub(super) bytes: Cow<'a, str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse<'a> {
    pub(super) tool_use_id: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    /// An object.
    pub(super) input: Box<RawValue>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolResult<'a> {
    pub(super) tool_use_id: Cow<'a, str>,
    pub(super) content: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Reasoning<'a> {
    ReasoningText {
        text: Cow<'a, str>,
        signature: Cow<'a, str>,
    },
    RedactedContent(Cow<'a, str>),
}

#[derive(Debug, Serialize)]
pub(super) struct CachePoint {
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ttl: Option<&'static str>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InferenceConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_p: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) stop_sequences: Vec<Cow<'a, str>>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolConfig<'a> {
    pub(super) tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_choice: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Tool<'a> {
    ToolSpec(ToolSpec<'a>),
    CachePoint(CachePoint),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolSpec<'a> {
    pub(super) name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Cow<'a, str>>,
    pub(super) input_schema: Schema,
}

#[derive(Debug, Serialize)]
pub(super) struct Schema {
    pub(super) json: Box<RawValue>,
}

impl InferenceConfig<'_> {
    fn is_empty(&self) -> bool {
        self.max_tokens.is_none()
            && self.temperature.is_none()
            && self.top_p.is_none()
            && self.stop_sequences.is_empty()
    }
}

impl CachePoint {
    pub(super) fn new(ttl: Option<&'static str>) -> Self {
        Self {
            r#type: "default",
            ttl,
        }
    }
}

impl<'a> Block<'a> {
    /// The result of a tool, and behind it the mark that stands within: Converse takes none there.
    pub(super) fn result(
        tool_use_id: Cow<'a, str>,
        mut content: Vec<Self>,
        status: Option<&'static str>,
    ) -> Vec<Self> {
        let marks: Vec<Self> = content
            .extract_if(.., |block| matches!(block, Self::CachePoint(_)))
            .collect();
        if content.is_empty() {
            content.push(Self::Text(Cow::Borrowed(NOTHING)));
        }
        let result = Self::ToolResult(ToolResult {
            tool_use_id,
            content,
            status,
        });
        [result]
            .into_iter()
            .chain(marks.into_iter().next_back())
            .collect()
    }

    /// Whether it is a text, or a mark: what a system prompt and what a model has said are made of.
    pub(super) fn is_plain(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::CachePoint(_) | Self::ReasoningContent(_) | Self::ToolUse(_)
        )
    }

    /// A text; none where it is blank, which Converse refuses.
    pub(super) fn text(text: Cow<'a, str>) -> Option<Self> {
        (!text.trim().is_empty()).then_some(Self::Text(text))
    }
}

impl<'a> Request<'a> {
    /// Adds what somebody says, to the turn that is theirs already or as a new one: Converse wants turns to alternate.
    pub(super) fn say(&mut self, role: Role, content: Vec<Block<'a>>) {
        if content.is_empty() {
            return;
        }
        match self.messages.last_mut().filter(|last| last.role == role) {
            Some(last) => last.content.extend(content),
            None => self.messages.push(Message { role, content }),
        }
    }

    /// Adds what the system says. Behind a turn it stays where it is: what stood before it is cached as it was.
    pub(super) fn instruct(&mut self, content: Vec<Block<'a>>) {
        match self.messages.is_empty() {
            true => self.system.extend(content),
            false => self.say(Role::User, content),
        }
    }

    /// Tells the model how hard to think. Gives the settings that had to be left out for that.
    ///
    /// # Errors
    /// When it cannot be told, or not together with what else is asked of it.
    pub(super) fn think(
        &mut self,
        effort: Effort,
        model: Spoken<'_>,
        is_forced: bool,
        field: &str,
    ) -> Result<Vec<&'static str>, Untranslatable> {
        let settings = &mut self.inference_config;
        let fields = model.thinking(effort, settings.max_tokens);
        let fields = fields.ok_or_else(|| {
            Untranslatable::of(
                field,
                "cannot be carried over to this model, or leaves it no room for an answer",
            )
        })?;
        let mut left_out = Vec::new();
        if model.is_claude() && fields.contains_key("thinking") && effort != Effort::None {
            if is_forced {
                return Err(Untranslatable::of(
                    field,
                    "cannot go with a schema for the answer of this model",
                ));
            }
            // Claude takes neither while it thinks.
            for (name, setting) in [
                ("temperature", &mut settings.temperature),
                ("top_p", &mut settings.top_p),
            ] {
                left_out.extend(setting.take().map(|_| name));
            }
        }
        self.additional_model_request_fields.extend(fields);
        Ok(left_out)
    }

    /// Leaves out one of two settings that the model does not take together.
    pub(super) fn one_sampling(&mut self, model: Spoken<'_>) -> Option<&'static str> {
        let settings = &mut self.inference_config;
        let is_too_much =
            settings.temperature.is_some() && settings.top_p.is_some() && !model.takes_both_samplings();
        is_too_much.then(|| settings.top_p = None).map(|()| "top_p")
    }

    /// Whether a message holds a call of a tool, or its result.
    pub(super) fn has_tool_blocks(&self) -> bool {
        let mut blocks = self.messages.iter().flat_map(|message| &message.content);
        blocks.any(|block| matches!(block, Block::ToolUse(_) | Block::ToolResult(_)))
    }

    /// What Converse would refuse without telling which message it means.
    ///
    /// # Errors
    /// When the first turn is not the user's, or results do not answer the calls of the turn before them.
    pub(super) fn check_turns(&mut self) -> Result<(), Untranslatable> {
        const FIELD: &str = "messages";
        if self.messages.first().is_none_or(|first| first.role != Role::User) {
            return Err(Untranslatable::of(FIELD, "begin with one of the user"));
        }
        let mut called = BTreeSet::new();
        for message in &mut self.messages {
            // Results stand before whatever else the user says.
            message
                .content
                .sort_by_key(|block| !matches!(block, Block::ToolResult(_)) && message.role == Role::User);
            for block in &message.content {
                if let Block::ToolResult(result) = block
                    && !called.remove(result.tool_use_id.as_ref())
                {
                    return Err(Untranslatable::of(
                        FIELD,
                        "hold a tool's result that answers no call of the turn before it, or twice",
                    ));
                }
            }
            if !called.is_empty() {
                return Err(Untranslatable::of(
                    FIELD,
                    "lack a result of a tool that was called: results follow right behind the calls",
                ));
            }
            for block in &message.content {
                if let Block::ToolUse(call) = block
                    && !called.insert(call.tool_use_id.to_string())
                {
                    return Err(Untranslatable::of(
                        FIELD,
                        "hold two calls of tools with the same id",
                    ));
                }
            }
        }
        match called.is_empty() {
            true => Ok(()),
            false => Err(Untranslatable::of(
                FIELD,
                "end with a call of a tool that has no result",
            )),
        }
    }
}
