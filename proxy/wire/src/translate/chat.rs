//! OpenAI's chat completions (platform.openai.com/docs/api-reference/chat/create).

mod messages;
mod wanted;
mod answer;
mod stream;
mod native;

pub(super) use answer::answer;
pub(super) use native::{Lines, request as native};
pub(super) use stream::Chunks;

use super::draft::Draft;
use super::family::{Effort, Spoken};
use super::fields::{flag, flag_of, fraction, list, members, text, unknown, whole};
use super::voice::Manner;
use super::{Translated, Untranslatable};
use crate::json::{Document, Kind, Value};
use serde_json::{Map, json};
use std::borrow::Cow;

/// Pairs of `metadata` that Converse takes, and the longest key and value (API reference, `requestMetadata`).
const METADATA_PAIRS_MAX: usize = 16;
const METADATA_BYTES_MAX: usize = 256;

/// What is read of a request, one member after the other.
struct Asked<'a> {
    draft: Draft<'a>,
    includes_usage: bool,
}

/// Says a request in the words of Converse.
pub(super) fn request(body: &Document, model: Spoken<'_>) -> Result<Translated, Untranslatable> {
    let mut asked = Asked {
        draft: Draft::new(model),
        includes_usage: false,
    };
    for (name, value) in members("", body.root())? {
        asked.field(&name, value)?;
    }
    asked.finish(body)
}

impl<'a> Asked<'a> {
    /// One member of the request. Messages come last, for tools give names to what they hold.
    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), Untranslatable> {
        let settings = &mut self.draft.request.inference_config;
        match name {
            "model" | "messages" => {}
            "tools" => wanted::tools(&mut self.draft, value)?,
            "tool_choice" => self.draft.wanted.choice = wanted::choice(value, &mut self.draft.names)?,
            "parallel_tool_calls" => self.draft.wanted.one_at_a_time = !flag(name, value)?,
            "response_format" => self.draft.wanted.form = wanted::form(value)?,
            "stream" => self.draft.is_streaming = flag(name, value)?,
            "stream_options" => {
                self.includes_usage = flag_of(name, value, "include_usage")?;
            }
            "max_completion_tokens" => settings.max_tokens = Some(tokens(name, value)?),
            "max_tokens" => settings.max_tokens = settings.max_tokens.or(Some(tokens(name, value)?)),
            "temperature" => settings.temperature = Some(fraction(name, value)?),
            "top_p" => settings.top_p = Some(fraction(name, value)?),
            "top_k" => self.draft.top_k = Some(whole(name, value)?),
            "stop" => settings.stop_sequences = stops(value)?,
            "reasoning_effort" => self.draft.effort = Some(effort(name, value)?),
            "metadata" => self.metadata(value),
            "service_tier" => self.draft.request.service_tier = tier(value)?,
            _ => self.advice(name, value)?,
        }
        Ok(())
    }

    /// What OpenAI calls a hint, or asks for nothing as it is.
    fn advice(&mut self, name: &str, value: Value<'_>) -> Result<(), Untranslatable> {
        const ADVICE: [&str; 7] = [
            "prompt_cache_key",
            "prompt_cache_retention",
            "safety_identifier",
            "seed",
            "user",
            "verbosity",
            "prompt_cache_options",
        ];
        const ASKS_FOR_NOTHING: [(&str, &[u8]); 11] = [
            ("n", b"1"),
            ("store", b"false"),
            ("logprobs", b"false"),
            ("top_logprobs", b"0"),
            ("logit_bias", b"{}"),
            ("frequency_penalty", b"0"),
            ("frequency_penalty", b"0.0"),
            ("presence_penalty", b"0"),
            ("presence_penalty", b"0.0"),
            ("modalities", br#"["text"]"#),
            ("functions", b"[]"),
        ];
        if let Some(known) = ADVICE.into_iter().find(|advice| *advice == name) {
            self.draft.leave_out(known);
            return Ok(());
        }
        match ASKS_FOR_NOTHING.contains(&(name, value.raw())) {
            true => Ok(()),
            false => Err(unknown("", name)),
        }
    }

    /// Pairs that AWS keeps with its log of calls. OpenAI's may be what Converse does not take.
    fn metadata(&mut self, value: Value<'_>) {
        let plain = |text: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" :_@$#=/+,-.".contains(&byte);
            text.len() <= METADATA_BYTES_MAX && text.bytes().all(plain)
        };
        let pairs: Option<Map<_, _>> = value
            .members()
            .map(|(key, value)| {
                let (key, value) = (key.as_str()?, value.as_str()?);
                let fits = !key.is_empty() && plain(&key) && plain(&value);
                fits.then(|| (key.into_owned(), json!(value)))
            })
            .collect();
        match pairs.filter(|pairs| pairs.len() <= METADATA_PAIRS_MAX) {
            Some(pairs) => self.draft.request.request_metadata = pairs,
            None => self.draft.leave_out("metadata"),
        }
    }

    fn finish(mut self, body: &'a Document) -> Result<Translated, Untranslatable> {
        let Some(said) = body.root().get("messages") else {
            return Err(Untranslatable::of("messages", "is missing"));
        };
        messages::say(&mut self.draft, said)?;
        self.draft.request.check_turns()?;
        let is_json_tool = self.draft.settle(&wanted::FIELDS)?;
        Ok(self.draft.finish(Manner::Chat {
            includes_usage: self.includes_usage,
            is_json_tool,
        }))
    }
}

/// A number of tokens that leaves room for one.
pub(super) fn tokens(at: &str, value: Value<'_>) -> Result<u64, Untranslatable> {
    let count = whole(at, value)?;
    match count {
        0 => Err(Untranslatable::of(at, "is 1 or more")),
        count => Ok(count),
    }
}

/// One sequence or several. Empty ones would stop nothing.
fn stops<'a>(value: Value<'a>) -> Result<Vec<Cow<'a, str>>, Untranslatable> {
    let mut all = match value.kind() {
        Kind::String => vec![text("stop", value)?],
        _ => list("stop", value)?
            .map(|one| text("stop", one))
            .collect::<Result<_, _>>()?,
    };
    all.retain(|one| !one.is_empty());
    Ok(all)
}

/// How hard to think, in OpenAI's words.
pub(super) fn effort(at: &str, value: Value<'_>) -> Result<Effort, Untranslatable> {
    Effort::of(&text(at, value)?)
        .ok_or_else(|| Untranslatable::of(at, "is one of none, minimal, low, medium, high, xhigh and max"))
}

fn tier(value: Value<'_>) -> Result<Option<serde_json::Value>, Untranslatable> {
    match text("service_tier", value)?.as_ref() {
        "auto" | "default" => Ok(None),
        tier @ ("flex" | "priority") => Ok(Some(json!({ "type": tier }))),
        _ => Err(Untranslatable::of(
            "service_tier",
            "is one of auto, default, flex and priority",
        )),
    }
}
