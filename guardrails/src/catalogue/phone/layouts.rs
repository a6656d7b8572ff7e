//! How telephone numbers are written.

/// `+` and a number; gaps may be anywhere, as conventions of grouping differ.
pub(super) const INTERNATIONAL: &[&str] = &[
    r"\+[1-9](?:(?:[ ./-]|[ .-]?\(|\)[ .-]?)?[0-9]){5,16}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
    r"\(\+[1-9][0-9]{0,2}\)(?:(?:[ ./-]|[ .-]?\(|\)[ .-]?)?[0-9]){4,14}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?",
];

/// A decimal number with a sign.
pub(super) const DECIMAL: &[&str] = &[r"\+[0-9]{6,15}\.[0-9]"];

/// A prefix that leads out of a country, and a number in groups.
pub(super) const ABROAD: &[&str] = &[
    r"00[ -]?[1-9](?:(?:[ ./-]|[ .-]?\(|\)[ .-]?)?[0-9]){5,16}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
    r"011[ -][1-9](?:(?:[ ./-]|[ .-]?\(|\)[ .-]?)?[0-9]){5,16}",
];

/// Area code, exchange and line.
pub(super) const NORTH_AMERICAN: &[&str] = &[
    r"(?:1[ -])?[0-9]{3}-[0-9]{3}-[0-9]{4}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
    r"(?:1\.)?[0-9]{3}\.[0-9]{3}\.[0-9]{4}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
    r"(?:1[ .-]?)?\([0-9]{3}\)[ -]?[0-9]{3}[ .-][0-9]{4}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
];

/// What is a number's beginning only: a group of its size and kind follows.
pub(super) const GOES_ON: &[&str] = &[
    "[0-9]{1,5}(?: [0-9]{1,5}){1,4} [0-9]{3,5}",
    "[0-9]{1,5}(?:-[0-9]{1,5}){1,4}-[0-9]{3,5}",
];

/// Groups in the ways of all countries: several blanks, tabs and hyphens between, area codes in brackets, extensions; in lines
/// below each other where groups are short.
pub(super) const NATIONAL: &[&str] = &[
    r"\(?[0-9](?:(?:[ \t]{1,4}|[ \t]?[./-][ \t]?|[ .-]?\(|\)[ \t]{0,2}[.-]?[ \t]?)?[0-9]){6,14}(?:,? ?(?:x|#|ext\.?|Ext\.?) ?[0-9]{1,6})?",
    r"\(?[0-9]{2,4}\)?(?:[ \t\r\n-]{1,6}[0-9]{2,4}){2,5}",
];

/// Any groups; which of them make a number is for the plan to say.
pub(super) const GROUPED: &[&str] = &[
    "[0-9]{1,5}(?:[ .-][0-9]{2,5}){1,5}",
    r"\([0-9]{1,5}\)[ -]?[0-9]{2,5}(?:[ .-][0-9]{2,5}){0,4}",
    "[0-9]{1,5}[ ./-][0-9]{6,8}",
];

/// Layouts that little else has: a trunk prefix `0`, an area code in brackets, four pairs, uneven groups. `655 437 108` may be
/// an amount of money, so none of them is more than a shape without a telling word.
pub(super) const PECULIAR: &[&str] = &[
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
pub(super) const COMMON: &[&str] = &[
    "[1-9][0-9]{2,3}[ -][0-9]{4}",
    "[1-9][0-9] [0-9]{6}",
    "[1-9][0-9](?: [0-9]{2}){3}",
    "[1-9][0-9] [0-9]{3} [0-9]{3}",
    "[1-9][0-9]{1,2} [0-9]{3} [0-9]{4}",
    "[1-9][0-9]{1,2} [0-9]{3} [0-9]{2} [0-9]{2}",
    "[1-9][0-9] [0-9]{3,5} [0-9]{4}",
];
