//! Converse and `ConverseStream`: the shapes of the Bedrock Runtime service model
//! (<https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>).

use crate::json::{Kind, Value};

use super::{
    Channel, ChannelKind, Closes, Place, RegionKind, Unscanned, asked, channel::Field, gather::Gather,
};

pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"messages" => gather.items(value, message),
        b"system" => gather.at(Place::System, |gather| {
            gather.items(value, |gather, item| block(gather, item, RegionKind::System));
        }),
        b"toolConfig" => gather.at(Place::ToolDefinition, |gather| tool_config(gather, value)),
        b"inferenceConfig" => inference_config(gather, value),
        b"additionalModelRequestFields" => additional_fields(gather, value),
        b"promptVariables" => gather.at(Place::User, |gather| gather.json(value, RegionKind::Text)),
        b"requestMetadata" => gather.json(value, RegionKind::Metadata),
        b"outputConfig" => output_config(gather, value),
        b"guardrailConfig" => gather.guardrail(value),
        b"performanceConfig" | b"serviceTier" | b"schemaVersion" | b"additionalModelResponseFieldPaths" => {
            gather.settings(value);
        }
        _ if gather.bedrock(name, value) => {}
        _ => gather.unknown(key, value),
    });
}

/// The schema of an answer is JSON in a string: it is scanned as what it says, as arguments of tools are.
fn output_config(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"textFormat" | b"structure" | b"jsonSchema" => output_config(gather, value),
        b"schema" => gather.region(value, RegionKind::ToolInput),
        b"type" | b"name" | b"description" | b"effort" => gather.prose(value, RegionKind::Metadata),
        _ => gather.unknown(key, value),
    });
}

fn message(gather: &mut Gather, value: Value<'_>) {
    gather.at(Place::of_role(value), |gather| {
        gather.members(value, |gather, name, key, value| match name {
            b"role" => gather.id(value),
            b"content" => gather.items(value, text_block),
            _ => gather.unknown(key, value),
        });
    });
}

fn text_block(gather: &mut Gather, value: Value<'_>) {
    block(gather, value, RegionKind::Text);
}

/// A content block: a union, so one member. `kind` is that of a plain text here.
fn block(gather: &mut Gather, value: Value<'_>, kind: RegionKind) {
    gather.members(value, |gather, name, key, value| match name {
        b"text" => gather.region(value, kind),
        b"json" => gather.json(value, kind),
        b"image" => media(gather, value, Unscanned::Image),
        b"document" => media(gather, value, Unscanned::Document),
        b"video" => media(gather, value, Unscanned::Video),
        b"audio" => media(gather, value, Unscanned::Audio),
        b"toolUse" => tool_use(gather, value),
        b"toolResult" => tool_result(gather, value),
        b"guardContent" => guard_content(gather, value, kind),
        b"cachePoint" => gather.settings(value),
        b"reasoningContent" => reasoning(gather, value),
        b"citationsContent" => citations(gather, value),
        b"searchResult" => search_result(gather, value),
        b"toolAddition" | b"toolRemoval" => tool_change(gather, value),
        _ => gather.unknown(key, value),
    });
}

fn media(gather: &mut Gather, value: Value<'_>, what: Unscanned) {
    // Those of the formats of documents that are text.
    let is_text = value
        .get("format")
        .is_some_and(|format| matches!(&*format.name(), b"txt" | b"md" | b"csv" | b"html"));
    gather.members(value, |gather, name, key, value| match name {
        b"format" => gather.id(value),
        b"name" => gather.region(value, RegionKind::Metadata),
        b"context" => gather.region(value, RegionKind::Document),
        b"citations" => gather.settings(value),
        b"source" => source(gather, value, what, is_text),
        b"error" => gather.prose(value, RegionKind::Metadata),
        _ => gather.unknown(key, value),
    });
}

