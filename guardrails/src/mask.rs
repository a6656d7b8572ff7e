//! The partial mask: enough of a value to recognise it, not enough to use it.

/// `value` with every letter and digit but the last `keep_last` as `*`; `4111 1111 1111 1111` with 4 gives
/// `**** **** **** 1111`.
///
/// ASCII punctuation, spaces and controls stay, which keeps the shape. Of other characters letters and digits
/// count as such, and the rest (accents, invisible characters) becomes `*` too. No more than half of the letters and
/// digits stay, so a short value shows fewer than `keep_last` of them.
///
/// No shape has a rule of its own: an e-mail address shows the end of its domain (`***@*******.org` for 3). A rule that
/// shows the domain of whatever holds an `@` would show most of a password that holds one.
#[must_use]
pub fn mask(value: &str, keep_last: usize) -> String {
    let letters = value.chars().filter(|c| c.is_alphanumeric()).count();
    let hidden = letters - keep_last.min(letters / 2);
    let mut seen = 0;
    let masked = value.chars().map(|c| {
        if c.is_alphanumeric() {
            seen += 1;
            if seen > hidden { c } else { '*' }
        } else if c.is_ascii() || c.is_whitespace() {
            c
        } else {
            '*'
        }
    });
    masked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shows_the_last_letters_and_digits_and_at_most_half_of_them() {
        let cases = [
            ("", 4, ""),
            ("7", 4, "*"),
            ("42", 4, "*2"),
            ("123", 4, "**3"),
            ("12-34-56", 4, "**-*4-56"),
            ("4111 1111 1111 1111", 4, "**** **** **** 1111"),
            ("4111111111111111", 4, "************1111"),
            ("4111 1111 1111 1111", 0, "**** **** **** ****"),
            ("536-22-8145", 4, "***-**-8145"),
            ("DE89 3704 0044 0532 0130 00", 4, "**** **** **** **** **30 00"),
            ("ada@example.org", 4, "***@******e.org"),
            ("+49 30 901820", 4, "+** ** **1820"),
            ("Çelik-Öz", usize::MAX, "****k-Öz"),
            ("12\u{200b}34", 4, "***34"),
            ("e\u{301}e\u{301}", 1, "**e*"),
            ("--- ", 4, "--- "),
        ];
        for (value, keep_last, masked) in cases {
            assert_eq!(mask(value, keep_last), masked, "{value} with {keep_last}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn keeps_every_separator_and_never_shows_too_much(
            value in prop_oneof![any::<String>(), "[a-zA-Z0-9 @.-]{0,24}"],
            keep_last in 0..12usize,
        ) {
            let masked = mask(&value, keep_last);
            prop_assert_eq!(masked.chars().count(), value.chars().count());
            let letters = value.chars().filter(|c| c.is_alphanumeric()).count();
            let shown = masked.chars().filter(|c| c.is_alphanumeric()).count();
            prop_assert_eq!(shown, keep_last.min(letters / 2));
            for (shown, c) in masked.chars().zip(value.chars()) {
                prop_assert!(shown == c || shown == '*');
                prop_assert!(shown == c || !(c.is_ascii_punctuation() || c.is_whitespace()));
            }
        }
    }
}
