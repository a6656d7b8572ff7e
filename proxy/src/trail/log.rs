//! The log on disk: goes on where it ended, one segment after the other. Owned by the writer's thread.
//!
//! A segment that failed is never used again. The batch goes to a fresh one, and only if that fails too is it not written.

use super::disk::Folder;
use super::ongoing::Exchanges;
use super::queue::{InForce, Queued};
use super::resume::{self, Resumed};
use super::store::{Disk, Room};
use crate::clock::unix_ns;
use crate::config::{self, AuditMode};
use palisade_audit::journal::Durability;
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::tree::{Hash, Tree, hex};
use palisade_audit::{Facts, Journal, LogStarted, Record};
use palisade_policies::Archived;
use std::collections::HashSet;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long no fresh segment is tried after one failed at once.
const REOPEN_PAUSE: Duration = Duration::from_millis(200);

/// So many hashes of leaves wait to be signed: 32 bytes each.
const LEAVES_MAX: usize = 1 << 20;

/// So many digests of facts are remembered of a segment: 100 bytes each.
const ARCHIVED_MAX: usize = 100_000;

/// A log that is durable as far as this.
pub(super) struct Grown {
    /// Over all records.
    pub(super) tree: Tree,
    /// Of the last records; there may be fewer than are new.
    pub(super) leaves: Vec<Hash>,
}

/// The log, as its one writer has it.
pub(super) struct Log<D: Disk> {
    disk: D,
    mode: AuditMode,
    /// A segment that is longer is followed by another.
    segment_bytes: u64,
    /// The rules in force, which the first record of a segment names.
    pub(super) in_force: InForce,
    /// The name of the log.
    origin: String,
    /// None after a failure, until a fresh segment could be opened.
    journal: Option<Journal<D::File>>,
    /// Over all records of the log, while no segment is open.
    tree: Tree,
    exchanges: Exchanges,
    /// Of the last records, which nobody has taken yet.
    leaves: Vec<Hash>,
    /// Digests of the facts that stand in the newest segment.
    archived: HashSet<String>,
    /// Records that are written and may not be durable: they are written again if their segment fails.
    unsynced: Vec<Queued>,
    /// The name of the newest segment.
    name: Arc<str>,
    /// Its number.
    number: u64,
    /// No segment is opened before then: a disk that is full stays so for a while.
    reopen_at: Instant,
}

/// Makes the folder of a log if it is not there, keeps other writers out of it as long as the file is held, and gives the folder.
pub(super) fn claim(config: &config::Audit) -> io::Result<(Folder, File)> {
    let directory = &config.directory;
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let lock = resume::lock(directory)?;
    resume::refuse_lines(directory)?;
    let folder = Folder::new(directory, config.segment_bytes, config.disk_floor_bytes)?;
    Ok((folder, lock))
}

impl<D: Disk> Log<D> {
    /// Goes on where the log on a disk ends. Exchanges that a process before left open are ended, and `said` stands at the beginning.
    ///
    /// CRASH: what is gone on after is durable before anything stands behind it.
    pub(super) fn open(
        mut disk: D,
        config: &config::Audit,
        in_force: InForce,
        origin: String,
        resumed: Resumed,
        said: Option<Record>,
    ) -> io::Result<Self> {
        if let Some((segment, whole)) = &resumed.last {
            disk.settle(segment, whole)?;
        }
        if resumed.torn_bytes > 0 {
            tracing::warn!(
                bytes = resumed.torn_bytes,
                "what was being written to the audit log when it ended is no record"
            );
        }
        let mut log = Self {
            disk,
            mode: config.mode,
            segment_bytes: config.segment_bytes,
            in_force,
            origin,
            journal: None,
            tree: resumed.tree,
            exchanges: resumed.exchanges,
            leaves: Vec::new(),
            archived: HashSet::new(),
            unsynced: Vec::new(),
            name: Arc::from(""),
            number: resumed.number,
            reopen_at: Instant::now(),
        };
        let mut first = log.exchanges.crashed();
        first.extend(said);
        log.open_segment(resumed.torn_bytes, first)?;
        Ok(log)
    }

    /// The tree over all records.
    pub(super) fn tree(&self) -> &Tree {
        self.journal.as_ref().map_or(&self.tree, Journal::tree)
    }

