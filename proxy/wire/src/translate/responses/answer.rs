//! A whole answer as a response.

use super::output::{Closed, Item, ending, response};
use crate::translate::Names;
use crate::translate::heard::{Answer, Block, Reasoning};
use crate::translate::tools::JSON_TOOL;
use crate::translate::voice::{Heading, Unspeakable};

/// Says a whole answer. With `is_json_tool`, what that tool is called with is the text.
pub(in crate::translate) fn answer(
    answer: Answer,
    names: &Names,
    heading: &Heading,
    includes_thoughts: bool,
    is_json_tool: bool,
) -> Result<Vec<u8>, Unspeakable> {
    let item = |block| match block {
        Block::Text(text) => Item::Message { text },
        Block::CitationsContent(cited) => Item::Message {
            text: cited.content.into_iter().map(|part| part.text).collect(),
        },
        Block::ToolUse(call) if is_json_tool && call.name == JSON_TOOL => Item::Message {
            text: call.input.get().to_owned(),
        },
        Block::ToolUse(call) => Item::Call {
            call_id: call.tool_use_id,
            name: names.given(&call.name).to_owned(),
            arguments: call.input.get().to_owned(),
        },
        Block::ReasoningContent(Reasoning::ReasoningText { text, signature }) => Item::Thought {
            closed: Closed {
                text: text.clone(),
                signature: signature.unwrap_or_default(),
                redacted: String::new(),
            },
            text,
        },
        Block::ReasoningContent(Reasoning::RedactedContent(redacted)) => Item::Thought {
            text: String::new(),
            closed: Closed {
                redacted,
                ..Closed::default()
            },
        },
    };
    let items: Vec<Item> = answer.output.message.content.into_iter().map(item).collect();
    let output: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(index, item)| item.json(heading, index, true, includes_thoughts))
        .collect();
    let ending = ending(&answer.stop_reason).ok_or(Unspeakable)?;
    let response = response(heading, ending, &output, Some(&answer.usage));
    serde_json::to_vec(&response).map_err(|_| Unspeakable)
}
