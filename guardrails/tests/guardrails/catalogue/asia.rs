//! What the rows of `catalogue/asia.rs` find and leave alone.

use super::check;
use palisade_guardrails::Category;

/// What a production engine asks for, and what a bare shape has.
const DEFAULT: u8 = 60;
const SHAPE: u8 = 40;

#[test]
fn indian_personal_numbers() {
    check(
        Category::IN_AADHAAR,
        DEFAULT,
        &[
            "Aadhaar: ⟦2341 2341 2346⟧.",
            "आधार संख्या ⟦4991-1866-5246⟧",
            "uidai=⟦499118665246⟧",
            "aadhaar 2341 2341 2347, 1341 2341 2346, 2341 2341 2346 1234",
            "order 499118665246 shipped",
        ],
    );
    check(
        Category::IN_PAN,
        DEFAULT,
        &[
            "⟦ABCPD1234Z⟧ and ⟦AAACH7409R⟧",
            "my pan is ⟦abcpd1234z⟧",
            "PAN ⟦ABCDE1234F⟧",
            "part ABCDE1234F, xABCPD1234Z, ABCPD12345",
        ],
    );
    check(
        Category::IN_PASSPORT,
        DEFAULT,
        &[
            "Passport no. ⟦J6932157⟧",
            "passport ⟦K12 34567⟧",
            "ticket J6932157",
            "passport J0932157 or J6932150",
        ],
    );
    check(
        Category::IN_VOTER,
        DEFAULT,
        &[
            "Voter ID: ⟦KSD1287349⟧",
            "EPIC no ⟦uzb2345117⟧",
            "ref KSD1287349",
            "voter KSD12873490",
        ],
    );
    check(
        Category::IN_VOTER,
        SHAPE,
        &["⟦MUP5632811⟧ and ⟦uzb2345117⟧", "M1P5632811"],
    );
}

#[test]
fn indian_tax_numbers_of_companies() {
    check(
        Category::IN_GSTIN,
        DEFAULT,
        &[
            "⟦27AAPFU0939F1ZV⟧",
            "gstin ⟦27aapfu0939f1zv⟧",
            "GST registration ⟦27ABCDE1234F1Z5⟧",
            "27ABCDE1234F1Z5",
            "gst 27AAPFU0939F1ZV1",
        ],
    );
    check(
        Category::IN_GSTIN,
        SHAPE,
        &["⟦27ABCDE1234F1Z5⟧", "00ABCDE1234F1Z5", "27ABCDE1234F1Y5"],
    );
}

#[test]
fn indian_number_plates() {
    check(
        Category::IN_VEHICLE_REGISTRATION,
        DEFAULT,
        &[
            "vehicle ⟦KA53ME3456⟧",
            "car no. ⟦KA 53 ME 3456⟧, plate ⟦MH-01-A-0001⟧, rto ⟦DL 1C AB 1234⟧, bike ⟦tn09bz1234⟧",
            "⟦22 BH 1234 AA⟧",
            "the vehicle went up 10 to 2000, model XX53ME3456",
            "KA53ME3456",
        ],
    );
    check(
        Category::IN_VEHICLE_REGISTRATION,
        SHAPE,
        &[
            "⟦DL01CA1234⟧",
            "⟦03D123456H⟧ and ⟦77CD123⟧",
            "00D123456H 177CD123 DL01CA0000",
        ],
    );
}

#[test]
fn singaporean_numbers() {
    check(
        Category::SG_NRIC_FIN,
        DEFAULT,
        &[
            "⟦S9108268C⟧ ⟦t7572225c⟧, ⟦F2346401L⟧; ⟦M4332674T⟧",
            "NRIC# ⟦T1234567Z⟧",
            "T1234567Z A1234567Z S9108268CC",
        ],
    );
    check(Category::SG_NRIC_FIN, SHAPE, &["⟦T1234567Z⟧"]);
    check(
        Category::SG_UEN,
        DEFAULT,
        &[
            "⟦201434292D⟧ ⟦T16RF0037C⟧",
            "UEN ⟦53125226D⟧",
            "53125226D",
            "uen 53125226E, 201434292E, T16RF0037D",
        ],
    );
}

