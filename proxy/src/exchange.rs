//! One request, from its head to its records: the page that everything else serves.
//!
//! Each step takes what the step before gave, and its type can be made in its own module only, so a step that is left
//! out does not compile: nothing is sent that is not [`Recorded`], nothing is recorded as allowed that is not
//! `Cleared`, nothing is cleared that is not `Screened`.
//!
//! ```text
//! edge ─► caller ─► route ─► [admit] ─► decode ─► screen ─► authorize ─► record ─► upstream ─► relay
//! ```
//!
//! [`Recorded`]: crate::trail::Recorded

use crate::authorize;
use crate::caller::{self, Issuers};
use crate::clock::unix_ms;
use crate::edge::{Client, Serve, Shared};
use crate::refusal::Refusal;
use crate::registry::Registry;
use crate::relay::{self, Guarding};
use crate::route;
use crate::screen;
use crate::trail::{Audit, Trail};
use crate::upstream::Upstream;
use palisade_audit::{End, PolicyRef};
use palisade_guardrails::Engine;
use palisade_policies::Snapshot;
use palisade_wire::fault::Style;
use std::sync::Arc;

/// Bodies from this size on are scanned off the async worker, in bytes: below it, moving costs more than scanning.
const SCAN_APART_BYTES: usize = 256 * 1024;

/// The gate: everything that an exchange needs, shared by all.
pub struct Palisade {
    /// Limits and memory of the client side.
    pub shared: Shared,
    /// Tenants, models, keys.
    pub registry: Registry,
    /// Issuers of tokens.
    pub issuers: Issuers,
    /// The policies in force.
    pub policies: Arc<Snapshot>,
    /// The detectors.
    pub engine: Engine,
    /// The log.
    pub audit: Audit,
    /// The way to the provider.
    pub upstream: Upstream,
}

impl Palisade {
    /// Answers one request; leaves a decision record and a completion record, whatever happens.
    pub async fn serve(&self, client: &mut Client<'_>) {
        let request_id = uuid::Uuid::new_v4().to_string();
        let head = Arc::clone(client.head());
        let end = match Trail::open(&self.audit, &head, client.arrived(), &request_id) {
            Err(refusal) => {
                self.refuse(&refusal, &request_id, client).await;
                refusal.end()
            }
            Ok(mut trail) => {
                let end = match self.forward(&request_id, client, &mut trail).await {
                    Ok(end) => end,
                    Err(refusal) => {
                        self.refuse_recorded(refusal, &request_id, client, &mut trail)
                            .await
                    }
                };
                trail.close(end, client.answer());
                end
            }
        };
        metrics::counter!("palisade_exchanges_total", "end" => end_name(end)).increment(1);
        metrics::histogram!("palisade_exchange_seconds").record(client.arrived().elapsed().as_secs_f64());
    }

    /// The straight line.
    async fn forward(
        &self,
        request_id: &str,
        client: &mut Client<'_>,
        trail: &mut Trail,
    ) -> Result<End, Refusal> {
        client.harden()?;
        let head = Arc::clone(client.head());

        let caller = caller::identify(&self.registry, &self.issuers, client).await?;
        trail.caller(&caller);

        let route = route::resolve(&self.registry, &head)?;
        trail.route(&route, self.policy_ref());
        authorize::admit(&self.policies, &caller, &route)?;

        let body = client.body().await?;
        trail.body(body.len());
        let call = route.decode(body)?;

        let screened = apart_if_large(call.document().bytes().len(), || screen::scan(&self.engine, call));
        trail.coverage(screened.unscanned());

        let cleared = authorize::ask(&self.policies, &caller, &head, unix_ms(), screened)?;

        // The connection is made while the record becomes durable; nothing is written to it before.
        let (connection, recorded) = tokio::join!(self.upstream.connect(), trail.decided(cleared));
        let recorded = recorded?;

        let mut attempts = 0;
        let sent = tokio::select! {
            sent = self.upstream.send(connection?, &recorded, &mut attempts) => sent,
            () = client.gone() => Err(Refusal::ClientGone),
        };
        trail.completion().attempts = attempts;
        let reply = sent?;
        let guarding = Guarding {
            engine: &self.engine,
            permit: recorded.cleared().permit(),
            body_bytes_max: self.shared.limits().body_bytes_max,
            request_id,
        };
        relay::run(&guarding, &self.upstream, &recorded, reply, client, trail).await
    }

    fn policy_ref(&self) -> PolicyRef {
        PolicyRef {
            digest: self.policies.digest().to_owned(),
            engine: palisade_policies::ENGINE.to_owned(),
        }
    }

    /// Records a refusal, then tells the client; when it cannot be recorded, the client is told that instead.
    async fn refuse_recorded(
        &self,
        refusal: Refusal,
        request_id: &str,
        client: &mut Client<'_>,
        trail: &mut Trail,
    ) -> End {
        let refusal = trail.refused(&refusal).await.err().unwrap_or(refusal);
        self.refuse(&refusal, request_id, client).await;
        refusal.end()
    }

    /// Tells the client, in its own protocol, unless it has left or an answer has begun.
    async fn refuse(&self, refusal: &Refusal, request_id: &str, client: &mut Client<'_>) {
        if let Refusal::Internal(what) = refusal {
            tracing::error!(what, request_id, "internal error");
        }
        if matches!(refusal, Refusal::ClientGone) || client.answer().status != 0 {
            return;
        }
        let path = String::from_utf8_lossy(client.head().path());
        let rendered = refusal
            .fault()
            .render(Style::of_path(&path), &refusal.message(), request_id);
        let headers: Vec<_> = rendered
            .headers
            .into_iter()
            .map(|(name, value)| (name, value.into_owned()))
            .collect();
        // A client that does not take its refusal has left; the records say what it was told.
        let _ = client
            .turn_away(rendered.status, &headers, rendered.body.into())
            .await;
    }
}

/// Scanning megabytes would stall every exchange of this worker.
fn apart_if_large<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes < SCAN_APART_BYTES {
        return work();
    }
    tokio::task::block_in_place(work)
}

fn end_name(end: End) -> &'static str {
    match end {
        End::Completed => "completed",
        End::Refused => "refused",
        End::ClientGone => "client_gone",
        End::UpstreamError => "upstream_error",
        End::Timeout => "timeout",
        End::PolicyCut => "policy_cut",
        End::Abandoned => "abandoned",
    }
}

impl Serve for Palisade {
    async fn serve(&self, client: &mut Client<'_>) {
        Self::serve(self, client).await;
    }
}
