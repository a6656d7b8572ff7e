//! Rules of numbers of Germany.

mod districts;

use super::{digits, exactly, mod_11_10, weighted};

/// A tax identification number: its check digit, and no digit more than three times among the other ten. Numbers are given
/// out under a stricter rule (one digit twice or three times, the others once), which specimens in circulation break.
/// Source: § 139b AO; Bundeszentralamt für Steuern, composition of the identification number.
pub(crate) fn tax_id(text: &str) -> bool {
    let Some(all) = exactly::<11>(text) else {
        return false;
    };
    let count = |digit: u32| all.iter().take(10).filter(|other| **other == digit).count();
    (0..10).all(|digit| count(digit) <= 3) && mod_11_10(text)
}

/// The check digit of a document number as in a machine-readable zone: weights 7, 3, 1 and letters from A = 10 on.
/// Source: ICAO Doc 9303-3 §4.9. A `D` behind it, the nationality, is not part of the number.
pub(crate) fn document(text: &str) -> bool {
    let mut values = text
        .trim_end_matches(['D', 'd'])
        .chars()
        .map(|sign| sign.to_digit(36).unwrap_or(0));
    let check = values.next_back();
    let products = values.zip([7, 3, 1].into_iter().cycle());
    let sum: u32 = products.map(|(value, weight)| value * weight).sum();
    check == Some(sum % 10)
}

/// A pension insurance number: birthday (50 more where two would coincide), birth month and check digit.
/// Source: VKVV § 2 and § 4 (weights 2 1 2 5 7 1 2 1 2 1 2 1).
pub(crate) fn social_security(text: &str) -> bool {
    let mut all = digits(text).skip(2);
    let mut pair = || {
        all.next()
            .zip(all.next())
            .map_or(0, |(tens, ones)| tens * 10 + ones)
    };
    let (day, month) = (pair(), pair());
    let born = matches!(day, 1..=31 | 51..=81) && matches!(month, 1..=12);
    born && insurance(text, &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
}

/// The check digit of a health insurance number. Source: § 290 SGB V, annex 1 (weights 1 2 1 2 1 2 1 2 1 2).
pub(crate) fn health_insurance(text: &str) -> bool {
    insurance(text, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2])
}

/// The check digit that insurers share: the letter counts as two digits (A = 01), each digit is multiplied by its weight,
/// and the digits of the products are added up.
fn insurance(text: &str, weights: &[u32]) -> bool {
    let expanded = text.bytes().flat_map(|byte| match byte {
        b'0'..=b'9' => [None, Some(u32::from(byte - b'0'))],
        b'A'..=b'Z' | b'a'..=b'z' => {
            let place = u32::from(byte.to_ascii_uppercase() - b'A') + 1;
            [Some(place / 10), Some(place % 10)]
        }
        _ => [None, None],
    });
    let products = expanded
        .flatten()
        .zip(weights)
        .map(|(digit, weight)| digit * weight);
    let sum: u32 = products.map(|product| product / 10 + product % 10).sum();
    digits(text).next_back() == Some(sum % 10)
}

/// The check digit of a physician number, its seventh. Source: KBV guideline on physician numbers under § 75 (7) SGB V
/// (weights 4 9 4 9 4 9).
pub(crate) fn physician(text: &str) -> bool {
    exactly::<9>(text).is_some_and(|all| weighted(all, &[4, 9, 4, 9, 4, 9, 1]).is_multiple_of(10))
}

/// A medical practice number: it has no check digit, but one of zeros is none.
pub(crate) fn practice(text: &str) -> bool {
    digits(text).any(|digit| digit != 0)
}

/// A licence plate of an existing district.
pub(crate) fn licence_plate(text: &str) -> bool {
    text.split([' ', '-']).next().is_some_and(districts::is_district)
}

/// A postal code between the first and the last that Deutsche Post gives out.
pub(crate) fn postal_code(text: &str) -> bool {
    let code = digits(text).fold(0, |number, digit| number * 10 + digit);
    (1_001..=99_998).contains(&code)
}

#[cfg(test)]
mod tests;
