//! Facts about a person: age, birth, dates, user names.

use crate::category::Category;
use crate::checks::personal as rules;
use crate::detector::{Before, Check, Detector, PLAIN};
use crate::finding::Confidence;

/// Months as English abbreviates them.
macro_rules! abbreviated {
    () => {
        "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    };
}

/// Months written out or abbreviated with a full stop, in English, German, French, Spanish, Italian, Portuguese and Dutch, where
/// they come after the day.
macro_rules! month {
    () => {
        r"(?i:jan(?:uary|uar|uari|eiro|vier)?|j\xC3\xA4nner|gennaio|enero|feb(?:ruary|ruar|ruari|rero|braio)?|f\xC3\xA9vrier|fevereiro|mar(?:ch|s|zo|\xC3\xA7o)?|m\xC3\xA4rz|maart|apr(?:il|ile)?|avril|abril|may|mai|mayo|maggio|maio|mei|june?|juni|juin|junio|giugno|junho|july?|juli|juillet|julio|luglio|julho|aug(?:ust|ustus)?|ao\xC3\xBBt|agosto|sept?(?:ember|embre|iembre)?|settembre|setembro|oct(?:ober|obre|ubre)?|o[kt]tober|ottobre|outubro|nov(?:ember|embre|iembre|embro)?|dec(?:ember)?|dezember|d\xC3\xA9cembre|diciembre|dicembre|dezembro)"
    };
}

/// A day, a month and a year.
const DATES: &[&str] = &[
    "[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{2}|[0-9]{4})",
    "[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    r"[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{2}|[0-9]{4})",
    "[0-9]{4}[/-][0-9]{1,2}[/-][0-9]{1,2}",
    concat!("[0-9]{1,2}-", abbreviated!(), "-(?:[0-9]{2}|[0-9]{4})"),
    concat!(
        r"[0-9]{1,2}(?:st|nd|rd|th|er|\.|\xC2\xBA)?,? (?:of |de )?",
        month!(),
        r"\.?,? (?:de )?[0-9]{4}"
    ),
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?) [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4}",
];

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    Detector {
        category: Category::USERNAME,
        shapes: &["@?[A-Za-z0-9_][A-Za-z0-9._-]+[A-Za-z0-9_]"],
        refuted_by: &[r"@?[A-Za-z0-9_][A-Za-z0-9._-]+[A-Za-z0-9_](?:[(\[{<$@]|::)"],
        before: Before::Assigned,
        check: Check::Value(rules::is_username),
        validator: "no word of a program or sentence",
        source: "What portals accept as a login name: letters, digits and `._-`, 3 characters or more.",
        alone: Confidence::CONTEXT,
        in_context: Confidence::CONTEXT,
        telling: &[
            "username",
            "user name",
            "login",
            "login name",
            "logon",
            "screen name",
            "twitter handle",
            "my handle",
            "user id",
            "userid",
            "benutzername",
            "nom d'utilisateur",
            "identifiant",
            "nombre de usuario",
            "nome utente",
            "nome de usuário",
            "gebruikersnaam",
            "nazwa użytkownika",
            "användarnamn",
            "имя пользователя",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::AGE,
        shapes: &[
            "[0-9]{1,3}(?: |-)(?i:years?|yrs?)(?: |-)(?i:old)",
            "[0-9]{1,3} (?i:years of age)",
            "[0-9]{1,3} ?(?i:y/o|y\\.o\\.|yo)",
            "[Aa]ged [0-9]{1,3}",
            "[0-9]{1,3} Jahre alt",
            r"[0-9]{1,3}-j\xC3\xA4hrig(?:e[rnms]?)?",
        ],
        refuted_by: &["[Aa]ged [0-9]{1,3}(?:[.,:/%-][0-9]|[ -](?:days?|weeks?|months?|hours?|minutes?|%))"],
        before: Before::Ungrouped,
        check: Check::Value(rules::is_age),
        validator: "1 to 120",
        source: "Common usage; no person is known to have reached 123 years.",
        ..PLAIN
    },
    Detector {
        category: Category::AGE,
        shapes: &[r"[0-9]{1,3} (?:ans|a\xC3\xB1os|anos|anni|jaar|\xC3\xA5r|lat)"],
        before: Before::Ungrouped,
        check: Check::Value(rules::is_age),
        validator: "1 to 120",
        source: "Common usage where a verb or an adjective makes a number of years an age.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: &[
            "âgé", "âgée", "âgé de", "agé de", "edad", "tiene", "tengo", "idade", "tenho", "età", "leeftijd",
            "ålder", "alder", "wiek",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::AGE,
        shapes: &["[0-9]{1,3}"],
        refuted_by: &["[0-9]{1,3}[.,:/%-][0-9]"],
        before: Before::Assigned,
        check: Check::Value(rules::is_age),
        validator: "1 to 120",
        source: "Common usage in forms.",
        alone: Confidence::CONTEXT,
        in_context: Confidence::CONTEXT,
        telling: &[
            "age",
            "my age",
            "patient age",
            "alter",
            "âge",
            "edad",
            "idade",
            "età",
            "leeftijd",
            "ålder",
            "alder",
            "wiek",
            "возраст",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::DATE_OF_BIRTH,
        shapes: DATES,
        before: Before::Ungrouped,
        check: Check::Value(rules::is_full_date),
        validator: "Gregorian calendar, 1850 to 2099",
        source: "ISO 8601 calendar dates and the customary orders of day, month and year (Unicode CLDR, date formats).",
        alone: Confidence::WEAK,
        in_context: Confidence::VALIDATED_TOLD,
        telling: &[
            "born",
            "dob",
            "d.o.b",
            "date of birth",
            "birth date",
            "birthdate",
            "birthday",
            "birth",
            "geboren",
            "geb",
            "geburtsdatum",
            "né le",
            "née le",
            "date de naissance",
            "naissance",
            "fecha de nacimiento",
            "nacimiento",
            "nacido",
            "nacida",
            "nació",
            "data di nascita",
            "nato il",
            "nata il",
            "nascita",
            "data de nascimento",
            "nascimento",
            "nascido",
            "nascida",
            "geboortedatum",
            "född",
            "födelsedatum",
            "født",
            "fødselsdato",
            "syntymäaika",
            "data urodzenia",
            "urodzony",
            "urodzona",
            "doğum tarihi",
            "дата рождения",
            "родился",
            "родилась",
            "生年月日",
            "出生日期",
            "생년월일",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::DATE_TIME,
        shapes: DATES,
        check: Check::Value(rules::is_full_date),
        validator: "Gregorian calendar, 1850 to 2099",
        source: "ISO 8601 calendar dates and the customary orders of day, month and year (Unicode CLDR, date formats).",
        alone: Confidence::SHAPE,
        in_context: Confidence::SHAPE,
        ..PLAIN
    },
    Detector {
        category: Category::DATE_TIME,
        shapes: &[
            r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?:Z|[+-][0-2][0-9]:?[0-5][0-9])?",
        ],
        check: Check::Value(rules::is_full_date),
        validator: "Gregorian calendar, 1850 to 2099",
        source: "ISO 8601-1 §5.4, RFC 3339 §5.6.",
        alone: Confidence::SHAPE,
        in_context: Confidence::SHAPE,
        ..PLAIN
    },
    Detector {
        category: Category::DATE_TIME,
        shapes: &[
            concat!("[0-9]{1,2}-", abbreviated!()),
            concat!(abbreviated!(), "-(?:[0-9]{2}|[0-9]{4})"),
            r"(?:January|February|March|April|May|June|July|August|September|October|November|December) [0-9]{4}",
        ],
        check: Check::Value(rules::is_partial_date),
        validator: "Gregorian calendar",
        source: "Customary dates without a year or without a day.",
        alone: Confidence::SHAPE,
        in_context: Confidence::SHAPE,
        ..PLAIN
    },
    Detector {
        category: Category::DATE_TIME,
        shapes: &["[0-9]{1,2}/(?:[0-9]{2}|[0-9]{4})"],
        check: Check::Value(rules::is_partial_date),
        validator: "Gregorian calendar",
        source: "Month and year in figures, which fractions look like too.",
        alone: Confidence::WEAK,
        in_context: Confidence::SHAPE,
        telling: &["date", "expiry", "expires", "valid", "month"],
        ..PLAIN
    },
];
