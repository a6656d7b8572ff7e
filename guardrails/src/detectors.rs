//! The detector table: one row a way of recognising a category.
//!
//! Shapes are byte regular expressions without look-around; what may stand beside a match is said by `before` and
//! `after`, one byte each, so the engine needs one byte of look-behind and one of look-ahead and no more.
//! Row order is priority: of two matches with the same start and end, the earlier row wins.

use crate::category::Category;
use crate::checks;
use crate::finding::Confidence;

/// One row of the table.
pub(crate) struct Detector {
    pub(crate) category: Category,
    /// What a value looks like. All ends that a shape can have are tried, the longest first.
    pub(crate) shapes: &'static [&'static str],
    /// Longer shapes from the same start that show the value to be part of something else.
    pub(crate) refuted_by: &'static [&'static str],
    pub(crate) before: Before,
    pub(crate) after: After,
    pub(crate) check: Option<fn(&str) -> bool>,
    /// Confidence without a telling word.
    pub(crate) confidence: Confidence,
    /// Lower-case words that, shortly before the value, raise `confidence` to [`Confidence::CONTEXT`].
    pub(crate) telling: &'static [&'static str],
    /// For values without a length limit: the shape that ends one. The match starts with `shapes` and takes in
    /// everything up to the terminator.
    pub(crate) terminator: Option<&'static str>,
}

/// Where a value may start, by the byte before it. Each is a bit in a set of rules.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Before {
    /// After any byte.
    Anything = 1,
    /// Not after a letter, digit or underscore.
    Boundary = 1 << 1,
    /// As `Boundary`, and not after a full stop: `2.` in `1.2.3.4.5` starts nothing.
    Undotted = 1 << 2,
    /// As `Boundary`, and not after `+`.
    Unsigned = 1 << 3,
    /// At the first letter, digit or underscore of a run of mailbox characters (see `candidates`).
    Mailbox = 1 << 4,
}

/// Where a value may end, by the byte after it; the end of the text is always allowed. Each is a bit in a set.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum After {
    /// Before any byte.
    Anything = 1,
    /// Not before a letter, digit or underscore.
    Boundary = 1 << 1,
    /// Not before a letter or digit: `_ada@example.org_` is an address in Markdown italics.
    Alphanumeric = 1 << 2,
    /// Not before a digit.
    Digit = 1 << 3,
}

impl Before {
    /// The rules that allow a value to start after `byte`. `Mailbox` needs more than one byte and is never in here.
    pub(crate) fn allowing(byte: u8) -> u32 {
        let boundary = !is_word(byte);
        let rule = |allowed: bool, rule: Before| if allowed { rule as u32 } else { 0 };
        rule(true, Before::Anything)
            | rule(boundary, Before::Boundary)
            | rule(boundary && byte != b'.', Before::Undotted)
            | rule(boundary && byte != b'+', Before::Unsigned)
    }
}

impl After {
    /// The rules that allow a value to end before `byte`.
    pub(crate) fn allowing(byte: u8) -> u32 {
        let rule = |allowed: bool, rule: After| if allowed { rule as u32 } else { 0 };
        rule(true, After::Anything)
            | rule(!is_word(byte), After::Boundary)
            | rule(!byte.is_ascii_alphanumeric(), After::Alphanumeric)
            | rule(!byte.is_ascii_digit(), After::Digit)
    }
}

/// Whether `byte` is an ASCII letter, digit or underscore. Bytes of multi-byte characters are boundaries.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// What every row has unless it says otherwise.
const PLAIN: Detector = Detector {
    category: Category::Email,
    shapes: &[],
    refuted_by: &[],
    before: Before::Boundary,
    after: After::Boundary,
    check: None,
    confidence: Confidence::VALIDATED,
    telling: &[],
    terminator: None,
};

/// The table.
pub(crate) static DETECTORS: &[Detector] = &[
    // RFC 7468 §2 and §10-11, RFC 9580 §6.2 (OpenPGP armour), OpenSSH PROTOCOL.key, RFC 4716 §3.2 for the SSH2 marker.
    Detector {
        category: Category::SecretPrivateKey,
        shapes: &[
            "-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
            "---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----",
        ],
        before: Before::Anything,
        after: After::Anything,
        terminator: Some(
            "-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 (?:ENCRYPTED )?PRIVATE KEY ----",
        ),
        ..PLAIN
    },
    // IAM user guide, "Unique identifiers": AKIA long-term keys, ASIA temporary, ABIA bearer tokens, ACCA context-specific;
    // A3T is a legacy prefix. The rest is 16 base32 characters (RFC 4648 §6).
    Detector {
        category: Category::AwsAccessKey,
        shapes: &["(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"],
        ..PLAIN
    },
    // ISO/IEC 7812-1: 12 to 19 digits, written solid or in the groups that cards are embossed with.
    Detector {
        category: Category::CreditDebitCardNumber,
        shapes: &[
            "[2-6][0-9]{11,18}",
            "1[0-9]{14}",
            "[2-6][0-9]{3}(?: [0-9]{4}){2,3}(?: [0-9]{1,3})?",
            "[2-6][0-9]{3}(?:-[0-9]{4}){2,3}(?:-[0-9]{1,3})?",
            "3[0-9]{3} [0-9]{6} [0-9]{4,5}",
            "3[0-9]{3}-[0-9]{6}-[0-9]{4,5}",
            "62[0-9]{4}[ -][0-9]{13}",
        ],
        check: Some(checks::payment_card),
        ..PLAIN
    },
    // SSA POMS RM 10201.035: area not 000, 666 or 900-999, group not 00, serial not 0000.
    Detector {
        category: Category::UsSocialSecurityNumber,
        shapes: &[
            "(?:00[1-9]|0[1-9][0-9]|[1-57-8][0-9]{2}|6[0-57-9][0-9]|66[0-57-9])-(?:0[1-9]|[1-9][0-9])-(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})",
            "(?:00[1-9]|0[1-9][0-9]|[1-57-8][0-9]{2}|6[0-57-9][0-9]|66[0-57-9]) (?:0[1-9]|[1-9][0-9]) (?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})",
        ],
        check: Some(checks::social_security),
        confidence: Confidence::SHAPE,
        telling: &["ssn", "ssns", "social security", "ss#"],
        ..PLAIN
    },
    // ITU-T E.164 §6 and E.123 for the ways numbers are spaced and extensions written.
    Detector {
        category: Category::Phone,
        shapes: &[r"\+[1-9](?:(?:[ .-]|[ .-]?\(|\)[ .-]?)?[0-9]){7,15}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?"],
        before: Before::Unsigned,
        after: After::Digit,
        check: Some(checks::international_phone),
        ..PLAIN
    },
    // RFC 791 §3.2 dotted decimal without leading zeros. A fifth number makes it an object identifier or a version.
    Detector {
        category: Category::IpAddress,
        shapes: &[
            r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])",
        ],
        refuted_by: &[r"(?:[0-9]{1,3}\.){4}[0-9]"],
        before: Before::Undotted,
        ..PLAIN
    },
    // RFC 5321 §4.5.3.1.1 (64-byte local part), RFC 1035 §2.3.4 (63-byte labels). Repeated and trailing dots in the
    // local part are let in on purpose: providers have issued such addresses.
    Detector {
        category: Category::Email,
        shapes: &[
            r"[A-Za-z0-9_][A-Za-z0-9_.%+'-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{1,58}[A-Za-z0-9])",
        ],
        before: Before::Mailbox,
        after: After::Alphanumeric,
        ..PLAIN
    },
];
