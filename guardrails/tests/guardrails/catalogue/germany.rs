//! What the rows of `catalogue/germany.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

#[test]
fn tax_ids_need_a_word_or_their_check_digit() {
    check(
        Category::DE_TAX_ID,
        60,
        &[
            "Meine Steuer-ID: ⟦86095742719⟧.",
            "IdNr. ⟦86 095 742 719⟧ liegt vor",
            "Steuer-ID 86095742718",
            "Auftrag 86095742719",
            "Steuer-ID 086095742719",
        ],
    );
    check(Category::DE_TAX_ID, 40, &["⟦86095742719⟧", "11112345678"]);
}

#[test]
fn tax_numbers_are_found_in_the_groups_of_each_state() {
    check(
        Category::DE_TAX_NUMBER,
        60,
        &[
            "Steuernummer ⟦133/8150/8159⟧, Finanzamt Bonn",
            "St.-Nr.: ⟦93815/08152⟧",
            "Steuernummer: ⟦75 815 08152⟧",
            "Seite 133/8150/8159",
        ],
    );
    check(
        Category::DE_TAX_NUMBER,
        40,
        &[
            "⟦0281508150123⟧",
            "⟦12/345/67890⟧",
            "1781508150001",
            "12/345/6789",
        ],
    );
}

#[test]
fn vat_numbers_are_sure_when_solid_and_checked() {
    check(
        Category::DE_VAT_ID,
        60,
        &[
            "⟦DE136695976⟧",
            "USt-IdNr.: ⟦DE 136 695 976⟧",
            "USt-IdNr.: ⟦DE136695977⟧",
            "un total de 136.695.976 euros",
            "DE136695977",
            "IBAN DE89370400440532013000",
        ],
    );
    check(
        Category::DE_VAT_ID,
        40,
        &[
            "⟦DE-136-695-976⟧",
            "⟦de 136 695.976⟧",
            "DE12345678",
            "FR12345678901",
        ],
    );
}

#[test]
fn documents_are_found_with_and_without_their_check_digit() {
    check(
        Category::DE_ID_CARD,
        60,
        &[
            "Personalausweis ⟦L01X00T47⟧, gültig bis 2031",
            "Personalausweis ⟦T22000129⟧",
            "ausweisnummer: ⟦l01x00t471⟧",
            "identity card ⟦L01X00T44⟧",
            "identity card L01X00T47",
            "Ausweis FÜR GROSSTADT",
            "L01X00T44",
        ],
    );
    check(
        Category::DE_ID_CARD,
        40,
        &["⟦L01X00T44⟧", "⟦T22000124⟧", "T220001290", "L01X00T47"],
    );
    check(
        Category::DE_PASSPORT,
        60,
        &[
            "Reisepass ⟦C01X00T47⟧ ausgestellt",
            "MRZ ⟦C01X00T478D⟧<<6408125F2702283",
            "passport ⟦C01X00T41⟧",
            "passport C01X00T47",
            "Reisepass A01X00T47",
        ],
    );
}

#[test]
fn driving_licences_need_a_word() {
    check(
        Category::DE_FUEHRERSCHEIN,
        60,
        &[
            "Führerscheinnummer: ⟦BO12345678A⟧",
            "Führerschein ⟦B072RRE2I55⟧",
            "Teil BO12345678A",
            "Part B072RRE2I55",
        ],
    );
    check(Category::DE_FUEHRERSCHEIN, 40, &["⟦mu12345678b⟧", "B072RRE2I55"]);
}

#[test]
fn insurance_numbers_need_their_check_digits() {
    check(
        Category::DE_SOCIAL_SECURITY,
        60,
        &[
            "⟦15070649C103⟧",
            "RV-Nr. ⟦65 170839 J 003⟧",
            "15070649C104",
            "15320649C103",
        ],
    );
    check(
        Category::DE_HEALTH_INSURANCE,
        60,
        &[
            "Krankenkasse KVNR: ⟦A123456780⟧",
            "KVNR A123456787",
            "ticket A123456780",
        ],
    );
    check(
        Category::DE_HEALTH_INSURANCE,
        40,
        &["⟦A000500015⟧", "A1234567801"],
    );
}

#[test]
fn physicians_and_practices_need_a_word() {
    check(
        Category::DE_LANR,
        60,
        &["LANR ⟦123456601⟧", "LANR 123456701", "Zahl 123456601"],
    );
    check(
        Category::DE_BSNR,
        60,
        &["BSNR ⟦711234567⟧ der Praxis", "BSNR 000000000", "Zahl 711234567"],
    );
}

#[test]
fn register_sheets_are_not_degrees_of_hardness() {
    check(
        Category::DE_HANDELSREGISTER,
        60,
        &[
            "⟦HRB 123456⟧, ⟦HRA12345⟧ und ⟦HRB 243 522⟧",
            "Amtsgericht Köln, ⟦HRB Nr. 815⟧",
            "Handelsregister ⟦hrb 42⟧",
            "a hardness of HRB 85",
            "HRC 12345",
        ],
    );
    check(Category::DE_HANDELSREGISTER, 40, &["⟦HRB 85⟧", "HRB 1234567"]);
}

#[test]
fn plates_need_a_district_that_exists() {
    check(
        Category::DE_KFZ,
        60,
        &[
            "Das Fahrzeug mit Kennzeichen ⟦B AB 1234⟧ wurde gesehen.",
            "Kennzeichen ⟦TÜ-AB 12H⟧ und ⟦MIL-E1234E⟧",
            "Kennzeichen BX-AB 1234",
            "Kennzeichen B-AB 0123",
            "see B AB 1234",
        ],
    );
    check(Category::DE_KFZ, 40, &["⟦M-XY-999⟧", "ISO-AB 12"]);
}

#[test]
fn assigned_plates_are_found_in_lower_case() {
    check(
        Category::DE_KFZ,
        60,
        &["kennzeichen: ⟦b-ab 1234⟧", "kennzeichen: bx-ab 1234"],
    );
}

#[test]
fn postal_codes_need_a_word() {
    check(
        Category::DE_PLZ,
        60,
        &[
            "PLZ ⟦10115⟧ Berlin",
            "Anschrift: Hauptweg 3, ⟦D-80331⟧ München",
            "PLZ 01000",
            "Nummer 10115",
        ],
    );
}

#[test]
fn ungrouped_rests_of_longer_numbers_are_left_alone() {
    check(Category::DE_TAX_ID, 40, &["3-86095742719"]);
    check(Category::DE_TAX_NUMBER, 40, &["5/123/456/78901"]);
}
