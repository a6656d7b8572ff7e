//! What one piece of work may use: time, memory, and so many of each thing that a body is made of.

use crate::config::{CallLimits, millis};
use crate::edge::{EdgeState, Held};
use crate::refusal::{Exceeded, Limit, Refusal};
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::Duration;

/// Longest work on the spot, in processor time. It is what every other exchange of the worker may have to wait.
const HERE_MAX: Duration = Duration::from_millis(1);

/// Why work did not end.
#[derive(Debug)]
pub enum Stop {
    /// It is not to be done.
    Refused(Refusal),
    /// It takes too long for where it is done.
    Moved,
}

impl Stop {
    /// Work that has been refused has ended, and may tell more than that; only what moves has not.
    ///
    /// # Errors
    /// [`Stop::Moved`].
    pub fn unless_moved<T>(done: Result<T, Self>) -> Result<Result<T, Refusal>, Self> {
        match done {
            Ok(done) => Ok(Ok(done)),
            Err(Self::Refused(refusal)) => Ok(Err(refusal)),
            Err(Self::Moved) => Err(Self::Moved),
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Since when processor time is counted, and how much there may be. Time on the clock would have work that was only
/// interrupted begun anew, most of all on a busy machine.
pub(super) enum Clock<'w> {
    /// On the spot.
    Here { began: Duration },
    /// On a thread of its own, for as long as somebody waits.
    Apart {
        began: Duration,
        gone: &'w dyn Fn() -> bool,
    },
}

impl<'w> Clock<'w> {
    pub(super) fn here() -> Self {
        Self::Here { began: thread_time() }
    }

    pub(super) fn detached(gone: &'w dyn Fn() -> bool) -> Self {
        Self::Apart {
            began: thread_time(),
            gone,
        }
    }
}

/// What a piece of work may use. Memory that it takes is given back when this is dropped.
pub struct Allowance<'w> {
    shared: &'w EdgeState,
    clock: Clock<'w>,
    held: Held,
}

impl<'w> Allowance<'w> {
    pub(super) fn new(shared: &'w EdgeState, clock: Clock<'w>) -> Self {
        Self {
            shared,
            clock,
            held: shared.hold(),
        }
    }

    /// The limits of a call.
    #[must_use]
    pub fn limits(&self) -> &CallLimits {
        &self.shared.limits().call
    }

    /// To be asked before each step.
    ///
    /// # Errors
    /// [`Stop`] when time is up or nobody waits any more.
    pub fn step(&self) -> Result<(), Stop> {
        match &self.clock {
            Clock::Here { began } if thread_time().saturating_sub(*began) > HERE_MAX => Err(Stop::Moved),
            Clock::Here { .. } => Ok(()),
            Clock::Apart { gone, .. } if gone() => Err(Refusal::ClientGone.into()),
            Clock::Apart { began, .. } => {
                let max = self.limits().cpu_ms_max;
                match thread_time().saturating_sub(*began) > millis(max) {
                    true => Err(exceeded(Limit::CpuTime, max)),
                    false => Ok(()),
                }
            }
        }
    }

    /// Checks that there are no more of something than may be.
    ///
    /// # Errors
    /// [`Refusal::Exceeded`], naming the limit.
    pub fn at_most(&self, limit: Limit, count: usize) -> Result<(), Stop> {
        let max = match limit {
            Limit::BodyBytes => self.shared.limits().body_bytes_max,
            Limit::Nodes => self.limits().nodes_max,
            Limit::Depth => self.limits().depth_max,
            Limit::Regions => self.limits().regions_max,
            Limit::DecodedBytes => self.limits().decoded_bytes_max,
            Limit::Findings => self.limits().findings_max,
            Limit::CpuTime => return self.step(),
        };
        match count > max {
            true => Err(exceeded(limit, max as u64)),
            false => Ok(()),
        }
    }

    /// Takes memory from the budget of all exchanges, for as long as the work lasts.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when there is not as much.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Stop> {
        Ok(self.held.more(bytes)?)
    }

    /// Takes memory for what outlives the work.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when there is not as much.
    pub fn lend(&self, bytes: usize) -> Result<Held, Stop> {
        let mut held = self.shared.hold();
        held.more(bytes)?;
        Ok(held)
    }
}

fn exceeded(limit: Limit, max: u64) -> Stop {
    metrics::counter!("palisade_limits_exceeded_total", "limit" => limit.key()).increment(1);
    Stop::Refused(Refusal::Exceeded(Exceeded { limit, max }))
}

/// The CPU time that this thread has used: on a busy machine work takes longer, but costs the same.
fn thread_time() -> Duration {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(tv_sec).unwrap_or(0),
        u32::try_from(tv_nsec).unwrap_or(0),
    )
}
