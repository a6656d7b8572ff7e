//! What a request asks for and policy reads: output limits and tools, under the names of every model family.
//!
//! INVARIANT: what is there is read exactly or makes the body misshapen. A limit that is taken for absent because it is
//! spelt `1e6` would be judged by the tenant's default and honoured by the model.

use crate::json::{Kind, Value};

use super::gather::Gather;

/// Names under which model families know the most tokens to generate, each with the source of the name. All of them
/// count in every body, because a body goes on as it is and nobody knows which of them a model reads.
pub const OUTPUT_LIMITS: [(&str, &str); 15] = [
    (
        "maxTokens",
        "Bedrock Converse, `InferenceConfiguration`; AI21 Jurassic",
    ),
    (
        "max_tokens",
        "Anthropic Messages; OpenAI Chat; Cohere, Mistral, DeepSeek, AI21 Jamba on Bedrock",
    ),
    ("max_tokens_to_sample", "Anthropic text completions on Bedrock"),
    (
        "max_new_tokens",
        "Amazon Nova; Hugging Face text generation, `parameters`",
    ),
    ("maxNewTokens", "Amazon Nova, as its first SDK examples spell it"),
    ("maxTokenCount", "Amazon Titan Text, `textGenerationConfig`"),
    ("max_gen_len", "Meta Llama on Bedrock"),
    (
        "max_completion_tokens",
        "OpenAI Chat, the successor of `max_tokens`",
    ),
    ("max_output_tokens", "OpenAI Responses"),
    ("maxOutputTokens", "Google's models, `generationConfig`"),
    ("max_output_length", "Hugging Face inference toolkit"),
    (
        "max_length",
        "Hugging Face `GenerationConfig`: prompt and output together",
    ),
    ("n_predict", "llama.cpp server"),
    ("num_predict", "Ollama, `options`"),
    ("max_seq_len", "DJL Serving (LMI): prompt and output together"),
];

/// Members that hold what is said, offered or described. What stands below them is content: a property of a tool may
/// well be called `max_tokens`.
const CONTENT: [&[u8]; 25] = [
    b"messages",
    b"message",
    b"chat_history",
    b"system",
    b"preamble",
    b"instructions",
    b"prompt",
    b"promptVariables",
    b"inputs",
    b"input",
    b"inputText",
    b"instances",
    b"documents",
    b"texts",
    b"tools",
    b"functions",
    b"toolConfig",
    b"toolConfiguration",
    b"tool_results",
    b"metadata",
    b"requestMetadata",
    b"response_format",
    b"outputConfig",
    b"output_config",
    b"output_format",
];

/// Notes the greatest output limit that stands anywhere in `value` but in content. As deep as documents nest.
pub(super) fn limits(gather: &mut Gather, value: Value<'_>) {
    for (key, value) in value.members() {
        let name = key.name();
        if CONTENT.contains(&&*name) {
            continue;
        }
        match OUTPUT_LIMITS.iter().any(|(known, _)| *name == *known.as_bytes()) {
            true => limit(gather, value),
            false => limits(gather, value),
        }
    }
    value.items().for_each(|item| limits(gather, item));
}

/// One output limit. `null` is none; what is no plain integer could be read in more than one way.
fn limit(gather: &mut Gather, value: Value<'_>) {
    match value.as_u64() {
        Some(tokens) => gather.max_tokens = gather.max_tokens.max(Some(tokens)),
        None if value.is_null() => {}
        None => gather.misread(value),
    }
}

/// Notes the tools that free JSON offers under `tools` or `functions`.
pub(super) fn tools(gather: &mut Gather, object: Value<'_>) {
    let offers = |(key, _): &(Value<'_>, Value<'_>)| matches!(&*key.name(), b"tools" | b"functions");
    for (_, value) in object.members().filter(offers) {
        match value.kind() {
            Kind::Array => value.items().for_each(|item| tool(gather, item)),
            Kind::Null => {}
            _ => gather.misread(value),
        }
    }
}

/// A tool in the shape of any family: OpenAI Chat (`function`), Bedrock (`toolSpec`, `systemTool`), or flat. Tools that the
/// provider runs may have no name but their type.
fn tool(gather: &mut Gather, value: Value<'_>) {
    let spec = ["function", "toolSpec", "systemTool"]
        .into_iter()
        .find_map(|name| value.get(name))
        .unwrap_or(value);
    let name = spec.get("name").or_else(|| value.get("type"));
    match name.and_then(Value::as_str) {
        Some(name) => gather.tools.push(name.into_owned()),
        // A point up to which a provider caches, no tool.
        None if value.get("cachePoint").is_some() => {}
        None => gather.misread(name.unwrap_or(value)),
    }
}
