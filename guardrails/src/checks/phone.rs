//! Rules of telephone numbers.

mod languages;
mod number;
mod plans;
mod table;

pub(crate) use self::languages::{
    dutch, east_asian, eastern, english, french, german, italian, nordic, other, portuguese, russian, spanish,
};
use self::number::Number;
use self::plans::Standing;
use crate::region::Regions;

/// Fewer digits in groups are a pair of small numbers rather than a number of one of the few plans with so short ones.
const GROUPED_DIGITS_MIN: usize = 6;

/// Plans without a fixed length let a number take in the first digits of a card behind it. Subscribers' numbers stay below
/// this, calling code included.
const USUAL_DIGITS_MAX: usize = 13;

/// An international number whose range is assigned by the plan of its calling code.
pub(crate) fn assigned(text: &str) -> bool {
    is_assigned(Number::of(text).abroad())
}

/// As `assigned`, of no more digits than are usual where an assigned number stands in front, up to a gap; and not with a single
/// full stop for its only gap: that is a decimal number with a sign.
pub(crate) fn assigned_and_whole(text: &str) -> bool {
    let number = Number::of(text);
    let usual = number.abroad().len() <= USUAL_DIGITS_MAX || !continues(&number);
    usual && !number.is_decimal() && is_assigned(number.abroad())
}

/// As `assigned`, written in groups, one of them longer than the bytes of a dump.
pub(crate) fn assigned_in_groups(text: &str) -> bool {
    let number = Number::of(text);
    number.groups().count() > 1
        && number.groups().any(|group| group.len() > 2)
        && is_assigned(number.abroad())
}

/// An international number with a calling code in use and a length that its plan has. One with an assigned number in
/// front, up to a gap, is refused: the rest is something that follows the number.
pub(crate) fn dialable(text: &str) -> bool {
    let number = Number::of(text);
    plans::international(number.abroad()) != Standing::Impossible && !continues(&number)
}

/// A number in the layout of North America, if a region there is configured.
pub(crate) fn north_american(text: &str, regions: &Regions) -> bool {
    plans::north_american(Number::of(text).digits(), regions)
}

/// A Chinese number, whatever regions are configured: more telephones have one than any other.
pub(crate) fn chinese(text: &str) -> bool {
    plans::of_region(*b"CN", Number::of(text).digits())
}

/// A number of a configured region as it is written there, in digits without gaps.
pub(crate) fn national(text: &str, regions: &Regions) -> bool {
    plans::national(Number::of(text).digits(), regions)
}

/// A number of a configured region as it is written there, in groups that are no date and no IP address.
pub(crate) fn national_in_groups(text: &str, regions: &Regions) -> bool {
    let number = Number::of(text);
    number.digits().len() >= GROUPED_DIGITS_MIN
        && is_grouped(&number)
        && plans::national(number.digits(), regions)
}

/// Whether the groups of `text` are no date, no IP address and no decimal number, and the gaps after the first are all alike.
pub(crate) fn in_groups(text: &str) -> bool {
    is_grouped(&Number::of(text))
}

/// Whether an assigned number stands in front, up to a gap.
fn continues(number: &Number) -> bool {
    number.fronts().any(|front| is_assigned(number::abroad(front)))
}

fn is_assigned(digits: &[u8]) -> bool {
    plans::international(digits) == Standing::Assigned
}

fn is_grouped(number: &Number) -> bool {
    number.has_even_gaps() && !number.is_decimal() && !number.is_address() && !number.leads_with_date()
}

#[cfg(test)]
mod tests;
