use std::sync::LazyLock;

use palisade_guardrails::{Category, Confidence, Engine, Match, Options, Piece, TextStream};

use crate::cuts::cut;

/// Documented by [`TextStream`], and the longest run of characters that are not shown that is looked at as one.
const HELD_BYTES_MAX: usize = 320 + 64;

/// Engines under which everything must hold. Without e-mail the current word is not held back, another path through
/// the scan; with few categories most of what starts like a value is none.
static ENGINES: LazyLock<[Engine; 3]> = LazyLock::new(|| {
    let all = Category::all();
    let without_email: Vec<_> = all
        .iter()
        .copied()
        .filter(|category| *category != Category::EMAIL)
        .collect();
    let few = [
        Category::CREDIT_DEBIT_CARD_NUMBER,
        Category::SECRET_PRIVATE_KEY,
        Category::PHONE,
    ];
    [(all, 60), (&without_email, 40), (&few, 1)].map(|(categories, minimum)| {
        let options = Options {
            categories: categories.to_vec(),
            minimum: Confidence::new(minimum),
            ..Options::default()
        };
        Engine::with(options).expect("the catalogue compiles")
    })
});

/// Without the categories of how text is spelt, which a disguise adds.
static PLAIN: LazyLock<Engine> = LazyLock::new(|| {
    let evasion = [
        Category::INVISIBLE_TEXT,
        Category::BIDI_CONTROL,
        Category::TAG_CHARACTERS,
    ];
    let plain = Category::all()
        .iter()
        .copied()
        .filter(|category| !evasion.contains(category));
    Engine::new(&plain.collect::<Vec<_>>()).expect("the catalogue compiles")
});

/// The scanner: the pieces are the text, and a stream gives the pieces of the whole text under every chunking, holding
/// back no more than it says.
///
/// The first four bytes are the sizes of chunks, the rest is the text.
pub fn guardrails(data: &[u8]) {
    let Some((sizes, text)) = data.split_first_chunk::<4>() else {
        return;
    };
    let text = expanded(text);
    for engine in ENGINES.iter() {
        let mut whole = Output::default();
        engine.scan(&text, &mut |piece| whole.add(piece));
        assert_eq!(whole.text(), text);
        for sizes in [sizes.as_slice(), &[1]] {
            assert_eq!(streamed(engine, &text, sizes), whole);
        }
    }
}

/// The normaliser: what is matched in a text is matched in every disguise of it, spelt as it is there.
///
/// The first four bytes are the sizes of chunks, the next one says which characters are disguised, the rest is the text.
pub fn normaliser(data: &[u8]) {
    let Some((sizes, [mask, text @ ..])) = data.split_first_chunk::<4>() else {
        return;
    };
    // What brackets and encodings mean depends on what is inside them.
    let plain: String = expanded(text)
        .chars()
        .filter(|c| (' '..='~').contains(c) || "\t\r\n".contains(*c))
        .filter(|c| !"\\([{<%&=".contains(*c))
        .collect();
    let worn = |(at, c): (usize, char)| {
        if mask >> (at % 8) & 1 == 1 {
            disguised(c)
        } else {
            [Some(c), None]
        }
    };
    let disguise: String = plain.chars().enumerate().flat_map(worn).flatten().collect();
    let mut expected = Output::default();
    PLAIN.scan(&plain, &mut |piece| expected.add(piece));
    let mut found = Output::default();
    PLAIN.scan(&disguise, &mut |piece| found.add(piece));
    assert_eq!(found.text(), disguise);
    assert_eq!(streamed(&PLAIN, &disguise, sizes), found);
    let matches = |output: &Output| {
        let matches = output.0.iter().filter(|(label, _)| label.is_some());
        matches
            .map(|(label, text)| (*label, text.chars().filter_map(bared).collect::<String>()))
            .collect::<Vec<_>>()
    };
    assert_eq!(matches(&found), matches(&expected), "in {disguise:?}");
}

