//! Anthropic's Messages (docs.anthropic.com/en/api/messages), for models of other makers. Claude speaks them itself: see [`native`].

mod turns;
mod answer;
mod native;
mod count;
mod events;

pub(super) use answer::answer;
pub(super) use count::{answer as counted, request as count};
pub(super) use events::Events;
pub(crate) use native::refused;
pub(super) use native::{Passing, request as native};

use super::converse::{Block, Role};
use super::draft::Draft;
use super::family::{Effort, Spoken};
use super::fields::{
    flag, flag_of, fraction, given, list, mark_of, member, members, only, text, text_of, unknown, whole,
};
use super::tools::{Choice, Fields, Form};
use super::voice::Manner;
use super::{Translated, Untranslatable};
use crate::json::{Document, Kind, Value};
use serde_json::json;

const FIELDS: Fields = Fields {
    one_at_a_time: "tool_choice.disable_parallel_tool_use",
    form: "output_config.format",
    effort: "thinking",
};

/// Says a request in the words of Converse.
pub(super) fn request(
    body: &Document,
    model: Spoken<'_>,
    betas: &[&str],
) -> Result<Translated, Untranslatable> {
    let mut asked = read(body, model, betas)?;
    let count = asked.draft.request.inference_config.max_tokens;
    if count.is_none_or(|count| count == 0) {
        return Err(Untranslatable::of(
            "max_tokens",
            "is 1 or more, and has to be there",
        ));
    }
    let is_json_tool = asked.say(body)?;
    Ok(asked.draft.finish(Manner::Messages { is_json_tool }))
}

/// What is read of a request, one member after the other.
struct Asked<'a> {
    draft: Draft<'a>,
}

/// All members but the messages.
fn read<'a>(body: &'a Document, model: Spoken<'a>, betas: &[&str]) -> Result<Asked<'a>, Untranslatable> {
    let mut draft = Draft::new(model);
    if !betas.is_empty() {
        // What they ask for is Claude's own.
        draft.leave_out("anthropic-beta");
    }
    let mut asked = Asked { draft };
    for (name, value) in members("", body.root())? {
        asked.field(&name, value)?;
    }
    Ok(asked)
}

impl<'a> Asked<'a> {
    /// One member of the request. Messages come last, for tools give names to what they hold.
    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), Untranslatable> {
        let settings = &mut self.draft.request.inference_config;
        match name {
            "model" | "messages" | "system" | "cache_control" | "anthropic_version" => {}
            "max_tokens" => settings.max_tokens = Some(whole(name, value)?),
            "temperature" => settings.temperature = Some(fraction(name, value)?),
            "top_p" => settings.top_p = Some(fraction(name, value)?),
            "top_k" => self.draft.top_k = Some(whole(name, value)?),
            "stop_sequences" => {
                let all = list(name, value)?.map(|one| text(name, one));
                settings.stop_sequences = all.collect::<Result<_, _>>()?;
            }
            "stream" => self.draft.is_streaming = flag(name, value)?,
            "tools" => self.tools(value)?,
            "tool_choice" => self.choice(value)?,
            "thinking" => self.draft.effort = self.draft.effort.or(thinking(value)?),
            "output_config" => self.output(value)?,
            "metadata" => self.draft.leave_out("metadata"),
            "service_tier" => self.draft.leave_out("service_tier"),
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
                        self.draft.leave_out(known);
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
            self.draft
                .wanted
                .tool(self.draft.names.taken(name), description, schema, mark)?;
        }
        Ok(())
    }

    fn choice(&mut self, value: Value<'a>) -> Result<(), Untranslatable> {
        const AT: &str = "tool_choice";
        self.draft.wanted.choice = match text("tool_choice.type", member(AT, value, "type")?)?.as_ref() {
            "auto" => Choice::Auto,
            "any" => Choice::Any,
            "none" => Choice::None,
            "tool" => {
                let name = text("tool_choice.name", member(AT, value, "name")?)?;
                Choice::Named(self.draft.names.taken(name).into_owned())
            }
            _ => {
                return Err(Untranslatable::of(
                    "tool_choice.type",
                    "is one of auto, any, tool and none",
                ));
            }
        };
        self.draft.wanted.one_at_a_time = flag_of(AT, value, "disable_parallel_tool_use")?;
        Ok(())
    }

    fn output(&mut self, value: Value<'a>) -> Result<(), Untranslatable> {
        for (name, value) in members("output_config", value)? {
            match name.as_str() {
                "effort" => {
                    let effort = Effort::of(&text("output_config.effort", value)?);
                    let why = "is one of low, medium, high, xhigh and max";
                    self.draft.effort =
                        Some(effort.ok_or_else(|| Untranslatable::of("output_config.effort", why))?);
                }
                "format" => {
                    self.draft.wanted.form = Some(Form {
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
            self.draft
                .request
                .system
                .extend(Block::text(text("system", system)?));
            return Ok(());
        }
        for (number, part) in list("system", system)?.enumerate() {
            let at = format!("system[{number}]");
            self.draft.request.system.extend(Block::text(text(
                &format!("{at}.text"),
                member(&at, part, "text")?,
            )?));
            only(&at, part, &["type", "text", "cache_control", "citations"])?;
            self.draft
                .request
                .system
                .extend(mark_of(&at, part)?.map(Block::CachePoint));
        }
        Ok(())
    }

    /// Makes the request whole. Tells whether the answer comes as a call of a tool.
    fn say(&mut self, body: &'a Document) -> Result<bool, Untranslatable> {
        let root = body.root();
        if let Some(system) = given(root, "system") {
            self.system(system)?;
        }
        let said = root
            .get("messages")
            .ok_or_else(|| Untranslatable::of("messages", "is missing"))?;
        turns::say(&mut self.draft, said)?;
        self.draft.request.check_turns()?;
        let mark = mark_of("", root)?.map(Block::CachePoint);
        self.draft.request.say(Role::User, mark.into_iter().collect());
        self.draft.settle(&FIELDS)
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
