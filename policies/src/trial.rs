//! The cases that come with a bundle, run when it is loaded: a bundle that its own authors' tests refute, or that allows a
//! case which one of its invariants names, is not used.

use crate::coverage::Coverage;
use crate::index::{Index, Reach};
use crate::parse::{PROBLEMS_MAX, Parsed};
use crate::problem::{Position, Problem, chain};
use crate::source::{BundleFile, Part};
use cedar_policy::{Authorizer, Context, Decision, Entities, PolicySet, Request, Response, Schema};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

/// How the names of files in `tests/` begin that hold entities, not cases.
const ENTITIES_PREFIX: &str = "tests/entities";

const CASE_HELP: &str = "a file of cases is a list of objects with name, request, entities, decision, reason and num_errors, \
                         as `cedar run-tests` reads them; files named entities*.json hold entities";

/// One case in the format of `cedar run-tests`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) request: CaseRequest,
    /// The file with the entities, relative to `tests/`.
    entities: String,
    pub(crate) decision: Expected,
    /// Policies that must be among the determining ones.
    pub(crate) reason: BTreeSet<String>,
    /// How many policies may err; an error makes the gate deny.
    pub(crate) num_errors: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseRequest {
    principal: String,
    action: String,
    resource: String,
    context: serde_json::Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expected {
    Allow,
    Deny,
}

/// A case and where it stands.
pub(crate) struct Placed<'a> {
    source: BundleFile<'a>,
    /// In bytes of the file: lines are counted only for what fails.
    offset: usize,
    pub(crate) case: Case,
}

/// What the cases are run with.
pub(crate) struct Trial<'a> {
    schema: &'a Schema,
    parsed: &'a Parsed,
    index: Index,
    /// By the file's name relative to `tests/`.
    entities: BTreeMap<&'a str, Entities>,
}

/// Runs all cases of the bundle; what fails is told with its place, [`PROBLEMS_MAX`] at most.
pub(crate) fn run(schema: &Schema, parsed: &Parsed, sources: &[BundleFile<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let trial = Trial::new(schema, parsed, sources, &mut problems);
    let cases = cases(sources, &mut problems);
    let failures = cases.iter().filter_map(|placed| trial.run(placed).err());
    problems.extend(failures.take(PROBLEMS_MAX));
    problems
}

/// The cases of all files in `tests/` but those with entities. A file that cannot be read is a problem.
pub(crate) fn cases<'a>(sources: &[BundleFile<'a>], problems: &mut Vec<Problem>) -> Vec<Placed<'a>> {
    let mut cases = Vec::new();
    for source in sources.iter().filter(|source| holds_cases(source)) {
        let parts: Vec<&RawValue> = match serde_json::from_str(source.text) {
            Ok(parts) => parts,
            Err(error) => {
                problems.push(unreadable(source, 0, &error));
                continue;
            }
        };
        let mut unread = 0;
        for part in parts {
            let offset = part.get().as_ptr().addr() - source.text.as_ptr().addr();
            match serde_json::from_str(part.get()) {
                Ok(case) => cases.push(Placed {
                    source: *source,
                    offset,
                    case,
                }),
                Err(_) if unread == PROBLEMS_MAX => break,
                Err(error) => {
                    unread += 1;
                    problems.push(unreadable(source, offset, &error));
                }
            }
        }
    }
    cases
}

impl Placed<'_> {
    /// The file, and where in it.
    pub(crate) fn place(&self) -> (&str, Position) {
        let BundleFile { path, text } = self.source;
        (path, Position::of(text, self.offset))
    }
}

impl<'a> Trial<'a> {
    pub(crate) fn new(
        schema: &'a Schema,
        parsed: &'a Parsed,
        sources: &[BundleFile<'a>],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut entities = BTreeMap::new();
        for source in sources.iter().filter(|source| holds_entities(source)) {
            match Entities::from_json_str(source.text, Some(schema)) {
                Ok(parsed) => {
                    entities.insert(source.path.strip_prefix("tests/").unwrap_or_default(), parsed);
                }
                Err(error) => problems.push(Problem::new(source.path, chain(&error))),
            }
        }
        Self {
            schema,
            parsed,
            index: Index::new(&parsed.policies),
            entities,
        }
    }

    fn run(&self, placed: &Placed<'_>) -> Result<(), Problem> {
        let case = &placed.case;
        let outcome = self.judge(case).map_err(|error| chain(error.as_ref()));
        outcome
            .and_then(|judged| judged.verdict.check(case))
            .map_err(|why| {
                let (path, at) = placed.place();
                Problem::new(path, format!("case `{}`: {why}", case.name)).at(at)
            })
    }

    /// What comes of a case; what it reaches is noted.
    ///
    /// # Errors
    /// Why it fails.
    pub(crate) fn outcome(&self, case: &Case, coverage: &mut Coverage) -> Result<(), String> {
        let judged = self.judge(case).map_err(|error| chain(error.as_ref()))?;
        let reasons = determining(&judged.verdict.response);
        coverage.note(&judged.request, judged.entities, reasons.iter(), &judged.picked);
        judged.verdict.check(case)
    }

    fn judge(&self, case: &Case) -> Result<Judged<'_>, Box<dyn Error>> {
        let (request, entities) = self.question(case)?;
        let picked = self.index.set(&self.picked(&request, entities))?;
        let ask = |policies| Authorizer::new().is_authorized(&request, policies, entities);
        let verdict = Verdict {
            response: ask(&picked),
            broken: determining(&ask(&self.parsed.invariants)),
        };
        Ok(Judged {
            request,
            entities,
            picked,
            verdict,
        })
    }

