//! `palisade audit witness`: remembers how far logs had grown, and says so (c2sp.org/tlog-witness).

use super::serve::Signals;
use super::{Failure, WitnessArgs};
use crate::clock::unix_ns;
use crate::config::{Limits, Listen};
use crate::edge::{Client, EdgeState, Listener, Serve};
use crate::trail::keys;
use crate::trail::{lock_folder, replace};
use bytes::Bytes;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::{Kind, NOTE_BYTES_MAX, Signer, Verifier};
use palisade_audit::tree::{hex, leaf_hash};
use palisade_audit::witness::{Refused, Request};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// So many requests are kept that contradict what a log said before.
const EVIDENCE_MAX: usize = 16;

const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn run(args: &WitnessArgs) -> Result<(), Failure> {
    let witness = Witness::open(args)?;
    let logs = witness.logs.len();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut signals = Signals::take()?;
        let shared = EdgeState::new(Limits {
            body_bytes_max: NOTE_BYTES_MAX,
            ..Limits::default()
        });
        let listen = Listen {
            address: args.listen,
            h2c: false,
            tls: None,
        };
        let listener = Listener::start(&listen, &shared, Arc::new(witness))?;
        writeln!(
            io::stdout(),
            "a witness of {logs} logs listens on http://{}/add-checkpoint",
            listener.address()
        )?;
        signals.stop().await;
        listener.drain(&shared).await;
        Ok(())
    })
}

struct Witness {
    signer: Signer,
    state: PathBuf,
    /// By origin. Whoever changes one holds it until that is on disk.
    logs: HashMap<String, Mutex<Log>>,
    /// Held as long as the folder is written.
    _lock: fs::File,
}

/// A log that is witnessed.
struct Log {
    /// Its keys: when it changes, the old one and the new one.
    keys: Vec<Verifier>,
    last: Option<Checkpoint>,
    /// Where the last checkpoint is kept.
    file: PathBuf,
}

impl Witness {
    fn open(args: &WitnessArgs) -> Result<Self, Failure> {
        let wrong = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let signer = keys::signer(&args.key)?;
        if signer.kind() != Kind::Cosignature {
            return Err(wrong(
                &args.key,
                &"is not the key of a witness: `palisade audit keygen --witness` makes one",
            )
            .into());
        }
        fs::create_dir_all(&args.state).map_err(|e| wrong(&args.state, &e))?;
        let lock = lock_folder(&args.state).map_err(|e| wrong(&args.state, &e))?;
        let mut keys: HashMap<String, Vec<Verifier>> = HashMap::new();
        for path in &args.logs {
            let key = keys::verifier(path)?;
            keys.entry(key.name().to_owned()).or_default().push(key);
        }
        let mut logs = HashMap::new();
        for (name, keys) in keys {
            let log = Log::open(&name, keys, &args.state)?;
            logs.insert(name, Mutex::new(log));
        }
        Ok(Self {
            signer,
            state: args.state.clone(),
            logs,
            _lock: lock,
        })
    }

    /// The answer to a request: status, content type and body.
    fn add(&self, body: &str) -> (u16, &'static str, String) {
        let Ok(request) = Request::parse(body) else {
            return refused(Refused::Malformed);
        };
        let Some(log) = self.logs.get(request.origin()) else {
            return refused(Refused::Unknown);
        };
        let mut log = log.lock();
        let Some((key, text)) = log.signer_of(request.note) else {
            return refused(Refused::NotSigned);
        };
        let next = match request.check(key, log.last.as_ref()) {
            Ok(next) => next,
            Err(why) => {
                self.keep_evidence(&request, key, &log, body);
                return refused(why);
            }
        };
        // CRASH: what was said yes to is on disk before anybody hears of it.
        if let Err(error) = replace(&log.file, request.note.as_bytes()) {
            tracing::error!(%error, "a checkpoint could not be kept");
            return (500, TEXT, "the checkpoint could not be kept\n".to_owned());
        }
        log.last = Some(next);
        (200, TEXT, self.signer.cosign(text, unix_ns() / 1_000_000_000))
    }

