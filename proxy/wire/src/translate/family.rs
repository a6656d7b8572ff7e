//! What differs between models behind one API: which of them take what, by family and id.

use serde_json::{Map, Value, json};

/// The model that a request is for.
#[derive(Debug, Clone, Copy)]
pub struct Spoken<'a> {
    /// Its id at Bedrock, without what names a profile.
    pub id: &'a str,
    /// The letters behind its maker: `claude`, `nova`.
    pub family: &'a str,
    /// What it speaks itself.
    pub own: Own,
}

/// The protocol that a model speaks itself, which is passed on as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// None but Converse.
    Converse,
    /// Anthropic's Messages, through `InvokeModel`; and Converse.
    Messages,
    /// Chat completions, of an endpoint; nothing else.
    Chat,
}

/// How hard a model is asked to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    None,
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

impl Effort {
    /// By the words of OpenAI's API.
    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "minimal" | "low" => Some(Self::Low),
            "medium" => Some(Self::Medium),
            "high" => Some(Self::High),
            "xhigh" => Some(Self::Xhigh),
            "max" => Some(Self::Max),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// Tokens that Claude may think before it answers: 1,024 is its least
    /// (docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html).
    fn budget(self) -> u64 {
        match self {
            Self::None | Self::Low => 1_024,
            Self::Medium => 4_096,
            Self::High | Self::Xhigh | Self::Max => 16_384,
        }
    }
}

impl Spoken<'_> {
    pub(super) fn is_claude(self) -> bool {
        self.family == "claude"
    }

    /// Major and minor version of a Claude: its ids have them before the name or behind it, and a date of eight digits.
    fn claude_version(self) -> (u32, u32) {
        let behind = self.id.split_once("claude-").map_or("", |(_, rest)| rest);
        let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 2);
        let mut parts = behind.split(['-', ':', '@']);
        let major = parts.by_ref().find_map(number).unwrap_or(0);
        (major, parts.next().and_then(number).unwrap_or(0))
    }

    /// Whether it takes a schema for its answer as such. The newest of Claude do not.
    pub(super) fn takes_schema(self) -> bool {
        match self.family {
            "claude" => matches!(self.claude_version(), (4, 5 | 6)),
            "llama" | "titan" | "command" | "jamba" => false,
            _ => true,
        }
    }

    /// Whether it can be made to call a tool.
    pub(super) fn can_be_forced(self) -> bool {
        matches!(
            self.family,
            "claude" | "nova" | "mistral" | "ministral" | "pixtral" | "magistral"
        )
    }

    /// Whether it takes `temperature` and `top_p` together.
    pub(super) fn takes_both_samplings(self) -> bool {
        !self.is_claude() || self.claude_version() < (4, 5)
    }

    /// What tells it how hard to think, among the fields of its own; none where it cannot be told.
    pub(super) fn thinking(self, effort: Effort, max_tokens: Option<u64>) -> Option<Map<String, Value>> {
        // The newest of Claude have words beyond the others'.
        let is_newest = self.is_claude() && self.claude_version() >= (4, 6);
        let word = match effort {
            Effort::Xhigh | Effort::Max if !is_newest => Effort::High.word(),
            other => other.word(),
        };
        let fields = match self.family {
            "claude" if is_newest => match effort {
                Effort::None => json!({ "thinking": { "type": "disabled" } }),
                _ => {
                    json!({ "thinking": { "type": "adaptive", "display": "summarized" }, "output_config": { "effort": word } })
                }
            },
            "claude" if self.claude_version() >= (3, 7) => {
                match (effort, thinking_budget(effort, max_tokens)) {
                    (Effort::None, _) => json!({}),
                    (_, budget) => json!({ "thinking": { "type": "enabled", "budget_tokens": budget? } }),
                }
            }
            "nova" if self.id.contains("nova-2") => match effort {
                Effort::None => json!({ "reasoningConfig": { "type": "disabled" } }),
                _ => json!({ "reasoningConfig": { "type": "enabled", "maxReasoningEffort": word } }),
            },
            "gpt" | "kimi" if effort != Effort::None => json!({ "reasoning_effort": word }),
            "v" if self.id.starts_with("deepseek.v3") && effort != Effort::None => {
                json!({ "reasoning_config": word })
            }
            _ if effort == Effort::None => json!({}),
            _ => return None,
        };
        match fields {
            Value::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// How many of the likeliest tokens it chooses among, in its own words; none where it cannot be told.
    pub(super) fn top_k(self, count: u64) -> Option<(&'static str, Value)> {
        match self.family {
            "claude" => Some(("top_k", json!(count))),
            "nova" => Some(("inferenceConfig", json!({ "topK": count }))),
            "command" => Some(("k", json!(count))),
            _ => None,
        }
    }
}

/// Thinking has to leave room for an answer; none where there is too little for both.
fn thinking_budget(effort: Effort, max_tokens: Option<u64>) -> Option<u64> {
    let budget = max_tokens.map_or(effort.budget(), |max| effort.budget().min(max / 2));
    (budget >= Effort::Low.budget()).then_some(budget)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claude(id: &str) -> Spoken<'_> {
        Spoken {
            id,
            family: "claude",
            own: Own::Messages,
        }
    }

    #[test]
    fn the_version_of_a_claude_is_no_date() {
        for (id, version) in [
            ("anthropic.claude-3-5-sonnet-20240620-v1:0", (3, 5)),
            ("anthropic.claude-3-opus-20240229-v1:0", (3, 0)),
            ("anthropic.claude-sonnet-4-20250514-v1:0", (4, 0)),
            ("anthropic.claude-opus-4-1-20250805-v1:0", (4, 1)),
            ("anthropic.claude-opus-4-6-v1", (4, 6)),
            ("anthropic.claude-sonnet-5", (5, 0)),
            ("anthropic.claude-haiku-5-5", (5, 5)),
            ("anthropic.claude-v2:1", (1, 0)),
        ] {
            assert_eq!(claude(id).claude_version(), version, "{id}");
        }
    }

    #[test]
    fn thinking_leaves_room_for_an_answer() {
        let old = claude("anthropic.claude-3-7-sonnet-20250219-v1:0");
        let budget = |max| {
            let fields = old.thinking(Effort::High, max)?;
            fields.get("thinking")?.get("budget_tokens")?.as_u64()
        };
        assert_eq!(budget(None), Some(16_384));
        assert_eq!(budget(Some(8_000)), Some(4_000));
        assert_eq!(budget(Some(1_500)), None);
        assert!(
            claude("anthropic.claude-3-haiku-20240307-v1:0")
                .thinking(Effort::High, None)
                .is_none()
        );
    }
}
