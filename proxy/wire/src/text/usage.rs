//! Token counts, whatever a family calls them.

use crate::json::Value;

/// Tokens counted by the model. Cached tokens are not part of `input_tokens`, as in Converse and
/// Anthropic Messages; OpenAI counts them in, so they are taken out here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Prompt tokens that were neither read from nor written to a cache.
    pub input_tokens: Option<u64>,
    /// Completion tokens.
    pub output_tokens: Option<u64>,
    /// Prompt tokens read from a prompt cache.
    pub cache_read_tokens: Option<u64>,
    /// Prompt tokens written to a prompt cache.
    pub cache_write_tokens: Option<u64>,
}

impl Usage {
    /// Takes in a later count of the same exchange. Counts in a stream are cumulative, so the
    /// larger of the two stands.
    pub fn merge(&mut self, later: Self) {
        self.input_tokens = self.input_tokens.max(later.input_tokens);
        self.output_tokens = self.output_tokens.max(later.output_tokens);
        self.cache_read_tokens = self.cache_read_tokens.max(later.cache_read_tokens);
        self.cache_write_tokens = self.cache_write_tokens.max(later.cache_write_tokens);
    }

    /// The counts among the members of `object`: the names of Converse, of
    /// `amazon-bedrock-invocationMetrics`, of Anthropic Messages, OpenAI, Llama and Titan.
    pub(super) fn read(object: Value<'_>) -> Self {
        let mut usage = Self::default();
        for (key, value) in object.members() {
            match &*key.name() {
                b"inputTokens"
                | b"inputTokenCount"
                | b"input_tokens"
                | b"prompt_tokens"
                | b"prompt_token_count"
                | b"inputTextTokenCount"
                | b"totalInputTokens" => usage.input_tokens = value.as_u64(),
                b"outputTokens"
                | b"outputTokenCount"
                | b"output_tokens"
                | b"completion_tokens"
                | b"generation_token_count"
                | b"totalOutputTextTokenCount"
                | b"totalOutputTokens" => {
                    usage.output_tokens = value.as_u64();
                }
                b"cacheReadInputTokens" | b"cacheReadInputTokenCount" | b"cache_read_input_tokens" => {
                    usage.cache_read_tokens = value.as_u64();
                }
                b"cacheWriteInputTokens" | b"cacheWriteInputTokenCount" | b"cache_creation_input_tokens" => {
                    usage.cache_write_tokens = value.as_u64();
                }
                _ => {}
            }
        }
        usage.without_openai_cache(object)
    }

    fn without_openai_cache(mut self, object: Value<'_>) -> Self {
        let details = object
            .get("prompt_tokens_details")
            .or_else(|| object.get("input_tokens_details"));
        let cached = details
            .and_then(|details| details.get("cached_tokens"))
            .and_then(Value::as_u64);
        if let (Some(cached), None) = (cached, self.cache_read_tokens) {
            self.cache_read_tokens = Some(cached);
            self.input_tokens = self.input_tokens.map(|input| input.saturating_sub(cached));
        }
        self
    }
}
