//! Every other body: walked string by string, whatever its shape. Stream events of the families
//! known to run on Bedrock and SageMaker are read as running texts.
//!
//! Structural keys are skipped only where their value looks like an identifier; see [`literal::is_name`](super::literal::is_name).

use crate::json::{Kind, Value};

use super::{
    Channel, ChannelKind, Closes, Place, RegionKind, Unscanned, Usage, anthropic, asked,
    channel::Field,
    facts::leads_to_prose,
    gather::Gather,
    literal::{is_id, is_name},
    nova, stop_reason,
    unheard::{echo_in, lists_tokens},
};

pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    if root.get("anthropic_version").is_some() {
        return anthropic::request(gather, root);
    }
    if root
        .get("schemaVersion")
        .is_some_and(|version| *version.name() == *b"messages-v1")
    {
        return nova::request(gather, root);
    }
    asked::tools(gather, root);
    gather.client_guardrail = root
        .get("amazon-bedrock-guardrailConfig")
        .is_some_and(|config| !config.is_null());
    match root.kind() {
        Kind::Object => root.members().for_each(|(key, value)| member(gather, key, value)),
        _ => walk(gather, root.nodes(), true),
    }
}

/// A member of a request, in the place that its name or the roles of its messages tell.
fn member<'a>(gather: &mut Gather, key: Value<'a>, value: Value<'a>) {
    let below = |gather: &mut Gather| walk(gather, std::iter::once(key).chain(value.nodes()), true);
    match &*key.name() {
        b"messages" | b"chat_history" if value.kind() == Kind::Array => {
            walk(gather, std::iter::once(key), true);
            for item in value.items() {
                gather.at(Place::of_role(item), |gather| walk(gather, item.nodes(), true));
            }
        }
        name => gather.at(Place::of_member(name), below),
    }
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    if root.get("type").is_some_and(|kind| *kind.name() == *b"message") {
        return anthropic::response(gather, root);
    }
    if root
        .get("output")
        .is_some_and(|output| output.get("message").is_some())
    {
        return nova::response(gather, root);
    }
    walk(gather, root.nodes(), true);
    gather.usage.merge(Usage::read(root));
    for (key, value) in root.members() {
        match &*key.name() {
            b"usage" | b"amazon-bedrock-invocationMetrics" => gather.usage.merge(Usage::read(value)),
            b"results" | b"choices" | b"outputs" => value.items().for_each(|item| outcome(gather, item)),
            _ => {}
        }
    }
    outcome(gather, root);
}

/// Why one answer ended; the first answer's reason stands.
fn outcome(gather: &mut Gather, object: Value<'_>) {
    for (key, value) in object.members() {
        match &*key.name() {
            b"stop_reason" | b"stopReason" | b"finish_reason" | b"completionReason"
                if gather.stop_reason.is_none() =>
            {
                gather.stop_reason = value.as_str().map(|spelt| stop_reason(&spelt));
            }
            b"tokenCount" if gather.usage.output_tokens.is_none() => {
                gather.usage.output_tokens = value.as_u64();
            }
            _ => {}
        }
    }
}

/// Every string, key and telling number of `nodes`, in document order. `open`: only names of prose lead to them.
fn walk<'a>(gather: &mut Gather, nodes: impl Iterator<Item = Value<'a>>, open: bool) {
    let mut kind = RegionKind::Text;
    let mut name_follows = false;
    let answer = gather.place == Place::Answer;
    let mut prose = Prose::new(open && answer);
    let mut tokens_follow = false;
    let mut read_to = 0;
    for node in nodes {
        if node.span().start < read_to {
            continue;
        }
        let is_a_name = std::mem::take(&mut name_follows);
        let is_prose = prose.reaches(node);
        if std::mem::take(&mut tokens_follow) {
            read_to = node.span().end;
            gather.tokens(node);
            continue;
        }
        match node.kind() {
            Kind::Key => {
                let key = node.name();
                kind = kind_under(&key);
                gather.under(node);
                name_follows = is_name(&key);
                if !name_follows {
                    gather.push(node, RegionKind::Key);
                }
                remote_media(gather, &key);
                tokens_follow = answer && lists_tokens(&key);
            }
            Kind::String if is_a_name && is_id(&node.name()) => gather.identifier(node),
            Kind::String => gather.string(node, kind, Unscanned::EncodedPayload, is_prose),
            Kind::Number if is_a_name => gather.figure(node),
            Kind::Number => gather.number(node),
            Kind::Null | Kind::Bool | Kind::Array | Kind::Object => {}
        }
    }
    gather.key = None;
}

