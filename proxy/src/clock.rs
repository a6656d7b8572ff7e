//! The one clock: wall time for records, dates and policy.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since the Unix epoch; 0 before it.
#[must_use]
pub fn unix_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |elapsed| u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX))
}

/// Milliseconds since the Unix epoch.
#[must_use]
pub fn unix_ms() -> i64 {
    i64::try_from(unix_ns() / 1_000_000).unwrap_or(i64::MAX)
}

/// Seconds since the Unix epoch.
#[must_use]
pub fn unix_s() -> i64 {
    i64::try_from(unix_ns() / 1_000_000_000).unwrap_or(i64::MAX)
}

/// A time in nanoseconds since the Unix epoch, for people: `2026-11-23 15:04:05Z`.
#[must_use]
pub fn stamp(time_ns: u64) -> String {
    let seconds = i64::try_from(time_ns / 1_000_000_000).unwrap_or(0);
    let Ok(date) = palisade_wire::sigv4::AmzDate::from_unix(seconds) else {
        return "?".to_owned();
    };
    // `YYYYMMDDTHHMMSSZ`
    let text = date.as_str();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{} {}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    )
}
