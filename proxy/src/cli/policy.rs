//! `palisade policy`: bundles without the gateway.
//!
//! Exit codes: 0 good, 1 when cases fail or something is not as wanted, 2 for a bundle that cannot be used and bad arguments.

mod check;
mod explain;
mod fmt;
mod new;
mod replay;
mod sign;
mod test;

use super::{Failure, exit_code};
use crate::gateway::read_bundle;
use clap::{Args, Subcommand};
use palisade_policies::BundleFile;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Check a bundle: syntax, schema, ids, annotations, cases, invariants. Every problem is named with its place.
    ///
    /// Example: palisade policy check policies/default
    Check(CheckArgs),
    /// Run the cases of a bundle (`tests/*.json`, as `cedar run-tests` reads them), and say what no case shows.
    ///
    /// Example: palisade policy test policies/default --format junit >report.xml
    Test(TestArgs),
    /// Write the policies of a bundle in the form of Cedar's formatter.
    ///
    /// Example: palisade policy fmt policies/default --check
    Fmt(FmtArgs),
    /// Say why a call may or may not be made: who said so, or what the nearest permits lack; and what becomes of a finding.
    ///
    /// Example: palisade policy explain --config config/palisade.toml retail/assistant anthropic.claude-3-opus-20240229-v1:0
    Explain(Box<ExplainArgs>),
    /// Ask a bundle about every call in a log, and say what comes out otherwise: which calls, and what becomes of what was found.
    ///
    /// Exit codes: 0 nothing, 1 something, 2 the bundle or the log cannot be used.
    ///
    /// Example: palisade policy replay --audit /var/lib/palisade/audit --bundle policies/next
    Replay(ReplayArgs),
    /// Write a bundle to start from: the one that ships.
    ///
    /// Example: palisade policy new policies/ours
    New {
        /// The folder; it must not be there.
        dir: PathBuf,
    },
    /// Make a pair of keys to sign bundles with: FILE, and FILE.pub for gateways.
    ///
    /// Example: palisade policy keygen policy
    Keygen {
        /// The file of the private key; it must not be there.
        file: PathBuf,
    },
    /// Sign a bundle as it is, under a number that only grows.
    ///
    /// Example: palisade policy sign policies/ours --key policy --sequence 7
    Sign(SignArgs),
    /// Print the schema that bundles start from, for editors and the `cedar` command line.
    ///
    /// Example: palisade policy schema >palisade.cedarschema
    Schema,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The folder of the bundle.
    dir: PathBuf,
    /// A configuration: tenants, models and groups that the bundle names must be in its registry.
    #[arg(long)]
    config: Option<PathBuf>,
    /// `text` for people, `json` for programs: one problem a line.
    #[arg(long, value_enum, default_value_t = super::Format::Text)]
    format: super::Format,
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// The folder of the bundle.
    dir: PathBuf,
    /// `text` for people, `json` for programs, `junit` for CI.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with code 1 too when a policy, or a part of its conditions, is shown by no case.
    #[arg(long)]
    fail_unreached: bool,
}

#[derive(Debug, Args)]
pub(super) struct FmtArgs {
    /// The folder of the bundle.
    dir: PathBuf,
    /// Change nothing; name the files that would change and exit with code 1 if there are any.
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// Folder of the log, or one of its files.
    #[arg(long)]
    audit: PathBuf,
    /// The folder of the bundle to ask.
    #[arg(long)]
    bundle: PathBuf,
    /// `text` for people, `json` for programs.
    #[arg(long, value_enum, default_value_t = super::Format::Text)]
    format: super::Format,
    #[command(flatten)]
    keys: super::PeopleKeys,
}

