//! Bodies of SageMaker endpoints, which are what their containers make of them: the registry says what, and a body of another
//! shape is refused. Sources: the API references of OpenAI Chat Completions, Text Generation Inference (`/generate`) and the
//! payloads of SageMaker JumpStart's text generation models.

use crate::json::{Kind, Value};

use super::{RegionKind, Unscanned, gather::Gather, generic};

/// `{"messages": […], …}`
pub(super) fn chat(gather: &mut Gather, root: Value<'_>) {
    expect(gather, root, b"messages", &[Kind::Array]);
    generic::request(gather, root);
}

/// `{"inputs": "…", "parameters": {…}}`
pub(super) fn tgi(gather: &mut Gather, root: Value<'_>) {
    expect(gather, root, b"inputs", &[Kind::String]);
    generic::request(gather, root);
}

/// `{"inputs": "…" or [[{"role": …, "content": …}]], "parameters": {…}}`
pub(super) fn jumpstart(gather: &mut Gather, root: Value<'_>) {
    expect(gather, root, b"inputs", &[Kind::String, Kind::Array]);
    generic::request(gather, root);
}

/// A body that is text and nothing else.
pub(super) fn text(gather: &mut Gather, root: Value<'_>) {
    gather.region(root, RegionKind::Text);
}

/// A body that nobody here can read.
pub(super) fn opaque(gather: &mut Gather) {
    gather.unscanned(Unscanned::EncodedPayload);
}

/// A body that lies in S3, where the endpoint will fetch it.
pub(super) fn elsewhere(gather: &mut Gather) {
    gather.unscanned(Unscanned::S3Location);
}

fn expect(gather: &mut Gather, root: Value<'_>, member: &[u8], kinds: &[Kind]) {
    let found = root.members().find(|(key, _)| *key.name() == *member);
    match found {
        Some((_, value)) if kinds.contains(&value.kind()) => {}
        Some((_, value)) => gather.misshapen(value),
        None => gather.misshapen(root),
    }
}
