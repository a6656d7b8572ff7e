//! What values may be that stand in several places.

/// Longest name of an AWS region.
const REGION_BYTES_MAX: usize = 32;

/// It becomes a part of a host name, so nothing else may hide in it.
pub(super) fn is_region(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=REGION_BYTES_MAX).contains(&name.len())
        && name.bytes().all(plain)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Whether what is asked of a URL is answered by who it names: over TLS, or on this machine.
pub(super) fn is_safe(url: &str) -> bool {
    let here = ["127.0.0.1", "[::1]", "localhost"];
    let Ok(url) = url.parse::<http::Uri>() else {
        return false;
    };
    match (url.scheme_str(), url.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => here.contains(&host),
        _ => false,
    }
}
