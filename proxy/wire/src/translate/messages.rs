//! Anthropic's Messages (docs.anthropic.com/en/api/messages), for models of other makers. Claude speaks them itself: see [`native`].

mod turns;
mod answer;
mod native;
mod count;
mod events;

pub(super) use answer::answer;
pub(super) use count::{answer as counted, request as count};
pub(super) use events::Events;
pub(super) use native::{Passing, request as native};

use super::converse::{Block, Request, Role};
use super::family::{Effort, Spoken};
use super::fields::{
    flag, flag_of, fraction, list, mark_of, member, members, only, text, text_of, unknown, whole,
};
use super::tools::{Choice, Fields, Form, Wanted};
use super::voice::{Speech, Voice};
use super::{Names, Translated, Untranslatable, Way};
use crate::json::{Document, Kind, Value};
use serde_json::json;

const FIELDS: Fields = Fields {
    one_at_a_time: "tool_choice.disable_parallel_tool_use",
    form: "output_config.format",
};

/// What is read of a request, one member after the other.
struct Asked<'a> {
    model: Spoken<'a>,
    request: Request<'a>,
    names: Names,
    wanted: Wanted<'a>,
    is_streaming: bool,
    effort: Option<Effort>,
    top_k: Option<u64>,
    left_out: Vec<&'static str>,
}

/// Says a request in the words of Converse.
pub(super) fn request(
    body: &Document,
    model: Spoken<'_>,
    betas: &[&str],
) -> Result<Translated, Untranslatable> {
    read(body, model, betas)?.finish(body)
}

/// All members but the messages.
fn read<'a>(body: &'a Document, model: Spoken<'a>, betas: &[&str]) -> Result<Asked<'a>, Untranslatable> {
    let mut asked = Asked {
        model,
        request: Request::default(),
        names: Names::default(),
        wanted: Wanted::default(),
        is_streaming: false,
        effort: None,
        top_k: None,
        // What they ask for is Claude's own.
        left_out: betas.first().map(|_| "anthropic-beta").into_iter().collect(),
    };
    for (name, value) in members("", body.root())? {
        asked.field(&name, value)?;
    }
    Ok(asked)
}

