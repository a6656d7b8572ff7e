//! Where models come from.

use serde::{Deserialize, Serialize};

/// Where a model of one's own comes from. Policies are not told; the log keeps it with the facts that decisions name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// Where its artifact is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// The job that trained it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job: Option<String>,
    /// Which of its versions it is.
    pub version: String,
}
