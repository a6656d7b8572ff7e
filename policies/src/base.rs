//! The circumstances of calls.

use crate::problem::Invalid;
use crate::vocabulary::Purpose;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The last millisecond that a Cedar `datetime` literal can name: 9999-12-31T23:59:59.999Z, in Unix time.
pub(crate) const UNIX_MS_MAX: i64 = 253_402_300_799_999;

/// A level of confidentiality, 0 (public) to 4 (secret): of data, of a person's clearance, of what a model may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Classification(u8);

/// The circumstances of a call that are the same for every question asked about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base {
    pub(crate) now_ms: i64,
    pub(crate) local_hour: u8,
    pub(crate) business_day: bool,
    pub(crate) client_ip: IpAddr,
    pub(crate) purpose: Purpose,
    pub(crate) classification: Classification,
}

impl Classification {
    /// Takes 0 (public) to 4 (secret).
    pub fn new(level: u8) -> Result<Self, Invalid> {
        if level > 4 {
            return Err(Invalid::new("classification", "must be 0 to 4"));
        }
        Ok(Self(level))
    }

    /// 0 (public) to 4 (secret).
    pub fn level(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Classification {
    type Error = Invalid;

    fn try_from(level: u8) -> Result<Self, Invalid> {
        Self::new(level)
    }
}

impl From<Classification> for u8 {
    fn from(classification: Classification) -> Self {
        classification.0
    }
}

impl Base {
    /// Takes the time (Unix milliseconds; policies see whole seconds), the hour (0 to 23) and whether it is a business day where the tenant is, the
    /// client's address, what the call is for, and how confidential its data is.
    pub fn new(
        now_ms: i64,
        local_hour: u8,
        business_day: bool,
        client_ip: IpAddr,
        purpose: Purpose,
        classification: Classification,
    ) -> Result<Self, Invalid> {
        check_time("now", now_ms)?;
        if local_hour > 23 {
            return Err(Invalid::new("local hour", "must be 0 to 23"));
        }
        Ok(Self {
            now_ms: now_ms - now_ms % 1_000,
            local_hour,
            business_day,
            // A mapped address is in no IPv4 range, so a policy on `10.0.0.0/8` would miss it.
            client_ip: client_ip.to_canonical(),
            purpose,
            classification,
        })
    }

    /// The time that policies are told, in Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// The hour where the tenant is.
    pub fn local_hour(&self) -> u8 {
        self.local_hour
    }

    /// Whether it is a business day where the tenant is.
    pub fn business_day(&self) -> bool {
        self.business_day
    }

    /// What the call is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// How confidential its data is.
    pub fn classification(&self) -> Classification {
        self.classification
    }
}

pub(crate) fn check_time(field: &'static str, ms: i64) -> Result<(), Invalid> {
    if (0..=UNIX_MS_MAX).contains(&ms) {
        return Ok(());
    }
    Err(Invalid::new(field, "must lie between the years 1970 and 9999"))
}
