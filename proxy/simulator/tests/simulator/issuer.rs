//! The OpenID Connect issuer, its documents and its counters.

use http::Method;
use serde_json::{Value, json};

use crate::lab::Lab;

#[tokio::test]
async fn serves_a_key_set_that_can_be_swapped() {
    let lab = Lab::start_with(|options| options.issuer = Some(json!({ "keys": ["first"] })));
    let url = format!("http://{}", lab.running.side_addr);
    let discovery = lab
        .side(Method::GET, "/.well-known/openid-configuration", &Value::Null)
        .await
        .json();
    assert_eq!(discovery["issuer"], url);
    assert_eq!(discovery["jwks_uri"], format!("{url}/jwks.json"));
    let keys = async || lab.side(Method::GET, "/jwks.json", &Value::Null).await.json()["keys"][0].clone();
    assert_eq!(keys().await, "first");
    lab.running.set_jwks(json!({ "keys": ["second"] }));
    assert_eq!(keys().await, "second");
    let put = lab
        .side(Method::PUT, "/jwks.json", &json!({ "keys": ["third"] }))
        .await;
    assert_eq!(put.status, 200);
    assert_eq!(keys().await, "third");
    let stats = lab.side(Method::GET, "/stats", &Value::Null).await.json();
    assert_eq!(
        stats,
        json!({ "requests": 0, "discovery_fetches": 1, "jwks_fetches": 3 })
    );
}

#[tokio::test]
async fn has_no_issuer_without_a_key_set() {
    let lab = Lab::start();
    for path in ["/.well-known/openid-configuration", "/jwks.json", "/nothing"] {
        assert_eq!(
            lab.side(Method::GET, path, &Value::Null).await.status,
            404,
            "{path}"
        );
    }
    assert_eq!(lab.side(Method::GET, "/healthz", &Value::Null).await.status, 200);
}
