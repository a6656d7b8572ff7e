//! Texts in members of stream events that a dialect does not know. Nobody can tell whether such a text is whole or goes on in
//! the next event, so it is scanned as both: as it stands, and joined to those in the same place of the events before.

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
        self.running(below(0, &name), is_plain_key(&name), value);
        if self.unscanned.contains(&Unscanned::UnknownBlock) && self.unknown.is_none() {
            // Only names of members are told, never what could be text.
            let name = key.filter(|key| is_id(&key.name())).and_then(Value::as_str);
            self.unknown = name.map(|name| name.into_owned());
        }
    }

    /// What is below `path`; `plain` if its names may be written again. The reader bounds how deep it goes.
    fn running(&mut self, path: u64, plain: bool, value: Value<'_>) {
        match value.kind() {
            Kind::String if plain => self.piece(path, value),
            Kind::String => self.unread(value),
            Kind::Number => self.number(value),
            Kind::Object => value.members().for_each(|(key, value)| {
                let name = key.name();
                self.under(key);
                self.push(key, RegionKind::Key);
                if is_name(&name) && value.kind() == Kind::String && is_id(&value.name()) {
                    return self.identifier(value);
                }
                self.running(below(path, &name), plain && is_plain_key(&name), value);
            }),
            Kind::Array => {
                let key = self.key;
                for (position, item) in value.items().enumerate() {
                    self.key = key;
                    self.running(below(path, &position.to_le_bytes()), plain, item);
                }
            }
            Kind::Null | Kind::Bool | Kind::Key => {}
        }
    }

    fn piece(&mut self, path: u64, value: Value<'_>) {
        let raw = value.raw();
        let is_text = !may_be_encoded(raw) && matches!(Payload::of(raw), Payload::None);
        if value.is_empty() {
            return;
        }
        if is_text && self.deltas.len() < TEXTS_MAX {
            self.deltas.push(Delta {
                channel: Channel::unheard(self.block, path),
                span: value.span(),
                key: self.key,
            });
        } else {
            self.unread(value);
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
        while let Some(value) = here {
            let mut after = Vec::new();
            here = match value.kind() {
                Kind::Object => on_the_way(value, event, span, &mut before, &mut after),
                Kind::Array => {
                    before.push(b'[');
                    after.push(b']');
                    value.items().find(|item| holds(*item, span))
                }
                _ => None,
            };
            afters.push(after);
        }
        afters.reverse();
        Self {
            before,
            after: afters.concat(),
        }
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
