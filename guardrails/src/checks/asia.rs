//! Rules of numbers of Asia.

use super::{digits, exactly, is_date, verhoeff, weighted};

#[cfg(test)]
mod tests;

/// The fourth letter of an Indian permanent account number: association, body of individuals, company, firm, government,
/// Hindu family, artificial person, local authority, person, trust. Source: Income Tax Department, PAN FAQ.
const PAN_HOLDERS: &[u8] = b"ABCFGHJLPT";

/// The codes on Indian number plates: states and union territories, among them those replaced since (OR, TS, UA, …).
/// Source: Central Motor Vehicles Rules 1989, rule 50, and the notifications under section 41(6) of the Motor Vehicles Act.
const INDIAN_STATES: &[&str] = &[
    "AN", "AP", "AR", "AS", "BR", "CG", "CH", "DD", "DL", "DN", "GA", "GJ", "HP", "HR", "JH", "JK", "KA",
    "KL", "LA", "LD", "MH", "ML", "MN", "MP", "MZ", "NL", "OD", "OR", "PB", "PY", "RJ", "SK", "TG", "TN",
    "TR", "TS", "UA", "UK", "UP", "WB",
];

/// The highest number of a foreign mission on an Indian plate so far. Source: Central Motor Vehicles Rules 1989, rule 76, for the
/// scheme; the numbers as listed in Wikipedia, Vehicle registration plates of India.
const MISSIONS_MAX: u32 = 160;

/// The weights of a Singaporean identity number. Source: the authority publishes no rule; this is the one in common use
/// (Wikipedia, National Registration Identity Card), with the M series that started in 2022.
const NRIC_WEIGHTS: [u32; 7] = [2, 7, 6, 5, 4, 3, 2];

/// Entity types in a Singaporean entity number. Source: uen.gov.sg, "What is UEN", issuance agencies and entity types.
const UEN_TYPES: &[&str] = &[
    "CC", "CD", "CH", "CL", "CM", "CP", "CS", "CX", "DP", "FB", "FC", "FM", "FN", "GA", "GB", "GS", "HC",
    "HS", "LL", "LP", "MB", "MC", "MD", "MH", "MM", "MQ", "NB", "NR", "PA", "PB", "PF", "RF", "RP", "SM",
    "SS", "TC", "TU", "VH", "XL",
];

/// Years in which a Singaporean company can have been registered; the later bound only keeps other numbers out.
const UEN_YEARS: std::ops::RangeInclusive<u32> = 1900..=2040;

/// The weights of Korean registration numbers, of residents and foreigners. Source: as commonly described (Wikipedia, Resident
/// registration number).
const KOREAN_WEIGHTS: [u32; 12] = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/// Korean regions that issue driving licences. Source: Korea Road Traffic Authority, meaning of the licence number.
const KOREAN_REGIONS: [std::ops::RangeInclusive<u32>; 2] = [11..=26, 28..=28];

/// Chinese provinces. Source: GB/T 2260.
const CHINESE_PROVINCES: &[std::ops::RangeInclusive<u32>] = &[
    11..=15,
    21..=23,
    31..=37,
    41..=46,
    50..=54,
    61..=65,
    71..=71,
    81..=83,
];

/// Second and third digit of a Thai identity number that no province has. Source: Department of Provincial Administration,
/// province codes (as in ISO 3166-2:TH).
const THAI_NON_PROVINCES: [u32; 13] = [28, 29, 59, 68, 69, 78, 79, 87, 88, 89, 97, 98, 99];

