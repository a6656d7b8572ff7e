//! What went wrong, as RFC 9457 has it.

use super::Answer;
use crate::refusal::Refusal;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use palisade_registry::StoreError;
use serde_json::json;

/// The media type of problems.
pub(super) const PROBLEM: &str = "application/problem+json";

/// Longest text of a problem, in bytes: a reader of a file quotes the line that is wrong.
const DETAIL_BYTES_MAX: usize = 1_000;

/// A problem: a status, and what to do.
#[derive(Debug)]
pub(super) struct Problem {
    status: u16,
    detail: String,
}

impl Problem {
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        detail.truncate(detail.floor_char_boundary(DETAIL_BYTES_MAX));
        Self { status, detail }
    }

    /// That of a refusal, as callers may know it.
    pub(super) fn of(refusal: &Refusal) -> Self {
        let status = match refusal {
            Refusal::Unidentified(_) => 401,
            _ => refusal.fault().status(),
        };
        let detail = match refusal {
            Refusal::Denied(denied) if denied.message.is_none() => {
                "you are not allowed to do this".to_owned()
            }
            _ => refusal.message(),
        };
        Self::new(status, detail)
    }

    pub(super) fn answer(self) -> Answer {
        let title = http::StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason());
        let body = json!({ "title": title.unwrap_or("Error"), "status": self.status, "detail": self.detail });
        let kind = ("content-type", PROBLEM.to_owned());
        (self.status, vec![kind], Bytes::from(format!("{body}\n")))
    }
}

/// That of work that ended in a defect.
pub(super) fn defect(defect: &tokio::task::JoinError) -> Problem {
    tracing::error!("what changes the registry has ended: {defect}");
    Problem::new(500, "an internal error occurred")
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } | StoreError::Busy => {
                Self::new(409, "others change the registry all the time; try again")
            }
            StoreError::Entry { .. } => Self::new(400, error.to_string()),
            StoreError::Version { .. } | StoreError::Unavailable(_) => {
                tracing::error!("the store of the registry: {error}");
                Self::new(
                    503,
                    "the store of the registry cannot be used now; its operator finds the reason in the log",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, headers, body) = self.answer();
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        response.body(Body::from(body)).unwrap_or_default()
    }
}
