//! What tells one registry from the next: a hash of each entry.

use palisade_registry::{File, Kind, Visit};
use serde::Serialize;
use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hasher};
use std::io;

/// A hash of each entry, by kind and id.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(HashMap<(Kind, Box<str>), u64>);

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// It was not there.
    Added,
    /// It was there, and is another.
    Changed,
    /// It is not there any more.
    Removed,
}

/// An entry that is not as it was.
pub type Difference = (Kind, String, Became);

impl Visit for Fingerprints {
    type Error = Infallible;

    fn entry<T: Serialize>(&mut self, kind: Kind, id: String, table: &T) -> Result<(), Infallible> {
        self.0.insert((kind, id.into_boxed_str()), hash(table));
        Ok(())
    }
}

impl Fingerprints {
    pub(super) fn of(file: &File) -> Self {
        let mut all = Self::default();
        let Ok(()) = file.visit(&mut all);
        all
    }

    /// What became of the entries in the next one, by kind and id.
    pub(super) fn differences(&self, next: &Self) -> Vec<Difference> {
        let became = |name, hash: &u64| match self.0.get(name) {
            None => Some(Became::Added),
            Some(before) => (before != hash).then_some(Became::Changed),
        };
        let here = next
            .0
            .iter()
            .filter_map(|(name, hash)| Some((name, became(name, hash)?)));
        let gone = self.0.keys().filter(|name| !next.0.contains_key(name));
        let mut all: Vec<Difference> = here
            .chain(gone.map(|name| (name, Became::Removed)))
            .map(|((kind, id), became)| (*kind, id.to_string(), became))
            .collect();
        all.sort();
        all
    }
}

fn hash(entry: &impl Serialize) -> u64 {
    let mut hasher = Writer(DefaultHasher::new());
    // Nothing that is written to a hasher fails, and every entry is JSON.
    let _ = serde_json::to_writer(&mut hasher, entry);
    hasher.0.finish()
}

/// Hashes what is written.
struct Writer(DefaultHasher);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "[[application]]\nid = \"a\"\ntenant = \"t\"\nenvironment = \"dev\"\n\
                          [[key]]\nid = \"K\"\ntenant = \"t\"\napplication = \"a\"\n";

    #[test]
    fn tells_what_came_what_changed_and_what_went() {
        let of = |text: &str| Fingerprints::of(&toml::from_str(text).unwrap());
        let before = of(BEFORE);
        assert_eq!(before.differences(&of(BEFORE)), []);
        let after = of(&(BEFORE.replace("dev", "prod").replace("\"K\"", "\"L\"")));
        let expected = [
            (Kind::Application, "t/a".to_owned(), Became::Changed),
            (Kind::Key, "K".to_owned(), Became::Removed),
            (Kind::Key, "L".to_owned(), Became::Added),
        ];
        assert_eq!(before.differences(&after), expected);
    }
}
