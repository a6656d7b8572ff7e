//! The log's one writer thread: takes what has queued up, writes it as one batch, syncs once, tells who waits.
//!
//! A batch is whatever arrived during the previous sync. Where nobody waits for the disk the writer lets records gather
//! instead, because each wake of its thread costs more than a record. A file that failed is never used again; the
//! batch goes to a fresh file, and only if that fails too is anybody told that it is not recorded.

use crate::clock::unix_ns;
use crate::config::{self, AuditMode, millis};
use crate::refusal::Refusal;
use palisade_audit::journal::Durability;
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::{Journal, LogStarted, LogStopped, Lost, PolicyRef, Record, Store};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Records written at most with one sync.
const BATCH_MAX: usize = 4_096;

/// How long records gather in relaxed mode before they are handed to the operating system.
const LINGER: Duration = Duration::from_millis(5);

/// How long no fresh file is tried after one failed at once.
const REOPEN_PAUSE: Duration = Duration::from_millis(200);

/// A handle to the log; cheap to clone.
#[derive(Debug, Clone)]
pub struct Audit {
    queue: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

/// What handles and the writer share.
#[derive(Debug)]
struct Shared {
    mode: AuditMode,
    sync_timeout: Duration,
    /// Written by the writer, and by whoever waited too long.
    healthy: AtomicBool,
    /// Records that found no room since the last [`Lost`] record.
    lost: AtomicU64,
}

/// What travels to the writer.
#[derive(Debug)]
enum Message {
    Write(Queued),
    /// Write what is queued, then end.
    Close,
}

#[derive(Debug)]
struct Queued {
    record: Box<Record>,
    durable: Option<oneshot::Sender<()>>,
}

/// Room for one record.
#[derive(Debug)]
pub struct Slot {
    permit: mpsc::OwnedPermit<Message>,
    shared: Arc<Shared>,
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
    /// When the folder or the first file cannot be written.
    pub fn open(
        config: &config::Audit,
        policy: PolicyRef,
    ) -> Result<(Self, std::thread::JoinHandle<()>), AuditError> {
        let fail = |source| AuditError {
            directory: config.directory.clone(),
            source,
        };
        let (queue, queued) = mpsc::channel(config.queue_max);
        let shared = Arc::new(Shared {
            mode: config.mode,
            sync_timeout: millis(config.sync_timeout_ms),
            healthy: AtomicBool::new(true),
            lost: AtomicU64::new(0),
        });
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&config.directory)
            .map_err(fail)?;
        let mut writer = Writer {
            directory: config.directory.clone(),
            policy,
            queued,
            shared: Arc::clone(&shared),
            journal: None,
            files: 0,
            reopen_at: Instant::now(),
        };
        writer.open_file().map_err(fail)?;
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || writer.run())
            .map_err(fail)?;
        Ok((Self { queue, shared }, thread))
    }

    /// Room for an exchange's two records.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when the queue is full, [`Refusal::AuditUnavailable`] when it is closed: it never waits.
    pub fn reserve(&self) -> Result<(Slot, Slot), Refusal> {
        let slot = || {
            self.queue.clone().try_reserve_owned().map(|permit| Slot {
                permit,
                shared: Arc::clone(&self.shared),
            })
        };
        match (slot(), slot()) {
            (Ok(decision), Ok(completion)) => Ok((decision, completion)),
            _ => {
                self.shared.lost.fetch_add(2, Ordering::Relaxed);
                Err(if self.queue.is_closed() {
                    Refusal::AuditUnavailable
                } else {
                    Refusal::Overloaded
                })
            }
        }
    }

    /// Ends the log in order: what is queued is written, later reservations fail. Idle connections may hold handles, so
    /// the writer does not wait for these.
    pub async fn close(&self) {
        // An error says that the writer has ended already.
        let _ = self.queue.send(Message::Close).await;
    }

    /// Whether the last batch could be written.
    #[must_use]
    pub fn healthy(&self) -> bool {
        self.shared.healthy.load(Ordering::Acquire)
    }
}

impl Slot {
    /// Queues a record.
    pub fn send(self, record: Record) {
        let queued = Queued {
            record: Box::new(record),
            durable: None,
        };
        self.permit.send(Message::Write(queued));
    }

