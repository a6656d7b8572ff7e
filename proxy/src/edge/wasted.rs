//! Bytes that were read for nothing: bodies of callers that could not prove who they are. A network that wastes many is read
//! from slowly, so that nobody without a secret can spend the gateway's time on copying and hashing.

use super::bucket::{Bucket, Rate};
use super::seats::network;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

/// Networks that are told apart at one time; more share one allowance.
const NETWORKS_MAX: usize = 4_096;

/// A network that has used up its burst has it again after this many seconds without waste.
const SECONDS_TO_FULL: f64 = 16.0;

/// Longest wait before one more piece is read.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// This much of each body is never waited for: most bodies are small, and who shares an address with somebody who wastes
/// should not feel it.
pub(super) const FREE_BYTES: usize = 256 * 1024;

/// What each network may waste.
#[derive(Debug)]
pub(super) struct Wasted {
    rate: Rate,
    /// [`NETWORKS_MAX`] and one for all others at most.
    networks: Mutex<HashMap<IpAddr, Bucket>>,
}

impl Wasted {
    /// Each network may waste `burst` bytes at once.
    pub(super) fn new(burst: usize) -> Self {
        let burst = burst as f64;
        Self {
            rate: Rate {
                burst,
                per_second: burst / SECONDS_TO_FULL,
            },
            networks: Mutex::default(),
        }
    }

    /// Counts bytes that may turn out to be read for nothing. Returns how long to wait before reading more.
    pub(super) fn spend(&self, address: IpAddr, bytes: usize) -> Duration {
        let left = self.change(address, bytes as f64);
        if left >= 0.0 {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(-left / self.rate.per_second).map_or(WAIT_MAX, |wait| wait.min(WAIT_MAX))
    }

    /// Bytes that were counted, and were not read for nothing after all.
    pub(super) fn refund(&self, address: IpAddr, bytes: usize) {
        self.change(address, -(bytes as f64));
    }

    fn change(&self, address: IpAddr, taken: f64) -> f64 {
        let (now, rate) = (Instant::now(), self.rate);
        let mut networks = self.networks.lock();
        let mut key = network(address);
        if networks.len() >= NETWORKS_MAX && !networks.contains_key(&key) {
            networks.retain(|_, bucket| bucket.tokens(rate, now) < rate.burst);
            if networks.len() >= NETWORKS_MAX {
                key = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
            }
        }
        let bucket = networks.entry(key).or_insert_with(|| Bucket::full(rate, now));
        bucket.tokens(rate, now);
        bucket.take(taken);
        bucket.tokens(rate, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn who_wastes_much_is_read_slowly_and_others_are_not() {
        let wasted = Wasted::new(1_000_000);
        assert_eq!(wasted.spend(ip("10.0.0.1"), 900_000), Duration::ZERO);
        let wait = wasted.spend(ip("10.0.0.1"), 131_000);
        assert!(
            wait > Duration::from_millis(300) && wait < Duration::from_millis(500),
            "{wait:?}"
        );
        assert_eq!(wasted.spend(ip("10.0.0.1"), 50_000_000), WAIT_MAX);
        assert_eq!(wasted.spend(ip("10.0.0.2"), 900_000), Duration::ZERO);
    }

    #[test]
    fn who_proves_who_it_is_has_wasted_nothing() {
        let wasted = Wasted::new(1_000_000);
        for _ in 0..100 {
            assert_eq!(wasted.spend(ip("10.0.0.1"), 1_000_000), Duration::ZERO);
            wasted.refund(ip("10.0.0.1"), 1_000_000);
        }
    }

    #[test]
    fn many_networks_share_what_is_left() {
        let wasted = Wasted::new(1_000);
        for number in 0..2 * NETWORKS_MAX as u32 {
            wasted.spend(IpAddr::V4(Ipv4Addr::from_bits(0x0A00_0000 + number)), 1_000);
        }
        assert!(wasted.networks.lock().len() <= NETWORKS_MAX + 1);
        assert_eq!(wasted.spend(ip("11.0.0.1"), 1), WAIT_MAX);
    }
}
