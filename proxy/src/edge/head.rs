//! The request head as the gate sees it, and the checks that refuse ambiguous HTTP.

use super::holder::Holder;
use crate::refusal::Refusal;
use http::{HeaderMap, HeaderValue, Method, Version, header};
use palisade_wire::protocol::Protocol;
use pingora::protocols::http::ServerSession;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Deref;
use std::sync::Arc;

/// Longest path and query accepted together, in bytes: a model id has 2,048 at most, escaped three times as many.
const PATH_BYTES_MAX: usize = 8 * 1024;
/// Headers accepted, and their size together. Real SDKs send about twenty and 2 KiB, a session token included.
const HEADERS_MAX: usize = 100;
const HEADER_BYTES_MAX: usize = 64 * 1024;

/// A request head: what came, undecoded.
#[derive(Debug)]
pub struct Head {
    method: Method,
    raw_path: Vec<u8>,
    headers: HeaderMap,
    framing: Framing,
    readable: bool,
    authority: Option<String>,
    version: Version,
    client_ip: IpAddr,
    is_encrypted: bool,
    holder: Option<Holder>,
}

/// What the bytes of an HTTP/1 head said of its body. Pingora reads past contradictions, so the parsed head no longer
/// shows them.
#[derive(Debug, Clone, Copy, Default)]
struct Framing {
    content_lengths: usize,
    transfer_encodings: usize,
    /// The target holds a fragment, which RFC 9112 §3.2 does not allow and `http::Uri` cuts off.
    fragment: bool,
}

impl Framing {
    fn of(session: &ServerSession) -> Self {
        let raw = session
            .as_http1()
            .map(|h1| h1.get_headers_raw_bytes())
            .unwrap_or_default();
        // Empty lines before the request line are passed over (RFC 9112 §2.2).
        let mut lines = raw.trim_ascii_start().split(|byte| *byte == b'\n');
        let mut framing = Self {
            fragment: lines.next().is_some_and(|first| first.contains(&b'#')),
            ..Self::default()
        };
        for line in lines {
            let name = line
                .split(|byte| *byte == b':')
                .next()
                .unwrap_or_default()
                .trim_ascii();
            framing.content_lengths += usize::from(name.eq_ignore_ascii_case(b"content-length"));
            framing.transfer_encodings += usize::from(name.eq_ignore_ascii_case(b"transfer-encoding"));
        }
        framing
    }
}

/// A head that can be read in one way only. [`Client::harden`] makes one.
///
/// [`Client::harden`]: super::Client::harden
#[derive(Debug, Clone)]
pub struct Hardened(Arc<Head>);

impl Deref for Hardened {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.0
    }
}

pub(super) fn of(session: &ServerSession) -> Head {
    let request = session.req_header();
    Head {
        framing: Framing::of(session),
        readable: true,
        method: request.method.clone(),
        raw_path: request.raw_path().to_vec(),
        headers: request.headers.clone(),
        authority: request.uri.authority().map(|a| a.as_str().to_owned()),
        version: request.version,
        client_ip: client_ip(session),
        is_encrypted: session.digest().is_some_and(|digest| digest.ssl_digest.is_some()),
        holder: holder(session),
    }
}

/// Whether a text is a host and perhaps a port (RFC 9112 section 3.2, RFC 3986 section 3.2.2): a name of letters, digits, `-`, `.`, `_` and `~`, or an
/// address in brackets. What else a name could hold by RFC 3986 no host has, and others read as the end of it.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => ("bracketed", port),
        Some(_) => return false,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_port = match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    !host.is_empty() && host.bytes().all(is_name_byte) && is_port
}

/// Who holds the client certificate of the connection, if it has shown one.
fn holder(session: &ServerSession) -> Option<Holder> {
    let tls = session.digest()?.ssl_digest.as_ref()?;
    tls.extension.get::<Holder>().cloned()
}

fn client_ip(session: &ServerSession) -> IpAddr {
    let address = session.client_addr().and_then(|address| address.as_inet());
    address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |inet| inet.ip())
}

impl Head {
    /// Stands for a head that could not be read.
    pub(super) fn unreadable(session: &ServerSession) -> Self {
        Self {
            method: Method::default(),
            raw_path: Vec::new(),
            headers: HeaderMap::new(),
            framing: Framing::default(),
            readable: false,
            authority: None,
            version: Version::HTTP_11,
            client_ip: client_ip(session),
            is_encrypted: false,
            holder: None,
        }
    }

    /// A bare head.
    #[cfg(test)]
    pub(crate) fn for_test(method: &str, path: &str) -> Self {
        Self {
            method: method.parse().unwrap(),
            raw_path: path.as_bytes().to_vec(),
            headers: HeaderMap::new(),
            framing: Framing::default(),
            readable: true,
            authority: None,
            version: Version::HTTP_11,
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            is_encrypted: false,
            holder: None,
        }
    }

    /// Who holds the client certificate of the connection, if it has shown one that is trusted.
    #[must_use]
    pub fn holder(&self) -> Option<&Holder> {
        self.holder.as_ref()
    }

