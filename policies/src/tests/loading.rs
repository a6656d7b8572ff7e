//! What a bundle must be to be loaded.

use super::*;
use crate::source::digest;
use ring::digest::{SHA256, digest as sha256};

const GOOD: &str = "@id(\"good\")\npermit (principal, action, resource);\n";

/// Loads the schema that ships with one more file, and expects exactly these problems, each given by its beginning.
fn check(path: &str, text: &str, expected: &[&str]) {
    let schema = BundleFile {
        path: "schema.cedarschema",
        text: default_text("schema.cedarschema"),
    };
    let found = Bundle::load(&[schema, BundleFile { path, text }])
        .map(drop)
        .unwrap_err();
    expect(&found, expected);
}

fn check_schema(from: &str, to: &str, expected: &str) {
    let text = default_text("schema.cedarschema").replacen(from, to, 1);
    assert_ne!(
        text,
        default_text("schema.cedarschema"),
        "`{from}` is not in the schema"
    );
    let schema = BundleFile {
        path: "schema.cedarschema",
        text: &text,
    };
    let found = Bundle::load(&[
        schema,
        BundleFile {
            path: "policies/p.cedar",
            text: GOOD,
        },
    ])
    .expect_err(to);
    let found = found
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(found.contains(expected), "{found}");
}

fn expect(found: &[Problem], expected: &[&str]) {
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn refuses_policies_without_a_usable_id() {
    let path = "policies/p.cedar";
    let none = "policies/p.cedar:3:1: the policy has no usable `@id` (help: put @id(";
    check(path, "// first\n\npermit (principal, action, resource);", &[none]);
    for id in ["", "two words", "größe", &"i".repeat(129)] {
        let text = format!("\n\n@id(\"{id}\") permit (principal, action, resource);");
        check(path, &text, &[none]);
    }
    let twice = format!("{GOOD}\n{GOOD}");
    check(
        path,
        &twice,
        &["policies/p.cedar:4:1: the id `good` is taken by policies/p.cedar:1"],
    );
    let invariant = GOOD.replace("permit", "forbid");
    let sources = [
        BundleFile {
            path: "schema.cedarschema",
            text: default_text("schema.cedarschema"),
        },
        BundleFile {
            path: "invariants/i.cedar",
            text: &invariant,
        },
        BundleFile { path, text: GOOD },
    ];
    expect(
        &Bundle::load(&sources).unwrap_err(),
        &["policies/p.cedar:1:1: the id `good` is taken by invariants/i.cedar:1"],
    );
}

#[test]
fn refuses_what_cedar_would_overlook() {
    let path = "policies/p.cedar";
    let annotated = format!("{GOOD}@id(\"x\")\n  @ower(\"me\")\npermit (principal, action, resource);");
    check(
        path,
        &annotated,
        &["policies/p.cedar:4:3: the annotation `@ower` is not known (help: use one of id, "],
    );
    let template = "@id(\"t\") permit (principal == ?principal, action, resource);";
    check(
        path,
        template,
        &["policies/p.cedar:1:31: `policy0` is a template, and a bundle cannot link it"],
    );
    check(
        "invariants/i.cedar",
        GOOD,
        &["invariants/i.cedar:2:1: an invariant says what must never be allowed"],
    );
    check(
        "policy/p.cedar",
        GOOD,
        &["policy/p.cedar: no part of a bundle has this place and name"],
    );
    check(
        "policies/p.cedar.bak",
        GOOD,
        &["policies/p.cedar.bak: no part of a bundle"],
    );
    check(
        "policies/../p.cedar",
        GOOD,
        &["policies/../p.cedar: not a relative path inside the bundle"],
    );
    check(
        "schema.cedarschema",
        default_text("schema.cedarschema"),
        &["schema.cedarschema: the file is given twice"],
    );
    let alone = Bundle::load(&[BundleFile { path, text: GOOD }]).unwrap_err();
    expect(&alone, &["schema.cedarschema: the bundle has no schema"]);
}

#[test]
fn refuses_what_the_parser_or_validator_finds_and_says_where() {
    let path = "policies/p.cedar";
    check(
        path,
        "@id(\"x\")\npermit (principal, action, resource)\nwhen { context.count = 1 };",
        &["policies/p.cedar:3:8: '=' is not a valid operator in Cedar (help: try using '==' instead"],
    );
    let when = |condition: &str| {
        format!(
            "@id(\"x\")\npermit (principal, action in Palisade::Action::\"Invoke\", resource)\nwhen {{ {condition} }};"
        )
    };
    let word = when("resource.lifecycle == Palisade::Lifecycle::\"aproved\"");
    check(
        path,
        &word,
        &["policies/p.cedar:3:30: policy `x`: for policy `x`: entity `Palisade::Lifecycle::\"aproved\"`"],
    );
    check(
        path,
        &when("resource is Palisade::Model && resource.lifecicle == 1"),
        &["policies/p.cedar:3:39: policy `x`: for policy `x`, attribute"],
    );
    check(
        path,
        &when("resource is Palisade::Model && resource.endOfLife > context.base.now"),
        &["policies/p.cedar:3:39: policy `x`: for policy `x`, un"],
    );
    let warned = when("principal is Palisade::User && principal is Palisade::Application");
    check(
        path,
        &warned,
        &["policies/p.cedar:1:1: policy `x`: for policy `x`, policy is impossible"],
    );
}

#[test]
fn refuses_a_policy_that_follows_attributes_of_attributes() {
    let schema =
        default_text("schema.cedarschema").replace("entity Tenant;", "entity Tenant = { open?: Bool };");
    let policy = "@id(\"deep\") permit (principal, action in Palisade::Action::\"Invoke\", resource)\nwhen { principal.tenant has open && principal.tenant.open };";
    let found = Bundle::load(&[
        BundleFile {
            path: "schema.cedarschema",
            text: &schema,
        },
        BundleFile {
            path: "policies/p.cedar",
            text: policy,
        },
    ])
    .unwrap_err();
    assert!(
        found.iter().all(|p| p.policy.as_deref() == Some("deep")),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|p| p.message.contains("maximum allowed level (1)")),
        "{found:#?}"
    );
}

