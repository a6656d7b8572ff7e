//! Typed targets of SageMaker Runtime.

use super::TargetError;
use super::label::segments;

/// The operations of SageMaker Runtime. Source: AWS API reference, "Amazon SageMaker Runtime", actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /endpoints/{EndpointName}/invocations`
    InvokeEndpoint,
    /// `POST /endpoints/{EndpointName}/invocations-response-stream`
    InvokeEndpointWithResponseStream,
    /// `POST /endpoints/{EndpointName}/async-invocations`; its input may lie in S3, out of sight
    InvokeEndpointAsync,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 3] = [
        Self::InvokeEndpoint,
        Self::InvokeEndpointWithResponseStream,
        Self::InvokeEndpointAsync,
    ];

    /// The name in AWS's API and in IAM policies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvokeEndpoint => "InvokeEndpoint",
            Self::InvokeEndpointWithResponseStream => "InvokeEndpointWithResponseStream",
            Self::InvokeEndpointAsync => "InvokeEndpointAsync",
        }
    }

    /// The only HTTP method it has.
    #[must_use]
    pub fn method(self) -> &'static str {
        "POST"
    }

    /// Whether the response is an event stream.
    #[must_use]
    pub fn is_streaming(self) -> bool {
        self == Self::InvokeEndpointWithResponseStream
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::InvokeEndpoint => "invocations",
            Self::InvokeEndpointWithResponseStream => "invocations-response-stream",
            Self::InvokeEndpointAsync => "async-invocations",
        }
    }
}

/// An endpoint name: letters, digits and inner hyphens, at most 63. Needs no encoding in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointName(String);

impl EndpointName {
    /// Accepts a name.
    ///
    /// # Errors
    /// [`TargetError::ResourceName`]. Source: AWS API reference, `InvokeEndpoint`, `EndpointName`: at most 63
    /// characters of the pattern `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`.
    pub fn new(name: &str) -> Result<Self, TargetError> {
        let accepted = (1..=63).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-');
        accepted
            .then(|| Self(name.to_owned()))
            .ok_or(TargetError::ResourceName)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for EndpointName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Headers that choose what runs behind an endpoint, and how a registry calls each: they are a part of what is asked for.
/// Source: AWS API reference, `InvokeEndpoint`, `InvokeEndpointWithResponseStream`.
pub const CHOOSERS: [(&str, &str); 4] = [
    ("x-amzn-sagemaker-inference-component", "component"),
    ("x-amzn-sagemaker-target-variant", "variant"),
    ("x-amzn-sagemaker-target-model", "target_model"),
    ("x-amzn-sagemaker-target-container-hostname", "container"),
];

/// Names the place in S3 where the input of an asynchronous call lies. Source: `InvokeEndpointAsync`.
pub const INPUT_LOCATION: &str = "x-amzn-sagemaker-inputlocation";

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The operation.
    pub operation: Operation,
    /// The endpoint it is invoked on.
    pub endpoint: EndpointName,
}

impl Target {
    /// Reads a method and a raw path, without query and without any mount prefix.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn parse(method: &str, raw_path: &str) -> Result<Self, TargetError> {
        let segments = segments(raw_path)?;
        let ["endpoints", endpoint, last] = segments[..] else {
            return Err(TargetError::UnknownOperation);
        };
        let mut operations = Operation::ALL.into_iter();
        let operation = operations.find(|operation| operation.suffix() == last);
        let operation = operation.ok_or(TargetError::UnknownOperation)?;
        // No character of a name needs encoding, and no client encodes one: `%` is refused with the rest.
        let endpoint = EndpointName::new(endpoint)?;
        if method != operation.method() {
            return Err(TargetError::WrongMethod);
        }
        Ok(Self { operation, endpoint })
    }

    /// The path to send upstream.
    #[must_use]
    pub fn canonical_path(&self) -> String {
        [
            "/endpoints/",
            self.endpoint.as_str(),
            "/",
            self.operation.suffix(),
        ]
        .concat()
    }
}
