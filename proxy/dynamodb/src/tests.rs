//! Against an emulator, which is the real interface over HTTP.

#[path = "../../registry/tests/suite/mod.rs"]
mod suite;

use crate::layout::{ATTEMPTS, head_key};
use crate::table::{Key, Row, number};
use crate::{DynamoDb, Place};
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use dynoxide::{Database, server};
use palisade_registry::{Kind, Step, Store, StoreError};
use std::cell::Cell;
use std::time::Duration;
use suite::{entry, suite};

/// An emulator of its own.
struct Emulator {
    url: String,
}

impl Emulator {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                server::serve_on(listener, Database::memory().unwrap()).await;
            });
        });
        Self { url }
    }

    fn table(&self, name: &str) -> DynamoDb {
        let mut store = DynamoDb::at(Place {
            table: name.to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint_url: Some(self.url.clone()),
        })
        .unwrap();
        // Tests do not depend on who runs them.
        let config = store.table.client.config().to_builder();
        let nobody = Credentials::new("AKIAEXAMPLE", "none", None, None, "test");
        let config = config.credentials_provider(nobody).build();
        store.table.client = aws_sdk_dynamodb::Client::from_conf(config);
        store
    }

    fn made(&self, name: &str) -> DynamoDb {
        let store = self.table(name);
        assert!(store.create().unwrap(), "{name} is new");
        store
    }
}

impl DynamoDb {
    /// The keys of all items.
    fn items(&self) -> Vec<Key> {
        self.wait(async {
            let scan = self
                .table
                .client
                .scan()
                .table_name(&self.table.place.table)
                .into_paginator();
            let answer: Result<Vec<Row>, _> = scan.items().send().collect().await;
            answer.unwrap().iter().filter_map(Key::of).collect()
        })
    }

    fn put(&self, row: Row) {
        self.wait(self.table.put_all(vec![row])).unwrap();
    }
}

#[test]
fn a_table_is_a_store() {
    let emulator = Emulator::start();
    let number = Cell::new(0);
    suite(&|| {
        number.set(number.get() + 1);
        let name = format!("registry-{}", number.get());
        (emulator.made(&name), emulator.table(&name))
    });
}

#[test]
fn a_table_is_made_once_and_one_with_other_keys_is_not_taken() {
    let emulator = Emulator::start();
    let store = emulator.table("registry");
    let none = store.load().unwrap_err().to_string();
    assert_eq!(
        none,
        "DynamoDB table registry in eu-central-1: there is no such table: `palisade registry create-table` makes it"
    );
    assert!(store.create().unwrap());
    assert!(!store.create().unwrap());
    let other = emulator.table("other");
    other.wait(other.make(&["id"])).unwrap();
    let refused = other.create().unwrap_err().to_string();
    assert!(refused.contains("other keys than `pk` and `sk`"), "{refused}");
}

#[test]
fn many_entries_are_held_and_few_changed() {
    let store = Emulator::start().made("registry");
    let steps: Vec<Step> = (0..3_000)
        .map(|number| {
            let mut entry = entry(Kind::Application, &format!("t/{number}"), number);
            entry.value.insert("text".to_owned(), "é".repeat(500).into());
            Step::Put(entry)
        })
        .collect();
    // Those of one bucket do not fit into one item.
    let mut long = entry(Kind::Tenant, "long", 1);
    long.value.insert("text".to_owned(), "x".repeat(60_000).into());
    let same_bucket =
        (0..).filter(|number: &u64| crc32fast::hash(format!("tenant\0{number}").as_bytes()) % 512 == 7);
    let longs = same_bucket.take(9).map(|number| {
        let mut long = long.clone();
        long.id = number.to_string();
        Step::Put(long)
    });
    let steps: Vec<Step> = steps.into_iter().chain(longs).collect();
    assert_eq!(store.apply(0, &steps).unwrap(), 1);
    let held = store.load().unwrap();
    assert_eq!(held.entries.len(), steps.len());
    let items = store.items();
    assert!(
        items
            .iter()
            .any(|Key(pk, sk)| pk == "bucket#007" && sk.ends_with("#2")),
        "several items"
    );
    store
        .apply(1, &[Step::Remove(Kind::Application, "t/7".to_owned())])
        .unwrap();
    let still = store.items().iter().filter(|item| items.contains(item)).count();
    assert_eq!(still, items.len() - 1, "one bucket is another");
    assert_eq!(store.load().unwrap().entries.len(), steps.len() - 1);
}

