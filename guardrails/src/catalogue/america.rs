//! Identity numbers of the United States and Canada, and vehicles.

use crate::category::Category;
use crate::checks::america as checks;
use crate::checks::lead_in::numbers_a_part;
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;
use words::{
    BENEFICIARY, HEALTH, LICENCE, LICENCE_ASSIGNED, PLATE, PLATE_ASSIGNED, SOCIAL_INSURANCE, SOCIAL_SECURITY,
    TAXPAYER, VEHICLE,
};

mod words;

/// Passport numbers, whatever they start with.
const US_PASSPORT: Detector = Detector {
    category: Category::US_PASSPORT_NUMBER,
    before: Before::Ungrouped,
    source: "US Department of State: nine digits, or a letter and eight digits on passports of the next generation.",
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    telling: &[
        "passport",
        "passport number",
        "passport no",
        "travel document",
        "pasaporte",
        "passeport",
    ],
    ..PLAIN
};

/// Driver's licence numbers, whatever they start with.
const DRIVER: Detector = Detector {
    category: Category::DRIVER_ID,
    before: Before::Ungrouped,
    check: Check::Value(checks::driver_licence),
    validator: "formats of the states",
    source: "The licence number formats published by the states' motor vehicle agencies.",
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    telling: LICENCE,
    ..PLAIN
};

/// Vehicle identification numbers of North America, whatever they start with.
const VIN: Detector = Detector {
    category: Category::VEHICLE_IDENTIFICATION_NUMBER,
    check: Check::Value(checks::vehicle),
    validator: "check digit mod 11, model year",
    source: "ISO 3779 and 49 CFR 565.15: 17 places without I, O and Q, the last four digits.",
    telling: VEHICLE,
    ..PLAIN
};

/// Vehicle identification numbers of elsewhere, whatever they start with.
const FOREIGN_VIN: Detector = Detector {
    category: Category::VEHICLE_IDENTIFICATION_NUMBER,
    check: Check::Value(checks::foreign_vehicle),
    validator: "letters",
    source: "ISO 3779; outside North America there is no check digit.",
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    telling: VEHICLE,
    ..PLAIN
};

/// Vehicle plates, whatever they start with.
const PLATED: Detector = Detector {
    category: Category::LICENSE_PLATE,
    before: Before::Ungrouped,
    check: Check::Value(checks::licence_plate),
    validator: "length, a letter and a digit",
    source: "State motor vehicle agencies: up to eight letters and digits; the plates of most countries are of the same make.",
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    telling: PLATE,
    ..PLAIN
};

