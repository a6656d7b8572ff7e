//! OpenAI's Responses (platform.openai.com/docs/api-reference/responses/create). Nothing is kept between calls: whoever goes on with a response sends it along.

mod items;
mod output;
mod answer;
mod events;

pub(super) use answer::answer;
pub(super) use events::Events;

use super::chat::{effort, tokens};
use super::converse::Block;
use super::draft::Draft;
use super::family::Spoken;
use super::fields::{flag, flag_of, fraction, given, list, member, members, only, text, text_of, unknown};
use super::tools::{Choice, Fields, Form};
use super::voice::Manner;
use super::{Names, Translated, Untranslatable};
use crate::json::{Document, Value};

const FIELDS: Fields = Fields {
    one_at_a_time: "parallel_tool_calls",
    form: "text.format",
    effort: "reasoning.effort",
};

/// What is read of a request, one member after the other.
struct Asked<'a> {
    draft: Draft<'a>,
    includes_thoughts: bool,
}

/// Says a request in the words of Converse.
pub(super) fn request(body: &Document, model: Spoken<'_>) -> Result<Translated, Untranslatable> {
    let mut asked = Asked {
        draft: Draft::new(model),
        includes_thoughts: false,
    };
    for (name, value) in members("", body.root())? {
        asked.field(&name, value)?;
    }
    asked.finish(body)
}

impl<'a> Asked<'a> {
    /// One member of the request. The input comes last, for tools give names to what it holds.
    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), Untranslatable> {
        let settings = &mut self.draft.request.inference_config;
        match name {
            "model" | "input" => {}
            "instructions" => self.draft.request.system.extend(Block::text(text(name, value)?)),
            "max_output_tokens" => settings.max_tokens = Some(tokens(name, value)?),
            "temperature" => settings.temperature = Some(fraction(name, value)?),
            "top_p" => settings.top_p = Some(fraction(name, value)?),
            "stream" => self.draft.is_streaming = flag(name, value)?,
            "tools" => self.tools(value)?,
            "tool_choice" => self.draft.wanted.choice = choice(value, &mut self.draft.names)?,
            "parallel_tool_calls" => self.draft.wanted.one_at_a_time = !flag(name, value)?,
            "text" => self.form(value)?,
            "reasoning" => self.reasoning(value)?,
            "include" => self.include(value)?,
            _ => self.advice(name, value)?,
        }
        Ok(())
    }

    /// What OpenAI calls a hint, keeps for itself, or asks for nothing as it is.
    fn advice(&mut self, name: &str, value: Value<'_>) -> Result<(), Untranslatable> {
        const ADVICE: [&str; 12] = [
            "max_tool_calls",
            "metadata",
            "prompt_cache_key",
            "prompt_cache_options",
            "prompt_cache_retention",
            "safety_identifier",
            "service_tier",
            "store",
            "stream_options",
            "truncation",
            "user",
            "client_metadata",
        ];
        const ASKS_FOR_NOTHING: [(&str, &[u8]); 3] = [
            ("background", b"false"),
            ("top_logprobs", b"0"),
            ("store", b"false"),
        ];
        if ASKS_FOR_NOTHING.contains(&(name, value.raw())) {
            return Ok(());
        }
        if matches!(name, "previous_response_id" | "conversation") {
            return Err(Untranslatable::of(
                name,
                "names what nobody keeps here: send what was said along in `input`",
            ));
        }
        let known = ADVICE.into_iter().find(|advice| *advice == name);
        self.draft.leave_out(known.ok_or_else(|| unknown("", name))?);
        Ok(())
    }

    fn tools(&mut self, tools: Value<'a>) -> Result<(), Untranslatable> {
        for (number, tool) in list("tools", tools)?.enumerate() {
            let at = format!("tools[{number}]");
            if text(&format!("{at}.type"), member(&at, tool, "type")?)? != "function" {
                return Err(Untranslatable::of(
                    format!("{at}.type"),
                    "is function for models behind Bedrock: other tools run at OpenAI",
                ));
            }
            let name = text(&format!("{at}.name"), member(&at, tool, "name")?)?;
            only(
                &at,
                tool,
                &["type", "name", "description", "parameters", "strict"],
            )?;
            if flag_of(&at, tool, "strict")? {
                self.draft.leave_out("strict");
            }
            let description = text_of(&at, tool, "description")?;
            let schema = (&*format!("{at}.parameters"), tool.get("parameters"));
            self.draft
                .wanted
                .tool(self.draft.names.taken(name), description, schema, None)?;
        }
        Ok(())
    }

    fn form(&mut self, value: Value<'a>) -> Result<(), Untranslatable> {
        for (name, value) in members("text", value)? {
            match name.as_str() {
                "verbosity" => self.draft.leave_out("text.verbosity"),
                "format" => match text("text.format.type", member("text.format", value, "type")?)?.as_ref() {
                    "text" => {}
                    "json_schema" => {
                        let name = value.get("name").and_then(|name| name.as_str());
                        self.draft.wanted.form = Some(Form {
                            name: name.unwrap_or("answer".into()),
                            schema: member("text.format", value, "schema")?,
                        });
                    }
                    _ => {
                        let why = "is text or json_schema for models behind Bedrock: without a schema they have no such mode";
                        return Err(Untranslatable::of("text.format.type", why));
                    }
                },
                _ => return Err(unknown("text", &name)),
            }
        }
        Ok(())
    }

    fn reasoning(&mut self, value: Value<'a>) -> Result<(), Untranslatable> {
        for (name, value) in members("reasoning", value)? {
            match name.as_str() {
                "effort" => {
                    self.draft.effort = Some(effort("reasoning.effort", value)?);
                }
                // Thoughts are told as far as the model tells them.
                "summary" | "generate_summary" => {}
                _ => return Err(unknown("reasoning", &name)),
            }
        }
        Ok(())
    }

    fn include(&mut self, value: Value<'a>) -> Result<(), Untranslatable> {
        for wanted in list("include", value)? {
            match text("include", wanted)?.as_ref() {
                "reasoning.encrypted_content" => self.includes_thoughts = true,
                "message.output_text.logprobs" => {
                    return Err(Untranslatable::of(
                        "include",
                        "of logprobs cannot be carried over",
                    ));
                }
                // Of tools that run at OpenAI: there are none of them in the answer.
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(mut self, body: &'a Document) -> Result<Translated, Untranslatable> {
        let input = given(body.root(), "input");
        let input = input.ok_or_else(|| Untranslatable::of("input", "is missing"))?;
        items::say(&mut self.draft, input)?;
        let turns = self.draft.request.check_turns();
        turns.map_err(|wrong| Untranslatable::of("input", wrong.why))?;
        let is_json_tool = self.draft.settle(&FIELDS)?;
        Ok(self.draft.finish(Manner::Responses {
            includes_thoughts: self.includes_thoughts,
            is_json_tool,
        }))
    }
}

fn choice(value: Value<'_>, names: &mut Names) -> Result<Choice, Untranslatable> {
    Choice::of_openai(value, |value| function(value, names).transpose())
}

/// The function that a choice names, if it names one.
fn function(value: Value<'_>, names: &mut Names) -> Result<Option<String>, Untranslatable> {
    const AT: &str = "tool_choice";
    if text("tool_choice.type", member(AT, value, "type")?)? != "function" {
        return Ok(None);
    }
    let name = text("tool_choice.name", member(AT, value, "name")?)?;
    Ok(Some(names.taken(name).into_owned()))
}
