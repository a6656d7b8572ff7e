//! `palisade guardrails redact`.

use super::input::{Input, Part};
use super::{RedactArgs, Stop};
use palisade_guardrails::{Category, Piece, TextStream, mask};
use std::io::{BufWriter, Write};

/// The longest value that is masked: the longest that is not a key or certificate.
const MASKED_BYTES_MAX: usize = 320;

pub(super) fn run(args: &RedactArgs) -> Result<(), Stop> {
    let input = Input::open(&args.source)?;
    let engine = args.wanted.engine()?;
    let mut redaction = Redaction {
        mask: args.mask,
        out: BufWriter::new(std::io::stdout().lock()),
        open: None,
        fault: None,
    };
    let mut channel = TextStream::default();
    input.read(&mut |part| {
        match part {
            Part::Text(text, _) => channel.push(&engine, text, &mut |piece| redaction.piece(piece)),
            Part::Pause => redaction.out.flush()?,
        }
        redaction.fault()
    })?;
    channel.finish(&engine, &mut |piece| redaction.piece(piece));
    redaction.close();
    redaction.fault()?;
    Ok(redaction.out.flush()?)
}

/// One text on its way out.
struct Redaction<W: Write> {
    /// How many letters and digits a mask keeps.
    mask: Option<usize>,
    out: W,
    /// The match to mask, which further parts may belong to. Whether a match comes in parts depends on the chunks, and the
    /// output must not, so parts are put together again.
    open: Option<Open>,
    fault: Option<std::io::Error>,
}

struct Open {
    category: Category,
    /// None once the value has become too long to be masked.
    value: Option<String>,
}

impl<W: Write> Redaction<W> {
    fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Clear(text) => {
                self.close();
                self.write(text);
            }
            Piece::Match(part) => {
                if !part.continues {
                    self.close();
                    self.open = Some(Open {
                        category: part.category,
                        value: self.mask.map(|_| String::new()),
                    });
                }
                if let Some(open) = &mut self.open {
                    open.add(part.text);
                }
            }
        }
    }

    /// Writes what stands for the open match: it is complete.
    fn close(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        match (open.value, self.mask) {
            (Some(value), Some(keep)) => self.write(&mask(&value, keep)),
            _ => self.write(open.category.placeholder()),
        }
    }

    fn write(&mut self, text: &str) {
        if let Err(error) = self.out.write_all(text.as_bytes()) {
            self.fault.get_or_insert(error);
        }
    }

    fn fault(&mut self) -> Result<(), Stop> {
        self.fault.take().map_or(Ok(()), |error| Err(Stop::Output(error)))
    }
}

impl Open {
    fn add(&mut self, part: &str) {
        self.value = self
            .value
            .take()
            .filter(|value| value.len() + part.len() <= MASKED_BYTES_MAX)
            .map(|value| value + part);
    }
}
