//! Tools of a chat, the choice among them, and the form of the answer.

use crate::json::{Kind, Value};
use crate::translate::fields::{flag_of, list, mark_of, member, only, text, text_of};
use crate::translate::tools::{Choice, Fields, Form, Wanted};
use crate::translate::{Names, Untranslatable};

/// How they are called in a chat.
pub(super) const FIELDS: Fields = Fields {
    one_at_a_time: "parallel_tool_calls",
    form: "response_format",
};

/// `tools`.
pub(super) fn tools<'a>(
    wanted: &mut Wanted<'a>,
    tools: Value<'a>,
    names: &mut Names,
    left_out: &mut Vec<&'static str>,
) -> Result<(), Untranslatable> {
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
        if flag_of(&at, body, "strict")? && !left_out.contains(&"strict") {
            left_out.push("strict");
        }
        let description = text_of(&at, body, "description")?;
        let mark = match mark_of(&at, tool)? {
            None => mark_of(&at, body)?,
            mark => mark,
        };
        let schema = (&*format!("{at}.parameters"), body.get("parameters"));
        wanted.tool(names.taken(name), description, schema, mark)?;
    }
    Ok(())
}

/// `tool_choice`.
pub(super) fn choice(value: Value<'_>, names: &mut Names) -> Result<Choice, Untranslatable> {
    const AT: &str = "tool_choice";
    let wrong = || Untranslatable::of(AT, "is auto, none, required, or names a function");
    if value.kind() == Kind::String {
        return match text(AT, value)?.as_ref() {
            "auto" => Ok(Choice::Auto),
            "none" => Ok(Choice::None),
            "required" => Ok(Choice::Any),
            _ => Err(wrong()),
        };
    }
    let named = value.get("function").ok_or_else(wrong)?;
    let name = text(
        "tool_choice.function.name",
        member("tool_choice.function", named, "name")?,
    )?;
    Ok(Choice::Named(names.taken(name).into_owned()))
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
