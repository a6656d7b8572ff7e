//! A model that is spoken with, as Amazon Nova Sonic is: events in, events out
//! (docs.aws.amazon.com/nova/latest/userguide, "Using the bidirectional streaming API").
//!
//! It answers each text of the user, each result of a tool and each recording: it writes what it will say, says it in sound that is
//! silence, and writes what it has said.

use std::num::NonZeroUsize;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::frames;
use crate::script::Reply;

/// A hundredth of a second of silence, 24 kHz, 16 bits.
const SILENCE: [u8; 480] = [0; 480];

/// One conversation.
#[derive(Debug, Default)]
pub(crate) struct Sonic {
    /// The content that is open: its type and role.
    open: Option<(String, String)>,
    /// Its text so far, or the size of its sound.
    heard: String,
    sound_bytes: usize,
    /// Contents that were written.
    contents: u32,
    turns: u32,
}

impl Sonic {
    /// What is said to an event. `reply` gives the script's next reply, if the event is to be answered.
    pub(crate) fn take(&mut self, event: &Value, reply: impl FnOnce() -> Reply) -> Vec<Bytes> {
        let Some((name, told)) = event["event"].as_object().and_then(|event| event.iter().next()) else {
            return Vec::new();
        };
        let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
        match name.as_str() {
            "promptStart" => vec![self.event("completionStart", json!({}))],
            "contentStart" => {
                self.open = Some((text("type"), text("role")));
                (self.heard, self.sound_bytes) = (String::new(), 0);
                Vec::new()
            }
            "textInput" | "toolResult" => {
                self.heard.push_str(&text("content"));
                Vec::new()
            }
            "audioInput" => {
                self.sound_bytes += STANDARD.decode(text("content")).map_or(0, |sound| sound.len());
                Vec::new()
            }
            "contentEnd" => self.answer(reply),
            "promptEnd" => vec![self.event("completionEnd", json!({ "stopReason": "END_TURN" }))],
            _ => Vec::new(),
        }
        .into_iter()
        .flatten()
        .collect()
    }

    fn answer(&mut self, reply: impl FnOnce() -> Reply) -> Vec<Option<Bytes>> {
        let Some((kind, role)) = self.open.take() else {
            return Vec::new();
        };
        let mut said = Vec::new();
        let heard = match (kind.as_str(), role.as_str()) {
            ("AUDIO", _) => {
                let heard = format!("sound of {} bytes", self.sound_bytes);
                said.extend(self.text("USER", "FINAL", &heard, NonZeroUsize::MAX));
                heard
            }
            (_, "USER" | "TOOL") => std::mem::take(&mut self.heard),
            _ => return Vec::new(),
        };
        self.turns += 1;
        let reply = reply();
        if let Some(tool) = &reply.tool_use {
            said.extend(self.tool(&tool.name, &tool.input));
        } else {
            let text = reply.text.unwrap_or_else(|| format!("I heard: {heard}"));
            let chars = reply.chunk_chars.unwrap_or(NonZeroUsize::MAX);
            said.extend(self.text("ASSISTANT", "SPECULATIVE", &text, chars));
            said.extend(self.sound());
            said.extend(self.text("ASSISTANT", "FINAL", &text, chars));
        }
        said.push(self.usage());
        said
    }

    fn text(&mut self, role: &str, stage: &str, text: &str, chars: NonZeroUsize) -> Vec<Option<Bytes>> {
        let stage = json!({ "generationStage": stage }).to_string();
        let start = json!({ "type": "TEXT", "role": role, "additionalModelFields": stage,
            "textOutputConfiguration": { "mediaType": "text/plain" } });
        let letters: Vec<char> = text.chars().collect();
        let pieces = letters
            .chunks(chars.get())
            .map(|piece| json!({ "role": role, "content": piece.iter().collect::<String>() }));
        let pieces: Vec<Value> = pieces.collect();
        self.content(
            start,
            "textOutput",
            pieces,
            json!({ "type": "TEXT", "stopReason": "PARTIAL_TURN" }),
        )
    }

    fn sound(&mut self) -> Vec<Option<Bytes>> {
        let start = json!({ "type": "AUDIO", "role": "ASSISTANT",
            "audioOutputConfiguration": { "mediaType": "audio/lpcm", "sampleRateHertz": 24000 } });
        let piece = json!({ "content": STANDARD.encode(SILENCE) });
        let end = json!({ "type": "AUDIO", "stopReason": "END_TURN" });
        self.content(start, "audioOutput", vec![piece.clone(), piece], end)
    }

    fn tool(&mut self, name: &str, input: &Value) -> Vec<Option<Bytes>> {
        let start = json!({ "type": "TOOL", "role": "TOOL", "toolUseOutputConfiguration": { "mediaType": "application/json" } });
        let id = format!("tooluse_{}", self.turns);
        let used = json!({ "role": "TOOL", "toolName": name, "toolUseId": id, "content": input.to_string() });
        let end = json!({ "type": "TOOL", "stopReason": "TOOL_USE" });
        self.content(start, "toolUse", vec![used], end)
    }

    fn usage(&self) -> Option<Bytes> {
        let (input, output) = (10 * self.turns, 20 * self.turns);
        let counted =
            json!({ "totalInputTokens": input, "totalOutputTokens": output, "totalTokens": input + output });
        self.event("usageEvent", counted)
    }

    /// A content: its start, its pieces, its end.
    fn content(&mut self, start: Value, name: &str, pieces: Vec<Value>, end: Value) -> Vec<Option<Bytes>> {
        self.contents += 1;
        let id = format!("content-{}", self.contents);
        let of = |mut members: Value| {
            if let Some(members) = members.as_object_mut() {
                members.insert("contentId".to_owned(), json!(id));
            }
            members
        };
        let mut events = vec![self.event("contentStart", of(start))];
        events.extend(pieces.into_iter().map(|piece| self.event(name, of(piece))));
        events.push(self.event("contentEnd", of(end)));
        events
    }

    fn event(&self, name: &str, mut members: Value) -> Option<Bytes> {
        if let Some(members) = members.as_object_mut() {
            let ids = [
                ("completionId", "completion-1"),
                ("promptName", "prompt"),
                ("sessionId", "session-1"),
            ];
            members.extend(ids.map(|(key, id)| (key.to_owned(), json!(id))));
        }
        let event = json!({ "event": { name: members } }).to_string();
        frames::event("chunk", &json!({ "bytes": STANDARD.encode(event) }))
    }
}
