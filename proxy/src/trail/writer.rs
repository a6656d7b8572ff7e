//! The log's one writer thread: takes what has queued up, writes it as one batch, syncs once, tells who waits.
//!
//! A batch is whatever arrived during the previous sync. Where nobody waits for the disk the writer lets records gather
//! instead, because each wake of its thread costs more than a record.

use super::disk::Folder;
use super::log::{self, Grown, Log};
use super::people::People;
use super::prepare::free_bytes;
use super::publish::{Publisher, Publishing};
use super::queue::{InForce, Message, Queued, Receipt, TrailState};
use super::reads;
use super::resume;
use super::sealing::Sealing;
use super::witnesses::Witnesses;
use crate::clock::unix_ns;
use crate::config::{self, AuditMode};
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::{ClockStep, LogStopped, Lost, Record};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Records written at most with one sync.
const BATCH_MAX: usize = 4_096;

/// How long records gather in best effort before they are handed to the operating system.
const LINGER: Duration = Duration::from_millis(5);

/// So many records are signed without waiting for their second to end.
const CHECKPOINT_EVERY: usize = 16_384;

/// A clock that was set by less, in milliseconds, is only disciplined.
const CLOCK_STEP_MS: i64 = 1_000;

/// How often the disk is asked for its free room.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Owned by the writer thread.
pub(super) struct Writer {
    log: Log<Folder>,
    sealing: Sealing,
    /// Files that asked for something, which is recorded when the next batch is on disk.
    answered: Vec<PathBuf>,
    /// Held as long as the log is written.
    _lock: File,
    queued: mpsc::Receiver<Message>,
    shared: Arc<TrailState>,
    publishing: Option<Publishing>,
    disk_floor_bytes: u64,
    /// When the disk and the clock are looked at next.
    look_at: Instant,
    /// What the clocks said when they were looked at last.
    clocks: Clocks,
}

/// The clock that goes on, and the one that people set, in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
struct Clocks {
    steady: Instant,
    wall: u64,
}

impl Clocks {
    fn now() -> Self {
        Self {
            steady: Instant::now(),
            wall: unix_ns(),
        }
    }

    /// How far the one was set against the other since `before`, in milliseconds, if that is worth a record.
    fn step_since(self, before: Self) -> Option<i64> {
        let went = i128::from(self.wall) - i128::from(before.wall);
        let passed = i128::try_from(self.steady.saturating_duration_since(before.steady).as_nanos()).ok()?;
        let by_ms = i64::try_from((went - passed) / 1_000_000).ok()?;
        (by_ms.abs() >= CLOCK_STEP_MS).then_some(by_ms)
    }
}

