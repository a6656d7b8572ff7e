//! `palisade audit verify`: whether a log is what its checkpoints say.

use super::progress::Progress;
use super::records::{each_piece, log_segments};
use super::signed::key_of;
use super::{Failure, VerifyArgs};
use crate::trail::keys;
use crate::trail::{CHECKPOINT, Kind, LogSegment, Segment, WITNESSED, tree_before};
use archived::Named;
use kept::Kept;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::frame::Piece;
use palisade_audit::note::Verifier;
use palisade_audit::tree::{Tree, leaf_hash};
use palisade_audit::{Brief, read_brief, read_line};
use signatures::Signatures;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use told::Told;

mod told;
mod signatures;
mod kept;
mod archived;

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
    let trusted = args.key.as_deref().map(keys::verifier).transpose()?;
    let own = || key_of(&args.log, None).ok();
    let Some(verifier) = trusted.clone().or_else(own) else {
        return Err(
            "name the log's public key: --key FILE (`signing-key.pub` of its folder, kept elsewhere)".into(),
        );
    };
    let mut verification = Verification::new(verifier.clone());
    verification.checkpoints(args);
    for witness in &args.witnesses {
        verification.witness(&args.log, &keys::verifier(witness)?);
    }
    verification.read(&args.log)?;
    verification.conclude(&args.log);
    let code = verification.code(trusted.is_some());
    let report = verification.report(&verifier, code);
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(code)
}

/// What was found out about a log.
struct Verification {
    /// The index of the next record.
    next: u64,
    /// Over all records so far.
    tree: Tree,
    /// Whether `tree` is over records that were all read: after a damaged one it is not, until a segment says what it is.
    known: bool,
    /// Where the end is torn, and the first record that is not whole there.
    torn: Option<(PathBuf, u64)>,
    signatures: Signatures,
    /// Where each came from, and its note, whose signature is looked at when all keys are known.
    checkpoints: Vec<(PathBuf, Checkpoint)>,
    /// Up to where each witness has seen the log.
    witnessed: Vec<(String, u64)>,
    segments: usize,
    /// What records name by digest.
    named: Named,
    /// The hashes beside the log.
    kept: Option<Kept>,
    tampered: Told,
    incomplete: Told,
}

impl Verification {
    fn new(verifier: Verifier) -> Self {
        Self {
            next: 0,
            tree: Tree::default(),
            known: true,
            torn: None,
            signatures: Signatures::new(verifier),
            checkpoints: Vec::new(),
            witnessed: Vec::new(),
            segments: 0,
            named: Named::default(),
            kept: None,
            tampered: Told::default(),
            incomplete: Told::default(),
        }
    }

    /// Takes the checkpoints: the one in the folder, and those that were kept elsewhere.
    fn checkpoints(&mut self, args: &VerifyArgs) {
        let own = args.log.join(CHECKPOINT);
        if !own.exists() {
            self.incomplete
                .push(format!("{}: the log has no checkpoint", own.display()));
        }
        for path in args.checkpoints.iter().chain(own.exists().then_some(&own)) {
            match keys::read(path).map_err(|error| error.to_string()) {
                Ok(note) => self.claimed(path, note),
                Err(why) => self.tampered.push(format!("{}: {why}", path.display())),
            }
        }
        self.meet();
    }

    /// Takes what a note says. Whether to believe it is known at the end.
    fn claimed(&mut self, path: &Path, note: String) {
        match Checkpoint::claimed(&note) {
            Ok(checkpoint) => {
                self.checkpoints.push((path.to_owned(), checkpoint));
                self.signatures.note(path.to_owned(), note);
            }
            Err(why) => self.tampered.push(format!("{}: {why}", path.display())),
        }
    }

    /// Takes what a witness said.
    fn witness(&mut self, log: &Path, witness: &Verifier) {
        let path = log.join(WITNESSED);
        let name = witness.name();
        let note = keys::read(&path).map_err(|error| error.to_string());
        let said = note.and_then(|note| match (witness.open(&note), Checkpoint::claimed(&note)) {
            (Ok(_), Ok(checkpoint)) => Ok((note, checkpoint.size)),
            _ => Err(format!("{name} has not signed it")),
        });
        match said {
            Ok((note, size)) => {
                self.witnessed.push((name.to_owned(), size));
                self.claimed(&path, note);
            }
            Err(why) => self.incomplete.push(format!("{}: {why}", path.display())),
        }
    }

    fn read(&mut self, log: &Path) -> Result<(), Failure> {
        let segments = match log_segments(log) {
            Ok(segments) => segments,
            Err(why) => {
                self.tampered.push(why.to_string());
                return Ok(());
            }
        };
        self.segments = segments.len();
        match Kept::beside(log) {
            Ok(kept) => self.kept = kept,
            Err(error) => self.incomplete.push(format!("hashes: {error}")),
        }
        let progress = Progress::every(1);
        for (number, segment) in (1..).zip(&segments) {
            self.read_segment(segment)?;
            progress.at(number, &format!("of {} segments", segments.len()));
        }
        Ok(())
    }

