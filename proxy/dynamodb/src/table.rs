//! The table: its items by their keys, many at a time.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};
use palisade_aws::{Timeouts, connected};
use palisade_registry::StoreError;
use std::collections::HashMap;
use std::time::Duration;

/// Of one request of the SDK.
const TIMEOUTS: Timeouts = Timeouts {
    operation: Duration::from_secs(20),
    attempt: Duration::from_secs(5),
};

/// Most items of one request (BatchGetItem and BatchWriteItem, DynamoDB API reference).
const READ_MAX: usize = 100;
const WRITE_MAX: usize = 25;

/// How often in a row a request may do nothing because the table is at its limit, and how long is waited first and at most.
const IDLE_MAX: u32 = 10;
const WAIT_FIRST: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(2);

/// The attributes of an item.
pub(crate) type Row = HashMap<String, AttributeValue>;

/// Where a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub table: String,
    /// The region it is in.
    pub region: String,
    /// Where DynamoDB answers, if not at its address in the region: a VPC endpoint.
    pub endpoint_url: Option<String>,
}

/// What tells an item from all others of the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct Key(pub(crate) String, pub(crate) String);

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) place: Place,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DynamoDB table {} in {}", self.table, self.region)
    }
}

impl Key {
    pub(crate) fn row(&self) -> Row {
        [("pk", &self.0), ("sk", &self.1)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.clone())))
            .into()
    }

    pub(crate) fn of(row: &Row) -> Option<Self> {
        Some(Self(text(row, "pk")?.to_owned(), text(row, "sk")?.to_owned()))
    }
}

/// A string of an item.
pub(crate) fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name)?.as_s().ok().map(String::as_str)
}

/// A whole number of an item.
pub(crate) fn number(row: &Row, name: &str) -> Option<u64> {
    row.get(name)?.as_n().ok()?.parse().ok()
}

impl Table {
    /// Finds credentials where the AWS SDKs do: environment, profile, web identity, container, instance.
    pub(crate) async fn connect(place: Place) -> Self {
        let config = connected(&place.region, place.endpoint_url.as_deref(), TIMEOUTS).await;
        let client = Client::new(&config);
        Self { client, place }
    }

    /// An item, as it is now.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        let request = self.client.get_item().table_name(&self.place.table);
        let answer = request
            .set_key(Some(key.row()))
            .consistent_read(true)
            .send()
            .await;
        Ok(answer.map_err(|error| self.fault(&error))?.item)
    }

    /// Those items that are there, in no order.
    pub(crate) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::with_capacity(keys.len());
        for keys in keys.chunks(READ_MAX) {
            let mut left: Vec<Row> = keys.iter().map(Key::row).collect();
            let mut patience = Patience::default();
            while !left.is_empty() {
                let wanted = KeysAndAttributes::builder()
                    .consistent_read(true)
                    .set_keys(Some(left));
                let wanted = wanted.build().map_err(|defect| self.wrong(&defect.to_string()))?;
                let request = self
                    .client
                    .batch_get_item()
                    .request_items(&self.place.table, wanted);
                let answer = request.send().await.map_err(|error| self.fault(&error))?;
                let found: Vec<Row> = answer
                    .responses
                    .into_iter()
                    .flatten()
                    .flat_map(|(_, rows)| rows)
                    .collect();
                let unprocessed = answer.unprocessed_keys.into_iter().flatten();
                left = unprocessed.flat_map(|(_, keys)| keys.keys).collect();
                patience
                    .spend(!found.is_empty() || left.is_empty())
                    .await
                    .ok_or_else(|| self.throttled())?;
                rows.extend(found);
            }
        }
        Ok(rows)
    }

    /// Writes items, whatever was there.
    pub(crate) async fn put_all(&self, rows: Vec<Row>) -> Result<(), StoreError> {
        let put = |row| PutRequest::builder().set_item(Some(row)).build();
        let requests = rows
            .into_iter()
            .map(|row| Ok(WriteRequest::builder().put_request(put(row)?).build()));
        self.write_all(requests.collect()).await
    }

    /// Removes items, whether they are there or not.
    pub(crate) async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        let delete = |key: &Key| DeleteRequest::builder().set_key(Some(key.row())).build();
        let requests = keys
            .iter()
            .map(|key| Ok(WriteRequest::builder().delete_request(delete(key)?).build()));
        self.write_all(requests.collect()).await
    }

    async fn write_all(
        &self,
        requests: Result<Vec<WriteRequest>, aws_sdk_dynamodb::error::BuildError>,
    ) -> Result<(), StoreError> {
        let requests = requests.map_err(|defect| self.wrong(&defect.to_string()))?;
        for requests in requests.chunks(WRITE_MAX) {
            let mut left = requests.to_vec();
            let mut patience = Patience::default();
            while !left.is_empty() {
                let before = left.len();
                let request = self
                    .client
                    .batch_write_item()
                    .request_items(&self.place.table, left);
                let answer = request.send().await.map_err(|error| self.fault(&error))?;
                let unprocessed = answer.unprocessed_items.into_iter().flatten();
                left = unprocessed.flat_map(|(_, requests)| requests).collect();
                patience
                    .spend(left.len() < before)
                    .await
                    .ok_or_else(|| self.throttled())?;
            }
        }
        Ok(())
    }

    /// The items with this first part of their keys, up to a number of pages.
    pub(crate) async fn query(&self, pk: &str, pages_max: usize) -> Result<Vec<Row>, StoreError> {
        let (mut rows, mut from) = (Vec::new(), None);
        for _ in 0..pages_max {
            let request = self
                .client
                .query()
                .table_name(&self.place.table)
                .consistent_read(true);
            let request = request.key_condition_expression("pk = :pk");
            let request = request.expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
            let answer = request.set_exclusive_start_key(from).send().await;
            let answer = answer.map_err(|error| self.fault(&error))?;
            rows.extend(answer.items.into_iter().flatten());
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    /// What went wrong with a request, in words of an operator.
    pub(crate) fn fault<E>(&self, error: &SdkError<E>) -> StoreError
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        let Some(answered) = error.as_service_error() else {
            return self.wrong(&DisplayErrorContext(error).to_string());
        };
        match (answered.code(), answered.message()) {
            (Some("ResourceNotFoundException"), _) => {
                self.wrong("there is no such table: `palisade registry create-table` makes it")
            }
            (code, message) => self.wrong(&format!(
                "{}: {}",
                code.unwrap_or("an error"),
                message.unwrap_or("without a reason")
            )),
        }
    }

    pub(crate) fn wrong(&self, why: &str) -> StoreError {
        StoreError::Unavailable(format!("{}: {why}", self.place))
    }

    fn throttled(&self) -> StoreError {
        self.wrong("it is throttled: wait, or give it more capacity")
    }
}

/// Waits longer and longer while requests do nothing, and at last no more.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    idle: u32,
}

impl Patience {
    /// To be called after each request. None when it was the last of too many that did nothing.
    pub(crate) async fn spend(&mut self, has_done: bool) -> Option<()> {
        self.idle = if has_done { 0 } else { self.idle + 1 };
        if self.idle > IDLE_MAX {
            return None;
        }
        if self.idle > 0 {
            let wait = WAIT_FIRST.saturating_mul(1 << self.idle.min(10)).min(WAIT_MAX);
            tokio::time::sleep(wait).await;
        }
        Some(())
    }
}
