//! Places in a document, for records and errors.

use super::{Document, Kind, Value};

impl Document {
    /// The JSON pointer (RFC 6901) of the node whose literal begins at `offset`, for records and
    /// errors. A key has the pointer of its member.
    ///
    /// It is safe to log: a key other than `[A-Za-z0-9_.-]{1,64}`, or with more than four digits,
    /// stands as `*`.
    #[must_use]
    pub fn pointer(&self, offset: usize) -> String {
        let mut pointer = String::new();
        let mut here = self.root();
        while here.start() < offset {
            let Some(child) = self.step(here, offset, &mut pointer) else {
                break;
            };
            here = child;
        }
        pointer
    }

    /// Adds the token of the child that holds `offset` to `pointer`, and returns that child.
    fn step<'a>(&'a self, from: Value<'a>, offset: usize, pointer: &mut String) -> Option<Value<'a>> {
        if from.kind() == Kind::Array {
            let (index, item) = from.items().enumerate().find(|(_, item)| item.holds(offset))?;
            pointer.push_str(&format!("/{index}"));
            return Some(item);
        }
        let (key, value) = from
            .members()
            .find(|(key, value)| key.holds(offset) || value.holds(offset))?;
        let name = key.name();
        let shown = std::str::from_utf8(&name).ok().filter(|name| is_loggable(name));
        pointer.push('/');
        pointer.push_str(shown.unwrap_or("*"));
        value.holds(offset).then_some(value)
    }
}

fn is_loggable(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=64).contains(&key.len())
        && key.bytes().all(plain)
        && key.bytes().filter(u8::is_ascii_digit).count() <= 4
}
