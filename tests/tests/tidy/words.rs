//! Words that must not be left behind, and clocks outside the crates that may read them.

use crate::source::{files, none, rust};

#[test]
fn nothing_is_left_to_do_later() {
    // Put together here, so that this file does not hold them.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X"],
        ["HA", "CK:"],
        ["todo", "!("],
        ["unimplement", "ed!("],
        ["#[ign", "ore"],
    ];
    let words: Vec<String> = words.iter().map(|parts| parts.concat()).collect();
    let sources = files(&["rs", "toml", "py", "js", "cedar", "cedarschema", "sh", ""]);
    let mut offenders = Vec::new();
    for file in &sources {
        for (index, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word.as_str())) {
                offenders.push(format!("{}:{}: {}", file.path, index + 1, line.trim()));
            }
        }
    }
    none("what is not done is an issue, not a remark", &offenders);
}

#[test]
fn only_the_crates_with_sockets_read_clocks() {
    let allowed = ["proxy/src/", "proxy/simulator/", "proxy/examples/", "tests/"];
    let measures = |path: &str| path.contains("/examples/") || path.contains("/benches/");
    let files: Vec<_> = rust()
        .into_iter()
        .filter(|file| !allowed.iter().any(|folder| file.path.starts_with(folder)))
        .filter(|file| !measures(&file.path) && !file.is_test())
        .collect();
    let offenders: Vec<_> = files
        .iter()
        .flat_map(|file| file.lines_with(&["SystemTime::now", "Instant::now"]))
        .collect();
    none("time is a value that the gateway passes in", &offenders);
}
