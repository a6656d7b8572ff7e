//! What policy reads of a request is read exactly, or the request is refused with the place.

use super::super::{Dialect, OUTPUT_LIMITS, RequestMap, ShapeError};
use super::document;

fn request(dialect: Dialect, body: &str) -> Result<RequestMap, ShapeError> {
    dialect.request(&document(body))
}

/// Bodies of each dialect with `field` in every place where models read it, and the pointer of the field's container.
fn bodies(field: &str) -> Vec<(Dialect, String, &'static str)> {
    let messages = r#""messages":[{"role":"user","content":[{"text":"hi"}]}]"#;
    let converse = |more: String| format!("{{{messages},{more}}}");
    let anthropic = format!(r#"{{"anthropic_version":"bedrock-2023-05-31","messages":[],{field}}}"#);
    vec![
        (
            Dialect::Converse,
            converse(format!(r#""additionalModelRequestFields":{{{field}}}"#)),
            "/additionalModelRequestFields",
        ),
        (
            Dialect::Converse,
            converse(format!(
                r#""additionalModelRequestFields":{{"inferenceConfig":{{"deep":[{{{field}}}]}}}}"#
            )),
            "/additionalModelRequestFields/inferenceConfig/*/0",
        ),
        (
            Dialect::Converse,
            converse(format!(r#""inferenceConfig":{{{field}}}"#)),
            "/inferenceConfig",
        ),
        (Dialect::Converse, converse(field.to_owned()), ""),
        (
            Dialect::Nova,
            converse(format!(r#""inferenceConfig":{{{field}}}"#)),
            "/inferenceConfig",
        ),
        (Dialect::Anthropic, anthropic.clone(), ""),
        (Dialect::Generic, anthropic, ""),
        (Dialect::Generic, format!(r#"{{"prompt":"hi",{field}}}"#), ""),
        (
            Dialect::Generic,
            format!(r#"{{"inputs":"hi","parameters":{{{field}}}}}"#),
            "/parameters",
        ),
        (
            Dialect::Json,
            format!(r#"[{{"inputs":"hi","parameters":{{{field}}}}}]"#),
            "/0/parameters",
        ),
        (
            Dialect::Generic,
            format!(r#"{{"inputText":"hi","options":{{"a":{{{field}}}}}}}"#),
            "/options/*",
        ),
    ]
}

#[test]
fn every_familys_name_of_the_output_limit_counts_wherever_it_stands() {
    for (name, _) in OUTPUT_LIMITS {
        for (dialect, body, _) in bodies(&format!(r#""{name}":100000"#)) {
            let map = request(dialect, &body).unwrap();
            assert_eq!(map.max_tokens, Some(100_000), "{body}");
        }
        for (dialect, body, _) in bodies(&format!(r#""{name}":null"#)) {
            assert_eq!(request(dialect, &body).unwrap().max_tokens, None, "{body}");
        }
    }
}

#[test]
fn the_greatest_limit_wins() {
    let body = r#"{"messages":[],"inferenceConfig":{"maxTokens":5},"additionalModelRequestFields":{"max_gen_len":70,"max_tokens":6}}"#;
    assert_eq!(request(Dialect::Converse, body).unwrap().max_tokens, Some(70));
}

#[test]
fn a_limit_that_is_no_plain_integer_is_refused_with_its_place() {
    let values = [
        "1e6",
        "100000.0",
        "1E2",
        r#""100000""#,
        "12345678901234567890123",
        "-1",
        "-0",
        "true",
        "[1]",
        "{}",
    ];
    for value in values {
        for (name, _) in OUTPUT_LIMITS {
            for (dialect, body, place) in bodies(&format!(r#""{name}":{value}"#)) {
                let refusal = request(dialect, &body).expect_err(&body);
                assert_eq!(refusal.pointer, format!("{place}/{name}"), "{body}");
            }
        }
    }
}

#[test]
fn a_property_of_a_tool_or_a_word_in_content_is_no_limit() {
    let cases = [
        (
            Dialect::Converse,
            r#"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"json":{"max_tokens":"9"}}]}}]}],
                "toolConfig":{"tools":[{"toolSpec":{"name":"t","inputSchema":{"json":{"properties":{"maxTokens":{"type":"integer"}}}}}}]}}"#,
        ),
        (
            Dialect::Anthropic,
            r#"{"messages":[],"tools":[{"name":"t","input_schema":{"properties":{"max_tokens":{}}}}]}"#,
        ),
        (
            Dialect::Generic,
            r#"{"messages":[],"tools":[{"type":"function","function":{"name":"t","parameters":{"properties":{"max_tokens":{}}}}}]}"#,
        ),
    ];
    for (dialect, body) in cases {
        assert_eq!(request(dialect, body).unwrap().max_tokens, None, "{body}");
    }
}

#[test]
fn tools_are_named_in_the_shape_of_every_family() {
    let cases = [
        (
            Dialect::Generic,
            r#"{"tools":[{"type":"function","function":{"name":"a"}},{"type":"web_search"}]}"#,
        ),
        (
            Dialect::Generic,
            r#"{"functions":[{"name":"a"}],"tools":[{"name":"web_search"}]}"#,
        ),
        (
            Dialect::Generic,
            r#"{"tools":[{"toolSpec":{"name":"a"}},{"systemTool":{"name":"web_search"}}]}"#,
        ),
        (
            Dialect::Converse,
            r#"{"additionalModelRequestFields":{"tools":[{"function":{"name":"a"}},{"type":"web_search"}]}}"#,
        ),
    ];
    for (dialect, body) in cases {
        let mut tools = request(dialect, body).unwrap().tools;
        tools.sort();
        assert_eq!(tools, ["a", "web_search"], "{body}");
    }
}

#[test]
fn a_tool_without_a_readable_name_is_refused_with_its_place() {
    let cases = [
        (
            Dialect::Generic,
            r#"{"tools":[{"function":{"name":5}}]}"#,
            "/tools/0/function/name",
        ),
        (Dialect::Generic, r#"{"tools":[{}]}"#, "/tools/0"),
        (Dialect::Generic, r#"{"tools":"shell"}"#, "/tools"),
        (
            Dialect::Generic,
            r#"{"functions":{"name":"shell"}}"#,
            "/functions",
        ),
        (
            Dialect::Anthropic,
            r#"{"tools":[{"name":["shell"]}]}"#,
            "/tools/0/name",
        ),
        (
            Dialect::Converse,
            r#"{"toolConfig":{"tools":[{"toolSpec":{"name":7}}]}}"#,
            "/toolConfig/tools/0/toolSpec/name",
        ),
        (
            Dialect::Converse,
            r#"{"additionalModelRequestFields":{"tools":[{"name":7}]}}"#,
            "/additionalModelRequestFields/tools/0/name",
        ),
    ];
    for (dialect, body, pointer) in cases {
        assert_eq!(request(dialect, body).expect_err(body).pointer, pointer, "{body}");
    }
}
