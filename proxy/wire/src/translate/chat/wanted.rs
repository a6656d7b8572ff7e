//! Tools of a chat, the choice among them, and the form of the answer.

use crate::json::Value;
use crate::translate::draft::Draft;
use crate::translate::fields::{flag_of, list, mark_of, member, only, text, text_of};
use crate::translate::tools::{Choice, Fields, Form};
use crate::translate::{Names, Untranslatable};

/// How they are called in a chat.
pub(super) const FIELDS: Fields = Fields {
    one_at_a_time: "parallel_tool_calls",
    form: "response_format",
    effort: "reasoning_effort",
};

/// `tools`.
pub(super) fn tools<'a>(draft: &mut Draft<'a>, tools: Value<'a>) -> Result<(), Untranslatable> {
    for (number, tool) in list("tools", tools)?.enumerate() {
        let at = format!("tools[{number}]");
        let kind = text(&format!("{at}.type"), member(&at, tool, "type")?)?;
        if kind != "function" {
            return Err(Untranslatable::of(
                format!("{at}.type"),
                "is function for models behind Bedrock",
            ));
        }
        let body = member(&at, tool, "function")?;
        let at = format!("{at}.function");
        let name = text(&format!("{at}.name"), member(&at, body, "name")?)?;
        only(
            &at,
            body,
            &["name", "description", "parameters", "strict", "cache_control"],
        )?;
        if flag_of(&at, body, "strict")? {
            draft.leave_out("strict");
        }
        let description = text_of(&at, body, "description")?;
        let mark = match mark_of(&at, tool)? {
            None => mark_of(&at, body)?,
            mark => mark,
        };
        let schema = (&*format!("{at}.parameters"), body.get("parameters"));
        let name = draft.names.taken(name);
        draft.wanted.tool(name, description, schema, mark)?;
    }
    Ok(())
}

/// `tool_choice`.
pub(super) fn choice(value: Value<'_>, names: &mut Names) -> Result<Choice, Untranslatable> {
    let function = |value: Value<'_>| {
        let named = value.get("function")?;
        let name = member("tool_choice.function", named, "name");
        Some(name.and_then(|name| Ok(names.taken(text("tool_choice.function.name", name)?).into_owned())))
    };
    Choice::of_openai(value, function)
}

/// `response_format`; none for text.
pub(super) fn form(format: Value<'_>) -> Result<Option<Form<'_>>, Untranslatable> {
    const AT: &str = "response_format";
    match text("response_format.type", member(AT, format, "type")?)?.as_ref() {
        "text" => Ok(None),
        "json_schema" => {
            let at = "response_format.json_schema";
            let wanted = member(AT, format, "json_schema")?;
            let name = wanted.get("name").and_then(|name| name.as_str());
            Ok(Some(Form {
                name: name.unwrap_or("answer".into()),
                schema: member(at, wanted, "schema")?,
            }))
        }
        _ => {
            let why =
                "is text or json_schema for models behind Bedrock: without a schema they have no such mode";
            Err(Untranslatable::of("response_format.type", why))
        }
    }
}
