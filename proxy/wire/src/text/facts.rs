//! What a dialect knows of a region beside what it is made of: whose words it holds, whether they are prose of an answer,
//! whether a signature covers them.

use std::collections::HashMap;
use std::num::NonZeroU32;

use crate::json::{Document, Kind, Value};

use super::Region;

/// Whose words a region holds, or what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Place {
    /// Instructions of the application.
    System,
    /// What the user says. A prompt without roles is the user's.
    User,
    /// What the model said in earlier turns.
    Assistant,
    /// Names, descriptions and schemas of the tools that are offered.
    ToolDefinition,
    /// What a tool answered.
    ToolResult,
    /// The text of a document that came along.
    Document,
    /// The answer of the model.
    Answer,
    /// Settings, tags, and whatever the dialect does not know.
    #[default]
    Other,
}

impl Place {
    /// The place of a message, by its role in any family.
    pub(super) fn of_role(message: Value<'_>) -> Self {
        match message.get("role").map(Value::name).as_deref() {
            Some(b"system" | b"developer" | b"SYSTEM") => Self::System,
            Some(b"user" | b"USER") => Self::User,
            Some(b"assistant" | b"model" | b"CHATBOT") => Self::Assistant,
            Some(b"tool" | b"function" | b"TOOL") => Self::ToolResult,
            _ => Self::Other,
        }
    }

    /// The place of what stands under a member of a body whose dialect is not known.
    pub(super) fn of_member(name: &[u8]) -> Self {
        match name {
            b"system" | b"preamble" | b"instructions" => Self::System,
            b"tools" | b"functions" | b"toolConfig" => Self::ToolDefinition,
            b"prompt" | b"inputText" | b"inputs" | b"input" | b"message" => Self::User,
            b"tool_results" => Self::ToolResult,
            b"documents" => Self::Document,
            _ => Self::Other,
        }
    }
}

/// Whether a name is one on the way to the prose of a whole answer, in any family. Under any other name a text could be an
/// argument of a tool.
pub(super) fn leads_to_prose(name: &[u8]) -> bool {
    matches!(
        name,
        b"choices"
            | b"citationsContent"
            | b"completion"
            | b"content"
            | b"delta"
            | b"generated_text"
            | b"generation"
            | b"generations"
            | b"message"
            | b"output"
            | b"outputText"
            | b"outputs"
            | b"reasoning"
            | b"reasoningContent"
            | b"reasoningText"
            | b"reasoning_content"
            | b"refusal"
            | b"response"
            | b"results"
            | b"text"
            | b"thinking"
    )
}

