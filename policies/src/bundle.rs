//! A bundle of policies with its schema: loaded whole, checked whole, or not at all.

use crate::guard;
use crate::names::Names;
use crate::parse::{Origin, Parsed};
use crate::probe;
use crate::problem::{Problem, chain};
use crate::source::{self, BUNDLE_BYTES_MAX, BundleFile, Part, SCHEMA_PATH};
use crate::trial;
use crate::validate::validate;
use cedar_policy::{PolicyId, PolicySet, Schema};
use std::collections::BTreeMap;
use std::fmt;

/// A bundle that passed every check.
pub struct Bundle {
    pub(crate) names: Names,
    pub(crate) schema: Schema,
    pub(crate) policies: PolicySet,
    pub(crate) invariants: PolicySet,
    pub(crate) origins: BTreeMap<String, Origin>,
    /// All files, sorted by path.
    pub(crate) files: Vec<(String, String)>,
    digest: String,
}

impl Bundle {
    /// Parses and validates all files together. Refuses, with every problem found, a bundle that is too large or has a
    /// file in no known place; a policy without a unique `@id`, with an unknown annotation, or longer than
    /// [`POLICY_BYTES_MAX`](crate::POLICY_BYTES_MAX); a template; anything that strict validation at level 1 warns of; a
    /// schema that does not take what the gateway supplies; and, when all that holds, a case in `tests/` that comes out
    /// otherwise than it expects, or that is allowed though an invariant names it.
    pub fn load(sources: &[BundleFile<'_>]) -> Result<Self, Vec<Problem>> {
        let Checked {
            names,
            schema,
            parsed,
        } = checked(sources)?;
        let problems = trial::run(&schema, &parsed, sources);
        if !problems.is_empty() {
            return Err(sorted(problems));
        }
        let mut files: Vec<_> = sources
            .iter()
            .map(|source| (source.path.to_owned(), source.text.to_owned()))
            .collect();
        files.sort_unstable();
        Ok(Self {
            files,
            names,
            schema,
            policies: parsed.policies,
            invariants: parsed.invariants,
            origins: parsed.origins,
            digest: source::digest(sources),
        })
    }

    /// The bundle's version: SHA-256 in lower-case hexadecimal over the line `palisade-bundle-v1` and then, for each file
    /// in the order of the bytes of its path: length of path, path, length of text, text; lengths are 8 bytes,
    /// little-endian. Files in tests and invariants count too.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether it was loaded from these very files, in whatever order.
    pub fn is_of(&self, sources: &[BundleFile<'_>]) -> bool {
        self.digest == source::digest(sources)
    }

    /// The ids of all policies, sorted; those of invariants are not among them.
    pub fn policy_ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self
            .policies
            .policies()
            .map(|policy| policy.id().as_ref())
            .collect();
        ids.sort_unstable();
        ids
    }

    /// An annotation of a policy, such as `owner`; `None` when either is missing.
    pub fn annotation(&self, policy: &str, key: &str) -> Option<&str> {
        self.policies.annotation(&PolicyId::new(policy), key)
    }
}

/// Files that hold together, whatever their cases say.
pub(crate) struct Checked {
    pub(crate) names: Names,
    pub(crate) schema: Schema,
    pub(crate) parsed: Parsed,
}

/// Everything that [`Bundle::load`] refuses but cases.
pub(crate) fn checked(sources: &[BundleFile<'_>]) -> Result<Checked, Vec<Problem>> {
    let mut problems = source::check(sources);
    if sources.iter().map(|s| s.text.len()).sum::<usize>() > BUNDLE_BYTES_MAX {
        return Err(problems);
    }
    let mut names = Names::new().map_err(|error| vec![Problem::new(SCHEMA_PATH, error.to_string())])?;
    let mut parsed = Parsed::default();
    let mut schema = None;
    for (source, part) in sources.iter().filter_map(|source| Some((source, source.part()?))) {
        if let Err(problem) = check_shape(source, part) {
            problems.push(problem);
            continue;
        }
        match part {
            Part::Schema => schema = parse_schema(source, &mut problems),
            Part::Policies | Part::Invariants => {
                problems.extend(parsed.add_file(source, part));
            }
            Part::Tests | Part::Prose => {}
        }
    }
    if let Some(schema) = &schema {
        problems.extend(validate(schema, sources, &parsed));
        names.takes_grants = probe::takes_grants(&names, schema);
        if let Err(error) = probe::run(&names, schema) {
            let problem = Problem::new(SCHEMA_PATH, chain(error.as_ref()));
            problems.push(
                problem.help(
                    "the schema must take all that the gateway supplies: start from the one that ships",
                ),
            );
        }
    }
    match schema {
        // Cases over policies that do not hold together would only repeat what is wrong.
        Some(schema) if problems.is_empty() => Ok(Checked {
            names,
            schema,
            parsed,
        }),
        _ => Err(sorted(problems)),
    }
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

fn check_shape(source: &BundleFile<'_>, part: Part) -> Result<(), Problem> {
    match part {
        Part::Schema | Part::Policies | Part::Invariants => guard::check(source, part),
        Part::Tests | Part::Prose => Ok(()),
    }
}

fn parse_schema(source: &BundleFile<'_>, problems: &mut Vec<Problem>) -> Option<Schema> {
    match Schema::from_cedarschema_str(source.text) {
        Ok((schema, warnings)) => {
            problems.extend(warnings.map(|w| Problem::from_diagnostic(source.path, source.text, &w)));
            Some(schema)
        }
        Err(error) => {
            problems.push(Problem::from_diagnostic(source.path, source.text, &error));
            None
        }
    }
}
