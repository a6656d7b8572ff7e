//! What a body carries beside text: payloads, documents, what providers have encrypted or signed.

use crate::json::{Kind, Value};

use super::{
    Closes, RegionKind, Unscanned,
    gather::Gather,
    payload::{self, is_base64, is_ciphertext},
};

impl Gather {
    /// A payload in a place made for one: not text, and a fact.
    pub(super) fn payload(&mut self, value: Value<'_>, what: Unscanned) {
        match value.kind() {
            Kind::String => self.unscanned(what),
            Kind::Null => {}
            _ => self.misshapen(value),
        }
    }

    /// A document: read where `is_text` says that it is one and it is, else a fact.
    pub(super) fn document(&mut self, value: Value<'_>, is_text: bool) {
        let text = value.as_str().filter(|_| is_text);
        if text.is_none_or(|text| payload::text_of(&text).is_none()) {
            return self.payload(value, Unscanned::Document);
        }
        self.push(value, RegionKind::Document);
        if let Some(region) = self.regions.last_mut() {
            region.encoded = true;
        }
    }

    /// Reasoning that its provider has encrypted: a fact. What does not look it is scanned.
    pub(super) fn encrypted(&mut self, value: Value<'_>) {
        match value.kind() {
            Kind::String if is_ciphertext(&value.name()) => self.unscanned(Unscanned::RedactedReasoning),
            _ => self.region(value, RegionKind::Reasoning),
        }
    }

    /// A signature over a model's reasoning. What is not base64 is none, and scanned.
    pub(super) fn signature(&mut self, value: Value<'_>) {
        self.signatures = true;
        if value.kind() != Kind::String || !value.name().iter().all(is_base64) {
            self.region(value, RegionKind::Metadata);
        }
    }

    /// The signature of a running text, which is whole with it. An empty one signs nothing: it stands where a block begins.
    pub(super) fn signed(&mut self, value: Value<'_>, block: u32) {
        if !value.name().is_empty() {
            self.closes = Closes::Block(block);
            self.running_signature = Some(value.span());
        }
        self.signature(value);
    }
}
