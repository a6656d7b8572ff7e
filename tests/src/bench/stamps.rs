//! An upstream inside the benchmark whose frames say when they were sent, so that what a proxy adds to each frame can be
//! read off directly. It answers every POST with one paced ConverseStream.
//!
//! The stamp stands in `p`, the padding that Bedrock adds to every delta, so that it passes whatever happens to the text.
//! The text is one word a frame, a space before each: as models cut it, and the hardest cut for a scanner, because the
//! next frame could still lengthen the word.

use super::failure::{During, Failure};
use super::plan::{DELTA_FRAMES, PACE};
use super::prose;
use bytes::BytesMut;
use palisade_wire::eventstream;
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

const PADDING: &[u8] = b"\"p\":\"";
const RESPONSE_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\n\
    transfer-encoding: chunked\r\n\r\n";

/// Starts the upstream; it serves until the process ends.
///
/// # Errors
/// When no port is free.
pub fn start() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during("binding the stamping upstream")?;
    let address = listener.local_addr().during("binding the stamping upstream")?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A connection ends when its proxy closes it; whether that was right is the client's to judge.
            thread::spawn(move || serve(stream));
        }
    });
    Ok(address)
}

/// How long ago the frame with this payload was sent. None when it carries no stamp.
#[must_use]
pub fn age(payload: &[u8]) -> Option<Duration> {
    let at = payload
        .windows(PADDING.len())
        .position(|window| window == PADDING)?;
    let (_, stamp) = payload.split_at_checked(at + PADDING.len())?;
    let digits = stamp.split(|byte| *byte == b'"').next()?;
    let sent: u64 = str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Duration::from_nanos(since_start().saturating_sub(sent)))
}

fn since_start() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut requests = BufReader::new(stream.try_clone()?);
    while read_request(&mut requests)? {
        stream.write_all(RESPONSE_HEAD)?;
        answer(&mut stream)?;
        stream.write_all(b"0\r\n\r\n")?;
    }
    Ok(())
}

/// Reads a request to its end. False when there is none.
fn read_request(requests: &mut impl BufRead) -> std::io::Result<bool> {
    let mut body_bytes = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            body_bytes = value.trim().parse().unwrap_or(0);
        }
    }
    std::io::copy(&mut requests.take(body_bytes), &mut std::io::sink())?;
    Ok(true)
}

fn answer(stream: &mut TcpStream) -> std::io::Result<()> {
    let usage =
        json!({ "inputTokens": 256, "outputTokens": DELTA_FRAMES, "totalTokens": 256 + DELTA_FRAMES });
    send(stream, "messageStart", r#"{"role":"assistant"}"#)?;
    for token in prose::tokens().take(DELTA_FRAMES) {
        thread::sleep(PACE);
        let sent = since_start();
        let payload = format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{token}"}},"p":"{sent}"}}"#);
        send(stream, "contentBlockDelta", &payload)?;
    }
    send(stream, "contentBlockStop", r#"{"contentBlockIndex":0}"#)?;
    send(stream, "messageStop", r#"{"stopReason":"end_turn"}"#)?;
    send(
        stream,
        "metadata",
        &json!({ "usage": usage, "metrics": { "latencyMs": 1 } }).to_string(),
    )
}

/// One frame, in a chunk of its own.
fn send(stream: &mut TcpStream, kind: &str, payload: &str) -> std::io::Result<()> {
    let headers = [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    let mut frame = BytesMut::new();
    eventstream::encode(&headers, payload.as_bytes(), &mut frame).map_err(std::io::Error::other)?;
    let size = format!("{:x}\r\n", frame.len());
    stream.write_all(&[size.as_bytes(), &frame, b"\r\n"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_age_of_a_stamped_frame() {
        let sent = since_start();
        let age = age(format!(r#"{{"delta":{{"text":" a"}},"p":"{sent}"}}"#).as_bytes()).unwrap();
        assert!(age < Duration::from_secs(5), "{age:?}");
        for unstamped in ["{}", r#"{"p":"abc"}"#, r#"{"p":""}"#] {
            assert_eq!(super::age(unstamped.as_bytes()), None, "{unstamped}");
        }
    }
}
