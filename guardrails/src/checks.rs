//! Validators: rules about a value that a regular expression cannot state. One file a field; what several fields share is here.
//!
//! A validator sees the matched text only, so its answer cannot depend on how the text was cut into chunks.

pub(crate) mod lead_in;
pub(crate) mod secrets;
pub(crate) mod cloud;
pub(crate) mod services;
pub(crate) mod finance;
pub(crate) mod network;
pub(crate) mod personal;
pub(crate) mod phone;
pub(crate) mod america;
pub(crate) mod britain;
pub(crate) mod australia;
pub(crate) mod germany;
pub(crate) mod europe;
pub(crate) mod asia;
pub(crate) mod south;
pub(crate) mod attack;

/// The values of the ASCII digits of `text`, in order.
pub(crate) fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> + Clone {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .map(|byte| u32::from(byte - b'0'))
}

/// The digits of `text` as an array, if there are exactly `N`.
pub(crate) fn exactly<const N: usize>(text: &str) -> Option<[u32; N]> {
    let mut all = digits(text);
    let mut found = [0; N];
    for place in &mut found {
        *place = all.next()?;
    }
    all.next().is_none().then_some(found)
}

/// The Luhn check digit over all digits of `text` (ISO/IEC 7812-1, annex B).
pub(crate) fn luhn(text: &str) -> bool {
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

/// The sum of digits, each times its weight; digits without a weight count nothing.
pub(crate) fn weighted(digits: impl IntoIterator<Item = u32>, weights: &[u32]) -> u32 {
    digits
        .into_iter()
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum()
}

/// The remainder of a number of any length by `modulus`, below 2³⁰; letters count as 10 to 35 (ISO/IEC 7064 §7, ISO 13616), and
/// what is neither a letter nor a digit counts nothing.
pub(crate) fn remainder(text: impl IntoIterator<Item = u8>, modulus: u32) -> u32 {
    let step = |rest: u64, byte: u8| match char::from(byte).to_digit(36) {
        Some(value @ 0..10) => (rest * 10 + u64::from(value)) % u64::from(modulus),
        Some(value) => (rest * 100 + u64::from(value)) % u64::from(modulus),
        None => rest,
    };
    u32::try_from(text.into_iter().fold(0, step)).unwrap_or(0)
}

/// ISO/IEC 7064 mod 11,10 over all digits of `text`, the last being the check digit.
pub(crate) fn mod_11_10(text: &str) -> bool {
    let product = digits(text).fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    // The check digit is added last and not multiplied: 2 is the inverse of 6 mod 11, so `product` is 2 for a sum of 1.
    product == 2
}

/// The Verhoeff check over all digits of `text` (J. Verhoeff, Error Detecting Decimal Codes, 1969): the dihedral group D5.
pub(crate) fn verhoeff(text: &str) -> bool {
    const PERMUTATION: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |digit: u32, times: usize| {
        (0..times % 8).fold(digit, |digit, _| {
            PERMUTATION.get(digit as usize).copied().unwrap_or_default()
        })
    };
    let compose = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (5 + a - b) % 5,
    };
    let sum = digits(text)
        .rev()
        .enumerate()
        .fold(0, |sum, (place, digit)| compose(sum, permuted(digit, place)));
    sum == 0
}

/// Whether a date exists (Gregorian calendar) and lies between 1850 and 2100.
pub(crate) fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1850..2100).contains(&year) && (1..=days).contains(&day)
}

/// The Shannon entropy of the bytes of `text`, in bits a byte (C. E. Shannon, A Mathematical Theory of Communication, 1948).
pub(crate) fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = text.len() as f64;
    let part = |count: &u32| {
        let share = f64::from(*count) / total;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(part).sum()
}

/// Asserts what a rule accepts and refuses.
#[cfg(test)]
pub(crate) fn check(rule: fn(&str) -> bool, accepted: &[&str], refused: &[&str]) {
    for text in accepted {
        assert!(rule(text), "{text} was refused");
    }
    for text in refused {
        assert!(!rule(text), "{text} was accepted");
    }
}

/// Asserts that `good` passes a rule, and that none of the texts does in which one digit of it is another.
#[cfg(test)]
pub(crate) fn check_digits(rule: fn(&str) -> bool, good: &str) {
    assert!(rule(good), "{good} was refused");
    for (place, _) in good.match_indices(|sign: char| sign.is_ascii_digit()) {
        for digit in '0'..='9' {
            let mut wrong = good.to_owned();
            wrong.replace_range(place..=place, &digit.to_string());
            assert_eq!(rule(&wrong), wrong == good, "{wrong}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_catches_every_single_digit_error() {
        check_digits(luhn, "4539578763621486");
    }

    #[test]
    fn published_examples_of_the_check_systems_pass_and_their_neighbours_do_not() {
        // ISO/IEC 7064 mod 11,10: 0794 has check digit 5. Verhoeff: 236 has check digit 3. ISO 13616: GB82 WEST ….
        check(mod_11_10, &["07945"], &["07944", "07954"]);
        check(verhoeff, &["2363", "758722"], &["2364", "2633"]);
        assert_eq!(remainder("WEST12345698765432GB82".bytes(), 97), 1);
        assert_eq!(exactly::<3>("1-2 3"), Some([1, 2, 3]));
        assert_eq!(exactly::<3>("12345"), None);
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        assert!(is_date(2000, 2, 29) && is_date(1999, 12, 31));
        assert!(
            !is_date(1900, 2, 29) && !is_date(2001, 4, 31) && !is_date(2001, 0, 1) && !is_date(2001, 13, 1)
        );
    }
}
