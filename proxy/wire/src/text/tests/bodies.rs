//! Whole requests and responses: samples that hold every place of their dialect.

use super::*;

pub(super) const CONVERSE: &str = r#"{
 "system":[{"text":"be kind"},{"guardContent":{"text":{"text":"guarded","qualifiers":["query"]}}},{"cachePoint":{"type":"default"}}],
 "messages":[{"role":"user","content":[
  {"text":"Hi M\u00fcller"},
  {"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}},
  {"document":{"name":"my cv","format":"txt","context":"about me","source":{"text":"born in 1970"},"citations":{"enabled":true}}},
  {"document":{"name":"list","source":{"content":[{"text":"part one"}]}}},
  {"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://bucket/clip","bucketOwner":"123456789012"}}}},
  {"toolResult":{"toolUseId":"tu_1","status":"success","content":[{"text":"sunny"},{"json":{"phone":5551234567,"note":["n1"],"short":12345}}]}},
  {"searchResult":{"source":"https://a.b","title":"a title","content":[{"text":"found"}]}},
  {"toolAddition":{"tool":{"type":"mcp","name":"late","serverName":"srv"}}},
  {"cachePoint":{"type":"default"}}]},
 {"role":"assistant","content":[
  {"reasoningContent":{"reasoningText":{"text":"let me think","signature":"QUJD+/="}}},
  {"reasoningContent":{"redactedContent":"gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA"}},
  {"toolUse":{"toolUseId":"tu_1","name":"weather","input":{"city":"Bonn","deep":{"n":[true,null,"x"]}}}},
  {"citationsContent":{"content":[{"text":"as said"}],"citations":[{"title":"T","sourceContent":[{"text":"quoted"}],"location":{"web":{"url":"https://c.d"}}}]}},
  {"hologram":{"caption":"new thing"}}]}],
 "toolConfig":{"tools":[{"toolSpec":{"name":"weather","description":"tells weather","inputSchema":{"json":{"type":"object","description":"where to"}}}},{"systemTool":{"name":"nova_grounding"}}],"toolChoice":{"tool":{"name":"weather"}}},
 "inferenceConfig":{"maxTokens":100000,"temperature":0.5,"stopSequences":["end of it"]},
 "additionalModelRequestFields":{"tools":[{"type":"computer_20241022","name":"computer"}],"max_tokens":200000},
 "promptVariables":{"who":{"text":"Anna"}},
 "requestMetadata":{"cost center":"anna b"},
 "outputConfig":{"textFormat":{"structure":{"jsonSchema":{"schema":"{\"a b\":1}","name":"out"}}}},
 "guardrailConfig":{"guardrailIdentifier":"gr1","guardrailVersion":"1"},
 "additionalModelResponseFieldPaths":["/stop_sequence"],
 "serviceTier":{"type":"priority"},"later":{"idea":"unheard of"}}"#;

const CONVERSE_REGIONS: &str = "System be kind\nSystem guarded\nText Hi Müller\nMetadata my cv\nDocument about me\n\
Document born in 1970\nMetadata list\nDocument part one\nMetadata s3://bucket/clip\nMetadata 123456789012\nToolResult sunny\n\
Key phone\nNumber 5551234567\nKey note\nToolResult n1\nKey short\nNumber 12345\nMetadata https://a.b\nMetadata a title\nDocument found\n\
Reasoning let me think\nKey city\nToolInput Bonn\nKey deep\nKey n\nToolInput x\nText as said\nCitation T\n\
Citation quoted\nCitation https://c.d\nKey hologram\nKey caption\nText new thing\nMetadata tells weather\nKey json\n\
Key type\nMetadata object\nKey description\nMetadata where to\nMetadata end of it\nKey tools\nKey type\n\
Metadata computer_20241022\nKey name\nMetadata computer\nKey max_tokens\nNumber 200000\nKey who\nKey text\nText Anna\n\
Key cost center\nMetadata anna b\nToolInput {\"a b\":1}\nMetadata out\nMetadata 1\nMetadata /stop_sequence\nKey later\n\
Key idea\nText unheard of";

