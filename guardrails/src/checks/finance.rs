//! Rules of cards, accounts and banks.

use super::{digits, exactly, luhn, remainder, weighted};
use tables::{ACCOUNTS, COUNTRIES, ISSUERS, Run};

mod tables;

/// Weights of the nine digits of a routing number. Source: American Bankers Association, Routing Number Policy.
const ROUTING_WEIGHTS: [u32; 9] = [3, 7, 1, 3, 7, 1, 3, 7, 1];

/// The years whose cards can still be met, in two digits and in four.
const EXPIRY_YEARS: [std::ops::RangeInclusive<u32>; 2] = [0..=69, 2000..=2069];

/// Whether what separates the letters and digits of `text` is one byte each time, and always the same.
pub(crate) fn evenly_separated(text: &str) -> bool {
    let mut gaps = text
        .split(|byte: char| byte.is_ascii_alphanumeric())
        .filter(|gap| !gap.is_empty());
    let first = gaps.next().unwrap_or_default();
    first.len() <= 1 && gaps.all(|gap| gap == first)
}

/// Whether all digits of `text` are the same one: a number that nobody has and that passes many checks.
pub(crate) fn monotonous(text: &str) -> bool {
    digits(text).min() == digits(text).max()
}

/// Numbers that payment providers publish for tests (documentation of Stripe, PayPal, Adyen and Braintree).
const TEST_CARDS: &[u64] = &[
    4_242_424_242_424_242,
    4_111_111_111_111_111,
    4_000_056_655_665_556,
    4_012_888_888_881_881,
    4_222_222_222_222,
    4_005_519_200_000_004,
    4_009_348_888_881_881,
    4_012_000_033_330_026,
    4_012_000_077_777_777,
    4_217_651_111_111_119,
    4_500_600_000_000_061,
    5_555_555_555_554_444,
    5_200_828_282_828_210,
    5_105_105_105_105_100,
    2_223_003_122_003_222,
    2_223_000_048_400_011,
    378_282_246_310_005,
    371_449_635_398_431,
    378_734_493_671_000,
    6_011_111_111_111_117,
    6_011_000_990_139_424,
    6_011_981_111_111_113,
    3_056_930_009_020_004,
    30_569_309_025_904,
    36_227_206_271_667,
    38_520_000_023_237,
    3_566_002_020_360_505,
    3_530_111_333_300_000,
    6_200_000_000_000_005,
    6_205_500_000_000_000_004,
];

/// A payment card number that somebody can have.
pub(crate) fn payment_card(text: &str) -> bool {
    evenly_separated(text) && grouped_payment_card(text)
}

/// A payment card number that is published for tests.
pub(crate) fn test_card(text: &str) -> bool {
    evenly_separated(text) && grouped_test_card(text)
}

/// As [`payment_card`], whatever stands between its groups.
pub(crate) fn grouped_payment_card(text: &str) -> bool {
    is_payment_card(text) && !is_published(text)
}

/// As [`test_card`], whatever stands between its groups.
pub(crate) fn grouped_test_card(text: &str) -> bool {
    is_payment_card(text) && is_published(text)
}

fn is_published(text: &str) -> bool {
    let number = digits(text).try_fold(0u64, |number, digit| {
        number.checked_mul(10)?.checked_add(u64::from(digit))
    });
    number.is_some_and(|number| TEST_CARDS.contains(&number))
}

/// An issuer's range and length, and the check digit.
fn is_payment_card(text: &str) -> bool {
    let length = digits(text).count();
    let issuer = digits(text).take(4).fold(0, |number, digit| number * 10 + digit);
    let issued = |&(from, to, min, max): &(u32, u32, usize, usize)| {
        (from..=to).contains(&issuer) && (min..=max).contains(&length)
    };
    ISSUERS.iter().any(issued) && luhn(text)
}

/// A card's expiry date: a month, something between, and a year in two or four digits.
pub(crate) fn card_expiry(text: &str) -> bool {
    let mut parts = text
        .split(|byte: char| !byte.is_ascii_digit())
        .filter_map(|part| part.parse::<u32>().ok());
    let (Some(month), Some(year)) = (parts.next(), parts.next()) else {
        return false;
    };
    (1..=12).contains(&month) && EXPIRY_YEARS.iter().any(|years| years.contains(&year))
}

/// The longest IBAN (ISO 13616-1).
const IBAN_BYTES_MAX: usize = 34;

/// An IBAN: a country of the registry, what its accounts look like, and ISO 7064 mod 97-10 (ISO 13616-1).
pub(crate) fn iban(text: &str) -> bool {
    let Some(layout) = account_layout(text) else {
        return false;
    };
    let mut room = [0; IBAN_BYTES_MAX];
    let mut alphanumeric = text.bytes().filter(u8::is_ascii_alphanumeric);
    let filled = room.iter_mut().zip(&mut alphanumeric);
    let length = filled
        .map(|(place, byte)| *place = byte.to_ascii_uppercase())
        .count();
    let Some((head, account)) = room.get(..length).and_then(|compact| compact.split_at_checked(4)) else {
        return false;
    };
    let fits = is_laid_out(account, layout) && alphanumeric.next().is_none();
    // Check digits of 00, 01 and 99 satisfy the sum but are never made: they run from 02 to 98.
    let made = ![b"00", b"01", b"99"].iter().any(|digits| head.ends_with(*digits));
    fits && made && remainder(account.iter().chain(head).copied(), 97) == 1
}

