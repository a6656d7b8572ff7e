//! A running gateway: built from a configuration, stopped in order.

mod guardrails;

use crate::admin::Admin;
use crate::authorize::policy_ref;
use crate::caller::{self, IssuerError, Issuers};
use crate::config::{Config, Listen, Problem};
use crate::credentials::Credentials;
use crate::edge::{Listener, ListenerError, Shared};
use crate::exchange::Palisade;
use crate::registry::Registry;
use crate::rulebook::Rulebook;
use crate::trail::{Audit, AuditError};
use crate::upstream::{EndpointError, Upstream};
use crate::work::Pool;
use palisade_policies::{Bundle, DEFAULT_BUNDLE, Inventory, Registered, Snapshot, Source};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Why a gateway cannot start, or would not work. Each names what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file is wrong.
    #[error(transparent)]
    Config(#[from] Problem),
    /// The policy bundle is wrong; each line is a problem.
    #[error("the policy bundle cannot be used:\n{0}")]
    Policy(String),
    /// A detector is unknown or cannot be built, or a key for tokens cannot be had.
    #[error("{place}: `guardrails.{key}`: {why}")]
    Guardrails {
        /// Which file, and which line where that is known.
        place: String,
        /// Which key of `[guardrails]`.
        key: &'static str,
        /// What is wrong and what to do.
        why: String,
    },
    /// An issuer is wrong.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The upstream's URL is wrong.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The log cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The system gives no threads.
    #[error("cannot start the threads for long work: {0}")]
    Threads(std::io::Error),
    /// A listener cannot start.
    #[error(transparent)]
    Listener(#[from] ListenerError),
}

/// What a configuration says, read and checked: everything but the log, the listeners and the credentials.
pub struct Checked {
    config: Config,
    issuers: Issuers,
    rulebook: Rulebook,
}

/// A running gateway.
pub struct Gateway {
    shared: Shared,
    data: Listener,
    admin: Listener,
    audit: Audit,
    audit_writer: JoinHandle<()>,
}

impl Checked {
    /// Reads everything a configuration names and checks it together.
    ///
    /// # Errors
    /// [`StartError`]; of a policy bundle all problems, else the first.
    pub fn read(config: Config) -> Result<Self, StartError> {
        caller::install_token_crypto();
        let registry = Registry::read(&config.registry.file)?;
        Upstream::check(&config.upstream)?;
        known_tenants(&config, &registry)?;
        // The categories that the engine brings along are in the forest that policies decide about.
        let engine = guardrails::engine(&config)?;
        Ok(Self {
            issuers: Issuers::new(&config.issuers)?,
            rulebook: Rulebook {
                policies: Arc::new(policies(config.policy.bundle.as_deref(), &registry)?),
                forms: guardrails::forms(&config)?,
                engine,
                registry,
            },
            config,
        })
    }

    /// The policies' digest.
    #[must_use]
    pub fn policy_digest(&self) -> &str {
        self.rulebook.policies.digest()
    }

    /// The tenants, models and keys.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.rulebook.registry
    }
}

/// Opens the log and builds the gate, for a gateway or for an application that embeds one. The thread writes the log
/// and ends when the gate has been dropped.
///
/// # Errors
/// When the log cannot be written or the upstream's URL cannot be used.
pub fn assemble(
    checked: Checked,
    credentials: Credentials,
) -> Result<(Palisade, JoinHandle<()>), StartError> {
    let Checked {
        config,
        issuers,
        rulebook,
    } = checked;
    let upstream = Upstream::new(&config.upstream, credentials)?;
    let (audit, audit_writer) = Audit::open(&config.audit, policy_ref(&rulebook.policies))?;
    let shared = Shared::new(config.limits);
    let palisade = Palisade {
        pool: Pool::start(shared.clone()).map_err(StartError::Threads)?,
        shared,
        rulebook: Arc::new(rulebook),
        issuers,
        audit,
        upstream,
    };
    Ok((palisade, audit_writer))
}

