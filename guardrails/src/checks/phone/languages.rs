//! Numbers as they are written in the countries of a language.

use super::number::Number;
use super::plans;

/// Shorter numbers, such as those for help, are nobody's.
const DIGITS_MIN: usize = 7;

/// Whether a number is one of a region, and neither a date nor an IP address.
fn of_any(text: &str, regions: &[[u8; 2]]) -> bool {
    let number = Number::of(text);
    let digits = number.digits();
    digits.len() >= DIGITS_MIN
        && !number.is_decimal()
        && !number.is_address()
        && !number.leads_with_date()
        && regions.iter().any(|region| plans::of_region(*region, digits))
}

/// A number of a country of English.
pub(crate) fn english(text: &str) -> bool {
    of_any(
        text,
        &[
            *b"US", *b"CA", *b"GB", *b"IE", *b"AU", *b"NZ", *b"IN", *b"ZA", *b"SG", *b"HK", *b"PH", *b"NG",
            *b"KE", *b"MY",
        ],
    )
}

/// A number of a country of German.
pub(crate) fn german(text: &str) -> bool {
    of_any(text, &[*b"DE", *b"AT", *b"CH", *b"LI", *b"LU"])
}

/// A number of a country of French.
pub(crate) fn french(text: &str) -> bool {
    of_any(text, &[*b"FR", *b"BE", *b"CH", *b"LU", *b"CA", *b"MC"])
}

/// A number of a country of Spanish.
pub(crate) fn spanish(text: &str) -> bool {
    of_any(
        text,
        &[
            *b"ES", *b"MX", *b"AR", *b"CO", *b"CL", *b"PE", *b"VE", *b"EC", *b"UY",
        ],
    )
}

/// A number of a country of Portuguese.
pub(crate) fn portuguese(text: &str) -> bool {
    of_any(text, &[*b"PT", *b"BR"])
}

/// A number of a country of Italian.
pub(crate) fn italian(text: &str) -> bool {
    of_any(text, &[*b"IT", *b"SM"])
}

/// A number of a country of Dutch.
pub(crate) fn dutch(text: &str) -> bool {
    of_any(text, &[*b"NL", *b"BE"])
}

/// A number of a country of Nordic languages.
pub(crate) fn nordic(text: &str) -> bool {
    of_any(text, &[*b"SE", *b"NO", *b"DK", *b"FI", *b"IS"])
}

/// A number of a country of Polish, Czech, Hungarian, Romanian, Turkish.
pub(crate) fn eastern(text: &str) -> bool {
    of_any(text, &[*b"PL", *b"CZ", *b"SK", *b"HU", *b"RO", *b"TR"])
}

/// A number of a country of Russian, Ukrainian.
pub(crate) fn russian(text: &str) -> bool {
    of_any(text, &[*b"RU", *b"UA", *b"KZ", *b"BY"])
}

/// A number of a country of Chinese, Japanese, Korean.
pub(crate) fn east_asian(text: &str) -> bool {
    of_any(text, &[*b"CN", *b"JP", *b"KR", *b"TW", *b"HK"])
}

/// A number of a country of Hindi, Arabic, Hebrew, Thai.
pub(crate) fn other(text: &str) -> bool {
    of_any(text, &[*b"IN", *b"SA", *b"AE", *b"EG", *b"IL", *b"TH"])
}
