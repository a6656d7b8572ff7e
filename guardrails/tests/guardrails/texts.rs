//! Texts that the tests share: values that are found, look-alikes that are not, and random mixtures of their parts.

mod sentences;

pub(crate) use sentences::SENTENCES;

use palisade_guardrails::{Category, Confidence, Engine, Options, Specimen};
use proptest::prelude::*;
use std::sync::LazyLock;

/// The categories that [`POSITIVES`] are of.
pub(crate) const COMMON: [Category; 7] = [
    Category::SECRET_PRIVATE_KEY,
    Category::AWS_ACCESS_KEY,
    Category::CREDIT_DEBIT_CARD_NUMBER,
    Category::US_SOCIAL_SECURITY_NUMBER,
    Category::PHONE,
    Category::IP_ADDRESS,
    Category::EMAIL,
];

/// An engine, and what it was built for.
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    pub(crate) options: Options,
    pub(crate) engine: Engine,
}

/// Engines under which every property must hold. Without e-mail the current word is not held, which uncovers faults
/// in the look-behind.
pub(crate) static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let without_email: Vec<_> = Category::all()
        .iter()
        .copied()
        .filter(|category| *category != Category::EMAIL)
        .collect();
    let secrets = [Category::AWS_ACCESS_KEY, Category::SECRET_PRIVATE_KEY];
    let profile = |name, categories: &[Category], minimum| {
        let options = Options {
            categories: categories.to_vec(),
            minimum: Confidence::new(minimum),
            specimens: Specimen::ALL.to_vec(),
            ..Options::default()
        };
        Profile {
            name,
            engine: Engine::with(options.clone()).unwrap(),
            options,
        }
    };
    vec![
        profile("common", &COMMON, 40),
        profile("catalogue", Category::all(), 60),
        profile("catalogue without e-mail", &without_email, 40),
        profile("cards", &[Category::CREDIT_DEBIT_CARD_NUMBER], 60),
        profile("secrets", &secrets, 60),
    ]
});

/// The engine that finds every one of [`POSITIVES`].
pub(crate) fn everything() -> &'static Engine {
    &PROFILES[0].engine
}

/// The profiles of most of the catalogue.
pub(crate) fn catalogues() -> &'static [Profile] {
    &PROFILES[1..3]
}

/// The profile in which no word is held for being the start of an address.
pub(crate) fn without_email() -> &'static Profile {
    &PROFILES[2]
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
    let plain = [
        (Category::EMAIL, "ada@example.org"),
        (Category::EMAIL, "\"ada lovelace\"@example.org"),
        (Category::EMAIL, "ada.lovelace+news@mail.example.co.uk"),
        (Category::EMAIL, "o'neill_77%x@a-b.museum"),
        (Category::EMAIL, "a@b.co"),
        (Category::EMAIL, "user@host.xn--p1ai"),
        (Category::EMAIL, "dotty..name.@docomo.example.jp"),
        (Category::CREDIT_DEBIT_CARD_NUMBER, "4111111111111111"),
        (Category::CREDIT_DEBIT_CARD_NUMBER, "4111 1111 1111 1111"),
        (Category::CREDIT_DEBIT_CARD_NUMBER, "5555-5555-5555-4444"),
        (Category::CREDIT_DEBIT_CARD_NUMBER, "3782 822463 10005"),
        (Category::CREDIT_DEBIT_CARD_NUMBER, "3056-930902-5904"),
        (Category::CREDIT_DEBIT_CARD_NUMBER, "6011111111111117"),
        (Category::CREDIT_DEBIT_CARD_NUMBER, "4222222222222"),
        (Category::CREDIT_DEBIT_CARD_NUMBER, "620000 0000123456782"),
        (Category::US_SOCIAL_SECURITY_NUMBER, "536-22-8145"),
        (Category::US_SOCIAL_SECURITY_NUMBER, "536 22 8145"),
        (Category::US_SOCIAL_SECURITY_NUMBER, "001-01-0001"),
        (Category::US_SOCIAL_SECURITY_NUMBER, "899-99-9999"),
        (Category::PHONE, "+14155552671"),
        (Category::PHONE, "+1 (415) 555-2671"),
        (Category::PHONE, "+44 (0)20 7946 0958"),
        (Category::PHONE, "+33 6 12 34 56 78"),
        (Category::PHONE, "+49.30.901820"),
        (Category::IP_ADDRESS, "192.168.10.254"),
        (Category::IP_ADDRESS, "8.8.8.8"),
        (Category::IP_ADDRESS, "255.255.255.255"),
    ];
    let keys =
        ["AKIA", "ASIA", "ABIA", "ACCA", "A3TX"].map(|prefix| (Category::AWS_ACCESS_KEY, access_key(prefix)));
    let blocks = ["", "RSA ", "OPENSSH ", "ENCRYPTED ", "EC "].map(|label| {
        (
            Category::SECRET_PRIVATE_KEY,
            private_key(label, 3).trim_end().to_owned(),
        )
    });
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

/// Parts of tables, and what values are assigned by.
const STRUCTURES: &[&str] = &[
    "id,ssn,password\n",
    "ssn;phone\r\n",
    "\"card\",\"user name\"\n",
    "name\tpassword\tphone\n",
    "| ssn | password |\n|---|---|\n",
    "| a | ",
    " | b |\n",
    "\",\"",
    "\n\n",
    "SSN   PASSWORD     PHONE\n",
    "   ",
    "<table><tr><th>ssn</th><th>password</th></tr>",
    "<tr><td>card<td>phone",
    "<tr><td>",
    "</td><td class=\"x\">",
    "<TR>",
    "</table>",
    "- name: DB_PASSWORD\n  value: ",
    "\"name\": \"token\", \"value\": \"",
    "<password>",
    "<key>password</key><string>",
    "<db user=\"x\" password=\"",
    "--password ",
    "curl -u ada:",
    "password := ",
    "Passwort lautet ",
    "the password for the db is ",
    "reset the password to ",
    "Xk7pQ2mV9d",
    "219091234",
    "version ",
    "part no. ",
    "ssh ",
    "//",
];

const SEPARATORS: &[&str] = &[
    "", "", " ", " ", "-", ".", ",", "_", "+", "@", "'", "\n", "/", ": ", "\u{a0}", "\t", ";", "|",
];

/// Positives, near misses, sentences, their beginnings, and halves of key blocks, glued with random separators.
pub(crate) fn mixtures() -> impl Strategy<Value = String> {
    let positive = (0..POSITIVES.len()).prop_map(|index| POSITIVES[index].1.clone());
    let near_miss = prop::sample::select(NEAR_MISSES).prop_map(str::to_owned);
    let sentence = prop::sample::select(SENTENCES).prop_map(str::to_owned);
    let cut = (prop::sample::select(SENTENCES), 0..64usize)
        .prop_map(|(sentence, length)| sentence.chars().take(length).collect());
    let structure = prop::sample::select(STRUCTURES).prop_map(str::to_owned);
    let marker = prop::sample::select(vec!["BEGIN", "END"]).prop_map(|which| marker(which, "RSA "));
    let fragment = prop_oneof![4 => positive, 8 => near_miss, 4 => sentence, 4 => cut, 6 => structure, 1 => marker, 1 => "[ -~]{0,12}"];
    let glued =
        (fragment, prop::sample::select(SEPARATORS)).prop_map(|(fragment, separator)| fragment + separator);
    prop::collection::vec(glued, 0..12).prop_map(|parts| parts.concat())
}
