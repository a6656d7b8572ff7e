//! One log over all its files: it goes on where it ended, and not where it was changed.

use super::*;
use crate::trail::segment::Segment;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::frame::{Framing, Place};
use palisade_audit::note::{Signer, Verifier};
use palisade_audit::tree::{leaf_hash, root};
use std::fs;

/// Opens the log, writes so many records, and closes it.
fn session(directory: &Path, count: usize) {
    let (audit, writer) = Audit::open(&config(directory, AuditMode::Strict), InForce::default()).unwrap();
    let runtime = runtime();
    for _ in 0..count {
        let (decision, completion) = audit.reserve().unwrap();
        let written = decision.send_durable(Record::Decision(Decision::default()), Subjects::default());
        runtime.block_on(written).unwrap();
        completion.send(Record::Completion(Completion::default()), Subjects::default());
    }
    runtime.block_on(audit.close());
    drop(audit);
    writer.join().unwrap();
}

fn refusal(directory: &Path) -> String {
    let opened = Audit::open(&config(directory, AuditMode::Strict), InForce::default());
    opened.map(drop).unwrap_err().to_string()
}

fn checkpoint(directory: &Path) -> Checkpoint {
    let key = fs::read_to_string(directory.join("signing-key.pub")).unwrap();
    let note = fs::read_to_string(directory.join("checkpoint")).unwrap();
    Checkpoint::open(&note, &Verifier::parse(&key).unwrap()).unwrap()
}

/// Writes a segment anew, with these records.
fn rewrite(path: &Path, records: &[String]) {
    let Segment { first, number, .. } = Segment::named(path).unwrap();
    let mut out = Vec::new();
    let place = Place {
        segment: number,
        first,
        synced: first,
    };
    let mut framing = Framing::begin(&mut out, place);
    for record in records {
        let write = |out: &mut Vec<u8>| {
            out.extend_from_slice(record.as_bytes());
            Ok::<(), ()>(())
        };
        framing.record(&mut out, write).unwrap();
    }
    framing.end(&mut out);
    fs::write(path, out).unwrap();
}

#[test]
fn indices_go_on_from_file_to_file_and_the_checkpoint_is_over_all() {
    let folder = tempfile::tempdir().unwrap();
    for count in [3, 0, 2] {
        session(folder.path(), count);
    }
    let indices: Vec<u64> = records(folder.path()).iter().map(Record::index).collect();
    assert_eq!(indices, (0..16).collect::<Vec<_>>());
    let leaves: Vec<_> = lines(folder.path())
        .iter()
        .map(|line| leaf_hash(line.as_bytes()))
        .collect();
    let checkpoint = checkpoint(folder.path());
    assert_eq!((checkpoint.size, checkpoint.root), (16, root(&leaves)));
}

/// Signs what is there as the gateway would have, and says how many records that is.
fn sign(directory: &Path) -> u64 {
    let key = fs::read_to_string(directory.join("signing-key")).unwrap();
    let leaves: Vec<_> = lines(directory)
        .iter()
        .map(|line| leaf_hash(line.as_bytes()))
        .collect();
    let signer = Signer::parse(&key).unwrap();
    let checkpoint = Checkpoint {
        origin: signer.verifier().name().to_owned(),
        size: leaves.len() as u64,
        root: root(&leaves),
    };
    fs::write(directory.join("checkpoint"), checkpoint.signed(&signer)).unwrap();
    checkpoint.size
}

#[test]
fn a_log_whose_checkpoint_was_taken_away_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 1);
    fs::remove_file(folder.path().join("checkpoint")).unwrap();
    let why = refusal(folder.path());
    assert!(
        why.contains("the checkpoint of the log is gone, and 4 records are there"),
        "{why}"
    );
}

#[test]
fn a_torn_frame_is_no_record_and_its_indices_are_used_again() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 1);
    let last = files(folder.path()).pop().unwrap();
    let bytes = fs::read(&last).unwrap();
    // As after a crash: the end of the session, which the checkpoint is over, never was.
    let second = bytes
        .windows(4)
        .skip(1)
        .position(|start| start == *b"\xFFPF\x01")
        .unwrap()
        + 1;
    for cut in [second + 10, bytes.len() - 1] {
        for padding in [0, 5_000] {
            let mut torn = bytes[..cut].to_vec();
            torn.resize(cut + padding, 0);
            fs::write(&last, torn).unwrap();
            let before = sign(folder.path());
            fs::remove_dir_all(folder.path().join("hashes")).unwrap();
            session(folder.path(), 1);
            let indices: Vec<u64> = records(folder.path()).iter().map(Record::index).collect();
            assert_eq!(indices, (0..before + 4).collect::<Vec<_>>());
            assert_eq!(checkpoint(folder.path()).size, before + 4);
            let next = files(folder.path()).pop().unwrap();
            fs::remove_file(next).unwrap();
        }
    }
}

