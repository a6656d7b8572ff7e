//! Calls in the provider's own protocols whose body names the model: it is read before policy is asked what it could permit.

use crate::call::document;
use crate::route::{Place, Route, Unnamed};
use crate::rulebook::Rulebook;
use crate::work::{Allowance, Stop};
use bytes::Bytes;
use std::sync::Arc;

/// A call whose body is read for its model.
pub struct Naming {
    /// The models there are.
    pub rulebook: Arc<Rulebook>,
    /// Whose call it is.
    pub tenant: String,
    /// The region that it goes to.
    pub region: String,
    /// The call.
    pub call: Unnamed,
    /// Its body.
    pub body: Bytes,
}

impl Naming {
    /// Finds who takes part.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when the body does not name who has to take part, [`Refusal::Unroutable`] for who is not there; [`Stop`]
    /// when it is made of more than it may be.
    ///
    /// [`Refusal::Malformed`]: crate::refusal::Refusal::Malformed
    /// [`Refusal::Unroutable`]: crate::refusal::Refusal::Unroutable
    pub fn route(&self, allowance: &mut Allowance<'_>) -> Result<Route, Stop> {
        let document = document(self.body.clone(), allowance)?;
        let place = Place {
            registry: &self.rulebook.registry,
            tenant: &self.tenant,
            region: &self.region,
        };
        Ok(self.call.with(&place, document.root())?)
    }
}
