//! Rules of numbers of the United Kingdom.

use super::finance::{evenly_separated, monotonous};
use super::{exactly, is_date, weighted};

/// Prefixes of national insurance numbers that are not used. Source: HMRC, National Insurance Manual NIM39110.
const NO_INSURANCE_PREFIX: [&str; 7] = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];

/// Check digits of a taxpayer reference by the remainder of the sum. Source: HMRC, UTR modulus 11 check.
const TAXPAYER_CHECKS: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/// The areas of postcodes. Source: Royal Mail, Postcode Address File, and Ordnance Survey Code-Point Open.
const POSTCODE_AREAS: &str = "\
    AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX \
    FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP \
    NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA \
    WC WD WF WN WR WS WV YO ZE";

/// An NHS number: weights 10 to 1, mod 11 (NHS Data Dictionary, NHS NUMBER).
pub(crate) fn health_service_number(text: &str) -> bool {
    let sum = |number: [u32; 10]| weighted(number, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    evenly_separated(text) && !monotonous(text) && exactly(text).is_some_and(|number| sum(number) % 11 == 0)
}

/// A national insurance number: its prefix is one that is used; the shape states the letters.
pub(crate) fn national_insurance(text: &str) -> bool {
    let prefix = text.get(..2).unwrap_or_default();
    !NO_INSURANCE_PREFIX
        .iter()
        .any(|unused| unused.eq_ignore_ascii_case(prefix))
}

/// A unique taxpayer reference: the first digit checks the others, mod 11.
pub(crate) fn taxpayer_reference(text: &str) -> bool {
    let Some([check, rest @ ..]) = exactly::<10>(text) else {
        return false;
    };
    let sum = weighted(rest, &[6, 7, 8, 9, 10, 5, 4, 3, 2]);
    TAXPAYER_CHECKS.get((sum % 11) as usize) == Some(&check) && !monotonous(text)
}

/// A postcode of an area that exists.
pub(crate) fn postcode(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let area = text.get(..letters).unwrap_or_default();
    // GIR 0AA is the one postcode without an area: Girobank's.
    area.eq_ignore_ascii_case("GIR")
        || POSTCODE_AREAS
            .split(' ')
            .any(|known| known.eq_ignore_ascii_case(area))
}

/// A driver number: surname padded with 9s, a date of birth with 50 added to the months of women, initials
/// (DVLA, INS57P and the specification of the driver number).
pub(crate) fn driving_licence(text: &str) -> bool {
    let compact: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let Some((surname, rest)) = compact.split_at_checked(5) else {
        return false;
    };
    let Some((born, rest)) = rest.split_at_checked(6) else {
        return false;
    };
    let Some(([decade, m, month, d, day, year], initials)) = exactly::<6>(born).zip(rest.get(..2)) else {
        return false;
    };
    let month = m * 10 + month;
    let month = if month > 50 { month - 50 } else { month };
    // The century is not in the number.
    let years = [1900, 2000].map(|century| century + decade * 10 + year);
    padded(surname) && padded(initials) && years.iter().any(|year| is_date(*year, month, d * 10 + day))
}

/// Whether nothing but 9s follows the first 9.
fn padded(text: &str) -> bool {
    let name = text.trim_end_matches('9');
    name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A registration in the form of 2001: the age identifier is one of a half-year up to 2030 (DVLA, INF104): 02 to 29
/// from March, 51 to 79 from September.
pub(crate) fn vehicle_registration(text: &str) -> bool {
    let age = text.get(2..4).and_then(|age| age.parse::<u32>().ok());
    matches!(age, Some(2..=29 | 51..=79))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{check, check_digits};

    #[test]
    fn health_service_check_refuses_every_wrong_digit() {
        check(
            health_service_number,
            &["401-023-2137", "221 395 1837", "0032698674"],
            &["401-023-2138", "401 023-2137", "0000000000", "401023213"],
        );
        check_digits(health_service_number, "9434765919");
    }

    #[test]
    fn national_insurance_check_refuses_unused_prefixes() {
        check(
            national_insurance,
            &["AA123456B", "hh 01 02 03 d"],
            &["BG123612A", "gb123612a", "ZZ 12 34 56 C"],
        );
    }

    #[test]
    fn taxpayer_check_refuses_wrong_digits() {
        check(
            taxpayer_reference,
            &["1955839661", "19558 39661", "1955839661K"],
            &["2955839661", "1955839662", "195583966", "0000000000"],
        );
    }

    #[test]
    fn postcode_check_refuses_areas_that_do_not_exist() {
        check(
            postcode,
            &["SW1A 1AA", "m1 1ae", "GIR 0AA"],
            &["XA1 1AA", "QZ1 1AA", "1A1", ""],
        );
    }

    #[test]
    fn driving_licence_check_refuses_dates_and_names_that_cannot_be() {
        check(
            driving_licence,
            &[
                "MORGA657054SM9IJ",
                "MORGA 657054 SM9IJ",
                "FO999512018AA1AB",
                "SMITH802290AB1CD",
                "JONES710153J99EF",
            ],
            &[
                "MORGA663054SM9IJ",
                "MORGA602314SM9IJ",
                "MO9GA657054SM9IJ",
                "MORGA657054",
                "",
            ],
        );
    }

    #[test]
    fn registration_check_refuses_half_years_to_come() {
        check(
            vehicle_registration,
            &["AB51 ABC", "aa02aaa", "AB70 DEF"],
            &["AB35 ABC", "AB80 ABC", "AB01 ABC", "A"],
        );
    }
}
