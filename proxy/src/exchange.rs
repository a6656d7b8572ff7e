//! One request, from its head to its records: the page that everything else serves.
//!
//! Each step takes what the step before gave, and its type can be made in its own module only, so a step that is left
//! out does not compile: nothing is sent that is not [`Recorded`], nothing is recorded as allowed that is not
//! `Cleared`, nothing is cleared that is not `Screened`.
//!
//! ```text
//! pin ─► harden ─► identify ─► route ─► admit ─► decode ─► screen ─► ask ─► reserve ─► decided ∥ connect ─► send ─► relay ─► settle ─► close
//! rules  edge       caller                          call                authorize  quota    trail     upstream
//! ```
//!
//! [`Recorded`]: crate::trail::Recorded

use crate::admit;
use crate::authorize::{Cleared, policy_ref};
use crate::call::Standing;
use crate::caller::{self, Caller, Issuers};
use crate::clock::unix_ms;
use crate::controls::Controls;
use crate::discovery::Telling;
use crate::edge::{Client, EdgeState, Hardened, Serve, SignedEvents};
use crate::judge::Judging;
use crate::naming::Naming;
use crate::quota;
use crate::refusal::Refusal;
use crate::relay::{self, Conversation, Guarding};
use crate::route::{self, Named, Route, Routed, Unnamed};
use crate::rulebook::Rulebook;
use crate::spoken::{Sent, Speaking, betas};
use crate::trail::Trail;
use crate::upstream::Upstream;
use crate::work::{Allowance, Pool, Stop};
use futures_util::FutureExt;
use palisade_audit::End;
use palisade_wire::bedrock::discovery::Discovery;
use palisade_wire::translate::Tongue;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// The gate: everything that an exchange needs, shared by all.
pub struct Palisade {
    /// Limits and memory of the client side.
    pub shared: EdgeState,
    /// The rules in force, and the log.
    pub controls: Arc<Controls>,
    /// Issuers of tokens.
    pub issuers: Issuers,
    /// Where long work is done.
    pub pool: Pool,
    /// The way to the provider.
    pub upstream: Upstream,
}

impl Palisade {
    /// Answers one request; leaves a decision record and a completion record, whatever happens, and a session that an owner
    /// can go on with as Pingora's own services do.
    pub async fn serve(&self, client: &mut Client<'_>) {
        let request_id = uuid::Uuid::new_v4().to_string();
        let hardened = client.harden();
        let head = Arc::clone(client.head());
        let mut trail = Trail::open(self.controls.audit(), &head, client.arrived(), &request_id);
        let end = self
            .forward_recorded(hardened, &request_id, client, &mut trail)
            .await;
        client.leave().await;
        trail.close(end, client.answer());
        metrics::counter!("palisade_exchanges_total", "end" => end.name()).increment(1);
        metrics::histogram!("palisade_exchange_seconds").record(client.arrived().elapsed().as_secs_f64());
    }

    /// The straight line, and what becomes of its failures. A panic is one: its exchange ends, its records say so.
    async fn forward_recorded(
        &self,
        hardened: Result<Hardened, Refusal>,
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
        client.drop_body();
        let refusal = match trail.refused(&refusal).await {
            Ok(wait) => client.wait(wait).await.err().unwrap_or(refusal),
            // When the refusal cannot be recorded, the client is told that instead.
            Err(unrecorded) => unrecorded,
        };
        self.refuse(&refusal, request_id, client).await;
        refusal.end()
    }

