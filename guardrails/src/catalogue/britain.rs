//! Identity numbers of the United Kingdom.

use crate::category::Category;
use crate::checks::britain as checks;
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;

/// Words before a national insurance number.
const INSURANCE: &[&str] = &[
    "national insurance",
    "national insurance number",
    "nino",
    "ni number",
    "ni no",
    "ni",
];

/// Words before a postcode.
const POSTCODE: &[&str] = &["postcode", "post code", "postal code", "post town", "code postal"];

/// Words before a driver number.
const LICENCE: &[&str] = &[
    "driving licence",
    "driver's licence",
    "driver licence",
    "driving license",
    "licence number",
    "driver number",
    "dvla",
    "dl",
];

/// Words before a registration.
const REGISTRATION: &[&str] = &[
    "registration",
    "registration number",
    "registration mark",
    "reg no",
    "reg number",
    "reg plate",
    "car reg",
    "vehicle reg",
    "number plate",
    "licence plate",
    "license plate",
    "vehicle",
    "vrn",
    "vrm",
    "dvla",
    "car",
];

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::UK_NATIONAL_HEALTH_SERVICE_NUMBER,
        shapes: &["[0-9]{3}[ -][0-9]{3}[ -][0-9]{4}", "[0-9]{10}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::health_service_number),
        validator: "mod 11",
        source: "NHS Data Dictionary, NHS NUMBER: ten digits, shown 3-3-4, as American telephone numbers are.",
        alone: Confidence::CHECKED,
        telling: &[
            "nhs",
            "nhs number",
            "nhs no",
            "national health service",
            "health service",
            "health number",
            "patient number",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::UK_NATIONAL_INSURANCE_NUMBER,
        shapes: &["[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?[0-9]{2}){3}[ -]?[A-D]"],
        lead: Lead::Digit,
        check: Check::Value(checks::national_insurance),
        validator: "prefixes in use",
        source: "HMRC, National Insurance Manual NIM39110: two letters, six digits, and a letter from A to D.",
        telling: INSURANCE,
        ..PLAIN
    },
    Detector {
        category: Category::UK_NATIONAL_INSURANCE_NUMBER,
        shapes: &["(?i:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?[0-9]{2}){3}[ -]?[A-D])"],
        lead: Lead::Digit,
        check: Check::Value(checks::national_insurance),
        validator: "prefixes in use",
        source: "HMRC, National Insurance Manual NIM39110; in lower case it can be part of a hash.",
        alone: Confidence::SHAPE,
        telling: INSURANCE,
        ..PLAIN
    },
    Detector {
        category: Category::UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER,
        shapes: &["[0-9]{10}[Kk]?", "[0-9]{5} [0-9]{5}[Kk]?"],
        before: Before::Ungrouped,
        check: Check::Value(checks::taxpayer_reference),
        validator: "mod 11",
        source: "HMRC, Unique Taxpayer Reference: ten digits, the first of which checks the others; K marks self assessment.",
        alone: Confidence::CHECKED,
        telling: &[
            "utr",
            "unique taxpayer reference",
            "taxpayer reference",
            "tax reference",
            "self assessment",
            "hmrc",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::UK_PASSPORT,
        shapes: &["[A-Za-z]{2}[0-9]{7}"],
        lead: Lead::Digit,
        source: "Microsoft Presidio's recogniser of British passports: two letters and seven digits.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: &[
            "passport",
            "passport number",
            "passport no",
            "travel document",
            "hmpo",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::UK_PASSPORT,
        shapes: &["[0-9]{9}"],
        before: Before::Ungrouped,
        source: "HM Passport Office, Basic Passport Checks: nine digits.",
        alone: Confidence::WEAK,
        // Above that of other countries' passports with nine digits, whose word is `passport` alone.
        in_context: Confidence::new(90),
        telling: &["uk passport", "british passport", "hm passport", "hmpo"],
        ..PLAIN
    },
    Detector {
        category: Category::UK_POSTCODE,
        shapes: &[
            "[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKMNP-Y]? [0-9][ABD-HJLNP-UW-Z]{2}",
            "GIR 0AA",
        ],
        lead: Lead::Digit,
        check: Check::Value(checks::postcode),
        validator: "postcode areas",
        source: "Royal Mail, Programmers' Guide to the Postcode Address File: outward and inward code, and the letters in each place.",
        alone: Confidence::CHECKED,
        in_context: Confidence::CONTEXT,
        telling: &[
            "postcode",
            "post code",
            "postal code",
            "address",
            "delivery",
            "mailing",
            "shipping",
            "zip",
            "street",
            "road",
            "lane",
            "avenue",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::UK_POSTCODE,
        shapes: &[
            "(?i:[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKMNP-Y]? ?[0-9][ABD-HJLNP-UW-Z]{2})",
            "(?i:GIR ?0AA)",
        ],
        lead: Lead::Digit,
        check: Check::Value(checks::postcode),
        validator: "postcode areas",
        source: "Royal Mail, Programmers' Guide to the Postcode Address File; in lower case or without the space much else looks like it.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: POSTCODE,
        ..PLAIN
    },
    Detector {
        category: Category::UK_DRIVING_LICENCE,
        shapes: &["(?i:[A-Z][A-Z9]{4}[0-9]{6}[A-Z9]{2}[A-Z0-9][A-Z]{2})"],
        lead: Lead::Digit,
        check: Check::Value(checks::driving_licence),
        validator: "date of birth, padding",
        source: "DVLA, driver number: five places of the surname, six of sex and birth, two initials, three to tell people apart.",
        telling: LICENCE,
        ..PLAIN
    },
    Detector {
        category: Category::UK_DRIVING_LICENCE,
        shapes: &["(?i:[A-Z][A-Z9]{4} [0-9]{6} [A-Z9]{2}[A-Z0-9][A-Z]{2})"],
        before: Before::Assigned,
        check: Check::Value(checks::driving_licence),
        validator: "date of birth, padding",
        source: "DVLA, driver number, in the groups in which licences show it.",
        alone: Confidence::WEAK,
        telling: LICENCE,
        ..PLAIN
    },
    Detector {
        category: Category::UK_VEHICLE_REGISTRATION,
        shapes: &[
            "[A-HJ-PR-Y]{2}[0-9]{2} ?[A-HJ-PR-Z]{3}",
            "[a-hj-pr-y]{2}[0-9]{2} ?[a-hj-pr-z]{3}",
        ],
        lead: Lead::Digit,
        check: Check::Value(checks::vehicle_registration),
        validator: "age identifier",
        source: "DVLA INF104: memory tag without I, Q and Z, half-year, three letters without I and Q.",
        alone: Confidence::SHAPE,
        in_context: Confidence::VALIDATED_TOLD,
        telling: REGISTRATION,
        ..PLAIN
    },
    Detector {
        category: Category::UK_VEHICLE_REGISTRATION,
        shapes: &[
            "[A-HJ-NPR-TV-Y][0-9]{1,3} ?[A-HJ-PR-Y]{3}",
            "[A-HJ-PR-Y]{3} ?[0-9]{1,3}[A-HJ-NPR-TV-Y]",
        ],
        lead: Lead::Digit,
        source: "DVLA INF104: the forms of 1983 (a letter for the year in front) and of 1963 (behind).",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: REGISTRATION,
        ..PLAIN
    },
];
