//! `palisade guardrails scan`.

use super::input::{Input, Part};
use super::{Format, ScanArgs, Stop};
use palisade_guardrails::{Category, Confidence, Piece, TextStream};
use serde_json::json;
use std::collections::VecDeque;
use std::io::{BufWriter, Write};

/// The most that `--show` prints of a match: the longest that is not a key or certificate.
const SHOWN_BYTES_MAX: usize = 320;

pub(super) fn run(args: &ScanArgs) -> Result<(), Stop> {
    let input = Input::open(&args.source)?;
    let engine = args.wanted.engine()?;
    let mut scan = Scan::new(args, BufWriter::new(std::io::stdout().lock()));
    let mut channel = TextStream::default();
    let outcome = input.read(&mut |part| {
        match part {
            Part::Text(text, input_end) => {
                scan.offsets.read(text.len(), input_end);
                channel.push(&engine, text, &mut |piece| scan.piece(piece));
            }
            Part::Pause => scan.out.flush()?,
        }
        scan.fault()
    });
    if outcome.is_ok() {
        channel.finish(&engine, &mut |piece| scan.piece(piece));
    }
    // What was found before the input failed is worth telling.
    scan.close();
    let outcome = outcome
        .and_then(|()| scan.fault())
        .and_then(|()| Ok(scan.out.flush()?));
    match outcome {
        Ok(()) | Err(Stop::Output(_)) if args.fail && scan.found => Err(Stop::Found),
        outcome => outcome,
    }
}

/// One scan on its way through the text.
struct Scan<'a, W: Write> {
    args: &'a ScanArgs,
    out: W,
    offsets: Offsets,
    at: Position,
    /// The match that further parts may belong to.
    open: Option<Open>,
    found: bool,
    fault: Option<std::io::Error>,
}

/// A place in the text.
#[derive(Clone, Copy)]
struct Position {
    /// In bytes of the input.
    offset: u64,
    /// From 1.
    line: u64,
    /// In characters, from 1.
    column: u64,
}

struct Open {
    category: Category,
    confidence: Confidence,
    start: Position,
    shown: String,
}

impl<'a, W: Write> Scan<'a, W> {
    fn new(args: &'a ScanArgs, out: W) -> Self {
        Self {
            args,
            out,
            offsets: Offsets::default(),
            at: Position {
                offset: 0,
                line: 1,
                column: 1,
            },
            open: None,
            found: false,
            fault: None,
        }
    }

    fn fault(&mut self) -> Result<(), Stop> {
        self.fault.take().map_or(Ok(()), |error| Err(Stop::Output(error)))
    }

    fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Match(part) if part.continues => {}
            Piece::Match(first) => {
                self.close();
                self.open = Some(Open {
                    category: first.category,
                    confidence: first.confidence,
                    start: self.at,
                    shown: String::new(),
                });
            }
            Piece::Clear(_) => self.close(),
        }
        let text = piece.text();
        if let Some(open) = self.open.as_mut().filter(|_| self.args.show) {
            let room = SHOWN_BYTES_MAX.saturating_sub(open.shown.len());
            open.shown
                .push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        }
        self.advance(text);
    }

    fn advance(&mut self, text: &str) {
        let lines = text.bytes().filter(|byte| *byte == b'\n').count() as u64;
        let last = match text.rsplit_once('\n') {
            Some((_, last)) => {
                self.at.column = 1;
                last
            }
            None => text,
        };
        self.at.line += lines;
        self.at.column += last.chars().count() as u64;
        self.at.offset = self.offsets.pass(text.len());
    }

    /// Prints the open match: it is complete.
    fn close(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        self.found = true;
        let printed = match self.args.format {
            Format::Json => self.print_json(&open),
            Format::Text => self.print_text(&open),
        };
        if let Err(error) = printed {
            self.fault.get_or_insert(error);
        }
    }

    fn print_json(&mut self, open: &Open) -> std::io::Result<()> {
        let mut finding = json!({
            "start": open.start.offset,
            "end": self.at.offset,
            "line": open.start.line,
            "column": open.start.column,
            "category": open.category.name(),
            "confidence": open.confidence.percent(),
        });
        if let Some(fields) = finding.as_object_mut().filter(|_| self.args.show) {
            fields.insert("text".to_owned(), open.shown.as_str().into());
        }
        writeln!(self.out, "{finding}")
    }

    fn print_text(&mut self, open: &Open) -> std::io::Result<()> {
        let bytes = format!("{}..{}", open.start.offset, self.at.offset);
        let place = format!("{}:{}", open.start.line, open.start.column);
        let (category, confidence) = (open.category.name(), open.confidence.percent());
        write!(
            self.out,
            "{bytes:<15}  {place:<9}  {category:<32}  {confidence:>3}"
        )?;
        if self.args.show {
            write!(self.out, "  {}", open.shown.escape_debug())?;
        }
        writeln!(self.out)
    }
}

/// Where in the input the text is that is passed: the two differ where U+FFFD, three bytes, stands for one to three bytes.
#[derive(Default)]
struct Offsets {
    read: u64,
    passed: u64,
    /// How much longer the text before `passed` is than its input.
    surplus: u64,
    /// Ends of text that is read and not passed at which the surplus changes, and what it is there.
    changes: VecDeque<(u64, u64)>,
}

impl Offsets {
    /// Takes note of `bytes` more of text, which end where `input_end` bytes of input end.
    fn read(&mut self, bytes: usize, input_end: u64) {
        self.read += bytes as u64;
        let surplus = self.read.saturating_sub(input_end);
        let last = self.changes.back().map_or(self.surplus, |(_, surplus)| *surplus);
        if surplus != last {
            self.changes.push_back((self.read, surplus));
        }
    }

    /// Passes `bytes` more of text. Returns how many bytes of input were passed by then.
    fn pass(&mut self, bytes: usize) -> u64 {
        self.passed += bytes as u64;
        while let Some((_, surplus)) = self.changes.pop_front_if(|(end, _)| *end <= self.passed) {
            self.surplus = surplus;
        }
        self.passed - self.surplus
    }
}
