//! Identity numbers of Germany.

mod words;

use crate::category::Category;
use crate::checks::{self, germany};
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;

/// A serial number: nine letters (none that could be misread, no vowels) and digits, the first a letter and one at
/// least a digit; a shape for each place where the first digit may stand.
const SERIALS: &[&str] = &[
    "(?i:[CFGHJ-NPRTV-Z][0-9][CFGHJ-NPRTV-Z0-9]{7})",
    "(?i:[CFGHJ-NPRTV-Z]{2}[0-9][CFGHJ-NPRTV-Z0-9]{6})",
    "(?i:[CFGHJ-NPRTV-Z]{3}[0-9][CFGHJ-NPRTV-Z0-9]{5})",
    "(?i:[CFGHJ-NPRTV-Z]{4}[0-9][CFGHJ-NPRTV-Z0-9]{4})",
    "(?i:[CFGHJ-NPRTV-Z]{5}[0-9][CFGHJ-NPRTV-Z0-9]{3})",
    "(?i:[CFGHJ-NPRTV-Z]{6}[0-9][CFGHJ-NPRTV-Z0-9]{2})",
    "(?i:[CFGHJ-NPRTV-Z]{7}[0-9][CFGHJ-NPRTV-Z0-9])",
    "(?i:[CFGHJ-NPRTV-Z]{8}[0-9])",
];

/// What identity cards and passports have in common: a serial number that ends in its check digit.
const DOCUMENT: Detector = Detector {
    shapes: &[
        "(?i:[CFGHJ-NPRTV-Z][CFGHJ-NPRTV-Z0-9]{7,8}[0-9])",
        "(?i:[CFGHJ-NPRTV-Z][CFGHJ-NPRTV-Z0-9]{8}[0-9]D)",
    ],
    lead: Lead::Digit,
    check: Check::Value(germany::document),
    validator: "ICAO 9303 weights 7-3-1",
    source: "ICAO Doc 9303-3 for the check digit behind the nine characters of the number; Presidio for one as the ninth.",
    alone: Confidence::CHECKED,
    ..PLAIN
};

/// A serial number as it is printed on the front, where its check digit is left out.
const SERIAL: Detector = Detector {
    shapes: SERIALS,
    lead: Lead::Digit,
    source: "Federal Ministry of the Interior, serial numbers: nine characters without A, B, D, E, I, O, Q, S and U.",
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    ..PLAIN
};

