//! Rules of facts about a person.

use super::{digits, is_date};

/// How the names of the months start, in English, German, French, Spanish, Italian, Portuguese and Dutch.
const MONTHS: [&str; 12] = [
    "jan jän gen ene",
    "feb fév fev",
    "mar mär maa",
    "apr avr abr",
    "may mai mag mei",
    "jun juin giu",
    "jul juil lug",
    "aug aoû aou ago",
    "sep set",
    "oct okt ott out",
    "nov",
    "dec dez déc dic",
];

/// Words that stand where a user name would in programs, forms and manuals.
const NO_USERNAMES: &str = "a already also always an and any anonymous args assumed bool case char config const default email empty env err error event explicitly false \
    field for from function get getter given group here id in indicates input int invalid is it key length login missing my name new nil \
    no none not null number object of on option optional or os params password private process props provided public req request \
    required self session set shift shown state static stored str string taken text that the this to true type undefined unknown unsafe url used \
    user username value var varchar void was with your";

/// Whether an age stated in words is one that a person can have.
pub(crate) fn is_age(text: &str) -> bool {
    let age = digits(text).fold(0u32, |age, digit| age.saturating_mul(10).saturating_add(digit));
    (1..=120).contains(&age)
}

/// Whether a date with a day, a month and a year exists, in one of the orders in which its shape can be read.
pub(crate) fn is_full_date(text: &str) -> bool {
    let text = match text.split_once('T') {
        Some((date, _time)) if text.contains(':') => date,
        _ => text,
    };
    let mut numbers = numbers(text);
    let (Some(first), Some(second)) = (numbers.next(), numbers.next()) else {
        return false;
    };
    match (numbers.next(), month(text)) {
        (Some((_, third)), None) if first.0 == 4 => is_date(first.1, second.1, third),
        (Some(year), None) => {
            let year = century(year);
            is_date(year, second.1, first.1) || is_date(year, first.1, second.1)
        }
        (None, Some(month)) => is_date(century(second), month, first.1),
        _ => false,
    }
}

/// Whether a date without a year or without a day exists.
pub(crate) fn is_partial_date(text: &str) -> bool {
    let mut numbers = numbers(text);
    match (numbers.next(), numbers.next(), month(text)) {
        (Some((1 | 2, month)), Some((4, year)), None) => is_date(year, month, 1),
        (Some((1 | 2, month)), Some(_), None) => (1..=12).contains(&month),
        (Some((4, year)), None, Some(month)) => is_date(year, month, 1),
        // A day comes before its month, a year of two digits after it.
        (Some((_, day)), None, Some(month)) => {
            text.starts_with(|first: char| !first.is_ascii_digit()) || is_date(2000, month, day)
        }
        _ => false,
    }
}

/// Whether a text that stands where a user name is expected can be one, and is neither a word of the sentence or program around
/// it, nor part of an expression, nor the name of a type or a constant.
pub(crate) fn is_username(text: &str) -> bool {
    let listed = |word: &str| {
        NO_USERNAMES
            .split_ascii_whitespace()
            .any(|known| known.eq_ignore_ascii_case(word))
    };
    let of_an_object = text.contains('.') && text.split('.').any(listed);
    let constant = text.contains('_') && !text.bytes().any(|byte| byte.is_ascii_lowercase());
    let width = text
        .strip_prefix(['i', 'u', 'f'])
        .is_some_and(|bits| ["8", "16", "32", "64", "128"].contains(&bits));
    let declared =
        width || constant || text.starts_with("c_") || text.starts_with("__") || text.ends_with("_t");
    (3..=64).contains(&text.len())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !(listed(text) || of_an_object || declared)
}

/// The numbers in a date: how many digits each has, and what they say.
fn numbers(text: &str) -> impl Iterator<Item = (usize, u32)> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|number| !number.is_empty())
        .map(|number| (number.len(), number.parse().unwrap_or_default()))
}

/// The month that a date names.
fn month(text: &str) -> Option<u32> {
    let starts = |word: &str, start: &str| {
        let mut letters = word.chars().flat_map(char::to_lowercase);
        start.chars().all(|letter| letters.next() == Some(letter))
    };
    let number = |word: &str| {
        let named = |month: &&str| month.split(' ').any(|start| starts(word, start));
        (1..)
            .zip(&MONTHS)
            .find_map(|(number, month)| named(month).then_some(number))
    };
    text.split(|c: char| !c.is_alphabetic()).find_map(number)
}

/// A year of two digits is one of the hundred that end in 2029; only whether 29 February exists depends on it.
fn century((length, year): (usize, u32)) -> u32 {
    match length {
        2 if year < 30 => 2000 + year,
        2 => 1900 + year,
        _ => year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    #[test]
    fn ages_that_nobody_reaches_are_refused() {
        check(
            is_age,
            &["45 years old", "1-year-old", "aged 120", "age 7"],
            &["0 years old", "121 years old", "200 years old"],
        );
    }

    #[test]
    fn dates_that_no_calendar_has_are_refused() {
        check(
            is_full_date,
            &[
                "5-20-2021",
                "21/5/21",
                "29.02.2000",
                "2024-02-29",
                "2024-06-05T09:15:30.500-07:00",
                "5-MAY-2021",
                "March 12, 1985",
                "12th of March 1985",
                "12. März 1985",
                "1er août 1985",
                "3 de enero de 1985",
                "4 juillet 1985",
            ],
            &[
                "20-20-2021",
                "29.02.1900",
                "2023-02-29",
                "31/04/2021",
                "0/1/2021",
                "30 February 1985",
                "12 Foo 1985",
                "2024-13-01T09:15Z",
            ],
        );
        check(
            is_partial_date,
            &[
                "05/21",
                "5/2021",
                "12/99",
                "MAY-2021",
                "may-21",
                "21-MAY",
                "March 1985",
            ],
            &["13/2021", "0/21", "31-APR", "21-FOO", "5/3021"],
        );
    }

    #[test]
    fn words_of_programs_are_no_user_names() {
        check(
            is_username,
            &["ada", "ada.lovelace", "Ada_1815", "jdoe42", "user-77"],
            &[
                "str",
                "None",
                "self.name",
                "request.user",
                "os.environ",
                "no",
                "123456",
                "the",
                "Username",
            ],
        );
    }
}
