//! Reads and changes.

use crate::layout::{
    ATTEMPTS, Head, Manifest, attempt, attempted, by_bucket, entries, head_key, manifest_key,
};
use crate::table::{Key, Patience, Place, Row, Table, text};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use palisade_registry::{Entry, Step, Store, StoreError, carried_out};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

/// How often reading begins again because what was to be read was replaced meanwhile.
const READS_MAX: u32 = 5;

/// Longest wait for the head alone: gateways ask for it all the time, and say when there is none.
const HEAD_TIMEOUT: Duration = Duration::from_secs(3);

/// So many pages of [attempts](ATTEMPTS) are looked at by one change.
const ATTEMPT_PAGES_MAX: usize = 4;

/// A store in a table of DynamoDB. To be called where waiting is allowed: not inside an asynchronous task.
#[derive(Debug)]
pub struct DynamoDb {
    runtime: Handle,
    _ends: Ends,
    pub(crate) table: Table,
    /// The items that were in force when it was last read: those that still are need not be read again.
    read: Mutex<BTreeMap<Key, Arc<str>>>,
}

/// Ends a runtime without waiting for it, so that a store may be dropped anywhere.
#[derive(Debug)]
struct Ends(Option<Runtime>);

impl Drop for Ends {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl DynamoDb {
    /// The table at a place. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the system gives no means to wait for networks.
    pub fn at(place: Place) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let table = runtime.block_on(Table::connect(place));
        Ok(Self {
            runtime: runtime.handle().clone(),
            _ends: Ends(Some(runtime)),
            table,
            read: Mutex::default(),
        })
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    async fn head(&self) -> Result<Head, StoreError> {
        let row = self.table.get(&head_key()).await?;
        row.map_or_else(|| Ok(Head::default()), |row| Head::of(&row))
    }

    pub(crate) async fn manifest(&self) -> Result<Manifest, StoreError> {
        let row = self.table.get(&manifest_key()).await?;
        row.map_or_else(|| Ok(Manifest::default()), |row| Manifest::of(&row))
    }

    /// The lists of entries of one revision.
    async fn lists(&self) -> Result<(u64, Vec<Arc<str>>), StoreError> {
        for _ in 0..READS_MAX {
            let manifest = self.manifest().await?;
            let keys = manifest.keys();
            let mut known = self.known(&keys);
            let missing: Vec<Key> = keys
                .iter()
                .filter(|key| !known.contains_key(key))
                .cloned()
                .collect();
            known.extend(self.table.get_all(&missing).await?.iter().filter_map(list));
            if known.len() == keys.len() {
                let lists = known.values().cloned().collect();
                *self.read.lock().unwrap_or_else(PoisonError::into_inner) = known;
                return Ok((manifest.head.revision, lists));
            }
        }
        Err(self.table.wrong(
            "items that its manifest names are not there: if it is not being changed all the time, restore the table from a backup",
        ))
    }

    fn known(&self, keys: &[Key]) -> BTreeMap<Key, Arc<str>> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let known = keys
            .iter()
            .filter_map(|key| Some((key.clone(), Arc::clone(read.get(key)?))));
        known.collect()
    }

    pub(crate) async fn change(&self, expected: u64, steps: &[Step]) -> Result<u64, StoreError> {
        let before = self.manifest().await?;
        let found = before.head.revision;
        if found != expected {
            return Err(StoreError::Conflict { expected, found });
        }
        let name = uuid::Uuid::new_v4().simple().to_string();
        let (after, rows, items) = self.written(&before, steps, &name).await?;
        self.table
            .put_all(vec![attempt(&name, expected, &items)?])
            .await?;
        self.table.put_all(rows).await?;
        let outcome = self.flip(expected, &after).await;
        // What nobody needs any more is in nobody's way: whoever changes the table next would tidy up.
        let _ = self.tidy().await;
        outcome
    }

    /// What a change makes of the manifest, the items that it writes, and the keys of those and of what they replace.
    async fn written(
        &self,
        before: &Manifest,
        steps: &[Step],
        name: &str,
    ) -> Result<(Manifest, Vec<Row>, Vec<Key>), StoreError> {
        let touched = by_bucket(steps);
        let replaced: Vec<Key> = touched
            .keys()
            .flat_map(|bucket| before.keys_of(*bucket))
            .collect();
        let rows = self.table.get_all(&replaced).await?;
        if rows.len() < replaced.len() {
            return Err(self.conflict(before.head.revision).await?);
        }
        let lists: BTreeMap<Key, Arc<str>> = rows.iter().filter_map(list).collect();
        let mut after = before.clone();
        after.head = Head {
            revision: before.head.revision + 1,
            attempt: name.to_owned(),
        };
        let (mut rows, mut items) = (Vec::new(), replaced);
        for (bucket, steps) in &touched {
            let mut held: Vec<Entry> = Vec::new();
            for list in before.keys_of(*bucket).iter().filter_map(|key| lists.get(key)) {
                held.extend(entries(list)?);
            }
            rows.extend(after.fill(*bucket, &carried_out(&held, steps), name)?);
        }
        items.extend(rows.iter().filter_map(Key::of));
        Ok((after, rows, items))
    }

