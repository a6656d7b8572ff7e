//! A call that stands in a log, explained by the policies that decided it, or by others.

use super::super::{ExplainArgs, Outcome};
use super::{by, decider, report_on};
use crate::cli::archive::Archive;
use crate::cli::records::each_line;
use crate::cli::{Failure, PeopleKeys};
use crate::replay::{Asked, FactsRead, Form, Verdict};
use crate::trail::Read;
use palisade_audit::{Decision, Entry, Finding, Record};
use palisade_policies::explain;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// True if the call, and all that was found in its prompt, may pass.
pub(super) fn run(args: &ExplainArgs, log: &Path, request_id: &str, out: &mut String) -> Outcome {
    let (decision, facts) = find(log, &args.keys, request_id)?;
    let asked = Asked::of(&decision, &facts)
        .map_err(|why| format!("the record of request {request_id} cannot be explained: {why}"))?;
    let snapshot = match (&args.bundle, &decision.policy) {
        (Some(bundle), _) => Arc::new(decider(Some(bundle))?),
        (None, Some(policy)) => Archive::beside(log).policies(policy)?,
        (None, None) => return Err("the record names no policies".into()),
    };
    let _ = writeln!(out, "recorded: {}", Verdict::recorded(&decision));
    let said = asked.again(&snapshot);
    let (principal, model, call) = asked.subjects();
    match call {
        Some(call) => {
            report_on(explain(&snapshot, principal, model, call), out);
        }
        None => {
            let _ = writeln!(
                out,
                "no permit's scope matched, so the body was not read; now: {}",
                said.to_request(&[]).word()
            );
        }
    }
    let now = said.to_request(&decision.findings);
    for (finding, form) in decision.findings.iter().zip(&now.findings) {
        found(finding, form, out);
    }
    let question = decision
        .question
        .as_deref()
        .map(serde_json::to_string)
        .transpose()?;
    let _ = writeln!(out, "context    {}", question.unwrap_or_default());
    let _ = writeln!(out, "principal  {}", principal.archived().json);
    let _ = writeln!(out, "model      {}", model.archived().json);
    Ok(now.allowed)
}

fn found(finding: &Finding, form: &Form, out: &mut String) {
    let Finding {
        count,
        category,
        place,
        ..
    } = finding;
    let (treatment, by) = (form.treatment.name(), by(&form.determining));
    let _ = writeln!(out, "{count} {category} in {place}: {treatment}, {by}");
}

/// The decision about a call, and the facts that stand before it.
fn find(log: &Path, keys: &PeopleKeys, request_id: &str) -> Result<(Box<Decision>, FactsRead), Failure> {
    let mut facts = FactsRead::default();
    let mut found = None;
    let read = Read {
        request_id: Some(request_id.to_owned()),
        ..Read::by("policy explain")
    };
    each_line(log, keys, read, |line| {
        let Ok(Entry::Known(record)) = line.entry else {
            return Ok(());
        };
        match *record {
            Record::LogStarted(_) if found.is_none() => facts.clear(),
            Record::Facts(record) if found.is_none() => facts.read(&record)?,
            Record::Decision(decision) if decision.request_id == request_id => {
                found = Some(Box::new(decision));
            }
            _ => {}
        }
        Ok(())
    })?;
    let decision =
        found.ok_or_else(|| format!("{}: no decision about request {request_id}", log.display()))?;
    Ok((decision, facts))
}
