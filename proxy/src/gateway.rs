//! A running gateway: built from a configuration, stopped in order.

mod guardrails;
mod signature;
mod policies;
mod watch;
mod rules;

pub(crate) use policies::{Bundles, inventory, listed, read_bundle, snapshot};
pub use rules::{News, Rules};
pub(crate) use signature::{SIGNATURE_PATH, generate, sign};
use watch::Watch;

use crate::admin::Admin;
use crate::api::{Api, Desk};
use crate::authorize::policy_ref;
use crate::caller::{self, Issuers};
use crate::config::{Config, ConfigProblem, Listen, RunningStreams, WrongValue};
use crate::controls::Controls;
use crate::credentials::Credentials;
use crate::edge::{EdgeState, Listener, ListenerError};
use crate::exchange::Palisade;
use crate::registry::{Registry, Source, secrets};
use crate::rulebook::Rulebook;
use crate::shadow::Shadow;
use crate::trail::{Audit, AuditError, InForce, configuration};
use crate::upstream::{Endpoints, Upstream};
use crate::work::Pool;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Why a gateway cannot start, or would not work. Each names what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigProblem),
    /// The policy bundle is wrong; each line is a problem.
    #[error("the policy bundle cannot be used:\n{0}")]
    Policy(String),
    /// More than one thing is wrong; a line each, or more.
    #[error("{}", lines(.0))]
    Several(Vec<StartError>),
    /// The log cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The system gives no threads.
    #[error("cannot start the threads for long work: {0}")]
    Threads(std::io::Error),
    /// A defect ended the reader of rules.
    #[error("what was read ended the reader: {0}")]
    Reader(tokio::task::JoinError),
    /// A listener cannot start.
    #[error(transparent)]
    Listener(#[from] ListenerError),
}

/// What a configuration says, read and checked: everything but the log, the listeners and the credentials.
pub struct Checked {
    config: Config,
    endpoints: Endpoints,
    issuers: Issuers,
    rulebook: Rulebook,
    /// The number under which the bundle is signed.
    sequence: Option<u64>,
    bundles: Bundles,
}

/// A running gateway.
pub struct Gateway {
    shared: EdgeState,
    data: Listener,
    admin: Listener,
    api: Option<Listener>,
    controls: Arc<Controls>,
    audit_writer: JoinHandle<()>,
}

impl Checked {
    /// Checks a configuration and all that it names, together. To be called where waiting is allowed.
    ///
    /// # Errors
    /// All that is wrong, as far as one fault does not hide another.
    pub fn read(config: Config) -> Result<Self, StartError> {
        let registry = Registry::read(&config.registry);
        Self::with(config, registry, &Bundles::default())
    }

    /// The same with a registry that need not be the one that is configured yet. Of `bundles` none is loaded that already is.
    ///
    /// # Errors
    /// All that is wrong, as far as one fault does not hide another.
    pub(crate) fn with(
        config: Config,
        registry: Result<Registry, Vec<ConfigProblem>>,
        bundles: &Bundles,
    ) -> Result<Self, StartError> {
        caller::install_token_crypto();
        let mut found: Vec<StartError> = config.unusable().into_iter().map(StartError::Config).collect();
        let registry = kept(registry, &mut found);
        let endpoints = Endpoints::new(&config.upstream).map_err(|wrong| {
            let problem = |(key, why)| config.problem(WrongValue::at(None, format!("upstream.{key}"), why));
            wrong.into_iter().map(problem).collect()
        });
        let endpoints = kept(endpoints, &mut found);
        if let Some(registry) = &registry {
            found.extend(
                known_tenants(&config, registry)
                    .into_iter()
                    .map(StartError::Config),
            );
        }
        // The categories that the engine brings along are in the forest that policies decide about.
        let guardrails = guardrails::build(&config.guardrails)
            .map_err(|wrong| wrong.into_iter().map(|wrong| config.problem(wrong)).collect());
        let guardrails = kept(guardrails, &mut found);
        let inventory = registry.as_ref().filter(|_| guardrails.is_some()).map(inventory);
        let policies = bundles.read(&config.policy, inventory.as_ref());
        let shadow = bundles.read_shadow(&config.policy, inventory.as_ref());
        let shadow = shadow.map_err(|problem| found.push(problem)).unwrap_or_default();
        match (registry, endpoints, guardrails, policies) {
            (Some(registry), _, _, Ok((policies, _))) if registry.grants() && !policies.takes_grants() => {
                let why = "the registry grants groups of models, and the schema of this bundle has no `granted?: Set<ModelGroup>` of `User` and `Application`: \
                           grants would do nothing. `palisade policy schema` shows it";
                found.push(StartError::Policy(why.to_owned()));
                Err(StartError::of(found))
            }
            (Some(registry), Some(endpoints), Some((engine, forms)), Ok((policies, sequence)))
                if found.is_empty() =>
            {
                let configuration = configuration(config.source.text(), registry.text());
                Ok(Self {
                    endpoints,
                    issuers: Issuers::new(&config.issuers),
                    sequence,
                    bundles: bundles.clone(),
                    rulebook: Rulebook::new(registry, policies, engine, forms, configuration)
                        .beside(shadow)
                        .log_only(config.policy.log_only)
                        .stale_for(config.registry.stale_max())
                        .cutting_streams(config.policy.running_streams == RunningStreams::Cut)
                        .withholding(config.guardrails.withheld_answers),
                    config,
                })
            }
            (.., policies) => {
                found.extend(policies.err());
                Err(StartError::of(found))
            }
        }
    }

