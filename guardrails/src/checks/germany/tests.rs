use super::*;
use crate::checks::{check, check_digits};

#[test]
fn tax_ids_with_a_wrong_check_digit_or_too_much_repetition_are_refused() {
    // 86095742719 is the example that is published most.
    check(
        tax_id,
        &["86095742719", "86 095 742 719", "12345678903"],
        &["11111111111", "11112345678", "8609574271", "860957427190"],
    );
    check_digits(tax_id, "86095742719");
}

#[test]
fn document_numbers_of_the_official_specimens_pass() {
    // Specimens of the Federal Ministry of the Interior, with the check digits of their machine-readable zones.
    check(
        document,
        &["T220001293", "L01X00T471", "C01X00T478D", "c01x00t41"],
        &["T220001290", "L01X00T472", "C01X00T471D", ""],
    );
    // A digit off by five keeps the sum's last digit where the weight is even, and no weight is.
    check_digits(document, "L01X00T471");
}

#[test]
fn pension_insurance_numbers_need_a_birthday_and_their_check_digit() {
    check(
        social_security,
        &["15070649C103", "65 170839 J 003", "65170839j003"],
        &["15070049C103", "15320649C103", "15070649C104", "15070649D103"],
    );
}

#[test]
fn health_insurance_numbers_with_a_wrong_digit_are_refused() {
    // A000500015 is the example of annex 1 to § 290 SGB V.
    check(
        health_insurance,
        &["A000500015", "a123456780", "Z999999997"],
        &["B000500015", "A000500016"],
    );
    check_digits(health_insurance, "A123456780");
}

#[test]
fn physician_numbers_with_a_wrong_check_digit_are_refused() {
    check(
        physician,
        &["123456601", "555555501"],
        &["123456701", "12345660", "1234566010"],
    );
    check(practice, &["021234568"], &["000000000"]);
}

#[test]
fn plates_of_districts_that_do_not_exist_are_refused() {
    check(
        licence_plate,
        &["B AB 1234", "MIL-E1234E", "TÜ-AB 12", "tü-ab 12", "HH AB 1"],
        &["BX AB 1234", "ISO-AB 12", "Q-AB 12", ""],
    );
}

#[test]
fn postal_codes_that_are_not_given_out_are_refused() {
    check(
        postal_code,
        &["01001", "10115", "D-99998"],
        &["01000", "00999", "99999"],
    );
}
