//! Configuration: one TOML file, every key optional but the upstream's region, every unknown key an error.
//!
//! `config/palisade.toml` lists every key with its default; a test reads it and compares.

mod source;
mod values;
mod secret;
mod check;
mod limits;
mod audit;
mod registry;
mod api;
mod guardrails;

pub use api::Api;
pub use audit::{Audit, AuditMode, PersonalIds, SEGMENT_BYTES_MAX, Witness};
pub use guardrails::{CustomDetector, Guardrails, Masked, Placeholder, Redaction, WithheldAnswers};
pub use limits::{CallLimits, Limits};
pub use registry::{DynamoDb, Registry};
pub use secret::Secret;
pub(crate) use source::WrongValue;
pub use source::{ConfigProblem, Source, read_toml};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything `palisade serve` is told. Paths are relative to the file they stand in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where clients connect.
    #[serde(default)]
    pub listen: Listen,
    /// Health, readiness and metrics.
    #[serde(default)]
    pub admin: Admin,
    /// The registry over HTTP; without it, there is no such listener.
    #[serde(default)]
    pub api: Option<Api>,
    /// What is refused for its size or slowness.
    #[serde(default)]
    pub limits: Limits,
    /// Tenants, models and keys.
    pub registry: Registry,
    /// The Cedar bundle.
    #[serde(default)]
    pub policy: Policy,
    /// What is looked for in prompts and completions, and what takes its place.
    #[serde(default)]
    pub guardrails: Guardrails,
    /// The decision log.
    #[serde(default)]
    pub audit: Audit,
    /// Where the models are.
    pub upstream: UpstreamConfig,
    /// Who may issue tokens.
    #[serde(default, rename = "issuer")]
    pub issuers: Vec<Issuer>,
    /// The file it was read from.
    #[serde(skip)]
    pub source: Source,
}

/// Where clients connect.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Address and port; port 0 picks a free one.
    pub address: SocketAddr,
    /// Accept HTTP/2 with prior knowledge on a plain listener. The JavaScript SDK needs it on `http://`.
    pub h2c: bool,
    /// Serve TLS; HTTP/2 is then negotiated by ALPN.
    pub tls: Option<Tls>,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8080)),
            h2c: true,
            tls: None,
        }
    }
}

/// A certificate chain and its key, both PEM files.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
    /// Certificates that those of clients chain to; without it, none is asked for.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

impl Tls {
    /// Makes relative paths relative to `base`.
    fn rebase(&mut self, base: &Path) {
        for path in [&mut self.certificate, &mut self.key]
            .into_iter()
            .chain(&mut self.client_ca)
        {
            *path = base.join(&*path);
        }
    }
}

/// Health, readiness and metrics.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// Address and port of a second, plain listener; port 0 picks a free one.
    pub address: SocketAddr,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 9901)),
        }
    }
}

/// The Cedar bundle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The bundle's folder; without it the bundle that ships with Palisade is in force.
    pub bundle: Option<PathBuf>,
    /// The folder of a bundle that is only tried: it is asked about live calls beside the one in force, and what it says otherwise is recorded.
    pub shadow: Option<PathBuf>,
    /// File with the public key that the bundle must be signed with.
    pub public_key: Option<PathBuf>,
    /// Read configuration, registry and bundle anew when they change.
    pub watch: bool,
    /// Nothing is refused or changed by policy, for no tenant; records say what would have been.
    pub log_only: bool,
    /// What becomes of streams that other rules would not let begin.
    pub running_streams: RunningStreams,
}

/// What becomes of streams that run when rules come into force that would not let them begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunningStreams {
    /// They end by themselves.
    #[default]
    Finish,
    /// They are ended, with an exception.
    Cut,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            bundle: None,
            shadow: None,
            public_key: None,
            watch: true,
            log_only: false,
            running_streams: RunningStreams::Finish,
        }
    }
}

/// Where the models are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamConfig {
    /// AWS region to sign for.
    pub region: String,
    /// Base URL of Bedrock Runtime; without it, the region's public endpoint.
    #[serde(default)]
    pub bedrock_url: Option<String>,
    /// The same of Bedrock Agent Runtime.
    #[serde(default)]
    pub bedrock_agent_url: Option<String>,
    /// The same of SageMaker Runtime.
    #[serde(default)]
    pub sagemaker_url: Option<String>,
    /// Environment variable that holds the access key id.
    #[serde(default = "access_key_id_env")]
    pub access_key_id_env: String,
    /// Environment variable that holds the secret access key.
    #[serde(default = "secret_access_key_env")]
    pub secret_access_key_env: String,
    /// Environment variable that holds the session token; may be unset.
    #[serde(default = "session_token_env")]
    pub session_token_env: String,
    /// Milliseconds to connect, TLS included.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Milliseconds until the response head. Models think long: AWS's own clients wait an hour.
    #[serde(default = "response_timeout_ms")]
    pub response_timeout_ms: u64,
    /// Milliseconds between two pieces of a response body.
    #[serde(default = "idle_timeout_ms")]
    pub idle_timeout_ms: u64,
}

