//! Findings and what stands in their place, as edits of a body.

use super::keys::{self, Renamed};
use crate::screen::{Found, Spelt};
use palisade_policies::Treatment;
use palisade_wire::json::{DistinctKeys, Document, Edit, Extent};
use palisade_wire::text::{Region, RegionKind, in_base64};
use std::borrow::Cow;

/// A finding, and what stands in its place.
pub(super) struct Replaced<'f> {
    pub(super) found: Cow<'f, Found>,
    pub(super) region: &'f Region,
    pub(super) treatment: Treatment,
    pub(super) text: Cow<'static, str>,
}

/// The edits that put into each place what shall stand there. `replaced` is in the order of the text.
pub(super) fn edits(document: &Document, replaced: &[Replaced<'_>]) -> Vec<Edit<'static>> {
    let mut edits = Vec::new();
    let mut keys = Vec::new();
    for in_region in replaced.chunk_by(|a, b| a.found.region == b.found.region) {
        match in_region.first().map(|one| one.region) {
            Some(key) if key.kind == RegionKind::Key => keys.push(renamed(document, key, in_region)),
            Some(region) => edits.extend(replacements(document, region, in_region)),
            None => {}
        }
    }
    edits.extend(keys::edits(document, keys));
    edits.sort_by_key(|edit| edit.span.start);
    edits
}

/// What a key is called once what was found in it is replaced.
fn renamed(document: &Document, key: &Region, replaced: &[Replaced<'_>]) -> Renamed {
    Renamed {
        span: key.span.clone(),
        name: rewritten(document, key, replaced),
    }
}

/// The text of a region once what was found in it is replaced.
fn rewritten(document: &Document, region: &Region, replaced: &[Replaced<'_>]) -> String {
    let text = document.text(region);
    let mut rewritten = String::with_capacity(text.len());
    let mut copied = 0;
    for one in replaced {
        rewritten.push_str(text.get(copied..one.found.span.start).unwrap_or_default());
        rewritten.push_str(&spell(one.text.clone(), one.found.spelt));
        copied = one.found.span.end;
    }
    rewritten.push_str(text.get(copied..).unwrap_or_default());
    rewritten
}

/// The edits of one region. A number gives way whole: part of one is no JSON. So does what is encoded.
fn replacements(document: &Document, region: &Region, replaced: &[Replaced<'_>]) -> Vec<Edit<'static>> {
    let whole = |text| vec![Edit::literal(region.span.clone(), text)];
    if region.encoded {
        return whole(Cow::Owned(in_base64(&rewritten(document, region, replaced))));
    }
    if region.kind == RegionKind::Number {
        return whole(replaced.first().map(|one| one.text.clone()).unwrap_or_default());
    }
    if let Some(told_apart) = with_distinct_keys(document, region, replaced) {
        return whole(Cow::Owned(told_apart));
    }
    let parts: Vec<_> = replaced.iter().map(|one| one.found.span.clone()).collect();
    let spans = document.within(&region.span, &parts);
    let part = |(span, one): (_, &Replaced<'_>)| Edit {
        span,
        extent: Extent::Part,
        text: spell(one.text.clone(), one.found.spelt),
    };
    spans.into_iter().zip(replaced).map(part).collect()
}

/// JSON in a string, if keys in it would come out the same once what was found is replaced: with a number added to them. Keys beyond
/// those that are told apart are as many as there may be findings, and stay as they come out.
fn with_distinct_keys(document: &Document, region: &Region, replaced: &[Replaced<'_>]) -> Option<String> {
    if replaced.iter().all(|one| one.found.spelt != Spelt::InString) {
        return None;
    }
    let text = document.text(region);
    let mut keys = DistinctKeys::default();
    let mut rewritten = String::with_capacity(text.len());
    let (mut copied, mut added) = (0, false);
    for one in replaced {
        let kept = text.get(copied..one.found.span.start).unwrap_or_default();
        added |= keys.push(kept, false, &mut rewritten).ok()?;
        let instead = spell(one.text.clone(), one.found.spelt);
        added |= keys.push(&instead, true, &mut rewritten).ok()?;
        copied = one.found.span.end;
    }
    let rest = text.get(copied..).unwrap_or_default();
    added |= keys.push(rest, false, &mut rewritten).ok()?;
    added.then_some(rewritten)
}

/// `text` as what it stands in spells it.
pub(super) fn spell(text: Cow<'static, str>, spelt: Spelt) -> Cow<'static, str> {
    match spelt {
        Spelt::Plain => text,
        Spelt::InString | Spelt::Bare => Cow::Owned(spelt.spell(text).into_owned()),
    }
}
