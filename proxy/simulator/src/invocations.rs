//! Calls in the background. Each is done as soon as it is asked about. Source: AWS API reference, `StartAsyncInvoke`, `GetAsyncInvoke`, `ListAsyncInvokes`.

use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};

/// Those of the account, the oldest first; so many are kept.
#[derive(Debug, Default)]
pub(crate) struct Invocations(Mutex<Vec<Value>>);

const KEPT_MAX: usize = 1_000;

impl Invocations {
    /// The answer to a call that is started.
    pub(crate) fn start(&self, body: &Value, number: u64) -> Value {
        let arn = format!("arn:aws:bedrock:us-east-1:123456789012:async-invoke/{number:012x}");
        let model = body.get("modelId").and_then(Value::as_str).unwrap_or_default();
        let invocation = json!({
            "invocationArn": arn,
            "modelArn": format!("arn:aws:bedrock:us-east-1::foundation-model/{model}"),
            "clientRequestToken": body.get("clientRequestToken"),
            "status": "Completed",
            "submitTime": "2026-12-01T00:00:00Z",
            "lastModifiedTime": "2026-12-01T00:00:01Z",
            "endTime": "2026-12-01T00:00:01Z",
            "outputDataConfig": body.get("outputDataConfig"),
        });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == KEPT_MAX {
            all.remove(0);
        }
        all.push(invocation);
        json!({ "invocationArn": arn })
    }

    pub(crate) fn get(&self, arn: &str) -> Value {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|invocation| invocation["invocationArn"] == arn);
        found.cloned().unwrap_or_else(|| json!({}))
    }

    pub(crate) fn list(&self) -> Value {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        json!({ "asyncInvokeSummaries": *all })
    }
}
