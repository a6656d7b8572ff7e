//! Texts in members of stream events that a dialect does not know. Nobody can tell whether such a text is whole or goes on in
//! the next event, so it is scanned as both: as it stands, and joined to those in the same place of the events before. Likewise
//! the tokens that answers list beside a text.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::json::{Document, Kind, Value, push_string};

use super::{
    Channel, Delta, Event, RegionKind, Unscanned,
    gather::Gather,
    literal::{is_figure, is_id, is_name, is_plain_key, is_word},
    payload::{Payload, may_be_encoded},
};

/// So many such texts are read in one event.
const TEXTS_MAX: usize = 64;

/// The way to a value.
#[derive(Clone, Copy)]
struct Way {
    path: u64,
    /// Its names may be written again.
    plain: bool,
    /// The next array lists the pieces of one text.
    list: bool,
    /// All of it is at hand: nothing goes on in another event.
    whole: bool,
    /// The literal that says the same in numbers as the texts that come next.
    echo: Option<u32>,
}

impl Gather {
    /// A member of a stream event that the dialect does not know. What can be no piece of a text in it cuts the stream.
    pub(super) fn unknown_delta(&mut self, key: Value<'_>, value: Value<'_>) {
        self.under(key);
        self.push(key, RegionKind::Key);
        self.unheard(Some(key), value);
        self.key = None;
    }

    /// The value of such a member, or of one that is known to hold a text and holds something else.
    pub(super) fn unheard(&mut self, key: Option<Value<'_>>, value: Value<'_>) {
        let name = key.map(Value::name).unwrap_or_default();
        let way = Way {
            path: below(0, &name),
            plain: key.is_none() || is_plain_key(&name),
            list: lists_tokens(&name),
            whole: false,
            echo: None,
        };
        self.running(way, value);
        if self.unscanned.contains(&Unscanned::UnknownBlock) && self.unknown.is_none() {
            // Only names of members are told, never what could be text.
            let name = key.filter(|key| is_id(&key.name())).and_then(Value::as_str);
            self.unknown = name.map(|name| name.into_owned());
        }
    }

    /// The tokens of a text of a whole answer, under a key that [`lists_tokens`].
    pub(super) fn tokens(&mut self, value: Value<'_>) {
        let block = self.block;
        self.lists += 1;
        self.block = self.lists;
        let way = Way {
            path: 0,
            plain: true,
            list: true,
            whole: true,
            echo: None,
        };
        self.running(way, value);
        self.block = block;
    }

    /// What is on a way. The reader bounds how deep it goes.
    fn running(&mut self, way: Way, value: Value<'_>) {
        match value.kind() {
            Kind::String => self.piece(way, value),
            Kind::Number => self.number(value),
            Kind::Object => {
                let echo = value.get("logprob").and_then(|_| echo_in(value));
                value
                    .members()
                    .for_each(|(key, value)| self.member(Way { echo, ..way }, key, value));
            }
            Kind::Array => {
                let key = self.key;
                for (position, item) in value.items().enumerate() {
                    self.key = key;
                    let position = if way.list { 0 } else { position };
                    let path = below(way.path, &position.to_le_bytes());
                    self.running(
                        Way {
                            path,
                            list: false,
                            ..way
                        },
                        item,
                    );
                }
            }
            Kind::Null | Kind::Bool | Kind::Key => {}
        }
    }

    fn member(&mut self, way: Way, key: Value<'_>, value: Value<'_>) {
        let name = key.name();
        self.under(key);
        self.push(key, RegionKind::Key);
        if is_name(&name) && value.kind() == Kind::String && is_id(&value.name()) {
            return self.identifier(value);
        }
        let plain = is_plain_key(&name);
        if way.whole && !plain {
            // Tokens as keys: each is scanned, and nothing that they say together.
            self.unscanned(Unscanned::EncodedPayload);
        }
        let path = below(way.path, if plain { &name } else { b"" });
        let plain = plain && way.plain;
        self.running(Way { path, plain, ..way }, value);
    }

    fn piece(&mut self, way: Way, value: Value<'_>) {
        let raw = value.raw();
        let is_text = !may_be_encoded(raw) && matches!(Payload::of(raw), Payload::None);
        if value.is_empty() {
            return;
        }
        let goes_on = way.whole || way.plain && self.deltas.len() < TEXTS_MAX;
        match (is_text && goes_on, way.whole) {
            (true, _) => self.deltas.push(Delta {
                channel: Channel::unheard(self.block, way.path),
                span: value.span(),
                key: self.key,
                echo: way.echo,
            }),
            (false, true) => self.string(value, RegionKind::Text, Unscanned::EncodedPayload, false),
            (false, false) => self.unread(value),
        }
    }

    /// A string that could go on unseen; a word of a setting does not.
    fn unread(&mut self, value: Value<'_>) {
        self.string(value, RegionKind::Text, Unscanned::UnknownBlock, false);
        if !is_word(&value.name()) {
            self.unscanned(Unscanned::UnknownBlock);
        }
    }
}

