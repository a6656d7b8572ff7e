//! `CountTokens`: a prompt as another operation would take it
//! (<https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html>).

use crate::json::{Kind, Value};

use super::{Place, RegionKind, Unscanned, converse, gather::Gather};

pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"input" => gather.members(value, |gather, name, key, value| match name {
            b"converse" => converse::request(gather, value),
            b"invokeModel" => gather.members(value, |gather, name, key, value| match name {
                b"body" => body(gather, value),
                _ => gather.unknown(key, value),
            }),
            _ => gather.unknown(key, value),
        }),
        _ => gather.unknown(key, value),
    });
}

/// The body of another operation, in base64: JSON, which is scanned as what it says.
fn body(gather: &mut Gather, value: Value<'_>) {
    if value.kind() != Kind::String {
        return gather.misshapen(value);
    }
    gather.at(Place::User, |gather| {
        if !gather.encoded(value, RegionKind::Text) {
            gather.unscanned(Unscanned::EncodedPayload);
        }
    });
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"inputTokens" => gather.settings(value),
        _ => gather.unknown(key, value),
    });
}