#[test]
fn refuses_a_schema_that_does_not_take_what_the_gateway_supplies() {
    let group = "a forbid on the group `Invoke` does not reach the action `Converse`";
    check_schema(
        "Converse, InvokeModel, CountTokens, Rerank, RetrieveAndGenerate in [Invoke]",
        "Converse, InvokeModel, CountTokens, Rerank, RetrieveAndGenerate",
        group,
    );
    check_schema(
        "\"LATAM\"",
        "\"latam\"",
        "the schema must take all that the gateway supplies",
    );
    check_schema("mfa: Bool,", "mfa: Bool, badge: String,", "badge");
    check_schema("tools: Set<String>,", "", "tools");
    check_schema("entity Team in [Tenant];", "entity Team;", "Tenant");
    check_schema(
        "InvokeEndpointAsync in",
        "InvokeEndpointLater in",
        "InvokeEndpointAsync",
    );
}

#[test]
fn refuses_sizes_over_the_limits() {
    let policy = |bytes: usize| {
        let head =
            "@id(\"x\") permit (principal, action, resource) when { context.base.classification <= 4 || \"";
        let tail = "\" == \"\" };";
        format!("{head}{}{tail}", "x".repeat(bytes - head.len() - tail.len()))
    };
    assert_eq!(policy(POLICY_BYTES_MAX).len(), 10_000);
    let found = bundle_of(&policy(POLICY_BYTES_MAX + 1)).unwrap_err();
    assert!(
        found
            .iter()
            .any(|p| p.message == "the policy has 10001 bytes; the limit is 10000"),
        "{found:#?}"
    );
    let found = bundle_of(&policy(POLICY_BYTES_MAX)).map_or_else(|problems| problems, |_| Vec::new());
    assert!(found.iter().all(|p| !p.message.contains("bytes")), "{found:#?}");
    let filler = "/".repeat(BUNDLE_BYTES_MAX);
    let found = bundle_of(&filler).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("the limit is 8000000"), "{}", found[0]);
}

