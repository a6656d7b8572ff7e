//! OpenAI's embeddings (platform.openai.com/docs/api-reference/embeddings), by what each family takes through `InvokeModel`
//! (docs.aws.amazon.com/bedrock/latest/userguide: "Amazon Titan Embeddings Text", "Cohere Embed", "Amazon Nova Multimodal Embeddings").

use super::family::Spoken;
use super::fields::{list, member, members, text, unknown, whole};
use super::voice::{Heading, Manner, Unspeakable, Voice};
use super::{Names, Translated, Untranslatable, Way};
use crate::json::{Document, Kind, Value};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Made, json};
use std::borrow::Cow;

/// Most texts of one call of Cohere.
const COHERE_TEXTS_MAX: usize = 96;

/// Models that make embeddings of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    TitanV1,
    TitanV2,
    CohereV3,
    CohereV4,
    Nova,
}

/// What texts are embedded for, as clients of other makers ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Document,
    Query,
    Classification,
    Clustering,
}

impl Purpose {
    fn of(word: &str) -> Result<Self, Untranslatable> {
        match word {
            "document" | "passage" | "search_document" => Ok(Self::Document),
            "query" | "search_query" => Ok(Self::Query),
            "classification" => Ok(Self::Classification),
            "clustering" => Ok(Self::Clustering),
            _ => Err(Untranslatable::of(
                "input_type",
                "is one of document, query, classification and clustering",
            )),
        }
    }

    /// In the words of Cohere, and of Nova.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Document => ("search_document", "GENERIC_INDEX"),
            Self::Query => ("search_query", "GENERIC_RETRIEVAL"),
            Self::Classification => ("classification", "CLASSIFICATION"),
            Self::Clustering => ("clustering", "CLUSTERING"),
        }
    }
}

impl Family {
    fn of(model: Spoken<'_>) -> Option<Self> {
        const FAMILIES: [(&str, Family); 5] = [
            ("titan-embed-text-v1", Family::TitanV1),
            ("titan-embed-text-v2", Family::TitanV2),
            ("cohere.embed-v4", Family::CohereV4),
            ("cohere.embed-", Family::CohereV3),
            ("nova-2-multimodal-embeddings", Family::Nova),
        ];
        let known = FAMILIES.into_iter().find(|(part, _)| model.id.contains(part));
        known.map(|(_, family)| family)
    }

    /// The lengths that its embeddings can have; the first is what it gives unasked.
    fn dimensions(self) -> &'static [u64] {
        match self {
            Self::TitanV1 => &[1_536],
            Self::TitanV2 => &[1_024, 512, 256],
            Self::CohereV3 => &[1_024],
            Self::CohereV4 => &[1_536, 1_024, 512, 256],
            Self::Nova => &[3_072, 1_024, 384, 256],
        }
    }

    fn texts_max(self) -> usize {
        match self {
            Self::CohereV3 | Self::CohereV4 => COHERE_TEXTS_MAX,
            Self::TitanV1 | Self::TitanV2 | Self::Nova => 1,
        }
    }

    fn takes_purpose(self) -> bool {
        !matches!(self, Self::TitanV1 | Self::TitanV2)
    }

    fn body(self, texts: &[Cow<'_, str>], dimensions: Option<u64>, purpose: Purpose) -> Made {
        let first = texts.first();
        let (cohere, nova) = purpose.words();
        match self {
            Self::TitanV1 => json!({ "inputText": first }),
            Self::TitanV2 => match dimensions {
                Some(dimensions) => json!({ "inputText": first, "dimensions": dimensions }),
                None => json!({ "inputText": first }),
            },
            Self::CohereV3 => json!({ "texts": texts, "input_type": cohere }),
            Self::CohereV4 => {
                let dimensions = dimensions.unwrap_or(1_536);
                json!({ "texts": texts, "input_type": cohere, "output_dimension": dimensions, "embedding_types": ["float"] })
            }
            Self::Nova => {
                let dimensions = dimensions.unwrap_or(3_072);
                let text = json!({ "truncationMode": "NONE", "value": first });
                let wanted =
                    json!({ "embeddingPurpose": nova, "embeddingDimension": dimensions, "text": text });
                json!({ "schemaVersion": "nova-multimodal-embed-v1", "taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": wanted })
            }
        }
    }
}

