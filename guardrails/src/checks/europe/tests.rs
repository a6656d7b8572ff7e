use super::*;
use crate::checks::{check, check_digits};

#[test]
fn fiscal_codes_with_a_wrong_control_character_or_an_impossible_part_are_refused() {
    // The second has letters for its last two digits.
    check(
        fiscal_code,
        &[
            "RCCMNL83S18D969H",
            "rccmnl83s18d969h",
            "MRTMTT25D09F205Z",
            "RSSMRA80A01H5LMX",
        ],
        &["RCCMNL83S18D969I", "RCCMNL83S18D969", "", "RCCMNL83S18D96É"],
    );
    check(
        fiscal_layout,
        &["RCCMNL83S18D969A", "FOXMRA84B69Z100A", "AIXRCC83S18D969A"],
        &[
            "RCCMNL83S32D969H", // day
            "RCCMNL83B30D969H", // 30 February
            "RCCMNL83S72D969H", // day of a woman
            "RCCMNL83S18N969H", // municipality
            "RCCMNL83S18D000H",
            "MARMNL83S18D969H", // a vowel before the last consonant
            "AFFMNL83S18D969H",
        ],
    );
}

#[test]
fn italian_vat_numbers_of_zeros_or_with_a_wrong_digit_are_refused() {
    check(
        italian_vat,
        &["00743110157", "0133355 0323"],
        &["00000000000", "0074311015"],
    );
    check_digits(italian_vat, "00743110157");
}

#[test]
fn spanish_numbers_with_a_wrong_letter_are_refused() {
    check(
        spanish_letter,
        &[
            "54362315K",
            "54.362.315-k",
            "1111111-G",
            "X2482300W",
            "z8078221m",
            "K0867756N",
        ],
        &["54362315A", "Y2482300W", "54362315", "", "X9613851Q"],
    );
    check_digits(spanish_letter, "54362315K");
    check_digits(spanish_letter, "X2482300W");
}

#[test]
fn french_numbers_need_their_key_and_a_month_in_use() {
    // The second and third are from Corsica.
    check(
        nir,
        &[
            "2 95 10 99 126 111 93",
            "253072B07300470",
            "253072b07300470",
            "295109912611193",
        ],
        &[
            "253072A07300470",
            "295139912611193",
            "295009912611193",
            "295109912611192",
        ],
    );
    check_digits(nir, "295109912611193");
    check(nir_without_key, &["2951099126111"], &["2951399126111"]);
}

#[test]
fn dutch_numbers_that_fail_the_eleven_test_are_refused() {
    check(
        bsn,
        &["111222333", "1112.22.333", "123456782", "10000008"],
        &["111252333", "000000000"],
    );
    check_digits(bsn, "111222333");
}

#[test]
fn belgian_numbers_need_their_key_with_or_without_a_two_in_front() {
    check(
        national_register,
        // The third was born in 2017, the fourth is not in the register of residents, the fifth has no known birthday.
        &[
            "85.07.30-033.28",
            "85073003328",
            "17073003384",
            "85273030392",
            "40000100133",
        ],
        &["85073003329", "85133003328", "85073203328", "8507300332"],
    );
    check_digits(national_register, "85073003328");
}

#[test]
fn portuguese_numbers_of_no_kind_or_with_a_wrong_digit_are_refused() {
    check(
        portuguese_nif,
        &["PT 501 964 843", "501964843"],
        &["501964842", "001964840", "50196484"],
    );
    check_digits(portuguese_nif, "501964843");
}

#[test]
fn pesels_need_a_birthday_and_their_check_digit() {
    check(
        pesel,
        &["44051401359", "02070803628", "11111111116"],
        &["44051401459", "1111321111", "44053201352"],
    );
    check_digits(pesel, "44051401359");
}

#[test]
fn finnish_codes_need_a_sign_a_birthday_a_number_and_their_character() {
    check(
        finnish_code,
        &[
            "131052-308T",
            "131052-308t",
            "131052y308T",
            "010594Y9032",
            "010516B903X",
        ],
        &[
            "131052-308U",
            "311190-1111",
            "012245A110G",
            "131052G308T",
            "010101-0011",
            "131052A308",
        ],
    );
    check_digits(finnish_code, "131052-308T");
}

#[test]
fn swedish_numbers_need_a_birthday_and_their_check_digit() {
    // The third is a coordination number: 60 more than the day.
    check(
        personnummer,
        &[
            "880320-0016",
            "198803200016",
            "701063-2391",
            "189004119807",
            "000229-0005",
        ],
        &["880320-0018", "881320-0012", "880332-0010", "298803200016"],
    );
    check_digits(personnummer, "880320-0016");
    // The last would be at 00:16.
    check(
        untimely_personnummer,
        &["701063-2391", "880320-2400"],
        &["880320-0016"],
    );
}

#[test]
fn swedish_organisations_have_a_third_digit_above_one() {
    check(
        organisationsnummer,
        &["123456-7897", "212000-0142", "556703-7485", "165567037485"],
        &["123456-7891", "5512037482", "12345678"],
    );
    check_digits(organisationsnummer, "556703-7485");
}