/// What a reader takes for `c`.
fn disguised(c: char) -> [Option<char>; 2] {
    match c {
        '0'..='9' => [char::from_u32(0xFF10 + u32::from(c) - u32::from('0')), None],
        '-' => [Some('\u{2011}'), None],
        ' ' => [Some('\u{A0}'), None],
        c => [Some(c), Some('\u{2060}')],
    }
}

/// What `disguised` made of it taken back.
fn bared(c: char) -> Option<char> {
    match c {
        '\u{FF10}'..='\u{FF19}' => char::from_u32(u32::from(c) - 0xFF10 + u32::from('0')),
        '\u{2011}' => Some('-'),
        '\u{A0}' => Some(' '),
        '\u{2060}' => None,
        c => Some(c),
    }
}

/// Text of the input. Control characters stand for parts of secrets: the parts are long, so mutations would not find
/// them, and whole they must not stand in a file.
fn expanded(data: &[u8]) -> String {
    let dashes = "-".repeat(5);
    let part = |c: char| match c {
        '\u{1}' => [&dashes, "BEGIN RSA PRIVATE ", "KEY", &dashes].concat(),
        '\u{2}' => [&dashes, "END RSA PRIVATE ", "KEY", &dashes].concat(),
        '\u{3}' => "MIIEpAIBAAKCAQEAx9Zb".repeat(2),
        '\u{4}' => ["AK", "IA"].concat(),
        '\u{5}' => "IOSFODNN7EXAMPLE".to_owned(),
        '\u{6}' => "x ".repeat(200),
        '\u{7}' => "\u{200B}".to_owned(),
        '\u{8}' => "\\u0040".to_owned(),
        '\u{e}' => " (at) ".to_owned(),
        '\u{f}' => " [dot] ".to_owned(),
        '\u{10}' => "４".to_owned(),
        '\u{11}' => "\u{202E}".to_owned(),
        '\u{12}' => "\u{E0041}".to_owned(),
        '\u{13}' => "id,ssn,password\n".to_owned(),
        '\u{14}' => "<tr><th>ssn</th><th>password</th></tr><tr><td>".to_owned(),
        '\u{15}' => "</td><td>".to_owned(),
        '\u{16}' => "SSN   PASSWORD\n".to_owned(),
        '\u{17}' => "--password ".to_owned(),
        '\u{18}' => "name: token\n value: ".to_owned(),
        '\u{19}' => "&amp;#64;".to_owned(),
        '\u{1a}' => "%2540".to_owned(),
        '\u{1c}' => "\u{1b}[31m".to_owned(),
        c => c.to_string(),
    };
    String::from_utf8_lossy(data).chars().map(part).collect()
}

fn streamed(engine: &Engine, text: &str, sizes: &[u8]) -> Output {
    let mut channel = TextStream::default();
    let mut out = Output::default();
    for chunk in cut(text, sizes) {
        channel.push(engine, chunk, &mut |piece| out.add(piece));
        assert!(
            channel.held() <= HELD_BYTES_MAX,
            "holds back {} bytes",
            channel.held()
        );
    }
    channel.finish(engine, &mut |piece| out.add(piece));
    out
}

/// Pieces, adjacent clear text and parts of one match joined.
#[derive(Debug, Default, PartialEq)]
struct Output(Vec<(Option<(Category, Confidence)>, String)>);

impl Output {
    fn add(&mut self, piece: Piece<'_>) {
        assert!(!piece.text().is_empty(), "an empty piece");
        let (label, joins) = match piece {
            Piece::Clear(_) => (None, true),
            Piece::Match(Match {
                category,
                confidence,
                continues,
                ..
            }) => (Some((category, confidence)), continues),
        };
        match self.0.last_mut() {
            Some((last, text)) if joins && *last == label => text.push_str(piece.text()),
            _ => {
                assert!(label.is_none() || !joins, "a part that continues nothing");
                self.0.push((label, piece.text().to_owned()));
            }
        }
    }

    fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }
}