    /// How many leaves nobody has taken yet.
    pub(super) fn fresh(&self) -> usize {
        self.leaves.len()
    }

    /// What is durable after a [`sync`](Self::sync), to be signed.
    pub(super) fn grown(&mut self) -> Grown {
        Grown {
            tree: self.tree().clone(),
            leaves: std::mem::take(&mut self.leaves),
        }
    }

    /// Takes leaves back that could not be handed on.
    pub(super) fn keep(&mut self, mut leaves: Vec<Hash>) {
        leaves.append(&mut self.leaves);
        // Whoever finds some missing reads them from the segments.
        leaves.truncate(LEAVES_MAX);
        self.leaves = leaves;
    }

    /// The name of the segment that is written.
    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Writes a batch; on failure once more, to a fresh segment, and before it what may not be durable in the one that failed, which is then
    /// part of the batch. Records that are too long for a log are left out, and nobody is told that they are written. Returns how many these are.
    ///
    /// # Errors
    /// Nothing of the batch is in the log.
    pub(super) fn write(&mut self, batch: &mut Vec<Queued>) -> io::Result<u64> {
        let written = self
            .journal
            .as_ref()
            .map(|journal| (journal.bytes(), journal.store().room()));
        if let Some((bytes, room)) = written
            && (bytes > self.segment_bytes || (bytes > room && self.disk.is_prepared()))
        {
            self.close_segment();
        }
        if self.journal.is_some() {
            match self.write_once(batch) {
                Ok(left_out) => return Ok(left_out),
                Err(error) => tracing::warn!(%error, "audit segment failed; trying a fresh one"),
            }
        }
        let again = self.unsynced.len();
        batch.splice(..0, self.unsynced.drain(..));
        self.write_afresh(batch).inspect_err(|_| {
            // They were written once, and wait for the next try.
            self.unsynced.extend(batch.drain(..again));
            for queued in batch.iter() {
                if let Record::Completion(completion) = queued.record.as_ref() {
                    self.exchanges.forget(&completion.decision);
                }
            }
        })
    }

    /// Takes back what was written, until it is durable.
    pub(super) fn remember(&mut self, written: impl Iterator<Item = Queued>) {
        match self.journal.as_ref().is_none_or(Journal::is_durable) {
            true => written.for_each(drop),
            false => self.unsynced.extend(written),
        }
    }

    fn write_afresh(&mut self, batch: &mut [Queued]) -> io::Result<u64> {
        if Instant::now() < self.reopen_at {
            return Err(io::Error::other("the log failed a moment ago"));
        }
        let ongoing = self.exchanges.records();
        let written = self
            .open_segment(0, ongoing)
            .and_then(|()| self.write_once(batch));
        if written.is_err() {
            self.reopen_at = Instant::now() + REOPEN_PAUSE;
        }
        written
    }

    fn write_once(&mut self, batch: &mut [Queued]) -> io::Result<u64> {
        let journal = self
            .journal
            .as_mut()
            .ok_or_else(|| io::Error::other("no audit segment is open"))?;
        // What nobody waits for, completions, is synced with the next decision, or when the log is closed.
        let awaited = batch.iter().any(|queued| queued.durable.is_some());
        let durability = match self.mode {
            AuditMode::Strict if awaited => Durability::Synced,
            AuditMode::Strict | AuditMode::Relaxed | AuditMode::BestEffort => Durability::Appended,
        };
        let mut facts = new_facts(batch, &mut self.archived);
        let records = batch.iter_mut().map(|queued| queued.record.as_mut());
        match journal.write(facts.iter_mut().chain(records), durability) {
            Ok(too_long) => {
                self.leaves.extend_from_slice(journal.leaves());
                for place in &too_long {
                    self.leave_out(batch, &facts, *place);
                }
                for queued in batch.iter() {
                    self.exchanges.note(&queued.record);
                }
                if durability == Durability::Synced {
                    self.unsynced.clear();
                }
                Ok(too_long.len() as u64)
            }
            Err(error) => {
                self.give_up_segment();
                Err(io::Error::other(error))
            }
        }
    }

