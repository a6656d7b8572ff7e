use super::*;
use crate::finding::Finding;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::ops::Range;

/// A case of e-mail addresses and URLs in a text of 40 bytes.
fn case(strong: bool, spans: &[(&str, Range<usize>)]) -> Case {
    let label = |(category, span): &(&str, Range<usize>)| -> Value {
        json!({"category": category, "start": span.start, "end": span.end})
    };
    let spans: Vec<_> = spans.iter().map(label).collect();
    let line = json!({"text": "x".repeat(40), "only": ["URL", "EMAIL"], "strong": strong, "spans": spans});
    Case::parse(&line.to_string(), 1).unwrap()
}

fn findings(spans: &[(Category, Range<usize>)]) -> Vec<Finding> {
    let finding = |(category, span): &(Category, Range<usize>)| Finding {
        category: *category,
        confidence: Confidence::VALIDATED,
        span: span.clone(),
    };
    spans.iter().map(finding).collect()
}

/// Expected, found, reported, right, cases right.
fn numbers(tally: Tally) -> [u64; 5] {
    [
        tally.expected,
        tally.found,
        tally.reported,
        tally.right,
        tally.cases_right,
    ]
}

#[test]
fn counts_exact_and_overlapping_spans() {
    let check = |expected: &[(&str, Range<usize>)], found: &[(Category, Range<usize>)], exact, overlap| {
        let mut score = Score::default();
        score.add(&case(true, expected), &findings(found));
        let total = score.strong.total;
        assert_eq!(numbers(total.exact), exact, "exact: {expected:?} {found:?}");
        assert_eq!(numbers(total.overlap), overlap, "overlap: {expected:?} {found:?}");
    };
    let (email, url) = (Category::EMAIL, Category::URL);
    check(&[], &[], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1]);
    check(
        &[("EMAIL", 2..9)],
        &[(email, 2..9)],
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
    );
    check(&[("EMAIL", 2..9)], &[], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]);
    check(&[], &[(email, 2..9)], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0]);
    // Other bounds agree when they share a byte; adjacent ones do not.
    check(
        &[("EMAIL", 2..9)],
        &[(email, 8..12)],
        [1, 0, 1, 0, 0],
        [1, 1, 1, 1, 1],
    );
    check(
        &[("EMAIL", 2..9)],
        &[(email, 9..12)],
        [1, 0, 1, 0, 0],
        [1, 0, 1, 0, 0],
    );
    // Another category never agrees.
    check(
        &[("EMAIL", 2..9)],
        &[(url, 2..9)],
        [1, 0, 1, 0, 0],
        [1, 0, 1, 0, 0],
    );
    // Two labels under one finding, and two findings in one label.
    check(
        &[("EMAIL", 2..5), ("EMAIL", 6..9)],
        &[(email, 2..9)],
        [2, 0, 1, 0, 0],
        [2, 2, 1, 1, 1],
    );
    check(
        &[("EMAIL", 2..9)],
        &[(email, 2..4), (email, 5..9)],
        [1, 0, 2, 0, 0],
        [1, 1, 2, 2, 1],
    );
    // Labels that overlap each other: one of them has the finding's bounds.
    check(
        &[("URL", 2..9), ("URL", 2..20)],
        &[(url, 2..20)],
        [2, 1, 1, 1, 0],
        [2, 2, 1, 1, 1],
    );
    // A label given twice is one, also with another between.
    check(
        &[("EMAIL", 2..9), ("URL", 2..9), ("EMAIL", 2..9)],
        &[(email, 2..9)],
        [2, 1, 1, 1, 0],
        [2, 1, 1, 1, 0],
    );
}

#[test]
fn quotients_are_those_of_the_counts() {
    let mut score = Score::default();
    let found = [
        (Category::EMAIL, 0..5),
        (Category::EMAIL, 10..12),
        (Category::URL, 20..22),
    ];
    let expected = [("EMAIL", 0..5), ("EMAIL", 11..15), ("EMAIL", 30..40)];
    score.add(&case(true, &expected), &findings(&found));
    score.add(&case(true, &[]), &[]);
    let [email, url] = [Category::EMAIL, Category::URL].map(|category| score.strong.categories[&category]);
    assert_eq!(email.exact.precision(), Some(0.5));
    assert_eq!(email.exact.recall(), Some(1.0 / 3.0));
    assert!((email.exact.f1().unwrap() - 0.4).abs() < 1e-12);
    assert_eq!(email.overlap.precision(), Some(1.0));
    assert_eq!(email.overlap.recall(), Some(2.0 / 3.0));
    assert_eq!((email.exact.missed(), email.exact.false_alarms()), (2, 1));
    assert_eq!(
        (email.cases, email.exact.cases_right, email.overlap.cases_right),
        (2, 1, 1)
    );
    assert_eq!(
        (url.exact.precision(), url.exact.recall(), url.exact.f1()),
        (Some(0.0), None, None)
    );
    let total = score.strong.total.exact;
    assert_eq!(total.precision(), Some(1.0 / 3.0));
    assert_eq!(total.f1(), Some(1.0 / 3.0));
    let nothing_right = Tally {
        expected: 1,
        reported: 1,
        ..Tally::default()
    };
    assert_eq!(nothing_right.f1(), Some(0.0));
}

