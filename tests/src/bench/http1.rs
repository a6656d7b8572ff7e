//! A client of HTTP/1.1 that is cheap and strict: one keep-alive connection, one request at a time, every answer read to
//! its end (RFC 9112 §6, §7.1). It blocks; each connection has a thread of its own.

use super::failure::{During, Failure};
use bytes::{Buf, Bytes, BytesMut};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for a connection, and for the next bytes of an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest line of an answer's head or of a chunk, in bytes.
const LINE_BYTES_MAX: usize = 16 * 1024;
const READ_BYTES: usize = 16 * 1024;

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What has been read and not yet used.
    buffer: BytesMut,
}

/// How the end of a body is told.
enum Framing {
    Length(usize),
    Chunked,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(address: SocketAddr) -> Result<Self, Failure> {
        let opened = TcpStream::connect_timeout(&address, TIMEOUT).and_then(|stream| {
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            Ok(stream)
        });
        Ok(Self {
            stream: opened.during(format_args!("connecting to {address}"))?,
            buffer: BytesMut::with_capacity(READ_BYTES),
        })
    }

    /// Sends a whole request and hands the body of the answer, piece by piece as it arrives, to `body`.
    ///
    /// # Errors
    /// When the status is not 200, the answer is not well-formed, does not end, or `body` refuses a piece.
    pub fn exchange(
        &mut self,
        request: &[u8],
        body: impl FnMut(Bytes) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self.answer(request, body)? {
            200 => Ok(()),
            status => Err(Failure::wrong(format_args!("status {status}"))),
        }
    }

    /// The same with whatever status there is, which is returned.
    ///
    /// # Errors
    /// When the answer is not well-formed, does not end, or `body` refuses a piece.
    pub fn answer(
        &mut self,
        request: &[u8],
        mut body: impl FnMut(Bytes) -> Result<(), Failure>,
    ) -> Result<u16, Failure> {
        self.stream.write_all(request).during("sending a request")?;
        let (status, framing) = self.head()?;
        match framing {
            Framing::Length(bytes) => self.pass(bytes, &mut body)?,
            Framing::Chunked => self.chunks(&mut body)?,
        }
        match self.buffer.len() {
            0 => Ok(status),
            more => Err(Failure::wrong(format_args!(
                "status {status}, {more} bytes too many"
            ))),
        }
    }

    fn head(&mut self) -> Result<(u16, Framing), Failure> {
        let status_line = self.line()?;
        let status = status_line
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.ok_or_else(|| Failure::wrong("no status line"))?;
        let mut framing = None;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| Failure::wrong("malformed header"))?;
            if name.eq_ignore_ascii_case("content-length") {
                let length = value
                    .trim()
                    .parse()
                    .map_err(|_| Failure::wrong("malformed content-length"))?;
                framing = Some(Framing::Length(length));
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                framing = Some(Framing::Chunked);
            }
        }
        Ok((
            status,
            framing.ok_or_else(|| Failure::wrong("an answer without a length"))?,
        ))
    }

    fn chunks(&mut self, body: &mut impl FnMut(Bytes) -> Result<(), Failure>) -> Result<(), Failure> {
        loop {
            let line = self.line()?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let bytes =
                usize::from_str_radix(digits, 16).map_err(|_| Failure::wrong("malformed chunk size"))?;
            self.pass(bytes, body)?;
            if !self.line()?.is_empty() {
                return Err(Failure::wrong("a chunk is longer than it says, or trailers came"));
            }
            if bytes == 0 {
                return Ok(());
            }
        }
    }

    /// Hands on the next `bytes` as they arrive.
    fn pass(
        &mut self,
        bytes: usize,
        body: &mut impl FnMut(Bytes) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut left = bytes;
        while left > 0 {
            if self.buffer.is_empty() {
                self.fill()?;
            }
            let piece = self.buffer.split_to(left.min(self.buffer.len())).freeze();
            left -= piece.len();
            body(piece)?;
        }
        Ok(())
    }

    /// The next line, without its end.
    fn line(&mut self) -> Result<String, Failure> {
        let mut searched = 0;
        loop {
            if let Some(at) = self.buffer.iter().skip(searched).position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(searched + at);
                self.buffer.advance(1);
                let text = str::from_utf8(&line).map_err(|_| Failure::wrong("a line that is not text"))?;
                return Ok(text.trim_end_matches('\r').to_owned());
            }
            searched = self.buffer.len();
            if searched > LINE_BYTES_MAX {
                return Err(Failure::wrong("a line without end"));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), Failure> {
        let kept = self.buffer.len();
        self.buffer.resize(kept + READ_BYTES, 0);
        let free = self.buffer.get_mut(kept..).unwrap_or_default();
        let outcome = self.stream.read(free);
        self.buffer.truncate(kept + *outcome.as_ref().unwrap_or(&0));
        match outcome.during("reading an answer")? {
            0 => Err(Failure::wrong("the connection closed inside an answer")),
            _ => Ok(()),
        }
    }
}
