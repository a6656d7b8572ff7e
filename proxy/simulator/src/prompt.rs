//! What a request says, in any of the request formats: the model's view of it, for the echo and the token count.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Keys whose strings are prompt text, in the formats of Converse, Anthropic, Nova, Titan, Llama, Cohere and OpenAI.
const TEXT_KEYS: [&str; 7] = [
    "text",
    "content",
    "prompt",
    "inputText",
    "message",
    "inputs",
    "system",
];
/// Characters of one token, about, for plausible usage numbers.
const CHARS_PER_TOKEN: usize = 4;

/// The text of the last user turn; empty when the format is unknown.
pub(crate) fn last_user_text(body: &Value) -> String {
    let mut text = String::new();
    if let Some(messages) = body.get("messages").and_then(Value::as_array) {
        let user = messages
            .iter()
            .rfind(|message| message.get("role").is_some_and(|role| role == "user"));
        if let Some(content) = user.and_then(|message| message.get("content")) {
            gather(content, &mut text);
        }
        return text;
    }
    let prompts = ["prompt", "inputText", "message", "inputs"];
    if let Some(prompt) = prompts.iter().find_map(|key| body.get(key)) {
        gather(prompt, &mut text);
    }
    text
}

/// Joins the text of content blocks, tool results included, with line breaks.
fn gather(content: &Value, text: &mut String) {
    match content {
        Value::String(part) => {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(part);
        }
        Value::Array(blocks) => blocks.iter().for_each(|block| gather(block, text)),
        Value::Object(block) => {
            let nested = ["text", "content", "toolResult", "guardContent"];
            nested
                .iter()
                .filter_map(|key| block.get(*key))
                .for_each(|inner| gather(inner, text));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Input tokens, about: a quarter of the prompt's characters, at least one.
pub(crate) fn input_tokens(body: &Value) -> u64 {
    tokens(text_chars(body))
}

/// Output tokens, about.
pub(crate) fn output_tokens(text: &str) -> u64 {
    tokens(text.chars().count())
}

/// What a `CountTokens` body wraps: a Converse request or the bytes of a native one.
pub(crate) fn counted(body: &Value) -> Option<Value> {
    let input = body.get("input")?;
    if let Some(converse) = input.get("converse") {
        return Some(converse.clone());
    }
    let native = input.get("invokeModel")?.get("body")?.as_str()?;
    serde_json::from_slice(&STANDARD.decode(native).ok()?).ok()
}

fn tokens(chars: usize) -> u64 {
    chars.div_ceil(CHARS_PER_TOKEN).max(1) as u64
}

/// Characters under [`TEXT_KEYS`], at any depth. The parser bounds the depth.
fn text_chars(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) if TEXT_KEYS.contains(&key.as_str()) => text.chars().count(),
                Value::String(_) => 0,
                other => text_chars(other),
            })
            .sum(),
        Value::Array(items) => items.iter().map(text_chars).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(body: &Value, text: &str) {
        assert_eq!(last_user_text(body), text);
    }

    #[test]
    fn finds_the_last_user_text_in_every_format() {
        check(
            &json!({"messages": [
                {"role": "user", "content": [{"text": "first"}]},
                {"role": "assistant", "content": [{"text": "no"}]},
                {"role": "user", "content": [{"text": "second"}, {"image": {}}, {"text": "third"}]},
            ]}),
            "second\nthird",
        );
        check(
            &json!({"messages": [{"role": "user", "content": "plain"}]}),
            "plain",
        );
        check(
            &json!({"messages": [{"role": "user", "content": [
            {"toolResult": {"toolUseId": "t", "content": [{"text": "result"}]}}]}]}),
            "result",
        );
        check(&json!({"inputText": "titan"}), "titan");
        check(&json!({"prompt": "llama"}), "llama");
        check(&json!({"unknown": "x"}), "");
    }

    #[test]
    fn counts_a_quarter_of_the_prompt() {
        let body = json!({"system": "12345678", "messages": [{"role": "user", "content": [{"text": "1234"}]}], "x": "no"});
        assert_eq!(input_tokens(&body), 3);
        assert_eq!(input_tokens(&json!({})), 1);
        let native = STANDARD.encode(br#"{"prompt":"12345678"}"#);
        let wrapped = counted(&json!({"input": {"invokeModel": {"body": native}}})).unwrap();
        assert_eq!(input_tokens(&wrapped), 2);
    }
}
