//! `palisade guardrails eval`.

use super::{EvalArgs, Failure, Format, Stop, input, regions};
use palisade_guardrails::Confidence;
use palisade_guardrails::eval::{Case, Evaluation, Kind, Mistake, Row, Sheet, Strength, Tally};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

/// The longest line of a labelled file: what is longer is no such file.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// Characters of text printed on either side of a mistake.
const EXCERPT_CHARACTERS: usize = 40;

pub(super) fn run(args: &EvalArgs) -> Result<(), Stop> {
    let minimum = Confidence::new(args.min_confidence);
    let mut evaluation = Evaluation::new(minimum, regions(&args.region)?);
    let mut report = Report {
        args,
        out: BufWriter::new(std::io::stdout().lock()),
        misses: 0,
        false_alarms: 0,
        errors: Vec::new(),
    };
    for path in &args.files {
        each_case(path, &mut |case, number| {
            let mistakes = evaluation.add(case).map_err(Failure::from)?;
            for mistake in mistakes {
                report.mistake(&mistake, case, path, number)?;
            }
            Ok(())
        })?;
    }
    match args.format {
        Format::Text => report.text(&evaluation)?,
        Format::Json => report.json(&evaluation)?,
    }
    Ok(report.out.flush()?)
}

/// Hands the cases of a file to `take`, each with the number of its line. Lines without text are none.
fn each_case(path: &Path, take: &mut dyn FnMut(&Case, u64) -> Result<(), Stop>) -> Result<(), Stop> {
    let (name, reader) = input::open(path)?;
    let mut reader = BufReader::new(reader);
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        number += 1;
        let read = reader
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .map_err(|e| Failure::from(format!("cannot read {name}: {e}")))?;
        if read == 0 {
            return Ok(());
        }
        let failed = |problem: &str| Failure::from(format!("{name}: line {number}: {problem}"));
        if read as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
            return Err(failed("longer than 1 MiB").into());
        }
        let text = std::str::from_utf8(&line)
            .map_err(|_| failed("not UTF-8"))?
            .trim();
        if !text.is_empty() {
            let case = Case::parse(text, number).map_err(|e| Failure::from(format!("{name}: {e}")))?;
            take(&case, number)?;
        }
    }
}

struct Report<'a, W: Write> {
    args: &'a EvalArgs,
    out: W,
    misses: usize,
    false_alarms: usize,
    /// For JSON, which is printed at the end.
    errors: Vec<Value>,
}

