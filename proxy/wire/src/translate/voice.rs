//! Answers, said in the words of whoever asked.

use super::names::Names;
use super::{chat, embeddings, heard, messages, responses};
use crate::eventstream::{Decoder, Frame};
use crate::fault::Fault;
use crate::protocol::Protocol;
use crate::text::Dialect;
use bytes::{Bytes, BytesMut};

/// An answer that cannot be said in the words of whoever asked: it holds what they have no words for, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer holds what cannot be said in this protocol")]
pub struct Unspeakable;

/// How an answer is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    manner: Manner,
    names: Names,
    heading: Heading,
}

/// What a protocol wants to know beside the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Chat completions.
    Chat {
        /// Whether a stream ends with the tokens that were used.
        includes_usage: bool,
        /// Whether the answer is what a tool is called with.
        is_json_tool: bool,
    },
    /// Responses.
    Responses {
        /// Whether thoughts come with what they are proven with.
        includes_thoughts: bool,
        /// Whether the answer is what a tool is called with.
        is_json_tool: bool,
    },
    /// Messages.
    Messages {
        /// The same.
        is_json_tool: bool,
    },
    /// Messages of a model that speaks them itself.
    Native,
    /// Chat completions of a container that speaks them itself.
    NativeChat,
    /// A number of tokens.
    Count,
    /// Embeddings.
    Embeddings {
        /// Whether they come as bytes.
        is_base64: bool,
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
    saying: Saying<'v>,
    heading: &'v Heading,
    is_over: bool,
    /// Something came that cannot be said: what comes behind it would be taken for all there is.
    is_lost: bool,
}

