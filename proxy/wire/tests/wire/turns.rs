//! What of a conversation with Nova Sonic may go on as it is, what is looked into, and what is refused.

use bytes::{Bytes, BytesMut};
use palisade_wire::eventstream::encode;
use palisade_wire::json::Document;
use palisade_wire::text::{Dialect, Unscanned};
use palisade_wire::turns::{Error, Turn, Turns, events, unwrapped, wrapped};

const MAX: usize = 10_000;

fn event(name: &str, members: &str) -> Bytes {
    Bytes::from(format!(r#"{{"event":{{"{name}":{{{members}}}}}}}"#))
}

/// Of the content `c`.
fn content(name: &str, members: &str) -> Bytes {
    let comma = if members.is_empty() { "" } else { "," };
    event(
        name,
        &format!(r#""promptName":"p","contentName":"c"{comma}{members}"#),
    )
}

fn begun(kind: &str, role: &str) -> Bytes {
    content(
        "contentStart",
        &format!(r#""type":"{kind}","interactive":true,"role":"{role}""#),
    )
}

fn said(text: &str) -> Bytes {
    content("textInput", &format!(r#""content":"{text}""#))
}

fn take(turns: &mut Turns, event: &Bytes) -> Turn {
    turns.take(event.clone()).unwrap()
}

fn refused(events: &[Bytes]) -> Error {
    let mut turns = Turns::new(MAX);
    let taken = events
        .iter()
        .try_for_each(|event| turns.take(event.clone()).map(|_| ()));
    taken.unwrap_err()
}

#[test]
fn a_text_in_pieces_is_looked_into_as_one_when_it_ends() {
    let mut turns = Turns::new(MAX);
    assert_eq!(take(&mut turns, &begun("TEXT", "SYSTEM")), Turn::Wait);
    assert_eq!(take(&mut turns, &said("call \\u0041da")), Turn::Wait);
    // Sound goes on meanwhile.
    let sound = event(
        "audioInput",
        r#""promptName":"p","contentName":"s","content":"AAEC/w==""#,
    );
    assert_eq!(take(&mut turns, &sound), Turn::Pass(sound.clone()));
    assert_eq!(take(&mut turns, &said(" now")), Turn::Wait);
    let Turn::Judge(list) = take(&mut turns, &content("contentEnd", "")) else {
        panic!("not judged")
    };
    let told = events(&list).unwrap();
    assert_eq!(
        told,
        [
            begun("TEXT", "SYSTEM"),
            said("call Ada now"),
            content("contentEnd", "")
        ]
    );
    assert_eq!(turns.held(), 0);
    let document = Document::parse(list).unwrap();
    let map = Dialect::Sonic.request(&document).unwrap();
    let regions = map
        .regions
        .iter()
        .map(|region| format!("{:?} {}", region.place, document.text(region)));
    assert_eq!(regions.collect::<Vec<_>>(), ["System call Ada now"]);
}

#[test]
fn limits_tools_and_results_are_looked_into_and_what_says_nothing_goes_on() {
    let mut turns = Turns::new(MAX);
    let start = event(
        "sessionStart",
        r#""inferenceConfiguration":{"maxTokens":1024,"topP":0.9}"#,
    );
    assert_eq!(
        take(&mut turns, &start),
        Turn::Judge(Bytes::from([b"[", &start[..], b"]"].concat()))
    );
    let tools = r#""promptName":"p","toolConfiguration":{"tools":[{"toolSpec":{"name":"weather","description":"tells it","inputSchema":{"json":"{}"}}}]}"#;
    let Turn::Judge(list) = take(&mut turns, &event("promptStart", tools)) else {
        panic!("not judged")
    };
    let map = Dialect::Sonic.request(&Document::parse(list).unwrap()).unwrap();
    assert_eq!(map.tools, ["weather"]);
    let silent = [
        event(
            "promptStart",
            r#""promptName":"q","audioOutputConfiguration":{"voiceId":"matthew","sampleRateHertz":24000}"#,
        ),
        event(
            "contentStart",
            r#""promptName":"p","contentName":"s","type":"AUDIO","role":"USER","audioInputConfiguration":{"mediaType":"audio/lpcm","channelCount":1}"#,
        ),
        event("contentEnd", r#""promptName":"p","contentName":"s""#),
        event("promptEnd", r#""promptName":"p""#),
        event("sessionEnd", ""),
    ];
    for event in silent {
        assert_eq!(take(&mut turns, &event), Turn::Pass(event.clone()));
    }
    let result =
        r#""type":"TOOL","role":"TOOL","toolResultInputConfiguration":{"toolUseId":"t","type":"TEXT"}"#;
    take(&mut turns, &content("contentStart", result));
    take(
        &mut turns,
        &content("toolResult", r#""content":"{\"to\":\"Ada\"}""#),
    );
    let Turn::Judge(list) = take(&mut turns, &content("contentEnd", "")) else {
        panic!("not judged")
    };
    let map = Dialect::Sonic.request(&Document::parse(list).unwrap()).unwrap();
    assert_eq!(format!("{:?}", map.regions[0].place), "ToolResult");
}

#[test]
fn before_the_first_event_policy_is_told_of_sound() {
    let map = Dialect::Sonic
        .request(&Document::parse(Bytes::from_static(b"[]")).unwrap())
        .unwrap();
    assert_eq!(map.unscanned, [Unscanned::Audio]);
}

#[test]
fn what_nobody_can_put_in_order_or_read_is_refused() {
    let many: Vec<Bytes> = (0..17)
        .map(|n| {
            event(
                "contentStart",
                &format!(r#""promptName":"p","contentName":"{n}","type":"TEXT""#),
            )
        })
        .collect();
    assert_eq!(refused(&many), Error::Open);
    let large: Vec<Bytes> = [begun("TEXT", "USER")]
        .into_iter()
        .chain((0..200).map(|_| said(&"a".repeat(50))))
        .collect();
    assert_eq!(refused(&large), Error::Size);
    assert_eq!(refused(&[said("x")]), Error::Outside);
    assert_eq!(refused(&[begun("AUDIO", "USER"), said("x")]), Error::Outside);
    assert_eq!(
        refused(&[begun("TEXT", "USER"), begun("TEXT", "USER")]),
        Error::Order
    );
    assert_eq!(
        refused(&[begun("TEXT", "USER"), content("contentEnd", "")]),
        Error::Order
    );
    let misshapen = [
        r#"{"event":{"songInput":{}}}"#,
        r#"{"event":{"audioInput":{"content":"call me, please"}}}"#,
        r#"{"event":{"textInput":{"content":["x"]}}}"#,
        r#"{"event":{"promptEnd":{}},"note":"x"}"#,
        r#"{"event":{"promptEnd":{},"sessionEnd":{}}}"#,
        r#"{"event":{}}"#,
        r#"{"event":{"promptEnd":{"note":"x"}}}"#,
        "[]",
        "7",
        // Two events where one is read would be joined by the model, and by nobody before it.
        r#"{"event":{"promptEnd":{}}},{"event":{"textInput":{"content":"4111"}}}"#,
        r#"{"event":{"promptEnd":{}}},{"event":{"promptEnd":{}}}"#,
        r#"{"event":{"sessionStart":{}}},7"#,
    ];
    for event in misshapen {
        assert!(
            matches!(refused(&[Bytes::from_static(event.as_bytes())]), Error::Shape(_)),
            "{event}"
        );
    }
}

#[test]
fn what_costs_too_much_to_read_at_once_is_refused() {
    let nodes = format!(
        r#"{{"event":{{"contentStart":{{"type":"AUDIO","audioInputConfiguration":[{}0]}}}}}}"#,
        "0,".repeat(10_000)
    );
    let deep = format!(
        r#"{{"event":{{"contentStart":{{"type":{}0{}}}}}}}"#,
        "[".repeat(40),
        "]".repeat(40)
    );
    for event in [
        "{",
        "",
        r#"{"event":{"promptEnd":{}}}]"#,
        r#"{"event":{"promptEnd":{}}}],[7"#,
        &nodes,
        &deep,
    ] {
        assert!(
            matches!(
                refused(&[Bytes::copy_from_slice(event.as_bytes())]),
                Error::Json(_) | Error::Shape(_)
            ),
            "{event:.80}"
        );
    }
    let large = event("audioInput", &format!(r#""content":"{}""#, "A".repeat(1 << 20)));
    assert_eq!(refused(&[large]), Error::Large);
}

#[test]
fn events_are_taken_out_of_their_frames_and_put_into_others() {
    let event = event("sessionEnd", "");
    let frame = wrapped(&event).unwrap().freeze();
    assert_eq!(unwrapped(frame.clone()), Ok(event));
    let framed = |headers: &[(&str, &str)], payload: &str| {
        let mut out = BytesMut::new();
        encode(headers, payload.as_bytes(), &mut out).unwrap();
        out.freeze()
    };
    let chunk = [(":event-type", "chunk"), (":message-type", "event")];
    let wrong = [
        Bytes::new(),
        frame.slice(..frame.len() - 1),
        Bytes::from([&frame[..], &frame[..]].concat()),
        framed(
            &[(":event-type", "other"), (":message-type", "event")],
            r#"{"bytes":"e30="}"#,
        ),
        framed(
            &[(":event-type", "chunk"), (":message-type", "exception")],
            r#"{"bytes":"e30="}"#,
        ),
        framed(&chunk, r#"{"bytes":"not base64"}"#),
        framed(&chunk, r#"{"bytes":7}"#),
        framed(&chunk, "{}"),
        framed(&chunk, ""),
    ];
    for payload in wrong {
        assert_eq!(unwrapped(payload), Err(Error::Frame));
    }
}
