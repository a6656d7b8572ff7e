//! What a detector is: one row of the catalogue, one way of recognising a category.
//!
//! Shapes are byte regular expressions without look-around; what may stand beside a match is said by `before` and
//! `after`, one byte each, so the engine needs one byte of look-behind for them and one of look-ahead and no more.
//! Text is scanned normalised (see `normal`), so shapes, validators and telling words meet ASCII digits, hyphens and spaces.

use crate::category::Category;
use crate::finding::Confidence;
use crate::region::Regions;
use crate::specimen::Specimen;

/// One row of the catalogue.
#[derive(Clone, Copy)]
pub struct Detector {
    /// What a match is.
    pub category: Category,
    /// What a value looks like. All ends that a shape can have are tried, the longest first.
    pub shapes: &'static [&'static str],
    /// Longer shapes from the same start that show the value to be part of something else.
    pub refuted_by: &'static [&'static str],
    /// What may stand before a value.
    pub before: Before,
    /// What may stand after a value.
    pub after: After,
    /// How the engine notices a value; no part of what the row means.
    pub lead: Lead,
    /// A rule about the value that a shape cannot state.
    pub check: Check,
    /// What stands before a value, as far as a decision looks back, that shows it to be something else.
    pub unless_after: Option<fn(&str) -> bool>,
    /// The kind of specimens that this row finds, if it finds nothing else.
    pub specimen: Option<Specimen>,
    /// What `check` checks, for people; empty without one.
    pub validator: &'static str,
    /// Where the shape and the rule come from.
    pub source: &'static str,
    /// Confidence without a telling word.
    pub alone: Confidence,
    /// Confidence when a telling word stands in the `CONTEXT_BYTES` before the value.
    pub in_context: Confidence,
    /// Lower-case words and phrases that tell. They count as whole words in any case, with or without a final `s`.
    pub telling: &'static [&'static str],
    /// For values without a length limit: the shape that ends one. The match starts with `shapes` and takes in
    /// everything up to the terminator's end.
    pub terminator: Option<&'static str>,
    /// For values that can be longer than a walk: the bytes that go on with one that filled it, as a character class.
    pub overflow: Option<&'static str>,
}

/// A rule about a value. It sees the value alone, so its answer cannot depend on how the text was cut into chunks.
#[derive(Clone, Copy)]
pub enum Check {
    /// The shape says it all.
    Shape,
    /// Whether the value is valid.
    Value(fn(&str) -> bool),
    /// Whether the value is valid in one of the configured regions.
    Regional(fn(&str, &Regions) -> bool),
}

/// How far before its start a decision may look, in bytes: for the rest of a mailbox run, for telling words, for what a
/// value is assigned to. Released text this close to undecided text must be kept.
pub const LOOK_BEHIND: usize = 160;

/// The most bytes one walk reads, which bounds what a channel holds: the longest e-mail address (64 + 1 + 255 bytes,
/// RFC 5321 §4.5.3.1) is the longest value; what is longer has a terminator or an overflow instead.
pub(crate) const WALK_BYTES_MAX: usize = 320;

/// As `WALK_BYTES_MAX`, for values that are known by what they are assigned to: shorter, because assignments in a row, `a=b=c=`, are
/// all read from.
pub(crate) const ASSIGNED_BYTES_MAX: usize = 128;

/// How far before a value telling words are looked for, in bytes of normalised text.
pub const CONTEXT_BYTES: usize = 64;

/// Where a value may start, by the byte before it. Each is a bit in a set of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Before {
    /// After any byte.
    Anything = 1,
    /// Not after a letter, digit or underscore.
    Boundary = 1 << 1,
    /// As `Boundary`, and not after a full stop: `2.` in `1.2.3.4.5` starts nothing.
    Undotted = 1 << 2,
    /// As `Boundary`, and not after `+`.
    Unsigned = 1 << 3,
    /// At the first letter, digit or underscore of a run of mailbox characters, or at the quotation mark in front of one (see `mailbox`).
    Mailbox = 1 << 4,
    /// As `Boundary`, and not after a digit with one of `.-/` behind it: the value is not the rest of a longer number.
    Ungrouped = 1 << 5,
    /// As `Boundary`, and not after a hexadecimal digit with a colon behind it.
    Uncoloned = 1 << 7,
    /// As `Ungrouped`, and not after a digit with a space behind it either.
    Unspaced = 1 << 8,
    /// As `Boundary`, and not after one of `.-@/+`: inside a host name or a path no host name starts.
    Host = 1 << 9,
    /// After any byte but a digit.
    Digitless = 1 << 10,
    /// As `Ungrouped` and `Uncoloned`, and not after a word of two hexadecimal digits with a hyphen behind it.
    Unpaired = 1 << 11,
    /// Where the value of an assignment starts (see `assignment`). The telling words are what it must be assigned to.
    Assigned = 1 << 6,
}

