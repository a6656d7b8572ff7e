//! What the rows of `catalogue/attack.rs` find and leave alone.
