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

/// Every text, the long ones `shrink` times shorter; the first is clean prose, which the others are compared with.
pub(crate) fn all(shrink: usize) -> Vec<Sample> {
    let (long, middling) = (LONG_BYTES / shrink, HOSTILE_BYTES / shrink);
    let sample = |name: &str, text: String, expected| Sample {
        name: format!("{name}, {}", size(text.len())),
        text,
        expected,
    };
    let prose = [
        sample("clean prose", prose(long), Expected::Nothing),
        sample("prose with a value in every line", dense(long), Expected::Plenty),
        sample("clean prompt", prose(PROMPT_BYTES), Expected::Nothing),
        sample(
            "half card numbers in prose",
            halves(PROMPT_BYTES),
            Expected::Anything,
        ),
    ];
    let tables = [(10_000, 4), (200, 250)].map(|(rows, columns)| {
        let name = format!("table of {rows} rows and {columns} columns");
        sample(&name, table(rows / shrink + 2, columns), Expected::Anything)
    });
    let worded = worded(&table(10_000 / shrink + 2, 4));
    let tables = tables.into_iter().chain([sample(
        "the same, each value behind its word",
        worded,
        Expected::Plenty,
    )]);
    let ordinary = [
        ("JSON", JSON),
        ("source code", CODE),
        ("Chinese", CHINESE),
        ("German", GERMAN),
    ];
    let ordinary = ordinary.map(|(name, unit)| sample(name, repeated(unit, middling), Expected::Anything));
    let random =
        RANDOM.map(|(name, often, seldom)| sample(name, random(often, seldom, middling), Expected::Anything));
    let grouped =
        GROUPED.map(|(name, from, size)| sample(name, grouped(from, size, middling), Expected::Anything));
    let assembled = assembled();
    let units = UNITS.iter().copied().chain(assembled.iter().map(String::as_str));
    let repeats = units.map(|unit| sample(&shown(unit), repeated(unit, middling), Expected::Anything));
    let texts = prose.into_iter().chain(tables).chain(ordinary);
    let texts = texts.chain(random).chain(grouped);
    texts.chain(repeats).collect()
}

fn size(bytes: usize) -> String {
    // A text may end a few bytes short, before a character that does not fit.
    match bytes.div_ceil(1 << 10) {
        kibibytes if kibibytes % 1024 == 0 => format!("{} MiB", kibibytes / 1024),
        kibibytes => format!("{kibibytes} KiB"),
    }
}

/// What is repeated, as a cell of a Markdown table.
fn shown(unit: &str) -> String {
    let escaped = unit.escape_debug().to_string().replace('|', "\\|");
    match escaped.char_indices().nth(40) {
        Some((cut, _)) => format!("`{}…` repeated", escaped.get(..cut).unwrap_or_default()),
        None => format!("`{escaped}` repeated"),
    }
}

const WORDS: &str = "the committee met on Tuesday to review its budget and none of the items was urgent a decision about \
    the new building was put off until spring because the architect could not attend but had sent a well-kept set of notes \
    which say that every room gets daylight from two sides people asked how long the work would take and what it costs to \
    heat such a house in winter nobody knew so they agreed to ask three firms for an offer before they meet again please \
    summarise what was said explain each step in plain language and name whatever is still open as a short list with \
    reasons then write a friendly answer that mentions opening hours page 12 and the 3 documents needed by 2027";
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
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

/// Random characters of the first, and one time in five of the second.
const RANDOM: [(&str, &str, &str); 6] = [
    ("hex", HEX, ""),
    ("digits", DIGITS, ""),
    ("digits and signs", DIGITS, " -./:,+()"),
    ("capitals and digits", CAPITALS, " -"),
    ("base64", BASE64, ""),
    ("random ASCII", LETTERS, "0123456789 !#$%&*+,-./:;<=>?@[]^_{|}~"),
];

/// Random characters in groups of a size.
const GROUPED: [(&str, &str, usize); 5] = [
    ("hex in groups of 4", HEX, 4),
    ("hex in groups of 8", HEX, 8),
    ("digits in groups of 3", DIGITS, 3),
    ("digits in groups of 4", DIGITS, 4),
    ("base64 in lines", BASE64, 76),
];

/// What hostile texts repeat, each a trap for some way of searching.
const UNITS: &[&str] = &[
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
    "ssn,",
    "ssn   ",
    "a,b\n",
    "| ssn |\n",
    "<tr><td>",
    "<th>ssn</th>",
    "<password>",
    "--password ",
    "-u a:",
    "name: password value: ",
    "password for is ",
    "reset to ",
    "version 1.2.3.4 ",
    "ssh a@b.de ",
    "&amp;",
    "%2540",
    "\\\\",
    "a=40b",
    "a (at) ",
    "\u{1b}[",
];

/// More of them, which would look like secrets in one piece.
fn assembled() -> [String; 5] {
    [
        ["-----", "BEGIN "].concat(),
        ["-----", "BEGIN PRIVATE", " KEY-----\n"].concat(),
        ["ey", "J."].concat(),
        ["4111 1111 ", "1111 1112 "].concat(),
        format!("{}@", "first.last+tag-and.so-on_".repeat(8)),
    ]
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

/// Comma-separated values under headers that tell of every other column, passwords among them.
fn table(rows: usize, columns: usize) -> String {
    let mut dice = Dice(4);
    let headers = ["ssn", "note", "phone", "password"];
    let header: Vec<&str> = headers.iter().copied().cycle().take(columns).collect();
    let mut text = header.join(",");
    for _ in 0..rows {
        text.push('\n');
        let cells: Vec<String> = (0..columns)
            .map(|column| match column % headers.len() {
                0 => format!("{}", 200_000_000 + dice.below(99_999_999)),
                1 => dice.pick(&["open", "to be seen", "closed"]).to_owned(),
                2 => format!("41555{:05}", dice.below(99_999)),
                _ => format!("pw{}x{}", dice.below(999), dice.below(999)),
            })
            .collect();
        text.push_str(&cells.join(","));
    }
    text
}

/// The cells of a table, each behind the word that its header is.
fn worded(table: &str) -> String {
    let mut lines = table.lines();
    let headers: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let cells = lines.map(|line| {
        let pairs = headers.iter().zip(line.split(','));
        let pairs: Vec<String> = pairs.map(|(header, cell)| format!("{header}: {cell}")).collect();
        pairs.join(", ")
    });
    cells.collect::<Vec<_>>().join("\n")
}

/// Prose in which a card number breaks off again and again.
fn halves(bytes: usize) -> String {
    let half = ["card 4111 ", "1111 11 and "].concat();
    repeated(&half, bytes)
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
