//! Percentiles of many, and the median and range of a few.

/// Median, least and greatest of a few readings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle reading; of an even number, the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// None without readings, or when one is not a number.
    #[must_use]
    pub fn of(readings: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = readings.into_iter().collect();
        if sorted.iter().any(|reading| !reading.is_finite()) {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let upper = *sorted.get(sorted.len() / 2)?;
        let lower = *sorted.get((sorted.len() - 1) / 2)?;
        Some(Self {
            median: f64::midpoint(lower, upper),
            min: *sorted.first()?,
            max: *sorted.last()?,
        })
    }
}

/// Nanoseconds taken by many events.
#[derive(Debug, Clone, Default)]
pub struct Durations(Vec<u64>);

impl Durations {
    /// Adds one.
    pub fn push(&mut self, taken: std::time::Duration) {
        self.0.push(u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Adds all of another's.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Milliseconds that `percent` of the events did not exceed (nearest rank). None without events.
    pub fn percentile_ms(&mut self, percent: usize) -> Option<f64> {
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        let nanoseconds = *self.0.get(rank - 1)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "durations of a run stay far below 2^52 ns"
        )]
        let exact = nanoseconds as f64;
        Some(exact / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn spreads_hold_the_middle_and_the_ends() {
        let check = |readings: &[f64], expected: Option<(f64, f64, f64)>| {
            let spread = Spread::of(readings.iter().copied());
            assert_eq!(spread.map(|s| (s.median, s.min, s.max)), expected, "{readings:?}");
        };
        check(&[], None);
        check(&[1.0, f64::NAN], None);
        check(&[3.0, 1.0, 2.0], Some((2.0, 1.0, 3.0)));
        check(&[4.0, 1.0, 2.0, 3.0], Some((2.5, 1.0, 4.0)));
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut durations = Durations::default();
        assert_eq!(durations.percentile_ms(50), None);
        for ms in (1..=200).rev() {
            durations.push(Duration::from_millis(ms));
        }
        assert_eq!(durations.percentile_ms(50), Some(100.0));
        assert_eq!(durations.percentile_ms(99), Some(198.0));
        assert_eq!(durations.percentile_ms(100), Some(200.0));
    }
}
