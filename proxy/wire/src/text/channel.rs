//! Running texts of a stream, and the events that carry their pieces.

use std::{num::NonZeroU32, ops::Range};

use crate::json::push_string;

use super::{Place, Region, RegionKind};

/// What a running text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// The completion.
    Text,
    /// The model's reasoning.
    Reasoning,
    /// The arguments of a tool call: pieces of JSON text, which may cut strings and escapes.
    ToolInput,
    /// What a server-side tool answered.
    ToolResult,
    /// What stands in a member that the dialect does not know.
    Unheard,
}

/// One running text of one stream. Its pieces, joined in order, are the text to scan; pieces of
/// several channels may interleave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Channel {
    /// The content block; for other bodies the choice in the upper 16 bits and the tool call in
    /// the lower.
    pub block: u32,
    /// What the text is made of.
    pub kind: ChannelKind,
    /// The field that carries it.
    field: Field,
}

/// A piece of a running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The text that the piece belongs to.
    pub channel: Channel,
    /// The string literal in the event, quotes included.
    pub span: Range<usize>,
    /// Where the literal of the key begins under which it stands, in a member that the dialect does not know.
    pub key: Option<NonZeroU32>,
    /// Where a literal begins that says the same in numbers: what leaves changed leaves without it.
    pub echo: Option<u32>,
}

impl Delta {
    /// The piece as a text of its own, which it may be in a member that the dialect does not know.
    #[must_use]
    pub fn alone(&self) -> Region {
        Region {
            span: self.span.clone(),
            kind: RegionKind::Text,
            place: Place::Answer,
            prose: false,
            signature: None,
            key: self.key,
            encoded: false,
        }
    }
}

/// Which channels end with an event. A stream's end ends all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Closes {
    /// None.
    #[default]
    Nothing,
    /// Those of one content block.
    Block(u32),
    /// Those of one choice.
    Choice(u32),
    /// All.
    All,
}

impl Closes {
    /// Whether `channel` ends.
    #[must_use]
    pub fn covers(self, channel: Channel) -> bool {
        match self {
            Self::Nothing => false,
            Self::Block(block) => channel.block == block,
            Self::Choice(choice) => channel.block >> 16 == choice,
            Self::All => true,
        }
    }
}

/// The place in an event that a piece was met in, and that a synthetic event fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    /// Converse `contentBlockDelta`.
    Converse,
    /// The same, under its name as a key.
    Nova,
    /// `RetrieveAndGenerateStream`: `output`.
    Generated,
    /// The same, the text of a `citation`.
    Cited,
    /// Anthropic `content_block_delta`.
    Anthropic,
    /// The same for `compaction_delta`.
    Compaction,
    /// Anthropic text completions: `completion`.
    Completion,
    /// Titan: `outputText`.
    OutputText,
    /// Llama: `generation`.
    Generation,
    /// Mistral: `outputs[].text`.
    Outputs,
    /// Cohere: `text`.
    Text,
    /// Text Generation Inference: `token.text`.
    Token,
    /// OpenAI: `choices[].delta.content`, `.tool_calls[].function.arguments` for tool input.
    ChoiceContent,
    /// `choices[].delta.reasoning_content`.
    ChoiceReasoningContent,
    /// `choices[].delta.reasoning`.
    ChoiceReasoning,
    /// `choices[].delta.refusal`.
    ChoiceRefusal,
    /// `choices[].message.content`, `.tool_calls[].function.arguments` for tool input.
    ChoiceMessage,
    /// `choices[].text`.
    ChoiceText,
    /// Text Generation Inference, where it comes in pieces: `generated_text`.
    GeneratedText,
    /// The whole stream is one text.
    Plain,
    /// Nova Sonic: `textOutput`, `toolUse`.
    Spoken,
    /// One that the dialect does not know, by its path.
    Unheard(u64),
}

impl Channel {
    /// The only running text of a stream that is plain text.
    pub const PLAIN: Self = Self {
        block: 0,
        kind: ChannelKind::Text,
        field: Field::Plain,
    };

    pub(super) const fn new(block: u32, kind: ChannelKind, field: Field) -> Self {
        Self { block, kind, field }
    }

    /// A channel of a choice, by the choice's index and, for tool input, the call's.
    pub(super) fn of_choice(choice: u32, call: u32, kind: ChannelKind, field: Field) -> Self {
        Self::new(choice.min(0xFFFF) << 16 | call.min(0xFFFF), kind, field)
    }

    /// The text of a member that the dialect does not know, of the content block or choice that its event is about.
    pub(super) fn unheard(block: u32, path: u64) -> Self {
        Self::new(block, ChannelKind::Unheard, Field::Unheard(path))
    }

    /// A text that citations repeat piece by piece: each piece may be whole, or go on in the next citation.
    pub(super) const fn cited(block: u32) -> Self {
        Self::new(block, ChannelKind::Unheard, Field::Cited)
    }

    /// Whether each piece of a whole answer may be a text of its own.
    #[must_use]
    pub fn is_cited(self) -> bool {
        self.field == Field::Cited
    }

    /// Whether the text stands in a member that the dialect does not know, or in a citation: it may be whole, or go on in the next event.
    #[must_use]
    pub fn is_unheard(self) -> bool {
        self.kind == ChannelKind::Unheard
    }

