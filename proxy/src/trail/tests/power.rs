//! Power cuts and disks that fail, at every operation: nothing that was acknowledged is missing, and what was signed stands.

use super::disk::{Chance, Faults, Simulated};
use super::*;
use crate::trail::log::Log;
use crate::trail::queue::Queued;
use crate::trail::resume;
use crate::trail::store::Disk;
use palisade_audit::checkpoint::Checkpoint;
use palisade_audit::frame::Piece;
use palisade_audit::tree::{Tree, hex, leaf_hash};
use tokio::sync::oneshot;

/// What somebody was told of a log.
#[derive(Debug, Clone, Default)]
struct Told {
    /// Index and id of each decision that was acted on.
    acknowledged: Vec<(u64, String)>,
    /// Decisions whose completion was written.
    ended: Vec<String>,
    signed: Option<Checkpoint>,
}

fn decision(id: &str) -> Queued {
    let (tell, _) = oneshot::channel();
    let record = Record::Decision(Decision {
        id: id.to_owned(),
        request_id: "x".repeat(id.len() * 37 % 900),
        ..Decision::default()
    });
    Queued {
        durable: Some(tell),
        ..Queued::alone(record)
    }
}

fn completion(id: &str) -> Queued {
    Queued::alone(Record::Completion(Completion {
        decision: id.to_owned(),
        ..Completion::default()
    }))
}

/// Goes on with the log on a disk for so many steps, or until the machine is down.
fn session(
    disk: &Simulated,
    told: &mut Told,
    steps: u64,
    chance: &mut Chance,
    segment_bytes: u64,
) -> std::io::Result<()> {
    let config = config::Audit {
        segment_bytes,
        ..config(Path::new("disk"), AuditMode::Strict)
    };
    let mut disk = disk.clone();
    let resumed = resume::resume(&mut disk, told.signed.as_ref())?;
    let mut log = Log::open(disk, &config, InForce::default(), "log".to_owned(), resumed, None)?;
    if told.signed.is_none() {
        // As at any start.
        told.signed = Some(Checkpoint::of("log", log.tree()));
    }
    for step in 0..steps {
        let id = format!("{}-{step}", chance.next());
        let mut batch = match chance.below(4) {
            0 => vec![completion(&id)],
            1 => vec![decision(&id), completion(&id), decision(&format!("{id}b"))],
            _ => vec![decision(&id)],
        };
        let own = batch.len();
        if log.write(&mut batch).is_ok() {
            for queued in &batch[batch.len() - own..] {
                match queued.record.as_ref() {
                    Record::Decision(decision) => {
                        told.acknowledged.push((decision.index, decision.id.clone()));
                    }
                    Record::Completion(completion) => told.ended.push(completion.decision.clone()),
                    _ => {}
                }
            }
            log.remember(batch.into_iter());
        }
        if chance.below(3) == 0 && log.sync().is_ok() {
            told.signed = Some(Checkpoint::of("log", &log.grown().tree));
        }
    }
    Ok(())
}

/// The records of the log on a disk, in their order. Everything must be as it was told.
fn check(disk: &Simulated, told: &Told) -> Vec<Record> {
    let segments = disk.segments().unwrap();
    let mut tree = Tree::default();
    let mut found = Vec::new();
    for (number, segment) in segments.iter().enumerate() {
        let end = segments.get(number + 1).map_or(u64::MAX, |next| next.first);
        assert!(
            segment.first <= tree.size(),
            "records are missing before {segment:?}"
        );
        let bytes = disk.read(segment).unwrap();
        for piece in segment.pieces(&bytes) {
            let Piece::Record { index, bytes } = piece else {
                assert!(
                    matches!(piece, Piece::Torn { first, .. } if first >= end.min(tree.size())),
                    "{piece:?}"
                );
                continue;
            };
            if index >= end {
                continue;
            }
            assert_eq!(index, tree.size());
            let Entry::Known(record) = read_line(std::str::from_utf8(bytes).unwrap()).unwrap() else {
                panic!("a record of another version");
            };
            if let Record::LogStarted(started) = record.as_ref() {
                let peaks: Vec<String> = tree.peaks().iter().map(hex).collect();
                assert_eq!(started.peaks, peaks);
            }
            tree.push(leaf_hash(bytes));
            found.push(*record);
            if told
                .signed
                .as_ref()
                .is_some_and(|signed| signed.size == tree.size())
            {
                assert_eq!(told.signed.as_ref().unwrap().root, tree.root());
            }
        }
    }
    assert!(
        told.signed
            .as_ref()
            .is_none_or(|signed| signed.size <= tree.size()),
        "what was signed is missing"
    );
    for (index, id) in &told.acknowledged {
        let record = usize::try_from(*index).ok().and_then(|index| found.get(index));
        let Some(Record::Decision(decision)) = record else {
            panic!("decision {id} is missing at {index}");
        };
        assert_eq!(decision.id, *id);
    }
    found
}

