//! Why models stop, in a closed list of words.

/// What is recorded of a reason that nobody knows. Models write texts, and texts have no place in records.
const OTHER: &str = "other";

/// The reasons of Converse and Anthropic Messages, of OpenAI Chat, of Cohere, Titan, Llama, AI21 and Nova Sonic, in lower case.
const REASONS: [&str; 35] = [
    "end_turn",
    "partial_turn",
    "interrupted",
    "tool_use",
    "max_tokens",
    "stop_sequence",
    "guardrail_intervened",
    "content_filtered",
    "malformed_model_output",
    "malformed_tool_use",
    "model_context_window_exceeded",
    "pause_turn",
    "refusal",
    "compaction",
    "stop",
    "length",
    "tool_calls",
    "function_call",
    "content_filter",
    "insufficient_system_resource",
    "complete",
    "completed",
    "finish",
    "finished",
    "endoftext",
    "eos",
    "eos_token",
    "eot_id",
    "stop_criteria_met",
    "rag_query_when_rag_disabled",
    "error",
    "error_limit",
    "error_toxic",
    "user_cancel",
    "timeout",
];

/// The word for a reason as a provider spells it, without regard to case; `other` when it is not known.
#[must_use]
pub fn stop_reason(spelt: &str) -> &'static str {
    REASONS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(spelt))
        .unwrap_or(OTHER)
}
