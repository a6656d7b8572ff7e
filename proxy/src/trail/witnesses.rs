//! Witnesses of the log (c2sp.org/tlog-witness): others that remember how far it had grown, and say so under its checkpoints.
//!
//! What they said stands in the file `witnessed`. One that remembers more than there is, or something else, has seen a log that this one does
//! not go on from: it was cut, replaced by an older copy, or written twice. Then nothing is acted on any more.

use super::file::replace;
use super::hashes::Hashes;
use super::keys;
use crate::config;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::{Kind, NOTE_BYTES_MAX, Verifier, signatures};
use palisade_audit::proof::consistency;
use palisade_audit::witness::Request;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The last checkpoint with what witnesses said of it, in the folder of the log.
pub(crate) const WITNESSED: &str = "witnessed";

/// How long a witness may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// A log that does not grow is shown to its witnesses this often, so that they say when it was still there.
const IDLE_EVERY: Duration = Duration::from_secs(60);

/// A checkpoint, and the note that says it.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    pub(super) note: String,
}

/// Others that remember the log.
pub(super) struct Witnesses {
    all: Vec<Known>,
    directory: PathBuf,
    agent: ureq::Agent,
    /// A witness has seen a log that this one does not go on from.
    forked: Arc<AtomicBool>,
}

struct Known {
    url: String,
    verifier: Verifier,
    /// The size of the checkpoint that it said yes to last.
    seen: u64,
}

/// Why a witness did not say yes.
#[derive(Debug, thiserror::Error)]
enum Silent {
    #[error("{0}")]
    Failed(String),
    #[error(
        "it has seen a log of {0} records that this one does not go on from: this one was cut, replaced by an older copy, or is written twice"
    )]
    Forked(u64),
}

impl Witnesses {
    /// Those of the configuration, for the log in a folder.
    ///
    /// # Errors
    /// When a key cannot be read, or is not that of a witness.
    pub(super) fn open(config: &config::Audit, forked: &Arc<AtomicBool>) -> io::Result<Self> {
        let known = |witness: &config::Witness| {
            let verifier = keys::verifier(&witness.key)?;
            match verifier.kind() {
                Kind::Cosignature => Ok(Known {
                    url: format!("{}/add-checkpoint", witness.url.trim_end_matches('/')),
                    verifier,
                    seen: 0,
                }),
                Kind::Note => Err(io::Error::other(format!(
                    "{}: is not the key of a witness",
                    witness.key.display()
                ))),
            }
        };
        Ok(Self {
            all: config.witnesses.iter().map(known).collect::<io::Result<_>>()?,
            directory: config.directory.clone(),
            agent: ureq::Agent::config_builder()
                .timeout_global(Some(ANSWER_TIMEOUT))
                .max_redirects(0)
                .http_status_as_error(false)
                .build()
                .into(),
            forked: Arc::clone(forked),
        })
    }

    /// Shows a checkpoint to all, one after the other, and keeps what they say.
    ///
    /// # Errors
    /// When one has seen another log. One that cannot be reached is no error.
    pub(super) fn show(&mut self, signed: &Signed) -> io::Result<()> {
        let mut said = String::new();
        for known in &mut self.all {
            match known.ask(&self.agent, &self.directory, signed) {
                Ok(lines) => said.push_str(&lines),
                Err(why @ Silent::Forked(_)) => {
                    self.forked.store(true, Ordering::Release);
                    metrics::counter!("palisade_audit_forked_total").increment(1);
                    return Err(io::Error::other(format!(
                        "witness {}: {why}",
                        known.verifier.name()
                    )));
                }
                Err(Silent::Failed(why)) => {
                    metrics::counter!("palisade_audit_witness_failed_total").increment(1);
                    tracing::warn!(witness = known.verifier.name(), why, "a witness did not say yes");
                }
            }
        }
        match said.is_empty() {
            true => Ok(()),
            false => replace(
                &self.directory.join(WITNESSED),
                format!("{}{said}", signed.note).as_bytes(),
            ),
        }
    }

