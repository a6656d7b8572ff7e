//! `palisade key`: keys that Palisade issues to applications, in a store.
//!
//! Exit codes: 0 done, 2 it cannot be done.

use super::records::each_line;
use super::registry::{carry_out, current, store_of};
use super::{Failure, PeopleKeys, exit_code};
use crate::clock::{stamp, unix_s};
use crate::config::{self, Config};
use crate::registry::{DAYS_MAX, NewKey, Sealing, instant, key_of, secrets};
use crate::trail::Read;
use clap::{Args, Subcommand};
use palisade_audit::{Authentication, Entry, Record};
use palisade_registry::{Contents, File, KeyEntry, Kind, Step, StoreError};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How often a change is tried that others' changes came before.
const TRIES: usize = 5;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key for an application. Its secret is printed, and cannot be had again.
    ///
    /// Example: palisade key issue retail/assistant --days 90 --config config/palisade.toml
    Issue(IssueArgs),
    /// List keys, without their secrets.
    ///
    /// Example: palisade key list --config config/palisade.toml
    List(ListArgs),
    /// Make another key for the application of one, which ends after an overlap.
    ///
    /// Example: palisade key rotate PLSDABCDEFGHIJKLMNOP --overlap-hours 48 --config config/palisade.toml
    Rotate(RotateArgs),
    /// Take a key away; gateways refuse it within two seconds.
    ///
    /// Example: palisade key revoke PLSDABCDEFGHIJKLMNOP --config config/palisade.toml
    Revoke {
        /// The access key id.
        id: String,
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct IssueArgs {
    /// `TENANT/APPLICATION`.
    application: String,
    /// Days that it is good for; without it, until it is revoked.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(DAYS_MAX)))]
    days: Option<u32>,
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only those of this `TENANT/APPLICATION`.
    #[arg(long)]
    application: Option<String>,
    /// Say when each was used last, as the log of this gateway has it.
    #[arg(long)]
    last_use: bool,
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    /// The access key id.
    id: String,
    /// Hours that the old one is good for yet.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=24 * i64::from(DAYS_MAX)))]
    overlap_hours: u32,
    /// Days that the new one is good for; without it, until it is revoked.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(DAYS_MAX)))]
    days: Option<u32>,
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

/// Runs a command. Returns the process's exit code.
pub(super) fn run(command: &KeyCommand) -> ExitCode {
    let outcome = match command {
        KeyCommand::Issue(args) => issue(args),
        KeyCommand::List(args) => list(args),
        KeyCommand::Rotate(args) => rotate(args),
        KeyCommand::Revoke { id, config } => revoke(id, config),
    };
    exit_code(outcome.map(|()| true))
}

fn issue(args: &IssueArgs) -> Result<(), Failure> {
    let config = Config::read(&args.config)?;
    let (tenant, application) = args
        .application
        .split_once('/')
        .ok_or("name the application as TENANT/APPLICATION")?;
    let new = NewKey::make(&sealing(&config)?, tenant, application, args.days)?;
    change(&config, |_| Ok(vec![new.step()?]))?;
    print(&new)
}

fn rotate(args: &RotateArgs) -> Result<(), Failure> {
    let config = Config::read(&args.config)?;
    let old = key_of(&current(&config)?.entries, &args.id)?;
    let new = NewKey::make(&sealing(&config)?, &old.tenant, &old.application, args.days)?;
    change(&config, |contents| {
        let old = key_of(&contents.entries, &args.id)?;
        Ok(new.in_place_of(&old, args.overlap_hours)?)
    })?;
    print(&new)
}

fn revoke(id: &str, config: &Path) -> Result<(), Failure> {
    let config = Config::read(config)?;
    change(&config, |contents| {
        key_of(&contents.entries, id)?;
        Ok(vec![Step::Remove(Kind::Key, id.to_owned())])
    })?;
    writeln!(std::io::stdout(), "{id} is revoked")?;
    Ok(())
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let config = Config::read(&args.config)?;
    let last = args.last_use.then(|| last_uses(&config.audit)).transpose()?;
    let mut out = std::io::stdout().lock();
    for key in keys(current(&config)?)? {
        let application = format!("{}/{}", key.tenant, key.application);
        if args.application.as_ref().is_some_and(|only| *only != application) {
            continue;
        }
        let ends = match &key.expires {
            None => "until it is revoked".to_owned(),
            Some(expires) if instant(expires).is_some_and(|at| at <= unix_s()) => {
                format!("EXPIRED {expires}")
            }
            Some(expires) => format!("until {expires}"),
        };
        let issued = key.issued.map_or(String::new(), |at| format!(", issued {at}"));
        let used = last
            .as_ref()
            .map_or(String::new(), |last| match last.get(&key.id) {
                Some(at) => format!(", used last {}", stamp(*at).replace(' ', "T")),
                None => ", not used in this log".to_owned(),
            });
        writeln!(out, "{:<22} {application}  {ends}{issued}{used}", key.id)?;
    }
    Ok(())
}

/// When each key was used last, in nanoseconds since the Unix epoch, by its id.
fn last_uses(audit: &config::Audit) -> Result<HashMap<String, u64>, Failure> {
    let keys = PeopleKeys {
        people_keys: audit.people_keys.clone(),
    };
    let mut last = HashMap::new();
    each_line(&audit.directory, &keys, Read::by("key list"), |line| {
        if let Ok(Entry::Known(record)) = line.entry
            && let Record::Decision(decision) = *record
            && let Some(by) = decision
                .principal
                .filter(|by| by.authentication != Authentication::Jwt)
        {
            last.insert(by.credential, decision.time);
        }
        Ok(())
    })?;
    Ok(last)
}

fn print(NewKey { entry, secret }: &NewKey) -> Result<(), Failure> {
    writeln!(
        std::io::stdout(),
        "AWS_ACCESS_KEY_ID={0}\nAWS_SECRET_ACCESS_KEY={secret}\nAPI_KEY={0}.{secret}",
        entry.id
    )?;
    let ends = entry.expires.as_ref().map_or_else(
        || "is good until it is revoked".to_owned(),
        |expires| format!("is good until {expires}"),
    );
    writeln!(
        std::io::stderr(),
        "{} {ends}; its secret cannot be had again",
        entry.id
    )?;
    Ok(())
}

/// Changes the store, and again where somebody else was first.
fn change(config: &Config, steps: impl Fn(&Contents) -> Result<Vec<Step>, Failure>) -> Result<(), Failure> {
    let store = store_of(config)?;
    for _ in 0..TRIES {
        let before = store.load()?;
        match carry_out(config, store.as_ref(), &before, &steps(&before)?) {
            Ok(_) => return Ok(()),
            Err(failure) if is_conflict(&failure) => {}
            Err(failure) => return Err(failure),
        }
    }
    Err("others change the store all the time; try again".into())
}

fn is_conflict(failure: &Failure) -> bool {
    let store = failure.downcast_ref::<StoreError>();
    matches!(store, Some(StoreError::Conflict { .. } | StoreError::Busy))
}

fn sealing(config: &Config) -> Result<Sealing, Failure> {
    let none = "the configuration has no `registry.sealing`, which secrets of keys are sealed under: `sealing = { key_file = \"registry.key\" }`, \
                and `openssl rand -base64 32 >registry.key; chmod 600 registry.key`";
    Ok(secrets(&config.registry)?.sealing.ok_or(none)?)
}

fn keys(contents: Contents) -> Result<Vec<KeyEntry>, Failure> {
    let keys = contents
        .entries
        .into_iter()
        .filter(|entry| entry.kind == Kind::Key);
    Ok(File::of(keys.collect())?.keys)
}
