//! Who is next: tenants in turn, each with its oldest piece of work.

use crate::refusal::Refusal;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;

/// Pieces of work that may wait for one tenant.
const WAITING_MAX: usize = 256;

pub(super) type Job = Box<dyn FnOnce() + Send>;

/// Work that waits for a thread.
#[derive(Default)]
pub(super) struct Line {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// Tenants that have something waiting, each once, in the order of their turns. None has an empty queue.
    turns: VecDeque<(String, VecDeque<Job>)>,
    closed: bool,
}

impl Line {
    /// Adds a piece of work to a tenant's.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when too much of the tenant's waits already.
    pub(super) fn join(&self, tenant: &str, job: impl FnOnce() + Send + 'static) -> Result<(), Refusal> {
        let mut waiting = self.waiting.lock();
        match waiting.turns.iter_mut().find(|(owner, _)| owner == tenant) {
            Some((_, jobs)) if jobs.len() >= WAITING_MAX => return Err(Refusal::Overloaded),
            Some((_, jobs)) => jobs.push_back(Box::new(job)),
            None => {
                let jobs = VecDeque::from([Box::new(job) as Job]);
                waiting.turns.push_back((tenant.to_owned(), jobs));
            }
        }
        drop(waiting);
        self.came.notify_one();
        Ok(())
    }

    /// The next piece of work; waits for one. None once the line is closed and empty.
    pub(super) fn next(&self) -> Option<Job> {
        let mut waiting = self.waiting.lock();
        loop {
            if let Some((tenant, mut jobs)) = waiting.turns.pop_front() {
                let job = jobs.pop_front();
                if !jobs.is_empty() {
                    waiting.turns.push_back((tenant, jobs));
                }
                return job;
            }
            if waiting.closed {
                return None;
            }
            self.came.wait(&mut waiting);
        }
    }

    /// Nothing more comes: whoever waits for work is let go.
    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.came.notify_all();
    }
}
