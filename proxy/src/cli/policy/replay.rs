//! `palisade policy replay`: what a bundle would have said to the calls of a log.

use super::{Files, Outcome, ReplayArgs};
use crate::cli::Format;
use crate::cli::archive::Archive;
use crate::cli::progress::Progress;
use crate::cli::records::each_line;
use crate::gateway::listed;
use crate::replay::{Again, Change, Replayer, Unreplayable, Who};
use crate::trail::Read;
use palisade_audit::{Entry, Finding};
use palisade_policies::{Bundle, Snapshot};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

/// Kinds of changes that are told apart; beyond it they are counted together.
const GROUPS_MAX: usize = 10_000;

/// So many decisions are made again from one sign of progress to the next.
const PROGRESS_EVERY: u64 = 100_000;

/// True if every call comes out as it did.
pub(super) fn run(args: &ReplayArgs) -> Outcome {
    let files = Files::read(&args.bundle)?;
    let bundle = Bundle::load(&files.sources()).map_err(|problems| listed(&problems))?;
    let report = replay(args, Proposed::new(bundle))?;
    let text = match args.format {
        Format::Text => report.text(),
        Format::Json => report.json(),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(report.flips() == 0)
}

fn replay(args: &ReplayArgs, mut proposed: Proposed) -> Result<Report, super::Failure> {
    let mut replayer = Replayer::default();
    let mut report = Report::default();
    let mut archive = Archive::beside(&args.audit);
    let progress = Progress::every(PROGRESS_EVERY);
    each_line(&args.audit, &args.keys, Read::by("policy replay"), |line| {
        let place = &line.place;
        let entry = line.entry.as_ref().map_err(|why| format!("{place}: {why}"))?;
        let Entry::Known(record) = entry else {
            return Ok(());
        };
        let again = replayer.take(record, |policy| proposed.snapshot(archive.policies(policy).ok()));
        if let Some(again) = again.map_err(|why| format!("{place}: {why}"))? {
            report.add(&again);
        }
        progress.at(replayer.replayed, "decisions");
        Ok(())
    })?;
    report.replayed = replayer.replayed;
    report.left_out = replayer.left_out;
    Ok(report)
}

/// The bundle to ask, with the categories that there were when a decision was made: those of the operator's own among them.
struct Proposed {
    bundle: Arc<Bundle>,
    known: Vec<Arc<Snapshot>>,
}

impl Proposed {
    fn new(bundle: Bundle) -> Self {
        Self {
            bundle: Arc::new(bundle),
            known: Vec::new(),
        }
    }

    /// Takes the policies that decided, if they are kept.
    fn snapshot(&mut self, decided: Option<Arc<Snapshot>>) -> Result<Arc<Snapshot>, Unreplayable> {
        let own = || -> Vec<(String, String)> {
            let pairs = palisade_guardrails::forest().into_iter();
            pairs
                .map(|(child, parent)| (child.to_owned(), parent.to_owned()))
                .collect()
        };
        let forest = decided.map_or_else(own, |decided| decided.forest().to_vec());
        if let Some(known) = self.known.iter().find(|known| known.forest() == forest) {
            return Ok(Arc::clone(known));
        }
        let pairs: Vec<_> = forest
            .iter()
            .map(|(child, parent)| (child.as_str(), parent.as_str()))
            .collect();
        let snapshot = Snapshot::new(Arc::clone(&self.bundle), &pairs).map_err(|_| Unreplayable::Value)?;
        let snapshot = Arc::new(snapshot);
        self.known.push(Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

/// What comes out otherwise.
#[derive(Default)]
struct Report {
    replayed: u64,
    left_out: BTreeMap<String, u64>,
    flips: BTreeMap<Flip, u64>,
    /// Flips beyond [`GROUPS_MAX`] kinds.
    others: u64,
    /// Calls that come out as they did, by other policies.
    other_policies: u64,
}

/// One kind of change.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flip {
    change: String,
    tenant: String,
    principal: String,
    model: String,
    /// Those that determine what is said now; where nothing does, those that determined what was.
    policies: Vec<String>,
}

impl Report {
    fn add(&mut self, again: &Again<'_>) {
        let changes = again.changes();
        self.other_policies += u64::from(changes.is_empty() && again.by_other_policies());
        for change in changes {
            self.flip(again.who(), change);
        }
    }

    fn flip(&mut self, who: &Who, change: Change<'_>) {
        let arrow = format!("{} → {}", change.was, change.is);
        let flip = Flip {
            change: match change.finding {
                Some(Finding { category, place, .. }) => format!("{category} ({place}) {arrow}"),
                None => arrow,
            },
            tenant: who.tenant.clone(),
            principal: who.principal.clone(),
            model: who.model.clone(),
            policies: change.policies,
        };
        if self.flips.len() >= GROUPS_MAX && !self.flips.contains_key(&flip) {
            self.others += 1;
            return;
        }
        *self.flips.entry(flip).or_default() += 1;
    }

    fn flips(&self) -> u64 {
        self.flips.values().sum::<u64>() + self.others
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let mut rows: Vec<[String; 6]> =
            vec![["calls", "change", "tenant", "principal", "model", "by"].map(str::to_owned)];
        for (flip, count) in &self.flips {
            let Flip {
                change,
                tenant,
                principal,
                model,
                policies,
            } = flip;
            let cells = [
                &count.to_string(),
                change,
                tenant,
                principal,
                model,
                &policies.join(", "),
            ];
            rows.push(cells.map(Clone::clone));
        }
        if rows.len() > 1 {
            table(&rows, &mut out);
        }
        if self.others > 0 {
            let _ = writeln!(out, "{} more, of other kinds", self.others);
        }
        let _ = writeln!(
            out,
            "{} decisions made again, {} changes",
            self.replayed,
            self.flips()
        );
        if self.other_policies > 0 {
            let _ = writeln!(
                out,
                "{} come out as they did, by other policies",
                self.other_policies
            );
        }
        for (why, count) in &self.left_out {
            let _ = writeln!(out, "{count} left out: {why}");
        }
        out
    }

    fn json(&self) -> String {
        let flips: Vec<_> = self
            .flips
            .iter()
            .map(|(flip, count)| {
                json!({"change": flip.change, "tenant": flip.tenant, "principal": flip.principal,
                    "model": flip.model, "policies": flip.policies, "count": count})
            })
            .collect();
        let report = json!({"replayed": self.replayed, "changes": self.flips(), "flips": flips, "others": self.others,
            "other_policies": self.other_policies, "left_out": self.left_out});
        format!("{report}\n")
    }
}

fn table(rows: &[[String; 6]], out: &mut String) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| format!("{cell:<width$}", width = width(column)))
            .collect();
        let _ = writeln!(out, "{}", cells.join("  ").trim_end());
    }
}
