//! Rules of numbers of Australia.

use super::finance::monotonous;
use super::{exactly, weighted};

/// A tax file number: weights mod 11 (ATO, TFN algorithm for software developers).
pub(crate) fn tax_file_number(text: &str) -> bool {
    let sum = |number: [u32; 9]| weighted(number, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
    exactly(text).is_some_and(|number| sum(number) % 11 == 0) && !monotonous(text)
}

/// A business number: one off the first digit, weights mod 89 (Australian Business Register, Format of the ABN).
pub(crate) fn business_number(text: &str) -> bool {
    let Some([first @ (1..), rest @ ..]) = exactly::<11>(text) else {
        return false;
    };
    let sum = 10 * (first - 1) + weighted(rest, &[1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    sum.is_multiple_of(89)
}

/// A company number: weights 8 to 1, and the complement to ten (ASIC, Australian Company Number digit check).
pub(crate) fn company_number(text: &str) -> bool {
    let sum = |number: [u32; 9]| weighted(number, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    exactly(text).is_some_and(|number| sum(number) % 10 == 0) && !monotonous(text)
}

/// A Medicare card number: weights 1, 3, 7, 9 mod 10 give the ninth digit; the tenth counts the cards issued
/// (Services Australia, Medicare card number).
pub(crate) fn medicare(text: &str) -> bool {
    let Some([first @ 2..=6, a, b, c, d, e, f, g, check, _]) = exactly::<10>(text) else {
        return false;
    };
    weighted([first, a, b, c, d, e, f, g], &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == check && !monotonous(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{check, check_digits};

    #[test]
    fn tax_file_check_refuses_every_wrong_digit() {
        check(tax_file_number, &["876 543 210"], &["87654321", "000000000"]);
        check_digits(tax_file_number, "876543210");
    }

    #[test]
    fn business_check_refuses_every_wrong_digit() {
        check(
            business_number,
            &["51 824 753 556", "53004085616"],
            &["52 824 753 556", "01 824 753 556", "5182475355"],
        );
        check_digits(business_number, "51824753556");
    }

    #[test]
    fn company_check_refuses_wrong_digits() {
        // ASIC's list of test numbers.
        check(
            company_number,
            &["005 499 981", "006249976", "000 000 019", "010 499 966"],
            &["005 499 982", "000000000", "00549998"],
        );
    }

    #[test]
    fn medicare_check_refuses_wrong_digits_and_first_digits() {
        check(
            medicare,
            &["2123 45670 1", "2123456701", "2428 77813 2"],
            &["2123258701", "1123456701", "7123456701", "212345670"],
        );
    }
}
