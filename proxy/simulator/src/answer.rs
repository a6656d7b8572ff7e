//! What the simulated model says, independent of the format it is said in.

use serde_json::Value;

use crate::prompt;
use crate::script::{Reply, ToolUse};

/// Characters of the prompt that the echo repeats at most.
const ECHO_CHARS_MAX: usize = 4_000;

/// One answer of a model.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) model: String,
    pub(crate) text: Option<String>,
    pub(crate) tool: Option<ToolCall>,
    /// A script's own word for why the model stopped.
    pub(crate) stop_reason: Option<String>,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
}

/// A tool call, its input as the JSON text that travels.
#[derive(Debug, Clone)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) input: String,
}

impl Answer {
    /// Answers `body` for `model`, as `reply` says or with the echo. `number` makes ids differ between exchanges.
    pub(crate) fn new(model: String, body: &Value, reply: &mut Reply, number: u64) -> Self {
        let tool = reply.tool_use.take().map(|tool| ToolCall::new(&tool, number));
        let text = match (reply.text.take(), &tool) {
            (Some(text), _) => Some(text),
            (None, Some(_)) => None,
            (None, None) => Some(echo(&model, &prompt::last_user_text(body))),
        };
        let spoken = prompt::output_tokens(text.as_deref().unwrap_or_default());
        let called = tool.as_ref().map_or(0, |tool| prompt::output_tokens(&tool.input));
        Self {
            model,
            text,
            tool,
            stop_reason: reply.stop_reason.take(),
            input_tokens: prompt::input_tokens(body),
            output_tokens: spoken + called,
        }
    }

    /// The stop reason: the script's, or one of the two words of the format for a tool call and for a normal end.
    pub(crate) fn stop(&self, called: &'static str, ended: &'static str) -> &str {
        let usual = if self.tool.is_some() { called } else { ended };
        self.stop_reason.as_deref().unwrap_or(usual)
    }

    /// Milliseconds that a model might have taken. Not measured: equal requests get equal answers.
    pub(crate) fn latency_ms(&self) -> u64 {
        120 + 8 * self.output_tokens
    }

    /// Text alone, for formats without tool calls.
    pub(crate) fn plain_text(&self) -> String {
        let input = self.tool.as_ref().map(|tool| tool.input.as_str());
        let parts = [self.text.as_deref(), input];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

impl ToolCall {
    fn new(tool: &ToolUse, number: u64) -> Self {
        Self {
            id: format!("tooluse_{number}"),
            name: tool.name.clone(),
            input: tool.input.to_string(),
        }
    }

    /// The input as JSON.
    pub(crate) fn input_json(&self) -> Value {
        serde_json::from_str(&self.input).unwrap_or_default()
    }
}

fn echo(model: &str, text: &str) -> String {
    if text.is_empty() {
        return format!("This is {model}, simulated. I received no user text.");
    }
    let cut = text
        .char_indices()
        .nth(ECHO_CHARS_MAX)
        .map_or(text.len(), |(at, _)| at);
    let (shown, hidden) = text.split_at_checked(cut).unwrap_or((text, ""));
    let rest = if hidden.is_empty() { "" } else { " […]" };
    format!("This is {model}, simulated. The last thing I received from you is: \"{shown}{rest}\"")
}
