//! What is registered, and changes of it: checked with all that is configured, all or nothing.

use super::problem::{Problem, defect};
use super::session::{Session, Touched};
use crate::config::ConfigProblem;
use crate::registry::{Registry, Sealing, Secrets, Source};
use palisade_registry::{Contents, File, Step, Store, StoreError, carried_out};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How often a change is tried that others' changes came before.
const TRIES: usize = 5;

/// Longest wait for others' changes.
const TURN_MAX: Duration = Duration::from_secs(30);

/// What problems call the registry: where it is kept is nothing that callers need to know.
const PLACE: &str = "the registry";

/// Says what is wrong with a registry, together with all that is configured.
pub(super) type Check = dyn Fn(Result<Registry, Vec<ConfigProblem>>) -> Result<(), String> + Send + Sync;

/// The store of the registry, and what its content must fit.
pub struct Desk {
    store: Arc<dyn Store>,
    secrets: Arc<Secrets>,
    check: Arc<Check>,
    /// What was read last.
    read: Mutex<Arc<Contents>>,
    /// One change at a time.
    changing: Mutex<()>,
}

/// What is to be changed, whom it touches, and what is told then.
pub(super) struct Edit<T> {
    pub(super) steps: Vec<Step>,
    pub(super) touched: Vec<Touched>,
    pub(super) told: T,
}

impl Desk {
    /// Over the store of a registry; `None` where the registry is a file.
    #[must_use]
    pub fn new(source: Source, secrets: Secrets, check: Box<Check>) -> Option<Self> {
        Some(Self {
            store: Arc::from(source.into_store()?),
            secrets: Arc::new(secrets),
            check: Arc::from(check),
            read: Mutex::default(),
            changing: Mutex::default(),
        })
    }

    /// What secrets of keys are sealed under, if it is configured.
    pub(super) fn sealing(&self) -> Option<&Sealing> {
        self.secrets.sealing.as_ref()
    }

    /// All that is registered.
    pub(super) async fn contents(&self) -> Result<Arc<Contents>, Problem> {
        let mut read = self.read.lock().await;
        let (store, known) = (Arc::clone(&self.store), Arc::clone(&read));
        let fresh = spawn_blocking(move || match store.revision()? == known.revision {
            true => Ok(known),
            false => store.load().map(Arc::new),
        });
        *read = fresh.await.map_err(|error| defect(&error))??;
        Ok(Arc::clone(&read))
    }

    /// Makes a change: of what is there, if policy permits it, if it `holds` what the client thinks, if what comes of it can be used, and if
    /// nobody else was first; then once more. What is not permitted is told first, so that nobody learns from the rest what is there.
    ///
    /// Returns the new revision, and what `edit` told.
    pub(super) async fn change<T>(
        &self,
        session: &Arc<Session>,
        edit: impl Fn(&Contents) -> Result<Edit<T>, Problem>,
        holds: impl Fn(&Contents) -> Result<(), Problem>,
    ) -> Result<(u64, T), Problem> {
        let turn = timeout(TURN_MAX, self.changing.lock()).await;
        let _one = turn.map_err(|_| StoreError::Busy)?;
        for _ in 0..TRIES {
            let before = self.contents().await?;
            let Edit { steps, touched, told } = edit(&before)?;
            session.permit(touched).await?;
            holds(&before)?;
            match self.carried_out(before, steps).await? {
                Ok(revision) => return Ok((revision, told)),
                Err(StoreError::Conflict { .. } | StoreError::Busy) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Whether what would come of these changes can be used.
    pub(super) async fn checked(&self, before: Arc<Contents>, steps: Vec<Step>) -> Result<(), Problem> {
        let (secrets, check) = (Arc::clone(&self.secrets), Arc::clone(&self.check));
        let checking = spawn_blocking(move || {
            let after = File::of(carried_out(&before.entries, &steps))?;
            let checked = check(Registry::of(&after, &secrets, PLACE));
            checked.map_err(|why| Problem::new(422, why))
        });
        checking.await.map_err(|error| defect(&error))?
    }

    async fn carried_out(
        &self,
        before: Arc<Contents>,
        steps: Vec<Step>,
    ) -> Result<Result<u64, StoreError>, Problem> {
        self.checked(Arc::clone(&before), steps.clone()).await?;
        let store = Arc::clone(&self.store);
        spawn_blocking(move || store.apply(before.revision, &steps))
            .await
            .map_err(|error| defect(&error))
    }
}
