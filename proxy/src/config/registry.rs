//! Where tenants, models and keys are.

use super::secret::Secret;
use palisade_dynamodb::Place;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Tenants, models and keys: a file, or a store, which `palisade registry` changes. Exactly one is set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The registry file.
    pub file: Option<PathBuf>,
    /// Or a store in a file of this machine.
    pub store: Option<PathBuf>,
    /// Or a table in DynamoDB, for gateways on several machines.
    pub dynamodb: Option<DynamoDb>,
    /// Where the secret is that keys in a store are sealed under.
    pub sealing: Option<Secret>,
}

/// A table in DynamoDB. Credentials are found where the AWS SDKs find them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DynamoDb {
    /// Its name.
    pub table: String,
    /// The region it is in.
    pub region: String,
    /// Where DynamoDB answers, if not at its address in the region: a VPC endpoint.
    pub endpoint_url: Option<String>,
    /// How long a gateway that cannot reach it goes on with what it has read, in seconds; then it refuses all calls.
    #[serde(default = "an_hour")]
    pub stale_if_error_s: u64,
}

/// RFC 5861 has the name; an hour is enough for most outages of a region, and short enough for revoked keys.
fn an_hour() -> u64 {
    60 * 60
}

impl DynamoDb {
    pub(crate) fn place(&self) -> Place {
        Place {
            table: self.table.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
        }
    }
}

impl Registry {
    /// What is configured, for messages.
    pub(crate) fn place(&self) -> String {
        match (self.file.as_ref().or(self.store.as_ref()), &self.dynamodb) {
            (Some(path), _) => path.display().to_string(),
            (None, Some(table)) => table.place().to_string(),
            (None, None) => "the registry".to_owned(),
        }
    }

    /// How long what was read may be in force when it cannot be read again; `None` where that cannot happen.
    pub(crate) fn stale_max(&self) -> Option<Duration> {
        let table = self.dynamodb.as_ref()?;
        Some(Duration::from_secs(table.stale_if_error_s))
    }

    /// Makes relative paths relative to `base`.
    pub(super) fn rebase(&mut self, base: &Path) {
        for path in [&mut self.file, &mut self.store].into_iter().flatten() {
            *path = base.join(&*path);
        }
        self.sealing.iter_mut().for_each(|secret| secret.rebase(base));
    }
}
