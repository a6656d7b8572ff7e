//! Typed targets: what clients send is understood, what could be read in two ways is refused.

use palisade_wire::bedrock::{ModelId, Operation, Target, TargetError, sagemaker};
use proptest::prelude::*;

use super::captures::Capture;

const CLAUDE: &str = "anthropic.claude-3-5-sonnet-20240620-v1:0";
const PROFILE: &str = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456";

#[test]
fn reads_both_spellings_as_one_target() {
    use Operation::{Converse, ConverseStream, CountTokens, InvokeModel, InvokeModelWithResponseStream};
    let encoded = "/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0";
    let literal = "/model/anthropic.claude-3-5-sonnet-20240620-v1:0";
    for model in [
        encoded,
        literal,
        "/model/%61nthropic%2Eclaude-3-5-sonnet-20240620-v1%3a0",
    ] {
        check(&format!("{model}/converse"), Converse, CLAUDE);
        check(&format!("{model}/converse-stream"), ConverseStream, CLAUDE);
        check(&format!("{model}/invoke"), InvokeModel, CLAUDE);
        check(
            &format!("{model}/invoke-with-response-stream"),
            InvokeModelWithResponseStream,
            CLAUDE,
        );
        check(&format!("{model}/count-tokens"), CountTokens, CLAUDE);
    }
    let prefix = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile";
    for arn in [
        &format!("{prefix}%2Fabc123def456"),
        &format!("{prefix}/abc123def456"),
        PROFILE,
    ] {
        check(&format!("/model/{arn}/converse"), Converse, PROFILE);
    }

    fn check(path: &str, operation: Operation, model: &str) {
        let target = Target::parse("POST", path).unwrap();
        assert_eq!(target.operation(), operation, "{path}");
        assert_eq!(target.model().unwrap().as_str(), model, "{path}");
        assert_eq!(
            target,
            Target::of_model(operation, ModelId::new(model).unwrap()).unwrap()
        );
        let canonical = target.canonical_path();
        assert!(
            canonical
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~%/".contains(&b)),
            "{canonical}"
        );
        assert_eq!(Target::parse("POST", &canonical), Ok(target));
    }
}

#[test]
fn builds_the_paths_that_aws_sdks_send() {
    let path = |operation, model| {
        Target::of_model(operation, ModelId::new(model).unwrap())
            .unwrap()
            .canonical_path()
    };
    assert_eq!(
        path(Operation::Converse, CLAUDE),
        "/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse"
    );
    assert_eq!(
        path(Operation::InvokeModelWithBidirectionalStream, PROFILE),
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc123def456\
         /invoke-with-bidirectional-stream"
    );
    assert_eq!(
        Target::of_model(Operation::StartAsyncInvoke, ModelId::new(CLAUDE).unwrap()),
        None
    );
}

#[test]
fn reads_operations_without_a_model() {
    use Operation::{
        ApplyGuardrail, GetAsyncInvoke, InvokeGuardrailChecks, ListAsyncInvokes, StartAsyncInvoke,
    };
    let arn = "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc123";
    let job = "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:async-invoke/abcdef123456";
    check(
        "POST",
        "/guardrail/gr1/version/1/apply",
        ApplyGuardrail,
        Some(("gr1", "1")),
        None,
    );
    check(
        "POST",
        &format!("/guardrail/{arn}/version/DRAFT/apply"),
        ApplyGuardrail,
        Some((arn, "DRAFT")),
        None,
    );
    check(
        "POST",
        "/guardrail-checks/invoke",
        InvokeGuardrailChecks,
        None,
        None,
    );
    check("POST", "/async-invoke", StartAsyncInvoke, None, None);
    check("GET", "/async-invoke", ListAsyncInvokes, None, None);
    check(
        "GET",
        &format!("/async-invoke/{}", job.replace(':', "%3A")),
        GetAsyncInvoke,
        None,
        Some(job),
    );
    check(
        "GET",
        &format!("/async-invoke/{job}"),
        GetAsyncInvoke,
        None,
        Some(job),
    );

    fn check(
        method: &str,
        path: &str,
        operation: Operation,
        guardrail: Option<(&str, &str)>,
        job: Option<&str>,
    ) {
        let target = Target::parse(method, path).unwrap();
        assert_eq!(target.operation(), operation);
        assert_eq!(target.guardrail(), guardrail);
        assert_eq!(target.invocation_arn(), job);
        assert_eq!(target.model(), None);
        assert_eq!(Target::parse(method, &target.canonical_path()), Ok(target));
    }
}