/// Tells which nodes only names of prose lead to, in document order.
struct Prose {
    answer: bool,
    /// The last name met is none of prose: what stands under it is not.
    closes: bool,
    /// No byte before this is prose.
    closed: usize,
}

impl Prose {
    fn new(answer: bool) -> Self {
        Self {
            answer,
            closes: false,
            closed: 0,
        }
    }

    fn reaches(&mut self, node: Value<'_>) -> bool {
        if !self.answer {
            return false;
        }
        if std::mem::take(&mut self.closes) {
            self.closed = self.closed.max(node.span().end);
        }
        let open = node.span().start >= self.closed;
        self.closes = open && node.kind() == Kind::Key && !leads_to_prose(&node.name());
        open
    }
}

fn kind_under(key: &[u8]) -> RegionKind {
    match key {
        b"arguments" => RegionKind::ToolInput,
        b"reasoning_content" | b"reasoning" | b"thinking" => RegionKind::Reasoning,
        b"system" | b"preamble" => RegionKind::System,
        b"description" => RegionKind::Metadata,
        _ => RegionKind::Text,
    }
}

/// Parts of OpenAI messages whose payload may stand elsewhere.
fn remote_media(gather: &mut Gather, key: &[u8]) {
    match key {
        b"image_url" => gather.unscanned(Unscanned::Image),
        b"input_audio" => gather.unscanned(Unscanned::Audio),
        b"video_url" => gather.unscanned(Unscanned::Video),
        b"file_data" | b"file_id" => gather.unscanned(Unscanned::Document),
        _ => {}
    }
}

pub(super) fn event(gather: &mut Gather, root: Value<'_>) {
    if root.kind() == Kind::String && *root.name() == *b"[DONE]" {
        gather.closes = Closes::All;
        return;
    }
    if anthropic::is_event(root) {
        return anthropic::event(gather, root);
    }
    if nova::is_event(root) {
        return nova::event(gather, root);
    }
    let is_whole = root
        .get("event_type")
        .is_some_and(|kind| *kind.name() == *b"stream-end");
    gather.usage.merge(Usage::read(root));
    gather.members(root, |gather, name, key, value| match name {
        // The last event of Cohere says everything again.
        _ if is_whole => whole(gather, key, value),
        b"choices" => gather.items(value, choice),
        b"outputs" => {
            let mut position = 0;
            gather.items(value, |gather, item| {
                output(gather, item, position);
                position += 1;
            });
        }
        b"token" => token(gather, value),
        b"usage" => gather.usage(value),
        b"stop_reason" | b"finish_reason" | b"completionReason" => stop(gather, value, Closes::All),
        // Beside a token it is the whole text, which ends here; alone it can be a piece.
        b"generated_text" if root.get("token").is_some() => {
            gather.region(value, RegionKind::Text);
            if value.kind() == Kind::String {
                gather.closes = Closes::All;
            }
        }
        b"details" if root.get("token").is_some() => {
            gather.members(value, |gather, _, key, value| whole(gather, key, value));
        }
        _ if gather.bedrock(name, value) => {}
        _ => match single(name) {
            Some(field) => gather.delta(value, Channel::of_choice(0, 0, ChannelKind::Text, field)),
            None => other(gather, name, key, value),
        },
    });
    if is_whole {
        gather.closes = Closes::All;
    }
}

