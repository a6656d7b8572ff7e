//! What a model writes of what a knowledge base gives. Source: AWS API reference, `RetrieveAndGenerate`, `RetrieveAndGenerateStream`.

use crate::frames::event;
use crate::knowledge::found;
use crate::playback::Frames;
use http::HeaderValue;
use serde_json::{Value, json};
use std::num::NonZeroUsize;

/// An answer, and what it rests on.
pub(crate) struct Written {
    text: String,
    references: Vec<Value>,
    session: String,
}

impl Written {
    /// The answer to a body: the first of what is found says it, unless it is scripted.
    pub(crate) fn of(body: &Value, scripted: Option<String>, number: u64) -> Self {
        let configuration = body.pointer("/retrieveAndGenerateConfiguration/knowledgeBaseConfiguration");
        let found = match configuration {
            Some(configuration) => found(configuration.get("retrievalConfiguration"), None),
            None => Vec::new(),
        };
        let said = found.first().and_then(|first| first.pointer("/content/text"));
        let said = said.and_then(Value::as_str).unwrap_or("Nothing was found.");
        let going_on = body.get("sessionId").and_then(Value::as_str);
        Self {
            text: scripted.unwrap_or_else(|| said.to_owned()),
            references: found.iter().map(reference).collect(),
            session: going_on.map_or_else(|| format!("00000000-0000-4000-8000-{number:012x}"), str::to_owned),
        }
    }

    pub(crate) fn whole(&self) -> Value {
        json!({
            "sessionId": self.session,
            "output": { "text": self.text },
            "citations": [self.citation()],
            "guardrailAction": "NONE",
        })
    }

    /// For the header of a stream.
    pub(crate) fn session(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.session).ok()
    }

    /// The text in pieces, a citation of it all behind them.
    pub(crate) fn frames(&self, delta_chars: NonZeroUsize) -> Frames {
        let letters: Vec<char> = self.text.chars().collect();
        let pieces = letters.chunks(delta_chars.get()).map(|piece| {
            let text: String = piece.iter().collect();
            event("output", &json!({ "text": text }))
        });
        let citation = event("citation", &self.citation());
        let all: Vec<_> = pieces.chain([citation]).flatten().collect();
        Box::new(all.into_iter())
    }

    fn citation(&self) -> Value {
        let span = json!({ "start": 0, "end": self.text.chars().count().saturating_sub(1) });
        json!({
            "generatedResponsePart": { "textResponsePart": { "text": self.text, "span": span } },
            "retrievedReferences": self.references,
        })
    }
}

fn reference(found: &Value) -> Value {
    json!({ "content": found["content"], "location": found["location"], "metadata": found["metadata"] })
}
