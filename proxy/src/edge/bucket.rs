//! A token bucket: so much at once, then so much a second.

use std::time::Instant;

/// How much is left of an allowance. Its size and speed are the owner's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    /// Below zero when more was taken than there was.
    tokens: f64,
    at: Instant,
}

/// An allowance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// At once.
    pub(crate) burst: f64,
    /// And then.
    pub(crate) per_second: f64,
}

impl Bucket {
    pub(crate) fn full(rate: Rate, now: Instant) -> Self {
        Self {
            tokens: rate.burst,
            at: now,
        }
    }

    /// What there is at `now`.
    pub(crate) fn tokens(&mut self, rate: Rate, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * rate.per_second).min(rate.burst);
        self.at = now;
        self.tokens
    }

    /// Takes some away, whether they are there or not.
    pub(crate) fn take(&mut self, tokens: f64) {
        self.tokens -= tokens;
    }
}
