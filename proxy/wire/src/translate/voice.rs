//! Answers, said in the words of whoever asked.

use super::names::Names;
use super::{chat, heard};
use crate::eventstream::Decoder;
use crate::fault::Fault;
use crate::protocol::Protocol;
use bytes::{Bytes, BytesMut};

/// An answer that cannot be said in the words of whoever asked: it holds what they have no words for, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer holds what cannot be said in this protocol")]
pub struct Unspeakable;

/// How an answer is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    speech: Speech,
    names: Names,
    heading: Heading,
}

/// What a protocol wants to know beside the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// Chat completions.
    Chat {
        /// Whether a stream ends with the tokens that were used.
        includes_usage: bool,
        /// Whether the answer is what a tool is called with.
        is_json_tool: bool,
    },
}

/// What stands over each answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// The id of the exchange.
    pub id: String,
    /// When it was asked for, in seconds since the Unix epoch.
    pub created: i64,
    /// The model, as the caller named it.
    pub model: String,
}

/// A stream that is said while it comes.
#[derive(Debug)]
pub struct Stream<'v> {
    frames: Decoder,
    chunks: chat::Chunks<'v>,
    request_id: &'v str,
    is_over: bool,
}

impl Voice {
    pub(super) fn new(speech: Speech, names: Names) -> Self {
        Self {
            speech,
            names,
            heading: Heading::default(),
        }
    }

    /// The same under a heading.
    #[must_use]
    pub fn under(self, heading: Heading) -> Self {
        Self { heading, ..self }
    }

    /// Says a whole answer of Converse.
    ///
    /// # Errors
    /// [`Unspeakable`].
    pub fn whole(&self, answer: &[u8]) -> Result<Vec<u8>, Unspeakable> {
        let answer: heard::Answer = serde_json::from_slice(answer).map_err(|_| Unspeakable)?;
        let Speech::Chat { is_json_tool, .. } = self.speech;
        chat::answer(answer, &self.names, &self.heading, is_json_tool)
    }

    /// Begins to say a stream.
    #[must_use]
    pub fn stream(&self) -> Stream<'_> {
        let Speech::Chat {
            includes_usage,
            is_json_tool,
        } = self.speech;
        Stream {
            frames: Decoder::new(),
            chunks: chat::Chunks::new(&self.names, &self.heading, includes_usage, is_json_tool),
            request_id: &self.heading.id,
            is_over: false,
        }
    }

    /// The media type of a whole answer, or of a stream.
    #[must_use]
    pub fn media_type(&self, is_streaming: bool) -> &'static str {
        match is_streaming {
            true => "text/event-stream",
            false => "application/json",
        }
    }
}

impl Stream<'_> {
    /// Says what there is of a stream of Converse.
    ///
    /// # Errors
    /// [`Unspeakable`]; nothing more can be said then.
    pub fn push(&mut self, bytes: Bytes, out: &mut BytesMut) -> Result<(), Unspeakable> {
        self.frames.push(bytes);
        while let Some(frame) = self.frames.next_frame().map_err(|_| Unspeakable)? {
            match heard::event(&frame)? {
                heard::Event::Exception { name, message } => {
                    self.is_over = true;
                    let fault = Fault::of_aws(&name).unwrap_or(Fault::ModelError);
                    let told = fault.exception_frame(Protocol::OpenAi, &message, self.request_id, out);
                    told.map_err(|_| Unspeakable)?;
                }
                event => self.chunks.event(event, out)?,
            }
        }
        Ok(())
    }

    /// Says that it is over.
    ///
    /// # Errors
    /// [`Unspeakable`] when it is not: it ended in the middle.
    pub fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        self.frames.finish().map_err(|_| Unspeakable)?;
        match self.is_over {
            // It has been told why.
            true => Ok(()),
            false => self.chunks.finish(out),
        }
    }
}
