//! The files of a bundle as the caller read them, which part each plays, their size limits, and their common digest.

use crate::problem::Problem;
use ring::digest::{Context, SHA256};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The longest policy, in bytes of source, annotations included: the limit of Amazon Verified Permissions
/// (docs.aws.amazon.com/verifiedpermissions/latest/userguide/quotas.html), so that a bundle can move there.
pub const POLICY_BYTES_MAX: usize = 10_000;

/// The largest bundle, in bytes of all its files together. Bounds what a hostile bundle can make the parser do.
pub const BUNDLE_BYTES_MAX: usize = 8_000_000;

/// One file of a bundle.
#[derive(Clone, Copy, Debug)]
pub struct BundleFile<'a> {
    /// The path relative to the bundle's folder, with `/` between its parts.
    pub path: &'a str,
    /// The whole text.
    pub text: &'a str,
}

/// Which part of a bundle a file is, told by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Schema,
    Policies,
    Invariants,
    Tests,
    Prose,
}

pub(crate) const SCHEMA_PATH: &str = "schema.cedarschema";

macro_rules! shipped {
    ($($path:literal),+ $(,)?) => {
        &[$(BundleFile { path: $path, text: include_str!(concat!("../default/", $path)) }),+]
    };
}

/// The bundle that ships: a starting point, with the tenants `retail`, `markets` and `research`.
pub const DEFAULT_BUNDLE: &[BundleFile<'static>] = shipped![
    "invariants/never.cedar",
    "policies/access.cedar",
    "policies/administration.cedar",
    "policies/findings.cedar",
    "policies/limits.cedar",
    "schema.cedarschema",
    "tests/access.json",
    "tests/administration.json",
    "tests/entities.json",
    "tests/findings.json",
    "tests/limits.json",
];

impl BundleFile<'_> {
    pub(crate) fn part(&self) -> Option<Part> {
        let extension = self.path.rsplit_once('.').map(|(_, extension)| extension);
        match (self.path.split_once('/').map(|(folder, _)| folder), extension) {
            (None, _) if self.path == SCHEMA_PATH => Some(Part::Schema),
            (Some("policies"), Some("cedar")) => Some(Part::Policies),
            (Some("invariants"), Some("cedar")) => Some(Part::Invariants),
            (Some("tests"), Some("json")) => Some(Part::Tests),
            (_, Some("md")) => Some(Part::Prose),
            _ => None,
        }
    }

    fn is_plain(&self) -> bool {
        !self.path.contains('\\') && self.path.split('/').all(|part| !matches!(part, "" | "." | ".."))
    }
}

/// Size, naming and placement of all files. A misplaced policy would silently not apply, so it is an error.
pub(crate) fn check(sources: &[BundleFile<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let bytes: usize = sources.iter().map(|source| source.text.len()).sum();
    if bytes > BUNDLE_BYTES_MAX {
        let message = format!("the bundle has {bytes} bytes; the limit is {BUNDLE_BYTES_MAX}");
        problems.push(Problem::new("bundle", message).help("split it, or drop what is not used"));
    }
    let mut seen = BTreeSet::new();
    for source in sources {
        if !source.is_plain() {
            let problem = Problem::new(source.path, "not a relative path inside the bundle");
            problems.push(problem.help("use parts joined by `/`, without `.` or `..`"));
        } else if source.part().is_none() {
            let problem = Problem::new(source.path, "no part of a bundle has this place and name");
            problems.push(problem.help(
                "expected schema.cedarschema, policies/*.cedar, invariants/*.cedar, tests/*.json or *.md",
            ));
        }
        if !seen.insert(source.path) {
            problems.push(Problem::new(source.path, "the file is given twice"));
        }
    }
    if !seen.contains(SCHEMA_PATH) {
        problems.push(Problem::new(SCHEMA_PATH, "the bundle has no schema"));
    }
    problems
}

/// The version of a bundle: lower-case hexadecimal SHA-256 over the line `palisade-bundle-v1`, then for each file, sorted
/// by the bytes of its path: length of path, path, length of text, text. Lengths are 8 bytes, little-endian.
pub(crate) fn digest(sources: &[BundleFile<'_>]) -> String {
    let mut sorted: Vec<_> = sources.iter().map(|s| (s.path, s.text)).collect();
    sorted.sort_unstable();
    digest_of_parts(
        "palisade-bundle-v1\n",
        sorted.into_iter().flat_map(|(path, text)| [path, text]),
    )
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(bytes);
    hexadecimal(hash)
}

/// SHA-256 over `domain` and the parts, each behind its length (8 bytes, little-endian), in lower-case hexadecimal.
pub(crate) fn digest_of_parts<'a>(domain: &str, parts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(domain.as_bytes());
    for part in parts {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hexadecimal(hash)
}

fn hexadecimal(hash: Context) -> String {
    hash.finish()
        .as_ref()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing into a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
