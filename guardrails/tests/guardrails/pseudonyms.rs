//! Pseudonyms under random conversations, spellings and chunkings, against a slow restorer that tries every spelling.

use crate::texts::mixtures;
use palisade_guardrails::{Category, Engine, Pseudonyms, Restored, Restorer, TokenKey};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Finds values that the mixtures hold.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let categories = [
        Category::EMAIL,
        Category::PHONE,
        Category::IP_ADDRESS,
        Category::CREDIT_DEBIT_CARD_NUMBER,
        Category::SECRET_PRIVATE_KEY,
    ];
    Engine::new(&categories).unwrap()
});

/// A part that owns its text, adjacent text joined.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Text(String),
    Value { value: String, spelling: String },
}

/// A token that was issued, with its value.
struct Token {
    token: String,
    value: String,
}

/// An exchange and everything it issued.
struct Exchange {
    pseudonyms: Pseudonyms,
    tokens: Vec<Token>,
}

impl Exchange {
    fn of(values: &[(Category, String)]) -> Self {
        let mut pseudonyms = Pseudonyms::new(TokenKey::new(&[3; 32]).derive("tenant"));
        let tokens = values.iter().map(|(category, value)| Token {
            token: pseudonyms.token(*category, value).unwrap().to_owned(),
            value: value.clone(),
        });
        let tokens = tokens.collect();
        Self { pseudonyms, tokens }
    }
}

fn add(out: &mut Vec<Owned>, part: Restored<'_>) {
    match (part, out.last_mut()) {
        (Restored::Text(text), Some(Owned::Text(last))) => last.push_str(text),
        (Restored::Text(text), _) => out.push(Owned::Text(text.to_owned())),
        (Restored::Value { value, spelling, .. }, _) => out.push(Owned::Value {
            value: value.to_owned(),
            spelling: spelling.to_owned(),
        }),
    }
}

/// What is handed out of `text` cut at `cuts`. After every chunk `look` sees what is out, and the text so far as decided
/// and held.
fn streamed(
    pseudonyms: &Pseudonyms,
    text: &str,
    cuts: &[usize],
    mut look: impl FnMut(&[Owned], (&str, &str)),
) -> Vec<Owned> {
    let mut restorer = Restorer::default();
    let mut out = Vec::new();
    let mut start = 0;
    for &cut in cuts.iter().chain([&text.len()]) {
        restorer.push(pseudonyms, &text[start..cut], &mut |part| {
            add(&mut out, part);
        });
        look(&out, text[..cut].split_at(cut - restorer.held()));
        start = cut;
    }
    restorer.finish(pseudonyms, &mut |part| add(&mut out, part));
    out
}

fn raw(parts: &[Owned]) -> String {
    let raw = parts.iter().map(|part| match part {
        Owned::Text(text) => text.as_str(),
        Owned::Value { spelling, .. } => spelling.as_str(),
    });
    raw.collect()
}

fn read(parts: &[Owned]) -> String {
    let read = parts.iter().map(|part| match part {
        Owned::Text(text) => text.as_str(),
        Owned::Value { value, .. } => value.as_str(),
    });
    read.collect()
}

/// The tolerated spellings of delimiters; the last one is none at all.
const DELIMITERS: [(&str, &str); 6] = [
    ("<", ">"),
    ("\\<", "\\>"),
    ("&lt;", "&gt;"),
    ("\\u003c", "\\u003e"),
    ("%3c", "%3e"),
    ("", ""),
];

/// A way to spell a token, as the alternatives for one part after another, in lower case.
type Spelling<'a> = (&'a Token, bool, Vec<Vec<String>>);

/// Each way to spell each token; those without delimiters are marked.
fn spellings(exchange: &Exchange) -> Vec<Spelling<'_>> {
    let of_token = |token| DELIMITERS.map(|delimiters| spelling(token, delimiters));
    exchange.tokens.iter().flat_map(of_token).collect()
}

