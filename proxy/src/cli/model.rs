//! `palisade model`: models for the registry.

use super::Failure;
use clap::{Args, Subcommand};
use palisade_registry::{As, File, Imported, import};
use std::io::Write;
use std::path::PathBuf;

/// Longest list, in bytes.
const LIST_BYTES_MAX: u64 = 16 * 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// Write registry entries for the models and profiles that the AWS CLI lists: `aws bedrock list-foundation-models` and `list-inference-profiles`, as
    /// JSON, of one or more regions. They are candidates, which nobody may call, until you approve them.
    ///
    /// Example: palisade model import models.json profiles.json --group general-purpose --classification-max 1 >models.toml
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// What the AWS CLI printed. Profiles need the list of their models.
    #[arg(required = true)]
    lists: Vec<PathBuf>,
    /// A group that policies grant; repeatable.
    #[arg(long = "group")]
    groups: Vec<String>,
    /// The highest classification that they may see, 0 to 4.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=4))]
    classification_max: u8,
    /// Approve them; those that AWS calls legacy are deprecated then.
    #[arg(long)]
    approve: bool,
}

/// Runs a command.
pub(super) fn run(command: &ModelCommand) -> Result<(), Failure> {
    let ModelCommand::Import(args) = command;
    let texts: Vec<String> = args.lists.iter().map(text).collect::<Result<_, _>>()?;
    let as_what = As {
        lifecycle: if args.approve { "approved" } else { "candidate" }.to_owned(),
        groups: args.groups.clone(),
        classification_max: args.classification_max,
    };
    let Imported { models, left_out } = import(&texts, &as_what).map_err(|(position, why)| {
        let path = args.lists.get(position).cloned().unwrap_or_default();
        format!("{}: {why}", path.display())
    })?;
    let count = models.len();
    let file = File {
        models,
        ..File::default()
    };
    std::io::stdout().write_all(file.to_toml()?.as_bytes())?;
    let mut told = std::io::stderr().lock();
    for line in &left_out {
        writeln!(told, "left out: {line}")?;
    }
    writeln!(told, "{count} entries, {} left out", left_out.len())?;
    Ok(())
}

fn text(path: &PathBuf) -> Result<String, Failure> {
    let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    match std::fs::metadata(path).map_err(|e| wrong(&e))?.len() > LIST_BYTES_MAX {
        true => Err(wrong(&"is too long for a list of models").into()),
        false => Ok(std::fs::read_to_string(path).map_err(|e| wrong(&e))?),
    }
}