pub(super) const ANTHROPIC: &str = r#"{
 "anthropic_version":"2026-10-21","anthropic_beta":["tools-2024"],"max_tokens":4096,
 "system":[{"type":"text","text":"be kind","cache_control":{"type":"ephemeral"}}],
 "messages":[{"role":"user","content":"plain words"},{"role":"user","content":[
  {"type":"text","text":"block words"},
  {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},
  {"type":"document","title":"my cv","context":"about me","source":{"type":"text","media_type":"text/plain","data":"born in 1970"}},
  {"type":"document","source":{"type":"content","content":[{"type":"text","text":"part one"}]}},
  {"type":"document","source":{"type":"url","url":"https://a.b/c.pdf"}},
  {"type":"tool_result","tool_use_id":"toolu_1","content":"sunny today","is_error":false},
  {"type":"tool_result","tool_use_id":"toolu_2","content":[{"type":"text","text":"rain later"}]},
  {"type":"search_result","source":"https://d.e","title":"a title","content":[{"type":"text","text":"found it"}],"citations":{"enabled":true}}]},
 {"role":"assistant","content":[
  {"type":"thinking","thinking":"let me think","signature":"QUJD+/="},
  {"type":"redacted_thinking","data":"gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA"},
  {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Bonn","tel":5551234567}},
  {"type":"text","text":"as said","citations":[{"type":"char_location","cited_text":"quoted text","document_title":null}]},
  {"type":"web_search_tool_result","tool_use_id":"srv_1","content":[{"type":"web_search_result","title":"page","url":"https://f.g","encrypted_content":"gICA","page_age":"2 days"}]}]}],
 "tools":[{"name":"weather","description":"tells weather","input_schema":{"type":"object"}},{"type":"bash_20250124","name":"bash"}],
 "tool_choice":{"type":"auto"},"stop_sequences":["stop here"],"metadata":{"user_id":"u 1"},
 "thinking":{"type":"enabled","budget_tokens":100000},"amazon-bedrock-guardrailConfig":{"tagSuffix":"xyz"}}"#;

const ANTHROPIC_REGIONS: &str = "System be kind\nText plain words\nText block words\nMetadata my cv\nDocument about me\n\
Document born in 1970\nDocument part one\nMetadata https://a.b/c.pdf\nToolResult sunny today\nToolResult rain later\n\
Metadata https://d.e\nMetadata a title\nToolResult found it\nReasoning let me think\nKey city\nToolInput Bonn\nKey tel\n\
Number 5551234567\nText as said\nCitation char_location\nCitation quoted text\nMetadata page\nMetadata https://f.g\n\
Key page_age\nText 2 days\nMetadata tells weather\nKey type\nMetadata object\nMetadata stop here\nMetadata u 1";

pub(super) const NOVA: &str = r#"{"schemaVersion":"messages-v1","system":[{"text":"be kind"}],
 "messages":[{"role":"user","content":[{"text":"Hi Anna"},{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}}]}],
 "inferenceConfig":{"max_new_tokens":512,"topK":20},"toolConfig":{"tools":[{"toolSpec":{"name":"t","description":"does it","inputSchema":{"json":{}}}}]}}"#;

const OPENAI: &str = r#"{"model":"openai.gpt-oss-20b-1:0","max_completion_tokens":123456,"temperature":0.2,
 "messages":[{"role":"system","content":"be kind"},{"role":"user","content":[{"type":"text","text":"Hi Anna"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]},
  {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"tel\":1}"}}]},
  {"role":"tool","tool_call_id":"call_1","content":"ok then"}],
 "tools":[{"type":"function","function":{"name":"f","description":"does it","parameters":{"type":"object"}}}]}"#;