impl<W: Write> Report<'_, W> {
    /// Prints a mistake of the strength that is asked for, unless enough of its kind were printed. Weak misses are many
    /// and would hide the strong ones.
    fn mistake(&mut self, mistake: &Mistake, case: &Case, path: &Path, line: u64) -> std::io::Result<()> {
        let (kind, told) = match mistake.kind {
            Kind::Miss => ("miss", &mut self.misses),
            Kind::FalseAlarm { .. } => ("false_alarm", &mut self.false_alarms),
        };
        if *told == self.args.errors || (case.strength == Strength::Weak) != self.args.weak {
            return Ok(());
        }
        *told += 1;
        let confidence = match mistake.kind {
            Kind::Miss => None,
            Kind::FalseAlarm { confidence } => Some(confidence.percent()),
        };
        let [before, value, after] = excerpt(&case.text, &mistake.span);
        let near = mistake.near.clone().and_then(|span| case.text.get(span));
        if self.args.format == Format::Json {
            self.errors.push(json!({
                "kind": kind, "file": path.display().to_string(), "line": line, "strong": !self.args.weak,
                "category": mistake.category.name(), "confidence": confidence,
                "before": before, "text": value, "after": after, "near": near,
            }));
            return Ok(());
        }
        let kind = if confidence.is_none() { "missed" } else { "false " };
        write!(
            self.out,
            "{kind}  {}  {}:{line}",
            mistake.category,
            path.display()
        )?;
        if let Some(confidence) = confidence {
            write!(self.out, "  confidence {confidence}")?;
        }
        let [before, value, after] = [before, value, after].map(str::escape_debug);
        write!(self.out, "\n        {before}⟦{value}⟧{after}")?;
        if let Some(near) = near {
            let there = if confidence.is_none() { "found" } else { "labelled" };
            write!(self.out, "\n        {there} instead: ⟦{}⟧", near.escape_debug())?;
        }
        writeln!(self.out)
    }

    fn text(&mut self, evaluation: &Evaluation) -> std::io::Result<()> {
        if self.misses + self.false_alarms > 0 {
            writeln!(self.out)?;
        }
        let score = evaluation.score();
        self.table("CATEGORY", &score.strong)?;
        if score.weak.total.cases > 0 {
            writeln!(self.out)?;
            self.table("WEAK CASES", &score.weak)?;
        }
        if score.skipped > 0 {
            writeln!(
                self.out,
                "\n{} cases label no category that is known",
                score.skipped
            )?;
        }
        if score.unlabelled > 0 {
            let count = score.unlabelled;
            writeln!(
                self.out,
                "\n{count} spans left out: their category is unknown or not in `only`"
            )?;
        }
        if !score.unknown.is_empty() {
            let names: Vec<_> = score
                .unknown
                .iter()
                .map(|(name, count)| format!("{} ({count} cases)", name.escape_debug()))
                .collect();
            writeln!(self.out, "\nnot in the catalogue: {}", names.join(", "))?;
        }
        Ok(())
    }

    fn table(&mut self, title: &str, sheet: &Sheet) -> std::io::Result<()> {
        writeln!(
            self.out,
            "{:<40}  {:>6}  {:>6}  {:>7}   {:^23}   {:^23}\n{title:<40}  {:>6}  {:>6}  {:>7}   {q}   {q}",
            "",
            "",
            "",
            "cases",
            "exact spans",
            "overlapping spans",
            "cases",
            "spans",
            "right %",
            q = "  prec.  recall      F1",
        )?;
        for (category, row) in &sheet.categories {
            self.row(category.name(), row)?;
        }
        self.row("all (micro)", &sheet.total)
    }

    fn row(&mut self, name: &str, row: &Row) -> std::io::Result<()> {
        let quotients = |tally: &Tally| {
            let shown = |quotient: Option<f64>| quotient.map_or("-".to_owned(), |q| format!("{q:.3}"));
            format!(
                "{:>7} {:>7} {:>7}",
                shown(tally.precision()),
                shown(tally.recall()),
                shown(tally.f1())
            )
        };
        writeln!(
            self.out,
            "{name:<40}  {:>6}  {:>6}  {:>7}   {}   {}",
            row.cases,
            row.exact.expected,
            percent(row.exact.cases_right, row.cases),
            quotients(&row.exact),
            quotients(&row.overlap),
        )
    }

    fn json(&mut self, evaluation: &Evaluation) -> std::io::Result<()> {
        let score = evaluation.score();
        let mut report = json!({
            "min_confidence": self.args.min_confidence,
            "regions": self.args.region,
            "strong": sheet(&score.strong),
            "weak": sheet(&score.weak),
            "unknown": score.unknown,
            "spans_left_out": score.unlabelled,
            "cases_left_out": score.skipped,
        });
        if let Some(fields) = report.as_object_mut().filter(|_| self.args.errors > 0) {
            fields.insert("errors".to_owned(), std::mem::take(&mut self.errors).into());
        }
        writeln!(self.out, "{report}")
    }
}

fn sheet(sheet: &Sheet) -> Value {
    let categories: serde_json::Map<_, _> = sheet
        .categories
        .iter()
        .map(|(category, row)| (category.name().to_owned(), row_json(row)))
        .collect();
    json!({ "micro": row_json(&sheet.total), "categories": categories })
}

fn row_json(row: &Row) -> Value {
    let tally = |tally: &Tally| {
        json!({
            "expected": tally.expected, "found": tally.found, "missed": tally.missed(),
            "reported": tally.reported, "right": tally.right, "false_alarms": tally.false_alarms(),
            "precision": tally.precision(), "recall": tally.recall(), "f1": tally.f1(),
            "cases_right": tally.cases_right,
        })
    };
    json!({ "cases": row.cases, "exact": tally(&row.exact), "overlap": tally(&row.overlap) })
}

/// `part` in tenths of a percent of `of`, rounded down: 100.0 says that nothing was wrong.
fn percent(part: u64, of: u64) -> String {
    let tenths = (part * 1000).checked_div(of);
    tenths.map_or("-".to_owned(), |tenths| {
        format!("{}.{}", tenths / 10, tenths % 10)
    })
}

/// A span with some text before and after it.
fn excerpt<'a>(text: &'a str, span: &std::ops::Range<usize>) -> [&'a str; 3] {
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    let from = before
        .char_indices()
        .rev()
        .take(EXCERPT_CHARACTERS)
        .last()
        .map_or(before.len(), |(at, _)| at);
    let to = after
        .char_indices()
        .nth(EXCERPT_CHARACTERS)
        .map_or(after.len(), |(at, _)| at);
    [
        before.get(from..).unwrap_or_default(),
        text.get(span.clone()).unwrap_or_default(),
        after.get(..to).unwrap_or_default(),
    ]
}