/// Raw paths, and why each is refused.
const REFUSED: [(&str, TargetError); 56] = [
    ("/model/allowed%2F..%2Fdenied/invoke", TargetError::ModelId),
    ("/model/denied%253A0/invoke", TargetError::ModelId),
    ("//model/denied/invoke", TargetError::NotCanonical),
    ("/model//denied/invoke", TargetError::NotCanonical),
    ("/model/denied//invoke", TargetError::NotCanonical),
    ("/model/denied/invoke/", TargetError::NotCanonical),
    (
        "/model/allowed/invoke/../../denied/invoke",
        TargetError::NotCanonical,
    ),
    ("/model/./denied/invoke", TargetError::NotCanonical),
    ("/model/%2e%2e/invoke", TargetError::ModelId),
    ("/model/%2e/invoke", TargetError::ModelId),
    ("/model/allowed/%2e%2e/denied/invoke", TargetError::ModelId),
    (
        "/model/allowed/invoke/%2e%2e/%2e%2e/denied/invoke",
        TargetError::ModelId,
    ),
    ("/model/allowed/denied/invoke", TargetError::ModelId),
    ("/model/m;jsessionid=1/invoke", TargetError::ModelId),
    ("/model/m%00/invoke", TargetError::ModelId),
    ("/model/m%0d%0ahost:evil/invoke", TargetError::ModelId),
    ("/model/m%c0%af/invoke", TargetError::ModelId),
    ("/model/m%C3%BC/invoke", TargetError::ModelId),
    ("/model/m\u{fc}/invoke", TargetError::ModelId),
    ("/model/m\u{ff0f}x/invoke", TargetError::ModelId),
    ("/model/m\\x/invoke", TargetError::ModelId),
    ("/model/m%5Cx/invoke", TargetError::ModelId),
    ("/model/m%20/invoke", TargetError::ModelId),
    ("/model/m /invoke", TargetError::ModelId),
    ("/model/m%/invoke", TargetError::ModelId),
    ("/model/m%4/invoke", TargetError::ModelId),
    ("/model/m%zz/invoke", TargetError::ModelId),
    ("/model/m%+1/invoke", TargetError::ModelId),
    ("/model/m?x=/invoke", TargetError::ModelId),
    ("/model/m%3Fx/invoke", TargetError::ModelId),
    ("/model/m#x/invoke", TargetError::ModelId),
    ("/Model/m/invoke", TargetError::UnknownOperation),
    ("/model/m/Invoke", TargetError::UnknownOperation),
    ("/model/m/invoke.", TargetError::UnknownOperation),
    ("/model/m/invoke%20", TargetError::UnknownOperation),
    ("/model/m/%69nvoke", TargetError::UnknownOperation),
    ("/%6dodel/m/invoke", TargetError::UnknownOperation),
    ("/model/invoke", TargetError::UnknownOperation),
    ("/model", TargetError::UnknownOperation),
    ("/prefix/model/m/invoke", TargetError::UnknownOperation),
    (
        "/knowledgebases/ABCDEFGHIJ/retrieve",
        TargetError::UnknownOperation,
    ),
    ("/endpoints/e/invocations", TargetError::UnknownOperation),
    ("/foundation-models", TargetError::UnknownOperation),
    ("http://other/model/m/invoke", TargetError::NotCanonical),
    ("model/m/invoke", TargetError::NotCanonical),
    ("*", TargetError::NotCanonical),
    ("", TargetError::NotCanonical),
    ("/", TargetError::NotCanonical),
    ("/guardrail/GR/version/1/apply", TargetError::ResourceName),
    ("/guardrail/gr1/version/0/apply", TargetError::ResourceName),
    (
        "/guardrail/gr1/version/123456789/apply",
        TargetError::ResourceName,
    ),
    ("/guardrail/gr1/version/draft/apply", TargetError::ResourceName),
    ("/guardrail/a/b/version/1/apply", TargetError::ResourceName),
    ("/guardrail/version/1/apply", TargetError::UnknownOperation),
    ("/async-invoke/abcdefghij12", TargetError::ResourceName),
    (
        "/async-invoke/arn:aws:bedrock:us-east-1:123456789012:async-invoke/abcdefghij12",
        TargetError::WrongMethod,
    ),
];

#[test]
fn refuses_paths_with_two_readings() {
    for (path, want) in REFUSED {
        assert_eq!(Target::parse("POST", path), Err(want), "{path}");
    }
    for method in ["GET", "HEAD", "PUT", "post", ""] {
        assert_eq!(
            Target::parse(method, "/model/m/invoke"),
            Err(TargetError::WrongMethod),
            "{method}"
        );
    }
}

