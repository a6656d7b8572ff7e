use std::sync::LazyLock;

use palisade_guardrails::{Category, Channel, Confidence, Engine, Match, Piece};

use crate::cuts::cut;

/// Documented by [`Channel`].
const HELD_BYTES_MAX: usize = 320;

/// Engines under which everything must hold. Without e-mail the current word is not held back, another path through
/// the scan.
static ENGINES: LazyLock<[Engine; 2]> = LazyLock::new(|| {
    let all = Category::all();
    let without_email: Vec<_> = all
        .iter()
        .copied()
        .filter(|category| *category != Category::Email)
        .collect();
    [all, &without_email].map(|categories| Engine::new(categories).expect("the catalogue compiles"))
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
        c => c.to_string(),
    };
    String::from_utf8_lossy(data).chars().map(part).collect()
}

fn streamed(engine: &Engine, text: &str, sizes: &[u8]) -> Output {
    let mut channel = Channel::default();
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
