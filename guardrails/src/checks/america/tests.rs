use super::*;
use crate::checks::{check, check_digits};

#[test]
fn social_security_check_refuses_specimens_and_numbers_never_issued() {
    check(
        social_security,
        &[
            "078-05-1121",
            "123-45-6789",
            "665 12 3456",
            "899999999",
            "001.01.0001",
        ],
        &[
            "078-05-1120",
            "219 09 9999",
            "000-12-3456",
            "666-12-3456",
            "900-12-3456",
            "536-00-8145",
            "536-22-0000",
            "111-11-1111",
            "12345678",
            "",
        ],
    );
}

#[test]
fn taxpayer_check_refuses_other_groups() {
    check(
        individual_taxpayer,
        &["911-53-1234", "900 70 0000", "999991234", "912-65-1234"],
        &["911-89-1234", "911-93-1234", "911-66-1234", "811-53-1234", ""],
    );
}

#[test]
fn licence_check_refuses_what_no_state_issues() {
    check(
        driver_licence,
        &[
            "H12234567",
            "2270-66-1551",
            "F162-823-54-011",
            "U62928788557186",
            "WDL1AB234C56",
            "K1A2B",
        ],
        &["ABCDEFGH", "1234", "AB12345678", "A123", "12345678901234567", ""],
    );
}

#[test]
fn provider_check_refuses_every_wrong_digit() {
    // CMS's example.
    check_digits(provider_identifier, "1234567893");
    check(
        provider_identifier,
        &["1234-567-893", "1245319599"],
        &["1234 567-893"],
    );
}

#[test]
fn dea_check_refuses_wrong_sums() {
    check(
        dea_registration,
        &["BB1388568", "AP5836727", "b91388568"],
        &["BB1388567", "BB1388658", "AA0000000", "BB138856", ""],
    );
}

#[test]
fn vehicle_check_refuses_wrong_check_digits_and_model_years() {
    check(
        vehicle,
        &["1M8GDM9AXKP042788", "1HGCM82633A004352", "5GZCZ43D13S812715"],
        &[
            "1M8GDM9A1KP042788",
            "1HGCM82633A004353",
            "11111111111111111",
            "P9007199254740992",
            "",
        ],
    );
    check(
        foreign_vehicle,
        &["WVWZZZ1KZAW000001"],
        &["P9007199254740992", "12345678901234567"],
    );
}

#[test]
fn plate_check_wants_a_digit_and_a_plausible_length() {
    check(
        licence_plate,
        &["7ABC123", "ABC 1234", "B-AB 123"],
        &["ABCDEF", "1161103", "A1", "ABC123456"],
    );
}

#[test]
fn social_insurance_check_refuses_mixed_separators_and_wrong_sums() {
    check(
        social_insurance,
        &["731-530-150", "258 933 688", "130692544"],
        &["731-530 150", "130 692 545", "999 999 999"],
    );
}

#[test]
fn health_check_follows_the_province() {
    check(
        health_number,
        &["9876 543 217", "5584-486-673-YM", "9698 658 215"],
        &["5584-486-674", "0000000000", "1111111111", "9698 658 216", ""],
    );
    check(
        quebec_health_number,
        &["TREM 7862 1234", "BOUF94010501", "ABCD00022901"],
        &["TREM 7863 3234", "BOUF94130101", "BOUF940105", ""],
    );
}
