//! What models write of what knowledge bases give
//! (docs.aws.amazon.com/bedrock/latest/APIReference: `API_agent-runtime_RetrieveAndGenerate`,
//! `API_agent-runtime_RetrieveAndGenerateStream`).

use crate::json::Value;

use super::channel::Field;
use super::guardrail::said;
use super::{
    Channel, ChannelKind, Place, RegionKind, Unscanned, converse,
    gather::Gather,
    retrieval::{self, result},
};

/// The completion.
const WRITTEN: Channel = Channel::new(0, ChannelKind::Text, Field::Generated);

/// The completion once more, as citations repeat it piece by piece: a match in it can begin in one and end in the next.
const CITED: Channel = Channel::new(1, ChannelKind::Text, Field::Cited);

/// The same in the place that it had first in events, below `citation`; the service may fill both.
const CITED_AT_FIRST: Channel = Channel::new(2, ChannelKind::Text, Field::Cited);

/// What nobody knows could find more than may be found, or name another model, so it is refused.
pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, _, value| match name {
        b"input" => gather.at(Place::User, |gather| said(gather, value)),
        b"retrieveAndGenerateConfiguration" => configuration(gather, value),
        // What is sent in its place was sealed here for the caller: see `retrieval::with_session`.
        b"sessionId" => {}
        b"sessionConfiguration" => gather.settings(value),
        // `userContext` among them: whose documents are found is not the caller's to say.
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
            gather.members(value, |gather, name, key, value| match name {
                b"textPromptTemplate" => gather.region(value, RegionKind::System),
                _ => gather.unknown(key, value),
            });
        }),
        b"guardrailConfiguration" => gather.guardrail(value),
        b"inferenceConfig" => gather.members(value, |gather, name, key, value| match name {
            b"textInferenceConfig" => converse::inference_config(gather, value),
            _ => gather.unknown(key, value),
        }),
        b"additionalModelRequestFields" => converse::additional_fields(gather, value),
        b"performanceConfig" | b"queryTransformationConfiguration" => gather.settings(value),
        _ => gather.misshapen(value),
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
        b"citations" => gather.items(value, citation),
        b"guardrailAction" | b"sessionId" => gather.id(value),
        _ => gather.unknown(key, value),
    });
}

pub(super) fn event(gather: &mut Gather, kind: &[u8], root: Value<'_>) {
    match kind {
        b"output" => gather.members(root, |gather, name, key, value| match name {
            b"text" => gather.delta(value, WRITTEN),
            _ => gather.unknown(key, value),
        }),
        b"citation" => {
            gather.annotates = Some(WRITTEN);
            gather.members(root, |gather, name, key, value| match name {
                b"citation" => gather.members(value, |gather, name, key, value| {
                    cited(gather, (name, key, value), CITED_AT_FIRST);
                }),
                _ => cited(gather, (name, key, value), CITED),
            });
        }
        b"guardrail" => gather.members(root, |gather, name, key, value| match name {
            b"action" => gather.id(value),
            _ => gather.unknown(key, value),
        }),
        _ => gather.json(root, RegionKind::Text),
    }
}

/// What a part of the completion rests on.
fn citation(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| {
        cited(gather, (name, key, value), CITED);
    });
}

/// A member of that; the text of the part is a piece of `channel`.
fn cited(gather: &mut Gather, (name, key, value): (&[u8], Value<'_>, Value<'_>), channel: Channel) {
    match name {
        b"generatedResponsePart" => gather.members(value, |gather, name, key, value| match name {
            b"textResponsePart" => gather.members(value, |gather, name, key, value| match name {
                b"text" => gather.delta(value, channel),
                b"span" => gather.settings(value),
                _ => gather.unknown(key, value),
            }),
            _ => gather.unknown(key, value),
        }),
        b"retrievedReferences" => gather.items(value, result),
        _ => gather.unknown(key, value),
    }
}
