//! People in the log: whoever is erased cannot be read, and everybody else can.

use super::super::people::People;
use super::super::queue::{Queued, Subjects};
use super::super::sealing::{Sealing, sealed_facts};
use crate::config::PersonalIds;
use crate::registry::Registry;
use palisade_audit::record::PrincipalRef;
use palisade_audit::sealed::{Part, sealed_under};
use palisade_audit::{Decision, Http, Record};
use proptest::prelude::*;
use std::collections::HashSet;
use std::path::PathBuf;

#[derive(Debug, Clone)]
enum Step {
    /// A person calls, from an address.
    Call(u8, u8),
    /// A person is asked to be erased, and the record of it is written, or not.
    Erase(u8, bool),
    /// The writer looks around.
    Look,
    /// The process is another.
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..3_u8, 0..2_u8).prop_map(|(person, address)| Step::Call(person, address)),
        2 => (0..3_u8, any::<bool>()).prop_map(|(person, recorded)| Step::Erase(person, recorded)),
        1 => Just(Step::Look),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..30)
}

/// The decision about a call, with what it names.
fn call(person: &str, address: &str) -> Queued {
    let identity = Registry::for_test().user("t", person, &[]).unwrap();
    let decision = Decision {
        http: Http {
            client_ip: address.to_owned(),
            ..Http::default()
        },
        principal: Some(Box::new(PrincipalRef {
            facts: identity.facts().archived().digest.clone(),
            id: person.to_owned(),
            ..PrincipalRef::default()
        })),
        tenant: "t".to_owned(),
        ..Decision::default()
    };
    Queued {
        subjects: Subjects {
            principal: Some(identity.facts().clone()),
            ..Subjects::default()
        },
        ..Queued::alone(Record::Decision(decision))
    }
}

/// What stands in the log of a call.
struct Stands {
    person: String,
    address: String,
    id: String,
    client_ip: String,
    facts: String,
}

fn stands(queued: &Queued, person: &str, address: &str) -> Stands {
    let Record::Decision(decision) = queued.record.as_ref() else {
        panic!("no decision");
    };
    let principal = decision.principal.as_ref().unwrap();
    let [facts] = queued.archived().collect::<Vec<_>>()[..] else {
        panic!("not one kind of facts");
    };
    let json: serde_json::Value = serde_json::from_str(&facts.json).unwrap();
    let sealed = json["sealed"].as_str().unwrap().to_owned();
    assert_eq!(&sealed_facts(&sealed), facts);
    assert_eq!(principal.facts, facts.digest);
    Stands {
        person: person.to_owned(),
        address: address.to_owned(),
        id: principal.id.clone(),
        client_ip: decision.http.client_ip.clone(),
        facts: sealed,
    }
}

/// What the writer does when the records are on disk.
fn answered(asked: &[(PathBuf, Record)], recorded: &mut HashSet<String>) {
    for (file, record) in asked {
        std::fs::remove_file(file).unwrap();
        let Record::Erased(erased) = record else {
            panic!("no erasure");
        };
        recorded.insert(erased.key.clone());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn who_is_erased_cannot_be_read_and_everybody_else_can(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let people = || People::of(folder.path(), None);
        let mut sealing = Sealing::open(people(), PersonalIds::Sealed).unwrap();
        let (mut log, mut erased, mut told) = (Vec::new(), HashSet::new(), HashSet::new());
        for step in steps {
            match step {
                Step::Call(person, address) => {
                    let (person, address) = (format!("p{person}"), format!("192.0.2.{address}"));
                    let mut batch = [call(&person, &address)];
                    sealing.seal(&mut batch).unwrap();
                    log.push(stands(&batch[0], &person, &address));
                }
                Step::Erase(person, recorded) => {
                    if let Some((_, erasure)) = people().ask("t", &format!("p{person}"), None).unwrap() {
                        let records = sealing.erase().unwrap();
                        let says = |(_, record): &(PathBuf, Record)| matches!(record, Record::Erased(is) if is.key == erasure.key);
                        prop_assert!(records.iter().any(says));
                        if recorded {
                            answered(&records, &mut told);
                        }
                        erased.insert(erasure.key);
                    }
                }
                Step::Look => {
                    answered(&sealing.erase().unwrap(), &mut told);
                    prop_assert!(people().asked().unwrap().is_empty());
                }
                Step::Restart => sealing = Sealing::open(people(), PersonalIds::Sealed).unwrap(),
            }
        }
        answered(&sealing.erase().unwrap(), &mut told);
        prop_assert_eq!(&told, &erased, "each erasure is recorded");
        let keys = people().all().unwrap();
        for stands in &log {
            let id = sealed_under(&stands.id).unwrap();
            let open = |part, text| keys.get(id).and_then(|key| key.open(part, text));
            let readable = !erased.contains(id);
            prop_assert_eq!(open(Part::Id, &stands.id), readable.then(|| stands.person.clone()));
            prop_assert_eq!(open(Part::Address, &stands.client_ip), readable.then(|| stands.address.clone()));
            let facts = open(Part::Facts, &stands.facts);
            prop_assert_eq!(facts.is_some(), readable);
            let named = format!("\"{}\"", stands.person);
            let about = facts.is_none_or(|facts| facts.contains(&named));
            prop_assert!(about);
        }
    }
}

#[test]
fn a_key_that_is_gone_seals_nothing_more_once_it_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut sealing = Sealing::open(People::of(folder.path(), None), PersonalIds::Sealed).unwrap();
    let key_of_call = |sealing: &mut Sealing| {
        let mut batch = [call("p", "192.0.2.1")];
        sealing.seal(&mut batch).unwrap();
        sealed_under(&stands(&batch[0], "p", "192.0.2.1").id)
            .unwrap()
            .to_owned()
    };
    let before = key_of_call(&mut sealing);
    std::fs::remove_dir_all(folder.path().join("people")).unwrap();
    sealing.erase().unwrap();
    let after = key_of_call(&mut sealing);
    assert_ne!(before, after);
    assert!(
        People::of(folder.path(), None)
            .all()
            .unwrap()
            .contains_key(&after)
    );
}

#[test]
fn what_a_process_had_not_finished_is_taken_away_and_what_is_no_erasure_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let people = || People::of(folder.path(), None);
    let mut sealing = Sealing::open(people(), PersonalIds::Sealed).unwrap();
    sealing.seal(&mut [call("p", "192.0.2.1")]).unwrap();
    let unfinished = folder.path().join("people/.x.json");
    std::fs::write(&unfinished, "{").unwrap();
    std::fs::write(folder.path().join("people/erase/x.json"), "{").unwrap();
    people().ask("t", "p", None).unwrap().unwrap();
    let mut sealing = Sealing::open(people(), PersonalIds::Sealed).unwrap();
    assert!(!unfinished.exists());
    assert_eq!(sealing.erase().unwrap().len(), 1);
    assert!(people().all().unwrap().is_empty());
}