    /// Starts a thread that shows each checkpoint that it is given, and `last` until there is one.
    pub(super) fn start(self, last: Option<Signed>) -> io::Result<Showing> {
        let (signed, shown) = sync_channel(1);
        let thread = match self.all.is_empty() {
            true => None,
            false => Some(
                thread::Builder::new()
                    .name("witness".to_owned())
                    .spawn(move || self.serve(&shown, last))?,
            ),
        };
        Ok(Showing { signed, thread })
    }

    fn serve(mut self, shown: &Receiver<Signed>, mut last: Option<Signed>) {
        loop {
            match shown.recv_timeout(IDLE_EVERY) {
                Ok(signed) => last = Some(signed),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Some(Err(error)) = last.as_ref().map(|last| self.show(last)) {
                tracing::error!(%error, "the audit log and its witnesses");
            }
        }
    }
}

/// The thread that shows checkpoints; none without witnesses.
pub(super) struct Showing {
    signed: SyncSender<Signed>,
    thread: Option<JoinHandle<()>>,
}

impl Showing {
    /// Shows a checkpoint, unless another is being shown: the next will do.
    pub(super) fn offer(&self, signed: &Signed) {
        let _ = self.signed.try_send(signed.clone());
    }

    /// Shows the last checkpoint, and waits until that is done.
    pub(super) fn finish(mut self, last: Option<Signed>) {
        let Some(thread) = self.thread.take() else { return };
        if let Some(last) = last {
            let _ = self.signed.send(last);
        }
        drop(self.signed);
        // A thread that panicked has logged it.
        let _ = thread.join();
    }
}

impl Known {
    /// What the witness says under a checkpoint: lines of its signatures.
    fn ask(&mut self, agent: &ureq::Agent, log: &Path, signed: &Signed) -> Result<String, Silent> {
        let failed = |error: &dyn std::fmt::Display| Silent::Failed(error.to_string());
        let size = signed.checkpoint.size;
        // What it has seen is known after it was asked once.
        for _ in 0..2 {
            let hashes = Hashes::read(log).and_then(|hashes| hashes.ok_or(io::ErrorKind::NotFound.into()));
            let proof = hashes.and_then(|hashes| consistency(&hashes, self.seen, size));
            let body = Request::text(self.seen, &proof.map_err(|e| failed(&e))?, &signed.note);
            let mut response = agent.post(&self.url).send(body).map_err(|e| failed(&e))?;
            let status = response.status().as_u16();
            let body = response.body_mut().with_config().limit(NOTE_BYTES_MAX as u64);
            let text = body.read_to_string().map_err(|e| failed(&e))?;
            match status {
                200 => {
                    let lines = self.lines(&signed.note, &text)?;
                    self.seen = size;
                    return Ok(lines);
                }
                409 => {
                    let seen: u64 = text.trim_end().parse().map_err(|e| failed(&e))?;
                    if seen > size || seen == self.seen {
                        return Err(Silent::Forked(seen));
                    }
                    self.seen = seen;
                }
                422 => return Err(Silent::Forked(self.seen)),
                other => return Err(failed(&format_args!("status {other}"))),
            }
        }
        Err(failed(&"it says otherwise each time"))
    }

    /// The lines of an answer that are this witness's.
    fn lines(&self, note: &str, answer: &str) -> Result<String, Silent> {
        let is_ours = |line: &&str| self.verifier.open(&format!("{note}{line}")).is_ok();
        let all = format!("{note}{answer}");
        let lines = signatures(&all).map_err(|why| Silent::Failed(why.to_string()))?;
        let ours: String = lines.split_inclusive('\n').filter(is_ours).collect();
        match ours.is_empty() {
            true => Err(Silent::Failed("its answer is not signed with its key".to_owned())),
            false => Ok(ours),
        }
    }
}
