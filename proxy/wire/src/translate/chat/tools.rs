//! Tools, the choice among them, and answers that have to have a form.

use crate::json::{Kind, Value};
use crate::translate::converse::{Request, Schema, Tool, ToolConfig, ToolSpec};
use crate::translate::family::Spoken;
use crate::translate::fields::{cache_point, list, member, raw, text};
use crate::translate::{Names, Untranslatable};
use serde_json::value::RawValue;
use serde_json::{Value as Made, json};

/// The tool that a model is made to call where it takes no schema for its answer: what it is called with is the answer.
pub(in crate::translate) const JSON_TOOL: &str = "json";

/// The schema of whatever has none.
const NO_PARAMETERS: &str = r#"{"type":"object","properties":{}}"#;

/// What is wanted of tools and of the form of the answer.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    tools: Vec<Tool<'a>>,
    pub(super) choice: Option<Value<'a>>,
    pub(super) parallel: Option<bool>,
    pub(super) format: Option<Value<'a>>,
}

/// Which tools a model may call.
enum Choice {
    Auto,
    None,
    Any,
    Named(String),
}

impl<'a> Wanted<'a> {
    pub(super) fn tools(&mut self, tools: Value<'a>, names: &mut Names) -> Result<(), Untranslatable> {
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
            let description = body
                .get("description")
                .and_then(|description| description.as_str());
            self.tools.push(Tool::ToolSpec(ToolSpec {
                name: names.taken(name),
                description: description.filter(|text| !text.trim().is_empty()),
                input_schema: Schema {
                    json: parameters(&at, body)?,
                },
            }));
            if let Some(mark) = tool.get("cache_control").or_else(|| body.get("cache_control")) {
                self.tools.push(Tool::CachePoint(cache_point(&at, mark)?));
            }
        }
        Ok(())
    }

    /// Puts it all into a request. Tells whether the answer comes as a call of [`JSON_TOOL`].
    pub(super) fn apply(
        mut self,
        request: &mut Request<'a>,
        model: Spoken<'_>,
        names: &mut Names,
    ) -> Result<bool, Untranslatable> {
        let is_json_tool = self.form(request, model)?;
        if self.tools.is_empty() {
            // What was called before has to be known, though nothing may be called now.
            if request.has_tool_blocks() {
                request.tool_config = Some(inert());
            }
            return Ok(false);
        }
        let choice = match is_json_tool {
            true => Choice::Named(JSON_TOOL.to_owned()),
            false => choice(self.choice, names)?,
        };
        if matches!(choice, Choice::None) && !request.has_tool_blocks() {
            return Ok(false);
        }
        let forced = match &choice {
            Choice::Auto | Choice::None => None,
            Choice::Any => Some(json!({ "any": {} })),
            Choice::Named(name) => Some(json!({ "tool": { "name": name } })),
        };
        if forced.is_some() && !model.can_be_forced() {
            return Err(Untranslatable::of(
                "tool_choice",
                "is auto or none for this model",
            ));
        }
        self.one_at_a_time(request, model, &choice)?;
        request.tool_config = Some(ToolConfig {
            tools: match choice {
                // Nothing may be called: what was called before is known without what it takes.
                Choice::None => inert().tools,
                _ => self.tools,
            },
            tool_choice: forced,
        });
        Ok(is_json_tool)
    }

    /// Only Claude can be told to call one tool at a time, in fields of its own.
    fn one_at_a_time(
        &self,
        request: &mut Request<'_>,
        model: Spoken<'_>,
        choice: &Choice,
    ) -> Result<(), Untranslatable> {
        if self.parallel != Some(false) || matches!(choice, Choice::None) {
            return Ok(());
        }
        if !model.is_claude() {
            return Err(Untranslatable::of(
                "parallel_tool_calls",
                "cannot be switched off for this model",
            ));
        }
        let mut fields = match choice {
            Choice::Auto | Choice::None => json!({ "type": "auto" }),
            Choice::Any => json!({ "type": "any" }),
            Choice::Named(name) => json!({ "type": "tool", "name": name }),
        };
        if let Made::Object(fields) = &mut fields {
            fields.insert("disable_parallel_tool_use".to_owned(), Made::Bool(true));
        }
        request
            .additional_model_request_fields
            .insert("tool_choice".to_owned(), fields);
        Ok(())
    }

    /// The form of the answer: as the model takes it, or as a tool that it has to call.
    fn form(&mut self, request: &mut Request<'a>, model: Spoken<'_>) -> Result<bool, Untranslatable> {
        const AT: &str = "response_format";
        let Some(format) = self.format else {
            return Ok(false);
        };
        match text("response_format.type", member(AT, format, "type")?)?.as_ref() {
            "text" => return Ok(false),
            "json_schema" => {}
            _ => {
                return Err(Untranslatable::of(
                    "response_format.type",
                    "is text or json_schema for models behind Bedrock: without a schema they have no such mode",
                ));
            }
        }
        let at = "response_format.json_schema";
        let wanted = member(AT, format, "json_schema")?;
        let schema = member(at, wanted, "schema")?;
        if model.takes_schema() {
            let name = wanted
                .get("name")
                .and_then(|name| name.as_str())
                .unwrap_or("answer".into());
            let structure =
                json!({ "jsonSchema": { "schema": String::from_utf8_lossy(schema.raw()), "name": name } });
            request.output_config =
                Some(json!({ "textFormat": { "type": "json_schema", "structure": structure } }));
            return Ok(false);
        }
        if !model.can_be_forced() {
            return Err(Untranslatable::of(
                AT,
                "with a schema cannot be carried over to this model",
            ));
        }
        if !self.tools.is_empty() {
            return Err(Untranslatable::of(
                AT,
                "with a schema cannot go with `tools` for this model",
            ));
        }
        self.tools.push(Tool::ToolSpec(ToolSpec {
            name: JSON_TOOL.into(),
            description: Some("Give the answer with this tool.".into()),
            input_schema: Schema { json: raw(schema)? },
        }));
        Ok(true)
    }
}

