//! How many tokens a message would be, by `CountTokens` (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html), which knows few models
//! and says so. Nothing is estimated in its place.

use super::native;
use crate::json::Document;
use crate::translate::converse::Request;
use crate::translate::family::{Own, Spoken};
use crate::translate::voice::{Manner, Unspeakable, Voice};
use crate::translate::{Names, Translated, Untranslatable, Way};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Serialize)]
struct Asked<'a> {
    input: Input<'a>,
}

/// A prompt, as another operation would take it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Input<'a> {
    InvokeModel { body: String },
    Converse(Box<Request<'a>>),
}

/// Asks for the tokens of a message.
pub(in crate::translate) fn request(
    body: &Document,
    model: Spoken<'_>,
    betas: &[&str],
) -> Result<Translated, Untranslatable> {
    let (input, left_out) = match model.own == Own::Messages {
        // With the tools, which the other form does not count.
        true => {
            let is_given = body.root().get("max_tokens").is_some();
            let Translated {
                mut body, left_out, ..
            } = native(body, betas)?;
            if !is_given {
                // The model will not run, but its body has to be one that could.
                body.pop();
                body.extend_from_slice(br#","max_tokens":1}"#);
            }
            (
                Input::InvokeModel {
                    body: BASE64_STANDARD.encode(body),
                },
                left_out,
            )
        }
        false => {
            let mut asked = super::read(body, model, betas)?;
            asked.say(body)?;
            let Request {
                messages,
                system,
                tool_config,
                additional_model_request_fields,
                ..
            } = asked.draft.request;
            let counted = Request {
                messages,
                system,
                tool_config,
                additional_model_request_fields,
                ..Request::default()
            };
            (Input::Converse(Box::new(counted)), asked.draft.left_out)
        }
    };
    Ok(Translated {
        way: Way::CountTokens,
        // Serializing to memory fails for maps with keys that are no strings, of which there are none.
        body: serde_json::to_vec(&Asked { input }).unwrap_or_default(),
        is_streaming: false,
        left_out,
        voice: Voice::new(Manner::Count, Names::default()),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    input_tokens: u64,
}

/// Says how many there are.
pub(in crate::translate) fn answer(answer: &[u8]) -> Result<Vec<u8>, Unspeakable> {
    let Counted { input_tokens } = serde_json::from_slice(answer).map_err(|_| Unspeakable)?;
    Ok(json!({ "input_tokens": input_tokens }).to_string().into_bytes())
}
