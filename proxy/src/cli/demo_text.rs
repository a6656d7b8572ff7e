//! What the demo prints: lines that work when pasted.

use super::demo::{ALLOWED_MODEL, DENIED_MODEL, ENDPOINT, FOREIGN_ENDPOINT, Facts, Tenant};
use std::fmt::Write;

/// KEY=VALUE lines for scripts.
pub(super) fn env_lines(facts: &Facts) -> Vec<(String, String)> {
    let mut lines = vec![
        ("PALISADE_URL".to_owned(), facts.url.clone()),
        ("SIMULATOR_URL".to_owned(), facts.simulator_url.clone()),
        ("ADMIN_URL".to_owned(), facts.admin_url.clone()),
        ("AUDIT_DIR".to_owned(), facts.audit_dir.display().to_string()),
        ("POLICY_DIR".to_owned(), facts.policy_dir.display().to_string()),
        ("ALLOWED_MODEL".to_owned(), ALLOWED_MODEL.to_owned()),
        ("DENIED_MODEL".to_owned(), DENIED_MODEL.to_owned()),
        ("ENDPOINT".to_owned(), ENDPOINT.to_owned()),
        ("FOREIGN_ENDPOINT".to_owned(), FOREIGN_ENDPOINT.to_owned()),
    ];
    for tenant in &facts.tenants {
        let name = tenant.id.to_uppercase();
        lines.push((format!("{name}_ACCESS_KEY_ID"), tenant.access_key_id.to_owned()));
        lines.push((format!("{name}_SECRET_ACCESS_KEY"), tenant.secret.clone()));
        lines.push((format!("{name}_JWT"), tenant.jwt.clone()));
    }
    lines
}

/// The page that greets the user: every block works when pasted, from top to bottom.
pub(super) fn banner(facts: &Facts) -> String {
    let mut out = format!(
        "Palisade is running on {}, in front of a simulated Amazon Bedrock.\n\n",
        facts.url
    );
    let hello = "Hello, who are you?";
    let blocks = [
        ("Become tenant retail", exports(facts, 0)),
        (
            "Allowed: the simulated model says what it received",
            aws(ALLOWED_MODEL, hello),
        ),
        (
            "Denied: retail may not use frontier models",
            boto3(DENIED_MODEL, hello),
        ),
        (
            "Redacted: the mail address and the card number never reach the model",
            boto3(ALLOWED_MODEL, &personal_text()),
        ),
        ("The same three with a token instead of a key", curls(facts)),
        (
            "OpenAI's client, and Anthropic's, with a model of another maker",
            others(facts, &personal_text()),
        ),
        (
            "An endpoint on SageMaker, retail's own: guarded like a model",
            endpoint(ENDPOINT, "I am Ada, ada@example.org"),
        ),
        (
            "Become tenant markets, which may use frontier models",
            exports(facts, 1),
        ),
        ("Now allowed", boto3(DENIED_MODEL, hello)),
    ];
    for (number, (title, lines)) in blocks.iter().enumerate() {
        let _ = write!(out, "# {}. {title}\n{lines}\n\n", number + 1);
    }
    let _ = write!(
        out,
        "What the model really received:  curl -s {}/received\n\
         What was decided:                {} audit show {}\n\
         The policies, to edit at work:   {}\n\
         Metrics and readiness:           {}/metrics and /readyz\n\
         Stop with Ctrl-C.",
        facts.simulator_url,
        std::env::current_exe().map_or_else(|_| "palisade".to_owned(), |path| path.display().to_string()),
        facts.audit_dir.display(),
        facts.policy_dir.display(),
        facts.admin_url,
    );
    out
}

fn exports(facts: &Facts, tenant: usize) -> String {
    let Some(Tenant {
        access_key_id,
        secret,
        ..
    }) = facts.tenants.get(tenant)
    else {
        return String::new();
    };
    format!(
        "export AWS_ENDPOINT_URL_BEDROCK_RUNTIME={0} AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME={0} AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME={0}\n\
         export AWS_ACCESS_KEY_ID={access_key_id} AWS_SECRET_ACCESS_KEY={secret}\n\
         export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n\
         unset AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK AWS_PROFILE",
        facts.url,
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

/// The key goes where these clients put one of their own.
fn others(facts: &Facts, text: &str) -> String {
    let asks = format!(
        "(model=\"{ALLOWED_MODEL}\",\n  max_tokens=99, messages=[{{\"role\":\"user\",\"content\":\"{text}\"}}])"
    );
    format!(
        "export OPENAI_BASE_URL={0}/v1 OPENAI_API_KEY=$AWS_ACCESS_KEY_ID.$AWS_SECRET_ACCESS_KEY\n\
         export ANTHROPIC_BASE_URL={0} ANTHROPIC_API_KEY=$OPENAI_API_KEY\n\
         python3 -c 'import openai; print(openai.OpenAI().chat.completions.create{asks}.choices)'\n\
         python3 -c 'import anthropic; print(anthropic.Anthropic().messages.create{asks}.content)'",
        facts.url
    )
}

fn endpoint(name: &str, text: &str) -> String {
    let body = format!(r#"{{\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}"#);
    format!(
        "python3 -c 'import boto3; print(boto3.client(\"sagemaker-runtime\").invoke_endpoint(EndpointName=\"{name}\",\n  \
         ContentType=\"application/json\", Body=\"{body}\")[\"Body\"].read())'"
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
