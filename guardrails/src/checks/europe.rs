//! Rules of numbers of the rest of Europe.

use super::{digits, exactly, is_date, luhn, weighted};

/// The letters of Spanish numbers by the number's remainder by 23. Source: Real Decreto 1553/2005; Ministerio del Interior.
const SPANISH_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// The control characters of Finnish codes by the number's remainder by 31. Source: Digital and Population Data Services Agency.
const FINNISH_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// What a letter counts in an odd place of an Italian fiscal code, and a digit as the letter of its rank. In an even place it
/// counts its rank. Source: Decreto ministeriale 23 December 1976, tables of the control character.
const ITALIAN_ODD: [u8; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/// The letters of the months, and those that stand for the digits 0 to 9 where two people would have the same code.
/// Source: Decreto ministeriale 23 December 1976.
const ITALIAN_MONTHS: &str = "ABCDEHLMPRST";
const ITALIAN_DIGITS: &str = "LMNPQRSTUV";

/// An Italian fiscal code with its control character.
pub(crate) fn fiscal_code(text: &str) -> bool {
    let rank = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        _ => byte.to_ascii_uppercase().saturating_sub(b'A'),
    };
    let value = |(place, byte): (usize, u8)| match place % 2 {
        0 => ITALIAN_ODD
            .get(usize::from(rank(byte)))
            .copied()
            .unwrap_or_default(),
        _ => rank(byte),
    };
    let sum: u32 = text
        .bytes()
        .take(15)
        .enumerate()
        .map(|place| u32::from(value(place)))
        .sum();
    let control = text.as_bytes().get(15).copied().map(rank).map(u32::from);
    control == Some(sum % 26) && fiscal_layout(text)
}

/// The layout of an Italian fiscal code: three letters each of surname and name, a birthday (40 more for women), a municipality.
pub(crate) fn fiscal_layout(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let part = |from: usize, to: usize| upper.get(from..to).unwrap_or_default();
    let number = |from: usize, to: usize| {
        let digit = |sign: char| {
            sign.to_digit(10)
                .or_else(|| ITALIAN_DIGITS.find(sign)?.try_into().ok())
        };
        part(from, to)
            .chars()
            .try_fold(0, |number, sign| Some(number * 10 + digit(sign)?))
    };
    let date = || {
        let month = u32::try_from(ITALIAN_MONTHS.find(part(8, 9))?).ok()? + 1;
        let day = number(9, 11)?;
        Some(is_date(
            2000 + number(6, 8)?,
            month,
            if day > 40 { day - 40 } else { day },
        ))
    };
    let municipality = || matches!(part(11, 12).as_bytes(), [b'A'..=b'M' | b'Z']) && number(12, 15) > Some(0);
    is_name(part(0, 3)) && is_name(part(3, 6)) && date() == Some(true) && municipality()
}

/// Three letters of an Italian name: its consonants, then its vowels, then X.
fn is_name(letters: &str) -> bool {
    let vowel = |letter: &u8| matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U');
    match letters.as_bytes() {
        [_, second, third] if vowel(second) => vowel(third) || *third == b'X',
        [first, second, third] if vowel(first) => (second, third) == (&b'X', &b'X'),
        [_, _, _] => true,
        _ => false,
    }
}

/// An Italian VAT number: Luhn over eleven digits that are not all zeros. Source: DPR 633/1972, Agenzia delle Entrate.
pub(crate) fn italian_vat(text: &str) -> bool {
    digits(text).count() == 11 && digits(text).any(|digit| digit != 0) && luhn(text)
}

/// The letter of a Spanish identity or tax number, with X, Y and Z in front counting as 0, 1 and 2, and K, L and M as nothing.
pub(crate) fn spanish_letter(text: &str) -> bool {
    let lead = text.bytes().next().map(|byte| byte.to_ascii_uppercase());
    let start = match lead {
        Some(b'Y') => 1,
        Some(b'Z') => 2,
        _ => 0,
    };
    let number = digits(text).fold(start, |number, digit| (number * 10 + digit) % 23);
    let last = text.bytes().next_back().map(|byte| byte.to_ascii_uppercase());
    last.is_some() && last == SPANISH_LETTERS.get(number as usize).copied()
}

