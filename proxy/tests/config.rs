//! Every file in `config/` is read by the code that reads it in production, and says what the code does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use palisade_proxy::config::{Admin, Audit, Config, Guardrails, Limits, Listen, Policy};
use palisade_proxy::gateway::Checked;
use palisade_proxy::registry::Registry;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(name)
}

/// A folder with the shipped registry and a secret for each of its keys.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("keys")).unwrap();
    for tenant in ["retail", "markets", "research"] {
        fs::write(folder.path().join("keys").join(tenant), "x".repeat(40)).unwrap();
    }
    fs::copy(shipped("registry.toml"), folder.path().join("registry.toml")).unwrap();
    folder
}

fn read_in(folder: &Path, text: &str) -> Result<Config, String> {
    let path = folder.join("palisade.toml");
    fs::write(&path, text).unwrap();
    Config::read(&path).map_err(|problem| problem.to_string())
}

#[test]
fn the_documented_configuration_shows_the_defaults() {
    let folder = folder();
    let config = read_in(
        folder.path(),
        &fs::read_to_string(shipped("palisade.toml")).unwrap(),
    )
    .unwrap();
    assert_eq!(config.listen, Listen::default());
    assert_eq!(config.admin, Admin::default());
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.policy, Policy::default());
    assert_eq!(config.guardrails, Guardrails::default());
    let directory = folder.path().join(Audit::default().directory);
    assert_eq!(
        config.audit,
        Audit {
            directory,
            ..Audit::default()
        }
    );

    let bare = r#"
        registry.file = "registry.toml"
        upstream.region = "us-east-1"
        [[issuer]]
        issuer = "https://idp.example.com/realms/example"
        audience = "palisade"
        tenants = ["retail", "markets", "research"]
    "#;
    let bare = read_in(folder.path(), bare).unwrap();
    assert_eq!(config.upstream, bare.upstream);
    assert_eq!(config.issuers, bare.issuers);
}

#[test]
fn every_key_of_the_documented_configuration_is_explained() {
    let text = fs::read_to_string(shipped("palisade.toml")).unwrap();
    let silent: Vec<&str> = text
        .lines()
        .filter(|line| line.contains('=') && line.matches('#').count() == 0)
        .collect();
    assert!(silent.is_empty(), "no word about: {silent:?}");
}

#[test]
fn the_shipped_registry_and_policies_fit_together() {
    let folder = folder();
    let text = fs::read_to_string(shipped("demo.toml")).unwrap();
    let text = text
        .replace("{port}", "0")
        .replace(
            "\"policies\"",
            concat!("\"", env!("CARGO_MANIFEST_DIR"), "/../policies/default\""),
        )
        .replace("{simulator}", "127.0.0.1:1")
        .replace("{issuer}", "127.0.0.1:2");
    let config = read_in(folder.path(), &text).unwrap();
    Checked::read(config).map_err(|e| e.to_string()).unwrap();
}

#[test]
fn the_shipped_bundle_as_a_folder_fits_the_shipped_registry() {
    let folder = folder();
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/default");
    let text = format!(
        "registry.file = \"registry.toml\"\nupstream.region = \"eu-west-1\"\npolicy.bundle = {bundle:?}"
    );
    let shipped = Checked::read(read_in(folder.path(), &text).unwrap())
        .map_err(|e| e.to_string())
        .unwrap();
    let built_in = text.replace("policy.bundle", "# policy.bundle");
    let built_in = Checked::read(read_in(folder.path(), &built_in).unwrap())
        .map_err(|e| e.to_string())
        .unwrap();
    assert_eq!(shipped.policy_digest(), built_in.policy_digest());
}

