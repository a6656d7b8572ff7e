//! What a body carries beside text: payloads, documents, what providers have encrypted or signed.

use crate::json::{Kind, Value};

use super::{
    Closes, RegionKind, Unscanned,
    gather::Gather,
    literal::may_be_credential,
    payload::{self, is_base64, is_ciphertext},
};

/// What is longer than this is no token of a known form, in bytes of base64.
const SIGNATURE_BYTES_MIN: usize = 256;

impl Gather {
    /// A payload in a place made for one: a fact, and read where it is text all the same.
    pub(super) fn payload(&mut self, value: Value<'_>, what: Unscanned) {
        self.read(value, what, false);
    }

    /// A document: no fact where `is_text` says that it is text and it is.
    pub(super) fn document(&mut self, value: Value<'_>, is_text: bool) {
        self.read(value, Unscanned::Document, is_text);
    }

    fn read(&mut self, value: Value<'_>, what: Unscanned, is_text: bool) {
        match value.kind() {
            Kind::String => {
                let was_read = self.encoded(value, RegionKind::Document);
                if !(is_text && was_read) {
                    self.unscanned(what);
                }
            }
            Kind::Null => {}
            _ => self.misshapen(value),
        }
    }

    /// Reasoning that its provider has encrypted: a fact. What does not look it is scanned.
    pub(super) fn encrypted(&mut self, value: Value<'_>) {
        match value.kind() {
            Kind::String if self.encoded(value, RegionKind::Reasoning) => {}
            Kind::String if is_ciphertext(&value.name()) => self.unscanned(Unscanned::RedactedReasoning),
            _ => self.region(value, RegionKind::Reasoning),
        }
    }

    /// A text in base64. False if it is none.
    pub(super) fn encoded(&mut self, value: Value<'_>, kind: RegionKind) -> bool {
        let is_text = value
            .as_str()
            .is_some_and(|text| payload::text_of(&text).is_some());
        if is_text && !value.is_empty() {
            self.push(value, kind);
            if let Some(region) = self.regions.last_mut() {
                region.encoded = true;
            }
        }
        is_text
    }

    /// A signature over a model's reasoning. What is not base64 is none, and scanned; a short one could be a credential.
    pub(super) fn signature(&mut self, value: Value<'_>) {
        self.signatures = true;
        let text = value.name();
        if value.kind() != Kind::String || !text.iter().all(is_base64) {
            self.region(value, RegionKind::Metadata);
        } else if text.len() < SIGNATURE_BYTES_MIN && may_be_credential(&text) {
            self.push(value, RegionKind::Identifier);
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
