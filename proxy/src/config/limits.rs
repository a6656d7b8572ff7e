//! What is refused for its size or slowness.

use serde::Deserialize;

/// What is refused for its size or slowness.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest request or whole response body, in bytes. InvokeModel allows 25,000,000 (AWS API reference).
    pub body_bytes_max: usize,
    /// Memory for bodies, and what is made of them, at one time over all exchanges, in bytes.
    pub body_bytes_in_flight_max: usize,
    /// The same for bodies of callers that have not proven who they are, in bytes. A signature covers its body, so that is
    /// read first.
    pub unproven_bytes_max: usize,
    /// Connections at one time.
    pub connections_max: usize,
    /// Milliseconds a client has to send a request head, counted from the connection or the last response.
    pub head_timeout_ms: u64,
    /// Milliseconds a client has to send its whole body.
    pub body_timeout_ms: u64,
    /// Milliseconds a client may leave a write of ours unaccepted.
    pub write_timeout_ms: u64,
    /// Milliseconds to wait at shutdown for running exchanges.
    pub drain_timeout_ms: u64,
    /// What one call, or one whole answer, may be made of.
    pub call: CallLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 25_000_000,
            body_bytes_in_flight_max: 512 * 1024 * 1024,
            unproven_bytes_max: 256 * 1024 * 1024,
            connections_max: 10_000,
            head_timeout_ms: 60_000,
            body_timeout_ms: 60_000,
            write_timeout_ms: 60_000,
            drain_timeout_ms: 30_000,
            call: CallLimits::default(),
        }
    }
}

/// What one call, or one whole answer, may be made of, and the processor time it may take. The number of bytes is
/// [`Limits::body_bytes_max`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallLimits {
    /// Values and keys of the JSON.
    pub nodes_max: usize,
    /// Arrays and objects inside each other; 64 at most.
    pub depth_max: usize,
    /// Texts to scan.
    pub regions_max: usize,
    /// Bytes of all texts once decoded; JSON that stands in a text counts again.
    pub decoded_bytes_max: usize,
    /// Findings, of all categories together.
    pub findings_max: usize,
    /// Milliseconds of processor time to read, scan and rewrite it.
    pub cpu_ms_max: u64,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            nodes_max: 1_000_000,
            depth_max: 64,
            regions_max: 500_000,
            decoded_bytes_max: 50_000_000,
            findings_max: 100_000,
            cpu_ms_max: 10_000,
        }
    }
}
