//! A whole answer as a chat completion.

use crate::translate::Names;
use crate::translate::heard::{Answer, Block, Reasoning, Usage};
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
    let (mut text, mut reasoning) = (None::<String>, None::<String>);
    let (mut calls, mut thoughts) = (Vec::new(), Vec::new());
    for block in answer.output.message.content {
        match block {
            Block::Text(said) => text.get_or_insert_default().push_str(&said),
            Block::CitationsContent(cited) => {
                let text = text.get_or_insert_default();
                cited.content.iter().for_each(|part| text.push_str(&part.text));
            }
            Block::ToolUse(call) if is_json_tool && call.name == JSON_TOOL => {
                text.get_or_insert_default().push_str(call.input.get());
            }
            Block::ToolUse(call) => calls.push(json!({
                "id": call.tool_use_id,
                "type": "function",
                "function": { "name": names.given(&call.name), "arguments": call.input.get() },
            })),
            Block::ReasoningContent(Reasoning::ReasoningText { text, signature }) => {
                reasoning.get_or_insert_default().push_str(&text);
                thoughts.extend(signature.map(
                    |signature| json!({ "type": "thinking", "thinking": text, "signature": signature }),
                ));
            }
            Block::ReasoningContent(Reasoning::RedactedContent(data)) => {
                thoughts.push(json!({ "type": "redacted_thinking", "data": data }));
            }
        }
    }
    let reason = finish_reason(&answer.stop_reason, !calls.is_empty()).ok_or(Unspeakable)?;
    let mut message = json!({ "role": "assistant", "content": text, "refusal": null });
    let extras = [
        ("tool_calls", (!calls.is_empty()).then_some(Value::Array(calls))),
        ("reasoning_content", reasoning.map(Value::String)),
        (
            "thinking_blocks",
            (!thoughts.is_empty()).then_some(Value::Array(thoughts)),
        ),
    ];
    if let Value::Object(message) = &mut message {
        message.extend(
            extras
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?))),
        );
    }
    let completion = json!({
        "id": format!("chatcmpl-{}", heading.id),
        "object": "chat.completion",
        "created": heading.created,
        "model": heading.model,
        "choices": [{ "index": 0, "message": message, "finish_reason": reason, "logprobs": null }],
        "usage": usage(&answer.usage),
    });
    serde_json::to_vec(&completion).map_err(|_| Unspeakable)
}

/// Why a model stopped, in OpenAI's words; none for a failure of the model, and for what nobody knows.
pub(super) fn finish_reason(stop_reason: &str, has_calls: bool) -> Option<&'static str> {
    match stop_reason {
        // Some models end a turn that calls tools like any other.
        "end_turn" | "stop_sequence" | "tool_use" if has_calls => Some("tool_calls"),
        "end_turn" | "stop_sequence" | "tool_use" => Some("stop"),
        "max_tokens" | "model_context_window_exceeded" => Some("length"),
        "guardrail_intervened" | "content_filtered" => Some("content_filter"),
        _ => None,
    }
}

/// OpenAI counts what came from the cache among the prompt.
pub(super) fn usage(usage: &Usage) -> Value {
    let (read, write) = (usage.cache_read_input_tokens, usage.cache_write_input_tokens);
    let prompt = usage.input_tokens.saturating_add(read).saturating_add(write);
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": usage.output_tokens,
        "total_tokens": prompt.saturating_add(usage.output_tokens),
        "prompt_tokens_details": { "cached_tokens": read, "cache_write_tokens": write },
    })
}
