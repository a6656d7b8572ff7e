//! Who gets in, and which error the others get.

use crate::lab::{CONVERSE, Call, HELLO, KEY_ID, Lab, now, secret};

async fn check(case: &str, lab: &Lab, call: Call, error: &str) {
    let reply = lab.send(&call).await.unwrap();
    assert_eq!(
        (reply.status.as_u16(), reply.header("x-amzn-errortype")),
        (403, error),
        "{case}"
    );
    assert!(reply.json()["message"].is_string(), "{case}");
    assert!(!reply.header("x-amzn-requestid").is_empty(), "{case}");
    let verdict = if error == "MissingAuthenticationTokenException" {
        "absent"
    } else {
        error
    };
    assert_eq!(lab.received().await.pop().unwrap()["sigv4"], verdict, "{case}");
}

#[tokio::test]
async fn accepts_what_is_signed() {
    let lab = Lab::start();
    let hash = palisade_wire::sigv4::PayloadHash::of(HELLO.as_bytes());
    let calls = [
        Call::new(CONVERSE, HELLO),
        Call::new(CONVERSE, HELLO).header("x-amz-content-sha256", hash.as_str()),
        Call::new("/model/acme.chat-v1:0/converse?b=2&a=1", HELLO),
        Call::new(
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/invoke",
            HELLO,
        ),
        Call::new("/endpoints/one/invocations", "opaque"),
    ];
    for call in calls {
        let reply = lab.send(&call.clone().signed(&lab)).await.unwrap();
        assert_eq!(reply.status, 200, "{}: {:?}", call.path, reply.body());
        assert_eq!(lab.received().await.pop().unwrap()["sigv4"], "valid");
    }
}

#[tokio::test]
async fn refuses_what_was_tampered_with() {
    let lab = Lab::start();
    let invalid = "InvalidSignatureException";
    let good = Call::new(CONVERSE, HELLO)
        .header("x-amzn-bedrock-trace", "DISABLED")
        .signed(&lab);
    assert_eq!(lab.send(&good).await.unwrap().status, 200);

    let body = HELLO.replace("Ada", "Eve");
    check(
        "body",
        &lab,
        Call {
            body: body.into(),
            ..good.clone()
        },
        invalid,
    )
    .await;
    let path = CONVERSE.replace("acme", "evil");
    check("path", &lab, Call { path, ..good.clone() }, invalid).await;
    let path = format!("{CONVERSE}?x=1");
    check("query", &lab, Call { path, ..good.clone() }, invalid).await;
    let enabled = |_: &str| "ENABLED".to_owned();
    check(
        "header",
        &lab,
        good.clone().set("x-amzn-bedrock-trace", enabled),
        invalid,
    )
    .await;
    let flipped = |value: &str| {
        let last = if value.ends_with('0') { '1' } else { '0' };
        value[..value.len() - 1].to_owned() + &last.to_string()
    };
    check(
        "signature",
        &lab,
        good.clone().set("authorization", flipped),
        invalid,
    )
    .await;
    let shifted = |_: &str| {
        palisade_wire::sigv4::AmzDate::from_unix(now() - 60)
            .unwrap()
            .as_str()
            .to_owned()
    };
    check("date", &lab, good.clone().set("x-amz-date", shifted), invalid).await;
    let hash = palisade_wire::sigv4::PayloadHash::of(b"other");
    let declared = Call::new(CONVERSE, HELLO)
        .header("x-amz-content-sha256", hash.as_str())
        .signed(&lab);
    check("declared hash", &lab, declared, invalid).await;
}

#[tokio::test]
async fn refuses_foreign_stale_and_missing_signatures() {
    let lab = Lab::start();
    let host = lab.host();
    let plain = || Call::new(CONVERSE, HELLO);
    let invalid = "InvalidSignatureException";
    let incomplete = "IncompleteSignatureException";
    let foreign = plain().signed_as(&host, "SOMEBODYELSESKEY", &secret(), "bedrock", now());
    check("unknown key", &lab, foreign, "UnrecognizedClientException").await;
    let wrong = plain().signed_as(&host, KEY_ID, "wrong", "bedrock", now());
    check("wrong secret", &lab, wrong, invalid).await;
    let service = plain().signed_as(&host, KEY_ID, &secret(), "sagemaker", now());
    check("wrong service", &lab, service, invalid).await;
    for seconds in [-301, 302] {
        let stale = plain().signed_as(&host, KEY_ID, &secret(), "bedrock", now() + seconds);
        check("skew", &lab, stale, invalid).await;
    }
    let other_host = plain().signed_as("bedrock.example", KEY_ID, &secret(), "bedrock", now());
    check("other host", &lab, other_host, invalid).await;
    let injected = plain()
        .signed(&lab)
        .header("x-amzn-bedrock-guardrailidentifier", "none");
    check("unsigned header", &lab, injected, incomplete).await;
    let undated = plain().signed(&lab).without("x-amz-date");
    check("no date", &lab, undated, incomplete).await;
    let garbled = plain().header("authorization", "AWS4-HMAC-SHA256 Credential=x");
    check("garbled", &lab, garbled, incomplete).await;
    check("unsigned", &lab, plain(), "MissingAuthenticationTokenException").await;
}

#[tokio::test]
async fn lets_everything_pass_when_told_not_to_verify() {
    let lab = Lab::start_with(|options| options.verify = false);
    let unsigned = Call::new(CONVERSE, HELLO);
    assert_eq!(lab.send(&unsigned).await.unwrap().status, 200);
    assert_eq!(lab.received().await[0]["sigv4"], "absent");
    let foreign = unsigned.signed_as("elsewhere", "SOMEBODYELSESKEY", "wrong", "bedrock", 0);
    assert_eq!(lab.send(&foreign).await.unwrap().status, 200);
    assert_eq!(lab.received().await[1]["sigv4"], "unverified");
}

#[tokio::test]
async fn speaks_http2_with_prior_knowledge() {
    let lab = Lab::start();
    let call = Call::new(CONVERSE, HELLO).signed(&lab);
    let reply = lab.send_h2(&call).await.unwrap();
    assert_eq!(reply.status, 200, "{:?}", reply.body());
    let entry = lab.outcome("completed").await;
    assert_eq!(entry["headers"][0], serde_json::json!([":authority", lab.host()]));
    let tampered = Call {
        body: "{}".into(),
        ..call
    };
    assert_eq!(lab.send_h2(&tampered).await.unwrap().status, 403);
}
