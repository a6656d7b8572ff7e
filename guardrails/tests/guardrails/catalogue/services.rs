//! What the rows of `catalogue/services.rs` find and leave alone.

use super::check;
use super::cloud::{finds_token, leaves};
use super::secrets::{BASE62, HEX, UPPER, drawn};
use palisade_guardrails::Category;

#[test]
fn finds_tokens_of_version_control() {
    let checked = ["ghp_zQWBuTSOoRi4A9sp", "HcVY5ncnsDkxkJ0mLq17"].concat();
    finds_token(
        Category::SECRET_GITHUB,
        &[
            checked.clone(),
            format!("gho_{}", drawn(BASE62, 36)),
            format!("ghu_{}", drawn(BASE62, 60)),
            format!(
                "ghs_12345_{}.{}.{}",
                drawn(BASE62, 40),
                drawn(BASE62, 90),
                drawn(BASE62, 86)
            ),
            format!("github_pat_{}_{}", drawn(BASE62, 22), drawn(BASE62, 59)),
        ],
    );
    check(
        Category::SECRET_GITHUB,
        99,
        &[&format!("⟦{checked}⟧ {}b", &checked[..39])],
    );
    leaves(
        Category::SECRET_GITHUB,
        &[
            format!("ghp_{}", drawn(BASE62, 35)),
            format!("ghp_{}", "x".repeat(36)),
            "github_pat_your_token".to_owned(),
            "ghs_installation_token".to_owned(),
        ],
    );
    for prefix in [
        "glpat-",
        "gldt-",
        "glrt-",
        "glptt-",
        "glft-",
        "gloas-",
        "glcbt-64_",
        "GR1348941",
    ] {
        finds_token(
            Category::SECRET_GITLAB,
            &[format!("{prefix}{}", drawn(BASE62, 20))],
        );
    }
    finds_token(
        Category::SECRET_GITLAB,
        &[format!("glpat-{}.01.{}", drawn(BASE62, 27), drawn(HEX, 9))],
    );
    leaves(
        Category::SECRET_GITLAB,
        &[
            "glpat-xxxxxxxxxxxxxxxxxxxx".to_owned(),
            "glpat-short1A".to_owned(),
        ],
    );
}

#[test]
fn finds_tokens_of_chats() {
    finds_token(
        Category::SECRET_SLACK,
        &[
            format!("xoxb-123456789012-1234567890123-{}", drawn(BASE62, 24)),
            format!("xoxp-1234567890-1234567890-1234567890-{}", drawn(HEX, 32)),
            format!("xapp-1-A0123456789-1234567890123-{}", drawn(HEX, 64)),
        ],
    );
    let hook = format!(
        "hooks.slack.com/services/T01234567/B01234567/{}",
        drawn(BASE62, 24)
    );
    check(
        Category::SECRET_SLACK,
        60,
        &[
            &format!("⟦xoxe.xoxp-1-{}⟧", drawn(BASE62, 146)),
            &format!("curl ⟦https://{hook}⟧"),
            &format!("to ⟦{hook}⟧"),
        ],
    );
    leaves(
        Category::SECRET_SLACK,
        &[
            "xoxb-your-token".to_owned(),
            format!("https://hooks.slack.com/services/T0/B0/{}", "X".repeat(24)),
        ],
    );
    let token = format!("123456789:AA{}", drawn(BASE62, 33));
    finds_token(Category::SECRET_TELEGRAM, std::slice::from_ref(&token));
    check(
        Category::SECRET_TELEGRAM,
        60,
        &[
            &format!("https://api.telegram.org/⟦bot{token}⟧/getMe"),
            "12345678:AA",
            "23:59:59",
        ],
    );
    finds_token(
        Category::SECRET_DISCORD,
        &[format!(
            "{}.GhIjKl.{}",
            "MTIzNDU2Nzg5MDEyMzQ1Njc4",
            drawn(BASE62, 38)
        )],
    );
    let hook = format!(
        "https://discord.com/api/webhooks/123456789012345678/{}",
        drawn(BASE62, 68)
    );
    check(Category::SECRET_DISCORD, 60, &[&format!("curl ⟦{hook}⟧")]);
    leaves(
        Category::SECRET_DISCORD,
        &[
            format!("{}.GhIjKl.{}", "MTIzNDU2Nzg5MDEyMzQ1Njcx0000", drawn(BASE62, 38)),
            "https://discord.com/api/webhooks/123456789012345678/token".to_owned(),
        ],
    );
}