#[derive(Debug)]
enum Saying<'v> {
    Chat(chat::Chunks<'v>),
    NativeChat(chat::Lines),
    Responses(responses::Events<'v>),
    Messages(messages::Events<'v>),
    Native(messages::Passing),
}

impl Voice {
    pub(super) fn new(manner: Manner, names: Names) -> Self {
        Self {
            manner,
            names,
            heading: Heading::default(),
        }
    }

    /// The voice in which a model that speaks a protocol itself answers; none for dialects that are no protocol's.
    #[must_use]
    pub fn of_dialect(dialect: Dialect) -> Option<Self> {
        let manner = match dialect {
            Dialect::Anthropic => Manner::Native,
            Dialect::OpenAiChat => Manner::NativeChat,
            _ => return None,
        };
        Some(Self::new(manner, Names::default()))
    }

    /// The same under a heading.
    #[must_use]
    pub fn under(self, heading: Heading) -> Self {
        Self { heading, ..self }
    }

    /// Says a whole answer. `input_tokens` are those that its headers tell.
    ///
    /// # Errors
    /// [`Unspeakable`].
    pub fn whole(&self, answer: &Bytes, input_tokens: Option<u64>) -> Result<Bytes, Unspeakable> {
        let heard = || serde_json::from_slice::<heard::Answer>(answer).map_err(|_| Unspeakable);
        let said = match self.manner {
            Manner::Chat { is_json_tool, .. } => {
                chat::answer(heard()?, &self.names, &self.heading, is_json_tool)
            }
            Manner::Responses {
                includes_thoughts,
                is_json_tool,
            } => responses::answer(
                heard()?,
                &self.names,
                &self.heading,
                includes_thoughts,
                is_json_tool,
            ),
            Manner::Messages { is_json_tool } => {
                messages::answer(heard()?, &self.names, &self.heading, is_json_tool)
            }
            Manner::Embeddings { is_base64 } => {
                embeddings::answer(answer, &self.heading, is_base64, input_tokens)
            }
            Manner::Count => messages::counted(answer),
            Manner::Native | Manner::NativeChat => return Ok(answer.clone()),
        };
        said.map(Bytes::from)
    }

    /// Says, in the place of a whole answer, that it is withheld; none where the protocol has no words for that. `usage` is that of the answer: tokens
    /// that went in and came out.
    #[must_use]
    pub fn withheld(&self, usage: (u64, u64)) -> Option<Bytes> {
        let answer = heard::Answer::withheld(usage);
        let said = match self.manner {
            Manner::Chat { .. } | Manner::NativeChat => {
                chat::answer(answer, &self.names, &self.heading, false)
            }
            Manner::Responses { .. } => responses::answer(answer, &self.names, &self.heading, false, false),
            Manner::Messages { .. } | Manner::Native => {
                messages::answer(answer, &self.names, &self.heading, false)
            }
            Manner::Count | Manner::Embeddings { .. } => return None,
        };
        said.ok().map(Bytes::from)
    }

    /// Begins to say a stream.
    #[must_use]
    pub fn stream(&self) -> Stream<'_> {
        let (names, heading) = (&self.names, &self.heading);
        Stream {
            frames: Decoder::new(),
            saying: match self.manner {
                Manner::Chat {
                    includes_usage,
                    is_json_tool,
                } => Saying::Chat(chat::Chunks::new(names, heading, includes_usage, is_json_tool)),
                Manner::Responses {
                    includes_thoughts,
                    is_json_tool,
                } => Saying::Responses(responses::Events::new(
                    names,
                    heading,
                    includes_thoughts,
                    is_json_tool,
                )),
                Manner::Messages { is_json_tool } => {
                    Saying::Messages(messages::Events::new(names, heading, is_json_tool))
                }
                Manner::NativeChat => Saying::NativeChat(chat::Lines::default()),
                // The other two are never streamed.
                Manner::Native | Manner::Count | Manner::Embeddings { .. } => {
                    Saying::Native(messages::Passing::default())
                }
            },
            heading,
            is_over: false,
            is_lost: false,
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
    /// Says what there is of a stream.
    ///
    /// # Errors
    /// [`Unspeakable`]; nothing more can be said then.
    pub fn push(&mut self, bytes: Bytes, out: &mut BytesMut) -> Result<(), Unspeakable> {
        if self.is_lost {
            return Err(Unspeakable);
        }
        self.frames.push(bytes);
        let said = self.frames_said(out);
        self.is_lost = said.is_err();
        said
    }

    fn frames_said(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        while let Some(frame) = self.frames.next_frame().map_err(|_| Unspeakable)? {
            match frame.exception_type() {
                Some(name) => self.broken(name, frame.payload_bytes(), out)?,
                None => self.saying.frame(&frame, out)?,
            }
        }
        Ok(())
    }

    /// The provider breaks off, and says why.
    fn broken(&mut self, name: &str, told: &[u8], out: &mut BytesMut) -> Result<(), Unspeakable> {
        let fault = Fault::of_aws(name).unwrap_or(Fault::ModelError);
        self.fail(fault, &Fault::told(told), out)
    }

    /// Ends it with an error.
    ///
    /// # Errors
    /// [`Unspeakable`] when the message is too long to be one.
    pub fn fail(&mut self, fault: Fault, message: &str, out: &mut BytesMut) -> Result<(), Unspeakable> {
        self.is_over = true;
        let protocol = match &mut self.saying {
            Saying::Chat(_) | Saying::NativeChat(_) => Protocol::OpenAi,
            Saying::Responses(events) => {
                events.fail(fault, message, out);
                Protocol::OpenAi
            }
            Saying::Messages(_) | Saying::Native(_) => Protocol::AnthropicMessages,
        };
        let told = fault.exception_frame(protocol, message, &self.heading.id, out);
        told.map_err(|_| Unspeakable)
    }

    /// Ends it, because what comes next is withheld: as the protocol ends an answer that its provider's own filter stops.
    ///
    /// # Errors
    /// [`Unspeakable`] when the protocol cannot say so here.
    pub fn withhold(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        let stop = || heard::Event::MessageStop {
            reason: heard::WITHHELD.to_owned(),
        };
        match &mut self.saying {
            Saying::Chat(chunks) => chunks.event(stop(), out)?,
            Saying::Responses(events) => events.event(stop(), out)?,
            Saying::Messages(events) => events.event(stop(), out)?,
            Saying::NativeChat(lines) => lines.withhold(self.heading, out),
            Saying::Native(passing) => return passing.withhold(out),
        }
        self.close(out)
    }

    /// Says that it is over.
    ///
    /// # Errors
    /// [`Unspeakable`] when it is not: it ended in the middle.
    pub fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        self.frames.finish().map_err(|_| Unspeakable)?;
        if self.is_lost {
            return Err(Unspeakable);
        }
        match self.is_over {
            // It has been told why.
            true => Ok(()),
            false => self.close(out),
        }
    }

    fn close(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        match &mut self.saying {
            Saying::Chat(chunks) => chunks.finish(out),
            Saying::NativeChat(lines) => lines.finish(out),
            Saying::Responses(events) => events.finish(out),
            Saying::Messages(events) => events.finish(out),
            Saying::Native(passing) => passing.finish(),
        }
    }
}

impl Saying<'_> {
    fn frame(&mut self, frame: &Frame, out: &mut BytesMut) -> Result<(), Unspeakable> {
        match self {
            Self::Chat(chunks) => chunks.event(heard::event(frame)?, out),
            Self::NativeChat(lines) => lines.part(frame, out),
            Self::Responses(events) => events.event(heard::event(frame)?, out),
            Self::Messages(events) => events.event(heard::event(frame)?, out),
            Self::Native(passing) => passing.chunk(frame.payload_bytes(), out),
        }
    }
}