fn check_request(dialect: Dialect, body: &str, regions: &str) -> RequestMap {
    let document = document(body);
    let map = dialect.request(&document).unwrap();
    assert_eq!(shown(&document, &map.regions), regions, "{dialect:?}");
    map
}

fn without_keys(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with("Key "))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn maps_every_place_of_a_converse_request() {
    use Unscanned::*;
    let map = check_request(Dialect::Converse, CONVERSE, CONVERSE_REGIONS);
    assert_eq!(map.unscanned, [Image, Video, S3Location, RedactedReasoning]);
    assert_eq!(map.tools, ["late", "weather", "nova_grounding", "computer"]);
    assert_eq!(
        map.modalities.names().collect::<Vec<_>>(),
        ["text", "image", "video"]
    );
    assert_eq!((map.max_tokens, map.client_guardrail), (Some(200_000), true));
}

#[test]
fn maps_every_place_of_an_anthropic_request() {
    use Unscanned::*;
    for dialect in [Dialect::Anthropic, Dialect::Generic] {
        let map = check_request(dialect, ANTHROPIC, ANTHROPIC_REGIONS);
        assert_eq!(
            map.unscanned,
            [Image, Document, RedactedReasoning, EncodedPayload]
        );
        assert_eq!(map.tools, ["weather", "bash"]);
        assert_eq!((map.max_tokens, map.client_guardrail), (Some(4096), true));
    }
    check_request(
        Dialect::Anthropic,
        r#"{"prompt":"Human: hi","max_tokens_to_sample":9}"#,
        "Text Human: hi",
    );
}

#[test]
fn maps_a_nova_request() {
    for dialect in [Dialect::Nova, Dialect::Generic] {
        let map = check_request(
            dialect,
            NOVA,
            "System be kind\nText Hi Anna\nMetadata does it\nKey json",
        );
        assert_eq!((map.max_tokens, map.tools), (Some(512), vec!["t".to_owned()]));
        assert_eq!(map.unscanned, [Unscanned::Image]);
    }
}