/// English months as they stand between the day and the year of a date.
const MONTHS: &[&str] = &[
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// Short words and units that stand between two numbers in Turkish and English prose.
const BETWEEN_NUMBERS: &[&str] = &[
    "am", "and", "cm", "da", "de", "for", "gb", "gr", "ila", "ile", "in", "kb", "kg", "km", "lt", "mb", "mg",
    "ml", "mm", "of", "on", "or", "pm", "sa", "tb", "the", "tl", "to", "ve", "ya",
];

/// An Aadhaar number: the check digit, and not the same backwards. The shape states the first digit.
pub(crate) fn aadhaar(text: &str) -> bool {
    verhoeff(text) && !digits(text).eq(digits(text).rev())
}

/// A permanent account number of a known kind of holder, with a serial number from 0001 on.
pub(crate) fn permanent_account(text: &str) -> bool {
    let holder = text.as_bytes().get(3);
    holder.is_some_and(|holder| PAN_HOLDERS.contains(holder)) && digits(text).any(|digit| digit != 0)
}

/// A goods and services tax number: state code (1 to 38, 97 for other territory, 99 for the centre) and check character.
pub(crate) fn goods_tax(text: &str) -> bool {
    // Products are added digit by digit in base 36 (Luhn's way), doubling every second character from the left.
    let sum = text.chars().enumerate().take(14).fold(0, |sum, (place, value)| {
        let product = value.to_digit(36).unwrap_or_default() * if place % 2 == 0 { 1 } else { 2 };
        sum + product / 36 + product % 36
    });
    let check = text.chars().nth(14).and_then(|check| check.to_digit(36));
    matches!(two_digits(text), 1..=38 | 97 | 99) && check == Some((36 - sum % 36) % 36)
}

/// A goods and services tax number by its layout, whatever its check character: one of the first 37 states, and an account
/// number in which one or two letters may be misread as digits.
pub(crate) fn goods_tax_layout(text: &str) -> bool {
    let letters = text.bytes().skip(2).take(5).filter(u8::is_ascii_alphabetic);
    (1..=37).contains(&two_digits(text)) && letters.count() >= 3
}

/// An Indian number plate: a state, a district and a number that are not all zeros.
pub(crate) fn indian_plate(text: &str) -> bool {
    let state = text.get(..2).unwrap_or_default();
    let count = digits(text).count();
    let district = digits(text).take(count.saturating_sub(4)).any(|digit| digit != 0);
    let number = digits(text).rev().take(4).any(|digit| digit != 0);
    INDIAN_STATES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(state))
        && district
        && number
}

/// An Indian plate of a foreign mission: its number comes first.
pub(crate) fn indian_mission_plate(text: &str) -> bool {
    (1..=MISSIONS_MAX).contains(&leading_number(text))
}

