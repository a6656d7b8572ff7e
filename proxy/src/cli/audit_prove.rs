//! `palisade audit prove`: what shows others that a record stands in the log, without the log.

use super::records::{each_piece, log_segments, tell};
use super::signed::{key_of, signed};
use super::{Failure, ProveArgs};
use crate::trail::{CHECKPOINT, Read, WITNESSED};
use palisade_audit::frame::Piece;
use palisade_audit::tree::{Hash, leaf_hash};
use palisade_audit::{Entry, Record, proof, read_line};
use std::io::Write;
use std::path::Path;

pub(super) fn run(args: &ProveArgs) -> Result<(), Failure> {
    let read = Read {
        request_id: Some(args.request_id.clone()),
        ..Read::by("prove")
    };
    tell(&args.log, &read);
    let verifier = key_of(&args.log, args.key.as_deref())?;
    // One that witnesses have signed, if it is as large.
    let (note, checkpoint) = match (
        signed(&args.log, CHECKPOINT, &verifier),
        signed(&args.log, WITNESSED, &verifier),
    ) {
        (Ok(own), Ok(witnessed)) if own.1 == witnessed.1 => witnessed,
        (own, _) => own?,
    };
    let Gathered { leaves, wanted } = gather(args, checkpoint.size)?;
    if wanted.is_empty() {
        return Err(format!(
            "no record of request {} is under the checkpoint, which is over {} records",
            args.request_id, checkpoint.size
        )
        .into());
    }
    for (index, line) in wanted {
        let hashes = proof::inclusion(leaves.as_slice(), index, checkpoint.size).unwrap_or_default();
        if !proof::includes(
            &checkpoint.root,
            checkpoint.size,
            index,
            leaf_hash(line.as_bytes()),
            &hashes,
        ) {
            return Err("the log is not what its checkpoint says: `palisade audit verify` says where".into());
        }
        let stem = args.out.join(index.to_string());
        write(&stem.with_extension("json"), &line)?;
        write(
            &stem.with_extension("tlog-proof"),
            &proof::text(index, &hashes, &note),
        )?;
        writeln!(
            std::io::stdout(),
            "{0}.json, {0}.tlog-proof: record {index} stands among the {1} of {2}",
            stem.display(),
            checkpoint.size,
            checkpoint.origin
        )?;
    }
    Ok(())
}

struct Gathered {
    /// Of the tree.
    leaves: Vec<Hash>,
    /// The records of the request, with their indices.
    wanted: Vec<(u64, String)>,
}

fn gather(args: &ProveArgs, size: u64) -> Result<Gathered, Failure> {
    let (mut leaves, mut wanted, mut decision) = (Vec::new(), Vec::new(), None);
    for segment in log_segments(&args.log)? {
        each_piece(&segment, |piece| {
            let (index, bytes) = match piece {
                Piece::Record { index, bytes } => (index, bytes),
                Piece::Damaged { from, .. } | Piece::Torn { first: from, .. } => (from, [].as_slice()),
            };
            if index >= size {
                return Ok(());
            }
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            if text.is_empty() {
                return Err(format!("record {index} is damaged: `palisade audit verify` says more").into());
            }
            if let Ok(Entry::Known(record)) = read_line(text)
                && is_of(&record, &args.request_id, &mut decision)
            {
                wanted.push((index, text.to_owned()));
            }
            leaves.push(leaf_hash(text.as_bytes()));
            Ok(())
        })?;
    }
    Ok(Gathered { leaves, wanted })
}

/// Whether a record is of the request: its decision, which is noted, or its completion.
fn is_of(record: &Record, request_id: &str, decision: &mut Option<String>) -> bool {
    match record {
        Record::Decision(record) if record.request_id == request_id => {
            *decision = Some(record.id.clone());
            true
        }
        Record::Completion(record) => decision.as_ref() == Some(&record.decision),
        _ => false,
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?)
}