fn access_key_id_env() -> String {
    "AWS_ACCESS_KEY_ID".to_owned()
}
fn secret_access_key_env() -> String {
    "AWS_SECRET_ACCESS_KEY".to_owned()
}
fn session_token_env() -> String {
    "AWS_SESSION_TOKEN".to_owned()
}
fn connect_timeout_ms() -> u64 {
    5_000
}
fn response_timeout_ms() -> u64 {
    600_000
}
fn idle_timeout_ms() -> u64 {
    300_000
}

/// Who may issue tokens, and how their claims name a principal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The `iss` claim, and the base of discovery.
    pub issuer: String,
    /// Where the keys are; without it, `jwks_uri` of `{issuer}/.well-known/openid-configuration`.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The `aud` claim to require. Exactly one of `audience` and `client_ids` is set.
    #[serde(default)]
    pub audience: Option<String>,
    /// Cognito access tokens have no `aud`: the `client_id` claims to accept, with `token_use` = `access`.
    #[serde(default)]
    pub client_ids: Option<Vec<String>>,
    /// Signature algorithms to accept: `RS256`, `ES256`, `EdDSA`.
    #[serde(default = "algorithms")]
    pub algorithms: Vec<SignatureAlgorithm>,
    /// The tenant of all its users; then no claim is read for it.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Claim that names the tenant. Of this and the other two: a name, or, beginning with `/`, a JSON pointer (RFC 6901).
    #[serde(default = "tenant_claim")]
    pub tenant_claim: String,
    /// Tenants by what stands in the claim, where that is not their id.
    #[serde(default)]
    pub tenant_values: BTreeMap<String, String>,
    /// Claim that names the user.
    #[serde(default = "user_claim")]
    pub user_claim: String,
    /// Claim that lists the user's groups; they become roles, as far as the tenant knows them.
    #[serde(default = "groups_claim")]
    pub groups_claim: String,
    /// Roles and teams by what stands in the claim, where that is not their name.
    #[serde(default)]
    pub group_values: BTreeMap<String, String>,
    /// Tenants this issuer may speak for. Exactly one of `tenant` and `tenants` is set.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// Seconds that keys are used before they are fetched again.
    #[serde(default = "jwks_max_age_s")]
    pub jwks_max_age_s: u64,
    /// Allow `http://` for discovery and keys. For loopback only.
    #[serde(default)]
    pub insecure_http: bool,
}

/// How tokens may be signed (RFC 7518 section 3.1, RFC 8037 section 3.1). There is none with a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

fn algorithms() -> Vec<SignatureAlgorithm> {
    use SignatureAlgorithm::{ES256, EdDsa, RS256};
    vec![RS256, ES256, EdDsa]
}
fn tenant_claim() -> String {
    "tenant".to_owned()
}
fn user_claim() -> String {
    "sub".to_owned()
}
fn groups_claim() -> String {
    "groups".to_owned()
}
fn jwks_max_age_s() -> u64 {
    300
}

impl Config {
    /// Reads a configuration file; relative paths become relative to its folder. Values are checked with what they name:
    /// [`Checked::read`](crate::gateway::Checked::read).
    ///
    /// # Errors
    /// When the file cannot be read or parsed: the first fault of its form.
    pub fn read(path: &Path) -> Result<Self, ConfigProblem> {
        let (mut config, text): (Self, _) = read_toml(path)?;
        config.source = Source::new(path, text);
        let base = path.parent().unwrap_or(Path::new("."));
        config.registry.rebase(base);
        config.audit.directory = base.join(&config.audit.directory);
        config.audit.signing_key = config.audit.signing_key.map(|key| base.join(key));
        config.audit.retired_key = config.audit.retired_key.map(|key| base.join(key));
        config.audit.people_keys = config.audit.people_keys.map(|folder| base.join(folder));
        for witness in &mut config.audit.witnesses {
            witness.key = base.join(&witness.key);
        }
        config.policy.bundle = config.policy.bundle.map(|bundle| base.join(bundle));
        config.policy.shadow = config.policy.shadow.map(|shadow| base.join(shadow));
        config.policy.public_key = config.policy.public_key.map(|key| base.join(key));
        config.guardrails.rebase(base);
        let api = config.api.as_mut().and_then(|api| api.tls.as_mut());
        for tls in config.listen.tls.iter_mut().chain(api) {
            tls.rebase(base);
        }
        Ok(config)
    }

    /// The values that cannot be used, whatever they name.
    pub(crate) fn unusable(&self) -> Vec<ConfigProblem> {
        check::check(self)
            .into_iter()
            .map(|wrong| self.problem(wrong))
            .collect()
    }

    pub(crate) fn problem(&self, WrongValue { at, key, why }: WrongValue) -> ConfigProblem {
        ConfigProblem::Unusable {
            place: self.source.place(at),
            key,
            why,
        }
    }
}

/// Milliseconds as a duration.
pub(crate) fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
