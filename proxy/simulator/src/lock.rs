//! Locks that outlive a panic of another holder.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, poisoned or not: every critical section of this crate leaves its value whole at each step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
