//! Tenants.

use palisade_policies as policies;
use palisade_registry::{GrantEntry, TenantEntry};

/// A line of business: the unit of isolation.
#[derive(Debug)]
pub struct Tenant {
    pub(super) id: String,
    pub(super) entry: TenantEntry,
    pub(super) grants: Vec<GrantEntry>,
    pub(super) jurisdiction: policies::Jurisdiction,
    pub(super) purpose: policies::Purpose,
    /// What else the calls of its applications may be for.
    pub(super) purposes: Vec<policies::Purpose>,
    pub(super) classification: policies::Classification,
    pub(super) clearance: policies::Classification,
}

impl Tenant {
    /// The tenant's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How confidential the data in the tenant's calls is.
    #[must_use]
    pub fn classification(&self) -> policies::Classification {
        self.classification
    }

    /// Tokens that a call may ask for when it names no number.
    #[must_use]
    pub fn default_max_tokens(&self) -> u64 {
        self.entry.limits.default_output_tokens
    }

    /// Whether policy is only watched: see [`Rulebook::enforces`](crate::rulebook::Rulebook::enforces).
    #[must_use]
    pub fn log_only(&self) -> bool {
        self.entry.log_only
    }

    /// Minutes east of UTC.
    #[must_use]
    pub fn utc_offset_minutes(&self) -> i32 {
        self.entry.utc_offset_minutes
    }

    pub(super) fn principal_facts(
        &self,
        id: &str,
        kind: policies::PrincipalKind,
    ) -> policies::PrincipalFacts {
        let limits = &self.entry.limits;
        policies::PrincipalFacts {
            granted: Vec::new(),
            kind,
            id: id.to_owned(),
            tenant: self.id.clone(),
            teams: Vec::new(),
            roles: Vec::new(),
            jurisdiction: self.jurisdiction,
            limits: policies::Limits {
                max_output_tokens: limits.output_tokens_max,
                max_input_tokens: limits.input_tokens_max,
            },
            suspended: self.entry.suspended,
            clearance: self.clearance,
        }
    }
}
