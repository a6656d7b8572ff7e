//! OpenAI's chat completions (platform.openai.com/docs/api-reference/chat/create).

mod messages;
mod wanted;
mod answer;
mod stream;
mod native;

pub(super) use answer::answer;
pub(super) use native::{Lines, request as native};
pub(super) use stream::Chunks;

use super::converse::Request;
use super::family::{Effort, Spoken};
use super::fields::{flag, flag_of, fraction, list, members, text, unknown, whole};
use super::tools::Wanted;
use super::voice::{Speech, Voice};
use super::{Names, Translated, Untranslatable, Way};
use crate::json::{Document, Kind, Value};
use serde_json::{Map, json};
use std::borrow::Cow;

/// Pairs of `metadata` that Converse takes, and the longest key and value (API reference, `requestMetadata`).
const METADATA_PAIRS_MAX: usize = 16;
const METADATA_BYTES_MAX: usize = 256;

/// What is read of a request, one member after the other.
struct Asked<'a> {
    model: Spoken<'a>,
    request: Request<'a>,
    names: Names,
    wanted: Wanted<'a>,
    is_streaming: bool,
    includes_usage: bool,
    effort: Option<Effort>,
    top_k: Option<u64>,
    left_out: Vec<&'static str>,
}

/// Says a request in the words of Converse.
pub(super) fn request(body: &Document, model: Spoken<'_>) -> Result<Translated, Untranslatable> {
    let mut asked = Asked {
        model,
        request: Request::default(),
        names: Names::default(),
        wanted: Wanted::default(),
        is_streaming: false,
        includes_usage: false,
        effort: None,
        top_k: None,
        left_out: Vec::new(),
    };
    for (name, value) in members("", body.root())? {
        asked.field(&name, value)?;
    }
    asked.finish(body)
}

impl<'a> Asked<'a> {
    /// One member of the request. Messages come last, for tools give names to what they hold.
    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), Untranslatable> {
        let settings = &mut self.request.inference_config;
        match name {
            "model" | "messages" => {}
            "tools" => wanted::tools(&mut self.wanted, value, &mut self.names, &mut self.left_out)?,
            "tool_choice" => self.wanted.choice = wanted::choice(value, &mut self.names)?,
            "parallel_tool_calls" => self.wanted.one_at_a_time = !flag(name, value)?,
            "response_format" => self.wanted.form = wanted::form(value)?,
            "stream" => self.is_streaming = flag(name, value)?,
            "stream_options" => {
                self.includes_usage = flag_of(name, value, "include_usage")?;
            }
            "max_completion_tokens" => settings.max_tokens = Some(tokens(name, value)?),
            "max_tokens" => settings.max_tokens = settings.max_tokens.or(Some(tokens(name, value)?)),
            "temperature" => settings.temperature = Some(fraction(name, value)?),
            "top_p" => settings.top_p = Some(fraction(name, value)?),
            "top_k" => self.top_k = Some(whole(name, value)?),
            "stop" => settings.stop_sequences = stops(value)?,
            "reasoning_effort" => self.effort = Some(effort(name, value)?),
            "metadata" => self.metadata(value),
            "service_tier" => self.request.service_tier = tier(value)?,
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
            self.left_out.push(known);
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
            Some(pairs) => self.request.request_metadata = pairs,
            None => self.left_out.push("metadata"),
        }
    }

    fn finish(mut self, body: &'a Document) -> Result<Translated, Untranslatable> {
        let Some(said) = body.root().get("messages") else {
            return Err(Untranslatable::of("messages", "is missing"));
        };
        messages::say(
            &mut self.request,
            said,
            self.model,
            &mut self.names,
            &mut self.left_out,
        )?;
        self.request.check_turns()?;
        let is_json_tool =
            std::mem::take(&mut self.wanted).apply(&mut self.request, self.model, &wanted::FIELDS)?;
        if let Some(effort) = self.effort {
            let left_out = self
                .request
                .think(effort, self.model, is_json_tool, "reasoning_effort")?;
            self.left_out.extend(left_out);
        }
        if let Some(count) = self.top_k {
            let (name, value) = self
                .model
                .top_k(count)
                .ok_or_else(|| Untranslatable::of("top_k", "cannot be carried over to this model"))?;
            self.request
                .additional_model_request_fields
                .insert(name.to_owned(), value);
        }
        self.left_out.extend(self.request.one_sampling(self.model));
        // Serializing to memory fails for maps with keys that are no strings, of which there are none.
        let body = serde_json::to_vec(&self.request).unwrap_or_default();
        Ok(Translated {
            way: Way::Converse,
            body,
            is_streaming: self.is_streaming,
            left_out: self.left_out,
            voice: Voice::new(
                Speech::Chat {
                    includes_usage: self.includes_usage,
                    is_json_tool,
                },
                self.names,
            ),
        })
    }
}

fn tokens(at: &str, value: Value<'_>) -> Result<u64, Untranslatable> {
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

fn effort(at: &str, value: Value<'_>) -> Result<Effort, Untranslatable> {
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
