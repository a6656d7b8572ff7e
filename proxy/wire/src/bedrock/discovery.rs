//! Questions about which models there are, and their answers: `ListFoundationModels`, `GetFoundationModel`,
//! `ListInferenceProfiles` and `GetInferenceProfile` of Amazon Bedrock (docs.aws.amazon.com/bedrock/latest/APIReference), and
//! `GET /v1/models` of OpenAI-compatible APIs (platform.openai.com/docs/api-reference/models) and of Anthropic's (docs.anthropic.com/en/api/models-list).

mod listed;

pub use listed::Listed;

use super::label::{self, segments};
use super::{ModelId, TargetError};
use listed::maker;
use serde_json::{Value, json};

/// Most profiles of one page, and how many if nobody says. Source: `ListInferenceProfiles`, `maxResults`: 1 to 1,000.
const PAGE_MAX: usize = 1_000;

/// A question about models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovery {
    /// `ListFoundationModels`.
    FoundationModels(Filter),
    /// `GetFoundationModel`.
    FoundationModel(ModelId),
    /// `ListInferenceProfiles`.
    InferenceProfiles(Page),
    /// `GetInferenceProfile`.
    InferenceProfile(ModelId),
    /// `GET /v1/models`, below `/openai` and `/anthropic` too.
    Models(Shape),
    /// `GET /v1/models/{model}`.
    Model(ModelId, Shape),
}

/// Whose clients ask for models below the same path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// OpenAI's.
    OpenAi,
    /// Anthropic's.
    Anthropic,
}

/// Which foundation models are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    provider: Option<String>,
    output: Option<String>,
    inference: Option<String>,
    customization: Option<String>,
}

/// Which profiles are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    kind: Option<String>,
    max: usize,
    after: Option<String>,
}

/// Why there is no answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscoveryError {
    /// The path is that of a question, and wrong.
    Target(TargetError),
    /// This parameter of the query has a value that it cannot have.
    Parameter(&'static str),
}

impl Discovery {
    /// The question that a method, a raw path without any mount prefix, and a raw query ask; `None` for every other path. `shape` is what the headers
    /// tell of who asks.
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub fn parse(
        method: &str,
        raw_path: &str,
        raw_query: &str,
        shape: Shape,
    ) -> Result<Option<Self>, DiscoveryError> {
        let (path, shape) = match (
            raw_path.strip_prefix("/openai"),
            raw_path.strip_prefix("/anthropic"),
        ) {
            (Some(path), _) => (path, Shape::OpenAi),
            (_, Some(path)) => (path, Shape::Anthropic),
            (None, None) => (raw_path, shape),
        };
        let kinds = ["/foundation-models", "/inference-profiles", "/v1/models"];
        let Some(kind) = kinds.into_iter().find(|kind| is_below(path, kind)) else {
            return Ok(None);
        };
        if path.len() < raw_path.len() && kind != "/v1/models" {
            return Ok(None);
        }
        segments(path).map_err(DiscoveryError::Target)?;
        if method != "GET" {
            return Err(DiscoveryError::Target(TargetError::WrongMethod));
        }
        let one = path.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/'));
        let one = one
            .map(ModelId::decode)
            .transpose()
            .map_err(DiscoveryError::Target)?;
        Ok(Some(match (kind, one) {
            ("/foundation-models", None) => Self::FoundationModels(Filter::parse(raw_query)?),
            ("/foundation-models", Some(id)) => Self::FoundationModel(id),
            ("/inference-profiles", None) => Self::InferenceProfiles(Page::parse(raw_query)?),
            ("/inference-profiles", Some(id)) => Self::InferenceProfile(id),
            (_, None) => Self::Models(shape),
            (_, Some(id)) => Self::Model(id, shape),
        }))
    }

    /// The one model that is asked about, if it is one.
    #[must_use]
    pub fn model(&self) -> Option<&ModelId> {
        match self {
            Self::FoundationModel(id) | Self::InferenceProfile(id) | Self::Model(id, _) => Some(id),
            Self::FoundationModels(_) | Self::InferenceProfiles(_) | Self::Models(_) => None,
        }
    }

    /// Whether endpoints are models to whoever asks.
    #[must_use]
    pub fn takes_endpoints(&self) -> bool {
        matches!(self, Self::Models(_) | Self::Model(..))
    }