    /// Keeps a request that shows that a log has signed two trees of one size.
    fn keep_evidence(&self, request: &Request<'_>, key: &Verifier, log: &Log, body: &str) {
        let Ok(next) = Checkpoint::open(request.note, key) else {
            return;
        };
        let contradicts = |last: &Checkpoint| last.size == next.size && last.root != next.root;
        if !log.last.as_ref().is_some_and(contradicts) {
            return;
        }
        tracing::error!(
            log = next.origin,
            size = next.size,
            "a log contradicts what it said before"
        );
        metrics::counter!("palisade_witness_contradictions_total").increment(1);
        // One for each tree, however often it is shown.
        let path = self.state.join(format!("evidence-{}", hex(&next.root)));
        let kept = fs::read_dir(&self.state).map_or(0, |entries| entries.filter(is_evidence).count());
        if kept < EVIDENCE_MAX
            && let Err(error) = replace(&path, body.as_bytes())
        {
            tracing::error!(%error, "the evidence could not be kept");
        }
    }
}

fn is_evidence(entry: &io::Result<fs::DirEntry>) -> bool {
    let name = entry.as_ref().map(fs::DirEntry::file_name);
    name.is_ok_and(|name| name.to_string_lossy().starts_with("evidence-"))
}

impl Log {
    fn open(name: &str, keys: Vec<Verifier>, state: &Path) -> Result<Self, Failure> {
        let file = state.join(format!("log-{}", hex(&leaf_hash(name.as_bytes()))));
        let mut log = Self {
            keys,
            last: None,
            file,
        };
        match keys::read(&log.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{}: {error}", log.file.display()).into()),
            Ok(note) => {
                let last = log
                    .signer_of(&note)
                    .and_then(|(key, _)| Checkpoint::open(&note, key).ok());
                if last.is_none() {
                    return Err(format!(
                        "{}: is not signed with a key of {name}: name the one before with --log too",
                        log.file.display()
                    )
                    .into());
                }
                log.last = last;
            }
        }
        Ok(log)
    }

    /// The key that a note is signed with, and its text.
    fn signer_of<'n>(&self, note: &'n str) -> Option<(&Verifier, &'n str)> {
        self.keys.iter().find_map(|key| Some((key, key.open(note).ok()?)))
    }
}

fn refused(why: Refused) -> (u16, &'static str, String) {
    match why {
        Refused::Conflict(size) => (409, "text/x.tlog.size", format!("{size}\n")),
        Refused::Malformed => (
            why.status(),
            TEXT,
            "not a request to add a checkpoint\n".to_owned(),
        ),
        Refused::Unknown => (why.status(), TEXT, "this log is not witnessed here\n".to_owned()),
        Refused::NotSigned => (
            why.status(),
            TEXT,
            "not signed with the key of this log\n".to_owned(),
        ),
        Refused::Inconsistent => (
            why.status(),
            TEXT,
            "this does not go on from the last checkpoint\n".to_owned(),
        ),
    }
}

impl Serve for Witness {
    async fn serve(&self, client: &mut Client<'_>) {
        let asked = client
            .harden()
            .map(|head| (head.method().to_owned(), head.path().to_owned()));
        let (status, kind, body) = match asked {
            Ok((method, path)) if method == "POST" && path == b"/add-checkpoint" => match client.body().await
            {
                Ok(body) => match std::str::from_utf8(&body) {
                    Ok(body) => tokio::task::block_in_place(|| self.add(body)),
                    Err(_) => refused(Refused::Malformed),
                },
                Err(_) => refused(Refused::Malformed),
            },
            Ok((method, path)) if method == "GET" && path == b"/healthz" => (200, TEXT, "ok\n".to_owned()),
            Ok(_) => (404, TEXT, "not found: POST /add-checkpoint\n".to_owned()),
            Err(_) => refused(Refused::Malformed),
        };
        // A client that does not take its answer has left.
        let _ = client
            .turn_away(status, &[("content-type", kind.to_owned())], Bytes::from(body))
            .await;
    }
}
