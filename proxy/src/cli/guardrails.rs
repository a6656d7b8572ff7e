//! `palisade guardrails`: the detectors without the gateway.
//!
//! Exit codes: 0 done, 1 when `scan --fail` found something, 2 for bad arguments and input that cannot be read.

mod eval;
mod input;
mod list;
mod redact;
mod scan;

use super::{Failure, Format, tell};
use clap::{Args, Subcommand};
use palisade_guardrails::{Category, Confidence, Engine, Options, Regions, Specimen};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum GuardrailsCommand {
    /// List the categories: the group each is in, how its values are recognised, and who says so.
    ///
    /// Example: palisade guardrails list --format json
    List(ListArgs),
    /// Print where a text has personal data or secrets, without printing them.
    ///
    /// Each line names the byte range (end exclusive), line and column (in characters, from 1), category and
    /// confidence of a finding.
    ///
    /// Example: palisade guardrails scan --fail --categories EMAIL,PHONE notes.txt
    Scan(ScanArgs),
    /// Write a text with a placeholder such as {EMAIL} for each finding.
    ///
    /// Example: palisade guardrails redact app.log >app.clean.log
    Redact(RedactArgs),
    /// Measure the detectors on labelled texts: precision, recall and F1.
    ///
    /// Each line of a file is a JSON object with `text`, `only` (the categories it labels), `spans` (each `category`, `start`
    /// and `end` in code points, end exclusive), and `strong` (false for values that cannot be told without guessing; these
    /// are reported apart). `--errors` prints excerpts of the texts: do not use it on texts that are secret.
    ///
    /// Example: palisade guardrails eval --errors 10 labelled.jsonl
    Eval(EvalArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// `text` for people, `json` for programs: one category a line.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Do not cut lines at 160 columns, and say what stays undetected.
    #[arg(long)]
    wide: bool,
}

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    wanted: WantedArgs,
    /// `text` for people, `json` for programs: one finding a line.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print the found text too, at most 320 bytes of each.
    #[arg(long)]
    show: bool,
    /// Exit with code 1 when something is found.
    #[arg(long)]
    fail: bool,
}

#[derive(Debug, Args)]
pub(super) struct RedactArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    wanted: WantedArgs,
    /// Instead of a placeholder write the value with all but its last KEEP letters and digits as `*`, never more than half of
    /// them kept. Values of more than 320 bytes become placeholders.
    #[arg(long, value_name = "KEEP", num_args = 0..=1, require_equals = true, default_missing_value = "4")]
    mask: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    /// Labelled texts, JSON lines.
    #[arg(required = true, value_name = "FILE.jsonl")]
    files: Vec<PathBuf>,
    /// Leave out what is found with less confidence, 0 to 100.
    #[arg(long, value_name = "N", default_value_t = palisade_guardrails::eval::DEFAULT_MINIMUM.percent(), value_parser = clap::value_parser!(u8).range(0..=100))]
    min_confidence: u8,
    /// A region, such as US, whose telephone numbers are recognised in national form; repeatable.
    #[arg(long, value_name = "CC", default_value = "US", value_parser = region)]
    region: Vec<String>,
    /// Print up to N misses and up to N false alarms of strong cases, with the text around them.
    #[arg(long, value_name = "N", default_value_t = 0)]
    errors: usize,
    /// With `--errors`, print those of weak cases instead.
    #[arg(long, requires = "errors")]
    weak: bool,
    /// `text` for people, `json` for programs: one object.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Where text comes from.
#[derive(Debug, Args)]
struct SourceArgs {
    /// The text, in UTF-8; `-` is standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Read this many bytes at a time, up to 16 MiB. What is found does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 64 * 1024, value_parser = clap::value_parser!(u32).range(1..=16 * 1024 * 1024))]
    chunk: u32,
    /// Read bytes that are not UTF-8 as U+FFFD instead of stopping at them.
    #[arg(long)]
    lossy: bool,
}

