//! What knowledge bases are asked, and what they give
//! (docs.aws.amazon.com/bedrock/latest/APIReference: `API_agent-runtime_Retrieve`,
//! `API_agent-runtime_Rerank`).

use crate::json::Value;

use super::guardrail::{nothing_is_written, said};
use super::{Place, RegionKind, Unscanned, gather::Gather};

/// What a member does that nobody knows, such as a kind of search, is not known either: it could find what it must not. They are refused.
pub(super) fn request(gather: &mut Gather, root: Value<'_>) {
    nothing_is_written(gather);
    gather.members(root, |gather, name, _, value| match name {
        b"retrievalQuery" => gather.at(Place::User, |gather| query(gather, value)),
        b"retrievalConfiguration" => configuration(gather, value),
        b"guardrailConfiguration" => gather.guardrail(value),
        b"nextToken" => gather.id(value),
        // `userContext` among them: whose documents are found is not the caller's to say.
        _ => gather.misshapen(value),
    });
}

/// Which searches there are, and how.
pub(super) fn configuration(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, _, value| match name {
        b"vectorSearchConfiguration" => search(gather, value),
        b"managedSearchConfiguration" => {
            search(gather, value);
            reranked_by_none_unknown(gather, value);
        }
        _ => gather.misshapen(value),
    });
}

fn query(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"text" => gather.region(value, RegionKind::Text),
        b"type" => gather.settings(value),
        b"image" => gather.members(value, |gather, name, key, value| match name {
            b"format" => gather.settings(value),
            b"inlineContent" => gather.unscanned(Unscanned::Image),
            _ => gather.unknown(key, value),
        }),
        _ => gather.unknown(key, value),
    });
}

/// How documents are searched. The models that take part are those of [`crate::parties::Parties`].
fn search(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, _, value| match name {
        b"numberOfResults" | b"overrideSearchType" | b"rerankingModelType" => gather.settings(value),
        b"filter" => gather.json(value, RegionKind::Metadata),
        b"rerankingConfiguration" => reranking(gather, value),
        b"implicitFilterConfiguration" => gather.members(value, |gather, name, _, value| match name {
            b"modelArn" => gather.id(value),
            b"metadataAttributes" => gather.json(value, RegionKind::Metadata),
            _ => gather.misshapen(value),
        }),
        _ => gather.misshapen(value),
    });
}

/// A managed search has results ordered by a model of the service's choice, unless it is told which, or not to (AWS API reference,
/// `ManagedSearchConfiguration`). Of that one policy cannot be asked.
fn reranked_by_none_unknown(gather: &mut Gather, value: Value<'_>) {
    let kind = value.get("rerankingModelType").unwrap_or(value);
    let is_told = match kind.as_str().as_deref() {
        Some("NONE") => true,
        Some("CUSTOM") => value
            .get("rerankingConfiguration")
            .is_some_and(|by| !by.is_null()),
        _ => false,
    };
    if !value.is_null() && !is_told {
        gather.misread(kind);
    }
}

pub(super) fn response(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"retrievalResults" => gather.items(value, result),
        b"guardrailAction" | b"nextToken" => gather.id(value),
        _ => gather.unknown(key, value),
    });
}

/// `Rerank`: texts that a model orders by how well they fit to queries.
pub(super) fn rerank(gather: &mut Gather, root: Value<'_>) {
    nothing_is_written(gather);
    gather.members(root, |gather, name, key, value| match name {
        b"queries" => gather.items(value, |gather, item| {
            gather.members(item, |gather, name, key, value| match name {
                b"type" => gather.settings(value),
                b"textQuery" => gather.at(Place::User, |gather| said(gather, value)),
                _ => gather.unknown(key, value),
            });
        }),
        b"sources" => gather.items(value, |gather, item| {
            gather.members(item, |gather, name, key, value| match name {
                b"type" => gather.settings(value),
                b"inlineDocumentSource" => gather.at(Place::Document, |gather| document(gather, value)),
                _ => gather.unknown(key, value),
            });
        }),
        b"rerankingConfiguration" => reranking(gather, value),
        b"nextToken" => gather.id(value),
        _ => gather.unknown(key, value),
    });
}

/// What orders texts. What nobody knows could name another model, so it is refused.
fn reranking(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, _, value| match name {
        b"type" => gather.settings(value),
        b"bedrockRerankingConfiguration" => gather.members(value, |gather, name, _, value| match name {
            b"numberOfResults" | b"numberOfRerankedResults" => gather.settings(value),
            b"modelConfiguration" => gather.members(value, |gather, name, _, value| match name {
                b"modelArn" => gather.id(value),
                b"additionalModelRequestFields" => gather.json(value, RegionKind::Metadata),
                _ => gather.misshapen(value),
            }),
            b"metadataConfiguration" => gather.json(value, RegionKind::Metadata),
            _ => gather.misshapen(value),
        }),
        _ => gather.misshapen(value),
    });
}

fn document(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"type" => gather.settings(value),
        b"textDocument" => said(gather, value),
        b"jsonDocument" => gather.json(value, RegionKind::Text),
        _ => gather.unknown(key, value),
    });
}

pub(super) fn ranked(gather: &mut Gather, root: Value<'_>) {
    gather.members(root, |gather, name, key, value| match name {
        b"results" => gather.items(value, |gather, item| {
            gather.members(item, |gather, name, key, value| match name {
                b"index" | b"relevanceScore" => gather.settings(value),
                b"document" => document(gather, value),
                _ => gather.unknown(key, value),
            });
        }),
        b"nextToken" => gather.id(value),
        _ => gather.unknown(key, value),
    });
}

/// A piece of a document.
pub(super) fn result(gather: &mut Gather, value: Value<'_>) {
    gather.members(value, |gather, name, key, value| match name {
        b"content" => gather.members(value, |gather, name, key, value| match name {
            b"text" => gather.region(value, RegionKind::Text),
            b"type" => gather.settings(value),
            b"audio" | b"video" | b"row" => gather.prose(value, RegionKind::Text),
            // An image, as a URL that holds it.
            b"byteContent" => gather.json(value, RegionKind::Text),
            _ => gather.unknown(key, value),
        }),
        b"location" => gather.prose(value, RegionKind::Metadata),
        b"metadata" => gather.json(value, RegionKind::Metadata),
        b"score" => gather.settings(value),
        b"documentId" => gather.id(value),
        _ => gather.unknown(key, value),
    });
}
