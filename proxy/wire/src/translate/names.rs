//! Names and ids of tools, as Converse takes them (1 to 64 of `[a-zA-Z0-9_-]`, ids also `.` and `:`), and back.
//!
//! What does not fit gets another name, made of itself alone: each request makes the same one again, so nothing has to be kept.

use crate::sigv4::PayloadHash;
use std::borrow::Cow;
use std::collections::BTreeMap;

const BYTES_MAX: usize = 64;

/// Digits of the hash in a name that was made.
const HASH_DIGITS: usize = 8;

/// The names that were made, and those that they stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// The name as Converse takes it.
    pub(super) fn taken<'a>(&mut self, name: Cow<'a, str>) -> Cow<'a, str> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if fits(&name, plain) {
            return name;
        }
        let kept = BYTES_MAX - HASH_DIGITS - 1;
        let mut made: String = name
            .chars()
            .map(|c| if c.is_ascii() && plain(c as u8) { c } else { '_' })
            .take(kept)
            .collect();
        made.push('_');
        made.push_str(&hash(&name)[..HASH_DIGITS]);
        self.0.insert(made.clone(), name.into_owned());
        made.into()
    }

    /// The name as the caller knows it.
    pub(super) fn given<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }
}

/// The id of a call of a tool, as models of a family take it: it only has to be the same for call and result.
pub(super) fn tool_use_id<'a>(id: Cow<'a, str>, family: &str) -> Cow<'a, str> {
    const MISTRAL_BYTES: usize = 9;
    if family == "mistral" {
        let fits = id.len() == MISTRAL_BYTES && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return if fits {
            id
        } else {
            hash(&id)[..MISTRAL_BYTES].to_owned().into()
        };
    }
    match fits(&id, |byte| {
        byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte)
    }) {
        true => id,
        false => format!("call_{}", &hash(&id)[..32]).into(),
    }
}

fn fits(text: &str, plain: impl Fn(u8) -> bool) -> bool {
    (1..=BYTES_MAX).contains(&text.len()) && text.bytes().all(plain)
}

fn hash(text: &str) -> String {
    PayloadHash::of(text.as_bytes()).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_name_is_taken_and_comes_back(name in any::<String>()) {
            let mut names = Names::default();
            let taken = names.taken(Cow::Borrowed(&name)).into_owned();
            prop_assert!(fits(&taken, |byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
            prop_assert_eq!(names.given(&taken), name.as_str());
            let again = names.taken(Cow::Borrowed(&name)).into_owned();
            prop_assert_eq!(again, taken);
        }

        #[test]
        fn every_id_is_one_that_models_take(id in any::<String>()) {
            for family in ["mistral", "claude"] {
                let taken = tool_use_id(Cow::Borrowed(&id), family);
                prop_assert!((1..=64).contains(&taken.len()) && taken.is_ascii());
                prop_assert_eq!(tool_use_id(taken.clone(), family), taken);
            }
        }
    }
}
