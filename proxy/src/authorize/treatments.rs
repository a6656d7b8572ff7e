//! What happens to findings: asked of policy, remembered for the record, carried out on the text.

use crate::refusal::Blocked;
use crate::screen::{Found, Screened};
use palisade_audit as audit;
use palisade_guardrails::Category;
use palisade_policies::{Direction, Permit, Treated, Treatment};
use palisade_wire::json::{Document, Edit, Extent};
use palisade_wire::text::{Region, RegionKind};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The findings met in one direction, and what policy says about them.
#[derive(Debug)]
pub struct Treatments {
    direction: Direction,
    /// All of a category so far: how many, and the surest.
    totals: BTreeMap<Category, (u32, u8)>,
    /// What was done; a category has several entries when policy changes its mind as the count grows.
    met: BTreeMap<(Category, Treatment), audit::Finding>,
    /// Policies that failed to evaluate.
    errors: BTreeSet<String>,
    /// What the author of a blocking policy lets callers know.
    message: Option<String>,
}

/// Something found may not pass in any form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld;

impl Treatments {
    /// Nothing met yet.
    #[must_use]
    pub fn new(direction: Direction) -> Self {
        Self {
            direction,
            totals: BTreeMap::new(),
            met: BTreeMap::new(),
            errors: BTreeSet::new(),
            message: None,
        }
    }

    /// How one more finding of a stream is treated, `place` being where it stands.
    pub fn one_more(
        &mut self,
        permit: &Permit,
        category: Category,
        confidence: u8,
        place: impl FnOnce() -> String,
    ) -> Treatment {
        let treated = self.ask(permit, category, 1, confidence);
        self.note(category, 1, confidence, treated, place)
    }

    /// Asks policy about `count` more findings of a category, the surest with `confidence`, and all before them.
    fn ask(&mut self, permit: &Permit, category: Category, count: u32, confidence: u8) -> Treated {
        let (total, surest) = self.totals.entry(category).or_default();
        *total = total.saturating_add(count);
        *surest = (*surest).max(confidence);
        let treated = permit.treatment(self.direction, category.name(), *surest, *total);
        report_errors(&treated.errors);
        self.errors.extend(treated.errors.iter().cloned());
        treated
    }

    fn note(
        &mut self,
        category: Category,
        count: u32,
        confidence: u8,
        treated: Treated,
        place: impl FnOnce() -> String,
    ) -> Treatment {
        let finding = self
            .met
            .entry((category, treated.treatment))
            .or_insert_with(|| audit::Finding {
                category: category.name().to_owned(),
                place: place(),
                treatment: treatment_name(treated.treatment).to_owned(),
                ..audit::Finding::default()
            });
        finding.count = finding.count.saturating_add(count);
        finding.confidence = finding.confidence.max(confidence);
        finding.determining = treated.determining;
        self.message = self.message.take().or(treated.message);
        treated.treatment
    }