/// Social security numbers, however they are written.
const SOCIAL: Detector = Detector {
    category: Category::US_SOCIAL_SECURITY_NUMBER,
    before: Before::Ungrouped,
    check: Check::Value(checks::social_security),
    validator: "area, group and serial, no specimen",
    in_context: Confidence::CONTEXT,
    telling: SOCIAL_SECURITY,
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        shapes: &["[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}"],
        refuted_by: &["[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}-[A-Za-z0-9]"],
        unless_after: Some(numbers_a_part),
        source: "SSA POMS RM 10201.035: area not 000, 666 or 900-999, group not 00, serial not 0000. Little else is written 3-2-4.",
        ..SOCIAL
    },
    Detector {
        shapes: &[
            "[0-8][0-9]{2} [0-9]{2} [0-9]{4}",
            r"[0-8][0-9]{2}\.[0-9]{2}\.[0-9]{4}",
        ],
        source: "SSA POMS RM 10201.035. Phone numbers and sums are spaced and dotted this way as well.",
        alone: Confidence::SHAPE,
        ..SOCIAL
    },
    Detector {
        shapes: &[
            "[0-8][0-9]{8}",
            "[0-8][0-9]{4}-[0-9]{4}",
            "[0-8][0-9]{2}-[0-9]{6}",
        ],
        source: "SSA POMS RM 10201.035.",
        alone: Confidence::WEAK,
        ..SOCIAL
    },
    Detector {
        shapes: &[r"[0-8][0-9]{2}[ \t\r\n-]{1,8}[0-9]{2}[ \t\r\n-]{1,8}[0-9]{4}"],
        source: "SSA POMS RM 10201.035; copies from forms and tables spread the groups.",
        alone: Confidence::WEAK,
        ..SOCIAL
    },
    Detector {
        shapes: &["[0-8][0-9]{8}"],
        before: Before::Assigned,
        source: "SSA POMS RM 10201.035.",
        alone: Confidence::WEAK,
        telling: &["social", "social number"],
        ..SOCIAL
    },
    Detector {
        category: Category::US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER,
        shapes: &["9[0-9]{2}-[0-9]{2}-[0-9]{4}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::individual_taxpayer),
        validator: "groups in use",
        source: "IRS Publication 1915: 9, and a group of 50-65, 70-88, 90-92 or 94-99. Little else is written 3-2-4.",
        in_context: Confidence::CONTEXT,
        telling: TAXPAYER,
        ..PLAIN
    },
    Detector {
        category: Category::US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER,
        shapes: &[
            "9[0-9]{2} [0-9]{2} [0-9]{4}",
            "9[0-9]{2}(?: [0-9]{2}-|-[0-9]{2} )[0-9]{4}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(checks::individual_taxpayer),
        validator: "groups in use",
        source: "IRS Publication 1915.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: TAXPAYER,
        ..PLAIN
    },
    Detector {
        category: Category::US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER,
        shapes: &["9[0-9]{8}", "9[0-9]{4}-[0-9]{4}", "9[0-9]{2}-[0-9]{6}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::individual_taxpayer),
        validator: "groups in use",
        source: "IRS Publication 1915.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: TAXPAYER,
        ..PLAIN
    },
    Detector {
        shapes: &["[0-9]{9}"],
        ..US_PASSPORT
    },
    Detector {
        shapes: &["[A-Za-z][0-9]{8}"],
        lead: Lead::Digit,
        ..US_PASSPORT
    },
    Detector {
        shapes: &[
            "[0-9]{5,16}",
            "[0-9]{4}-[0-9]{2}-[0-9]{4}",
            "[0-9]{2} [0-9]{3} [0-9]{3}",
            "[0-9]{2,3}[A-Za-z]{1,3}[0-9]{4,6}",
            "[0-9]{7,9}[A-Za-z]{1,2}",
        ],
        ..DRIVER
    },
    Detector {
        shapes: &[
            "[A-Za-z]{1,3}[0-9]{3,18}",
            "[A-Za-z][0-9]{2,4}(?:-[0-9]{2,4}){2,4}(?:-[0-9])?",
            "[A-Za-z](?:[ -][0-9]{3}){3,4}",
            "[A-Za-z]{1,2}[0-9]{6}[A-Za-z]",
            "[A-Za-z][0-9][A-Za-z][0-9][A-Za-z]",
            "WDL[0-9][A-Z]{2}[0-9]{3}[A-Z][0-9]{2}",
        ],
        lead: Lead::Digit,
        ..DRIVER
    },
    Detector {
        category: Category::DRIVER_ID,
        shapes: &[
            "[A-Za-z]{0,3}[0-9]{5,18}",
            "[A-Za-z][0-9]{2,4}(?:-[0-9]{2,4}){2,4}",
        ],
        before: Before::Assigned,
        check: Check::Value(checks::driver_licence),
        validator: "formats of the states",
        source: "The licence number formats published by the states' motor vehicle agencies.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: LICENCE_ASSIGNED,
        ..PLAIN
    },
    Detector {
        category: Category::US_MBI,
        shapes: &[
            "(?i:[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-[AC-HJKMNP-RT-Y]{2}[0-9]{2})",
        ],
        before: Before::Ungrouped,
        source: "CMS, Understanding the Medicare Beneficiary Identifier Format: eleven places, no S, L, O, I, B or Z, shown 4-3-4.",
        in_context: Confidence::VALIDATED_TOLD,
        telling: BENEFICIARY,
        ..PLAIN
    },
    Detector {
        category: Category::US_MBI,
        shapes: &[
            "(?i:[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2})",
        ],
        source: "CMS, Understanding the Medicare Beneficiary Identifier Format; without its hyphens as in claims.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: BENEFICIARY,
        ..PLAIN
    },
    Detector {
        category: Category::US_NPI,
        shapes: &["[12][0-9]{9}", "[12][0-9]{3}[ -][0-9]{3}[ -][0-9]{3}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::provider_identifier),
        validator: "Luhn with 80840",
        source: "CMS, National Provider Identifier check digit (45 CFR 162.406): ten digits, the first 1 or 2.",
        alone: Confidence::CHECKED,
        telling: &[
            "npi",
            "national provider",
            "provider identifier",
            "provider id",
            "provider number",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::MEDICAL_LICENSE,
        shapes: &[
            "(?i:[ABCDEFGHJKLMPRSTUX][A-Z][0-9]{7})",
            "(?i:[ABCDEFGHJKLMPRSTUX]9[0-9]{7})",
        ],
        lead: Lead::Digit,
        check: Check::Value(checks::dea_registration),
        validator: "DEA sum",
        source: "DEA, Pharmacist's Manual: registrant's letter, initial or 9, six digits and a check digit.",
        alone: Confidence::CHECKED,
        telling: &[
            "dea",
            "dea number",
            "dea registration",
            "medical license",
            "medical licence",
            "registrant",
        ],
        ..PLAIN
    },
    Detector {
        shapes: &["[0-9][A-HJ-NPR-Z0-9]{12}[0-9]{4}"],
        ..VIN
    },
    Detector {
        shapes: &["[A-HJ-NPR-Z][A-HJ-NPR-Z0-9]{12}[0-9]{4}"],
        lead: Lead::Digit,
        ..VIN
    },
    Detector {
        shapes: &["(?i:[0-9][A-HJ-NPR-Z0-9]{12}[0-9]{4})"],
        ..FOREIGN_VIN
    },
    Detector {
        shapes: &["(?i:[A-HJ-NPR-Z][A-HJ-NPR-Z0-9]{12}[0-9]{4})"],
        lead: Lead::Digit,
        ..FOREIGN_VIN
    },
    Detector {
        shapes: &["[0-9]{1,4}[ -]?[A-Z]{1,3}[ -]?[0-9]{0,4}"],
        ..PLATED
    },
    Detector {
        shapes: &[
            "[A-Z]{1,3}[ -]?[0-9]{3,5}",
            "[A-Z]{1,3}[ -]?[0-9]{1,4}[ -]?[A-Z]{1,3}",
        ],
        lead: Lead::Digit,
        ..PLATED
    },
    Detector {
        category: Category::LICENSE_PLATE,
        shapes: &["[A-Z0-9]{1,8}(?:[ -][A-Z0-9]{1,5})?", "[a-z0-9]{4,8}"],
        before: Before::Assigned,
        check: Check::Value(checks::licence_plate),
        validator: "length, a letter and a digit",
        source: "State motor vehicle agencies: up to eight letters and digits in any order on plates of one's choice.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: PLATE_ASSIGNED,
        ..PLAIN
    },
    Detector {
        category: Category::CA_SOCIAL_INSURANCE_NUMBER,
        shapes: &["[1-79][0-9]{2}[ -][0-9]{3}[ -][0-9]{3}", "[1-79][0-9]{8}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::social_insurance),
        validator: "Luhn",
        source: "Service Canada, Social Insurance Number Code of Practice: nine digits, the first not 0 or 8.",
        alone: Confidence::CHECKED,
        telling: SOCIAL_INSURANCE,
        ..PLAIN
    },
    Detector {
        category: Category::CA_HEALTH_NUMBER,
        shapes: &["[1-9][0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}(?:[ -]?[A-Z]{2})?"],
        before: Before::Ungrouped,
        check: Check::Value(checks::health_number),
        validator: "Luhn (Ontario) or mod 11 (British Columbia)",
        source: "Ontario Ministry of Health, Health Number and version code; BC Ministry of Health, PHN check digit.",
        alone: Confidence::CHECKED,
        telling: HEALTH,
        ..PLAIN
    },
    Detector {
        category: Category::CA_HEALTH_NUMBER,
        shapes: &["[A-Z]{4}[0-9]{8}"],
        lead: Lead::Digit,
        check: Check::Value(checks::quebec_health_number),
        validator: "date of birth",
        source: "RAMQ: four letters of the name, two digits each of year, month and day, a serial of two.",
        alone: Confidence::CHECKED,
        telling: HEALTH,
        ..PLAIN
    },
    Detector {
        category: Category::CA_HEALTH_NUMBER,
        shapes: &["[A-Z]{4} [0-9]{4} [0-9]{4}"],
        before: Before::Assigned,
        check: Check::Value(checks::quebec_health_number),
        validator: "date of birth",
        source: "RAMQ: in the groups in which cards are embossed.",
        alone: Confidence::WEAK,
        telling: HEALTH,
        ..PLAIN
    },
    Detector {
        category: Category::CA_HEALTH_NUMBER,
        shapes: &["[1-9][0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}"],
        before: Before::Assigned,
        check: Check::Value(checks::health_number),
        validator: "Luhn (Ontario) or mod 11 (British Columbia)",
        source: "Ontario Ministry of Health; BC Ministry of Health. These abbreviations are names of many other things.",
        alone: Confidence::WEAK,
        telling: &["phn", "hcn", "hn"],
        ..PLAIN
    },
    Detector {
        category: Category::CA_HEALTH_NUMBER,
        shapes: &[
            "[0-9]{8,10}",
            "[0-9]{12}",
            "[0-9]{5}-[0-9]{4}",
            "[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}",
            "[0-9]{4}[ -][0-9]{3}[ -][0-9]{3}",
        ],
        before: Before::Ungrouped,
        source: "The other provinces: eight digits (Prince Edward Island), nine (Alberta, Saskatchewan, Manitoba, New Brunswick), ten (Nova Scotia) or twelve (Newfoundland).",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: HEALTH,
        ..PLAIN
    },
];
