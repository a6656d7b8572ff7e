//! `palisade registry`: tenants, keys and models in a store.
//!
//! Exit codes: 0 done, or nothing to do; 1 something would change (`diff`); 2 it cannot be used.

use super::{Failure, exit_code};
use crate::config::{Config, read_toml};
use crate::gateway::{Bundles, Checked};
use crate::registry::{Registry, Source, secrets};
use clap::{Args, Subcommand};
use palisade_dynamodb::{Access, DynamoDb, access_policy};
use palisade_registry::{Contents, Entry, File, Kind, Step, Store, carried_out, listed_twice, plan_file};
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum RegistryCommand {
    /// Make the store as a file says: tells what changes, checks it with all that is configured, then changes all or nothing. Gateways take it within two
    /// seconds.
    ///
    /// Example: palisade registry apply registry.toml --config config/palisade.toml
    Apply(ApplyArgs),
    /// Tell what `apply` would change.
    ///
    /// Example: palisade registry diff registry.toml --config config/palisade.toml --prune
    Diff(DiffArgs),
    /// List what is registered, or show one entry.
    ///
    /// Example: palisade registry show tenant retail --config config/palisade.toml
    Show {
        /// tenant, model, endpoint, application or key.
        #[arg(value_parser = kind)]
        kind: Option<Kind>,
        /// Of an application `TENANT/ID`.
        #[arg(requires = "kind")]
        id: Option<String>,
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Make the table that is configured (`registry.dynamodb`), if it is not there, and print what IAM must allow at least: one policy for gateways, one for
    /// whoever changes entries.
    ///
    /// Example: palisade registry create-table --config config/palisade.toml
    CreateTable {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// Only print the policies.
        #[arg(long)]
        only_policies: bool,
    },
    /// Write all that is registered as a file, for `apply`.
    ///
    /// Example: palisade registry export --config config/palisade.toml >registry.toml
    Export {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A registry file.
    file: PathBuf,
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Remove what the file does not list.
    #[arg(long)]
    prune: bool,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    diff: DiffArgs,
    /// Tell what would change, check it, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Runs a command. Returns the process's exit code.
pub(super) fn run(command: &RegistryCommand) -> ExitCode {
    let outcome = match command {
        RegistryCommand::Apply(args) => apply(args).map(|()| true),
        RegistryCommand::Diff(args) => diff(args),
        RegistryCommand::Show { kind, id, config } => show(config, *kind, id.as_deref()).map(|()| true),
        RegistryCommand::CreateTable {
            config,
            only_policies,
        } => create_table(config, *only_policies).map(|()| true),
        RegistryCommand::Export { config } => export(config).map(|()| true),
    };
    exit_code(outcome)
}

fn apply(args: &ApplyArgs) -> Result<(), Failure> {
    let DiffArgs { file, config, prune } = &args.diff;
    let config = Config::read(config)?;
    let store = store_of(&config)?;
    let before = store.load()?;
    let plan = plan_file(&before.entries, wanted(file)?, *prune);
    writeln!(std::io::stdout(), "{plan}")?;
    if plan.is_empty() {
        return Ok(());
    }
    if args.dry_run {
        check(&config, &before, &plan.steps)?;
        writeln!(std::io::stdout(), "good; nothing was changed (`--dry-run`)")?;
        return Ok(());
    }
    let revision = carry_out(&config, store.as_ref(), &before, &plan.steps)?;
    writeln!(
        std::io::stdout(),
        "{}: revision {revision}",
        config.registry.place()
    )?;
    Ok(())
}

/// The store that is configured.
pub(super) fn store_of(config: &Config) -> Result<Box<dyn Store>, Failure> {
    let store = Source::open(&config.registry)?.into_store();
    Ok(store.ok_or(
        "the registry of this configuration is a file (`registry.file`): change that, and gateways take it. This is for `registry.store` and \
         `registry.dynamodb`",
    )?)
}

/// Changes the store if what it holds then can be used with all that is configured, and if nobody else has changed it since `before`. Returns its revision.
pub(super) fn carry_out(
    config: &Config,
    store: &dyn Store,
    before: &Contents,
    steps: &[Step],
) -> Result<u64, Failure> {
    check(config, before, steps)?;
    Ok(store.apply(before.revision, steps)?)
}

fn check(config: &Config, before: &Contents, steps: &[Step]) -> Result<(), Failure> {
    let after = File::of(carried_out(&before.entries, steps))?;
    let registry = Registry::of(&after, &secrets(&config.registry)?, &config.registry.place());
    Checked::with(config.clone(), registry, &Bundles::default())?;
    Ok(())
}

fn diff(args: &DiffArgs) -> Result<bool, Failure> {
    let current = current(&Config::read(&args.config)?)?;
    let plan = plan_file(&current.entries, wanted(&args.file)?, args.prune);
    writeln!(std::io::stdout(), "{plan}")?;
    Ok(plan.is_empty())
}

fn show(config: &Path, kind: Option<Kind>, id: Option<&str>) -> Result<(), Failure> {
    let contents = current(&Config::read(config)?)?;
    let wanted =
        |entry: &&Entry| kind.is_none_or(|kind| kind == entry.kind) && id.is_none_or(|id| id == entry.id);
    let mut out = String::new();
    for entry in contents.entries.iter().filter(wanted) {
        match id {
            Some(_) => out += &File::of(vec![entry.clone()])?.to_toml()?,
            None => writeln!(out, "{:<12} {}", entry.kind.name(), entry.id)?,
        }
    }
    if let (true, Some(id)) = (out.is_empty(), id) {
        return Err(format!("nothing is registered as {id}").into());
    }
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}

fn create_table(config: &Path, only_policies: bool) -> Result<(), Failure> {
    let config = Config::read(config)?;
    let table = config.registry.dynamodb.as_ref();
    let place = table
        .ok_or("the configuration has no `registry.dynamodb`")?
        .place();
    if !only_policies {
        let made = match DynamoDb::at(place.clone())?.create()? {
            true => "is made",
            false => "is there",
        };
        writeln!(std::io::stderr(), "{place} {made}")?;
    }
    let policies = [
        access_policy(&place, Access::Read),
        access_policy(&place, Access::Change),
    ];
    for policy in policies {
        writeln!(std::io::stdout(), "{policy:#}")?;
    }
    Ok(())
}

fn export(config: &Path) -> Result<(), Failure> {
    let contents = current(&Config::read(config)?)?;
    let text = File::of(contents.entries)?.to_toml()?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// What is registered.
pub(super) fn current(config: &Config) -> Result<Contents, Failure> {
    match (
        &config.registry.file,
        Source::open(&config.registry)?.into_store(),
    ) {
        (Some(file), _) => Ok(Contents {
            revision: 0,
            entries: wanted(file)?,
        }),
        (None, Some(store)) => Ok(store.load()?),
        (None, None) => Err("`registry`: set exactly one of `file`, `store` and `dynamodb`".into()),
    }
}

/// The entries of a file. Paths in it are made absolute, for in a store there is no file that they could be relative to.
fn wanted(path: &Path) -> Result<Vec<Entry>, Failure> {
    let (mut file, _): (File, _) = read_toml(path)?;
    let absolute = std::path::absolute(path)?;
    let folder = absolute.parent().unwrap_or(Path::new("/"));
    for secret in file.keys.iter_mut().filter_map(|key| key.secret_file.as_mut()) {
        *secret = folder.join(&*secret);
    }
    let entries = file.entries()?;
    match listed_twice(&entries) {
        Some(Entry { kind, id, .. }) => {
            Err(format!("{}: {} {id} is listed twice", path.display(), kind.name()).into())
        }
        None => Ok(entries),
    }
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::named(name).ok_or_else(|| {
        let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("is one of {}", names.join(", "))
    })
}
