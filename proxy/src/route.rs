//! What is asked for: operation, model, dialect.
//!
//! The path is decoded once, into a typed target. Upstream the path is rebuilt from that, never forwarded.

mod headers;
mod called;
mod in_body;
mod services;

pub use called::{Called, named};
use headers::{content_type, forwarded, header, of_body};
pub use in_body::{Place, Unnamed};
pub use services::Confinement;
use services::{confinement, on_guardrail, on_outputs};

use crate::edge::Hardened;
use crate::refusal::{Refusal, Unroutable};
use crate::registry::Registry;
use palisade_policies::{Action, Model, Used};
use palisade_registry::endpoint_id;
use palisade_wire::asynchronous;
use palisade_wire::bedrock::discovery::{Discovery, DiscoveryError, Shape};
use palisade_wire::bedrock::sagemaker::{self, CHOOSERS};
use palisade_wire::bedrock::{self, ModelId, TargetError};
use palisade_wire::header::Grammar;
use palisade_wire::protocol::GUARDRAIL_HEADER;
use palisade_wire::target::Target;
use palisade_wire::text::Dialect;
use palisade_wire::translate::{Tongue, Voice};

/// Holds text of the caller's in a header, where nothing could be taken out of it.
const METADATA_HEADER: &str = "x-amzn-bedrock-request-metadata";

/// A request whose target is known.
#[derive(Debug)]
pub struct Route {
    target: Target,
    query: String,
    action: Action,
    dialect: Dialect,
    model: Model,
    /// The name that the caller has for the model, if it is another.
    alias: Option<String>,
    headers: Vec<(&'static str, String)>,
    speech: Option<Speech>,
    confinement: Option<Confinement>,
    uses: Vec<Used>,
}

/// How the answer to a call is said that was asked in another protocol.
#[derive(Debug)]
pub struct Speech {
    /// The protocol.
    pub tongue: Tongue,
    /// In which words.
    pub voice: Voice,
    /// Fields of the request that were advice and are not carried over.
    pub left_out: Vec<&'static str>,
}

/// What a request is for.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is moved once; a box would be an allocation for each call"
)]
pub enum Routed {
    /// A call.
    Call(Named),
    /// Which models there are.
    Discovery(Discovery),
}

/// A call, by where its model is named.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is moved once; a box would be an allocation for each call"
)]
pub enum Named {
    /// In the head.
    Head(Route),
    /// In the body.
    Body(Unnamed),
    /// In the body, in another protocol.
    Spoken(Tongue),
}

/// Finds what a request of a tenant is for.
///
/// # Errors
/// [`Refusal::Unroutable`], or [`Refusal::Malformed`] for a header or a query that cannot be served.
pub fn resolve(registry: &Registry, tenant: &str, head: &Hardened) -> Result<Routed, Refusal> {
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Refusal::Unroutable(Unroutable::Path));
    let (path, query) = (text(head.path())?, text(head.query())?);
    // Both ask below the same path.
    let shape = match head.headers().contains_key("anthropic-version") {
        true => Shape::Anthropic,
        false => Shape::OpenAi,
    };
    let asked = Discovery::parse(head.method(), path, query, shape);
    if let Some(asked) = asked.map_err(unanswerable)? {
        return Ok(Routed::Discovery(asked));
    }
    match Tongue::of_path(path) {
        Some(_) if head.method() != "POST" => Err(Refusal::Unroutable(Unroutable::Method)),
        Some(tongue) => Ok(Routed::Call(Named::Spoken(tongue))),
        None => call(registry, tenant, head, path).map(Routed::Call),
    }
}

fn call(registry: &Registry, tenant: &str, head: &Hardened, path: &str) -> Result<Named, Refusal> {
    let target = Target::parse(head.protocol(), head.method(), path).map_err(unroutable)?;
    let (target, alias) = behind(registry, tenant, target);
    let query = query(&target, head)?;
    if head.headers().contains_key(METADATA_HEADER) {
        let why = "`x-amzn-bedrock-request-metadata` is not supported: use `requestMetadata` of Converse";
        return Err(Refusal::Malformed(why.to_owned()));
    }
    let mut headers = forwarded(head)?;
    let (action, model, dialect) = match &target {
        Target::Bedrock(start) if start.operation() == bedrock::Operation::StartAsyncInvoke => {
            return Ok(Named::Body(Unnamed::of(target, headers)));
        }
        Target::Bedrock(asked) if asked.operation().is_of_invocations() => {
            let action = action(asked.operation()).ok_or(Refusal::Unroutable(Unroutable::NotServed))?;
            return on_outputs(registry, tenant, (target, action), query).map(Named::Head);
        }
        Target::Bedrock(target) => {
            of_body(head, target.operation(), &mut headers)?;
            match target.model() {
                Some(id) => on_model(registry, target.operation(), id)?,
                None => on_guardrail(registry, target)?,
            }
        }
        Target::Agent(_) => return Ok(Named::Body(Unnamed::of(target, headers))),
        Target::SageMaker(target) => on_endpoint(registry, head, target, &mut headers)?,
    };
    // Of a profile policy is asked about the model behind it.
    let named = match &target {
        Target::Bedrock(target) => target.model().map(ModelId::as_str),
        Target::Agent(_) | Target::SageMaker(_) => None,
    };
    let profile = named.filter(|id| *id != model.facts().id).map(str::to_owned);
    Ok(Named::Head(Route {
        alias: alias.or(profile),
        speech: None,
        query,
        uses: Vec::new(),
        confinement: None,
        headers,
        target,
        action,
        dialect,
        model,
    }))
}

