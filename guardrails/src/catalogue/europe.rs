//! Identity numbers of the rest of Europe.

mod words;

use crate::category::Category;
use crate::checks::europe;
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;

/// An Italian fiscal code with at least one digit in the birthday; where two people would have the same code, letters stand for
/// digits. A shape for each place where the first digit may stand.
const FISCAL_CODE: Detector = Detector {
    category: Category::IT_FISCAL_CODE,
    shapes: &[
        "(?i:[A-Z]{6}[0-9][0-9LMNP-V][A-EHLMPR-T][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z])",
        "(?i:[A-Z]{6}[LMNP-V][0-9][A-EHLMPR-T][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z])",
        "(?i:[A-Z]{6}[LMNP-V]{2}[A-EHLMPR-T][0-9][0-9LMNP-V][A-Z][0-9LMNP-V]{3}[A-Z])",
        "(?i:[A-Z]{6}[LMNP-V]{2}[A-EHLMPR-T][LMNP-V][0-9][A-Z][0-9LMNP-V]{3}[A-Z])",
    ],
    lead: Lead::Digit,
    telling: words::FISCAL_CODE,
    ..PLAIN
};

const ITALIAN_VAT: Detector = Detector {
    category: Category::IT_VAT_CODE,
    check: Check::Value(europe::italian_vat),
    validator: "Luhn",
    source: "DPR 633/1972, art. 35: seven digits, three of the tax office, a check digit.",
    alone: Confidence::CHECKED,
    telling: words::ITALIAN_VAT,
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        check: Check::Value(europe::fiscal_code),
        validator: "control character mod 26, names, date, municipality",
        source: "Decreto ministeriale 23 December 1976: surname, name, birthday and sex, municipality, control character.",
        ..FISCAL_CODE
    },
    Detector {
        check: Check::Value(europe::fiscal_layout),
        validator: "names, date, municipality",
        source: "Decreto ministeriale 23 December 1976; a code with a slip in it still says who somebody is.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        ..FISCAL_CODE
    },
    Detector {
        category: Category::IT_VAT_CODE,
        shapes: &["[0-9]{11}"],
        before: Before::Ungrouped,
        ..ITALIAN_VAT
    },
    Detector {
        // Not in the middle of digits with blanks, of which each could start another.
        shapes: &["(?:[0-9][ _]?){10}[0-9]"],
        before: Before::Unspaced,
        ..ITALIAN_VAT
    },
    Detector {
        category: Category::IT_VAT_CODE,
        shapes: &["IT ?[0-9]{11}"],
        lead: Lead::Digit,
        check: Check::Value(europe::italian_vat),
        validator: "Luhn",
        source: "VIES: IT and the eleven digits of the national number.",
        telling: words::ITALIAN_VAT,
        ..PLAIN
    },
    Detector {
        category: Category::IT_DRIVER_LICENSE,
        shapes: &["(?i:[A-Z]{2}[0-9]{7}[A-Z])", "(?i:U1[B-HJ-NPR-UW-Z0-9]{7}[A-Z])"],
        lead: Lead::Digit,
        source: "Presidio: licences of the provinces, and those made centrally (U1).",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: words::ITALIAN_LICENCE,
        ..PLAIN
    },
    Detector {
        category: Category::IT_IDENTITY_CARD,
        shapes: &["(?i:[A-Z]{2}[0-9]{5}[A-Z]{2})"],
        lead: Lead::Digit,
        source: "Ministero dell'Interno: number of the electronic identity card since 2016.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: words::ITALIAN_CARD,
        ..PLAIN
    },
    Detector {
        category: Category::IT_IDENTITY_CARD,
        shapes: &["(?i:[A-Z]{2}) ?[0-9]{7}"],
        lead: Lead::Digit,
        source: "Ministero dell'Interno: number of the identity card on paper.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::ITALIAN_CARD,
        ..PLAIN
    },
    Detector {
        category: Category::IT_IDENTITY_CARD,
        shapes: &["[0-9]{7}(?i:[A-Z]{2})"],
        source: "Ministero dell'Interno: number of the electronic identity card until 2016.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::ITALIAN_CARD,
        ..PLAIN
    },
    Detector {
        category: Category::IT_PASSPORT,
        shapes: &["(?i:[A-Z]{2})[0-9]{7}"],
        lead: Lead::Digit,
        source: "Polizia di Stato: two letters and seven digits.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::ITALIAN_PASSPORT,
        ..PLAIN
    },
    Detector {
        category: Category::ES_NIF,
        shapes: &["[0-9]{8}-?[A-HJ-NP-TV-Z]"],
        before: Before::Ungrouped,
        check: Check::Value(europe::spanish_letter),
        validator: "mod 23 letter",
        source: "Real Decreto 1553/2005: eight digits and a letter.",
        telling: words::SPANISH_NIF,
        ..PLAIN
    },
    Detector {
        category: Category::ES_NIF,
        shapes: &[
            "[0-9]{7,8}[ -]?(?i:[A-HJ-NP-TV-Z])",
            "[0-9]{1,2}\\.[0-9]{3}\\.[0-9]{3}[ -]?(?i:[A-HJ-NP-TV-Z])",
        ],
        before: Before::Ungrouped,
        check: Check::Value(europe::spanish_letter),
        validator: "mod 23 letter",
        source: "Real Decreto 1553/2005: as people write it, with dots and without the first zero.",
        alone: Confidence::CHECKED,
        telling: words::SPANISH_NIF,
        ..PLAIN
    },
    Detector {
        category: Category::ES_NIF,
        shapes: &["(?i:[KLM])-?[0-9]{7}-?(?i:[A-HJ-NP-TV-Z])"],
        lead: Lead::Digit,
        check: Check::Value(europe::spanish_letter),
        validator: "mod 23 letter",
        source: "Real Decreto 1065/2007, art. 20: K, L or M in front for children, Spaniards abroad and foreigners.",
        alone: Confidence::CHECKED,
        telling: words::SPANISH_NIF,
        ..PLAIN
    },
    Detector {
        category: Category::ES_NIE,
        shapes: &["[XYZ]-?[0-9]{7}-?[A-HJ-NP-TV-Z]"],
        lead: Lead::Digit,
        check: Check::Value(europe::spanish_letter),
        validator: "mod 23 letter",
        source: "Orden INT/2058/2008: X, Y or Z, seven digits and a letter.",
        telling: words::SPANISH_NIE,
        ..PLAIN
    },
    Detector {
        category: Category::ES_NIE,
        shapes: &["(?i:[XYZ][ -]?[0-9]{7}[ -]?[A-HJ-NP-TV-Z])"],
        lead: Lead::Digit,
        check: Check::Value(europe::spanish_letter),
        validator: "mod 23 letter",
        source: "Orden INT/2058/2008: X, Y or Z, seven digits and a letter, in either case and with gaps.",
        alone: Confidence::CHECKED,
        telling: words::SPANISH_NIE,
        ..PLAIN
    },
    Detector {
        category: Category::ES_PASSPORT,
        shapes: &["(?i:[A-Z]{3})[0-9]{6}"],
        lead: Lead::Digit,
        source: "Policía Nacional: three letters and six digits.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::SPANISH_PASSPORT,
        ..PLAIN
    },
    Detector {
        category: Category::FR_NIR,
        shapes: &[
            "[12][0-9]{5}[0-9ABab][0-9]{6} [0-9]{2}",
            "[12][0-9]{5}[ABab][0-9]{8}",
            "[12][ .-][0-9]{2}[ .-][0-9]{2}[ .-][0-9][0-9ABab][ .-][0-9]{3}[ .-][0-9]{3}[ .-]?[0-9]{2}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(europe::nir),
        validator: "97 - n mod 97, month",
        source: "INSEE, décret 82-103: sex, year, month, department, municipality, serial number, key.",
        telling: words::FRENCH_NIR,
        ..PLAIN
    },
    Detector {
        category: Category::FR_NIR,
        shapes: &["[12][0-9]{14}"],
        before: Before::Ungrouped,
        check: Check::Value(europe::nir),
        validator: "97 - n mod 97, month",
        source: "INSEE, décret 82-103. One in 97 numbers of fifteen digits that start so has a key that fits.",
        alone: Confidence::CHECKED,
        telling: words::FRENCH_NIR,
        ..PLAIN
    },
    Detector {
        category: Category::FR_NIR,
        // Card numbers of fifteen digits and those of telephones (IMEI) start like these.
        shapes: &[
            "[3478][0-9]{5}[0-9ABab][0-9]{6} ?[0-9]{2}",
            "[3478][ .-][0-9]{2}[ .-][0-9]{2}[ .-][0-9][0-9ABab][ .-][0-9]{3}[ .-][0-9]{3}[ .-]?[0-9]{2}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(europe::nir),
        validator: "97 - n mod 97, month",
        source: "INSEE, décret 82-103: 3 and 4, or 7 and 8, for people whose registration is under way.",
        alone: Confidence::CHECKED,
        telling: words::FRENCH_NIR,
        ..PLAIN
    },
    Detector {
        category: Category::FR_NIR,
        shapes: &[
            "[1-478][0-9]{5}[0-9ABab][0-9]{6}",
            "[1-478] [0-9]{2} [0-9]{2} [0-9][0-9ABab] [0-9]{3} [0-9]{3}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(europe::nir_without_key),
        validator: "month",
        source: "INSEE, décret 82-103: the thirteen characters that the key is computed from.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: words::FRENCH_NIR,
        ..PLAIN
    },
    Detector {
        category: Category::NL_BSN,
        shapes: &[
            "[0-9]{9}",
            "[0-9]{4}\\.[0-9]{2}\\.[0-9]{3}",
            "[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{3}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(europe::bsn),
        validator: "eleven test",
        source: "Wet algemene bepalingen burgerservicenummer; Logisch Ontwerp BSN: nine digits.",
        alone: Confidence::CHECKED,
        telling: words::DUTCH_BSN,
        ..PLAIN
    },
    Detector {
        category: Category::NL_BSN,
        shapes: &["[0-9]{8}"],
        before: Before::Ungrouped,
        check: Check::Value(europe::bsn),
        validator: "eleven test",
        source: "Logisch Ontwerp BSN: older numbers start with a zero, which people leave out.",
        alone: Confidence::WEAK,
        telling: words::DUTCH_BSN,
        ..PLAIN
    },
    Detector {
        category: Category::BE_NRN,
        shapes: &[
            "[0-9]{2}[. -][0-9]{2}[. -][0-9]{2}[ .-][0-9]{3}[ .-][0-9]{2}",
            "[0-9]{6}[ -][0-9]{3}[ .-][0-9]{2}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(europe::national_register),
        validator: "97 - n mod 97, date",
        source: "Arrêté royal of 3 April 1984: birthday, serial number, key; written YY.MM.DD-NNN.CC.",
        telling: words::BELGIAN_NRN,
        ..PLAIN
    },
    Detector {
        category: Category::BE_NRN,
        shapes: &["[0-9]{11}"],
        before: Before::Ungrouped,
        check: Check::Value(europe::national_register),
        validator: "97 - n mod 97, date",
        source: "Arrêté royal of 3 April 1984: as computers keep it, which is also what numbers of orders look like.",
        alone: Confidence::CHECKED,
        telling: words::BELGIAN_NRN,
        ..PLAIN
    },
    Detector {
        category: Category::PT_NIF,
        shapes: &["PT ?[0-9]{9}"],
        lead: Lead::Digit,
        check: Check::Value(europe::portuguese_nif),
        validator: "mod 11, kind of holder",
        source: "VIES: PT and the nine digits of the national number.",
        telling: words::PORTUGUESE_NIF,
        ..PLAIN
    },
    Detector {
        category: Category::PT_NIF,
        shapes: &["[0-9]{9}", "[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{3}"],
        before: Before::Ungrouped,
        check: Check::Value(europe::portuguese_nif),
        validator: "mod 11, kind of holder",
        source: "Decreto-Lei 14/2013: nine digits, the last a check digit.",
        alone: Confidence::CHECKED,
        telling: words::PORTUGUESE_NIF,
        ..PLAIN
    },
    Detector {
        category: Category::PL_PESEL,
        shapes: &["[0-9]{11}"],
        before: Before::Ungrouped,
        check: Check::Value(europe::pesel),
        validator: "weights 1-3-7-9 mod 10, date",
        source: "Ustawa o ewidencji ludności, art. 15: birthday, serial number, check digit.",
        alone: Confidence::CHECKED,
        telling: words::POLISH_PESEL,
        ..PLAIN
    },
    Detector {
        category: Category::FI_PERSONAL_IDENTITY_CODE,
        shapes: &["[0-9]{6}[-+A-FU-Ya-fu-y][0-9]{3}[0-9A-FHJ-NPR-Ya-fhj-npr-y]"],
        before: Before::Undotted,
        check: Check::Value(europe::finnish_code),
        validator: "mod 31 character, date",
        source: "Digital and Population Data Services Agency: birthday, sign of the century, number, control character.",
        telling: words::FINNISH_CODE,
        ..PLAIN
    },
    Detector {
        category: Category::SE_PERSONNUMMER,
        shapes: &["[0-9]{6}[-+][0-9]{4}"],
        before: Before::Ungrouped,
        check: Check::Value(europe::untimely_personnummer),
        validator: "Luhn, date, no time of day",
        source: "Skatteverket, SKV 704: birthday, a hyphen (a plus sign from the age of 100 on), number, check digit.",
        telling: words::PERSONNUMMER,
        ..PLAIN
    },
    Detector {
        category: Category::SE_PERSONNUMMER,
        // These are also what time stamps look like.
        shapes: &[
            "[0-9]{6}[-+][0-9]{4}",
            "[0-9]{10}",
            "(?:18|19|20)[0-9]{10}",
            "(?:18|19|20)[0-9]{6}[-+][0-9]{4}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(europe::personnummer),
        validator: "Luhn, date",
        source: "Skatteverket, SKV 704: as computers keep it, with the century, or ending in what may be a time of day.",
        alone: Confidence::CHECKED,
        telling: words::PERSONNUMMER,
        ..PLAIN
    },
    Detector {
        category: Category::SE_PERSONNUMMER,
        shapes: &["(?:19|20)[0-9]{10}", "(?:19|20)[0-9]{6}-[0-9]{4}"],
        before: Before::Digitless,
        check: Check::Value(europe::personnummer),
        validator: "Luhn, date",
        source: "Skatteverket, SKV 704: with the century, run on from the word before it.",
        alone: Confidence::CHECKED,
        telling: words::PERSONNUMMER,
        ..PLAIN
    },
    Detector {
        category: Category::SE_ORGANISATIONSNUMMER,
        shapes: &["[0-9]{6}-?[0-9]{4}", "16[0-9]{6}-?[0-9]{4}"],
        before: Before::Ungrouped,
        check: Check::Value(europe::organisationsnummer),
        validator: "Luhn, third digit",
        source: "Lag (1974:174): kind of organisation, number, check digit; 16 in front in the tax agency's registers.",
        alone: Confidence::CHECKED,
        telling: words::ORGANISATIONSNUMMER,
        ..PLAIN
    },
];