/// Marks the regions that stand beside a signature.
pub(super) fn mark_signed(document: &Document, regions: &mut [Region]) {
    let objects = document.root().nodes().filter(|node| node.kind() == Kind::Object);
    // An empty one signs nothing.
    let signature = |object: &Value<'_>| {
        let signature = object.get("signature")?;
        let signs = signature.kind() == Kind::String && !signature.is_empty();
        let start = u32::try_from(signature.span().start)
            .ok()
            .and_then(NonZeroU32::new);
        start.filter(|_| signs)
    };
    let signed = objects.filter_map(|object| Some((object, signature(&object)?)));
    let covered: HashMap<usize, NonZeroU32> = signed
        .flat_map(|(object, start)| {
            object
                .members()
                .map(move |(_, value)| (value.span().start, start))
        })
        .collect();
    for region in regions {
        region.signature = covered.get(&region.span.start).copied();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Dialect, RegionKind};
    use bytes::Bytes;

    fn parsed(body: &str) -> Document {
        Document::parse(Bytes::from(body.to_owned())).expect("json")
    }

    /// Each text that is no key: whose words it holds, `!` if it is signed, and what it says.
    fn places(dialect: Dialect, body: &str) -> Vec<String> {
        let document = parsed(body);
        let regions = dialect.request(&document).expect("a body").regions;
        let texts = regions.iter().filter(|region| region.kind != RegionKind::Key);
        let told = |region: &Region| {
            assert!(!region.prose, "a request has no prose of an answer");
            let signed = if region.signature.is_some() { "!" } else { "" };
            format!("{:?}{signed} {}", region.place, document.text(region))
        };
        texts.map(told).collect()
    }

    #[test]
    fn tells_whose_words_a_request_holds() {
        let converse = r#"{"system":[{"text":"s"}],"toolConfig":{"tools":[{"toolSpec":{"name":"t","description":"d"}}]},"messages":[
            {"content":[{"text":"u"},{"document":{"name":"n","source":{"text":"doc"}}}],"role":"user"},
            {"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"r","signature":"c2ln"}}},{"text":"a"}]},
            {"role":"user","content":[{"toolResult":{"toolUseId":"x","content":[{"json":{"k":"v"}},{"text":"w"}]}},{"text":"u2"}]}],
            "promptVariables":{"p":{"text":"var"}}}"#;
        let expected = [
            "System s",
            "ToolDefinition d",
            "User u",
            "User n",
            "Document doc",
            "Assistant! r",
            "Assistant a",
            "ToolResult v",
            "ToolResult w",
            "User u2",
            "User var",
        ];
        assert_eq!(places(Dialect::Converse, converse), expected);
        let anthropic = r#"{"anthropic_version":"bedrock-2023-05-31","system":"s","tools":[{"name":"t","description":"d"}],"messages":[
            {"role":"assistant","content":[{"type":"thinking","thinking":"r","signature":"c2ln"},{"type":"text","text":"a"}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"w"},
                {"type":"document","source":{"type":"text","media_type":"text/plain","data":"doc"}}]}]}"#;
        let expected = [
            "System s",
            "ToolDefinition d",
            "Assistant! r",
            "Assistant a",
            "ToolResult w",
            "Document doc",
        ];
        assert_eq!(places(Dialect::Anthropic, anthropic), expected);
        let chat = r#"{"messages":[{"role":"developer","content":"s"},{"role":"user","content":[{"type":"text","text":"u v"}]},
            {"role":"assistant","content":"a b"},{"role":"tool","tool_call_id":"x","content":"w x"}],
            "tools":[{"type":"function","function":{"name":"t","description":"d e"}}],"user":"o p"}"#;
        let expected = [
            "System s",
            "User text",
            "User u v",
            "Assistant a b",
            "ToolResult w x",
            "ToolDefinition t",
            "ToolDefinition d e",
            "Other o p",
        ];
        let told = places(Dialect::OpenAiChat, chat);
        let told: Vec<_> = told
            .iter()
            .map(String::as_str)
            .filter(|text| *text != "User text")
            .collect();
        assert_eq!(
            told,
            expected
                .into_iter()
                .filter(|text| *text != "User text")
                .collect::<Vec<_>>()
        );
        assert_eq!(places(Dialect::Tgi, r#"{"inputs":"u v"}"#), ["User u v"]);
        assert_eq!(
            places(Dialect::Json, r#"[{"text":"o p","signature":"x y"}]"#),
            ["Other! o p", "Other! x y"]
        );
    }

    #[test]
    fn tells_prose_of_answers_from_everything_else() {
        let prose = |dialect: Dialect, body: &str| -> Vec<String> {
            let document = parsed(body);
            let regions = dialect.response(&document).regions;
            assert!(regions.iter().all(|region| region.place == Place::Answer));
            let prose = regions.iter().filter(|region| region.prose);
            prose.map(|region| document.text(region).into_owned()).collect()
        };
        let converse = r#"{"output":{"message":{"role":"assistant","content":[{"text":"a"},{"toolUse":{"toolUseId":"x","name":"t","input":{"text":"no"}}},
            {"reasoningContent":{"reasoningText":{"text":"r"}}}]}},"additionalModelResponseFields":{"text":"no"}}"#;
        assert_eq!(prose(Dialect::Converse, converse), ["a", "r"]);
        let anthropic = r#"{"type":"message","content":[{"type":"text","text":"a"},{"type":"tool_use","id":"x","name":"t","input":{"text":"no"}}]}"#;
        assert_eq!(prose(Dialect::Anthropic, anthropic), ["a"]);
        let chat = r#"{"choices":[{"message":{"content":"a b","tool_calls":[{"function":{"arguments":"{\"text\":\"no\"}"}}],"refusal":"c d"},"logprobs":{"content":[{"token":"no no"}]}}],"note":{"text":"no no"}}"#;
        assert_eq!(prose(Dialect::OpenAiChat, chat), ["a b", "c d"]);
        assert_eq!(
            prose(
                Dialect::Tgi,
                r#"[{"generated_text":"a b","details":{"text":"no no"}}]"#
            ),
            ["a b"]
        );
        assert_eq!(prose(Dialect::Text, r#""a b""#), ["a b"]);
    }
}
