//! What comes out otherwise than it is recorded.

use super::log::Again;
use super::said::{Form, Verdict};
use palisade_audit::{Finding, Treatment};

/// One thing that comes out otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<'r> {
    /// The finding that is treated otherwise; none where it is the call itself.
    pub finding: Option<&'r Finding>,
    /// What is recorded, in a word.
    pub was: &'static str,
    /// What is said now.
    pub is: &'static str,
    /// The policies that this is owed to: those that determine what is said now; where none do, those that determined what was.
    pub policies: Vec<String>,
}

impl<'r> Again<'r> {
    /// What comes out otherwise: the call, or else what becomes of findings. A call is also kept back by what was found in it.
    #[must_use]
    pub fn changes(&self) -> Vec<Change<'r>> {
        match self {
            Self::Request { recorded, now, .. } if recorded.word() != now.word() => vec![Change {
                finding: None,
                was: recorded.word(),
                is: now.word(),
                policies: policies(recorded, now),
            }],
            Self::Request {
                findings,
                recorded,
                now,
                ..
            } => of_findings(findings, &recorded.findings, &now.findings),
            Self::Answer {
                findings,
                recorded,
                now,
                ..
            } => of_findings(findings, recorded, now),
        }
    }

    /// Whether all comes out as it did, but not by the same policies.
    #[must_use]
    pub fn by_other_policies(&self) -> bool {
        let differs = match self {
            Self::Request { recorded, now, .. } => !recorded.is(now),
            Self::Answer { recorded, now, .. } => recorded != now,
        };
        differs && self.changes().is_empty()
    }
}

fn of_findings<'r>(findings: &'r [Finding], recorded: &[Form], now: &[Form]) -> Vec<Change<'r>> {
    let asked = |form: &Form| form.treatment != Treatment::NotAsked;
    findings
        .iter()
        .zip(recorded.iter().zip(now))
        .filter(|(_, (was, is))| asked(was) && asked(is) && was.treatment != is.treatment)
        .map(|(finding, (was, is))| Change {
            finding: Some(finding),
            was: was.treatment.name(),
            is: is.treatment.name(),
            policies: match is.determining.is_empty() {
                true => was.determining.clone(),
                false => is.determining.clone(),
            },
        })
        .collect()
}

fn policies(recorded: &Verdict, now: &Verdict) -> Vec<String> {
    match now.policies() {
        none if none.is_empty() => recorded.policies(),
        some => some,
    }
}
