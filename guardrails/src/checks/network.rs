//! Rules of addresses of people and machines.

use crate::script::script_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(crate) mod coins;
pub(crate) mod tlds;

use tlds::is_tld;

/// Names that end host names of private networks and of documentation: RFC 2606 §2, RFC 6762 appendix G, and `internal`,
/// reserved by ICANN in 2024 (resolution 2024.07.29.06).
const PRIVATE_TLDS: &[&str] = &[
    "corp", "example", "home", "internal", "intranet", "lan", "local", "test",
];

/// Top-level domains of countries whose names are also endings of file names or members of objects: `main.rs`, `user.id`.
const FILE_ENDINGS: &[&str] = &[
    "ac", "as", "cc", "cd", "do", "id", "is", "la", "md", "mk", "ml", "pm", "ps", "py", "rs", "sc", "sh",
    "so", "st", "tf", "to", "vi",
];

/// The generic domains that are seen without `www.` or a scheme so often that a name ending in one is a host and nothing else.
const COMMON_TLDS: &[&str] = &["biz", "com", "edu", "gov", "int", "mil", "net", "org"];

/// The longest local part (RFC 5321 §4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;

/// Whether the part after the `@` is the name of a host that can get mail. `git@` is how hosts of repositories are reached.
pub(crate) fn is_email(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, host)| {
        local.len() <= LOCAL_BYTES_MAX && local != "git" && is_of_one_script(local) && is_domain(host)
    })
}

/// Whether what a local part has beyond ASCII are letters, and all its letters of one script: else what stands in front is another text.
fn is_of_one_script(local: &str) -> bool {
    let mut scripts = local
        .chars()
        .filter(|character| character.is_alphabetic())
        .map(script_of);
    let first = scripts.next();
    let lettered = || {
        local
            .chars()
            .all(|character| character.is_ascii() || character.is_alphabetic())
    };
    local.is_ascii() || (lettered() && scripts.all(|script| Some(script) == first))
}

