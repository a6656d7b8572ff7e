//! Text from a file or standard input, in pieces that need not fit in memory together.

use super::{Failure, SourceArgs, Stop};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

/// Bytes asked of the system at a time when chunks are smaller.
const READ_BYTES_MIN: usize = 64 * 1024;

pub(super) struct Input {
    name: String,
    reader: BufReader<Box<dyn Read>>,
    chunk_bytes: usize,
    lossy: bool,
}

/// A file opened for reading, or standard input for `-`.
pub(super) fn open(path: &Path) -> Result<(String, Box<dyn Read>), Failure> {
    if path.as_os_str() == "-" {
        return Ok(("standard input".to_owned(), Box::new(std::io::stdin())));
    }
    let name = path.display().to_string();
    let fault = |e: std::io::Error| format!("cannot read {name}: {e}");
    let file = File::open(path).map_err(fault)?;
    if file.metadata().map_err(fault)?.is_dir() {
        return Err(fault(ErrorKind::IsADirectory.into()).into());
    }
    Ok((name, Box::new(file)))
}

/// What [`Input::read`] hands out.
pub(super) enum Part<'a> {
    /// The next text, never empty, and how many bytes of input had been read at its end.
    Text(&'a str, u64),
    /// No more input is there at the moment: what is ready should go out before waiting for it.
    Pause,
}

impl Input {
    pub(super) fn open(source: &SourceArgs) -> Result<Self, Failure> {
        let (name, reader) = open(&source.file)?;
        let chunk_bytes = usize::try_from(source.chunk)?;
        Ok(Self {
            name,
            reader: BufReader::with_capacity(chunk_bytes.max(READ_BYTES_MIN), reader),
            chunk_bytes,
            lossy: source.lossy,
        })
    }

    /// Hands the whole input to `take`, at most a chunk and an unfinished character at a time.
    pub(super) fn read(mut self, take: &mut dyn FnMut(Part<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
        let mut decoder = Decoder {
            lossy: self.lossy,
            ..Decoder::default()
        };
        loop {
            if self.reader.buffer().is_empty() {
                take(Part::Pause)?;
            }
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Stop::Failed(format!("cannot read {}: {error}", self.name).into())),
            };
            let chunk = available.get(..self.chunk_bytes).unwrap_or(available);
            let bytes = chunk.len();
            decoder.pending.extend_from_slice(chunk);
            self.reader.consume(bytes);
            let ending = if bytes == 0 { Ending::Last } else { Ending::More };
            decoder.decode(ending, &self.name, take)?;
            if bytes == 0 {
                return Ok(());
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    More,
    Last,
}

/// Bytes to text.
#[derive(Default)]
struct Decoder {
    /// Bytes not handed out yet: between calls, the start of a character.
    pending: Vec<u8>,
    /// How many bytes of input were handed out.
    offset: u64,
    lossy: bool,
}

impl Decoder {
    fn decode(
        &mut self,
        ending: Ending,
        name: &str,
        take: &mut dyn FnMut(Part<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut done = 0;
        for chunk in self.pending.utf8_chunks() {
            let (valid, invalid) = (chunk.valid(), chunk.invalid());
            done += valid.len();
            self.offset += valid.len() as u64;
            if !valid.is_empty() {
                take(Part::Text(valid, self.offset))?;
            }
            let at_end = done + invalid.len() == self.pending.len();
            if invalid.is_empty() || (at_end && ending == Ending::More && unfinished(invalid)) {
                break;
            }
            if !self.lossy {
                let offset = self.offset;
                let problem =
                    format!("{name}: not UTF-8 at byte {offset}; use --lossy to read it all the same");
                return Err(Stop::Failed(problem.into()));
            }
            done += invalid.len();
            self.offset += invalid.len() as u64;
            take(Part::Text("\u{fffd}", self.offset))?;
        }
        self.pending.drain(..done);
        Ok(())
    }
}

/// Whether more bytes could make these a character.
fn unfinished(invalid: &[u8]) -> bool {
    std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `bytes` give when they are read `chunk_bytes` at a time.
    fn read(bytes: &'static [u8], chunk_bytes: usize, lossy: bool) -> (String, Vec<u64>, Option<String>) {
        let input = Input {
            name: "here".to_owned(),
            reader: BufReader::new(Box::new(bytes)),
            chunk_bytes,
            lossy,
        };
        let (mut text, mut ends) = (String::new(), Vec::new());
        let outcome = input.read(&mut |part| {
            if let Part::Text(piece, end) = part {
                text.push_str(piece);
                ends.push(end);
            }
            Ok(())
        });
        let problem = match outcome {
            Ok(()) => None,
            Err(Stop::Failed(failure)) => Some(failure.to_string()),
            Err(stop) => panic!("{stop:?}"),
        };
        (text, ends, problem)
    }

    #[test]
    fn reads_the_same_text_in_chunks_of_any_size() {
        for chunk_bytes in 1..12 {
            let whole = "aé€𝄞 z";
            assert_eq!(read(whole.as_bytes(), chunk_bytes, false).0, whole);
            // A byte that starts nothing, a character cut short by a letter, and one cut short by the end.
            let (text, ends, problem) = read(b"a\xff\xe2\x82b\xf0\x9d", chunk_bytes, true);
            assert_eq!(text, "a\u{fffd}\u{fffd}b\u{fffd}", "in chunks of {chunk_bytes}");
            assert_eq!((ends, problem), (vec![1, 2, 4, 5, 7], None));
        }
    }

    #[test]
    fn names_the_byte_that_is_not_text() {
        let check = |bytes: &'static [u8], before: &str, offset: u64| {
            for chunk_bytes in 1..8 {
                let (text, _, problem) = read(bytes, chunk_bytes, false);
                assert_eq!(text, before);
                assert!(problem.unwrap().contains(&format!("not UTF-8 at byte {offset};")));
            }
        };
        check(b"\xff", "", 0);
        check("aé\u{20ac}".as_bytes().split_last().unwrap().1, "aé", 3);
        check(b"ab\xe2\x82cd", "ab", 2);
    }
}
