//! Reversible placeholders: tokens such as `<EMAIL_k7mq2x0a>` that stand in for values in a request, and the streaming
//! restorer that puts the values back into the answer.
//!
//! There is no store. A client resends its history, values included, so [`Pseudonyms`] is built anew from every request; a check
//! part derived from value and [`TokenKey`] gives the same values the same tokens, whatever else a request holds.
//!
//! INVARIANT: requests have the same tokens in whatever part they share, so prompt caches hit.
//! INVARIANT: only a token issued in this exchange is ever restored; whatever else looks like one is ordinary text.
//! INVARIANT: what a [`Restorer`] hands out does not depend on how its text was cut.
//! INVARIANT: text is held only while some continuation would make it a token issued in this exchange.
//!
//! A check part of 40 bits says that the model copied a token and did not invent or alter it. It also makes tolerance
//! safe: a token is known by category and check, however it is spelt around them (see [`Restorer`]). Text of
//! a request that looks like a token (a forgery, an echo, a token of another conversation) has no effect: it becomes
//! restorable only by being, character for character, a token that this exchange issues for one of its own values, which
//! a guess hits once in 2^40. Even then nobody learns a value, since the answer goes to the caller who sent it.
//!
//! Restoring belongs after detection in the answer, or restored values would be found again. Tool arguments are a way
//! out of the conversation: a caller restores them only where policy says so.

mod key;
mod grammar;
mod issued;
mod restorer;
#[cfg(test)]
mod tests;

pub use issued::{Pseudonyms, TooManyPseudonyms};
pub use key::TokenKey;
pub use restorer::{Restored, Restorer};
