//! Messages, as turns.

use crate::json::{Kind, Value};
use crate::translate::converse::{Block, Reasoning, Request, Role, ToolResult, ToolUse};
use crate::translate::family::Spoken;
use crate::translate::fields::{cache_point, list, member, raw, text, unknown};
use crate::translate::names::tool_use_id;
use crate::translate::{Names, Untranslatable, media};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::borrow::Cow;

/// What stands for the result of a tool that says nothing: Converse takes no blank text.
const NOTHING: &str = "(empty)";

/// Says all messages.
pub(super) fn say<'a>(
    request: &mut Request<'a>,
    messages: Value<'a>,
    model: Spoken<'_>,
    names: &mut Names,
    left_out: &mut Vec<&'static str>,
) -> Result<(), Untranslatable> {
    let mut saying = Saying {
        model,
        names,
        left_out,
        documents: 0,
    };
    for (number, message) in list("messages", messages)?.enumerate() {
        let at = format!("messages[{number}]");
        let role = match text(&format!("{at}.role"), member(&at, message, "role")?)?.as_ref() {
            // An operator's note in the middle stays where it is.
            "user" | "system" => Role::User,
            "assistant" => Role::Assistant,
            _ => return Err(Untranslatable::of(format!("{at}.role"), "is user or assistant")),
        };
        let content = member(&at, message, "content")?;
        let at = format!("{at}.content");
        let content = saying.content(&at, content)?;
        let holds = |wanted: fn(&Block<'_>) -> bool| content.iter().any(wanted);
        if holds(|block| matches!(block, Block::Document(_)))
            && !holds(|block| matches!(block, Block::Text(_)))
        {
            return Err(Untranslatable::of(
                at,
                "holds a document, which goes with a text only",
            ));
        }
        request.say(role, content);
    }
    Ok(())
}

struct Saying<'r, 'm> {
    model: Spoken<'m>,
    names: &'r mut Names,
    left_out: &'r mut Vec<&'static str>,
    documents: usize,
}

impl Saying<'_, '_> {
    /// A text, or blocks.
    fn content<'a>(&mut self, at: &str, content: Value<'a>) -> Result<Vec<Block<'a>>, Untranslatable> {
        let mut blocks = Vec::new();
        if content.kind() == Kind::String {
            blocks.extend(Block::text(text(at, content)?));
            return Ok(blocks);
        }
        for (number, block) in list(at, content)?.enumerate() {
            let at = format!("{at}[{number}]");
            blocks.extend(self.block(&at, block)?);
            if let Some(mark) = block.get("cache_control").filter(|mark| !mark.is_null()) {
                blocks.push(Block::CachePoint(cache_point(&at, mark)?));
            }
        }
        Ok(blocks)
    }

    /// A block; none where it says nothing to this model.
    fn block<'a>(&mut self, at: &str, block: Value<'a>) -> Result<Option<Block<'a>>, Untranslatable> {
        let string = |name: &str| text(&format!("{at}.{name}"), member(at, block, name)?);
        Ok(match string("type")?.as_ref() {
            "text" => Block::text(string("text")?),
            "image" => Some(image(at, block)?),
            "document" => Some(self.document(at, block)?),
            "tool_use" => Some(Block::ToolUse(ToolUse {
                tool_use_id: tool_use_id(string("id")?, self.model.family),
                name: self.names.taken(string("name")?),
                input: match member(at, block, "input")? {
                    input if input.kind() == Kind::Object => raw(input)?,
                    _ => return Err(Untranslatable::of(format!("{at}.input"), "is an object")),
                },
            })),
            "tool_result" => Some(self.tool_result(at, block, string("tool_use_id")?)?),
            // Thoughts are read by the model that thought them only.
            "thinking" | "redacted_thinking" if !self.model.is_claude() => {
                if !self.left_out.contains(&"thinking") {
                    self.left_out.push("thinking");
                }
                None
            }
            "thinking" => Some(Block::ReasoningContent(Reasoning::ReasoningText {
                text: string("thinking")?,
                signature: string("signature")?,
            })),
            "redacted_thinking" => Some(Block::ReasoningContent(Reasoning::RedactedContent(string(
                "data",
            )?))),
            _ => {
                let why =
                    "is one of text, image, document, tool_use, tool_result and thinking for this model";
                return Err(Untranslatable::of(format!("{at}.type"), why));
            }
        })
    }

    fn tool_result<'a>(
        &mut self,
        at: &str,
        block: Value<'a>,
        id: Cow<'a, str>,
    ) -> Result<Block<'a>, Untranslatable> {
        let mut content = match block.get("content").filter(|content| !content.is_null()) {
            Some(content) => self.content(&format!("{at}.content"), content)?,
            None => Vec::new(),
        };
        // Converse has no marks within a result; the one behind it will do.
        content.retain(|block| !matches!(block, Block::CachePoint(_)));
        if content
            .iter()
            .any(|block| matches!(block, Block::ToolUse(_) | Block::ToolResult(_)))
        {
            return Err(unknown(at, "content"));
        }
        if content.is_empty() {
            content.push(Block::Text(Cow::Borrowed(NOTHING)));
        }
        let has_failed = block
            .get("is_error")
            .and_then(|error| error.as_bool())
            .unwrap_or(false);
        let takes_status = matches!(self.model.family, "claude" | "nova");
        if has_failed && !takes_status {
            content.insert(0, Block::Text(Cow::Borrowed("The tool failed:")));
        }
        Ok(Block::ToolResult(ToolResult {
            tool_use_id: tool_use_id(id, self.model.family),
            content,
            status: (has_failed && takes_status).then_some("error"),
        }))
    }

    fn document<'a>(&mut self, at: &str, block: Value<'a>) -> Result<Block<'a>, Untranslatable> {
        let source = member(at, block, "source")?;
        let at = format!("{at}.source");
        let string = |name: &str| text(&format!("{at}.{name}"), member(&at, source, name)?);
        self.documents += 1;
        match string("type")?.as_ref() {
            "base64" => {
                let format = media::format_of_type(&string("media_type")?);
                let format = format.ok_or_else(|| {
                    Untranslatable::of(format!("{at}.media_type"), "is none that can be carried over")
                })?;
                Ok(media::document_of(format, string("data")?, self.documents))
            }
            "text" => {
                let data = BASE64_STANDARD.encode(string("data")?.as_bytes());
                Ok(media::document_of("txt", data.into(), self.documents))
            }
            _ => Err(Untranslatable::of(
                format!("{at}.type"),
                "is base64 or text: nothing is fetched",
            )),
        }
    }
}

fn image<'a>(at: &str, block: Value<'a>) -> Result<Block<'a>, Untranslatable> {
    let source = member(at, block, "source")?;
    let at = format!("{at}.source");
    let string = |name: &str| text(&format!("{at}.{name}"), member(&at, source, name)?);
    if string("type")? != "base64" {
        return Err(Untranslatable::of(
            format!("{at}.type"),
            "is base64: nothing is fetched",
        ));
    }
    let declared = match string("media_type")?.as_ref() {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => {
            return Err(Untranslatable::of(
                format!("{at}.media_type"),
                "is that of a PNG, JPEG, GIF or WebP",
            ));
        }
    };
    Ok(media::image_of(declared, string("data")?))
}
