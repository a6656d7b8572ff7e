//! The operator's own detectors in a configuration: every key is read, and what is wrong is named.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use palisade_proxy::config::{Config, CustomDetector};
use palisade_proxy::gateway::Checked;
use std::fs;
use std::path::Path;

/// What stands before the detectors: seven lines.
const HEAD: &str =
    "# line 1\n[registry]\nfile = \"registry.toml\"\n[upstream]\nregion = \"x\"\n\n[guardrails]\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/registry.toml");
    fs::copy(shipped, folder.path().join("registry.toml")).unwrap();
    fs::create_dir(folder.path().join("keys")).unwrap();
    for tenant in ["retail", "markets", "research"] {
        fs::write(folder.path().join("keys").join(tenant), "x".repeat(40)).unwrap();
    }
    let lines = |count: usize| (0..count).map(|n| format!("word{n}\n")).collect::<String>();
    fs::write(
        folder.path().join("most.txt"),
        format!("\n{}  \n", lines(100_000)),
    )
    .unwrap();
    fs::write(folder.path().join("more.txt"), lines(100_001)).unwrap();
    fs::write(folder.path().join("empty.txt"), "\n \n").unwrap();
    folder
}

fn read(folder: &Path, detectors: &str) -> Result<Config, String> {
    let path = folder.join("palisade.toml");
    fs::write(&path, format!("{HEAD}{detectors}")).unwrap();
    Config::read(&path).map_err(|problem| problem.to_string())
}

fn check(folder: &Path, detectors: &str) -> Result<(), String> {
    let config = read(folder, detectors)?;
    Checked::read(config).map(|_| ()).map_err(|e| e.to_string())
}

#[test]
fn every_key_is_read_and_its_default_known() {
    let folder = folder();
    let text = r#"
        [[guardrails.custom]]
        name = "BADGE"
        regex = "B-[0-9]{6}"
        whole_words = false
        check = "luhn"
        telling = ["badge", "pass"]
        confidence = 70
        [[guardrails.custom]]
        name = "CODENAME"
        words = ["Bluebird"]
        [[guardrails.custom]]
        name = "CLIENT"
        words_file = "most.txt"
    "#;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let plain = CustomDetector {
        name: String::new(),
        regex: None,
        whole_words: true,
        words: None,
        words_file: None,
        check: None,
        telling: Vec::new(),
        confidence: 80,
    };
    let expected = [
        CustomDetector {
            name: "BADGE".to_owned(),
            regex: Some("B-[0-9]{6}".to_owned()),
            whole_words: false,
            check: Some("luhn".to_owned()),
            telling: words(&["badge", "pass"]),
            confidence: 70,
            ..plain.clone()
        },
        CustomDetector {
            name: "CODENAME".to_owned(),
            words: Some(words(&["Bluebird"])),
            ..plain.clone()
        },
        CustomDetector {
            name: "CLIENT".to_owned(),
            words_file: Some(folder.path().join("most.txt")),
            ..plain
        },
    ];
    let config = read(folder.path(), text).unwrap();
    let custom: Vec<_> = config
        .guardrails
        .custom
        .iter()
        .map(|custom| custom.get_ref().clone())
        .collect();
    assert_eq!(custom, expected);
    Checked::read(config).map_err(|e| e.to_string()).unwrap();
}

/// (what is wrong, the second detector's keys after its name, words that the message must hold)
const WRONG: [(&str, &str, &[&str]); 17] = [
    ("an unknown key", "regexp = \"a\"", &["regexp", "words_file"]),
    (
        "neither regex nor words",
        "",
        &["`guardrails.custom`", "exactly one of"],
    ),
    (
        "regex and words",
        "regex = \"a\"\nwords = [\"a\"]",
        &["`guardrails.custom`", "exactly one of"],
    ),
    (
        "a check of words",
        "words = [\"a\"]\ncheck = \"luhn\"",
        &["`guardrails.custom.check`", "leave it out"],
    ),
    (
        "telling words of words",
        "words = [\"a\"]\ntelling = [\"b\"]",
        &["`guardrails.custom.telling`", "leave it out"],
    ),
    (
        "a confidence above 100",
        "regex = \"a\"\nconfidence = 101",
        &["`guardrails.custom.confidence`", "0 to 100"],
    ),
    (
        "an unknown check",
        "regex = \"[0-9]{6}\"\ncheck = \"lunh\"",
        &[
            "`guardrails.custom.check`",
            "`lunh`",
            "luhn, mod97, mod11_10 and verhoeff",
        ],
    ),
    (
        "look-ahead",
        "regex = \"a(?=b)\"",
        &["`guardrails.custom.regex`", "look-ahead", "without look-around"],
    ),
    (
        "a word boundary",
        "regex = '\\bab'",
        &["`guardrails.custom.regex`", "say `whole_words` instead"],
    ),
    (
        "a malformed expression",
        "regex = \"a(b\"",
        &["`guardrails.custom.regex`", "unclosed group"],
    ),
    (
        "repeats of repeats",
        "regex = \"(([a-z]{1,100}[0-9]){1,100}x){1,100}\"",
        &["`guardrails.custom.regex`", "exceeded limit", "smaller repeats"],
    ),
    (
        "an expression that matches nothing",
        "regex = \"(ab)*\"",
        &["`guardrails.custom.regex`", "everywhere"],
    ),
    (
        "no words",
        "words = []",
        &["`guardrails.custom.words`", "1 to 100000"],
    ),
    (
        "a blank word",
        "words = [\"a\", \" \"]",
        &["`guardrails.custom.words`", "word 2", "blank"],
    ),
    (
        "a word too many",
        "words_file = \"more.txt\"",
        &[
            "`guardrails.custom.words_file`",
            "100001 words",
            "1 to 100000",
            "share",
        ],
    ),
    (
        "a file without words",
        "words_file = \"empty.txt\"",
        &["`guardrails.custom.words_file`", "1 to 100000"],
    ),
    (
        "a missing file",
        "words_file = \"gone.txt\"",
        &["`guardrails.custom.words_file`", "gone.txt", "No such file"],
    ),
];

#[test]
fn what_is_wrong_is_named_with_file_line_and_key() {
    let folder = folder();
    for (fault, keys, words) in WRONG {
        let first = "[[guardrails.custom]]\nname = \"CODENAME\"\nwords = [\"Bluebird\"]\n";
        let second = format!("[[guardrails.custom]]\nname = \"CODES\"\n{keys}\n");
        let message = check(folder.path(), &format!("{first}{second}")).expect_err(fault);
        let line = if fault == "an unknown key" {
            "line 13"
        } else {
            "line 11"
        };
        for word in words.iter().chain(&["palisade.toml", line]) {
            assert!(message.contains(word), "{fault}: `{word}` is not in: {message}");
        }
    }
}

#[test]
fn a_name_that_cannot_be_one_is_named() {
    let folder = folder();
    for (name, word) in [
        ("codes", "upper-case"),
        ("9_LIVES", "upper-case"),
        ("EMAIL", "of the catalogue"),
    ] {
        let text = format!("[[guardrails.custom]]\nname = \"{name}\"\nregex = \"ab\"\n");
        let message = check(folder.path(), &text).expect_err(name);
        for word in [word, name, "palisade.toml, line 8", "`guardrails.custom.name`"] {
            assert!(message.contains(word), "`{word}` is not in: {message}");
        }
    }
    let nameless = check(folder.path(), "[[guardrails.custom]]\nregex = \"ab\"\n").expect_err("no name");
    assert!(
        nameless.contains("line 8") && nameless.contains("`name`"),
        "{nameless}"
    );
}
