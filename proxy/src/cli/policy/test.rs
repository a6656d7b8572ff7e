//! `palisade policy test`.

use super::check::excerpt;
use super::{Files, Format, Outcome, TestArgs};
use palisade_policies::{CaseOutcome, Examination, Gap, Unreached, examine};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write;

pub(super) fn run(args: &TestArgs) -> Outcome {
    let files = Files::read(&args.dir)?;
    let examination = examine(&files.sources()).map_err(|problems| {
        let shown = problems
            .iter()
            .map(|problem| excerpt(problem, files.text(&problem.path)));
        format!("the bundle cannot be used:\n{}", shown.collect::<String>())
    })?;
    let report = match args.format {
        Format::Text => text(&examination),
        Format::Json => as_json(&examination),
        Format::Junit => junit(&examination),
    };
    std::io::stdout().write_all(report.as_bytes())?;
    let passed = examination.cases.iter().all(|case| case.failure.is_none());
    Ok(passed && (examination.unreached.is_empty() || !args.fail_unreached))
}

fn text(examination: &Examination) -> String {
    let mut out = String::new();
    let failed: Vec<&CaseOutcome> = examination
        .cases
        .iter()
        .filter(|case| case.failure.is_some())
        .collect();
    for CaseOutcome {
        path,
        at,
        name,
        failure,
    } in &failed
    {
        let why = failure.as_deref().unwrap_or_default();
        let _ = writeln!(out, "FAIL {path}:{}:{}: {name}\n     {why}", at.line, at.column);
    }
    for unreached in &examination.unreached {
        let Unreached {
            path,
            at,
            policy,
            gap,
        } = unreached;
        let _ = writeln!(out, "note {path}:{}: {policy}: {}", at.line, told(gap));
    }
    let passed = examination.cases.len() - failed.len();
    let _ = writeln!(out, "{passed} passed, {} failed", failed.len());
    out
}

/// What no case shows, in words.
fn told(gap: &Gap) -> String {
    match gap {
        Gap::Undetermined => "determines no case".to_owned(),
        Gap::NeverTrue(part) => format!("is true in no case: {part}"),
        Gap::NeverFalse(part) => format!("is false in no case: {part}"),
    }
}

fn as_json(examination: &Examination) -> String {
    let case = |case: &CaseOutcome| json!({"path": case.path, "line": case.at.line, "name": case.name, "failure": case.failure});
    let unreached = |one: &Unreached| {
        let (gap, part) = match &one.gap {
            Gap::Undetermined => ("undetermined", None),
            Gap::NeverTrue(part) => ("never_true", Some(part)),
            Gap::NeverFalse(part) => ("never_false", Some(part)),
        };
        json!({"path": one.path, "line": one.at.line, "policy": one.policy, "gap": gap, "part": part})
    };
    let report = json!({
        "cases": examination.cases.iter().map(case).collect::<Vec<_>>(),
        "unreached": examination.unreached.iter().map(unreached).collect::<Vec<_>>(),
    });
    format!("{report}\n")
}

/// The XML that CI systems read: a suite for each file, as the schema of Jenkins' JUnit plugin has it
/// (github.com/jenkinsci/xunit-plugin, `junit-10.xsd`).
fn junit(examination: &Examination) -> String {
    let failures = |cases: &[CaseOutcome]| cases.iter().filter(|case| case.failure.is_some()).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in examination.cases.chunk_by(|a, b| a.path == b.path) {
        let path = suite.first().map_or("", |case| case.path.as_str());
        let (count, failed) = (suite.len(), failures(suite));
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{count}\" failures=\"{failed}\">",
            xml(path)
        );
        for case in suite {
            let (name, line) = (xml(&case.name), case.at.line);
            let head = format!(
                "    <testcase name=\"{name}\" classname=\"{}\" file=\"{0}\" line=\"{line}\"",
                xml(path)
            );
            let _ = match &case.failure {
                None => writeln!(out, "{head}/>"),
                Some(why) => writeln!(out, "{head}><failure message=\"{}\"/></testcase>", xml(why)),
            };
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// Text for an attribute. Characters that XML 1.0 does not have become U+FFFD.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
