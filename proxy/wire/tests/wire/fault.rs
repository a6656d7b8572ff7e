//! The error contract, as SDKs read it.

use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::Decoder;
use palisade_wire::fault::{Fault, Rendered};
use palisade_wire::protocol::Protocol;
use serde_json::{Value, json};

const THROTTLED: Fault = Fault::Throttling { retry_after_ms: 1500 };
const ALL: [Fault; 14] = [
    Fault::AccessDenied,
    Fault::Validation,
    Fault::UnrecognizedClient,
    Fault::InvalidSignature,
    Fault::IncompleteSignature,
    Fault::MissingAuthenticationToken,
    Fault::ExpiredToken,
    Fault::ResourceNotFound,
    THROTTLED,
    Fault::ServiceQuotaExceeded,
    Fault::ModelTimeout,
    Fault::ModelError,
    Fault::ServiceUnavailable,
    Fault::InternalServer,
];
const PROTOCOLS: [Protocol; 4] = [
    Protocol::BedrockRuntime,
    Protocol::SageMakerRuntime,
    Protocol::OpenAi,
    Protocol::AnthropicMessages,
];

fn header<'a>(rendered: &'a Rendered, name: &str) -> Option<&'a str> {
    let mut found = rendered.headers.iter().filter(|(header, _)| *header == name);
    let value = found.next().map(|(_, value)| value.as_ref());
    assert!(found.next().is_none(), "{name} is there once");
    value
}

#[test]
fn renders_a_denial_in_every_protocol() {
    check(
        Protocol::BedrockRuntime,
        Some("AccessDeniedException"),
        &json!({ "message": "no \"x\"" }),
    );
    check(
        Protocol::SageMakerRuntime,
        Some("AccessDeniedException"),
        &json!({ "Message": "no \"x\"" }),
    );
    check(
        Protocol::OpenAi,
        None,
        &json!({ "error": {
            "message": "no \"x\"", "type": "invalid_request_error", "param": null, "code": "policy_denied"
        } }),
    );
    check(
        Protocol::AnthropicMessages,
        None,
        &json!({
            "type": "error",
            "error": { "type": "permission_error", "message": "no \"x\"" },
            "request_id": "r-1"
        }),
    );

    fn check(protocol: Protocol, errortype: Option<&str>, body: &Value) {
        let rendered = Fault::AccessDenied.render(protocol, "no \"x\"", "r-1");
        assert_eq!(rendered.status, 403);
        assert_eq!(serde_json::from_slice::<Value>(&rendered.body).unwrap(), *body);
        assert_eq!(header(&rendered, "content-type"), Some("application/json"));
        assert_eq!(header(&rendered, "x-amzn-errortype"), errortype);
        assert_eq!(header(&rendered, "x-amzn-requestid"), Some("r-1"));
        assert_eq!(header(&rendered, "x-should-retry"), Some("false"));
        assert_eq!(header(&rendered, "retry-after"), None);
    }
}

#[test]
fn has_the_status_and_name_of_aws() {
    check(Fault::AccessDenied, 403, "AccessDeniedException");
    check(Fault::Validation, 400, "ValidationException");
    check(Fault::UnrecognizedClient, 403, "UnrecognizedClientException");
    check(Fault::InvalidSignature, 403, "InvalidSignatureException");
    check(Fault::IncompleteSignature, 403, "IncompleteSignatureException");
    check(
        Fault::MissingAuthenticationToken,
        403,
        "MissingAuthenticationTokenException",
    );
    check(Fault::ExpiredToken, 403, "ExpiredTokenException");
    check(Fault::ResourceNotFound, 404, "ResourceNotFoundException");
    check(THROTTLED, 429, "ThrottlingException");
    check(Fault::ServiceQuotaExceeded, 400, "ServiceQuotaExceededException");
    check(Fault::ModelTimeout, 408, "ModelTimeoutException");
    check(Fault::ModelError, 424, "ModelErrorException");
    check(Fault::ServiceUnavailable, 503, "ServiceUnavailableException");
    check(Fault::InternalServer, 500, "InternalServerException");

    fn check(fault: Fault, status: u16, name: &str) {
        let rendered = fault.render(Protocol::BedrockRuntime, "m", "r");
        assert_eq!(rendered.status, status);
        assert_eq!(fault.status(), status);
        assert_eq!(header(&rendered, "x-amzn-errortype"), Some(name));
        assert_eq!(fault.aws_name(), name);
    }
}

#[test]
fn has_the_names_that_sagemaker_models() {
    check(Fault::Validation, 400, "ValidationError");
    check(Fault::ModelError, 424, "ModelError");
    check(Fault::ModelTimeout, 424, "ModelError");
    check(Fault::ServiceUnavailable, 503, "ServiceUnavailable");
    check(Fault::InternalServer, 500, "InternalFailure");
    check(THROTTLED, 429, "ThrottlingException");

    fn check(fault: Fault, status: u16, name: &str) {
        let rendered = fault.render(Protocol::SageMakerRuntime, "m", "r");
        assert_eq!(
            (rendered.status, header(&rendered, "x-amzn-errortype")),
            (status, Some(name))
        );
    }
}

#[test]
fn answers_bad_credentials_with_401_outside_aws() {
    for fault in [
        Fault::UnrecognizedClient,
        Fault::ExpiredToken,
        Fault::InvalidSignature,
    ] {
        let status = PROTOCOLS.map(|protocol| fault.render(protocol, "m", "r").status);
        assert_eq!(status, [403, 403, 401, 401]);
    }
    let anthropic = Fault::ExpiredToken.render(Protocol::AnthropicMessages, "m", "r");
    assert_eq!(header(&anthropic, "request-id"), Some("r"));
    let openai = Fault::ExpiredToken.render(Protocol::OpenAi, "m", "r");
    assert_eq!(header(&openai, "x-request-id"), Some("r"));
}

