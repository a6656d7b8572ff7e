//! Identity numbers of Asia.
//!
//! Numbers without letters and with one check digit are reported only after a telling word: one number in ten would pass.

use crate::category::Category;
use crate::checks::asia::{
    business_entity, chinese_resident, company_entity, individual_number, korean_birth, korean_business,
    korean_licence, korean_registration, nric, other_entity, philippine_taxpayer, thai_identity,
    turkish_identity, turkish_plate,
};
use crate::detector::{Before, Check, Detector, Lead, PLAIN};
use crate::finding::Confidence;

mod india;

/// Words before a Singaporean identity number.
const NRIC: &[&str] = &["nric", "fin", "singapore id", "identity card"];

/// Words before a Singaporean entity number.
const ENTITY: &[&str] = &[
    "uen",
    "unique entity number",
    "acra",
    "business registration",
    "company registration",
];

/// Words before a Korean resident's number.
const KOREAN_RESIDENT: &[&str] = &["주민번호", "주민등록", "rrn", "resident registration"];

/// Words before the number of a foreigner in Korea.
const KOREAN_FOREIGNER: &[&str] = &[
    "외국인번호",
    "외국인등록",
    "frn",
    "foreigner registration",
    "alien registration",
];

/// Words before a Korean driving licence.
const KOREAN_LICENCE: &[&str] = &[
    "운전면허",
    "면허번호",
    "driver license",
    "driver's license",
    "driving license",
    "driving licence",
];

/// Words before a Korean passport number.
const PASSPORT: &[&str] = &["passport", "여권"];

/// Words before a Thai identity number.
const THAI_IDENTITY: &[&str] = &[
    "เลขประจำตัวประชาชน",
    "บัตรประชาชน",
    "รหัสปชช",
    "tnin",
    "thai id",
    "thai national id",
    "thai citizen id",
    "national id",
    "citizen id",
];

/// Words before a Turkish number plate.
const TURKISH_PLATE: &[&str] = &["plaka", "plakası", "plakasi"];

/// What a Korean registration number's two rows share.
const KOREAN_REGISTRATION: Detector = Detector {
    before: Before::Ungrouped,
    check: Check::Value(korean_registration),
    validator: "birth date, region, mod 11",
    source: "Enforcement Rule of the Resident Registration Act, for foreigners the Immigration Act: birth date, century and sex, serial; numbers issued since October 2020 are random after that.",
    ..PLAIN
};

/// What the rows of Singaporean entity numbers share.
const SINGAPOREAN_ENTITY: Detector = Detector {
    category: Category::SG_UEN,
    source: "uen.gov.sg: nnnnnnnnX for businesses, yyyynnnnnX for local companies, TyyPQnnnnX for all others; X is a check letter.",
    telling: ENTITY,
    ..PLAIN
};