#[test]
fn weak_cases_are_counted_apart() {
    let mut score = Score::default();
    score.add(&case(false, &[("EMAIL", 2..9)]), &[]);
    score.add(&case(true, &[("URL", 2..9)]), &findings(&[(Category::URL, 2..9)]));
    assert_eq!(numbers(score.weak.total.exact), [1, 0, 0, 0, 0]);
    assert_eq!(numbers(score.strong.total.exact), [1, 1, 1, 1, 1]);
}

#[test]
fn what_a_line_does_not_label_counts_neither_way() {
    let line = json!({
        "text": "one two", "only": ["EMAIL", "STREET", "EMAIL"],
        "spans": [{"category": "STREET", "start": 0, "end": 3}, {"category": "URL", "start": 0, "end": 3}],
    });
    let case = Case::parse(&line.to_string(), 1).unwrap();
    assert_eq!(case.only, [Category::EMAIL]);
    let mut score = Score::default();
    let mistakes = score.add(&case, &findings(&[(Category::URL, 4..7)]));
    assert_eq!(mistakes, []);
    assert_eq!(numbers(score.strong.total.exact), [0, 0, 0, 0, 1]);
    assert_eq!(score.unlabelled, 2);
    assert_eq!(score.unknown, BTreeMap::from([("STREET".to_owned(), 1)]));

    let nothing_known = r#"{"text": "one", "only": ["STREET"], "spans": []}"#;
    score.add(&Case::parse(nothing_known, 2).unwrap(), &[]);
    assert_eq!((score.skipped, score.strong.total.cases), (1, 1));
}

#[test]
fn mistakes_say_what_is_near_them() {
    let expected = [("EMAIL", 2..9), ("URL", 30..40), ("URL", 20..25)];
    let found = findings(&[
        (Category::EMAIL, 2..8),
        (Category::EMAIL, 31..33),
        (Category::URL, 20..25),
    ]);
    let mistakes = Score::default().add(&case(true, &expected), &found);
    let mistake = |kind, category, span, near| Mistake {
        kind,
        category,
        span,
        near,
    };
    let alarm = Kind::FalseAlarm {
        confidence: Confidence::VALIDATED,
    };
    let wanted = [
        mistake(Kind::Miss, Category::EMAIL, 2..9, Some(2..8)),
        mistake(alarm, Category::EMAIL, 2..8, Some(2..9)),
        mistake(Kind::Miss, Category::URL, 30..40, None),
        mistake(alarm, Category::EMAIL, 31..33, None),
    ];
    assert_eq!(mistakes, wanted);
}

#[test]
fn offsets_are_code_points() {
    let line = json!({
        "text": "é𝄞 ada@example.org, 🙂", "only": ["EMAIL", "URL"],
        "spans": [{"category": "EMAIL", "start": 3, "end": 18}, {"category": "URL", "start": 20, "end": 21}],
    });
    // The same text, its characters beyond the basic plane as surrogate pairs.
    let escaped = line
        .to_string()
        .replace('𝄞', "\\ud834\\udd1e")
        .replace('🙂', "\\ud83d\\ude42");
    for line in [line.to_string(), escaped] {
        let case = Case::parse(&line, 1).unwrap();
        let [email, last] = &case.expected[..] else {
            panic!("{case:?}")
        };
        assert_eq!(&case.text[email.span.clone()], "ada@example.org");
        assert_eq!(&case.text[last.span.clone()], "🙂");
        assert!(!format!("{case:?}").contains("ada"));
    }
}

