//! May they, and what happens to each finding: the questions to policy, and the prompt as it may be sent.
//!
//! A [`Cleared`] call can be made here only. It is the only thing that upstream accepts.

use crate::caller::Caller;
use crate::edge::Head;
use crate::refusal::{Blocked, Denied, Refusal};
use crate::registry::Tenant;
use crate::route::{Call, Route};
use crate::screen::{Found, Screened, coverage_gap};
use bytes::Bytes;
use palisade_audit as audit;
use palisade_guardrails::Category;
use palisade_policies::{
    Base, CallFacts, Denial, Direction, Modality, Permit, Reason as DenialReason, Snapshot, Treated,
    Treatment,
};
use palisade_wire::json::{Document, Edit, Extent, splice};
use palisade_wire::sigv4::PayloadHash;
use palisade_wire::text::{Modalities, Region, RegionKind};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bytes of text that count as one token until the provider reports its own count. Four is the rule of thumb of the
/// providers' own guides for English; it errs low for other scripts and only feeds policy.
const BYTES_PER_TOKEN: usize = 4;

/// A call that policy has cleared, and its body as it may be sent.
#[derive(Debug)]
pub struct Cleared {
    permit: Permit,
    route: Route,
    body: Bytes,
    payload: PayloadHash,
    findings: Vec<audit::Finding>,
    modified: bool,
}

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

/// Refuses, before the body is read, what no permit could allow whatever the body says.
///
/// # Errors
/// [`Refusal::Denied`].
pub fn admit(policies: &Snapshot, caller: &Caller, route: &Route) -> Result<(), Refusal> {
    palisade_policies::admit(
        policies,
        caller.principal().facts(),
        route.action(),
        route.model(),
    )
    .map_err(|denial| denied(denial, Vec::new()))
}

/// Asks about the call, then about each category of finding, and makes the body that may be sent. `received` is the hash
/// of the body as it came.
///
/// # Errors
/// [`Refusal::Denied`], or [`Refusal::Blocked`] when something found may not be sent in any form.
pub fn ask(
    policies: &Arc<Snapshot>,
    caller: &Caller,
    head: &Head,
    now_ms: i64,
    screened: Screened,
    received: PayloadHash,
) -> Result<Cleared, Refusal> {
    let facts = call_facts(caller.principal().tenant(), head, now_ms, &screened)?;
    let principal = caller.principal().facts();
    let permit = palisade_policies::decide(policies, principal, screened.call().route().model(), &facts)
        .map_err(|denial| denied(denial, not_asked(&screened)))?;
    let (call, found) = screened.into_parts();
    let mut treatments = Treatments::new(Direction::Disclose);
    let edits = treatments.edits(&permit, call.document(), &call.map().regions, &found);
    let Ok(edits) = edits else {
        return Err(Refusal::Blocked(treatments.into_blocked()));
    };
    let body = rewritten(&call, &edits)?;
    Ok(Cleared {
        permit,
        payload: if edits.is_empty() {
            received
        } else {
            PayloadHash::of(&body)
        },
        body,
        findings: treatments.into_findings(),
        modified: !edits.is_empty(),
        route: call.into_route(),
    })
}

fn rewritten(call: &Call, edits: &[Edit<'_>]) -> Result<Bytes, Refusal> {
    if edits.is_empty() {
        return Ok(call.document().bytes().clone());
    }
    let body = splice(call.document().bytes(), edits).map_err(|_| Refusal::Internal("splice"))?;
    Ok(Bytes::from(body))
}

fn denied(denial: Denial, findings: Vec<audit::Finding>) -> Refusal {
    let reason = match denial.reason {
        DenialReason::NoPermit => audit::Reason::NoPermit,
        DenialReason::Forbidden => audit::Reason::Policy,
        DenialReason::PolicyError | DenialReason::Invalid => audit::Reason::PolicyError,
    };
    report_errors(&denial.errors);
    Refusal::Denied(Denied {
        reason,
        determining: denial.determining,
        errors: denial.errors,
        findings,
        message: denial.message,
    })
}

fn call_facts(tenant: &Tenant, head: &Head, now_ms: i64, screened: &Screened) -> Result<CallFacts, Refusal> {
    let map = screened.call().map();
    let (local_hour, business_day) = local_time(now_ms, tenant.utc_offset_minutes());
    let base = Base::new(
        now_ms,
        local_hour,
        business_day,
        head.client_ip(),
        tenant.purpose(),
        tenant.classification(),
    )
    .map_err(|_| Refusal::Internal("policy context"))?;
    let text_bytes: usize = map.regions.iter().map(|region| region.span.len()).sum();
    let mut unscanned: Vec<_> = map.unscanned.iter().copied().map(coverage_gap).collect();
    unscanned.sort_unstable();
    unscanned.dedup();
    Ok(CallFacts {
        action: screened.call().route().action(),
        input_tokens: text_bytes.div_ceil(BYTES_PER_TOKEN) as u64,
        max_tokens: map.max_tokens.unwrap_or_else(|| tenant.default_max_tokens()),
        modalities: modalities(map.modalities),
        tools: map.tools.clone(),
        unscanned,
        base,
    })
}

/// Hour of the day, and whether it is Monday to Friday, where the tenant is.
fn local_time(now_ms: i64, utc_offset_minutes: i32) -> (u8, bool) {
    let minutes = now_ms / 60_000 + i64::from(utc_offset_minutes);
    let hour = u8::try_from(minutes.div_euclid(60).rem_euclid(24)).unwrap_or(0);
    // Day 0 of the Unix epoch was a Thursday; Monday is then day 4.
    let weekday = (minutes.div_euclid(60 * 24) + 3).rem_euclid(7);
    (hour, weekday < 5)
}

fn modalities(found: Modalities) -> Vec<Modality> {
    let all = [
        (Modalities::TEXT, Modality::Text),
        (Modalities::IMAGE, Modality::Image),
        (Modalities::AUDIO, Modality::Audio),
        (Modalities::VIDEO, Modality::Video),
        (Modalities::DOCUMENT, Modality::Document),
    ];
    all.into_iter()
        .filter(|(one, _)| found.has(*one))
        .map(|(_, word)| word)
        .collect()
}

impl Cleared {
    /// What is asked for.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// The permit; it pins the policies for the rest of the exchange.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The body to send.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body's hash, as signatures and records need it.
    #[must_use]
    pub fn payload(&self) -> &PayloadHash {
        &self.payload
    }

    /// Whether something was taken out.
    #[must_use]
    pub fn modified(&self) -> bool {
        self.modified
    }

    /// Policies that determined the decision, sorted.
    #[must_use]
    pub fn determining(&self) -> &[String] {
        self.permit.determining()
    }

    /// What was found and how it was treated.
    #[must_use]
    pub fn findings(&self) -> &[audit::Finding] {
        &self.findings
    }
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

    fn into_blocked(self) -> Blocked {
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
fn not_asked(screened: &Screened) -> Vec<audit::Finding> {
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
fn report_errors(policies: &[String]) {
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
