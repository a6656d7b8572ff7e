//! Tests that need more than one module, and what they share.

mod archived;
mod beside;
mod cases;
mod context;
mod decisions;
mod index;
mod known;
mod literals;
mod loading;
mod pitfalls;
mod treatments;
mod trial;

use crate::*;
use std::net::IpAddr;
use std::sync::Arc;

/// 2026-11-23T09:00:00Z.
const NOW_MS: i64 = 1_795_424_400_000;

const FOREST: &[(&str, &str)] = &[
    ("EMAIL", "PII"),
    ("IP_ADDRESS", "PII"),
    ("CREDIT_DEBIT_CARD_NUMBER", "PCI"),
    ("PCI", "PII"),
    ("AWS_ACCESS_KEY", "Credential"),
    ("PROJECT_CODENAME", "Custom"),
    ("PROMPT_ATTACK", "Attack"),
    ("TAG_CHARACTERS", "Evasion"),
    ("Evasion", "Attack"),
];

fn default_text(path: &str) -> &'static str {
    DEFAULT_BUNDLE
        .iter()
        .find(|source| source.path == path)
        .unwrap()
        .text
}

/// The schema that ships with these policies only.
fn bundle_of(policies: &str) -> Result<Bundle, Vec<Problem>> {
    Bundle::load(&[
        BundleFile {
            path: "schema.cedarschema",
            text: default_text("schema.cedarschema"),
        },
        BundleFile {
            path: "policies/all.cedar",
            text: policies,
        },
    ])
}

fn snapshot_of(policies: &str) -> Arc<Snapshot> {
    let bundle = bundle_of(policies).unwrap();
    Arc::new(Snapshot::new(Arc::new(bundle), FOREST).unwrap())
}

fn default_snapshot() -> Arc<Snapshot> {
    let bundle = Bundle::load(DEFAULT_BUNDLE).unwrap();
    Arc::new(Snapshot::new(Arc::new(bundle), FOREST).unwrap())
}

fn level(level: u8) -> Classification {
    Classification::new(level).unwrap()
}

fn user(tenant: &str, id: &str) -> PrincipalFacts {
    PrincipalFacts {
        granted: Vec::new(),
        kind: PrincipalKind::User {
            mfa: true,
            trained_until_ms: NOW_MS,
        },
        id: id.to_owned(),
        tenant: tenant.to_owned(),
        teams: vec!["desk".to_owned()],
        roles: vec!["analyst".to_owned()],
        jurisdiction: Jurisdiction::Eu,
        limits: Limits {
            max_output_tokens: 4_096,
            max_input_tokens: 100_000,
        },
        suspended: false,
        clearance: level(2),
    }
}

fn application(tenant: &str, id: &str) -> PrincipalFacts {
    PrincipalFacts {
        granted: Vec::new(),
        kind: PrincipalKind::Application {
            environment: Environment::Prod,
        },
        ..user(tenant, id)
    }
}

fn principal(tenant: &str) -> Principal {
    Principal::new(user(tenant, "ana")).unwrap()
}

fn model_facts(id: &str, groups: &[&str]) -> ModelFacts {
    ModelFacts {
        deprecated_from_ms: None,
        lineage: None,
        kind: ModelKind::Model,
        id: id.to_owned(),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        provider: Provider::Anthropic,
        family: "claude".to_owned(),
        modalities: vec![Modality::Text],
        lifecycle: Lifecycle::Approved,
        end_of_life_ms: None,
        jurisdictions: vec![Jurisdiction::Eu],
        max_classification: level(3),
        retains_data: false,
    }
}

fn model(id: &str, groups: &[&str]) -> Model {
    Model::new(model_facts(id, groups)).unwrap()
}

fn sonnet() -> Model {
    model("anthropic.claude-3-5-sonnet-20240620-v1:0", &["general-purpose"])
}

fn endpoint(owner: &str) -> Model {
    Model::new(ModelFacts {
        deprecated_from_ms: None,
        lineage: None,
        kind: ModelKind::Endpoint {
            owner: owner.to_owned(),
        },
        ..model_facts("fraud-score", &[])
    })
    .unwrap()
}

fn of_kind(kind: ModelKind) -> Model {
    Model::new(ModelFacts {
        kind,
        ..model_facts("something", &[])
    })
    .unwrap()
}

fn base_at(client_ip: &str, purpose: Purpose) -> Base {
    let client_ip: IpAddr = client_ip.parse().unwrap();
    Base::new(NOW_MS, 10, true, client_ip, purpose, level(1)).unwrap()
}

fn call(action: Action) -> CallFacts {
    CallFacts {
        action,
        input_tokens: 200,
        max_tokens: 1_000,
        modalities: vec![Modality::Text],
        tools: vec![],
        unscanned: vec![],
        uses: Vec::new(),
        base: base_at("10.1.2.3", Purpose::Unspecified),
    }
}
