//! Palisade: a policy gate for foundation models.
//!
//! The modules are in reading order, and each uses only those above it. `ARCHITECTURE.md` has the picture.

pub mod clock;
pub mod config;
pub mod refusal;
pub mod freshness;
mod aead;
pub mod registry;
pub mod seal;
pub mod forms;
pub mod rulebook;
pub mod edge;
pub mod work;
pub mod caller;
pub mod route;
pub mod admit;
pub mod call;
pub mod naming;
pub mod spoken;
pub mod screen;
pub mod treat;
pub mod question;
mod settle;
pub mod authorize;
pub mod judge;
pub mod quota;
pub mod discovery;
pub mod outcome;
pub mod replay;
pub mod shadow;
pub mod trail;
pub mod controls;
pub mod credentials;
pub mod withdrawal;
pub mod upstream;
pub mod relay;
pub mod exchange;
pub mod admin;
pub mod api;
pub mod gateway;
pub mod cli;
