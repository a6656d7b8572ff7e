//! What the rows of `catalogue/cloud.rs` find and leave alone.

use super::check;
use super::secrets::{BASE62, BASE64, HEX, drawn};
use palisade_guardrails::{Category, Engine, Options};

/// Looks at production's minimum and expects each token alone, in prose, in code, and nowhere in a longer word.
pub(super) fn finds_token(category: Category, tokens: &[String]) {
    for token in tokens {
        check(
            category,
            60,
            &[
                &format!("⟦{token}⟧"),
                &format!("use ⟦{token}⟧, please"),
                &format!("export KEY=\"⟦{token}⟧\""),
                &format!("x{token}"),
            ],
        );
    }
}

/// Looks at production's minimum and expects nothing.
pub(super) fn leaves(category: Category, texts: &[String]) {
    check(
        category,
        60,
        &texts.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

#[test]
fn finds_keys_of_amazon() {
    let long = base64_of("BedrockAPIKey-ab12-at-123456789012:c2VjcmV0c2VjcmV0c2VjcmV0");
    finds_token(
        Category::SECRET_BEDROCK_API_KEY,
        &[
            format!("ABSK{long}"),
            format!(
                "{}{}",
                "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t",
                drawn(BASE62, 200)
            ),
        ],
    );
    leaves(
        Category::SECRET_BEDROCK_API_KEY,
        &[
            format!("ABSK{}", drawn(BASE62, 120)),
            "bedrock-api-key-rotation".to_owned(),
        ],
    );
    finds_token(
        Category::SECRET_AWS_SESSION_TOKEN,
        &[
            format!("{}{}", "IQoJb3JpZ2luX2Vj", drawn(BASE62, 280)),
            format!("{}{}", "FwoGZXIvYXdz", drawn(BASE62, 200)),
        ],
    );
    leaves(
        Category::SECRET_AWS_SESSION_TOKEN,
        &["IQoJb3JpZ2luX2Vj".to_owned()],
    );
}

#[test]
fn assigned_values_go_to_the_issuer_they_show() {
    let key = format!("AKIA{}", drawn("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16));
    let token = format!("sk-ant-api03-{}AA", drawn(BASE62, 93));
    let engine = Engine::with(Options::default()).unwrap();
    for (text, category) in [
        (format!("access_key = {key}"), Category::AWS_ACCESS_KEY),
        (format!("password: {key}"), Category::AWS_ACCESS_KEY),
        (format!("api_key = {token}"), Category::SECRET_ANTHROPIC),
    ] {
        let found: Vec<_> = engine
            .find(&text)
            .iter()
            .map(|finding| finding.category)
            .collect();
        assert_eq!(found, [category], "{text}");
    }
}

#[test]
fn finds_secret_keys_of_amazon_after_a_heading_only() {
    let key = format!("a1{}", drawn(BASE64, 38));
    let file = |key: &str| {
        format!(
            "Access key ID,Secret access key\nAKIA{},⟦{key}⟧\n",
            "IOSFODNN7EXAMPLE"
        )
    };
    check(
        Category::AWS_SECRET_KEY,
        60,
        &[
            &file(&key),
            &file(&format!("1a{}", drawn(BASE64, 38))),
            &key,
            &format!("secret access key of the\n{key}a"),
            "secret access key: a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
        ],
    );
}

#[test]
fn assigned_secret_keys_of_amazon_are_found() {
    let key = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
    check(
        Category::AWS_SECRET_KEY,
        60,
        &[
            &format!("aws_secret_access_key = ⟦{key}⟧\n"),
            &format!("AWS_SECRET_ACCESS_KEY=⟦{key}⟧"),
            &format!("\"SecretAccessKey\": \"⟦{key}⟧\","),
            &format!("commit: {key}"),
        ],
    );
}

#[test]
fn finds_keys_of_google() {
    finds_token(
        Category::SECRET_GOOGLE_API_KEY,
        &[format!("AIza{}", drawn(BASE62, 35))],
    );
    leaves(
        Category::SECRET_GOOGLE_API_KEY,
        &[
            format!("AIza{}", drawn(BASE62, 34)),
            format!("AIza{}", "x".repeat(35)),
        ],
    );
    finds_token(
        Category::SECRET_GCP_OAUTH,
        &[
            format!("ya29.a0{}", drawn(BASE62, 150)),
            format!("ya29.c.{}", drawn(BASE62, 60)),
            format!("GOCSPX-{}", drawn(BASE62, 28)),
            format!("1//0{}", drawn(BASE62, 60)),
        ],
    );
    leaves(
        Category::SECRET_GCP_OAUTH,
        &["ya29.example".to_owned(), "1//0".to_owned()],
    );
}

#[test]
fn assigned_key_ids_of_google_are_found() {
    let id = drawn(HEX, 40);
    check(
        Category::SECRET_GCP_SERVICE_ACCOUNT,
        60,
        &[
            &format!("\"private_key_id\": \"⟦{id}⟧\","),
            &format!("\"commit\": \"{id}\""),
        ],
    );
}

#[test]
fn finds_secrets_of_azure() {
    let secret = drawn(BASE62, 34);
    finds_token(
        Category::SECRET_AZURE_CLIENT_SECRET,
        &[
            format!("abc8Q~{secret}"),
            format!("1bc8Q~{secret}"),
            format!("1~c8Q~{secret}"),
            format!("a~b8Q~{secret}"),
            format!("ab.8Q~{}~_-", &secret[..30]),
        ],
    );
    leaves(Category::SECRET_AZURE_CLIENT_SECRET, &["abc8Q~short".to_owned()]);
    let signature = drawn(BASE62, 43);
    check(
        Category::SECRET_AZURE_SAS,
        60,
        &[
            &format!("https://a.blob.core.windows.net/c?sv=2022-11-02&sp=r&⟦sig={signature}%3D⟧&se=2030"),
            &format!("?⟦sig={}%2F{}%3D⟧", &signature[..20], &signature[..22]),
            "?sig=abc%3D",
            &format!("design={signature}%3D"),
        ],
    );
}

#[test]
fn assigned_storage_keys_of_azure_are_found() {
    let key = format!("{}A==", drawn(BASE62, 85));
    check(
        Category::SECRET_AZURE_STORAGE_KEY,
        60,
        &[
            &format!("AccountName=a;AccountKey=⟦{key}⟧;Endpoint=b"),
            &format!("integrity sha512-{key}"),
        ],
    );
}

#[test]
fn finds_keys_of_providers_of_models() {
    let drawn = |count| drawn(BASE62, count);
    finds_token(
        Category::SECRET_OPENAI,
        &[
            format!("sk-proj-{}{}{}", drawn(74), concat!("T3Blbk", "FJ"), drawn(74)),
            format!("sk-{}{}{}", drawn(20), concat!("T3Blbk", "FJ"), drawn(20)),
            format!("sk-svcacct-{}", drawn(48)),
            format!("sk-admin-{}", drawn(80)),
        ],
    );
    leaves(
        Category::SECRET_OPENAI,
        &[
            "sk-proj-your-key".to_owned(),
            "class=\"sk-fading-circle sk-circle12\"".to_owned(),
        ],
    );
    finds_token(
        Category::SECRET_ANTHROPIC,
        &[
            format!("sk-ant-api03-{}AA", drawn(93)),
            format!("sk-ant-admin01-{}AA", drawn(93)),
        ],
    );
    leaves(Category::SECRET_ANTHROPIC, &["sk-ant-api03-your-key".to_owned()]);
    for (category, prefix, count) in [
        (Category::SECRET_HUGGINGFACE, "hf_", 34),
        (Category::SECRET_HUGGINGFACE, "api_org_", 34),
        (Category::SECRET_PERPLEXITY, "pplx-", 48),
        (Category::SECRET_GROQ, "gsk_", 52),
        (Category::SECRET_XAI, "xai-", 80),
    ] {
        finds_token(category, &[format!("{prefix}{}", drawn(count))]);
        leaves(
            category,
            &[
                format!("{prefix}{}", drawn(count - 1)),
                format!("{prefix}{}", "x".repeat(count)),
            ],
        );
    }
    finds_token(
        Category::SECRET_DEEPSEEK,
        &[format!("sk-{}", super::secrets::drawn(HEX, 32))],
    );
    leaves(
        Category::SECRET_DEEPSEEK,
        &[format!("sk-{}", super::secrets::drawn(HEX, 31))],
    );
}

#[test]
fn finds_tokens_of_other_clouds() {
    for kind in ["dop", "doo", "dor"] {
        finds_token(
            Category::SECRET_DIGITALOCEAN,
            &[format!("{kind}_v1_{}", drawn(HEX, 64))],
        );
    }
    leaves(
        Category::SECRET_DIGITALOCEAN,
        &[format!("dop_v1_{}", drawn(HEX, 63))],
    );
    finds_token(
        Category::SECRET_CLOUDFLARE,
        &[
            format!("cfut_{}", drawn(BASE62, 48)),
            format!("v1.0-{}-{}", drawn(HEX, 24), drawn(HEX, 146)),
        ],
    );
    leaves(
        Category::SECRET_CLOUDFLARE,
        &[drawn(BASE62, 40), "v1.0-beta-1".to_owned()],
    );
}

#[test]
fn assigned_tokens_of_cloudflare_are_found() {
    let token = drawn(BASE62, 40);
    check(
        Category::SECRET_CLOUDFLARE,
        60,
        &[
            &format!("CLOUDFLARE_API_TOKEN=⟦{token}⟧"),
            &format!("X-Auth-Key: ⟦{}⟧", drawn(HEX, 37)),
            &format!("BUILD_ID={token}"),
        ],
    );
}

/// Base64 with padding (RFC 4648 §4).
fn base64_of(text: &str) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | u32::from(group.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            let letter = letters[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= group.len() { letter as char } else { '=' });
        }
    }
    out
}
