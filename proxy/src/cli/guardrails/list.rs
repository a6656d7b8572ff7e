//! `palisade guardrails list`.

use super::{Format, ListArgs, Stop};
use palisade_guardrails::{Category, Detector, UNDETECTED_EVERYWHERE, rows};
use serde_json::json;
use std::io::{BufWriter, Write};

/// The widest line of the table.
const COLUMNS_MAX: usize = 160;

/// The widest the column of validators gets: what they check is more often short than where they come from.
const VALIDATOR_COLUMNS_MAX: usize = 30;

/// What there is to say of a category; its detectors joined.
struct Line {
    category: Category,
    detectors: Vec<&'static Detector>,
    confidence: String,
    validator: String,
    source: String,
}

pub(super) fn run(args: &ListArgs) -> Result<(), Stop> {
    let lines: Vec<Line> = Category::all()
        .iter()
        .map(|&category| Line::new(category))
        .collect();
    let mut out = BufWriter::new(std::io::stdout().lock());
    match args.format {
        Format::Json => {
            for line in &lines {
                writeln!(out, "{}", line.json())?;
            }
        }
        Format::Text => {
            let columns_max = if args.wide { usize::MAX } else { COLUMNS_MAX };
            for line in table(&lines, columns_max) {
                writeln!(out, "{line}")?;
            }
            if args.wide {
                write_undetected(&mut out)?;
            }
        }
    }
    Ok(out.flush()?)
}

/// What is known to stay undetected.
fn write_undetected(out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "\nUNDETECTED everywhere: {UNDETECTED_EVERYWHERE}")?;
    for category in Category::all() {
        if let Some(what) = category.undetected() {
            writeln!(out, "UNDETECTED of {}: {what}", category.name())?;
        }
    }
    Ok(())
}

impl Line {
    fn new(category: Category) -> Self {
        let detectors: Vec<_> = rows().filter(|row| row.category == category).collect();
        let joined = |part: fn(&Detector) -> String, by: &str| {
            let mut parts: Vec<String> = Vec::new();
            for part in detectors.iter().map(|row| part(row)) {
                if !part.is_empty() && !parts.contains(&part) {
                    parts.push(part);
                }
            }
            parts.join(by)
        };
        Self {
            category,
            confidence: joined(
                |row| format!("{}/{}", row.alone.percent(), row.in_context.percent()),
                " ",
            ),
            validator: joined(|row| row.validator.to_owned(), "; "),
            source: joined(|row| row.source.trim_end_matches('.').to_owned(), "; "),
            detectors,
        }
    }

    fn json(&self) -> serde_json::Value {
        let detectors: Vec<_> = self
            .detectors
            .iter()
            .map(|row| {
                json!({
                    "validator": row.validator,
                    "source": row.source,
                    "confidence": { "alone": row.alone.percent(), "in_context": row.in_context.percent() },
                })
            })
            .collect();
        json!({
            "category": self.category.name(),
            "parent": self.category.parent(),
            "groups": self.category.ancestors().collect::<Vec<_>>(),
            "about": self.category.about(),
            "validator": self.validator,
            "source": self.source,
            "undetected": self.category.undetected(),
            "detectors": detectors,
        })
    }

    fn cells(&self) -> [&str; 5] {
        let or_dash = |text| if str::is_empty(text) { "-" } else { text };
        [
            self.category.name(),
            self.category.parent(),
            or_dash(&self.confidence),
            or_dash(&self.validator),
            or_dash(&self.source),
        ]
    }
}

/// Confidence is without a telling word before the value, and with one.
const HEAD: [&str; 5] = ["CATEGORY", "PARENT", "ALONE/TOLD", "VALIDATOR", "SOURCE"];

fn table(lines: &[Line], columns_max: usize) -> Vec<String> {
    let cells: Vec<[&str; 5]> = std::iter::once(HEAD)
        .chain(lines.iter().map(Line::cells))
        .collect();
    let widest = |column: for<'a> fn(&[&'a str; 5]) -> &'a str| {
        let widths = cells.iter().map(|row| column(row).chars().count());
        widths.max().unwrap_or(0)
    };
    let category_width = widest(|[category, ..]| category);
    let parent_width = widest(|[_, parent, ..]| parent);
    let confidence_width = widest(|[_, _, confidence, ..]| confidence);
    let validator_width = widest(|[_, _, _, validator, _]| validator);
    let validator_width = if columns_max == usize::MAX {
        validator_width
    } else {
        validator_width.min(VALIDATOR_COLUMNS_MAX)
    };
    let line = |[category, parent, confidence, validator, source]: &[&str; 5]| {
        let validator = cut(validator, validator_width);
        let line = format!(
            "{category:<category_width$}  {parent:<parent_width$}  {confidence:<confidence_width$}  \
             {validator:<validator_width$}  {source}"
        );
        cut(&line, columns_max)
    };
    cells.iter().map(line).collect()
}

/// `text`, or its beginning and an ellipsis where it is longer than `columns_max` characters.
fn cut(text: &str, columns_max: usize) -> String {
    if text.chars().count() <= columns_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(columns_max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
