//! The benchmark: Palisade beside a bare Pingora pass-through, in one run, on one machine.
//!
//! ```text
//! plan (arms × workloads, as data) ─► fleet (processes) ─► rounds ─► load (threads) ─► stats ─► report (Markdown)
//! ```
//!
//! Arms take turns within a round, and every ratio is taken within its round, because the machine is never quiet.
//! Nothing here asserts a time; a run fails when an exchange fails, a control did not act, or a number is missing.
//!
//! INVARIANT: everything listens on 127.0.0.1, and no process outlives its [`fleet::Fleet`].

pub mod failure;
pub mod stats;
pub mod plan;
pub mod prose;
pub mod credentials;
pub mod http1;
pub mod stamps;
pub mod request;
pub mod load;
pub mod process;
pub mod files;
pub mod fleet;
pub mod rounds;
pub mod machine;
pub mod table;
pub mod sizes;
pub mod report;
