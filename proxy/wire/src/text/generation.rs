//! What models write of what knowledge bases give
//! (docs.aws.amazon.com/bedrock/latest/APIReference: `API_agent-runtime_RetrieveAndGenerate`,
//! `API_agent-runtime_RetrieveAndGenerateStream`).

use crate::json::{Kind, Value};

use super::channel::Field;
use super::guardrail::said;
use super::{
    Channel, ChannelKind, Place, RegionKind, Unscanned, converse,
    gather::Gather,
    retrieval::{self, result},
};

/// The completion.
const WRITTEN: Channel = Channel::new(0, ChannelKind::Text, Field::Generated);

/// The completion once more, as citations repeat it piece by piece: a match in it can begin in one and end in the next, and a piece can be one.
const CITED: Channel = Channel::cited(1);

/// The same in the place that it had first in events, below `citation`, where the service fills both.
const CITED_AT_FIRST: Channel = Channel::cited(2);

/// What nobody knows could find more than may be found, or name another model, so it is refused.
pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, _, value| match name {
        b"input" => gather.at(Place::User, |gather| said(gather, value)),
        b"retrieveAndGenerateConfiguration" => configuration(gather, value),
        // What is sent in its place was sealed here for the caller: see `retrieval::with_session`.
        b"sessionId" if value.kind() == Kind::String => {}
        // `userContext` among them: whose documents are found is not the caller's to say. So is `sessionConfiguration`: it names a key of KMS, which
        // would be used with the gateway's role.
        _ => gather.misshapen(value),
    });
}

fn configuration(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, _, value| match name {
        b"type" => gather.settings(value),
        b"knowledgeBaseConfiguration" => gather.members(value, |gather, name, _, value| match name {
            b"knowledgeBaseId" | b"modelArn" => gather.id(value),
            b"retrievalConfiguration" => retrieval::configuration(gather, value),
            b"generationConfiguration" | b"orchestrationConfiguration" => writing(gather, value),
            _ => gather.misshapen(value),
        }),
        b"externalSourcesConfiguration" => gather.members(value, |gather, name, _, value| match name {
            b"modelArn" => gather.id(value),
            b"sources" => gather.at(Place::Document, |gather| gather.items(value, source)),
            b"generationConfiguration" => writing(gather, value),
            _ => gather.misshapen(value),
        }),
        _ => gather.misshapen(value),
    });
}

/// How a model writes: the answer, or the questions that are searched for.
fn writing(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, _, value| match name {
        b"promptTemplate" => gather.at(Place::System, |gather| {
            gather.members(value, |gather, name, _, value| match name {
                b"textPromptTemplate" => gather.region(value, RegionKind::System),
                _ => gather.misshapen(value),
            });
        }),
        b"guardrailConfiguration" => {
            only(gather, value, &[b"guardrailId", b"guardrailVersion"]);
            gather.guardrail(value);
        }
        b"inferenceConfig" => gather.members(value, |gather, name, _, value| match name {
            b"textInferenceConfig" => converse::inference_config(gather, value),
            _ => gather.misshapen(value),
        }),
        b"additionalModelRequestFields" => converse::additional_fields(gather, value),
        b"performanceConfig" => {
            only(gather, value, &[b"latency"]);
            gather.settings(value);
        }
        b"queryTransformationConfiguration" => {
            only(gather, value, &[b"type"]);
            gather.settings(value);
        }
        _ => gather.misshapen(value),
    });
}

/// Refuses members but these.
fn only(gather: &mut Gather, value: Value<'_>, names: &[&[u8]]) {
    gather.members(value, |gather, name, _, value| {
        if !names.contains(&name) {
            gather.misshapen(value);
        }
    });
}

/// A document that the caller brings along.
fn source(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"sourceType" => gather.settings(value),
        b"s3Location" => {
            gather.unscanned(Unscanned::Document);
            gather.unscanned(Unscanned::S3Location);
            gather.prose(value, RegionKind::Metadata);
        }
        b"byteContent" => {
            let kind = value.get("contentType");
            let is_text = kind.is_some_and(|kind| kind.name().starts_with(b"text/"));
            gather.members(value, |gather, name, key, value| match name {
                b"contentType" => gather.prose(value, RegionKind::Metadata),
                b"identifier" => gather.region(value, RegionKind::Metadata),
                b"data" => gather.document(value, is_text),
                _ => gather.unknown(key, value),
            });
        }
        _ => gather.unknown(key, value),
    });
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"output" => said(gather, value),
        b"citations" => gather.items(value, |gather, value| {
            gather.members(value, |gather, name, key, value| {
                cited(gather, (name, key, value), CITED, Gather::unknown);
            });
        }),
        b"guardrailAction" | b"sessionId" => gather.id(value),
        _ => gather.unknown(key, value),
    });
}

pub(super) fn event(gather: &mut Gather, kind: &[u8], root: Value<'_>) {
    match kind {
        b"output" => gather.members(root, |gather, name, key, value| match name {
            b"text" => gather.delta(value, WRITTEN),
            _ => gather.unknown_delta(key, value),
        }),
        b"citation" => {
            gather.annotates = Some(WRITTEN);
            let at_first = match root.get("generatedResponsePart") {
                Some(_) => CITED_AT_FIRST,
                None => CITED,
            };
            gather.members(root, |gather, name, key, value| match name {
                b"citation" => gather.members(value, |gather, name, key, value| {
                    cited(gather, (name, key, value), at_first, Gather::unknown_delta);
                }),
                _ => cited(gather, (name, key, value), CITED, Gather::unknown_delta),
            });
        }
        b"guardrail" => gather.members(root, |gather, name, key, value| match name {
            b"action" => gather.id(value),
            _ => gather.unknown_delta(key, value),
        }),
        _ => gather.unheard(None, root),
    }
}

/// A member of what a part of the completion rests on; the text of the part is a piece of `channel`.
fn cited(
    gather: &mut Gather,
    (name, key, value): (&[u8], Value<'_>, Value<'_>),
    channel: Channel,
    unknown: fn(&mut Gather, Value<'_>, Value<'_>),
) {
    match name {
        b"generatedResponsePart" => gather.members(value, |gather, name, key, value| match name {
            b"textResponsePart" => gather.members(value, |gather, name, key, value| match name {
                b"text" => gather.delta(value, channel),
                b"span" => gather.settings(value),
                _ => unknown(gather, key, value),
            }),
            _ => unknown(gather, key, value),
        }),
        b"retrievedReferences" => gather.items(value, result),
        _ => unknown(gather, key, value),
    }
}
