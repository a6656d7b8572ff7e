//! Items of the input, as turns.

use super::output::opened;
use crate::json::{Kind, Value};
use crate::translate::converse::{Block, Role};
use crate::translate::draft::Draft;
use crate::translate::fields::{list, member, text};
use crate::translate::names::tool_use_id;
use crate::translate::{Untranslatable, media};

/// Says the input: a text of the user, or items.
pub(super) fn say<'a>(draft: &mut Draft<'a>, input: Value<'a>) -> Result<(), Untranslatable> {
    if input.kind() == Kind::String {
        let said = Block::text(text("input", input)?);
        draft.request.say(Role::User, said.into_iter().collect());
        return Ok(());
    }
    let mut saying = Saying { draft };
    for (number, item) in list("input", input)?.enumerate() {
        saying.item(&format!("input[{number}]"), item)?;
    }
    Ok(())
}

struct Saying<'r, 'a> {
    draft: &'r mut Draft<'a>,
}

impl<'a> Saying<'_, 'a> {
    fn item(&mut self, at: &str, item: Value<'a>) -> Result<(), Untranslatable> {
        let kind = item
            .get("type")
            .and_then(|kind| kind.as_str())
            .unwrap_or("message".into());
        match kind.as_ref() {
            "message" => self.message(at, item)?,
            "function_call" => {
                let call = self.call(at, item)?;
                self.draft.request.say(Role::Assistant, vec![call]);
            }
            "function_call_output" => {
                let result = self.result(at, item)?;
                self.draft.request.say(Role::User, result);
            }
            "reasoning" => {
                // What a model thought is read by that model only, and as it thought it.
                let closed = item.get("encrypted_content").and_then(|closed| closed.as_str());
                let thought = closed
                    .as_deref()
                    .and_then(opened)
                    .filter(|_| self.draft.model.is_claude());
                if thought.is_none() {
                    self.draft.leave_out("reasoning items");
                }
                self.draft.request.say(
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
            "system" | "developer" => self.draft.request.instruct(content),
            "user" => self
                .draft
                .say(Role::User, &format!("{at}.content"), content, "file")?,
            "assistant" => self.draft.request.say(Role::Assistant, content),
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
        let arguments = string("arguments")?;
        self.draft
            .call(at, (string("call_id")?, string("name")?), arguments)
    }

    fn result(&mut self, at: &str, item: Value<'a>) -> Result<Vec<Block<'a>>, Untranslatable> {
        let id = text(&format!("{at}.call_id"), member(at, item, "call_id")?)?;
        let content = self.content(&format!("{at}.output"), member(at, item, "output")?)?;
        Ok(Block::result(
            tool_use_id(id, self.draft.model.family),
            content,
            None,
        ))
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
                    self.draft.leave_out("input_image.detail");
                }
                Some(image.ok_or_else(|| wrong("image_url", why))?)
            }
            "input_file" => {
                let name = part.get("filename").and_then(|name| name.as_str());
                let document = media::document(
                    &string("file_data")?,
                    name.as_deref(),
                    self.draft.document_number(),
                );
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