impl Writer {
    /// Makes the folder if it is not there, goes on where the log in it ends, and opens a segment.
    pub(super) fn open(
        config: &config::Audit,
        in_force: InForce,
        (queue, queued): (mpsc::WeakSender<Message>, mpsc::Receiver<Message>),
        shared: &Arc<TrailState>,
    ) -> io::Result<Self> {
        let (mut folder, lock) = log::claim(config)?;
        let mut publisher = Publisher::open(config)?;
        // Nothing is written before it is known that this is the log that was.
        let resumed = resume::resume(&mut folder, publisher.published())?;
        let hashes = publisher.hashes(&resumed.tree)?;
        let people = People::of(&config.directory, config.people_keys.as_deref());
        let sealing = Sealing::open(people, config.personal_ids)?;
        let mut witnesses = Witnesses::open(config, &shared.forked)?;
        publisher.show(&mut witnesses)?;
        let (origin, said) = (publisher.origin(), publisher.rotated());
        let log = Log::open(folder, config, in_force, origin, resumed, said)?;
        let publishing = publisher.start(log.tree(), hashes, witnesses, config.mode, queue)?;
        Ok(Self {
            log,
            sealing,
            answered: Vec::new(),
            _lock: lock,
            queued,
            shared: Arc::clone(shared),
            publishing: Some(publishing),
            disk_floor_bytes: config.disk_floor_bytes,
            look_at: Instant::now(),
            clocks: Clocks::now(),
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
                            self.log.in_force = InForce::after(activated);
                        }
                        batch.push(queued);
                    }
                    Message::Look => {}
                    Message::Sync => {
                        self.sync();
                    }
                    Message::Checkpoint => self.checkpoint(),
                    // What is in the queue is still received; nothing more gets in.
                    Message::Close => self.queued.close(),
                }
            }
            let known_lost = self.note_losses(&mut batch);
            self.look_around(&mut batch);
            if self.shared.spare.load(Ordering::Relaxed) && self.shared.strangers.due() {
                batch.extend(self.counted_strangers());
            }
            if batch.is_empty() {
                continue;
            }
            let written = self.write(&mut batch, known_lost);
            if !self.answered.is_empty() {
                let durable = written && self.sync();
                self.answered(durable);
            }
            if self.log.fresh() >= CHECKPOINT_EVERY {
                self.checkpoint();
            }
            if self.shared.mode == AuditMode::BestEffort && written {
                std::thread::sleep(LINGER);
            }
        }
        self.stop();
    }

    /// Writes a batch, in which `known_lost` are counted, and tells who waits. Returns whether it is written; it is empty then in any case.
    fn write(&mut self, batch: &mut Vec<Queued>, known_lost: u64) -> bool {
        let sealed = self.sealing.seal(batch);
        let written = sealed.and_then(|()| self.log.write(batch));
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
        for queued in batch.iter_mut() {
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
        written.is_ok()
    }

    fn lost(&self, records: u64) {
        metrics::counter!("palisade_audit_lost_total").increment(records);
        self.shared.lost.fetch_add(records, Ordering::Relaxed);
    }

    /// Whether there is room for more than the records of identified callers, whether the clock was set, and whether anything is asked of the log. A disk that cannot be asked has room:
    /// that it cannot be written shows soon enough.
    fn look_around(&mut self, batch: &mut Vec<Queued>) {
        let now = Instant::now();
        if now < self.look_at {
            return;
        }
        self.look_at = now + LOOK_EVERY;
        let spare = free_bytes(&self.shared.directory).map_or(true, |free| free >= self.disk_floor_bytes);
        self.shared.spare.store(spare, Ordering::Relaxed);
        let clocks = Clocks::now();
        if let Some(by_ms) = clocks.step_since(self.clocks) {
            batch.push(Queued::alone(Record::ClockStep(ClockStep {
                by_ms,
                time: clocks.wall,
                v: SCHEMA_VERSION,
                ..ClockStep::default()
            })));
        }
        self.clocks = clocks;
        for asked in [self.sealing.erase(), reads::told(&self.shared.directory)] {
            match asked {
                Ok(asked) => {
                    for (file, record) in asked {
                        self.answered.push(file);
                        batch.push(Queued::alone(record));
                    }
                }
                Err(error) => tracing::error!(%error, "what is asked of the audit log could not be done"),
            }
        }
    }

    /// What was asked for is on disk; or it could not be written, and is asked for again.
    fn answered(&mut self, durable: bool) {
        for file in self.answered.drain(..).filter(|_| durable) {
            if let Err(error) = fs::remove_file(&file) {
                tracing::warn!(file = %file.display(), %error, "what is done is still asked for");
            }
        }
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
        if !self.sync() {
            return;
        }
        if let Some(publishing) = &self.publishing
            && let Some(Grown { leaves, .. }) = publishing.offer(self.log.grown())
        {
            self.log.keep(leaves);
        }
    }

    /// Makes what is written durable. Gives whether it is.
    fn sync(&mut self) -> bool {
        let synced = self.log.sync();
        if let Err(error) = &synced {
            tracing::error!(%error, "the audit log could not be synced");
        }
        self.shared.healthy.store(synced.is_ok(), Ordering::Release);
        synced.is_ok()
    }

    fn stop(&mut self) {
        let mut last: Vec<Queued> = self.counted_strangers().collect();
        last.push(Queued::alone(Record::LogStopped(LogStopped {
            time: unix_ns(),
            v: SCHEMA_VERSION,
            ..LogStopped::default()
        })));
        self.note_losses(&mut last);
        match (self.log.close(last), self.publishing.take()) {
            (Ok(grown), Some(publishing)) => publishing.finish(grown),
            (Ok(_), None) => {}
            (Err(error), _) => tracing::error!(%error, "the audit log could not be closed in order"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_told_from_one_that_is_disciplined() {
        let before = Clocks::now();
        let later = |seconds: u64, wall_ms: i64| Clocks {
            steady: before.steady + Duration::from_secs(seconds),
            wall: before.wall.saturating_add_signed(wall_ms * 1_000_000),
        };
        assert_eq!(later(1, 1_000).step_since(before), None);
        assert_eq!(later(3_600, 3_600_900).step_since(before), None);
        assert_eq!(later(1, 1_000 - 3_600_000).step_since(before), Some(-3_600_000));
        assert_eq!(later(1, 86_401_000).step_since(before), Some(86_400_000));
        let to_the_epoch = Clocks {
            wall: 0,
            ..later(1, 0)
        };
        assert!(
            to_the_epoch
                .step_since(before)
                .is_some_and(|by| by < -CLOCK_STEP_MS)
        );
    }
}
