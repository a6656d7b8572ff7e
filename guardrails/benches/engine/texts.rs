//! What is scanned: ordinary texts, and texts made to waste a scanner's time.

/// The bytes of a long text, and of one that is made to waste time.
pub(crate) const LONG_BYTES: usize = 1 << 20;
pub(crate) const HOSTILE_BYTES: usize = 256 << 10;
const PROMPT_BYTES: usize = 2 << 10;

/// What a text is expected to hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Nothing,
    Plenty,
    Anything,
}

/// A text to scan.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) expected: Expected,
}

/// Every text; the first is clean prose, which the others are compared with. Hostile ones are shrunk by `shrink`.
#[expect(clippy::too_many_lines, reason = "a table of texts")]
pub(crate) fn all(shrink: usize) -> Vec<Sample> {
    let long = LONG_BYTES / shrink;
    let sample = |name: &str, text: String, expected| Sample {
        name: name.to_owned(),
        text,
        expected,
    };
    let ordinary = [
        sample("clean prose, 1 MiB", prose(long), Expected::Nothing),
        sample(
            "prose with a value in every line, 1 MiB",
            dense(long),
            Expected::Plenty,
        ),
        sample("clean prompt, 2 KiB", prose(PROMPT_BYTES), Expected::Nothing),
        sample(
            "half card numbers in prose, 2 KiB",
            halves(PROMPT_BYTES),
            Expected::Anything,
        ),
        sample("JSON, 256 KiB", json(HOSTILE_BYTES / shrink), Expected::Anything),
        sample(
            "source code, 256 KiB",
            code(HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "Chinese, 256 KiB",
            repeated(CHINESE, HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "German, 256 KiB",
            repeated(GERMAN, HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "hex, 256 KiB",
            random(HEX, "", HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "hex in groups of 4, 256 KiB",
            grouped(HEX, 4, HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "hex in groups of 8, 256 KiB",
            grouped(HEX, 8, HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "digits, 256 KiB",
            random("0123456789", "", HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "digits in groups of 3, 256 KiB",
            grouped("0123456789", 3, HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "digits in groups of 4, 256 KiB",
            grouped("0123456789", 4, HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "digits and signs, 256 KiB",
            random("0123456789", " -./:,+()", HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "capitals and digits, 256 KiB",
            random(CAPITALS, " -", HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "base64, 256 KiB",
            random(BASE64, "", HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "base64 in lines, 256 KiB",
            grouped(BASE64, 76, HOSTILE_BYTES / shrink),
            Expected::Anything,
        ),
        sample(
            "random ASCII, 256 KiB",
            random(
                LETTERS,
                "0123456789 !#$%&*+,-./:;<=>?@[]^_{|}~",
                HOSTILE_BYTES / shrink,
            ),
            Expected::Anything,
        ),
    ];
    let hostile = repeats().into_iter().map(|unit| {
        let shown = unit.escape_debug().to_string().replace('|', "\\|");
        let shown = match shown.char_indices().nth(40) {
            Some((cut, _)) => format!("{}…", shown.get(..cut).unwrap_or_default()),
            None => shown,
        };
        sample(
            &format!("`{shown}` repeated, 256 KiB"),
            repeated(&unit, HOSTILE_BYTES / shrink),
            Expected::Anything,
        )
    });
    ordinary.into_iter().chain(hostile).collect()
}

const WORDS: &str = "the committee met on Tuesday to review its budget and none of the items was urgent a decision about \
    the new building was put off until spring because the architect could not attend but had sent a well-kept set of notes \
    which say that every room gets daylight from two sides people asked how long the work would take and what it costs to \
    heat such a house in winter nobody knew so they agreed to ask three firms for an offer before they meet again please \
    summarise what was said explain each step in plain language and name whatever is still open as a short list with \
    reasons then write a friendly answer that mentions opening hours page 12 and the 3 documents needed by 2027";
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const HEX: &str = "0123456789abcdef";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CHINESE: &str =
    "委员会星期二开会审查预算，没有紧急事项。关于新楼的决定推迟到春天，建筑师没有出席，但送来了详细的说明。";
const GERMAN: &str = "Der Ausschuss traf sich am Dienstag, um den Haushalt zu prüfen; nichts davon war dringend. Über das neue Gebäude \
    wird erst im Frühjahr entschieden, größere Änderungen schließt niemand aus. ";
const JSON: &str = r#"{"name": "chair", "tags": ["wood", "oak", null], "price": 129.5, "stock": {"here": 4, "there": 17}, "new": true}, "#;
const CODE: &str = "fn total(items: &[Item]) -> u64 {\n    let mut sum = 0;\n    for item in items.iter().filter(|item| item.price > 0) \
    {\n        sum += item.price * u64::from(item.count); // in cents\n    }\n    sum\n}\n\n";

/// Repeated as they are, each a trap for some way of searching.
#[expect(clippy::too_many_lines, reason = "a table of texts")]
fn repeats() -> Vec<String> {
    let pem = ["-----", "BEGIN "].concat();
    let key = ["-----", "BEGIN PRIVATE", " KEY-----\n"].concat();
    let token = ["ey", "J."].concat();
    let card = ["4111 1111 ", "1111 1112 "].concat();
    let local = format!("{}@", "first.last+tag-and.so-on_".repeat(8));
    let fixed = [
        "a",
        " ",
        "1",
        "1-",
        "1 ",
        "1.",
        "11-",
        "4 1 ",
        "12 34 ",
        "123-45-",
        "a.",
        "@",
        "a@",
        "a@a.",
        "a@b.c ",
        "a1 ",
        "a1",
        "A1-",
        "1a-",
        "AA00 ",
        "DE00 0000 0000 ",
        "ab:",
        "0:",
        "::",
        "1:2 ",
        "1.2.3.4.5.",
        "1.2.3.4 ",
        "1/2/3/4/",
        "01.02.03.",
        "a=b:c=",
        "password=",
        "password: ",
        "password is ",
        "key:",
        "token=\"",
        "id=1&",
        "phone 11-22-33-44-55-66-77-88-99-",
        "tel +1 ",
        "+1 (2) ",
        "(1) ",
        "ssn 123-45-",
        "passport iban card account ",
        "www.a.b.c.d/",
        "a.b.c.d ",
        "http://",
        "https://a/",
        "//",
        "a-",
        "a_",
        "_1",
        "-",
        "--",
        "2026-11-23T16:58:00.123Z ",
        "[1,2,3],",
        "{\"a\":1},",
        "${a}",
        "%20",
        "\\u0031",
        "é",
        "é1",
        "\u{200b}",
        "1\u{200b}",
        "\u{ff11}",
        "電話 1 ",
        "0x1f",
        "1e5 ",
        "1,234.56 ",
        "$1,234.56 ",
        "sk-",
        "ghp_",
        "AKIA",
        "xox",
        "AIza",
        "\t1\n",
    ];
    let built = [pem, key, token, card, local];
    fixed.into_iter().map(str::to_owned).chain(built).collect()
}

/// A source of numbers that look random and are the same in every run (Knuth's MMIX multiplier).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides.max(1)
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let at = self.below(items.len());
        items.get(at).copied().unwrap_or_default()
    }
}

/// Sentences of ordinary words without anything to find.
fn prose(bytes: usize) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut dice = Dice(1);
    let mut text = String::with_capacity(bytes + 128);
    while text.len() < bytes {
        for place in 0..8 + dice.below(9) {
            let word = dice.pick(&words);
            let capital = word.get(..1).filter(|_| place == 0).map(str::to_uppercase);
            match capital {
                Some(capital) => {
                    text.push_str(&capital);
                    text.push_str(word.get(1..).unwrap_or_default());
                }
                None => text.push_str(word),
            }
            text.push_str(dice.pick(&[" ", " ", " ", " ", " ", " ", " ", ", "]));
        }
        text.truncate(text.trim_end_matches([' ', ',']).len());
        text.push_str(dice.pick(&[". ", ". ", "? ", ".\n\n", ": "]));
    }
    cut(text, bytes)
}

/// Prose with a value after every hundred bytes or so.
fn dense(bytes: usize) -> String {
    let mut dice = Dice(2);
    let card = ["4111 1111 ", "1111 1111"].concat();
    let key = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let ssn = ["SSN 536", "-22-8145"].concat();
    let values = [
        "ada.byron@example.org",
        "+1 415 555 2671",
        &card,
        "203.0.113.7",
        &ssn,
        &key,
        "DE89 3704 0044 0532 0130 00",
        "password: Tr0ub4dor-and-3",
        "https://www.example.org/a?b=c",
        "2001:db8::7334",
    ];
    let mut text = String::with_capacity(bytes + 256);
    let prose = prose(bytes);
    let mut rest = prose.as_str();
    while text.len() < bytes {
        let (lead, further) = rest
            .split_at_checked(60 + dice.below(60))
            .unwrap_or((rest, &prose));
        rest = further;
        text.push_str(lead);
        text.push(' ');
        text.push_str(dice.pick(&values));
        text.push('\n');
    }
    cut(text, bytes)
}

/// Prose in which a card number breaks off again and again.
fn halves(bytes: usize) -> String {
    let half = ["card 4111 ", "1111 11 and "].concat();
    repeated(&half, bytes)
}

fn json(bytes: usize) -> String {
    repeated(JSON, bytes)
}

fn code(bytes: usize) -> String {
    repeated(CODE, bytes)
}

fn repeated(unit: &str, bytes: usize) -> String {
    cut(unit.repeat(bytes / unit.len().max(1) + 1), bytes)
}

/// Random characters of `often` and, one time in five, of `seldom`.
fn random(often: &str, seldom: &str, bytes: usize) -> String {
    let mut dice = Dice(3);
    let (often, seldom): (Vec<char>, Vec<char>) = (often.chars().collect(), seldom.chars().collect());
    let text = (0..bytes).filter_map(|_| {
        let from = if !seldom.is_empty() && dice.below(5) == 0 {
            &seldom
        } else {
            &often
        };
        from.get(dice.below(from.len())).copied()
    });
    cut(text.collect(), bytes)
}

/// Random characters in groups of `size` with blanks between.
fn grouped(from: &str, size: usize, bytes: usize) -> String {
    let line = random(from, "", bytes);
    let groups = line.as_bytes().chunks(size).map(String::from_utf8_lossy);
    cut(groups.map(|group| format!("{group} ")).collect(), bytes)
}

fn cut(mut text: String, bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes));
    text
}