impl Gateway {
    /// Opens the log and starts to listen. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the log cannot be written or an address is taken.
    pub fn start(checked: Checked, credentials: Credentials) -> Result<Self, StartError> {
        let (listen, admin_address) = (checked.config.listen.clone(), checked.config.admin.address);
        let (palisade, audit_writer) = assemble(checked, credentials)?;
        let shared = palisade.shared.clone();
        let audit = palisade.audit.clone();
        let admin = Arc::new(Admin::new(audit.clone()));
        admin.spawn_upkeep();
        let admin_listen = Listen {
            address: admin_address,
            h2c: false,
            tls: None,
        };
        Ok(Self {
            data: Listener::start(&listen, &shared, Arc::new(palisade))?,
            admin: Listener::start(&admin_listen, &shared, admin)?,
            audit,
            audit_writer,
            shared,
        })
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.data.address()
    }

    /// Where health and metrics are.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address()
    }

    /// Stops accepting, lets running exchanges end within the drain limit, and closes the log.
    pub async fn stop(self) -> Stopped {
        let cut = self.data.drain(&self.shared).await;
        self.admin.drain(&self.shared).await;
        self.audit.close().await;
        Stopped {
            cut,
            audit_writer: self.audit_writer,
        }
    }
}

/// A gateway that no longer listens.
#[must_use = "the log is complete when `join` has returned"]
pub struct Stopped {
    cut: usize,
    audit_writer: JoinHandle<()>,
}

impl Stopped {
    /// Waits until the log is complete and returns how many exchanges were cut. To be called when the runtime is gone:
    /// what is cut leaves its records when it is dropped.
    pub fn join(self) -> usize {
        // A writer that panicked has logged it; there is nothing left to wait for.
        let _ = self.audit_writer.join();
        self.cut
    }
}

/// A tenant that nobody knows is a misspelt one: its tokens would all be refused.
fn known_tenants(config: &Config, registry: &Registry) -> Result<(), Problem> {
    let named = config.issuers.iter().flat_map(|issuer| &issuer.tenants);
    let unknown = named
        .into_iter()
        .find(|name| !registry.tenants().any(|tenant| tenant.id() == *name));
    match unknown {
        None => Ok(()),
        Some(name) => Err(Problem::Unusable {
            place: config.source.place(None),
            key: "issuer.tenants".to_owned(),
            why: format!("`{name}` is no tenant of {}", config.registry.file.display()),
        }),
    }
}

fn policies(folder: Option<&Path>, registry: &Registry) -> Result<Snapshot, StartError> {
    let files = folder.map(read_bundle).transpose()?;
    let owned: Vec<Source<'_>> = files
        .iter()
        .flatten()
        .map(|(path, text)| Source { path, text })
        .collect();
    let sources = if files.is_some() {
        owned.as_slice()
    } else {
        DEFAULT_BUNDLE
    };
    let listed = |problems: Vec<palisade_policies::Problem>| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        StartError::Policy(lines.join("\n"))
    };
    let bundle = Bundle::load(sources).map_err(listed)?;
    let forest = palisade_guardrails::forest();
    let snapshot = Snapshot::new(Arc::new(bundle), &forest).map_err(listed)?;
    // Names in the bundle that ships are examples; only a bundle of the operator's own must fit the registry.
    let unknown = folder
        .map(|_| snapshot.unknown_literals(&inventory(registry)))
        .unwrap_or_default();
    if unknown.is_empty() {
        Ok(snapshot)
    } else {
        Err(listed(unknown))
    }
}

fn inventory(registry: &Registry) -> Inventory {
    let groups = registry.models().flat_map(|model| model.facts().groups.clone());
    Inventory::default()
        .with(Registered::Tenant, registry.tenants().map(|tenant| tenant.id()))
        .with(
            Registered::Model,
            registry.models().map(|model| model.facts().id.as_str()),
        )
        .with(Registered::ModelGroup, groups)
        // A bundle may speak of it before the configuration has a detector in it.
        .with(Registered::DataCategory, ["Custom"])
}

/// Every file of a bundle, with its path relative to the folder. One level of folders, as a bundle has.
fn read_bundle(folder: &Path) -> Result<Vec<(String, String)>, StartError> {
    let unreadable = |path: &Path, source| Problem::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut pending: Vec<PathBuf> = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(next) = pending.pop() {
        for entry in std::fs::read_dir(&next).map_err(|e| unreadable(&next, e))? {
            let path = entry.map_err(|e| unreadable(&next, e))?.path();
            if path.is_dir() && next == folder {
                pending.push(path);
            } else if path.is_file() {
                let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, e))?;
                let relative = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                files.push((relative, text));
            }
        }
    }
    files.sort();
    Ok(files)
}
