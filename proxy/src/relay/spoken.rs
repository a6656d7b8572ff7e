//! Answers as they are said to the caller: translated, as they are, or withheld.

use super::cut::Cut;
use crate::clock::unix_ms;
use crate::config::WithheldAnswers;
use crate::refusal::{ProviderFailure, Refusal};
use crate::route::{Route, Speech};
use crate::upstream::Reply;
use bytes::{Bytes, BytesMut};
use palisade_wire::fault::Fault;
use palisade_wire::protocol::Protocol;
use palisade_wire::text::{Dialect, Usage};
use palisade_wire::translate::{Heading, Stream, Unspeakable};
use palisade_wire::withheld;

/// Fields of the request that were advice and are not carried over, for people who wonder.
const LEFT_OUT: &str = "x-palisade-left-out";

/// Pieces of a stream that are kept for the case that it is cut.
const PASSED: usize = 4;

/// An answer as it is written: status, headers, body.
pub(super) type Answer = (u16, Vec<(&'static str, String)>, Bytes);

/// Headers of a translated answer that is one.
pub(super) fn headers(
    speech: &Speech,
    is_streaming: bool,
    protocol: Protocol,
    request_id: &str,
) -> Vec<(&'static str, String)> {
    let left_out = (!speech.left_out.is_empty()).then(|| (LEFT_OUT, speech.left_out.join(", ")));
    let kind = ("content-type", speech.voice.media_type(is_streaming).to_owned());
    let ids = protocol.request_id_headers().iter();
    let ids = ids.map(|&name| (name, request_id.to_owned()));
    [kind].into_iter().chain(ids).chain(left_out).collect()
}

/// Says an error of the provider in the caller's protocol.
pub(super) fn error(reply: &Reply, body: &[u8], protocol: Protocol, request_id: &str) -> Answer {
    let name = reply.header("x-amzn-errortype").unwrap_or_default();
    let fault = Fault::of_aws(name).unwrap_or_else(|| Fault::of_status(reply.status()));
    let told = Fault::told(body);
    let message = if told.is_empty() {
        "the model provider refused the call"
    } else {
        &told
    };
    let rendered = fault.render(protocol, message, request_id);
    let headers = rendered
        .headers
        .into_iter()
        .map(|(name, value)| (name, value.into_owned()));
    (rendered.status, headers.collect(), rendered.body.into())
}

/// What is said in the place of an answer that may not be shown, where the caller's protocol has words for that.
pub(super) fn withheld(route: &Route, usage: &Usage, request_id: &str) -> Option<Bytes> {
    let tokens = |count: Option<u64>| count.unwrap_or(0);
    let usage = (tokens(usage.input_tokens), tokens(usage.output_tokens));
    match route.speech() {
        Some(speech) => speech.voice.withheld(usage),
        None => {
            let heading = Heading {
                id: request_id.to_owned(),
                created: unix_ms() / 1_000,
                model: route.alias().unwrap_or(&route.model().facts().id).to_owned(),
            };
            withheld::whole(route.dialect(), usage, heading)
        }
    }
}

/// A stream on its way to the caller, translated or as it is.
pub(super) struct Saying<'v> {
    stream: Option<Stream<'v>>,
    /// What was said and has not left.
    said: BytesMut,
    dialect: Dialect,
    ending: WithheldAnswers,
    /// The last pieces that left as they are, the oldest first: of one alone, such as a ping, it cannot be told where the stream stands.
    passed: [Bytes; PASSED],
    /// Pieces that left.
    count: u64,
}

impl<'v> Saying<'v> {
    pub(super) fn of(route: &'v Route, ending: WithheldAnswers) -> Self {
        Self {
            stream: route.speech().map(|speech| speech.voice.stream()),
            said: BytesMut::new(),
            dialect: route.dialect(),
            ending,
            passed: Default::default(),
            count: 0,
        }
    }

    pub(super) fn push(&mut self, piece: Bytes) -> Result<Bytes, Unspeakable> {
        let Some(stream) = &mut self.stream else {
            if !piece.is_empty() {
                self.passed.rotate_left(1);
                self.passed[PASSED - 1] = piece.clone();
                self.count += 1;
            }
            return Ok(piece);
        };
        stream.push(piece, &mut self.said)?;
        Ok(self.said.split().freeze())
    }

    /// The last piece, and that it is.
    pub(super) fn last(&mut self, piece: Bytes) -> Result<Bytes, Unspeakable> {
        let Some(stream) = &mut self.stream else {
            return Ok(piece);
        };
        stream.push(piece, &mut self.said)?;
        stream.finish(&mut self.said)?;
        Ok(self.said.split().freeze())
    }

    /// Ends a stream that is cut: as the protocol ends an answer that is withheld, if it is and there are words for that; else with an error.
    pub(super) fn cut(mut self, cut: &Cut, protocol: Protocol, request_id: &str) -> Bytes {
        let is_ended = cut.is_withheld() && self.ending == WithheldAnswers::End;
        let Some(stream) = &mut self.stream else {
            let is_all = self.count <= PASSED as u64;
            let sent = [&self.passed[..], &[cut.before.clone().freeze()]].concat();
            let rest = is_ended
                .then(|| withheld::rest(self.dialect, &sent, is_all))
                .flatten();
            return match rest {
                Some(rest) => [&cut.before[..], &rest].concat().into(),
                None => cut.last_bytes(protocol, request_id),
            };
        };
        // What cannot be said before the cut is not: the stream fails anyway.
        let _ = stream.push(cut.before.clone().freeze(), &mut self.said);
        let is_ended = is_ended && stream.withhold(&mut self.said).is_ok();
        if !is_ended {
            let (fault, message) = cut.fault(request_id);
            // It fails for messages of megabytes only.
            let _ = stream.fail(fault, &message, &mut self.said);
        }
        self.said.freeze()
    }
}

impl From<Unspeakable> for Refusal {
    fn from(_: Unspeakable) -> Self {
        Self::Upstream(ProviderFailure::Malformed)
    }
}