    /// The edits that findings in whole texts call for. All of a category are asked about at once.
    ///
    /// # Errors
    /// [`Withheld`] when one may not pass in any form, or stands where nothing can be replaced.
    pub fn edits(
        &mut self,
        permit: &Permit,
        document: &Document,
        regions: &[Region],
        found: &[Found],
    ) -> Result<Vec<Edit<'static>>, Withheld> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let treatments = self.ask_all(permit, document, regions, found);
        if treatments
            .values()
            .any(|treatment| *treatment == Treatment::Block)
        {
            return Err(Withheld);
        }
        let redacted = |one: &&Found| treatments.get(&one.category) != Some(&Treatment::Raw);
        let mut edits = Vec::new();
        for in_region in found.chunk_by(|a, b| a.region == b.region) {
            let redacted: Vec<&Found> = in_region.iter().filter(redacted).collect();
            let region = redacted.first().and_then(|first| regions.get(first.region));
            edits.extend(
                region
                    .iter()
                    .flat_map(|region| placeholders(document, region, &redacted)),
            );
        }
        Ok(edits)
    }

    fn ask_all(
        &mut self,
        permit: &Permit,
        document: &Document,
        regions: &[Region],
        found: &[Found],
    ) -> BTreeMap<Category, Treatment> {
        let mut treatments = BTreeMap::new();
        for (category, tally) in tally(found) {
            let mut treated = self.ask(permit, category, tally.count, tally.confidence);
            let in_key = |one: &Found| regions.get(one.region).is_some_and(|r| r.kind == RegionKind::Key);
            // A key cannot be rewritten, so what may not stay there cannot pass.
            if treated.treatment != Treatment::Raw
                && found.iter().any(|f| f.category == category && in_key(f))
            {
                treated.treatment = Treatment::Block;
            }
            let place = || {
                regions
                    .get(tally.region)
                    .map_or_else(String::new, |r| document.pointer(r.span.start))
            };
            let treatment = self.note(category, tally.count, tally.confidence, treated, place);
            treatments.insert(category, treatment);
        }
        treatments
    }

    /// Policies that failed to evaluate, sorted.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        self.errors.iter().cloned().collect()
    }

    /// What was found and how it was treated, sorted by category.
    #[must_use]
    pub fn into_findings(self) -> Vec<audit::Finding> {
        self.met.into_values().collect()
    }

    pub(super) fn into_blocked(self) -> Blocked {
        Blocked {
            errors: self.errors(),
            message: self.message.clone(),
            findings: self.into_findings(),
        }
    }
}

/// Findings of one category.
struct Tally {
    count: u32,
    confidence: u8,
    /// The region of the first.
    region: usize,
}

fn tally(found: &[Found]) -> BTreeMap<Category, Tally> {
    let mut tallies = BTreeMap::new();
    for one in found {
        let first = Tally {
            count: 0,
            confidence: 0,
            region: one.region,
        };
        let tally = tallies.entry(one.category).or_insert(first);
        tally.count = tally.count.saturating_add(1);
        tally.confidence = tally.confidence.max(one.confidence.percent());
    }
    tallies
}

/// What had been found when the call was denied.
pub(super) fn not_asked(screened: &Screened) -> Vec<audit::Finding> {
    let finding = |(category, tally): (Category, Tally)| audit::Finding {
        category: category.name().to_owned(),
        count: tally.count,
        confidence: tally.confidence,
        treatment: "not_asked".to_owned(),
        ..audit::Finding::default()
    };
    tally(screened.found()).into_iter().map(finding).collect()
}

/// An error is a denial; it is also a defect of a policy that somebody must see.
pub(super) fn report_errors(policies: &[String]) {
    if !policies.is_empty() {
        metrics::counter!("palisade_policy_errors_total").increment(1);
        tracing::error!(?policies, "policies failed to evaluate; the request is denied");
    }
}

fn treatment_name(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::Raw => "raw",
        Treatment::Redacted => "redacted",
        Treatment::Block => "block",
    }
}

/// What stands in the place of a finding. `bare`: outside a string of JSON text, where it brings its own quotes.
#[must_use]
pub fn placeholder(category: Category, bare: bool) -> Cow<'static, str> {
    match bare {
        true => Cow::Owned(format!("\"{}\"", category.placeholder())),
        false => Cow::Borrowed(category.placeholder()),
    }
}

/// Edits that put a placeholder in the place of each finding. A number gives way whole: part of one is no JSON.
fn placeholders(document: &Document, region: &Region, redacted: &[&Found]) -> Vec<Edit<'static>> {
    if region.kind == RegionKind::Number {
        let text = |one: &Found| Cow::Borrowed(one.category.placeholder());
        let whole = |one: &&Found| Edit {
            span: region.span.clone(),
            extent: Extent::Literal,
            text: text(one),
        };
        return redacted.first().map(whole).into_iter().collect();
    }
    let parts: Vec<_> = redacted.iter().map(|one| one.span.clone()).collect();
    let spans = document.within(&region.span, &parts);
    let part = |(span, one): (_, &&Found)| Edit {
        span,
        extent: Extent::Part,
        text: placeholder(one.category, one.bare),
    };
    spans.into_iter().zip(redacted).map(part).collect()
}
