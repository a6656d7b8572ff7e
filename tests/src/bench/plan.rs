//! What is measured, as data: the arms, the workloads, and how long a run takes.

use std::time::Duration;

/// A process under measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// No proxy: the load goes to the upstream itself. The floor of every latency; its CPU is not measured.
    Direct,
    /// `ProxyHttp` with one upstream and nothing else.
    PassThrough,
    /// `palisade serve`, every control on, `audit.mode = "relaxed"`.
    Relaxed,
    /// The same with `audit.mode = "strict"`: each decision is synced to disk before its request leaves.
    Strict,
    /// As relaxed, and personal data goes as tokens.
    Tokens,
}

/// How requests prove who sends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A signature over head and body.
    SigV4,
    /// A bearer token.
    Token,
}

/// A process and the kind of request it gets.
#[derive(Debug, PartialEq, Eq)]
pub struct Arm {
    /// The name in tables.
    pub name: &'static str,
    /// Which process.
    pub subject: Subject,
    /// Which credential.
    pub proof: Proof,
}

/// The floor.
pub const DIRECT: Arm = Arm {
    name: "no proxy",
    subject: Subject::Direct,
    proof: Proof::SigV4,
};
/// What everything is compared with.
pub const PASS_THROUGH: Arm = Arm {
    name: "pass-through",
    subject: Subject::PassThrough,
    proof: Proof::SigV4,
};
/// Palisade, everything on but the sync.
pub const RELAXED: Arm = Arm {
    name: "Palisade, relaxed",
    subject: Subject::Relaxed,
    proof: Proof::SigV4,
};
/// The same, called with a token.
pub const TOKEN: Arm = Arm {
    name: "Palisade, relaxed, token",
    subject: Subject::Relaxed,
    proof: Proof::Token,
};
/// Palisade, everything on.
pub const STRICT: Arm = Arm {
    name: "Palisade, strict",
    subject: Subject::Strict,
    proof: Proof::SigV4,
};

/// Palisade with tokens in the place of personal data: what costs most.
pub const TOKENS: Arm = Arm {
    name: "Palisade, relaxed, with tokens",
    subject: Subject::Tokens,
    proof: Proof::SigV4,
};

/// What answers behind the arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandIn {
    /// `palisade-simulator`, which verifies signatures. Nothing is recorded.
    Simulator,
    /// [`crate::bench::stamps`]: paced frames that carry the time they were sent at.
    Stamps,
}

/// What a prompt is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Prose of so many bytes without anything to find.
    Clean(usize),
    /// Prose of so many bytes with one e-mail address in every 1,024.
    Addresses(usize),
    /// Clean prose whose echo by the simulator makes [`STREAM_FRAMES`] frames.
    EchoedInFrames,
}

/// An operation that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Converse of Bedrock.
    Converse,
    /// ConverseStream of Bedrock.
    ConverseStream,
    /// InvokeEndpoint of SageMaker, on an endpoint that speaks OpenAI Chat Completions.
    InvokeEndpoint,
}

impl Operation {
    /// The path.
    #[must_use]
    pub fn path(self) -> String {
        let model = MODEL.replace(':', "%3A");
        match self {
            Self::Converse => format!("/model/{model}/converse"),
            Self::ConverseStream => format!("/model/{model}/converse-stream"),
            Self::InvokeEndpoint => format!("/endpoints/{ENDPOINT}/invocations"),
        }
    }

    /// The service that requests are signed for.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Converse | Self::ConverseStream => "bedrock",
            Self::InvokeEndpoint => "sagemaker",
        }
    }

    /// Whether the answer is a stream.
    #[must_use]
    pub fn streams(self) -> bool {
        self == Self::ConverseStream
    }
}

/// One kind of exchange.
#[derive(Debug)]
pub struct Workload {
    /// The name in tables.
    pub name: &'static str,
    /// What is sent.
    pub prompt: Prompt,
    /// What is asked for.
    pub operation: Operation,
    /// What answers.
    pub upstream: StandIn,
    /// Who is measured, in order.
    pub arms: &'static [Arm],
    /// Connections of the closed loop.
    pub connections: usize,
    /// Requests a second of the open loop, below saturation of every arm; none for no open loop.
    pub rate: Option<u32>,
    /// Whether CPU a request is meaningful: paced streams use too few ticks.
    pub measures_cpu: bool,
    /// Aim for CPU a request of [`RELAXED`], as a multiple of [`PASS_THROUGH`].
    pub cpu_ratio_aim: Option<f64>,
}

