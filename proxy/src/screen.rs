//! What a call holds: findings in its text, and what could not be looked into.
//!
//! Detectors find, policies decide: nothing is changed or refused here.

use crate::call::Call;
use crate::refusal::{Limit, Refusal};
use crate::work::{Allowance, Stop};
use palisade_guardrails::{CONTEXT_BYTES, Category, Confidence, Engine, Finding};
use palisade_wire::json::{self, Document, push_string};
use palisade_wire::text::{Region, RegionKind, Unscanned};
use std::borrow::Cow;
use std::convert::Infallible;
use std::num::NonZeroU32;
use std::ops::Range;

/// Text that is scanned before time is looked at again, in bytes.
const STEP_BYTES: usize = 8 * 1024;

/// Memory for a finding until the body is rewritten, in bytes: itself, what takes its place, and the edit.
const FINDING_BYTES: usize = 320;

/// What a text costs beside its bytes, in bytes of scanning.
const REGION_BYTES: usize = 32;

/// A call whose text has been scanned. Only this module makes one.
#[derive(Debug)]
pub struct Screened {
    call: Call,
    found: Vec<Found>,
    coverage: Coverage,
}

/// What of a call could be looked into.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// What could not, each kind once, in the order of the words.
    pub gaps: Vec<palisade_policies::Unscanned>,
    /// Whether the caller asks for a provider's guardrail of its own choice.
    pub client_guardrail: bool,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Found {
    /// Index of the region it stands in.
    pub region: usize,
    /// What it is.
    pub category: Category,
    /// How sure the detector is.
    pub confidence: Confidence,
    /// Where it stands in the region's decoded text, in bytes.
    pub span: Range<usize>,
    /// How that text spells it.
    pub spelt: Spelt,
}

/// How a text spells what stands in it. Tool arguments can be texts that are JSON themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelt {
    /// As it is.
    Plain,
    /// As in a string of JSON: with escapes.
    InString,
    /// As in JSON outside of strings, where a text brings its own quotes.
    Bare,
}

/// Scans every text region of a call, and the headers that go on.
///
/// # Errors
/// [`Stop`] when it holds more than it may, or takes too long, or for something found in a header.
pub fn scan(engine: &Engine, call: Call, allowance: &mut Allowance<'_>) -> Result<Screened, Stop> {
    headers_hold_nothing(engine, call.admitted().route().headers())?;
    let found = find(engine, call.document(), &call.map().regions, allowance)?;
    let mut gaps: Vec<_> = call.map().unscanned.iter().copied().map(coverage_gap).collect();
    gaps.sort_unstable_by_key(|gap| gap.as_str());
    gaps.dedup();
    let coverage = Coverage {
        gaps,
        client_guardrail: call.map().client_guardrail || call.admitted().route().names_guardrail(),
    };
    Ok(Screened {
        call,
        found,
        coverage,
    })
}