#[test]
fn korean_registration_numbers() {
    check(
        Category::KR_RRN,
        DEFAULT,
        &[
            "⟦960121-1021413⟧입니다",
            "주민등록번호: ⟦9601211021413⟧",
            "His RRN is ⟦960121-1234567⟧",
            "960121-1234567 and 9601211021413",
            "rrn 960132-1021413, 960121-5021413, 960121-10214131",
        ],
    );
    check(Category::KR_RRN, SHAPE, &["⟦960121-1234567⟧ ⟦0005053637892⟧"]);
    check(
        Category::KR_FRN,
        DEFAULT,
        &[
            "⟦911124-5678906⟧",
            "외국인등록번호 ⟦911124-5678901⟧",
            "911124-5678901",
            "frn 911124-1678906",
        ],
    );
    check(Category::KR_FRN, SHAPE, &["⟦0005056637892⟧, 001332-5234567"]);
}

#[test]
fn korean_licences_passports_and_businesses() {
    check(
        Category::KR_BRN,
        DEFAULT,
        &[
            "사업자등록번호: ⟦124-81-00998⟧",
            "BRN ⟦1048656659⟧",
            "1048656659",
            "brn 124-81-00997",
        ],
    );
    check(
        Category::KR_DRIVER_LICENSE,
        DEFAULT,
        &[
            "운전면허 ⟦13-22-123456-12⟧",
            "driver's license ⟦13 22 123456 12⟧",
            "13-22-123456-12",
            "운전면허 27-22-123456-12, 11-22-12345-12",
        ],
    );
    check(Category::KR_DRIVER_LICENSE, SHAPE, &["⟦112212345612⟧"]);
    check(
        Category::KR_PASSPORT,
        DEFAULT,
        &[
            "여권 ⟦M123A4567⟧",
            "passport ⟦m12345678⟧",
            "M123A4567",
            "passport A123B4567, M1234567",
        ],
    );
    check(Category::KR_PASSPORT, SHAPE, &["⟦s456b7890⟧ and s99887766"]);
}

#[test]
fn chinese_and_japanese_numbers() {
    check(
        Category::CN_RESIDENT_ID,
        DEFAULT,
        &[
            "身份证号⟦11010519491231002X⟧。",
            "⟦440524 18800101 0014⟧",
            "110105194912310021 160105194912310029 211010519491231002X",
        ],
    );
    check(
        Category::JP_MY_NUMBER,
        DEFAULT,
        &[
            "マイナンバーは⟦1234 5678 9018⟧です",
            "My Number: ⟦123456789018⟧",
            "123456789018",
            "個人番号 123456789017, 1234-5678-9018-1234",
        ],
    );
}

#[test]
fn thai_and_philippine_numbers() {
    check(
        Category::TH_TNIN,
        DEFAULT,
        &[
            "⟦1-2345-67890-12-1⟧",
            "เลขประจำตัวประชาชน: ⟦3456789012347⟧",
            "Thai ID ⟦1 2345 67890 12 1⟧",
            "1234567890121",
            "tnin 1234567890123, 1284567890121",
        ],
    );
    check(
        Category::PH_TIN,
        DEFAULT,
        &[
            "TIN: ⟦000-123-456-000⟧ or ⟦000-123-456-00000⟧ or ⟦000123456⟧",
            "000-123-456",
            "tin 000-123-457, 000-123-456-7890, 000000000",
        ],
    );
}

#[test]
fn turkish_numbers() {
    check(
        Category::TR_NATIONAL_ID,
        DEFAULT,
        &[
            "TC Kimlik No: ⟦10000000146⟧",
            "kimlik numarası ⟦36493665440⟧",
            "36493665440",
            "tckn 36493665441, 02531814694",
        ],
    );
    check(
        Category::TR_LICENSE_PLATE,
        DEFAULT,
        &[
            "plaka ⟦34 ABC 1234⟧, ⟦06 A 12345⟧ ve ⟦35-jk-123⟧",
            "Plaka: ⟦34 abc 123⟧",
            "license plate ⟦07AB123⟧",
            "34 ABC 1234",
            "plaka 82 ABC 123, 10 ile 20, 12 MAY 2021, 34 AX 123",
            "license plates: 10 to 12",
        ],
    );
    check(Category::TR_LICENSE_PLATE, SHAPE, &["⟦01 A 12⟧ ⟦34-ABC-1234⟧"]);
}