fn source(gather: &mut Gather, value: Value<'_>, what: Unscanned, is_text: bool) {
    gather.members(value, |gather, name, key, value| match name {
        // A text document is one that was read: only bytes and references are unscanned.
        b"text" => gather.region(value, RegionKind::Document),
        b"content" => gather.items(value, |gather, item| block(gather, item, RegionKind::Document)),
        b"bytes" if what == Unscanned::Document => gather.document(value, is_text),
        b"bytes" => gather.payload(value, what),
        b"s3Location" => {
            gather.unscanned(what);
            gather.unscanned(Unscanned::S3Location);
            gather.prose(value, RegionKind::Metadata);
        }
        _ => gather.unknown(key, value),
    });
}

fn tool_use(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"toolUseId" | b"name" | b"type" => gather.id(value),
        b"input" => gather.json(value, RegionKind::ToolInput),
        _ => gather.unknown(key, value),
    });
}

fn tool_result(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"toolUseId" | b"status" | b"type" => gather.id(value),
        b"content" => gather.at(Place::ToolResult, |gather| {
            gather.items(value, |gather, item| block(gather, item, RegionKind::ToolResult));
        }),
        _ => gather.unknown(key, value),
    });
}

fn guard_content(gather: &mut Gather, value: Value<'_>, kind: RegionKind) {
    gather.members(value, |gather, name, key, value| match name {
        b"text" => gather.members(value, |gather, name, key, value| match name {
            b"text" => gather.region(value, kind),
            b"qualifiers" => gather.settings(value),
            _ => gather.unknown(key, value),
        }),
        b"image" => media(gather, value, Unscanned::Image),
        _ => gather.unknown(key, value),
    });
}

fn reasoning(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"reasoningText" => gather.members(value, |gather, name, key, value| match name {
            b"text" => gather.region(value, RegionKind::Reasoning),
            b"signature" => gather.signature(value),
            _ => gather.unknown(key, value),
        }),
        b"redactedContent" => gather.encrypted(value),
        _ => gather.unknown(key, value),
    });
}

fn citations(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"content" => gather.items(value, text_block),
        b"citations" => gather.prose(value, RegionKind::Citation),
        _ => gather.unknown(key, value),
    });
}

fn search_result(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"source" | b"title" => gather.region(value, RegionKind::Metadata),
        b"content" => gather.items(value, |gather, item| block(gather, item, RegionKind::Document)),
        b"citations" => gather.settings(value),
        _ => gather.unknown(key, value),
    });
}

fn tool_change(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"tool" => gather.members(value, |gather, name, key, value| match name {
            b"name" => gather.tool(value),
            b"type" | b"serverName" => gather.id(value),
            _ => gather.unknown(key, value),
        }),
        _ => gather.unknown(key, value),
    });
}

pub(super) fn tool_config(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"tools" => gather.items(value, |gather, item| {
            gather.members(item, |gather, name, key, value| match name {
                b"toolSpec" | b"systemTool" => tool_spec(gather, value),
                b"cachePoint" => gather.settings(value),
                _ => gather.unknown(key, value),
            });
        }),
        b"toolChoice" => gather.settings(value),
        _ => gather.unknown(key, value),
    });
}

fn tool_spec(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"name" => gather.tool(value),
        b"description" => gather.region(value, RegionKind::Metadata),
        b"inputSchema" => gather.json(value, RegionKind::Metadata),
        b"strict" => gather.settings(value),
        _ => gather.unknown(key, value),
    });
}

pub(super) fn inference_config(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"stopSequences" => gather.prose(value, RegionKind::Metadata),
        b"maxTokens" | b"max_new_tokens" | b"temperature" | b"topP" | b"topK" | b"top_p" | b"top_k" => {
            gather.settings(value);
        }
        _ => gather.unknown(key, value),
    });
}

/// Free JSON that is merged into the native body: it can offer tools and name a guardrail.
pub(super) fn additional_fields(gather: &mut Gather, value: Value<'_>) {
    gather.json(value, RegionKind::Metadata);
    asked::tools(gather, value);
    gather.client_guardrail |= ["guardrailConfig", "amazon-bedrock-guardrailConfig"]
        .into_iter()
        .filter_map(|name| value.get(name))
        .any(|config| !config.is_null());
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"output" => gather.members(value, |gather, name, key, value| match name {
            b"message" => message(gather, value),
            _ => gather.unknown(key, value),
        }),
        b"stopReason" => gather.stop(value),
        b"usage" => gather.usage(value),
        b"metrics" | b"performanceConfig" | b"serviceTier" => gather.settings(value),
        b"additionalModelResponseFields" => gather.json(value, RegionKind::Text),
        b"trace" => gather.prose(value, RegionKind::Metadata),
        _ if gather.bedrock(name, value) => {}
        _ => gather.unknown(key, value),
    });
}

