//! What leaves a running text: clear text as it was spelt, and what stands in the place of findings.

use super::super::Observed;
use super::MARK;
use super::alone::{Alone, Part};
use crate::screen::Spelt;
use crate::seal::Altered;
use crate::treat::Withheld;
use palisade_guardrails::{Category, Piece, Restorer};
use palisade_policies::Treatment;
use palisade_wire::json::{DistinctKeys, Fragments};
use palisade_wire::text::{Channel, ChannelKind};
use std::borrow::Cow;

/// How a lane of JSON text reads it, and tells altered keys apart.
#[derive(Default)]
pub(super) struct Json {
    pub(super) fragments: Fragments,
    keys: DistinctKeys,
}

/// What leaves a lane in one go.
pub(super) struct Passage<'l> {
    pub(super) out: String,
    pub(super) outcome: Result<(), Withheld>,
    pub(super) channel: Channel,
    pub(super) open: &'l mut Treatment,
    pub(super) json: Option<&'l mut Json>,
    pub(super) restorer: Option<&'l mut Restorer>,
    pub(super) altered: Option<&'l mut Altered>,
    pub(super) alone: &'l mut Alone,
}

impl Passage<'_> {
    pub(super) fn pass(&mut self, piece: &Piece<'_>, observed: &mut Observed<'_>) {
        let spelling = self
            .json
            .as_mut()
            .map(|json| json.fragments.spelling(piece.text().len()));
        let raw = spelling
            .as_ref()
            .map_or(piece.text(), |spelling| spelling.raw.as_str());
        let Piece::Match(found) = piece else {
            return self.clear(raw, observed);
        };
        self.alone.passed(found.text.len());
        if !found.continues {
            *self.open = self.treatment(found.category, found.confidence.percent(), found.text, observed);
        }
        match *self.open {
            Treatment::Raw => self.keep(raw, observed),
            Treatment::Tokenized | Treatment::Redacted if !found.continues => {
                let spelt = spelling
                    .as_ref()
                    .map_or(Spelt::Plain, |spelling| Spelt::in_json(spelling.in_string));
                let text = observed.treatments.redacted(found.category, found.text, spelt);
                self.emit_altered(&text, observed);
                self.mark(raw, observed);
                if let Some(altered) = &mut self.altered {
                    altered.replaced(&text, found.text);
                }
            }
            Treatment::Tokenized | Treatment::Redacted => {
                self.mark(raw, observed);
                if let Some(altered) = &mut self.altered {
                    altered.more(found.text);
                }
            }
            Treatment::Block => self.outcome = Err(Withheld),
        }
    }

    fn treatment(
        &self,
        category: Category,
        percent: u8,
        text: &str,
        observed: &mut Observed<'_>,
    ) -> Treatment {
        let place = || place(self.channel);
        match observed.treatments.is_token(text) {
            true => Treatment::Raw,
            false => observed.treatments.one_more(category, percent, place),
        }
    }

    /// Lets text go in which nothing is found, but for what was found in its pieces as they stand.
    fn clear(&mut self, raw: &str, observed: &mut Observed<'_>) {
        if self.alone.is_empty() {
            self.alone.passed(raw.len());
            return self.keep(raw, observed);
        }
        for part in self.alone.parts(raw) {
            let (category, percent, text) = match part {
                Part::Clear(text) => {
                    self.keep(text, observed);
                    continue;
                }
                Part::Rest(text) if *self.open == Treatment::Raw => {
                    self.keep(text, observed);
                    continue;
                }
                Part::Rest(_) => continue,
                Part::Found(category, percent, text) => (category, percent, text),
            };
            *self.open = self.treatment(category, percent, text, observed);
            match *self.open {
                Treatment::Raw => self.keep(text, observed),
                Treatment::Tokenized | Treatment::Redacted => {
                    let instead = observed.treatments.redacted(category, text, Spelt::Plain);
                    self.emit_altered(&instead, observed);
                }
                Treatment::Block => self.outcome = Err(Withheld),
            }
        }
    }

    /// Lets the marks go that stand in a text which does not.
    fn mark(&mut self, text: &str, observed: &mut Observed<'_>) {
        for _ in text.matches(MARK) {
            self.emit(Some(MARK), observed);
        }
    }

    /// Lets text go as it was written.
    fn keep(&mut self, text: &str, observed: &mut Observed<'_>) {
        if let Some(altered) = &mut self.altered {
            altered.kept(text);
        }
        let text = self.distinct(text, false);
        self.emit(Some(&text), observed);
    }

    /// Lets go what stands in the place of something else.
    fn emit_altered(&mut self, text: &str, observed: &mut Observed<'_>) {
        let text = self.distinct(text, true);
        self.emit(Some(&text), observed);
    }

    /// A piece of what leaves, in JSON with its altered keys told apart.
    fn distinct<'t>(&mut self, text: &'t str, altered: bool) -> Cow<'t, str> {
        let Some(json) = &mut self.json else {
            return Cow::Borrowed(text);
        };
        let mut out = String::with_capacity(text.len());
        if json.keys.push(text, altered, &mut out).is_err() {
            self.outcome = Err(Withheld);
        }
        Cow::Owned(out)
    }

    /// Lets text go, or what is still held of it (`None`). Whatever leaves takes this way, so that nothing overtakes what
    /// may still become a token.
    pub(super) fn emit(&mut self, text: Option<&str>, observed: &mut Observed<'_>) {
        match &mut self.restorer {
            Some(restorer) => observed
                .treatments
                .restore(restorer, text, self.json.is_some(), &mut self.out),
            None => self.out.push_str(text.unwrap_or_default()),
        }
    }
}

/// Where a finding stands, for the record.
fn place(channel: Channel) -> String {
    let kind = match channel.kind {
        ChannelKind::Text => "text",
        ChannelKind::Reasoning => "reasoning",
        ChannelKind::ToolInput => "tool_input",
        ChannelKind::ToolResult => "tool_result",
        ChannelKind::Unheard => "other",
    };
    format!("stream/{}/{kind}", channel.block)
}