/// Headers go on as they are: nothing can be taken out of one.
fn headers_hold_nothing(engine: &Engine, headers: &[(&'static str, String)]) -> Result<(), Refusal> {
    let holding = headers.iter().find(|(_, value)| !engine.find(value).is_empty());
    holding.map_or(Ok(()), |(name, _)| {
        let why = "holds what looks like personal data or a credential, and headers cannot be redacted: send it in the body";
        Err(Refusal::Malformed(format!("the value of `{name}` {why}")))
    })
}

/// Scans the given regions of a document.
///
/// # Errors
/// [`Stop`] when there is more than there may be, or it takes too long.
pub fn find(
    engine: &Engine,
    document: &Document,
    regions: &[Region],
    allowance: &mut Allowance<'_>,
) -> Result<Vec<Found>, Stop> {
    let mut found = Vec::new();
    let mut told = Told::default();
    let (mut decoded, mut since) = (0, 0);
    for (index, region) in regions.iter().enumerate() {
        let before = found.len();
        let search = |text: &str| {
            engine.find_in_steps(text, |bytes, findings| {
                decoded += bytes;
                allowance.at_most(Limit::DecodedBytes, decoded)?;
                allowance.at_most(Limit::Findings, before + findings)?;
                // Short texts share a step.
                since += bytes + REGION_BYTES;
                if since < STEP_BYTES {
                    return Ok(());
                }
                since = 0;
                allowance.step()
            })
        };
        found.extend(told.find(index, document, region, search)?);
    }
    allowance.at_most(Limit::Findings, found.len())?;
    allowance.hold(found.len() * FINDING_BYTES)?;
    Ok(found)
}

/// Scans the given regions of one event of a stream, which are short.
#[must_use]
pub fn find_at_once(engine: &Engine, document: &Document, regions: &[Region]) -> Vec<Found> {
    let mut told = Told::default();
    let in_region = |(index, region): (usize, &Region)| {
        let search = |text: &str| Ok::<_, Infallible>(engine.find(text));
        let Ok(found) = told.find(index, document, region, search);
        found
    };
    regions.iter().enumerate().flat_map(in_region).collect()
}

/// The key that is read before the text of regions.
#[derive(Default)]
struct Told {
    key: Option<NonZeroU32>,
    /// The end of it: no word tells from further away. It is kept, so that a long key is decoded once for all items of its array.
    near: String,
}

impl Told {
    /// What `search` finds in one region when it reads the key before it, as it does in JSON that stands in a text.
    fn find<E>(
        &mut self,
        index: usize,
        document: &Document,
        region: &Region,
        search: impl FnOnce(&str) -> Result<Vec<Finding>, E>,
    ) -> Result<Vec<Found>, E> {
        let text = document.text(region);
        if region.key.is_none() || is_json(region, &text) {
            return find_in(index, region, &text, search);
        }
        self.read(document, region);
        let (open, close) = match region.kind {
            RegionKind::Number => ("", ","),
            _ => ("\"", "\""),
        };
        let told = format!("\"{}\":{open}{text}{close}", self.near);
        let lead = told.len() - text.len() - close.len();
        let within = |finding: Finding| {
            let at = |place: usize| place.saturating_sub(lead).min(text.len());
            let span = at(finding.span.start)..at(finding.span.end);
            (!span.is_empty()).then(|| found_at(index, &Finding { span, ..finding }))
        };
        Ok(search(&told)?.into_iter().filter_map(within).collect())
    }

    fn read(&mut self, document: &Document, region: &Region) {
        if self.key == region.key {
            return;
        }
        let key = document.key(region).unwrap_or_default();
        let from = key.ceil_char_boundary(key.len().saturating_sub(CONTEXT_BYTES));
        self.near.clear();
        self.near.push_str(key.get(from..).unwrap_or_default());
        self.key = region.key;
    }
}

/// What `search` finds in one region. It is given what the region's `text` says; places are those in `text`.
pub(crate) fn find_in<E>(
    index: usize,
    region: &Region,
    text: &str,
    search: impl FnOnce(&str) -> Result<Vec<Finding>, E>,
) -> Result<Vec<Found>, E> {
    if is_json(region, text) {
        return find_in_json(index, text, search);
    }
    let counts = |finding: &Finding| region.kind != RegionKind::Identifier || is_secret(finding.category);
    let found = search(text)?.into_iter().filter(counts);
    Ok(found.map(|finding| found_at(index, &finding)).collect())
}

/// Whether a category is one of credentials, or of the operator's own.
fn is_secret(category: Category) -> bool {
    category
        .ancestors()
        .any(|group| matches!(group, "Credential" | "Custom"))
}

/// Whether the text of a region is JSON itself, as the arguments of tools are in some APIs.
pub(crate) fn is_json(region: &Region, text: &str) -> bool {
    region.kind == RegionKind::ToolInput && text.trim_start().starts_with(['{', '['])
}

fn found_at(region: usize, finding: &Finding) -> Found {
    Found {
        region,
        category: finding.category,
        confidence: finding.confidence,
        span: finding.span.clone(),
        spelt: Spelt::Plain,
    }
}

/// Tool arguments as some APIs carry them: JSON in a string. Scanned as what that JSON says; places are those in `text`.
fn find_in_json<E>(
    region: usize,
    text: &str,
    search: impl FnOnce(&str) -> Result<Vec<Finding>, E>,
) -> Result<Vec<Found>, E> {
    let found = search(&json::said(text))?;
    let parts: Vec<_> = found.iter().map(|finding| finding.span.clone()).collect();
    let placed = |(finding, place): (&Finding, json::Place)| Found {
        span: place.span,
        spelt: Spelt::in_json(place.in_string),
        ..found_at(region, finding)
    };
    Ok(found.iter().zip(json::places(text, &parts)).map(placed).collect())
}

impl Found {
    /// The value itself, in the text of its region.
    pub(crate) fn value<'t>(&self, region: &Region, text: &'t str) -> Cow<'t, str> {
        // A number gives way whole.
        if region.kind == RegionKind::Number {
            return Cow::Borrowed(text);
        }
        let spelling = text.get(self.span.clone()).unwrap_or_default();
        self.spelt.read(spelling)
    }
}

