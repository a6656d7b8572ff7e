//! What became of findings, for the record: an entry for each category, place and treatment.

use palisade_audit as audit;
use palisade_guardrails::Category;
use palisade_policies::{Treated, Treatment};
use palisade_wire::text::Place;
use std::collections::BTreeMap;

/// Findings that are treated alike.
pub(super) struct Together {
    pub(super) category: Category,
    pub(super) place: Place,
    pub(super) count: u32,
    /// Of the surest, in percent.
    pub(super) confidence: u8,
    /// What policy was told of the category: how many in all places, and the surest.
    pub(super) told: (u32, u8),
}

/// The entries so far. A category has several in a place when policy changes its mind as the count grows.
#[derive(Debug, Default)]
pub(super) struct Account(BTreeMap<(Category, Place, Treatment), audit::Finding>);

impl Account {
    /// Notes how policy has findings treated and what is done, `masks` if something of a redacted value is shown; the first of them
    /// stands at `pointer`.
    pub(super) fn note(
        &mut self,
        found: &Together,
        (treated, done): (&Treated, Treatment),
        masks: bool,
        pointer: impl FnOnce() -> String,
    ) {
        let Together { category, place, .. } = *found;
        let recorded = |treatment| match treatment {
            Treatment::Raw => audit::Treatment::Raw,
            Treatment::Tokenized => audit::Treatment::Tokenized,
            Treatment::Redacted if masks => audit::Treatment::Masked,
            Treatment::Redacted => audit::Treatment::Redacted,
            Treatment::Block => audit::Treatment::Block,
        };
        let entry = self.0.entry((category, place, treated.treatment));
        let finding = entry.or_insert_with(|| audit::Finding {
            category: category.name().to_owned(),
            place: place_word(place).as_str().to_owned(),
            pointer: pointer(),
            treatment: recorded(treated.treatment),
            done: (done != treated.treatment).then(|| recorded(done)),
            ..audit::Finding::default()
        });
        finding.count = finding.count.saturating_add(found.count);
        finding.confidence = finding.confidence.max(found.confidence);
        finding.determining.clone_from(&treated.determining);
        finding.told = Some(found.told);
    }

    /// Counts a repeat of a value that went as a token, in its own place and by the policies of the first of its category.
    pub(super) fn repeat(&mut self, category: Category, place: Place, pointer: impl FnOnce() -> String) {
        let is_first =
            |key: &(Category, Place, Treatment)| key.0 == category && key.2 == Treatment::Tokenized;
        let first = self.0.iter().find(|(key, _)| is_first(key));
        let Some(first) = first.map(|(_, finding)| finding.clone()) else {
            return;
        };
        let entry = self.0.entry((category, place, Treatment::Tokenized));
        let finding = entry.or_insert_with(|| audit::Finding {
            count: 0,
            // Policy was not asked about this place.
            told: Some((0, 0)),
            place: place_word(place).as_str().to_owned(),
            pointer: pointer(),
            ..first
        });
        finding.count = finding.count.saturating_add(1);
    }

    /// How many do not pass as they are.
    pub(super) fn treated(&self) -> u64 {
        let done =
            |finding: &&audit::Finding| finding.done.unwrap_or(finding.treatment) != audit::Treatment::Raw;
        self.0
            .values()
            .filter(done)
            .map(|finding| u64::from(finding.count))
            .sum()
    }

    /// Whether policy blocks any of them.
    pub(super) fn blocks(&self) -> bool {
        self.0
            .keys()
            .any(|(_, _, treatment)| *treatment == Treatment::Block)
    }

    /// The entries, sorted by category, place and treatment.
    pub(super) fn into_records(self) -> Vec<audit::Finding> {
        let mut findings: Vec<audit::Finding> = self.0.into_values().collect();
        for finding in &mut findings {
            let own = (finding.count, finding.confidence);
            finding.told = finding.told.filter(|told| *told != own);
        }
        findings
    }
}

/// The group of categories that never leave unless policy lets them.
const CREDENTIAL: &str = "Credential";

/// What is done with a finding where policy is only watched: nothing, but that credentials never leave which policy does not let pass.
pub(super) fn if_watched(category: Category, treatment: Treatment) -> Treatment {
    match category.ancestors().any(|group| group == CREDENTIAL) {
        true => treatment.min(Treatment::Redacted),
        false => Treatment::Raw,
    }
}

/// The word of policies for a place.
pub(super) fn place_word(place: Place) -> palisade_policies::Place {
    use palisade_policies::Place as Word;
    match place {
        Place::System => Word::System,
        Place::User => Word::User,
        Place::Assistant => Word::Assistant,
        Place::ToolDefinition => Word::ToolDefinition,
        Place::ToolResult => Word::ToolResult,
        Place::Document => Word::Document,
        Place::Answer => Word::Answer,
        Place::Other => Word::Other,
    }
}
