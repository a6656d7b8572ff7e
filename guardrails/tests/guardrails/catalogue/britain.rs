//! What the rows of `catalogue/britain.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

#[test]
fn health_service_numbers_need_their_check_digit_and_a_word() {
    check(
        Category::UK_NATIONAL_HEALTH_SERVICE_NUMBER,
        60,
        &[
            "NHS number ⟦401 023 2137⟧",
            "nhs: ⟦0032698674⟧",
            "401-023-2137",
            "NHS 401-023-2138",
            "NHS 1401-023-2137",
        ],
    );
    check(
        Category::UK_NATIONAL_HEALTH_SERVICE_NUMBER,
        40,
        &["⟦401-023-2137⟧", "⟦221 395 1837⟧", "401 023-2137", "401-023-2138"],
    );
}

#[test]
fn national_insurance_numbers_are_told_by_their_letters() {
    check(
        Category::UK_NATIONAL_INSURANCE_NUMBER,
        60,
        &[
            "⟦AA 12 34 56 B⟧",
            "⟦AA123456B⟧.",
            "my NINO is ⟦tw987654a⟧",
            "tw987654a",
            "AA 12 34 56 H",
            "AB1234561",
            "FQ 00 00 00 C",
            "BG123612A",
            "DA123456B",
        ],
    );
    check(
        Category::UK_NATIONAL_INSURANCE_NUMBER,
        40,
        &["⟦hh 01 02 03 d⟧", "bg123612a", "ab1234561"],
    );
}

#[test]
fn taxpayer_references_need_their_check_digit_and_a_word() {
    check(
        Category::UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER,
        60,
        &[
            "UTR ⟦1955839661⟧",
            "my UTR is ⟦19558 39661K⟧",
            "1955839661",
            "UTR 2955839661",
        ],
    );
}

#[test]
fn passports_need_a_word() {
    check(
        Category::UK_PASSPORT,
        60,
        &[
            "My passport number is ⟦CD7654321⟧ and it expires soon",
            "British passport ⟦925665416⟧",
            "passport 925665416",
            "AB1234567",
            "passport ABC123456",
            "passport AB12345678",
        ],
    );
}

#[test]
fn postcodes_need_an_area_that_exists() {
    check(
        Category::UK_POSTCODE,
        40,
        &[
            "From ⟦SW1A 1AA⟧ to ⟦EC1A 1BB⟧",
            "⟦DN551PT⟧, ⟦GIR0AA⟧ and ⟦m1 1ae⟧",
            "XA1 1AA",
            "M1 1AI",
            "1A1 1AA",
            "ABCM11AADEF",
        ],
    );
    check(Category::UK_POSTCODE, 60, &["postcode ⟦SW1A 1AA⟧", "SW1A 1AA"]);
}

#[test]
fn driving_licences_are_told_by_the_birth_date_in_them() {
    check(
        Category::UK_DRIVING_LICENCE,
        60,
        &[
            "⟦MORGA657054SM9IJ⟧",
            "⟦morga607054sm9ij⟧",
            "⟦FO999512018AA1AB⟧",
            "MORGA663054SM9IJ",
            "MORGA657054SM9I1",
            "XMORGA657054SM9IJ",
        ],
    );
}

#[test]
fn assigned_driving_licences_may_be_grouped() {
    check(
        Category::UK_DRIVING_LICENCE,
        60,
        &["driving licence: ⟦MORGA 657054 SM9IJ⟧", "MORGA 657054 SM9IJ"],
    );
}

#[test]
fn registrations_need_a_half_year_that_has_been() {
    check(
        Category::UK_VEHICLE_REGISTRATION,
        40,
        &[
            "Vehicles ⟦AB51 ABC⟧ and ⟦BD62XYZ⟧ were seen",
            "⟦aa02 aaa⟧",
            "IB51 ABC",
            "AB35 ABC",
            "AB80 ABC",
            "AB51 AIB",
            "ABC 123Z",
        ],
    );
    check(
        Category::UK_VEHICLE_REGISTRATION,
        60,
        &[
            "number plate ⟦M456 DEF⟧",
            "reg no ⟦ABC 123K⟧",
            "car reg is ⟦AB51 ABC⟧",
            "M456DEF",
            "AB51 ABC",
        ],
    );
}
