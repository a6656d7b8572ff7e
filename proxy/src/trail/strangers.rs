//! Refusals of callers that nobody could identify. The first of an address have records of their own; the rest is counted
//! by address and reason, and has to wait for its answers: whoever has no secret can neither fill the disk nor keep the
//! gateway busy.

use crate::config;
use crate::edge::{Bucket, Rate, network};
use palisade_audit::{Reason, Strangers as Counted};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Addresses that are told apart at one time; more are counted together.
const ADDRESSES_MAX: usize = 4_096;

/// Addresses that have counts of their own in the log at one time: those with the most; the rest is one.
const LISTED_MAX: usize = 16;

/// All addresses together have room for this many times what one has.
const ALL_WORTH: f64 = 10.0;

/// How often counts are written down.
const EVERY: Duration = Duration::from_secs(10);

/// Answers of one address that are counted only leave one after the other, this far apart, and after [`WAIT_MAX`] at most.
const APART: Duration = Duration::from_millis(20);
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The refusals of those that nobody could identify.
#[derive(Debug)]
pub(super) struct Strangers {
    each: Rate,
    all: Rate,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    /// [`ADDRESSES_MAX`] at most.
    addresses: HashMap<IpAddr, Address>,
    /// Those for whom there was no room.
    others: Address,
    all: Bucket,
    due: Instant,
}

#[derive(Debug)]
struct Address {
    bucket: Bucket,
    /// When the next answer may leave.
    turn: Instant,
    /// One entry a reason.
    counted: Vec<(Reason, u64)>,
}

/// What becomes of one refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has records of its own.
    Recorded,
    /// It is counted, and answered after this time.
    Counted(Duration),
}

impl Strangers {
    pub(super) fn new(config: &config::Audit) -> Self {
        let now = Instant::now();
        let each = Rate {
            burst: f64::from(config.unidentified_burst),
            per_second: f64::from(config.unidentified_per_minute) / 60.0,
        };
        let all = Rate {
            burst: each.burst * ALL_WORTH,
            per_second: each.per_second * ALL_WORTH,
        };
        Self {
            each,
            all,
            seen: Mutex::new(Seen {
                addresses: HashMap::new(),
                others: Address::new(each, now),
                all: Bucket::full(all, now),
                due: now + EVERY,
            }),
        }
    }

    /// Decides about a refusal. `spare` says whether there is room for records of strangers at all.
    pub(super) fn refused(&self, address: IpAddr, reason: Reason, spare: bool) -> Verdict {
        let now = Instant::now();
        let mut seen = self.seen.lock();
        let Seen {
            addresses,
            others,
            all,
            ..
        } = &mut *seen;
        let address = network(address);
        let known = addresses.len() < ADDRESSES_MAX || addresses.contains_key(&address);
        let address = if known {
            let fresh = || Address::new(self.each, now);
            addresses.entry(address).or_insert_with(fresh)
        } else {
            others
        };
        if spare && address.bucket.tokens(self.each, now) >= 1.0 && all.tokens(self.all, now) >= 1.0 {
            address.bucket.take(1.0);
            all.take(1.0);
            return Verdict::Recorded;
        }
        address.count(reason);
        Verdict::Counted(address.wait(now))
    }

    /// Whether it is time to write the counts down.
    pub(super) fn due(&self) -> bool {
        self.seen.lock().due <= Instant::now()
    }

    /// What was counted since the last time, as records without time and place; addresses that are quiet are forgotten.
    pub(super) fn take(&self) -> Vec<Counted> {
        let now = Instant::now();
        let mut seen = self.seen.lock();
        seen.due = now + EVERY;
        let mut counts: Vec<(IpAddr, Vec<(Reason, u64)>)> = seen
            .addresses
            .iter_mut()
            .filter(|(_, address)| !address.counted.is_empty())
            .map(|(ip, address)| (*ip, std::mem::take(&mut address.counted)))
            .collect();
        let each = self.each;
        seen.addresses
            .retain(|_, address| address.turn > now || address.bucket.tokens(each, now) < each.burst);
        let mut others = Address {
            counted: std::mem::take(&mut seen.others.counted),
            ..seen.others
        };
        drop(seen);
        counts.sort_by_key(|(_, counted)| {
            std::cmp::Reverse(counted.iter().map(|(_, count)| count).sum::<u64>())
        });
        for (_, counted) in counts.drain(LISTED_MAX.min(counts.len())..) {
            counted
                .into_iter()
                .for_each(|(reason, count)| others.add(reason, count));
        }
        let listed = counts.into_iter().map(|(ip, counted)| (named(ip), counted));
        listed
            .chain([("others".to_owned(), others.counted)])
            .flat_map(|(client_ip, counted)| {
                counted.into_iter().map(move |(reason, count)| Counted {
                    client_ip: client_ip.clone(),
                    count,
                    reason,
                    ..Counted::default()
                })
            })
            .collect()
    }
}

