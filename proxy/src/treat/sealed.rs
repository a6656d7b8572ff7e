//! Texts under signatures: originals that come back, and seals in the place of signatures.
//!
//! INVARIANT: a changed text never travels with the signature over the original, in either direction.

use super::replaced::Replaced;
use crate::seal::{Altered, MARK, Seal};
use palisade_wire::json::{Document, Edit, Value};
use palisade_wire::text::{Region, RegionKind};
use std::collections::BTreeSet;

/// What becomes of the signed texts of a request.
#[derive(Default)]
pub(super) struct Returned {
    /// Originals that go back.
    pub(super) edits: Vec<Edit<'static>>,
    /// The regions whose original goes back.
    pub(super) opened: BTreeSet<usize>,
    /// Where texts begin that have lost their original.
    pub(super) left_out: BTreeSet<usize>,
}

/// The edits that put originals back, and what cannot be put back.
pub(super) fn returned(seal: &Seal, document: &Document, regions: &[Region]) -> Returned {
    let mut returned = Returned::default();
    for (index, region) in regions.iter().enumerate().filter(|(_, region)| is_signed(region)) {
        let Some(span) = document.signature(region) else {
            continue;
        };
        let signature = document.literal(&span);
        if !signature.starts_with(MARK) {
            continue;
        }
        let Some((text, signature)) = seal.open(&signature, &document.text(region)) else {
            returned.left_out.insert(region.span.start);
            continue;
        };
        returned.opened.insert(index);
        returned.edits.push(Edit::literal(region.span.clone(), text));
        returned.edits.push(Edit::literal(span, signature));
    }
    returned
}

/// The edits that put seals in the place of signatures over whole texts that are shown altered.
pub(super) fn seals(seal: &Seal, document: &Document, replaced: &[Replaced<'_>]) -> Vec<Edit<'static>> {
    let mut edits = Vec::new();
    for in_region in replaced.chunk_by(|a, b| a.found.region == b.found.region) {
        let region = in_region.first().map(|one| one.region);
        let Some(region) = region.filter(|region| is_signed(region)) else {
            continue;
        };
        if let Some(span) = document.signature(region) {
            let altered = altered(&document.text(region), in_region);
            let sealed = seal.close(altered, &document.literal(&span));
            edits.push(Edit::literal(span, sealed));
        }
    }
    edits
}

/// A text as it is shown once what was found in it is replaced.
fn altered(text: &str, replaced: &[Replaced<'_>]) -> Altered {
    let mut altered = Altered::default();
    let mut copied = 0;
    for one in replaced {
        let span = one.found.span.clone();
        altered.kept(text.get(copied..span.start).unwrap_or_default());
        copied = span.end;
        altered.replaced(&one.text, text.get(span).unwrap_or_default());
    }
    altered.kept(text.get(copied..).unwrap_or_default());
    altered
}

/// Whether a signature covers a region.
pub(super) fn is_signed(region: &Region) -> bool {
    region.kind == RegionKind::Reasoning && region.signature.is_some()
}

/// What stands in the place of a block where nothing else is left: a message without content is refused.
pub(super) fn instead(block: Value<'_>) -> &'static str {
    match block.get("type") {
        Some(_) => r#"{"type":"text","text":"(reasoning left out)"}"#,
        None => r#"{"text":"(reasoning left out)"}"#,
    }
}
