//! Identity numbers of Australia.

use crate::category::Category;
use crate::checks::australia as checks;
use crate::detector::{Before, Check, Detector, PLAIN};
use crate::finding::Confidence;

/// Words before a business number.
const BUSINESS: &[&str] = &["abn", "australian business number", "business number"];

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::AU_ABN,
        shapes: &["[1-9][0-9] [0-9]{3} [0-9]{3} [0-9]{3}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::business_number),
        validator: "mod 89",
        source: "Australian Business Register, Format of the ABN: eleven digits, shown 2-3-3-3.",
        telling: BUSINESS,
        ..PLAIN
    },
    Detector {
        category: Category::AU_ABN,
        shapes: &["[1-9][0-9]{10}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::business_number),
        validator: "mod 89",
        source: "Australian Business Register, Format of the ABN.",
        alone: Confidence::CHECKED,
        telling: BUSINESS,
        ..PLAIN
    },
    Detector {
        category: Category::AU_ACN,
        shapes: &["[0-9]{3} [0-9]{3} [0-9]{3}", "[0-9]{9}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::company_number),
        validator: "weights 8 to 1 mod 10",
        source: "ASIC, Australian Company Number digit check: nine digits, shown 3-3-3.",
        alone: Confidence::CHECKED,
        telling: &["acn", "australian company number", "company number"],
        ..PLAIN
    },
    Detector {
        category: Category::AU_TFN,
        shapes: &[
            "[0-9]{3} [0-9]{3} [0-9]{3}",
            "[0-9]{3}-[0-9]{3}-[0-9]{3}",
            "[0-9]{9}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(checks::tax_file_number),
        validator: "mod 11",
        source: "ATO, tax file number algorithm: nine digits, shown 3-3-3.",
        alone: Confidence::CHECKED,
        telling: &["tfn", "tax file number", "tax file no", "tax file"],
        ..PLAIN
    },
    Detector {
        category: Category::AU_MEDICARE,
        shapes: &["[2-6][0-9]{3} [0-9]{5} [0-9]", "[2-6][0-9]{9}"],
        before: Before::Ungrouped,
        check: Check::Value(checks::medicare),
        validator: "weights 1, 3, 7, 9 mod 10",
        source: "Services Australia, Medicare card: ten digits, the first from 2 to 6, shown 4-5-1.",
        alone: Confidence::CHECKED,
        telling: &["medicare", "medicare number", "medicare card", "medicare no"],
        ..PLAIN
    },
];
