use super::*;
use crate::checks::check;

fn regions(codes: &[&str]) -> Regions {
    Regions::new(codes.iter().copied()).unwrap()
}

/// Asserts which numbers are national ones of a region.
fn national_in(region: &str, valid: &[&str], invalid: &[&str]) {
    let regions = regions(&[region]);
    for number in valid {
        assert!(national(number, &regions), "{number} in {region}");
    }
    for number in invalid {
        assert!(!national(number, &regions), "{number} in {region}");
    }
}

#[test]
fn international_numbers_are_of_an_assigned_range() {
    check(
        assigned,
        &[
            "+14155552671",
            "+44 (0)20 7946 0958",
            "+44 020 7946 0958",
            "+49 30 901820",
            "+24740123",
            "+998 71 123 45 67",
            "+7 495 123-45-67",
            "+39 06 678 4343",
            "+800 1234 5678",
            "0033 6 12 34 56 78",
            "011 44 20 7946 0958",
            "+1 415 555 2671 ext. 12",
        ],
        &[
            "+1415555267",
            "+141555526712",
            "+1 115 555 2671",
            "+2101234567",
            "+99912345678",
            "+441234",
            "+4412345678901234",
            "+33 6 12 34 56 78 41",
            "+33 0 12 34 56 7",
            "+39 6 678 4343 000 000",
            "+123456789012345678901234567890",
            "+",
            "",
        ],
    );
}

#[test]
fn a_decimal_and_a_number_with_a_card_behind_it_are_no_number() {
    check(
        assigned_and_whole,
        &["+49 30 901820", "+49 30 12345678", "+49.30.901820", "+4930901820"],
        &["+49.30901820", "+352364.50", "+49 30 901820 4111"],
    );
}

#[test]
fn a_dump_of_bytes_is_no_number() {
    check(
        assigned_in_groups,
        &["0033 6 12 34 56 78", "00 44 20 7946 0958", "001-415-555-2671"],
        &["00 33 61 23 45 67 89", "0033612345678", "00 55 44 77 66 88 99"],
    );
}

#[test]
fn a_range_may_be_unassigned_and_a_length_may_not_be_wrong() {
    check(
        dialable,
        &["+41 (0)96 471 07 95", "+1 748 088 2851", "001-748-088-2851x818"],
        &[
            "+41 96 471 07",
            "+1 748 088 28",
            "+44 20 7946 0958 12",
            "+99912345678",
        ],
    );
}

#[test]
fn national_numbers_are_of_the_region() {
    national_in(
        "US",
        &["4155552671", "14155552671"],
        &["1155552671", "2687641234", "415555267", "04155552671"],
    );
    national_in("AG", &["2684601234", "12684601234"], &["4155552671"]);
    national_in(
        "DE",
        &["030901820", "15123456789", "015123456789"],
        &["0030901820"],
    );
    national_in("GB", &["02079460958", "07400123456"], &["0207946095", "17946095"]);
    national_in("IT", &["0612345678", "3123456789"], &["00612345678"]);
    national_in(
        "BR",
        &["11961234567", "011961234567", "01511961234567"],
        &["01961234567"],
    );
    national_in("HU", &["06201234567", "201234567"], &["0201234567"]);
    national_in("RU", &["89123456789", "9123456789"], &["19123456789"]);
    national_in("CN", &["13812345678"], &["12012345678", "1381234567"]);
    national_in("ZZ", &[], &["4155552671"]);
    assert!(!national("4155552671", &Regions::default()));
}

#[test]
fn north_american_numbers_need_a_region_of_the_plan() {
    for (text, codes, expected) in [
        ("(268) 460-1234", &["US"][..], true),
        ("1-415-555-2671", &["GB", "CA"], true),
        ("415-555-2671", &["GB"], false),
        ("415-055-2671", &["US"], false),
        ("259.735.7502", &["US"], false),
    ] {
        assert_eq!(north_american(text, &regions(codes)), expected, "{text}");
    }
}

#[test]
fn groups_are_no_date_and_no_address() {
    check(
        in_groups,
        &[
            "60-56-85-91",
            "(37) 788-063",
            "03.93.92.16.85",
            "2016-2183-4",
            "19 12 34 56",
            "(020) 7946 0958",
        ],
        &[
            "2024-01-15",
            "2024-01-15 12",
            "31.12.2024",
            "12/31/2024",
            "2016-2183",
            "10.20.30.40",
            "127.0.0.1",
            "3.14159265",
            "12-34 56-78",
        ],
    );
}
