//! Texts that the tests share: values that are found, look-alikes that are not, and random mixtures of their parts.

use palisade_guardrails::{Category, Engine};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Engines under which every property must hold. Without e-mail the current word is not held, which uncovers faults
/// in the look-behind.
pub(crate) static PROFILES: LazyLock<Vec<(&'static str, Engine)>> = LazyLock::new(|| {
    let without_email: Vec<_> = Category::all()
        .iter()
        .copied()
        .filter(|category| *category != Category::Email)
        .collect();
    let secrets = [Category::AwsAccessKey, Category::SecretPrivateKey];
    let engine = |categories: &[Category]| Engine::new(categories).unwrap();
    vec![
        ("all", engine(Category::all())),
        ("without e-mail", engine(&without_email)),
        ("cards", engine(&[Category::CreditDebitCardNumber])),
        ("secrets", engine(&secrets)),
    ]
});

/// The engine that finds everything.
pub(crate) fn everything() -> &'static Engine {
    &PROFILES[0].1
}

/// An access key id that is none: assembled here so that no scanner takes this file for a leak.
pub(crate) fn access_key(prefix: &str) -> String {
    format!("{prefix}{}", "IOSFODNN7EXAMPLE")
}

/// A private key block with `lines` lines of 64 characters.
pub(crate) fn private_key(label: &str, lines: usize) -> String {
    let body = "MIIEpAIBAAKCAQEAx9Zb".repeat(4);
    let body: String = (0..lines).map(|_| format!("{}\n", &body[..64])).collect();
    format!("{}{body}{}", marker("BEGIN", label), marker("END", label))
}

/// The line that begins or ends a key block.
pub(crate) fn marker(which: &str, label: &str) -> String {
    format!(
        "{dashes}{which} {label}PRIVATE KEY{dashes}\n",
        dashes = "-".repeat(5)
    )
}

/// Values and the category each belongs to.
pub(crate) static POSITIVES: LazyLock<Vec<(Category, String)>> = LazyLock::new(|| {
    use Category::{
        AwsAccessKey, CreditDebitCardNumber, Email, IpAddress, Phone, SecretPrivateKey,
        UsSocialSecurityNumber,
    };
    let plain = [
        (Email, "ada@example.org"),
        (Email, "ada.lovelace+news@mail.example.co.uk"),
        (Email, "o'neill_77%x@a-b.museum"),
        (Email, "a@b.co"),
        (Email, "user@host.xn--p1ai"),
        (Email, "dotty..name.@docomo.example.jp"),
        (CreditDebitCardNumber, "4111111111111111"),
        (CreditDebitCardNumber, "4111 1111 1111 1111"),
        (CreditDebitCardNumber, "5555-5555-5555-4444"),
        (CreditDebitCardNumber, "3782 822463 10005"),
        (CreditDebitCardNumber, "3056-930902-5904"),
        (CreditDebitCardNumber, "6011111111111117"),
        (CreditDebitCardNumber, "4222222222222"),
        (CreditDebitCardNumber, "620000 0000123456782"),
        (UsSocialSecurityNumber, "536-22-8145"),
        (UsSocialSecurityNumber, "536 22 8145"),
        (UsSocialSecurityNumber, "001-01-0001"),
        (UsSocialSecurityNumber, "899-99-9999"),
        (Phone, "+14155552671"),
        (Phone, "+1 (415) 555-2671"),
        (Phone, "+44 (0)20 7946 0958"),
        (Phone, "+33 6 12 34 56 78"),
        (Phone, "+49.30.901820"),
        (IpAddress, "192.168.10.254"),
        (IpAddress, "8.8.8.8"),
        (IpAddress, "255.255.255.255"),
    ];
    let keys = ["AKIA", "ASIA", "ABIA", "ACCA", "A3TX"].map(|prefix| (AwsAccessKey, access_key(prefix)));
    let blocks = ["", "RSA ", "OPENSSH ", "ENCRYPTED ", "EC "]
        .map(|label| (SecretPrivateKey, private_key(label, 3).trim_end().to_owned()));
    plain
        .map(|(category, text)| (category, text.to_owned()))
        .into_iter()
        .chain(keys)
        .chain(blocks)
        .collect()
});

/// Beginnings and near misses that make candidates live, die late and overlap.
pub(crate) const NEAR_MISSES: &[&str] = &[
    "",
    "a",
    "Word",
    "1",
    "12",
    "123",
    "4111",
    "41111111111111",
    "4111 1111 1111",
    "4111-1111-1111-1112",
    "536-22",
    "536-22-",
    "666-12-3456",
    "000-12-3456",
    "+",
    "+1",
    "+1 415",
    "+999 1234567",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "10.0.0.",
    "@",
    "a@",
    "@b.com",
    "a@b",
    "a@b.",
    "a@b.c",
    "..x",
    "-----",
    "-----BEGIN",
    "-----BEGIN PUBLIC KEY-----",
    "AKIA",
    "AKIA1234",
    "AK",
    "_",
    "é",
    "中文",
    "🙂",
    "\u{301}",
    "ssn",
    "SSN: ",
    "social security ",
    "x@y.zz@w.vv",
    "3782 8224",
    "a.b.c.d.e.f",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "................................",
];

const SEPARATORS: &[&str] = &[
    "", "", " ", " ", "-", ".", ",", "_", "+", "@", "'", "\n", "/", ": ", "\u{a0}",
];

/// Positives, near misses and halves of key blocks, glued with random separators.
pub(crate) fn mixtures() -> impl Strategy<Value = String> {
    let positive = (0..POSITIVES.len()).prop_map(|index| POSITIVES[index].1.clone());
    let near_miss = prop::sample::select(NEAR_MISSES).prop_map(str::to_owned);
    let marker = prop::sample::select(vec!["BEGIN", "END"]).prop_map(|which| marker(which, "RSA "));
    let fragment = prop_oneof![4 => positive, 8 => near_miss, 1 => marker, 1 => "[ -~]{0,12}"];
    let glued =
        (fragment, prop::sample::select(SEPARATORS)).prop_map(|(fragment, separator)| fragment + separator);
    prop::collection::vec(glued, 0..12).prop_map(|parts| parts.concat())
}
