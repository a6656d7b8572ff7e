//! Telephone numbers.

use crate::category::Category;
use crate::checks;
use crate::detector::{After, Before, Check, Detector, PLAIN};
use crate::finding::Confidence;
use layouts::{ABROAD, COMMON, DECIMAL, GOES_ON, GROUPED, INTERNATIONAL, NATIONAL, NORTH_AMERICAN, PECULIAR};
use words::{CLEAR, PHONE, STRICT};

mod layouts;
mod words;

/// What every row of `Category::PHONE` has unless it says otherwise.
const NUMBER: Detector = Detector {
    category: Category::PHONE,
    before: Before::Ungrouped,
    after: After::Boundary,
    validator: "numbering plan of the calling code",
    telling: PHONE,
    ..PLAIN
};

/// Numbers as they are written where a word's language is spoken, whatever regions are configured.
const OF_LANGUAGE: Detector = Detector {
    shapes: NATIONAL,
    validator: "numbering plan of a country of the word's language",
    source: "ITU-T E.123 §2: national notation; libphonenumber's metadata for plans and trunk prefixes.",
    alone: Confidence::WEAK,
    in_context: Confidence::CONTEXT,
    ..NUMBER
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        shapes: INTERNATIONAL,
        refuted_by: DECIMAL,
        before: Before::Unsigned,
        after: After::Digit,
        check: Check::Value(checks::phone::assigned_and_whole),
        source: "ITU-T E.164 §6; E.123 for layouts and extensions; libphonenumber's metadata for the plans.",
        ..NUMBER
    },
    Detector {
        shapes: INTERNATIONAL,
        refuted_by: DECIMAL,
        before: Before::Unsigned,
        after: After::Digit,
        check: Check::Value(checks::phone::dialable),
        validator: "calling code, number of digits",
        source: "ITU-T E.164 §6; libphonenumber's metadata for the lengths: ranges are assigned faster than tables follow.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        ..NUMBER
    },
    Detector {
        shapes: ABROAD,
        check: Check::Value(checks::phone::assigned_in_groups),
        source: "ITU-T E.164 Supplement 3: 00, or 011 in North America, leads out of a country.",
        ..NUMBER
    },
    Detector {
        shapes: &["00[1-9][0-9]{6,14}"],
        check: Check::Value(checks::phone::assigned),
        source: "ITU-T E.164 Supplement 3: 00 leads out of a country.",
        alone: Confidence::CHECKED,
        ..NUMBER
    },
    Detector {
        shapes: ABROAD,
        check: Check::Value(checks::phone::dialable),
        validator: "calling code, number of digits",
        source: "ITU-T E.164 Supplement 3: 00, or 011 in North America, leads out of a country.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        ..NUMBER
    },
    Detector {
        shapes: NORTH_AMERICAN,
        check: Check::Regional(checks::phone::north_american),
        source: "North American Numbering Plan: area code, exchange, line; libphonenumber's metadata for the area codes.",
        ..NUMBER
    },
    Detector {
        shapes: NORTH_AMERICAN,
        validator: "",
        source: "North American Numbering Plan: three, three and four digits.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: CLEAR,
        ..NUMBER
    },
    Detector {
        shapes: GROUPED,
        check: Check::Regional(checks::phone::national_in_groups),
        validator: "numbering plan of a configured region",
        source: "ITU-T E.123 §2: national notation; libphonenumber's metadata for plans and trunk prefixes.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        ..NUMBER
    },
    Detector {
        check: Check::Value(checks::phone::english),
        telling: &[
            "phone",
            "telephone",
            "tel",
            "mobile",
            "cellphone",
            "fax",
            "landline",
            "hotline",
            "whatsapp",
            "call me",
            "call us",
            "ring me",
            "text me",
            "reach me",
            "messages to",
            "message me",
            "answering at",
            "dial",
        ],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::german),
        telling: &[
            "tel",
            "telefon",
            "telefonnummer",
            "handy",
            "handynummer",
            "mobil",
            "mobilnummer",
            "rufnummer",
            "fax",
            "telefax",
            "festnetz",
        ],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::french),
        telling: &[
            "tél",
            "tel",
            "téléphone",
            "portable",
            "mobile",
            "fax",
            "cellulaire",
        ],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::spanish),
        telling: &[
            "tel",
            "teléfono",
            "telefono",
            "tfno",
            "telf",
            "móvil",
            "movil",
            "celular",
            "fax",
            "whatsapp",
        ],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::portuguese),
        telling: &["tel", "telefone", "telemóvel", "celular", "whatsapp"],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::italian),
        telling: &["tel", "telefono", "cellulare", "fax"],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::dutch),
        telling: &["tel", "telefoon", "telefoonnummer", "mobiel", "gsm"],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::nordic),
        telling: &["tel", "tlf", "telefon", "telefonnummer", "mobil", "puhelin"],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::eastern),
        telling: &["tel", "telefon", "telefonu", "mobil", "komórka", "gsm", "cep"],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::russian),
        telling: &["телефон", "тел", "мобильный", "моб"],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::east_asian),
        telling: &["電話", "电话", "手机", "手機", "携帯", "전화", "휴대폰"],
        ..OF_LANGUAGE
    },
    Detector {
        check: Check::Value(checks::phone::other),
        telling: &["फोन", "मोबाइल", "هاتف", "جوال", "טלפון", "נייד", "โทร"],
        ..OF_LANGUAGE
    },
    Detector {
        shapes: &["[0-9]{4,17}"],
        check: Check::Regional(checks::phone::national),
        validator: "numbering plan of a configured region",
        source: "libphonenumber's metadata for plans and trunk prefixes.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: STRICT,
        ..NUMBER
    },
    Detector {
        shapes: PECULIAR,
        refuted_by: GOES_ON,
        telling: CLEAR,
        check: Check::Value(checks::phone::in_groups),
        validator: "no date, no IP address",
        source: "The layouts that libphonenumber's metadata give for national numbers.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        ..NUMBER
    },
    Detector {
        shapes: COMMON,
        refuted_by: GOES_ON,
        telling: CLEAR,
        check: Check::Value(checks::phone::in_groups),
        validator: "no date, no IP address",
        source: "The layouts that libphonenumber's metadata give for national numbers.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        ..NUMBER
    },
    Detector {
        shapes: &["1[3-9][0-9]{9}"],
        check: Check::Value(checks::phone::chinese),
        validator: "Chinese numbering plan",
        source: "MIIT (China) numbering plan: mobile numbers have 11 digits, the first two from 13 to 19.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: STRICT,
        ..NUMBER
    },
    Detector {
        shapes: &["0[1-9][0-9]{7,9}"],
        validator: "",
        source: "ITU-T E.123 §2: a trunk prefix 0 in front of national numbers.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: STRICT,
        ..NUMBER
    },
    Detector {
        category: Category::PH_MOBILE_NUMBER,
        shapes: &[r"\+63[ .-]?\(?9[0-9]{2}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{4}"],
        before: Before::Unsigned,
        validator: "",
        source: "NTC (Philippines) numbering plan: mobile numbers are 9 and nine digits behind +63 or 0.",
        ..NUMBER
    },
    Detector {
        category: Category::PH_MOBILE_NUMBER,
        shapes: &[
            r"09[0-9]{2}[ .-]?[0-9]{3}[ .-]?[0-9]{4}",
            r"\(09[0-9]{2}\) ?[0-9]{3}[ .-]?[0-9]{4}",
        ],
        validator: "",
        source: "NTC (Philippines) numbering plan: mobile numbers are 9 and nine digits behind +63 or 0.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: &[
            "philippine",
            "ph mobile",
            "selpon",
            "gcash",
            "globe",
            "smart",
            "mobile",
            "cellphone",
            "cp",
        ],
        ..NUMBER
    },
    Detector {
        category: Category::TR_PHONE_NUMBER,
        shapes: &[r"\+90[ .-]?\(?[2-5][0-9]{2}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{2}"],
        before: Before::Unsigned,
        validator: "",
        source: "BTK (Turkey) numbering plan: ten digits from 2 to 5 on, behind +90 or 0.",
        ..NUMBER
    },
    Detector {
        category: Category::TR_PHONE_NUMBER,
        shapes: &[
            r"0?[2-5][0-9]{2}[ .-]?[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{2}",
            r"(?:0 ?)?\([2-5][0-9]{2}\) ?[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{2}",
            r"\(0[2-5][0-9]{2}\) ?[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{2}",
        ],
        validator: "",
        source: "BTK (Turkey) numbering plan: ten digits from 2 to 5 on, behind +90 or 0.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: &[
            "telefon",
            "telefonu",
            "telefon numarası",
            "cep",
            "cep telefonu",
            "gsm",
            "tel no",
            "numaram",
        ],
        ..NUMBER
    },
];