    /// What was configured.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
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
/// When the log cannot be written or the system gives no threads.
pub fn assemble(
    checked: Checked,
    credentials: Credentials,
) -> Result<(Palisade, JoinHandle<()>), StartError> {
    let Checked {
        config,
        endpoints,
        issuers,
        rulebook,
        sequence,
        ..
    } = checked;
    let upstream = Upstream::new(endpoints, &config.upstream, credentials);
    let in_force = InForce {
        policy: policy_ref(&rulebook.policies),
        configuration: rulebook.configuration.digest.clone(),
    };
    let (audit, audit_writer) = Audit::open(&config.audit, in_force)?;
    audit.keep(&rulebook)?;
    let notes = audit.clone();
    let shadow = Shadow::start(move |record| notes.note_if_room(record)).map_err(StartError::Threads)?;
    let shared = EdgeState::new(config.limits);
    let palisade = Palisade {
        pool: Pool::start(shared.clone()).map_err(StartError::Threads)?,
        shared,
        controls: Arc::new(Controls::new(rulebook, sequence, audit, shadow)),
        issuers,
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
        let api = checked.config.api.clone();
        let desk = api.as_ref().map(|_| desk(&checked)).transpose()?.flatten();
        let (palisade, audit_writer) = assemble(checked, credentials)?;
        let palisade = Arc::new(palisade);
        let shared = palisade.shared.clone();
        let controls = Arc::clone(&palisade.controls);
        let admin = Arc::new(Admin::new(Arc::clone(&controls)));
        admin.spawn_upkeep();
        let admin_listen = Listen {
            address: admin_address,
            h2c: false,
            tls: None,
        };
        let api = match (api, desk) {
            (Some(api), Some(desk)) => {
                let serve = Arc::new(Api::new(Arc::clone(&palisade), Arc::new(desk)));
                Some(Listener::start(&api.listen(), &shared, serve)?)
            }
            _ => None,
        };
        Ok(Self {
            api,
            data: Listener::start(&listen, &shared, palisade)?,
            admin: Listener::start(&admin_listen, &shared, admin)?,
            controls,
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

    /// Where the registry can be changed over HTTP, if anywhere.
    #[must_use]
    pub fn api_address(&self) -> Option<SocketAddr> {
        self.api.as_ref().map(Listener::address)
    }

    /// Puts the registry, the policies and the detectors of another configuration in force, for exchanges that begin from
    /// now on. Everything else in it takes a new start.
    ///
    /// # Errors
    /// When the bundle is signed under a number that must not follow the one in force.
    pub async fn adopt(&self, checked: Checked) -> Result<(), StartError> {
        let adopted = self.controls.activate(checked.rulebook, checked.sequence).await;
        adopted.map_err(StartError::Policy)
    }

    /// Notes that another configuration, or what it names, cannot be used: a line for each problem.
    pub async fn refuse(&self, problems: &str) {
        self.controls.refuse(problems).await;
    }

    /// Notes that the store of the registry answers, and has not changed.
    pub async fn answered(&self) {
        self.controls.answered().await;
    }

    /// Notes that it does not answer, and why.
    pub async fn lost(&self, why: &str) {
        self.controls.lost(why).await;
    }

    /// Stops accepting, lets running exchanges end within the drain limit, and closes the log.
    pub async fn stop(self) -> Stopped {
        let cut = self.data.drain(&self.shared).await;
        if let Some(api) = self.api {
            api.drain(&self.shared).await;
        }
        self.admin.drain(&self.shared).await;
        self.controls.shadow().finish().await;
        self.controls.audit().close().await;
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

impl StartError {
    fn of(mut found: Vec<Self>) -> Self {
        match found.pop() {
            Some(only) if found.is_empty() => only,
            last => Self::Several(found.into_iter().chain(last).collect()),
        }
    }
}

/// The registry that a configuration names.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn registry(config: &Config) -> Result<Registry, StartError> {
    let wrong = |problems: Vec<_>| StartError::of(problems.into_iter().map(StartError::Config).collect());
    Registry::read(&config.registry).map_err(wrong)
}

/// The store of the registry, for changes that are checked with all that is configured; `None` where the registry is a file.
fn desk(checked: &Checked) -> Result<Option<Desk>, StartError> {
    let (config, bundles) = (checked.config.clone(), checked.bundles.clone());
    let (source, secrets) = (Source::open(&config.registry)?, secrets(&config.registry)?);
    let check = move |registry| match Checked::with(config.clone(), registry, &bundles) {
        Ok(_) => Ok(()),
        Err(problems) => Err(problems.to_string()),
    };
    Ok(Desk::new(source, secrets, Box::new(check)))
}

fn lines(errors: &[StartError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// What could be made; what is wrong with it otherwise goes to `found`.
fn kept<T>(made: Result<T, Vec<ConfigProblem>>, found: &mut Vec<StartError>) -> Option<T> {
    made.map_err(|problems| found.extend(problems.into_iter().map(StartError::Config)))
        .ok()
}

/// A tenant that nobody knows is a misspelt one: its tokens would all be refused.
fn known_tenants(config: &Config, registry: &Registry) -> Vec<ConfigProblem> {
    let named = config
        .issuers
        .iter()
        .flat_map(|issuer| issuer.tenants.iter().chain(&issuer.tenant));
    let unknown = named.filter(|name| !registry.tenants().any(|tenant| tenant.id() == *name));
    unknown
        .map(|name| ConfigProblem::Unusable {
            place: config.source.place(None),
            key: "issuer.tenants".to_owned(),
            why: format!("`{name}` is no tenant of {}", config.registry.place()),
        })
        .collect()
}
