//! Amazon Nova Sonic, which is spoken with in both directions at once
//! (docs.aws.amazon.com/nova/latest/userguide: "Handling input events with the bidirectional API", "Handling output events").
//!
//! What is judged of a conversation is a list of the caller's events: none of them, before the first; one; or all those of a content,
//! its text in one piece (see [`Turns`](crate::turns::Turns)).

use crate::json::{Kind, Value};

use super::channel::Field;
use super::payload::is_base64;
use super::{Channel, ChannelKind, Closes, Place, RegionKind, Unscanned, Usage, converse, gather::Gather};

/// What nobody knows could say something that nobody reads, so it is refused.
pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    if root.kind() == Kind::Array && root.is_empty() {
        // What is said in it cannot be looked into, either way.
        gather.unscanned(Unscanned::Audio);
    }
    let mut place = Place::User;
    gather.items(root, |gather, event| {
        gather.members(event, |gather, name, _, value| match name {
            b"event" => gather.members(value, |gather, name, _, value| {
                place = place_of(name, value).unwrap_or(place);
                gather.at(place, |gather| told(gather, name, value));
            }),
            _ => gather.misshapen(value),
        });
    });
}

/// Whose words a content holds that begins with this event.
fn place_of(name: &[u8], value: Value<'_>) -> Option<Place> {
    if name != b"contentStart" {
        return None;
    }
    let is = |key: &str, word: &[u8]| value.get(key).is_some_and(|value| *value.name() == *word);
    Some(match () {
        () if is("type", b"TOOL") || is("role", b"TOOL") => Place::ToolResult,
        () if is("role", b"SYSTEM") => Place::System,
        () if is("role", b"ASSISTANT") => Place::Assistant,
        () => Place::User,
    })
}

/// An event of the caller's.
fn told(gather: &mut Gather, name: &[u8], value: Value<'_>) {
    let settings: &[&[u8]] = match name {
        b"sessionStart" => &[b"turnDetectionConfiguration"],
        b"promptStart" => &[
            b"textOutputConfiguration",
            b"audioOutputConfiguration",
            b"toolUseOutputConfiguration",
        ],
        b"contentStart" => &[
            b"type",
            b"interactive",
            b"role",
            b"textInputConfiguration",
            b"audioInputConfiguration",
            b"toolResultInputConfiguration",
        ],
        b"textInput" | b"toolResult" | b"audioInput" | b"contentEnd" | b"promptEnd" | b"sessionEnd" => &[],
        _ => return gather.misshapen(value),
    };
    gather.members(value, |gather, member, _, value| match (name, member) {
        (_, b"promptName" | b"contentName") => gather.id(value),
        (b"sessionStart", b"inferenceConfiguration") => converse::inference_config(gather, value),
        (b"promptStart", b"toolConfiguration") => gather.at(Place::ToolDefinition, |gather| {
            converse::tool_config(gather, value);
        }),
        (b"textInput", b"content") => {
            let kind = match gather.place {
                Place::System => RegionKind::System,
                _ => RegionKind::Text,
            };
            gather.region(value, kind);
        }
        (b"toolResult", b"content") => gather.region(value, RegionKind::ToolResult),
        (b"audioInput", b"content") if is_recording(value) => gather.unscanned(Unscanned::Audio),
        (_, member) if settings.contains(&member) => gather.settings(value),
        _ => gather.misshapen(value),
    });
}

/// Sound: base64, and nothing that somebody could read as it stands.
fn is_recording(value: Value<'_>) -> bool {
    value.kind() == Kind::String && value.name().iter().all(is_base64)
}

/// An event of the model's.
pub(super) fn event(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"event" => gather.members(value, |gather, name, key, value| {
            said(gather, name, key, value);
        }),
        _ if gather.bedrock(name, value) => {}
        _ => gather.unknown_delta(key, value),
    });
}

fn said<'a>(gather: &mut Gather, name: &[u8], key: Value<'a>, value: Value<'a>) {
    let content = value.get("contentId").map(Value::name).unwrap_or_default();
    // Two contents that come out the same would be read as one, which is safe.
    gather.block = crc32fast::hash(&content);
    let text = |gather: &Gather, kind| Channel::new(gather.block, kind, Field::Spoken);
    let known: &[&[u8]] = match name {
        b"completionStart" | b"audioOutput" | b"contentEnd" | b"completionEnd" => &[],
        b"contentStart" => &[
            b"audioOutputConfiguration",
            b"textOutputConfiguration",
            b"toolUseOutputConfiguration",
        ],
        b"textOutput" => &[],
        b"toolUse" => &[b"toolName", b"toolUseId"],
        b"usageEvent" => &[
            b"details",
            b"totalInputTokens",
            b"totalOutputTokens",
            b"totalTokens",
        ],
        _ => return gather.unknown_delta(key, value),
    };
    if name == b"usageEvent" {
        gather.usage.merge(Usage::read(value));
    }
    if name == b"contentEnd" {
        gather.closes = Closes::Block(gather.block);
    }
    gather.members(value, |gather, member, key, value| match (name, member) {
        (b"textOutput", b"content") => gather.delta(value, text(gather, ChannelKind::Text)),
        (b"toolUse", b"content") => gather.delta(value, text(gather, ChannelKind::ToolInput)),
        (b"audioOutput", b"content") if is_recording(value) => gather.unscanned(Unscanned::Audio),
        (b"contentEnd" | b"completionEnd", b"stopReason") => gather.stop(value),
        // JSON in a string, of a word or two.
        (b"contentStart", b"additionalModelFields") => gather.region(value, RegionKind::Metadata),
        (
            _,
            b"completionId" | b"contentId" | b"promptName" | b"sessionId" | b"role" | b"stopReason" | b"type",
        ) => gather.id(value),
        (_, member) if known.contains(&member) => gather.settings(value),
        _ => gather.unknown_delta(key, value),
    });
}
