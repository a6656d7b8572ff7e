//! Asynchronous calls (docs.aws.amazon.com/bedrock/latest/APIReference: `API_runtime_StartAsyncInvoke`, `API_runtime_GetAsyncInvoke`,
//! `API_runtime_ListAsyncInvokes`).

use crate::json::{Kind, Value};

use super::{RegionKind, gather::Gather, generic};

/// What nobody knows could send the output elsewhere, so it is refused.
pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, _, value| match name {
        b"modelInput" if value.kind() == Kind::Object => generic::request(gather, value),
        b"clientRequestToken" | b"modelId" => gather.id(value),
        b"outputDataConfig" => gather.members(value, |gather, name, _, value| match name {
            b"s3OutputDataConfig" => gather.members(value, |gather, name, _, value| match name {
                b"s3Uri" => gather.prose(value, RegionKind::Metadata),
                b"kmsKeyId" | b"bucketOwner" => gather.settings(value),
                _ => gather.misshapen(value),
            }),
            _ => gather.misshapen(value),
        }),
        b"tags" => gather.json(value, RegionKind::Metadata),
        _ => gather.misshapen(value),
    });
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"asyncInvokeSummaries" => gather.items(value, response),
        b"invocationArn" | b"modelArn" | b"clientRequestToken" | b"status" | b"nextToken" => gather.id(value),
        b"submitTime" | b"lastModifiedTime" | b"endTime" => gather.settings(value),
        b"failureMessage" => gather.region(value, RegionKind::Text),
        b"outputDataConfig" => gather.prose(value, RegionKind::Metadata),
        _ => gather.unknown(key, value),
    });
}