/// Where a value may end, by the byte after it; the end of the text is always allowed. Each is a bit in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum After {
    /// Before any byte.
    Anything = 1,
    /// Not before a letter, digit or underscore.
    Boundary = 1 << 1,
    /// Not before a letter or digit: `_ada@example.org_` is an address in Markdown italics.
    Alphanumeric = 1 << 2,
    /// Not before a digit.
    Digit = 1 << 3,
}

/// What in a value catches the engine's eye. Looking at every word of prose would cost most of its speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// The first three bytes: for values that start with a digit, a sign or a distinctive prefix.
    Prefix,
    /// A digit: for values that start with letters of any kind. Every value has a digit in its first word or, where that has at
    /// most three characters and one byte stands between, in its second. Words are letters, digits and underscores.
    Digit,
    /// A full stop inside: for host names. The value starts where the label before its first full stop does, and its `before` is
    /// `Host`.
    Host,
}

impl Detector {
    /// The most bytes that are read of a value.
    pub(crate) fn reach(&self) -> usize {
        if self.before == Before::Assigned {
            ASSIGNED_BYTES_MAX
        } else {
            WALK_BYTES_MAX
        }
    }
}

impl Check {
    /// Whether `value` passes.
    pub(crate) fn passes(self, value: &str, regions: &Regions) -> bool {
        match self {
            Check::Shape => true,
            Check::Value(rule) => rule(value),
            Check::Regional(rule) => rule(value, regions),
        }
    }
}

impl Before {
    /// The rules that allow a value at the start of a text.
    pub(crate) const ANYWHERE: u32 = u16::MAX as u32;

    /// The rules that allow a value to start after `byte`. `Mailbox` needs more than one byte and is never in here.
    pub(crate) fn allowing(byte: u8) -> u32 {
        let boundary = !is_word(byte);
        let rule = |allowed: bool, rule: Before| if allowed { rule as u32 } else { 0 };
        rule(true, Before::Anything)
            | rule(boundary, Before::Boundary)
            | rule(boundary && byte != b'.', Before::Undotted)
            | rule(boundary && byte != b'+', Before::Unsigned)
            | rule(boundary, Before::Ungrouped)
            | rule(boundary, Before::Uncoloned)
            | rule(boundary, Before::Unspaced)
            | rule(boundary, Before::Unpaired)
            | rule(!byte.is_ascii_digit(), Before::Digitless)
            | rule(
                boundary && !matches!(byte, b'.' | b'-' | b'@' | b'/' | b'+'),
                Before::Host,
            )
    }
}

impl After {
    /// The rules that allow a value to end before `byte`.
    pub(crate) fn allowing(byte: u8) -> u32 {
        let rule = |allowed: bool, rule: After| if allowed { rule as u32 } else { 0 };
        rule(true, After::Anything)
            | rule(!is_word(byte), After::Boundary)
            | rule(!byte.is_ascii_alphanumeric(), After::Alphanumeric)
            | rule(!byte.is_ascii_digit(), After::Digit)
    }
}

/// Whether `byte` is an ASCII letter, digit or underscore. Bytes of multi-byte characters are boundaries.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// What every row has unless it says otherwise.
pub(crate) const PLAIN: Detector = Detector {
    category: Category::EMAIL,
    shapes: &[],
    refuted_by: &[],
    before: Before::Boundary,
    after: After::Boundary,
    lead: Lead::Prefix,
    check: Check::Shape,
    unless_after: None,
    specimen: None,
    validator: "",
    source: "",
    alone: Confidence::VALIDATED,
    in_context: Confidence::VALIDATED_TOLD,
    telling: &[],
    terminator: None,
    overflow: None,
};
