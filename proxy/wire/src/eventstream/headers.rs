//! The headers of a frame.

use super::{Error, HEADER_VALUE_BYTES_MAX, HEADERS_MAX};

/// A header value. The type bytes are those of the Smithy event-stream specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderValue<'a> {
    /// Types 0 (true) and 1 (false).
    Bool(bool),
    /// Type 2.
    Byte(i8),
    /// Type 3.
    Short(i16),
    /// Type 4.
    Integer(i32),
    /// Type 5.
    Long(i64),
    /// Type 6, at most 32,767 bytes.
    Bytes(&'a [u8]),
    /// Type 7, UTF-8, at most 32,767 bytes.
    String(&'a str),
    /// Type 8: milliseconds since 1970-01-01 UTC.
    TimestampMs(i64),
    /// Type 9.
    Uuid([u8; 16]),
}

const TYPE_BYTES: u8 = 6;
const TYPE_STRING: u8 = 7;

/// Reads headers one by one; after an error it ends.
pub(super) struct HeaderReader<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for HeaderReader<'a> {
    type Item = Result<(&'a str, HeaderValue<'a>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let header = read_header(&mut self.0).ok_or(Error::Header);
        if header.is_err() {
            self.0 = &[];
        }
        Some(header)
    }
}

fn read_header<'a>(rest: &mut &'a [u8]) -> Option<(&'a str, HeaderValue<'a>)> {
    let name_bytes = usize::from(*rest.split_off_first()?);
    let name = str::from_utf8(rest.split_off(..name_bytes)?).ok()?;
    if name.is_empty() {
        return None;
    }
    let value = match *rest.split_off_first()? {
        0 => HeaderValue::Bool(true),
        1 => HeaderValue::Bool(false),
        2 => HeaderValue::Byte(i8::from_be_bytes(read_array(rest)?)),
        3 => HeaderValue::Short(i16::from_be_bytes(read_array(rest)?)),
        4 => HeaderValue::Integer(i32::from_be_bytes(read_array(rest)?)),
        5 => HeaderValue::Long(i64::from_be_bytes(read_array(rest)?)),
        TYPE_BYTES => HeaderValue::Bytes(read_value(rest)?),
        TYPE_STRING => HeaderValue::String(str::from_utf8(read_value(rest)?).ok()?),
        8 => HeaderValue::TimestampMs(i64::from_be_bytes(read_array(rest)?)),
        9 => HeaderValue::Uuid(read_array(rest)?),
        _ => return None,
    };
    Some((name, value))
}

/// Appends a header to a block of them.
pub(crate) fn write_header(name: &str, value: HeaderValue<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    out.push(u8::try_from(name.len()).map_err(|_| Error::Header)?);
    out.extend_from_slice(name.as_bytes());
    match value {
        HeaderValue::Bool(true) => out.push(0),
        HeaderValue::Bool(false) => out.push(1),
        HeaderValue::Byte(value) => write_value(2, &value.to_be_bytes(), out),
        HeaderValue::Short(value) => write_value(3, &value.to_be_bytes(), out),
        HeaderValue::Integer(value) => write_value(4, &value.to_be_bytes(), out),
        HeaderValue::Long(value) => write_value(5, &value.to_be_bytes(), out),
        HeaderValue::Bytes(value) => return write_long(TYPE_BYTES, value, out),
        HeaderValue::String(value) => return write_long(TYPE_STRING, value.as_bytes(), out),
        HeaderValue::TimestampMs(value) => write_value(8, &value.to_be_bytes(), out),
        HeaderValue::Uuid(value) => write_value(9, &value, out),
    }
    Ok(())
}

fn write_value(kind: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(value);
}

fn write_long(kind: u8, value: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    let bytes = u16::try_from(value.len()).map_err(|_| Error::Header)?;
    write_value(kind, &bytes.to_be_bytes(), out);
    out.extend_from_slice(value);
    Ok(())
}

fn read_array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    rest.split_off(..N)?.try_into().ok()
}

fn read_value<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let value_bytes = usize::from(u16::from_be_bytes(read_array(rest)?));
    if value_bytes > HEADER_VALUE_BYTES_MAX {
        return None;
    }
    rest.split_off(..value_bytes)
}

pub(super) fn check_headers(raw: &[u8]) -> Result<(), Error> {
    for (index, header) in HeaderReader(raw).enumerate() {
        let (name, _) = header?;
        if index >= HEADERS_MAX {
            return Err(Error::TooManyHeaders);
        }
        let mut before = HeaderReader(raw).take(index);
        if before.any(|earlier| earlier.is_ok_and(|(other, _)| other == name)) {
            return Err(Error::DuplicateHeader);
        }
    }
    Ok(())
}
