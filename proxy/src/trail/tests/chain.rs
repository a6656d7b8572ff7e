//! One log over all its files: it goes on where it ended, and not where it was changed.

use super::*;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::note::Verifier;
use palisade_audit::tree::{leaf_hash, root};
use std::fs;

/// Opens the log, writes so many records, and closes it.
fn session(directory: &Path, count: usize) {
    let (audit, writer) = Audit::open(&config(directory, AuditMode::Strict), PolicyRef::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
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
    let opened = Audit::open(&config(directory, AuditMode::Strict), PolicyRef::default());
    opened.map(drop).unwrap_err().to_string()
}

fn checkpoint(directory: &Path) -> Checkpoint {
    let key = fs::read_to_string(directory.join("signing-key.pub")).unwrap();
    let note = fs::read_to_string(directory.join("checkpoint")).unwrap();
    Checkpoint::open(&note, &Verifier::parse(&key).unwrap()).unwrap()
}

fn text(directory: &Path) -> String {
    let texts = files(directory)
        .into_iter()
        .map(|file| fs::read_to_string(file).unwrap());
    texts.collect()
}

#[test]
fn indices_go_on_from_file_to_file_and_the_checkpoint_is_over_all() {
    let folder = tempfile::tempdir().unwrap();
    for count in [3, 0, 2] {
        session(folder.path(), count);
    }
    let indices: Vec<u64> = records(folder.path()).iter().map(Record::index).collect();
    assert_eq!(indices, (0..16).collect::<Vec<_>>());
    let text = text(folder.path());
    let leaves: Vec<_> = text.lines().map(|line| leaf_hash(line.as_bytes())).collect();
    let checkpoint = checkpoint(folder.path());
    assert_eq!((checkpoint.size, checkpoint.root), (16, root(&leaves)));
}

#[test]
fn a_torn_line_is_no_record_and_its_index_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 1);
    let last = files(folder.path()).pop().unwrap();
    let whole = fs::read_to_string(&last).unwrap();
    // As after a crash: the end of the session, which the checkpoint is over, never was.
    let cut = whole
        .lines()
        .take(2)
        .map(|line| format!("{line}\n"))
        .collect::<String>()
        + "{\"torn";
    fs::write(&last, cut).unwrap();
    fs::remove_file(folder.path().join("checkpoint")).unwrap();
    session(folder.path(), 1);
    let indices: Vec<u64> = text(folder.path())
        .lines()
        .filter_map(|line| match read_line(line.trim_start_matches("{\"torn")) {
            Ok(Entry::Known(record)) => Some(record.index()),
            _ => None,
        })
        .collect();
    assert_eq!(indices, [0, 1, 2, 3, 4, 5]);
    assert_eq!(checkpoint(folder.path()).size, 6);
}

#[test]
fn a_file_whose_first_record_is_not_whole_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 1);
    for (number, torn) in ["", "{\"index\":4"].into_iter().enumerate() {
        fs::write(folder.path().join(format!("{:020}-9{number}.jsonl", 4)), torn).unwrap();
    }
    session(folder.path(), 0);
    assert_eq!(checkpoint(folder.path()).size, 6);
}

#[test]
fn a_log_that_was_cut_or_changed_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    session(folder.path(), 2);
    let last = files(folder.path()).pop().unwrap();
    let whole = fs::read_to_string(&last).unwrap();
    let without_end: String = whole.lines().take(3).map(|line| format!("{line}\n")).collect();
    fs::write(&last, without_end).unwrap();
    let why = refusal(folder.path());
    assert!(
        why.contains("the log was cut") && why.contains("over 6 records, and 3 are there"),
        "{why}"
    );
    fs::write(
        &last,
        whole.replacen("\"status\"", "\"statut\"", 1).replacen(
            "\"streaming\":false",
            "\"streaming\":true",
            1,
        ),
    )
    .unwrap();
    let why = refusal(folder.path());
    assert!(why.contains("the log was changed before record 6"), "{why}");
    fs::write(&last, whole).unwrap();
    session(folder.path(), 0);
}

#[test]
fn a_second_writer_is_kept_out_and_the_next_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (audit, writer) =
        Audit::open(&config(folder.path(), AuditMode::Relaxed), PolicyRef::default()).unwrap();
    assert!(refusal(folder.path()).contains("another process writes this log"));
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
    let started = "{\"index\":0,\"kind\":\"log_started\",\"mode\":\"strict\",\"pid\":1,\"policy\":{\"digest\":\"\",\"engine\":\"\"},\
                   \"time\":0,\"v\":1,\"version\":\"0.1.0\"}\n";
    fs::write(folder.path().join("01796000000000000000-1-0.jsonl"), started).unwrap();
    let why = refusal(folder.path());
    assert!(
        why.contains("of a version without checkpoints") && why.contains("move the files"),
        "{why}"
    );
}