    /// Whether nobody reads along on the way: it came over TLS, or from this machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.is_encrypted || self.client_ip.to_canonical().is_loopback()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Path as sent, without the query.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        self.raw_path.split(|b| *b == b'?').next().unwrap_or_default()
    }

    /// Query as sent, without the question mark; empty when there is none.
    #[must_use]
    pub fn query(&self) -> &[u8] {
        let mut parts = self.raw_path.splitn(2, |b| *b == b'?');
        parts.next();
        parts.next().unwrap_or_default()
    }

    /// The protocol that the path belongs to.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        Protocol::of_path(&String::from_utf8_lossy(self.path()))
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header's first value, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What the client connected to: `:authority`, or else `host`.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref().or_else(|| self.header("host"))
    }

    /// The version the client spoke.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The peer's address; unspecified where the transport has none.
    #[must_use]
    pub fn client_ip(&self) -> IpAddr {
        self.client_ip
    }

    /// Refuses what two HTTP implementations could read in two ways (RFC 9112 §6.1, §3.2; RFC 9113 §8.2.2).
    ///
    /// # Errors
    /// [`Refusal::Malformed`], naming the fault.
    pub(super) fn harden(self: &Arc<Self>) -> Result<Hardened, Refusal> {
        self.check().map(|()| Hardened(Arc::clone(self)))
    }

    fn check(&self) -> Result<(), Refusal> {
        let fault = |why: &str| Err(Refusal::Malformed(why.to_owned()));
        if !self.readable {
            return fault("the request head cannot be read");
        }
        if self.raw_path.len() > PATH_BYTES_MAX {
            return fault("the path is too long");
        }
        let bytes: usize = self.headers.iter().map(|(n, v)| n.as_str().len() + v.len()).sum();
        if self.headers.len() > HEADERS_MAX || bytes > HEADER_BYTES_MAX {
            return fault("there are too many headers");
        }
        if self.headers.contains_key(header::UPGRADE) {
            return fault("`upgrade` is not supported");
        }
        if self.framing.fragment {
            return fault("the request target holds a fragment");
        }
        if self.framing.content_lengths > 1 {
            return fault("there is more than one `content-length`");
        }
        if self.framing.content_lengths > 0 && self.framing.transfer_encodings > 0 {
            return fault("`content-length` and `transfer-encoding` exclude each other");
        }
        let mut hosts = self.headers.get_all(header::HOST).iter();
        match (hosts.next(), hosts.next(), &self.authority) {
            (_, Some(_), _) => return fault("there is more than one `host`"),
            (None, None, None) => return fault("`host` is missing"),
            (Some(host), None, Some(authority)) if host.as_bytes() != authority.as_bytes() => {
                return fault("`host` and the request target name different hosts");
            }
            _ => {}
        }
        if !self.authority().is_some_and(is_host) {
            return fault("`host` is not a host with or without a port");
        }
        let encoded = self.headers.get_all(header::TRANSFER_ENCODING);
        if encoded.iter().next().is_none() {
            return self.content_length().map(|_| ());
        }
        if self.version != Version::HTTP_11 {
            return fault("`transfer-encoding` needs HTTP/1.1");
        }
        if encoded.iter().count() > 1
            || !encoded
                .iter()
                .all(|v| v.as_bytes().eq_ignore_ascii_case(b"chunked"))
        {
            return fault("the only `transfer-encoding` is `chunked`");
        }
        Ok(())
    }

    /// The declared body length, if there is one.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it is not one plain number (RFC 9110 §8.6).
    pub(super) fn content_length(&self) -> Result<Option<usize>, Refusal> {
        let mut values = self.headers.get_all(header::CONTENT_LENGTH).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => plain_number(value).map(Some),
            (Some(_), Some(_)) => Err(Refusal::Malformed(
                "there is more than one `content-length`".to_owned(),
            )),
        }
    }

    /// A compressed body could hide anything from the scan.
    pub(super) fn refuse_encoding(&self) -> Result<(), Refusal> {
        let identity = |v: &HeaderValue| v.as_bytes().eq_ignore_ascii_case(b"identity");
        if self
            .headers
            .get_all(header::CONTENT_ENCODING)
            .iter()
            .all(identity)
        {
            return Ok(());
        }
        let why = "`content-encoding` is not supported: send the body uncompressed";
        Err(Refusal::Malformed(why.to_owned()))
    }

    pub(super) fn expects_continue(&self) -> bool {
        self.header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }
}

fn plain_number(value: &HeaderValue) -> Result<usize, Refusal> {
    let text = value.to_str().unwrap_or_default();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| Refusal::Malformed("`content-length` is not a number".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for host in [
            "gate",
            "a-b_c.example",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:8080",
            "localhost:65535",
        ] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "", ":80", "a:", "a:65536", "a:8x", "a:+8", "a/b", "x/../key", "a?b", "a#b", "a b", "a,b", "u@a",
            "[::1", "[::1]80", "[x]", "::1", "\u{e9}", "a%2fb",
        ] {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn nobody_reads_along_over_tls_or_on_this_machine() {
        for (address, is_encrypted, is_private) in [
            ("127.0.0.1", false, true),
            ("::1", false, true),
            ("::ffff:127.0.0.1", false, true),
            ("10.0.0.1", false, false),
            ("::ffff:10.0.0.1", false, false),
            ("10.0.0.1", true, true),
            ("0.0.0.0", false, false),
        ] {
            let head = Head {
                client_ip: address.parse().unwrap(),
                is_encrypted,
                ..Head::for_test("GET", "/")
            };
            assert_eq!(head.is_private(), is_private, "{address} {is_encrypted}");
        }
    }
}
