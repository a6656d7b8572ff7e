//! Keys of JSON text that is rewritten while it passes: two keys of an object that come out the same would be one to whoever reads it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use super::DEPTH_MAX;

/// So many altered keys are told apart in one text.
const KEYS_MAX: usize = 4096;

/// Tells altered keys apart: where an object has had an altered key of the same name, `_2` is added, or the next number.
///
/// Text that is no JSON passes as it is.
#[derive(Debug, Default)]
pub struct DistinctKeys {
    /// The arrays and objects that are open; `None` for arrays. Deeper ones are only counted.
    open: Vec<Option<Object>>,
    deeper: usize,
    in_string: bool,
    escaped: bool,
    /// The key that is being read.
    key: Option<Key>,
    /// Names that are kept of all open objects.
    names: usize,
}

#[derive(Debug, Default)]
struct Object {
    /// A value comes next.
    in_value: bool,
    /// Altered names, by their hashes, with the number that was added last.
    taken: HashMap<u64, u32>,
}

#[derive(Debug, Default)]
struct Key {
    name: DefaultHasher,
    altered: bool,
}

/// There are more altered keys than are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyKeys;

impl DistinctKeys {
    /// Passes the next piece of the text on to `out`; `altered` says that it stands in the place of something else. Gives
    /// whether something was added.
    ///
    /// # Errors
    /// [`TooManyKeys`].
    pub fn push(&mut self, piece: &str, altered: bool, out: &mut String) -> Result<bool, TooManyKeys> {
        let mut added = false;
        let mut copied = 0;
        for (at, byte) in piece.bytes().enumerate() {
            let number = match self.in_string {
                true => self.string(byte, altered)?,
                false => self.structure(byte),
            };
            if let Some(number) = number {
                out.push_str(piece.get(copied..at).unwrap_or_default());
                out.push_str(&number);
                (copied, added) = (at, true);
            }
        }
        out.push_str(piece.get(copied..).unwrap_or_default());
        Ok(added)
    }

    /// A byte outside of strings.
    fn structure(&mut self, byte: u8) -> Option<String> {
        match byte {
            b'"' => {
                self.in_string = true;
                let is_key = self.deeper == 0 && self.object().is_some_and(|object| !object.in_value);
                self.key = is_key.then(Key::default);
            }
            b'{' | b'[' if self.open.len() == DEPTH_MAX => self.deeper += 1,
            b'}' | b']' if self.deeper > 0 => self.deeper -= 1,
            b'{' => self.open.push(Some(Object::default())),
            b'[' => self.open.push(None),
            b'}' | b']' => {
                let closed = self.open.pop().flatten();
                self.names -= closed.map_or(0, |object| object.taken.len());
            }
            b':' | b',' if self.deeper == 0 => {
                if let Some(object) = self.object() {
                    object.in_value = byte == b':';
                }
            }
            _ => {}
        }
        None
    }

    fn object(&mut self) -> Option<&mut Object> {
        self.open.last_mut()?.as_mut()
    }

    /// A byte inside a string; gives what is to be added before it.
    fn string(&mut self, byte: u8, altered: bool) -> Result<Option<String>, TooManyKeys> {
        let ends = byte == b'"' && !self.escaped;
        self.escaped = byte == b'\\' && !self.escaped;
        if ends {
            self.in_string = false;
            return self.end_of_key();
        }
        if let Some(key) = &mut self.key {
            key.name.write_u8(byte);
            key.altered |= altered;
        }
        Ok(None)
    }

    fn end_of_key(&mut self) -> Result<Option<String>, TooManyKeys> {
        let Some(key) = self.key.take().filter(|key| key.altered) else {
            return Ok(None);
        };
        if self.names == KEYS_MAX {
            return Err(TooManyKeys);
        }
        let Some(object) = self.object() else {
            return Ok(None);
        };
        let before = object.taken.len();
        let number = distinct(&key.name, &mut object.taken);
        let more = object.taken.len() - before;
        self.names += more;
        Ok(number)
    }
}

/// What is added to a name so that no other has it.
fn distinct(name: &DefaultHasher, taken: &mut HashMap<u64, u32>) -> Option<String> {
    let mut last = *taken.entry(name.finish()).or_default();
    if last == 0 {
        taken.insert(name.finish(), 1);
        return None;
    }
    loop {
        last = last.saturating_add(1);
        let number = format!("_{last}");
        let mut numbered = name.clone();
        numbered.write(number.as_bytes());
        if taken.insert(numbered.finish(), 1).is_none() || last == u32::MAX {
            taken.insert(name.finish(), last);
            return Some(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` with every `x` altered to `{X}`, in pieces of so many bytes.
    fn told_apart(text: &str, size: usize) -> String {
        let mut keys = DistinctKeys::default();
        let mut out = String::new();
        for (index, part) in text.split('x').enumerate() {
            if index > 0 {
                keys.push("{X}", true, &mut out).expect("few");
            }
            for piece in part.as_bytes().chunks(size) {
                let piece = std::str::from_utf8(piece).expect("ascii");
                keys.push(piece, false, &mut out).expect("few");
            }
        }
        out
    }

    #[test]
    fn keys_of_an_object_stay_distinct_in_every_chunking() {
        let cases = [
            (
                r#"{"x":1,"x":"x","y":{"x":2},"x":[{"x":3},{"x":4}]}"#,
                r#"{"{X}":1,"{X}_2":"{X}","y":{"{X}":2},"{X}_3":[{"{X}":3},{"{X}":4}]}"#,
            ),
            (
                r#"{"to x":1,"x":2,"to x":3,"x_2":4,"x":5}"#,
                r#"{"to {X}":1,"{X}":2,"to {X}_2":3,"{X}_2":4,"{X}_3":5}"#,
            ),
            (
                r#"{"a\"x":["x","x",{"x":0}],"a\"x":"x, \"x\":"}"#,
                r#"{"a\"{X}":["{X}","{X}",{"{X}":0}],"a\"{X}_2":"{X}, \"{X}\":"}"#,
            ),
            (r#"no "x", "x" json ]}"#, r#"no "{X}", "{X}" json ]}"#),
        ];
        for (text, expected) in cases {
            for size in [1, 3, 100] {
                assert_eq!(told_apart(text, size), expected);
            }
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep = format!("{}{}", "{\"a\":".repeat(100), "{\"x\":1,\"x\":2}".repeat(2));
        assert_eq!(told_apart(&deep, 7), deep.replace('x', "{X}"));
        let mut keys = DistinctKeys::default();
        let mut out = String::new();
        keys.push("{", false, &mut out).expect("none");
        let mut push = |index: usize| {
            keys.push("\"", false, &mut out)?;
            keys.push(&index.to_string(), true, &mut out)?;
            keys.push("\":0,", false, &mut out)
        };
        assert!((0..KEYS_MAX).all(|index| push(index) == Ok(false)));
        assert_eq!(push(KEYS_MAX), Err(TooManyKeys));
    }
}
