//! Sound that says what was taken out of a text: Nova Sonic writes what it is about to say, then says it.

use palisade_wire::json::{Document, Edit};
use palisade_wire::turns::named;

/// Whether sound is passed on.
#[derive(Default)]
pub(super) struct Mute {
    /// The last text is the model's own, not what it has heard.
    is_own: bool,
    /// Findings that had been taken out of all texts so far.
    treated: u64,
    is_on: bool,
}

impl Mute {
    /// Takes the next event, whose texts were looked into; `treated` findings have been taken out so far. Silences what says them: all
    /// sound until the model's next text.
    pub(super) fn edit(&mut self, document: &Document, treated: u64) -> Option<Edit<'static>> {
        let (name, event) = named(document.root())?;
        let is = |key: &str, word: &[u8]| event.get(key).is_some_and(|value| *value.name() == *word);
        if *name == *b"contentStart" && is("type", b"TEXT") {
            self.is_own = is("role", b"ASSISTANT");
            self.is_on &= !self.is_own;
        }
        self.is_on |= self.is_own && treated > self.treated;
        self.treated = treated;
        let sound = event
            .get("content")
            .filter(|_| *name == *b"audioOutput" && self.is_on)?;
        Some(Edit::literal(sound.span(), String::new()))
    }
}
