//! Identity numbers of Africa and South America.

use crate::category::Category;
use crate::checks::south::{
    brazilian_company, brazilian_head_office, brazilian_person, nigerian_plate, south_african,
};
use crate::checks::verhoeff;
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;

/// What the rows of South African identity numbers share.
const SOUTH_AFRICAN: Detector = Detector {
    category: Category::ZA_ID_NUMBER,
    before: Before::Ungrouped,
    check: Check::Value(south_african),
    validator: "birth date, citizenship, Luhn",
    source: "Identification Act 68 of 1997 and Department of Home Affairs: birth date, sex and serial, citizenship, former race digit, check digit.",
    telling: &[
        "id number",
        "id no",
        "identity",
        "south african id",
        "sa id",
        "rsa id",
        "smart id",
        "national id",
        "id-nommer",
        "identiteitsnommer",
    ],
    ..PLAIN
};

/// What the rows of Brazilian taxpayer numbers of persons share.
const BRAZILIAN_PERSON: Detector = Detector {
    category: Category::BR_CPF,
    before: Before::Ungrouped,
    check: Check::Value(brazilian_person),
    validator: "two mod 11 digits",
    source: "Receita Federal, Cadastro de Pessoas Físicas: nine digits and two check digits.",
    telling: &["cpf", "cadastro de pessoa física", "cadastro de pessoas físicas"],
    ..PLAIN
};

/// What the rows of Brazilian taxpayer numbers of companies share.
const BRAZILIAN_COMPANY: Detector = Detector {
    category: Category::BR_CNPJ,
    before: Before::Ungrouped,
    check: Check::Value(brazilian_company),
    validator: "two mod 11 digits",
    source: "Receita Federal, Instrução Normativa RFB 2.229/2024: eight characters of the company, four of the establishment, two check digits; letters since July 2026.",
    telling: &["cnpj", "cadastro nacional da pessoa jurídica"],
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::NG_NIN,
        shapes: &["[0-9]{11}", "[0-9]{4}[ -][0-9]{3}[ -][0-9]{4}"],
        before: Before::Ungrouped,
        check: Check::Value(verhoeff),
        validator: "Verhoeff",
        source: "National Identity Management Commission: eleven digits; the check digit as Presidio tests it.",
        alone: Confidence::CHECKED,
        telling: &[
            "nin",
            "nimc",
            "national identification number",
            "national identity",
            "nigeria id",
            "nigerian identification",
            "nigerian id",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::NG_VEHICLE_REGISTRATION,
        shapes: &[
            "[A-Z]{3} [0-9]{3}[A-Z]{2}",
            "(?i:[a-z]{3})-?[0-9]{3}(?i:[a-z]{2})",
        ],
        lead: Lead::Digit,
        check: Check::Value(nigerian_plate),
        validator: "no measure",
        source: "Federal Road Safety Corps, plates since 2011: local government, serial, year and batch.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: &["plate", "vehicle", "registration number"],
        ..PLAIN
    },
    Detector {
        shapes: &[
            "[02-9][0-9]{12}",
            "1[0-389][0-9]{11}",
            "[0-9]{6} [0-9]{4} [0-9]{2} ?[0-9]",
            "[0-9]{6}-[0-9]{4}-[0-9]{2}-?[0-9]",
        ],
        ..SOUTH_AFRICAN
    },
    Detector {
        // Thirteen digits that start like this are milliseconds since 1970 (2014 to 2026) more often than a birth date.
        shapes: &["1[4-7][0-9]{11}"],
        alone: Confidence::CHECKED,
        ..SOUTH_AFRICAN
    },
    Detector {
        shapes: &[r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", "[0-9]{9}-[0-9]{2}"],
        ..BRAZILIAN_PERSON
    },
    Detector {
        shapes: &["[0-9]{11}", r"[0-9]{3}[. -][0-9]{3}[. -][0-9]{3}[. /-][0-9]{2}"],
        alone: Confidence::CHECKED,
        ..BRAZILIAN_PERSON
    },
    Detector {
        shapes: &[r"(?:[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})/[0-9]{4}-[0-9]{2}"],
        ..BRAZILIAN_COMPANY
    },
    Detector {
        shapes: &["[0-9]{14}"],
        check: Check::Value(brazilian_head_office),
        validator: "two mod 11 digits, establishment 1 to 9",
        ..BRAZILIAN_COMPANY
    },
    Detector {
        shapes: &[
            r"(?:[0-9][0-9A-Z]|[A-Z][0-9])\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}",
            r"[A-Z]{2}\.(?:[0-9][0-9A-Z]{2}|[A-Z][0-9][0-9A-Z]|[A-Z]{2}[0-9])\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}",
        ],
        lead: Lead::Digit,
        ..BRAZILIAN_COMPANY
    },
    Detector {
        // Without a digit in its first five characters nothing but the word before it catches the eye.
        shapes: &[r"[A-Z]{2}\.[A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}"],
        before: Before::Assigned,
        telling: &["cnpj"],
        ..BRAZILIAN_COMPANY
    },
    Detector {
        shapes: &["[0-9A-Z]{12}[0-9]{2}"],
        lead: Lead::Digit,
        alone: Confidence::CHECKED,
        ..BRAZILIAN_COMPANY
    },
];