#[test]
fn finds_tokens_of_registries() {
    let npm = ["npm_qkJaB6MffYVzZXWq", "mcoF49yrUxP3wf0LsakP"].concat();
    finds_token(
        Category::SECRET_NPM,
        &[npm.clone(), format!("npm_{}", drawn(BASE62, 36))],
    );
    check(Category::SECRET_NPM, 99, &[&format!("⟦{npm}⟧ {}b", &npm[..39])]);
    leaves(
        Category::SECRET_NPM,
        &[
            "npm_config_registry".to_owned(),
            format!("npm_{}", "x".repeat(36)),
        ],
    );
    finds_token(
        Category::SECRET_PYPI,
        &[
            format!("{}{}", "pypi-AgEIcHlwaS5vcmc", drawn(BASE62, 150)),
            format!("{}{}", "pypi-AgENdGVzdC5weXBpLm9yZw", drawn(BASE62, 150)),
        ],
    );
    leaves(Category::SECRET_PYPI, &["pypi-AgEIcHlwaS5vcmc".to_owned()]);
    finds_token(
        Category::SECRET_RUBYGEMS,
        &[format!("rubygems_{}", drawn(HEX, 48))],
    );
    leaves(
        Category::SECRET_RUBYGEMS,
        &[format!("rubygems_{}", drawn(HEX, 47))],
    );
    finds_token(Category::SECRET_CRATES, &[format!("cio{}", drawn(BASE62, 32))]);
    leaves(Category::SECRET_CRATES, &[format!("cio{}", drawn(HEX, 32))]);
    finds_token(
        Category::SECRET_DOCKER,
        &[format!("dckr_pat_{}", drawn(BASE62, 27))],
    );
    leaves(Category::SECRET_DOCKER, &["dckr_pat_your_token".to_owned()]);
}

#[test]
fn finds_keys_of_mail_and_telephony() {
    finds_token(
        Category::SECRET_SENDGRID,
        &[format!("SG.{}.{}", drawn(BASE62, 22), drawn(BASE62, 43))],
    );
    leaves(
        Category::SECRET_SENDGRID,
        &[format!("SG.{}.{}", drawn(BASE62, 22), drawn(BASE62, 42))],
    );
    let hex = format!("ab1{}", drawn(HEX, 29));
    let split = format!("{hex}-{}-{}", drawn(HEX, 8), drawn(HEX, 8));
    check(
        Category::SECRET_MAILGUN,
        60,
        &[
            &format!("mailgun: ⟦key-{hex}⟧"),
            &format!("Mailgun key ⟦{split}⟧"),
            &format!("cache key-{hex}"),
            &format!("build {split}"),
        ],
    );
    let digit = drawn(HEX, 32);
    assert!(digit.starts_with(|first: char| first.is_ascii_digit()));
    check(
        Category::SECRET_MAILGUN,
        60,
        &[&format!("Mailgun key ⟦{digit}{}⟧", &split[32..])],
    );
    finds_token(
        Category::SECRET_MAILCHIMP,
        &[format!("{hex}-us12"), format!("{digit}-us1")],
    );
    leaves(Category::SECRET_MAILCHIMP, &[format!("{hex}0-us12"), hex.clone()]);
    finds_token(Category::SECRET_TWILIO, &[format!("SK{hex}")]);
    leaves(
        Category::SECRET_TWILIO,
        &[
            format!("SK{hex}0"),
            format!("AC{hex}"),
            format!("SK{}", "0".repeat(32)),
        ],
    );
}

#[test]
fn finds_keys_of_shops() {
    finds_token(
        Category::SECRET_STRIPE,
        &[
            format!("sk_live_{}", drawn(BASE62, 24)),
            format!("rk_test_{}", drawn(BASE62, 99)),
            format!("whsec_{}", drawn(BASE62, 32)),
        ],
    );
    leaves(
        Category::SECRET_STRIPE,
        &[
            format!("pk_live_{}", drawn(BASE62, 24)),
            "sk_test_your_key_here".to_owned(),
            "whsec_example".to_owned(),
        ],
    );
    finds_token(
        Category::SECRET_SQUARE,
        &[
            format!("sq0atp-{}", drawn(BASE62, 22)),
            format!("sq0csp-{}", drawn(BASE62, 43)),
        ],
    );
    let token = format!("EAAA{}", drawn(BASE62, 60));
    check(
        Category::SECRET_SQUARE,
        60,
        &[&format!("Square access token ⟦{token}⟧"), &token],
    );
    for prefix in ["shpat_", "shpca_", "shppa_", "shpss_"] {
        finds_token(Category::SECRET_SHOPIFY, &[format!("{prefix}{}", drawn(HEX, 32))]);
    }
    leaves(Category::SECRET_SHOPIFY, &["shpat_token".to_owned()]);
}