    /// The answer, of models sorted by id that are served from a region; `None` when the one that is asked about is not among them.
    #[must_use]
    pub fn answer(&self, listed: &[Listed], region: &str) -> Option<Value> {
        Some(match self {
            Self::FoundationModels(filter) => {
                let models = listed
                    .iter()
                    .filter(|model| model.is_foundation() && filter.takes(model));
                let summaries: Vec<Value> = models.map(|model| model.foundation(region)).collect();
                json!({ "modelSummaries": summaries })
            }
            Self::FoundationModel(id) => {
                let mut models = listed.iter().filter(|model| model.is_foundation());
                json!({ "modelDetails": models.find(|model| model.is(id))?.foundation(region) })
            }
            Self::InferenceProfiles(page) => page.of(listed, region),
            Self::InferenceProfile(id) => {
                let mut profiles = listed.iter().filter(|model| model.is_profile());
                profiles.find(|model| model.is(id))?.profile(region)
            }
            Self::Models(shape) => {
                let data: Vec<Value> = listed.iter().map(|model| model.model(*shape)).collect();
                match shape {
                    Shape::OpenAi => json!({ "object": "list", "data": data }),
                    Shape::Anthropic => {
                        let id = |model: Option<&Listed>| model.map(|model| model.id.clone());
                        let (first, last) = (id(listed.first()), id(listed.last()));
                        json!({ "data": data, "has_more": false, "first_id": first, "last_id": last })
                    }
                }
            }
            Self::Model(id, shape) => listed.iter().find(|model| model.is(id))?.model(*shape),
        })
    }
}

fn is_below(path: &str, kind: &str) -> bool {
    let rest = path.strip_prefix(kind);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The decoded value of a parameter, if it stands there and is not empty.
fn parameter(raw_query: &str, name: &'static str) -> Result<Option<String>, DiscoveryError> {
    let mut pairs = raw_query.split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, value)) = pairs.find(|(key, _)| *key == name) else {
        return Ok(None);
    };
    let value = value.replace("%20", "-").replace('+', "-");
    let value = label::decode(&value).ok_or(DiscoveryError::Parameter(name))?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

impl Filter {
    fn parse(raw_query: &str) -> Result<Self, DiscoveryError> {
        Ok(Self {
            provider: parameter(raw_query, "byProvider")?.map(|name| letters(&name)),
            output: parameter(raw_query, "byOutputModality")?,
            inference: parameter(raw_query, "byInferenceType")?,
            customization: parameter(raw_query, "byCustomizationType")?,
        })
    }

    fn takes(&self, model: &Listed) -> bool {
        let provider =
            |wanted: &String| *wanted == letters(model.provider) || *wanted == letters(maker(model.provider));
        self.provider.as_ref().is_none_or(provider)
            && self.output.as_ref().is_none_or(|wanted| model.outputs.contains(wanted))
            && self.inference.as_ref().is_none_or(|wanted| wanted == "ON_DEMAND")
            // None is known to be adaptable.
            && self.customization.is_none()
    }
}

/// Letters and digits in lower case: `Mistral AI` is `mistral-ai` to some.
fn letters(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|letter| letter.to_ascii_lowercase()).collect()
}

impl Page {
    fn parse(raw_query: &str) -> Result<Self, DiscoveryError> {
        let max = parameter(raw_query, "maxResults")?.map_or(Ok(PAGE_MAX), |text| text.parse());
        let max = max.ok().filter(|max| (1..=PAGE_MAX).contains(max));
        let after = parameter(raw_query, "nextToken")?;
        if after.as_deref().is_some_and(|id| ModelId::new(id).is_err()) {
            return Err(DiscoveryError::Parameter("nextToken"));
        }
        Ok(Self {
            kind: parameter(raw_query, "type")?,
            max: max.ok_or(DiscoveryError::Parameter("maxResults"))?,
            after,
        })
    }

    fn of(&self, listed: &[Listed], region: &str) -> Value {
        let is_wanted = |model: &&Listed| {
            model.is_profile()
                && self.kind.as_ref().is_none_or(|kind| kind == model.profile_type())
                && self.after.as_ref().is_none_or(|after| model.id > *after)
        };
        let mut profiles = listed.iter().filter(is_wanted);
        let page: Vec<&Listed> = profiles.by_ref().take(self.max).collect();
        let summaries: Vec<Value> = page.iter().map(|model| model.profile(region)).collect();
        let mut answer = json!({ "inferenceProfileSummaries": summaries });
        if let (Some(last), Some(_), Some(answer)) = (page.last(), profiles.next(), answer.as_object_mut()) {
            // The page goes on behind it, whatever comes and goes meanwhile.
            answer.insert("nextToken".to_owned(), json!(last.id));
        }
        answer
    }
}

#[cfg(test)]
mod tests;
