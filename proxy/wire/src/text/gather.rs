//! Collects what a walk over a body meets. The dialects say where they are; the rules that are the
//! same everywhere stand here.
//!
//! | rule | for | strings | keys | numbers |
//! |---|---|---|---|---|
//! | `region` | a known text | region | – | – |
//! | `id` | a known identifier or enum | skipped if they look the part, else region; long ones looked into for credentials | – | skipped |
//! | `settings` | known switches and figures | as `id` | skipped if plain | skipped if they can be figures |
//! | `prose` | known structure made of text | region | skipped if plain | region |
//! | `json`, `unknown` | free JSON, unheard-of members | region | region | region |

use std::{num::NonZeroU32, ops::Range};

use crate::json::{Document, Kind, Value};

use super::{
    Channel, Closes, Delta, Event, Modalities, Place, Region, RegionKind, RequestMap, ResponseMap, Unscanned,
    Usage, facts,
    literal::{self, is_figure, is_id, is_plain_key, may_be_credential},
    payload::{Payload, may_be_encoded},
    stop_reason,
};

#[derive(Default)]
pub(super) struct Gather {
    pub(super) regions: Vec<Region>,
    pub(super) deltas: Vec<Delta>,
    pub(super) unscanned: Vec<Unscanned>,
    pub(super) modalities: Modalities,
    pub(super) tools: Vec<String>,
    pub(super) max_tokens: Option<u64>,
    pub(super) client_guardrail: bool,
    pub(super) usage: Usage,
    pub(super) stop_reason: Option<&'static str>,
    pub(super) closes: Closes,
    pub(super) annotates: Option<Channel>,
    /// The name of the first member with text that may go on in the next event unseen.
    pub(super) unknown: Option<String>,
    /// The content block, or the choice in the upper 16 bits, that a stream event is about.
    pub(super) block: u32,
    /// What it reads is an event of a stream.
    in_event: bool,
    /// Lists of tokens so far.
    pub(super) lists: u32,
    /// Whose words the walk is in.
    pub(super) place: Place,
    /// A signature has been met.
    pub(super) signatures: bool,
    /// The literal of the signature over the text of the block that is closed.
    pub(super) running_signature: Option<Range<usize>>,
    /// The key of free JSON that the walk is under.
    pub(super) key: Option<NonZeroU32>,
    /// Where the first known field of a wrong shape begins.
    pub(super) misshapen: Option<usize>,
}

/// Which keys of a walked value become regions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    All,
    Odd,
}

impl Gather {
    /// For what a model answered.
    pub(super) fn of_answer() -> Self {
        Self {
            place: Place::Answer,
            ..Self::default()
        }
    }

    /// For an event of a stream.
    pub(super) fn of_event() -> Self {
        Self {
            in_event: true,
            ..Self::of_answer()
        }
    }

    /// A known text. `null` is no text; anything else but a string is misshapen.
    pub(super) fn region(&mut self, value: Value<'_>, kind: RegionKind) {
        match value.kind() {
            Kind::String => self.text(value, kind),
            Kind::Null => {}
            _ => self.misshapen(value),
        }
    }

    /// A text in a known place: in an answer it is prose, unless it is no text of the answer.
    fn text(&mut self, value: Value<'_>, kind: RegionKind) {
        let prose = self.place == Place::Answer && matches!(kind, RegionKind::Text | RegionKind::Reasoning);
        self.push_as(value, kind, prose);
    }

    /// What `visit` meets holds the words of `place`.
    pub(super) fn at(&mut self, place: Place, visit: impl FnOnce(&mut Self)) {
        // What stands in an answer is the answer's, whatever role it names.
        let place = match self.place {
            Place::Answer => Place::Answer,
            _ => place,
        };
        let outer = std::mem::replace(&mut self.place, place);
        visit(self);
        self.place = outer;
    }

    /// A piece of a running text; anything but a string is walked.
    pub(super) fn delta(&mut self, value: Value<'_>, channel: Channel) {
        match value.kind() {
            Kind::String if value.is_empty() => {}
            Kind::String => self.deltas.push(Delta {
                channel,
                span: value.span(),
                key: None,
                echo: None,
            }),
            _ => self.unheard(None, value),
        }
    }

    /// A known identifier or enum value. What does not look like one is scanned.
    pub(super) fn id(&mut self, value: Value<'_>) {
        match value.kind() {
            Kind::String => self.identifier(value),
            Kind::Array | Kind::Object => self.settings(value),
            Kind::Number => self.figure(value),
            Kind::Null | Kind::Bool | Kind::Key => {}
        }
    }