fn spelling<'a>(token: &'a Token, (open, close): (&str, &str)) -> Spelling<'a> {
    let body = token.token.trim_matches(['<', '>']).to_ascii_lowercase();
    let mut parts = vec![vec![open.to_owned()]];
    parts.extend(body.chars().map(|c| match c {
        '_' => vec!["_".to_owned(), "\\_".to_owned()],
        c => vec![c.to_string()],
    }));
    parts.push(vec![close.to_owned()]);
    (token, open.is_empty(), parts)
}

/// How long the spelling is that `text` (in lower case) begins with. It may have one of so many line breaks in front of any of its parts.
fn spelt(parts: &[Vec<String>], breaks: &[&str], text: &str) -> Option<usize> {
    let Some((first, others)) = parts.split_first() else {
        return Some(0);
    };
    let fits = |part: &String, breaks: &[&str]| {
        Some(part.len() + spelt(others, breaks, text.strip_prefix(part.as_str())?)?)
    };
    let broken = || {
        let rest = |line_break: &&str| Some((line_break.len(), text.strip_prefix(line_break)?));
        let (length, rest) = breaks.iter().find_map(rest)?;
        Some(length + spelt(parts, &[], rest)?)
    };
    first.iter().find_map(|part| fits(part, breaks)).or_else(broken)
}

/// Whether `text` (in lower case) is the beginning of a spelling, or a whole one.
fn begun(parts: &[Vec<String>], breaks: &[&str], text: &str) -> bool {
    let Some((first, others)) = parts.split_first() else {
        return text.is_empty();
    };
    let fits = |part: &String| {
        let rest = text.strip_prefix(part.as_str());
        part.starts_with(text) || rest.is_some_and(|text| begun(others, breaks, text))
    };
    let broken = |line_break: &&str| {
        let rest = text.strip_prefix(line_break);
        line_break.starts_with(text) || rest.is_some_and(|text| begun(parts, &[], text))
    };
    first.iter().any(fits) || breaks.iter().any(broken)
}

/// The line breaks that a spelling may have, behind its first part.
fn breaks(bare: bool) -> &'static [&'static str] {
    if bare { &[] } else { &["\n", "\r\n"] }
}

/// As `spelt`, of a whole spelling.
fn spelt_whole((_, bare, parts): &Spelling<'_>, text: &str) -> Option<usize> {
    let (open, body) = parts.split_first()?;
    let open = open.first()?;
    Some(open.len() + spelt(body, breaks(*bare), text.strip_prefix(open.as_str())?)?)
}

/// As `begun`, of a whole spelling.
fn begun_whole((_, bare, parts): &Spelling<'_>, text: &str) -> bool {
    let Some((Some(open), body)) = parts.split_first().map(|(open, body)| (open.first(), body)) else {
        return false;
    };
    let rest = text.strip_prefix(open.as_str());
    open.starts_with(text) || rest.is_some_and(|text| begun(body, breaks(*bare), text))
}

/// The definition: from left to right, the longest spelling of an issued token gives way to its value.
fn reference(exchange: &Exchange, text: &str) -> Vec<Owned> {
    let spellings = spellings(exchange);
    let folded = text.to_ascii_lowercase();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let beside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let readings = spellings.iter().filter_map(|spelling| {
            let (token, bare, _) = spelling;
            let end = at + spelt_whole(spelling, &folded[at..])?;
            let word = beside(text[..at].chars().next_back()) || beside(text[end..].chars().next());
            (!*bare || !word).then_some((end, token))
        });
        if let Some((end, token)) = readings.max_by_key(|(end, _)| *end) {
            out.push(Owned::Value {
                value: token.value.clone(),
                spelling: text[at..end].to_owned(),
            });
            at = end;
        } else {
            add(&mut out, Restored::Text(&text[at..at + next.len_utf8()]));
            at += next.len_utf8();
        }
    }
    out
}

/// Values of categories whose names begin alike, also with what looks like a token.
fn values() -> impl Strategy<Value = Vec<(Category, String)>> {
    let custom =
        ["EMAIL_1", "EMAIL_0ABCDEFG", "EMAIL_", "P", "LT"].map(|name| Category::custom(name).unwrap());
    let categories = [Category::EMAIL, Category::PHONE, Category::IP_ADDRESS]
        .into_iter()
        .chain(custom)
        .collect::<Vec<_>>();
    prop::collection::vec((prop::sample::select(categories), "[a-z]{1,2}"), 0..16)
}