    /// What the case asks, and the entities it asks about.
    pub(crate) fn question(&self, case: &Case) -> Result<(Request, &Entities), Box<dyn Error>> {
        let entities = self.entities.get(case.entities.as_str()).ok_or_else(|| {
            format!(
                "`tests/{}` is no file of entities that could be read",
                case.entities
            )
        })?;
        let principal = case.request.principal.parse()?;
        let resource = case.request.resource.parse()?;
        if let Some(unknown) = [&principal, &resource]
            .into_iter()
            .find(|uid| entities.get(uid).is_none())
        {
            return Err(format!("`{unknown}` is not in `tests/{}`", case.entities).into());
        }
        let action = case.request.action.parse()?;
        let context = Context::from_json_value(case.request.context.clone(), Some((self.schema, &action)))?;
        let request = Request::new(principal, action, resource, context, Some(self.schema))?;
        Ok((request, entities))
    }

    /// The numbers in the index of the policies that the gate would evaluate.
    pub(crate) fn picked(&self, request: &Request, entities: &Entities) -> Vec<usize> {
        let reach = |uid: Option<&_>| uid.map(|uid| Reach::new(entities, uid));
        let (principal, action, resource) = (
            reach(request.principal()),
            reach(request.action()),
            reach(request.resource()),
        );
        match (principal, action, resource) {
            (Some(principal), Some(action), Some(resource)) => self
                .index
                .narrow(&self.index.matching(&principal, &resource), &action),
            // Requests of cases are concrete; an open one would reach no policy and be denied.
            _ => Vec::new(),
        }
    }
}

/// A case that has been put to the policies.
struct Judged<'t> {
    request: Request,
    entities: &'t Entities,
    /// The policies whose scope it meets.
    picked: PolicySet,
    verdict: Verdict,
}

/// What the policies say to a case, and which invariants name it.
struct Verdict {
    response: Response,
    broken: BTreeSet<String>,
}

impl Verdict {
    fn check(&self, case: &Case) -> Result<(), String> {
        let reasons = determining(&self.response);
        let listed = if reasons.is_empty() {
            "no policy".to_owned()
        } else {
            reasons.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let decision = match self.response.decision() {
            Decision::Allow => Expected::Allow,
            Decision::Deny => Expected::Deny,
        };
        let errors = self.response.diagnostics().errors().count();
        if let (Expected::Allow, Some(invariant)) = (decision, self.broken.first()) {
            return Err(format!(
                "is allowed by {listed}, and the invariant `{invariant}` says never"
            ));
        }
        if decision != case.decision {
            return Err(format!(
                "expects {:?}, but {listed} makes it {decision:?}",
                case.decision
            ));
        }
        if errors != case.num_errors {
            return Err(format!(
                "expects {} errors, but {errors} policies err",
                case.num_errors
            ));
        }
        match case.reason.difference(&reasons).next() {
            Some(missing) => Err(format!("expects `{missing}` to determine it; {listed} did")),
            None => Ok(()),
        }
    }
}

/// The policies that determined an answer.
pub(crate) fn determining(response: &Response) -> BTreeSet<String> {
    response.diagnostics().reason().map(|id| id.to_string()).collect()
}

fn holds_entities(source: &BundleFile<'_>) -> bool {
    source.part() == Some(Part::Tests) && source.path.starts_with(ENTITIES_PREFIX)
}

fn holds_cases(source: &BundleFile<'_>) -> bool {
    source.part() == Some(Part::Tests) && !source.path.starts_with(ENTITIES_PREFIX)
}

/// `error` counts lines and columns from byte `offset` of the file.
fn unreadable(source: &BundleFile<'_>, offset: usize, error: &serde_json::Error) -> Problem {
    let start = Position::of(source.text, offset);
    let at = match error.line() {
        0 | 1 => Position {
            line: start.line,
            column: start.column + error.column().saturating_sub(1),
        },
        line => Position {
            line: start.line + line - 1,
            column: error.column(),
        },
    };
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    Problem::new(source.path, what).at(at).help(CASE_HELP)
}
