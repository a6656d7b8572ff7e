//! Checkpoints: what the log says of itself, signed, in a file that can be kept elsewhere.
//!
//! A thread of its own asks for the tree of what is durable, once a second, signs it if it has grown, and replaces the file. The log does
//! not wait for it.

use super::file::replace;
use super::hashes::Hashes;
use super::keys::{self, generate, read};
use super::log::Grown;
use super::queue::Message;
use super::resume::LOOK;
use super::witnesses::{Showing, Signed, Witnesses};
use crate::aead::random;
use crate::clock::unix_ns;
use crate::config::{self, AuditMode};
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::{Kind, Malformed, Signer, Verifier};
use palisade_audit::record::SCHEMA_VERSION;
use palisade_audit::tree::Tree;
use palisade_audit::{KeyRotated, Record};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::mpsc;

/// How often a log that grows is signed.
const EVERY: Duration = Duration::from_secs(1);

/// How long a record is not on disk at most in relaxed mode.
const RELAXED_EVERY: Duration = Duration::from_millis(100);

/// The last checkpoint, in the folder of the log.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// The key that is made for a log, where none is configured, and beside it what others need to believe it.
pub(crate) const OWN_KEY: &str = "signing-key";

/// Who signs the checkpoints of a log.
pub(super) struct Publisher {
    signer: Signer,
    directory: PathBuf,
    published: Option<Signed>,
    /// Says in the log that its key is another now.
    rotated: Option<KeyRotated>,
}

/// The thread that signs and writes.
pub(super) struct Publishing {
    logs: SyncSender<Grown>,
    thread: JoinHandle<()>,
}

impl Publisher {
    /// Takes the key that is configured, or the one in the folder of the log, which is made if it is not there.
    pub(super) fn open(config: &config::Audit) -> io::Result<Self> {
        let (directory, key) = (config.directory.as_path(), config.signing_key.as_deref());
        let own = directory.join(OWN_KEY);
        if key.is_none() && !own.exists() {
            let name = format!("palisade.local/{:08x}", u32::from_be_bytes(random()?));
            generate(&name, Kind::Note, &own)?;
        }
        let path = key.unwrap_or(&own);
        let signer = keys::signer(path)?;
        let retired = config.retired_key.as_deref().map(keys::signer).transpose()?;
        if retired
            .as_ref()
            .is_some_and(|retired| retired.verifier().name() != signer.verifier().name())
        {
            return Err(io::Error::other(
                "audit.retired_key: is of another name: a log keeps its own",
            ));
        }
        let file = directory.join(CHECKPOINT);
        let mut rotated = None;
        let published = match read(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
            Ok(note) => {
                let opened = Checkpoint::open(&note, &signer.verifier());
                let opened = opened.or_else(|why| {
                    let retired = retired.as_ref().ok_or(why)?;
                    let before = Checkpoint::open(&note, &retired.verifier())?;
                    rotated = Some(rotation(retired, &signer.verifier()));
                    Ok(before)
                });
                let checkpoint = opened.map_err(|why: Malformed| {
                    let key = path.display();
                    io::Error::other(format!(
                        "{}: {why}: was it signed with the key in {key}?",
                        file.display()
                    ))
                })?;
                Some(Signed { checkpoint, note })
            }
        };
        Ok(Self {
            signer,
            directory: directory.to_owned(),
            published,
            rotated,
        })
    }

    /// What there is to say in the log about its key.
    pub(super) fn rotated(&mut self) -> Option<Record> {
        self.rotated.take().map(Record::KeyRotated)
    }

    /// The name of the log.
    pub(super) fn origin(&self) -> String {
        self.signer.verifier().name().to_owned()
    }

    /// What was said last.
    pub(super) fn published(&self) -> Option<&Checkpoint> {
        self.published.as_ref().map(|signed| &signed.checkpoint)
    }

    /// The hashes beside a log, which are those of its tree.
    ///
    /// # Errors
    /// When they are not.
    pub(super) fn hashes(&self, tree: &Tree) -> io::Result<Hashes> {
        let signed = self.published().map_or(0, |published| published.size);
        let mut hashes = Hashes::open(&self.directory, signed)?;
        hashes.catch_up(tree.size())?;
        if hashes.root(tree.size())? != tree.root() {
            return Err(io::Error::other(format!(
                "the log was changed: its hashes, in the folder `hashes`, are not those of its records. {LOOK}"
            )));
        }
        Ok(hashes)
    }

    /// Shows the last checkpoint to witnesses.
    ///
    /// # Errors
    /// When one has seen another log.
    pub(super) fn show(&self, witnesses: &mut Witnesses) -> io::Result<()> {
        self.published
            .as_ref()
            .map_or(Ok(()), |signed| witnesses.show(signed))
    }