    /// Nothing is acted on that a record at this place, which is too long, is about: among the facts, and behind them in the batch.
    fn leave_out(&mut self, batch: &mut [Queued], facts: &[Record], place: usize) {
        let Some(Record::Facts(Facts { digest, .. })) = facts.get(place) else {
            if let Some(queued) = batch.get_mut(place - facts.len()) {
                queued.durable = None;
            }
            return;
        };
        self.archived.remove(digest);
        for queued in batch {
            if queued.archived().any(|archived| archived.digest == *digest) {
                queued.durable = None;
            }
        }
    }

    /// Makes what is written durable; tries again where nothing could be written before.
    ///
    /// # Errors
    /// The segment is not used again, and what may not be durable in it could not be written to another.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.sync_segment().is_err() || self.journal.is_none() {
            let mut again = Vec::new();
            self.write(&mut again)?;
            self.remember(again.into_iter());
            self.sync_segment()?;
        }
        Ok(())
    }

    fn sync_segment(&mut self) -> io::Result<()> {
        match self.journal.as_mut().map(Journal::sync) {
            Some(Err(error)) => {
                tracing::warn!(%error, "audit segment failed");
                self.give_up_segment();
                Err(io::Error::other(error))
            }
            Some(Ok(())) => {
                self.unsynced.clear();
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Writes the last records of the log, makes all durable, and gives it to be signed.
    pub(super) fn close(&mut self, mut last: Vec<Queued>) -> io::Result<Grown> {
        self.write(&mut last)?;
        self.remember(last.into_iter());
        self.sync()?;
        if let Some(journal) = &self.journal {
            journal.store().trim();
        }
        Ok(self.grown())
    }

    /// Leaves a segment that failed. What it holds beyond what was durable stands in no log.
    fn give_up_segment(&mut self) {
        if let Some(journal) = self.journal.take() {
            let undone = journal.tree().size() - journal.synced().size();
            let undone = usize::try_from(undone).unwrap_or(usize::MAX);
            self.leaves.truncate(self.leaves.len().saturating_sub(undone));
            self.tree.clone_from(journal.synced());
        }
    }

    /// Leaves a segment that is full. What is in it is durable before the next one begins, or written again there.
    fn close_segment(&mut self) {
        if self.sync_segment().is_ok() {
            self.give_up_segment();
        }
    }

    /// Opens a new segment and writes its first records.
    fn open_segment(&mut self, torn_bytes: u64, more: Vec<Record>) -> io::Result<()> {
        // A clock that was set back does not put a segment before one that was there.
        self.number = unix_ns().max(self.number + 1);
        let segment = self.disk.place(self.tree.size(), self.number);
        self.archived.clear();
        let file = self.disk.create(&segment)?;
        self.name = Arc::from(segment.name());
        let started = Record::LogStarted(LogStarted {
            configuration: self.in_force.configuration.clone(),
            mode: self.mode.name().to_owned(),
            origin: Some(self.origin.clone()),
            peaks: self.tree.peaks().iter().map(hex).collect(),
            pid: std::process::id(),
            policy: self.in_force.policy.clone(),
            time: unix_ns(),
            torn_bytes: (torn_bytes > 0).then_some(torn_bytes),
            v: SCHEMA_VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..LogStarted::default()
        });
        let mut journal = Journal::new(file, segment.number, self.tree.clone());
        let mut first: Vec<Record> = std::iter::once(started).chain(more).collect();
        if let Err(error) = journal.write(first.iter_mut(), Durability::Synced) {
            // Nothing was acknowledged of it. A segment left behind for every attempt would fill the folder too.
            self.disk.remove(&segment);
            return Err(io::Error::other(error));
        }
        self.leaves.extend_from_slice(journal.leaves());
        self.journal = Some(journal);
        self.disk.prepare();
        Ok(())
    }
}

/// Records of what is named in the batch and does not stand in the segment yet, whose digests are in `archived`.
fn new_facts(batch: &[Queued], archived: &mut HashSet<String>) -> Vec<Record> {
    let mut facts = Vec::new();
    for Archived { digest, json } in batch.iter().flat_map(Queued::archived) {
        if archived.contains(digest) {
            continue;
        }
        // Facts that stand in a segment twice do no harm; a set without bounds would.
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