    fn read_segment(&mut self, segment: &LogSegment) -> Result<(), Failure> {
        let Segment { path, first, .. } = &segment.segment;
        let at = self.next;
        if *first != at {
            self.tampered.push(format!(
                "{}: begins with record {first}, and {at} were there before: records are missing or repeated",
                path.display()
            ));
            self.next = *first;
            self.known = false;
        }
        self.torn = None;
        each_piece(segment, |piece| {
            match piece {
                Piece::Record { index, bytes } => {
                    if index == *first {
                        self.begin(path, index, bytes);
                    }
                    self.take(path, index, bytes);
                }
                Piece::Damaged { from, to } => self.damaged(path, from, to),
                Piece::Torn { bad, .. } => self.torn = Some((path.clone(), bad)),
            }
            Ok(())
        })?;
        let (from, end) = (self.next, segment.end.unwrap_or(0));
        if from < end {
            let damaged = match &self.torn {
                Some((_, bad)) => format!(": record {bad} is damaged"),
                None => String::new(),
            };
            let missing = end - from;
            self.tampered.push(format!(
                "{}: {missing} records are missing, from {from} on{damaged}",
                path.display()
            ));
            self.next = end;
            self.known = false;
        }
        Ok(())
    }

    /// Holds what the first record of a segment says of those before it against them, and believes it where they are not known.
    fn begin(&mut self, path: &Path, index: u64, bytes: &[u8]) {
        let Ok(before) = tree_before(index, bytes) else {
            self.tampered.push(format!(
                "{}: record {index} does not begin a segment",
                path.display()
            ));
            return;
        };
        if self.known && before != self.tree {
            self.tampered
                .push(format!("{}: records before {index} were changed", path.display()));
        }
        self.tree = before;
        self.known = true;
    }

    fn take(&mut self, path: &Path, index: u64, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let why = match read_brief(text) {
            Err(_) => Some("is no record".to_owned()),
            Ok(brief) if brief.index != index => Some(format!("says it is record {}", brief.index)),
            Ok(Brief {
                kind,
                policy,
                configuration,
                ..
            }) => match kind.as_ref() {
                "decision" => {
                    let policies = policy.as_ref().map_or("", |policy| policy.digest.as_ref());
                    self.named.take(Kind::Policies, policies);
                    self.as_written(index, text)
                }
                "log_started" | "policy_activated" => {
                    self.named
                        .take(Kind::Configuration, configuration.as_deref().unwrap_or_default());
                    self.as_written(index, text)
                }
                "key_rotated" => self.signatures.rotated(text).map(str::to_owned),
                _ => self.as_written(index, text),
            },
        };
        if let Some(why) = why {
            self.tampered
                .push(format!("{}: record {index} {why}", path.display()));
        }
        self.next = index.saturating_add(1);
        let leaf = leaf_hash(bytes);
        if let Some(Err(error)) = self.kept.as_mut().map(|kept| kept.take(index, &leaf)) {
            self.incomplete.push(format!("hashes: {error}"));
            self.kept = None;
        }
        if self.known {
            self.tree.push(leaf);
            self.meet();
        }
    }

    /// Why a record is none as they are written, where no checkpoint says what it was.
    fn as_written(&self, index: u64, text: &str) -> Option<String> {
        let signed = |(_, checkpoint): &(PathBuf, Checkpoint)| index < checkpoint.size;
        let is_wrong = !self.checkpoints.iter().any(signed) && read_line(text).is_err();
        is_wrong.then(|| "is no record as they are written".to_owned())
    }

    fn damaged(&mut self, path: &Path, from: u64, to: u64) {
        let what = match to - from {
            0 => format!("what stands behind record {} is damaged", from.saturating_sub(1)),
            1 => format!("record {from} is damaged"),
            _ => format!("record {from} and those to {} are damaged", to - 1),
        };
        self.tampered.push(format!("{}: {what}", path.display()));
        self.next = to;
        self.known &= from == to;
    }

    /// Holds the tree against the checkpoints that are over as many records.
    fn meet(&mut self) {
        let size = self.tree.size();
        let over = |(_, checkpoint): &(PathBuf, Checkpoint)| checkpoint.size == size;
        if !self.known || !self.checkpoints.iter().any(over) {
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
        for path in self.signatures.not_believed() {
            self.tampered.push(format!(
                "{}: is not signed with the key that is trusted, nor with one that it leads to",
                path.display()
            ));
        }
        let size = self.next;
        if let Some(kept) = &self.kept
            && !kept.conclude(&self.checkpoints, &mut self.tampered)
        {
            self.incomplete.push(
                "hashes: are not those of any checkpoint, so that no record can be named by them. Without this folder a gateway makes it anew".to_owned(),
            );
        }
        let torn = self.torn.as_ref().filter(|(_, bad)| *bad >= size);
        let damaged = torn.map_or(String::new(), |(path, bad)| {
            format!(", or damaged: {}: record {bad} is not whole", path.display())
        });
        for (path, checkpoint) in &self.checkpoints {
            if checkpoint.size > size {
                self.tampered.push(format!(
                    "{}: is over {} records, and {size} are there: the log was cut at record {size}{damaged}",
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
        for (name, seen) in self.witnessed.iter().filter(|(_, seen)| *seen < size) {
            let (more, from) = (size - seen, seen);
            self.incomplete.push(format!(
                "{more} records, from {from} on, were not seen by {name} yet"
            ));
        }
        self.named.conclude(log, &mut self.tampered, &mut self.incomplete);
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
        self.tampered.print("TAMPERED", &mut out);
        self.incomplete.print("incomplete", &mut out);
        let word = match code {
            VERIFIED => "verified",
            TAMPERED => "TAMPERED",
            INCOMPLETE => "incomplete",
            _ => "UNVERIFIED: no trusted key; name one that was kept elsewhere with --key",
        };
        let (records, segments) = (self.next, self.segments);
        let _ = writeln!(
            out,
            "{word}: {records} records in {segments} segments of {}, {} checkpoints, {} sets of policies",
            verifier.name(),
            self.checkpoints.len(),
            self.named.policies()
        );
        out
    }
}
