//! Could any permit allow it, whatever the body says? Asked before the body is read, and decoded.
//!
//! An [`Admitted`] request can be made here only, and only an admitted one is decoded.

use crate::caller::Caller;
use crate::edge::Hardened;
use crate::refusal::{Denied, Refusal};
use crate::route::Route;
use crate::rulebook::Rulebook;
use palisade_audit as audit;
use palisade_policies::{About, Denial, Reason};

/// The longest name of a tool that is repeated to its caller.
const TOOL_BYTES_MAX: usize = 64;

/// A request whose body is worth reading.
#[derive(Debug)]
pub struct Admitted {
    head: Hardened,
    caller: Caller,
    route: Route,
}

/// Refuses what no permit could allow whatever the body says, unless policy is only watched.
///
/// # Errors
/// [`Refusal::Denied`].
pub fn admit(rules: &Rulebook, head: Hardened, caller: Caller, route: Route) -> Result<Admitted, Refusal> {
    let principal = caller.principal();
    // Whoever is only watched is asked about when all is known of the call.
    if rules.enforces(principal.tenant()) {
        palisade_policies::admit(&rules.policies, principal.facts(), route.action(), route.model())
            .map_err(|denial| denied(denial, Vec::new()))?;
    }
    Ok(Admitted { head, caller, route })
}

/// A denial with what had been found by then.
#[must_use]
pub fn denied(denial: Denial, findings: Vec<audit::Finding>) -> Refusal {
    let reason = recorded_reason(denial.reason);
    report_errors(&denial.errors);
    Refusal::Denied(Denied {
        reason,
        determining: denial.determining,
        errors: denial.errors,
        findings,
        message: match &denial.about {
            Some(About::Tool(tool)) => Some(about_tool(denial.message.as_deref(), tool)),
            Some(About::Used(id)) => Some(about_used(denial.message.as_deref(), id)),
            None => denial.message,
        },
    })
}

/// What the caller is told of a tool. Its name is the caller's own; one that is long or odd is not repeated.
fn about_tool(message: Option<&str>, tool: &str) -> String {
    let message = message.unwrap_or("you are not allowed to offer this tool to this model");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    match tool.len() <= TOOL_BYTES_MAX && tool.bytes().all(plain) {
        true => format!("{message} (tool `{tool}`)"),
        false => message.to_owned(),
    }
}

/// What the caller is told of what it uses beside the model. Its id is the registry's.
fn about_used(message: Option<&str>, id: &str) -> String {
    let message = message.unwrap_or("you are not allowed to use this");
    format!("{message} (`{id}`)")
}

/// The word of records for why policy denies.
#[must_use]
pub fn recorded_reason(reason: Reason) -> audit::Reason {
    match reason {
        Reason::NoPermit => audit::Reason::NoPermit,
        Reason::Forbidden => audit::Reason::Policy,
        Reason::PolicyError | Reason::Invalid => audit::Reason::PolicyError,
    }
}

/// An error is a denial; it is also a defect of a policy that somebody must see.
pub fn report_errors(policies: &[String]) {
    if !policies.is_empty() {
        metrics::counter!("palisade_policy_errors_total").increment(1);
        tracing::error!(
            ?policies,
            "policies failed to evaluate; what they are about is denied"
        );
    }
}

impl Admitted {
    /// The request head.
    #[must_use]
    pub fn head(&self) -> &Hardened {
        &self.head
    }

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What is asked for.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.route
    }
}
