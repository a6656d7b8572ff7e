//! How long ago the store that the registry in force was read from has answered, and how long that may be.

use crate::refusal::Refusal;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Since when a store has not answered. One is asked by one task; everybody may look.
#[derive(Debug)]
pub struct Freshness {
    began: Instant,
    /// When it answered last, in milliseconds since it began.
    answered_ms: AtomicU64,
    is_lost: AtomicBool,
}

impl Freshness {
    /// It has answered just now.
    #[must_use]
    pub fn begin() -> Self {
        told(true);
        Self {
            began: Instant::now(),
            answered_ms: AtomicU64::new(0),
            is_lost: AtomicBool::new(false),
        }
    }

    /// It has answered. Returns how long it had not, if it had not.
    pub fn answered(&self) -> Option<Duration> {
        let now = Instant::now();
        let age = self.age(now);
        let now_ms = u64::try_from(now.duration_since(self.began).as_millis()).unwrap_or(u64::MAX);
        self.answered_ms.store(now_ms, Ordering::Release);
        told(true);
        self.is_lost.swap(false, Ordering::AcqRel).then_some(age)
    }

    /// It does not answer. Returns how long ago it did, if it is the first time since.
    pub fn lost(&self) -> Option<Duration> {
        told(false);
        let is_new = !self.is_lost.swap(true, Ordering::AcqRel);
        is_new.then(|| self.age(Instant::now()))
    }

    /// How old what was read from it is at a time, in seconds, if it does not answer; none where there is no store that could fail to (`max`).
    ///
    /// # Errors
    /// [`Refusal::Outdated`] when it is older than it may be.
    pub fn check(&self, now: Instant, max: Option<Duration>) -> Result<Option<u64>, Refusal> {
        let Some(max) = max else { return Ok(None) };
        let age = self.age(now);
        match age > max {
            true => Err(Refusal::Outdated),
            false => Ok(self.is_lost.load(Ordering::Acquire).then_some(age.as_secs())),
        }
    }

    fn age(&self, now: Instant) -> Duration {
        let answered = Duration::from_millis(self.answered_ms.load(Ordering::Acquire));
        now.saturating_duration_since(self.began).saturating_sub(answered)
    }
}

fn told(answers: bool) {
    metrics::gauge!("palisade_registry_reachable").set(if answers { 1.0 } else { 0.0 });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_good_for_its_time_whether_the_store_is_known_to_be_lost_or_not() {
        let freshness = Freshness::begin();
        let later = |s| freshness.began + Duration::from_secs(s);
        let max = Some(Duration::from_secs(10));
        assert!(matches!(freshness.check(later(9), max), Ok(None)));
        assert!(matches!(freshness.check(later(11), max), Err(Refusal::Outdated)));
        assert!(matches!(freshness.check(later(11), None), Ok(None)));
        assert!(freshness.lost().is_some() && freshness.lost().is_none());
        assert!(matches!(freshness.check(later(9), max), Ok(Some(8..=9))));
        assert!(matches!(freshness.check(later(11), max), Err(Refusal::Outdated)));
        assert!(freshness.answered().is_some() && freshness.answered().is_none());
        assert!(matches!(freshness.check(later(9), max), Ok(None)));
    }
}