fn choice(value: Option<Value<'_>>, names: &mut Names) -> Result<Choice, Untranslatable> {
    const AT: &str = "tool_choice";
    let wrong = || Untranslatable::of(AT, "is auto, none, required, or names a function");
    let Some(value) = value else {
        return Ok(Choice::Auto);
    };
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

/// What a function takes: an object, whatever is missing of that.
fn parameters(at: &str, body: Value<'_>) -> Result<Box<RawValue>, Untranslatable> {
    let at = format!("{at}.parameters");
    let Some(schema) = body
        .get("parameters")
        .filter(|schema| !schema.is_null() && !schema.is_empty())
    else {
        return made(NO_PARAMETERS.to_owned());
    };
    if schema.kind() != Kind::Object {
        return Err(Untranslatable::of(at, "is a JSON schema of an object"));
    }
    match schema.get("type").and_then(|kind| kind.as_str()).as_deref() {
        Some("object") => raw(schema),
        // Models refuse a schema that does not say so.
        None => {
            let rest = String::from_utf8_lossy(schema.raw());
            made(format!(
                r#"{{"type":"object",{}"#,
                rest.trim_start().trim_start_matches('{')
            ))
        }
        Some(_) => Err(Untranslatable::of(format!("{at}.type"), "is `object`")),
    }
}

/// A tool that nobody has a use for: history that holds calls needs one.
fn inert() -> ToolConfig<'static> {
    let tool = ToolSpec {
        name: "none".into(),
        description: Some("Not to be called.".into()),
        input_schema: Schema {
            json: made(NO_PARAMETERS.to_owned()).unwrap_or_default(),
        },
    };
    ToolConfig {
        tools: vec![Tool::ToolSpec(tool)],
        tool_choice: None,
    }
}

fn made(text: String) -> Result<Box<RawValue>, Untranslatable> {
    RawValue::from_string(text).map_err(|_| Untranslatable::of("tools", "hold what is no JSON"))
}
