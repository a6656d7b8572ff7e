//! The work on what a caller says: read, scanned, asked about.

use crate::admit::Admitted;
use crate::authorize::{self, Cleared};
use crate::call::{self, Standing};
use crate::clock::unix_ms;
use crate::question::Question;
use crate::refusal::Refusal;
use crate::rulebook::Rulebook;
use crate::screen::{self, Coverage};
use crate::spoken::Sent;
use crate::work::{Allowance, Stop};
use palisade_audit as audit;
use std::sync::Arc;

/// What a call is judged with: everything that the work on its body needs, wherever it is done.
pub struct Judging {
    /// The rules in force.
    pub rulebook: Arc<Rulebook>,
    /// The call.
    pub admitted: Arc<Admitted>,
    /// Its body.
    pub sent: Sent,
    /// What was asked for before it, in a conversation.
    pub before: Standing,
}

/// A call that was judged. What was asked is told also when it is refused.
pub struct Judged {
    /// What of it could be looked into.
    pub coverage: Coverage,
    /// What policy was asked.
    pub question: audit::Question,
    /// The call as it may be sent, or why it may not.
    pub cleared: Result<Cleared, Refusal>,
    /// What holds for all that follows in a conversation.
    pub standing: Standing,
}

impl Judging {
    /// From the body to the decision.
    ///
    /// # Errors
    /// Why the body cannot be asked about; [`Stop`] when it is made of more than it may be.
    pub fn judge(&self, allowance: &mut Allowance<'_>) -> Result<Judged, Stop> {
        let call = call::decode(&self.admitted, self.sent.body.clone(), allowance)?.following(&self.before);
        let standing = call.standing();
        let screened = screen::scan(&self.rulebook.engine, call, allowance)?;
        let question = Question::about(&self.rulebook, unix_ms(), &screened)?;
        let coverage = screened.coverage().clone();
        let cleared = authorize::ask(&self.rulebook, &question, screened, self.sent.payload, allowance);
        Ok(Judged {
            coverage,
            question: question.recorded(),
            cleared: Stop::unless_moved(cleared)?,
            standing,
        })
    }
}