    /// The straight line.
    async fn forward(
        &self,
        hardened: Result<Hardened, Refusal>,
        request_id: &str,
        client: &mut Client<'_>,
        trail: &mut Trail,
    ) -> Result<End, Refusal> {
        let rulebook = &self.controls.rulebook();
        let head = hardened?;
        let caller = caller::identify(rulebook, &self.issuers, client, &head).await?;
        trail.caller(&caller)?;
        let freshness = self.controls.freshness();
        trail.stale(freshness.check(client.arrived(), rulebook.stale_max)?);

        let call = match route::resolve(&rulebook.registry, caller.principal().tenant().id(), &head)? {
            Routed::Call(call) => call,
            Routed::Discovery(asked) => {
                return self.tell(rulebook, head, caller, asked, client, trail).await;
            }
        };
        let (route, translated) = self
            .with_model(rulebook, (&head, &caller), call, request_id, client)
            .await?;
        trail.route(&route, policy_ref(&rulebook.policies));
        trail.tried(self.controls.shadow().beside(rulebook));
        let events = signed_events(&route, client)?;
        let admitted = Arc::new(admit::admit(rulebook, head, caller, route)?);

        let judging = Judging {
            rulebook: Arc::clone(rulebook),
            admitted: Arc::clone(&admitted),
            sent: match translated {
                Some(sent) => sent,
                None => Sent::of(client).await?,
            },
            before: Standing::default(),
        };
        let tenant = admitted.caller().principal().tenant().id();
        let cleared = self.judged(judging, tenant, client, trail).await?;

        // The connection is made while the record becomes durable; nothing is written to it before.
        let (target, reserved) = (admitted.route().target(), quota::reserve(cleared));
        let (connection, recorded) = tokio::join!(self.upstream.connect(target), trail.decided(reserved));
        let recorded = Arc::new(recorded?);

        let guarding = self.guarding(rulebook, tenant, request_id);
        let mut attempts = Vec::new();
        if let Some(events) = events {
            let conversation = Conversation {
                guarding,
                admitted: &admitted,
                recorded: &recorded,
            };
            let way = (&self.upstream, connection?);
            let outcome = conversation.run(way, events, client, &mut attempts).await;
            trail.attempts(attempts);
            return trail.settled(outcome);
        }
        let sent = tokio::select! {
            sent = self.upstream.send(connection?, &recorded, &mut attempts) => sent,
            why = client.interrupted() => Err(why),
        };
        trail.attempts(attempts);
        trail.settled(relay::run(&guarding, &self.upstream, &recorded, sent?, client).await)
    }

