//! What a call holds: findings in its text, and what could not be looked into.
//!
//! Detectors find, policies decide: nothing is changed or refused here.

use crate::route::Call;
use palisade_guardrails::{Category, Confidence, Engine, Finding};
use palisade_wire::json::{Document, Fragments};
use palisade_wire::text::{Region, RegionKind, Unscanned};
use std::ops::Range;

/// A call whose text has been scanned. Only this module makes one.
#[derive(Debug)]
pub struct Screened {
    call: Call,
    found: Vec<Found>,
    gaps: Vec<palisade_policies::Unscanned>,
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
    /// It stands outside the strings of a text that is JSON itself.
    pub bare: bool,
}

/// Scans every text region of a call.
#[must_use]
pub fn scan(engine: &Engine, call: Call) -> Screened {
    let found = find(engine, call.document(), &call.map().regions);
    let mut gaps: Vec<_> = call.map().unscanned.iter().copied().map(coverage_gap).collect();
    gaps.sort_unstable_by_key(|gap| gap.as_str());
    gaps.dedup();
    Screened { call, found, gaps }
}

/// Scans the given regions of a document.
#[must_use]
pub fn find(engine: &Engine, document: &Document, regions: &[Region]) -> Vec<Found> {
    let mut found = Vec::new();
    for (region, place) in regions.iter().enumerate() {
        let text = document.text(place);
        if place.kind == RegionKind::ToolInput && text.trim_start().starts_with(['{', '[']) {
            found.extend(find_in_json(engine, region, &text));
        } else {
            found.extend(
                engine
                    .find(&text)
                    .into_iter()
                    .map(|finding| found_at(region, &finding)),
            );
        }
    }
    found
}

fn found_at(region: usize, finding: &Finding) -> Found {
    Found {
        region,
        category: finding.category,
        confidence: finding.confidence,
        span: finding.span.clone(),
        bare: false,
    }
}

/// Tool arguments as some APIs carry them: JSON in a string. Scanned as what that JSON says; places are those in `text`.
fn find_in_json(engine: &Engine, region: usize, text: &str) -> Vec<Found> {
    let mut json = Fragments::default();
    let mut read = json.push(text);
    read.push_str(&json.finish());
    let (mut read_at, mut text_at) = (0, 0);
    let placed = |finding: Finding| {
        text_at += json.spelling(finding.span.start - read_at).raw.len();
        let spelling = json.spelling(finding.span.len());
        let span = text_at..text_at + spelling.raw.len();
        (read_at, text_at) = (finding.span.end, span.end);
        Found {
            span,
            bare: !spelling.in_string,
            ..found_at(region, &finding)
        }
    };
    engine.find(&read).into_iter().map(placed).collect()
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

    /// What could not be looked into, each kind once, in the order of the words.
    #[must_use]
    pub fn gaps(&self) -> &[palisade_policies::Unscanned] {
        &self.gaps
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
