//! `palisade audit verify`: whether a log is what its checkpoints say.

use super::records::{LogFile, lines, log_files};
use super::{Failure, VerifyArgs};
use crate::trail::{CHECKPOINT, OWN_KEY, policies_path, read_note};
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::Verifier;
use palisade_audit::tree::{Tree, hex, leaf_hash};
use palisade_audit::{Entry, Record, read_line};
use palisade_policies::Snapshot;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// So much of what is wrong is told; the rest is counted.
const TOLD_MAX: usize = 20;

/// The log is what it says.
pub(super) const VERIFIED: u8 = 0;
/// It was changed, or cut.
pub(super) const TAMPERED: u8 = 1;
/// What is there is as it was, but something of it is not under a checkpoint, or not kept.
pub(super) const INCOMPLETE: u8 = 2;
/// Nobody said whose signature to believe.
pub(super) const NO_KEY: u8 = 3;

/// Returns the process's exit code.
pub(super) fn run(args: &VerifyArgs) -> Result<u8, Failure> {
    let trusted = args.key.as_deref().map(key).transpose()?;
    let own = || key(&args.log.join(format!("{OWN_KEY}.pub"))).ok();
    let Some(verifier) = trusted.clone().or_else(own) else {
        return Err(
            "name the log's public key: --key FILE (`signing-key.pub` of its folder, kept elsewhere)".into(),
        );
    };
    let mut verification = Verification::default();
    verification.checkpoints(args, &verifier);
    verification.read(&args.log)?;
    verification.conclude(&args.log);
    let code = verification.code(trusted.is_some());
    let report = verification.report(&verifier, code);
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(code)
}

