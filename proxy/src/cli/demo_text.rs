//! What the demo prints: lines that work when pasted.

use super::demo::{ALLOWED_MODEL, DENIED_MODEL, Facts, Tenant};
use std::fmt::Write;

/// KEY=VALUE lines for scripts.
pub(super) fn env_lines(facts: &Facts) -> Vec<(String, String)> {
    let mut lines = vec![
        ("PALISADE_URL".to_owned(), facts.url.clone()),
        ("SIMULATOR_URL".to_owned(), facts.simulator_url.clone()),
        ("ADMIN_URL".to_owned(), facts.admin_url.clone()),
        ("AUDIT_DIR".to_owned(), facts.audit_dir.display().to_string()),
        ("ALLOWED_MODEL".to_owned(), ALLOWED_MODEL.to_owned()),
        ("DENIED_MODEL".to_owned(), DENIED_MODEL.to_owned()),
    ];
    for tenant in &facts.tenants {
        let name = tenant.id.to_uppercase();
        lines.push((format!("{name}_ACCESS_KEY_ID"), tenant.access_key_id.to_owned()));
        lines.push((format!("{name}_SECRET_ACCESS_KEY"), tenant.secret.clone()));
        lines.push((format!("{name}_JWT"), tenant.jwt.clone()));
    }
    lines
}

/// The page that greets the user.
pub(super) fn banner(facts: &Facts) -> String {
    let mut out = format!("Palisade is running on {}, in front of a simulated Amazon Bedrock.\n", facts.url);
    for (number, tenant) in facts.tenants.iter().take(2).enumerate() {
        let _ = write!(out, "\n{}\n{}", heading(number, tenant), exports(facts, tenant));
    }
    let _ = write!(
        out,
        "\n# 3. Allowed: the simulated model says what it received.\n{}\n\n\
         # 4. Denied: retail may not use frontier models.\n{}\n\n\
         # 5. Redacted: the mail address and the card number never reach the model.\n{}\n\n\
         # 6. The same with a token instead of a key: allowed, denied, redacted.\n{}\n\n\
         What the model really received:  curl -s {}/received\n\
         What was decided:                palisade audit show {}\n\
         Metrics and readiness:           {}/metrics, /readyz\n\
         Stop with Ctrl-C.\n",
        aws(ALLOWED_MODEL, "Hello, who are you?"),
        boto3(DENIED_MODEL, "Hello"),
        boto3(ALLOWED_MODEL, &personal_text()),
        curls(facts),
        facts.simulator_url,
        facts.audit_dir.display(),
        facts.admin_url,
    );
    out
}

fn heading(number: usize, tenant: &Tenant) -> String {
    let rest = if number == 0 { "paste into a shell" } else { "or call as another tenant" };
    format!("# {}. Tenant {}: {rest}.", number + 1, tenant.id)
}

fn exports(facts: &Facts, tenant: &Tenant) -> String {
    format!(
        "export AWS_ENDPOINT_URL_BEDROCK_RUNTIME={}\n\
         export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} AWS_REGION=us-east-1\n\
         unset AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK AWS_PROFILE\n",
        facts.url, tenant.access_key_id, tenant.secret,
    )
}

fn aws(model: &str, text: &str) -> String {
    format!(
        "aws bedrock-runtime converse --model-id {model} --output text \\\n  \
         --messages '[{{\"role\":\"user\",\"content\":[{{\"text\":\"{text}\"}}]}}]'"
    )
}

fn boto3(model: &str, text: &str) -> String {
    format!(
        "python3 -c 'import boto3; print(boto3.client(\"bedrock-runtime\").converse(modelId=\"{model}\",\n  \
         messages=[{{\"role\":\"user\",\"content\":[{{\"text\":\"{text}\"}}]}}])[\"output\"])'"
    )
}

fn curls(facts: &Facts) -> String {
    let Some(tenant) = facts.tenants.first() else {
        return String::new();
    };
    let line = |model: &str, text: &str| {
        format!(
            "curl -s {}/model/{model}/converse -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n  \
             -d '{{\"messages\":[{{\"role\":\"user\",\"content\":[{{\"text\":\"{text}\"}}]}}]}}'",
            facts.url
        )
    };
    format!(
        "TOKEN={}\n{}\n{}\n{}",
        tenant.jwt,
        line(ALLOWED_MODEL, "Hello, who are you?"),
        line(DENIED_MODEL, "Hello"),
        line(ALLOWED_MODEL, &personal_text()),
    )
}

/// The card number is the payment industry's well-known test number.
fn personal_text() -> String {
    format!("I am ada@example.com, my card is {} 1111 1111 1111", 4111)
}
