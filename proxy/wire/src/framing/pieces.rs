//! A body of plain text, or of bytes, that parts cut anywhere.

use bytes::{Bytes, BytesMut};

use super::Error;

/// Bytes that are not read yet: of text, at most the start of one character and the newest part.
#[derive(Default)]
pub(super) struct Pieces {
    held: BytesMut,
}

impl Pieces {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// What is there, up to the last whole character.
    ///
    /// # Errors
    /// [`Error::Unit`] for what is not UTF-8.
    pub(super) fn text(&mut self) -> Result<Option<Bytes>, Error> {
        let whole = match std::str::from_utf8(&self.held) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Err(Error::Unit),
        };
        Ok((whole > 0).then(|| self.held.split_to(whole).freeze()))
    }

    /// What is there.
    pub(super) fn bytes(&mut self) -> Option<Bytes> {
        (!self.held.is_empty()).then(|| self.held.split().freeze())
    }

    /// # Errors
    /// [`Error::Truncated`] when the text ends inside a character.
    pub(super) fn finish(&self) -> Result<(), Error> {
        match self.held.is_empty() {
            true => Ok(()),
            false => Err(Error::Truncated),
        }
    }
}
