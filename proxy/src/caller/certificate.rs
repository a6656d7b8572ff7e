//! Callers that show nothing but a client certificate.

use super::{Caller, Method};
use crate::clock::unix_s;
use crate::edge::Holder;
use crate::refusal::Unidentified;
use crate::registry::Registry;
use std::sync::Arc;

/// The application that holds a certificate.
///
/// # Errors
/// [`Unidentified::Unknown`] when it is nobody's, [`Unidentified::Expired`] when it has ended since the handshake.
pub(super) fn verify(registry: &Registry, holder: &Holder) -> Result<Caller, Unidentified> {
    let principal = registry.holder(holder.name()).ok_or(Unidentified::Unknown)?;
    if holder.is_expired(unix_s()) {
        return Err(Unidentified::Expired);
    }
    Ok(Caller {
        principal: Arc::clone(principal),
        method: Method::Certificate,
        credential: Arc::clone(holder.name()),
    })
}