/// What to look for.
#[derive(Debug, Args)]
struct WantedArgs {
    /// Look for these categories only.
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = category)]
    categories: Option<Vec<Category>>,
    /// Leave out what is found with less confidence, 0 to 100.
    #[arg(long, value_name = "N", default_value_t = Confidence::DEFAULT_MINIMUM.percent(), value_parser = clap::value_parser!(u8).range(0..=100))]
    min_confidence: u8,
    /// A region, such as US, whose telephone numbers are recognised in national form; repeatable.
    #[arg(long, value_name = "CC", default_value = "US", value_parser = region)]
    region: Vec<String>,
    /// Find these values of documentation too: `test_cards`, `reserved_addresses`, `example_keys`; repeatable.
    #[arg(long, value_name = "KIND", default_value = "test_cards", value_parser = specimen)]
    specimen: Vec<Specimen>,
}

impl WantedArgs {
    fn engine(&self) -> Result<Engine, Failure> {
        Ok(Engine::with(Options {
            categories: self
                .categories
                .clone()
                .unwrap_or_else(|| Category::all().to_vec()),
            minimum: Confidence::new(self.min_confidence),
            regions: regions(&self.region)?,
            specimens: self.specimen.clone(),
            ..Options::default()
        })?)
    }
}

/// Runs a command. Returns the process's exit code.
pub(super) fn run(command: &GuardrailsCommand) -> ExitCode {
    let outcome = match command {
        GuardrailsCommand::List(args) => list::run(args),
        GuardrailsCommand::Scan(args) => scan::run(args),
        GuardrailsCommand::Redact(args) => redact::run(args),
        GuardrailsCommand::Eval(args) => eval::run(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Found) => ExitCode::FAILURE,
        // Whoever read our output has seen enough.
        Err(Stop::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Stop::Output(error)) => {
            tell(&format!("cannot write: {error}").into());
            ExitCode::from(2)
        }
        Err(Stop::Failed(failure)) => {
            tell(&failure);
            ExitCode::from(2)
        }
    }
}

/// Why a command ends with another exit code than 0, or before its end.
#[derive(Debug)]
enum Stop {
    /// `scan --fail` has found something.
    Found,
    /// Standard output does not take any more.
    Output(std::io::Error),
    Failed(Failure),
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Stop::Output(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failed(failure)
    }
}

fn regions(codes: &[String]) -> Result<Regions, Failure> {
    Ok(Regions::new(codes.iter().map(String::as_str))?)
}

fn region(code: &str) -> Result<String, Failure> {
    Ok(Regions::new([code]).map(|_| code.to_owned())?)
}

fn specimen(name: &str) -> Result<Specimen, String> {
    Specimen::from_name(name)
        .ok_or_else(|| format!("one of {}", Specimen::ALL.map(Specimen::name).join(", ")))
}

fn category(name: &str) -> Result<Category, String> {
    Category::from_name(name).ok_or_else(|| match nearest(name) {
        Some(near) => format!("no such category; did you mean `{near}`?"),
        None => "no such category; `palisade guardrails list` names them".to_owned(),
    })
}

/// The category whose name takes the fewest edits, if they are at most a third of it.
fn nearest(name: &str) -> Option<Category> {
    let name = name.trim().to_uppercase();
    Category::all()
        .iter()
        .map(|&known| (strsim::damerau_levenshtein(&name, known.name()), known))
        .min()
        .filter(|(edits, known)| edits * 3 <= known.name().len())
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_nearest_category_and_nothing_far_fetched() {
        let check = |name: &str, near: Option<Category>| assert_eq!(nearest(name), near, "{name}");
        check("email", Some(Category::EMAIL));
        check("EMIAL", Some(Category::EMAIL));
        check("URLS", Some(Category::URL));
        check("US_PASPORT_NUMBER", Some(Category::US_PASSPORT_NUMBER));
        check("", None);
        check("STREET_ADDRESS_LINE", None);
    }
}
