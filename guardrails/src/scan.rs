//! The two ways to use an engine: on a whole text, and on a text that arrives in chunks.

use crate::automaton::Ending;
use crate::detector::LOOK_BEHIND;
use crate::emission::Emission;
use crate::engine::Engine;
use crate::finding::{Finding, Piece};
use crate::normal::{Changes, Normaliser, is_plain};
use crate::progress::{Progress, Scan};
use std::fmt;

/// Released bytes that are let pile up before they are dropped: moving text for every small chunk costs more.
const BEHIND_MAX: usize = 4 * LOOK_BEHIND;

/// Text that is scanned in one step of a long text: a millisecond of the slowest kind.
const STEP_BYTES: usize = 8 * 1024;

/// A buffer that one large chunk has made larger than this is given back.
const CAPACITY_MAX: usize = 16 * 1024;

/// One text that arrives in chunks: a content block, a choice, a tool input. Streams are independent of each other.
///
/// It holds back only text that more input could still make part of a match, at most 320 bytes and what is not shown among
/// them. Dropping a stream without [`TextStream::finish`] releases nothing: what was held stays withheld.
#[derive(Default)]
pub struct TextStream {
    normaliser: Normaliser,
    /// The view: look-behind, then held text.
    text: String,
    changes: Changes,
    progress: Progress,
    /// The engine that `progress` is of.
    engine: u64,
}

impl Engine {
    /// Hands the pieces of `text` to `sink`. Copies only text that holds characters to be read as others.
    pub fn scan(&self, text: &str, sink: &mut dyn FnMut(Piece<'_>)) {
        let mut stream = TextStream {
            engine: self.id,
            ..TextStream::default()
        };
        if is_plain(text, false) {
            return stream.run(self, Some(text), Ending::Last, sink);
        }
        // In steps, so that no more is remembered than what differs in one of them.
        let mut rest = text;
        while !rest.is_empty() {
            let step;
            (step, rest) = rest.split_at(rest.ceil_char_boundary(STEP_BYTES.min(rest.len())));
            stream.push(self, step, sink);
        }
        stream.finish(self, sink);
    }

    /// The matches in `text`, in order; they do not overlap.
    pub fn find(&self, text: &str) -> Vec<Finding> {
        let mut found = Findings::default();
        self.scan(text, &mut |piece| found.take(&piece));
        found.findings
    }

    /// As [`Engine::find`], for long texts: asks `go_on` before each step, with the bytes of the step and the number of
    /// findings so far, and gives up with its error.
    ///
    /// # Errors
    /// The first error of `go_on`.
    pub fn find_in_steps<E>(
        &self,
        text: &str,
        mut go_on: impl FnMut(usize, usize) -> Result<(), E>,
    ) -> Result<Vec<Finding>, E> {
        if text.len() <= STEP_BYTES {
            go_on(text.len(), 0)?;
            return Ok(self.find(text));
        }
        let mut found = Findings::default();
        let mut stream = TextStream::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, after) = rest
                .split_at_checked(rest.ceil_char_boundary(STEP_BYTES))
                .unwrap_or((rest, ""));
            go_on(step.len(), found.findings.len())?;
            stream.push(self, step, &mut |piece| found.take(&piece));
            rest = after;
        }
        stream.finish(self, &mut |piece| found.take(&piece));
        Ok(found.findings)
    }
}

/// Joins pieces to findings.
#[derive(Default)]
struct Findings {
    findings: Vec<Finding>,
    /// Where the next piece begins.
    at: usize,
}

impl Findings {
    fn take(&mut self, piece: &Piece<'_>) {
        let span = self.at..self.at + piece.text().len();
        self.at = span.end;
        let Piece::Match(found) = piece else {
            return;
        };
        match self.findings.last_mut().filter(|_| found.continues) {
            Some(whole) => whole.span.end = span.end,
            None => self.findings.push(Finding {
                category: found.category,
                confidence: found.confidence,
                span,
            }),
        }
    }
}

impl TextStream {
    /// Takes the next chunk and hands every piece that is decided by now to `sink`.
    ///
    /// A stream belongs to one engine. Given another one, it judges the text it holds anew.
    pub fn push(&mut self, engine: &Engine, text: &str, sink: &mut dyn FnMut(Piece<'_>)) {
        self.normaliser
            .push(text, true, &mut self.text, &mut self.changes);
        self.run(engine, None, Ending::More, sink);
        self.forget(engine);
    }

    /// Declares the text complete, hands the rest of its pieces to `sink`, and makes the stream new.
    pub fn finish(&mut self, engine: &Engine, sink: &mut dyn FnMut(Piece<'_>)) {
        self.normaliser.push("", false, &mut self.text, &mut self.changes);
        self.run(engine, None, Ending::Last, sink);
        *self = Self::default();
    }

    /// How many bytes are held back now, those that are not shown left out.
    #[must_use]
    pub fn held(&self) -> usize {
        self.text.len().saturating_sub(self.progress.released) + self.normaliser.pending()
    }

    /// Scans what has come: `whole`, or what the stream keeps.
    fn run(&mut self, engine: &Engine, whole: Option<&str>, ending: Ending, sink: &mut dyn FnMut(Piece<'_>)) {
        if self.engine != engine.id {
            self.progress.rebind(engine);
            self.engine = engine.id;
        }
        Scan {
            progress: &mut self.progress,
            ending,
            out: Emission {
                engine,
                text: whole.unwrap_or(&self.text),
                changes: &mut self.changes,
                sink,
            },
        }
        .run();
    }

    /// Drops released text that no decision can look back on.
    fn forget(&mut self, engine: &Engine) {
        if self.progress.released > BEHIND_MAX {
            let dropped = self
                .text
                .floor_char_boundary(self.progress.released - LOOK_BEHIND);
            self.progress.shift(engine, &self.text, dropped);
            self.text.drain(..dropped);
            self.changes
                .iter_mut()
                .for_each(|change| change.at = change.at.saturating_sub(dropped));
            if self.text.capacity() > CAPACITY_MAX {
                self.text.shrink_to(BEHIND_MAX);
            }
        }
    }
}

impl fmt::Debug for TextStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextStream")
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}
