//! What arrived, and how each exchange ended: a bounded ring that tests read through the side port.
//!
//! Nothing is rendered until it is asked for: an entry keeps the request's own buffers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use serde_json::{Value, json};

use crate::lock::lock;

/// Most entries kept; the oldest leave first.
const ENTRIES_MAX: usize = 10_000;
/// Most bytes kept, heads and bodies together.
const ENTRIES_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What an entry costs beside its header text and body, about.
const ENTRY_OVERHEAD_BYTES: usize = 512;

/// One request of the data port.
#[derive(Debug)]
struct Entry {
    head: Parts,
    body: Bytes,
    received_at_ms: u64,
    sigv4: &'static str,
    bytes: usize,
    /// An [`Ending`]; written by the ticket's owner only.
    ending: AtomicU8,
    /// Body frames handed to the connection so far.
    frames: AtomicU64,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Ending {
    Open,
    Completed,
    ClientGone,
    Killed,
}

impl Ending {
    const ALL: [Self; 4] = [Self::Open, Self::Completed, Self::ClientGone, Self::Killed];

    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::ClientGone => "client_gone",
            Self::Killed => "killed",
        }
    }
}

/// Follows one exchange to its end. Dropped before [`Ticket::completed`] it means that the client left.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Ticket(Option<Arc<Entry>>);

impl Ticket {
    /// One more body frame was handed to the connection.
    pub(crate) fn frame(&self) {
        if let Some(entry) = &self.0 {
            entry.frames.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The last byte was handed to the connection.
    pub(crate) fn completed(&mut self) {
        self.end(Ending::Completed);
    }

    /// The simulator itself resets the connection.
    pub(crate) fn killed(&mut self) {
        self.end(Ending::Killed);
    }

    fn end(&mut self, ending: Ending) {
        if let Some(entry) = self.0.take() {
            entry.ending.store(ending as u8, Ordering::Release);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.end(Ending::ClientGone);
    }
}

/// The ring. Locked for one push, or to copy the pointers out.
#[derive(Debug, Default)]
pub(crate) struct Received(Mutex<Ring>);

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Arc<Entry>>,
    /// The sum of `Entry::bytes`. `bytes <= ENTRIES_BYTES_MAX` unless one entry alone is larger.
    bytes: usize,
}

impl Received {
    /// Keeps a request; `sigv4` is the verdict on its signature.
    pub(crate) fn keep(&self, head: Parts, body: Bytes, received_at_ms: u64, sigv4: &'static str) -> Ticket {
        let headers_bytes: usize = head
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        let entry = Arc::new(Entry {
            bytes: ENTRY_OVERHEAD_BYTES + headers_bytes + body.len(),
            head,
            body,
            received_at_ms,
            sigv4,
            ending: AtomicU8::new(Ending::Open as u8),
            frames: AtomicU64::new(0),
        });
        let ticket = Ticket(Some(Arc::clone(&entry)));
        lock(&self.0).push(entry);
        ticket
    }

    /// Forgets every entry.
    pub(crate) fn clear(&self) {
        // Freed after the lock is gone: a full ring holds 64 MB.
        let _old = std::mem::take(&mut *lock(&self.0));
    }

    /// Every entry as JSON, the oldest first.
    pub(crate) fn to_json(&self) -> Value {
        let entries: Vec<_> = lock(&self.0).entries.iter().cloned().collect();
        entries.iter().map(|entry| entry.to_json()).collect()
    }
}

impl Ring {
    fn push(&mut self, entry: Arc<Entry>) {
        self.bytes += entry.bytes;
        self.entries.push_back(entry);
        while self.entries.len() > ENTRIES_MAX || (self.bytes > ENTRIES_BYTES_MAX && self.entries.len() > 1) {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes;
        }
    }
}

impl Entry {
    fn to_json(&self) -> Value {
        let ending = usize::from(self.ending.load(Ordering::Acquire));
        let outcome = Ending::ALL.get(ending).map(|ending| ending.name());
        json!({
            "method": self.head.method.as_str(),
            "path": self.head.uri.path(),
            "query": self.head.uri.query(),
            "headers": self.headers_json(),
            "body": match std::str::from_utf8(&self.body) {
                Ok(text) => json!(text),
                Err(_) => json!({ "base64": STANDARD.encode(&self.body) }),
            },
            "received_at_ms": self.received_at_ms,
            "sigv4": self.sigv4,
            "outcome": outcome,
            "frames": self.frames.load(Ordering::Relaxed),
        })
    }

    /// HTTP/2 names the host in a pseudo header: it is listed as such, first.
    fn headers_json(&self) -> Vec<Value> {
        let authority = self
            .head
            .uri
            .authority()
            .map(|authority| json!([":authority", authority.as_str()]));
        let fields = self.head.headers.iter();
        let fields =
            fields.map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]));
        authority.into_iter().chain(fields).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bodies: usize, body_bytes: usize, kept: usize) {
        let received = Received::default();
        for _ in 0..bodies {
            let head = http::Request::new(()).into_parts().0;
            received
                .keep(head, vec![b'x'; body_bytes].into(), 0, "valid")
                .completed();
        }
        let ring = lock(&received.0);
        assert_eq!(ring.entries.len(), kept);
        assert_eq!(ring.bytes, kept * (ENTRY_OVERHEAD_BYTES + body_bytes));
    }

    #[test]
    fn forgets_the_oldest_beyond_either_limit() {
        check(3, 10, 3);
        check(ENTRIES_MAX + 5, 0, ENTRIES_MAX);
        check(20, 8_000_000, 8);
        check(2, ENTRIES_BYTES_MAX, 1);
    }
}
