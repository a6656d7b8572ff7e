//! Places in a document, for records and errors.

use super::{Document, Kind, Value, members::is_member, steps};

impl Document {
    /// The JSON pointer (RFC 6901) of the node whose literal begins at `offset`, for records and
    /// errors. A key has the pointer of its member.
    ///
    /// It is safe to log: it names members of the protocols and indices; any other key stands as `*`.
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
            let items = from.items().inspect(|_| steps::add(1));
            let (index, item) = items.enumerate().find(|(_, item)| item.holds(offset))?;
            pointer.push_str(&format!("/{index}"));
            return Some(item);
        }
        let mut members = from.members().inspect(|_| steps::add(1));
        let (key, value) = members.find(|(key, value)| key.holds(offset) || value.holds(offset))?;
        let name = key.name();
        let shown = std::str::from_utf8(&name)
            .ok()
            .filter(|name| is_member(name.as_bytes()));
        pointer.push('/');
        pointer.push_str(shown.unwrap_or("*"));
        value.holds(offset).then_some(value)
    }
}
