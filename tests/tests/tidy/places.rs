//! The table of places in ARCHITECTURE.md is what the walks over all members of all dialects found. `UPDATE=1` writes it anew.

use crate::source::root;
use std::{collections::BTreeMap, fmt::Write, fs};

const BEGIN: &str = "<!-- The table is made by tests/tests/tidy/places.rs; UPDATE=1 refreshes it. -->\n";
const END: &str = "<!-- End of the table. -->\n";

/// The columns, each with the outcomes that it counts.
const COLUMNS: [(&str, &[&str]); 4] = [
    ("taken out", &["taken out"]),
    ("refused, or the stream cut", &["refused", "cut"]),
    ("passes as policy says", &["seen"]),
    ("a gap that policy is told of", &["cannot be looked into"]),
];

/// A row for the table of one walk: its name and the number of its members, then how often each outcome was met.
fn row(table: &str) -> String {
    let head = table.lines().map_while(|line| line.strip_prefix("# "));
    let mut head = head.map(|line| line.split_once(": ").unwrap());
    let (name, members) = head.next().unwrap();
    let counts: BTreeMap<&str, u32> = head
        .map(|(outcome, count)| (outcome, count.parse().unwrap()))
        .collect();
    let mut row = format!(
        "| [`{name}`](tests/transcripts/shapes/{name}.txt) | {} |",
        members.trim_end_matches(" members")
    );
    for (_, outcomes) in COLUMNS {
        let count: u32 = outcomes.iter().filter_map(|outcome| counts.get(outcome)).sum();
        write!(
            row,
            " {} |",
            if count == 0 {
                "–".to_owned()
            } else {
                count.to_string()
            }
        )
        .unwrap();
    }
    row + "\n"
}

#[test]
fn the_table_of_places_is_what_the_walks_found() {
    let root = root();
    let mut walks: Vec<_> = fs::read_dir(root.join("tests/transcripts/shapes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    walks.sort();
    let columns: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let mut table = format!(
        "| walk | members | {} |\n|---|--:|{}\n",
        columns.join(" | "),
        "--:|".repeat(columns.len())
    );
    for walk in walks {
        table += &row(&fs::read_to_string(walk).unwrap());
    }
    let path = root.join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (is, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, [before, BEGIN, &table, END, after].concat()).unwrap();
    } else {
        assert_eq!(is, table, "ARCHITECTURE.md: refresh the table with UPDATE=1");
    }
}
