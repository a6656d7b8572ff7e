//! What is asked for: operation, model, dialect; and, once the body is there, the call itself.
//!
//! The path is decoded once, into a typed target. Upstream the path is rebuilt from that, never forwarded.

use crate::edge::Head;
use crate::refusal::{Limit, Refusal, Unroutable};
use crate::registry::Registry;
use crate::work::{Allowance, Stop};
use bytes::Bytes;
use palisade_policies::{Action, Model};
use palisade_wire::bedrock::{Operation, Target, TargetError};
use palisade_wire::json::{self, Document, ErrorKind, Kind};
use palisade_wire::text::{Dialect, Region, RequestMap};
use std::sync::Arc;

/// Headers of a request that reach the provider: content negotiation, service options, and a guardrail of the caller's
/// own, which can only add to what policy does here. Every other header that AWS acts on is dropped.
const FORWARDED: [&str; 7] = [
    "accept",
    "x-amzn-bedrock-accept",
    "x-amzn-bedrock-performanceconfig-latency",
    "x-amzn-bedrock-service-tier",
    "x-amzn-bedrock-guardrailidentifier",
    "x-amzn-bedrock-guardrailversion",
    "x-amzn-bedrock-trace",
];

/// Longest value of such a header; a guardrail's ARN has 2,048 at most (AWS API reference).
const FORWARDED_BYTES_MAX: usize = 2048;

/// Holds text of the caller's in a header, where nothing could be taken out of it.
const METADATA_HEADER: &str = "x-amzn-bedrock-request-metadata";

/// A request whose target is known.
#[derive(Debug)]
pub struct Route {
    target: Target,
    action: Action,
    dialect: Dialect,
    model: Model,
    headers: Vec<(&'static str, String)>,
}

/// A request whose body has been read.
#[derive(Debug)]
pub struct Call {
    route: Arc<Route>,
    document: Document,
    map: RequestMap,
}

/// Finds what a request is for.
///
/// # Errors
/// [`Refusal::Unroutable`], or [`Refusal::Malformed`] for a header that cannot be served.
pub fn resolve(registry: &Registry, head: &Head) -> Result<Route, Refusal> {
    let path = std::str::from_utf8(head.path()).map_err(|_| Refusal::Unroutable(Unroutable::Path))?;
    let target = Target::parse(head.method(), path).map_err(unroutable)?;
    if !head.query().is_empty() {
        return Err(Refusal::Unroutable(Unroutable::Path));
    }
    if head.headers().contains_key(METADATA_HEADER) {
        let why = "`x-amzn-bedrock-request-metadata` is not supported: use `requestMetadata` of Converse";
        return Err(Refusal::Malformed(why.to_owned()));
    }
    let action = action(target.operation()).ok_or(Refusal::Unroutable(Unroutable::NotServed))?;
    let id = target.model().ok_or(Refusal::Unroutable(Unroutable::Path))?;
    let model = registry
        .model(id.as_str())
        .ok_or(Refusal::Unroutable(Unroutable::Model))?
        .clone();
    let dialect = match action {
        Action::Converse | Action::ConverseStream => Dialect::Converse,
        _ => Dialect::of_model(id.as_str()),
    };
    Ok(Route {
        headers: forwarded(head)?,
        target,
        action,
        dialect,
        model,
    })
}

/// The body is JSON whatever the client calls it (SDKs send `application/octet-stream` too), and goes on under that name.
fn forwarded(head: &Head) -> Result<Vec<(&'static str, String)>, Refusal> {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    for name in FORWARDED {
        match head.header(name) {
            None => {}
            Some(value) if is_token_list(value) => headers.push((name, value.to_owned())),
            Some(_) => {
                return Err(Refusal::Malformed(format!(
                    "the value of `{name}` is not one that it can have"
                )));
            }
        }
    }
    Ok(headers)
}

/// Media types, ids, ARNs and option words: no text that somebody would have to look at.
fn is_token_list(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/*+;=, ".contains(&b);
    value.len() <= FORWARDED_BYTES_MAX && value.bytes().all(plain)
}

/// The operations that are served.
fn action(operation: Operation) -> Option<Action> {
    match operation {
        Operation::Converse => Some(Action::Converse),
        Operation::ConverseStream => Some(Action::ConverseStream),
        Operation::InvokeModel => Some(Action::InvokeModel),
        Operation::InvokeModelWithResponseStream => Some(Action::InvokeModelWithResponseStream),
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

    /// The shape of the bodies.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether the answer is an event stream.
    #[must_use]
    pub fn streaming(&self) -> bool {
        self.target.operation().is_streaming()
    }

    /// The path to send upstream.
    #[must_use]
    pub fn path(&self) -> String {
        self.target.canonical_path()
    }

    /// Headers to send upstream.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// Reads the body.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] with the place of the fault; [`Stop`] when it is made of more than it may be.
    pub fn decode(self: &Arc<Self>, body: Bytes, allowance: &mut Allowance<'_>) -> Result<Call, Stop> {
        let malformed = |why: String| Stop::from(Refusal::Malformed(why));
        let parsed = read(body, allowance)?;
        let document = parsed.map_err(|e| malformed(format!("the body is not strict JSON: {e}")))?;
        if document.root().kind() != Kind::Object {
            return Err(malformed("the body is not a JSON object".to_owned()));
        }
        let map = self
            .dialect
            .request(&document)
            .map_err(|e| malformed(e.to_string()))?;
        hold_regions(&map.regions, allowance)?;
        Ok(Call {
            route: Arc::clone(self),
            document,
            map,
        })
    }
}

/// Reads JSON within the limits of a call, and takes memory for what it becomes.
///
/// # Errors
/// [`Stop`] when it is made of more than it may be; the inner error when it is no strict JSON.
pub fn read(body: Bytes, allowance: &mut Allowance<'_>) -> Result<Result<Document, json::Error>, Stop> {
    let limits = json::Limits {
        depth_max: allowance.limits().depth_max,
        nodes_max: allowance.limits().nodes_max,
    };
    let parsed = Document::parse_within(body, limits);
    match &parsed {
        Ok(document) => allowance.hold(document.node_count() * json::NODE_BYTES)?,
        Err(error) => match error.kind {
            ErrorKind::TooDeep => allowance.at_most(Limit::Depth, usize::MAX)?,
            ErrorKind::TooLarge => allowance.at_most(Limit::Nodes, usize::MAX)?,
            _ => {}
        },
    }
    allowance.step()?;
    Ok(parsed)
}

/// Takes memory for regions, and for the longest of them once more as it is scanned: decoded, and as the JSON it is.
///
/// # Errors
/// [`Stop`] when there are more than there may be.
pub fn hold_regions(regions: &[Region], allowance: &mut Allowance<'_>) -> Result<(), Stop> {
    allowance.at_most(Limit::Regions, regions.len())?;
    let longest = regions.iter().map(|region| region.span.len()).max();
    allowance.hold(size_of_val(regions) + 2 * longest.unwrap_or(0))?;
    allowance.step()
}

impl Call {
    /// What is asked for.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// The body.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Gives the route back.
    #[must_use]
    pub fn into_route(self) -> Arc<Route> {
        self.route
    }

    /// Where the body holds text, and what it asks for.
    #[must_use]
    pub fn map(&self) -> &RequestMap {
        &self.map
    }
}
