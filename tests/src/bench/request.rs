//! Requests as bytes, signed once for a whole phase: a signature is good for five minutes.

use super::credentials::{AccessKey, unix_seconds};
use super::failure::Failure;
use super::plan::{DELTA_FRAMES, Operation, Workload};
use super::prose;
use bytes::Bytes;
use serde_json::json;
use std::net::SocketAddr;

/// What stands in `authorization`.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// A signature with this key.
    Key(&'a AccessKey),
    /// This token.
    Token(&'a str),
}

/// The whole request of a workload, for the server at `address`.
///
/// # Errors
/// When it cannot be signed.
pub fn of_workload(
    workload: &Workload,
    address: SocketAddr,
    credential: Credential<'_>,
) -> Result<Bytes, Failure> {
    let (text, tokens) = (prose::text(workload.prompt), 8 * DELTA_FRAMES);
    let body = match workload.operation {
        Operation::Converse | Operation::ConverseStream => json!({
            "messages": [{ "role": "user", "content": [{ "text": text }] }],
            "inferenceConfig": { "maxTokens": tokens },
        }),
        Operation::InvokeEndpoint => json!({
            "messages": [{ "role": "user", "content": text }],
            "max_tokens": tokens,
        }),
    };
    with_body(workload.operation, &body.to_string(), address, credential)
}

/// The whole request for an operation on a body, for the server at `address`.
///
/// # Errors
/// When it cannot be signed.
pub fn with_body(
    operation: Operation,
    body: &str,
    address: SocketAddr,
    credential: Credential<'_>,
) -> Result<Bytes, Failure> {
    let path = operation.path();
    let host = address.to_string();
    let proof = match credential {
        Credential::Token(token) => format!("authorization: Bearer {token}\r\n"),
        Credential::Key(key) => {
            let signed = key.sign(operation.service(), &path, &host, body.as_bytes(), unix_seconds())?;
            format!(
                "x-amz-date: {}\r\nauthorization: {}\r\n",
                signed.x_amz_date.as_str(),
                signed.authorization
            )
        }
    };
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: palisade-bench\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n{proof}\r\n"
    );
    Ok(Bytes::from(head + body))
}

/// A request without body or credential, for a side port.
#[must_use]
pub fn plain(method: &str, path: &str, address: SocketAddr, body: &str) -> Bytes {
    let length = body.len();
    Bytes::from(format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}