/// Whoever is killed at any time leaves the table at the revision before or the one after, and what it left behind goes with a later change.
#[test]
fn a_change_that_is_killed_is_there_or_is_not() {
    let emulator = Emulator::start();
    let store = emulator.made("registry");
    let (mut revision, mut killed) = (0, 0);
    let mut limit = Duration::from_micros(200);
    for round in 0..60_u64 {
        let steps: Vec<Step> = (0..20)
            .map(|id| Step::Put(entry(Kind::Model, &id.to_string(), round)))
            .collect();
        limit = if round < 55 {
            limit * 9 / 8
        } else {
            Duration::from_secs(10)
        };
        let done = store.wait(async { tokio::time::timeout(limit, store.change(revision, &steps)).await });
        killed += u32::from(done.is_err());
        let held = emulator.table("registry").load().unwrap();
        let numbers: Vec<_> = held
            .entries
            .iter()
            .map(|entry| entry.value["number"].as_u64().unwrap())
            .collect();
        assert!(
            numbers.windows(2).all(|pair| pair[0] == pair[1]),
            "half of a change: {numbers:?}"
        );
        match held.revision == revision {
            true => assert!(done.is_err() && numbers.first() != Some(&round)),
            false => assert_eq!((held.revision, numbers.first()), (revision + 1, Some(&round))),
        }
        revision = held.revision;
    }
    assert!((1..60).contains(&killed), "{killed} of 60 were killed");
    for _ in 0..2 {
        revision = store
            .apply(revision, &[Step::Put(entry(Kind::Model, "last", revision))])
            .unwrap();
    }
    let mut left = store.items();
    left.retain(|Key(pk, _)| pk != "head" && pk != "manifest");
    let manifest = store.wait(store.manifest()).unwrap();
    let in_force = manifest.keys();
    assert!(left.iter().all(|item| in_force.contains(item)), "{left:?}");
    assert_eq!(left.len(), in_force.len());
}

#[test]
fn readers_take_what_others_change_while_they_read() {
    let emulator = Emulator::start();
    let (store, other) = (emulator.made("registry"), emulator.table("registry"));
    let writer = std::thread::spawn(move || {
        for number in 0..40_u64 {
            let steps: Vec<Step> = (0..5)
                .map(|id| Step::Put(entry(Kind::Model, &id.to_string(), number)))
                .collect();
            other.apply(number, &steps).unwrap();
        }
    });
    let mut last = 0;
    while last < 40 {
        // A reader that is overtaken again and again says so, and reads later.
        let Ok(held) = store.load() else { continue };
        assert!(held.revision >= last);
        last = held.revision;
        assert!(
            held.entries
                .iter()
                .all(|entry| entry.value["number"].as_u64() == last.checked_sub(1))
        );
    }
    writer.join().unwrap();
}

#[test]
fn a_table_of_another_format_or_a_damaged_one_is_told() {
    let emulator = Emulator::start();
    let store = emulator.made("registry");
    let put = [Step::Put(entry(Kind::Tenant, "a", 1))];
    store.apply(0, &put).unwrap();
    let bucket = store
        .items()
        .into_iter()
        .find(|Key(pk, _)| pk.starts_with("bucket"))
        .unwrap();
    let good = store.wait(store.table.get(&bucket)).unwrap().unwrap();

    assert_eq!(store.load().unwrap().entries.len(), 1);
    let mut bad = good.clone();
    bad.insert(
        "entries".to_owned(),
        AttributeValue::S(r#"[{"kind":"team","id":"a","value":{}}]"#.to_owned()),
    );
    store.put(bad);
    let refused = emulator.table("registry").load().unwrap_err().to_string();
    assert!(
        refused.contains("does not know as an entry (unknown variant `team`"),
        "{refused}"
    );

    store
        .wait(store.table.delete_all(std::slice::from_ref(&bucket)))
        .unwrap();
    for refused in [
        emulator.table("registry").load().unwrap_err(),
        store.apply(1, &put).unwrap_err(),
    ] {
        assert!(refused.to_string().contains("restore the table"), "{refused}");
    }
    assert_eq!(
        store.load().unwrap().entries.len(),
        1,
        "who has read it need not read it again"
    );
    store.put(good);

    let mut head = store.wait(store.table.get(&head_key())).unwrap().unwrap();
    let mut manifest = store
        .wait(store.table.get(&crate::layout::manifest_key()))
        .unwrap()
        .unwrap();
    for row in [&mut head, &mut manifest] {
        row.insert("format".to_owned(), AttributeValue::N("2".to_owned()));
    }
    store.put(head);
    store.put(manifest);
    for refused in [
        store.load().unwrap_err(),
        store.apply(1, &put).unwrap_err(),
        store.revision().unwrap_err(),
    ] {
        assert!(
            matches!(refused, StoreError::Version { found: 2, known: 1 }),
            "{refused}"
        );
    }
}

#[test]
fn an_attempt_that_is_still_under_way_is_left_alone() {
    let store = Emulator::start().made("registry");
    let items = [Key("bucket#001".to_owned(), "later#0".to_owned())];
    store.put(crate::layout::attempt("later", 1, &items).unwrap());
    store.put(items[0].row());
    let change = |revision| {
        store
            .apply(revision, &[Step::Put(entry(Kind::Tenant, "a", revision))])
            .unwrap()
    };
    change(0);
    let attempts = store.wait(store.table.query(ATTEMPTS, 1)).unwrap();
    assert_eq!(
        attempts
            .iter()
            .filter_map(|row| number(row, "base"))
            .collect::<Vec<_>>(),
        [1]
    );
    assert!(store.items().contains(&items[0]));
    change(1);
    assert!(!store.items().contains(&items[0]));
}

#[test]
fn a_store_that_cannot_be_reached_is_told_in_time() {
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let refused = Emulator { url }
        .table("registry")
        .revision()
        .unwrap_err()
        .to_string();
    assert!(
        refused.starts_with("DynamoDB table registry in eu-central-1: "),
        "{refused}"
    );
}

#[test]
fn a_store_that_says_nothing_is_not_waited_for() {
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let refused = Emulator { url }
        .table("registry")
        .revision()
        .unwrap_err()
        .to_string();
    assert!(refused.ends_with("it does not answer in time"), "{refused}");
    drop(silent);
}
