//! The log's one writer thread: takes what has queued up, writes it as one batch, syncs once, tells who waits.
//!
//! A batch is whatever arrived during the previous sync. Where nobody waits for the disk the writer lets records gather
//! instead, because each wake of its thread costs more than a record. A file that failed is never used again; the
//! batch goes to a fresh file, and only if that fails too is anybody told that it is not recorded.

use super::file::LogFile;
use super::publish::{Publisher, Publishing};
use super::queue::{Message, Queued, Receipt, TrailState};
use super::resume;
use super::segment::{FULL_BYTES, Segment};
use crate::clock::unix_ns;
use crate::config::{self, AuditMode};
use palisade_audit::journal::Durability;
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::tree::{Tree, hex};
use palisade_audit::{Facts, Journal, LogStarted, LogStopped, Lost, PolicyRef, Record};
use palisade_policies::Archived;

use std::collections::HashSet;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Records written at most with one sync.
const BATCH_MAX: usize = 4_096;

/// How long records gather in relaxed mode before they are handed to the operating system.
const LINGER: Duration = Duration::from_millis(5);

/// How long no fresh file is tried after one failed at once.
const REOPEN_PAUSE: Duration = Duration::from_millis(200);

/// So many digests of facts are remembered of a file: 100 bytes each.
const ARCHIVED_MAX: usize = 100_000;

/// How often the disk is asked for its free room.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Owned by the writer thread.
pub(super) struct Writer {
    directory: PathBuf,
    policy: PolicyRef,
    queued: mpsc::Receiver<Message>,
    shared: Arc<TrailState>,
    /// None after a failure, until a fresh file could be opened.
    journal: Option<Journal<LogFile>>,
    /// Over all records of the log, while no file is open.
    tree: Tree,
    /// The name of the log.
    origin: String,
    publishing: Option<Publishing>,
    /// Held as long as the log is written.
    _lock: File,
    /// Digests of the facts that stand in the newest file.
    archived: HashSet<String>,
    /// The name of the newest file.
    file: Arc<str>,
    /// The number of the last segment.
    opened: u64,
    /// No file is opened before then: a disk that is full stays so for a while.
    reopen_at: Instant,
    disk_floor_bytes: u64,
    /// When the disk is looked at next.
    look_at: Instant,
}

