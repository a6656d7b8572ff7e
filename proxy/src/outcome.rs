//! What became of a call that was sent: how it ended, what the answer held, what it used. The relay makes it; records, meters
//! and whoever settles accounts read it.

use crate::refusal::Refusal;
use palisade_audit as audit;
use palisade_wire::text::{Unscanned, Usage};
use std::collections::BTreeSet;

/// What became of a call that was sent.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended; a refusal as long as nothing had been written to the client.
    pub end: Result<audit::End, Refusal>,
    /// Status of the provider's response.
    pub upstream_status: u16,
    /// The provider's own request id, when it is a UUID as AWS's are: anything else could be a text.
    pub upstream_request_id: Option<String>,
    /// What was seen in the answer.
    pub answer: Answered,
}

/// What was seen in an answer.
#[derive(Debug, Default)]
pub struct Answered {
    /// Policies that failed to evaluate, sorted.
    pub errors: Vec<String>,
    /// What was found and how it was treated.
    pub findings: Vec<audit::Finding>,
    /// Values that were put back in the place of their tokens.
    pub restored: Vec<audit::Restored>,
    /// What could not be scanned.
    pub unscanned: BTreeSet<Unscanned>,
    /// Tokens, as the provider counted them.
    pub usage: Usage,
    /// Why the model stopped.
    pub finish_reason: Option<&'static str>,
}

impl Outcome {
    /// Of a call that the provider has not answered.
    #[must_use]
    pub fn unanswered(refusal: Refusal) -> Self {
        Self {
            end: Err(refusal),
            upstream_status: 0,
            upstream_request_id: None,
            answer: Answered::default(),
        }
    }

    /// Notes everything but the end in the completion record, and returns the end.
    ///
    /// # Errors
    /// The refusal that it ended with.
    pub fn note(self, completion: &mut audit::Completion) -> Result<audit::End, Refusal> {
        let Answered {
            errors,
            findings,
            restored,
            unscanned,
            usage,
            finish_reason,
        } = self.answer;
        completion.upstream_status = Some(self.upstream_status);
        completion.upstream_request_id = self.upstream_request_id;
        completion.errors = errors;
        completion.finish_reason = finish_reason.map(str::to_owned);
        completion.findings = findings;
        completion.restored = restored;
        let gaps = unscanned.into_iter().map(crate::screen::coverage_gap);
        completion.coverage_gaps = gaps.map(crate::screen::recorded).collect();
        completion.usage = recorded(usage);
        self.end
    }
}

/// `None` when the provider counted nothing.
fn recorded(usage: Usage) -> Option<audit::Usage> {
    let Usage {
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens,
    } = usage;
    let usage = audit::Usage {
        cache_read_tokens,
        cache_write_tokens,
        input_tokens,
        output_tokens,
    };
    (usage != audit::Usage::default()).then_some(usage)
}