#[test]
fn maps_bodies_of_any_other_family() {
    let document = document(OPENAI);
    let map = Dialect::Generic.request(&document).unwrap();
    let expected = "Identifier openai.gpt-oss-20b-1:0\nNumber 123456\nText be kind\nText Hi Anna\nText f\nToolInput {\"tel\":1}\nText ok then\nText f\n\
                    Metadata does it";
    assert_eq!(without_keys(&shown(&document, &map.regions)), expected);
    assert_eq!(
        (map.max_tokens, map.tools, map.unscanned),
        (Some(123_456), vec!["f".into()], vec![Unscanned::Image])
    );

    let cases = [
        (
            r#"{"inputText":"Hi","textGenerationConfig":{"maxTokenCount":77}}"#,
            "Text Hi",
            Some(77),
        ),
        (r#"{"prompt":"Hi","max_gen_len":5}"#, "Text Hi", Some(5)),
        (
            r#"{"inputs":"hi","parameters":{"max_new_tokens":8}}"#,
            "Text hi",
            Some(8),
        ),
        (
            r#"{"message":"m","chat_history":[{"role":"USER","message":"h"}],"preamble":"p"}"#,
            "Text m\nText h\nSystem p",
            None,
        ),
        (
            r#"{"texts":["a","b"],"input_type":"search_document"}"#,
            "Text a\nText b\nText search_document",
            None,
        ),
        (
            r#"["bare",[4111111111111111],0.1234567,1.5e-07,-2.5]"#,
            "Text bare\nNumber 4111111111111111",
            None,
        ),
        (
            r#"{"role":"call me at once","type":["a b"]}"#,
            "Text call me at once\nText a b",
            None,
        ),
        (r#""just a string""#, "Text just a string", None),
    ];
    for (body, regions, max_tokens) in cases {
        let document = super::document(body);
        let map = Dialect::Generic.request(&document).unwrap();
        assert_eq!(without_keys(&shown(&document, &map.regions)), regions, "{body}");
        assert_eq!(map.max_tokens, max_tokens, "{body}");
    }
}

#[test]
fn names_payloads_that_cannot_be_read() {
    use Unscanned::*;
    let long = "gICA".repeat(100);
    let cases = [
        (
            Dialect::Converse,
            format!(r#"{{"later":"{long}"}}"#),
            vec![UnknownBlock],
            2,
        ),
        (
            Dialect::Converse,
            r#"{"later":"s3://bucket/key"}"#.to_owned(),
            vec![S3Location],
            2,
        ),
        (
            Dialect::Converse,
            format!(r#"{{"requestMetadata":{{"k":"{long}"}}}}"#),
            vec![EncodedPayload],
            2,
        ),
        (
            Dialect::Converse,
            format!(r#"{{"requestMetadata":{{"k":"{long} "}}}}"#),
            vec![EncodedPayload],
            2,
        ),
        (
            Dialect::Converse,
            format!(r#"{{"requestMetadata":{{"k":"{long}, "}}}}"#),
            vec![],
            2,
        ),
        (
            Dialect::Generic,
            format!(r#"{{"inputImage":"iVBORw0KGgo{long}"}}"#),
            vec![Image],
            1,
        ),
        (
            Dialect::Generic,
            r#"{"u":"data:application/pdf;base64,QUJD"}"#.to_owned(),
            vec![Document],
            1,
        ),
        (
            Dialect::Generic,
            r#"{"u":"data:image/png;base64,not base64"}"#.to_owned(),
            vec![],
            2,
        ),
        (
            Dialect::Generic,
            format!(r#"{{"u":"data:text/plain;base64,{long}"}}"#),
            vec![EncodedPayload],
            2,
        ),
    ];
    for (dialect, body, unscanned, regions) in cases {
        let map = dialect.request(&document(&body)).unwrap();
        assert_eq!((map.unscanned, map.regions.len()), (unscanned, regions), "{body}");
    }
}

#[test]
fn refuses_wrong_shapes_by_their_place() {
    let cases = [
        (Dialect::Converse, r#"{"messages":{}}"#, "/messages"),
        (Dialect::Converse, r#"{"messages":["hi"]}"#, "/messages/0"),
        (
            Dialect::Converse,
            r#"{"messages":[{"role":"user","content":"hi"}]}"#,
            "/messages/0/content",
        ),
        (
            Dialect::Converse,
            r#"{"messages":[{"content":[{"text":["hi"]}]}]}"#,
            "/messages/0/content/0/text",
        ),
        (
            Dialect::Converse,
            r#"{"messages":[{"content":[{"image":{"source":{"bytes":{}}}}]}]}"#,
            "/messages/0/content/0/image/source/bytes",
        ),
        (Dialect::Converse, r#"{"system":"be kind"}"#, "/system"),
        (Dialect::Converse, "[]", ""),
        (
            Dialect::Nova,
            r#"{"toolConfig":{"tools":[{"toolSpec":"x"}]}}"#,
            "/toolConfig/tools/0/toolSpec",
        ),
        (
            Dialect::Anthropic,
            r#"{"messages":[{"content":7}]}"#,
            "/messages/0/content",
        ),
        (
            Dialect::Anthropic,
            r#"{"messages":[{"content":[[]]}]}"#,
            "/messages/0/content/0",
        ),
        (Dialect::Anthropic, r#"{"prompt":{}}"#, "/prompt"),
    ];
    for (dialect, body, pointer) in cases {
        let error = dialect.request(&document(body)).unwrap_err();
        assert_eq!(error.pointer, pointer, "{body}");
    }
    let absent = r#"{"messages":[{"role":"user","content":null}],"system":null,"toolConfig":null,"guardrailConfig":null}"#;
    assert!(!check_request(Dialect::Converse, absent, "").client_guardrail);
}

const fn usage(
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
) -> Usage {
    Usage {
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens,
    }
}

fn check_response(dialect: Dialect, body: &str, regions: &str, usage: Usage, stop_reason: Option<&str>) {
    let document = document(body);
    let map = dialect.response(&document);
    assert_eq!(without_keys(&shown(&document, &map.regions)), regions, "{body}");
    assert_eq!((map.usage, map.stop_reason), (usage, stop_reason), "{body}");
}

#[test]
fn maps_responses() {
    let cases = [
        (
            Dialect::Converse,
            r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello"},{"image":{"format":"png","source":{"bytes":"iVBORw0K"}}}]}},"stopReason":"end_turn","usage":{"inputTokens":111111,"outputTokens":4,"totalTokens":15,"cacheReadInputTokens":2,"cacheWriteInputTokens":3},"metrics":{"latencyMs":321},"additionalModelResponseFields":{"s":"t"},"trace":{"guardrail":{"modelOutput":["raw words"]}}}"#,
            "Text Hello\nText t\nMetadata raw words",
            usage(Some(111_111), Some(4), Some(2), Some(3)),
            Some("end_turn"),
        ),
        (
            Dialect::Anthropic,
            r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"Hello"},{"type":"tool_use","id":"t","name":"n","input":{"a":"b"}}],"stop_reason":"stop_sequence","stop_sequence":"so be it","usage":{"input_tokens":11,"output_tokens":4,"cache_creation_input_tokens":5,"cache_read_input_tokens":6}}"#,
            "Text Hello\nToolInput b\nMetadata so be it",
            usage(Some(11), Some(4), Some(6), Some(5)),
            Some("stop_sequence"),
        ),
        (
            Dialect::Anthropic,
            r#"{"completion":" Hi","stop_reason":"stop_sequence","stop":"\n\nHuman:"}"#,
            "Text  Hi\nMetadata \n\nHuman:",
            usage(None, None, None, None),
            Some("stop_sequence"),
        ),
        (
            Dialect::Nova,
            r#"{"output":{"message":{"content":[{"text":"Hello"}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":2}}"#,
            "Text Hello",
            usage(Some(1), Some(2), None, None),
            Some("end_turn"),
        ),
    ];
    for (dialect, body, regions, usage, stop_reason) in cases {
        check_response(dialect, body, regions, usage, stop_reason);
    }
}

#[test]
fn maps_responses_of_other_families() {
    let cases = [
        (
            Dialect::Generic,
            r#"{"inputTextTokenCount":3,"results":[{"tokenCount":9,"outputText":"Hello","completionReason":"FINISH"}]}"#,
            "Text Hello",
            usage(Some(3), Some(9), None, None),
            Some("finish"),
        ),
        (
            Dialect::Generic,
            r#"{"generation":"Hello","prompt_token_count":3,"generation_token_count":2,"stop_reason":"stop"}"#,
            "Text Hello",
            usage(Some(3), Some(2), None, None),
            Some("stop"),
        ),
        (
            Dialect::Generic,
            r#"{"id":"chatcmpl-1","created":1732384000,"choices":[{"index":0,"message":{"role":"assistant","content":"Hello","reasoning_content":"hm"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}"#,
            "Text Hello\nReasoning hm",
            usage(Some(6), Some(2), Some(4), None),
            Some("stop"),
        ),
        (
            Dialect::Generic,
            r#"{"embedding":[0.0123456789,-1.2345678e-05,0.5],"stop_reason":"not a word"}"#,
            "Text not a word",
            usage(None, None, None, None),
            Some("other"),
        ),
        (
            Dialect::Generic,
            r#"{"Output":{"__type":"com.amazon#UnknownOperationException"}}"#,
            "Text com.amazon#UnknownOperationException",
            usage(None, None, None, None),
            None,
        ),
        (
            Dialect::Converse,
            r#"{"output":{"message":{"content":"odd shape"}}}"#,
            "Text odd shape",
            usage(None, None, None, None),
            None,
        ),
    ];
    for (dialect, body, regions, usage, stop_reason) in cases {
        check_response(dialect, body, regions, usage, stop_reason);
    }
}
