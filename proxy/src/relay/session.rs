//! Ids of conversations that the provider keeps, on their way to the caller whose they are.

use crate::authorize::Cleared;
use crate::refusal::{ProviderFailure, Refusal};
use bytes::Bytes;
use palisade_wire::json::{Document, Edit, splice};
use palisade_wire::retrieval;
use palisade_wire::target::Target;

/// An id as its caller gets to know it.
pub(super) fn sealed(cleared: &Cleared, id: &str) -> Option<String> {
    cleared.seal().close_session(id)
}

/// A whole answer with the id sealed, where it has one.
///
/// # Errors
/// [`Refusal::Upstream`] when it is none, or cannot be sealed.
pub(super) fn sealed_in(cleared: &Cleared, body: Bytes) -> Result<Bytes, Refusal> {
    let keeps = matches!(cleared.route().target(), Target::Agent(target) if target.keeps_sessions());
    if !keeps {
        return Ok(body);
    }
    let malformed = || Refusal::Upstream(ProviderFailure::Malformed);
    let document = Document::parse(body.clone()).map_err(|_| malformed())?;
    let Some(id) = retrieval::session(document.root()) else {
        return Ok(body);
    };
    let sealed = id
        .as_str()
        .and_then(|known| sealed(cleared, &known))
        .ok_or_else(malformed)?;
    let edit = Edit::literal(id.span(), sealed);
    splice(document.bytes(), &[edit])
        .map(Bytes::from)
        .map_err(|_| malformed())
}