#[test]
fn accepts_the_documented_forms_of_model_ids() {
    let account = "arn:aws:bedrock:us-east-1:123456789012:";
    let cases = [
        CLAUDE,
        PROFILE,
        "amazon.nova-lite-v1:0:300k",
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "global.anthropic.claude-sonnet-4-20250514-v1:0",
        "deepseek.v3.2",
        "my-model_1",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
        "arn:aws-cn:bedrock:cn-north-1::foundation-model/amazon.nova-pro-v1:0",
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/My-Endpoint",
        &format!("{account}custom-model/amazon.titan-text:1/abcdef123456"),
        &format!("{account}imported-model/abcdef123456"),
        &format!("{account}provisioned-model/abcdef123456"),
        &format!("{account}custom-model-deployment/abcdef123456"),
        &format!("{account}inference-profile/us.amazon.nova-pro-v1:0"),
        &format!("{account}prompt/PROMPT1234:3"),
        &format!("{account}prompt-router/abc"),
        &format!("{account}default-prompt-router/anthropic.claude:1"),
        &"m".repeat(2048),
    ];
    for id in cases {
        assert_eq!(ModelId::new(id).map(|model| model.to_string()), Ok(id.to_owned()));
    }
}

#[test]
fn refuses_other_model_ids() {
    let account = "arn:aws:bedrock:us-east-1:123456789012:";
    let cases = [
        "",
        ".",
        "..",
        ".m",
        "-m",
        "a/b",
        "a%3Ab",
        "a b",
        "a\tb",
        "a\0",
        "a\n",
        "\u{fc}",
        "a\\b",
        "a,b",
        "a*",
        "arn:",
        "arn:aws:bedrock",
        "arn:aws:bedrock:us-east-1:123456789012:prompt",
        "arn:aws:bedrock:us-east-1:123456789012:foundation-model/amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1::imported-model/abcdef123456",
        "arn:aws:bedrock:us-east-1:12345678901:prompt/PROMPT1234",
        "arn:aws:bedrock::123456789012:prompt/PROMPT1234",
        "arn:aws:bedrock:us_east:123456789012:prompt/PROMPT1234",
        "arn:awsx:bedrock:us-east-1:123456789012:prompt/PROMPT1234",
        "arn:aws-:bedrock:us-east-1:123456789012:prompt/PROMPT1234",
        "ARN:aws:bedrock:us-east-1:123456789012:prompt/PROMPT1234",
        "arn:aws:lambda:us-east-1:123456789012:prompt/PROMPT1234",
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/a/b",
        "arn:aws:sagemaker:us-east-1:123456789012:prompt/PROMPT1234",
        &format!("{account}agent/abc"),
        &format!("{account}prompt/a/b"),
        &format!("{account}prompt/.."),
        &format!("{account}prompt/"),
        &format!("{account}custom-model/a.b"),
        &format!("{account}custom-model/a.b/.."),
        &format!("{account}custom-model/../abcdef123456"),
        &format!("{account}custom-model/a.b/c/d"),
        &"m".repeat(2049),
    ];
    for id in cases {
        assert_eq!(ModelId::new(id), Err(TargetError::ModelId), "{id}");
    }
    assert_eq!(ModelId::decode(&"%41".repeat(2048)).unwrap().as_str().len(), 2048);
    assert_eq!(ModelId::decode(&"%41".repeat(2049)), Err(TargetError::ModelId));
}

#[test]
fn reads_sagemaker_targets() {
    use sagemaker::Operation::{InvokeEndpoint, InvokeEndpointAsync, InvokeEndpointWithResponseStream};
    check("/endpoints/my-ep/invocations", InvokeEndpoint);
    check(
        "/endpoints/my-ep/invocations-response-stream",
        InvokeEndpointWithResponseStream,
    );
    check("/endpoints/my-ep/async-invocations", InvokeEndpointAsync);
    let longest = "e".repeat(63);
    assert!(sagemaker::Target::parse("POST", &format!("/endpoints/{longest}/invocations")).is_ok());
    for name in [
        "-e",
        "e-",
        "e_f",
        "e.f",
        "e%2Df",
        "..%2Ff",
        "\u{fc}",
        &format!("{longest}e"),
    ] {
        let path = format!("/endpoints/{name}/invocations");
        assert_eq!(
            sagemaker::Target::parse("POST", &path),
            Err(TargetError::ResourceName),
            "{name}"
        );
    }
    for path in [
        "/endpoints/a/b/invocations",
        "/endpoints/invocations",
        "/endpoints/a/Invocations",
        "/e/a/invocations",
    ] {
        assert_eq!(
            sagemaker::Target::parse("POST", path),
            Err(TargetError::UnknownOperation),
            "{path}"
        );
    }
    for path in [
        "/endpoints//invocations",
        "/endpoints/../invocations",
        "/endpoints/a/invocations/",
        "endpoints",
    ] {
        assert_eq!(
            sagemaker::Target::parse("POST", path),
            Err(TargetError::NotCanonical),
            "{path}"
        );
    }
    assert_eq!(
        sagemaker::Target::parse("GET", "/endpoints/a/invocations"),
        Err(TargetError::WrongMethod)
    );

    fn check(path: &str, operation: sagemaker::Operation) {
        let target = sagemaker::Target::parse("POST", path).unwrap();
        assert_eq!(target.operation, operation);
        assert_eq!(target.endpoint.as_str(), "my-ep");
        assert_eq!(target.canonical_path(), path);
        assert_eq!(operation.is_streaming(), path.ends_with("stream"));
    }
}

