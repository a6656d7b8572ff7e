//! A bundle is refused when its own cases or invariants say no.

use super::*;

/// The bundle that ships with `from` replaced by `to` in one of its files: the problems it is refused with.
fn refused(path: &str, from: &str, to: &str) -> Vec<String> {
    let text = default_text(path).replacen(from, to, 1);
    assert_ne!(text, default_text(path), "`{from}` is not in {path}");
    let sources: Vec<_> = DEFAULT_BUNDLE
        .iter()
        .map(|source| BundleFile {
            path: source.path,
            text: if source.path == path { &text } else { source.text },
        })
        .collect();
    let problems = Bundle::load(&sources).map(drop).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_case_that_comes_out_otherwise_is_told_with_its_place() {
    let found = refused("tests/access.json", "\"allow\"", "\"deny\"");
    assert_eq!(
        found,
        [
            "tests/access.json:2:3: case `retail's people may call general-purpose models`: expects Deny, but \
             retail-general-purpose makes it Allow"
        ]
    );
    let found = refused("tests/access.json", "[\"retail-general-purpose\"]", "[\"other\"]");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].ends_with("expects `other` to determine it; retail-general-purpose did"),
        "{found:?}"
    );
    let found = refused("tests/access.json", "\"num_errors\": 0", "\"num_errors\": 1");
    assert!(
        found[0].ends_with("expects 1 errors, but 0 policies err"),
        "{found:?}"
    );
}

#[test]
fn a_policy_that_no_longer_does_what_its_cases_say_is_refused() {
    let found = refused(
        "policies/access.cedar",
        "@id(\"retail-general-purpose\")",
        "@id(\"renamed\")",
    );
    assert!(found.len() >= 2, "{found:?}");
    assert!(found.iter().all(|line| line.starts_with("tests/")), "{found:?}");
}

#[test]
fn a_case_that_is_allowed_though_an_invariant_names_it_is_refused() {
    let found = refused(
        "invariants/never.cedar",
        "@id(",
        "@id(\"never-ana\") forbid (principal == Palisade::User::\"retail/ana\", action, resource);\n@id(",
    );
    assert!(!found.is_empty());
    for line in &found {
        assert!(
            line.ends_with(", and the invariant `never-ana` says never"),
            "{line}"
        );
    }
}

#[test]
fn what_cannot_be_read_or_asked_is_told_with_its_place() {
    for (from, to, expected) in [
        (
            "\"decision\": \"allow\"",
            "\"decision\": \"maybe\"",
            "tests/access.json:18:23: unknown variant `maybe`",
        ),
        (
            "\"num_errors\"",
            "\"num_error\"",
            "tests/access.json:20:15: unknown field `num_error`",
        ),
        ("[\n", "{\n", "tests/access.json:1:"),
        (
            "\"entities.json\"",
            "\"elsewhere.json\"",
            "tests/access.json:2:3: case `retail's people may call general-purpose models`: `tests/elsewhere.json` is no \
             file of entities",
        ),
        (
            "retail/ana",
            "retail/nobody",
            "tests/access.json:2:3: case `retail's people may call general-purpose models`: \
             `Palisade::User::\"retail/nobody\"` is not in `tests/entities.json`",
        ),
        (
            "\"inputTokens\": 200",
            "\"inputTokens\": \"200\"",
            "tests/access.json:2:3: case `retail's people may call general-purpose models`: ",
        ),
    ] {
        let found = refused("tests/access.json", from, to);
        assert_eq!(found.len(), 1, "{to}: {found:#?}");
        assert!(found[0].starts_with(expected), "{}\nis not\n{expected}", found[0]);
    }
    let found = refused("tests/entities.json", "[", "{");
    assert!(found[0].starts_with("tests/access.json"), "{found:?}");
    assert!(
        found.iter().any(|line| line.starts_with("tests/entities.json: ")),
        "{found:?}"
    );
}

#[test]
fn a_file_full_of_what_cannot_be_read_is_refused_without_telling_all() {
    let text = format!("[{}1]", "1,".repeat(100_000));
    let found = Bundle::load(&[
        BundleFile {
            path: "schema.cedarschema",
            text: default_text("schema.cedarschema"),
        },
        BundleFile {
            path: "tests/odd.json",
            text: &text,
        },
    ]);
    assert_eq!(found.map(drop).unwrap_err().len(), 100);
}
