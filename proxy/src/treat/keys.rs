//! Keys of objects that hold findings: they are renamed, and no two keys of an object come out the same.

use palisade_wire::json::{Document, Edit, Kind};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

/// A key, and what it shall be called.
pub(super) struct Renamed {
    /// Its literal in the document.
    pub(super) span: Range<usize>,
    pub(super) name: String,
}

/// The edits that give keys their names. Where an object has the name already, `_2` is added to it, or the next number that is free; the
/// first in the text keeps it.
pub(super) fn edits(document: &Document, renamed: Vec<Renamed>) -> Vec<Edit<'static>> {
    if renamed.is_empty() {
        return Vec::new();
    }
    let mut names: BTreeMap<usize, Renamed> = renamed.into_iter().map(|one| (one.span.start, one)).collect();
    for object in document.root().nodes().filter(|node| node.kind() == Kind::Object) {
        let keys = || object.members().map(|(key, _)| key);
        if keys().any(|key| names.contains_key(&key.span().start)) {
            let kept = keys().filter(|key| !names.contains_key(&key.span().start));
            let mut taken = Taken::new(kept.filter_map(|key| key.as_str().map(Cow::into_owned)));
            for key in keys() {
                if let Some(one) = names.get_mut(&key.span().start) {
                    one.name = taken.take(std::mem::take(&mut one.name));
                }
            }
        }
    }
    let edit = |one: Renamed| Edit::literal(one.span, one.name);
    names.into_values().map(edit).collect()
}

/// The names of one object.
struct Taken {
    names: HashSet<String>,
    /// The last number that was added to a name.
    last: HashMap<String, usize>,
}

impl Taken {
    fn new(names: impl Iterator<Item = String>) -> Self {
        Self {
            names: names.collect(),
            last: HashMap::new(),
        }
    }

    /// `name`, or what it becomes where it is taken.
    fn take(&mut self, name: String) -> String {
        if self.names.insert(name.clone()) {
            return name;
        }
        let last = self.last.entry(name.clone()).or_insert(1);
        loop {
            *last += 1;
            let numbered = format!("{name}_{last}");
            if self.names.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use palisade_wire::json::splice;

    /// `body` with every key renamed that holds an `@`.
    fn renamed(body: &str) -> String {
        let document = Document::parse(Bytes::from(body.to_owned())).expect("json");
        let keys = document.root().nodes().filter(|node| node.kind() == Kind::Key);
        let found = keys.filter(|key| key.raw().contains(&b'@'));
        let renamed = found.map(|key| Renamed {
            span: key.span(),
            name: "{EMAIL}".to_owned(),
        });
        let edits = edits(&document, renamed.collect());
        String::from_utf8(splice(document.bytes(), &edits).expect("edits")).expect("text")
    }

    #[test]
    fn names_stay_distinct_in_their_object() {
        let cases = [
            (r#"{"a@b":1}"#, r#"{"{EMAIL}":1}"#),
            (
                r#"{"a@b":1,"c@d":2,"e@f":3}"#,
                r#"{"{EMAIL}":1,"{EMAIL}_2":2,"{EMAIL}_3":3}"#,
            ),
            (r#"{"a@b":1,"{EMAIL}":2}"#, r#"{"{EMAIL}_2":1,"{EMAIL}":2}"#),
            (
                r#"{"a@b":1,"{EMAIL}_2":2,"c@d":3}"#,
                r#"{"{EMAIL}":1,"{EMAIL}_2":2,"{EMAIL}_3":3}"#,
            ),
            (
                r#"{"a@b":{"a@b":{"x":1,"c@d":[{"e@f":2}]}}}"#,
                r#"{"{EMAIL}":{"{EMAIL}":{"x":1,"{EMAIL}":[{"{EMAIL}":2}]}}}"#,
            ),
            (
                r#"{"x":[{"a@b":1},{"c@d":2}]}"#,
                r#"{"x":[{"{EMAIL}":1},{"{EMAIL}":2}]}"#,
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(renamed(body), expected);
        }
    }
}