    /// A string that is expected to be an identifier.
    pub(super) fn identifier(&mut self, value: Value<'_>) {
        let name = value.name();
        match is_id(&name) {
            false => self.push(value, RegionKind::Metadata),
            true if may_be_credential(&name) => self.push(value, RegionKind::Identifier),
            true => {}
        }
    }

    /// A number that is expected to be a figure or a time.
    pub(super) fn figure(&mut self, value: Value<'_>) {
        if !is_figure(value.raw()) {
            self.number(value);
        }
    }

    /// Known switches and figures.
    pub(super) fn settings(&mut self, value: Value<'_>) {
        for node in value.nodes() {
            match node.kind() {
                Kind::String => self.identifier(node),
                Kind::Number => self.figure(node),
                Kind::Key if !is_plain_key(&node.name()) => self.push(node, RegionKind::Key),
                Kind::Key | Kind::Null | Kind::Bool | Kind::Array | Kind::Object => {}
            }
        }
    }

    /// Known structure whose strings are text.
    pub(super) fn prose(&mut self, value: Value<'_>, kind: RegionKind) {
        self.walk(value, kind, Keys::Odd, Unscanned::EncodedPayload);
    }

    /// Free JSON.
    pub(super) fn json(&mut self, value: Value<'_>, kind: RegionKind) {
        self.walk(value, kind, Keys::All, Unscanned::EncodedPayload);
    }

    /// A member that the dialect does not know.
    pub(super) fn unknown(&mut self, key: Value<'_>, value: Value<'_>) {
        self.under(key);
        self.push(key, RegionKind::Key);
        self.walk(value, RegionKind::Text, Keys::All, Unscanned::UnknownBlock);
    }

    /// Notes what cannot be read.
    pub(super) fn unscanned(&mut self, what: Unscanned) {
        if !self.unscanned.contains(&what) {
            self.unscanned.push(what);
        }
        let modality = match what {
            Unscanned::Image => Modalities::IMAGE,
            Unscanned::Audio => Modalities::AUDIO,
            Unscanned::Video => Modalities::VIDEO,
            Unscanned::Document => Modalities::DOCUMENT,
            Unscanned::S3Location
            | Unscanned::RedactedReasoning
            | Unscanned::UnknownBlock
            | Unscanned::EncodedPayload => return,
        };
        self.modalities = self.modalities.with(modality);
    }

    /// A known field has a shape that it must not have: noted, and scanned all the same; of an event as what nobody has heard of.
    pub(super) fn misshapen(&mut self, value: Value<'_>) {
        if self.in_event {
            return self.unheard(None, value);
        }
        self.misread(value);
        self.json(value, RegionKind::Text);
    }

    /// Something that policy reads is there and cannot be read.
    pub(super) fn misread(&mut self, value: Value<'_>) {
        self.misshapen.get_or_insert(value.span().start);
    }