/// The field of families with one running text.
fn single(name: &[u8]) -> Option<Field> {
    match name {
        b"completion" => Some(Field::Completion),
        b"outputText" => Some(Field::OutputText),
        b"generation" => Some(Field::Generation),
        b"text" => Some(Field::Text),
        b"generated_text" => Some(Field::GeneratedText),
        _ => None,
    }
}

fn whole(gather: &mut Gather, key: Value<'_>, value: Value<'_>) {
    let name = key.name();
    if *name == *b"finish_reason" {
        return gather.stop(value);
    }
    if is_name(&name) {
        return gather.id(value);
    }
    walk(gather, value.nodes(), leads_to_prose(&name));
}

fn other(gather: &mut Gather, name: &[u8], key: Value<'_>, value: Value<'_>) {
    if is_name(name) {
        gather.id(value);
    } else {
        gather.unknown_delta(key, value);
    }
}

fn stop(gather: &mut Gather, value: Value<'_>, closes: Closes) {
    if !value.is_null() && gather.closes == Closes::Nothing {
        gather.closes = closes;
    }
    gather.stop(value);
}

fn index_of(value: Value<'_>) -> u32 {
    let index = value.get("index").and_then(Value::as_u64).unwrap_or(0);
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn choice(gather: &mut Gather, value: Value<'_>) {
    let index = index_of(value).min(0xFFFF);
    gather.block = index << 16;
    let text = Channel::of_choice(index, 0, ChannelKind::Text, Field::ChoiceText);
    gather.members(value, |gather, name, key, value| match name {
        b"delta" => piece(gather, value, index, Field::ChoiceContent),
        b"message" => piece(gather, value, index, Field::ChoiceMessage),
        b"text" => gather.delta(value, text),
        b"finish_reason" | b"stop_reason" => stop(gather, value, Closes::Choice(index)),
        _ => other(gather, name, key, value),
    });
    gather.block = 0;
}

fn piece(gather: &mut Gather, value: Value<'_>, choice: u32, content: Field) {
    let channel = |kind, field| Channel::of_choice(choice, 0, kind, field);
    gather.members(value, |gather, name, key, value| match name {
        b"content" => gather.delta(value, channel(ChannelKind::Text, content)),
        b"refusal" => gather.delta(value, channel(ChannelKind::Text, Field::ChoiceRefusal)),
        b"reasoning" => gather.delta(value, channel(ChannelKind::Reasoning, Field::ChoiceReasoning)),
        b"reasoning_content" => {
            gather.delta(
                value,
                channel(ChannelKind::Reasoning, Field::ChoiceReasoningContent),
            );
        }
        b"tool_calls" => gather.items(value, |gather, item| tool_call(gather, item, choice, content)),
        _ => other(gather, name, key, value),
    });
}

fn tool_call(gather: &mut Gather, value: Value<'_>, choice: u32, content: Field) {
    let channel = Channel::of_choice(choice, index_of(value), ChannelKind::ToolInput, content);
    gather.members(value, |gather, name, key, value| match name {
        b"function" => gather.members(value, |gather, name, key, value| match name {
            b"name" => gather.id(value),
            b"arguments" => gather.delta(value, channel),
            _ => gather.unknown_delta(key, value),
        }),
        _ => other(gather, name, key, value),
    });
}

fn output(gather: &mut Gather, value: Value<'_>, position: u32) {
    let channel = Channel::of_choice(position, 0, ChannelKind::Text, Field::Outputs);
    gather.members(value, |gather, name, key, value| match name {
        b"text" => gather.delta(value, channel),
        b"stop_reason" => stop(gather, value, Closes::Choice(position.min(0xFFFF))),
        _ => other(gather, name, key, value),
    });
}

fn token(gather: &mut Gather, value: Value<'_>) {
    let echo = echo_in(value);
    gather.members(value, |gather, name, key, value| match name {
        b"text" => {
            gather.delta(value, Channel::of_choice(0, 0, ChannelKind::Text, Field::Token));
            let piece = gather
                .deltas
                .last_mut()
                .filter(|delta| delta.span == value.span());
            if let Some(piece) = piece {
                piece.echo = echo;
            }
        }
        _ => other(gather, name, key, value),
    });
}
