//! Markdown tables and the numbers in them.

use super::stats::Spread;

/// A table under construction.
#[derive(Debug)]
pub struct Table(String);

impl Table {
    /// A table with these column heads; all columns but the first two are numbers.
    #[must_use]
    pub fn new(heads: &[&str]) -> Self {
        let rules = heads
            .iter()
            .enumerate()
            .map(|(column, _)| if column < 2 { "---|" } else { "--:|" });
        Self(format!(
            "| {} |\n|{}\n",
            heads.join(" | "),
            rules.collect::<String>()
        ))
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[&str]) {
        self.0.push_str(&format!("| {} |\n", cells.join(" | ")));
    }

    /// The Markdown.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// `median [min–max]`, or a dash.
#[must_use]
pub fn spread(spread: Option<Spread>) -> String {
    spread.map_or_else(
        || "–".to_owned(),
        |Spread { median, min, max }| format!("{} [{}–{}]", number(median), number(min), number(max)),
    )
}

/// Three significant digits, or all digits before the point.
#[must_use]
pub fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        let cases = [
            (12_345.6, "12346"),
            (123.4, "123"),
            (12.34, "12.3"),
            (1.234, "1.23"),
            (-0.1234, "-0.123"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn what_does_not_apply_is_a_dash() {
        assert_eq!(spread(None), "–");
        assert_eq!(spread(Spread::of([1.0, 3.0, 2.0])), "2.00 [1.00–3.00]");
    }
}
