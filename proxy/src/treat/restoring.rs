//! Values back in the place of their tokens, in answers: what the caller sent, to nobody but that caller.
//!
//! INVARIANT: findings come first. A value that is put back is never taken for a finding of the answer, and a token that
//! detectors take for something is no finding either.
//! INVARIANT: tokens in tool arguments and under signatures stay as they are, unless the operator says otherwise of the
//! former: arguments leave the conversation, and a signed text that changes is refused in the next turn.

use super::tokens::Tokens;
use super::treatments::{Side, Treatments};
use crate::admit::report_errors;
use crate::screen::{Found, Spelt, is_json};
use palisade_guardrails::{Category, Restored as Part, Restorer};
use palisade_policies::{FindingFacts, Place};
use palisade_wire::json::{Document, Edit, Extent};
use palisade_wire::text::{Channel, ChannelKind, Region, RegionKind};
use std::borrow::Cow;
use std::ops::Range;

impl<'a> Treatments<'a> {
    fn issued(&self) -> Option<&'a Tokens> {
        match self.side {
            Side::Answer(tokens) => tokens,
            Side::Request(_) => None,
        }
    }

    /// Whether all of a text is one token of this exchange, which is no finding.
    #[must_use]
    pub fn is_token(&self, text: &str) -> bool {
        self.issued().is_some_and(|tokens| tokens.is_token(text))
    }

    /// The findings without those that are tokens of this exchange.
    #[must_use]
    pub fn without_tokens<'f>(
        &self,
        document: &Document,
        regions: &[Region],
        found: &'f [Found],
    ) -> Cow<'f, [Found]> {
        let Some(tokens) = self.issued() else {
            return Cow::Borrowed(found);
        };
        let mut kept = Vec::with_capacity(found.len());
        for in_region in found.chunk_by(|a, b| a.region == b.region) {
            let region = in_region.first().and_then(|first| regions.get(first.region));
            let text = region.map_or(Cow::Borrowed(""), |region| document.text(region));
            let is_token =
                |one: &&Found| region.is_some_and(|region| tokens.is_token(&one.value(region, &text)));
            kept.extend(in_region.iter().filter(|one| !is_token(one)).cloned());
        }
        Cow::Owned(kept)
    }

    /// `edits`, with those that put values back in whole texts. Where both would change the same, the former win.
    pub fn with_values(
        &mut self,
        document: &Document,
        regions: &[Region],
        mut edits: Vec<Edit<'static>>,
    ) -> Vec<Edit<'static>> {
        if self.issued().is_none() {
            return edits;
        }
        let mut put_back = Vec::new();
        for region in self.open_to_values(regions) {
            let text = document.text(region);
            let spelt = match is_json(region, &text) {
                true => Spelt::InString,
                false => Spelt::Plain,
            };
            let tokens = self.values(&text);
            if tokens.is_empty() {
                continue;
            }
            let parts: Vec<_> = tokens.iter().map(|(span, ..)| span.clone()).collect();
            let spans = document.within(&region.span, &parts);
            for (span, (_, category, value)) in spans.into_iter().zip(tokens) {
                if !overlaps(&edits, &span) {
                    self.put_back.count(category);
                    put_back.push(Edit {
                        span,
                        extent: Extent::Part,
                        text: Cow::Owned(spelt.spell(Cow::Owned(value)).into_owned()),
                    });
                }
            }
        }
        edits.extend(put_back);
        edits.sort_by_key(|edit| edit.span.start);
        edits
    }

    /// A restorer for a running text, if values may be put back in it.
    #[must_use]
    pub fn restorer(&self, channel: Channel) -> Option<Restorer> {
        self.issued()?;
        let restores = match channel.kind {
            ChannelKind::Text => true,
            ChannelKind::Reasoning => !channel.may_be_signed(),
            ChannelKind::ToolInput => self.forms.restores_tool_arguments(),
            ChannelKind::ToolResult | ChannelKind::Unheard => false,
        };
        restores.then(Restorer::default)
    }

    /// Takes the next piece of a running text, or its end (`None`), and adds to `out` what is decided of it.
    pub fn restore(&mut self, restorer: &mut Restorer, text: Option<&str>, json: bool, out: &mut String) {
        let Some(tokens) = self.issued() else {
            return out.push_str(text.unwrap_or_default());
        };
        let spelt = if json { Spelt::InString } else { Spelt::Plain };
        let mut sink = |part: Part<'_>| match part {
            Part::Text(text) => out.push_str(text),
            Part::Value {
                category,
                value,
                spelling,
            } => {
                if self.may_restore(category, value) {
                    self.put_back.count(category);
                    out.push_str(&spelt.spell(Cow::Borrowed(value)));
                } else {
                    out.push_str(spelling);
                }
            }
        };
        match text {
            Some(text) => restorer.push(tokens.pseudonyms(), text, &mut sink),
            None => restorer.finish(tokens.pseudonyms(), &mut sink),
        }
    }

    /// The values that may be put back in a text, and where.
    fn values(&mut self, text: &str) -> Vec<(Range<usize>, Category, String)> {
        let Some(tokens) = self.issued() else {
            return Vec::new();
        };
        let mut values = Vec::new();
        tokens.each(text, |span, category, value| {
            if self.may_restore(category, value) {
                values.push((span, category, value.to_owned()));
            }
        });
        values
    }

    /// The regions of an answer in which values may be put back.
    fn open_to_values<'r>(&self, regions: &'r [Region]) -> Vec<&'r Region> {
        let is_open = |region: &&Region| match region.kind {
            RegionKind::Text => region.prose,
            RegionKind::Reasoning => region.prose && region.signature.is_none(),
            RegionKind::ToolInput => self.forms.restores_tool_arguments(),
            RegionKind::System
            | RegionKind::ToolResult
            | RegionKind::Document
            | RegionKind::Citation
            | RegionKind::Metadata
            | RegionKind::Identifier
            | RegionKind::Key
            | RegionKind::Number => false,
        };
        regions.iter().filter(is_open).collect()
    }

    /// Whether a value may be put back: policy is asked once for each category.
    fn may_restore(&mut self, category: Category, value: &str) -> bool {
        let (permit, tokens, errors) = (self.permit, self.issued(), &mut self.errors);
        let (count, confidence) = tokens.map_or((0, 0), |tokens| tokens.total(category));
        let ask = || {
            let restoring = permit.restoring(&FindingFacts {
                category: category.name(),
                place: Place::Answer,
                confidence,
                count,
            });
            report_errors(&restoring.errors);
            errors.extend(restoring.errors);
            (restoring.permitted, restoring.determining)
        };
        self.put_back.may(category, value.len(), ask)
    }
}

/// Whether `span` shares a byte with one of `edits`, which ascend.
pub(super) fn overlaps(edits: &[Edit<'_>], span: &Range<usize>) -> bool {
    let next = edits.partition_point(|edit| edit.span.end <= span.start);
    edits.get(next).is_some_and(|edit| edit.span.start < span.end)
}
