//! `palisade model`: models for the registry.

use super::Failure;
use clap::{Args, Subcommand};
use palisade_registry::{As, Catalogue, CatalogueModel, File, Imported, catalogue, import, import_catalogue};
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
    ///
    /// Or for those of the catalogue that ships: palisade model import --catalogue eu-central-1 --only nova
    Import(ImportArgs),
    /// Show the catalogue of Bedrock's models that ships: what they take and give, and what they cost.
    Catalogue {
        /// Only models that have one of these words in their ids.
        only: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// What the AWS CLI printed. Profiles need the list of their models.
    #[arg(required_unless_present = "catalogue")]
    lists: Vec<PathBuf>,
    /// Take the catalogue that ships instead, as seen from this region. Whether the region has a model is for AWS to say.
    #[arg(long, value_name = "REGION", conflicts_with = "lists")]
    catalogue: Option<String>,
    /// Of the catalogue only models that have this in their ids; repeatable.
    #[arg(long, requires = "catalogue")]
    only: Vec<String>,
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
    match command {
        ModelCommand::Import(args) => write_entries(args),
        ModelCommand::Catalogue { only } => show(&shipped(only)?),
    }
}

fn write_entries(args: &ImportArgs) -> Result<(), Failure> {
    let as_what = As {
        lifecycle: if args.approve { "approved" } else { "candidate" }.to_owned(),
        groups: args.groups.clone(),
        classification_max: args.classification_max,
    };
    let Imported { models, left_out } = match &args.catalogue {
        Some(region) => import_catalogue(&shipped(&args.only)?, region, &as_what),
        None => import_lists(&args.lists, &as_what)?,
    };
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

fn import_lists(lists: &[PathBuf], as_what: &As) -> Result<Imported, Failure> {
    let texts: Vec<String> = lists.iter().map(text).collect::<Result<_, _>>()?;
    let imported = import(&texts, as_what).map_err(|(position, why)| {
        let path = lists.get(position).cloned().unwrap_or_default();
        format!("{}: {why}", path.display())
    })?;
    Ok(imported)
}

/// The models of the catalogue that are meant.
fn shipped(only: &[String]) -> Result<Catalogue, Failure> {
    let mut all = catalogue()?;
    all.keep(only);
    match all.models.is_empty() {
        true => Err(format!("no model of the catalogue has {} in its id", only.join(" or ")).into()),
        false => Ok(all),
    }
}

fn show(all: &Catalogue) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "As of {}, from {}.", all.as_of, all.source)?;
    writeln!(
        out,
        "{:<58} {:>9} {:>9}  {:<11} takes -> gives",
        "US dollars a million tokens, of the ordinary tier", "input", "output", "until"
    )?;
    all.models
        .iter()
        .try_for_each(|model| writeln!(out, "{}", line(model)))?;
    Ok(())
}

fn line(model: &CatalogueModel) -> String {
    let price = |meter| {
        model
            .token_price(meter)
            .map_or_else(|| "-".to_owned(), dollars_a_million)
    };
    let until = model.end_of_life.as_deref().unwrap_or("-");
    let (takes, gives) = (model.inputs.join(" "), model.outputs.join(" "));
    let (id, input, output) = (&model.id, price("input"), price("output"));
    format!("{id:<58} {input:>9} {output:>9}  {until:<11} {takes} -> {gives}")
}

/// A million times as many millionths of a millionth of a dollar.
fn dollars_a_million(pico_usd: u64) -> String {
    let (dollars, rest) = (pico_usd / 1_000_000, pico_usd % 1_000_000);
    let rest = format!("{rest:06}");
    format!("{dollars}.{:0<2}", rest.trim_end_matches('0'))
}

fn text(path: &PathBuf) -> Result<String, Failure> {
    let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    match std::fs::metadata(path).map_err(|e| wrong(&e))?.len() > LIST_BYTES_MAX {
        true => Err(wrong(&"is too long for a list of models").into()),
        false => Ok(std::fs::read_to_string(path).map_err(|e| wrong(&e))?),
    }
}
