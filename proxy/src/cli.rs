//! The command line.

mod progress;
mod unseal;
mod records;
mod signed;
mod archive;
mod audit_show;
mod audit_replay;
mod audit_verify;
mod audit_tiles;
mod audit_witness;
mod audit_prove;
mod audit_erase;
mod demo;
mod demo_text;
mod guardrails;
mod log;
mod policy;
mod registry;
mod key;
mod model;
mod serve;

use clap::{Args, Parser, Subcommand};
use palisade_audit::note::Kind;
use palisade_policies::DEFAULT_BUNDLE;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A policy gate for foundation models: who may send what to which model, and a record of every decision.
#[derive(Debug, Parser)]
#[command(name = "palisade", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything on loopback with a simulated Bedrock; prints what to paste.
    ///
    /// Example: palisade demo --port 0 --env-file /tmp/palisade.env
    Demo(DemoArgs),
    /// Run the gateway.
    ///
    /// Example: palisade serve --config config/palisade.toml
    Serve(ServeArgs),
    /// Check a configuration and all it names: registry, policies, detectors, issuers.
    ///
    /// Example: palisade check --config config/palisade.toml
    Check {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Read the decision log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// See what the detectors of personal data and secrets know, try them on a text, and measure them.
    #[command(subcommand)]
    Guardrails(guardrails::GuardrailsCommand),
    /// Work on policy bundles: check, test, format, start one.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Change and look at tenants, applications, keys, models and endpoints.
    #[command(subcommand)]
    Registry(registry::RegistryCommand),
    /// Issue, list, rotate and revoke keys of applications.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Take models over from lists of AWS.
    #[command(subcommand)]
    Model(model::ModelCommand),
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// Port for clients; 0 picks a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Folder for configuration, keys and the audit log; without it, a new temporary folder.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// File to write KEY=VALUE lines to once everything answers, for scripts. It holds secrets of the demo.
    #[arg(long)]
    env_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
    /// File to write KEY=VALUE lines to once the gateway answers, for scripts.
    #[arg(long)]
    env_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Print the records of a log readably, oldest first.
    ///
    /// Example: palisade audit show /var/lib/palisade/audit --tenant retail
    Show(ShowArgs),
    /// Say whether a log is what its checkpoints say: nothing changed, nothing missing.
    ///
    /// Exit codes: 0 verified, 1 tampered with, 2 incomplete (records under no checkpoint yet, policies that are not kept), 3 no trusted key.
    ///
    /// Example: palisade audit verify /var/lib/palisade/audit --key kept-elsewhere.pub
    Verify(VerifyArgs),
    /// Write what shows others that the records of a request stand in the log: each record, and a proof (c2sp.org/tlog-proof).
    ///
    /// Example: palisade audit prove /var/lib/palisade/audit --request-id 0198c2d4-… --out evidence
    Prove(ProveArgs),
    /// Destroy the key that a person is sealed under in a log: nobody can read any more who it was, and the log still verifies.
    ///
    /// A gateway that runs does it, and records it. If the person calls again, it is under another key.
    ///
    /// Example: palisade audit erase /var/lib/palisade/audit --tenant retail --user ada --ticket PRIVACY-17
    Erase(EraseArgs),
    /// Write a log as tiles, bundles and a checkpoint (c2sp.org/tlog-tiles), to be served as they are to whoever monitors logs.
    ///
    /// Example: palisade audit tiles /var/lib/palisade/audit /srv/log
    Tiles(TilesArgs),
    /// Remember how far logs had grown, and say so: a witness (c2sp.org/tlog-witness) catches a log that was cut, forked or replaced by an older
    /// copy. Run it where whoever writes the log cannot reach.
    ///
    /// Example: palisade audit witness --key witness.key --state /var/lib/witness --log gateway-1.pub
    Witness(WitnessArgs),
    /// Make a pair of keys to sign checkpoints with: FILE, and FILE.pub for whoever verifies.
    ///
    /// Example: palisade audit keygen example.com/palisade/eu-1 audit.key
    Keygen {
        /// The name of the log, such as a host and a path; without blanks and `+`.
        name: String,
        /// The file of the private key; it must not be there.
        file: PathBuf,
        /// A pair for a witness, which signs checkpoints of others.
        #[arg(long)]
        witness: bool,
    },
    /// Make every decision of a log again, from the log and its folder `archive` alone, and name what comes out otherwise.
    ///
    /// Exit codes: 0 all as recorded, 1 not so, or damaged.
    ///
    /// Example: palisade audit replay /var/lib/palisade/audit
    Replay(ReplayArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// Folder of the log.
    log: PathBuf,
    /// The log's public key, as it was kept elsewhere: one in the folder of the log could have been changed with it.
    #[arg(long)]
    key: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere; repeatable.
    #[arg(long = "checkpoint")]
    checkpoints: Vec<PathBuf>,
    /// The public key of a witness, which must have said that it has seen the log; repeatable.
    #[arg(long = "witness")]
    witnesses: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct WitnessArgs {
    /// Address to listen on, without TLS: put a proxy with TLS before it.
    #[arg(long, default_value = "127.0.0.1:7380")]
    listen: SocketAddr,
    /// The witness's private key (`palisade audit keygen --witness`).
    #[arg(long)]
    key: PathBuf,
    /// The folder in which it remembers. One whose folder is lost must not go on under its name.
    #[arg(long)]
    state: PathBuf,
    /// The public key of a log (`signing-key.pub`); repeatable, also with several keys of one log.
    #[arg(long = "log", required = true)]
    logs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct EraseArgs {
    /// Folder of the log.
    log: PathBuf,
    /// The tenant of the person.
    #[arg(long)]
    tenant: String,
    /// The person, as tokens name them.
    #[arg(long)]
    user: String,
    /// What asked for it, as your own records name it; it stays in the log.
    #[arg(long, value_parser = audit_erase::ticket)]
    ticket: Option<String>,
    #[command(flatten)]
    keys: PeopleKeys,
}

#[derive(Debug, Args)]
struct TilesArgs {
    /// Folder of the log.
    log: PathBuf,
    /// The folder to write to; what is there already is gone on with.
    out: PathBuf,
    /// The log's public key; without it, the one in its folder.
    #[arg(long)]
    key: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ProveArgs {
    /// Folder of the log.
    log: PathBuf,
    /// The call: the request id that its caller was told.
    #[arg(long)]
    request_id: String,
    /// The log's public key; without it, the one in its folder.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The folder to write to.
    #[arg(long, default_value = ".")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct ReplayArgs {
    /// Folder of the log, or one of its files.
    log: PathBuf,
    #[command(flatten)]
    keys: PeopleKeys,
}

/// Where the keys of people are.
#[derive(Debug, Args)]
struct PeopleKeys {
    /// Folder of the keys that people are sealed under (`audit.people_keys`); without it, `people` in that of the log.
    #[arg(long)]
    people_keys: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// Folder of the log, or one of its files.
    log: PathBuf,
    /// Only exchanges of this tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// Only the exchange with this request id.
    #[arg(long)]
    request_id: Option<String>,
    /// `text` for people, `json` for programs: one record a line.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// In `json` too, people by name where their keys are there; without it, records as they stand in the log.
    #[arg(long)]
    unsealed: bool,
    #[command(flatten)]
    keys: PeopleKeys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// What went wrong; already says what to do.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs a command. Returns the process's exit code.
#[must_use]
pub fn run() -> std::process::ExitCode {
    let cli = Cli::parse();
    log::init();
    let outcome = match cli.command {
        Command::Demo(args) => serve::block_on(demo::run(&args)),
        Command::Serve(args) => serve::block_on(serve::run(&args)),
        Command::Check { config } => serve::check(&config),
        Command::Audit(AuditCommand::Show(args)) => audit_show::run(&args),
        Command::Audit(AuditCommand::Verify(args)) => match audit_verify::run(&args) {
            Ok(code) => return std::process::ExitCode::from(code),
            Err(failure) => {
                tell(&failure);
                // Not 1: nobody has looked yet.
                return std::process::ExitCode::from(audit_verify::NO_KEY + 1);
            }
        },
        Command::Audit(AuditCommand::Prove(args)) => audit_prove::run(&args),
        Command::Audit(AuditCommand::Erase(args)) => audit_erase::run(&args),
        Command::Audit(AuditCommand::Tiles(args)) => audit_tiles::run(&args),
        Command::Audit(AuditCommand::Keygen { name, file, witness }) => keygen(&name, &file, witness),
        Command::Audit(AuditCommand::Witness(args)) => audit_witness::run(&args),
        Command::Audit(AuditCommand::Replay(args)) => match audit_replay::run(&args) {
            Ok(false) => return std::process::ExitCode::FAILURE,
            outcome => outcome.map(|_| ()),
        },
        Command::Guardrails(command) => return guardrails::run(&command),
        Command::Policy(command) => return policy::run(&command),
        Command::Registry(command) => return registry::run(&command),
        Command::Key(command) => return key::run(&command),
        Command::Model(command) => model::run(&command),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            std::process::ExitCode::FAILURE
        }
    }
}

fn keygen(name: &str, file: &Path, witness: bool) -> Result<(), Failure> {
    let (kind, used) = match witness {
        true => (Kind::Cosignature, "palisade audit witness --key"),
        false => (Kind::Note, "audit.signing_key"),
    };
    let verifier =
        crate::trail::keys::generate(name, kind, file).map_err(|e| format!("{}: {e}", file.display()))?;
    writeln!(
        std::io::stdout(),
        "{}: for `{used}`; {0}.pub, for whoever verifies, holds\n{}",
        file.display(),
        verifier.encoded()
    )?;
    Ok(())
}

/// The exit code of commands that say whether all is as wanted: 0 it is, 1 it is not, 2 that it could not be told; why is told.
fn exit_code(outcome: Result<bool, Failure>) -> std::process::ExitCode {
    match outcome {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::FAILURE,
        Err(failure) => {
            tell(&failure);
            std::process::ExitCode::from(2)
        }
    }
}

fn tell(failure: &Failure) {
    // Nothing is left to do if stderr is closed too.
    let _ = writeln!(std::io::stderr(), "palisade: {failure}");
}

/// Writes KEY=VALUE lines for scripts: readable by the owner only, and there whole or not at all.
fn write_env_file(path: &Path, lines: &[(String, String)]) -> Result<(), Failure> {
    let text: String = lines
        .iter()
        .map(|(key, value)| format!("{key}={value}\n"))
        .collect();
    let partial = path.with_extension("partial");
    write_private(&partial, &text)?;
    std::fs::rename(&partial, path).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    Ok(())
}

/// Writes the bundle that ships, to be edited.
fn write_bundle(folder: &Path) -> Result<(), Failure> {
    for file in DEFAULT_BUNDLE {
        let path = folder.join(file.path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))
            .and_then(|()| std::fs::write(&path, file.text))
            .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    }
    Ok(())
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    Ok(written.map_err(|e| format!("cannot write {}: {e}", path.display()))?)
}
