//! What policy says to a call and to what was found in it, in the terms of a record.

use crate::admit::recorded_reason;
use palisade_audit as audit;
use palisade_policies::{Denial, Direction, FindingFacts, Permit, Treated, Treatment};
use std::fmt;

/// What policy says to a call, with which findings can be asked about.
pub struct Said {
    /// The right to make it; also where policy is only watched.
    permit: Option<Permit>,
    denial: Option<Denial>,
    /// Whether the scope of a permit matches a call whose body nobody knows: it may be allowed.
    open: bool,
}

/// What policy says to a call and to what was found in it, in the terms of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the call may be made, and nothing found in it keeps it back.
    pub allowed: bool,
    /// Whether that depends on its body, which was not read.
    pub open: bool,
    /// Why, as the record says it.
    pub reason: audit::Reason,
    /// The policies that determine it, sorted; none where a finding keeps it back.
    pub determining: Vec<String>,
    /// The policies that could not be evaluated, sorted.
    pub errors: Vec<String>,
    /// What becomes of each finding, in the order of the record.
    pub findings: Vec<Form>,
}

/// What becomes of a finding, and by which policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// A mask is a redaction.
    pub treatment: audit::Treatment,
    /// The policies that determine it, sorted.
    pub determining: Vec<String>,
}

impl Said {
    pub(super) fn new(permit: Option<Permit>, denial: Option<Denial>) -> Self {
        Self {
            permit,
            denial,
            open: false,
        }
    }

    /// What can be said of a call whose body was not read.
    pub(super) fn of_scopes(admitted: Result<(), Denial>) -> Self {
        Self {
            permit: None,
            open: admitted.is_ok(),
            denial: admitted.err(),
        }
    }

    /// Whether the call may be made, so that it has an answer.
    pub(super) fn permits(&self) -> bool {
        self.permit.is_some()
    }

    /// What policy says to the call and to what the record lists as found in its prompt.
    #[must_use]
    pub fn to_request(&self, findings: &[audit::Finding]) -> Verdict {
        let (forms, mut errors) = self.forms(Direction::Disclose, findings);
        let blocks = forms.iter().any(|form| form.treatment == audit::Treatment::Block);
        let (reason, determining) = match (&self.denial, &self.permit) {
            (Some(denial), _) => {
                errors.clone_from(&denial.errors);
                (recorded_reason(denial.reason), denial.determining.clone())
            }
            (None, Some(_)) if blocks && errors.is_empty() => (audit::Reason::Finding, Vec::new()),
            (None, Some(_)) if blocks => (audit::Reason::PolicyError, Vec::new()),
            (None, permit) => {
                let determining = permit.as_ref().map(Permit::determining).unwrap_or_default();
                (audit::Reason::Policy, determining.to_vec())
            }
        };
        Verdict {
            allowed: self.permit.is_some() && self.denial.is_none() && !blocks,
            open: self.open,
            reason,
            determining,
            errors,
            findings: forms,
        }
    }

    /// What policy says to what the record lists as found in the answer.
    #[must_use]
    pub fn to_answer(&self, findings: &[audit::Finding]) -> Vec<Form> {
        self.forms(Direction::Reveal, findings).0
    }

    /// What becomes of findings, and the policies that could not be evaluated.
    fn forms(&self, direction: Direction, findings: &[audit::Finding]) -> (Vec<Form>, Vec<String>) {
        let mut errors = Vec::new();
        let forms = findings
            .iter()
            .map(|finding| {
                let treated = self
                    .permit
                    .as_ref()
                    .and_then(|permit| treated(permit, direction, finding, findings));
                let Some(treated) = treated else {
                    // Nobody is asked about a repeat, nor about a call that is denied.
                    return match self.permit {
                        Some(_) => Form::recorded(finding),
                        None => Form::not_asked(),
                    };
                };
                errors.extend(treated.errors.iter().cloned());
                Form {
                    treatment: word(treated.treatment),
                    determining: treated.determining,
                }
            })
            .collect();
        errors.sort_unstable();
        errors.dedup();
        (forms, errors)
    }
}

