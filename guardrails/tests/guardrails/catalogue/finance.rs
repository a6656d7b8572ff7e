//! What the rows of `catalogue/finance.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

#[test]
fn cards_are_found_in_every_way_of_spacing_and_decimals_are_none() {
    check(
        Category::CREDIT_DEBIT_CARD_NUMBER,
        60,
        &[
            "card ⟦4111111111111111⟧.",
            "⟦4111.1111.1111.1111⟧",
            "⟦4012888888881881⟧ ⟦4012-8888-8888-1881⟧ ⟦4012 8888 8888 1881⟧",
            "122000000000003, ⟦1220 00000 000003⟧, card ⟦122000000000003⟧",
            "⟦3714 4963 5398 431⟧ or ⟦3714 496353 98431⟧",
            "exp 12/27 ⟦5019717010103742⟧",
            "my card is ⟦4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1⟧ you know",
            "maestro ⟦675984103431⟧",
        ],
    );
    check(
        Category::CREDIT_DEBIT_CARD_NUMBER,
        60,
        &[
            "0.4111111111111111",
            "4012-8888-8888-1882",
            "4111.1111 1111.1111",
            "1748503543012",
            "36168002586008",
            "arn:aws:iam::675984103431:role/x",
            "0 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
            "card 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0 0 0 0",
            "card 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 12",
        ],
    );
}

#[test]
fn security_codes_and_expiry_dates_need_a_word() {
    check(
        Category::CREDIT_DEBIT_CARD_CVV,
        60,
        &[
            "CVV ⟦123⟧",
            "cvc2 ⟦1234⟧",
            "XML_SCHEMAV_CVC_TYPE, /* 1827 */",
            "the security code is ⟦042⟧.",
            "123",
            "cvv 12",
            "cvv 12345",
            "cvv 12-123",
        ],
    );
    check(
        Category::CREDIT_DEBIT_CARD_EXPIRY,
        60,
        &[
            "exp ⟦12/27⟧",
            "Expiry: ⟦01/2031⟧",
            "valid thru ⟦09-28⟧",
            "expires ⟦05 / 29⟧",
            "12/27",
            "exp 13/27",
            "expires 12/31/2027",
            "expires 2027-05-29",
        ],
    );
}

#[test]
fn assigned_security_codes_are_found() {
    check(
        Category::CREDIT_DEBIT_CARD_CVV,
        60,
        &["CVC: ⟦1234⟧", "\"cvc\": \"⟦042⟧\"", "CVC of 1827"],
    );
}

#[test]
fn assigned_personal_identification_numbers_are_found() {
    check(
        Category::PIN,
        60,
        &[
            "PIN: ⟦1234⟧",
            "my pin is ⟦483920⟧.",
            "\"pin\": \"⟦0042⟧\"",
            "pin 13",
            "4321",
            "spin: 1234",
            "pin = 123",
        ],
    );
}

#[test]
fn iban_is_found_solid_grouped_and_in_lower_case() {
    check(
        Category::INTERNATIONAL_BANK_ACCOUNT_NUMBER,
        60,
        &[
            "⟦DE89 3704 0044 0532 0130 00⟧",
            "to ⟦GB29NWBK60161331926819⟧ ALL CAPS",
            "⟦AL47-2121-1009-0000-0002-3569-8741⟧.",
            "my iban is ⟦gb29nwbk60161331926819⟧",
            "⟦NO93 8601 1117 947⟧ 1 2026",
            "⟦LC55 HEMM 0001 0001 0012 0012 0002 3015⟧",
            "(⟦MT84MALT011000012345MTLCAST001S⟧)",
        ],
    );
    check(
        Category::INTERNATIONAL_BANK_ACCOUNT_NUMBER,
        1,
        &[
            "DE89 3704 0044 0532 0130 01",
            "GB29 nwbk 6016 1331 9268 19",
            "XDE89370400440532013000",
            "DE893704004405320130001",
            "G B29 NWBK 6016 1331 9268 19",
            "DE89  3704 0044 0532 0130 00",
        ],
    );
}

#[test]
fn business_identifiers_need_a_word_and_a_country() {
    check(
        Category::SWIFT_CODE,
        60,
        &[
            "SWIFT ⟦CHASUS33⟧",
            "BIC code ⟦DEUTDEFF500⟧",
            "swift DEUTXX33",
            "CHASUS33",
        ],
    );
}

#[test]
fn assigned_business_identifiers_may_have_no_digit() {
    check(
        Category::SWIFT_CODE,
        60,
        &[
            "SWIFT: ⟦DEUTDEFF⟧",
            "bic = ⟦NEDSZAJJ4B1⟧",
            "SWIFT: TOMORROW",
            "DEUTDEFF",
        ],
    );
}

#[test]
fn routing_and_account_numbers_need_a_word_unless_hyphens_tell() {
    check(
        Category::US_BANK_ROUTING_NUMBER,
        60,
        &[
            "routing number ⟦121000358⟧",
            "⟦0711-0130-7⟧",
            "121000358",
            "routing number 121000359",
            "0711-0130-8",
        ],
    );
    check(
        Category::US_BANK_ROUTING_NUMBER,
        40,
        &["⟦121000358⟧", "1210003580", "421000358"],
    );
    check(
        Category::US_BANK_ACCOUNT_NUMBER,
        60,
        &[
            "my bank account number is ⟦945456787654⟧",
            "account no ⟦12345678⟧",
            "945456787654",
            "bank account 12345",
            "bank account 123456789012345678",
        ],
    );
}

#[test]
fn assigned_accounts_are_found_after_an_abbreviation() {
    check(
        Category::US_BANK_ACCOUNT_NUMBER,
        60,
        &[
            "acct: ⟦945456787654⟧",
            "checking account = ⟦12345678⟧",
            "acct 12 of 945456787654",
        ],
    );
}
