//! What the gateway itself has to say in a call, or take back from its answer: whose documents are found, whose a conversation is, and whose an
//! asynchronous call.
//!
//! It is done behind the edits of a request: what is put in here is nobody's words. And behind those of an answer.

use crate::refusal::{ProviderFailure, Refusal, Unroutable};
use crate::route::Route;
use crate::seal::Seal;
use bytes::Bytes;
use palisade_policies::Action;
use palisade_wire::bedrock::Operation;
use palisade_wire::json::{Document, Edit, splice};
use palisade_wire::target::Target;
use palisade_wire::{asynchronous, retrieval};

/// What is settled of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// The id of the conversation it goes on with, or begins.
    Session,
    /// Who starts it in the background.
    Start,
    /// Whose is told of.
    Own,
    /// Whose are listed.
    Owned,
}

fn settled(route: &Route) -> Option<Settled> {
    match route.target() {
        Target::Agent(target) => target.keeps_sessions().then_some(Settled::Session),
        Target::Bedrock(target) => match target.operation() {
            Operation::StartAsyncInvoke => Some(Settled::Start),
            Operation::GetAsyncInvoke => Some(Settled::Own),
            Operation::ListAsyncInvokes => Some(Settled::Owned),
            _ => None,
        },
        Target::SageMaker(_) => None,
    }
}

/// The body of a call as it is sent; none where it is that already.
///
/// # Errors
/// [`Refusal::Malformed`] for a conversation that is not the caller's, or a token that is none; [`Refusal::Unroutable`] when what was taken out of the
/// place for the output leads elsewhere.
pub(crate) fn body(route: &Route, seal: &Seal, body: &Bytes) -> Result<Option<Bytes>, Refusal> {
    let confined = match (route.target(), route.confinement()) {
        (Target::Agent(target), Some(only)) => {
            let document = parsed(body)?;
            Some(retrieval::confined(target, document.root(), &only.key, &only.value).into())
        }
        _ => None,
    };
    let document = |settled: &Option<Bytes>| parsed(settled.as_ref().unwrap_or(body));
    match settled(route) {
        Some(Settled::Session) => {
            let document = document(&confined)?;
            let opened = opened(route, seal, &document)?;
            Ok(opened
                .map(|edit| spliced(&document, &[edit]))
                .transpose()?
                .or(confined))
        }
        Some(Settled::Start) => {
            let document = document(&confined)?;
            let output = asynchronous::output(document.root()).unwrap_or_default();
            if !places(route).iter().any(|place| output.starts_with(place)) {
                return Err(Refusal::Unroutable(Unroutable::Output));
            }
            let fresh = uuid::Uuid::new_v4().to_string();
            let edits = asynchronous::marked(document.root(), &seal.mark(), &fresh);
            let edits = edits.map_err(|error| Refusal::Malformed(error.to_string()))?;
            spliced(&document, &edits).map(Some)
        }
        Some(Settled::Own | Settled::Owned) | None => Ok(confined),
    }
}

/// The places for output that policy was asked about.
fn places(route: &Route) -> Vec<&str> {
    let all = std::iter::once(route.model()).chain(route.uses().iter().map(|used| &used.model));
    let is_place = all.filter(|model| model.facts().kind.is_output());
    is_place.map(|model| model.facts().id.as_str()).collect()
}

/// What a conversation is with: the model, and what is searched. What was said in it goes to no other.
fn about(route: &Route) -> String {
    let searched = route.uses().iter().filter(|used| used.action == Action::Retrieve);
    let with = std::iter::once(route.model()).chain(searched.map(|used| &used.model));
    // No id holds a zero byte.
    with.map(|model| model.facts().id.as_str())
        .collect::<Vec<_>>()
        .join("\0")
}

/// The id of a conversation as its caller gets to know it.
pub(crate) fn sealed_session(route: &Route, seal: &Seal, id: &str) -> Option<String> {
    seal.close_session(id, &about(route))
}

/// The edit that puts in the id of a conversation as the provider knows it.
fn opened(route: &Route, seal: &Seal, document: &Document) -> Result<Option<Edit<'static>>, Refusal> {
    let Some(id) = retrieval::session(document.root()) else {
        return Ok(None);
    };
    let known = id.as_str().and_then(|id| seal.open_session(&id, &about(route)));
    let known = known.ok_or_else(|| {
        Refusal::Malformed(
            "`sessionId` is not one that you were given for this model and knowledge base, or too old; leave it out to begin anew".to_owned(),
        )
    })?;
    Ok(Some(Edit::literal(id.span(), known)))
}

fn parsed(body: &Bytes) -> Result<Document, Refusal> {
    let document = Document::parse(body.clone());
    document.map_err(|_| Refusal::Internal("a body that was read cannot be read"))
}

fn spliced(document: &Document, edits: &[Edit<'_>]) -> Result<Bytes, Refusal> {
    let body = splice(document.bytes(), edits);
    body.map(Bytes::from).map_err(|_| Refusal::Internal("splice"))
}

/// A whole answer without what is told of others, before anybody looks into it.
///
/// # Errors
/// [`Refusal::Unroutable`] for an asynchronous call that is none of the caller's; [`Refusal::Upstream`] when the answer is not of its shape.
pub(crate) fn own(route: &Route, seal: &Seal, body: Bytes) -> Result<Bytes, Refusal> {
    let document = |body: Bytes| Document::parse(body).map_err(|_| malformed());
    match settled(route) {
        Some(Settled::Own) => {
            let document = document(body)?;
            let own = asynchronous::own(document.root(), &seal.mark(), &places(route));
            spliced(
                &document,
                &[own.ok_or(Refusal::Unroutable(Unroutable::Invocation))?],
            )
        }
        Some(Settled::Owned) => {
            let document = document(body)?;
            let edits = asynchronous::owned(document.root(), &seal.mark(), &places(route));
            spliced(&document, &edits.ok_or_else(malformed)?)
        }
        Some(Settled::Session | Settled::Start) | None => Ok(body),
    }
}

/// A whole answer, guarded, as its caller gets it.
///
/// # Errors
/// [`Refusal::Upstream`] when the answer is not of its shape.
pub(crate) fn answer(route: &Route, seal: &Seal, body: Bytes) -> Result<Bytes, Refusal> {
    if settled(route) != Some(Settled::Session) {
        return Ok(body);
    }
    let document = Document::parse(body.clone()).map_err(|_| malformed())?;
    let Some(id) = retrieval::session(document.root()) else {
        return Ok(body);
    };
    let sealed = id.as_str().and_then(|known| sealed_session(route, seal, &known));
    spliced(
        &document,
        &[Edit::literal(id.span(), sealed.ok_or_else(malformed)?)],
    )
}

fn malformed() -> Refusal {
    Refusal::Upstream(ProviderFailure::Malformed)
}
