//! The closed vocabularies of records: what is no word of them cannot be written, and is not read.

use serde::{Deserialize, Serialize};

/// Defines a vocabulary: an enum, its words in the record, and `name`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$note])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word of the record.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

words! {
    /// What was done with a request.
    Effect {
        /// Sent on as it came.
        Allow = "allow",
        /// Sent on with something taken out.
        AllowModified = "allow_modified",
        /// Not sent on.
        #[default]
        Deny = "deny",
    }
}

words! {
    /// The operation, by its name in AWS's API.
    Action {
        /// None that is served.
        #[default]
        Unknown = "",
        /// Bedrock Runtime.
        Converse = "Converse",
        /// Bedrock Runtime.
        ConverseStream = "ConverseStream",
        /// Bedrock Runtime.
        InvokeModel = "InvokeModel",
        /// Bedrock Runtime.
        InvokeModelWithResponseStream = "InvokeModelWithResponseStream",
        /// Bedrock Runtime: a conversation, or events of one.
        InvokeModelWithBidirectionalStream = "InvokeModelWithBidirectionalStream",
        /// Bedrock Runtime.
        CountTokens = "CountTokens",
        /// Bedrock Runtime.
        ApplyGuardrail = "ApplyGuardrail",
        /// Bedrock Runtime.
        InvokeGuardrailChecks = "InvokeGuardrailChecks",
        /// Bedrock Runtime.
        StartAsyncInvoke = "StartAsyncInvoke",
        /// Bedrock Runtime.
        GetAsyncInvoke = "GetAsyncInvoke",
        /// Bedrock Runtime.
        ListAsyncInvokes = "ListAsyncInvokes",
        /// Bedrock Agent Runtime.
        Retrieve = "Retrieve",
        /// Bedrock Agent Runtime.
        Rerank = "Rerank",
        /// Bedrock Agent Runtime.
        RetrieveAndGenerate = "RetrieveAndGenerate",
        /// Bedrock Agent Runtime.
        RetrieveAndGenerateStream = "RetrieveAndGenerateStream",
        /// SageMaker Runtime.
        InvokeEndpoint = "InvokeEndpoint",
        /// SageMaker Runtime.
        InvokeEndpointAsync = "InvokeEndpointAsync",
        /// SageMaker Runtime.
        InvokeEndpointWithResponseStream = "InvokeEndpointWithResponseStream",
        /// Amazon Bedrock, answered from the registry.
        ListFoundationModels = "ListFoundationModels",
        /// Amazon Bedrock, answered from the registry.
        GetFoundationModel = "GetFoundationModel",
        /// Amazon Bedrock, answered from the registry.
        ListInferenceProfiles = "ListInferenceProfiles",
        /// Amazon Bedrock, answered from the registry.
        GetInferenceProfile = "GetInferenceProfile",
        /// The registry over HTTP.
        ReadEntry = "ReadEntry",
        /// The registry over HTTP.
        PutEntry = "PutEntry",
        /// The registry over HTTP.
        RemoveEntry = "RemoveEntry",
        /// The registry over HTTP.
        IssueKey = "IssueKey",
        /// OpenAI's `GET /v1/models`, answered from the registry.
        ListModels = "ListModels",
    }
}

words! {
    /// How a caller was identified.
    Authentication {
        /// By a signature over the request.
        #[default]
        SigV4 = "sigv4",
        /// By a token of an issuer.
        Jwt = "jwt",
        /// By a key of a tenant, shown as it is.
        ApiKey = "api_key",
        /// By a signature of an application, over a token of the user.
        SignedJwt = "sigv4_jwt",
        /// By a client certificate.
        Certificate = "certificate",
    }
}

words! {
    /// How a finding was treated.
    Treatment {
        /// Passed as it was.
        Raw = "raw",
        /// A token took its place.
        Tokenized = "tokenized",
        /// Its name took its place.
        Redacted = "redacted",
        /// A mask that shows its end took its place.
        Masked = "masked",
        /// It stopped the exchange.
        Block = "block",
        /// The call was denied before policy was asked about it.
        #[default]
        NotAsked = "not_asked",
    }
}

words! {
    /// A kind of content that could not be scanned.
    CoverageGap {
        /// An image.
        Image = "image",
        /// A recording.
        Audio = "audio",
        /// A video.
        Video = "video",
        /// A document such as a PDF.
        Document = "document",
        /// Something that lies elsewhere, such as in S3.
        Reference = "reference",
        /// Something that the provider has encrypted.
        Encrypted = "encrypted",
        /// Bytes that are no text.
        Undecodable = "undecodable",
        /// Something that no dialect knows.
        #[default]
        Unknown = "unknown",
    }
}

words! {
    /// Why a request was treated as it was.
    Reason {
        /// A policy permits it, or a policy forbids it.
        Policy = "policy",
        /// No policy permits it.
        NoPermit = "no_permit",
        /// A policy failed to evaluate, and an error is a denial.
        PolicyError = "policy_error",
        /// Something was found that policy withholds and that cannot be taken out.
        Finding = "finding",
        /// The caller could not be identified.
        Authentication = "authentication",
        /// The request is not well-formed.
        Malformed = "malformed",
        /// The request is over a limit of one call.
        LimitExceeded = "limit_exceeded",
        /// Nothing here is called that.
        Unroutable = "unroutable",
        /// Too much at once.
        Overloaded = "overloaded",
        /// The log could not be written.
        AuditUnavailable = "audit_unavailable",
        /// The store of the registry has not answered for too long.
        RegistryUnreachable = "registry_unreachable",
        /// The caller left before a decision.
        ClientGone = "client_gone",
        /// The gateway stopped before a decision.
        Stopped = "stopped",
        /// A defect of the gateway.
        #[default]
        Internal = "internal",
    }
}

words! {
    /// What came of sending a request once.
    Sent {
        /// The head of an answer arrived, whatever it says.
        Answered = "answered",
        /// The connection had died before it took anything: nobody has read the request.
        NotTaken = "not_taken",
        /// The connection broke before an answer came; the provider may have read the request.
        Broken = "broken",
        /// No answer came in time.
        Timeout = "timeout",
        /// It was given up, because the client left or the gateway stopped.
        #[default]
        GivenUp = "given_up",
    }
}

words! {
    /// How an exchange ended.
    End {
        /// The client has the whole response.
        Completed = "completed",
        /// Other rules came into force, which took the model away.
        Withdrawn = "withdrawn",
        /// Palisade refused the request.
        Refused = "refused",
        /// The client left.
        ClientGone = "client_gone",
        /// The provider failed or broke off.
        UpstreamError = "upstream_error",
        /// The provider was too slow.
        Timeout = "timeout",
        /// Policy cut the response short.
        PolicyCut = "policy_cut",
        /// The gateway stopped first, and told the client.
        Stopped = "stopped",
        /// The process was killed first: how it went on nobody knows.
        UnknownCrash = "unknown_crash",
        /// The exchange was dropped without a word: a defect or a forced stop.
        #[default]
        Abandoned = "abandoned",
    }
}
