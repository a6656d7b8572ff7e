//! The log, to those who write to it: room for records, and the queue.

use super::archive::{self, Kind};
use super::queue::{InForce, Message, Queued, Slot, TrailState};
use super::strangers::{Strangers, Verdict};
use super::writer::Writer;
use crate::config::{self, AuditMode, millis};
use crate::refusal::Refusal;
use crate::rulebook::Rulebook;
use palisade_audit::{Reason, Record};
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Room in the queue that exchanges do not take: what tells the writer that it is time finds some, however many they are.
const SPARE: usize = 64;

/// A handle to the log; cheap to clone.
#[derive(Debug, Clone)]
pub struct Audit {
    queue: mpsc::Sender<Message>,
    shared: Arc<TrailState>,
}

/// Why the log could not be opened. The message names the path.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the audit log in {}: {source}", directory.display())]
pub struct AuditError {
    directory: PathBuf,
    source: io::Error,
}

impl Audit {
    /// Opens a new log file in the configured folder and starts the writer. Returns the handle and the writer's
    /// thread, which ends when every handle is gone.
    ///
    /// # Errors
    /// When the folder or a file cannot be written, another process writes the log, or what stands there is not what its checkpoint says.
    pub fn open(
        config: &config::Audit,
        in_force: InForce,
    ) -> Result<(Self, std::thread::JoinHandle<()>), AuditError> {
        let fail = |source| AuditError {
            directory: config.directory.clone(),
            source,
        };
        let (queue, queued) = mpsc::channel(config.queue_max + SPARE);
        let shared = Arc::new(TrailState {
            directory: config.directory.clone(),
            mode: config.mode,
            sync_timeout: millis(config.sync_timeout_ms),
            healthy: AtomicBool::new(true),
            forked: Arc::default(),
            lost: AtomicU64::new(0),
            strangers: Strangers::new(config),
            spare: AtomicBool::new(true),
        });
        let writer = Writer::open(config, in_force, (queue.downgrade(), queued), &shared).map_err(fail)?;
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || writer.run())
            .map_err(fail)?;
        Ok((Self { queue, shared }, thread))
    }

    /// Keeps rules beside the log, before anything is decided by them, or tried. It waits for the disk.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(&self, rules: &Rulebook) -> Result<(), AuditError> {
        self.kept(rules).map_err(|source| AuditError {
            directory: self.shared.directory.clone(),
            source,
        })
    }

    fn kept(&self, rules: &Rulebook) -> io::Result<()> {
        let directory = &self.shared.directory;
        archive::keep(directory, Kind::Configuration, &rules.configuration)?;
        for policies in std::iter::once(&rules.policies).chain(&rules.shadow) {
            let policies = policies.archived().map_err(io::Error::other)?;
            archive::keep(directory, Kind::Policies, &policies)?;
        }
        Ok(())
    }

    /// Room for an exchange's two records.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when the queue is full, [`Refusal::AuditUnavailable`] when it is closed: it never waits.
    pub fn reserve(&self) -> Result<(Slot, Slot), Refusal> {
        self.slots().inspect_err(|_| {
            self.shared.lost.fetch_add(2, Ordering::Relaxed);
        })
    }

    fn slots(&self) -> Result<(Slot, Slot), Refusal> {
        let refusal = || match self.queue.is_closed() {
            true => Refusal::AuditUnavailable,
            false => Refusal::Overloaded,
        };
        if self.shared.forked.load(Ordering::Acquire) {
            return Err(Refusal::AuditUnavailable);
        }
        if self.queue.capacity() < SPARE + 2 {
            return Err(refusal());
        }
        let slot = || {
            self.queue.clone().try_reserve_owned().map(|permit| Slot {
                permit,
                shared: Arc::clone(&self.shared),
            })
        };
        match (slot(), slot()) {
            (Ok(decision), Ok(completion)) => Ok((decision, completion)),
            _ => Err(refusal()),
        }
    }

    /// Counts a refusal of somebody unidentified; `Recorded` when it is to have records of its own.
    pub(super) fn stranger(&self, address: IpAddr, reason: Reason) -> Verdict {
        let spare = self.shared.spare.load(Ordering::Relaxed);
        let verdict = self.shared.strangers.refused(address, reason, spare);
        if verdict != Verdict::Recorded && self.shared.strangers.due() {
            // A full queue has enough in it to make the writer look.
            let _ = self.queue.try_send(Message::Look);
        }
        verdict
    }

    /// Writes a record of the gateway itself, waiting for room in the queue.
    pub(crate) async fn note(&self, record: Record) {
        let queued = Queued::alone(record);
        // An error says that the log has been closed: whatever happens then is after its end.
        let _ = self.queue.send(Message::Write(queued)).await;
    }

    /// Writes a record of the gateway itself, if there is room in the queue.
    pub(crate) fn note_if_room(&self, record: Record) {
        if self
            .queue
            .try_send(Message::Write(Queued::alone(record)))
            .is_err()
        {
            metrics::counter!("palisade_shadow_dropped_total").increment(1);
        }
    }

    /// Ends the log in order: what is queued is written, later reservations fail. Idle connections may hold handles, so
    /// the writer does not wait for these.
    pub async fn close(&self) {
        // An error says that the writer has ended already.
        let _ = self.queue.send(Message::Close).await;
    }

    /// Whether calls go on whatever becomes of the log.
    pub(super) fn goes_on(&self) -> bool {
        self.shared.mode == AuditMode::BestEffort
    }

    /// Whether calls can be acted on.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.goes_on() || self.healthy()
    }

    /// Whether the last batch could be written, and no witness has seen another log.
    #[must_use]
    pub fn healthy(&self) -> bool {
        self.shared.healthy.load(Ordering::Acquire) && !self.shared.forked.load(Ordering::Acquire)
    }
}
