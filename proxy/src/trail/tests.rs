//! Every way an exchange can end leaves both records, and a log that fails says so.

mod chain;
mod disk;
mod people;
mod power;

use super::*;
use crate::config::{self, AuditMode};
use palisade_audit::frame::Piece;
use palisade_audit::{Entry, Lost, read_line};
use std::path::{Path, PathBuf};

fn config(directory: &Path, mode: AuditMode) -> config::Audit {
    config::Audit {
        directory: directory.to_owned(),
        mode,
        ..config::Audit::default()
    }
}

fn head() -> Head {
    Head::for_test("POST", "/model/x/converse")
}

fn files(directory: &Path) -> Vec<PathBuf> {
    segments(directory)
        .unwrap()
        .into_iter()
        .map(|segment| segment.path)
        .collect()
}

/// Runs one exchange at a time.
fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// The records in the segments of a folder, as they were written.
fn lines(directory: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for segment in segments(directory).unwrap() {
        let bytes = segment.read().unwrap();
        for piece in segment.pieces(&bytes) {
            if let Piece::Record { bytes, .. } = piece {
                lines.push(std::str::from_utf8(bytes).unwrap().to_owned());
            }
        }
    }
    lines
}

fn records(directory: &Path) -> Vec<Record> {
    let known = |line: &String| match read_line(line).unwrap() {
        Entry::Known(record) => *record,
        Entry::Unknown { kind } => panic!("unknown kind {kind}"),
    };
    lines(directory).iter().map(known).collect()
}

/// Runs `exchange` on a trail and returns the decision and the completion it left.
fn left_by<F, Fut>(mode: AuditMode, exchange: F) -> (Decision, Completion)
where
    F: FnOnce(Trail) -> Fut,
    Fut: Future<Output = ()>,
{
    let folder = tempfile::tempdir().unwrap();
    let (audit, writer) = Audit::open(&config(folder.path(), mode), InForce::default()).unwrap();
    let runtime = runtime();
    let trail = Trail::open(&audit, &head(), Instant::now(), "request-1");
    runtime.block_on(exchange(trail));
    drop(audit);
    writer.join().unwrap();
    let mut found = (None, None);
    for record in records(folder.path()) {
        match record {
            Record::Decision(decision) => assert!(found.0.replace(decision).is_none(), "two decisions"),
            Record::Completion(completion) => {
                assert!(found.1.replace(completion).is_none(), "two completions");
            }
            Record::LogStarted(_) | Record::LogStopped(_) => {}
            other => panic!("no record of an exchange: {other:?}"),
        }
    }
    let (decision, completion) = (found.0.unwrap(), found.1.unwrap());
    assert_eq!(completion.decision, decision.id);
    assert!(decision.index < completion.index);
    (decision, completion)
}

#[test]
fn a_refusal_leaves_a_denial_and_its_completion() {
    for mode in [AuditMode::Strict, AuditMode::Relaxed, AuditMode::BestEffort] {
        let (decision, completion) = left_by(mode, |mut trail| async move {
            trail
                .refused(&Refusal::Unidentified(crate::refusal::Unidentified::Signature))
                .await
                .unwrap();
            trail.close(
                End::Refused,
                Answer {
                    status: 403,
                    ..Answer::default()
                },
            );
        });
        assert_eq!(
            (decision.effect, decision.reason),
            (Effect::Deny, Reason::Authentication)
        );
        assert_eq!((completion.end, completion.client_status), (End::Refused, 403));
    }
}

#[test]
fn a_dropped_exchange_leaves_abandoned_records() {
    let (decision, completion) = left_by(AuditMode::Strict, |trail| async move { drop(trail) });
    assert_eq!(decision.effect, Effect::Deny);
    assert_eq!(completion.end, End::Abandoned);
}

#[test]
fn a_panicking_exchange_leaves_abandoned_records() {
    let (_, completion) = left_by(AuditMode::Strict, |trail| async move {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _held = trail;
            panic!("on purpose");
        }));
        assert!(caught.is_err());
    });
    assert_eq!(completion.end, End::Abandoned);
}

