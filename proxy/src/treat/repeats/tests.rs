use super::*;
use crate::screen::Spelt;
use bytes::Bytes;
use palisade_wire::json::{Kind, push_string};
use palisade_wire::text::{Dialect, Place};
use proptest::prelude::*;

/// A body, its regions, and as findings what stands after `acct `.
fn read(body: &str) -> (Document, Vec<Region>, Vec<Found>) {
    let document = Document::parse(Bytes::from(body.to_owned())).unwrap();
    let mapped = Dialect::Json.request(&document).unwrap().regions;
    let signature = |start| {
        let mut at = mapped.iter().filter(|region| region.span.start == start);
        at.find_map(|region| region.signature)
    };
    let region = |node: palisade_wire::json::Value<'_>| {
        let kind = match node.kind() {
            Kind::String if node.raw().starts_with(b"\"{") => RegionKind::ToolInput,
            Kind::String => RegionKind::Text,
            Kind::Key => RegionKind::Key,
            Kind::Number => RegionKind::Number,
            _ => return None,
        };
        Some(Region {
            encoded: false,
            span: node.span(),
            kind,
            place: Place::User,
            prose: false,
            signature: signature(node.span().start),
            key: None,
        })
    };
    let regions: Vec<Region> = document.root().nodes().filter_map(region).collect();
    let mut found = Vec::new();
    for (index, region) in regions.iter().enumerate() {
        let text = document.text(region);
        for (at, _) in text.match_indices("acct ") {
            let start = at + "acct ".len();
            let length = text[start..].find([' ', '"']).unwrap_or(text.len() - start);
            found.push(Found {
                region: index,
                category: Category::US_BANK_ACCOUNT_NUMBER,
                confidence: Confidence::VALIDATED,
                span: start..start + length,
                spelt: Spelt::Plain,
            });
        }
    }
    (document, regions, found)
}

/// All regions of a body that are not keys, with `#` for what was found and `*` for its repeats.
fn marked(body: &str) -> Vec<String> {
    let (document, regions, found) = read(body);
    let mut repeats = Repeats::default();
    let in_regions: Vec<&Region> = found.iter().map(|one| &regions[one.region]).collect();
    for index in numbering(&document, &in_regions) {
        let one = &found[index];
        let text = document.text(in_regions[index]);
        repeats.note(one, &one.value(in_regions[index], &text));
    }
    let again = repeats.find(&document, &regions, &found);
    let mut texts: Vec<String> = regions
        .iter()
        .map(|region| document.text(region).into_owned())
        .collect();
    for (places, mark) in [(&found, "#"), (&again, "*")] {
        for place in places {
            let stars = mark.repeat(place.span.len());
            texts[place.region].replace_range(place.span.clone(), &stars);
        }
    }
    let told = |(region, text): (&Region, String)| (region.kind != RegionKind::Key).then_some(text);
    regions.iter().zip(texts).filter_map(told).collect()
}

fn check(body: &str, expected: &[&str]) {
    assert_eq!(marked(body), expected, "{body}");
}

#[test]
fn a_value_is_known_again_after_the_place_where_it_was_found() {
    check(
        r#"{"messages":["12345678","acct 12345678","12345678, 12345678!"]}"#,
        &["12345678", "acct ########", "********, ********!"],
    );
    check(
        r#"{"messages":["my 12345678 is acct 12345678 or 12345678"]}"#,
        &["my 12345678 is acct ######## or ********"],
    );
    // Whatever the order of the body, instructions come before what is said.
    check(
        r#"{"messages":["12345678"],"system":"acct 12345678"}"#,
        &["********", "acct ########"],
    );
    check(
        r#"{"messages":["acct 12345678"],"system":"12345678"}"#,
        &["acct ########", "12345678"],
    );
}