/// (what is wrong, the text, words that the message must hold)
const WRONG: [(&str, &str, &[&str]); 22] = [
    (
        "an unknown key",
        "[listen]\naddres = \"x\"",
        &["palisade.toml", "line 2", "addres"],
    ),
    (
        "an unknown section",
        "[lisen]\n",
        &["palisade.toml", "line 1", "lisen"],
    ),
    (
        "a wrong type",
        "[limits]\nbody_bytes_max = \"big\"",
        &["line 2", "body_bytes_max"],
    ),
    ("no region", "registry.file = \"r\"\n[upstream]", &["region"]),
    (
        "an unknown mode",
        "[audit]\nmode = \"fast\"",
        &["line 2", "strict"],
    ),
    ("not TOML", "[audit", &["line 1"]),
    (
        "an algorithm with a shared secret",
        "registry.file = \"r\"\nupstream.region = \"x\"\n[[issuer]]\nissuer = \"https://i\"\naudience = \"a\"\ntenants = [\"t\"]\nalgorithms = [\"HS256\"]",
        &["line 7", "HS256", "EdDSA"],
    ),
    (
        "an unknown redaction",
        "[guardrails]\nredaction = \"blur\"",
        &["line 2", "mask"],
    ),
    (
        "an unknown key beside the masks",
        "[guardrails]\nredaction = { mask = [], names = [] }",
        &["line 2", "mask"],
    ),
    (
        "two places of the secret",
        "registry.file = \"r\"\nupstream.region = \"x\"\nguardrails.tokenize = { key_file = \"a\", key_env = \"B\" }",
        &["guardrails.tokenize", "exactly one"],
    ),
    (
        "a confidence above 100",
        "registry.file = \"r\"\nupstream.region = \"x\"\nguardrails.minimum_confidence = 101",
        &["guardrails.minimum_confidence", "0 to 100"],
    ),
    (
        "an issuer without audience",
        "registry.file = \"r\"\nupstream.region = \"x\"\n[[issuer]]\nissuer = \"https://i\"\ntenants = []",
        &["issuer.audience", "client_ids"],
    ),
    (
        "a region that is a host",
        "registry.file = \"r\"\nupstream.region = \"us-east-1.evil.com#\"",
        &["upstream.region", "us-east-1"],
    ),
    (
        "room for more records than there is memory",
        "registry.file = \"r\"\nupstream.region = \"x\"\naudit.queue_max = 9223372036854775807",
        &["audit.queue_max", "16777216"],
    ),
    (
        "limits of zero, all at once",
        "registry.file = \"r\"\nupstream.region = \"x\"\nlimits.body_timeout_ms = 0\nlimits.call.findings_max = 0\nlimits.connections_max = 0",
        &[
            "limits.body_timeout_ms",
            "limits.call.findings_max",
            "limits.connections_max",
            "raise",
        ],
    ),
    (
        "a depth beyond the reader's",
        "registry.file = \"r\"\nupstream.region = \"x\"\nlimits.call.depth_max = 65",
        &["limits.call.depth_max", "64"],
    ),
    (
        "a budget below one body of a stranger",
        "registry.file = \"r\"\nupstream.region = \"x\"\nlimits.unproven_bytes_max = 1",
        &["limits.unproven_bytes_max", "raise"],
    ),
    (
        "no detectors",
        "registry.file = \"r\"\nupstream.region = \"x\"\nguardrails.detectors = []",
        &["guardrails.detectors", "leave the key out"],
    ),
    (
        "an issuer in clear",
        "registry.file = \"r\"\nupstream.region = \"x\"\n[[issuer]]\nissuer = \"http://i\"\naudience = \"a\"\ntenants = [\"t\"]",
        &["issuer.issuer", "https://"],
    ),
    (
        "keys in clear",
        "registry.file = \"r\"\nupstream.region = \"x\"\n[[issuer]]\nissuer = \"https://i\"\njwks_url = \"ftp://i\"\naudience = \"a\"\ntenants = [\"t\"]",
        &["issuer.jwks_url", "https://"],
    ),
    (
        "an issuer that speaks for nobody",
        "registry.file = \"r\"\nupstream.region = \"x\"\n[[issuer]]\nissuer = \"https://i\"\naudience = \"a\"\ntenants = []",
        &["issuer.tenants", "name those"],
    ),
    (
        "a budget below one body",
        "registry.file = \"r\"\nupstream.region = \"x\"\nlimits.body_bytes_in_flight_max = 1",
        &["limits.body_bytes_in_flight_max", "raise"],
    ),
];

#[test]
fn what_is_wrong_is_named_with_file_and_key() {
    let folder = folder();
    for (fault, text, words) in WRONG {
        let message = read_in(folder.path(), text)
            .and_then(|config| Checked::read(config).map(drop).map_err(|e| e.to_string()))
            .expect_err(fault);
        for word in words {
            assert!(message.contains(word), "{fault}: `{word}` is not in: {message}");
        }
    }
}

