//! What a request asks for, read from its method and path alone.

use std::borrow::Cow;

use http::Method;

/// Largest Bedrock body. Source: the `InvokeModel` API reference, `body`, 25,000,000 bytes.
const BEDROCK_BODY_BYTES_MAX: usize = 25_000_000;
/// Largest `SageMaker` body. Source: the `InvokeEndpoint` API reference, `Body`, 6,291,456 bytes.
const SAGEMAKER_BODY_BYTES_MAX: usize = 6_291_456;

/// A call of the two runtimes. `target` is the model id or the endpoint name, decoded once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) target: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Converse,
    ConverseStream,
    Invoke,
    InvokeStream,
    CountTokens,
    ApplyGuardrail,
    GuardrailChecks,
    Retrieve,
    Rerank,
    StartAsync,
    GetAsync,
    ListAsync,
    RetrieveAndGenerate,
    RetrieveAndGenerateStream,
    Endpoint,
    EndpointStream,
}

/// Path suffixes by folder. Source: the Bedrock Runtime and `SageMaker` Runtime API references.
const ROUTES: [(&str, &str, Operation); 10] = [
    ("/model/", "/converse", Operation::Converse),
    ("/model/", "/converse-stream", Operation::ConverseStream),
    ("/model/", "/invoke", Operation::Invoke),
    ("/model/", "/invoke-with-response-stream", Operation::InvokeStream),
    ("/model/", "/count-tokens", Operation::CountTokens),
    ("/guardrail/", "/apply", Operation::ApplyGuardrail),
    ("/guardrail-", "/invoke", Operation::GuardrailChecks),
    ("/knowledgebases/", "/retrieve", Operation::Retrieve),
    ("/endpoints/", "/invocations", Operation::Endpoint),
    (
        "/endpoints/",
        "/invocations-response-stream",
        Operation::EndpointStream,
    ),
];

/// Paths of operations whose bodies say all. Source: the API references of Bedrock Runtime and Bedrock Agent Runtime.
const OF_BODY: [(&str, Operation); 4] = [
    ("/async-invoke", Operation::StartAsync),
    ("/rerank", Operation::Rerank),
    ("/retrieveAndGenerate", Operation::RetrieveAndGenerate),
    ("/retrieveAndGenerateStream", Operation::RetrieveAndGenerateStream),
];

impl Call {
    /// `None` when no operation answers to this method and path. A slash inside a model id may be bare, as in a
    /// hand-written ARN.
    pub(crate) fn parse(method: &Method, path: &str) -> Option<Self> {
        if method == Method::GET {
            return Self::about_async(path);
        }
        if method != Method::POST {
            return None;
        }
        let of_body = OF_BODY.iter().find(|(known, _)| *known == path);
        if let Some((_, operation)) = of_body {
            return Some(Self {
                operation: *operation,
                target: String::new(),
            });
        }
        ROUTES.iter().find_map(|(folder, suffix, operation)| {
            let target = path.strip_prefix(folder)?.strip_suffix(suffix)?;
            let target = percent_decode(target)?.into_owned();
            (!target.is_empty()).then_some(Self {
                operation: *operation,
                target,
            })
        })
    }

    /// A question about calls in the background.
    fn about_async(path: &str) -> Option<Self> {
        let (operation, target) = match path.strip_prefix("/async-invoke")? {
            "" => (Operation::ListAsync, String::new()),
            rest => (
                Operation::GetAsync,
                percent_decode(rest.strip_prefix('/')?)?.into_owned(),
            ),
        };
        Some(Self { operation, target })
    }
}

impl Operation {
    pub(crate) fn is_stream(self) -> bool {
        matches!(
            self,
            Self::ConverseStream
                | Self::InvokeStream
                | Self::RetrieveAndGenerateStream
                | Self::EndpointStream
        )
    }

    pub(crate) fn is_sagemaker(self) -> bool {
        matches!(self, Self::Endpoint | Self::EndpointStream)
    }

    /// The name in the credential scope of a signature.
    pub(crate) fn signing_service(self) -> &'static str {
        if self.is_sagemaker() {
            "sagemaker"
        } else {
            "bedrock"
        }
    }

    pub(crate) fn body_bytes_max(self) -> usize {
        if self.is_sagemaker() {
            SAGEMAKER_BODY_BYTES_MAX
        } else {
            BEDROCK_BODY_BYTES_MAX
        }
    }
}

/// `None` for a broken escape or bytes that are not UTF-8.
fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<(Operation, &str)>) {
        let call = Call::parse(&Method::POST, path);
        let expected = expected.map(|(operation, target)| Call {
            operation,
            target: target.to_owned(),
        });
        assert_eq!(call, expected, "{path}");
    }

    #[test]
    fn reads_every_operation_and_spelling() {
        check(
            "/model/a.b-v1%3A0/converse",
            Some((Operation::Converse, "a.b-v1:0")),
        );
        check(
            "/model/a.b-v1:0/converse-stream",
            Some((Operation::ConverseStream, "a.b-v1:0")),
        );
        check(
            "/model/arn:aws:x:profile%2Fabc/invoke",
            Some((Operation::Invoke, "arn:aws:x:profile/abc")),
        );
        check(
            "/model/arn:aws:x:profile/abc/invoke",
            Some((Operation::Invoke, "arn:aws:x:profile/abc")),
        );
        check(
            "/model/m/invoke-with-response-stream",
            Some((Operation::InvokeStream, "m")),
        );
        check("/model/m/count-tokens", Some((Operation::CountTokens, "m")));
        check("/endpoints/e/invocations", Some((Operation::Endpoint, "e")));
        check(
            "/endpoints/e/invocations-response-stream",
            Some((Operation::EndpointStream, "e")),
        );
    }

    #[test]
    fn refuses_what_is_no_operation() {
        for path in [
            "/",
            "/model/m",
            "/model//converse",
            "/model/converse",
            "/model/m/converse/",
            "/model/%zz/invoke",
        ] {
            check(path, None);
        }
        check("/endpoints/e/invoke", None);
        assert_eq!(Call::parse(&Method::GET, "/model/m/converse"), None);
    }
}
