//! The process's own log, on stderr: for operators, never with texts or credentials, and bounded in what strangers can make
//! the libraries say.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::io::IsTerminal;
use std::time::{Duration, Instant};
use tracing_log::LogTracer;
use tracing_subscriber::EnvFilter;

/// Libraries that would write request heads, and with them credentials, into a verbose log.
const CEILINGS: [&str; 5] = [
    "pingora_core=info",
    "h2=info",
    "rustls=info",
    "ureq=info",
    "hyper=info",
];

/// A library may say this many lines in [`EVERY`], for each of its modules: some are caused by whoever can connect, such
/// as one for each failed handshake.
const LINES_MAX: u32 = 10;
const EVERY: Duration = Duration::from_secs(10);

/// Logs go to stderr; `RUST_LOG` sets the level, which is `warn` without it.
pub(super) fn init() {
    let filter = match EnvFilter::try_from_default_env() {
        Ok(filter) => CEILINGS
            .iter()
            .filter_map(|c| c.parse().ok())
            .fold(filter, |f, c| f.add_directive(c)),
        Err(_) => EnvFilter::new("warn,pingora_core=error"),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // It would say that stderr cannot be written to stderr, and panic: on a full disk, in the thread of the log.
        .log_internal_errors(false)
        .finish();
    // Both fail only when the process has a log already: then that one is as good.
    let _ = tracing::subscriber::set_global_default(subscriber);
    if log::set_boxed_logger(Box::new(Libraries::default())).is_ok() {
        // No library may say more than `CEILINGS`.
        log::set_max_level(log::LevelFilter::Info);
    }
}

/// What libraries say, each module within its share.
#[derive(Default)]
struct Libraries {
    tracer: LogTracer,
    shares: Mutex<HashMap<String, Share>>,
}

/// How much one module has said.
struct Share {
    began: Instant,
    lines: u32,
}

impl Libraries {
    /// Whether the module may say another line. Modules are few: they are names in the program.
    fn may_speak(&self, module: &str, now: Instant) -> bool {
        let mut shares = self.shares.lock();
        let fresh = Share { began: now, lines: 0 };
        let share = shares.entry(module.to_owned()).or_insert(fresh);
        if now.saturating_duration_since(share.began) >= EVERY {
            *share = Share { began: now, lines: 0 };
        }
        share.lines += 1;
        share.lines <= LINES_MAX
    }
}

impl log::Log for Libraries {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        self.tracer.enabled(metadata)
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if self.may_speak(record.target(), Instant::now()) {
            self.tracer.log(record);
        } else {
            metrics::counter!("palisade_log_lines_dropped_total").increment(1);
        }
    }

    fn flush(&self) {
        self.tracer.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_speaks_within_its_share_and_others_too() {
        let libraries = Libraries::default();
        let now = Instant::now();
        let spoken = (0..1_000)
            .filter(|_| libraries.may_speak("handshakes", now))
            .count();
        assert_eq!(spoken, 10);
        assert!(libraries.may_speak("other", now));
        assert!(!libraries.may_speak("handshakes", now + EVERY / 2));
        assert!(libraries.may_speak("handshakes", now + EVERY));
    }
}
