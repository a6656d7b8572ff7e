//! The store in a file.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests stop at the first surprise"
)]

mod suite;

use palisade_registry::{Contents, Embedded, Kind, Step, Store, StoreError};
use suite::{entry, suite};

#[test]
fn the_embedded_store_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    suite(&|| {
        number.set(number.get() + 1);
        let path = folder.path().join(format!("{}.redb", number.get()));
        (Embedded::at(&path), Embedded::at(&path))
    });
}

#[test]
fn an_embedded_store_that_is_none_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    std::fs::write(&path, "[[tenant]]\nid = \"a\"\n".repeat(400)).unwrap();
    let store = Embedded::at(&path);
    for refused in [
        store.load().unwrap_err(),
        store
            .apply(0, &[Step::Put(entry(Kind::Tenant, "a", 1))])
            .unwrap_err(),
    ] {
        assert!(refused.to_string().contains("store.redb"), "{refused}");
    }
    let nowhere = Embedded::at(&folder.path().join("none/store.redb"));
    assert_eq!(nowhere.load().unwrap(), Contents::default());
    assert!(
        nowhere
            .apply(0, &[Step::Put(entry(Kind::Tenant, "a", 1))])
            .is_err()
    );
}

#[test]
fn a_store_of_another_format_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let database = redb::Database::create(&path).unwrap();
    let writing = database.begin_write().unwrap();
    let meta = redb::TableDefinition::<&str, u64>::new("meta");
    writing.open_table(meta).unwrap().insert("format", 2).unwrap();
    writing.commit().unwrap();
    drop(database);
    let store = Embedded::at(&path);
    let put = [Step::Put(entry(Kind::Tenant, "a", 1))];
    for refused in [
        store.load().unwrap_err(),
        store.apply(0, &put).unwrap_err(),
        store.revision().unwrap_err(),
    ] {
        assert!(
            matches!(refused, StoreError::Version { found: 2, known: 1 }),
            "{refused}"
        );
    }
}
