//! The `palisade` binary.

use std::hint::black_box;
use std::time::Duration;

/// Exchanges make and drop hundreds of small values; glibc's allocator also keeps what large bodies took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc gives memory back when it frees a large block, a second after that memory was last used. When all is quiet
/// nothing does, so this frees one every [`TICK`]. It is never written to, so no memory is taken for it.
fn give_back_memory() {
    const TICK: Duration = Duration::from_secs(2);
    const BLOCK_BYTES: usize = 8 * 1024 * 1024;
    loop {
        std::thread::sleep(TICK);
        drop(black_box(Vec::<u8>::with_capacity(BLOCK_BYTES)));
    }
}

fn main() -> std::process::ExitCode {
    // Without it everything works, and memory is given back late.
    let _ = std::thread::Builder::new()
        .name("memory".to_owned())
        .spawn(give_back_memory);
    palisade_proxy::cli::run()
}