/// Names under which the tokens of a text are listed: of OpenAI, Text Generation Inference, vLLM and Cohere.
pub(super) fn lists_tokens(name: &[u8]) -> bool {
    matches!(
        name,
        b"logprobs"
            | b"prompt_logprobs"
            | b"tokens"
            | b"top_tokens"
            | b"prefill"
            | b"token_likelihoods"
            | b"likelihoods"
    )
}

/// Where the literal begins that says in numbers what a token of an object is: its bytes, or its number in the vocabulary.
pub(super) fn echo_in(token: Value<'_>) -> Option<u32> {
    let bytes = token.get("bytes").filter(|bytes| bytes.kind() == Kind::Array);
    let id = || token.get("id").filter(|id| id.kind() == Kind::Number);
    u32::try_from(bytes.or_else(id)?.span().start).ok()
}

/// The path to what stands under `name`, or at a position, below `path`.
fn below(path: u64, name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (path, name).hash(&mut hasher);
    hasher.finish()
}

/// An event that says nothing but one text: what was held of a text that nobody has heard of leaves in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Shape {
    /// The shape of an event around the literal at `span`. Names, figures, switches and identifiers that stand on the way stay
    /// as they are, since they say what the event is about; of all else the empty value.
    #[must_use]
    pub fn of(document: &Document, event: &Event, span: &Range<usize>) -> Self {
        let mut before = Vec::new();
        let mut afters = Vec::new();
        let mut here = Some(document.root());
        let mut list = false;
        while let Some(value) = here {
            let mut after = Vec::new();
            here = match value.kind() {
                Kind::Object => on_the_way(value, event, span, &mut before, &mut after),
                Kind::Array => {
                    before.push(b'[');
                    after.push(b']');
                    let list = std::mem::take(&mut list);
                    in_array(value, event, span, list, &mut before)
                }
                _ => None,
            };
            list |= lists_tokens(last_name(&before));
            afters.push(after);
        }
        afters.reverse();
        Self {
            before,
            after: afters.concat(),
        }
    }

    /// How long an event without its text is.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// The event that says `text`.
    #[must_use]
    pub fn with(&self, text: &str) -> Vec<u8> {
        let mut event = self.before.clone();
        push_string(&mut event, text);
        event.extend_from_slice(&self.after);
        event
    }
}

fn holds(value: Value<'_>, span: &Range<usize>) -> bool {
    value.span().start <= span.start && span.end <= value.span().end
}

/// The name that what is written so far ends with.
fn last_name(before: &[u8]) -> &[u8] {
    let name = before.strip_suffix(b"\":").unwrap_or_default();
    name.rsplit(|byte| *byte == b'"').next().unwrap_or_default()
}

/// Writes what stands before the item that holds `span`, so that it keeps its position, and gives that item back. The tokens of a list
/// have none.
fn in_array<'a>(
    array: Value<'a>,
    event: &Event,
    span: &Range<usize>,
    list: bool,
    before: &mut Vec<u8>,
) -> Option<Value<'a>> {
    for item in array.items() {
        if holds(item, span) {
            return Some(item);
        }
        if !list {
            before.extend_from_slice(without_text(item, event));
            before.push(b',');
        }
    }
    None
}

/// Writes the members of an object, but for the one that holds `span`, which it gives back.
fn on_the_way<'a>(
    object: Value<'a>,
    event: &Event,
    span: &Range<usize>,
    before: &mut Vec<u8>,
    after: &mut Vec<u8>,
) -> Option<Value<'a>> {
    let mut on_the_way = None;
    let mut comma: &[u8] = b"{";
    for (key, value) in object.members() {
        let is_on_the_way = holds(value, span);
        if !is_on_the_way && !is_plain_key(&key.name()) {
            continue;
        }
        let out = if on_the_way.is_some() {
            &mut *after
        } else {
            &mut *before
        };
        out.extend([comma, key.raw(), b":"].concat());
        comma = b",";
        match is_on_the_way {
            true => on_the_way = Some(value),
            false => out.extend_from_slice(without_text(value, event)),
        }
    }
    after.push(b'}');
    on_the_way
}

/// The literal of a value that is no text, or the empty value of its kind.
fn without_text<'a>(value: Value<'a>, event: &Event) -> &'a [u8] {
    let is_delta = || event.deltas.iter().any(|delta| delta.span == value.span());
    match value.kind() {
        Kind::String | Kind::Key if is_id(&value.name()) && !is_delta() => value.raw(),
        Kind::String | Kind::Key => br#""""#,
        Kind::Number if is_figure(value.raw()) => value.raw(),
        Kind::Number => b"0",
        Kind::Null | Kind::Bool => value.raw(),
        Kind::Array => b"[]",
        Kind::Object => b"{}",
    }
}