#[test]
fn tells_every_sdk_when_to_come_back() {
    for protocol in PROTOCOLS {
        let rendered = THROTTLED.render(protocol, "m", "r");
        assert_eq!(header(&rendered, "retry-after"), Some("2"));
        assert_eq!(header(&rendered, "retry-after-ms"), Some("1500"));
        assert_eq!(header(&rendered, "x-amz-retry-after"), Some("1500"));
        assert_eq!(header(&rendered, "x-should-retry"), None);
    }
    let soon = Fault::Throttling { retry_after_ms: 0 }.render(Protocol::BedrockRuntime, "m", "r");
    assert_eq!(header(&soon, "retry-after"), Some("1"));
    let late = Fault::Throttling {
        retry_after_ms: u64::MAX,
    }
    .render(Protocol::BedrockRuntime, "m", "r");
    assert_eq!(header(&late, "retry-after"), Some("18446744073709552"));
}

/// 408, 429 and 5xx are retried by one SDK or another, whatever their body says.
#[test]
fn never_lets_a_final_fault_be_retried() {
    for (fault, protocol) in ALL
        .iter()
        .flat_map(|fault| PROTOCOLS.map(|protocol| (fault, protocol)))
    {
        let rendered = fault.render(protocol, "m", "r");
        let retried = matches!(rendered.status, 408 | 429 | 500..);
        let says_no = header(&rendered, "x-should-retry") == Some("false");
        assert!(!retried || fault.is_retryable(), "{fault:?}");
        assert_eq!(says_no, !fault.is_retryable(), "{fault:?}");
    }
}

#[test]
fn ends_streams_with_modelled_exceptions() {
    let modelled = [
        "internalServerException",
        "modelStreamErrorException",
        "validationException",
        "throttlingException",
        "serviceUnavailableException",
    ];
    for fault in ALL {
        let (kind, body) = frame(fault, Protocol::BedrockRuntime);
        assert_eq!(kind, fault.stream_name());
        assert!(modelled.contains(&kind.as_str()), "{kind}");
        assert_eq!(body, json!({ "message": "stop \"here\"\n" }));
        assert_eq!(frame(fault, Protocol::SageMakerRuntime).0, "ModelStreamError");
    }
    assert_eq!(Fault::AccessDenied.stream_name(), "validationException");
    assert_eq!(THROTTLED.stream_name(), "throttlingException");
    let (_, body) = frame(Fault::AccessDenied, Protocol::SageMakerRuntime);
    assert_eq!(
        body,
        json!({ "Message": "stop \"here\"\n", "ErrorCode": "AccessDeniedException" })
    );

    fn frame(fault: Fault, protocol: Protocol) -> (String, Value) {
        let mut out = BytesMut::new();
        fault
            .exception_frame(protocol, "stop \"here\"\n", "r", &mut out)
            .unwrap();
        let mut decoder = Decoder::new();
        decoder.push(Bytes::from(out));
        let frame = decoder.next_frame().unwrap().unwrap();
        decoder.finish().unwrap();
        assert_eq!(frame.message_type(), Some("exception"));
        let body = serde_json::from_slice(frame.payload_bytes()).unwrap();
        (frame.exception_type().unwrap().to_owned(), body)
    }
}

#[test]
fn ends_text_streams_with_an_error_event() {
    check(Protocol::OpenAi, "data: ", "policy_denied");
    check(
        Protocol::AnthropicMessages,
        "event: error\ndata: ",
        "permission_error",
    );

    fn check(protocol: Protocol, start: &str, holds: &str) {
        let mut out = BytesMut::from(&b"before\n\n"[..]);
        Fault::AccessDenied
            .exception_frame(protocol, "a\n\nb", "r", &mut out)
            .unwrap();
        let event = str::from_utf8(&out[8..]).unwrap();
        let data = event.strip_prefix(start).unwrap().strip_suffix("\n\n").unwrap();
        assert!(!data.contains('\n'), "the message cannot end the event");
        let body: Value = serde_json::from_str(data).unwrap();
        assert_eq!(body["error"]["message"], "a\n\nb");
        assert!(data.contains(holds));
    }
}

#[test]
fn tells_the_protocol_by_the_path() {
    check("/model/m/converse", Protocol::BedrockRuntime);
    check("/guardrail/g/version/1/apply", Protocol::BedrockRuntime);
    check("/endpoints/e/invocations", Protocol::SageMakerRuntime);
    check("/openai/v1/chat/completions", Protocol::OpenAi);
    check("/v1/chat/completions", Protocol::OpenAi);
    check("/v1/responses", Protocol::OpenAi);
    check("/anthropic/v1/messages", Protocol::AnthropicMessages);
    check("/v1/messages", Protocol::AnthropicMessages);
    check("/v1/messages/count_tokens", Protocol::AnthropicMessages);
    check("/v1/messages2", Protocol::OpenAi);
    check("/v12", Protocol::BedrockRuntime);
    check("/endpoints2/e", Protocol::BedrockRuntime);
    check("", Protocol::BedrockRuntime);

    fn check(path: &str, want: Protocol) {
        assert_eq!(Protocol::of_path(path), want, "{path}");
    }
}