#[test]
fn faults_name_line_and_key_and_not_the_text() {
    let check = |line: &str, problem: &str| {
        let error = Case::parse(line, 7).unwrap_err().to_string();
        assert_eq!(error, format!("line 7: {problem}"));
        assert!(!error.contains("secret"));
    };
    check("secret", "not JSON, at column 1");
    check("", "not JSON, at column 0");
    check("[]", "not a JSON object");
    check(
        r#"{"region": "AC", "national": "62889"}"#,
        "neither `text` nor `spans`: a labelled line has `text`, `only` and `spans`",
    );
    check(r#"{"spans": []}"#, "`text` is missing");
    check(r#"{"text": 1}"#, "`text` is not a string");
    check(r#"{"text": "secret"}"#, "`only` is missing");
    check(r#"{"text": "secret", "only": "URL"}"#, "`only` is not an array");
    check(
        r#"{"text": "secret", "only": ["URL", 1]}"#,
        "`only[1]` is not a string",
    );
    check(r#"{"text": "secret", "only": []}"#, "`spans` is missing");
    check(
        r#"{"text": "secret", "only": [], "strong": 1}"#,
        "`strong` is not true or false",
    );
    let spans = |spans: &str, problem: &str| {
        check(
            &format!(r#"{{"text": "secret", "only": ["URL"], "spans": {spans}}}"#),
            problem,
        );
    };
    spans("{}", "`spans` is not an array");
    spans("[3]", "`spans[0]` is not an object");
    spans("[{}]", "`spans[0].category` is missing");
    spans(
        r#"[{"category": "URL", "end": 1}]"#,
        "`spans[0].start` is missing",
    );
    let at = |start: &str, end: &str, problem: &str| {
        spans(
            &format!(r#"[{{"category": "URL", "start": {start}, "end": {end}}}]"#),
            problem,
        );
    };
    at("-1", "3", "`spans[0].start` is not a whole number from 0");
    at("0", "1.5", "`spans[0].end` is not a whole number from 0");
    at(
        "0",
        "7",
        "`spans[0].end` is after the end of the text, which has 6 code points",
    );
    at("3", "3", "`spans[0].end` is not after `spans[0].start`");
    at("4", "3", "`spans[0].end` is not after `spans[0].start`");
    // A span of a category that is not labelled can be wrong too.
    spans(
        r#"[{"category": "STREET", "start": 9, "end": 10}]"#,
        "`spans[0].start` is after the end of the text, which has 6 code points",
    );
}

#[test]
fn scans_for_what_the_line_labels_and_from_the_minimum_up() {
    let line = |only: &str| {
        let line = json!({
            "text": "to ada@example.org", "only": [only],
            "spans": [{"category": "EMAIL", "start": 3, "end": 18}],
        });
        Case::parse(&line.to_string(), 1).unwrap()
    };
    let mut evaluation = Evaluation::new(DEFAULT_MINIMUM, Regions::default());
    assert_eq!(evaluation.add(&line("EMAIL")).unwrap(), []);
    assert_eq!(evaluation.add(&line("EMAIL")).unwrap(), []);
    assert_eq!(evaluation.add(&line("UUID")).unwrap(), []);
    assert_eq!(evaluation.engines.len(), 2);
    assert_eq!(numbers(evaluation.score().strong.total.exact), [2, 2, 2, 2, 3]);

    let mut sure = Evaluation::new(Confidence::new(100), Regions::default());
    assert_eq!(sure.add(&line("EMAIL")).unwrap().len(), 1);
}

proptest! {
    /// What agrees exactly also overlaps, parts do not exceed the whole, and the categories add up to the total.
    #[test]
    fn the_counts_are_consistent(
        expected in prop::collection::vec((0..2_usize, 0..39_usize, 1..10_usize), 0..6),
        found in prop::collection::vec((0..2_usize, 0..39_usize, 1..10_usize), 0..6),
    ) {
        let span = |start: usize, length: usize| start..(start + length).min(40);
        let expected: Vec<_> = expected.iter().map(|&(c, s, l)| (["EMAIL", "URL"][c], span(s, l))).collect();
        let found: Vec<_> =
            found.iter().map(|&(c, s, l)| ([Category::EMAIL, Category::URL][c], span(s, l))).collect();
        let mut score = Score::default();
        let mistakes = score.add(&case(true, &expected), &findings(&found));
        let Sheet { total, categories } = score.strong;
        for tally in [total.exact, total.overlap] {
            prop_assert!(tally.found <= tally.expected && tally.right <= tally.reported);
        }
        prop_assert!(total.exact.found <= total.overlap.found && total.exact.right <= total.overlap.right);
        prop_assert_eq!(total.exact.missed() + total.exact.false_alarms(), mistakes.len() as u64);
        let sum = |part: fn(&Tally) -> u64| -> [u64; 2] {
            [categories.values().map(|row| part(&row.exact)).sum(), part(&total.exact)]
        };
        for [parts, whole] in [sum(|t| t.expected), sum(|t| t.found), sum(|t| t.reported), sum(|t| t.right)] {
            prop_assert_eq!(parts, whole);
        }
    }
}
