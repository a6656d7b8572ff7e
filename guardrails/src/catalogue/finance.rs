//! Cards, accounts and banks.

use crate::category::Category;
use crate::checks::finance::{
    business_identifier, card_expiry, grouped_payment_card, grouped_test_card, iban, payment_card,
    routing_number, test_card,
};
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;
use crate::specimen::Specimen;

/// Words before a card number.
const CARD: &[&str] = &[
    "card",
    "credit",
    "debit",
    "visa",
    "mastercard",
    "amex",
    "american express",
    "discover",
    "jcb",
    "diners",
    "maestro",
    "unionpay",
    "tarjeta",
    "carte",
    "carte bancaire",
    "kreditkarte",
    "karte",
    "carta di credito",
    "cartão",
];

/// Words before an account of the United States. `account` alone would make every cloud account one.
const ACCOUNT: &[&str] = &[
    "bank account",
    "account number",
    "account no",
    "account #",
    "acct no",
    "acct number",
    "acct #",
    "checking account",
    "savings account",
    "direct deposit",
    "bank acct",
];

/// Words before a business identifier code.
const SWIFT: &[&str] = &[
    "swift",
    "bic",
    "swift code",
    "bic code",
    "swift/bic",
    "bic/swift",
    "swift number",
    "swift-code",
    "bank code",
    "wire transfer",
];

/// Words before a routing number.
const ROUTING: &[&str] = &[
    "routing",
    "routing number",
    "routing no",
    "aba",
    "aba number",
    "rtn",
    "transit number",
    "abarouting",
    "bankrouting",
];

/// Cards in the groups that they are embossed with, or solid.
const EMBOSSED: Detector = Detector {
    category: Category::CREDIT_DEBIT_CARD_NUMBER,
    shapes: &[
        "[2-689][0-9]{12,18}",
        "[2-689][0-9]{3}(?:[ .-][0-9]{4}){3}(?:[ .-][0-9]{1,3})?",
        "[1-6][0-9]{3}(?:[ .-][0-9]{4}){2}[ .-][0-9]{2,3}",
        "4[0-9]{3}(?:[ .-][0-9]{3}){3}",
        "3[0-9]{3}[ .-][0-9]{6}[ .-][0-9]{4,5}",
        "1[0-9]{3}[ .-][0-9]{5}[ .-][0-9]{6}",
        "62[0-9]{4}[ .-][0-9]{13}",
    ],
    // Digits behind a full stop are decimals.
    before: Before::Undotted,
    check: Check::Value(payment_card),
    validator: "Luhn, issuer ranges and lengths",
    source: "ISO/IEC 7812-1: 12 to 19 digits, written solid or in the groups that cards are embossed with.",
    telling: CARD,
    ..PLAIN
};

/// Cards a digit at a time.
const SPELT_OUT: Detector = Detector {
    category: Category::CREDIT_DEBIT_CARD_NUMBER,
    shapes: &["[1-689](?: [0-9]){12,18}"],
    // Any part of a long row of digits often passes the check, so only its end can be a card, and a word is wanted.
    refuted_by: &["[0-9](?: [0-9]){13,19}"],
    before: Before::Unspaced,
    check: Check::Value(payment_card),
    validator: "Luhn, issuer ranges and lengths",
    source: "ISO/IEC 7812-1; digits are spelled out one by one in transcripts of speech, and to get past scanners.",
    alone: Confidence::new(65),
    telling: CARD,
    ..PLAIN
};

/// Cards of lengths that other numbers have too.
const SHORT: Detector = Detector {
    category: Category::CREDIT_DEBIT_CARD_NUMBER,
    shapes: &["1[0-9]{14}", "[056][0-9]{11}", "[56][0-9]{3}(?:[ .-][0-9]{4}){2}"],
    before: Before::Ungrouped,
    check: Check::Value(payment_card),
    validator: "Luhn, issuer ranges and lengths",
    source: "Mastercard rules for Maestro: 12 to 19 digits. Cloud account numbers have 12 as well, so a word is wanted.",
    alone: Confidence::CHECKED,
    telling: CARD,
    ..PLAIN
};

