//! Proofs that somebody else can check without the log (c2sp.org/tlog-proof): that a record stands in it.

use crate::tree::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// The text of a proof that record `index` stands in the tree of a signed checkpoint; `hashes` are those of
/// [`inclusion`](crate::tree::inclusion).
#[must_use]
pub fn text(index: u64, hashes: &[Hash], checkpoint: &str) -> String {
    let mut out = format!("c2sp.org/tlog-proof@v1\nindex {index}\n");
    for hash in hashes {
        // Writing into a String cannot fail.
        let _ = writeln!(out, "{}", STANDARD.encode(hash));
    }
    out.push('\n');
    out.push_str(checkpoint);
    out
}