/// The check letter of a Singaporean NRIC or FIN in either case.
pub(crate) fn nric(text: &str) -> bool {
    let (offset, letters) = match text.bytes().next() {
        Some(b'S' | b's') => (0, b"JZIHGFEDCBA"),
        Some(b'T' | b't') => (4, b"JZIHGFEDCBA"),
        Some(b'F' | b'f') => (0, b"XWUTRQPNMLK"),
        Some(b'G' | b'g') => (4, b"XWUTRQPNMLK"),
        Some(b'M' | b'm') => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let place = (weighted(digits(text), &NRIC_WEIGHTS) + offset) % 11;
    let last = text.bytes().last().map(|last| last.to_ascii_uppercase());
    last.is_some() && letters.get(place as usize).copied() == last
}

/// The check letter of the entity number of a business (eight digits).
pub(crate) fn business_entity(text: &str) -> bool {
    let sum = weighted(digits(text), &[10, 4, 9, 3, 8, 2, 7, 1]);
    ends_with_letter(text, b"XMKECAWLJDB", sum)
}

/// The check letter and year of the entity number of a local company (nine digits, of which four are the year).
pub(crate) fn company_entity(text: &str) -> bool {
    let year = digits(text).take(4).fold(0, |year, digit| year * 10 + digit);
    let sum = weighted(digits(text), &[10, 8, 6, 4, 9, 7, 5, 3, 1]);
    UEN_YEARS.contains(&year) && ends_with_letter(text, b"ZKCMDNERGWH", sum)
}

/// The check letter and type of the entity number of any other entity.
pub(crate) fn other_entity(text: &str) -> bool {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
    let values = text.bytes().take(9).map(|byte| {
        let place = ALPHABET.iter().position(|letter| *letter == byte);
        place.and_then(|place| u32::try_from(place).ok())
    });
    // The scheme subtracts 5; 6 more is the same by 11 and stays above zero.
    let sum = weighted(
        values.map(Option::unwrap_or_default),
        &[4, 3, 5, 3, 10, 2, 2, 5, 7],
    ) + 6;
    let known = text.get(3..5).is_some_and(|kind| UEN_TYPES.contains(&kind));
    known && ends_with_letter(text, ALPHABET.get(..11).unwrap_or_default(), sum)
}

/// A Korean registration number of a birth date that exists. Numbers issued since October 2020 have no check digit.
pub(crate) fn korean_birth(text: &str) -> bool {
    exactly::<13>(text).is_some_and(|[y1, y2, m1, m2, d1, d2, kind, ..]| {
        let century = if matches!(kind, 1 | 2 | 5 | 6) { 1900 } else { 2000 };
        is_date(century + y1 * 10 + y2, m1 * 10 + m2, d1 * 10 + d2)
    })
}

/// A Korean registration number, of a resident or a foreigner, as issued until October 2020: birth date, region (to 95) and
/// check digit.
pub(crate) fn korean_registration(text: &str) -> bool {
    exactly::<13>(text).is_some_and(|number| {
        let [.., kind, r1, r2, _, _, _, check] = number;
        // The rule for foreigners adds two.
        let base = if kind < 5 { 11 } else { 13 };
        let expected = (base - weighted(number, &KOREAN_WEIGHTS) % 11) % 10;
        korean_birth(text) && r1 * 10 + r2 <= 95 && expected == check
    })
}

/// A Korean business number: kind of business not 00, and the check digit.
pub(crate) fn korean_business(text: &str) -> bool {
    exactly::<10>(text).is_some_and(|number| {
        let [_, _, _, k1, k2, _, _, _, ninth, check] = number;
        let sum = weighted(number, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + ninth * 5 / 10;
        (k1, k2) != (0, 0) && (10 - sum % 10) % 10 == check
    })
}

/// A Korean driving licence number: the region that issued it.
pub(crate) fn korean_licence(text: &str) -> bool {
    KOREAN_REGIONS
        .iter()
        .any(|region| region.contains(&two_digits(text)))
}

/// A Chinese resident identity number: province, birth date and check character (ISO 7064 mod 11-2; X counts ten).
pub(crate) fn chinese_resident(text: &str) -> bool {
    let compact = text.bytes().filter(u8::is_ascii_alphanumeric);
    let mut values = [0; 18];
    for (value, byte) in values.iter_mut().zip(compact) {
        *value = char::from(byte).to_digit(10).unwrap_or(10);
    }
    let [p1, p2, _, _, _, _, y1, y2, y3, y4, m1, m2, d1, d2, ..] = values;
    let year = y1 * 1000 + y2 * 100 + y3 * 10 + y4;
    let sum = values.iter().fold(0, |sum, value| (sum * 2 + value) % 11);
    let province = CHINESE_PROVINCES
        .iter()
        .any(|known| known.contains(&(p1 * 10 + p2)));
    province && is_date(year, m1 * 10 + m2, d1 * 10 + d2) && sum == 1
}

/// A Japanese individual number: the check digit, and not one digit throughout.
pub(crate) fn individual_number(text: &str) -> bool {
    exactly::<12>(text).is_some_and(|number| {
        let [.., check] = number;
        let rest = weighted(number, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        varied(&number) && check == if rest < 2 { 0 } else { 11 - rest }
    })
}

/// A Thai identity number: a province in the second and third digit, and the check digit.
pub(crate) fn thai_identity(text: &str) -> bool {
    exactly::<13>(text).is_some_and(|number| {
        let [_, p1, p2, .., check] = number;
        let sum = weighted(number, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
        let province = p1 * 10 + p2;
        province >= 10 && !THAI_NON_PROVINCES.contains(&province) && (11 - sum % 11) % 10 == check
    })
}

/// A Philippine taxpayer number, with or without a branch: the ninth digit checks the eight before it.
pub(crate) fn philippine_taxpayer(text: &str) -> bool {
    let sum = weighted(digits(text), &[9, 8, 7, 6, 5, 4, 3, 2]);
    let issued = digits(text).take(9).any(|digit| digit != 0);
    issued && digits(text).nth(8) == Some(sum % 11)
}

/// A Turkish identity number: both check digits.
pub(crate) fn turkish_identity(text: &str) -> bool {
    exactly::<11>(text).is_some_and(|number| {
        // The sum of the even places is subtracted; nine times it is the same by ten and stays above zero.
        let tenth = weighted(number, &[7, 9, 7, 9, 7, 9, 7, 9, 7]) % 10;
        let eleventh = weighted(number, &[1; 10]) % 10;
        let [first, .., ninth, last] = number;
        first != 0 && (tenth, eleventh) == (ninth, last)
    })
}

/// A Turkish number plate: province 01 to 81, and not a date or a measure.
pub(crate) fn turkish_plate(text: &str) -> bool {
    let letters = text.trim_matches(|letter: char| !letter.is_ascii_alphabetic());
    let count = digits(text).count().saturating_sub(2);
    let counts = if letters.len() == 1 { 2..=5 } else { 2..=4 };
    let date = count != 3 && MONTHS.iter().any(|month| letters.eq_ignore_ascii_case(month));
    let phrase = BETWEEN_NUMBERS.contains(&letters);
    (1..=81).contains(&two_digits(text)) && counts.contains(&count) && !date && !phrase
}

/// The number that the first two digits of `text` make.
fn two_digits(text: &str) -> u32 {
    digits(text).take(2).fold(0, |number, digit| number * 10 + digit)
}

/// The number that `text` starts with.
fn leading_number(text: &str) -> u32 {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or_default();
    text.get(..end)
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// Whether `text` ends with the letter that stands for `sum` modulo 11.
fn ends_with_letter(text: &str, letters: &[u8], sum: u32) -> bool {
    letters.get((sum % 11) as usize).copied() == text.bytes().last()
}

/// Whether the digits are not all the same.
fn varied(number: &[u32]) -> bool {
    number.iter().any(|digit| Some(digit) != number.first())
}
