//! May an entry of the registry be read or changed? A question that is asked seldom: all policies are asked, and nothing of it is kept.
//!
//! A bundle whose schema does not declare the actions permits nothing of this.

use crate::administration::{Administering, is_declared};
use crate::context;
use crate::decide::{Denial, Reason};
use crate::facts::Principal;
use crate::snapshot::{AskError, Snapshot};

/// Decides about one entry. Returns the ids of the policies that permit it, sorted.
///
/// # Errors
/// [`Reason::NoPermit`] also where the schema knows nothing of it; any policy that cannot be evaluated denies it.
pub fn administer(
    snapshot: &Snapshot,
    principal: &Principal,
    asked: &Administering<'_>,
) -> Result<Vec<String>, Denial> {
    let names = &snapshot.bundle.names;
    if !is_declared(names, &snapshot.bundle.schema) {
        return Err(Denial::new(Reason::NoPermit));
    }
    let base = context::base(names, asked.base).map_err(AskError::from)?;
    let context = context::of_administration(base, asked.roles).map_err(AskError::from)?;
    let put = asked.put(
        names,
        &snapshot.bundle.schema,
        &snapshot.foundation,
        principal,
        context,
    );
    let (request, entities) = put.map_err(|_| Denial::new(Reason::Invalid))?;
    let answer = snapshot.ask_all(&request, &entities);
    match answer.permits() {
        true => Ok(answer.determining),
        false => Err(Denial::of(snapshot, &answer)),
    }
}
