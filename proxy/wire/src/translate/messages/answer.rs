//! A whole answer as a message.

use super::usage;
use crate::translate::Names;
use crate::translate::heard::{Answer, Block, Reasoning};
use crate::translate::tools::JSON_TOOL;
use crate::translate::voice::{Heading, Unspeakable};
use serde_json::{Value, json};

/// Says a whole answer. With `is_json_tool`, what that tool is called with is the text.
pub(in crate::translate) fn answer(
    answer: Answer,
    names: &Names,
    heading: &Heading,
    is_json_tool: bool,
) -> Result<Vec<u8>, Unspeakable> {
    let mut has_calls = false;
    let mut content = Vec::new();
    for block in answer.output.message.content {
        content.push(match block {
            Block::Text(said) => text(&said),
            Block::CitationsContent(cited) => {
                let said: String = cited.content.into_iter().map(|part| part.text).collect();
                text(&said)
            }
            Block::ToolUse(call) if is_json_tool && call.name == JSON_TOOL => text(call.input.get()),
            Block::ToolUse(call) => {
                has_calls = true;
                let name = names.given(&call.name);
                json!({ "type": "tool_use", "id": id(&call.tool_use_id), "name": name, "input": call.input })
            }
            Block::ReasoningContent(Reasoning::ReasoningText { text, signature }) => {
                json!({ "type": "thinking", "thinking": text, "signature": signature.unwrap_or_default() })
            }
            Block::ReasoningContent(Reasoning::RedactedContent(data)) => {
                json!({ "type": "redacted_thinking", "data": data })
            }
        });
    }
    let reason = stop_reason(&answer.stop_reason, has_calls).ok_or(Unspeakable)?;
    let message = json!({
        "id": format!("msg_{}", heading.id),
        "type": "message",
        "role": "assistant",
        "model": heading.model,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": null,
        "usage": usage(&answer.usage),
    });
    serde_json::to_vec(&message).map_err(|_| Unspeakable)
}

fn text(said: &str) -> Value {
    json!({ "type": "text", "text": said, "citations": null })
}

/// An id as Anthropic's clients take it: `[a-zA-Z0-9_-]+`. Where it comes back, it stands for itself.
pub(super) fn id(id: &str) -> String {
    let plain = |c: char| if c == '.' || c == ':' { '_' } else { c };
    id.chars().map(plain).collect()
}

/// Why a model stopped, in Anthropic's words; none for a failure of the model, and for what nobody knows.
pub(super) fn stop_reason(reason: &str, has_calls: bool) -> Option<&'static str> {
    match reason {
        // Some models end a turn that calls tools like any other.
        "end_turn" | "stop_sequence" | "tool_use" if has_calls => Some("tool_use"),
        "end_turn" | "tool_use" => Some("end_turn"),
        "stop_sequence" => Some("stop_sequence"),
        "max_tokens" => Some("max_tokens"),
        "model_context_window_exceeded" => Some("model_context_window_exceeded"),
        "guardrail_intervened" | "content_filtered" => Some("refusal"),
        _ => None,
    }
}
