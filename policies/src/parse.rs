//! One `.cedar` file to policies with ids: what Cedar leaves open about ids and annotations is fixed here.

use crate::problem::{Position, Problem};
use crate::source::{BundleFile, Part};
use cedar_policy::{Effect, Policy, PolicyId, PolicySet};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The annotations a policy may carry: metadata for people, never behaviour. A misspelt one would be lost in silence.
const ANNOTATIONS: &[&str] = &[
    "id",
    "owner",
    "standard",
    "control",
    "message",
    "ticket",
    "expires",
    "description",
];

/// The longest policy id, in bytes.
const ID_BYTES_MAX: usize = 128;

/// How many problems of one kind are told of one file: finding the place of each takes a pass over the file.
pub(crate) const PROBLEMS_MAX: usize = 100;

/// Where a policy was written.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) path: Arc<str>,
    pub(crate) file: Arc<str>,
    pub(crate) span: Range<usize>,
}

/// The policies and invariants of a bundle, by their ids.
#[derive(Default)]
pub(crate) struct Parsed {
    pub(crate) policies: PolicySet,
    pub(crate) invariants: PolicySet,
    pub(crate) origins: BTreeMap<String, Origin>,
}

impl Origin {
    /// The position of the first `needle` in the policy, or the policy's start.
    pub(crate) fn position_of(&self, needle: &str) -> Position {
        let text = self.file.get(self.span.clone()).unwrap_or_default();
        Position::of(&self.file, self.span.start + text.find(needle).unwrap_or(0))
    }

    fn problem(&self, needle: &str, message: impl Into<String>) -> Problem {
        Problem::new(&self.path, message).at(self.position_of(needle))
    }
}

impl Parsed {
    /// Adds the policies of one file.
    pub(crate) fn add_file(&mut self, source: &BundleFile<'_>, part: Part) -> Vec<Problem> {
        let set: PolicySet = match source.text.parse() {
            Ok(set) => set,
            Err(errors) => return parse_problems(source, &errors),
        };
        let mut problems: Vec<_> = set
            .templates()
            .take(1)
            .map(|t| template_problem(source, t.id()))
            .collect();
        let (path, file) = (Arc::from(source.path), Arc::from(source.text));
        let mut from = 0;
        for policy in set.policies() {
            // Policies come in the order of the file, and keep the text they were parsed from.
            let text = policy.to_cedar().unwrap_or_default();
            let start = source
                .text
                .get(from..)
                .and_then(|rest| rest.find(&text))
                .map_or(from, |at| from + at);
            from = start + text.len();
            let origin = Origin {
                path: Arc::clone(&path),
                file: Arc::clone(&file),
                span: start..from,
            };
            problems.extend(self.add(policy, origin, part));
            if problems.len() >= PROBLEMS_MAX {
                break;
            }
        }
        problems
    }

    fn add(&mut self, policy: &Policy, origin: Origin, part: Part) -> Vec<Problem> {
        let mut problems = check_text(policy, &origin, part);
        let Some(id) = policy.annotation("id").filter(|id| is_id(id)) else {
            problems.push(
                origin
                    .problem("@id", "the policy has no usable `@id`")
                    .help("put @id(\"…\") before it: up to 128 letters, digits, `-`, `_` and `.`"),
            );
            return problems;
        };
        if let Some(first) = self.origins.get(id) {
            let Position { line, .. } = first.position_of("@id");
            let message = format!("the id `{id}` is taken by {}:{line}", first.path);
            problems.push(origin.problem("@id", message).help("give each policy its own id"));
            return problems;
        }
        let set = match part {
            Part::Invariants => &mut self.invariants,
            _ => &mut self.policies,
        };
        if let Err(error) = set.add(policy.new_id(PolicyId::new(id))) {
            problems.push(Problem::from_diagnostic(&origin.path, &origin.file, &error).policy(id));
        }
        self.origins.insert(id.to_owned(), origin);
        problems
    }
}

fn check_text(policy: &Policy, origin: &Origin, part: Part) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, _) in policy.annotations().filter(|(key, _)| !ANNOTATIONS.contains(key)) {
        let message = format!("the annotation `@{key}` is not known");
        let help = format!("use one of {}", ANNOTATIONS.join(", "));
        problems.push(origin.problem(&format!("@{key}"), message).help(help));
    }
    if part == Part::Invariants && policy.effect() == Effect::Permit {
        let problem = origin.problem("permit", "an invariant says what must never be allowed");
        problems.push(problem.help("write it as a `forbid`"));
    }
    problems
}

fn is_id(id: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn parse_problems(source: &BundleFile<'_>, errors: &cedar_policy::ParseErrors) -> Vec<Problem> {
    errors
        .iter()
        .take(PROBLEMS_MAX)
        .map(|error| Problem::from_diagnostic(source.path, source.text, error))
        .collect()
}

fn template_problem(source: &BundleFile<'_>, id: &PolicyId) -> Problem {
    let at = source
        .text
        .find("?principal")
        .or_else(|| source.text.find("?resource"))
        .unwrap_or(0);
    Problem::new(
        source.path,
        format!("`{id}` is a template, and a bundle cannot link it"),
    )
    .at(Position::of(source.text, at))
    .help("name the principal or resource instead of `?principal` or `?resource`")
}