impl Address {
    fn new(rate: Rate, now: Instant) -> Self {
        Self {
            turn: now,
            bucket: Bucket::full(rate, now),
            counted: Vec::new(),
        }
    }

    fn count(&mut self, reason: Reason) {
        metrics::counter!("palisade_strangers_counted_total").increment(1);
        self.add(reason, 1);
    }

    fn add(&mut self, reason: Reason, more: u64) {
        match self.counted.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += more,
            None => self.counted.push((reason, more)),
        }
    }

    fn wait(&mut self, now: Instant) -> Duration {
        self.turn = self.turn.max(now).min(now + WAIT_MAX) + APART;
        self.turn - now
    }
}

fn named(network: IpAddr) -> String {
    match network {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{address}/64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strangers(burst: u32, per_minute: u32) -> Strangers {
        Strangers::new(&config::Audit {
            unidentified_burst: burst,
            unidentified_per_minute: per_minute,
            ..config::Audit::default()
        })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_of_an_address_are_recorded_and_the_rest_counted() {
        let strangers = strangers(2, 0);
        let refused = |address| strangers.refused(ip(address), Reason::Authentication, true);
        assert_eq!(refused("10.0.0.1"), Verdict::Recorded);
        assert_eq!(refused("::ffff:10.0.0.1"), Verdict::Recorded);
        assert!(matches!(refused("10.0.0.1"), Verdict::Counted(_)));
        assert_eq!(refused("10.0.0.2"), Verdict::Recorded);
        assert_eq!(refused("2001:db8::1"), Verdict::Recorded);
        assert_eq!(refused("2001:db8::2"), Verdict::Recorded);
        assert!(matches!(refused("2001:db8::3"), Verdict::Counted(_)));
        strangers.refused(ip("10.0.0.1"), Reason::Malformed, true);
        let mut counts: Vec<_> = strangers
            .take()
            .into_iter()
            .map(|record| (record.client_ip, record.reason, record.count))
            .collect();
        counts.sort_by(|a, b| (&a.0, a.1.name()).cmp(&(&b.0, b.1.name())));
        assert_eq!(
            counts,
            [
                ("10.0.0.1".to_owned(), Reason::Authentication, 1),
                ("10.0.0.1".to_owned(), Reason::Malformed, 1),
                ("2001:db8::/64".to_owned(), Reason::Authentication, 1),
            ]
        );
        assert_eq!(strangers.take(), []);
    }

    #[test]
    fn answers_that_are_counted_leave_one_after_the_other_but_in_time() {
        let strangers = strangers(0, 0);
        let wait = || match strangers.refused(ip("10.0.0.1"), Reason::Malformed, true) {
            Verdict::Counted(wait) => wait,
            Verdict::Recorded => panic!("recorded"),
        };
        let first = wait();
        assert!(first <= APART);
        assert!(wait() > first);
        for _ in 0..10_000 {
            wait();
        }
        let last = wait();
        assert!(last > WAIT_MAX - APART && last <= WAIT_MAX + APART, "{last:?}");
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded_and_loses_no_count() {
        let strangers = strangers(1, 0);
        let addresses = 3 * ADDRESSES_MAX as u32;
        let recorded = (0..addresses)
            .filter(|n| {
                let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(*n));
                strangers.refused(address, Reason::Authentication, true) == Verdict::Recorded
            })
            .count();
        assert_eq!(recorded, 10);
        assert_eq!(strangers.seen.lock().addresses.len(), ADDRESSES_MAX);
        let counts = strangers.take();
        assert_eq!(counts.len(), LISTED_MAX + 1);
        let counted: u64 = counts.iter().map(|record| record.count).sum();
        assert_eq!(counted + recorded as u64, u64::from(addresses));
    }

    #[test]
    fn on_a_disk_without_room_to_spare_all_is_counted_and_quiet_addresses_are_forgotten() {
        let strangers = strangers(5, 60);
        let verdict = strangers.refused(ip("10.0.0.1"), Reason::Malformed, false);
        assert!(matches!(verdict, Verdict::Counted(_)));
        assert_eq!(strangers.take().len(), 1);
        std::thread::sleep(2 * APART);
        strangers.take();
        assert_eq!(strangers.seen.lock().addresses.len(), 0);
    }
}