impl Verdict {
    /// It in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        let blocks = |form: &Form| form.treatment == audit::Treatment::Block;
        match (self.allowed, self.open) {
            (true, _) => "allowed",
            (_, true) => "open",
            _ if self.findings.iter().any(blocks) => "blocked",
            _ => "denied",
        }
    }

    /// The policies that it is owed to, sorted: those that determine it, could not be evaluated, or block a finding.
    #[must_use]
    pub fn policies(&self) -> Vec<String> {
        let blocks = |form: &&Form| form.treatment == audit::Treatment::Block;
        let of_findings = self
            .findings
            .iter()
            .filter(blocks)
            .flat_map(|form| &form.determining);
        let all = self.determining.iter().chain(&self.errors).chain(of_findings);
        let mut all: Vec<String> = all.cloned().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What the record of a decision says.
    #[must_use]
    pub fn recorded(decision: &audit::Decision) -> Self {
        let findings: Vec<Form> = decision.findings.iter().map(Form::recorded).collect();
        let blocks = findings
            .iter()
            .any(|form| form.treatment == audit::Treatment::Block);
        // What stands where nothing can be replaced keeps a call back that policy lets pass.
        let stuck = decision.reason == audit::Reason::Finding && !blocks;
        Self {
            allowed: decision.effect != audit::Effect::Deny || stuck,
            open: false,
            reason: match stuck {
                true => audit::Reason::Policy,
                false => decision.reason,
            },
            determining: decision.determining.clone(),
            errors: decision.errors.clone(),
            findings,
        }
    }

    /// Whether this is what another says, down to the policies. Of a call that a finding kept back, the record does not name those
    /// that permit the call.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let unnamed = self.determining.is_empty() && self.allowed;
        let same = Self {
            determining: match unnamed {
                true => other.determining.clone(),
                false => self.determining.clone(),
            },
            ..self.clone()
        };
        same == *other
    }
}

impl Form {
    /// What the record says.
    #[must_use]
    pub fn recorded(finding: &audit::Finding) -> Self {
        Self {
            treatment: match finding.treatment {
                audit::Treatment::Masked => audit::Treatment::Redacted,
                treatment => treatment,
            },
            determining: finding.determining.clone(),
        }
    }

    /// Some of them, for people.
    #[must_use]
    pub fn list(forms: &[Self]) -> String {
        let forms: Vec<String> = forms
            .iter()
            .map(|form| format!("{} [{}]", form.treatment.name(), form.determining.join(", ")))
            .collect();
        forms.join(", ")
    }

    fn not_asked() -> Self {
        Self {
            treatment: audit::Treatment::NotAsked,
            determining: Vec::new(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word();
        let (reason, determining) = (self.reason.name(), self.determining.join(", "));
        write!(f, "{word} because {reason} [{determining}]")?;
        if !self.errors.is_empty() {
            write!(f, " FAILED [{}]", self.errors.join(", "))?;
        }
        if !self.findings.is_empty() {
            write!(f, ", findings {}", Form::list(&self.findings))?;
        }
        Ok(())
    }
}

/// Asks about one finding of several; `None` for a repeat of a value that stands elsewhere too.
fn treated(
    permit: &Permit,
    direction: Direction,
    finding: &audit::Finding,
    all: &[audit::Finding],
) -> Option<Treated> {
    let (count, confidence) = match (finding.told, finding.treatment) {
        (Some((0, _)), _) => return None,
        (Some(told), _) => told,
        // Nobody has been asked yet, and whoever is is told of all of the category.
        (None, audit::Treatment::NotAsked) => together(all, &finding.category),
        (None, _) => (finding.count, finding.confidence),
    };
    let place = finding.place.parse().ok()?;
    let facts = FindingFacts {
        category: &finding.category,
        place,
        confidence,
        count,
    };
    Some(permit.treatment(direction, &facts))
}

fn together(all: &[audit::Finding], category: &str) -> (u32, u8) {
    let of_category = all.iter().filter(|finding| finding.category == category);
    of_category.fold((0, 0), |(count, surest), finding| {
        (
            count.saturating_add(finding.count),
            surest.max(finding.confidence),
        )
    })
}

fn word(treatment: Treatment) -> audit::Treatment {
    match treatment {
        Treatment::Raw => audit::Treatment::Raw,
        Treatment::Tokenized => audit::Treatment::Tokenized,
        Treatment::Redacted => audit::Treatment::Redacted,
        Treatment::Block => audit::Treatment::Block,
    }
}
