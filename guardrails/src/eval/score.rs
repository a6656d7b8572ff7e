//! Counting what was found against what was to be found.

use crate::category::Category;
use crate::eval::case::{Case, Expected, Strength};
use crate::finding::{Confidence, Finding};
use std::collections::BTreeMap;
use std::ops::Range;

/// The score of some cases. Weak cases are counted apart: no detector finds them without guessing elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Of strong cases.
    pub strong: Sheet,
    /// Of weak ones.
    pub weak: Sheet,
    /// Names in `only` that are no category, and how many cases had each.
    pub unknown: BTreeMap<String, u64>,
    /// Labels left out because their category is not in their case's `only`, or is unknown.
    pub unlabelled: u64,
    /// Cases left out because they label no category that is known.
    pub skipped: u64,
}

/// The score of cases of one strength.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Of all categories together. Its quotients are micro averages: every label weighs the same.
    pub total: Row,
    /// Of each category that a case labels.
    pub categories: BTreeMap<Category, Row>,
}

/// What was found and missed in some cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// How many cases label this.
    pub cases: u64,
    /// Where findings must have the very bounds of labels.
    pub exact: Tally,
    /// Where they need only share a byte.
    pub overlap: Tally,
}

/// Counts under one notion of being found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Labels.
    pub expected: u64,
    /// Labels that a finding of their category agrees with.
    pub found: u64,
    /// Findings.
    pub reported: u64,
    /// Findings that a label of their category agrees with.
    pub right: u64,
    /// Cases in which every label was found and every finding was right.
    pub cases_right: u64,
}

/// A label that was missed, or a finding that is not labelled; bounds count exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Which of the two.
    pub kind: Kind,
    /// What was missed or found.
    pub category: Category,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// For a miss the finding, for a false alarm the label, of the same category that overlaps it.
    pub near: Option<Range<usize>>,
}

/// How a detector can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A label that no finding agrees with.
    Miss,
    /// A finding that no label agrees with.
    FalseAlarm {
        /// How sure the detector was.
        confidence: Confidence,
    },
}

type Agrees = fn(&Range<usize>, &Range<usize>) -> bool;

impl Score {
    /// Counts `case`, in which `findings` were found, and returns its mistakes by position.
    pub fn add(&mut self, case: &Case, findings: &[Finding]) -> Vec<Mistake> {
        for name in &case.unknown {
            *self.unknown.entry(name.clone()).or_default() += 1;
        }
        self.unlabelled += case.unlabelled as u64;
        if case.only.is_empty() {
            self.skipped += 1;
            return Vec::new();
        }
        let sheet = match case.strength {
            Strength::Strong => &mut self.strong,
            Strength::Weak => &mut self.weak,
        };
        let labelled = |finding: &&Finding| case.only.contains(&finding.category);
        let findings: Vec<&Finding> = findings.iter().filter(labelled).collect();
        let expected: Vec<&Expected> = case.expected.iter().collect();
        sheet.total.add(&expected, &findings);
        for &category in &case.only {
            let expected: Vec<_> = expected
                .iter()
                .copied()
                .filter(|label| label.category == category)
                .collect();
            let findings: Vec<_> = findings
                .iter()
                .copied()
                .filter(|finding| finding.category == category)
                .collect();
            sheet
                .categories
                .entry(category)
                .or_default()
                .add(&expected, &findings);
        }
        mistakes(&expected, &findings)
    }
}

impl Row {
    fn add(&mut self, expected: &[&Expected], findings: &[&Finding]) {
        self.cases += 1;
        self.exact.add(expected, findings, |a, b| a == b);
        self.overlap.add(expected, findings, overlap);
    }
}

impl Tally {
    fn add(&mut self, expected: &[&Expected], findings: &[&Finding], agrees: Agrees) {
        let same = |label: &Expected, finding: &Finding| {
            label.category == finding.category && agrees(&label.span, &finding.span)
        };
        let found = expected
            .iter()
            .filter(|label| findings.iter().any(|finding| same(label, finding)))
            .count();
        let right = findings
            .iter()
            .filter(|finding| expected.iter().any(|label| same(label, finding)))
            .count();
        self.expected += expected.len() as u64;
        self.found += found as u64;
        self.reported += findings.len() as u64;
        self.right += right as u64;
        self.cases_right += u64::from(found == expected.len() && right == findings.len());
    }

    /// Labels that were missed.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.expected.saturating_sub(self.found)
    }

    /// Findings that are false alarms.
    #[must_use]
    pub const fn false_alarms(&self) -> u64 {
        self.reported.saturating_sub(self.right)
    }

    /// The share of findings that are right, 0 to 1; none when nothing was found.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.reported)
    }

    /// The share of labels that were found, 0 to 1; none when nothing is labelled.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.expected)
    }

    /// The harmonic mean of precision and recall, 0 when nothing found is right; none unless both exist.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        let (precision, recall) = (self.precision()?, self.recall()?);
        let sum = precision + recall;
        Some(if sum > 0.0 {
            2.0 * precision * recall / sum
        } else {
            0.0
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of labels are far below 2^52")]
fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn mistakes(expected: &[&Expected], findings: &[&Finding]) -> Vec<Mistake> {
    let missed = expected.iter().filter_map(|label| {
        let of_category = findings
            .iter()
            .filter(|finding| finding.category == label.category);
        mistake(
            Kind::Miss,
            label.category,
            &label.span,
            of_category.map(|finding| &finding.span),
        )
    });
    let wrong = findings.iter().filter_map(|finding| {
        let of_category = expected.iter().filter(|label| label.category == finding.category);
        let kind = Kind::FalseAlarm {
            confidence: finding.confidence,
        };
        mistake(
            kind,
            finding.category,
            &finding.span,
            of_category.map(|label| &label.span),
        )
    });
    let mut mistakes: Vec<_> = missed.chain(wrong).collect();
    mistakes.sort_by_key(|mistake| mistake.span.start);
    mistakes
}

/// A mistake, unless one of `others`, the spans on the other side, is the same.
fn mistake<'a>(
    kind: Kind,
    category: Category,
    span: &Range<usize>,
    others: impl Iterator<Item = &'a Range<usize>>,
) -> Option<Mistake> {
    let mut near = None;
    for other in others.filter(|other| overlap(other, span)) {
        if other == span {
            return None;
        }
        near.get_or_insert_with(|| other.clone());
    }
    Some(Mistake {
        kind,
        category,
        span: span.clone(),
        near,
    })
}