    /// Visits the members of an object; `null` has none, anything else is misshapen.
    pub(super) fn members<'a>(
        &mut self,
        value: Value<'a>,
        mut visit: impl FnMut(&mut Self, &[u8], Value<'a>, Value<'a>),
    ) {
        match value.kind() {
            Kind::Object => value
                .members()
                .for_each(|(key, value)| visit(self, &key.name(), key, value)),
            Kind::Null => {}
            _ => self.misshapen(value),
        }
    }

    /// Visits the items of an array; `null` has none, anything else is misshapen.
    pub(super) fn items<'a>(&mut self, value: Value<'a>, mut visit: impl FnMut(&mut Self, Value<'a>)) {
        match value.kind() {
            Kind::Array => value.items().for_each(|item| visit(self, item)),
            Kind::Null => {}
            _ => self.misshapen(value),
        }
    }

    /// The name of a tool offered to the model.
    pub(super) fn tool(&mut self, name: Value<'_>) {
        match name.as_str() {
            Some(name) => self.tools.push(name.into_owned()),
            None => self.misread(name),
        }
        self.id(name);
    }

    /// Why the model stopped.
    pub(super) fn stop(&mut self, value: Value<'_>) {
        self.stop_reason = value
            .as_str()
            .map(|spelt| stop_reason(&spelt))
            .or(self.stop_reason);
        self.id(value);
    }

    /// An object of token counts.
    pub(super) fn usage(&mut self, value: Value<'_>) {
        self.usage.merge(Usage::read(value));
        self.settings(value);
    }

    /// A Bedrock guardrail that the client chose.
    pub(super) fn guardrail(&mut self, value: Value<'_>) {
        self.client_guardrail |= !value.is_null();
        self.settings(value);
    }

    /// What Bedrock adds to native bodies. False if `name` is no such member.
    pub(super) fn bedrock(&mut self, name: &[u8], value: Value<'_>) -> bool {
        match name {
            b"amazon-bedrock-invocationMetrics" => self.usage(value),
            b"amazon-bedrock-guardrailConfig" => self.guardrail(value),
            b"amazon-bedrock-guardrailAction" => self.id(value),
            b"amazon-bedrock-trace" => self.prose(value, RegionKind::Metadata),
            _ => return false,
        }
        true
    }

    /// A string of free JSON; `prose` if the names that lead to it are those of an answer's prose.
    pub(super) fn string(&mut self, value: Value<'_>, kind: RegionKind, encoded: Unscanned, prose: bool) {
        let raw = value.raw();
        if raw.starts_with(br#""s3://"#) && encoded == Unscanned::UnknownBlock {
            self.unscanned(Unscanned::S3Location);
        }
        if may_be_encoded(raw) && self.encoded(value, kind) {
            return;
        }
        match Payload::of(raw) {
            Payload::Media(what) => self.unscanned(what),
            Payload::Encoded => {
                self.unscanned(encoded);
                self.push_as(value, kind, prose);
            }
            Payload::None => self.push_as(value, kind, prose),
        }
    }

    /// A number of free JSON.
    pub(super) fn number(&mut self, value: Value<'_>) {
        if literal::is_identifying(value.raw(), self.key.is_some()) {
            self.push(value, RegionKind::Number);
        }
    }

    pub(super) fn push(&mut self, value: Value<'_>, kind: RegionKind) {
        self.push_as(value, kind, false);
    }

    pub(super) fn push_as(&mut self, value: Value<'_>, kind: RegionKind, prose: bool) {
        if !value.is_empty() {
            self.regions.push(Region {
                span: value.span(),
                kind,
                place: match kind {
                    RegionKind::Document => Place::Document,
                    _ => self.place,
                },
                prose,
                signature: None,
                encoded: false,
                key: self.key.filter(|_| kind != RegionKind::Key),
            });
        }
    }

    /// What follows stands under `key`.
    pub(super) fn under(&mut self, key: Value<'_>) {
        self.signatures |= key.raw() == br#""signature""#;
        self.key = u32::try_from(key.span().start).ok().and_then(NonZeroU32::new);
    }

    fn walk(&mut self, value: Value<'_>, kind: RegionKind, keys: Keys, encoded: Unscanned) {
        for node in value.nodes() {
            match node.kind() {
                Kind::String => self.string(node, kind, encoded, false),
                Kind::Number => self.number(node),
                Kind::Key => {
                    self.under(node);
                    if keys == Keys::All || !is_plain_key(&node.name()) {
                        self.push(node, RegionKind::Key);
                    }
                }
                Kind::Null | Kind::Bool | Kind::Array | Kind::Object => {}
            }
        }
        self.key = None;
    }

    /// Ends the walk over a body.
    fn end(&mut self, document: &Document) {
        if self.signatures {
            facts::mark_signed(document, &mut self.regions);
        }
    }

    pub(super) fn into_request(mut self, document: &Document) -> RequestMap {
        self.end(document);
        if !self.regions.is_empty() {
            self.modalities = self.modalities.with(Modalities::TEXT);
        }
        RequestMap {
            regions: self.regions,
            max_tokens: self.max_tokens,
            tools: self.tools,
            modalities: self.modalities,
            unscanned: self.unscanned,
            client_guardrail: self.client_guardrail,
        }
    }

    pub(super) fn into_response(mut self, document: &Document) -> ResponseMap {
        self.end(document);
        ResponseMap {
            regions: self.regions,
            deltas: self.deltas,
            unscanned: self.unscanned,
            usage: self.usage,
            stop_reason: self.stop_reason,
        }
    }

    pub(super) fn into_event(mut self, document: &Document) -> Event {
        self.end(document);
        Event {
            deltas: self.deltas,
            regions: self.regions,
            closes: self.closes,
            annotates: self.annotates,
            usage: self.usage,
            stop_reason: self.stop_reason,
            unscanned: self.unscanned,
            unknown: self.unknown,
            signature: self.running_signature,
        }
    }
}