/// The query as it is sent. Most operations have none.
fn query(target: &Target, head: &Hardened) -> Result<String, Refusal> {
    let lists = matches!(target, Target::Bedrock(target) if target.operation() == bedrock::Operation::ListAsyncInvokes);
    let query = match lists {
        true => std::str::from_utf8(head.query())
            .ok()
            .and_then(asynchronous::query),
        false => head.query().is_empty().then(String::new),
    };
    query.ok_or(Refusal::Unroutable(Unroutable::Path))
}

/// The target with the model that an alias stands for, and the alias: policy is asked, and the provider called, about the model itself.
fn behind(registry: &Registry, tenant: &str, target: Target) -> (Target, Option<String>) {
    let Target::Bedrock(named) = &target else {
        return (target, None);
    };
    let Some(alias) = named.model() else {
        return (target, None);
    };
    let model = registry
        .behind(tenant, alias)
        .and_then(|id| ModelId::new(id).ok());
    match model.and_then(|model| bedrock::Target::of_model(named.operation(), model)) {
        Some(model) => (Target::Bedrock(model), Some(alias.to_string())),
        None => (target, None),
    }
}

/// An operation on a model that the path names.
fn on_model(
    registry: &Registry,
    operation: bedrock::Operation,
    id: &ModelId,
) -> Result<(Action, Model, Dialect), Refusal> {
    let action = action(operation).ok_or(Refusal::Unroutable(Unroutable::NotServed))?;
    let model = registry
        .model(id.as_str())
        .ok_or(Refusal::Unroutable(Unroutable::Model))?
        .clone();
    let dialect = match action {
        Action::Converse | Action::ConverseStream => Dialect::Converse,
        Action::CountTokens => Dialect::CountTokens,
        Action::InvokeModelWithBidirectionalStream => Dialect::Sonic,
        _ => Dialect::of_model(id.as_str()),
    };
    Ok((action, model, dialect))
}

/// An operation on an endpoint. What the caller chooses behind it is a part of what policy is asked about.
fn on_endpoint(
    registry: &Registry,
    head: &Hardened,
    target: &sagemaker::Target,
    headers: &mut Vec<(&'static str, String)>,
) -> Result<(Action, Model, Dialect), Refusal> {
    let mut chosen = [None; CHOOSERS.len()];
    for ((name, _), chosen) in CHOOSERS.iter().zip(&mut chosen) {
        *chosen = header(head, name, Grammar::Token)?;
        headers.extend(chosen.map(|value| (*name, value.to_owned())));
    }
    let endpoint = registry
        .endpoint(&endpoint_id(target.endpoint.as_str(), chosen))
        .ok_or(Refusal::Unroutable(Unroutable::Model))?;
    let (action, lies_in_s3) = match target.operation {
        sagemaker::Operation::InvokeEndpoint => (Action::InvokeEndpoint, false),
        sagemaker::Operation::InvokeEndpointAsync => (
            Action::InvokeEndpointAsync,
            head.headers().contains_key(sagemaker::INPUT_LOCATION),
        ),
        sagemaker::Operation::InvokeEndpointWithResponseStream => {
            (Action::InvokeEndpointWithResponseStream, false)
        }
    };
    let dialect = match lies_in_s3 {
        true => Dialect::Elsewhere,
        false => endpoint.dialect,
    };
    headers.extend(content_type(head, dialect.form())?);
    Ok((action, endpoint.model.clone(), dialect))
}

/// The operations that are served.
fn action(operation: bedrock::Operation) -> Option<Action> {
    use bedrock::Operation;
    match operation {
        Operation::Converse => Some(Action::Converse),
        Operation::ConverseStream => Some(Action::ConverseStream),
        Operation::InvokeModel => Some(Action::InvokeModel),
        Operation::InvokeModelWithResponseStream => Some(Action::InvokeModelWithResponseStream),
        Operation::InvokeModelWithBidirectionalStream => Some(Action::InvokeModelWithBidirectionalStream),
        Operation::CountTokens => Some(Action::CountTokens),
        Operation::GetAsyncInvoke => Some(Action::GetAsyncInvoke),
        Operation::ListAsyncInvokes => Some(Action::ListAsyncInvokes),
        _ => None,
    }
}

fn unroutable(error: TargetError) -> Refusal {
    Refusal::Unroutable(match error {
        TargetError::UnknownOperation => Unroutable::Operation,
        TargetError::WrongMethod => Unroutable::Method,
        _ => Unroutable::Path,
    })
}

fn unanswerable(error: DiscoveryError) -> Refusal {
    match error {
        DiscoveryError::Target(error) => unroutable(error),
        DiscoveryError::Parameter(name) => {
            Refusal::Malformed(format!("`{name}` has a value that it cannot have"))
        }
    }
}

impl Route {
    /// The action that policy is asked about.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// The model, as the registry knows it.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The name that the caller has for the model, if it is another.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// The shape of the bodies.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Operation and resource. Its path is the one to send upstream.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether the answer is an event stream.
    #[must_use]
    pub fn streaming(&self) -> bool {
        self.target.is_streaming()
    }

    /// How the answer is said, if it is not passed on as it is.
    #[must_use]
    pub fn speech(&self) -> Option<&Speech> {
        self.speech.as_ref()
    }

    /// The query to send upstream, without `?`; empty for none.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// What is used beside the model.
    #[must_use]
    pub fn uses(&self) -> &[Used] {
        &self.uses
    }

    /// The only documents that may be retrieved, if not all may.
    #[must_use]
    pub fn confinement(&self) -> Option<&Confinement> {
        self.confinement.as_ref()
    }

    /// Whether the caller names a guardrail of Bedrock's own in a header.
    #[must_use]
    pub fn names_guardrail(&self) -> bool {
        self.headers.iter().any(|(name, _)| *name == GUARDRAIL_HEADER)
    }

    /// Headers to send upstream.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }
}