#[test]
fn strangers_beyond_their_share_are_counted_and_wait() {
    let folder = tempfile::tempdir().unwrap();
    let few = config::Audit {
        unidentified_burst: 2,
        unidentified_per_minute: 0,
        ..config(folder.path(), AuditMode::Strict)
    };
    let (audit, writer) = Audit::open(&few, InForce::default()).unwrap();
    let runtime = runtime();
    let waits: Vec<bool> = (0..5)
        .map(|_| {
            let mut trail = Trail::open(&audit, &head(), Instant::now(), "r");
            let wait = runtime.block_on(trail.refused(&Refusal::TooSlow)).unwrap();
            trail.close(End::Refused, Answer::default());
            !wait.is_zero()
        })
        .collect();
    assert_eq!(waits, [false, false, true, true, true]);
    // One that is cancelled is counted too.
    drop(Trail::open(&audit, &head(), Instant::now(), "r"));
    drop(audit);
    writer.join().unwrap();
    let records = records(folder.path());
    let counts: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Strangers(counted) => Some((counted.reason, counted.count)),
            _ => None,
        })
        .collect();
    assert_eq!(counts, [(Reason::Malformed, 3), (Reason::Internal, 1)]);
    let decisions = records
        .iter()
        .filter(|r| matches!(r, Record::Decision(_)))
        .count();
    let completions = records
        .iter()
        .filter(|r| matches!(r, Record::Completion(_)))
        .count();
    assert_eq!((decisions, completions), (2, 2));
}

#[test]
fn a_full_queue_refuses_and_the_loss_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let small = config::Audit {
        queue_max: 2,
        ..config(folder.path(), AuditMode::Strict)
    };
    let (audit, writer) = Audit::open(&small, InForce::default()).unwrap();
    let known = |id| {
        let mut trail = Trail::open(&audit, &head(), Instant::now(), id);
        let room = trail.caller(&Caller::for_test());
        (trail, room)
    };
    let (held, room) = known("held");
    assert!(room.is_ok());
    let (refused, room) = known("refused");
    assert!(matches!(room, Err(Refusal::Overloaded)));
    drop((refused, held));
    drop(audit);
    writer.join().unwrap();
    let lost: u64 = records(folder.path())
        .iter()
        .map(|r| if let Record::Lost(lost) = r { lost.count } else { 0 })
        .sum();
    assert_eq!(lost, 2);
}

#[test]
fn in_best_effort_a_call_goes_on_without_room_and_the_loss_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let small = config::Audit {
        queue_max: 2,
        ..config(folder.path(), AuditMode::BestEffort)
    };
    let (audit, writer) = Audit::open(&small, InForce::default()).unwrap();
    let runtime = runtime();
    let (held, more) = audit.reserve().unwrap();
    let mut trail = Trail::open(&audit, &head(), Instant::now(), "unrecorded");
    assert!(trail.caller(&Caller::for_test()).is_ok());
    assert!(runtime.block_on(trail.refused(&Refusal::Overloaded)).is_ok());
    trail.close(End::Refused, Answer::default());
    drop((held, more, audit));
    writer.join().unwrap();
    let records = records(folder.path());
    let lost = |record: &Record| matches!(record, Record::Lost(Lost { count: 2, .. }));
    assert!(records.iter().any(lost), "{records:?}");
    assert!(!records.iter().any(|record| matches!(record, Record::Decision(_))));
}

#[test]
fn a_folder_that_goes_away_makes_the_log_unhealthy_and_coming_back_heals_it() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("log");
    let (audit, writer) = Audit::open(&config(&inner, AuditMode::Strict), InForce::default()).unwrap();
    let runtime = runtime();
    let refuse = |mut trail: Trail| {
        trail.caller(&Caller::for_test()).unwrap();
        let recorded = runtime.block_on(trail.refused(&Refusal::Overloaded));
        trail.close(End::Refused, Answer::default());
        recorded
    };
    let open = || Trail::open(&audit, &head(), Instant::now(), "r");
    std::fs::remove_dir_all(&inner).unwrap();
    // Records would go to a file that nobody can see.
    assert!(refuse(open()).is_err());
    assert!(!audit.healthy());
    std::fs::create_dir(&inner).unwrap();
    // Soon, but not at once: see `REOPEN_PAUSE`.
    let healed = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        refuse(open()).is_ok()
    });
    assert!(healed && audit.healthy());
    drop(audit);
    writer.join().unwrap();
}

#[test]
fn a_receipt_says_where_the_record_stands() {
    for mode in [AuditMode::Strict, AuditMode::Relaxed, AuditMode::BestEffort] {
        let folder = tempfile::tempdir().unwrap();
        let (audit, writer) = Audit::open(&config(folder.path(), mode), InForce::default()).unwrap();
        let (slot, _) = audit.reserve().unwrap();
        let runtime = runtime();
        let record = Record::Decision(Decision::default());
        let receipt = runtime
            .block_on(slot.send_durable(record, Subjects::default()))
            .unwrap();
        drop(audit);
        writer.join().unwrap();
        let file = files(folder.path()).pop().unwrap();
        let place = |record: &Record| matches!(record, Record::Decision(_)).then(|| record.index());
        let index = records(folder.path()).iter().find_map(place).unwrap();
        let expected = Receipt {
            file: file.file_name().unwrap().to_str().unwrap().into(),
            index,
        };
        assert_eq!(receipt, (mode != AuditMode::BestEffort).then_some(expected));
    }
}
