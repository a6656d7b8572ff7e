//! Memory for bodies whose senders have not proven who they are: a signature covers its body, so that is read first.
//!
//! It is a budget of its own, so that nobody without a secret takes memory from somebody with one. When it is full the
//! slowest body of whoever holds most gives way: bodies that were begun and left lying cost the next sender nothing.

use super::seats::network;
use crate::refusal::Refusal;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// The budget, shared by all exchanges.
#[derive(Debug)]
pub(super) struct Unproven {
    bytes_max: usize,
    bodies: Mutex<Bodies>,
}

#[derive(Debug, Default)]
struct Bodies {
    /// `bytes <= bytes_max`, the sum over `open`.
    bytes: usize,
    open: HashMap<u64, Body>,
    next: u64,
}

#[derive(Debug)]
struct Body {
    sender: Sender,
    bytes: usize,
    began: Instant,
    gives_way: Arc<Notify>,
}

/// Who sends, as far as that is known: from where, and the key that it says it has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sender {
    network: IpAddr,
    key_id: Arc<str>,
}

/// The memory of one body; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    owner: Arc<Unproven>,
    id: u64,
    gives_way: Arc<Notify>,
}

impl Unproven {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            bodies: Mutex::default(),
        }
    }

    /// A place for a body; nothing is taken yet.
    pub(super) fn place(self: &Arc<Self>, address: IpAddr, key_id: &Arc<str>) -> Place {
        let gives_way = Arc::new(Notify::new());
        let mut bodies = self.bodies.lock();
        let id = bodies.next;
        bodies.next += 1;
        let body = Body {
            sender: Sender {
                network: network(address),
                key_id: Arc::clone(key_id),
            },
            bytes: 0,
            began: Instant::now(),
            gives_way: Arc::clone(&gives_way),
        };
        bodies.open.insert(id, body);
        Place {
            owner: Arc::clone(self),
            id,
            gives_way,
        }
    }
}

impl Place {
    /// Takes more, as it arrives. Others may have to give way.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when this one gives way.
    pub(super) fn more(&self, bytes: usize) -> Result<(), Refusal> {
        let mut bodies = self.owner.bodies.lock();
        // A body that has given way is not in the list any more.
        let own = bodies.open.get_mut(&self.id).ok_or(Refusal::Overloaded)?;
        own.bytes += bytes;
        bodies.bytes += bytes;
        while bodies.bytes > self.owner.bytes_max {
            let Some(slowest) = bodies.slowest_of_the_greatest() else {
                break;
            };
            bodies.remove(slowest);
            metrics::counter!("palisade_unproven_bodies_dropped_total").increment(1);
        }
        match bodies.open.contains_key(&self.id) {
            true => Ok(()),
            false => Err(Refusal::Overloaded),
        }
    }

    /// Resolves when this body must give way.
    pub(super) async fn gives_way(&self) {
        self.gives_way.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.owner.bodies.lock().remove(self.id);
    }
}

impl Bodies {
    /// Of the sender that holds most, the body that came with the fewest bytes a second.
    fn slowest_of_the_greatest(&self) -> Option<u64> {
        let mut held: HashMap<&Sender, usize> = HashMap::new();
        for body in self.open.values() {
            *held.entry(&body.sender).or_default() += body.bytes;
        }
        let (greatest, _) = held.into_iter().max_by_key(|(_, bytes)| *bytes)?;
        let rate = |body: &Body| body.bytes as f64 / body.began.elapsed().as_secs_f64().max(1e-6);
        let own = self
            .open
            .iter()
            .filter(|(_, body)| body.sender == *greatest && body.bytes > 0);
        own.min_by(|(_, a), (_, b)| rate(a).total_cmp(&rate(b)))
            .map(|(id, _)| *id)
    }

    fn remove(&mut self, id: u64) {
        if let Some(body) = self.open.remove(&id) {
            self.bytes -= body.bytes;
            body.gives_way.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    fn place(budget: &Arc<Unproven>, host: u8, key: &str) -> Place {
        budget.place(IpAddr::V4(Ipv4Addr::new(10, 0, 0, host)), &Arc::from(key))
    }

    #[test]
    fn bodies_that_lie_give_way_to_one_that_comes() {
        let budget = Arc::new(Unproven::new(100));
        let lying: Vec<Place> = (0..5).map(|_| place(&budget, 1, "key")).collect();
        let taken: Vec<bool> = lying.iter().map(|place| place.more(20).is_ok()).collect();
        assert_eq!(taken, [true; 5]);
        std::thread::sleep(Duration::from_millis(20));
        let coming = place(&budget, 1, "key");
        for _ in 0..4 {
            coming.more(20).unwrap();
        }
        let left = lying.iter().filter(|place| place.more(0).is_ok()).count();
        assert_eq!(left, 1);
    }

    #[test]
    fn who_holds_most_gives_way_first_however_fast() {
        let budget = Arc::new(Unproven::new(100));
        let patient = place(&budget, 1, "key");
        patient.more(20).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        let flood: Vec<Place> = (0..50).map(|_| place(&budget, 2, "key")).collect();
        let taken = flood.iter().filter(|place| place.more(20).is_ok()).count();
        assert!(taken >= 4);
        patient.more(20).unwrap();
        // The same address under another key is another sender.
        place(&budget, 1, "other").more(20).unwrap();
        patient.more(0).unwrap();
    }

    #[test]
    fn one_body_takes_all_there_is_and_no_more_and_gives_it_back() {
        let budget = Arc::new(Unproven::new(100));
        for _ in 0..3 {
            let place = place(&budget, 1, "key");
            place.more(100).unwrap();
            assert!(matches!(place.more(1), Err(Refusal::Overloaded)));
            drop(place);
            assert_eq!(budget.bodies.lock().bytes, 0);
        }
    }

    #[tokio::test]
    async fn whoever_waits_for_more_of_a_body_is_told_that_it_gives_way() {
        let budget = Arc::new(Unproven::new(10));
        let lying = place(&budget, 1, "key");
        lying.more(10).unwrap();
        let coming = place(&budget, 2, "key");
        std::thread::sleep(Duration::from_millis(2));
        let _ = coming.more(1);
        tokio::time::timeout(Duration::from_secs(5), lying.gives_way())
            .await
            .unwrap();
    }
}