impl Writer {
    /// Makes the folder if it is not there, goes on where the log in it ends, and opens a file.
    pub(super) fn open(
        config: &config::Audit,
        policy: PolicyRef,
        (queue, queued): (mpsc::WeakSender<Message>, mpsc::Receiver<Message>),
        shared: &Arc<TrailState>,
    ) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&config.directory)?;
        let lock = resume::lock(&config.directory)?;
        let publisher = Publisher::open(&config.directory, config.signing_key.as_deref())?;
        let resumed = resume::resume(&config.directory, publisher.published())?;
        let mut writer = Self {
            directory: config.directory.clone(),
            policy,
            queued,
            shared: Arc::clone(shared),
            journal: None,
            tree: resumed.tree,
            origin: publisher.origin(),
            publishing: None,
            _lock: lock,
            archived: HashSet::new(),
            file: Arc::from(""),
            opened: resumed.number,
            reopen_at: Instant::now(),
            disk_floor_bytes: config.disk_floor_bytes,
            look_at: Instant::now(),
        };
        writer.open_file()?;
        writer.publishing = Some(publisher.start(queue)?);
        Ok(writer)
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
                            self.policy = activated.policy.clone();
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
            let written = self.write(&mut batch);
            if let Err(error) = &written {
                tracing::error!(%error, "audit records could not be written");
                // The record of earlier losses is lost too, and is no loss of its own.
                let new = batch.len() as u64 - u64::from(known_lost > 0);
                metrics::counter!("palisade_audit_lost_total").increment(new);
                self.shared.lost.fetch_add(known_lost + new, Ordering::Relaxed);
            }
            self.shared.healthy.store(written.is_ok(), Ordering::Release);
            for queued in batch.drain(..) {
                // Dropping the sender tells the waiter that its record is not durable.
                if let (Ok(()), Some(tell)) = (&written, queued.durable) {
                    let _ = tell.send(Receipt {
                        file: Arc::clone(&self.file),
                        index: queued.record.index(),
                    });
                }
            }
            if self.shared.mode == AuditMode::Relaxed && written.is_ok() {
                std::thread::sleep(LINGER);
            }
        }
        self.stop();
    }

    /// Whether there is room for more than the records of identified callers. A disk that cannot be asked has room: that
    /// it cannot be written shows soon enough.
    fn look_at_the_disk(&mut self) {
        let now = Instant::now();
        if now < self.look_at {
            return;
        }
        self.look_at = now + LOOK_EVERY;
        let spare = rustix::fs::statvfs(&self.directory).map_or(true, |disk| {
            disk.f_bavail.saturating_mul(disk.f_frsize) >= self.disk_floor_bytes
        });
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

    /// Writes the batch; on failure once more, to a fresh file.
    fn write(&mut self, batch: &mut [Queued]) -> io::Result<()> {
        if self
            .journal
            .as_ref()
            .is_some_and(|journal| journal.bytes() > FULL_BYTES)
        {
            self.close_file();
        }
        if self.journal.is_some() {
            match self.write_once(batch) {
                Ok(()) => return Ok(()),
                Err(error) => tracing::warn!(%error, "audit file failed; trying a fresh one"),
            }
        }
        if Instant::now() < self.reopen_at {
            return Err(io::Error::other("the log failed a moment ago"));
        }
        let written = self.open_file().and_then(|()| self.write_once(batch));
        if written.is_err() {
            self.reopen_at = Instant::now() + REOPEN_PAUSE;
        }
        written
    }

    fn write_once(&mut self, batch: &mut [Queued]) -> io::Result<()> {
        let journal = self
            .journal
            .as_mut()
            .ok_or_else(|| io::Error::other("no audit file is open"))?;
        // What nobody waits for, completions, is synced with the next decision, or when the log is closed.
        let awaited = batch.iter().any(|queued| queued.durable.is_some());
        let durability = match self.shared.mode {
            AuditMode::Strict if awaited => Durability::Synced,
            AuditMode::Strict | AuditMode::Relaxed => Durability::Appended,
        };
        let mut facts = new_facts(batch, &mut self.archived);
        let records = batch.iter_mut().map(|queued| queued.record.as_mut());
        let written = journal.write(facts.iter_mut().chain(records), durability);
        match written {
            Ok(too_long) => {
                self.leave_out(batch, &facts, &too_long);
                Ok(())
            }
            Err(error) => {
                self.give_up_file();
                Err(io::Error::other(error))
            }
        }
    }

    /// Records that are too long for a log are lost: nothing is acted on that they are about.
    fn leave_out(&mut self, batch: &mut [Queued], facts: &[Record], too_long: &[usize]) {
        for place in too_long {
            tracing::error!("an audit record is too long, and is not written");
            metrics::counter!("palisade_audit_lost_total").increment(1);
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            match facts.get(*place) {
                Some(Record::Facts(Facts { digest, .. })) => {
                    self.archived.remove(digest);
                    for queued in batch.iter_mut() {
                        if queued.archived().any(|archived| archived.digest == *digest) {
                            queued.durable = None;
                        }
                    }
                }
                _ => {
                    if let Some(queued) = batch.get_mut(place - facts.len()) {
                        queued.durable = None;
                    }
                }
            }
        }
    }

    /// Leaves a file that failed. What it holds beyond the tree was not acknowledged, and stands in no log.
    fn give_up_file(&mut self) {
        if let Some(journal) = self.journal.take() {
            self.tree = journal.tree().clone();
        }
    }

    /// Leaves a file that is full. What is in it is durable before the next one begins.
    fn close_file(&mut self) {
        if let Some(Err(error)) = self.journal.as_mut().map(Journal::sync) {
            tracing::warn!(%error, "a full audit file could not be synced");
        }
        self.give_up_file();
    }

    /// Makes what is written durable, and has its tree signed: nothing is signed that could still be lost.
    fn checkpoint(&mut self) {
        let Some(journal) = self.journal.as_mut() else {
            return;
        };
        match (journal.sync(), &self.publishing) {
            (Ok(()), Some(publishing)) => publishing.offer(journal.tree()),
            (Ok(()), None) => {}
            (Err(error), _) => {
                tracing::error!(%error, "the audit log could not be synced");
                self.shared.healthy.store(false, Ordering::Release);
                self.give_up_file();
            }
        }
    }

    /// Opens a new file and writes its first record. CRASH: the folder is synced, or the file could vanish with
    /// records in it that were acknowledged.
    fn open_file(&mut self) -> io::Result<()> {
        // A clock that was set back does not put a file before one that was there.
        self.opened = unix_ns().max(self.opened + 1);
        let segment = Segment::new(&self.directory, self.tree.size(), self.opened);
        self.file = Arc::from(segment.name());
        self.archived.clear();
        let file = LogFile::create(&segment.path)?;
        File::open(&self.directory)?.sync_all()?;
        let mut started = Record::LogStarted(LogStarted {
            mode: self.shared.mode.name().to_owned(),
            origin: Some(self.origin.clone()),
            peaks: self.tree.peaks().iter().map(hex).collect(),
            pid: std::process::id(),
            policy: self.policy.clone(),
            time: unix_ns(),
            v: SCHEMA_VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..LogStarted::default()
        });
        let mut journal = Journal::new(file, segment.number, self.tree.clone());
        if let Err(error) = journal.write(std::iter::once(&mut started), Durability::Synced) {
            // Nothing was acknowledged of it. A file left behind for every attempt would fill the folder too.
            let _ = std::fs::remove_file(&segment.path);
            return Err(io::Error::other(error));
        }
        self.journal = Some(journal);
        Ok(())
    }

    fn stop(&mut self) {
        let mut counted: Vec<Queued> = self.counted_strangers().collect();
        let mut stopped = Record::LogStopped(LogStopped {
            time: unix_ns(),
            v: SCHEMA_VERSION,
            ..LogStopped::default()
        });
        let Some(journal) = self.journal.as_mut() else {
            return;
        };
        let records = counted.iter_mut().map(|queued| queued.record.as_mut());
        if let Err(error) = journal.write(records.chain([&mut stopped]), Durability::Synced) {
            tracing::error!(%error, "the audit log could not be closed in order");
            return;
        }
        if let Some(publishing) = self.publishing.take() {
            publishing.finish(journal.tree());
        }
    }
}

/// Records of what is named in the batch and does not stand in the file yet, whose digests are in `archived`.
fn new_facts(batch: &[Queued], archived: &mut HashSet<String>) -> Vec<Record> {
    let mut facts = Vec::new();
    for Archived { digest, json } in batch.iter().flat_map(Queued::archived) {
        if archived.contains(digest) {
            continue;
        }
        // Facts that stand in a file twice do no harm; a set without bounds would.
        if archived.len() >= ARCHIVED_MAX {
            archived.clear();
        }
        archived.insert(digest.clone());
        facts.push(Record::Facts(Facts {
            digest: digest.clone(),
            facts: serde_json::from_str(json).unwrap_or_default(),
            time: unix_ns(),
            v: SCHEMA_VERSION,
            ..Facts::default()
        }));
    }
    facts
}
