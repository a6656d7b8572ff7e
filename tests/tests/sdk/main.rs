//! The AWS SDK for Rust, unmodified, against a running demo.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod demo;
mod events;

use aws_sdk_sagemakerruntime::Client;
use aws_sdk_sagemakerruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_sagemakerruntime::error::ProvideErrorMetadata;
use aws_sdk_sagemakerruntime::operation::invoke_endpoint_with_response_stream::InvokeEndpointWithResponseStreamOutput;
use aws_sdk_sagemakerruntime::primitives::Blob;
use aws_sdk_sagemakerruntime::types::ResponseStream;
use demo::Demo;
use serde_json::{Value, json};

/// Assembled, so that no scanner of this repository finds it.
fn mail() -> String {
    ["ada", "example.org"].join("@")
}

fn retail(demo: &Demo) -> Client {
    let credentials = Credentials::new(
        demo.env("RETAIL_ACCESS_KEY_ID"),
        demo.env("RETAIL_SECRET_ACCESS_KEY"),
        None,
        None,
        "demo",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(demo.env("PALISADE_URL"))
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn chat(text: &str) -> Blob {
    let body = json!({ "messages": [{ "role": "user", "content": text }] });
    Blob::new(body.to_string())
}

/// The answer of retail's own endpoint, its stream not yet read.
async fn streamed(demo: &Demo) -> InvokeEndpointWithResponseStreamOutput {
    let call = retail(demo).invoke_endpoint_with_response_stream();
    let call = call
        .endpoint_name(demo.env("ENDPOINT"))
        .content_type("application/json");
    call.body(chat("hello")).send().await.unwrap()
}

#[tokio::test]
async fn an_endpoint_of_ones_own_is_called_and_guarded_both_ways() {
    let demo = Demo::start("own");
    let call = retail(&demo)
        .invoke_endpoint()
        .endpoint_name(demo.env("ENDPOINT"));
    let call = call.content_type("application/json").body(chat(&mail()));
    let answer = call.send().await.unwrap();
    assert_eq!(answer.content_type(), Some("application/json"));
    // The simulated endpoint sends back what reached it.
    let body: Value = serde_json::from_slice(answer.body().unwrap().as_ref()).unwrap();
    assert_eq!(body["messages"][0]["content"], "{EMAIL}");
}

#[tokio::test]
async fn a_stream_is_guarded_as_the_joined_text_of_its_parts() {
    let demo = Demo::start("stream");
    let event = |text: &str| {
        format!(
            "data: {}\n\n",
            json!({ "choices": [{ "index": 0, "delta": { "content": text } }] })
        )
    };
    let mail = mail();
    let (name, rest) = mail.split_at(5);
    let said = [event("to "), event(name), event(rest), event(", ok. ")].concat() + "data: [DONE]\n\n";
    demo.script(&json!({ "text": said, "chunk_chars": 5 }));
    let mut answer = streamed(&demo).await;
    let mut body = Vec::new();
    while let Some(event) = answer.body.recv().await.unwrap() {
        if let ResponseStream::PayloadPart(part) = event {
            body.extend_from_slice(part.bytes().unwrap().as_ref());
        }
    }
    let body = String::from_utf8(body).unwrap();
    let events = body.lines().filter_map(|line| line.strip_prefix("data: {"));
    let pieces = events.map(|event| serde_json::from_str::<Value>(&format!("{{{event}")).unwrap());
    let text: String = pieces
        .filter_map(|event| Some(event["choices"][0]["delta"]["content"].as_str()?.to_owned()))
        .collect();
    assert_eq!(text, "to {EMAIL}, ok. ");
    assert!(body.ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn a_stream_that_breaks_is_an_error_that_the_sdk_models() {
    let demo = Demo::start("broken");
    demo.script(&json!({ "text": "{\"choices\": [" }));
    let mut answer = streamed(&demo).await;
    let error = loop {
        match answer.body.recv().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream ended as if it were whole"),
            Err(error) => break error.into_service_error(),
        }
    };
    assert!(error.is_model_stream_error(), "{error:?}");
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_once_in_sagemakers_own_words() {
    let demo = Demo::start("refused");
    let client = retail(&demo);
    let before = demo.requests();
    let call = client
        .invoke_endpoint()
        .endpoint_name(demo.env("FOREIGN_ENDPOINT"));
    let error = call
        .body(chat("hello"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    let call = client.invoke_endpoint().endpoint_name("nobody-knows");
    let error = call
        .body(chat("hello"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_validation_error(), "{error:?}");
    let call = client.invoke_endpoint_async().endpoint_name(demo.env("ENDPOINT"));
    let call = call.input_location("s3://bucket/in.json");
    let error = call.send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    assert_eq!(demo.requests(), before);
}