/// Says a request in the words of the model.
pub(super) fn request(body: &Document, model: Spoken<'_>) -> Result<Translated, Untranslatable> {
    let family = Family::of(model)
        .ok_or_else(|| Untranslatable::of("model", "is none that makes embeddings of texts"))?;
    let (mut dimensions, mut is_base64, mut purpose, mut left_out) = (None, false, None, Vec::new());
    for (name, value) in members("", body.root())? {
        match name.as_str() {
            "model" | "input" => {}
            "dimensions" => dimensions = Some(whole(&name, value)?),
            "encoding_format" => {
                is_base64 = match text(&name, value)?.as_ref() {
                    "float" => false,
                    "base64" => true,
                    _ => return Err(Untranslatable::of(name, "is float or base64")),
                }
            }
            // What the texts are for, as LangChain and others ask for it.
            "input_type" => purpose = Some(Purpose::of(&text(&name, value)?)?),
            "user" => left_out.push("user"),
            _ => return Err(unknown("", &name)),
        }
    }
    if dimensions.is_some_and(|wanted| !family.dimensions().contains(&wanted)) {
        return Err(Untranslatable::of(
            "dimensions",
            format!("is one of {:?} for this model", family.dimensions()),
        ));
    }
    if purpose.is_some() && !family.takes_purpose() {
        left_out.push("input_type");
    }
    let texts = texts(member_of(body)?, family)?;
    Ok(Translated {
        way: Way::InvokeModel,
        body: family
            .body(&texts, dimensions, purpose.unwrap_or(Purpose::Document))
            .to_string()
            .into_bytes(),
        is_streaming: false,
        left_out,
        voice: Voice::new(Manner::Embeddings { is_base64 }, Names::default()),
    })
}

fn member_of(body: &Document) -> Result<Value<'_>, Untranslatable> {
    member("", body.root(), "input").map_err(|_| Untranslatable::of("input", "is missing"))
}

fn texts(input: Value<'_>, family: Family) -> Result<Vec<Cow<'_, str>>, Untranslatable> {
    const AT: &str = "input";
    let texts: Vec<_> = match input.kind() {
        Kind::String => vec![text(AT, input)?],
        _ => {
            let why = "is a text or a list of texts: models behind Bedrock have tokens of their own";
            let texts = list(AT, input)?.map(|one| text(AT, one).map_err(|_| Untranslatable::of(AT, why)));
            texts.collect::<Result<_, _>>()?
        }
    };
    if texts.is_empty() || texts.iter().any(|text| text.is_empty()) {
        return Err(Untranslatable::of(AT, "holds no empty text"));
    }
    match texts.len() > family.texts_max() {
        true => Err(Untranslatable::of(
            AT,
            format!(
                "holds {} text{} at most for this model",
                family.texts_max(),
                if family.texts_max() == 1 { "" } else { "s" }
            ),
        )),
        false => Ok(texts),
    }
}

/// What models answer, each in its way.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    embedding: Option<Box<RawValue>>,
    embeddings: Option<Embeddings>,
    input_text_token_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Embeddings {
    Typed { float: Vec<Vec<f32>> },
    Listed(Vec<Vec<f32>>),
    Named(Vec<Named>),
}

#[derive(Deserialize)]
struct Named {
    embedding: Vec<f32>,
}

/// Says an answer. `input_tokens` are those that a header tells.
pub(super) fn answer(
    answer: &[u8],
    heading: &Heading,
    is_base64: bool,
    input_tokens: Option<u64>,
) -> Result<Vec<u8>, Unspeakable> {
    let answer: Answer = serde_json::from_slice(answer).map_err(|_| Unspeakable)?;
    let all = match (answer.embedding, answer.embeddings) {
        (Some(only), _) => vec![serde_json::from_str(only.get()).map_err(|_| Unspeakable)?],
        (None, Some(Embeddings::Typed { float } | Embeddings::Listed(float))) => float,
        (None, Some(Embeddings::Named(named))) => named.into_iter().map(|one| one.embedding).collect(),
        (None, None) => return Err(Unspeakable),
    };
    let said = |embedding: &Vec<f32>| match is_base64 {
        // As OpenAI does it: numbers of 32 bits, the lowest byte first.
        true => json!(
            BASE64_STANDARD.encode(
                embedding
                    .iter()
                    .flat_map(|number| number.to_le_bytes())
                    .collect::<Vec<_>>()
            )
        ),
        false => json!(embedding),
    };
    let data: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(index, embedding)| json!({ "object": "embedding", "index": index, "embedding": said(embedding) }))
        .collect();
    let tokens = answer.input_text_token_count.or(input_tokens).unwrap_or(0);
    let said = json!({
        "object": "list",
        "data": data,
        "model": heading.model,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    });
    serde_json::to_vec(&said).map_err(|_| Unspeakable)
}
