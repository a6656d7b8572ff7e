//! Work on bodies: done on the spot while it is short, else on threads of its own, for one tenant after the other.
//!
//! Nobody knows beforehand how long a text takes, so work begins where it is asked for; once it has taken longer than
//! the other exchanges of an async worker should wait, it is dropped and begun anew on a thread of the [`Pool`]. Those
//! threads give way to all others, so that long work costs its own caller time and nobody else.
//!
//! ```text
//! run ── short ──► here ── done
//!          │         └── too long for here ──┐
//!          └── long ─────────────────────────┴──► line of the tenant ──► a thread of the pool ── done
//!                                                                              └── over a limit, or nobody waits
//! ```
//!
//! INVARIANT: work asks its [`Allowance`] before each step, so it ends soon after its limit or its caller has gone.

mod allowance;
mod line;

pub use allowance::{Allowance, Stop};

use crate::edge::EdgeState;
use crate::refusal::Refusal;
use allowance::Clock;
use line::Line;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Work on more bytes than this is not tried on the spot: it would hardly ever end in time.
const HERE_BYTES_MAX: usize = 64 * 1024;

/// Longest wait for a thread. Who waits longer is told that the gateway is at its limit.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// How far threads that give way do so, as `nice(2)` counts: the most there is.
const NICE: i32 = 19;

/// Threads for long work. They end when the pool is dropped and what waits is done.
pub struct Pool {
    line: Arc<Line>,
    shared: EdgeState,
}

impl Pool {
    /// Starts a thread for every two processors.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start(shared: EdgeState) -> io::Result<Self> {
        let line = Arc::new(Line::default());
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for number in 0..processors.div_ceil(2) {
            let line = Arc::clone(&line);
            let name = format!("work-{number}");
            thread::Builder::new().name(name).spawn(move || serve(&line))?;
        }
        Ok(Self { line, shared })
    }

    /// Does `work` on a body of so many bytes for a tenant. It can be begun twice. Dropping the future stops it.
    ///
    /// # Errors
    /// What `work` refuses; [`Refusal::Overloaded`] when no thread is free in time.
    pub async fn run<T: Send + 'static>(
        &self,
        tenant: &str,
        bytes: usize,
        work: impl Fn(&mut Allowance<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Refusal> {
        if bytes <= HERE_BYTES_MAX {
            match work(&mut Allowance::new(&self.shared, Clock::here())) {
                Ok(done) => return Ok(done),
                Err(Stop::Refused(refusal)) => return Err(refusal),
                Err(Stop::Moved) => {}
            }
        }
        metrics::counter!("palisade_work_moved_total").increment(1);
        let (tell, told) = oneshot::channel();
        let shared = self.shared.clone();
        self.line.join(tenant, move || {
            let gone = || tell.is_closed();
            if !gone() {
                let done = work(&mut Allowance::new(&shared, Clock::detached(&gone)));
                // An error says that nobody waits any more.
                let _ = tell.send(done);
            }
        })?;
        match timeout(WAIT_MAX, told).await {
            Ok(Ok(Ok(done))) => Ok(done),
            Ok(Ok(Err(Stop::Refused(refusal)))) => Err(refusal),
            Ok(Ok(Err(Stop::Moved)) | Err(_)) => Err(Refusal::Internal("work")),
            Err(_) => Err(Refusal::Overloaded),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.line.close();
    }
}

/// Has the thread that calls it give way to all others.
pub(crate) fn give_way() {
    // Without the right to it the thread is as good as others; Linux counts niceness by thread.
    let _ = rustix::process::nice(NICE);
}

fn serve(line: &Line) {
    give_way();
    while let Some(job) = line.next() {
        // A defect in one piece of work ends that piece: its caller is told, the thread lives on.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests;
