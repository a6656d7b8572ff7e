//! What the rows of `catalogue/america.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

#[test]
fn social_security_is_told_by_its_hyphens_or_a_word() {
    check(
        Category::US_SOCIAL_SECURITY_NUMBER,
        60,
        &[
            "⟦536-22-8145⟧",
            "SSN ⟦536 22 8145⟧",
            "ssn: ⟦536.22.8145⟧",
            "social security number ⟦536228145⟧",
            "ssn ⟦53622-8145⟧, ⟦536-228145⟧",
            "536 22 8145",
            "536228145",
            "666-22-8145",
            "1-536-22-8145",
            "536-22-81456",
            "693-09.4444",
        ],
    );
    check(
        Category::US_SOCIAL_SECURITY_NUMBER,
        40,
        &[
            "abc ⟦078 05 1123⟧ abc",
            "⟦078.05.1123⟧",
            "078-05-1120",
            "000000000",
            "078 00 1123",
            "078051121",
        ],
    );
}

#[test]
fn assigned_social_needs_no_second_word() {
    check(
        Category::US_SOCIAL_SECURITY_NUMBER,
        60,
        &["my social is ⟦536228145⟧", "social media 536228145"],
    );
}

#[test]
fn taxpayer_numbers_keep_to_the_groups_in_use() {
    check(
        Category::US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER,
        60,
        &[
            "⟦911-53-1234⟧",
            "ITIN ⟦911701234⟧",
            "tax id ⟦911 70 1234⟧",
            "911 70 1234",
            "911-89-1234",
            "811-53-1234",
        ],
    );
    check(
        Category::US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER,
        20,
        &["⟦911-701234⟧, ⟦91170-1234⟧", "⟦911-70 1234⟧"],
    );
}

#[test]
fn passports_need_a_word() {
    check(
        Category::US_PASSPORT_NUMBER,
        60,
        &[
            "my travel passport is ⟦A12803456⟧",
            "Passport No: ⟦912803456⟧",
            "A12803456",
            "912803456",
            "passport AB1280345",
        ],
    );
}

#[test]
fn licences_need_a_word_and_the_format_of_a_state() {
    check(
        Category::DRIVER_ID,
        60,
        &[
            "my driver's license number is ⟦2270-66-1551⟧",
            "Driver license: ⟦F162-823-54-011⟧",
            "drivers license ⟦U62928788557186⟧.",
            "driving licence ⟦M 123 456 789 012⟧",
            "driver's licence ⟦123AB4567⟧",
            "H12234567",
            "driver's license ABCDEFGH",
            "driver's license 2024",
        ],
    );
}

#[test]
fn assigned_abbreviations_tell_a_licence() {
    check(Category::DRIVER_ID, 60, &["DL: ⟦F1234567⟧", "</dl> t5520"]);
}

#[test]
fn beneficiary_identifiers_have_a_class_in_each_place() {
    check(
        Category::US_MBI,
        60,
        &[
            "Patient ⟦1EG4-TE5-MK73⟧ and ⟦2ag9-xc4-nn22⟧",
            "The MBI is ⟦4EF6GH8JK12⟧ for this patient",
            "4EF6GH8JK12",
            "1SG4-TE5-MK73",
            "1EG4-TE5-MI73",
            "12G4-TE5-MK73",
            "1EG4-TE5-MK734",
        ],
    );
    check(Category::US_MBI, 40, &["⟦4EF6GH8JK12⟧", "1EG4TE5MK7"]);
}

#[test]
fn provider_identifiers_and_registrations_need_their_check_digit_and_a_word() {
    check(
        Category::US_NPI,
        60,
        &[
            "NPI ⟦1234567893⟧ and NPI ⟦1245319599⟧",
            "npi ⟦1234-567-893⟧",
            "1234567893",
            "npi 1234567890",
            "npi 9234567893",
        ],
    );
    check(
        Category::MEDICAL_LICENSE,
        60,
        &[
            "DEA number ⟦BB1388568⟧",
            "dea ⟦b91388568⟧",
            "BB1388568",
            "DEA BB1388567",
            "DEA IB1388568",
        ],
    );
}

#[test]
fn vehicle_numbers_need_their_check_digit_or_a_word() {
    check(
        Category::VEHICLE_IDENTIFICATION_NUMBER,
        60,
        &[
            "⟦1M8GDM9AXKP042788⟧",
            "VIN: ⟦WVWZZZ1KZAW000001⟧",
            "vin ⟦1hgcm82633a004352⟧",
            "WVWZZZ1KZAW000001",
            "VIN 12345678901234567",
            "vin 1M8GDM9AXKP04278",
        ],
    );
}

#[test]
fn plates_need_a_word() {
    check(
        Category::LICENSE_PLATE,
        60,
        &[
            "license plate ⟦7ABC123⟧",
            "number plate ⟦ABC 1234⟧ seen",
            "plate number ⟦123-XYZ⟧.",
            "7ABC123",
            "plate 1 of 2",
            "license plate of 2026",
            "TAG NUMBER SIGN E0024",
        ],
    );
}

#[test]
fn assigned_plates_may_have_any_order() {
    check(
        Category::LICENSE_PLATE,
        60,
        &[
            "plate: ⟦GR8 2CU⟧",
            "license plate is ⟦7abc123⟧",
            "plate: STEEL",
            "template=1161103",
        ],
    );
}

#[test]
fn canadian_numbers_need_their_check_digit_and_a_word() {
    check(
        Category::CA_SOCIAL_INSURANCE_NUMBER,
        60,
        &[
            "mon NAS: ⟦258 933 688⟧",
            "SIN ⟦130692544⟧",
            "731-530-150",
            "sin 130 692 545",
            "sin 046 454 286",
        ],
    );
    check(
        Category::CA_SOCIAL_INSURANCE_NUMBER,
        40,
        &[
            "⟦731-530-150⟧",
            "731-530 150",
            "812 345 678",
            "999 999 999",
            "1306925440",
        ],
    );
    check(
        Category::CA_HEALTH_NUMBER,
        60,
        &[
            "health card ⟦9876-543-217⟧",
            "OHIP: ⟦5584 486 673 YM⟧",
            "RAMQ ⟦BOUF94010501⟧",
            "personal health number ⟦9698658215⟧",
            "Alberta personal health number ⟦12345-6789⟧",
            "9876-543-217",
            "RAMQ BOUF94130501",
        ],
    );
}

#[test]
fn assigned_health_numbers_of_quebec_may_be_grouped() {
    check(
        Category::CA_HEALTH_NUMBER,
        60,
        &[
            "RAMQ: ⟦TREM 7862 1234⟧",
            "RAMQ: TREM 7863 3234",
            "PHN: ⟦9698 658 215⟧",
            "PHN_SETREG: u32 = 2148036614",
        ],
    );
}