/// Cards with several blanks, tabs, line breaks or hyphens with blanks between their groups.
const SPACED_OUT: Detector = Detector {
    category: Category::CREDIT_DEBIT_CARD_NUMBER,
    shapes: &[
        r"[2-689][0-9]{3}(?:[ \t\r\n.-]{1,8}[0-9]{4}){3}(?:[ \t\r\n.-]{1,8}[0-9]{1,3})?",
        r"3[0-9]{3}[ \t\r\n.-]{1,8}[0-9]{6}[ \t\r\n.-]{1,8}[0-9]{4,5}",
    ],
    before: Before::Undotted,
    check: Check::Value(grouped_payment_card),
    validator: "Luhn, issuer ranges and lengths",
    source: "ISO/IEC 7812-1; copies from documents and tables spread the groups that cards are embossed with.",
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    telling: CARD,
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    SPACED_OUT,
    Detector {
        check: Check::Value(grouped_test_card),
        specimen: Some(Specimen::TestCards),
        ..SPACED_OUT
    },
    EMBOSSED,
    Detector {
        check: Check::Value(test_card),
        specimen: Some(Specimen::TestCards),
        source: "Documentation of Stripe, PayPal, Adyen and Braintree: numbers for tests, which are nobody's.",
        ..EMBOSSED
    },
    SPELT_OUT,
    Detector {
        check: Check::Value(test_card),
        specimen: Some(Specimen::TestCards),
        source: "Documentation of Stripe, PayPal, Adyen and Braintree: numbers for tests, which are nobody's.",
        ..SPELT_OUT
    },
    SHORT,
    Detector {
        check: Check::Value(test_card),
        specimen: Some(Specimen::TestCards),
        source: "Documentation of Stripe, PayPal, Adyen and Braintree: numbers for tests, which are nobody's.",
        ..SHORT
    },
    Detector {
        category: Category::CREDIT_DEBIT_CARD_CVV,
        shapes: &["[0-9]{3,4}"],
        before: Before::Ungrouped,
        source: "The card schemes' rules: three digits on the back of a card, four on the front of American Express.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: &[
            "cvv",
            "cvv2",
            "cvc2",
            "cvc code",
            "cvc number",
            "card cvc",
            "card security code",
            "card verification code",
            "card verification value",
            "card verification number",
            "security code",
            "código de seguridad",
            "cryptogramme",
            "prüfziffer",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::CREDIT_DEBIT_CARD_CVV,
        shapes: &["[0-9]{3,4}"],
        before: Before::Assigned,
        source: "The card schemes' rules; the word stands for other things as well, so the digits have to be assigned to it.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: &["cvc", "security code", "card code"],
        ..PLAIN
    },
    Detector {
        category: Category::CREDIT_DEBIT_CARD_EXPIRY,
        shapes: &["[01][0-9] ?[/-] ?(?:20)?[0-9]{2}"],
        // A third part makes it a date.
        refuted_by: &["[0-9]{2} ?[/-] ?[0-9]{2,4}[/-][0-9]"],
        before: Before::Ungrouped,
        check: Check::Value(card_expiry),
        validator: "month, year",
        source: "ISO/IEC 7813 for the date; cards show the month first.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: &[
            "exp",
            "expiry",
            "expires",
            "expire",
            "expiring",
            "expiration",
            "exp date",
            "expiry date",
            "valid thru",
            "valid through",
            "valid until",
            "valid to",
            "good thru",
            "mm/yy",
            "mm/yyyy",
            "caduca",
            "vencimiento",
            "gültig bis",
            "scadenza",
            "validade",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::PIN,
        shapes: &["[0-9]{4,8}"],
        before: Before::Assigned,
        source: "ISO 9564-1: 4 to 12 digits, of which the banks use 4 to 8.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: &[
            "pin",
            "pin code",
            "pin number",
            "pin no",
            "atm pin",
            "card pin",
            "personal identification number",
            "geheimzahl",
            "code pin",
            "código pin",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::INTERNATIONAL_BANK_ACCOUNT_NUMBER,
        shapes: &[
            "[A-Z]{2}[0-9]{2}(?:[A-Z0-9]{11,30}|(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,3})?)",
            "[a-z]{2}[0-9]{2}(?:[a-z0-9]{11,30}|(?:[ -][a-z0-9]{4}){2,7}(?:[ -][a-z0-9]{1,3})?)",
        ],
        lead: Lead::Digit,
        check: Check::Value(iban),
        validator: "ISO 7064 mod 97-10, country lengths and layouts",
        source: "ISO 13616-1 and the IBAN Registry of SWIFT; groups of four are its print form.",
        telling: &[
            "iban",
            "bank account",
            "account",
            "konto",
            "kontonummer",
            "cuenta",
            "compte",
            "conto",
            "rekening",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::SWIFT_CODE,
        shapes: &[
            "[A-Z]{6}[0-9][A-Z0-9](?:[A-Z0-9]{3})?",
            "[A-Z]{7}[0-9](?:[A-Z0-9]{3})?",
            "[A-Z]{8}[0-9][A-Z0-9]{2}",
            "[A-Z]{9}[0-9][A-Z0-9]",
            "[A-Z]{10}[0-9]",
        ],
        lead: Lead::Digit,
        check: Check::Value(business_identifier),
        validator: "ISO 3166 country",
        source: "ISO 9362: four letters, a country, two letters or digits, and a branch of three or none.",
        alone: Confidence::SHAPE,
        in_context: Confidence::VALIDATED_TOLD,
        telling: SWIFT,
        ..PLAIN
    },
    Detector {
        category: Category::SWIFT_CODE,
        shapes: &["[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"],
        before: Before::Assigned,
        check: Check::Value(business_identifier),
        validator: "ISO 3166 country",
        source: "ISO 9362; a code of letters only looks like any word in capitals.",
        alone: Confidence::WEAK,
        in_context: Confidence::VALIDATED_TOLD,
        telling: SWIFT,
        ..PLAIN
    },
    Detector {
        category: Category::US_BANK_ROUTING_NUMBER,
        shapes: &["[0-9]{4}-[0-9]{4}-[0-9]"],
        before: Before::Ungrouped,
        check: Check::Value(routing_number),
        validator: "routing symbol, weights 3-7-1 mod 10",
        source: "ABA Routing Number Policy; with hyphens as on some cheques.",
        telling: ROUTING,
        ..PLAIN
    },
    Detector {
        category: Category::US_BANK_ROUTING_NUMBER,
        shapes: &["[0-9]{9}"],
        before: Before::Ungrouped,
        check: Check::Value(routing_number),
        validator: "routing symbol, weights 3-7-1 mod 10",
        source: "ABA Routing Number Policy.",
        alone: Confidence::CHECKED,
        telling: ROUTING,
        ..PLAIN
    },
    Detector {
        category: Category::US_BANK_ACCOUNT_NUMBER,
        shapes: &["[0-9]{6,17}"],
        before: Before::Ungrouped,
        source: "NACHA Operating Rules: account number field of 17 places; banks use 6 digits and more.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: ACCOUNT,
        ..PLAIN
    },
    Detector {
        category: Category::US_BANK_ACCOUNT_NUMBER,
        shapes: &["[0-9]{6,17}"],
        before: Before::Assigned,
        source: "NACHA Operating Rules.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: &[
            "acct",
            "checking account",
            "savings account",
            "bank account number",
            "a/c",
            "a/c no",
        ],
        ..PLAIN
    },
];