/// What the accounts of the country that an IBAN names look like.
fn account_layout(iban: &str) -> Option<&'static [Run]> {
    let country = iban
        .as_bytes()
        .first_chunk::<2>()?
        .map(|letter| letter.to_ascii_uppercase());
    let place = ACCOUNTS.binary_search_by_key(&country.as_slice(), |(country, _)| country.as_ref());
    ACCOUNTS.get(place.ok()?).map(|(_, layout)| *layout)
}

/// Whether `text` is these runs of digits, letters and either.
fn is_laid_out(mut text: &[u8], layout: &[Run]) -> bool {
    for &(count, kind) in layout {
        let Some((run, rest)) = text.split_at_checked(count) else {
            return false;
        };
        let fits = match kind {
            b'n' => run.iter().all(u8::is_ascii_digit),
            b'a' => run.iter().all(u8::is_ascii_uppercase),
            _ => run.iter().all(u8::is_ascii_alphanumeric),
        };
        if !fits {
            return false;
        }
        text = rest;
    }
    text.is_empty()
}

/// A business identifier code: its fifth and sixth characters are a country (ISO 9362).
pub(crate) fn business_identifier(text: &str) -> bool {
    let country = text.get(4..6);
    country.is_some_and(|country| COUNTRIES.split(' ').any(|known| known == country))
}

/// An ABA routing number: a Federal Reserve routing symbol in use, and the check digit.
pub(crate) fn routing_number(text: &str) -> bool {
    let Some(number) = exactly::<9>(text) else {
        return false;
    };
    let district = digits(text).take(2).fold(0, |number, digit| number * 10 + digit);
    matches!(district, 0..=12 | 21..=32 | 61..=72 | 80)
        && !monotonous(text)
        && weighted(number, &ROUTING_WEIGHTS).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{check, check_digits};

    #[test]
    fn card_check_refuses_wrong_digit_length_and_issuer() {
        check(
            |text| payment_card(text) || test_card(text),
            &[
                "4111111111111111",
                "5555-5555-5555-4444",
                "378282246310005",
                "6011 1111 1111 1117",
                "6011.1111.1111.1117",
                "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
                "30569309025904",
                "3530111333300000",
                "2223003122003222",
                "2200000000000004",
                "6200000000000005",
                "8171999927660000",
                "4222222222222",
            ],
            &[
                "4111111111111112",
                "41111111111111",
                "1234567812345670",
                "7111111111111114",
                "2220000000000000",
                "4111 1111-1111 1111",
                "4111  1111 1111 1111",
                "",
            ],
        );
    }

    #[test]
    fn expiry_check_refuses_a_thirteenth_month_and_years_of_no_card() {
        check(
            card_expiry,
            &["01/27", "12/2031", "09 / 28", "10-30"],
            &["13/27", "00/27", "12/1999", "12/88", "12", ""],
        );
    }

    #[test]
    fn iban_check_refuses_every_wrong_digit_and_layout() {
        // Examples of the IBAN Registry.
        check(
            iban,
            &[
                "GB29NWBK60161331926819",
                "gb29nwbk60161331926819",
                "DE89 3704 0044 0532 0130 00",
                "NO93-8601-1117-947",
                "MU17BOMM0101101030300200000MUR",
                "LC55HEMM000100010012001200023015",
                "FR1420041010050500013M02606",
                "IT60X0542811101000000123456",
            ],
            &[
                "GB29NWBK6016133192681",
                "GB29NWBK601613319268190",
                "AA29NWBK60161331926819",
                "GB29 1WBK 6016 1331 9268 19",
                "GB",
                "",
            ],
        );
        check_digits(iban, "DE89370400440532013000");
    }

    #[test]
    fn every_country_of_the_iban_registry_has_an_account_of_a_possible_length() {
        for (country, layout) in ACCOUNTS {
            let length: usize = layout.iter().map(|(count, _)| count).sum();
            assert!((11..=30).contains(&length), "{country:?}");
        }
        assert!(ACCOUNTS.is_sorted_by_key(|(country, _)| country));
        assert_eq!(COUNTRIES.split(' ').count(), 250);
    }

    #[test]
    fn business_identifier_check_refuses_unknown_countries() {
        check(
            business_identifier,
            &["DEUTDEFF", concat!("CHASUS33X", "XX")],
            &["DEUTXXFF", "TOMORROW", "DEUT", ""],
        );
    }

    #[test]
    fn routing_check_refuses_wrong_digits_and_districts() {
        check(
            routing_number,
            &["121000358", "0711-0130-7", "021000021", "121042882"],
            &["121000359", "421000358", "000000000", "12100035", ""],
        );
    }
}
