//! Sound that says what was taken out of a text: Nova Sonic writes what it is about to say (`SPECULATIVE`), says it, and writes what it has
//! said (`FINAL`).

use palisade_wire::json::{Document, Edit, Value};
use palisade_wire::turns::named;

/// Contents that are watched at one time; the model has a text and a sound open.
const WATCHED_MAX: usize = 64;

/// Which sounds are passed on.
pub(super) struct Mute {
    /// What the model is about to say and has not written to its end, by content.
    texts: Vec<Vec<u8>>,
    /// Sounds that began while they were not to be heard, by content.
    silenced: Vec<Vec<u8>>,
    /// Findings that had been taken out of all texts so far.
    treated: u64,
    /// Nothing was written yet, or something was taken out of what was written last.
    is_on: bool,
}

impl Default for Mute {
    fn default() -> Self {
        Self {
            texts: Vec::new(),
            silenced: Vec::new(),
            treated: 0,
            is_on: true,
        }
    }
}

impl Mute {
    /// Takes the next event, whose texts were looked into; `treated` findings have been taken out so far. Silences sound that nobody has read,
    /// or that says what was taken out.
    pub(super) fn edit(&mut self, document: &Document, treated: u64) -> Option<Edit<'static>> {
        let (name, event) = named(document.root())?;
        let id = event.get("contentId").map(Value::name).unwrap_or_default();
        let is_own = self.texts.iter().any(|text| **text == *id);
        self.is_on |= is_own && treated > self.treated;
        self.treated = treated;
        match &*name {
            b"contentStart" => self.begin(event, id.into_owned()),
            b"contentEnd" => {
                self.texts.retain(|text| **text != *id);
                self.silenced.retain(|sound| **sound != *id);
            }
            b"audioOutput" if self.is_silent() || self.silenced.iter().any(|sound| **sound == *id) => {
                let sound = event.get("content")?;
                return Some(Edit::literal(sound.span(), String::new()));
            }
            _ => {}
        }
        None
    }

    fn begin(&mut self, event: Value<'_>, id: Vec<u8>) {
        let word = |key: &str| event.get(key).map(Value::name).unwrap_or_default();
        let is_final = word("additionalModelFields")
            .windows(b"FINAL".len())
            .any(|part| part == b"FINAL");
        match (&*word("type"), &*word("role")) {
            (b"TEXT", b"ASSISTANT") if !is_final => {
                self.is_on = false;
                self.texts.push(id);
            }
            (b"AUDIO", _) if self.is_silent() => self.silenced.push(id),
            _ => {}
        }
    }

    fn is_silent(&self) -> bool {
        let is_lost = self.texts.len() + self.silenced.len() > WATCHED_MAX;
        self.is_on || !self.texts.is_empty() || is_lost
    }
}