/// Frames of one stream: its start, the deltas, the end of the block, of the message, and the metadata.
pub const STREAM_FRAMES: usize = 60;
/// Frames of a stream that carry text.
pub const DELTA_FRAMES: usize = STREAM_FRAMES - 4;
/// Between two frames of a paced stream.
pub const PACE: Duration = Duration::from_millis(5);
/// Model that everything is asked of.
pub const MODEL: &str = "amazon.nova-lite-v1:0";
/// Endpoint that is invoked.
pub const ENDPOINT: &str = "bench";
/// Aim for what Palisade adds to the time to the first frame, over the audit sync.
pub const FIRST_FRAME_AIM_MS: f64 = 1.0;

const EVERY_PROOF: &[Arm] = &[DIRECT, PASS_THROUGH, RELAXED, TOKEN, STRICT];
const SIGNED: &[Arm] = &[DIRECT, PASS_THROUGH, RELAXED, STRICT];
const UNSYNCED: &[Arm] = &[DIRECT, PASS_THROUGH, RELAXED];

/// Every workload, in the order of a round.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        name: "Converse, 1 KiB",
        prompt: Prompt::Clean(1024),
        operation: Operation::Converse,
        upstream: StandIn::Simulator,
        arms: EVERY_PROOF,
        connections: 16,
        rate: Some(500),
        measures_cpu: true,
        cpu_ratio_aim: Some(2.0),
    },
    Workload {
        name: "Converse, 32 KiB",
        prompt: Prompt::Clean(32 * 1024),
        operation: Operation::Converse,
        upstream: StandIn::Simulator,
        arms: SIGNED,
        connections: 16,
        rate: Some(200),
        measures_cpu: true,
        cpu_ratio_aim: None,
    },
    Workload {
        name: "Converse, 32 KiB with 32 e-mail addresses",
        prompt: Prompt::Addresses(32 * 1024),
        operation: Operation::Converse,
        upstream: StandIn::Simulator,
        arms: SIGNED,
        connections: 16,
        rate: Some(200),
        measures_cpu: true,
        cpu_ratio_aim: None,
    },
    Workload {
        name: "InvokeEndpoint, 1 KiB",
        prompt: Prompt::Clean(1024),
        operation: Operation::InvokeEndpoint,
        upstream: StandIn::Simulator,
        arms: UNSYNCED,
        connections: 16,
        rate: Some(500),
        measures_cpu: true,
        cpu_ratio_aim: None,
    },
    Workload {
        name: "ConverseStream, 60 frames at once",
        prompt: Prompt::EchoedInFrames,
        operation: Operation::ConverseStream,
        upstream: StandIn::Simulator,
        arms: SIGNED,
        connections: 16,
        rate: Some(100),
        measures_cpu: true,
        cpu_ratio_aim: Some(1.5),
    },
    Workload {
        name: "ConverseStream, 60 frames, 5 ms apart",
        prompt: Prompt::Clean(1024),
        operation: Operation::ConverseStream,
        upstream: StandIn::Stamps,
        arms: UNSYNCED,
        connections: 4,
        rate: None,
        measures_cpu: false,
        cpu_ratio_aim: None,
    },
];

/// How long a run takes.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Rounds that count; one more goes before them to warm up.
    pub rounds: usize,
    /// Length of a closed loop.
    pub closed: Duration,
    /// Length of an open loop.
    pub open: Duration,
    /// Divides the rate of open loops.
    pub rate_divisor: u32,
}

impl Plan {
    /// The run whose numbers count: about ten minutes.
    #[must_use]
    pub fn full() -> Self {
        Self {
            rounds: 7,
            closed: Duration::from_millis(2000),
            open: Duration::from_millis(2000),
            rate_divisor: 1,
        }
    }

    /// Seconds long: shows that everything works, in debug builds too. Its numbers mean nothing.
    #[must_use]
    pub fn smoke() -> Self {
        Self {
            rounds: 1,
            closed: Duration::from_millis(250),
            open: Duration::from_millis(250),
            rate_divisor: 10,
        }
    }
}
