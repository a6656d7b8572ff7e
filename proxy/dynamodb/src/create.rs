//! Making the table, and who may do what with it.

use crate::store::DynamoDb;
use crate::table::Place;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
};
use palisade_registry::StoreError;
use serde_json::{Value, json};
use std::time::Duration;

/// Those of an item.
const KEYS: [&str; 2] = ["pk", "sk"];

/// How often is asked whether a table that is being made is there, and how long is waited in between.
const LOOKS_MAX: u32 = 60;
const LOOK_EVERY: Duration = Duration::from_secs(2);

impl DynamoDb {
    /// Makes the table: paid by request, protected from deletion. Returns false when it is there already.
    ///
    /// # Errors
    /// Why it cannot be made, or that the one of this name has other keys.
    pub fn create(&self) -> Result<bool, StoreError> {
        self.wait(async {
            if let Some(keys) = self.described().await?.map(|(keys, _)| keys) {
                return match keys == KEYS {
                    true => Ok(false),
                    false => Err(self
                        .table
                        .wrong("it has other keys than `pk` and `sk`: name another table")),
                };
            }
            self.make(&KEYS).await?;
            for _ in 0..LOOKS_MAX {
                if let Some((_, true)) = self.described().await? {
                    return Ok(true);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Err(self.table.wrong("it is being made still; look again later"))
        })
    }

    pub(crate) async fn make(&self, keys: &[&str]) -> Result<(), StoreError> {
        let mut request = self
            .table
            .client
            .create_table()
            .table_name(&self.table.place.table);
        for (name, kind) in keys.iter().copied().zip([KeyType::Hash, KeyType::Range]) {
            let attribute = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S);
            let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
            let attribute = attribute
                .build()
                .map_err(|defect| self.table.wrong(&defect.to_string()))?;
            let key = key
                .build()
                .map_err(|defect| self.table.wrong(&defect.to_string()))?;
            request = request.attribute_definitions(attribute).key_schema(key);
        }
        let request = request
            .billing_mode(BillingMode::PayPerRequest)
            .deletion_protection_enabled(true);
        request.send().await.map_err(|error| self.table.fault(&error))?;
        Ok(())
    }

    /// The names of the table's keys and whether it can be used, if it is there.
    async fn described(&self) -> Result<Option<(Vec<String>, bool)>, StoreError> {
        let request = self
            .table
            .client
            .describe_table()
            .table_name(&self.table.place.table);
        match request.send().await {
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_resource_not_found_exception()) =>
            {
                Ok(None)
            }
            Err(error) => Err(self.table.fault(&error)),
            Ok(answer) => Ok(answer.table.map(|table| {
                let is_ready = table.table_status() == Some(&TableStatus::Active);
                let keys = table
                    .key_schema()
                    .iter()
                    .map(|key| key.attribute_name().to_owned());
                (keys.collect(), is_ready)
            })),
        }
    }
}

/// What somebody may do with a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read it, as gateways do.
    Read,
    /// Change entries.
    Change,
}

/// The least that IAM must allow (IAM, "Actions, resources, and condition keys for Amazon DynamoDB"), as a policy document; `*` stands for the account.
#[must_use]
pub fn access_policy(place: &Place, access: Access) -> Value {
    let mut actions = vec!["dynamodb:BatchGetItem", "dynamodb:GetItem"];
    if access == Access::Change {
        actions.extend(["dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:Query"]);
    }
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": if access == Access::Read { "PalisadeGateway" } else { "PalisadeRegistryAdministrator" },
            "Effect": "Allow",
            "Action": actions,
            "Resource": format!("arn:{}:dynamodb:{}:*:table/{}", partition(&place.region), place.region, place.table),
        }],
    })
}

/// The partition of a region, by its name (AWS General Reference, "Amazon Resource Names").
fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
