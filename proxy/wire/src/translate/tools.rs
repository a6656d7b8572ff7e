//! Tools, the choice among them, and answers that have to have a form.

use super::Untranslatable;
use super::converse::{CachePoint, Request, Schema, Tool, ToolConfig, ToolSpec};
use super::family::Spoken;
use super::fields::{raw, text};
use crate::json::{Kind, Value};
use serde_json::value::RawValue;
use serde_json::{Value as Made, json};
use std::borrow::Cow;

/// The tool that a model is made to call where it takes no schema for its answer: what it is called with is the answer.
pub(super) const JSON_TOOL: &str = "json";

/// The schema of whatever has none.
const NO_PARAMETERS: &str = r#"{"type":"object","properties":{}}"#;

/// What is wanted of tools and of the form of the answer.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    tools: Vec<Tool<'a>>,
    pub(super) choice: Choice,
    /// Not more than one at a time.
    pub(super) one_at_a_time: bool,
    pub(super) form: Option<Form<'a>>,
}

/// Which tools a model may call.
#[derive(Default)]
pub(super) enum Choice {
    #[default]
    Auto,
    None,
    Any,
    Named(String),
}

impl Choice {
    /// What OpenAI's APIs say of it: a word, or a function, whose name each of them has elsewhere; `function` gives none where there is none.
    pub(super) fn of_openai<'a>(
        value: Value<'a>,
        function: impl FnOnce(Value<'a>) -> Option<Result<String, Untranslatable>>,
    ) -> Result<Self, Untranslatable> {
        const AT: &str = "tool_choice";
        let wrong = || Untranslatable::of(AT, "is auto, none, required, or names a function");
        if value.kind() != Kind::String {
            return function(value).ok_or_else(wrong)?.map(Self::Named);
        }
        match text(AT, value)?.as_ref() {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            "required" => Ok(Self::Any),
            _ => Err(wrong()),
        }
    }
}

/// A JSON schema that the answer has to fit.
pub(super) struct Form<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) schema: Value<'a>,
}

/// How a protocol calls what cannot be carried over to some models.
pub(super) struct Fields {
    pub(super) one_at_a_time: &'static str,
    pub(super) form: &'static str,
    pub(super) effort: &'static str,
}

impl<'a> Wanted<'a> {
    /// Adds a tool, which takes what its schema says: an object, whatever is missing of that.
    pub(super) fn tool(
        &mut self,
        name: Cow<'a, str>,
        description: Option<Cow<'a, str>>,
        (at, schema): (&str, Option<Value<'a>>),
        mark: Option<CachePoint>,
    ) -> Result<(), Untranslatable> {
        self.tools.push(Tool::ToolSpec(ToolSpec {
            name,
            description: description.filter(|text| !text.trim().is_empty()),
            input_schema: Schema {
                json: parameters(at, schema)?,
            },
        }));
        self.tools.extend(mark.map(Tool::CachePoint));
        Ok(())
    }

    /// Puts it all into a request. Tells whether the answer comes as a call of [`JSON_TOOL`].
    pub(super) fn apply(
        mut self,
        request: &mut Request<'a>,
        model: Spoken<'_>,
        fields: &Fields,
    ) -> Result<bool, Untranslatable> {
        let is_json_tool = self.form(request, model, fields)?;
        if is_json_tool {
            self.choice = Choice::Named(JSON_TOOL.to_owned());
        }
        if self.tools.is_empty() || matches!(self.choice, Choice::None) {
            // What was called before has to be known, though nothing may be called now.
            request.tool_config = request.has_tool_blocks().then(inert);
            return Ok(false);
        }
        let forced = match &self.choice {
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
        if self.one_at_a_time {
            let choice = one_at_a_time(model, &self.choice);
            let why = "cannot be carried over to this model";
            let choice = choice.ok_or_else(|| Untranslatable::of(fields.one_at_a_time, why))?;
            request
                .additional_model_request_fields
                .insert("tool_choice".to_owned(), choice);
        }
        request.tool_config = Some(ToolConfig {
            tools: self.tools,
            tool_choice: forced,
        });
        Ok(is_json_tool)
    }

    /// The form of the answer: as the model takes it, or as a tool that it has to call.
    fn form(
        &mut self,
        request: &mut Request<'a>,
        model: Spoken<'_>,
        fields: &Fields,
    ) -> Result<bool, Untranslatable> {
        let Some(Form { name, schema }) = self.form.take() else {
            return Ok(false);
        };
        if model.takes_schema() {
            let structure =
                json!({ "jsonSchema": { "schema": String::from_utf8_lossy(schema.raw()), "name": name } });
            request.output_config =
                Some(json!({ "textFormat": { "type": "json_schema", "structure": structure } }));
            return Ok(false);
        }
        if !model.can_be_forced() {
            return Err(Untranslatable::of(
                fields.form,
                "with a schema cannot be carried over to this model",
            ));
        }
        if !self.tools.is_empty() {
            return Err(Untranslatable::of(
                fields.form,
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

/// Only Claude can be told to call one tool at a time, in fields of its own.
fn one_at_a_time(model: Spoken<'_>, choice: &Choice) -> Option<Made> {
    if !model.is_claude() {
        return None;
    }
    let (kind, name) = match choice {
        Choice::Auto | Choice::None => ("auto", None),
        Choice::Any => ("any", None),
        Choice::Named(name) => ("tool", Some(name)),
    };
    let mut told = json!({ "type": kind, "disable_parallel_tool_use": true });
    if let (Some(name), Made::Object(told)) = (name, &mut told) {
        told.insert("name".to_owned(), json!(name));
    }
    Some(told)
}

fn parameters(at: &str, schema: Option<Value<'_>>) -> Result<Box<RawValue>, Untranslatable> {
    let Some(schema) = schema.filter(|schema| !schema.is_null() && !schema.is_empty()) else {
        return made(NO_PARAMETERS.to_owned());
    };
    if schema.kind() != Kind::Object {
        return Err(Untranslatable::of(at, "is a JSON schema of an object"));
    }
    match schema.get("type").and_then(|kind| kind.as_str()).as_deref() {
        Some("object") => raw(schema),
        // Models refuse a schema that does not say so.
        None if schema.get("type").is_none() => {
            let rest = String::from_utf8_lossy(schema.raw());
            made(format!(
                r#"{{"type":"object",{}"#,
                rest.trim_start().trim_start_matches('{')
            ))
        }
        _ => Err(Untranslatable::of(format!("{at}.type"), "is `object`")),
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
