//! The registry over HTTP, on a listener of its own: the same as `palisade registry` and `palisade key`.
//!
//! Who asks is identified as on the data listener, and what they may do is asked of the same policies. Everything that is asked for leaves
//! a decision record before it is done, and one when it has ended.
//!
//! ```text
//! harden ─► identify ─► route (axum) ─► read the store ─► permit, recorded ─► check with all that is configured ─► change ─► close
//!                                            ▲                                                                     │
//!                                            └────────────────── somebody else was first ──────────────────────────┘
//! ```

mod problem;
mod session;
mod desk;
mod entries;
mod keys;
mod whole;

pub use desk::Desk;

use crate::caller::identify;
use crate::controls::Controls;
use crate::edge::{Client, Hardened, Serve};
use crate::exchange::Palisade;
use crate::refusal::{Refusal, Unroutable};
use crate::trail::Trail;
use axum::body::{Body, to_bytes};
use axum::routing::{get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use palisade_audit::End;
use problem::{PROBLEM, Problem};
use session::Session;
use std::sync::Arc;
use tokio::sync::Mutex;
use tower::ServiceExt as _;

/// What this API is, for tools: OpenAPI 3.1.
const DESCRIPTION: &str = include_str!("api/openapi.json");

/// Longest answer, in bytes: a whole registry.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// The API.
pub struct Api {
    palisade: Arc<Palisade>,
    router: Router,
}

/// An answer: its status, its headers and its body.
type Answer = (u16, Vec<(&'static str, String)>, Bytes);

impl Api {
    /// Over what a desk holds, for those whom this gate knows.
    #[must_use]
    pub fn new(palisade: Arc<Palisade>, desk: Arc<Desk>) -> Self {
        let one = get(entries::read).put(entries::put).delete(entries::remove);
        let router = Router::new()
            .route("/v1/entries", get(entries::list))
            .route("/v1/entries/{kind}/{*id}", one)
            .route("/v1/keys", post(keys::issue))
            .route("/v1/keys/{id}/rotate", post(keys::rotate))
            .route("/v1/registry", get(whole::export).post(whole::apply))
            .fallback(async || {
                Problem::new(
                    404,
                    "nothing is called that: GET /openapi.json lists what is there",
                )
            })
            .method_not_allowed_fallback(async || {
                Problem::new(405, "this has no such method: GET /openapi.json lists them")
            })
            .with_state(desk);
        Self { palisade, router }
    }

    fn controls(&self) -> &Controls {
        &self.palisade.controls
    }

    /// What anybody may ask, without leaving a record: whether it runs, and what it can do.
    fn open(&self, head: &Hardened) -> Option<Answer> {
        let json = |status, text: String| {
            let kind = vec![("content-type", "application/json".to_owned())];
            Some((status, kind, Bytes::from(text)))
        };
        match (head.method(), head.path()) {
            ("GET", b"/openapi.json") => json(200, DESCRIPTION.to_owned()),
            ("GET", b"/healthz") => json(200, "{\"status\":\"ok\"}\n".to_owned()),
            ("GET", b"/readyz") => match self.controls().unready() {
                None => json(200, "{\"status\":\"ready\"}\n".to_owned()),
                Some(why) => json(503, format!("{{\"status\":\"unready\",\"reason\":\"{why}\"}}\n")),
            },
            _ => None,
        }
    }

    /// Answers one request that leaves records.
    async fn recorded(&self, hardened: Result<Hardened, Refusal>, client: &mut Client<'_>) {
        let request_id = uuid::Uuid::new_v4().to_string();
        let head = Arc::clone(client.head());
        let trail = Trail::open(self.controls().audit(), &head, client.arrived(), &request_id);
        let trail = Arc::new(Mutex::new(trail));
        let answered = self.routed(hardened, client, &trail).await;
        let (status, mut headers, body) = match answered {
            Ok(answer) => answer,
            Err(refusal) => turned_away(&refusal, client, &trail).await,
        };
        headers.push(("x-request-id", request_id));
        let end = match client.turn_away(status, &headers, body).await {
            Ok(()) if status < 400 => End::Completed,
            Ok(()) => End::Refused,
            Err(_) => End::ClientGone,
        };
        client.leave().await;
        // Whoever else held it has ended by now; a trail that is only dropped is closed as well.
        if let Some(trail) = Arc::into_inner(trail) {
            trail.into_inner().close(end, client.answer());
        }
    }

    /// The straight line.
    async fn routed(
        &self,
        hardened: Result<Hardened, Refusal>,
        client: &mut Client<'_>,
        trail: &Arc<Mutex<Trail>>,
    ) -> Result<Answer, Refusal> {
        let head = hardened?;
        let rulebook = self.controls().rulebook();
        let caller = identify(&rulebook, &self.palisade.issuers, client, &head).await?;
        let stale = self
            .controls()
            .freshness()
            .check(client.arrived(), rulebook.stale_max);
        let mut known = trail.lock().await;
        known.caller(&caller)?;
        known.stale(stale?);
        let body = client.body().await?;
        known.body(client.body_bytes());
        drop(known);
        let request = request(&head, body)?;
        let session = Session::new(rulebook, caller, head.client_ip(), Arc::clone(trail));
        let service = self.router.clone().layer(Extension(Arc::new(session)));
        // Its error is `Infallible`.
        let answered = service.oneshot(request).await.unwrap_or_default();
        let (parts, body) = answered.into_parts();
        let status = parts.status.as_u16();
        if let Some(refusal) = unasked(status) {
            // Unless policy was asked, and the record written.
            trail.lock().await.refused(&refusal).await?;
        }
        let body = to_bytes(body, ANSWER_BYTES_MAX).await;
        let body = body.map_err(|_| Refusal::Internal("an answer that is too long"))?;
        let header = |name: &'static str| Some((name, parts.headers.get(name)?.to_str().ok()?.to_owned()));
        let headers: Vec<_> = ["content-type", "etag", "allow", "cache-control"]
            .into_iter()
            .filter_map(header)
            .collect();
        let is_problem = headers.contains(&("content-type", PROBLEM.to_owned()));
        match status < 400 || is_problem {
            true => Ok((status, headers, body)),
            // Words of the framework's own.
            false => Ok(Problem::new(status, String::from_utf8_lossy(&body)).answer()),
        }
    }
}

async fn turned_away(refusal: &Refusal, client: &mut Client<'_>, trail: &Mutex<Trail>) -> Answer {
    let unrecorded = match trail.lock().await.refused(refusal).await {
        Ok(wait) => client.wait(wait).await.err(),
        Err(unrecorded) => Some(unrecorded),
    };
    Problem::of(unrecorded.as_ref().unwrap_or(refusal)).answer()
}

/// Why a request was refused before policy was asked.
fn unasked(status: u16) -> Option<Refusal> {
    match status {
        ..400 => None,
        404 | 405 => Some(Refusal::Unroutable(Unroutable::Operation)),
        500.. => Some(Refusal::Internal("the registry")),
        _ => Some(Refusal::Malformed("it is not what the API takes".to_owned())),
    }
}

fn request(head: &Hardened, body: Bytes) -> Result<http::Request<Body>, Refusal> {
    let none = || Refusal::Malformed("the request cannot be read".to_owned());
    let target = [head.path(), b"?", head.query()].concat();
    let mut request = http::Request::builder()
        .method(head.method())
        .uri(target.as_slice());
    if let Some(headers) = request.headers_mut() {
        *headers = head.headers().clone();
    }
    request.body(Body::from(body)).map_err(|_| none())
}

impl Serve for Api {
    async fn serve(&self, client: &mut Client<'_>) {
        let hardened = client.harden();
        if let Ok(head) = &hardened
            && let Some((status, headers, body)) = self.open(head)
        {
            // A client that does not take its answer has left.
            let _ = client.turn_away(status, &headers, body).await;
            return;
        }
        self.recorded(hardened, client).await;
    }
}