#[derive(Debug, Args)]
pub(super) struct SignArgs {
    /// The folder of the bundle.
    dir: PathBuf,
    /// The file of the private key.
    #[arg(long)]
    key: PathBuf,
    /// A higher number than all bundles before: a gateway takes no lower one than it has, and no other of the same.
    #[arg(long)]
    sequence: u64,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Who calls: `TENANT/ID` of an application in the registry; with `--user` of a person.
    #[arg(required_unless_present = "audit")]
    who: Option<String>,
    /// The model or endpoint, by its id in the registry.
    #[arg(required_unless_present = "audit")]
    model: Option<String>,
    /// The configuration: its registry knows who and what, its bundle decides.
    #[arg(long, required_unless_present = "audit")]
    config: Option<PathBuf>,
    /// Instead of all that: folder of a log, whose record of one call is explained by the policies that decided it.
    #[arg(long, requires = "request_id", conflicts_with_all = ["who", "model", "config"])]
    audit: Option<PathBuf>,
    /// The call: the request id that its caller was told.
    #[arg(long, requires = "audit")]
    request_id: Option<String>,
    #[command(flatten)]
    keys: super::PeopleKeys,
    /// Another bundle to ask.
    #[arg(long)]
    bundle: Option<PathBuf>,
    /// The operation.
    #[arg(long, default_value = "Converse")]
    action: String,
    /// `who` is a person, as a token would name them.
    #[arg(long)]
    user: bool,
    /// Groups in the token of a person; repeatable.
    #[arg(long = "group", requires = "user")]
    groups: Vec<String>,
    /// Tokens sent.
    #[arg(long, default_value_t = 100)]
    input_tokens: u64,
    /// Tokens asked for; without it, what the tenant has by default.
    #[arg(long)]
    max_tokens: Option<u64>,
    /// A tool that the model is offered; repeatable.
    #[arg(long = "tool")]
    tools: Vec<String>,
    /// Something in the prompt that cannot be looked into, such as `image`; repeatable.
    #[arg(long = "gap")]
    gaps: Vec<String>,
    /// Where the call comes from.
    #[arg(long, default_value = "127.0.0.1")]
    client_ip: std::net::IpAddr,
    /// A category of finding to ask about too, such as `EMAIL`.
    #[arg(long)]
    category: Option<String>,
    /// Where it stands: `user`, `system`, `tool_result`, ..., or `answer`.
    #[arg(long, default_value = "user")]
    place: String,
    /// How sure the detector is, in percent.
    #[arg(long, default_value_t = 90)]
    confidence: u8,
    /// How many there are.
    #[arg(long, default_value_t = 1)]
    count: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Junit,
}

/// What came of a command: true if all is as wanted.
type Outcome = Result<bool, Failure>;

/// Runs a command. Returns the process's exit code.
pub(super) fn run(command: &PolicyCommand) -> ExitCode {
    let outcome = match command {
        PolicyCommand::Check(args) => check::run(args),
        PolicyCommand::Test(args) => test::run(args),
        PolicyCommand::Fmt(args) => fmt::run(args),
        PolicyCommand::Explain(args) => explain::run(args),
        PolicyCommand::Replay(args) => replay::run(args),
        PolicyCommand::New { dir } => new::run(dir),
        PolicyCommand::Keygen { file } => sign::keygen(file),
        PolicyCommand::Sign(args) => sign::run(args),
        PolicyCommand::Schema => new::schema(),
    };
    exit_code(outcome)
}

/// Writes a file of a bundle, there whole or not at all: a running gateway may be watching. What begins with a full stop is no part
/// of a bundle.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".{name}.partial"));
    std::fs::write(&partial, text)
        .and_then(|()| std::fs::rename(&partial, path))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(())
}

/// The files of a bundle, as they were read.
struct Files(Vec<(String, String)>);

impl Files {
    fn read(folder: &Path) -> Result<Self, Failure> {
        Ok(Self(read_bundle(folder)?))
    }

    fn sources(&self) -> Vec<BundleFile<'_>> {
        self.0
            .iter()
            .map(|(path, text)| BundleFile { path, text })
            .collect()
    }

    fn text(&self, path: &str) -> &str {
        let file = self.0.iter().find(|(known, _)| known == path);
        file.map_or("", |(_, text)| text)
    }
}