/// The payload of a frame; `event_type` is its `:event-type` or `:exception-type`.
pub(super) fn event(gather: &mut Gather, event_type: &[u8], payload: Value<'_>) {
    event_of(gather, event_type, payload, Field::Converse);
}

/// The same for the dialect whose deltas go into `field`.
pub(super) fn event_of(gather: &mut Gather, event_type: &[u8], payload: Value<'_>, field: Field) {
    let block = payload
        .get("contentBlockIndex")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let block = u32::try_from(block).unwrap_or(u32::MAX);
    gather.block = block;
    match event_type {
        b"contentBlockStop" => gather.closes = Closes::Block(block),
        b"messageStop" => gather.closes = Closes::All,
        // An exception ends the stream, and its message may quote the prompt.
        _ if event_type.ends_with(b"Exception") => gather.closes = Closes::All,
        _ => {}
    }
    gather.members(payload, |gather, name, key, value| match (event_type, name) {
        (_, b"contentBlockIndex") if value.kind() == Kind::Number => gather.figure(value),
        // Padding of random length against length side channels.
        (_, b"p") => gather.id(value),
        (b"messageStart", b"role") => gather.id(value),
        (b"contentBlockStart", b"start") => start(gather, value),
        (b"contentBlockDelta", b"delta") => delta(gather, value, block, field),
        (b"messageStop", b"stopReason") => gather.stop(value),
        (b"messageStop", b"additionalModelResponseFields") => gather.json(value, RegionKind::Text),
        (b"metadata", b"usage") => gather.usage(value),
        (b"metadata", b"metrics" | b"performanceConfig" | b"serviceTier") => gather.settings(value),
        (b"metadata", b"trace") => gather.prose(value, RegionKind::Metadata),
        (_, b"message" | b"originalMessage") if event_type.ends_with(b"Exception") => {
            gather.region(value, RegionKind::Metadata);
        }
        // Nothing goes on in another one of these.
        (b"messageStart" | b"contentBlockStop" | b"messageStop" | b"metadata", _) => {
            gather.unknown(key, value);
        }
        _ => gather.unknown_delta(key, value),
    });
}

fn start(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"toolUse" => tool_use(gather, value),
        b"toolResult" => tool_result(gather, value),
        b"image" => {
            gather.unscanned(Unscanned::Image);
            media(gather, value, Unscanned::Image);
        }
        _ => gather.unknown_delta(key, value),
    });
}

fn delta(gather: &mut Gather, value: Value<'_>, block: u32, field: Field) {
    let channel = |kind| Channel::new(block, kind, field);
    gather.members(value, |gather, name, key, value| match name {
        b"text" => gather.delta(value, channel(ChannelKind::Text)),
        b"toolUse" => gather.members(value, |gather, name, key, value| match name {
            b"input" => gather.delta(value, channel(ChannelKind::ToolInput)),
            _ => gather.unknown_delta(key, value),
        }),
        b"toolResult" => gather.items(value, |gather, item| {
            gather.members(item, |gather, name, key, value| match name {
                b"text" => gather.delta(value, channel(ChannelKind::ToolResult)),
                b"json" => gather.json(value, RegionKind::ToolResult),
                _ => gather.unknown_delta(key, value),
            });
        }),
        b"reasoningContent" => gather.members(value, |gather, name, key, value| match name {
            b"text" => gather.delta(value, channel(ChannelKind::Reasoning)),
            b"redactedContent" => gather.encrypted(value),
            b"signature" => gather.signed(value, block),
            _ => gather.unknown_delta(key, value),
        }),
        // A citation comes whole.
        b"citation" => {
            gather.annotates = Some(channel(ChannelKind::Text));
            gather.prose(value, RegionKind::Citation);
        }
        b"image" => media(gather, value, Unscanned::Image),
        _ => gather.unknown_delta(key, value),
    });
}