/// A French social security number with its key, 97 less the remainder of the number by 97, and a month in use. Corsica's
/// departments 2A and 2B count as 19 and 18. Source: INSEE, décret 82-103.
pub(crate) fn nir(text: &str) -> bool {
    let number = nir_number(text);
    let corsica = match text.bytes().find(u8::is_ascii_alphabetic) {
        Some(b'A' | b'a') => 1_000_000,
        Some(_) => 2_000_000,
        None => 0,
    };
    let (person, key) = (number / 100, number % 100);
    is_nir_month(person) && key + person.saturating_sub(corsica) % 97 == 97
}

/// A French social security number without its key: a month in use.
pub(crate) fn nir_without_key(text: &str) -> bool {
    is_nir_month(nir_number(text))
}

/// The digits of `text` as a number, a letter counting as 0.
fn nir_number(text: &str) -> u64 {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .fold(0, |number, sign| {
            number * 10 + u64::from(sign.to_digit(10).unwrap_or(0))
        })
}

/// Whether the month of a thirteen-digit number is one, or stands for an unknown one (20 to 42, 50 to 99).
fn is_nir_month(person: u64) -> bool {
    matches!(person / 100_000_000 % 100, 1..=12 | 20..=42 | 50..=99)
}

/// A Dutch citizen service number: the sum of the digits, each times its place from the right and the last times minus one, is
/// divisible by eleven. Source: Logisch Ontwerp BSN, Rijksdienst voor Identiteitsgegevens.
pub(crate) fn bsn(text: &str) -> bool {
    let (mut sum, mut zeros) = (0, true);
    for (digit, weight) in digits(text).rev().zip([10, 2, 3, 4, 5, 6, 7, 8, 9]) {
        // Minus one is ten, modulo eleven.
        sum += digit * weight;
        zeros &= digit == 0;
    }
    !zeros && sum % 11 == 0
}

/// A Belgian national register number: a birthday, a serial number and 97 less the remainder by 97; people born from 2000 on
/// have a 2 in front of the number that is divided. Months are 20 or 40 more in the register of people without residence, and
/// month and day 0 where unknown. Source: Arrêté royal of 3 April 1984, Institutions publiques de sécurité sociale.
pub(crate) fn national_register(text: &str) -> bool {
    let Some([y, z, m, n, d, e, rest @ ..]) = exactly::<11>(text) else {
        return false;
    };
    let (month, day) = (m * 10 + n, d * 10 + e);
    let unknown = month.is_multiple_of(20) || day == 0;
    let born = |century: u32| unknown && day <= 31 || is_date(century + y * 10 + z, month % 20, day);
    let number = digits(text).fold(0, |number, digit| number * 10 + u64::from(digit));
    let (person, key) = (number / 100, number % 100);
    let keyed = |person: u64| key + person % 97 == 97;
    let serial = weighted(rest, &[100, 10, 1]);
    let register = month < 60 && (1..=998).contains(&serial);
    register && (keyed(person) && born(1900) || keyed(person + 2_000_000_000) && born(2000))
}

