//! Texts that are shown to a guardrail of Bedrock's own, without a model
//! (docs.aws.amazon.com/bedrock/latest/APIReference: `API_runtime_ApplyGuardrail`, `API_runtime_InvokeGuardrailChecks`).

use crate::json::Value;

use super::{Place, RegionKind, Unscanned, gather::Gather};

/// `ApplyGuardrail`: `{"source": …, "content": [{"text": {"text": …}}, {"image": …}]}`
pub(super) fn applied(gather: &mut Gather, root: Value<'_>) {
    nothing_is_written(gather);
    gather.members(root, |gather, name, key, value| match name {
        b"source" | b"outputScope" => gather.settings(value),
        b"content" => gather.items(value, |gather, item| {
            gather.members(item, |gather, name, key, value| match name {
                b"text" => gather.at(Place::User, |gather| text(gather, value)),
                b"image" => image(gather, value),
                _ => gather.unknown(key, value),
            });
        }),
        _ => gather.unknown(key, value),
    });
}

fn text(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"text" => gather.region(value, RegionKind::Text),
        b"qualifiers" => gather.settings(value),
        _ => gather.unknown(key, value),
    });
}

fn image(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"format" => gather.settings(value),
        b"source" => gather.members(value, |gather, name, key, value| match name {
            b"bytes" => gather.unscanned(Unscanned::Image),
            _ => gather.unknown(key, value),
        }),
        _ => gather.unknown(key, value),
    });
}

/// `InvokeGuardrailChecks`: `{"messages": [{"role": …, "content": [{"text": …}]}], "checks": {…}}`
pub(super) fn checked(gather: &mut Gather, root: Value<'_>) {
    nothing_is_written(gather);
    gather.members(root, |gather, name, key, value| match name {
        b"checks" => gather.settings(value),
        b"messages" => gather.items(value, message),
        _ => gather.unknown(key, value),
    });
}

fn message(gather: &mut Gather, message: Value<'_>) {
    let place = Place::of_role(message);
    gather.members(message, |gather, name, key, value| match name {
        b"role" => gather.settings(value),
        b"content" => gather.at(place, |gather| gather.items(value, said)),
        _ => gather.unknown(key, value),
    });
}

/// What is said of texts, with pieces of them.
pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"usage" | b"guardrailCoverage" | b"action" => gather.settings(value),
        b"actionReason" => gather.region(value, RegionKind::Text),
        b"outputs" => gather.items(value, said),
        b"assessments" | b"results" => gather.prose(value, RegionKind::Metadata),
        _ => gather.unknown(key, value),
    });
}

/// `{"text": …}`
pub(super) fn said(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"text" => gather.region(value, RegionKind::Text),
        _ => gather.unknown(key, value),
    });
}

/// No model writes anything.
pub(super) fn nothing_is_written(gather: &mut Gather) {
    gather.max_tokens = Some(0);
}
