//! What happens to findings: asked of policy, remembered for the record, carried out on the text.

use super::account::{Account, Together, if_watched, place_word};
use super::repeats::Repeats;
use super::replaced::{self, Replaced, spell};
use super::restoring::overlaps;
use super::sealed::{self, instead, is_signed};
use super::tally::{place_of, tally};
use super::tokens::{PutBack, Tokens, Withheld};
use crate::admit::report_errors;
use crate::forms::Forms;
use crate::refusal::{Blocked, Refusal};
use crate::screen::{Found, Spelt};
use crate::seal::{Altered, Seal};
use palisade_audit as audit;
use palisade_guardrails::Category;
use palisade_policies::{Direction, FindingFacts, Permit, Treated, Treatment};
use palisade_wire::json::{Document, Edit};
use palisade_wire::text::{Place, Region, numbering};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The findings in one direction, and what policy says about them.
#[derive(Debug)]
pub struct Treatments<'a> {
    pub(super) permit: &'a Permit,
    pub(super) forms: &'a Forms,
    pub(super) side: Side<'a>,
    /// What signatures over altered texts are sealed under.
    seal: &'a Seal,
    /// All of a category so far: how many, and the surest.
    totals: BTreeMap<Category, (u32, u8)>,
    /// What was done.
    account: Account,
    /// Policies that failed to evaluate.
    pub(super) errors: BTreeSet<String>,
    /// What the author of a blocking policy lets callers know.
    message: Option<String>,
    pub(super) put_back: PutBack,
}

/// Which way the text goes.
#[derive(Debug)]
pub(super) enum Side<'a> {
    /// To the model; tokens are issued if there is a key.
    Request(Option<Box<Tokens>>),
    /// To the caller; tokens that the request issued can come back.
    Answer(Option<&'a Tokens>),
}

impl<'a> Treatments<'a> {
    /// Nothing found yet in a request; `tokens` are issued if there are any to issue.
    #[must_use]
    pub fn of_request(permit: &'a Permit, forms: &'a Forms, seal: &'a Seal, tokens: Option<Tokens>) -> Self {
        Self::new(permit, forms, seal, Side::Request(tokens.map(Box::new)))
    }

    /// Nothing found yet in an answer; `tokens` are those that its request issued.
    #[must_use]
    pub fn of_answer(
        permit: &'a Permit,
        forms: &'a Forms,
        seal: &'a Seal,
        tokens: Option<&'a Tokens>,
    ) -> Self {
        Self::new(permit, forms, seal, Side::Answer(tokens))
    }

    fn new(permit: &'a Permit, forms: &'a Forms, seal: &'a Seal, side: Side<'a>) -> Self {
        Self {
            permit,
            forms,
            side,
            seal,
            totals: BTreeMap::new(),
            account: Account::default(),
            errors: BTreeSet::new(),
            message: None,
            put_back: PutBack::default(),
        }
    }

    /// How one more finding of a stream is treated, `pointer` being where it stands.
    pub fn one_more(
        &mut self,
        category: Category,
        confidence: u8,
        pointer: impl FnOnce() -> String,
    ) -> Treatment {
        self.count(category, 1, confidence);
        let treated = self.ask(category, Place::Answer);
        let found = Together {
            category,
            place: Place::Answer,
            count: 1,
            confidence,
            told: self.total(category),
        };
        self.note(&found, treated, pointer)
    }

