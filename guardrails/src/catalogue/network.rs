//! Addresses of people and machines: e-mail, web, IP, hardware; Bitcoin and Ethereum addresses.

use crate::category::Category;
use crate::checks::lead_in::{names_a_transport, numbers_a_version};
use crate::checks::network as rules;
use crate::checks::network::coins;
use crate::detector::{After, Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;
use crate::specimen::Specimen;

/// A letter outside ASCII of a script that sets spaces between words, in UTF-8: U+00C0 to U+1FFF without Arabic punctuation.
macro_rules! spaced {
    () => {
        r"[\xC3-\xD7\xD9-\xDF][\x80-\xBF]|\xD8[\xA0-\xBF]|\xE0[\xA0-\xBF][\x80-\xBF]|\xE1[\x80-\xBF]{2}"
    };
}

/// A letter outside ASCII, in UTF-8: U+00C0 to U+1FFF, U+3040 to U+DFFF, without Arabic and CJK punctuation.
macro_rules! letter {
    () => {
        concat!(
            spaced!(),
            r"|\xE3[\x81-\xBF][\x80-\xBF]|[\xE4-\xED][\x80-\xBF]{2}"
        )
    };
}

/// A host name of two labels or more, as RFC 3986 and RFC 3987 let it be written. Lengths are left to the validator.
macro_rules! host {
    () => {
        concat!(
            "(?:[A-Za-z0-9_-]|",
            letter!(),
            r")+(?:\.(?:[A-Za-z0-9_-]|",
            letter!(),
            ")+)+"
        )
    };
}

/// What stands before the `@` of an address; its length is left to the validator.
macro_rules! local {
    () => {
        concat!(
            "(?:[A-Za-z0-9_]|",
            letter!(),
            ")(?:[A-Za-z0-9_.%+'-]|",
            letter!(),
            ")*"
        )
    };
}

/// A host that gets mail.
macro_rules! mail_host {
    () => {
        concat!(
            "(?:(?:[A-Za-z0-9]|",
            letter!(),
            ")(?:[A-Za-z0-9-]|",
            letter!(),
            r")*\.)+(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{1,58}[A-Za-z0-9]|(?:",
            letter!(),
            "){2,12})"
        )
    };
}

/// A host name in ASCII, as it stands in a text without a scheme.
macro_rules! bare_host {
    () => {
        r"[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+"
    };
}

/// What follows a host up to where a reader sees it end: closing punctuation stays outside, and brackets that open inside close inside.
/// Chinese or Japanese text that goes on without a space is not of the address.
macro_rules! path {
    () => {
        concat!(
            r"(?:[A-Za-z0-9_~/=&%+$.:?#@!*,;-]|\([A-Za-z0-9_~/=&%+$.:?#@!*,;-]*\)|\[[A-Za-z0-9_~/=&%+$.:?#@!*,;-]*\]|",
            spaced!(),
            r")*(?:[A-Za-z0-9_/=&%+$#-]|\([A-Za-z0-9_~/=&%+$.:?#@!*,;-]*\)|\[[A-Za-z0-9_~/=&%+$.:?#@!*,;-]*\]|",
            spaced!(),
            ")"
        )
    };
}

/// What may be left out: a port, and a path, query or fragment.
macro_rules! rest {
    () => {
        concat!("(?::[0-9]{1,5})?(?:/(?:", path!(), ")?|[?#]", path!(), ")?")
    };
}

/// Four numbers, with or without a prefix length.
const IPV4: &str = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?";

/// What starts like four numbers and is a version: a fifth number, the name of an archive, a stage.
const VERSIONED: &[&str] = &[
    r"(?:[0-9]{1,3}\.){4}[0-9]",
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}\.(?i:tar|tgz|zip|whl|jar|war|gz|bz2|xz|7z|deb|rpm|apk|gem|egg|exe|msi|dmg|pkg|nupkg|dll|so|dylib|iso|img|js|css|md|txt|pdf|html|json|patch)",
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}[-.+](?i:rc|beta|alpha|snapshot|dev|pre|post|linux|win|darwin|macos|x86|x64|amd64|arm64|src|bin|release|final|py[0-9]|cp[0-9]|any|noarch|el[0-9]|sources|javadoc|installer|setup)",
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?i:rc|beta|alpha|a|b)[0-9]",
];

/// Groups, their last 32 bits perhaps dotted, with or without a zone and a prefix length.
const IPV6: &str = r"(?:::|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{0,4}:)(?:[0-9A-Fa-f]{0,4}:){0,5}(?:[0-9A-Fa-f]{1,4}|(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?:%[0-9A-Za-z]+)?(?:/[0-9]{1,3})?";

/// What starts like an address and goes on with groups or numbers that it cannot have.
const IPV6_AND_MORE: &[&str] = &[
    "(?:::|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{0,4}:)(?:[0-9A-Fa-f]{0,4}:){0,7}[0-9A-Fa-f:]",
    r"(?:::|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{0,4}:)(?:[0-9A-Fa-f]{0,4}:){0,6}[0-9A-Fa-f]{1,4}\.[0-9]",
];

