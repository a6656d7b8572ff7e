//! What every store does, whatever it keeps its entries in.

use palisade_registry::{Contents, Entry, Kind, Step, Store, StoreError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) fn entry(kind: Kind, id: &str, number: u64) -> Entry {
    let mut value = Map::new();
    value.insert("number".to_owned(), json!(number));
    Entry {
        kind,
        id: id.to_owned(),
        value,
    }
}

/// Runs all that holds for stores; each call of `make` gives a fresh one, and a second handle of it.
pub(crate) fn suite<S: Store + 'static>(make: &dyn Fn() -> (S, S)) {
    begins_empty(make());
    changes_all_or_nothing(make());
    takes_no_change_that_was_meant_for_another_revision(make());
    takes_no_entry_that_is_too_long(make());
    loses_nothing_to_writers_at_one_time(make());
    holds_what_a_map_holds(make);
}

fn begins_empty<S: Store>((store, _): (S, S)) {
    assert_eq!(store.revision().unwrap(), 0);
    assert_eq!(store.load().unwrap(), Contents::default());
    assert_eq!(store.apply(0, &[]).unwrap(), 0, "nothing to do is no change");
    assert_eq!(store.revision().unwrap(), 0);
}

fn changes_all_or_nothing<S: Store>((store, other): (S, S)) {
    let (a, key) = (entry(Kind::Tenant, "a", 1), entry(Kind::Key, "a", 2));
    let put = [Step::Put(key.clone()), Step::Put(a.clone())];
    assert_eq!(store.apply(0, &put).unwrap(), 1);
    let expected = Contents {
        revision: 1,
        entries: vec![a, key.clone()],
    };
    assert_eq!(
        other.load().unwrap(),
        expected,
        "by kind and id, for every handle"
    );
    let changed = entry(Kind::Key, "a", 3);
    let steps = [
        Step::Remove(Kind::Tenant, "a".to_owned()),
        Step::Put(changed.clone()),
    ];
    assert_eq!(other.apply(1, &steps).unwrap(), 2);
    assert_eq!(store.load().unwrap().entries, [changed]);
    // What is not there goes as well as what is.
    let gone = [Step::Remove(Kind::Model, "none".to_owned())];
    assert_eq!(store.apply(2, &gone).unwrap(), 3);
}

fn takes_no_change_that_was_meant_for_another_revision<S: Store>((store, _): (S, S)) {
    let put = |number| [Step::Put(entry(Kind::Tenant, "a", number))];
    store.apply(0, &put(1)).unwrap();
    for stale in [0, 2] {
        let refused = store.apply(stale, &put(2)).unwrap_err();
        assert!(
            matches!(refused, StoreError::Conflict { expected, found: 1 } if expected == stale),
            "{refused}"
        );
    }
    assert_eq!(store.load().unwrap().entries, [entry(Kind::Tenant, "a", 1)]);
}

fn takes_no_entry_that_is_too_long<S: Store>((store, _): (S, S)) {
    let mut long = entry(Kind::Tenant, "long", 1);
    long.value.insert("text".to_owned(), "x".repeat(64 * 1024).into());
    let steps = [Step::Put(entry(Kind::Tenant, "a", 1)), Step::Put(long)];
    let refused = store.apply(0, &steps).unwrap_err();
    assert!(
        refused.to_string().starts_with("tenant long: is longer than"),
        "{refused}"
    );
    assert_eq!(store.load().unwrap(), Contents::default());
}

fn loses_nothing_to_writers_at_one_time<S: Store + 'static>((store, other): (S, S)) {
    let stores = [Arc::new(store), Arc::new(other)];
    let write = |number: u64| {
        let store = Arc::clone(&stores[usize::from(number.is_multiple_of(2))]);
        std::thread::spawn(move || {
            let steps = [Step::Put(entry(Kind::Model, &format!("{number:02}"), number))];
            loop {
                match store.apply(store.revision().unwrap(), &steps) {
                    Ok(_) => return,
                    Err(StoreError::Conflict { .. } | StoreError::Busy) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    };
    let writers: Vec<_> = (0..8).map(write).collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let contents = stores[0].load().unwrap();
    assert_eq!((contents.revision, contents.entries.len()), (8, 8));
}

fn holds_what_a_map_holds<S: Store>(make: &dyn Fn() -> (S, S)) {
    let step = (0..5_usize, "[a-c/]{1,3}", any::<Option<u8>>()).prop_map(|(kind, id, number)| match number {
        Some(number) => Step::Put(entry(Kind::ALL[kind], &id, number.into())),
        None => Step::Remove(Kind::ALL[kind], id),
    });
    let changes = prop::collection::vec(prop::collection::vec(step, 1..5), 1..8);
    let mut runner = TestRunner::new(Config::with_cases(24));
    let outcome = runner.run(&changes, |changes| {
        let (store, other) = make();
        let mut expected = BTreeMap::new();
        for (revision, mut steps) in (0..).zip(changes) {
            // Of one entry a change has one step.
            let mut seen = Vec::new();
            steps.retain(|step| {
                let name = name_of(step);
                let new = !seen.contains(&name);
                seen.push(name);
                new
            });
            for step in &steps {
                match step {
                    Step::Put(entry) => expected.insert(name_of(step), entry.clone()),
                    Step::Remove(..) => expected.remove(&name_of(step)),
                };
            }
            prop_assert_eq!(store.apply(revision, &steps).unwrap(), revision + 1);
            let entries: Vec<Entry> = expected.values().cloned().collect();
            prop_assert_eq!(other.load().unwrap().entries, entries);
        }
        Ok(())
    });
    outcome.unwrap();
}

fn name_of(step: &Step) -> (Kind, String) {
    match step {
        Step::Put(entry) => (entry.kind, entry.id.clone()),
        Step::Remove(kind, id) => (*kind, id.clone()),
    }
}
