//! What the rows of `catalogue/south.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

/// What a production engine asks for, and what a bare shape has.
const DEFAULT: u8 = 60;
const SHAPE: u8 = 40;

#[test]
fn nigerian_numbers() {
    check(
        Category::NG_NIN,
        DEFAULT,
        &[
            "My NIN is ⟦12345678902⟧ and yours is ⟦5551 234 5672⟧",
            "12345678902",
            "nin 12345678901, 1234567890a",
        ],
    );
    check(
        Category::NG_VEHICLE_REGISTRATION,
        DEFAULT,
        &[
            "plate number ⟦KJA-999PZ⟧, ⟦APP 456CV⟧ or ⟦abj123xy⟧",
            "KJA-999PZ",
            "vehicle AB-1234CD at 120km, max 120km, RAM 512MB",
        ],
    );
    check(
        Category::NG_VEHICLE_REGISTRATION,
        SHAPE,
        &["⟦APP456CV⟧", "SSD 256GB"],
    );
}

#[test]
fn south_african_numbers() {
    check(
        Category::ZA_ID_NUMBER,
        DEFAULT,
        &[
            "⟦8001015009087⟧, ⟦800101 5009 08 7⟧, ⟦800101-5009-087⟧",
            "8001015009088 8002305009084 8001015009384 18001015009087",
        ],
    );
}

#[test]
fn south_african_numbers_that_may_be_milliseconds_need_a_telling_word() {
    check(
        Category::ZA_ID_NUMBER,
        DEFAULT,
        &["1701015009089", "ID number ⟦1701015009089⟧"],
    );
}

#[test]
fn brazilian_numbers_of_persons() {
    check(
        Category::BR_CPF,
        DEFAULT,
        &[
            "⟦111.444.777-35⟧ ⟦111444777-35⟧",
            "CPF ⟦52998224725⟧, ⟦529 982 247 25⟧",
            "52998224725",
            "cpf 111.444.777-36, 111.111.111-11",
        ],
    );
}

#[test]
fn brazilian_numbers_of_companies() {
    check(
        Category::BR_CNPJ,
        DEFAULT,
        &[
            "⟦11.222.333/0001-81⟧ ⟦11222333/0001-81⟧ ⟦11222333000181⟧",
            "⟦12.ABC.345/01DE-35⟧",
            "CNPJ ⟦12ABC34501DE35⟧",
            "12ABC34501DE35",
            "cnpj 11.222.333/0001-82, 20240101123045, 00000000000000",
        ],
    );
}

#[test]
fn assigned_brazilian_numbers_of_companies_may_start_with_letters() {
    check(
        Category::BR_CNPJ,
        DEFAULT,
        &[
            "CNPJ: ⟦AB.CDE.FGH/0001-95⟧",
            "AB.CDE.FGH/0001-95",
            "CNPJ: AB.CDE.FGH/0001-96",
        ],
    );
}

#[test]
fn the_rest_of_a_longer_number_is_left_alone() {
    check(Category::BR_CPF, DEFAULT, &["cpf 1.111.444.777-35"]);
    check(Category::NG_NIN, DEFAULT, &["nin 3.12345678902"]);
}
