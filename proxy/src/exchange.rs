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

use crate::apart::apart_if_large;
use crate::authorize::{self, Forms, Rules};
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
use futures_util::FutureExt;
use palisade_audit::End;
use palisade_guardrails::Engine;
use palisade_policies::Snapshot;
use palisade_wire::fault::Style;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

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
    /// What takes the place of values.
    pub forms: Forms,
    /// The log.
    pub audit: Audit,
    /// The way to the provider.
    pub upstream: Upstream,
}

impl Palisade {
    /// Answers one request; leaves a decision record and a completion record, whatever happens.
    pub async fn serve(&self, client: &mut Client<'_>) {
        let request_id = uuid::Uuid::new_v4().to_string();
        let hardened = client.harden();
        let head = Arc::clone(client.head());
        let end = match Trail::open(&self.audit, &head, client.arrived(), &request_id) {
            Err(refusal) => {
                self.refuse(&refusal, &request_id, client).await;
                refusal.end()
            }
            Ok(mut trail) => {
                let end = self
                    .forward_recorded(hardened, &request_id, client, &mut trail)
                    .await;
                trail.close(end, client.answer());
                end
            }
        };
        metrics::counter!("palisade_exchanges_total", "end" => end.name()).increment(1);
        metrics::histogram!("palisade_exchange_seconds").record(client.arrived().elapsed().as_secs_f64());
    }

    /// The straight line, and what becomes of its failures. A panic is one: its exchange ends, its records say so.
    async fn forward_recorded(
        &self,
        hardened: Result<(), Refusal>,
        request_id: &str,
        client: &mut Client<'_>,
        trail: &mut Trail,
    ) -> End {
        let forwarding = AssertUnwindSafe(self.forward(hardened, request_id, client, trail));
        let refusal = match forwarding.catch_unwind().await {
            Ok(Ok(end)) => return end,
            Ok(Err(refusal)) => refusal,
            Err(_) => Refusal::Internal("panic"),
        };
        trail.body(client.body_bytes());
        // When the refusal cannot be recorded, the client is told that instead.
        let refusal = trail.refused(&refusal).await.err().unwrap_or(refusal);
        self.refuse(&refusal, request_id, client).await;
        refusal.end()
    }

    /// The straight line.
    async fn forward(
        &self,
        hardened: Result<(), Refusal>,
        request_id: &str,
        client: &mut Client<'_>,
        trail: &mut Trail,
    ) -> Result<End, Refusal> {
        hardened?;
        let head = Arc::clone(client.head());

        let caller = caller::identify(&self.registry, &self.issuers, client).await?;
        trail.caller(&caller);

        let route = route::resolve(&self.registry, &head)?;
        trail.route(&route, authorize::policy_ref(&self.policies));
        authorize::admit(&self.policies, &caller, &route)?;

        let (body, payload) = (client.body().await?, client.payload().await?);
        let cleared = apart_if_large(body.len(), || {
            let call = route.decode(body)?;
            let screened = screen::scan(&self.engine, call);
            trail.screened(&screened);
            let rules = Rules {
                policies: &self.policies,
                forms: &self.forms,
            };
            authorize::ask(rules, &caller, &head, unix_ms(), screened, payload)
        })?;

        trail.body(client.body_bytes());
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
            forms: &self.forms,
            body_bytes_max: self.shared.limits().body_bytes_max,
            request_id,
        };
        relay::run(&guarding, &self.upstream, &recorded, reply, client, trail).await
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

impl Serve for Palisade {
    async fn serve(&self, client: &mut Client<'_>) {
        Self::serve(self, client).await;
    }
}
