//! Ways to feed a text in chunks, sound and deliberately unsound, and the comparison with the whole text.

use palisade_guardrails::{Category, Confidence, Engine, Match, Piece, TextStream};

/// A piece that owns its text, adjacent clear text and continued matches joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    Clear(String),
    Match(Category, Confidence, String),
}

/// Everything that was handed out so far, joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Output(pub(crate) Vec<Owned>);

/// Something that scans a text in chunks.
pub(crate) trait Stream {
    fn push(&mut self, engine: &Engine, text: &str, out: &mut Output);
    fn finish(&mut self, engine: &Engine, out: &mut Output);
}

/// The real thing.
impl Stream for TextStream {
    fn push(&mut self, engine: &Engine, text: &str, out: &mut Output) {
        TextStream::push(self, engine, text, &mut |piece| out.add(piece));
    }

    fn finish(&mut self, engine: &Engine, out: &mut Output) {
        TextStream::finish(self, engine, &mut |piece| out.add(piece));
    }
}

/// A mutant that stops holding when it holds more than `patience` bytes.
#[derive(Default)]
pub(crate) struct Impatient {
    pub(crate) patience: usize,
    channel: TextStream,
    text: String,
}

/// A mutant that forgets what it released.
#[derive(Default)]
pub(crate) struct Forgetful {
    channel: TextStream,
}

impl Impatient {
    pub(crate) fn new(patience: usize) -> Self {
        Self {
            patience,
            ..Self::default()
        }
    }
}

impl Stream for Impatient {
    fn push(&mut self, engine: &Engine, text: &str, out: &mut Output) {
        self.text.push_str(text);
        self.channel.push(engine, text, &mut |piece| out.add(piece));
        if self.channel.held() > self.patience {
            let held = &self.text[self.text.len() - self.channel.held()..];
            out.add(Piece::Clear(held));
            self.channel = TextStream::default();
        }
    }

    fn finish(&mut self, engine: &Engine, out: &mut Output) {
        self.channel.finish(engine, &mut |piece| out.add(piece));
    }
}

impl Stream for Forgetful {
    fn push(&mut self, engine: &Engine, text: &str, out: &mut Output) {
        self.channel.push(engine, text, &mut |piece| out.add(piece));
        if self.channel.held() == 0 {
            self.channel = TextStream::default();
        }
    }

    fn finish(&mut self, engine: &Engine, out: &mut Output) {
        self.channel.finish(engine, &mut |piece| out.add(piece));
    }
}

impl Output {
    pub(crate) fn add(&mut self, piece: Piece<'_>) {
        assert!(!piece.text().is_empty(), "an empty piece");
        match (piece, self.0.last_mut()) {
            (Piece::Clear(text), Some(Owned::Clear(last))) => last.push_str(text),
            (Piece::Clear(text), _) => self.0.push(Owned::Clear(text.to_owned())),
            (
                Piece::Match(Match {
                    continues: true,
                    text,
                    category,
                    confidence,
                }),
                last,
            ) => match last {
                Some(Owned::Match(of, with, last)) if (*of, *with) == (category, confidence) => {
                    last.push_str(text);
                }
                _ => panic!("a part that continues nothing"),
            },
            (Piece::Match(found), _) => self.0.push(Owned::Match(
                found.category,
                found.confidence,
                found.text.to_owned(),
            )),
        }
    }

    /// The input as the pieces give it back.
    pub(crate) fn raw(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Owned::Clear(text) | Owned::Match(_, _, text) => text.as_str(),
            })
            .collect()
    }

    /// What a caller that redacts everything passes on.
    pub(crate) fn redacted(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Owned::Clear(text) => text.as_str(),
                Owned::Match(category, _, _) => category.placeholder(),
            })
            .collect()
    }

    /// The matched texts and their categories.
    pub(crate) fn matches(&self) -> Vec<(Category, &str)> {
        let found = self.0.iter().filter_map(|piece| match piece {
            Owned::Match(category, _, text) => Some((*category, text.as_str())),
            Owned::Clear(_) => None,
        });
        found.collect()
    }
}

/// `text` with everything in ⟦brackets⟧ that `engine` finds.
pub(crate) fn found_in(engine: &Engine, text: &str) -> String {
    let mut marked = text.to_owned();
    for finding in engine.find(text).iter().rev() {
        marked.insert(finding.span.end, '⟧');
        marked.insert(finding.span.start, '⟦');
    }
    marked
}

/// The pieces of the whole text.
pub(crate) fn whole(engine: &Engine, text: &str) -> Output {
    let mut out = Output::default();
    engine.scan(text, &mut |piece| out.add(piece));
    out
}

/// The pieces of `text` cut at `cuts`, as they stand after each chunk and at the end.
pub(crate) fn streamed(stream: &mut dyn Stream, engine: &Engine, text: &str, cuts: &[usize]) -> Vec<Output> {
    let mut out = Output::default();
    let mut stages = Vec::new();
    let mut start = 0;
    for &cut in cuts.iter().chain([&text.len()]) {
        stream.push(engine, &text[start..cut], &mut out);
        stages.push(out.clone());
        start = cut;
    }
    stream.finish(engine, &mut out);
    stages.push(out);
    stages
}

/// The final pieces of `text` cut at `cuts`.
pub(crate) fn finished(stream: &mut dyn Stream, engine: &Engine, text: &str, cuts: &[usize]) -> Output {
    streamed(stream, engine, text, cuts).pop().unwrap()
}

/// The places where `text` can be cut, both ends left out.
pub(crate) fn boundaries(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).skip(1).collect()
}