/// Spells `token` as `choices` say, and perhaps spoils it.
fn respelt(token: &str, choices: &[usize]) -> String {
    let mut choices = choices.iter().copied().chain(std::iter::repeat(0));
    let mut choose = |among: usize| choices.next().unwrap_or(0) % among;
    let (open, close) = DELIMITERS[choose(DELIMITERS.len())];
    let body = token.trim_matches(['<', '>']);
    let mut text: String = match choose(3) {
        0 => body.to_owned(),
        1 => body.to_ascii_lowercase(),
        _ => body.to_ascii_uppercase(),
    };
    if choose(2) == 1 {
        text = text.replace('_', "\\_");
    }
    let close = if choose(8) == 1 { "" } else { close };
    text = format!("{open}{text}{close}");
    let at = choose(text.len());
    match choose(10) {
        1 => text.truncate(at),
        2 => text.replace_range(at..=at, "0"),
        3 => text.insert(at, '_'),
        5 => text.insert(at, '\n'),
        6 => text.insert_str(at, "\r\n"),
        4 => text.replace_range(at..=at, ""),
        _ => {}
    }
    text
}

const GLUE: &[&str] = &[
    "",
    "",
    " ",
    "_",
    "\\",
    "<",
    ">",
    "&lt;",
    "&l",
    "&gt;",
    "\\u003c",
    "\\u0",
    "\\>",
    "a",
    "7",
    "é",
    "中",
    "🙂",
    "EMAIL",
    "EMAIL_",
    "Email\\_1\\_",
    "<PHONE_",
    "<EMAIL_00000000>",
    "p_",
    "lt;",
    "%3C",
    "%3",
    "\n",
    "\r",
    "1_",
];

/// An exchange and a text made of its tokens, of tokens it did not issue and of everything around them.
fn answers() -> impl Strategy<Value = (Vec<(Category, String)>, String)> {
    let part = (
        any::<prop::sample::Index>(),
        prop::collection::vec(0..64usize, 8),
        prop::sample::select(GLUE),
    );
    (values(), prop::collection::vec(part, 0..10), any::<bool>()).prop_map(|(values, parts, foreign)| {
        let exchange = Exchange::of(&values);
        let tokens = exchange.tokens.iter().map(|token| token.token.as_str());
        let foreign = foreign.then_some("<EMAIL_k7mq2x0a>");
        let tokens: Vec<&str> = tokens.chain(foreign).chain([""]).collect();
        let part = |(index, choices, glue): (prop::sample::Index, Vec<usize>, &str)| match *index.get(&tokens)
        {
            "" => glue.to_owned(),
            token => respelt(token, &choices) + glue,
        };
        let text = parts.into_iter().map(part).collect();
        (values, text)
    })
}

fn cuts(text: &str, places: &[prop::sample::Index]) -> Vec<usize> {
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let mut cuts: Vec<usize> = places
        .iter()
        .filter(|_| !boundaries.is_empty())
        .map(|place| *place.get(&boundaries))
        .collect();
    cuts.sort_unstable();
    cuts
}

