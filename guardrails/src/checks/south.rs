//! Rules of numbers of Africa and South America.

use super::{digits, exactly, is_date, luhn};

/// The weights of a Brazilian check digit: the last place has the first, and they start again after the last of them.
/// Source: Receita Federal, for companies Nota Técnica COCAD/SUARA/RFB 49/2024.
const PERSON_WEIGHTS: [u32; 10] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const COMPANY_WEIGHTS: [u32; 8] = [2, 3, 4, 5, 6, 7, 8, 9];

/// What stands behind three letters, a space and three digits more often as a measure than as the end of a plate.
const MEASURES: &[&str] = &[
    "AD", "AM", "BC", "CM", "GB", "HP", "HZ", "KB", "KG", "KM", "MB", "MG", "ML", "MM", "MS", "PM", "PX",
    "TB", "TH",
];

/// A South African identity number: a birth date of either century, citizenship 0 to 2, the former race digit 8 or 9, and
/// the Luhn check digit.
pub(crate) fn south_african(text: &str) -> bool {
    exactly::<13>(text).is_some_and(|[y1, y2, m1, m2, d1, d2, _, _, _, _, status, race, _]| {
        let born = |century| is_date(century + y1 * 10 + y2, m1 * 10 + m2, d1 * 10 + d2);
        (born(1900) || born(2000)) && status <= 2 && matches!(race, 8 | 9) && luhn(text)
    })
}

/// A Nigerian number plate that is not three letters and a measure, such as `RAM 512MB`.
pub(crate) fn nigerian_plate(text: &str) -> bool {
    let measure = text.contains(' ') && MEASURES.iter().any(|measure| text.ends_with(measure));
    let serial = digits(text).any(|digit| digit != 0);
    serial && !measure
}

/// A Brazilian taxpayer number of a person: both check digits, and not one digit throughout.
pub(crate) fn brazilian_person(text: &str) -> bool {
    brazilian::<11>(text, &PERSON_WEIGHTS)
}

/// A Brazilian taxpayer number of a company, numeric or (since July 2026) alphanumeric: both check digits, and not one digit
/// throughout.
pub(crate) fn brazilian_company(text: &str) -> bool {
    brazilian::<14>(text, &COMPANY_WEIGHTS)
}

/// A numeric taxpayer number of a company's establishment 1 to 9, as nearly all are. A date and time written in one is not.
pub(crate) fn brazilian_head_office(text: &str) -> bool {
    let establishment = digits(text).skip(8).take(4);
    (1..10).contains(&establishment.fold(0, |number, digit| number * 10 + digit)) && brazilian_company(text)
}

/// Whether `text` has `N` characters besides punctuation, varied, and the last two check those before them.
fn brazilian<const N: usize>(text: &str, weights: &[u32]) -> bool {
    let mut characters = text.bytes().filter(u8::is_ascii_alphanumeric);
    let mut values = [0; N];
    for value in &mut values {
        let Some(character) = characters.next() else {
            return false;
        };
        // A character counts as its ASCII code less that of zero.
        *value = u32::from(character - b'0');
    }
    let varied = values.iter().any(|value| Some(value) != values.first());
    let checked = |end: usize| {
        let places = values.iter().take(end).rev().zip(weights.iter().cycle());
        let rest = places.map(|(value, weight)| value * weight).sum::<u32>() % 11;
        values.get(end).copied() == Some(if rest < 2 { 0 } else { 11 - rest })
    };
    characters.next().is_none() && varied && checked(N - 2) && checked(N - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{check, check_digits, verhoeff};

    #[test]
    fn south_african_check_refuses_wrong_dates_digits_and_status() {
        check(
            south_african,
            &["8001015009087", "800101 5009 087", "0002295000083"],
            &[
                "8001015009088",
                "8002305009084",
                "8001015009384",
                "8001015009079",
                "9902294321193",
                "",
            ],
        );
    }

    #[test]
    fn nigerian_checks_refuse_wrong_digits_and_measures() {
        check(
            verhoeff,
            &["12345678902", "5551 234 5672"],
            &["12345678901", "55512345627"],
        );
        check(
            nigerian_plate,
            &["KJA-999PZ", "APP456MB", "ABC 001AA"],
            &["RAM 512MB", "ABC-000AA"],
        );
    }

    #[test]
    fn brazilian_checks_refuse_wrong_digits_and_lengths() {
        check(
            brazilian_person,
            &["111.444.777-35", "52998224725"],
            &[
                "111.444.777-36",
                "111.444.777-45",
                "111.111.111-11",
                "5299822472",
                "",
            ],
        );
        check(
            brazilian_company,
            &["11.222.333/0001-81", "11444777000161", "12.ABC.345/01DE-35"],
            &[
                "11.222.333/0001-82",
                "11.222.333/0001-91",
                "12.ABD.345/01DE-35",
                "00000000000000",
                "",
            ],
        );
        check(
            brazilian_head_office,
            &["11222333000181"],
            &["12345678001590", "11222333000182", ""],
        );
    }

    #[test]
    fn every_single_digit_error_in_a_brazilian_number_is_caught() {
        check_digits(brazilian_person, "52998224725");
        check_digits(brazilian_company, "11444777000161");
    }
}
