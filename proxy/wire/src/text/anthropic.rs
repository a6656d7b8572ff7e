//! Anthropic Messages and text completions on Bedrock
//! (<https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html>).
//!
//! A block is mapped by its keys whatever its `type`: the same key means the same in all of them,
//! and a block of a new type is mapped as far as its keys are known.

use crate::json::{Kind, Value};

use super::{Channel, ChannelKind, Closes, Place, RegionKind, Unscanned, channel::Field, gather::Gather};

pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"messages" => gather.items(value, message),
        b"system" => gather.at(Place::System, |gather| content(gather, value, RegionKind::System)),
        b"prompt" => gather.at(Place::User, |gather| gather.region(value, RegionKind::Text)),
        b"tools" => gather.at(Place::ToolDefinition, |gather| gather.items(value, tool)),
        b"stop_sequences" | b"metadata" | b"user_profile_id" | b"context_management" => {
            gather.prose(value, RegionKind::Metadata);
        }
        b"output_config" | b"output_format" => gather.json(value, RegionKind::Metadata),
        b"anthropic_version" => version(gather, value),
        b"max_tokens"
        | b"max_tokens_to_sample"
        | b"model"
        | b"anthropic_beta"
        | b"temperature"
        | b"top_p"
        | b"top_k"
        | b"stream"
        | b"thinking"
        | b"container"
        | b"service_tier"
        | b"tool_choice" => gather.settings(value),
        _ if gather.bedrock(name, value) => {}
        _ => gather.unknown(key, value),
    });
}

/// `bedrock-2023-05-31`, or a date alone in newer clients.
fn version(gather: &mut Gather, value: Value<'_>) {
    let is_date =
        |text: &[u8]| text.len() == 10 && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    if !is_date(&value.name()) {
        gather.id(value);
    }
}

fn message(gather: &mut Gather, value: Value<'_>) {
    gather.at(Place::of_role(value), |gather| {
        gather.members(value, |gather, name, key, value| match name {
            b"role" => gather.id(value),
            b"content" => content(gather, value, RegionKind::Text),
            _ => gather.unknown(key, value),
        });
    });
}

/// A text, a list of blocks, or (in answers of server tools) one block.
fn content(gather: &mut Gather, value: Value<'_>, kind: RegionKind) {
    match value.kind() {
        Kind::Array => gather.items(value, |gather, item| block(gather, item, kind)),
        Kind::Object => block(gather, value, kind),
        _ => gather.region(value, kind),
    }
}

/// A content block. `kind` is that of a plain text here.
fn block(gather: &mut Gather, value: Value<'_>, kind: RegionKind) {
    let block_type = value.get("type").map(Value::name).unwrap_or_default();
    gather.members(value, |gather, name, key, value| match name {
        b"type" | b"id" | b"tool_use_id" | b"name" => gather.id(value),
        b"text" => gather.region(value, kind),
        b"title" => gather.region(value, RegionKind::Metadata),
        b"context" => gather.region(value, RegionKind::Document),
        b"stdout" | b"stderr" => gather.region(value, kind),
        b"thinking" => gather.region(value, RegionKind::Reasoning),
        b"signature" => gather.signature(value),
        b"input" => gather.json(value, RegionKind::ToolInput),
        b"content" if block_type.ends_with(b"_result") => {
            gather.at(Place::ToolResult, |gather| {
                content(gather, value, RegionKind::ToolResult);
            });
        }
        b"content" => content(gather, value, kind),
        b"source" if value.kind() == Kind::Object => source(gather, value, &block_type),
        b"source" | b"url" => gather.region(value, RegionKind::Metadata),
        b"citations" => gather.prose(value, RegionKind::Citation),
        b"data" if *block_type == *b"redacted_thinking" => {
            gather.encrypted(value);
        }
        // Written by the provider's search, read by the provider only.
        b"encrypted_content" => gather.payload(value, Unscanned::EncodedPayload),
        b"cache_control" | b"is_error" | b"return_code" | b"error_code" => gather.settings(value),
        _ => gather.unknown(key, value),
    });
}

fn source(gather: &mut Gather, value: Value<'_>, block_type: &[u8]) {
    let medium = if block_type == b"image" {
        Unscanned::Image
    } else {
        Unscanned::Document
    };
    let is_text = value.get("type").is_some_and(|kind| *kind.name() == *b"text");
    let is_encoded_text = value.get("media_type").is_some_and(|kind| {
        let kind = kind.name();
        kind.starts_with(b"text/") || *kind == *b"application/json"
    });
    gather.members(value, |gather, name, key, value| match name {
        b"type" | b"media_type" => gather.id(value),
        b"data" if is_text => gather.region(value, RegionKind::Document),
        b"data" if medium == Unscanned::Document => gather.document(value, is_encoded_text),
        b"data" => gather.payload(value, medium),
        b"content" => content(gather, value, RegionKind::Document),
        b"url" | b"file_id" => {
            gather.unscanned(medium);
            gather.region(value, RegionKind::Metadata);
        }
        _ => gather.unknown(key, value),
    });
}