impl<'a> Asked<'a> {
    /// One member of the request. Messages come last, for tools give names to what they hold.
    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), Untranslatable> {
        let settings = &mut self.request.inference_config;
        match name {
            "model" | "messages" | "system" | "cache_control" | "anthropic_version" => {}
            "max_tokens" => settings.max_tokens = Some(whole(name, value)?),
            "temperature" => settings.temperature = Some(fraction(name, value)?),
            "top_p" => settings.top_p = Some(fraction(name, value)?),
            "top_k" => self.top_k = Some(whole(name, value)?),
            "stop_sequences" => {
                let all = list(name, value)?.map(|one| text(name, one));
                settings.stop_sequences = all.collect::<Result<_, _>>()?;
            }
            "stream" => self.is_streaming = flag(name, value)?,
            "tools" => self.tools(value)?,
            "tool_choice" => self.choice(value)?,
            "thinking" => self.effort = self.effort.or(thinking(value)?),
            "output_config" => self.output(value)?,
            "metadata" => self.left_out.push("metadata"),
            "service_tier" => self.left_out.push("service_tier"),
            _ => return Err(unknown("", name)),
        }
        Ok(())
    }

    fn tools(&mut self, tools: Value<'a>) -> Result<(), Untranslatable> {
        // What only Anthropic's own servers make something of.
        const ADVICE: [&str; 5] = [
            "defer_loading",
            "input_examples",
            "eager_input_streaming",
            "allowed_callers",
            "strict",
        ];
        for (number, tool) in list("tools", tools)?.enumerate() {
            let at = format!("tools[{number}]");
            for (name, _) in members(&at, tool)? {
                match name.as_str() {
                    "type" | "name" | "description" | "input_schema" | "cache_control" => {}
                    other => {
                        let known = ADVICE.into_iter().find(|advice| *advice == other);
                        let known = known.ok_or_else(|| unknown(&at, other))?;
                        if !self.left_out.contains(&known) {
                            self.left_out.push(known);
                        }
                    }
                }
            }
            if tool
                .get("type")
                .and_then(|kind| kind.as_str())
                .is_some_and(|kind| kind != "custom")
            {
                return Err(Untranslatable::of(
                    format!("{at}.type"),
                    "is custom for this model: other tools are Claude's own",
                ));
            }
            let name = text(&format!("{at}.name"), member(&at, tool, "name")?)?;
            let mark = mark_of(&at, tool)?;
            let schema = (&*format!("{at}.input_schema"), tool.get("input_schema"));
            let description = text_of(&at, tool, "description")?;
            self.wanted
                .tool(self.names.taken(name), description, schema, mark)?;
        }
        Ok(())
    }

    fn choice(&mut self, value: Value<'a>) -> Result<(), Untranslatable> {
        const AT: &str = "tool_choice";
        self.wanted.choice = match text("tool_choice.type", member(AT, value, "type")?)?.as_ref() {
            "auto" => Choice::Auto,
            "any" => Choice::Any,
            "none" => Choice::None,
            "tool" => {
                let name = text("tool_choice.name", member(AT, value, "name")?)?;
                Choice::Named(self.names.taken(name).into_owned())
            }
            _ => {
                return Err(Untranslatable::of(
                    "tool_choice.type",
                    "is one of auto, any, tool and none",
                ));
            }
        };
        self.wanted.one_at_a_time = flag_of(AT, value, "disable_parallel_tool_use")?;
        Ok(())
    }

    fn output(&mut self, value: Value<'a>) -> Result<(), Untranslatable> {
        for (name, value) in members("output_config", value)? {
            match name.as_str() {
                "effort" => {
                    let effort = Effort::of(&text("output_config.effort", value)?);
                    let why = "is one of low, medium, high, xhigh and max";
                    self.effort =
                        Some(effort.ok_or_else(|| Untranslatable::of("output_config.effort", why))?);
                }
                "format" => {
                    self.wanted.form = Some(Form {
                        name: "answer".into(),
                        schema: member("output_config.format", value, "schema")?,
                    });
                }
                _ => return Err(unknown("output_config", &name)),
            }
        }
        Ok(())
    }

    fn system(&mut self, system: Value<'a>) -> Result<(), Untranslatable> {
        if system.kind() == Kind::String {
            self.request.system.extend(Block::text(text("system", system)?));
            return Ok(());
        }
        for (number, part) in list("system", system)?.enumerate() {
            let at = format!("system[{number}]");
            self.request.system.extend(Block::text(text(
                &format!("{at}.text"),
                member(&at, part, "text")?,
            )?));
            only(&at, part, &["type", "text", "cache_control", "citations"])?;
            self.request
                .system
                .extend(mark_of(&at, part)?.map(Block::CachePoint));
        }
        Ok(())
    }

    fn finish(mut self, body: &'a Document) -> Result<Translated, Untranslatable> {
        if self
            .request
            .inference_config
            .max_tokens
            .is_none_or(|count| count == 0)
        {
            return Err(Untranslatable::of(
                "max_tokens",
                "is 1 or more, and has to be there",
            ));
        }
        let is_json_tool = self.say(body)?;
        // Serializing to memory fails for maps with keys that are no strings, of which there are none.
        let body = serde_json::to_vec(&self.request).unwrap_or_default();
        Ok(Translated {
            way: Way::Converse,
            body,
            is_streaming: self.is_streaming,
            left_out: self.left_out,
            voice: Voice::new(Speech::Messages { is_json_tool }, self.names),
        })
    }

    /// Makes the request whole. Tells whether the answer comes as a call of a tool.
    fn say(&mut self, body: &'a Document) -> Result<bool, Untranslatable> {
        let root = body.root();
        if let Some(system) = root.get("system").filter(|system| !system.is_null()) {
            self.system(system)?;
        }
        let said = root
            .get("messages")
            .ok_or_else(|| Untranslatable::of("messages", "is missing"))?;
        turns::say(
            &mut self.request,
            said,
            self.model,
            &mut self.names,
            &mut self.left_out,
        )?;
        self.request.check_turns()?;
        let mark = mark_of("", root)?.map(Block::CachePoint);
        self.request.say(Role::User, mark.into_iter().collect());
        let is_json_tool = std::mem::take(&mut self.wanted).apply(&mut self.request, self.model, &FIELDS)?;
        self.fields_of_its_own(is_json_tool)?;
        Ok(is_json_tool)
    }

    fn fields_of_its_own(&mut self, is_json_tool: bool) -> Result<(), Untranslatable> {
        if let Some(effort) = self.effort {
            let left_out = self.request.think(effort, self.model, is_json_tool, "thinking")?;
            self.left_out.extend(left_out);
        }
        self.left_out.extend(self.request.one_sampling(self.model));
        if let Some(count) = self.top_k {
            let own = self.model.top_k(count);
            let why = "cannot be carried over to this model";
            let (name, value) = own.ok_or_else(|| Untranslatable::of("top_k", why))?;
            self.request
                .additional_model_request_fields
                .insert(name.to_owned(), value);
        }
        Ok(())
    }
}

/// How hard to think, by the tokens that it may take.
fn thinking(value: Value<'_>) -> Result<Option<Effort>, Untranslatable> {
    let budget = value.get("budget_tokens").and_then(|budget| budget.as_u64());
    match text("thinking.type", member("thinking", value, "type")?)?.as_ref() {
        "disabled" => Ok(None),
        "adaptive" => Ok(Some(Effort::Medium)),
        "enabled" => Ok(Some(match budget.unwrap_or(0) {
            0..=2_048 => Effort::Low,
            2_049..=8_192 => Effort::Medium,
            _ => Effort::High,
        })),
        _ => Err(Untranslatable::of(
            "thinking.type",
            "is one of enabled, adaptive and disabled",
        )),
    }
}

/// Tokens, as Anthropic counts them: those of the cache apart.
fn usage(usage: &super::heard::Usage) -> serde_json::Value {
    json!({
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
        "cache_creation_input_tokens": usage.cache_write_input_tokens,
    })
}
