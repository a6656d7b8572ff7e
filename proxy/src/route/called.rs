//! Models and endpoints that are called by a name in a body.

use super::{Route, Speech, action};
use crate::refusal::{Refusal, Unroutable};
use crate::registry::Registry;
use palisade_policies::{Action, Model};
use palisade_wire::bedrock::sagemaker::{self, EndpointName};
use palisade_wire::bedrock::{self, ModelId};
use palisade_wire::target::Target;
use palisade_wire::text::Dialect;
use palisade_wire::translate::{Own, Way};

/// A model, or an endpoint, that is called by a name in a body.
#[derive(Debug)]
pub struct Called {
    at: At,
    model: Model,
    /// What it speaks, where that is not Converse.
    dialect: Dialect,
    alias: Option<String>,
}

#[derive(Debug)]
enum At {
    Model(ModelId),
    Endpoint(EndpointName),
}

/// The model that a tenant calls by a name; or the endpoint, where no model has it.
///
/// # Errors
/// [`Refusal::Unroutable`] when there is none.
pub fn named(registry: &Registry, tenant: &str, name: &str) -> Result<Called, Refusal> {
    let none = || Refusal::Unroutable(Unroutable::Model);
    let named = ModelId::new(name).map_err(|_| none())?;
    let behind = registry.behind(tenant, &named).map(ModelId::new).transpose();
    let id = behind.map_err(|_| none())?.unwrap_or(named);
    let (at, model, dialect) = match registry.model(id.as_str()) {
        Some(model) => {
            // Not by the name: the ARN of a profile does not tell who is behind it.
            let dialect = Dialect::of_model(&model.facts().id);
            (At::Model(id), model.clone(), dialect)
        }
        None => {
            let endpoint = registry.endpoint(name).ok_or_else(none)?;
            let name = EndpointName::new(name).map_err(|_| none())?;
            (At::Endpoint(name), endpoint.model.clone(), endpoint.dialect)
        }
    };
    let is_named_otherwise = name != model.facts().id;
    Ok(Called {
        alias: is_named_otherwise.then(|| name.to_owned()),
        at,
        model,
        dialect,
    })
}

impl Called {
    /// The model, as the registry knows it.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What it speaks itself; none of an endpoint whose bodies are of no protocol that is known here.
    #[must_use]
    pub fn own(&self) -> Option<Own> {
        match (&self.at, self.dialect) {
            (At::Model(_), Dialect::Anthropic) => Some(Own::Messages),
            (At::Model(_), _) => Some(Own::Converse),
            (At::Endpoint(_), Dialect::OpenAiChat) => Some(Own::Chat),
            (At::Endpoint(_), _) => None,
        }
    }

    /// A call of it, whose answer is said otherwise.
    ///
    /// # Errors
    /// None; a defect would be one.
    pub fn by(self, way: Way, is_streaming: bool, speech: Speech) -> Result<Route, Refusal> {
        let (action, dialect, target) = match self.at {
            At::Model(id) => {
                let (operation, dialect) = match way {
                    Way::Converse => (converse(is_streaming), Dialect::Converse),
                    Way::CountTokens => (bedrock::Operation::CountTokens, Dialect::CountTokens),
                    Way::InvokeModel | Way::InvokeEndpoint => (invoke(is_streaming), self.dialect),
                };
                let target = bedrock::Target::of_model(operation, id).map(Target::Bedrock);
                (action(operation), dialect, target)
            }
            At::Endpoint(endpoint) => {
                let (action, operation) = match is_streaming {
                    false => (Action::InvokeEndpoint, sagemaker::Operation::InvokeEndpoint),
                    true => (
                        Action::InvokeEndpointWithResponseStream,
                        sagemaker::Operation::InvokeEndpointWithResponseStream,
                    ),
                };
                let target = sagemaker::Target { operation, endpoint };
                (Some(action), self.dialect, Some(Target::SageMaker(target)))
            }
        };
        let defect = || Refusal::Internal("no operation on a model");
        Ok(Route {
            target: target.ok_or_else(defect)?,
            action: action.ok_or_else(defect)?,
            dialect,
            model: self.model,
            alias: self.alias,
            headers: vec![("content-type", "application/json".to_owned())],
            speech: Some(speech),
            confinement: None,
            uses: Vec::new(),
            query: String::new(),
        })
    }
}

fn converse(is_streaming: bool) -> bedrock::Operation {
    match is_streaming {
        true => bedrock::Operation::ConverseStream,
        false => bedrock::Operation::Converse,
    }
}

fn invoke(is_streaming: bool) -> bedrock::Operation {
    match is_streaming {
        true => bedrock::Operation::InvokeModelWithResponseStream,
        false => bedrock::Operation::InvokeModel,
    }
}
