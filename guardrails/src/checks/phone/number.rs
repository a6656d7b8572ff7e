//! How a number is written: its digits, and where the gaps between them are.

/// More digits than any number has: 15 (ITU-T E.164 §6), a prefix of 3 in front, and 2 for plans that exceed the limit.
const DIGITS_MAX: usize = 20;

/// A number as written, without its extension.
pub(super) struct Number {
    /// Values, not characters.
    values: [u8; DIGITS_MAX],
    count: usize,
    /// Bit n is set for a gap after n digits.
    gaps: u32,
    /// The separators of the first two gaps, and whether later ones are others; 0 where there is none.
    separators: (u8, u8),
    uneven: bool,
}

impl Number {
    /// The number in `text`, up to its extension. Too many digits for a number are none.
    ///
    /// A `(0)` behind digits is a trunk prefix for readers at home and no part of the number.
    pub(super) fn of(text: &str) -> Self {
        let mut number = Self {
            values: [0; DIGITS_MAX],
            count: 0,
            gaps: 0,
            separators: (0, 0),
            uneven: false,
        };
        let mut opened = 0;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' if number.count == DIGITS_MAX => {
                    number.count = 0;
                    return number;
                }
                b'0'..=b'9' => number.push(byte - b'0'),
                b' ' | b'-' | b'.' | b'/' | b'\t' | b'\r' | b'\n' => number.gap(byte),
                b'(' => opened = number.count,
                b')' if opened > 0 && number.values.get(opened..number.count) == Some(&[0]) => {
                    number.count = opened;
                }
                b')' => number.gaps |= 1 << number.count,
                b'+' => {}
                // An extension.
                _ => break,
            }
        }
        // A gap in front of an extension is none.
        number.gaps &= !(1 << number.count);
        number
    }

    fn push(&mut self, digit: u8) {
        if let Some(place) = self.values.get_mut(self.count) {
            *place = digit;
            self.count += 1;
        }
    }

    fn gap(&mut self, separator: u8) {
        self.gaps |= 1 << self.count;
        match self.separators {
            (0, _) => self.separators.0 = separator,
            (_, 0) => self.separators.1 = separator,
            (_, second) => self.uneven |= second != separator,
        }
    }

    pub(super) fn digits(&self) -> &[u8] {
        self.values.get(..self.count).unwrap_or_default()
    }

    /// The digits behind the prefix that leads out of a country, if there is one.
    pub(super) fn abroad(&self) -> &[u8] {
        abroad(self.digits())
    }

    /// The digits in front of each gap.
    pub(super) fn fronts(&self) -> impl Iterator<Item = &[u8]> {
        let gaps = (1..self.count).filter(|at| self.gaps >> at & 1 == 1);
        gaps.filter_map(|at| self.digits().get(..at))
    }

    /// The digits between gaps.
    pub(super) fn groups(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.fronts().map(<[u8]>::len).chain([self.count]);
        ends.scan(0, |start, end| {
            let group = self.digits().get(*start..end);
            *start = end;
            group
        })
    }

    /// Whether the gaps after the first are of one kind: nobody writes a number as `12-34 56-78`.
    pub(super) fn has_even_gaps(&self) -> bool {
        !self.uneven
    }

    /// A full stop for the only gap.
    pub(super) fn is_decimal(&self) -> bool {
        self.separators == (b'.', 0)
    }

    /// An IP address, version 4 (RFC 791): four numbers up to 255 with full stops between.
    pub(super) fn is_address(&self) -> bool {
        let byte = |group: &[u8]| value(group) < 256 && (group.len() == 1 || group.first() != Some(&0));
        self.separators == (b'.', b'.') && self.groups().count() == 4 && self.groups().all(byte)
    }

    /// A year, month and day in this order, or day, month and year, or month, day and year, whatever follows; or two groups of
    /// which the first is a year, as in CVE-2016-2183.
    pub(super) fn leads_with_date(&self) -> bool {
        let year = |group: &[u8]| group.len() == 4 && (1900..2100).contains(&value(group));
        let part = |group: &[u8], most| group.len() <= 2 && (1..=most).contains(&value(group));
        let mut groups = self.groups();
        match (groups.next(), groups.next(), groups.next()) {
            (Some(a), Some(_), None) => year(a),
            (Some(a), Some(b), Some(c)) if year(a) => part(b, 12) && part(c, 31),
            (Some(a), Some(b), Some(c)) if year(c) => part(a, 31) && part(b, 31),
            _ => false,
        }
    }
}

/// The digits behind `00`, which leads out of most countries (ITU-T E.164 Supplement 3), or behind `011`, which leads out of North America.
pub(super) fn abroad(digits: &[u8]) -> &[u8] {
    let behind = digits
        .strip_prefix(&[0, 1, 1])
        .or_else(|| digits.strip_prefix(&[0, 0]));
    behind.unwrap_or(digits)
}

fn value(group: &[u8]) -> u32 {
    group.iter().fold(0u32, |value, digit| {
        value.saturating_mul(10).saturating_add(u32::from(*digit))
    })
}
