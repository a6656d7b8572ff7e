//! Who takes part in a call whose body says it.
//!
//! Source of the shapes: AWS API reference, `Retrieve`, `Rerank`, `RetrieveAndGenerate`, `StartAsyncInvoke`.

use crate::asynchronous::output;
use crate::bedrock::agent::Target;
use crate::json::Value;

/// The searches that a knowledge base can be asked for; the first is that of a body which names none.
pub(crate) const SEARCHES: [&str; 2] = ["vectorSearchConfiguration", "managedSearchConfiguration"];

/// What somebody does who takes part in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A knowledge base that is searched, by its id.
    Searched,
    /// A model that orders texts, or what was found, by how well they fit. Models are named by their ARNs.
    Reranks,
    /// A model that makes a filter of the question.
    Filters,
    /// A model that is run in the background, by its id or ARN.
    Runs,
    /// A place in S3 that output goes to, by its URI.
    Keeps,
    /// A model that writes of what was found; answered whole, or in a stream.
    Writes {
        /// Whether the answer is an event stream.
        is_streaming: bool,
    },
}

/// Somebody who takes part, and by what name.
pub type Party = (Role, String);

/// Who takes part in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    /// Who is called.
    pub called: Party,
    /// Who is used for that.
    pub used: Vec<Party>,
}

/// Why a body does not say who takes part; with the path of the member, from the root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNamed {
    /// An alias would not be one to the provider.
    #[error("`{0}` is not the ARN of a model")]
    Model(String),
    /// There is no id.
    #[error("`{0}` is not the id of a knowledge base")]
    KnowledgeBase(String),
    /// There is no model or no place.
    #[error("`{0}` is missing, or no string")]
    Missing(&'static str),
    /// It is neither of a knowledge base nor of the caller's own documents, or of both.
    #[error("`{0}` has to hold the configuration that its `type` says, and no other")]
    Configuration(&'static str),
}

impl Parties {
    /// Those of `StartAsyncInvoke`.
    ///
    /// # Errors
    /// [`NotNamed::Missing`]
    pub fn of_start(body: Value<'_>) -> Result<Self, NotNamed> {
        let model = body.get("modelId").and_then(Value::as_str);
        let model = model.ok_or(NotNamed::Missing("modelId"))?.into_owned();
        let place = output(body).ok_or(NotNamed::Missing("outputDataConfig.s3OutputDataConfig.s3Uri"))?;
        Ok(Self {
            called: (Role::Runs, model),
            used: vec![(Role::Keeps, place.into_owned())],
        })
    }

    /// Those of a call of Bedrock Agent Runtime, as its body and its path name them.
    ///
    /// # Errors
    /// [`NotNamed`]
    pub fn of(target: &Target, body: Value<'_>) -> Result<Self, NotNamed> {
        Ok(match target {
            Target::Rerank => Self {
                called: (
                    Role::Reranks,
                    arn(body, &["rerankingConfiguration.", RERANKS].concat())?,
                ),
                used: Vec::new(),
            },
            Target::Retrieve(id) => Self {
                called: (Role::Searched, id.as_str().to_owned()),
                used: of_searches(body, "retrievalConfiguration")?,
            },
            Target::RetrieveAndGenerate { is_streaming } => {
                let (configuration, searched) = of_writing(body)?;
                let model = arn(body, &[WRITING, configuration, "modelArn"].join("."))?;
                Self {
                    called: (
                        Role::Writes {
                            is_streaming: *is_streaming,
                        },
                        model,
                    ),
                    used: searched,
                }
            }
        })
    }
}

/// What is to be written, and of what. Source: AWS API reference, `RetrieveAndGenerateConfiguration`.
pub(crate) const WRITING: &str = "retrieveAndGenerateConfiguration";
pub(crate) const OF_KNOWLEDGE_BASE: &str = "knowledgeBaseConfiguration";
const OF_OWN_DOCUMENTS: &str = "externalSourcesConfiguration";

/// The configuration that says what is written of, and who takes part in the search for that.
fn of_writing(body: Value<'_>) -> Result<(&'static str, Vec<Party>), NotNamed> {
    let writing = body.get(WRITING);
    let has = |name| {
        writing
            .and_then(|it| it.get(name))
            .is_some_and(|it| !it.is_null())
    };
    let kind = writing.and_then(|it| it.get("type")).and_then(Value::as_str);
    let both = (has(OF_KNOWLEDGE_BASE), has(OF_OWN_DOCUMENTS));
    match (kind.as_deref(), both) {
        (Some("KNOWLEDGE_BASE"), (true, false)) => {
            let at = [WRITING, OF_KNOWLEDGE_BASE].join(".");
            let base = [&at, "knowledgeBaseId"].join(".");
            let id = member(body, &base).and_then(Value::as_str);
            let id = id.ok_or(NotNamed::KnowledgeBase(base))?.into_owned();
            let mut used = vec![(Role::Searched, id)];
            used.extend(of_searches(body, &[&at, "retrievalConfiguration"].join("."))?);
            Ok((OF_KNOWLEDGE_BASE, used))
        }
        (Some("EXTERNAL_SOURCES"), (false, true)) => Ok((OF_OWN_DOCUMENTS, Vec::new())),
        _ => Err(NotNamed::Configuration(WRITING)),
    }
}

/// Where a model is named that reranks, below the configuration of that.
const RERANKS: &str = "bedrockRerankingConfiguration.modelConfiguration.modelArn";

/// What names a model in a search: what it does, the member that asks for it, and where in that it is named.
const IN_SEARCHES: [(Role, &str, &str); 2] = [
    (Role::Reranks, "rerankingConfiguration", RERANKS),
    (Role::Filters, "implicitFilterConfiguration", "modelArn"),
];

/// The models of the searches that are configured at `at`.
fn of_searches(body: Value<'_>, at: &str) -> Result<Vec<Party>, NotNamed> {
    let mut found = Vec::new();
    for search in SEARCHES {
        for (role, asks, named) in IN_SEARCHES {
            let asks = [at, search, asks].join(".");
            if member(body, &asks).is_some_and(|asks| !asks.is_null()) {
                found.push((role, arn(body, &[&asks, named].join("."))?));
            }
        }
    }
    Ok(found)
}

fn arn(body: Value<'_>, at: &str) -> Result<String, NotNamed> {
    let name = member(body, at).and_then(Value::as_str);
    let arn = name.filter(|name| name.starts_with("arn:"));
    arn.map(Into::into).ok_or_else(|| NotNamed::Model(at.to_owned()))
}

/// The member at a path.
fn member<'a>(body: Value<'a>, at: &str) -> Option<Value<'a>> {
    at.split('.').try_fold(body, |value, name| value.get(name))
}
