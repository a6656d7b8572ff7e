//! Messages of a chat, as turns.

use crate::json::{Kind, Value};
use crate::translate::converse::{Block, Role};
use crate::translate::draft::{Draft, thought_of};
use crate::translate::fields::{
    cache_point, given, list, mark_of, member, members, only, text, text_of, unknown,
};
use crate::translate::names::tool_use_id;
use crate::translate::{Untranslatable, media};

/// Says all messages.
pub(super) fn say<'a>(draft: &mut Draft<'a>, messages: Value<'a>) -> Result<(), Untranslatable> {
    let mut saying = Saying { draft };
    for (number, message) in list("messages", messages)?.enumerate() {
        saying.message(&format!("messages[{number}]"), message)?;
    }
    Ok(())
}

struct Saying<'r, 'a> {
    draft: &'r mut Draft<'a>,
}

impl<'a> Saying<'_, 'a> {
    fn message(&mut self, at: &str, message: Value<'a>) -> Result<(), Untranslatable> {
        check_members(at, message)?;
        if given(message, "name").is_some() {
            self.draft.leave_out("messages.name");
        }
        let role = text(&format!("{at}.role"), member(at, message, "role")?)?;
        match role.as_ref() {
            "system" | "developer" => {
                let content = self.content(at, message)?;
                if !content.iter().all(Block::is_plain) {
                    return Err(Untranslatable::of(
                        format!("{at}.content"),
                        "is text where the system speaks",
                    ));
                }
                self.draft.request.instruct(content);
            }
            "user" => {
                let content = self.content(at, message)?;
                self.draft
                    .say(Role::User, &format!("{at}.content"), content, "file")?;
            }
            "assistant" => self.assistant(at, message)?,
            "tool" => {
                let result = self.tool_result(at, message)?;
                self.draft.request.say(Role::User, result);
            }
            _ => {
                let why = "is one of system, developer, user, assistant and tool";
                return Err(Untranslatable::of(format!("{at}.role"), why));
            }
        }
        Ok(())
    }

    fn assistant(&mut self, at: &str, message: Value<'a>) -> Result<(), Untranslatable> {
        let mut content = Vec::new();
        if let Some(thoughts) = given(message, "thinking_blocks") {
            let at = format!("{at}.thinking_blocks");
            for thought in list(&at, thoughts)? {
                match self.draft.model.is_claude() {
                    true => content.push(thought_of(&at, thought)?),
                    false => self.draft.leave_out("thinking_blocks"),
                }
            }
        }
        content.extend(self.content(at, message)?);
        content.extend(text_of(at, message, "refusal")?.and_then(Block::text));
        if !content.iter().all(Block::is_plain) {
            return Err(Untranslatable::of(
                format!("{at}.content"),
                "is text where the assistant speaks",
            ));
        }
        if let Some(calls) = given(message, "tool_calls") {
            let at = format!("{at}.tool_calls");
            for (number, call) in list(&at, calls)?.enumerate() {
                content.push(self.call(&format!("{at}[{number}]"), call)?);
            }
        }
        self.draft.request.say(Role::Assistant, content);
        Ok(())
    }

    /// A call of a tool that the model made before.
    fn call(&mut self, at: &str, call: Value<'a>) -> Result<Block<'a>, Untranslatable> {
        let id = text(&format!("{at}.id"), member(at, call, "id")?)?;
        let body = member(at, call, "function")?;
        let at = format!("{at}.function");
        let name = text(&format!("{at}.name"), member(&at, body, "name")?)?;
        let said = text_of(&at, body, "arguments")?.unwrap_or_default();
        self.draft.call(&at, (id, name), said)
    }

    fn tool_result(&mut self, at: &str, message: Value<'a>) -> Result<Vec<Block<'a>>, Untranslatable> {
        let id = text(
            &format!("{at}.tool_call_id"),
            member(at, message, "tool_call_id")?,
        )?;
        let content = self.content(at, message)?;
        Ok(Block::result(
            tool_use_id(id, self.draft.model.family),
            content,
            None,
        ))
    }

    /// A text, or parts.
    fn content(&mut self, at: &str, message: Value<'a>) -> Result<Vec<Block<'a>>, Untranslatable> {
        let at = format!("{at}.content");
        let mut blocks = Vec::new();
        match given(message, "content") {
            None => {}
            Some(content) if content.kind() == Kind::String => {
                blocks.extend(Block::text(text(&at, content)?));
            }
            Some(content) => {
                for (number, part) in list(&at, content)?.enumerate() {
                    self.part(&format!("{at}[{number}]"), part, &mut blocks)?;
                }
            }
        }
        // A mark on the message as a whole, as some clients set it.
        blocks.extend(mark_of(&at, message)?.map(Block::CachePoint));
        Ok(blocks)
    }

    fn part(&mut self, at: &str, part: Value<'a>, blocks: &mut Vec<Block<'a>>) -> Result<(), Untranslatable> {
        let kind = text(&format!("{at}.type"), member(at, part, "type")?)?;
        match kind.as_ref() {
            "text" | "refusal" => {
                const KNOWN: [&str; 6] = [
                    "type",
                    "text",
                    "refusal",
                    "annotations",
                    "cache_control",
                    "prompt_cache_breakpoint",
                ];
                only(at, part, &KNOWN)?;
                blocks.extend(Block::text(text(at, member(at, part, &kind)?)?));
            }
            "image_url" => {
                let url = member(&format!("{at}.image_url"), member(at, part, "image_url")?, "url")?;
                let image = media::image(&text(&format!("{at}.image_url.url"), url)?);
                let why = "is a data URL of a PNG, JPEG, GIF or WebP in base64: nothing is fetched";
                blocks.push(image.ok_or_else(|| Untranslatable::of(format!("{at}.image_url.url"), why))?);
                if part
                    .get("image_url")
                    .and_then(|image| image.get("detail"))
                    .is_some()
                {
                    self.draft.leave_out("image_url.detail");
                }
            }
            "file" => {
                let at = format!("{at}.file");
                let file = member(&at, part, "file")?;
                let data = text(&format!("{at}.file_data"), member(&at, file, "file_data")?)?;
                let name = file.get("filename").and_then(|name| name.as_str());
                let document = media::document(&data, name.as_deref(), self.draft.document_number());
                let why = "is a data URL, or base64 with a `filename`, of pdf, txt, md, csv, html, doc, docx, xls or xlsx";
                blocks.push(document.ok_or_else(|| Untranslatable::of(format!("{at}.file_data"), why))?);
            }
            _ => {
                return Err(Untranslatable::of(
                    format!("{at}.type"),
                    "is one of text, image_url, file and refusal",
                ));
            }
        }
        let breakpoint = given(part, "prompt_cache_breakpoint");
        let breakpoint = breakpoint.map(|mark| cache_point(at, mark)).transpose()?;
        blocks.extend(mark_of(at, part)?.or(breakpoint).map(Block::CachePoint));
        Ok(())
    }
}

/// Members of a message: those that say something here, and those that only tell of an answer how it came about.
fn check_members(at: &str, message: Value<'_>) -> Result<(), Untranslatable> {
    const KNOWN: [&str; 14] = [
        "role",
        "content",
        "tool_calls",
        "tool_call_id",
        "cache_control",
        "thinking_blocks",
        // Left out: who speaks, and what came with an answer.
        "name",
        "refusal",
        "annotations",
        "reasoning_content",
        "reasoning",
        "provider_specific_fields",
        "function_call",
        "audio",
    ];
    for (name, value) in members(at, message)? {
        let asks = matches!(name.as_str(), "function_call" | "audio") && !value.is_null();
        if asks || !KNOWN.contains(&name.as_str()) {
            return Err(unknown(at, &name));
        }
    }
    Ok(())
}
