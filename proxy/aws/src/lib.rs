//! What the gateway itself asks of AWS, as opposed to what it passes on: how its SDK is set up, and keys that KMS holds closed.

mod sdk;
mod kms;

pub use kms::{Kms, KmsError};
pub use sdk::{Timeouts, connected};
