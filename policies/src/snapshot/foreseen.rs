//! What can be told of answers without the context of a question.

use super::{Prepared, Snapshot};
use crate::plan::{Known, Plan, could_hold};
use crate::question::Question;
use cedar_policy::{Context, Request};

impl Snapshot {
    pub(super) fn plan(&self, prepared: &Prepared, question: Question) -> Option<Plan> {
        let candidates = prepared.candidates.get(question.number())?;
        let reads = self.index.reads(&candidates.numbers);
        self.known(prepared, question, |known| Plan::of(reads, known))?
    }

    /// Whether any permit could hold, whatever the context: its scope matches, and what it reads of principal and model alone does not speak against it.
    pub(crate) fn could_permit(&self, prepared: &Prepared, question: Question) -> bool {
        let number = question.number();
        let (Some(could), Some(candidates)) = (prepared.could.get(number), prepared.candidates.get(number))
        else {
            return false;
        };
        *could.get_or_init(|| {
            let mut permits = self.index.reads_of_permits(&candidates.numbers);
            let any = self.known(prepared, question, |known| {
                permits.any(|reads| could_hold(reads, known))
            });
            // In doubt it could: the decision itself comes later.
            any.unwrap_or(true)
        })
    }

    /// Does something with all that is known of a question without its context.
    fn known<T>(
        &self,
        prepared: &Prepared,
        question: Question,
        with: impl FnOnce(&Known<'_>) -> T,
    ) -> Option<T> {
        let action = self.bundle.names.question(question);
        let (principal, resource) = (&prepared.principal, &prepared.model);
        let request = Request::new(
            principal.clone(),
            action,
            resource.clone(),
            Context::empty(),
            None,
        )
        .ok()?;
        Some(with(&Known {
            authorizer: &self.authorizer,
            entities: &prepared.entities,
            request: &request,
            principal,
            resource,
        }))
    }
}
