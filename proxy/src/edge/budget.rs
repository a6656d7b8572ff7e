//! What exchanges share on the client's side: limits, and the memory that all bodies together may take.

use super::unproven::Unproven;
use super::wasted::Wasted;
use crate::config::Limits;
use crate::refusal::Refusal;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Body memory is counted in units of this many bytes, because a semaphore counts to 2^29 at least.
const BUDGET_UNIT: usize = 1024;

/// What every exchange shares on the client's side.
#[derive(Debug, Clone)]
pub struct EdgeState {
    pub(super) limits: Arc<Limits>,
    /// Owned by all exchanges together; an exchange holds what its body takes.
    body_budget: Arc<Semaphore>,
    /// Owned by all exchanges together, before their callers are known.
    pub(super) unproven: Arc<Unproven>,
    pub(super) wasted: Arc<Wasted>,
    /// True once running exchanges must end.
    ending: Arc<watch::Sender<bool>>,
}

impl EdgeState {
    /// EdgeState state with the whole body budget free.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let units = (limits.body_bytes_in_flight_max / BUDGET_UNIT).min(Semaphore::MAX_PERMITS);
        Self {
            unproven: Arc::new(Unproven::new(limits.unproven_bytes_max)),
            wasted: Arc::new(Wasted::new(limits.unproven_bytes_max)),
            ending: Arc::new(watch::Sender::new(false)),
            limits: Arc::new(limits),
            body_budget: Arc::new(Semaphore::new(units)),
        }
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Tells all running exchanges to end now.
    pub fn end_all(&self) {
        self.ending.send_replace(true);
    }

    /// Resolves when running exchanges must end.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        let ending = Arc::clone(&self.ending);
        async move {
            // It is not closed as long as this handle is there.
            let _ = ending.subscribe().wait_for(|ending| *ending).await;
        }
    }

    /// Memory of one exchange; nothing is taken yet.
    #[must_use]
    pub fn hold(&self) -> Held {
        Held {
            budget: Arc::clone(&self.body_budget),
            permit: None,
            bytes: 0,
            units: 0,
        }
    }
}

/// Body memory taken from the budget of all exchanges; given back when dropped.
#[derive(Debug)]
pub struct Held {
    budget: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
    /// `bytes <= units * BUDGET_UNIT`
    bytes: usize,
    units: usize,
}

impl Held {
    /// Takes more, as it arrives: what is only announced costs nobody anything. Never waits, so that a full gateway says
    /// so at once.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`].
    pub fn more(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.bytes += bytes;
        let missing = self.bytes.div_ceil(BUDGET_UNIT).saturating_sub(self.units);
        if missing == 0 {
            return Ok(());
        }
        let units = u32::try_from(missing).map_err(|_| Refusal::Overloaded)?;
        let permit = Arc::clone(&self.budget)
            .try_acquire_many_owned(units)
            .map_err(|_| Refusal::Overloaded)?;
        self.units += missing;
        match &mut self.permit {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}