#[test]
fn a_segment_whose_first_frame_is_not_whole_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 1);
    let torn: [&[u8]; 3] = [b"", b"\xFFPF\x01half of it", &[0; 9_000]];
    for (number, torn) in torn.into_iter().enumerate() {
        let number = u64::MAX - 10 + number as u64;
        fs::write(Segment::new(folder.path(), 4, number).path, torn).unwrap();
    }
    session(folder.path(), 0);
    assert_eq!(checkpoint(folder.path()).size, 6);
    let numbers: Vec<_> = segments(folder.path()).unwrap();
    assert_eq!(
        numbers.iter().max_by_key(|segment| segment.number),
        numbers.last()
    );
}

#[test]
fn a_frame_that_was_damaged_after_it_was_durable_is_not_taken_for_a_torn_one() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 3);
    let last = files(folder.path()).pop().unwrap();
    let mut bytes = fs::read(&last).unwrap();
    let at = bytes.windows(8).position(|bytes| bytes == b"decision").unwrap();
    bytes[at] = b'X';
    fs::write(&last, bytes).unwrap();
    let _ = fs::remove_file(folder.path().join("checkpoint"));
    let why = refusal(folder.path());
    assert!(why.contains("record 1 was damaged after it was written"), "{why}");
}

#[test]
fn a_log_that_was_cut_or_changed_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 2);
    let last = files(folder.path()).pop().unwrap();
    let whole = fs::read(&last).unwrap();
    let mut changed = lines(folder.path());
    rewrite(&last, &changed[..3]);
    let why = refusal(folder.path());
    assert!(
        why.contains("the log was cut") && why.contains("over 6 records, and 3 are there"),
        "{why}"
    );
    changed[1] = changed[1].replacen("\"streaming\":false", "\"streaming\":true", 1);
    rewrite(&last, &changed);
    let why = refusal(folder.path());
    assert!(why.contains("the log was changed before record 6"), "{why}");
    fs::write(&last, whole).unwrap();
    session(folder.path(), 0);
}

#[test]
fn a_second_writer_is_kept_out_and_the_next_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (audit, writer) =
        Audit::open(&config(folder.path(), AuditMode::Relaxed), InForce::default()).unwrap();
    assert!(refusal(folder.path()).contains("another process writes here"));
    drop(audit);
    writer.join().unwrap();
    session(folder.path(), 0);
}

#[test]
fn a_key_that_did_not_sign_the_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 0);
    for file in ["signing-key", "signing-key.pub"] {
        fs::remove_file(folder.path().join(file)).unwrap();
    }
    assert!(refusal(folder.path()).contains("is not signed with the key"));
    fs::write(folder.path().join("signing-key"), "PRIVATE+KEY+x+00000000+AQ==\n").unwrap();
    assert!(refusal(folder.path()).contains("signing-key: is no key"));
}

#[test]
fn a_log_of_before_says_how_to_keep_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder
        .path()
        .join(format!("{:020}-01796000000000000000.jsonl", 0));
    fs::write(file, "{\"index\":0,\"kind\":\"log_started\"}\n").unwrap();
    let why = refusal(folder.path());
    assert!(
        why.contains("is of a version of before") && why.contains("move the files"),
        "{why}"
    );
}

/// A copy of a log as a crash leaves it: with no lock, while the gateway goes on.
fn crashed(directory: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let beside = ["checkpoint", "signing-key", "signing-key.pub"].map(|name| directory.join(name));
    for file in files(directory).into_iter().chain(beside) {
        fs::copy(&file, copy.path().join(file.file_name().unwrap())).unwrap();
    }
    copy
}

#[test]
fn a_decision_whose_process_was_killed_has_a_completion_after_the_next_start_and_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let small = config::Audit {
        segment_bytes: 4_096,
        ..config(folder.path(), AuditMode::Strict)
    };
    let (audit, writer) = Audit::open(&small, InForce::default()).unwrap();
    let runtime = runtime();
    let decide = |id: String| {
        let (slot, completion) = audit.reserve().unwrap();
        let decision = Decision {
            id,
            request_id: "told".to_owned(),
            ..Decision::default()
        };
        let written = slot.send_durable(Record::Decision(decision), Subjects::default());
        runtime.block_on(written).unwrap();
        completion
    };
    let open: Vec<Slot> = (0..3).map(|number| decide(format!("open {number}"))).collect();
    for number in 0..50 {
        let decision = format!("ended {number}");
        let completion = Completion {
            decision: decision.clone(),
            ..Completion::default()
        };
        decide(decision).send(Record::Completion(completion), Subjects::default());
    }
    assert!(
        files(folder.path()).len() > 2,
        "the open ones stand in the first of several segments"
    );
    let copy = crashed(folder.path());
    session(copy.path(), 0);
    session(copy.path(), 0);
    let ended: Vec<(String, String)> = records(copy.path())
        .into_iter()
        .filter_map(|record| match record {
            Record::Completion(completion) if completion.end == End::UnknownCrash => {
                Some((completion.decision, completion.request_id))
            }
            _ => None,
        })
        .filter(|(decision, _)| decision.starts_with("open"))
        .collect();
    let told = |number| (format!("open {number}"), "told".to_owned());
    assert_eq!(ended, [told(0), told(1), told(2)]);
    drop((open, audit));
    writer.join().unwrap();
}
