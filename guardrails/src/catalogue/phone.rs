//! Telephone numbers.

use crate::category::Category;
use crate::checks;
use crate::detector::{After, Before, Check, Detector, PLAIN};
use crate::finding::Confidence;

/// Words that introduce a telephone number, in the languages of the regions. Some have other meanings, so they tell of
/// values that look like one: signs, groups, a layout.
const PHONE: &[&str] = &[
    "phone",
    "telephone",
    "tel",
    "tele",
    "telefon",
    "telefono",
    "teléfono",
    "telefone",
    "téléphone",
    "telefoon",
    "telefonnummer",
    "puhelin",
    "mobile",
    "mobil",
    "móvil",
    "movil",
    "celular",
    "cellulare",
    "cellulaire",
    "mobiel",
    "handy",
    "handynummer",
    "portable",
    "cell",
    "cellphone",
    "smartphone",
    "fax",
    "telefax",
    "landline",
    "hotline",
    "whatsapp",
    "sms",
    "rufnummer",
    "call",
    "ring me",
    "text me",
    "dial",
    "message me",
    "messages to",
    "message on",
    "answering at",
    "reach me",
    "office line",
    "direct line",
    "contact",
    "desk",
    "pager",
    "voicemail",
    "nummer",
    "numéro",
    "mob",
    "ph",
    "cep",
    "gsm",
    "電話",
    "电话",
    "手机",
    "전화",
    "телефон",
    "फोन",
    "هاتف",
    "טלפון",
    "โทร",
];

/// The words of `PHONE` that tell even of digits without a gap.
const STRICT: &[&str] = &[
    "phone",
    "telephone",
    "tel",
    "telefon",
    "telefono",
    "teléfono",
    "telefone",
    "téléphone",
    "telefoon",
    "telefonnummer",
    "puhelin",
    "mobile",
    "móvil",
    "celular",
    "cellulare",
    "handynummer",
    "cellphone",
    "fax",
    "telefax",
    "landline",
    "hotline",
    "whatsapp",
    "rufnummer",
    "call me",
    "call us",
    "ring me",
    "text me",
    "reach me",
    "messages to",
    "answering at",
    "電話",
    "电话",
    "手机",
    "전화",
    "телефон",
    "फोन",
    "هاتف",
    "טלפון",
    "โทร",
];

/// What every row of `Category::PHONE` has unless it says otherwise.
const NUMBER: Detector = Detector {
    category: Category::PHONE,
    before: Before::Ungrouped,
    after: After::Boundary,
    validator: "numbering plan of the calling code",
    telling: PHONE,
    ..PLAIN
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
        check: Check::Value(checks::phone::in_groups),
        validator: "no date, no IP address",
        source: "The layouts that libphonenumber's metadata give for national numbers.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        ..NUMBER
    },
    Detector {
        shapes: COMMON,
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
            r"0? ?\([2-5][0-9]{2}\) ?[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{2}",
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

/// `+` and a number; gaps may be anywhere, as conventions of grouping differ.
const INTERNATIONAL: &[&str] = &[
    r"\+[1-9](?:(?:[ ./-]|[ .-]?\(|\)[ .-]?)?[0-9]){5,16}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
    r"\(\+[1-9][0-9]{0,2}\)(?:(?:[ ./-]|[ .-]?\(|\)[ .-]?)?[0-9]){4,14}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?",
];

/// A decimal number with a sign.
const DECIMAL: &[&str] = &[r"\+[0-9]{6,15}\.[0-9]"];

/// A prefix that leads out of a country, and a number in groups.
const ABROAD: &[&str] = &[
    r"00[ -]?[1-9][0-9]{0,2}(?:[ .-]?\(0\))?(?:[ .-]?[0-9]{2,5}|[ .-][0-9]{1,5})(?:[ .-][0-9]{2,5}){1,4}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?",
    r"011[ -][1-9][0-9]{0,2}[ -][0-9]{1,5}(?:[ .-][0-9]{2,5}){1,4}",
];

/// Area code, exchange and line.
const NORTH_AMERICAN: &[&str] = &[
    r"(?:1[ -])?[0-9]{3}-[0-9]{3}-[0-9]{4}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
    r"(?:1\.)?[0-9]{3}\.[0-9]{3}\.[0-9]{4}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
    r"(?:1[ .-]?)?\([0-9]{3}\)[ -]?[0-9]{3}[ .-][0-9]{4}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
];

/// Any groups; which of them make a number is for the plan to say.
const GROUPED: &[&str] = &[
    "[0-9]{1,5}(?:[ .-][0-9]{2,5}){1,5}",
    r"\([0-9]{1,5}\)[ -]?[0-9]{2,5}(?:[ .-][0-9]{2,5}){0,4}",
    "[0-9]{1,5}[ ./-][0-9]{6,8}",
];

/// Layouts that little else has: a trunk prefix `0`, an area code in brackets, four pairs, uneven groups. `655 437 108` may be
/// an amount of money, so none of them is more than a shape without a telling word.
const PECULIAR: &[&str] = &[
    r"\([0-9]{2,5}\) ?[0-9]{3,4}[ -][0-9]{3,4}",
    r"\([0-9]{2,5}\) ?[0-9]{2,3}[ -][0-9]{2}[ -][0-9]{2}",
    r"\(0[0-9]{1,4}\) ?[0-9]{5,8}",
    "[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2}",
    r"0[0-9](?:\.[0-9]{2}){4}",
    r"0[0-9](?:[ -][0-9]{2}){4}",
    r"0[0-9]{2,4}[ -][0-9]{2,3} [0-9]{2} [0-9]{2}",
    r"0[0-9]{1,4}[ -][0-9]{3,4}[ -][0-9]{3,4}",
    "[1-9][0-9] [0-9]{3} [0-9]{3} [0-9]{4}",
    "[1-9][0-9]{2} [0-9]{2} [0-9]{3}",
    "[1-9][0-9]{2} [0-9]{3} [0-9]{3}",
    "0[0-9]{1,4}[ /-][0-9]{6,8}",
];

/// Layouts of numbers without a trunk prefix, which other numbers have too.
const COMMON: &[&str] = &[
    "[1-9][0-9]{2,3}[ -][0-9]{4}",
    "[1-9][0-9] [0-9]{6}",
    "[1-9][0-9](?: [0-9]{2}){3}",
    "[1-9][0-9] [0-9]{3} [0-9]{3}",
    "[1-9][0-9]{1,2} [0-9]{3} [0-9]{4}",
    "[1-9][0-9]{1,2} [0-9]{3} [0-9]{2} [0-9]{2}",
    "[1-9][0-9] [0-9]{3,5} [0-9]{4}",
];
