use super::*;
use crate::checks::{check, check_digits};

type Rule = fn(&str) -> bool;

#[test]
fn single_digit_errors_are_caught() {
    let numbers: &[(Rule, &str)] = &[
        (aadhaar, "2341 2341 2346"),
        (goods_tax, "27AAPFU0939F1ZV"),
        (nric, "S1234567D"),
        (company_entity, "201434292D"),
        (korean_business, "124-81-00998"),
        (chinese_resident, "11010519491231002X"),
        (turkish_identity, "10000000146"),
    ];
    for (rule, good) in numbers {
        check_digits(*rule, good);
    }
}

#[test]
fn indian_checks_refuse_what_no_authority_issues() {
    check(
        aadhaar,
        &["2341-2341-2346", "499118665246"],
        &["234123412347", "222222222222", ""],
    );
    check(
        permanent_account,
        &["ABCPD1234Z", "AAACH7409R"],
        &["ABCSD1234Z", "ABCPD0000Z", ""],
    );
    check(
        goods_tax,
        &["33AAACH7409R1Z8", "07AAGFF2194N1Z1", "97AAACH7409R1ZU"],
        &[
            "33AAACH7409R1Z9",
            "39AAACH7409R1ZW",
            "00AAACH7409R1ZH",
            "33AAACH7409R1Z",
            "",
        ],
    );
    check(
        goods_tax_layout,
        &["27ABCDE1234F1Z5", "01AB0D31234F1Z5"],
        &["00ABCDE1234F1Z5", "38ABCDE1234F1Z5", "27A1B231234F1Z5", ""],
    );
    check(
        indian_plate,
        &["KA53ME3456", "DL 1C AB 1234", "mh-01-a-0001"],
        &["XX53ME3456", "KA00ME3456", "KA53ME0000", ""],
    );
    check(
        indian_mission_plate,
        &["77CD1234", "160CC12"],
        &["0CD1234", "161UN12", ""],
    );
}

#[test]
fn singaporean_checks_refuse_wrong_letters() {
    check(
        nric,
        &["S9108268C", "t7572225c", "F2346401L", "M4332674T", "G1122144R"],
        &["T1234567Z", "S9108268D", "A1234567D", "M4332674W", ""],
    );
    check(business_entity, &["53125226D"], &["53125226E", "53125226d", ""]);
    check(company_entity, &["201434292D"], &["201434292E", "300000000G", ""]);
    check(
        other_entity,
        &["T16RF0037C", "R16RF0037F"],
        &["T16RF0037D", "T16AA0037G", "T16RF0038C", ""],
    );
}

#[test]
fn korean_checks_refuse_wrong_dates_regions_and_digits() {
    check(
        korean_birth,
        &["960121-1234567", "0002293637892", "911124-5678901"],
        &[
            "001332-1234567",
            "000229-1234567",
            "960230-1234567",
            "960121-123456",
            "",
        ],
    );
    check(
        korean_registration,
        &["960121-1021413", "9111245678906"],
        &["960121-1021414", "9111245678904", "960121-1971411", ""],
    );
    check(
        korean_business,
        &["220-81-62517", "1048656659"],
        &["123-45-67890", "220-00-62518", ""],
    );
    check(
        korean_licence,
        &["13-22-123456-12", "28 22 123456 12"],
        &["27-22-123456-12", "10-22-123456-12", ""],
    );
}

#[test]
fn chinese_and_japanese_checks_refuse_wrong_dates_provinces_and_digits() {
    check(
        chinese_resident,
        &[
            "11010519491231002x",
            "440524 18800101 0014",
            "440524-18800101-0014",
        ],
        &[
            "110105194912310021",
            "160105194912310029",
            "110105194913310021",
            "",
        ],
    );
    check(
        individual_number,
        &["123456789018", "0234 5678 9013"],
        &["123456789017", "000000000000", "12345678901", ""],
    );
}

#[test]
fn south_east_asian_checks_refuse_wrong_provinces_and_digits() {
    check(
        thai_identity,
        &["1101700230708", "1-2345-67890-12-1"],
        &["1101700230709", "1284567890121", "1084567890122", ""],
    );
    check(
        philippine_taxpayer,
        &["000-123-456-000", "123456782"],
        &["123456783", "000-000-000", "210-123-450", ""],
    );
}

#[test]
fn turkish_checks_refuse_wrong_digits_provinces_and_dates() {
    check(
        turkish_identity,
        &["36493665440", "94357219628"],
        &["02531814694", "12345678900", ""],
    );
    check(
        turkish_plate,
        &["34 ABC 1234", "06 A 12345", "81zzz12", "34-MAR-123"],
        &[
            "82 ABC 123",
            "00 A 123",
            "34 AB 12345",
            "12-MAY-2021",
            "12 mar 21",
            "10 ve 20",
            "",
        ],
    );
}