/// A request's messages with tokens in the place of everything that the engine finds.
fn tokenised(messages: &[String]) -> (Pseudonyms, Vec<String>) {
    let mut pseudonyms = Pseudonyms::new(TokenKey::new(&[9; 32]));
    let mut tokenise = |message: &String| {
        let mut out = String::new();
        let mut end = 0;
        for finding in ENGINE.find(message) {
            let value = &message[finding.span.clone()];
            out.push_str(&message[end..finding.span.start]);
            out.push_str(pseudonyms.token(finding.category, value).unwrap());
            end = finding.span.end;
        }
        out + &message[end..]
    };
    let texts = messages.iter().map(&mut tokenise).collect();
    (pseudonyms, texts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn restores_what_the_definition_says((values, text) in answers()) {
        let exchange = Exchange::of(&values);
        let whole = streamed(&exchange.pseudonyms, &text, &[], |_, _| {});
        prop_assert_eq!(raw(&whole), text.as_str());
        prop_assert_eq!(whole, reference(&exchange, &text), "in {:?}", text);
    }

    #[test]
    fn no_chunking_changes_what_is_handed_out(
        (values, text) in answers(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let exchange = Exchange::of(&values);
        let whole = streamed(&exchange.pseudonyms, &text, &[], |_, _| {});
        let single: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for cuts in [cuts(&text, &places), single] {
            prop_assert_eq!(&streamed(&exchange.pseudonyms, &text, &cuts, |_, _| {}), &whole, "{:?} cut at {:?}", text, cuts);
        }
    }

    /// A restorer that is dropped has handed out nothing that the whole text does not begin with, and what it held
    /// could have become a token.
    #[test]
    fn whatever_is_held_begins_an_issued_token_and_whatever_is_out_stays(
        (values, text) in answers(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let exchange = Exchange::of(&values);
        let spellings = spellings(&exchange);
        let whole = read(&streamed(&exchange.pseudonyms, &text, &[], |_, _| {}));
        for cuts in [cuts(&text, &places), text.char_indices().map(|(at, _)| at).collect()] {
            streamed(&exchange.pseudonyms, &text, &cuts, |out, (decided, held)| {
                assert!(whole.starts_with(&read(out)), "{text:?} at {held:?}");
                assert!(held.len() <= Restorer::HELD_BYTES_MAX);
                let word = decided.ends_with(|c: char| c.is_ascii_alphanumeric());
                let held = held.to_ascii_lowercase();
                let mut spellings = spellings.iter();
                let begins = spellings.any(|spelling| !(spelling.1 && word) && begun_whole(spelling, &held));
                assert!(held.is_empty() || begins, "{held:?} in {text:?}");
            });
        }
    }

    #[test]
    fn tokens_that_were_not_issued_are_never_restored((values, text) in answers(), seed in 0..32u8) {
        let exchange = Exchange::of(&values);
        let mut other = Pseudonyms::new(TokenKey::new(&[seed; 32]).derive("another tenant"));
        for (category, value) in &values {
            prop_assert!(other.token(*category, value).is_ok());
        }
        let plain = streamed(&other, &text, &[], |_, _| {});
        prop_assert_eq!(read(&plain), text.as_str());
        for part in streamed(&exchange.pseudonyms, &text, &[], |_, _| {}) {
            let Owned::Value { value, spelling } = part else { continue };
            let folded = spelling.to_ascii_lowercase();
            let issued = |spelling: &Spelling<'_>| {
                spelling.0.value == value && spelt_whole(spelling, &folded) == Some(folded.len())
            };
            prop_assert!(spellings(&exchange).iter().any(issued));
        }
    }

    /// Whatever a turn drops, doubles and moves, each message has the tokens that it had.
    #[test]
    fn an_edited_history_has_the_same_tokens_in_each_message(
        messages in prop::collection::vec(mixtures(), 1..8),
        kept in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let (_, before) = tokenised(&messages);
        let kept: Vec<usize> = kept.iter().map(|kept| kept.index(messages.len())).collect();
        let edited: Vec<String> = kept.iter().map(|kept| messages[*kept].clone()).collect();
        let expected: Vec<String> = kept.iter().map(|kept| before[*kept].clone()).collect();
        prop_assert_eq!(tokenised(&edited).1, expected);
    }

    /// Turns as they happen: the model quotes the prompt, the client resends the answer with the values in it.
    #[test]
    fn a_quoted_prompt_comes_back_as_the_client_wrote_it_and_is_tokenised_alike_again(
        messages in prop::collection::vec(mixtures(), 1..6),
    ) {
        let (pseudonyms, texts) = tokenised(&messages);
        let answers = texts.iter().map(|text| read(&streamed(&pseudonyms, text, &[], |_, _| {})));
        let answers: Vec<String> = answers.collect();
        prop_assert_eq!(&answers, &messages);
        let (_, history) = tokenised(&[messages, answers].concat());
        prop_assert_eq!(history, [texts.clone(), texts].concat());
    }
}
