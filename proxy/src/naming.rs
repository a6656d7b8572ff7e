//! Calls in the provider's own protocols whose body names the model: it is read before policy is asked what it could permit.

use crate::call::document;
use crate::refusal::Refusal;
use crate::route::{Route, Unnamed};
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
    /// The call.
    pub call: Unnamed,
    /// Its body.
    pub body: Bytes,
}

impl Naming {
    /// Finds the model.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when the body names none, [`Refusal::Unroutable`] for one that is not there; [`Stop`] when it is made of
    /// more than it may be.
    pub fn route(&self, allowance: &mut Allowance<'_>) -> Result<Route, Stop> {
        let document = document(self.body.clone(), allowance)?;
        let field = self.call.field();
        let value = field
            .iter()
            .try_fold(document.root(), |value, name| value.get(name));
        let name = value.and_then(|value| value.as_str());
        // An alias would not be one to the provider.
        let arn = name
            .filter(|name| name.starts_with("arn:"))
            .ok_or_else(|| Refusal::Malformed(format!("`{}` is not the ARN of a model", field.join("."))))?;
        Ok(self.call.of_model(&self.rulebook.registry, &self.tenant, &arn)?)
    }
}
