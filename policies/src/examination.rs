//! The cases of a bundle, each with what came of it, for people who write them.

use crate::bundle::{self, Checked};
use crate::coverage::{Coverage, Unreached};
use crate::problem::{Position, Problem};
use crate::source::BundleFile;
use crate::trial::{self, Trial};

/// What the cases of a bundle say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    /// Each case, in the order of the files.
    pub cases: Vec<CaseOutcome>,
    /// What no case shows about the policies.
    pub unreached: Vec<Unreached>,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseOutcome {
    /// The file, as the bundle names it.
    pub path: String,
    /// Where the case stands in it.
    pub at: Position,
    /// The name that its author gave it.
    pub name: String,
    /// Why it failed.
    pub failure: Option<String>,
}

/// Runs all cases of a bundle.
///
/// # Errors
/// What keeps the files from being a bundle, whatever its cases say.
pub fn examine(sources: &[BundleFile<'_>]) -> Result<Examination, Vec<Problem>> {
    let Checked { schema, parsed, .. } = bundle::checked(sources)?;
    let mut problems = Vec::new();
    let trial = Trial::new(&schema, &parsed, sources, &mut problems);
    let placed = trial::cases(sources, &mut problems);
    if !problems.is_empty() {
        problems.sort();
        return Err(problems);
    }
    let mut coverage = Coverage::new(&parsed.policies);
    let outcome = |placed: &trial::Placed<'_>| {
        let failure = trial.outcome(&placed.case, &mut coverage).err();
        let (path, at) = placed.place();
        CaseOutcome {
            path: path.to_owned(),
            at,
            name: placed.case.name.clone(),
            failure,
        }
    };
    let cases = placed.iter().map(outcome).collect();
    Ok(Examination {
        cases,
        unreached: coverage.unreached(&parsed),
    })
}