    /// What stands in the place of a redacted value of a stream.
    #[must_use]
    pub fn redacted(&self, category: Category, value: &str, spelt: Spelt) -> Cow<'static, str> {
        spell(self.forms.redacted(category, value), spelt)
    }

    /// What stands in the place of the signature over a text of a stream that was altered.
    pub(crate) fn sealed(&self, altered: Altered, signature: &str) -> String {
        self.seal.close(altered, signature)
    }

    /// How many findings did not pass as they are, so far.
    pub(crate) fn treated(&self) -> u64 {
        self.account.treated()
    }

    /// Counts `count` more findings of a category, the surest with `confidence`.
    fn count(&mut self, category: Category, count: u32, confidence: u8) {
        let (total, surest) = self.totals.entry(category).or_default();
        *total = total.saturating_add(count);
        *surest = (*surest).max(confidence);
    }

    /// All of a category so far: how many, and the surest.
    fn total(&self, category: Category) -> (u32, u8) {
        self.totals.get(&category).copied().unwrap_or_default()
    }

    /// Asks policy about the findings of a category in one place, all that have been counted being told.
    fn ask(&mut self, category: Category, place: Place) -> Treated {
        let direction = match self.side {
            Side::Request(_) => Direction::Disclose,
            Side::Answer(_) => Direction::Reveal,
        };
        let (count, confidence) = self.total(category);
        let treated = self.permit.treatment(
            direction,
            &FindingFacts {
                category: category.name(),
                place: place_word(place),
                confidence,
                count,
            },
        );
        report_errors(&treated.errors);
        self.errors.extend(treated.errors.iter().cloned());
        treated
    }

    fn note(&mut self, found: &Together, treated: Treated, pointer: impl FnOnce() -> String) -> Treatment {
        let masks = self.forms.masks(found.category);
        let done = match self.permit.enforced() {
            true => treated.treatment,
            false => if_watched(found.category, treated.treatment),
        };
        self.account.note(found, (&treated, done), masks, pointer);
        self.message = self.message.take().or(treated.message);
        done
    }

    /// The edits that findings in whole texts call for, and signatures over them. All of a category in a place are asked about at once.
    ///
    /// # Errors
    /// [`Withheld`] when one may not pass in any form, or stands where nothing can be replaced.
    pub fn edits(
        &mut self,
        document: &Document,
        regions: &[Region],
        found: &[Found],
    ) -> Result<Vec<Edit<'static>>, Withheld> {
        match (&self.side, regions.iter().any(is_signed)) {
            (Side::Request(_), true) => self.edits_of_signed_request(document, regions, found),
            _ => {
                let replaced = self.replaced(document, regions, found)?;
                let mut edits = replaced::edits(document, &replaced);
                edits.extend(sealed::seals(self.seal, document, &replaced));
                edits.sort_by_key(|edit| edit.span.start);
                Ok(edits)
            }
        }
    }

    /// As `edits`, of a request with texts under signatures: what the gateway altered goes back as it was, and what would have to change
    /// is left out.
    fn edits_of_signed_request(
        &mut self,
        document: &Document,
        regions: &[Region],
        found: &[Found],
    ) -> Result<Vec<Edit<'static>>, Withheld> {
        let mut returned = sealed::returned(self.seal, document, regions);
        let to_ask: Vec<Found> = found
            .iter()
            .filter(|one| !returned.opened.contains(&one.region))
            .cloned()
            .collect();
        let mut replaced = self.replaced(document, regions, &to_ask)?;
        let altered = replaced
            .iter()
            .map(|one| one.region)
            .filter(|region| is_signed(region));
        returned.left_out.extend(altered.map(|region| region.span.start));
        replaced.retain(|one| !is_signed(one.region));
        let removed = document.without_items(&returned.left_out, instead);
        let is_out = |place: usize| overlaps(&removed, &(place..place + 1));
        if !returned.left_out.iter().all(|place| is_out(*place)) {
            return Err(Withheld);
        }
        let mut edits = replaced::edits(document, &replaced);
        edits.extend(returned.edits);
        edits.retain(|edit| !is_out(edit.span.start));
        edits.extend(removed);
        edits.sort_by_key(|edit| edit.span.start);
        Ok(edits)
    }

    /// Findings in whole texts that do not pass as they are, each with what stands in its place, in the order of the text.
    fn replaced<'f>(
        &mut self,
        document: &Document,
        regions: &'f [Region],
        found: &'f [Found],
    ) -> Result<Vec<Replaced<'f>>, Withheld> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let treatments = self.ask_all(document, regions, found);
        if treatments
            .values()
            .any(|treatment| *treatment == Treatment::Block)
        {
            return Err(Withheld);
        }
        let mut replaced: Vec<Replaced<'_>> = found
            .iter()
            .filter_map(|found| {
                let region = regions.get(found.region)?;
                Some(Replaced {
                    found: Cow::Borrowed(found),
                    region,
                    treatment: *treatments.get(&(found.category, region.place))?,
                    text: Cow::Borrowed(""),
                })
            })
            .filter(|one| one.treatment != Treatment::Raw)
            .collect();
        let issued = self.fill(document, &mut replaced)?;
        let repeats = issued.find(document, regions, found);
        self.fill_repeats(document, regions, repeats, &mut replaced)?;
        Ok(replaced)
    }

    fn ask_all(
        &mut self,
        document: &Document,
        regions: &[Region],
        found: &[Found],
    ) -> BTreeMap<(Category, Place), Treatment> {
        let mut treatments = BTreeMap::new();
        let tallies = tally(found, |one| (one.category, place_of(regions, one)));
        for ((category, _), tally) in &tallies {
            self.count(*category, tally.count, tally.confidence);
        }
        for ((category, place), tally) in tallies {
            let treated = self.ask(category, place);
            let pointer = || {
                regions
                    .get(tally.region)
                    .map_or_else(String::new, |r| document.pointer(r.span.start))
            };
            let together = Together {
                category,
                place,
                count: tally.count,
                confidence: tally.confidence,
                told: self.total(category),
            };
            let treatment = self.note(&together, treated, pointer);
            if let (Treatment::Tokenized, Side::Request(Some(tokens))) = (treatment, &mut self.side) {
                // Of all places together, as policy is told here too.
                let (count, confidence) = self.totals.get(&category).copied().unwrap_or_default();
                tokens.note(category, count, confidence);
            }
            treatments.insert((category, place), treatment);
        }
        treatments
    }

    /// Puts into each what shall stand in its place, and returns the values that went as tokens.
    fn fill(&mut self, document: &Document, replaced: &mut [Replaced<'_>]) -> Result<Repeats, Withheld> {
        let mut issued = Repeats::default();
        let regions: Vec<&Region> = replaced.iter().map(|one| one.region).collect();
        let mut here = (usize::MAX, Cow::Borrowed(""));
        for index in numbering(document, &regions) {
            let Some(one) = replaced.get_mut(index) else {
                continue;
            };
            if here.0 != one.found.region {
                here = (one.found.region, document.text(one.region));
            }
            let (category, value) = (one.found.category, one.found.value(one.region, &here.1));
            one.text = match (one.treatment, &mut self.side) {
                (Treatment::Tokenized, Side::Request(Some(tokens))) => {
                    issued.note(&one.found, &value);
                    Cow::Owned(tokens.issue(category, &value)?)
                }
                _ => self.forms.redacted(category, &value),
            };
        }
        Ok(issued)
    }

    /// Adds what shall stand in the place of repeats, and counts them.
    fn fill_repeats<'f>(
        &mut self,
        document: &Document,
        regions: &'f [Region],
        repeats: Vec<Found>,
        replaced: &mut Vec<Replaced<'f>>,
    ) -> Result<(), Withheld> {
        let Side::Request(Some(tokens)) = &mut self.side else {
            return Ok(());
        };
        let mut here = (usize::MAX, Cow::Borrowed(""));
        for found in repeats {
            let Some(region) = regions.get(found.region) else {
                continue;
            };
            if here.0 != found.region {
                here = (found.region, document.text(region));
            }
            let token = tokens.issue(found.category, &found.value(region, &here.1))?;
            self.account.repeat(found.category, region.place, || {
                document.pointer(region.span.start)
            });
            replaced.push(Replaced {
                found: Cow::Owned(found),
                region,
                treatment: Treatment::Tokenized,
                text: Cow::Owned(token),
            });
        }
        replaced.sort_by_key(|one| (one.found.region, one.found.span.start));
        Ok(())
    }

    /// Policies that failed to evaluate, sorted.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        self.errors.iter().cloned().collect()
    }

    /// What was found and how it was treated, and what was put back, both sorted by category.
    #[must_use]
    pub fn into_records(self) -> (Vec<audit::Finding>, Vec<audit::Restored>) {
        (self.account.into_records(), self.put_back.into_records())
    }

    /// What was found and how it was treated, sorted by category, and the tokens that were issued, if any.
    #[must_use]
    pub fn into_parts(self) -> (Vec<audit::Finding>, Option<Tokens>) {
        let tokens = match self.side {
            Side::Request(tokens) => tokens.map(|tokens| *tokens).filter(|tokens| !tokens.is_empty()),
            Side::Answer(_) => None,
        };
        (self.account.into_records(), tokens)
    }

    /// The refusal that something found would have led to, were policy not only watched.
    #[must_use]
    pub fn waived(&self) -> Option<Refusal> {
        self.account.blocks().then(|| {
            Refusal::Blocked(Blocked {
                errors: self.errors(),
                message: None,
                findings: Vec::new(),
            })
        })
    }

    /// Why the text may not pass.
    #[must_use]
    pub fn into_blocked(self) -> Blocked {
        Blocked {
            errors: self.errors(),
            message: self.message.clone(),
            findings: self.into_records().0,
        }
    }
}
