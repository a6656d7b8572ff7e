//! Asynchronous calls (docs.aws.amazon.com/bedrock/latest/APIReference: `API_runtime_StartAsyncInvoke`, `API_runtime_GetAsyncInvoke`,
//! `API_runtime_ListAsyncInvokes`).

use crate::json::{Kind, Value};

use super::{RegionKind, Unscanned, gather::Gather, generic};

/// What nobody knows could send the output elsewhere, so it is refused.
pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, _, value| match name {
        b"modelInput" if value.kind() == Kind::Object => {
            generic::request(gather, value);
            if refers(value) {
                gather.unscanned(Unscanned::S3Location);
            }
        }
        b"clientRequestToken" | b"modelId" => gather.id(value),
        b"outputDataConfig" => gather.members(value, |gather, name, _, value| match name {
            b"s3OutputDataConfig" => gather.members(value, |gather, name, _, value| match name {
                b"s3Uri" => gather.prose(value, RegionKind::Metadata),
                // `kmsKeyId` and `bucketOwner` among them: whose key is used with the gateway's role, and whose bucket it is, is not the caller's to say.
                _ => gather.misshapen(value),
            }),
            _ => gather.misshapen(value),
        }),
        b"tags" => gather.json(value, RegionKind::Metadata),
        _ => gather.misshapen(value),
    });
}

/// Whether something in S3 is referred to anywhere, which the service would read with the gateway's role. Each family names it by a key of its own.
fn refers(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::String => {
            let name = value.name();
            name.get(..3)
                .is_some_and(|start| start.eq_ignore_ascii_case("s3:".as_bytes()))
        }
        Kind::Object => value.members().any(|(key, value)| {
            let name = key.name();
            let is_place = name
                .get(..2)
                .is_some_and(|start| start.eq_ignore_ascii_case("s3".as_bytes()));
            is_place || refers(value)
        }),
        Kind::Array => value.items().any(refers),
        _ => false,
    }
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"asyncInvokeSummaries" => gather.items(value, |gather, call| {
            gather.members(call, |gather, name, key, value| told(gather, (name, key, value)));
        }),
        // The service's own, and no text. Altered, it would lead nowhere.
        b"nextToken" if value.kind() == Kind::String => {}
        _ => told(gather, (name, key, value)),
    });
}

/// What is told of a call.
fn told(gather: &mut Gather, (name, key, value): (&[u8], Value<'_>, Value<'_>)) {
    match name {
        b"invocationArn" | b"modelArn" | b"clientRequestToken" | b"status" => gather.id(value),
        b"submitTime" | b"lastModifiedTime" | b"endTime" => gather.settings(value),
        b"failureMessage" => gather.region(value, RegionKind::Text),
        b"outputDataConfig" => gather.prose(value, RegionKind::Metadata),
        _ => gather.unknown(key, value),
    }
}
