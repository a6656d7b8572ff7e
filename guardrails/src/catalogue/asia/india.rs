//! Identity numbers of India.

use crate::category::Category;
use crate::checks::asia::{
    aadhaar, goods_tax, goods_tax_layout, indian_mission_plate, indian_plate, permanent_account,
};
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;

/// Words before a permanent account number.
const PAN: &[&str] = &["pan", "permanent account number", "पैन"];

/// Words before a number plate.
const VEHICLE: &[&str] = &[
    "vehicle",
    "plate",
    "rto",
    "registration",
    "reg no",
    "car",
    "bike",
    "scooter",
    "truck",
    "वाहन",
    "गाड़ी",
];

/// Aadhaar numbers.
pub(super) const AADHAAR: Detector = Detector {
    category: Category::IN_AADHAAR,
    shapes: &["[2-9][0-9]{11}", "[2-9][0-9]{3}[ :-][0-9]{4}[ :-][0-9]{4}"],
    refuted_by: &["[2-9][0-9]{3}[ :-][0-9]{4}[ :-][0-9]{4}[ :-][0-9]"],
    before: Before::Ungrouped,
    check: Check::Value(aadhaar),
    validator: "Verhoeff, no palindrome",
    source: "UIDAI, A UID Numbering Scheme (2010): eleven digits, of which the first is not 0 or 1, and a Verhoeff check digit.",
    alone: Confidence::CHECKED,
    telling: &[
        "aadhaar",
        "aadhar",
        "adhaar",
        "uidai",
        "आधार",
        "আধার",
        "ஆதார்",
        "ఆధార్",
        "ಆಧಾರ್",
        "ആധാർ",
    ],
    ..PLAIN
};

/// Permanent account numbers of a known kind of holder.
pub(super) const ACCOUNT: Detector = Detector {
    category: Category::IN_PAN,
    shapes: &["[A-Z]{5}[0-9]{4}[A-Z]"],
    lead: Lead::Digit,
    check: Check::Value(permanent_account),
    validator: "kind of holder",
    source: "Income Tax Department, PAN: five letters, of which the fourth is the kind of holder, four digits, a letter.",
    telling: PAN,
    ..PLAIN
};

/// Permanent account numbers by their layout, in either case.
pub(super) const ACCOUNT_LAYOUT: Detector = Detector {
    category: Category::IN_PAN,
    shapes: &["(?i:[a-z]{5})[0-9]{4}(?i:[a-z])"],
    lead: Lead::Digit,
    source: "Income Tax Department, PAN: five letters, four digits, a letter; as people type it.",
    alone: Confidence::SHAPE,
    in_context: Confidence::CONTEXT,
    telling: PAN,
    ..PLAIN
};

/// Goods and services tax numbers.
pub(super) const GOODS_TAX: Detector = Detector {
    category: Category::IN_GSTIN,
    shapes: &["[0-9]{2}(?i:[a-z]{4}[0-9a-z])[0-9]{4}(?i:[a-z][0-9a-z]{3})"],
    check: Check::Value(goods_tax),
    validator: "state code, Luhn mod 36",
    source: "GST Network: state code, account number (of a tax deductor: of four letters and five digits), registration, kind, check character.",
    telling: &["gstin", "gst", "goods and services tax"],
    ..PLAIN
};

/// Goods and services tax numbers by their layout.
pub(super) const GOODS_TAX_LAYOUT: Detector = Detector {
    category: Category::IN_GSTIN,
    shapes: &["[0-9]{2}(?i:[0-9a-z]{5})[0-9]{4}(?i:[a-z][0-9a-z]z[0-9a-z])"],
    check: Check::Value(goods_tax_layout),
    validator: "state code",
    source: "GST Network, layout of a regular taxpayer's number; the check character may be wrong.",
    alone: Confidence::SHAPE,
    in_context: Confidence::CONTEXT,
    telling: &["gstin", "gst", "goods and services tax", "tax identification"],
    ..PLAIN
};

/// Passport numbers.
pub(super) const PASSPORT: Detector = Detector {
    category: Category::IN_PASSPORT,
    shapes: &["(?i:[a-z])[1-9][0-9] ?[0-9]{4}[1-9]"],
    lead: Lead::Digit,
    source: "Ministry of External Affairs: a letter and seven digits; that neither the first nor the last is 0 is as Presidio tests it.",
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    telling: &["passport", "पासपोर्ट"],
    ..PLAIN
};

/// Voter card numbers.
pub(super) const VOTER: Detector = Detector {
    category: Category::IN_VOTER,
    shapes: &["(?i:[a-z]{3})[0-9]{7}"],
    lead: Lead::Digit,
    source: "Election Commission of India, EPIC: three letters of the constituency and seven digits.",
    alone: Confidence::SHAPE,
    in_context: Confidence::CONTEXT,
    telling: &[
        "voter",
        "epic",
        "elector",
        "electoral",
        "election card",
        "election commission",
        "मतदाता",
    ],
    ..PLAIN
};

/// Number plates of the states and union territories.
pub(super) const PLATE: Detector = Detector {
    category: Category::IN_VEHICLE_REGISTRATION,
    shapes: &[
        "[A-Z]{2}[ -]?[0-9]{1,2}[ -]?[A-Z]{1,3}[ -]?[0-9]{4}",
        "[A-Z]{2}[ -]?[0-9][A-Z][ -][A-Z]{1,2}[ -]?[0-9]{4}",
        "(?i:[a-z]{2})[0-9]{1,2}(?i:[a-z]{1,3})[0-9]{4}",
    ],
    lead: Lead::Digit,
    check: Check::Value(indian_plate),
    validator: "state codes",
    source: "Central Motor Vehicles Rules 1989, rule 50: state, district, series, number.",
    alone: Confidence::CHECKED,
    telling: VEHICLE,
    ..PLAIN
};

/// Number plates of the Bharat series, which every state issues.
pub(super) const BHARAT_PLATE: Detector = Detector {
    category: Category::IN_VEHICLE_REGISTRATION,
    shapes: &["[2-9][1-9][ -]?BH[ -]?[0-9]{4}[ -]?[A-HJ-NP-Z]{1,2}"],
    source: "Central Motor Vehicles (20th Amendment) Rules 2021: year, BH, number, series without I and O.",
    telling: VEHICLE,
    ..PLAIN
};

/// Number plates of the armed forces.
pub(super) const ARMY_PLATE: Detector = Detector {
    category: Category::IN_VEHICLE_REGISTRATION,
    shapes: &["(?:0[1-9]|[1-9][0-9])[ABCDEFHKPRX][0-9]{6}[A-Z]"],
    source: "Plates of the armed forces: year, class of vehicle, serial, check letter (Wikipedia, Vehicle registration plates of India).",
    alone: Confidence::SHAPE,
    in_context: Confidence::CONTEXT,
    telling: VEHICLE,
    ..PLAIN
};

/// Number plates of diplomatic and consular missions.
pub(super) const MISSION_PLATE: Detector = Detector {
    category: Category::IN_VEHICLE_REGISTRATION,
    shapes: &["[0-9]{1,3} ?(?:CD|CC|UN) ?[1-9][0-9]{1,3}"],
    before: Before::Ungrouped,
    check: Check::Value(indian_mission_plate),
    validator: "mission numbers",
    source: "Central Motor Vehicles Rules 1989, rule 76: the mission's number, CD, CC or UN, number.",
    alone: Confidence::SHAPE,
    in_context: Confidence::CONTEXT,
    telling: VEHICLE,
    ..PLAIN
};