    /// Whether only the events that carry the text tell what such an event looks like.
    #[must_use]
    pub fn is_shaped(self) -> bool {
        self.is_unheard() || self.field == Field::Spoken
    }

    /// The JSON of an event that carries `text` on this channel, in the shape of the event that
    /// the channel was met in: for Converse the payload of a `contentBlockDelta`, for other
    /// dialects what stands inside a `chunk`; of plain text the text, and of one that the dialect does not know too: its shape is a
    /// [`Shape`](super::Shape).
    #[must_use]
    pub fn delta(self, text: &str) -> Vec<u8> {
        let Self { block, kind, field } = self;
        let choice = block >> 16;
        let (before, after) = match field {
            Field::Converse => self.converse(""),
            Field::Nova => self.converse(r#"{"contentBlockDelta":"#),
            Field::Generated => (r#"{"text":"#.into(), "}"),
            Field::Anthropic => {
                let delta = match kind {
                    ChannelKind::Text | ChannelKind::ToolResult | ChannelKind::Unheard => {
                        r#""text_delta","text":"#
                    }
                    ChannelKind::Reasoning => r#""thinking_delta","thinking":"#,
                    ChannelKind::ToolInput => r#""input_json_delta","partial_json":"#,
                };
                let head =
                    format!(r#"{{"type":"content_block_delta","index":{block},"delta":{{"type":{delta}"#);
                (head, "}}")
            }
            Field::Compaction => (
                format!(
                    r#"{{"type":"content_block_delta","index":{block},"delta":{{"type":"compaction_delta","content":"#
                ),
                "}}",
            ),
            Field::Completion => (
                r#"{"type":"completion","completion":"#.into(),
                r#","stop_reason":null}"#,
            ),
            Field::OutputText => (
                r#"{"index":0,"outputText":"#.into(),
                r#","completionReason":null}"#,
            ),
            Field::Generation => (r#"{"generation":"#.into(), r#","stop_reason":null}"#),
            Field::Outputs => (r#"{"outputs":[{"text":"#.into(), r#","stop_reason":null}]}"#),
            Field::Text => (
                r#"{"event_type":"text-generation","text":"#.into(),
                r#","is_finished":false}"#,
            ),
            Field::Token => (r#"{"token":{"text":"#.into(), "}}"),
            Field::GeneratedText => (r#"{"generated_text":"#.into(), "}"),
            Field::Plain | Field::Cited | Field::Spoken | Field::Unheard(_) => {
                return text.as_bytes().to_vec();
            }
            Field::ChoiceText => (
                format!(r#"{{"choices":[{{"index":{choice},"text":"#),
                r#","stop_reason":null}]}"#,
            ),
            Field::ChoiceContent => self.chunk("delta", "content"),
            Field::ChoiceReasoningContent => self.chunk("delta", "reasoning_content"),
            Field::ChoiceReasoning => self.chunk("delta", "reasoning"),
            Field::ChoiceRefusal => self.chunk("delta", "refusal"),
            Field::ChoiceMessage => self.chunk("message", "content"),
        };
        let mut payload = before.into_bytes();
        push_string(&mut payload, text);
        payload.extend_from_slice(after.as_bytes());
        payload.extend_from_slice(if field == Field::Nova { b"}" } else { b"" });
        payload
    }

    /// The type of that event, where events have one each.
    #[must_use]
    pub fn event_type(self) -> &'static str {
        match self.field {
            Field::Generated => "output",
            _ => "contentBlockDelta",
        }
    }

    /// Whether a signature may come after the text, which must not change then: a model's reasoning, but in the shapes of
    /// families that sign none.
    #[must_use]
    pub fn may_be_signed(self) -> bool {
        let signs = matches!(self.field, Field::Converse | Field::Nova | Field::Anthropic);
        signs && self.kind == ChannelKind::Reasoning
    }

    fn converse(self, before: &str) -> (String, &'static str) {
        let (open, close) = match self.kind {
            ChannelKind::Text | ChannelKind::Unheard => (r#""text":"#, "}}"),
            ChannelKind::Reasoning => (r#""reasoningContent":{"text":"#, "}}}"),
            ChannelKind::ToolInput => (r#""toolUse":{"input":"#, "}}}"),
            ChannelKind::ToolResult => (r#""toolResult":[{"text":"#, "}]}}"),
        };
        (
            format!(r#"{before}{{"contentBlockIndex":{},"delta":{{{open}"#, self.block),
            close,
        )
    }

    fn chunk(self, carrier: &str, key: &str) -> (String, &'static str) {
        let (choice, call) = (self.block >> 16, self.block & 0xFFFF);
        let head =
            format!(r#"{{"object":"chat.completion.chunk","choices":[{{"index":{choice},"{carrier}":{{"#);
        match self.kind {
            ChannelKind::ToolInput => (
                format!(r#"{head}"tool_calls":[{{"index":{call},"function":{{"arguments":"#),
                r#"}}]},"finish_reason":null}]}"#,
            ),
            _ => (format!(r#"{head}"{key}":"#), r#"},"finish_reason":null}]}"#),
        }
    }
}
