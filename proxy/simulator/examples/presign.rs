//! Prints a script for the load generator `wrk` that repeats one signed request for as long as its signature lives.
//!
//! ```text
//! cargo run -p palisade-simulator --example presign -- 127.0.0.1:9000 DEMO secret-file converse > load.lua
//! wrk -t1 -c32 -d10 -s load.lua http://127.0.0.1:9000
//! ```

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use palisade_wire::sigv4::{AmzDate, PayloadHash, SignRequest, SigningKey, sign};

const BODY: &str = r#"{"messages":[{"role":"user","content":[{"text":"Hello from the load generator"}]}]}"#;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, access_key_id, secret_file, operation] = arguments.as_slice() else {
        return Err(io::Error::other(
            "usage: presign HOST:PORT ACCESS-KEY-ID SECRET-FILE OPERATION",
        ));
    };
    let secret = std::fs::read_to_string(secret_file)?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(io::Error::other)?
        .as_secs();
    let unix_seconds = i64::try_from(now).map_err(io::Error::other)?;
    let date = AmzDate::from_unix(unix_seconds).map_err(io::Error::other)?;
    let path = format!("/model/acme.chat-v1%3A0/{operation}");
    let signed = sign(&SignRequest {
        method: "POST",
        path: &path,
        query: "",
        host,
        headers: &[("content-type", b"application/json")],
        payload: &PayloadHash::of(BODY.as_bytes()),
        unix_seconds,
        access_key_id,
        key: &SigningKey::derive(secret.trim(), date.day(), "us-east-1", "bedrock"),
        session_token: None,
    });
    let signed = signed.map_err(io::Error::other)?;
    writeln!(
        io::stdout(),
        "wrk.method = 'POST'\nwrk.path = '{path}'\nwrk.body = '{BODY}'\n\
         wrk.headers['content-type'] = 'application/json'\n\
         wrk.headers['x-amz-date'] = '{}'\nwrk.headers['authorization'] = '{}'",
        signed.x_amz_date.as_str(),
        signed.authorization
    )
}