    /// Signs a log that goes on after `tree`, all of it durable, and starts the thread. It asks `queue` for more, and ends when nobody writes the log
    /// any more.
    ///
    /// # Errors
    /// When it cannot be signed, or a witness has seen another log.
    pub(super) fn start(
        mut self,
        tree: &Tree,
        mut hashes: Hashes,
        mut witnesses: Witnesses,
        mode: AuditMode,
        queue: mpsc::WeakSender<Message>,
    ) -> io::Result<Publishing> {
        let log = Grown {
            tree: tree.clone(),
            leaves: Vec::new(),
        };
        self.publish(&mut hashes, &log)?;
        self.show(&mut witnesses)?;
        let showing = witnesses.start(self.published.clone())?;
        let (logs, grown) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || self.serve(hashes, showing, &grown, Bell { mode, queue, rung: 0 }))?;
        Ok(Publishing { logs, thread })
    }

    fn serve(mut self, mut hashes: Hashes, showing: Showing, grown: &Receiver<Grown>, mut bell: Bell) {
        loop {
            match grown.recv_timeout(bell.every()) {
                Ok(log) => match (self.publish(&mut hashes, &log), &self.published) {
                    (Ok(true), Some(signed)) => showing.offer(signed),
                    (Ok(_), _) => {}
                    (Err(error), _) => {
                        metrics::counter!("palisade_audit_checkpoints_failed_total").increment(1);
                        tracing::error!(%error, "the checkpoint of the audit log could not be written");
                    }
                },
                Err(RecvTimeoutError::Timeout) => bell.ring(),
                Err(RecvTimeoutError::Disconnected) => return showing.finish(self.published),
            }
        }
    }

    /// Signs a log, if it has grown. INVARIANT: what is signed goes on from what was, so that no two checkpoints contradict each other: the hashes are
    /// those of both.
    fn publish(&mut self, hashes: &mut Hashes, log: &Grown) -> io::Result<bool> {
        let next = Checkpoint::of(&self.origin(), &log.tree);
        if hashes.size() + log.leaves.len() as u64 == next.size {
            hashes.append(&log.leaves)?;
        }
        // What was lost on the way, or could not be written the last time.
        hashes.catch_up(next.size)?;
        if let Some(last) = self.published() {
            if last.size >= next.size {
                return Ok(false);
            }
            if hashes.root(last.size)? != last.root {
                return Err(io::Error::other(
                    "the log does not go on from what was signed of it",
                ));
            }
        }
        if hashes.root(next.size)? != next.root {
            return Err(io::Error::other("its hashes are not those of the log"));
        }
        let note = next.signed(&self.signer);
        replace(&self.directory.join(CHECKPOINT), note.as_bytes())?;
        let checkpoint = next;
        self.published = Some(Signed { checkpoint, note });
        Ok(true)
    }
}

/// Tells the writer when it is time.
struct Bell {
    mode: AuditMode,
    queue: mpsc::WeakSender<Message>,
    rung: u32,
}

impl Bell {
    /// How often it rings.
    fn every(&self) -> Duration {
        match self.mode {
            AuditMode::Relaxed => RELAXED_EVERY,
            AuditMode::Strict | AuditMode::BestEffort => EVERY,
        }
    }

    fn ring(&mut self) {
        self.rung += 1;
        let message = match self.every() * self.rung >= EVERY {
            true => {
                self.rung = 0;
                Message::Checkpoint
            }
            false => Message::Sync,
        };
        // A queue that is full has the writer busy: the next time will do. One that is gone is closed by its owner.
        if let Some(queue) = self.queue.upgrade() {
            let _ = queue.try_send(message);
        }
    }
}

impl Publishing {
    /// Has this log signed, unless the last is still being signed: then it comes back.
    pub(super) fn offer(&self, log: Grown) -> Option<Grown> {
        // The next second brings a larger one.
        match self.logs.try_send(log) {
            Ok(()) => None,
            Err(TrySendError::Full(log) | TrySendError::Disconnected(log)) => Some(log),
        }
    }

    /// Has the last log signed, and waits until that is done.
    pub(super) fn finish(self, log: Grown) {
        let _ = self.logs.send(log);
        drop(self.logs);
        // A thread that panicked has logged it.
        let _ = self.thread.join();
    }
}

fn rotation(retired: &Signer, next: &Verifier) -> KeyRotated {
    KeyRotated {
        certificate: retired.certify(next),
        next: next.encoded(),
        previous: retired.verifier().encoded(),
        time: unix_ns(),
        v: SCHEMA_VERSION,
        ..KeyRotated::default()
    }
}
