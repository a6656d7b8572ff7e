//! Checkpoints: what the log says of itself, signed, in a file that can be kept elsewhere.
//!
//! A thread of its own asks for the tree of what is durable, once a second, signs it if it has grown, and replaces the file. The log does
//! not wait for it.

use super::file::replace;
use super::queue::Message;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::{NOTE_BYTES_MAX, Signer, Verifier};
use palisade_audit::tree::Tree;
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::mpsc;

/// How often a log that grows is signed.
const EVERY: Duration = Duration::from_secs(1);

/// The last checkpoint, in the folder of the log.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// The key that is made for a log, where none is configured, and beside it what others need to believe it.
pub(crate) const OWN_KEY: &str = "signing-key";

/// Who signs the checkpoints of a log.
pub(super) struct Publisher {
    signer: Signer,
    directory: PathBuf,
    published: Option<Checkpoint>,
}

/// The thread that signs and writes.
pub(super) struct Publishing {
    trees: SyncSender<Tree>,
    thread: JoinHandle<()>,
}

impl Publisher {
    /// Takes the key in `key`, or the one in the folder of the log, which is made if it is not there.
    pub(super) fn open(directory: &Path, key: Option<&Path>) -> io::Result<Self> {
        let own = directory.join(OWN_KEY);
        if key.is_none() && !own.exists() {
            let mut tail = [0; 4];
            SystemRandom::new().fill(&mut tail).map_err(|_| no_random())?;
            let name = format!("palisade.local/{:08x}", u32::from_be_bytes(tail));
            generate(&name, &own)?;
        }
        let path = key.unwrap_or(&own);
        let wrong = |why: &dyn std::fmt::Display| io::Error::other(format!("{}: {why}", path.display()));
        let signer = Signer::parse(&read(path).map_err(|e| wrong(&e))?).map_err(|e| wrong(&e))?;
        let file = directory.join(CHECKPOINT);
        let published = match read(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
            Ok(note) => Some(Checkpoint::open(&note, &signer.verifier()).map_err(|why| {
                let key = path.display();
                io::Error::other(format!(
                    "{}: {why}: was it signed with the key in {key}?",
                    file.display()
                ))
            })?),
        };
        Ok(Self {
            signer,
            directory: directory.to_owned(),
            published,
        })
    }

    /// The name of the log.
    pub(super) fn origin(&self) -> String {
        self.signer.verifier().name().to_owned()
    }

    /// What was said last.
    pub(super) fn published(&self) -> Option<&Checkpoint> {
        self.published.as_ref()
    }

    /// Starts the thread. It asks `queue` for the tree, and ends when nobody writes the log any more.
    pub(super) fn start(self, queue: mpsc::WeakSender<Message>) -> io::Result<Publishing> {
        let (trees, grown) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || self.serve(&grown, &queue))?;
        Ok(Publishing { trees, thread })
    }

    fn serve(mut self, grown: &Receiver<Tree>, queue: &mpsc::WeakSender<Message>) {
        loop {
            match grown.recv_timeout(EVERY) {
                Ok(tree) => self.publish(&tree),
                Err(RecvTimeoutError::Timeout) => {
                    // A queue that is full has the writer busy: the next second will do. One that is gone is closed by its owner.
                    if let Some(queue) = queue.upgrade() {
                        let _ = queue.try_send(Message::Checkpoint);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// INVARIANT: what is signed has no fewer records than what was, so that no two checkpoints contradict each other.
    fn publish(&mut self, tree: &Tree) {
        let next = Checkpoint::of(&self.origin(), tree);
        if self.published.as_ref().is_some_and(|last| last.size >= next.size) {
            return;
        }
        let note = next.signed(&self.signer);
        match replace(&self.directory.join(CHECKPOINT), note.as_bytes()) {
            Ok(()) => self.published = Some(next),
            Err(error) => {
                metrics::counter!("palisade_audit_checkpoints_failed_total").increment(1);
                tracing::error!(%error, "the checkpoint of the audit log could not be written");
            }
        }
    }
}

impl Publishing {
    /// Has this tree signed, unless the last is still being signed.
    pub(super) fn offer(&self, tree: &Tree) {
        // The next second brings a larger one.
        let _ = self.trees.try_send(tree.clone());
    }

    /// Has the last tree signed, and waits until that is done.
    pub(super) fn finish(self, tree: &Tree) {
        let _ = self.trees.send(tree.clone());
        drop(self.trees);
        // A thread that panicked has logged it.
        let _ = self.thread.join();
    }
}

/// Makes a pair of keys for a log of this name: `path`, and `path` with `.pub` behind it, both for their owner only. Returns what others need to
/// believe the log.
///
/// # Errors
/// When the name cannot be one, the system gives no random numbers, or the file is there or cannot be written.
pub(crate) fn generate(name: &str, path: &Path) -> io::Result<Verifier> {
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).map_err(|_| no_random())?;
    let verifier = Signer::new(name, &seed).map_err(io::Error::other)?.verifier();
    let write = |path: &Path, text: String| {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    let public = PathBuf::from(format!("{}.pub", path.display()));
    write(path, Signer::encoded(name, &verifier, &seed) + "\n")?;
    write(&public, verifier.encoded() + "\n")?;
    Ok(verifier)
}

/// The text of a key or a note.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    match fs::metadata(path)?.len() > NOTE_BYTES_MAX as u64 {
        true => Err(io::Error::other("is too long")),
        false => fs::read_to_string(path),
    }
}

fn no_random() -> io::Error {
    io::Error::other("the system gives no random numbers")
}
