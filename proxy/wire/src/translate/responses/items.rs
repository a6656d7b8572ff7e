//! Items of the input, as turns.

use super::output::opened;
use crate::json::{Kind, Value};
use crate::translate::converse::{Block, Request, Role, ToolUse};
use crate::translate::family::Spoken;
use crate::translate::fields::{list, member, text};
use crate::translate::names::tool_use_id;
use crate::translate::{Names, Untranslatable, media};
use serde_json::value::RawValue;

/// Says the input: a text of the user, or items.
pub(super) fn say<'a>(
    request: &mut Request<'a>,
    input: Value<'a>,
    model: Spoken<'_>,
    names: &mut Names,
    left_out: &mut Vec<&'static str>,
) -> Result<(), Untranslatable> {
    if input.kind() == Kind::String {
        request.say(
            Role::User,
            Block::text(text("input", input)?).into_iter().collect(),
        );
        return Ok(());
    }
    let mut saying = Saying {
        request,
        model,
        names,
        left_out,
        documents: 0,
    };
    for (number, item) in list("input", input)?.enumerate() {
        saying.item(&format!("input[{number}]"), item)?;
    }
    Ok(())
}

struct Saying<'r, 'a, 'm> {
    request: &'r mut Request<'a>,
    model: Spoken<'m>,
    names: &'r mut Names,
    left_out: &'r mut Vec<&'static str>,
    documents: usize,
}

impl<'a> Saying<'_, 'a, '_> {
    fn leave_out(&mut self, field: &'static str) {
        if !self.left_out.contains(&field) {
            self.left_out.push(field);
        }
    }

    fn item(&mut self, at: &str, item: Value<'a>) -> Result<(), Untranslatable> {
        let kind = item
            .get("type")
            .and_then(|kind| kind.as_str())
            .unwrap_or("message".into());
        match kind.as_ref() {
            "message" => self.message(at, item)?,
            "function_call" => {
                let call = self.call(at, item)?;
                self.request.say(Role::Assistant, vec![call]);
            }
            "function_call_output" => {
                let result = self.result(at, item)?;
                self.request.say(Role::User, result);
            }
            "reasoning" => {
                // What a model thought is read by that model only, and as it thought it.
                let closed = item.get("encrypted_content").and_then(|closed| closed.as_str());
                let thought = closed
                    .as_deref()
                    .and_then(opened)
                    .filter(|_| self.model.is_claude());
                if thought.is_none() {
                    self.leave_out("reasoning items");
                }
                self.request.say(
                    Role::Assistant,
                    thought.map(Block::ReasoningContent).into_iter().collect(),
                );
            }
            _ => {
                let why = "is one of message, function_call, function_call_output and reasoning";
                return Err(Untranslatable::of(format!("{at}.type"), why));
            }
        }
        Ok(())
    }

    fn message(&mut self, at: &str, item: Value<'a>) -> Result<(), Untranslatable> {
        let role = text(&format!("{at}.role"), member(at, item, "role")?)?;
        let content = self.content(&format!("{at}.content"), member(at, item, "content")?)?;
        if role != "user" && !content.iter().all(Block::is_plain) {
            return Err(Untranslatable::of(
                format!("{at}.content"),
                "is text where others than the user speak",
            ));
        }
        match role.as_ref() {
            // Behind a turn it stays where it is: what stood before it is cached as it was.
            "system" | "developer" if self.request.messages.is_empty() => self.request.system.extend(content),
            "system" | "developer" => self.request.say(Role::User, content),
            "user" => {
                let holds = |wanted: fn(&Block<'_>) -> bool| content.iter().any(wanted);
                if holds(|block| matches!(block, Block::Document(_)))
                    && !holds(|block| matches!(block, Block::Text(_)))
                {
                    return Err(Untranslatable::of(
                        format!("{at}.content"),
                        "holds a file, which goes with a text only",
                    ));
                }
                self.request.say(Role::User, content);
            }
            "assistant" => self.request.say(Role::Assistant, content),
            _ => {
                return Err(Untranslatable::of(
                    format!("{at}.role"),
                    "is one of system, developer, user and assistant",
                ));
            }
        }
        Ok(())
    }

    fn call(&mut self, at: &str, item: Value<'a>) -> Result<Block<'a>, Untranslatable> {
        let string = |name: &str| text(&format!("{at}.{name}"), member(at, item, name)?);
        let said = string("arguments")?;
        let input = match said.trim().is_empty() {
            true => "{}".to_owned(),
            false => said.into_owned(),
        };
        let is_object = input.trim_start().starts_with('{');
        let input = RawValue::from_string(input).ok().filter(|_| is_object);
        Ok(Block::ToolUse(ToolUse {
            tool_use_id: tool_use_id(string("call_id")?, self.model.family),
            name: self.names.taken(string("name")?),
            input: input.ok_or_else(|| {
                Untranslatable::of(format!("{at}.arguments"), "is a JSON object, as a string")
            })?,
        }))
    }

    fn result(&mut self, at: &str, item: Value<'a>) -> Result<Vec<Block<'a>>, Untranslatable> {
        let id = text(&format!("{at}.call_id"), member(at, item, "call_id")?)?;
        let content = self.content(&format!("{at}.output"), member(at, item, "output")?)?;
        Ok(Block::result(tool_use_id(id, self.model.family), content, None))
    }

    /// A text, or parts.
    fn content(&mut self, at: &str, content: Value<'a>) -> Result<Vec<Block<'a>>, Untranslatable> {
        if content.kind() == Kind::String {
            return Ok(Block::text(text(at, content)?).into_iter().collect());
        }
        let mut blocks = Vec::new();
        for (number, part) in list(at, content)?.enumerate() {
            blocks.extend(self.part(&format!("{at}[{number}]"), part)?);
        }
        Ok(blocks)
    }

    fn part(&mut self, at: &str, part: Value<'a>) -> Result<Option<Block<'a>>, Untranslatable> {
        let string = |name: &str| text(&format!("{at}.{name}"), member(at, part, name)?);
        let wrong = |name: &str, why: &'static str| Untranslatable::of(format!("{at}.{name}"), why);
        Ok(match string("type")?.as_ref() {
            "input_text" | "output_text" | "text" => Block::text(string("text")?),
            "refusal" => Block::text(string("refusal")?),
            "input_image" => {
                let why = "is a data URL of a PNG, JPEG, GIF or WebP in base64: nothing is fetched";
                let image = media::image(&string("image_url")?);
                if part.get("detail").is_some() {
                    self.leave_out("input_image.detail");
                }
                Some(image.ok_or_else(|| wrong("image_url", why))?)
            }
            "input_file" => {
                self.documents += 1;
                let name = part.get("filename").and_then(|name| name.as_str());
                let document = media::document(&string("file_data")?, name.as_deref(), self.documents);
                let why = "is a data URL, or base64 with a `filename`, of pdf, txt, md, csv, html, doc, docx, xls or xlsx";
                Some(document.ok_or_else(|| wrong("file_data", why))?)
            }
            _ => {
                return Err(wrong(
                    "type",
                    "is one of input_text, output_text, refusal, input_image and input_file",
                ));
            }
        })
    }
}
