//! How much work the passes over a text do, counted in tests: work that grows faster than the text is a way to stop the
//! gate, and a clock cannot tell it from a busy machine.

/// Counts bytes looked at or moved. Nothing outside tests.
#[cfg(not(test))]
#[inline(always)]
pub(super) fn add(_: usize) {}

#[cfg(test)]
pub(super) use counting::{add, of};

#[cfg(test)]
mod counting {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(in crate::json) fn add(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    /// The steps that `work` takes on this thread.
    pub(in crate::json) fn of(work: impl FnOnce()) -> usize {
        let before = STEPS.get();
        work();
        STEPS.get() - before
    }
}