/// The rows.
pub(super) static ROWS: &[Detector] = &[
    india::AADHAAR,
    india::ACCOUNT,
    india::ACCOUNT_LAYOUT,
    india::GOODS_TAX,
    india::GOODS_TAX_LAYOUT,
    india::PASSPORT,
    india::VOTER,
    india::PLATE,
    india::BHARAT_PLATE,
    india::ARMY_PLATE,
    india::MISSION_PLATE,
    Detector {
        category: Category::SG_NRIC_FIN,
        shapes: &["(?i:[stfgm])[0-9]{7}(?i:[a-z])"],
        lead: Lead::Digit,
        check: Check::Value(nric),
        validator: "mod 11 letter",
        source: "Immigration and Checkpoints Authority: S and T for citizens and residents, F, G and M for foreigners, seven digits, check letter.",
        telling: NRIC,
        ..PLAIN
    },
    Detector {
        category: Category::SG_NRIC_FIN,
        shapes: &["(?i:[stfgm])[0-9]{7}(?i:[a-z])"],
        lead: Lead::Digit,
        source: "Immigration and Checkpoints Authority; the authority publishes no rule for the check letter.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: NRIC,
        ..PLAIN
    },
    Detector {
        shapes: &["[0-9]{8}[A-Z]"],
        check: Check::Value(business_entity),
        validator: "mod 11 letter",
        alone: Confidence::CHECKED,
        ..SINGAPOREAN_ENTITY
    },
    Detector {
        shapes: &["[12][0-9]{8}[A-Z]"],
        check: Check::Value(company_entity),
        validator: "year, mod 11 letter",
        ..SINGAPOREAN_ENTITY
    },
    Detector {
        shapes: &["[TSR][0-9]{2}[A-Z]{2}[0-9]{4}[A-Z]"],
        lead: Lead::Digit,
        check: Check::Value(other_entity),
        validator: "entity types, mod 11 letter",
        ..SINGAPOREAN_ENTITY
    },
    Detector {
        category: Category::KR_RRN,
        shapes: &["[0-9]{6}-[1-4][0-9]{6}"],
        telling: KOREAN_RESIDENT,
        ..KOREAN_REGISTRATION
    },
    Detector {
        category: Category::KR_RRN,
        shapes: &["[0-9]{6}-?[1-4][0-9]{6}"],
        check: Check::Value(korean_birth),
        validator: "birth date",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: KOREAN_RESIDENT,
        ..KOREAN_REGISTRATION
    },
    Detector {
        category: Category::KR_FRN,
        shapes: &["[0-9]{6}-[5-8][0-9]{6}"],
        telling: KOREAN_FOREIGNER,
        ..KOREAN_REGISTRATION
    },
    Detector {
        category: Category::KR_FRN,
        shapes: &["[0-9]{6}-?[5-8][0-9]{6}"],
        check: Check::Value(korean_birth),
        validator: "birth date",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: KOREAN_FOREIGNER,
        ..KOREAN_REGISTRATION
    },
    Detector {
        category: Category::KR_BRN,
        shapes: &["[0-9]{3}-[0-9]{2}-[0-9]{5}", "[0-9]{10}"],
        before: Before::Ungrouped,
        check: Check::Value(korean_business),
        validator: "weights 1, 3, 7, mod 10",
        source: "National Tax Service: office, kind of business, serial and check digit.",
        alone: Confidence::CHECKED,
        telling: &["사업자", "brn", "business registration"],
        ..PLAIN
    },
    Detector {
        category: Category::KR_DRIVER_LICENSE,
        shapes: &["[12][0-9][ -]?[0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{2}"],
        before: Before::Ungrouped,
        check: Check::Value(korean_licence),
        validator: "regions",
        source: "Korea Road Traffic Authority: region, year, serial, and check digits whose rule is not public.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: KOREAN_LICENCE,
        ..PLAIN
    },
    Detector {
        category: Category::KR_PASSPORT,
        shapes: &["(?i:[msrod])[0-9]{3}(?i:[a-z])[0-9]{4}"],
        lead: Lead::Digit,
        source: "Ministry of Foreign Affairs: since December 2021 kind, three digits, a letter, four digits.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: PASSPORT,
        ..PLAIN
    },
    Detector {
        category: Category::KR_PASSPORT,
        shapes: &["(?i:[msrod])[0-9]{8}"],
        lead: Lead::Digit,
        source: "Ministry of Foreign Affairs: until December 2021 kind and eight digits.",
        alone: Confidence::WEAK,
        in_context: Confidence::CONTEXT,
        telling: PASSPORT,
        ..PLAIN
    },
    Detector {
        category: Category::CN_RESIDENT_ID,
        shapes: &[
            "[1-8][0-9]{16}[0-9Xx]",
            "[1-8][0-9]{5}[ -][0-9]{8}[ -][0-9]{3}[0-9Xx]",
        ],
        before: Before::Ungrouped,
        check: Check::Value(chinese_resident),
        validator: "province, birth date, ISO 7064 mod 11-2",
        source: "GB 11643-1999: area, birth date, serial, check character.",
        telling: &[
            "身份证",
            "身分證",
            "公民身份号码",
            "id card",
            "resident id",
            "identity card",
            "national id",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::JP_MY_NUMBER,
        shapes: &[
            "[0-9]{12}",
            "[0-9]{4} [0-9]{4} [0-9]{4}",
            "[0-9]{4}-[0-9]{4}-[0-9]{4}",
        ],
        refuted_by: &["[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]"],
        before: Before::Ungrouped,
        check: Check::Value(individual_number),
        validator: "mod 11",
        source: "Ministry of Internal Affairs and Communications, Ordinance 85 of 2014, article 5: eleven digits and a check digit.",
        alone: Confidence::CHECKED,
        telling: &[
            "マイナンバー",
            "個人番号",
            "my number",
            "mynumber",
            "individual number",
            "kojin bango",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::TH_TNIN,
        shapes: &["[1-9]-[0-9]{4}-[0-9]{5}-[0-9]{2}-[0-9]"],
        before: Before::Ungrouped,
        check: Check::Value(thai_identity),
        validator: "province, mod 11",
        source: "Department of Provincial Administration: thirteen digits in the groups that identity cards show.",
        telling: THAI_IDENTITY,
        ..PLAIN
    },
    Detector {
        category: Category::TH_TNIN,
        shapes: &["[1-9][0-9]{12}", "[1-9] [0-9]{4} [0-9]{5} [0-9]{2} [0-9]"],
        before: Before::Ungrouped,
        check: Check::Value(thai_identity),
        validator: "province, mod 11",
        source: "Department of Provincial Administration: kind of person, province, district, serial, check digit.",
        alone: Confidence::CHECKED,
        telling: THAI_IDENTITY,
        ..PLAIN
    },
    Detector {
        category: Category::PH_TIN,
        shapes: &[
            "[0-9]{3}-[0-9]{3}-[0-9]{3}(?:-[0-9]{3}(?:[0-9]{2})?)?",
            "[0-9]{9}(?:[0-9]{3}(?:[0-9]{2})?)?",
        ],
        refuted_by: &["[0-9]{3}-[0-9]{3}-[0-9]{3}-[0-9]"],
        before: Before::Ungrouped,
        check: Check::Value(philippine_taxpayer),
        validator: "mod 11",
        source: "Bureau of Internal Revenue: nine digits, and three or five for the branch; the check digit as Presidio tests it.",
        alone: Confidence::CHECKED,
        telling: &[
            "tin",
            "bir",
            "taxpayer identification number",
            "tax identification number",
            "rdo",
            "revenue district office",
            "taxpayer id",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::TR_NATIONAL_ID,
        shapes: &["[1-9][0-9]{10}"],
        before: Before::Ungrouped,
        check: Check::Value(turkish_identity),
        validator: "two mod 10 digits",
        source: "Nüfus ve Vatandaşlık İşleri Genel Müdürlüğü, T.C. kimlik numarası: nine digits and two check digits.",
        alone: Confidence::CHECKED,
        telling: &[
            "kimlik",
            "tckn",
            "tc no",
            "nüfus cüzdanı",
            "national id",
            "turkish id",
        ],
        ..PLAIN
    },
    Detector {
        category: Category::TR_LICENSE_PLATE,
        shapes: &[
            "[0-8][0-9] ?[A-PR-VYZ]{1,3} ?[0-9]{2,5}",
            "[0-8][0-9]-[A-PR-VYZ]{1,3}-[0-9]{2,5}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(turkish_plate),
        validator: "province, no date",
        source: "Karayolları Trafik Yönetmeliği, tescil plakaları: province, one to three letters without Q, W and X, digits.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: &["plaka", "plakası", "plakasi", "plate"],
        ..PLAIN
    },
    Detector {
        category: Category::TR_LICENSE_PLATE,
        shapes: &[
            "[0-8][0-9] ?[a-pr-vyz]{1,3} ?[0-9]{2,5}",
            "[0-8][0-9]-[a-pr-vyz]{1,3}-[0-9]{2,5}",
        ],
        before: Before::Ungrouped,
        check: Check::Value(turkish_plate),
        validator: "province, no date or measure",
        source: "Karayolları Trafik Yönetmeliği, tescil plakaları; as people type it.",
        alone: Confidence::SHAPE,
        in_context: Confidence::CONTEXT,
        telling: TURKISH_PLATE,
        ..PLAIN
    },
];
