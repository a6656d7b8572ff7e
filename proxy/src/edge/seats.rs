//! Places for connections. When all are taken, a connection on which nobody has been identified gives way: the oldest of
//! whoever has most of them. Connections without a secret cost the next client nothing, and never those that have one.

use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// The places of one listener.
#[derive(Debug)]
pub(super) struct Seats {
    max: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// `max` at most.
    seats: HashMap<u64, Arc<Notify>>,
    next: u64,
    /// Those on which nobody has been identified, each network's oldest first.
    unproven: BTreeSet<(IpAddr, u64)>,
    /// How many of these a network has, and the networks by that number.
    counts: HashMap<IpAddr, usize>,
    ranking: BTreeSet<(usize, IpAddr)>,
}

/// The place of one connection; free again when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    owner: Arc<Seats>,
    id: u64,
    network: IpAddr,
    gives_way: Arc<Notify>,
    /// So that only the first request of a connection locks.
    proven: AtomicBool,
}

impl Seats {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            taken: Mutex::default(),
        }
    }

    /// A place for a connection from `address`. `None` when all are taken by connections of identified callers.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let network = network(address);
        let gives_way = Arc::new(Notify::new());
        let mut taken = self.taken.lock();
        if taken.seats.len() >= self.max {
            taken.evict()?;
        }
        let id = taken.next;
        taken.next += 1;
        taken.seats.insert(id, Arc::clone(&gives_way));
        taken.unproven.insert((network, id));
        taken.count(network, 1);
        Some(Seat {
            owner: Arc::clone(self),
            id,
            network,
            gives_way,
            proven: AtomicBool::new(false),
        })
    }
}

impl Seat {
    /// Somebody was identified on this connection: it no longer gives way.
    pub(super) fn proven(&self) {
        if !self.proven.swap(true, Ordering::Relaxed) {
            self.owner.taken.lock().settle(self.network, self.id);
        }
    }

    /// Resolves when the connection must give way.
    pub(super) async fn gives_way(&self) {
        self.gives_way.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.owner.taken.lock();
        taken.seats.remove(&self.id);
        taken.settle(self.network, self.id);
    }
}

impl Taken {
    fn evict(&mut self) -> Option<()> {
        let (_, greatest) = *self.ranking.last()?;
        let (network, oldest) = *self.unproven.range((greatest, 0)..).next()?;
        self.settle(network, oldest);
        self.seats.remove(&oldest)?.notify_one();
        metrics::counter!("palisade_connections_dropped_total").increment(1);
        Some(())
    }

    /// Takes a connection off the list of those that may have to give way, if it is there.
    fn settle(&mut self, network: IpAddr, id: u64) {
        if self.unproven.remove(&(network, id)) {
            self.count(network, -1);
        }
    }

    fn count(&mut self, network: IpAddr, more: isize) {
        let before = self.counts.remove(&network).unwrap_or(0);
        self.ranking.remove(&(before, network));
        let after = before.saturating_add_signed(more);
        if after > 0 {
            self.counts.insert(network, after);
            self.ranking.insert((after, network));
        }
    }
}

/// Who counts as one: an address of IPv4, or what one subscriber of IPv6 has at least, a /64 (RFC 6177 section 2).
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn gone(seat: &Seat) -> bool {
        seat.gives_way().now_or_never().is_some()
    }

    #[test]
    fn the_oldest_unproven_of_whoever_has_most_gives_way() {
        let seats = Arc::new(Seats::new(5));
        let take = |address| seats.take(ip(address)).unwrap();
        let proven = take("10.0.0.1");
        proven.proven();
        let other = take("10.0.0.2");
        let flood = ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(take);
        let newcomer = take("10.0.0.1");
        assert_eq!(flood.each_ref().map(gone), [true, false, false]);
        let again = take("2001:db8::4");
        assert_eq!(flood.each_ref().map(gone), [false, true, false]);
        assert!(
            [&proven, &other, &newcomer, &again]
                .iter()
                .all(|seat| !gone(seat))
        );
    }

    #[test]
    fn connections_of_the_identified_never_give_way_and_all_are_free_again() {
        let seats = Arc::new(Seats::new(2));
        let held = [ip("10.0.0.1"), ip("10.0.0.1")].map(|address| seats.take(address).unwrap());
        held.iter().for_each(Seat::proven);
        assert!(seats.take(ip("10.0.0.1")).is_none());
        drop(held);
        assert!(seats.take(ip("10.0.0.2")).is_some());
        let taken = seats.taken.lock();
        assert!(taken.seats.is_empty() && taken.unproven.is_empty());
        assert!(taken.counts.is_empty() && taken.ranking.is_empty());
    }

    #[test]
    fn who_gave_way_frees_no_second_place() {
        let seats = Arc::new(Seats::new(1));
        let first = seats.take(ip("10.0.0.1")).unwrap();
        let second = seats.take(ip("10.0.0.2")).unwrap();
        drop(first);
        assert_eq!(seats.taken.lock().seats.len(), 1);
        second.proven();
        assert!(seats.take(ip("10.0.0.3")).is_none());
    }
}