    /// What an answer is guarded with.
    fn guarding<'a>(
        &'a self,
        rulebook: &'a Arc<Rulebook>,
        tenant: &'a str,
        request_id: &'a str,
    ) -> Guarding<'a> {
        Guarding {
            rulebook,
            pool: &self.pool,
            tenant,
            body_bytes_max: self.shared.limits().body_bytes_max,
            request_id,
            controls: &self.controls,
        }
    }

    /// A call as it may be sent.
    async fn judged(
        &self,
        judging: Judging,
        tenant: &str,
        client: &mut Client<'_>,
        trail: &mut Trail,
    ) -> Result<Cleared, Refusal> {
        let judged = self
            .work(tenant, client, move |allowance| judging.judge(allowance))
            .await?;
        trail.screened(&judged.coverage, judged.question);
        let cleared = judged.cleared?;
        trail.body(client.body_bytes());
        if cleared.modified() {
            client.drop_body();
        }
        Ok(cleared)
    }

    /// The route of a call; where its body names the model, it is read for that first.
    async fn with_model(
        &self,
        rulebook: &Arc<Rulebook>,
        (head, caller): (&Hardened, &Caller),
        call: Named,
        request_id: &str,
        client: &mut Client<'_>,
    ) -> Result<(Route, Option<Sent>), Refusal> {
        match call {
            Named::Head(route) => Ok((route, None)),
            Named::Body(call) => Ok((self.named(rulebook, caller, call, client).await?, None)),
            Named::Spoken(tongue) => {
                self.translated(rulebook, (head, caller), tongue, request_id, client)
                    .await
            }
        }
    }

    /// A call in another protocol as one of Converse. Its body names the model, so it is read before anybody is asked.
    async fn translated(
        &self,
        rulebook: &Arc<Rulebook>,
        (head, caller): (&Hardened, &Caller),
        tongue: Tongue,
        request_id: &str,
        client: &mut Client<'_>,
    ) -> Result<(Route, Option<Sent>), Refusal> {
        let tenant = caller.principal().tenant().id();
        let speaking = Speaking {
            rulebook: Arc::clone(rulebook),
            tenant: tenant.to_owned(),
            tongue,
            betas: betas(head),
            body: client.body().await?,
            request_id: request_id.to_owned(),
            created: unix_ms() / 1_000,
        };
        let (route, sent) = self
            .work(tenant, client, move |allowance| speaking.translate(allowance))
            .await?;
        client.replace_body(sent.body.len())?;
        Ok((route, Some(sent)))
    }

    /// A call whose body names the model.
    async fn named(
        &self,
        rulebook: &Arc<Rulebook>,
        caller: &Caller,
        call: Unnamed,
        client: &mut Client<'_>,
    ) -> Result<Route, Refusal> {
        let tenant = caller.principal().tenant().id();
        let naming = Naming {
            rulebook: Arc::clone(rulebook),
            tenant: tenant.to_owned(),
            region: self.upstream.region().to_owned(),
            call,
            body: client.body().await?,
        };
        self.work(tenant, client, move |allowance| naming.route(allowance))
            .await
    }

    /// Work on a body, for as long as its sender waits for it.
    async fn work<T: Send + 'static>(
        &self,
        tenant: &str,
        client: &mut Client<'_>,
        work: impl Fn(&mut Allowance<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Refusal> {
        tokio::select! {
            biased;
            done = self.pool.run(tenant, client.body_bytes(), work) => done,
            why = client.interrupted() => Err(why),
        }
    }

    /// Answers a question about models from the registry: those that the caller may use.
    async fn tell(
        &self,
        rulebook: &Arc<Rulebook>,
        head: Hardened,
        caller: Caller,
        asked: Discovery,
        client: &mut Client<'_>,
        trail: &mut Trail,
    ) -> Result<End, Refusal> {
        trail.asked(&asked, policy_ref(&rulebook.policies));
        client.body().await?;
        trail.body(client.body_bytes());
        let tenant = caller.principal().tenant().clone();
        let telling = Telling {
            rulebook: Arc::clone(rulebook),
            client_ip: head.client_ip(),
            region: self.upstream.region().to_owned(),
            caller,
            asked,
        };
        let work = self.pool.run(tenant.id(), 0, move |allowance| {
            telling.answer(unix_ms(), allowance)
        });
        let answer = work.await?;
        trail.told().await?;
        let kind = [("content-type", "application/json".to_owned())];
        client.respond(200, &kind, answer.into()).await?;
        Ok(End::Completed)
    }

    /// Tells the client, in its own protocol, unless it has left or an answer has begun.
    async fn refuse(&self, refusal: &Refusal, request_id: &str, client: &mut Client<'_>) {
        if let Refusal::Internal(what) = refusal {
            tracing::error!(what, request_id, "internal error");
        }
        if matches!(refusal, Refusal::ClientGone) || client.answer().status != 0 {
            return;
        }
        let protocol = client.head().protocol();
        let rendered = refusal.fault().render(protocol, &refusal.message(), request_id);
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

/// What the events of a call are signed with, if they are its body.
fn signed_events(route: &Route, client: &mut Client<'_>) -> Result<Option<SignedEvents>, Refusal> {
    let events = client.take_signed_events();
    match (route.target().goes_both_ways(), events) {
        (true, None) => {
            let why = "this operation takes signed requests only, for each of its events is signed too";
            Err(Refusal::Malformed(why.to_owned()))
        }
        (true, events) => Ok(events),
        (false, None) => Ok(None),
        (false, Some(_)) => Err(Refusal::Internal("signed events of another operation")),
    }
}

impl Serve for Palisade {
    async fn serve(&self, client: &mut Client<'_>) {
        Self::serve(self, client).await;
    }
}
