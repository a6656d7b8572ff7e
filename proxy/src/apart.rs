//! Long work away from the async workers: megabytes of parsing and scanning would stall every exchange of a worker.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Work on this many bytes is done apart: below it, moving costs more than the work.
const APART_BYTES_MIN: usize = 256 * 1024;

/// Does `work` on `bytes` of input, apart from the worker's other tasks when it is long. On a runtime with one thread, as
/// a host application may have, there is nowhere to move it.
pub fn apart_if_large<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let threads = Handle::try_current().is_ok_and(|h| h.runtime_flavor() == RuntimeFlavor::MultiThread);
    if bytes < APART_BYTES_MIN || !threads {
        return work();
    }
    tokio::task::block_in_place(work)
}
