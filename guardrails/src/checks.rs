//! Validators: rules about a value that a regular expression cannot state.
//!
//! A validator sees the matched text only, so its answer cannot depend on how the text was cut into chunks.

/// First four digits from, to (inclusive) and the allowed lengths from, to, in digits, of the card schemes in use.
/// Source: ISO/IEC 7812-1 for the numbering, the schemes' published issuer ranges for the rows.
const ISSUERS: &[(u32, u32, usize, usize)] = &[
    (1000, 1999, 15, 15), // UATP; JCB, old
    (2131, 2131, 15, 15), // JCB, old
    (2221, 2720, 16, 16), // Mastercard
    (3000, 3059, 14, 19), // Diners Club
    (3400, 3499, 15, 15), // American Express
    (3528, 3589, 16, 19), // JCB
    (3600, 3699, 14, 19), // Diners Club
    (3700, 3799, 15, 15), // American Express
    (3800, 3999, 14, 19), // Diners Club
    (4000, 4999, 13, 13), // Visa, old
    (4000, 4999, 16, 16), // Visa
    (4000, 4999, 19, 19), // Visa
    (5000, 5099, 12, 19), // Maestro
    (5100, 5599, 16, 16), // Mastercard
    (5600, 6999, 12, 19), // Maestro; holds Discover (6011, 644-649, 65) and UnionPay (62), 16 to 19 digits
];

/// Numbers in the valid range that the Social Security Administration has withdrawn because they were printed on
/// specimen cards and pamphlets. Source: SSA, "Social Security Cards Issued by Woolworth".
const WITHDRAWN_SOCIAL_SECURITY: [&str; 2] = ["078051120", "219099999"];

/// Country calling codes in use, by length. Source: ITU-T E.164 list of assigned country codes.
const CALLING_CODES_1: &[u32] = &[1, 7];
const CALLING_CODES_2: &[u32] = &[
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58,
    60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];
const CALLING_CODES_3: &[(u32, u32)] = &[
    (211, 213),
    (216, 216),
    (218, 218),
    (220, 258),
    (260, 269),
    (290, 291),
    (297, 299),
    (350, 359),
    (370, 378),
    (380, 383),
    (385, 387),
    (389, 389),
    (420, 421),
    (423, 423),
    (500, 509),
    (590, 599),
    (670, 670),
    (672, 683),
    (685, 692),
    (800, 800),
    (808, 808),
    (850, 850),
    (852, 853),
    (855, 856),
    (870, 870),
    (878, 878),
    (880, 883),
    (886, 886),
    (888, 888),
    (960, 968),
    (970, 977),
    (979, 979),
    (992, 996),
    (998, 998),
];

/// Calling codes of closed numbering plans and the most digits a number has after them. Without this a number takes in
/// digits that follow it. Source: the national plans filed under ITU-T E.129.
const NATIONAL_DIGITS_MAX: &[(u32, usize)] = &[
    (30, 10),
    (31, 9),
    (32, 9),
    (33, 9),
    (34, 9),
    (40, 9),
    (44, 10),
    (45, 8),
    (48, 9),
    (52, 10),
    (55, 11),
    (90, 10),
    (351, 9),
];

/// Digits of an international number, calling code included (ITU-T E.164 §6: at most 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// A payment card number: an issuer's range and length, and the check digit.
pub(crate) fn payment_card(text: &str) -> bool {
    let length = digits(text).count();
    let issuer = digits(text).take(4).fold(0, |number, digit| number * 10 + digit);
    let issued = |&(from, to, min, max): &(u32, u32, usize, usize)| {
        (from..=to).contains(&issuer) && (min..=max).contains(&length)
    };
    ISSUERS.iter().any(issued) && luhn(text)
}

/// A social security number that is not one of the withdrawn specimens; the shape states the other rules.
pub(crate) fn social_security(text: &str) -> bool {
    !WITHDRAWN_SOCIAL_SECURITY
        .iter()
        .any(|specimen| specimen.bytes().eq(text.bytes().filter(u8::is_ascii_digit)))
}

/// An international telephone number: `+`, a calling code in use, 8 to 15 digits in all, and the right length where
/// the numbering plan has one length (NANP: 10 after `1`; Russia and Kazakhstan: 10 after `7`). An extension counts for
/// nothing.
pub(crate) fn international_phone(text: &str) -> bool {
    let text = text.split(['x', 'e']).next().unwrap_or_default();
    // A trunk zero in brackets is written for readers at home and is not part of the number: +44 (0)20 7946 0958.
    let trunk = usize::from(text.contains("(0)"));
    let length = digits(text).count() - trunk;
    let prefix = |count| {
        digits(text)
            .take(count)
            .fold(0, |number, digit| number * 10 + digit)
    };
    let national = if CALLING_CODES_1.contains(&prefix(1)) {
        return length == 11;
    } else if CALLING_CODES_2.contains(&prefix(2)) {
        (prefix(2), length.saturating_sub(2))
    } else if CALLING_CODES_3
        .iter()
        .any(|(from, to)| (*from..=*to).contains(&prefix(3)))
    {
        (prefix(3), length.saturating_sub(3))
    } else {
        return false;
    };
    let plan = NATIONAL_DIGITS_MAX.iter().find(|(code, _)| *code == national.0);
    PHONE_DIGITS.contains(&length) && plan.is_none_or(|(_, max)| national.1 <= *max)
}

/// The Luhn check digit over all digits of `text` (ISO/IEC 7812-1, annex B).
fn luhn(text: &str) -> bool {
    let sum: u32 = digits(text)
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The values of the ASCII digits of `text`, in order.
fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .map(|byte| u32::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&str) -> bool, accepted: &[&str], refused: &[&str]) {
        for text in accepted {
            assert!(rule(text), "{text} was refused");
        }
        for text in refused {
            assert!(!rule(text), "{text} was accepted");
        }
    }

    #[test]
    fn card_check_refuses_wrong_digit_length_and_issuer() {
        check(
            payment_card,
            &[
                "4111111111111111",
                "5555-5555-5555-4444",
                "378282246310005",
                "6011 1111 1111 1117",
                "30569309025904",
                "3530111333300000",
                "2223003122003222",
                "6200000000000005",
                "4222222222222",
            ],
            &[
                "4111111111111112",
                "41111111111111",
                "1234567812345670",
                "7111111111111114",
                "2220000000000000",
                "",
            ],
        );
    }

    #[test]
    fn luhn_catches_every_single_digit_error() {
        let good = "4539578763621486";
        assert!(luhn(good));
        for place in 0..good.len() {
            for digit in '0'..='9' {
                let mut wrong = good.to_owned();
                wrong.replace_range(place..=place, &digit.to_string());
                assert_eq!(luhn(&wrong), wrong == good, "{wrong}");
            }
        }
    }

    #[test]
    fn phone_check_refuses_unassigned_codes_and_wrong_lengths() {
        check(
            international_phone,
            &[
                "+14155552671",
                "+44 (0)20 7946 0958",
                "+49 30 901820",
                "+24740123",
                "+998 71 123 45 67",
                "+7 495 123-45-67",
            ],
            &[
                "+1415555267",
                "+141555526712",
                "+2101234567",
                "+99912345678",
                "+441234",
                "+4412345678901234",
                "+33 6 12 34 56 78 41",
                "+",
                "",
            ],
        );
    }

    #[test]
    fn social_security_check_refuses_specimens() {
        check(
            social_security,
            &["078-05-1121", "123-45-6789"],
            &["078-05-1120", "219 09 9999"],
        );
    }
}