/// A Portuguese tax number: a first digit in use and the check digit. Source: Decreto-Lei 14/2013 for the kinds of holder,
/// Autoridade Tributária for the check (weights 9 to 2, modulo 11; 10 becomes 0).
pub(crate) fn portuguese_nif(text: &str) -> bool {
    let Some(all) = exactly::<9>(text) else {
        return false;
    };
    let [first, second, ..] = all;
    let kind = match first {
        1..=3 | 5 | 6 | 8 => true,
        4 => second == 5,
        7 => matches!(second, 0..=2 | 4 | 5 | 7..=9),
        9 => matches!(second, 0 | 1 | 8 | 9),
        _ => false,
    };
    let rest = weighted(all, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    kind && all.last() == Some(&check)
}

/// A PESEL: a birthday whose month says the century, and the check digit. Source: Ustawa o ewidencji ludności, art. 15 (weights 1
/// 3 7 9, modulo 10).
pub(crate) fn pesel(text: &str) -> bool {
    let Some(all) = exactly::<11>(text) else {
        return false;
    };
    let [y, z, m, n, d, e, ..] = all;
    let month = m * 10 + n;
    let century = match month / 20 {
        0 => 1900,
        1 => 2000,
        4 => 1800,
        _ => return false,
    };
    is_date(century + y * 10 + z, month % 20, d * 10 + e)
        && weighted(all, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// A Finnish personal identity code: a birthday in the century that the sign says, an individual number from 002 on, and the
/// control character. Source: Digital and Population Data Services Agency; decree 690/2022 for the signs added in 2023.
pub(crate) fn finnish_code(text: &str) -> bool {
    let mut all = digits(text);
    let mut pair = || {
        all.next()
            .zip(all.next())
            .map_or(0, |(tens, ones)| tens * 10 + ones)
    };
    let (day, month, year) = (pair(), pair(), pair());
    let century = match text.as_bytes().get(6).map(u8::to_ascii_uppercase) {
        Some(b'+') => 1800,
        Some(b'-' | b'U'..=b'Y') => 1900,
        Some(b'A'..=b'F') => 2000,
        _ => return false,
    };
    let number = digits(text).take(9).fold(0, |number, digit| number * 10 + digit);
    let control = FINNISH_CHARACTERS.get((number % 31) as usize);
    is_date(century + year, month, day)
        && number % 1000 > 1
        && control
            == text
                .bytes()
                .next_back()
                .map(|byte| byte.to_ascii_uppercase())
                .as_ref()
}

/// A Swedish personal identity number: a birthday (the day 60 more in a coordination number) and Luhn over the last ten digits.
/// Source: Skatteverket, SKV 704 and SKV 707.
pub(crate) fn personnummer(text: &str) -> bool {
    let count = digits(text).count();
    let mut last = digits(text).skip(count.saturating_sub(10));
    let century = digits(text)
        .take(count.saturating_sub(10))
        .fold(0, |number, digit| number * 10 + digit);
    let mut pair = || {
        last.next()
            .zip(last.next())
            .map_or(0, |(tens, ones)| tens * 10 + ones)
    };
    let (year, month, day) = (pair(), pair(), pair());
    // Two digits say a year of either century; 2000 has every day that 1900 has.
    let century = if century == 0 { 20 } else { century };
    is_date(century * 100 + year, month, if day > 60 { day - 60 } else { day }) && luhn_of_last_ten(text)
}

/// A Swedish personal identity number whose last four digits are no time of day: date and time are written like one.
pub(crate) fn untimely_personnummer(text: &str) -> bool {
    let mut last = digits(text).rev().skip(1);
    let tens_of_minutes = last.next();
    let hour = last.next().zip(last.next()).map(|(ones, tens)| tens * 10 + ones);
    (hour > Some(23) || tens_of_minutes > Some(5)) && personnummer(text)
}

/// A Swedish organisation number: a third digit of at least 2, so that it is nobody's birthday, and Luhn over the last ten digits.
/// Source: Lag (1974:174), Skatteverket SKV 709.
pub(crate) fn organisationsnummer(text: &str) -> bool {
    let third = digits(text).rev().nth(7);
    third >= Some(2) && luhn_of_last_ten(text)
}

/// Luhn over the last ten digits; those before say the century.
fn luhn_of_last_ten(text: &str) -> bool {
    let tenth = text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| byte.is_ascii_digit())
        .rev()
        .nth(9);
    tenth.and_then(|(at, _)| text.get(at..)).is_some_and(luhn)
}

#[cfg(test)]
mod tests;
