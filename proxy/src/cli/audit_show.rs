//! `palisade audit show`: the log for people.

mod own;

use super::records::{Line, each_line};
use super::{Failure, Format, ShowArgs};
use crate::clock::stamp;
use crate::trail::Read;
use palisade_audit::canonical::canonicalize;
use palisade_audit::sealed::sealed_under;
use palisade_audit::{Action, Completion, CoverageGap, Decision, Entry, Finding, Record, Restored};
use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{BufWriter, Write};

pub(super) fn run(args: &ShowArgs) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut shown = Shown::default();
    let read = Read {
        request_id: args.request_id.clone(),
        tenant: args.tenant.clone(),
        ..Read::by("show")
    };
    each_line(&args.log, &args.keys, read, |line| {
        show(line, args, &mut shown, &mut out)
    })?;
    out.flush()?;
    match shown.damaged {
        0 => Ok(()),
        damaged => Err(format!("{damaged} are not records as they are written").into()),
    }
}

/// What has been seen so far.
#[derive(Default)]
struct Shown {
    /// Decisions that were shown; their completions are shown too.
    decisions: HashSet<String>,
    damaged: u64,
}

fn show(line: Line<'_>, args: &ShowArgs, shown: &mut Shown, out: &mut impl Write) -> Result<(), Failure> {
    let entry = match line.entry {
        Ok(entry) => entry,
        Err(error) => {
            shown.damaged += 1;
            writeln!(out, "{}: {error}", line.place)?;
            return Ok(());
        }
    };
    if !wanted(&entry, args, shown) {
        return Ok(());
    }
    match (args.format, entry) {
        (Format::Json, Entry::Known(record)) if args.unsealed => {
            let record = canonicalize(&serde_json::to_value(record)?)?;
            writeln!(out, "{}", String::from_utf8_lossy(&record))?;
        }
        (Format::Json, _) => writeln!(out, "{}", line.text)?,
        (Format::Text, Entry::Unknown { kind }) => {
            writeln!(out, "        a record of a later version: {kind}")?;
        }
        (Format::Text, Entry::Known(record)) => match *record {
            Record::Decision(decision) => show_decision(&decision, out)?,
            Record::Completion(completion) => show_completion(&completion, out)?,
            own => own::show(&own, out)?,
        },
    }
    Ok(())
}

fn wanted(entry: &Entry, args: &ShowArgs, shown: &mut Shown) -> bool {
    let unfiltered = args.tenant.is_none() && args.request_id.is_none();
    let Entry::Known(record) = entry else {
        return unfiltered;
    };
    match record.as_ref() {
        Record::Decision(decision) => {
            let tenant = args
                .tenant
                .as_ref()
                .is_none_or(|tenant| *tenant == decision.tenant);
            let request = args
                .request_id
                .as_ref()
                .is_none_or(|id| *id == decision.request_id);
            let wanted = tenant && request;
            if wanted && !unfiltered {
                shown.decisions.insert(decision.id.clone());
            }
            wanted
        }
        Record::Completion(completion) => unfiltered || shown.decisions.remove(&completion.decision),
        _ => unfiltered,
    }
}

fn show_decision(decision: &Decision, out: &mut impl Write) -> std::io::Result<()> {
    let effect = match decision.log_only {
        true => format!("({})", decision.effect.name()),
        false => decision.effect.name().to_owned(),
    };
    let who = decision.principal.as_ref().map_or_else(
        || "somebody unidentified".to_owned(),
        |p| {
            format!(
                "{}/{} by {}",
                decision.tenant,
                person(&p.id),
                p.authentication.name()
            )
        },
    );
    let about = about(decision);
    let action = match decision.action {
        Action::Unknown => decision.http.method.as_str(),
        action => action.name(),
    };
    writeln!(
        out,
        "{}  {effect:<13} {who}  {action} {about}",
        stamp(decision.time)
    )?;
    write!(out, "        because {}", decision.reason.name())?;
    if !decision.determining.is_empty() {
        write!(out, " [{}]", decision.determining.join(", "))?;
    }
    if !decision.errors.is_empty() {
        write!(out, " FAILED [{}]", decision.errors.join(", "))?;
    }
    let watched = if decision.log_only {
        ", but policy is only watched"
    } else {
        ""
    };
    writeln!(out, "{watched}  request {}", decision.request_id)?;
    show_findings("in the prompt", &decision.findings, out)?;
    show_gaps(&decision.coverage_gaps, out)
}

fn show_completion(completion: &Completion, out: &mut impl Write) -> std::io::Result<()> {
    let end = completion.end.name();
    write!(
        out,
        "{}  └ {end:<11} status {}, {} bytes, {} ms",
        stamp(completion.time),
        completion.client_status,
        completion.client_bytes,
        completion.total_us / 1000,
    )?;
    if let Some(usage) = completion.usage {
        let count = |tokens: Option<u64>| tokens.map_or_else(|| "?".to_owned(), |n| n.to_string());
        write!(
            out,
            ", tokens {} in {} out",
            count(usage.input_tokens),
            count(usage.output_tokens)
        )?;
    }
    writeln!(out, "  request {}", completion.request_id)?;
    show_findings("in the answer", &completion.findings, out)?;
    show_restored(&completion.restored, out)?;
    show_gaps(&completion.coverage_gaps, out)
}

fn show_findings(side: &str, findings: &[Finding], out: &mut impl Write) -> std::io::Result<()> {
    for finding in findings {
        let Finding {
            count,
            category,
            treatment,
            done,
            determining,
            place,
            ..
        } = finding;
        // Of an answer the side says it all.
        let place = match place.as_str() {
            "" | "answer" => String::new(),
            place => format!(" ({place})"),
        };
        let done = done.map_or(String::new(), |done| format!(", done: {}", done.name()));
        writeln!(
            out,
            "        {side}{place}: {count} {category} {} [{}]{done}",
            treatment.name(),
            determining.join(", ")
        )?;
    }
    Ok(())
}

fn show_restored(all: &[Restored], out: &mut impl Write) -> std::io::Result<()> {
    for restored in all {
        let Restored {
            count,
            category,
            determining,
        } = restored;
        writeln!(
            out,
            "        in the answer: {count} {category} restored [{}]",
            determining.join(", ")
        )?;
    }
    Ok(())
}

fn show_gaps(gaps: &[CoverageGap], out: &mut impl Write) -> std::io::Result<()> {
    if gaps.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = gaps.iter().map(|gap| gap.name()).collect();
    writeln!(out, "        not scanned: {}", names.join(", "))
}

/// Who it is, or under which key that is sealed.
fn person(id: &str) -> Cow<'_, str> {
    match sealed_under(id) {
        Some(key) => format!("(sealed {})", short(key)).into(),
        None => id.into(),
    }
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// The model that was asked for, or the entries of the registry.
fn about(decision: &Decision) -> String {
    if let Some(model) = &decision.model {
        return model.id.clone();
    }
    let Some(entries) = &decision.entries else {
        return "-".to_owned();
    };
    let names: Vec<String> = entries
        .first
        .iter()
        .map(|entry| format!("{} {}", entry.of, entry.id))
        .collect();
    let more = entries
        .more
        .map_or(String::new(), |more| format!(", and {more} more"));
    names.join(", ") + &more
}