impl Spelt {
    /// How JSON text spells what stands inside or outside its strings.
    #[must_use]
    pub fn in_json(in_string: bool) -> Self {
        match in_string {
            true => Self::InString,
            false => Self::Bare,
        }
    }

    /// What a spelling stands for.
    fn read(self, spelling: &str) -> Cow<'_, str> {
        if self != Self::InString || !spelling.contains('\\') {
            return Cow::Borrowed(spelling);
        }
        // The quote takes the reader into the string, and says itself.
        let mut text = json::said(&format!("\"{spelling}"));
        text.remove(0);
        Cow::Owned(text)
    }

    /// How a text is spelt.
    #[must_use]
    pub fn spell(self, text: Cow<'_, str>) -> Cow<'_, str> {
        if self == Self::Plain {
            return text;
        }
        let mut literal = Vec::with_capacity(text.len() + 2);
        push_string(&mut literal, &text);
        let literal = String::from_utf8_lossy(&literal).into_owned();
        let inner = literal.get(1..literal.len().saturating_sub(1));
        match (self, inner) {
            (Self::InString, Some(inner)) => Cow::Owned(inner.to_owned()),
            _ => Cow::Owned(literal),
        }
    }
}

impl Screened {
    /// The call.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// What was found, in the order of the text.
    #[must_use]
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// What could be looked into.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Gives the parts back.
    #[must_use]
    pub fn into_parts(self) -> (Call, Vec<Found>) {
        (self.call, self.found)
    }
}

/// The word for something that could not be looked into, in policies and records.
#[must_use]
pub fn coverage_gap(unscanned: Unscanned) -> palisade_policies::Unscanned {
    use palisade_policies::Unscanned as Word;
    match unscanned {
        Unscanned::Image => Word::Image,
        Unscanned::Audio => Word::Audio,
        Unscanned::Video => Word::Video,
        Unscanned::Document => Word::Document,
        Unscanned::S3Location => Word::Reference,
        Unscanned::RedactedReasoning => Word::Encrypted,
        Unscanned::EncodedPayload => Word::Undecodable,
        Unscanned::UnknownBlock => Word::Unknown,
    }
}

/// The word for a gap in records.
#[must_use]
pub fn recorded(gap: palisade_policies::Unscanned) -> palisade_audit::CoverageGap {
    use palisade_audit::CoverageGap as Word;
    use palisade_policies::Unscanned;
    match gap {
        Unscanned::Image => Word::Image,
        Unscanned::Audio => Word::Audio,
        Unscanned::Video => Word::Video,
        Unscanned::Document => Word::Document,
        Unscanned::Reference => Word::Reference,
        Unscanned::Encrypted => Word::Encrypted,
        Unscanned::Undecodable => Word::Undecodable,
        Unscanned::Unknown => Word::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_spells_what_stands_in_json_text() {
        let cases = [
            (Spelt::Plain, r"a\n", r"a\n"),
            (Spelt::InString, "plain", "plain"),
            (Spelt::InString, r#"a\"b\\c"#, r#"a"b\c"#),
            (Spelt::InString, r"a\nb", "a\nb"),
        ];
        for (spelt, spelling, text) in cases {
            assert_eq!(spelt.read(spelling), text);
            assert_eq!(spelt.spell(Cow::Borrowed(text)), spelling);
        }
        assert_eq!(Spelt::InString.read(r"ada\u0040x"), "ada@x");
        assert_eq!(Spelt::Bare.read("42"), "42");
        assert_eq!(Spelt::Bare.spell(Cow::Borrowed("a\"")), r#""a\"""#);
    }
}
