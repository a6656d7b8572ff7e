//! Manifests and configuration files.

use crate::source::{files, none, root};
use std::fs;

/// The members of the workspace with the line that lists each.
fn members() -> Vec<(String, String)> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let listed = manifest
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .skip(1)
        .take_while(|line| *line != "]");
    let member = |line: &str| {
        (
            line.trim()
                .trim_start_matches('"')
                .split('"')
                .next()
                .unwrap()
                .to_owned(),
            line.to_owned(),
        )
    };
    let found: Vec<_> = listed.map(member).collect();
    assert!(found.len() >= 7, "{found:?}");
    found
}

#[test]
fn every_member_has_a_comment_a_licence_and_the_name_of_its_folder() {
    let mut offenders = Vec::new();
    for (folder, line) in members() {
        let path = format!("{folder}/Cargo.toml");
        let manifest = fs::read_to_string(root().join(&path)).unwrap();
        let name = format!("name = \"palisade-{}\"", folder.rsplit('/').next().unwrap());
        let mut require = |holds: bool, what: &str| {
            if !holds {
                offenders.push(format!("{path}:1: {what}"));
            }
        };
        require(
            line.contains("# "),
            "its line in the root manifest has no comment",
        );
        require(
            manifest.contains(&name),
            "its name is not palisade- and the folder",
        );
        require(
            manifest.contains("license.workspace = true"),
            "its licence is not the workspace's",
        );
        require(
            manifest.contains("[lints]\nworkspace = true"),
            "it does not take the workspace's lints",
        );
        require(manifest.contains("description = "), "it has no description");
    }
    none("members are described", &offenders);
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("license = \"Apache-2.0\""));
}

#[test]
fn every_configuration_file_is_read_by_a_test() {
    let tests: Vec<_> = files(&["rs"])
        .into_iter()
        .filter(|file| file.path.starts_with("proxy/") && file.is_test())
        .collect();
    let mut offenders = Vec::new();
    for entry in fs::read_dir(root().join("config")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !tests.iter().any(|test| test.text.contains(&name)) {
            offenders.push(format!("config/{name}:1: no test reads it"));
        }
    }
    none("every file in config/ is parsed by a test", &offenders);
}

#[test]
fn lock_files_name_no_machine() {
    let npm = fs::read_to_string(root().join("tests/node/package-lock.json")).unwrap();
    assert!(
        !npm.contains("\"resolved\""),
        "package-lock.json holds download addresses"
    );
    let requirements = fs::read_to_string(root().join("tests/python/requirements.txt")).unwrap();
    let pins = requirements
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let loose: Vec<_> = pins
        .filter(|line| !line.contains("==") || line.contains(['@', ' ']))
        .map(str::to_owned)
        .collect();
    none("every Python package is pinned", &loose);
}
