//! Amazon Nova understanding models: Converse shapes, with the event's name as a key
//! (<https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html>).

use crate::json::{Kind, Value};

use super::{channel::Field, converse, gather::Gather};

pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    converse::request(gather, root);
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    converse::response(gather, root);
}

pub(super) fn event(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match value.kind() {
        _ if gather.bedrock(name, value) => {}
        Kind::Object => converse::event_of(gather, name, value, Field::Nova),
        _ => gather.unknown_delta(key, value),
    });
}

/// Whether an event is one of Nova's.
pub(super) fn is_event(root: Value<'_>) -> bool {
    let known: [&[u8]; 6] = [
        b"messageStart",
        b"contentBlockStart",
        b"contentBlockDelta",
        b"contentBlockStop",
        b"messageStop",
        b"metadata",
    ];
    let is_known =
        |(key, value): (Value<'_>, Value<'_>)| value.kind() == Kind::Object && known.contains(&&*key.name());
    root.members().next().is_some_and(is_known)
}
