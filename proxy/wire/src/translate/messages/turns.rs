//! Messages, as turns.

use crate::json::{Kind, Value};
use crate::translate::converse::{Block, Role, ToolUse};
use crate::translate::draft::{Draft, thought_of};
use crate::translate::fields::{flag_of, given, list, mark_of, member, only, raw, text, text_of, unknown};
use crate::translate::names::tool_use_id;
use crate::translate::{Untranslatable, media};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::borrow::Cow;

/// Says all messages.
pub(super) fn say<'a>(draft: &mut Draft<'a>, messages: Value<'a>) -> Result<(), Untranslatable> {
    let mut saying = Saying { draft };
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
        saying.draft.say(role, &at, content, "document")?;
    }
    Ok(())
}

struct Saying<'r, 'a> {
    draft: &'r mut Draft<'a>,
}

impl<'a> Saying<'_, 'a> {
    /// A text, or blocks.
    fn content(&mut self, at: &str, content: Value<'a>) -> Result<Vec<Block<'a>>, Untranslatable> {
        let mut blocks = Vec::new();
        if content.kind() == Kind::String {
            blocks.extend(Block::text(text(at, content)?));
            return Ok(blocks);
        }
        for (number, block) in list(at, content)?.enumerate() {
            let at = format!("{at}[{number}]");
            blocks.extend(self.block(&at, block)?);
            blocks.extend(mark_of(&at, block)?.map(Block::CachePoint));
        }
        Ok(blocks)
    }

    /// A block, or a result and the mark behind it; none where it says nothing to this model.
    fn block(&mut self, at: &str, block: Value<'a>) -> Result<Vec<Block<'a>>, Untranslatable> {
        let string = |name: &str| text(&format!("{at}.{name}"), member(at, block, name)?);
        let kind = string("type")?;
        if kind == "tool_result" {
            only(
                at,
                block,
                &["type", "tool_use_id", "content", "is_error", "cache_control"],
            )?;
            return self.tool_result(at, block, string("tool_use_id")?);
        }
        let said = match kind.as_ref() {
            "text" => {
                only(at, block, &["type", "text", "citations", "cache_control"])?;
                Block::text(string("text")?)
            }
            "image" => {
                only(at, block, &["type", "source", "cache_control"])?;
                Some(image(at, block)?)
            }
            "document" => Some(self.document(at, block)?),
            "tool_use" => Some(Block::ToolUse(ToolUse {
                tool_use_id: tool_use_id(string("id")?, self.draft.model.family),
                name: self.draft.names.taken(string("name")?),
                input: match member(at, block, "input")? {
                    input if input.kind() == Kind::Object => raw(input)?,
                    _ => return Err(Untranslatable::of(format!("{at}.input"), "is an object")),
                },
            })),
            // Thoughts are read by the model that thought them only.
            "thinking" | "redacted_thinking" if !self.draft.model.is_claude() => {
                self.draft.leave_out("thinking");
                None
            }
            "thinking" | "redacted_thinking" => Some(thought_of(at, block)?),
            _ => {
                let why =
                    "is one of text, image, document, tool_use, tool_result and thinking for this model";
                return Err(Untranslatable::of(format!("{at}.type"), why));
            }
        };
        Ok(said.into_iter().collect())
    }

    fn tool_result(
        &mut self,
        at: &str,
        block: Value<'a>,
        id: Cow<'a, str>,
    ) -> Result<Vec<Block<'a>>, Untranslatable> {
        let mut content = match given(block, "content") {
            Some(content) => self.content(&format!("{at}.content"), content)?,
            None => Vec::new(),
        };
        if content
            .iter()
            .any(|block| matches!(block, Block::ToolUse(_) | Block::ToolResult(_)))
        {
            return Err(unknown(at, "content"));
        }
        let has_failed = flag_of(at, block, "is_error")?;
        let takes_status = matches!(self.draft.model.family, "claude" | "nova");
        if has_failed && !takes_status {
            content.insert(0, Block::Text(Cow::Borrowed("The tool failed:")));
        }
        // The mark on the block itself is added by whoever asked for it.
        let status = (has_failed && takes_status).then_some("error");
        let mut blocks = Block::result(tool_use_id(id, self.draft.model.family), content, status);
        blocks.truncate(if block.get("cache_control").is_some() {
            1
        } else {
            2
        });
        Ok(blocks)
    }

    fn document(&mut self, at: &str, block: Value<'a>) -> Result<Block<'a>, Untranslatable> {
        only(
            at,
            block,
            &["type", "source", "title", "context", "citations", "cache_control"],
        )?;
        let citations = given(block, "citations");
        if citations.is_some_and(|citations| {
            citations
                .get("enabled")
                .is_some_and(|on| on.as_bool() == Some(true))
        }) {
            return Err(Untranslatable::of(
                format!("{at}.citations"),
                "cannot be carried over to this model",
            ));
        }
        if given(block, "title").is_some() {
            // It would be read as a name, which Converse takes few letters of.
            self.draft.leave_out("document.title");
        }
        let context = text_of(at, block, "context")?;
        let source = member(at, block, "source")?;
        let at = format!("{at}.source");
        let string = |name: &str| text(&format!("{at}.{name}"), member(&at, source, name)?);
        let number = self.draft.document_number();
        match string("type")?.as_ref() {
            "base64" => {
                let format = media::format_of_type(&string("media_type")?);
                let format = format.ok_or_else(|| {
                    Untranslatable::of(format!("{at}.media_type"), "is none that can be carried over")
                })?;
                Ok(media::document_of(format, string("data")?, number, context))
            }
            "text" => {
                let data = BASE64_STANDARD.encode(string("data")?.as_bytes());
                Ok(media::document_of("txt", data.into(), number, context))
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