    /// Puts a manifest in force, if the table is at the revision before it.
    async fn flip(&self, expected: u64, manifest: &Manifest) -> Result<u64, StoreError> {
        let mut patience = Patience::default();
        loop {
            let Err(error) = self.transaction(expected, manifest).await? else {
                return Ok(manifest.head.revision);
            };
            // The answer to an earlier try of this request may have been lost.
            let head = self.head().await.map_err(|_| self.table.fault(&error))?;
            match head {
                head if head == manifest.head => return Ok(head.revision),
                head if head.revision != expected => {
                    return Err(StoreError::Conflict {
                        expected,
                        found: head.revision,
                    });
                }
                _ if is_contended(&error) => patience.spend(false).await.ok_or(StoreError::Busy)?,
                _ => return Err(self.table.fault(&error)),
            }
        }
    }

    async fn transaction(
        &self,
        expected: u64,
        manifest: &Manifest,
    ) -> Result<Result<(), SdkError<TransactWriteItemsError>>, StoreError> {
        let (head, manifest) = manifest.rows()?;
        let put = |row| {
            Put::builder()
                .table_name(&self.table.place.table)
                .set_item(Some(row))
        };
        let head = match expected {
            0 => put(head).condition_expression("attribute_not_exists(pk)"),
            _ => put(head)
                .condition_expression("revision = :expected")
                .expression_attribute_values(":expected", AttributeValue::N(expected.to_string())),
        };
        let mut request = self.table.client.transact_write_items();
        for put in [head, put(manifest)] {
            let put = put
                .build()
                .map_err(|defect| self.table.wrong(&defect.to_string()))?;
            request = request.transact_items(TransactWriteItem::builder().put(put).build());
        }
        Ok(request.send().await.map(|_| ()))
    }

    async fn conflict(&self, expected: u64) -> Result<StoreError, StoreError> {
        let found = self.head().await?.revision;
        Ok(match found == expected {
            true => self
                .table
                .wrong("items that its manifest names are not there: restore the table from a backup"),
            false => StoreError::Conflict { expected, found },
        })
    }

    /// Removes what no change can need any more: what was written for revisions that have passed, unless it is in force.
    async fn tidy(&self) -> Result<(), StoreError> {
        let manifest = self.manifest().await?;
        let in_force: BTreeSet<Key> = manifest.keys().into_iter().collect();
        for row in self.table.query(ATTEMPTS, ATTEMPT_PAGES_MAX).await? {
            let (Some((base, items)), Some(key)) = (attempted(&row), Key::of(&row)) else {
                continue;
            };
            if base < manifest.head.revision {
                let superfluous: Vec<Key> = items
                    .into_iter()
                    .filter(|item| !in_force.contains(item))
                    .collect();
                self.table.delete_all(&superfluous).await?;
                self.table.delete_all(&[key]).await?;
            }
        }
        Ok(())
    }
}

impl Store for DynamoDb {
    fn revision(&self) -> Result<u64, StoreError> {
        self.wait(async {
            let head = timeout(HEAD_TIMEOUT, self.head()).await;
            let none = |_| self.table.wrong("it does not answer in time");
            head.map_err(none)?.map(|head| head.revision)
        })
    }

    fn read(&self, each: &mut dyn FnMut(Entry) -> Result<(), StoreError>) -> Result<u64, StoreError> {
        let (revision, lists) = self.wait(self.lists())?;
        for list in lists {
            entries(&list)?.into_iter().try_for_each(&mut *each)?;
        }
        Ok(revision)
    }

    fn apply(&self, expected: u64, steps: &[Step]) -> Result<u64, StoreError> {
        if steps.is_empty() {
            return Ok(expected);
        }
        for step in steps {
            if let Step::Put(entry) = step {
                entry.json()?;
            }
        }
        self.wait(self.change(expected, steps))
    }
}

fn list(row: &Row) -> Option<(Key, Arc<str>)> {
    Some((Key::of(row)?, text(row, "entries")?.into()))
}

/// Whether another change was under way, or the table at its limit: nothing was decided.
fn is_contended(error: &SdkError<TransactWriteItemsError>) -> bool {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            let codes = canceled
                .cancellation_reasons()
                .iter()
                .filter_map(|reason| reason.code());
            codes
                .filter(|code| *code != "None")
                .all(|code| code != "ValidationError")
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => true,
        Some(other) => other.code() == Some("TransactionConflictException"),
        None => false,
    }
}
