//! Findings, counted.

use super::account::place_word;
use crate::screen::{Found, Screened};
use palisade_audit as audit;
use palisade_guardrails::Category;
use palisade_wire::text::{Place, Region};
use std::collections::BTreeMap;

/// Findings that are asked about at once.
pub(super) struct Tally {
    pub(super) count: u32,
    pub(super) confidence: u8,
    /// The region of the first.
    pub(super) region: usize,
}

pub(super) fn tally<K: Ord>(found: &[Found], key: impl Fn(&Found) -> K) -> BTreeMap<K, Tally> {
    let mut tallies = BTreeMap::new();
    for one in found {
        let first = Tally {
            count: 0,
            confidence: 0,
            region: one.region,
        };
        let tally = tallies.entry(key(one)).or_insert(first);
        tally.count = tally.count.saturating_add(1);
        tally.confidence = tally.confidence.max(one.confidence.percent());
    }
    tallies
}

/// Whose words a finding is in.
pub(super) fn place_of(regions: &[Region], found: &Found) -> Place {
    regions
        .get(found.region)
        .map_or(Place::Other, |region| region.place)
}

/// What had been found when the call was denied.
#[must_use]
pub fn not_asked(screened: &Screened) -> Vec<audit::Finding> {
    let regions = &screened.call().map().regions;
    let finding = |((category, place), tally): ((Category, Place), Tally)| audit::Finding {
        category: category.name().to_owned(),
        place: place_word(place).as_str().to_owned(),
        count: tally.count,
        confidence: tally.confidence,
        treatment: audit::Treatment::NotAsked,
        ..audit::Finding::default()
    };
    tally(screened.found(), |one| (one.category, place_of(regions, one)))
        .into_iter()
        .map(finding)
        .collect()
}
