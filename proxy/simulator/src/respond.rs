//! Responses as AWS sends them.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::line::Line;
use crate::playback::{Pace, Playback};
use crate::received::Ticket;
use crate::refusal::Refusal;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An error in the shape of AWS.
pub(crate) fn refuse(
    refusal: &Refusal,
    is_sagemaker: bool,
    number: u64,
    pace: Pace,
    line: Arc<Line>,
    ticket: Ticket,
) -> Response<Playback> {
    let body = Playback::whole(refusal.body(is_sagemaker), pace, line, ticket);
    let name =
        HeaderValue::from_str(&refusal.name).unwrap_or(HeaderValue::from_static("InternalServerException"));
    let headers = vec![
        (CONTENT_TYPE, JSON),
        (HeaderName::from_static("x-amzn-errortype"), name),
    ];
    respond(
        StatusCode::from_u16(refusal.status).unwrap_or_default(),
        headers,
        body,
        number,
    )
}

/// A response with AWS's request id, made from the exchange's `number`.
pub(crate) fn respond(
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Playback,
    number: u64,
) -> Response<Playback> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let fields = response.headers_mut();
    for (name, value) in headers {
        fields.insert(name, value);
    }
    let id = uuid::Uuid::from_u64_pair(now().as_secs(), number).to_string();
    if let Ok(id) = HeaderValue::try_from(id) {
        fields.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    response
}

/// The time since the Unix epoch.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