/// Whether a web address leads to a host that can exist: a name under a known top-level domain, or a number. Buckets of object
/// stores are no hosts and only have to have a bucket's length.
pub(crate) fn is_url(url: &str) -> bool {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if ["s3", "s3a", "gs"]
        .iter()
        .any(|store| scheme.eq_ignore_ascii_case(store))
    {
        return (3..=63).contains(&authority.len());
    }
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    if let Some((address, _)) = place.strip_prefix('[').and_then(|place| place.split_once(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let (host, port) = place.split_once(':').unwrap_or((place, "0"));
    port.parse::<u16>().is_ok() && (is_domain(host) || host.parse::<Ipv4Addr>().is_ok())
}

/// Whether a host without a scheme, with or without a path, is written as a domain of the web and not as a file or an object's
/// member: in lower case at its end, and under a common domain or a country's.
pub(crate) fn is_bare_host(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let last = host.rsplit('.').next().unwrap_or_default();
    let lower = last.bytes().all(|byte| byte.is_ascii_lowercase());
    let country = lower && last.len() == 2 && !FILE_ENDINGS.contains(&last);
    (country || COMMON_TLDS.contains(&last)) && is_domain(host)
}

/// Whether an IP address, with or without a prefix length, exists (RFC 791, RFC 4291 §2.2, RFC 4632 §3.1). The zone of a scoped
/// address (RFC 4007 §11) may be any name.
pub(crate) fn is_ip(text: &str) -> bool {
    ip(text).is_some()
}

/// As [`is_ip`], and neither reserved nor the bare `::`, which is punctuation in several languages.
pub(crate) fn is_specified_ip(text: &str) -> bool {
    text != "::" && is_ip(text) && !is_reserved_ip(text)
}

/// Whether an address is reserved: loopback, link-local, documentation, unspecified or broadcast (RFC 6890 §2.2, RFC 3849,
/// RFC 9637).
pub(crate) fn is_reserved_ip(text: &str) -> bool {
    match ip(text) {
        Some(IpAddr::V4(address)) => {
            address.is_loopback()
                || address.is_link_local()
                || address.is_documentation()
                || address.is_unspecified()
                || address.is_broadcast()
        }
        Some(IpAddr::V6(address)) => {
            let [first, second, ..] = address.segments();
            let documentation = (first, second) == (0x2001, 0xdb8) || (first == 0x3fff && second < 0x1000);
            address.is_loopback()
                || (text != "::" && address.is_unspecified())
                || matches!(first, 0xfe80..=0xfebf)
                || documentation
        }
        None => false,
    }
}

/// As [`is_assigned_ip`], and not reserved.
pub(crate) fn is_machine(text: &str) -> bool {
    is_assigned_ip(text) && !is_reserved_ip(text)
}

/// As [`is_ip`], and the address is of a kind that machines have or networks are named by. Numbers that end in zero without a
/// prefix length are versions more often than addresses, as are those of network 0 (RFC 1122 §3.2.1.3) and of the reserved class
/// E (RFC 1112 §4); of version 6 only what IANA has given out counts: global, private, link-local and multicast addresses, and
/// those that stand for version 4 (RFC 4291 §2.4, RFC 6052 §2.1).
pub(crate) fn is_assigned_ip(text: &str) -> bool {
    let network = text.contains('/');
    match ip(text) {
        Some(IpAddr::V4(address)) => {
            let [first, .., last] = address.octets();
            address.is_broadcast() || ((1..240).contains(&first) && (last != 0 || network))
        }
        Some(IpAddr::V6(address)) => {
            let [first, second, ..] = address.segments();
            let dotted = text.contains('.');
            matches!(first, 0x2000..=0x3fff | 0xfc00..=0xfdff | 0xfe80..=0xfebf | 0xff00..=0xffff)
                || (first, second) == (0x64, 0xff9b)
                || address.is_loopback()
                || (first == 0 && dotted)
        }
        None => false,
    }
}

/// Whether a hardware address is one of a device: not all zeros, and not the broadcast address (IEEE 802-2014 §8.2).
pub(crate) fn is_mac(text: &str) -> bool {
    let mut digits = text.bytes().filter(u8::is_ascii_hexdigit);
    !(digits.clone().all(|digit| digit == b'0') || digits.all(|digit| matches!(digit, b'f' | b'F')))
}

/// As [`is_mac`], and written so that it is no number in groups: with colons, or with a letter among its digits; in dotted groups
/// with letters in two of them.
pub(crate) fn is_lettered_mac(text: &str) -> bool {
    let has_letter = |group: &&str| group.bytes().any(|byte| byte.is_ascii_alphabetic());
    let lettered = text.split(['-', '.']).filter(has_letter).count();
    let least = if text.contains('.') { 2 } else { 1 };
    is_mac(text) && (text.contains(':') || lettered >= least)
}

fn ip(text: &str) -> Option<IpAddr> {
    let (rest, prefix) = text.split_once('/').unwrap_or((text, "0"));
    let (address, _zone) = rest.split_once('%').unwrap_or((rest, ""));
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = prefix.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    (bits <= longest).then_some(address)
}

/// Whether a name is that of a host under a known top-level domain: labels of 1 to 63 characters, 253 in all (RFC 1035 §2.3.4).
fn is_domain(host: &str) -> bool {
    host.len() <= 253 && are_labels(host.split('.'))
}

fn are_labels<'a>(mut labels: impl Iterator<Item = &'a str>) -> bool {
    let is_label =
        |label: &str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
    let Some(first) = labels.next() else {
        return false;
    };
    let mut last = None;
    let whole = is_label(first) && labels.by_ref().all(|label| is_label(last.insert(label)));
    let known = |last: &str| is_tld(last) || PRIVATE_TLDS.iter().any(|name| name.eq_ignore_ascii_case(last));
    whole && last.is_some_and(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    #[test]
    fn email_hosts_need_a_known_domain_and_labels_of_the_right_length() {
        let long = format!("a@{}.org", "b".repeat(63));
        let longer = format!("a@{}.org", "b".repeat(64));
        check(
            is_email,
            &[
                "a@b.org",
                "a@b.ORG",
                "a@x.xn--p1ai",
                "a@mail.acme.local",
                &long,
                "a@m\u{fc}nchen.de",
            ],
            &[
                "a@b.png",
                "a@b",
                "a@b..org",
                "a@-b.org",
                "a@b-.org",
                "a@.org",
                "a@b.xn--zzzz",
                &longer,
            ],
        );
    }

    #[test]
    fn web_addresses_need_a_host_that_can_exist() {
        check(
            is_url,
            &[
                "http://example.org",
                "HTTPS://ada@example.org:8443/x",
                "ftp://192.0.2.1/x",
                "http://[2001:db8::1]:80/",
                "s3://bucket/key",
                "www.example.co.uk/x",
            ],
            &[
                "http://example.txt",
                "http://example.org:99999/",
                "http://example",
                "http://[2001:db8::1::2]/",
                "s3://b/key",
                "http://-a.org",
            ],
        );
        check(
            is_bare_host,
            &["example.org", "google.co.il", "example.com/x"],
            &[
                "main.rs",
                "user.id",
                "Sentence.So",
                "event.name",
                "end.COM",
                "a..org",
            ],
        );
    }

    #[test]
    fn ip_addresses_and_prefix_lengths_out_of_range_are_refused() {
        check(
            is_ip,
            &[
                "1.2.3.4",
                "0.0.0.0/0",
                "fe80::1%eth0",
                "2001:db8::%eth0/128",
                "::ffff:10.0.0.1",
                "::",
            ],
            &[
                "1.2.3.256",
                "01.2.3.4",
                "10.0.0.0/33",
                "2001:db8::/129",
                "1::2::3",
                "1:2:3:4",
                "12345::1",
            ],
        );
        check(
            is_assigned_ip,
            &[
                "8.8.8.8",
                "10.0.0.0/8",
                "255.255.255.255",
                "2001:db8::1",
                "fd00::1",
                "64:ff9b::1.2.3.4",
                "::1",
            ],
            &[
                "124.0.0.0",
                "0.1.2.3",
                "250.1.1.1",
                "::2",
                "1::2",
                "a099::1",
                "00:11:22:33:44:55:66:77",
            ],
        );
    }

    #[test]
    fn hardware_addresses_of_nobody_are_refused() {
        check(
            is_mac,
            &["00:1a:2b:3c:4d:5e", "0012.3456.789a", "01-23-45-67-89-01"],
            &["00:00:00:00:00:00", "FF-ff-FF-FF-FF-FF", "ffff.ffff.ffff"],
        );
        check(
            is_lettered_mac,
            &["01:23:45:67:89:01", "0a-23-45-67-89-01", "001a.3456.789a"],
            &["01-23-45-67-89-01", "0012.3456.789a"],
        );
    }
}
