//! Names of record kinds, as types.

/// A type whose only value is the name of a record kind, so that a record cannot be read as another kind.
macro_rules! kind {
    ($(#[$doc:meta])* $name:ident = $text:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub enum $name {
            #[doc = "The one value."]
            #[default]
            #[serde(rename = $text)]
            Is,
        }
    };
}