/// A licence plate. Three words without a digit in the first two are noticed by their capitals.
const PLATE: Detector = Detector {
    check: Check::Value(germany::licence_plate),
    validator: "district exists",
    source: "FZV § 9: the district's sign, one or two letters, up to four digits, E (electric) or H (historic).",
    alone: Confidence::SHAPE,
    in_context: Confidence::CONTEXT,
    telling: words::PLATE,
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::DE_SOCIAL_SECURITY,
        shapes: &["[0-9]{2} ?[0-9]{6} ?[A-Za-z] ?[0-9]{3}"],
        before: Before::Ungrouped,
        check: Check::Value(germany::social_security),
        validator: "VKVV check digit, birthday",
        source: "VKVV § 2 and § 4: office, birthday, initial of the birth name, serial number, check digit.",
        telling: words::SOCIAL_SECURITY,
        ..PLAIN
    },
    Detector {
        category: Category::DE_TAX_ID,
        shapes: &["[1-9][0-9]{10}", "[1-9][0-9] [0-9]{3} [0-9]{3} [0-9]{3}"],
        before: Before::Ungrouped,
        check: Check::Value(germany::tax_id),
        validator: "ISO 7064 mod 11,10, repetition of digits",
        source: "§ 139b AO and the Federal Central Tax Office: eleven digits, solid or as its letters print them.",
        alone: Confidence::CHECKED,
        telling: words::TAX_ID,
        ..PLAIN
    },
    Detector {
        category: Category::DE_TAX_NUMBER,
        shapes: &[
            "(?:0[1-9]|1[0-6])[0-9]{11}",
            "[0-9]{2,3}/[0-9]{3}/[0-9]{5}",
            "[0-9]{3}/[0-9]{4}/[0-9]{4}",
        ],
        before: Before::Ungrouped,
        source: "Tax offices: thirteen digits with the state in front (ELSTER), or the groups that the state uses.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: words::TAX_NUMBER,
        ..PLAIN
    },
    Detector {
        category: Category::DE_TAX_NUMBER,
        shapes: &[
            "[0-9]{2,3}/[0-9]{3,4}/[0-9]{4,5}",
            "[0-9]{2,3} [0-9]{3} [0-9]{5}",
            "[0-9]{5}/[0-9]{5}",
        ],
        before: Before::Ungrouped,
        source: "Tax offices: groups of Baden-Württemberg (5/5), of states that write gaps, and those of other lengths.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::TAX_NUMBER,
        ..PLAIN
    },
    Detector {
        category: Category::DE_VAT_ID,
        shapes: &["DE[1-9][0-9]{8}"],
        lead: Lead::Digit,
        check: Check::Value(checks::mod_11_10),
        validator: "ISO 7064 mod 11,10",
        source: "§ 27a UStG and VIES: DE and nine digits, the last a check digit.",
        telling: words::VAT,
        ..PLAIN
    },
    Detector {
        category: Category::DE_VAT_ID,
        // Romance languages write `de 123.456.789` of anything.
        shapes: &["(?i:DE)[ .-]?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{3}"],
        lead: Lead::Digit,
        check: Check::Value(checks::mod_11_10),
        validator: "ISO 7064 mod 11,10",
        source: "§ 27a UStG and VIES: DE and nine digits, the last a check digit, in groups as invoices have them.",
        alone: Confidence::CHECKED,
        telling: words::VAT,
        ..PLAIN
    },
    Detector {
        category: Category::DE_VAT_ID,
        shapes: &["(?i:DE)[ .-]?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{3}"],
        lead: Lead::Digit,
        source: "§ 27a UStG: the check digit of this number is not published, so one that fails it may still be a number.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: words::VAT,
        ..PLAIN
    },
    Detector {
        category: Category::DE_ID_CARD,
        telling: words::CHECKED_ID_CARD,
        ..DOCUMENT
    },
    Detector {
        category: Category::DE_ID_CARD,
        shapes: &["[Tt][0-9]{8}"],
        lead: Lead::Digit,
        source: "Identity cards issued before November 2010: T and eight digits.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: words::ID_CARD,
        ..PLAIN
    },
    Detector {
        category: Category::DE_ID_CARD,
        telling: words::ID_CARD,
        ..SERIAL
    },
    Detector {
        category: Category::DE_PASSPORT,
        telling: words::CHECKED_PASSPORT,
        ..DOCUMENT
    },
    Detector {
        category: Category::DE_PASSPORT,
        telling: words::PASSPORT,
        ..SERIAL
    },
    Detector {
        category: Category::DE_FUEHRERSCHEIN,
        shapes: &["(?i:[A-Z]{2}[0-9]{8}[A-Z0-9])"],
        lead: Lead::Digit,
        source: "Presidio: two letters of the licensing authority, eight digits and a check character; its rule is not published.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: words::DRIVING_LICENCE,
        ..PLAIN
    },
    Detector {
        category: Category::DE_FUEHRERSCHEIN,
        shapes: &["(?i:[A-Z][0-9]{2}[A-Z0-9]{6}[0-9X][A-Z0-9])"],
        lead: Lead::Digit,
        source: "FeV annex 8, field 5: the authority's key, a running number, a check character (X for ten), the issue.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::GERMAN_LICENCE,
        ..PLAIN
    },
    Detector {
        category: Category::DE_HEALTH_INSURANCE,
        shapes: &["[A-Za-z][0-9]{9}"],
        lead: Lead::Digit,
        check: Check::Value(germany::health_insurance),
        validator: "§ 290 SGB V check digit",
        source: "§ 290 SGB V, annex 1: a letter, eight digits and a check digit.",
        alone: Confidence::CHECKED,
        telling: words::HEALTH_INSURANCE,
        ..PLAIN
    },
    Detector {
        category: Category::DE_LANR,
        shapes: &["[0-9]{9}"],
        before: Before::Ungrouped,
        check: Check::Value(germany::physician),
        validator: "KBV weights 4-9, mod 10",
        source: "KBV guideline under § 75 (7) SGB V: six digits, a check digit, two of the medical specialty.",
        alone: Confidence::CHECKED,
        telling: words::PHYSICIAN,
        ..PLAIN
    },
    Detector {
        category: Category::DE_BSNR,
        shapes: &["[0-9]{9}"],
        before: Before::Ungrouped,
        check: Check::Value(germany::practice),
        validator: "not all zeros",
        source: "KBV guideline under § 75 (7) SGB V: two digits of the region and seven more, without a check digit.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::PRACTICE,
        ..PLAIN
    },
    Detector {
        category: Category::DE_HANDELSREGISTER,
        shapes: &[
            "HR[AB][ -]?[0-9]{4,6}",
            "HR[AB] [0-9]{1,3} [0-9]{3}",
            "HR[AB][ -]?Nr\\.? ?[0-9]{1,6}",
        ],
        source: "HRV § 4: the register's division, A or B, and the number of its sheet.",
        alone: Confidence::VALIDATED,
        telling: words::COMMERCIAL_REGISTER,
        ..PLAIN
    },
    Detector {
        category: Category::DE_HANDELSREGISTER,
        // Fewer digits: HRA and HRB are also scales of hardness.
        shapes: &["(?i:HR[AB])[ -]?[0-9]{1,6}"],
        lead: Lead::Digit,
        source: "HRV § 4: the register's division, A or B, and the number of its sheet.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: words::COMMERCIAL_REGISTER,
        ..PLAIN
    },
    Detector {
        category: Category::DE_KFZ,
        shapes: &["[A-Z]{1,3}[ -][A-Z]{1,2}[1-9][0-9]{0,3}[EH]?"],
        lead: Lead::Digit,
        ..PLATE
    },
    Detector {
        category: Category::DE_KFZ,
        shapes: &["(?:[A-Z]|Ä|Ö|Ü){1,3}[ -][A-Z]{1,2}[ -][1-9][0-9]{0,3}[EH]?"],
        ..PLATE
    },
    Detector {
        category: Category::DE_KFZ,
        shapes: &["(?:[A-Za-z]|Ä|Ö|Ü|ä|ö|ü){1,3}[ -][A-Za-z]{1,2}[ -]?[1-9][0-9]{0,3}[EHeh]?"],
        before: Before::Assigned,
        ..PLATE
    },
    Detector {
        category: Category::DE_PLZ,
        shapes: &["[0-9]{5}", "(?:D|DE)-[0-9]{5}"],
        before: Before::Ungrouped,
        check: Check::Value(germany::postal_code),
        validator: "01001 to 99998",
        source: "Deutsche Post: five digits, with the country in front on mail from abroad.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::POSTAL_CODE,
        ..PLAIN
    },
];
