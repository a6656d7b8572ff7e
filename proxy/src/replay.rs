//! Decisions made again from their records: by the policies that made them, or by others.

mod said;
mod asked;
mod log;
mod changes;

pub use asked::{Asked, FactsRead, Unreplayable};
pub use changes::Change;
pub use log::{Again, Replayer, Who};
pub use said::{Form, Said, Verdict};
