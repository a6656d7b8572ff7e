//! May they? The questions to policy, and the prompt as it may be sent.
//!
//! A [`Cleared`] call can be made here only. It is the only thing that upstream accepts.

use crate::admit::{Admitted, denied};
use crate::edge::Held;
use crate::question::{Question, token_key};
use crate::refusal::Refusal;
use crate::registry::Identity;
use crate::route::Route;
use crate::rulebook::Rulebook;
use crate::screen::Screened;
use crate::seal::Seal;
use crate::settle;
use crate::treat::{Tokens, Treatments, not_asked};
use crate::work::{Allowance, Stop};
use bytes::Bytes;
use palisade_audit as audit;
use palisade_policies::{CallFacts, Denial, Permit, Snapshot};
use palisade_wire::sigv4::PayloadHash;
use std::sync::Arc;

/// A call that policy has cleared, and its body as it may be sent.
#[derive(Debug)]
pub struct Cleared {
    permit: Permit,
    admitted: Arc<Admitted>,
    body: Bytes,
    /// Memory for `body`, when it is not the very bytes of the client; given back when this is dropped.
    _held: Option<Held>,
    payload: PayloadHash,
    findings: Vec<audit::Finding>,
    tokens: Option<Tokens>,
    seal: Seal,
    modified: bool,
    waived: Option<Refusal>,
}

/// Asks about the call, then about each category of finding, and makes the body that may be sent. `received` is the hash
/// of the body as it came.
///
/// # Errors
/// [`Refusal::Denied`], or [`Refusal::Blocked`] when something found may not be sent in any form; where policy is only watched, neither,
/// unless a credential cannot be taken out. [`Stop`] when there is no memory for what is to be sent.
pub fn ask(
    rules: &Rulebook,
    question: &Question,
    screened: Screened,
    received: PayloadHash,
    allowance: &Allowance<'_>,
) -> Result<Cleared, Stop> {
    let admitted = Arc::clone(screened.call().admitted());
    let caller = admitted.caller();
    let (permit, denial) =
        decide(rules, &admitted, question.facts()).map_err(|denial| denied(denial, not_asked(&screened)))?;
    let tokens = token_key(rules, &admitted).map(Tokens::new);
    let permit = match tokens {
        Some(_) => permit.with_tokens(),
        None => permit,
    };
    let (call, found) = screened.into_parts();
    let seal = rules.forms.seal_of(caller.principal());
    let mut treatments = Treatments::of_request(&permit, &rules.forms, &seal, tokens);
    let edits = treatments.edits(call.document(), &call.map().regions, &found);
    let Ok(edits) = edits else {
        return Err(Refusal::Blocked(treatments.into_blocked()).into());
    };
    let rewritten = call.body().rewritten(&edits)?;
    let settled = settle::body(admitted.route(), &seal, &rewritten)?;
    let waived = match permit.enforced() {
        true => None,
        false => denial
            .map(|denial| denied(denial, Vec::new()))
            .or_else(|| treatments.waived()),
    };
    let (findings, tokens) = treatments.into_parts();
    let modified = !edits.is_empty();
    let is_made_here = modified || settled.is_some();
    let body = settled.unwrap_or(rewritten);
    Ok(Cleared {
        _held: is_made_here.then(|| allowance.lend(body.len())).transpose()?,
        permit,
        tokens,
        seal,
        payload: match is_made_here {
            true => PayloadHash::of(&body),
            false => received,
        },
        body,
        findings,
        modified,
        waived,
        admitted,
    })
}

/// Asks about the call. Where policy is only watched, what it says against the call comes beside the permit.
fn decide(
    rules: &Rulebook,
    admitted: &Admitted,
    facts: &CallFacts,
) -> Result<(Permit, Option<Denial>), Denial> {
    let (caller, model) = (admitted.caller().principal(), admitted.route().model());
    match rules.enforces(caller.tenant()) {
        true => palisade_policies::decide(&rules.policies, caller.facts(), model, facts)
            .map(|permit| (permit, None)),
        false => palisade_policies::observe(&rules.policies, caller.facts(), model, facts),
    }
}

/// The policies that are asked, as records name them.
#[must_use]
pub fn policy_ref(policies: &Snapshot) -> audit::PolicyRef {
    audit::PolicyRef {
        digest: policies.digest().to_owned(),
        engine: palisade_policies::ENGINE.to_owned(),
    }
}

impl Cleared {
    /// What is asked for.
    #[must_use]
    pub fn route(&self) -> &Route {
        self.admitted.route()
    }

    /// Who calls.
    #[must_use]
    pub fn principal(&self) -> &Identity {
        self.admitted.caller().principal()
    }

    /// The permit; it pins the policies for the rest of the exchange.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The body to send.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body's hash, as signatures and records need it.
    #[must_use]
    pub fn payload(&self) -> &PayloadHash {
        &self.payload
    }

    /// Whether something was taken out.
    #[must_use]
    pub fn modified(&self) -> bool {
        self.modified
    }

    /// The refusal that the call would have ended with, were policy not only watched.
    #[must_use]
    pub fn waived(&self) -> Option<&Refusal> {
        self.waived.as_ref()
    }

    /// Policies that determined the decision, sorted.
    #[must_use]
    pub fn determining(&self) -> &[String] {
        self.permit.determining()
    }

    /// The tokens that stand for values in the body, if any.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    /// What signatures over altered texts of the answer are sealed under.
    #[must_use]
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// What was found and how it was treated.
    #[must_use]
    pub fn findings(&self) -> &[audit::Finding] {
        &self.findings
    }
}
