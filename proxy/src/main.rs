//! The `palisade` binary.

/// Exchanges make and drop hundreds of small values; glibc's allocator also keeps what large bodies took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    palisade_proxy::cli::run()
}
