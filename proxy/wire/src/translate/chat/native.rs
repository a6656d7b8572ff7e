//! A chat with an endpoint whose container speaks chat completions itself: the body goes as it is, but for the name of the model, which is the endpoint's here, and
//! the answer comes as it is. Streams come in parts that are cut anywhere, as server-sent events or as lines of JSON (djl.ai, "LMI", `output_formatter`).

use super::stream::headed;
use crate::eventstream::Frame;
use crate::json::Document;
use crate::translate::fields::is_streamed;
use crate::translate::voice::{Heading, Manner, Unspeakable, Voice};
use crate::translate::{Names, Translated, Untranslatable, Way, sse};
use bytes::BytesMut;
use serde::Deserialize;
use serde_json::json;

/// Longest line of a stream, in bytes. Source: AWS API reference, `InvokeEndpointWithResponseStream`: parts are 8 KB; a line is an event of one token.
const LINE_BYTES_MAX: usize = 6 * 1024 * 1024;

/// Takes a request as it is.
pub(in crate::translate) fn request(body: &Document) -> Result<Translated, Untranslatable> {
    let is_streaming = is_streamed(body)?;
    let root = body.root();
    let mut out = Vec::with_capacity(body.bytes().len());
    for (name, value) in root.members().filter(|(name, _)| *name.name() != *b"model") {
        out.push(if out.is_empty() { b'{' } else { b',' });
        out.extend_from_slice(name.raw());
        out.push(b':');
        out.extend_from_slice(value.raw());
    }
    if out.is_empty() {
        return Err(Untranslatable::of("messages", "is missing"));
    }
    out.push(b'}');
    Ok(Translated {
        way: Way::InvokeEndpoint,
        body: out,
        is_streaming,
        left_out: Vec::new(),
        voice: Voice::new(Manner::NativeChat, Names::default()),
    })
}

/// Passes a stream, line by line.
#[derive(Debug, Default)]
pub(in crate::translate) struct Lines {
    /// The line that has not ended.
    line: Vec<u8>,
    has_finished: bool,
    is_done: bool,
}

/// Of a chunk, what tells that nothing comes behind it.
#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
}

#[derive(Deserialize)]
struct Choice {
    finish_reason: Option<String>,
}

impl Lines {
    pub(in crate::translate) fn part(
        &mut self,
        frame: &Frame,
        out: &mut BytesMut,
    ) -> Result<(), Unspeakable> {
        let mut rest = frame.payload_bytes();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, behind) = rest.split_at(end);
            self.line.extend_from_slice(line);
            self.end(out)?;
            rest = behind.get(1..).unwrap_or_default();
        }
        self.line.extend_from_slice(rest);
        match self.line.len() > LINE_BYTES_MAX {
            true => Err(Unspeakable),
            false => Ok(()),
        }
    }

    /// Ends it for a filter, as OpenAI does.
    pub(in crate::translate) fn withhold(&mut self, heading: &Heading, out: &mut BytesMut) {
        self.line.clear();
        self.has_finished = true;
        let stop = json!([{ "index": 0, "delta": {}, "finish_reason": "content_filter", "logprobs": null }]);
        sse::data(headed(heading, &stop).to_string().as_bytes(), out);
    }

    /// A line has ended: an event, or nothing.
    fn end(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        let line = std::mem::take(&mut self.line);
        let line = line.trim_ascii();
        let said = line.strip_prefix(b"data:").unwrap_or(line).trim_ascii();
        match said {
            b"[DONE]" => self.is_done = true,
            [b'{', ..] => {
                let chunk: Chunk = serde_json::from_slice(said).map_err(|_| Unspeakable)?;
                self.has_finished |= chunk
                    .choices
                    .iter()
                    .flatten()
                    .any(|choice| choice.finish_reason.is_some());
                sse::data(said, out);
            }
            // Names of events, remarks, and the empty line behind each.
            _ => {}
        }
        Ok(())
    }

    /// Says that it is over: as clients wait for it, whether or not the container does.
    pub(in crate::translate) fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unspeakable> {
        self.end(out)?;
        if !self.is_done && !self.has_finished {
            return Err(Unspeakable);
        }
        sse::data(b"[DONE]", out);
        Ok(())
    }
}
