//! Request dates: `YYYYMMDDTHHMMSSZ` (ISO 8601 basic) and the HTTP date of RFC 9110 §5.6.7.

use chrono::{DateTime, Datelike, NaiveDate};

use super::{Error, SKEW_SECONDS_MAX};

const DAY_SECONDS: i64 = 86_400;
/// 9999-12-31T23:59:59Z, the last second with a four-digit year.
const UNIX_SECONDS_MAX: i64 = 253_402_300_799;

/// A moment from 1970 to 9999, in whole seconds UTC, with its text as it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmzDate {
    unix_seconds: i64,
    text: [u8; 16],
}

impl AmzDate {
    /// The date of a number of seconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`Error::Date`] before 1970 or after 9999.
    pub fn from_unix(unix_seconds: i64) -> Result<Self, Error> {
        if !(0..=UNIX_SECONDS_MAX).contains(&unix_seconds) {
            return Err(Error::Date);
        }
        let day = DateTime::from_timestamp(unix_seconds, 0).ok_or(Error::Date)?;
        let second = unix_seconds % DAY_SECONDS;
        let mut text = *b"00000000T000000Z";
        write_digits(text.get_mut(..4), day.year().into());
        write_digits(text.get_mut(4..6), day.month().into());
        write_digits(text.get_mut(6..8), day.day().into());
        write_digits(text.get_mut(9..11), second / 3600);
        write_digits(text.get_mut(11..13), second / 60 % 60);
        write_digits(text.get_mut(13..15), second % 60);
        Ok(Self { unix_seconds, text })
    }

    /// Parses `YYYYMMDDTHHMMSSZ`, nothing else: no leap second, no other zone, no space.
    ///
    /// # Errors
    /// [`Error::Date`].
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        Self::parse_basic(text).ok_or(Error::Date)
    }

    fn parse_basic(text: &[u8]) -> Option<Self> {
        if text.len() != 16 || text.get(8) != Some(&b'T') || text.get(15) != Some(&b'Z') {
            return None;
        }
        let date = [text.get(..4)?, text.get(4..6)?, text.get(6..8)?];
        let time = [text.get(9..11)?, text.get(11..13)?, text.get(13..15)?];
        Self::assemble(date.map(digits), time.map(digits))
    }

    /// Parses an HTTP date in its preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`. The name of the day is not compared
    /// with the date.
    ///
    /// # Errors
    /// [`Error::Date`].
    pub fn parse_http(text: &[u8]) -> Result<Self, Error> {
        Self::parse_imf(text).ok_or(Error::Date)
    }

    fn parse_imf(text: &[u8]) -> Option<Self> {
        const MONTHS: [&[u8]; 12] = [
            b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
        ];
        const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
        let signs = [
            (3, b','),
            (4, b' '),
            (7, b' '),
            (11, b' '),
            (16, b' '),
            (19, b':'),
            (22, b':'),
        ];
        let framed = text.len() == 29
            && signs.iter().all(|(at, sign)| text.get(*at) == Some(sign))
            && text.ends_with(b" GMT")
            && DAYS.contains(&text.get(..3)?);
        let month_name = text.get(8..11)?;
        let month = MONTHS
            .iter()
            .zip(1..)
            .find_map(|(name, n)| (*name == month_name).then_some(n));
        let date = [digits(text.get(12..16)?), month, digits(text.get(5..7)?)];
        let time = [text.get(17..19)?, text.get(20..22)?, text.get(23..25)?];
        framed.then(|| Self::assemble(date, time.map(digits))).flatten()
    }

    fn assemble(date: [Option<i64>; 3], time: [Option<i64>; 3]) -> Option<Self> {
        let ([Some(year), Some(month), Some(day)], [Some(hour), Some(minute), Some(second)]) = (date, time)
        else {
            return None;
        };
        let [year, month, day] = [year, month, day].map(i32::try_from).map(Result::ok);
        let day = NaiveDate::from_ymd_opt(year?, month?.try_into().ok()?, day?.try_into().ok()?)?;
        // No leap second: one of them would be taken for the next minute's first.
        if second > 59 {
            return None;
        }
        let [hour, minute, second] = [hour, minute, second].map(u32::try_from).map(Result::ok);
        let moment = day.and_hms_opt(hour?, minute?, second?)?;
        Self::from_unix(moment.and_utc().timestamp()).ok()
    }

    /// Seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }

    /// `YYYYMMDDTHHMMSSZ`, as `x-amz-date` carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.text).unwrap_or_default()
    }

    /// `YYYYMMDD`, as a credential scope carries it.
    #[must_use]
    pub fn day(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }

    /// Compares with the present, in seconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`Error::Skewed`] when more than [`SKEW_SECONDS_MAX`] apart, either way.
    pub fn check_skew(&self, now_unix_seconds: i64) -> Result<(), Error> {
        if self.unix_seconds.abs_diff(now_unix_seconds) > SKEW_SECONDS_MAX {
            return Err(Error::Skewed);
        }
        Ok(())
    }
}

/// At most four decimal digits.
fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + i64::from(byte - b'0'))
    })
}

fn write_digits(place: Option<&mut [u8]>, mut number: i64) {
    for digit in place.into_iter().flatten().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}
