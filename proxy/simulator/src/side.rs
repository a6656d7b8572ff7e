//! The side port: plain HTTP and JSON by which a test scripts the data port, reads what it received, and swaps keys.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::data::DataPort;
use crate::issuer::Issuer;
use crate::received::Received;
use crate::script::Reply;

/// Largest body. A script of raw bytes in base64 is the largest that makes sense.
const BODY_BYTES_MAX: usize = 96 * 1024 * 1024;

/// The state of the side port.
pub(crate) struct SidePort {
    pub(crate) data: Arc<DataPort>,
    pub(crate) issuer: Issuer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    replies: Vec<Reply>,
}

type Answer = (StatusCode, Value);

impl SidePort {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
            return fault(StatusCode::PAYLOAD_TOO_LARGE, "body too large or broken off");
        };
        let body = body.to_bytes();
        match (&head.method, head.uri.path()) {
            (&Method::GET, "/healthz") => (StatusCode::OK, json!({ "status": "ok" })),
            (&Method::GET, "/stats") => (StatusCode::OK, self.stats()),
            (&Method::GET, "/script") => (StatusCode::OK, json!({ "replies": self.data.script.waiting() })),
            (&Method::POST, "/script") => self.queue(&body),
            (&Method::GET, "/received") => {
                let received = self.data.received.as_ref().map(Received::to_json);
                received.map_or_else(not_recording, |received| (StatusCode::OK, received))
            }
            (&Method::DELETE, "/received") => {
                let cleared = self.data.received.as_ref().map(Received::clear);
                cleared.map_or_else(not_recording, |()| (StatusCode::OK, json!({})))
            }
            (&Method::GET, "/.well-known/openid-configuration") => found(self.issuer.discovery()),
            (&Method::GET, "/jwks.json") => found(self.issuer.jwks()),
            (&Method::PUT, "/jwks.json") => self.swap_jwks(&body),
            _ => fault(StatusCode::NOT_FOUND, "no such path and method"),
        }
    }

    fn queue(&self, body: &[u8]) -> Answer {
        let script: Script = match serde_json::from_slice(body) {
            Ok(script) => script,
            Err(error) => return fault(StatusCode::BAD_REQUEST, &error.to_string()),
        };
        match self.data.script.extend(script.replies) {
            Ok(waiting) => (StatusCode::OK, json!({ "waiting": waiting })),
            Err(error) => fault(StatusCode::BAD_REQUEST, &error.to_string()),
        }
    }

    fn swap_jwks(&self, body: &[u8]) -> Answer {
        match serde_json::from_slice(body) {
            Ok(jwks) => {
                self.issuer.set_jwks(jwks);
                (StatusCode::OK, json!({}))
            }
            Err(error) => fault(StatusCode::BAD_REQUEST, &error.to_string()),
        }
    }

    fn stats(&self) -> Value {
        let (discovery_fetches, jwks_fetches) = self.issuer.fetches();
        json!({
            "requests": self.data.exchanges(),
            "discovery_fetches": discovery_fetches,
            "jwks_fetches": jwks_fetches,
        })
    }
}

fn found(document: Option<Value>) -> Answer {
    document.map_or_else(
        || {
            fault(
                StatusCode::NOT_FOUND,
                "no key set: start with an issuer, or put /jwks.json",
            )
        },
        |document| (StatusCode::OK, document),
    )
}

fn not_recording() -> Answer {
    fault(StatusCode::NOT_FOUND, "recording is off")
}

fn fault(status: StatusCode, message: &str) -> Answer {
    (status, json!({ "error": message }))
}

/// [`SidePort::answer`] as hyper calls it.
pub(crate) async fn serve(
    port: Arc<SidePort>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = port.answer(request).await;
    let mut response = Response::new(Full::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