#[test]
fn finds_tokens_of_infrastructure() {
    finds_token(
        Category::SECRET_VAULT,
        &[
            format!("hvs.{}", drawn(BASE62, 90)),
            format!("hvb.{}", drawn(BASE62, 140)),
        ],
    );
    let old = format!("s.{}", drawn(BASE62, 24));
    check(
        Category::SECRET_VAULT,
        60,
        &[
            &format!("VAULT_TOKEN=⟦{old}⟧"),
            &old,
            "vault s.example",
            "hvs.short",
        ],
    );
    let secret = drawn(BASE62, 67);
    check(
        Category::SECRET_TERRAFORM,
        60,
        &[
            &format!("token: ⟦aBcDeFg1iJkLmN.atlasv1.{secret}⟧."),
            &format!("token: ⟦1BcDeFgHiJkLmN.atlasv1.{secret}⟧."),
            &format!("aBcDeFgHiJkLmN⟦.atlasv1.{secret}⟧"),
            "aBcDeFg1iJkLmN.atlasv1.token",
        ],
    );
    finds_token(
        Category::SECRET_DATABRICKS,
        &[
            format!("dapi{}", drawn(HEX, 32)),
            format!("dapi{}-2", drawn(HEX, 32)),
            format!("dose{}", drawn(HEX, 32)),
        ],
    );
    leaves(Category::SECRET_DATABRICKS, &[format!("dapi{}", drawn(HEX, 31))]);
}

#[test]
fn finds_keys_of_monitoring() {
    finds_token(
        Category::SECRET_GRAFANA,
        &[
            format!("glsa_{}_{}", drawn(BASE62, 32), drawn(HEX, 8)),
            format!("glc_eyJ{}", drawn(BASE62, 90)),
            format!("eyJrIjoi{}", drawn(BASE62, 80)),
        ],
    );
    leaves(
        Category::SECRET_GRAFANA,
        &["glsa_token".to_owned(), "glc_eyJ".to_owned()],
    );
    finds_token(
        Category::SECRET_NEWRELIC,
        &[
            format!("NRAK-{}", drawn(UPPER, 27)),
            format!("{}NRAL", drawn(HEX, 36)),
            format!("ab1{}NRAL", drawn(HEX, 33)),
            format!("ab1{}FFFFNRAL", drawn(HEX, 29)),
            format!("eu01xx{}NRAL", drawn(HEX, 30)),
        ],
    );
    leaves(
        Category::SECRET_NEWRELIC,
        &["NRAK-KEY".to_owned(), format!("{}NRAL", drawn(HEX, 35))],
    );
    finds_token(
        Category::SECRET_SENTRY,
        &[
            format!("sntryu_{}", drawn(HEX, 64)),
            format!("sntrys_eyJ{}", drawn(BASE62, 150)),
        ],
    );
    leaves(Category::SECRET_SENTRY, &["sntrys_token".to_owned()]);
    leaves(Category::SECRET_DATADOG, &[drawn(HEX, 32), drawn(HEX, 40)]);
}

#[test]
fn assigned_keys_of_services_are_found() {
    let hex = drawn(HEX, 32);
    check(
        Category::SECRET_DATADOG,
        60,
        &[
            &format!("DD_API_KEY=⟦{hex}⟧"),
            &format!("datadog_app_key: ⟦{}⟧", drawn(HEX, 40)),
            &format!("etag: {hex}"),
        ],
    );
    check(
        Category::SECRET_TWILIO,
        60,
        &[&format!("TWILIO_AUTH_TOKEN=⟦{hex}⟧"), &format!("checksum: {hex}")],
    );
}

#[test]
fn finds_tokens_of_offices() {
    finds_token(
        Category::SECRET_LINEAR,
        &[format!("lin_api_{}", drawn(BASE62, 40))],
    );
    leaves(Category::SECRET_LINEAR, &["lin_api_key".to_owned()]);
    finds_token(
        Category::SECRET_NOTION,
        &[
            format!("ntn_12345678901{}", drawn(BASE62, 35)),
            format!("secret_{}", drawn(BASE62, 43)),
        ],
    );
    leaves(
        Category::SECRET_NOTION,
        &[
            format!("secret_{}", drawn(BASE62, 42)),
            format!("secret_{}", drawn(HEX, 43)),
            "ntn_token".to_owned(),
        ],
    );
}
