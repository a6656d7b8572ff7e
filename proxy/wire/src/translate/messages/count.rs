//! How many tokens a message would be, by `CountTokens` (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html), which knows few models
//! and says so. Nothing is estimated in its place.

use super::native;
use crate::json::Document;
use crate::translate::family::{Own, Spoken};
use crate::translate::voice::{Speech, Unspeakable, Voice};
use crate::translate::{Names, Translated, Untranslatable, Way};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::json;

/// Asks for the tokens of a message.
pub(in crate::translate) fn request(
    body: &Document,
    model: Spoken<'_>,
    betas: &[&str],
) -> Result<Translated, Untranslatable> {
    let (input, left_out) = match model.own == Own::Messages {
        // With the tools, which the other form does not count.
        true => {
            let Translated {
                mut body, left_out, ..
            } = native(body, betas)?;
            if !is_given(&body) {
                // The model will not run, but its body has to be one that could.
                body.pop();
                body.extend_from_slice(br#","max_tokens":1}"#);
            }
            (
                json!({ "invokeModel": { "body": BASE64_STANDARD.encode(body) } }),
                left_out,
            )
        }
        false => {
            let mut asked = super::read(body, model)?;
            asked.say(body)?;
            let mut converse = serde_json::to_value(&asked.request).unwrap_or_default();
            if let Some(members) = converse.as_object_mut() {
                members.retain(|name, _| {
                    matches!(
                        name.as_str(),
                        "messages" | "system" | "toolConfig" | "additionalModelRequestFields"
                    )
                });
            }
            (json!({ "converse": converse }), asked.left_out)
        }
    };
    Ok(Translated {
        way: Way::CountTokens,
        body: json!({ "input": input }).to_string().into_bytes(),
        is_streaming: false,
        left_out,
        voice: Voice::new(Speech::Count, Names::default()),
    })
}

fn is_given(body: &[u8]) -> bool {
    let document = Document::parse(body.to_vec().into());
    document.is_ok_and(|document| document.root().get("max_tokens").is_some())
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