const IP_WORDS: &[&str] = &[
    "ip",
    "ipv4",
    "ipv6",
    "subnet",
    "gateway",
    "dns server",
    "dirección ip",
    "adresse ip",
];

/// An address of version 4.
const DOTTED: Detector = Detector {
    category: Category::IP_ADDRESS,
    shapes: &[IPV4],
    refuted_by: VERSIONED,
    before: Before::Undotted,
    check: Check::Value(rules::is_machine),
    unless_after: Some(numbers_a_version),
    validator: "numbers below 256, no version number's look, no reserved address",
    source: "RFC 791 §3.2 dotted decimal without leading zeros. A fifth number makes it an object identifier or a version.",
    ..PLAIN
};

/// An address of version 6.
const COLONED: Detector = Detector {
    category: Category::IP_ADDRESS,
    shapes: &[IPV6],
    refuted_by: IPV6_AND_MORE,
    before: Before::Uncoloned,
    check: Check::Value(rules::is_machine),
    validator: "RFC 4291 text form, allocated prefixes, no reserved address",
    source: "RFC 4291 §2.2, RFC 4007 §11 (zones), IANA IPv6 Address Space registry.",
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::URL,
        shapes: &[
            concat!(
                r"(?i:https?|ftps?|sftp|wss?)://(?:[A-Za-z0-9._~%!$&*+,;=-]+@)?(?:",
                host!(),
                r"|\[[0-9A-Fa-f:.]+\])",
                rest!()
            ),
            concat!(
                r"(?i:s3a?|gs)://[A-Za-z0-9][A-Za-z0-9._-]+(?:/(?:",
                path!(),
                ")?)?"
            ),
        ],
        refuted_by: &[r"(?i:https?|ftps?|sftp|wss?)://[A-Za-z0-9._~%!$&*+,;=-]*:[^@/?#\s]*@"],
        check: Check::Value(rules::is_url),
        validator: "host labels, IANA top-level domains",
        source: "RFC 3986 §3, RFC 3987 §2.2 (letters outside ASCII), IANA Root Zone Database. One with a password in it is a credential.",
        overflow: Some(r"[A-Za-z0-9_~/=&%+$.:?#@!*,;()\[\]-]"),
        ..PLAIN
    },
    Detector {
        category: Category::URL,
        shapes: &[concat!(r"(?i:www)[0-9]{0,3}\.", host!(), rest!())],
        before: Before::Host,
        check: Check::Value(rules::is_url),
        validator: "host labels, IANA top-level domains",
        source: "RFC 1035 §2.3.1; a host called www is a web address without its scheme.",
        overflow: Some(r"[A-Za-z0-9_~/=&%+$.:?#@!*,;()\[\]-]"),
        ..PLAIN
    },
    Detector {
        category: Category::URL,
        shapes: &[concat!(bare_host!(), "/", path!())],
        before: Before::Host,
        lead: Lead::Host,
        check: Check::Value(rules::is_bare_host),
        validator: "host labels, IANA top-level domains that no file has",
        source: "RFC 3986 §3.3 after a host, IANA Root Zone Database.",
        overflow: Some(r"[A-Za-z0-9_~/=&%+$.:?#@!*,;()\[\]-]"),
        ..PLAIN
    },
    Detector {
        category: Category::URL,
        shapes: &[bare_host!()],
        refuted_by: &[concat!(bare_host!(), r"[(\[=]")],
        before: Before::Host,
        lead: Lead::Host,
        check: Check::Value(rules::is_bare_host),
        validator: "host labels, IANA top-level domains that no file has",
        source: "RFC 1035 §2.3.1, IANA Root Zone Database.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: &[
            "url",
            "website",
            "web site",
            "site web",
            "sitio web",
            "webseite",
            "homepage",
            "home page",
            "domain name",
            "visit",
        ],
        ..PLAIN
    },
    DOTTED,
    Detector {
        refuted_by: &[],
        check: Check::Value(rules::is_ip),
        validator: "numbers below 256",
        source: "RFC 791 §3.2: what may as well be a version number or the start of an object identifier.",
        alone: Confidence::SHAPE,
        in_context: Confidence::SHAPE,
        ..DOTTED
    },
    COLONED,
    Detector {
        check: Check::Value(rules::is_specified_ip),
        validator: "RFC 4291 text form, no reserved address",
        source: "RFC 4291 §2.2. Prefixes that nobody was given occur in examples, and slices of Python look the same.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: IP_WORDS,
        ..COLONED
    },
    Detector {
        check: Check::Value(rules::is_reserved_ip),
        specimen: Some(Specimen::ReservedAddresses),
        validator: "reserved addresses",
        source: "RFC 6890 §2.2: loopback, link-local, documentation, unspecified and broadcast addresses are no machine of anybody's.",
        ..DOTTED
    },
    Detector {
        check: Check::Value(rules::is_reserved_ip),
        specimen: Some(Specimen::ReservedAddresses),
        validator: "reserved addresses",
        source: "RFC 6890 §2.2, RFC 4291 §2.5.3 and §2.5.6, RFC 3849, RFC 9637.",
        ..COLONED
    },
    Detector {
        category: Category::MAC_ADDRESS,
        shapes: &[
            "(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}",
            "(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}",
        ],
        refuted_by: &[
            r"(?:[0-9A-Fa-f]{2}:){6}[0-9A-Fa-f\r\n]",
            "(?:[0-9A-Fa-f]{2}-){6}[0-9A-Fa-f]",
        ],
        before: Before::Unpaired,
        check: Check::Value(rules::is_lettered_mac),
        validator: "neither zero nor broadcast, no grouped number",
        source: "IEEE 802-2014 §8.1: pairs of digits with hyphens or colons. More pairs are a fingerprint.",
        ..PLAIN
    },
    Detector {
        category: Category::MAC_ADDRESS,
        shapes: &[r"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"],
        refuted_by: &[r"(?:[0-9A-Fa-f]{4}\.){3}[0-9A-Fa-f]"],
        before: Before::Undotted,
        check: Check::Value(rules::is_lettered_mac),
        validator: "neither zero nor broadcast, letters in two groups",
        source: "Cisco IOS writes hardware addresses as three groups of four digits.",
        ..PLAIN
    },
    Detector {
        category: Category::MAC_ADDRESS,
        shapes: &[
            "(?:[0-9]{2}-){5}[0-9]{2}",
            r"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}",
        ],
        refuted_by: &["(?:[0-9]{2}-){6}[0-9]", r"(?:[0-9A-Fa-f]{4}\.){3}[0-9A-Fa-f]"],
        before: Before::Unpaired,
        check: Check::Value(rules::is_mac),
        validator: "not zero",
        source: "IEEE 802-2014 §8.1, Cisco IOS: with few letters it may be any number in groups, such as a collation weight.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: &[
            "mac",
            "mac address",
            "hardware address",
            "physical address",
            "ethernet",
            "bssid",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::UUID,
        shapes: &["[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[1-8][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}"],
        source: "RFC 9562 §4: versions 1 to 8 of the variant that the RFC defines. Most UUIDs name things, not persons.",
        alone: Confidence::SHAPE,
        in_context: Confidence::SHAPE,
        ..PLAIN
    },
    Detector {
        category: Category::CRYPTO,
        shapes: &[
            "[13][1-9A-HJ-NP-Za-km-z]{25,33}",
            "bc1[02-9ac-hj-np-z]{11,71}",
            "BC1[02-9AC-HJ-NP-Z]{11,71}",
        ],
        check: Check::Value(coins::is_bitcoin),
        validator: "Base58Check or Bech32 checksum",
        source: "Base58Check of Bitcoin Core (base58.cpp), BIP 173 and BIP 350. Addresses of the main network.",
        alone: Confidence::CERTAIN,
        in_context: Confidence::CERTAIN,
        ..PLAIN
    },
    Detector {
        category: Category::CRYPTO_ETH,
        shapes: &["0x[0-9A-Fa-f]{40}"],
        check: Check::Value(coins::is_checked_ethereum),
        validator: "EIP-55 capitals",
        source: "EIP-55: the capitals of an address are a checksum.",
        in_context: Confidence::CERTAIN,
        telling: ETHEREUM_WORDS,
        ..PLAIN
    },
    Detector {
        category: Category::CRYPTO_ETH,
        shapes: &["0x[0-9A-Fa-f]{40}"],
        check: Check::Value(coins::is_plain_ethereum),
        validator: "letters of one case",
        source: "EIP-55: without its checksum an address is 160 bits in hexadecimal, as some hashes are.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: ETHEREUM_WORDS,
        ..PLAIN
    },
    Detector {
        category: Category::EMAIL,
        shapes: &[
            concat!(local!(), "@", mail_host!()),
            concat!(r#""[A-Za-z0-9_](?:[ !#-?A-~]){0,61}"@"#, mail_host!()),
        ],
        // The form of scp and git, `user@host:path`; where no path follows, a person may have this address.
        refuted_by: &[concat!(
            local!(),
            r"@[A-Za-z0-9.-]+:(?:[A-Za-z0-9._~-]*/|[A-Za-z0-9._-]+\.git)"
        )],
        before: Before::Mailbox,
        after: After::Alphanumeric,
        check: Check::Value(rules::is_email),
        unless_after: Some(names_a_transport),
        validator: "label lengths, IANA top-level domains",
        source: "RFC 5321 §4.5.3.1.1 (64-byte local part) and §4.1.2 (quoted ones), RFC 1035 §2.3.4 (63-byte labels), RFC 5890 §2.3.2.3 (labels outside ASCII), RFC 6531 §3.3 (local parts outside ASCII). Repeated and trailing dots in the local part are let in on purpose: providers have issued such addresses.",
        ..PLAIN
    },
];

const ETHEREUM_WORDS: &[&str] = &[
    "ethereum", "eth", "ether", "wallet", "erc20", "erc-20", "usdt", "usdc", "metamask",
];