    /// Queues a record and, in strict mode or while the log is failing, waits until it is written.
    ///
    /// # Errors
    /// [`Refusal::AuditUnavailable`] when it was not written, or not in time: a blocked disk is a failed disk.
    pub async fn send_durable(self, record: Record) -> Result<(), Refusal> {
        // A log that fails is not relaxed about it: from then on nothing is acted on that is not written.
        if self.shared.mode == AuditMode::Relaxed && self.shared.healthy.load(Ordering::Acquire) {
            self.send(record);
            return Ok(());
        }
        let (tell, told) = oneshot::channel();
        let shared = self.shared;
        let queued = Queued {
            record: Box::new(record),
            durable: Some(tell),
        };
        self.permit.send(Message::Write(queued));
        match tokio::time::timeout(shared.sync_timeout, told).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                shared.healthy.store(false, Ordering::Release);
                Err(Refusal::AuditUnavailable)
            }
        }
    }
}

/// Owned by the writer thread.
struct Writer {
    directory: PathBuf,
    policy: PolicyRef,
    queued: mpsc::Receiver<Message>,
    shared: Arc<Shared>,
    /// None after a failure, until a fresh file could be opened.
    journal: Option<Journal<LogFile>>,
    /// Files opened so far; part of their names.
    files: u32,
    /// No file is opened before then: a disk that is full stays so for a while.
    reopen_at: Instant,
}

impl Writer {
    fn run(mut self) {
        let mut messages = Vec::with_capacity(BATCH_MAX);
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while self.queued.blocking_recv_many(&mut messages, BATCH_MAX) > 0 {
            for message in messages.drain(..) {
                match message {
                    Message::Write(queued) => batch.push(queued),
                    // What is in the queue is still received; nothing more gets in.
                    Message::Close => self.queued.close(),
                }
            }
            let known_lost = self.note_losses(&mut batch);
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
                    let _ = tell.send(());
                }
            }
            if self.shared.mode == AuditMode::Relaxed && written.is_ok() {
                std::thread::sleep(LINGER);
            }
        }
        self.stop();
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
            batch.insert(
                0,
                Queued {
                    record: Box::new(lost),
                    durable: None,
                },
            );
        }
        count
    }

    /// Writes the batch; on failure once more, to a fresh file.
    fn write(&mut self, batch: &mut [Queued]) -> io::Result<()> {
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
        let records = batch.iter_mut().map(|queued| queued.record.as_mut());
        journal.write(records, durability).map_err(|error| {
            self.journal = None;
            io::Error::other(error)
        })
    }

    /// Opens a new file and writes its first record. CRASH: the folder is synced, or the file could vanish with
    /// records in it that were acknowledged.
    fn open_file(&mut self) -> io::Result<()> {
        let name = format!("{:020}-{}-{}.jsonl", unix_ns(), std::process::id(), self.files);
        self.files += 1;
        let path = self.directory.join(name);
        let file = LogFile::create(&path)?;
        File::open(&self.directory)?.sync_all()?;
        let mut started = Record::LogStarted(LogStarted {
            mode: self.shared.mode.name().to_owned(),
            pid: std::process::id(),
            policy: self.policy.clone(),
            time: unix_ns(),
            v: SCHEMA_VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..LogStarted::default()
        });
        let mut journal = Journal::new(file);
        if let Err(error) = journal.write(std::iter::once(&mut started), Durability::Synced) {
            // Nothing was acknowledged of it. A file left behind for every attempt would fill the folder too.
            let _ = std::fs::remove_file(&path);
            return Err(io::Error::other(error));
        }
        self.journal = Some(journal);
        Ok(())
    }

    fn stop(&mut self) {
        let mut stopped = Record::LogStopped(LogStopped {
            time: unix_ns(),
            v: SCHEMA_VERSION,
            ..LogStopped::default()
        });
        let Some(journal) = self.journal.as_mut() else {
            return;
        };
        if let Err(error) = journal.write(std::iter::once(&mut stopped), Durability::Synced) {
            tracing::error!(%error, "the audit log could not be closed in order");
        }
    }
}

/// An append-only file, readable by its owner only.
struct LogFile {
    file: File,
    /// Length without, and with, the last append.
    before: u64,
    length: u64,
}

impl LogFile {
    fn create(path: &Path) -> io::Result<Self> {
        OpenOptions::new()
            .create_new(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map(|file| Self {
                file,
                before: 0,
                length: 0,
            })
    }
}

impl Store for LogFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // A file that was removed still takes writes, which nobody would ever read.
        if self.file.metadata()?.nlink() == 0 {
            return Err(io::Error::other("the audit file was removed"));
        }
        self.before = self.length;
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn cut_back(&mut self) {
        // On a disk that fails this may fail too; a reader then finds the same records twice.
        if let Err(error) = self.file.set_len(self.before) {
            tracing::warn!(%error, "a failed audit batch could not be taken back");
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}
