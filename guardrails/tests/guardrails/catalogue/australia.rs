//! What the rows of `catalogue/australia.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

#[test]
fn business_numbers_are_told_by_their_groups_or_a_word() {
    check(
        Category::AU_ABN,
        60,
        &[
            "⟦51 824 753 556⟧",
            "ABN ⟦51824753556⟧",
            "51824753556",
            "52 824 753 556",
            "51 824 753 5564",
            "5282475355632",
        ],
    );
}

#[test]
fn other_numbers_need_their_check_digit_and_a_word() {
    check(
        Category::AU_ACN,
        60,
        &[
            "ACN ⟦005 499 981⟧",
            "acn: ⟦006249976⟧",
            "005 499 981",
            "ACN 005 499 982",
        ],
    );
    check(
        Category::AU_TFN,
        60,
        &[
            "TFN ⟦876 543 210⟧",
            "tax file number ⟦876543210⟧",
            "876543210",
            "TFN 876 543 211",
            "TFN 876 543\n210",
        ],
    );
    check(
        Category::AU_MEDICARE,
        60,
        &[
            "Medicare ⟦2123 45670 1⟧",
            "medicare no. ⟦2123456701⟧",
            "2123456701",
            "Medicare 2123258701",
            "Medicare 1123 45670 1",
        ],
    );
    check(Category::AU_ACN, 40, &["⟦005 499 981⟧", "123 456\n789"]);
    check(Category::AU_TFN, 40, &["⟦876543210⟧", "5282475355632"]);
    check(Category::AU_MEDICARE, 40, &["⟦2123 45670 1⟧", "123 456\n789"]);
}
