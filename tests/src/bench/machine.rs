//! What the numbers were read on.

use super::failure::{During, Failure};
use super::stats::Durations;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Syncs made to learn what one costs.
const SYNCS: usize = 100;
/// Between two syncs: disks answer a sync that follows another at once much faster than one after a pause.
const SYNC_PAUSE: Duration = Duration::from_millis(2);
/// Bytes before each sync: about what a decision record has.
const RECORD_BYTES: usize = 700;

/// A machine, and the code that ran on it.
#[derive(Debug)]
pub struct Machine {
    /// Such as `AMD EPYC`.
    pub processor: String,
    /// Processors that this process may use.
    pub cores: usize,
    /// Release of the kernel.
    pub kernel: String,
    /// Abbreviated commit, with `+` when files differ from it.
    pub commit: String,
    /// Day of the run, UTC.
    pub date: String,
    /// Milliseconds to append a record and sync it, in the folder of the run, every 2 ms: median and 99th percentile.
    pub sync_ms: (f64, f64),
}

impl Machine {
    /// Reads everything; syncs are made in `folder`.
    ///
    /// # Errors
    /// When `folder` cannot be written to, or the processors cannot be counted.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo
            .lines()
            .find(|line| line.starts_with("model name"))
            .and_then(|line| line.split_once(':'));
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let git =
            |arguments: &[&str]| said("git", &[&["-C", env!("CARGO_MANIFEST_DIR")], arguments].concat());
        let changed = git(&["status", "--porcelain", "--untracked-files=no"]);
        let mark = if changed.is_empty() { "" } else { "+" };
        Ok(Self {
            processor: model.map_or("unknown", |(_, name)| name.trim()).to_owned(),
            cores: std::thread::available_parallelism()
                .during("counting processors")?
                .get(),
            kernel: kernel.trim().to_owned(),
            commit: git(&["rev-parse", "--short", "HEAD"]) + mark,
            date: said("date", &["-u", "+%F"]),
            sync_ms: sync_ms(folder)?,
        })
    }
}

/// What a program prints; empty when it cannot.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn sync_ms(folder: &Path) -> Result<(f64, f64), Failure> {
    let path = folder.join(format!("palisade-bench-sync-{}", std::process::id()));
    let measured = syncs(&path).during("measuring a sync");
    // Left behind only when the folder went away.
    let _ = fs::remove_file(&path);
    let mut durations = measured?;
    let percentiles = durations.percentile_ms(50).zip(durations.percentile_ms(99));
    percentiles.ok_or_else(|| Failure::wrong("no sync was measured"))
}

fn syncs(path: &Path) -> std::io::Result<Durations> {
    let mut file = fs::File::create(path)?;
    let mut durations = Durations::default();
    for _ in 0..SYNCS {
        std::thread::sleep(SYNC_PAUSE);
        let begun = Instant::now();
        file.write_all(&[b'x'; RECORD_BYTES])?;
        file.sync_data()?;
        durations.push(begun.elapsed());
    }
    Ok(durations)
}