/// AWS SDKs send the canonical path already; the ids that no model can have are refused.
#[test]
fn agrees_with_captured_paths() {
    let mut seen = 0;
    for capture in Capture::all() {
        let path = str::from_utf8(&capture.path).unwrap();
        if !path.starts_with("/model/") {
            continue;
        }
        seen += 1;
        let target = Target::parse(&capture.method, path);
        if capture.name.starts_with("boto3-weird") {
            assert_eq!(target, Err(TargetError::ModelId), "{}", capture.name);
            continue;
        }
        let target = target.unwrap();
        assert_eq!(
            target.canonical_path(),
            path.replace("v1:0", "v1%3A0").replace(
                "arn:aws:bedrock:us-east-1:123456789012:",
                "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3A"
            ),
            "{}",
            capture.name
        );
        let streams = path.ends_with("stream");
        assert_eq!(target.operation().is_streaming(), streams);
    }
    assert_eq!(seen, 51);
}

#[test]
fn names_operations_as_iam_does() {
    for operation in Operation::ALL {
        assert_eq!(operation.name(), format!("{operation:?}"));
    }
    for operation in sagemaker::Operation::ALL {
        assert_eq!(operation.name(), format!("{operation:?}"));
    }
}

fn model_id() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9]{1,8}[.][a-z0-9-]{1,12}(:[0-9]{1,2}){0,2}"
            .prop_filter("an ARN", |id| !id.starts_with("arn:")),
        "arn:aws(-cn)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:(inference-profile|prompt|prompt-router)/[a-zA-Z0-9][a-zA-Z0-9.:-]{0,9}",
        "arn:aws:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:custom-model/[a-z]{1,5}[.][a-z]{1,5}/[a-z0-9]{12}",
        "arn:aws:bedrock:[a-z0-9-]{1,20}::foundation-model/[a-z]{1,5}[.][a-z]{1,5}",
    ]
}

proptest! {
    #[test]
    fn reads_its_own_paths_back(id in model_id(), index in 0_usize..6, encode in prop::collection::vec(any::<bool>(), 80)) {
        let model = ModelId::new(&id).unwrap();
        let target = Target::of_model(Operation::ALL[index], model).unwrap();
        let method = target.operation().method();
        let canonical = target.canonical_path();
        prop_assert_eq!(&Target::parse(method, &canonical).unwrap(), &target);

        // Any mixture of the two spellings is the same target.
        let spell = |(c, encode): (char, &bool)| if *encode { format!("%{:02x}", u32::from(c)) } else { c.to_string() };
        let spelled: String = id.chars().zip(encode.iter().cycle()).map(spell).collect();
        let (_, suffix) = canonical.rsplit_once('/').unwrap();
        prop_assert_eq!(&Target::parse(method, &format!("/model/{spelled}/{suffix}")).unwrap(), &target);
    }

    #[test]
    fn survives_any_path(text in ".{0,80}", id in "[ -~]{0,40}", get in any::<bool>()) {
        let method = if get { "GET" } else { "POST" };
        for path in [text.clone(), format!("/{text}"), format!("/model/{text}/invoke"), format!("/model/{id}/converse"),
            format!("/guardrail/{id}/version/1/apply"), format!("/async-invoke/{id}"), format!("/endpoints/{id}/invocations")] {
            if let Ok(target) = Target::parse(method, &path) {
                prop_assert_eq!(&Target::parse(method, &target.canonical_path()).unwrap(), &target);
                let decoded = target.model().map_or("m", ModelId::as_str);
                prop_assert!(decoded.bytes().all(|b| b.is_ascii_graphic() && !b"%\\?#;".contains(&b)));
            }
            if let Ok(target) = sagemaker::Target::parse(method, &path) {
                prop_assert_eq!(target.canonical_path(), path);
            }
        }
    }
}