/// A log, and its disk, that went through some faults.
fn through(faults: Faults, seed: u64, steps: u64, segment_bytes: u64) -> (Simulated, Told) {
    let (mut told, mut chance) = (Told::default(), Chance(seed));
    let disk = Simulated::failing(faults);
    let _ = session(&disk, &mut told, steps, &mut chance, segment_bytes);
    (disk, told)
}

/// The machine goes down; whoever goes on finds everything, and so does the next one.
fn goes_on(disk: &Simulated, told: &Told, seed: u64) {
    let (mut told, mut chance) = (told.clone(), Chance(seed));
    let disk = disk.after_crash(&mut chance, Faults::default());
    session(&disk, &mut told, 3, &mut chance, 4_096).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    check(&disk, &told);
    let disk = disk.after_crash(&mut chance, Faults::default());
    session(&disk, &mut told, 1, &mut chance, 4_096).unwrap();
    check(&disk, &told);
}

const STEPS: u64 = 9;

fn operations() -> u64 {
    through(Faults::default(), 1, STEPS, 4_096).0.operations()
}

#[test]
fn a_power_cut_at_any_operation_loses_nothing_that_was_acknowledged() {
    let operations = operations();
    assert!(operations > 20);
    for crash in 1..=operations + 1 {
        let faults = Faults {
            crash,
            ..Faults::default()
        };
        let (disk, told) = through(faults, 1, STEPS, 4_096);
        for seed in 0..24 {
            goes_on(&disk, &told, seed);
        }
    }
}

#[test]
fn a_process_that_is_killed_and_a_power_cut_long_after_lose_nothing() {
    let operations = operations();
    for kill in 1..=operations {
        let faults = Faults {
            crash: kill,
            ..Faults::default()
        };
        let (disk, told) = through(faults, 1, STEPS, 4_096);
        for seed in 0..12 {
            killed(&disk, &told, seed);
        }
    }
    for sync in 1..=operations {
        for kill in 1..6 {
            let faults = Faults {
                crash: sync + kill,
                sync,
                ..Faults::default()
            };
            let (disk, told) = through(faults, 1, STEPS, 4_096);
            killed(&disk, &told, sync);
        }
    }
}

/// The process is killed, another goes on, and then the machine goes down.
fn killed(disk: &Simulated, told: &Told, seed: u64) {
    let (mut told, mut chance) = (told.clone(), Chance(seed));
    // What the process had written and not synced is there for whoever goes on, and not yet on disk.
    let disk = disk.after_kill();
    session(&disk, &mut told, 2, &mut chance, 4_096).unwrap();
    check(&disk, &told);
    goes_on(&disk, &told, seed);
}

#[test]
fn nothing_that_was_written_is_missing_after_a_sync_that_failed() {
    for sync in 1..=operations() {
        let faults = Faults {
            sync,
            ..Faults::default()
        };
        let (disk, told) = through(faults, 1, STEPS, 4_096);
        let found = check(&disk, &told);
        for id in &told.ended {
            let is_its_end =
                |record: &&Record| matches!(record, Record::Completion(end) if end.decision == *id);
            assert_eq!(found.iter().filter(is_its_end).count(), 1, "{id}");
        }
    }
}

#[test]
fn a_sync_that_fails_once_loses_nothing_though_the_next_one_succeeds() {
    let operations = operations();
    for sync in 1..=operations {
        for crash in [0, sync + 1, sync + 3, sync + 6] {
            let faults = Faults {
                crash,
                sync,
                ..Faults::default()
            };
            let (disk, told) = through(faults, 1, STEPS, 4_096);
            for seed in 0..6 {
                goes_on(&disk, &told, seed);
            }
        }
    }
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let operations = operations();
    for from in 1..=operations {
        for count in [1, 2, 5] {
            let faults = Faults {
                full: (from, count),
                ..Faults::default()
            };
            let (disk, told) = through(faults, 1, STEPS, 4_096);
            for seed in 0..4 {
                goes_on(&disk, &told, seed);
            }
        }
    }
}

#[test]
fn a_power_cut_while_a_log_goes_on_after_one_loses_nothing() {
    let (before, told) = through(
        Faults {
            crash: 17,
            ..Faults::default()
        },
        2,
        STEPS,
        4_096,
    );
    for crash in 1..12 {
        for seed in 0..24 {
            let (mut told, mut chance) = (told.clone(), Chance(seed));
            let disk = before.after_crash(
                &mut chance,
                Faults {
                    crash,
                    ..Faults::default()
                },
            );
            let _ = session(&disk, &mut told, 4, &mut chance, 4_096);
            goes_on(&disk, &told, seed);
        }
    }
}

#[test]
fn long_logs_go_through_whatever_comes() {
    for seed in 0..80 {
        let mut chance = Chance(seed);
        let faults = Faults {
            crash: 20 + chance.below(600),
            sync: chance.below(300),
            full: (chance.below(400), chance.below(6)),
        };
        let (disk, told) = through(faults, seed, 120, 4_096 + chance.below(9_000));
        goes_on(&disk, &told, seed);
    }
}