/// What a file holds, and its mode.
type Secret = (&'static str, u32);

/// (what is wrong, `[guardrails]`, the secret and its file's mode, words that the message must hold)
const WRONG_GUARDRAILS: [(&str, &str, Secret, &[&str]); 6] = [
    (
        "an unknown detector",
        "detectors = [\"EMIAL\"]",
        ("", 0o600),
        &["guardrails.detectors", "EMIAL"],
    ),
    (
        "an unknown mask",
        "redaction = { mask = [\"CARD\"] }",
        ("", 0o600),
        &["guardrails.redaction.mask", "CARD"],
    ),
    (
        "a region in lower case",
        "phone_regions = [\"us\"]",
        ("", 0o600),
        &["guardrails.phone_regions", "us"],
    ),
    (
        "a secret for everybody",
        "tokenize = { key_file = \"tokens\" }",
        ("00", 0o604),
        &["guardrails.tokenize.key_file", "chmod 600"],
    ),
    (
        "a short secret",
        "tokenize = { key_file = \"tokens\" }",
        ("00", 0o600),
        &["guardrails.tokenize.key_file", "32 bytes"],
    ),
    (
        "a variable that is not set",
        "tokenize = { key_env = \"PALISADE_TEST_UNSET\" }",
        ("", 0o600),
        &["guardrails.tokenize.key_env", "PALISADE_TEST_UNSET"],
    ),
];

#[test]
fn what_is_wrong_with_guardrails_is_named_and_a_secret_is_not_shown() {
    let folder = folder();
    let read = |guardrails: &str| {
        let text =
            format!("registry.file = \"registry.toml\"\nupstream.region = \"x\"\n[guardrails]\n{guardrails}");
        let config = read_in(folder.path(), &text).unwrap();
        Checked::read(config).map(|_| ()).map_err(|e| e.to_string())
    };
    let secret = |text: &str, mode| {
        let path = folder.path().join("tokens");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for (fault, guardrails, (text, mode), words) in WRONG_GUARDRAILS {
        secret(text, mode);
        let message = read(guardrails).expect_err(fault);
        for word in words.iter().chain(&["palisade.toml"]) {
            assert!(message.contains(word), "{fault}: `{word}` is not in: {message}");
        }
    }
    secret(&"5a".repeat(32), 0o600);
    for right in [
        "tokenize = { key_file = \"tokens\" }\nredaction = \"mask\"",
        "detectors = [\"PII\", \"PASSWORD\"]\nphone_regions = [\"DE\", \"US\"]\nredaction = { mask = [\"PCI\"] }",
    ] {
        read(right).unwrap();
    }
}

/// (what is wrong, how the registry is spoilt, words that the message must hold)
const WRONG_REGISTRY: [(&str, &str, &str, &[&str]); 6] = [
    (
        "an unknown jurisdiction",
        "jurisdiction = \"EU\"",
        "jurisdiction = \"Mars\"",
        &["tenant retail", "jurisdiction"],
    ),
    (
        "a lost tenant",
        "tenant = \"markets\"\nenv",
        "tenant = \"nobody\"\nenv",
        &["application filings"],
    ),
    (
        "no secret",
        "secret_file = \"keys/retail\"",
        "",
        &["key PLSDRETAILASSISTANT1", "secret_file"],
    ),
    (
        "a missing secret",
        "keys/retail",
        "keys/gone",
        &["key PLSDRETAILASSISTANT1", "keys/gone"],
    ),
    (
        "a model twice",
        "amazon.nova-pro-v1:0",
        "amazon.nova-lite-v1:0",
        &["model amazon.nova-lite-v1:0", "twice"],
    ),
    (
        "a day that is none",
        "# end_of_life = \"2027-03-31\"",
        "end_of_life = \"2027-02-31\"",
        &["end_of_life"],
    ),
];

fn in_file(path: &Path) -> palisade_proxy::config::Registry {
    palisade_proxy::config::Registry {
        file: Some(path.to_owned()),
        store: None,
        dynamodb: None,
        sealing: None,
    }
}

#[test]
fn what_is_wrong_in_a_registry_is_named() {
    let folder = folder();
    let path = folder.path().join("registry.toml");
    let good = fs::read_to_string(&path).unwrap();
    assert!(Registry::read(&in_file(&path)).is_ok());
    for (fault, from, to, words) in WRONG_REGISTRY {
        assert!(good.contains(from), "{fault}: the registry has no `{from}`");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let problems = Registry::read(&in_file(&path)).expect_err(fault);
        let message = problems[0].to_string();
        for word in words.iter().chain(&["registry.toml"]) {
            assert!(message.contains(word), "{fault}: `{word}` is not in: {message}");
        }
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let folder = folder();
    let path = folder.path().join("registry.toml");
    let spoilt = fs::read_to_string(&path)
        .unwrap()
        .replacen("jurisdiction = \"EU\"", "jurisdiction = \"Mars\"", 1)
        .replacen("lifecycle = \"approved\"", "lifecycle = \"young\"", 1);
    fs::write(&path, spoilt).unwrap();
    let bundle = folder.path().join("bundle");
    fs::create_dir(&bundle).unwrap();
    fs::write(bundle.join("odd.txt"), "").unwrap();
    let text = r#"
        registry.file = "registry.toml"
        upstream.region = "us-east-1"
        upstream.bedrock_url = "ftp://bedrock.example"
        policy.bundle = "bundle"
        limits.connections_max = 0
        guardrails.minimum_confidence = 101
        guardrails.tokenize = { key_file = "a", key_env = "B" }
        [[guardrails.custom]]
        name = "ONE"
        [[guardrails.custom]]
        name = "TWO"
        words = ["x"]
        check = "luhn"
    "#;
    let config = read_in(folder.path(), text).unwrap();
    let message = Checked::read(config).map(drop).unwrap_err().to_string();
    let expected = [
        "palisade.toml: `limits.connections_max`",
        "registry.toml: `tenant retail`",
        "registry.toml: `model ",
        "palisade.toml: `upstream.bedrock_url`",
        "palisade.toml: `guardrails.minimum_confidence`",
        "palisade.toml: `guardrails.tokenize`",
        "palisade.toml, line 9: `guardrails.custom`: ONE",
        "palisade.toml, line 11: `guardrails.custom.check`: TWO",
        "the policy bundle cannot be used:",
        "odd.txt: no part of a bundle",
        "schema.cedarschema: the bundle has no schema",
    ];
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{message}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{line}\nis not\n{expected}");
    }
}

#[test]
fn what_hangs_on_a_spoilt_entry_is_not_told_too() {
    let folder = folder();
    let path = folder.path().join("registry.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replacen("jurisdiction = \"EU\"", "jurisdiction = \"Mars\"", 1),
    )
    .unwrap();
    let problems = Registry::read(&in_file(&path)).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
}

/// What `serve` would refuse once everything is read together is refused by `check` too.
#[test]
fn an_endpoint_or_a_tenant_that_cannot_be_is_refused() {
    let base = "registry.file = \"registry.toml\"\nupstream.region = \"us-east-1\"\n";
    let cases: [(&str, &[&str]); 6] = [
        (
            "upstream.bedrock_url = \"http://10.0.0.1:80\"",
            &["bedrock_url", "https://"],
        ),
        (
            "upstream.bedrock_url = \"http://bedrock.example\"",
            &["bedrock_url", "https://"],
        ),
        (
            "upstream.bedrock_url = \"https://bedrock.example/#x\"",
            &["bedrock_url", "#"],
        ),
        (
            "upstream.bedrock_url = \"https://a@bedrock.example\"",
            &["bedrock_url", "user name"],
        ),
        (
            "upstream.bedrock_url = \"ftp://bedrock.example\"",
            &["bedrock_url", "https://"],
        ),
        (
            "[[issuer]]\nissuer = \"https://i\"\naudience = \"a\"\ntenants = [\"retial\"]",
            &["issuer.tenants", "retial", "registry.toml"],
        ),
    ];
    for (wrong, words) in cases {
        let folder = folder();
        let config = read_in(folder.path(), &format!("{base}{wrong}")).unwrap();
        let message = Checked::read(config).err().unwrap().to_string();
        for word in words {
            assert!(message.contains(word), "{wrong}: {message}");
        }
    }
    for good in [
        "http://127.0.0.1:9",
        "http://localhost:9",
        "http://[::1]:9",
        "https://vpce-1.example/",
    ] {
        let folder = folder();
        let config = read_in(folder.path(), &format!("{base}upstream.bedrock_url = \"{good}\"")).unwrap();
        assert!(Checked::read(config).is_ok(), "{good}");
    }
}
