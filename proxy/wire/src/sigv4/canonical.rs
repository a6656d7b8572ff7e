//! The canonical request, hashed while it is written: only a query string costs an allocation.

use ring::digest;

use super::Error;
use super::key::finish_hex;
use crate::uri::{is_plain_segment, percent_decode, percent_encode};

/// The headers of a request, in the caller's own container.
pub trait Headers {
    /// Calls `each` with the name (any case) and raw value of every header line, in the order sent.
    fn for_each(&self, each: &mut dyn FnMut(&str, &[u8]));

    /// Calls `each` with every value of the header `name`, which is lower-case.
    ///
    /// To be overridden when the container can look names up.
    fn values(&self, name: &str, each: &mut dyn FnMut(&[u8])) {
        self.for_each(&mut |other, value| {
            if other.eq_ignore_ascii_case(name) {
                each(value);
            }
        });
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for [(N, V)] {
    fn for_each(&self, each: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in self {
            each(name.as_ref(), value.as_ref());
        }
    }
}

/// A request head, as received or as it will be sent. No `Debug`: headers hold credentials.
pub struct Head<'a, H: Headers + ?Sized> {
    /// Such as `POST`.
    pub method: &'a str,
    /// The path byte for byte as on the wire, percent-encoding included, without the query.
    pub path: &'a [u8],
    /// What follows `?`, byte for byte; empty when absent.
    pub query: &'a [u8],
    /// The one host the request is for, port included: `:authority` of HTTP/2, `Host` of HTTP/1.1. A caller that got
    /// both must have refused the request when they differ. Stands for both names: some SDKs sign `host` and send
    /// `:authority`, others the reverse.
    pub authority: &'a str,
    /// All header lines. `host` and pseudo headers among them are not read.
    pub headers: &'a H,
}

/// Lower-case hex SHA-256 of the canonical request. `signed_headers`: lower-case, ascending, unique, joined with `;`.
pub(super) fn hash<H: Headers + ?Sized>(
    head: &Head<'_, H>,
    signed_headers: &str,
    payload: &str,
) -> Result<[u8; 64], Error> {
    check_request_line(head.method, head.path)?;
    let mut sink = Sink(digest::Context::new(&digest::SHA256));
    sink.put(head.method.as_bytes());
    sink.put(b"\n");
    percent_encode(head.path, b"/", &mut |bytes| sink.put(bytes));
    sink.put(b"\n");
    put_query(head.query, &mut sink)?;
    sink.put(b"\n");
    for name in signed_headers.split(';') {
        sink.put(name.as_bytes());
        sink.put(b":");
        put_values(head, name, &mut sink)?;
        sink.put(b"\n");
    }
    sink.put(b"\n");
    sink.put(signed_headers.as_bytes());
    sink.put(b"\n");
    sink.put(payload.as_bytes());
    Ok(finish_hex(sink.0))
}

struct Sink(digest::Context);

impl Sink {
    fn put(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

/// SDKs collapse `//`, `.` and `..` before signing, each a little differently. No path we serve holds them, so they are
/// refused: a path then has one canonical form.
fn check_request_line(method: &str, path: &[u8]) -> Result<(), Error> {
    let segments = path.strip_prefix(b"/").ok_or(Error::RequestLine)?;
    let method_ok = !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase());
    if !method_ok || !(segments.is_empty() || segments.split(|b| *b == b'/').all(is_plain_segment)) {
        return Err(Error::RequestLine);
    }
    Ok(())
}

fn put_query(query: &[u8], sink: &mut Sink) -> Result<(), Error> {
    if query.is_empty() {
        return Ok(());
    }
    let parts = query.split(|b| *b == b'&');
    let mut pairs = parts.map(canonical_pair).collect::<Result<Vec<_>, _>>()?;
    pairs.sort_unstable();
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            sink.put(b"&");
        }
        sink.put(name);
        sink.put(b"=");
        sink.put(value);
    }
    Ok(())
}

/// One query parameter, decoded once and encoded again, so that every spelling of it gives the same form.
fn canonical_pair(part: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let (name, value) = match part.iter().position(|b| *b == b'=') {
        Some(at) => part.split_at(at),
        None => (part, b"=".as_slice()),
    };
    let name = percent_decode(name).ok_or(Error::Query)?;
    if name.is_empty() {
        return Err(Error::Query);
    }
    let prefix = name.get(..6).unwrap_or_default();
    if prefix.eq_ignore_ascii_case(b"x-amz-") {
        return Err(Error::Presigned);
    }
    let value = percent_decode(value.get(1..).unwrap_or_default()).ok_or(Error::Query)?;
    let encode = |text: &[u8]| {
        let mut out = Vec::with_capacity(text.len());
        percent_encode(text, b"", &mut |bytes| out.extend_from_slice(bytes));
        out
    };
    Ok((encode(&name), encode(&value)))
}

fn put_values<H: Headers + ?Sized>(head: &Head<'_, H>, name: &str, sink: &mut Sink) -> Result<(), Error> {
    if matches!(name, "host" | ":authority") {
        return put_value(head.authority.as_bytes(), sink);
    }
    let mut outcome = Err(Error::MissingHeader);
    head.headers.values(name, &mut |value| {
        outcome = match outcome {
            Err(Error::MissingHeader) => put_value(value, sink),
            Ok(()) => {
                sink.put(b",");
                put_value(value, sink)
            }
            Err(error) => Err(error),
        };
    });
    outcome
}

/// Trimmed, and inner runs of blanks as one space. A line break would let one value pass for two headers.
fn put_value(value: &[u8], sink: &mut Sink) -> Result<(), Error> {
    if value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
        return Err(Error::Header);
    }
    let words = value
        .split(|b| matches!(b, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            sink.put(b" ");
        }
        sink.put(word);
    }
    Ok(())
}
