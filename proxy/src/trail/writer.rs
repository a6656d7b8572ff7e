//! The log's one writer thread: takes what has queued up, writes it as one batch, syncs once, tells who waits.
//!
//! A batch is whatever arrived during the previous sync. Where nobody waits for the disk the writer lets records gather
//! instead, because each wake of its thread costs more than a record.

use super::disk::Folder;
use super::log::{self, Log};
use super::prepare::free_bytes;
use super::publish::{Grown, Publisher, Publishing};
use super::queue::{Message, Queued, Receipt, TrailState};
use super::witnesses::Witnesses;
use crate::clock::unix_ns;
use crate::config::{self, AuditMode};
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::{LogStopped, Lost, PolicyRef, Record};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Records written at most with one sync.
const BATCH_MAX: usize = 4_096;

/// How long records gather in relaxed mode before they are handed to the operating system.
const LINGER: Duration = Duration::from_millis(5);

/// So many records are signed without waiting for their second to end.
const CHECKPOINT_EVERY: usize = 16_384;

/// How often the disk is asked for its free room.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Owned by the writer thread.
pub(super) struct Writer {
    log: Log<Folder>,
    /// Held as long as the log is written.
    _lock: File,
    queued: mpsc::Receiver<Message>,
    shared: Arc<TrailState>,
    publishing: Option<Publishing>,
    disk_floor_bytes: u64,
    /// When the disk is looked at next.
    look_at: Instant,
}

impl Writer {
    /// Makes the folder if it is not there, goes on where the log in it ends, and opens a segment.
    pub(super) fn open(
        config: &config::Audit,
        policy: PolicyRef,
        (queue, queued): (mpsc::WeakSender<Message>, mpsc::Receiver<Message>),
        shared: &Arc<TrailState>,
    ) -> io::Result<Self> {
        let (folder, lock) = log::claim(config)?;
        let publisher = Publisher::open(&config.directory, config.signing_key.as_deref())?;
        let log = Log::open(folder, config, policy, publisher.origin(), publisher.published())?;
        let witnesses = Witnesses::open(config, &shared.forked)?;
        let publishing = publisher.start(log.tree(), witnesses, queue)?;
        Ok(Self {
            log,
            _lock: lock,
            queued,
            shared: Arc::clone(shared),
            publishing: Some(publishing),
            disk_floor_bytes: config.disk_floor_bytes,
            look_at: Instant::now(),
        })
    }

    /// Writes what is queued until the log is closed or nobody can queue any more.
    pub(super) fn run(mut self) {
        let mut messages = Vec::with_capacity(BATCH_MAX);
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while self.queued.blocking_recv_many(&mut messages, BATCH_MAX) > 0 {
            for message in messages.drain(..) {
                match message {
                    Message::Write(queued) => {
                        if let Record::PolicyActivated(activated) = queued.record.as_ref() {
                            self.log.policy = activated.policy.clone();
                        }
                        batch.push(queued);
                    }
                    Message::Look => {}
                    Message::Checkpoint => self.checkpoint(),
                    // What is in the queue is still received; nothing more gets in.
                    Message::Close => self.queued.close(),
                }
            }
            let known_lost = self.note_losses(&mut batch);
            self.look_at_the_disk();
            if self.shared.spare.load(Ordering::Relaxed) && self.shared.strangers.due() {
                batch.extend(self.counted_strangers());
            }
            if batch.is_empty() {
                continue;
            }
            let written = self.log.write(&mut batch);
            match &written {
                Ok(0) => {}
                Ok(left_out) => {
                    tracing::error!(left_out, "audit records are too long, and are not written");
                    self.lost(*left_out);
                }
                Err(error) => {
                    tracing::error!(%error, "audit records could not be written");
                    // The record of earlier losses is lost too, and is no loss of its own.
                    self.lost(batch.len() as u64 - u64::from(known_lost > 0));
                    self.shared.lost.fetch_add(known_lost, Ordering::Relaxed);
                }
            }
            self.shared.healthy.store(written.is_ok(), Ordering::Release);
            for queued in &mut batch {
                // Dropping the sender tells the waiter that its record is not durable.
                if let (Ok(_), Some(tell)) = (&written, queued.durable.take()) {
                    let _ = tell.send(Receipt {
                        file: Arc::clone(self.log.name()),
                        index: queued.record.index(),
                    });
                }
            }
            match &written {
                Ok(_) => self.log.remember(batch.drain(..)),
                Err(_) => batch.clear(),
            }
            if self.log.fresh() >= CHECKPOINT_EVERY {
                self.checkpoint();
            }
            if self.shared.mode == AuditMode::Relaxed && written.is_ok() {
                std::thread::sleep(LINGER);
            }
        }
        self.stop();
    }

    fn lost(&self, records: u64) {
        metrics::counter!("palisade_audit_lost_total").increment(records);
        self.shared.lost.fetch_add(records, Ordering::Relaxed);
    }

    /// Whether there is room for more than the records of identified callers. A disk that cannot be asked has room: that
    /// it cannot be written shows soon enough.
    fn look_at_the_disk(&mut self) {
        let now = Instant::now();
        if now < self.look_at {
            return;
        }
        self.look_at = now + LOOK_EVERY;
        let spare = free_bytes(&self.shared.directory).map_or(true, |free| free >= self.disk_floor_bytes);
        self.shared.spare.store(spare, Ordering::Relaxed);
    }

    fn counted_strangers(&self) -> impl Iterator<Item = Queued> {
        self.shared.strangers.take().into_iter().map(|counted| {
            Queued::alone(Record::Strangers(palisade_audit::Strangers {
                time: unix_ns(),
                v: SCHEMA_VERSION,
                ..counted
            }))
        })
    }

    /// Puts a record of losses before the batch; returns how many were lost.
    fn note_losses(&self, batch: &mut Vec<Queued>) -> u64 {
        let count = self.shared.lost.swap(0, Ordering::Relaxed);
        if count > 0 {
            let lost = Record::Lost(Lost {
                count,
                time: unix_ns(),
                v: SCHEMA_VERSION,
                ..Lost::default()
            });
            batch.insert(0, Queued::alone(lost));
        }
        count
    }

    /// Makes what is written durable, and has its tree signed: nothing is signed that could still be lost.
    fn checkpoint(&mut self) {
        match (self.log.sync(), &self.publishing) {
            (Ok(Some(grown)), Some(publishing)) => {
                if let Some(Grown { leaves, .. }) = publishing.offer(grown) {
                    self.log.keep(leaves);
                }
            }
            (Ok(_), _) => {}
            (Err(error), _) => {
                tracing::error!(%error, "the audit log could not be synced");
                self.shared.healthy.store(false, Ordering::Release);
            }
        }
    }

    fn stop(&mut self) {
        let mut last: Vec<Queued> = self.counted_strangers().collect();
        last.push(Queued::alone(Record::LogStopped(LogStopped {
            time: unix_ns(),
            v: SCHEMA_VERSION,
            ..LogStopped::default()
        })));
        match (self.log.close(last), self.publishing.take()) {
            (Ok(grown), Some(publishing)) => publishing.finish(grown),
            (Ok(_), None) => {}
            (Err(error), _) => tracing::error!(%error, "the audit log could not be closed in order"),
        }
    }
}
