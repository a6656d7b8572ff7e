//! Rules of numbers of the United States and Canada.

use super::finance::{evenly_separated, monotonous};
use super::{digits, exactly, is_date, luhn, weighted};
use licences::{LICENCES, Run};

mod licences;

/// Numbers in the valid range that the Social Security Administration has withdrawn because they were printed on
/// specimen cards and pamphlets. Source: SSA, "Social Security Cards Issued by Woolworth".
const WITHDRAWN_SOCIAL_SECURITY: [[u32; 9]; 2] = [[0, 7, 8, 0, 5, 1, 1, 2, 0], [2, 1, 9, 0, 9, 9, 9, 9, 9]];

/// What stands for the issuer in front of a provider identifier when its check digit is made. Source: CMS, NPI check digit.
const NPI_ISSUER: &str = "80840";

/// Weights of the characters of a VIN, the check digit's own being none. Source: 49 CFR 565.15(c), table V.
const VIN_WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// Fewer letters than this no manufacturer's VIN has: the maker and the model take some, and the plant one.
const VIN_LETTERS_MIN: usize = 3;

/// Weights of the second to the ninth digit of a health number of British Columbia. Source: BC Ministry of Health,
/// Conformance Standards, PHN check digit.
const BC_HEALTH_WEIGHTS: [u32; 8] = [2, 4, 8, 5, 10, 9, 7, 3];

/// A social security number as the SSA has issued them (POMS RM 10201.035): area not 000, 666 or 900 to 999, group not 00,
/// serial not 0000, no withdrawn specimen and no row of one digit.
pub(crate) fn social_security(text: &str) -> bool {
    let Some(number @ [area @ .., _, _, _, _, _, _]) = exactly::<9>(text) else {
        return false;
    };
    let [.., group_tens, group_ones, _, _, _, _] = number;
    let [.., a, b, c, d] = number;
    area != [0, 0, 0]
        && area != [6, 6, 6]
        && !area.starts_with(&[9])
        && group_tens + group_ones > 0
        && a + b + c + d > 0
        && !WITHDRAWN_SOCIAL_SECURITY.contains(&number)
        && !monotonous(text)
}

/// An individual taxpayer number: it starts with 9, and the group is one the IRS assigns (Publication 1915 and
/// Internal Revenue Manual 3.21.263: 50 to 65, 70 to 88, 90 to 92, 94 to 99).
pub(crate) fn individual_taxpayer(text: &str) -> bool {
    let Some([9, _, _, tens, ones, ..]) = exactly::<9>(text) else {
        return false;
    };
    matches!(tens * 10 + ones, 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// A driver's licence number of some state, whatever stands between its parts.
pub(crate) fn driver_licence(text: &str) -> bool {
    let compact: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    LICENCES.iter().any(|(_, layout)| is_laid_out(&compact, layout))
}

/// Whether `text` is these runs of letters and digits.
fn is_laid_out(mut text: &[u8], layout: &[Run]) -> bool {
    for &(kind, min, max) in layout {
        let fits = |byte: &&u8| match kind {
            b'n' => byte.is_ascii_digit(),
            _ => byte.is_ascii_alphabetic(),
        };
        let length = text.iter().take_while(fits).count();
        let Some(rest) = text.get(length..).filter(|_| (min..=max).contains(&length)) else {
            return false;
        };
        text = rest;
    }
    text.is_empty()
}

/// A national provider identifier: Luhn over `80840` and the number (CMS, 45 CFR 162.406).
pub(crate) fn provider_identifier(text: &str) -> bool {
    evenly_separated(text) && luhn(&format!("{NPI_ISSUER}{text}"))
}

/// A DEA registration: first, third and fifth digit, and twice the second, fourth and sixth, end in the seventh
/// (DEA, Pharmacist's Manual, appendix on verification of registration numbers).
pub(crate) fn dea_registration(text: &str) -> bool {
    // With a 9 as its second character the number has eight digits; the last seven count.
    let mut last: Vec<u32> = digits(text).rev().take(7).collect();
    last.reverse();
    let [a, b, c, d, e, f, check] = last.as_slice() else {
        return false;
    };
    (a + c + e + 2 * (b + d + f)) % 10 == *check && !monotonous(text)
}

/// A vehicle identification number of North America: check digit, model year and serial (49 CFR 565.15).
pub(crate) fn vehicle(text: &str) -> bool {
    let mut sum = 0;
    for (byte, weight) in text.bytes().zip(VIN_WEIGHTS) {
        sum += vin_value(byte) * weight;
    }
    let check = match sum % 11 {
        10 => b'X',
        rest => b'0' + u8::try_from(rest).unwrap_or_default(),
    };
    let year = text.as_bytes().get(9);
    text.bytes().filter(u8::is_ascii_alphabetic).count() >= VIN_LETTERS_MIN
        && text.as_bytes().get(8) == Some(&check)
        && year.is_some_and(|year| !matches!(year, b'U' | b'Z' | b'0'))
}

/// What a character of a VIN counts. Source: 49 CFR 565.15(c), table IV.
fn vin_value(byte: u8) -> u32 {
    u32::from(match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'H' => byte - b'A' + 1,
        b'J'..=b'R' => byte - b'J' + 1,
        b'S'..=b'Z' => byte - b'S' + 2,
        _ => 0,
    })
}

/// A vehicle identification number of the rest of the world, where nothing checks it: it has letters.
pub(crate) fn foreign_vehicle(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_alphabetic).count() >= VIN_LETTERS_MIN
}

/// A vehicle plate: 4 to 8 characters, letters and digits among them.
pub(crate) fn licence_plate(text: &str) -> bool {
    let length = text.bytes().filter(u8::is_ascii_alphanumeric).count();
    let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    (4..=8).contains(&length) && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

/// A Canadian social insurance number: evenly separated, Luhn (Service Canada, Social Insurance Number Code of Practice).
pub(crate) fn social_insurance(text: &str) -> bool {
    evenly_separated(text) && !monotonous(text) && luhn(text)
}

/// A health number of Ontario (Luhn) or British Columbia (starts with 9, mod 11), a version code or none behind it.
pub(crate) fn health_number(text: &str) -> bool {
    let Some(number @ [first, middle @ .., check]) = exactly::<10>(text) else {
        return false;
    };
    let rest = weighted(middle, &BC_HEALTH_WEIGHTS) % 11;
    let columbian = first == 9 && 11 - rest == check;
    first != 0 && !number.iter().all(|digit| *digit == first) && (luhn(text) || columbian)
}

/// A health number of Quebec: letters of the name, a date of birth with 50 added to the months of women, a serial
/// (RAMQ, structure of the numéro d'assurance maladie).
pub(crate) fn quebec_health_number(text: &str) -> bool {
    let Some([y, year, m, month, d, day, ..]) = exactly::<8>(text) else {
        return false;
    };
    let month = m * 10 + month;
    let month = if month > 50 { month - 50 } else { month };
    // The century is not in the number: a leap year of one is a leap year of the other in most cases.
    let years = [1900, 2000].map(|century| century + y * 10 + year);
    years.iter().any(|year| is_date(*year, month, d * 10 + day))
}

#[cfg(test)]
mod tests;