#[test]
fn refuses_nesting_that_would_overflow_the_parser_s_stack() {
    let policy = |open: &str, close: &str, depth: usize| {
        let condition = format!("{}true{}", open.repeat(depth), close.repeat(depth));
        format!("@id(\"deep\") permit (principal, action, resource) when {{ {condition} }};")
    };
    assert!(bundle_of(&policy("(", ")", 15)).is_ok());
    assert!(bundle_of(&policy("if true then ", " else false", 12)).is_ok());
    for (open, close, depth, message) in [
        ("(", ")", 16, "brackets nest deeper than 16"),
        ("(", ")", 400_000, "brackets nest deeper than 16"),
        ("[", "]", 400_000, "brackets nest deeper than 16"),
        ("{a:", "}", 100_000, "brackets nest deeper than 16"),
        ("(//)\n", ")", 100_000, "brackets nest deeper than 16"),
        ("\")\" == (", ")", 16, "brackets nest deeper than 16"),
        ("(;", ")", 100_000, "brackets nest deeper than 16"),
        (
            "if true then ",
            " else false",
            13,
            "more than 12 `if` in one statement",
        ),
        (
            "1 + ",
            "",
            200_000,
            "the policy has 800063 bytes; the limit is 10000",
        ),
    ] {
        let found = bundle_of(&policy(open, close, depth)).unwrap_err();
        assert_eq!(found.len(), 1, "{open}");
        assert_eq!(found[0].message, message);
    }
    check_schema(
        "Set<Modality>",
        &format!("{}Modality{}", "Set<".repeat(99), ">".repeat(99)),
        "nest deeper",
    );
}

#[test]
fn reports_all_problems_at_once() {
    let found = Bundle::load(&[
        BundleFile {
            path: "schema.cedarschema",
            text: default_text("schema.cedarschema"),
        },
        BundleFile {
            path: "policies/a.cedar",
            text: "permit (principal, action, resource);",
        },
        BundleFile {
            path: "policies/b.cedar",
            text: "permit (principal, action resource);",
        },
        BundleFile {
            path: "other.txt",
            text: "",
        },
    ])
    .unwrap_err();
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["other.txt", "policies/a.cedar", "policies/b.cedar"]);
}

#[test]
fn a_large_bundle_full_of_problems_is_refused_without_telling_all() {
    let policy = "permit (principal, action, resource);\n";
    let found = bundle_of(&policy.repeat(20_000)).unwrap_err();
    assert_eq!(found.len(), 100);
}

#[test]
fn the_digest_is_that_of_the_documented_preimage() {
    let preimage: &[&[u8]] = &[
        b"palisade-bundle-v1\n",
        b"\x01\0\0\0\0\0\0\0a\x03\0\0\0\0\0\0\0one",
        b"\x03\0\0\0\0\0\0\0b/c\0\0\0\0\0\0\0\0",
    ];
    let expected: String = sha256(&SHA256, &preimage.concat())
        .as_ref()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let (a, b) = (
        BundleFile {
            path: "a",
            text: "one",
        },
        BundleFile {
            path: "b/c",
            text: "",
        },
    );
    assert_eq!(digest(&[a, b]), expected);
    assert_eq!(digest(&[b, a]), expected);
    assert_ne!(
        digest(&[
            BundleFile {
                path: "ao",
                text: "ne"
            },
            b
        ]),
        expected
    );
}

#[test]
fn the_bundle_that_ships_holds_every_file_of_its_folder() {
    fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("default");
    let mut files = Vec::new();
    walk(&folder, &mut files);
    let mut files: Vec<_> = files
        .iter()
        .map(|f| f.strip_prefix(&folder).unwrap().to_str().unwrap())
        .collect();
    files.sort_unstable();
    assert_eq!(
        files,
        DEFAULT_BUNDLE
            .iter()
            .map(|source| source.path)
            .collect::<Vec<_>>()
    );
}
