//! What the rows of `catalogue/europe.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

#[test]
fn italian_fiscal_codes_with_a_slip_need_a_word() {
    check(
        Category::IT_FISCAL_CODE,
        60,
        &[
            "⟦RCCMNL83S18D969H⟧, ⟦rccmnl83s18d969h⟧",
            "con lettere: ⟦RSSMRA80A01H5LMX⟧",
            "codice fiscale ⟦RCCMNL83S18D969A⟧",
            "ticket RCCMNL83S18D969A",
            "codice fiscale MARMNL83S18D969H",
            "RCCMNL83S32D969H",
        ],
    );
    check(
        Category::IT_FISCAL_CODE,
        40,
        &["⟦RCCMNL83S18D969A⟧", "xRCCMNL83S18D969H"],
    );
}

#[test]
fn italian_vat_numbers_need_a_word_or_a_country() {
    check(
        Category::IT_VAT_CODE,
        60,
        &[
            "P. IVA ⟦00743110157⟧",
            "⟦IT00743110157⟧",
            "P. IVA 00743110158",
            "riga 00743110157",
        ],
    );
    check(
        Category::IT_VAT_CODE,
        40,
        &["⟦00743110157⟧", "⟦0074311 0157⟧", "⟦00743_110157⟧", "00000000000"],
    );
}

#[test]
fn italian_documents_need_a_word() {
    check(
        Category::IT_DRIVER_LICENSE,
        60,
        &[
            "patente ⟦AA0123456B⟧",
            "patente ⟦U1H00B000C⟧",
            "patente U1H00A000B",
            "lotto AA0123456B",
        ],
    );
    check(
        Category::IT_IDENTITY_CARD,
        60,
        &[
            "carta d'identità ⟦AA 1234567⟧",
            "carta d'identità ⟦1234567AA⟧",
            "CIE ⟦ca12345aa⟧",
            "CIE AA123456",
            "lotto 1234567AA",
        ],
    );
    check(
        Category::IT_PASSPORT,
        60,
        &[
            "passaporto ⟦YA1234567⟧",
            "passaporto YA12345678",
            "lotto YA1234567",
        ],
    );
}

#[test]
fn spanish_numbers_need_their_letter() {
    check(
        Category::ES_NIF,
        60,
        &[
            "⟦54362315K⟧ y ⟦54362315-K⟧",
            "DNI ⟦54.362.315-k⟧",
            "DNI: ⟦1111111G⟧",
            "NIF ⟦K0867756N⟧",
            "DNI 54362315A",
            "1111111G",
        ],
    );
    check(
        Category::ES_NIF,
        40,
        &["⟦1111111-G⟧", "⟦54362315k⟧", "401-023-2138", "12345678a"],
    );
    check(
        Category::ES_NIE,
        60,
        &["⟦X2482300W⟧", "NIE ⟦x-2482300-w⟧", "X2482300A", "NIE Y2482300W"],
    );
    check(Category::ES_NIE, 40, &["⟦z8078221m⟧", "Y806391Q"]);
    check(
        Category::ES_PASSPORT,
        60,
        &[
            "Mi pasaporte es ⟦aaa123456⟧",
            "pasaporte AA123456",
            "lote AAA123456",
        ],
    );
}

#[test]
fn french_numbers_are_sure_in_groups_with_their_key_only() {
    check(
        Category::FR_NIR,
        60,
        &[
            "295109912611193",
            "sécurité sociale : ⟦295109912611193⟧",
            "⟦2951099126111 93⟧, ⟦253072B07300470⟧",
            "⟦2 95 10 99 126 111 93⟧, ⟦2 53 07 2B 073 004 70⟧",
            "sécurité sociale : ⟦2 95 10 99 126 111⟧",
            "295109912611192",
            "ligne 2951099126111",
        ],
    );
}

#[test]
fn dutch_and_portuguese_numbers_need_a_word() {
    check(
        Category::NL_BSN,
        60,
        &[
            "BSN ⟦111222333⟧",
            "BSN: ⟦1112.22.333⟧",
            "BSN ⟦10000008⟧",
            "BSN 111252333",
            "order 111222333",
        ],
    );
    check(Category::NL_BSN, 40, &["⟦111222333⟧", "10000008"]);
    check(
        Category::PT_NIF,
        60,
        &[
            "NIF ⟦501 964 843⟧",
            "⟦PT501964843⟧",
            "NIF 501964842",
            "pedido 501964843",
        ],
    );
}

#[test]
fn belgian_numbers_need_their_key() {
    check(
        Category::BE_NRN,
        60,
        &[
            "⟦85.07.30-033.28⟧, rijksregisternummer ⟦85073003328⟧",
            "né en 2017 : ⟦17.07.30-033.84⟧",
            "850730-033.29",
            "order 85073003328",
        ],
    );
    check(Category::BE_NRN, 40, &["⟦85073003328⟧", "85073003329"]);
}

#[test]
fn polish_numbers_need_a_word() {
    check(
        Category::PL_PESEL,
        60,
        &["PESEL: ⟦44051401359⟧", "PESEL 44051401459", "kod 44051401359"],
    );
    check(Category::PL_PESEL, 40, &["⟦44051401359⟧", "44053201352"]);
}

#[test]
fn finnish_codes_take_the_signs_of_every_century() {
    check(
        Category::FI_PERSONAL_IDENTITY_CODE,
        60,
        &[
            "⟦131052-308T⟧, ⟦131052+308T⟧, ⟦131052A308T⟧, ⟦131052F308T⟧, ⟦131052u308t⟧",
            "131052G308T",
            "131052-308U",
            "311152-3088",
        ],
    );
}

#[test]
fn swedish_numbers_that_could_be_time_stamps_need_a_word() {
    check(
        Category::SE_PERSONNUMMER,
        60,
        &[
            "⟦701063-2391⟧, personnummer ⟦880320-0016⟧",
            "backup 880320-0016",
            "personnummer ⟦8803200016⟧",
            "personnummer ⟦198803200016⟧",
            "880320-0018",
            "logg 198803200016",
        ],
    );
    check(
        Category::SE_PERSONNUMMER,
        40,
        &["⟦19880320-0016⟧", "1988032000161"],
    );
    check(
        Category::SE_ORGANISATIONSNUMMER,
        60,
        &[
            "org.nr ⟦556703-7485⟧",
            "org.nr ⟦165567037485⟧",
            "org.nr 551203-7482",
            "tel 556703-7485",
        ],
    );
    check(
        Category::SE_ORGANISATIONSNUMMER,
        40,
        &["⟦5567037485⟧ är vårt", "55670x-7485"],
    );
}

#[test]
fn ungrouped_rests_of_longer_numbers_are_left_alone() {
    check(Category::FR_NIR, 60, &["12.295109912611193"]);
    check(Category::BE_NRN, 40, &["1.85073003328", "12-85.07.30-033.28"]);
    check(Category::SE_PERSONNUMMER, 40, &["12-8803200016"]);
    check(Category::ES_NIF, 40, &["1.54362315K"]);
}
