//! `palisade policy explain`.

mod recorded;

use super::{ExplainArgs, Files, Outcome};
use crate::cli::Failure;
use crate::clock::unix_ms;
use crate::config::Config;
use crate::gateway::{listed, registry, snapshot};
use crate::question::circumstances;
use crate::registry::{Identity, Registry};
use palisade_policies::{
    Action, CallFacts, DEFAULT_BUNDLE, Denial, Direction, Explanation, FindingFacts, Modality, Model, Permit,
    Reason, Snapshot, Stated, Treatment, explain,
};
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

pub(super) fn run(args: &ExplainArgs) -> Outcome {
    let mut report = String::new();
    let good = match (&args.audit, &args.request_id) {
        (Some(log), Some(id)) => recorded::run(args, log, id, &mut report)?,
        _ => asked(args, &mut report)?,
    };
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(good)
}

/// Explains a question on the command line.
fn asked(args: &ExplainArgs, out: &mut String) -> Outcome {
    let [Some(who), Some(id)] = [args.who.as_deref(), args.model.as_deref()] else {
        return Err("name who calls, and the model".into());
    };
    let config = args
        .config
        .as_deref()
        .ok_or("name a configuration: --config FILE")?;
    let config = Config::read(config)?;
    let registry = registry(&config)?;
    let snapshot = Arc::new(decider(
        args.bundle.as_deref().or(config.policy.bundle.as_deref()),
    )?);
    let identity = identity(who, args, &registry)?;
    let model = model(id, &registry)?;
    let call = call(args, &identity)?;
    let explanation = explain(&snapshot, identity.facts(), model, &call);
    let _ = writeln!(
        out,
        "{} of {}, {} {id}",
        identity.id(),
        identity.tenant().id(),
        args.action,
    );
    let permit = report_on(explanation, out);
    match (permit, &args.category) {
        (Some(permit), Some(category)) => {
            let has_tokens = config.guardrails.tokenize.is_some();
            let permit = if has_tokens { permit.with_tokens() } else { permit };
            finding(&permit, category, args, out)
        }
        (permit, _) => Ok(permit.is_some()),
    }
}

fn decider(bundle: Option<&std::path::Path>) -> Result<Snapshot, Failure> {
    let files = bundle.map(Files::read).transpose()?;
    let sources = files.as_ref().map(Files::sources);
    let snapshot = snapshot(sources.as_deref().unwrap_or(DEFAULT_BUNDLE), None);
    Ok(snapshot.map_err(|problems| listed(&problems))?)
}

fn identity(who: &str, args: &ExplainArgs, registry: &Registry) -> Result<Arc<Identity>, Failure> {
    let (tenant, id) = who.split_once('/').ok_or("name who calls as TENANT/ID")?;
    let identity = match args.user {
        true => registry.user(tenant, id, &args.groups),
        false => registry.application(tenant, id),
    };
    let hint = "an application of the registry, or with --user anybody of a tenant";
    identity.ok_or_else(|| format!("`{who}` is not known: name {hint}").into())
}

fn model<'r>(id: &str, registry: &'r Registry) -> Result<&'r Model, Failure> {
    let endpoint = registry.endpoint(id).map(|endpoint| &endpoint.model);
    let model = registry.model(id).or(endpoint);
    model.ok_or_else(|| format!("`{id}` is no model or endpoint of the registry").into())
}

fn call(args: &ExplainArgs, identity: &Identity) -> Result<CallFacts, Failure> {
    let action = Action::named(&args.action).ok_or_else(|| {
        let known: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
        format!(
            "`{}` is no operation: use one of {}",
            args.action,
            known.join(", ")
        )
    })?;
    Ok(CallFacts {
        action,
        input_tokens: args.input_tokens,
        max_tokens: args
            .max_tokens
            .unwrap_or_else(|| identity.tenant().default_max_tokens()),
        modalities: vec![Modality::Text],
        tools: args.tools.clone(),
        unscanned: args
            .gaps
            .iter()
            .map(|gap| gap.parse())
            .collect::<Result<_, _>>()?,
        uses: Vec::new(),
        base: circumstances(identity, unix_ms(), args.client_ip)?,
    })
}

/// Adds what there is to say. Gives the permit, if there is one.
fn report_on(explanation: Explanation, out: &mut String) -> Option<Permit> {
    match explanation.answer {
        Ok(permit) => {
            let _ = writeln!(out, "ALLOWED by");
            stated(&explanation.determining, out);
            Some(permit)
        }
        Err(denial) => {
            let _ = writeln!(out, "DENIED: {}", told(&denial));
            stated(&explanation.errors, out);
            stated(&explanation.determining, out);
            for near in &explanation.nearest {
                let Stated { policy, path, at, .. } = &near.permit;
                let _ = writeln!(out, "  {policy} ({path}:{}) would permit it if", at.line);
                for lacking in &near.lacking {
                    let _ = writeln!(out, "    {lacking}");
                }
            }
            None
        }
    }
}

fn told(denial: &Denial) -> &'static str {
    match denial.reason {
        Reason::NoPermit => "no policy permits it",
        Reason::Forbidden => "it is forbidden by",
        Reason::PolicyError => "these policies could not be evaluated, which denies",
        Reason::Invalid => "the operation is not one for this kind of model",
    }
}

fn stated(policies: &[Stated], out: &mut String) {
    for Stated {
        policy,
        path,
        at,
        text,
    } in policies
    {
        let _ = writeln!(out, "  {policy} ({path}:{})", at.line);
        for line in text.lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
}

fn finding(permit: &Permit, category: &str, args: &ExplainArgs, out: &mut String) -> Outcome {
    let direction = match args.place.as_str() {
        "answer" => Direction::Reveal,
        _ => Direction::Disclose,
    };
    let treated = permit.treatment(
        direction,
        &FindingFacts {
            category,
            place: args.place.parse()?,
            confidence: args.confidence,
            count: args.count,
        },
    );
    let form = match treated.treatment {
        Treatment::Raw => "passes as it is",
        Treatment::Tokenized => "passes as a token",
        Treatment::Redacted => "passes redacted",
        Treatment::Block => "is blocked",
    };
    let _ = writeln!(
        out,
        "{category} in {} {form}: {}",
        args.place,
        by(&treated.determining)
    );
    Ok(treated.treatment != Treatment::Block)
}

fn by(policies: &[String]) -> String {
    match policies {
        [] => "nothing permits it in any form".to_owned(),
        ids => format!("by {}", ids.join(", ")),
    }
}
