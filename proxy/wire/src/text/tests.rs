mod asked;
mod bodies;

mod events;

mod everywhere;

use bytes::Bytes;

use super::*;

fn document(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

/// Regions one a line: kind, then text.
fn shown(document: &Document, regions: &[Region]) -> String {
    let line = |region: &Region| format!("{:?} {}", region.kind, document.text(region));
    regions.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn knows_the_dialect_of_a_model() {
    let cases = [
        ("anthropic.claude-3-5-sonnet-20240620-v1:0", Dialect::Anthropic),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", Dialect::Anthropic),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2",
            Dialect::Anthropic,
        ),
        (
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0",
            Dialect::Nova,
        ),
        ("global.amazon.nova-2-lite-v1:0", Dialect::Nova),
        ("amazon.nova-canvas-v1:0", Dialect::Generic),
        ("amazon.nova-2-multimodal-embeddings-v1:0", Dialect::Generic),
        ("amazon.titan-text-express-v1", Dialect::Generic),
        ("meta.llama3-70b-instruct-v1:0", Dialect::Generic),
        (
            "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/anthropic.x",
            Dialect::Generic,
        ),
        (
            "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0/abcdefghijkl",
            Dialect::Generic,
        ),
        ("", Dialect::Generic),
    ];
    for (model_id, dialect) in cases {
        assert_eq!(Dialect::of_model(model_id), dialect, "{model_id}");
    }
}

#[test]
fn usage_keeps_the_larger_of_two_cumulative_counts() {
    let mut usage = Usage {
        input_tokens: Some(11),
        output_tokens: Some(1),
        ..Usage::default()
    };
    usage.merge(Usage {
        output_tokens: Some(4),
        cache_read_tokens: Some(0),
        ..Usage::default()
    });
    usage.merge(Usage {
        input_tokens: Some(0),
        ..Usage::default()
    });
    let expected = Usage {
        input_tokens: Some(11),
        output_tokens: Some(4),
        cache_read_tokens: Some(0),
        ..Usage::default()
    };
    assert_eq!(usage, expected);
}

#[test]
fn modalities_name_what_they_hold() {
    let both = Modalities::IMAGE.with(Modalities::TEXT);
    assert_eq!(both.names().collect::<Vec<_>>(), ["text", "image"]);
    assert!(both.has(Modalities::IMAGE) && !both.has(Modalities::IMAGE.with(Modalities::AUDIO)));
}
