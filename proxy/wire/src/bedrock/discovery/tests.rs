//! Paths, queries, and the shapes of answers.

use super::*;
use crate::bedrock::label;

fn parsed(path: &str, query: &str) -> Result<Option<Discovery>, DiscoveryError> {
    Discovery::parse("GET", path, query, Shape::OpenAi)
}

fn listed() -> Vec<Listed> {
    let model = |id: &str, provider| Listed {
        id: id.to_owned(),
        provider,
        inputs: vec!["TEXT".to_owned()],
        outputs: vec!["TEXT".to_owned()],
        ..Listed::default()
    };
    let mut all = vec![
        model("amazon.nova-lite-v1:0", "amazon"),
        Listed {
            is_legacy: true,
            ends: Some(1_806_537_599),
            outputs: vec!["EMBEDDING".to_owned()],
            ..model("mistral.embed-v1:0", "mistral")
        },
        model("eu.amazon.nova-lite-v1:0", "amazon"),
        model(
            "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc",
            "amazon",
        ),
        model(
            "arn:aws:bedrock:eu-central-1:123456789012:provisioned-model/xyz",
            "amazon",
        ),
        Listed {
            behind: vec!["arn:aws:bedrock:us-east-1::foundation-model/meta.m".to_owned()],
            ..model("mine", "meta")
        },
        Listed {
            is_alias: true,
            ..model("chat", "amazon")
        },
    ];
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

fn ids(asked: &Discovery, list: &str, id: &str) -> Vec<String> {
    let answer = asked.answer(&listed(), "eu-central-1").expect("an answer");
    let members = answer[list].as_array().expect("a list").iter();
    members
        .map(|one| one[id].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn every_model_is_in_the_lists_where_its_kind_belongs() {
    let models = |query| {
        let asked = parsed("/foundation-models", query).unwrap().unwrap();
        ids(&asked, "modelSummaries", "modelId")
    };
    assert_eq!(models(""), ["amazon.nova-lite-v1:0", "mistral.embed-v1:0"]);
    assert_eq!(models("byProvider=Mistral%20AI"), ["mistral.embed-v1:0"]);
    assert_eq!(
        models("byProvider=mistral&byOutputModality=EMBEDDING"),
        ["mistral.embed-v1:0"]
    );
    assert_eq!(
        models("byOutputModality=TEXT&byInferenceType=ON_DEMAND&new=1"),
        ["amazon.nova-lite-v1:0"]
    );
    assert!(
        models("byInferenceType=PROVISIONED").is_empty()
            && models("byCustomizationType=FINE_TUNING").is_empty()
    );
    let profiles = |query| {
        let asked = parsed("/inference-profiles", query).unwrap().unwrap();
        ids(&asked, "inferenceProfileSummaries", "inferenceProfileId")
    };
    assert_eq!(profiles(""), ["abc", "eu.amazon.nova-lite-v1:0", "mine"]);
    assert_eq!(
        profiles("type=SYSTEM_DEFINED"),
        ["eu.amazon.nova-lite-v1:0", "mine"]
    );
    for path in ["/v1/models", "/openai/v1/models"] {
        assert_eq!(ids(&parsed(path, "").unwrap().unwrap(), "data", "id").len(), 7);
    }
}

#[test]
fn pages_end_where_the_next_begins() {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let asked = parsed(
            "/inference-profiles",
            &format!("maxResults=1&nextToken={}", label::encode(&token)),
        );
        let asked = asked.unwrap().unwrap();
        found.extend(ids(&asked, "inferenceProfileSummaries", "inferenceProfileArn"));
        let answer = asked.answer(&listed(), "eu-central-1").unwrap();
        match answer["nextToken"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => break,
        }
    }
    assert_eq!(found.len(), 3);
    for (query, name) in [
        ("maxResults=0", "maxResults"),
        ("maxResults=x", "maxResults"),
        ("nextToken=%00", "nextToken"),
    ] {
        assert_eq!(
            parsed("/inference-profiles", query),
            Err(DiscoveryError::Parameter(name)),
            "{query}"
        );
    }
}

#[test]
fn one_model_is_told_in_the_shape_of_its_list() {
    let one = |path: &str| {
        parsed(path, "")
            .unwrap()
            .unwrap()
            .answer(&listed(), "eu-central-1")
    };
    let model = one("/foundation-models/mistral.embed-v1%3A0").unwrap();
    let lifecycle = json!({"status": "LEGACY", "endOfLifeTime": "2027-03-31T23:59:59Z"});
    assert_eq!(model["modelDetails"]["modelLifecycle"], lifecycle);
    assert_eq!(
        model["modelDetails"]["modelArn"],
        "arn:aws:bedrock:eu-central-1::foundation-model/mistral.embed-v1:0"
    );
    let profile = one("/inference-profiles/eu.amazon.nova-lite-v1:0").unwrap();
    let behind =
        json!([{"modelArn": "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0"}]);
    assert_eq!(profile["models"], behind);
    assert_eq!(one("/v1/models/chat").unwrap()["owned_by"], "amazon");
    for none in [
        "/foundation-models/chat",
        "/foundation-models/eu.amazon.nova-lite-v1:0",
        "/inference-profiles/amazon.nova-lite-v1:0",
        "/v1/models/x",
    ] {
        assert_eq!(one(none), None, "{none}");
    }
}

#[test]
fn other_paths_ask_nothing_and_wrong_ones_are_refused() {
    for path in [
        "/",
        "/model/x/converse",
        "/foundation-modelss",
        "/openai/foundation-models",
        "/v1/chat/completions",
    ] {
        assert_eq!(parsed(path, ""), Ok(None), "{path}");
    }
    for path in [
        "/foundation-models/",
        "/v1/models/a/../b",
        "/foundation-models/%2e%2e",
        "/inference-profiles/a%20b",
    ] {
        assert!(
            matches!(parsed(path, ""), Err(DiscoveryError::Target(_))),
            "{path}"
        );
    }
    let posted = Discovery::parse("POST", "/v1/models", "", Shape::OpenAi);
    assert_eq!(posted, Err(DiscoveryError::Target(TargetError::WrongMethod)));
}