fn tool(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"name" => gather.tool(value),
        b"type" => gather.id(value),
        b"description" => gather.region(value, RegionKind::Metadata),
        b"input_schema" => gather.json(value, RegionKind::Metadata),
        b"cache_control" => gather.settings(value),
        _ => gather.unknown(key, value),
    });
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"content" => content(gather, value, RegionKind::Text),
        b"completion" => gather.region(value, RegionKind::Text),
        b"id" | b"type" | b"role" | b"model" => gather.id(value),
        b"stop_reason" => gather.stop(value),
        b"stop_sequence" | b"stop" => gather.region(value, RegionKind::Metadata),
        b"usage" => gather.usage(value),
        _ if gather.bedrock(name, value) => {}
        _ => gather.unknown(key, value),
    });
}

/// The types of the events of a Messages stream.
pub(super) fn is_event(root: Value<'_>) -> bool {
    root.get("type").is_some_and(|kind| {
        matches!(
            &*kind.name(),
            b"message_start"
                | b"content_block_start"
                | b"content_block_delta"
                | b"content_block_stop"
                | b"message_delta"
                | b"message_stop"
                | b"ping"
                | b"completion"
        )
    })
}

pub(super) fn event(gather: &mut Gather, root: Value<'_>) {
    let event_type = root.get("type").map(Value::name).unwrap_or_default();
    let block = root.get("index").and_then(Value::as_u64).unwrap_or(0);
    let block = u32::try_from(block).unwrap_or(u32::MAX);
    gather.block = block;
    gather.closes = match &*event_type {
        b"content_block_stop" => Closes::Block(block),
        b"message_delta" | b"message_stop" | b"error" => Closes::All,
        _ => Closes::Nothing,
    };
    gather.members(root, |gather, name, key, value| match name {
        b"type" => gather.id(value),
        b"index" if value.kind() == Kind::Number => gather.figure(value),
        b"message" => response(gather, value),
        b"content_block" => start(gather, value, block),
        b"delta" if *event_type == *b"content_block_delta" => delta(gather, value, block),
        b"delta" => response(gather, value),
        b"usage" => gather.usage(value),
        b"error" => gather.prose(value, RegionKind::Metadata),
        b"completion" => {
            gather.delta(value, Channel::new(0, ChannelKind::Text, Field::Completion));
        }
        b"stop_reason" => {
            gather.closes = if value.is_null() {
                Closes::Nothing
            } else {
                Closes::All
            };
            gather.stop(value);
        }
        b"stop" => gather.region(value, RegionKind::Metadata),
        b"model" => gather.id(value),
        b"context_management" => gather.prose(value, RegionKind::Metadata),
        _ if gather.bedrock(name, value) => {}
        // Nothing goes on in another one of these.
        _ if matches!(
            &*event_type,
            b"message_start" | b"message_delta" | b"message_stop" | b"content_block_stop" | b"ping"
        ) =>
        {
            gather.unknown(key, value);
        }
        _ => gather.unknown_delta(key, value),
    });
}

/// The block that begins. A text in it is the first piece of the block's text.
fn start(gather: &mut Gather, value: Value<'_>, index: u32) {
    let is_running = value
        .get("type")
        .is_some_and(|kind| matches!(&*kind.name(), b"text" | b"thinking" | b"compaction"));
    if !is_running {
        return block(gather, value, RegionKind::Text);
    }
    delta(gather, value, index);
}

fn delta(gather: &mut Gather, value: Value<'_>, block: u32) {
    let channel = |kind| Channel::new(block, kind, Field::Anthropic);
    gather.members(value, |gather, name, key, value| match name {
        b"type" => gather.id(value),
        b"text" => gather.delta(value, channel(ChannelKind::Text)),
        b"thinking" => gather.delta(value, channel(ChannelKind::Reasoning)),
        // The summary that takes the place of earlier turns.
        b"content" => gather.delta(value, Channel::new(block, ChannelKind::Text, Field::Compaction)),
        b"partial_json" => gather.delta(value, channel(ChannelKind::ToolInput)),
        b"signature" => gather.signed(value, block),
        // A citation comes whole.
        b"citation" | b"citations" => {
            gather.annotates = Some(channel(ChannelKind::Text));
            gather.prose(value, RegionKind::Citation);
        }
        _ => gather.unknown_delta(key, value),
    });
}
