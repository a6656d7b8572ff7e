//! The formats an answer can take, and the whole (not streamed) form of each.

use serde_json::{Value, json};

use crate::answer::{Answer, ToolCall};

/// A response format of one model family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The Converse API, for every model.
    Converse,
    Anthropic,
    Nova,
    /// OpenAI chat completions: Mistral, Qwen, DeepSeek, gpt-oss and most others with `messages`.
    Chat,
    Titan,
    /// A bare prompt answered by a bare generation.
    Llama,
}

impl Shape {
    /// The native format for a model id, or, where an ARN hides the family, for the request's own format.
    pub(crate) fn native(model: &str, body: &Value) -> Self {
        let has = |key: &str| body.get(key).is_some();
        if has("anthropic_version") || (model.contains("anthropic.") && has("messages")) {
            Self::Anthropic
        } else if has("schemaVersion") || model.contains("amazon.nova") {
            Self::Nova
        } else if has("messages") {
            Self::Chat
        } else if has("inputText") {
            Self::Titan
        } else {
            Self::Llama
        }
    }

    /// The whole response body.
    pub(crate) fn whole(self, answer: &Answer, number: u64) -> Value {
        match self {
            Self::Converse => converse(answer),
            Self::Anthropic => anthropic(answer, number),
            Self::Nova => nova(answer),
            Self::Chat => chat(answer, number),
            Self::Titan => titan(answer),
            Self::Llama => llama(answer),
        }
    }

    /// The words for a model that stopped to call a tool, and for one that simply ended.
    pub(crate) fn stop_words(self) -> (&'static str, &'static str) {
        match self {
            Self::Converse | Self::Anthropic | Self::Nova => ("tool_use", "end_turn"),
            Self::Chat => ("tool_calls", "stop"),
            Self::Titan => ("FINISH", "FINISH"),
            Self::Llama => ("stop", "stop"),
        }
    }

    /// Why the model stopped, in this format's word.
    pub(crate) fn stop(self, answer: &Answer) -> &str {
        let (called, ended) = self.stop_words();
        answer.stop(called, ended)
    }
}

/// Token counts as Converse and Nova name them.
pub(crate) fn usage(answer: &Answer) -> Value {
    json!({
        "inputTokens": answer.input_tokens,
        "outputTokens": answer.output_tokens,
        "totalTokens": answer.input_tokens + answer.output_tokens,
    })
}

/// What Bedrock adds to the last chunk of a native stream.
pub(crate) fn invocation_metrics(answer: &Answer) -> Value {
    json!({
        "inputTokenCount": answer.input_tokens,
        "outputTokenCount": answer.output_tokens,
        "invocationLatency": answer.latency_ms(),
        "firstByteLatency": answer.latency_ms() / 3,
    })
}

fn content(answer: &Answer, text: impl Fn(&str) -> Value, tool: impl Fn(&ToolCall) -> Value) -> Vec<Value> {
    let text = answer.text.as_deref().map(text);
    text.into_iter().chain(answer.tool.as_ref().map(tool)).collect()
}

fn converse_message(answer: &Answer) -> Value {
    let tool = |tool: &ToolCall| json!({ "toolUse": { "toolUseId": tool.id, "name": tool.name, "input": tool.input_json() } });
    json!({ "message": { "role": "assistant", "content": content(answer, |text| json!({ "text": text }), tool) } })
}

fn converse(answer: &Answer) -> Value {
    json!({
        "metrics": { "latencyMs": answer.latency_ms() },
        "output": converse_message(answer),
        "stopReason": Shape::Converse.stop(answer),
        "usage": usage(answer),
    })
}

fn nova(answer: &Answer) -> Value {
    json!({
        "output": converse_message(answer),
        "stopReason": Shape::Nova.stop(answer),
        "usage": usage(answer),
    })
}

fn anthropic(answer: &Answer, number: u64) -> Value {
    let text = |text: &str| json!({ "type": "text", "text": text });
    let tool = |tool: &ToolCall| json!({ "type": "tool_use", "id": tool.id, "name": tool.name, "input": tool.input_json() });
    json!({
        "id": format!("msg_bdrk_{number}"),
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": content(answer, text, tool),
        "stop_reason": Shape::Anthropic.stop(answer),
        "stop_sequence": null,
        "usage": { "input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens },
    })
}

fn chat(answer: &Answer, number: u64) -> Value {
    let calls: Vec<Value> = answer.tool.iter().map(chat_tool_call).collect();
    let message = if calls.is_empty() {
        json!({ "role": "assistant", "content": answer.text })
    } else {
        json!({ "role": "assistant", "content": answer.text, "tool_calls": calls })
    };
    json!({
        "id": format!("chatcmpl-{number}"),
        "object": "chat.completion",
        "model": answer.model,
        "choices": [{ "index": 0, "message": message, "finish_reason": Shape::Chat.stop(answer) }],
        "usage": {
            "prompt_tokens": answer.input_tokens,
            "completion_tokens": answer.output_tokens,
            "total_tokens": answer.input_tokens + answer.output_tokens,
        },
    })
}

fn chat_tool_call(tool: &ToolCall) -> Value {
    let function = json!({ "name": tool.name, "arguments": tool.input });
    json!({ "id": tool.id, "type": "function", "function": function })
}

fn titan(answer: &Answer) -> Value {
    json!({
        "inputTextTokenCount": answer.input_tokens,
        "results": [{
            "tokenCount": answer.output_tokens,
            "outputText": answer.plain_text(),
            "completionReason": Shape::Titan.stop(answer),
        }],
    })
}

fn llama(answer: &Answer) -> Value {
    json!({
        "generation": answer.plain_text(),
        "prompt_token_count": answer.input_tokens,
        "generation_token_count": answer.output_tokens,
        "stop_reason": Shape::Llama.stop(answer),
    })
}
