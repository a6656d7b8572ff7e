//! Who calls.

use super::Tenant;
use palisade_policies as policies;
use std::sync::Arc;

/// Somebody or something that calls on behalf of a tenant.
#[derive(Debug)]
pub struct Identity {
    pub(super) tenant: Arc<Tenant>,
    pub(super) facts: policies::Principal,
    pub(super) purpose: policies::Purpose,
}

impl Identity {
    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    /// What policy is told.
    #[must_use]
    pub fn facts(&self) -> &policies::Principal {
        &self.facts
    }

    /// What the calls are for.
    #[must_use]
    pub fn purpose(&self) -> policies::Purpose {
        self.purpose
    }

    /// The id within the tenant.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.facts.facts().id
    }

    /// The roles held.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.facts.facts().roles
    }

    /// `User` or `Application`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.facts.facts().kind {
            policies::PrincipalKind::User { .. } => "User",
            policies::PrincipalKind::Application { .. } => "Application",
        }
    }
}
