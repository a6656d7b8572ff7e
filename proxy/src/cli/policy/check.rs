//! `palisade policy check`.

use super::{CheckArgs, Files, Outcome};
use crate::cli::Format;
use crate::config::Config;
use crate::gateway::{inventory, registry, snapshot};
use palisade_policies::{Position, Problem};
use serde_json::json;
use std::io::Write;

pub(super) fn run(args: &CheckArgs) -> Outcome {
    let files = Files::read(&args.dir)?;
    let registered = match &args.config {
        Some(path) => Some(inventory(&registry(&Config::read(path)?)?)),
        None => None,
    };
    let mut out = std::io::stdout().lock();
    match snapshot(&files.sources(), registered.as_ref()) {
        Ok(snapshot) => {
            if args.format == Format::Text {
                writeln!(
                    out,
                    "{}: good: policies {}",
                    args.dir.display(),
                    snapshot.digest()
                )?;
            }
            Ok(true)
        }
        Err(problems) => {
            for problem in &problems {
                match args.format {
                    Format::Text => writeln!(out, "{}", excerpt(problem, files.text(&problem.path)))?,
                    Format::Json => writeln!(out, "{}", as_json(problem))?,
                }
            }
            Ok(false)
        }
    }
}

/// A problem as compilers show it, with the line that it is in.
pub(super) fn excerpt(problem: &Problem, text: &str) -> String {
    let policy = problem
        .policy
        .as_ref()
        .map_or_else(String::new, |id| format!("policy `{id}`: "));
    let mut shown = format!("error: {policy}{}\n", problem.message);
    match problem.at {
        Some(Position { line, column }) => {
            shown += &format!("  --> {}:{line}:{column}\n", problem.path);
            if let Some(excerpt) = text.lines().nth(line - 1) {
                let (number, gutter) = (line.to_string(), " ".repeat(line.to_string().len()));
                let excerpt = excerpt.replace('\t', " ");
                let before = " ".repeat(column - 1);
                shown += &format!("{gutter} |\n{number} | {excerpt}\n{gutter} | {before}^\n");
            }
        }
        None => shown += &format!("  --> {}\n", problem.path),
    }
    if let Some(help) = &problem.help {
        shown += &format!("  = help: {help}\n");
    }
    shown
}

fn as_json(problem: &Problem) -> serde_json::Value {
    json!({
        "path": problem.path,
        "line": problem.at.map(|at| at.line),
        "column": problem.at.map(|at| at.column),
        "policy": problem.policy,
        "message": problem.message,
        "help": problem.help,
    })
}