/// The public key in a file.
pub(super) fn key(path: &Path) -> Result<Verifier, Failure> {
    let text = read_note(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Verifier::parse(&text).map_err(|why| format!("{}: {why}", path.display()).into())
}

/// What was found out about a log.
#[derive(Default)]
struct Verification {
    tree: Tree,
    /// Where each came from, and whether it was met.
    checkpoints: Vec<(PathBuf, Checkpoint)>,
    files: usize,
    /// Digests of policies that decisions name.
    policies: BTreeSet<String>,
    tampered: Vec<String>,
    incomplete: Vec<String>,
}

impl Verification {
    /// Takes the checkpoints: the one in the folder, and those that were kept elsewhere.
    fn checkpoints(&mut self, args: &VerifyArgs, verifier: &Verifier) {
        let own = args.log.join(CHECKPOINT);
        if !own.exists() {
            self.incomplete
                .push(format!("{}: the log has no checkpoint", own.display()));
        }
        for path in args.checkpoints.iter().chain(own.exists().then_some(&own)) {
            let opened = read_note(path)
                .map_err(|error| error.to_string())
                .and_then(|note| Checkpoint::open(&note, verifier).map_err(|why| why.to_string()));
            match opened {
                Ok(checkpoint) => self.checkpoints.push((path.clone(), checkpoint)),
                Err(why) => self.tampered.push(format!("{}: {why}", path.display())),
            }
        }
        self.meet();
    }

    fn read(&mut self, log: &Path) -> Result<(), Failure> {
        let files = match log_files(log) {
            Ok(files) => files,
            Err(why) => {
                self.tampered.push(why.to_string());
                return Ok(());
            }
        };
        self.files = files.len();
        files.iter().try_for_each(|file| self.read_file(file))
    }

    fn read_file(&mut self, file: &LogFile) -> Result<(), Failure> {
        let LogFile { path, start, records } = file;
        let peaks: Vec<String> = self.tree.peaks().iter().map(hex).collect();
        let at = self.tree.size();
        if start.index != at {
            self.tampered.push(format!(
                "{}: begins with record {}, and {at} were there before: records are missing or repeated",
                path.display(),
                start.index
            ));
        } else if start.peaks != peaks {
            self.tampered
                .push(format!("{}: records before {at} were changed", path.display()));
        }
        let mut number = 0_u64;
        lines(path, |text| {
            if records.is_some_and(|records| number >= records) {
                return Ok(false);
            }
            number += 1;
            self.take(path, number, text);
            Ok(true)
        })?;
        if let Some(records) = records.filter(|records| number < *records) {
            self.tampered.push(format!(
                "{}: {} records are missing, from {} on",
                path.display(),
                records - number,
                start.index + number
            ));
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, number: u64, text: &str) {
        let index = self.tree.size();
        let why = match read_line(text) {
            Err(_) => Some("is no record as they are written".to_owned()),
            Ok(Entry::Known(record)) if record.index() != index => {
                Some(format!("says it is record {}", record.index()))
            }
            Ok(Entry::Known(record)) => {
                if let Record::Decision(decision) = *record {
                    self.policies.extend(decision.policy.map(|policy| policy.digest));
                }
                None
            }
            Ok(Entry::Unknown { .. }) => None,
        };
        if let Some(why) = why {
            self.tampered
                .push(format!("{}:{number}: record {index} {why}", path.display()));
        }
        self.tree.push(leaf_hash(text.as_bytes()));
        self.meet();
    }

    /// Holds the tree against the checkpoints that are over as many records.
    fn meet(&mut self) {
        let size = self.tree.size();
        if !self
            .checkpoints
            .iter()
            .any(|(_, checkpoint)| checkpoint.size == size)
        {
            return;
        }
        let root = self.tree.root();
        for (path, checkpoint) in &self.checkpoints {
            if checkpoint.size == size && checkpoint.root != root {
                self.tampered.push(format!(
                    "{}: records before {size} are not those that were signed",
                    path.display()
                ));
            }
        }
    }

    fn conclude(&mut self, log: &Path) {
        let size = self.tree.size();
        for (path, checkpoint) in &self.checkpoints {
            if checkpoint.size > size {
                self.tampered.push(format!(
                    "{}: is over {} records, and {size} are there: the log was cut at record {size}",
                    path.display(),
                    checkpoint.size
                ));
            }
        }
        let signed = self
            .checkpoints
            .iter()
            .map(|(_, checkpoint)| checkpoint.size)
            .max();
        let unsigned = size.saturating_sub(signed.unwrap_or_default());
        if unsigned > 0 {
            let from = size - unsigned;
            self.incomplete.push(format!(
                "{unsigned} records, from {from} on, are under no checkpoint yet"
            ));
        }
        for digest in &self.policies {
            let path = policies_path(log, digest);
            match std::fs::read_to_string(&path) {
                Err(error) => self.incomplete.push(format!("{}: {error}", path.display())),
                Ok(json) => {
                    if let Err(why) = Snapshot::from_archived(digest, &json) {
                        self.tampered.push(format!("{}: {why}", path.display()));
                    }
                }
            }
        }
    }

    fn code(&self, trusted: bool) -> u8 {
        match (self.tampered.is_empty(), trusted, self.incomplete.is_empty()) {
            (false, ..) => TAMPERED,
            (true, false, _) => NO_KEY,
            (true, true, false) => INCOMPLETE,
            (true, true, true) => VERIFIED,
        }
    }

    fn report(&self, verifier: &Verifier, code: u8) -> String {
        let mut out = String::new();
        for (word, lines) in [("TAMPERED", &self.tampered), ("incomplete", &self.incomplete)] {
            for line in lines.iter().take(TOLD_MAX) {
                let _ = writeln!(out, "{word}  {line}");
            }
            if lines.len() > TOLD_MAX {
                let _ = writeln!(out, "{word}  and {} more", lines.len() - TOLD_MAX);
            }
        }
        let word = match code {
            VERIFIED => "verified",
            TAMPERED => "TAMPERED",
            INCOMPLETE => "incomplete",
            _ => "UNVERIFIED: no trusted key; name one that was kept elsewhere with --key",
        };
        let (records, files) = (self.tree.size(), self.files);
        let _ = writeln!(
            out,
            "{word}: {records} records in {files} files of {}, {} checkpoints, {} sets of policies",
            verifier.name(),
            self.checkpoints.len(),
            self.policies.len()
        );
        out
    }
}
