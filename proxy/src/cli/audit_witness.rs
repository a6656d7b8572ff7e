//! `palisade audit witness`: remembers how far logs had grown, and says so (c2sp.org/tlog-witness).

use super::audit_verify::key;
use super::serve::stop_signal;
use super::{Failure, WitnessArgs};
use crate::clock::unix_ns;
use crate::config::{Limits, Listen};
use crate::edge::{Client, EdgeState, Listener, Serve};
use crate::trail::{lock_folder, read_note, replace};
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

/// So many requests of a log are kept that contradict what it said before.
const EVIDENCE_MAX: usize = 16;

const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn run(args: &WitnessArgs) -> Result<(), Failure> {
    let witness = Witness::open(args)?;
    let logs = witness.logs.len();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
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
        stop_signal().await?;
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
    verifier: Verifier,
    last: Option<Checkpoint>,
    /// Where the last checkpoint is kept.
    file: PathBuf,
}

impl Witness {
    fn open(args: &WitnessArgs) -> Result<Self, Failure> {
        let wrong = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = read_note(&args.key).map_err(|e| wrong(&args.key, &e))?;
        let signer = Signer::parse(&text).map_err(|e| wrong(&args.key, &e))?;
        if signer.kind() != Kind::Cosignature {
            return Err(wrong(
                &args.key,
                &"is not the key of a witness: `palisade audit keygen --witness` makes one",
            )
            .into());
        }
        fs::create_dir_all(&args.state).map_err(|e| wrong(&args.state, &e))?;
        let lock = lock_folder(&args.state).map_err(|e| wrong(&args.state, &e))?;
        let mut logs = HashMap::new();
        for path in &args.logs {
            let log = Log::open(key(path)?, &args.state)?;
            logs.insert(log.verifier.name().to_owned(), Mutex::new(log));
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
        let next = match request.check(&log.verifier, log.last.as_ref()) {
            Ok(next) => next,
            Err(why) => {
                self.keep_evidence(&request, &log, why, body);
                return refused(why);
            }
        };
        let Ok(text) = log.verifier.open(request.note).map(str::to_owned) else {
            return refused(Refused::NotSigned);
        };
        // CRASH: what was said yes to is on disk before anybody hears of it.
        if let Err(error) = replace(&log.file, request.note.as_bytes()) {
            tracing::error!(%error, "a checkpoint could not be kept");
            return (500, TEXT, "the checkpoint could not be kept\n".to_owned());
        }
        log.last = Some(next);
        (200, TEXT, self.signer.cosign(&text, unix_ns() / 1_000_000_000))
    }

    /// Keeps a request that is signed by a log and contradicts what it said before.
    fn keep_evidence(&self, request: &Request<'_>, log: &Log, why: Refused, body: &str) {
        let Ok(next) = Checkpoint::open(request.note, &log.verifier) else {
            return;
        };
        let same = log
            .last
            .as_ref()
            .is_some_and(|last| last.size == next.size && last.root != next.root);
        if why != Refused::Inconsistent && !same {
            return;
        }
        tracing::error!(
            log = next.origin,
            size = next.size,
            "a log contradicts what it said before"
        );
        metrics::counter!("palisade_witness_contradictions_total").increment(1);
        let name = format!("evidence-{}", hex(&leaf_hash(body.as_bytes())));
        let kept = fs::read_dir(&self.state).map_or(0, |entries| {
            let is_evidence = |entry: &io::Result<fs::DirEntry>| {
                entry
                    .as_ref()
                    .is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("evidence-"))
            };
            entries.filter(is_evidence).count()
        });
        if kept < EVIDENCE_MAX
            && let Err(error) = replace(&self.state.join(name), body.as_bytes())
        {
            tracing::error!(%error, "the evidence could not be kept");
        }
    }
}

impl Log {
    fn open(verifier: Verifier, state: &Path) -> Result<Self, Failure> {
        let file = state.join(format!("log-{}", hex(&leaf_hash(verifier.name().as_bytes()))));
        let last = match read_note(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{}: {error}", file.display()).into()),
            Ok(note) => {
                let last = Checkpoint::open(&note, &verifier);
                Some(last.map_err(|why| format!("{}: {why}", file.display()))?)
            }
        };
        Ok(Self { verifier, last, file })
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
