use std::sync::LazyLock;

use palisade_guardrails::{Category, Pseudonyms, Restored, Restorer, TokenKey};

use crate::cuts::cut;

/// What was taken out of a request, and its tokens.
static EXCHANGE: LazyLock<(Pseudonyms, Vec<Token>)> = LazyLock::new(|| {
    let values = [
        (Category::EMAIL, "ada@example.org"),
        (Category::EMAIL, "bo@example.org"),
        (Category::US_SOCIAL_SECURITY_NUMBER, "536-22-8145"),
        (Category::PHONE, "<EMAIL_00000000>"),
    ];
    let mut pseudonyms = Pseudonyms::new(TokenKey::new(&[7; 32]).derive("tenant"));
    let tokens = values.map(|(category, value)| Token {
        category,
        value,
        token: pseudonyms.token(category, value).expect("few values").to_owned(),
    });
    (pseudonyms, tokens.into())
});

struct Token {
    category: Category,
    value: &'static str,
    token: String,
}

/// The restorer: its parts are the text, whatever the chunks, and a value stands only where a token that was issued for it
/// did, in a spelling that is tolerated.
///
/// The first four bytes are the sizes of chunks, the rest is the text.
pub fn restorer(data: &[u8]) {
    let Some((sizes, text)) = data.split_first_chunk::<4>() else {
        return;
    };
    let text = expanded(text);
    let whole = restored(&text, &[255]);
    let raw: String = whole.iter().map(|part| part.raw.as_str()).collect();
    assert_eq!(raw, text);
    for part in &whole {
        if let Some((category, value)) = &part.value {
            let of_value = |token: &&Token| token.category == *category && token.value == value;
            let token = EXCHANGE
                .1
                .iter()
                .find(of_value)
                .expect("no value that was not taken out");
            assert_eq!(bare(&part.raw), bare(&token.token), "another token's value");
        }
    }
    for sizes in [sizes.as_slice(), &[1]] {
        assert_eq!(restored(&text, sizes), whole);
    }
}

/// Text of the input. Control characters stand for tokens and parts of them, which mutations would not find.
fn expanded(data: &[u8]) -> String {
    let token = |index: usize| EXCHANGE.1[index].token.as_str();
    let body = token(0).trim_matches(['<', '>']);
    let part = |c: char| match c {
        '\u{1}'..='\u{4}' => token(u32::from(c) as usize - 1).to_owned(),
        '\u{5}' => body.to_owned(),
        '\u{6}' => body.replace('_', "\\_").to_ascii_lowercase(),
        '\u{7}' => body[..body.len() - 1].to_owned(),
        '\u{8}' => token(0).replace("EMAIL_", "EMAIL_\n"),
        c => c.to_string(),
    };
    String::from_utf8_lossy(data).chars().map(part).collect()
}

/// A token without what spellings add to it: delimiters, `\\` and case.
fn bare(spelling: &str) -> String {
    let plain = spelling.to_ascii_lowercase();
    [
        "&lt;", "&gt;", "\\u003c", "\\u003e", "%3c", "%3e", "<", ">", "\\", "\r", "\n",
    ]
    .iter()
    .fold(plain, |plain, added| plain.replace(added, ""))
}

/// A part of a text, adjacent text joined.
#[derive(Debug, PartialEq)]
struct Part {
    value: Option<(Category, String)>,
    raw: String,
}

fn restored(text: &str, sizes: &[u8]) -> Vec<Part> {
    let pseudonyms = &EXCHANGE.0;
    let mut parts: Vec<Part> = Vec::new();
    let mut add = |part: Restored<'_>| match (part, parts.last_mut()) {
        (Restored::Text(text), Some(Part { value: None, raw })) => raw.push_str(text),
        (Restored::Text(text), _) => parts.push(Part {
            value: None,
            raw: text.to_owned(),
        }),
        (
            Restored::Value {
                category,
                value,
                spelling,
            },
            _,
        ) => parts.push(Part {
            value: Some((category, value.to_owned())),
            raw: spelling.to_owned(),
        }),
    };
    let mut restorer = Restorer::default();
    for chunk in cut(text, sizes) {
        restorer.push(pseudonyms, chunk, &mut add);
        assert!(
            restorer.held() <= Restorer::HELD_BYTES_MAX,
            "holds back {} bytes",
            restorer.held()
        );
    }
    restorer.finish(pseudonyms, &mut add);
    parts
}
