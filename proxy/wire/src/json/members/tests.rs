//! The list is sorted, and holds every name that a dialect matches on.

use super::*;

#[test]
fn is_sorted() {
    assert!(MEMBERS.is_sorted());
}

/// Every name that a dialect matches on, so that records can say where things stand.
#[test]
fn holds_what_the_dialects_know() {
    let dialects = [
        include_str!("../../text/converse.rs"),
        include_str!("../../text/count.rs"),
        include_str!("../../text/guardrail.rs"),
        include_str!("../../text/retrieval.rs"),
        include_str!("../../text/generation.rs"),
        include_str!("../../text/started.rs"),
        include_str!("../../text/anthropic.rs"),
        include_str!("../../text/nova.rs"),
        include_str!("../../text/sonic.rs"),
        include_str!("../../text/generic.rs"),
        include_str!("../../text/asked.rs"),
    ];
    for dialect in dialects {
        // Names are written `b"name"`; values of events (`ping`) are too, and do no harm here. Words in capitals are none.
        for name in dialect
            .split("b\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let is_word = name.bytes().all(|b| b.is_ascii_uppercase());
            let is_name = name.len() > 1 && !is_word && (plain || name.starts_with("amazon-bedrock"));
            let is_suffix = name.starts_with('_') || name == "Exception";
            assert!(
                !is_name || is_suffix || is_member(name.as_bytes()),
                "`{name}` is missing"
            );
        }
    }
}
