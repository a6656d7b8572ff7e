//! Events of InvokeModel, wrapped in base64.

use super::{CHUNK, Error};
use crate::eventstream::Frame;
use crate::json::{Document, Edit, Extent, splice};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use bytes::Bytes;
use std::borrow::Cow;

/// A frame of InvokeModel, `{"bytes": base64 of the model's event, …}`, and the event in it.
pub(super) fn unwrapped(frame: &Frame) -> Result<(Document, Bytes), Error> {
    let outer = Document::parse(frame.payload()).map_err(|_| Error::Unit)?;
    let wrapped = outer.root().get("bytes").and_then(|bytes| bytes.as_str());
    let event = STANDARD.decode(wrapped.ok_or(Error::Unit)?.as_bytes());
    let event = event.map_err(|_| Error::Unit)?;
    Ok((outer, Bytes::from(event)))
}

/// The event in a frame of InvokeModel; none if it is no such frame.
pub(crate) fn chunk(frame: &Frame) -> Option<Bytes> {
    let is_chunk = (frame.message_type(), frame.event_type()) == (Some("event"), Some(CHUNK));
    unwrapped(frame).ok().filter(|_| is_chunk).map(|(_, event)| event)
}

/// The payload of such a frame with another event in it.
pub(super) fn rewrapped(outer: &Document, event: &[u8]) -> Result<Vec<u8>, Error> {
    let span = outer.root().get("bytes").ok_or(Error::Unit)?.span();
    let edit = Edit {
        span,
        extent: Extent::Literal,
        text: Cow::Owned(STANDARD.encode(event)),
    };
    splice(outer.bytes(), &[edit]).map_err(|_| Error::Unit)
}