#[test]
fn only_whole_words_are_repeats_and_the_longest_value_counts() {
    check(
        r#"["acct 1234", "91234 12345 x1234 1234x _1234 1-1234, (1234)é1234"]"#,
        &["acct ####", "91234 12345 x1234 1234x _1234 1-****, (****)é****"],
    );
    check(
        r#"["acct 1234 acct 1234-5678 acct +41-1", "1234-5678 1234-567 1234-56789 a+41-1"]"#,
        &[
            "acct #### acct ######### acct #####",
            "********* ****-567 ****-56789 a*****",
        ],
    );
}

#[test]
fn short_values_words_and_long_values_are_not_looked_for() {
    check(
        r#"["acct 123 acct test", "123 test"]"#,
        &["acct ### acct ####", "123 test"],
    );
    for (length, mark) in [(VALUE_BYTES_MAX, "*"), (VALUE_BYTES_MAX + 1, "1")] {
        let (value, found) = ("1".repeat(length), "#".repeat(length));
        check(
            &format!(r#"["acct {value}","{value}"]"#),
            &[&format!("acct {found}"), &mark.repeat(length)],
        );
    }
}

#[test]
fn what_cannot_be_rewritten_stays() {
    check(
        r#"["acct 12345678", {"12345678": 12345678, "n": 912345678}, {"text": "12345678", "signature": "s"}]"#,
        &["acct ########", "********", "912345678", "12345678", "s"],
    );
}

#[test]
fn arguments_that_are_json_themselves_are_read_as_such() {
    check(
        r#"["acct 12-34", "{\"a\": \"12\\u002d34\", \"n\": 5}", "{\"a\": \"acct 12-35\", \"b\": \"12-35\"}", "12-35"]"#,
        &[
            "acct #####",
            r#"{"a": "**********", "n": 5}"#,
            r#"{"a": "acct #####", "b": "12-35"}"#,
            "*****",
        ],
    );
}

fn body(texts: &[String]) -> String {
    let mut body = br#"{"messages":["#.to_vec();
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        push_string(&mut body, text);
    }
    body.extend(b"]}");
    String::from_utf8(body).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Prompt caches know a request by its beginning.
    #[test]
    fn a_later_turn_changes_nothing_before_it(
        turns in prop::collection::vec("((acct )?(1234|12345678|1234-5678|12-34|x1234|a) ){1,5}", 1..8),
        split in 0usize..8,
    ) {
        let split = split.min(turns.len());
        let whole = marked(&body(&turns));
        prop_assert_eq!(&marked(&body(&turns[..split]))[..], &whole[..split]);
    }

    /// A slow reading of the same rule.
    #[test]
    fn finds_what_a_slow_search_finds(
        text in "((acct )?(1234|12345678|1234-5678|12-34|x1234|,|a)[ -]?){1,12}",
    ) {
        let text = text.replace("- ", " ");
        let (_, _, found) = read(&body(std::slice::from_ref(&text)));
        let mut expected = text.clone().into_bytes();
        let mut at = 0;
        while at < text.len() {
            if let Some(own) = found.iter().find(|one| one.span.start == at) {
                expected[own.span.clone()].fill(b'#');
                at = own.span.end;
                continue;
            }
            let word = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
            let edge = |at: usize| at == 0 || !word(at - 1) || !word(at);
            let longest = found
                .iter()
                .filter(|one| one.span.end <= at && one.span.len() >= VALUE_BYTES_MIN)
                .map(|one| &text[one.span.clone()])
                .filter(|value| !value.chars().all(char::is_alphabetic) && text[at..].starts_with(value))
                .filter(|value| edge(at) && edge(at + value.len()))
                .max_by_key(|value| value.len());
            match longest {
                Some(value) => {
                    let span = at..at + value.len();
                    if !found.iter().any(|one| one.span.start < span.end && span.start < one.span.end) {
                        expected[span.clone()].fill(b'*');
                    }
                    at = span.end;
                }
                None => at += 1,
            }
        }
        prop_assert_eq!(marked(&body(&[text])), [String::from_utf8(expected).unwrap()]);
    }
}
