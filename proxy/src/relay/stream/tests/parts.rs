//! Endpoints' streams: what is guarded is the joined text, wherever parts, bytes and characters are cut.

use super::*;

const MAIL: &str = "ada@example.com";

/// A body in parts, cut where told.
fn parts(body: &[u8], cuts: &[usize]) -> Bytes {
    let mut out = BytesMut::new();
    for part in pieces(body, cuts) {
        let headers = [
            (":event-type", "PayloadPart"),
            (":content-type", "application/octet-stream"),
            (":message-type", "event"),
        ];
        eventstream::encode(&headers, part, &mut out).unwrap();
    }
    out.freeze()
}

fn pieces<'b>(body: &'b [u8], cuts: &[usize]) -> Vec<&'b [u8]> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
    ends.push(body.len());
    ends.sort_unstable();
    let mut from = 0;
    let cut = ends.into_iter().map(|to| {
        let piece = &body[from..to];
        from = to;
        piece
    });
    cut.collect()
}

/// What leaves, as bytes and as the body that a client joins.
type Left = (Vec<u8>, Vec<u8>);

/// What leaves; or how it was cut, and what had left.
fn guarded(dialect: Dialect, stream: &[u8], cuts: &[usize]) -> Result<Left, (End, Vec<u8>)> {
    let fixture = fixture();
    let mut guard = Guard::new(&fixture.engine, Protocol::SageMakerRuntime, dialect);
    let mut observed = fixture.observed();
    let mut out = Vec::new();
    for piece in pieces(stream, cuts) {
        match guard.push(Bytes::copy_from_slice(piece), &mut observed) {
            Ok(piece) => out.extend_from_slice(&piece),
            Err(cut) => {
                out.extend_from_slice(&cut.last_bytes(Protocol::SageMakerRuntime, "r"));
                return Err((cut.end, out));
            }
        }
    }
    match guard.finish(&mut observed) {
        Ok(piece) => out.extend_from_slice(&piece),
        Err(cut) => {
            out.extend_from_slice(&cut.last_bytes(Protocol::SageMakerRuntime, "r"));
            return Err((cut.end, out));
        }
    }
    let body = joined(&out);
    Ok((out, body))
}

fn joined(out: &[u8]) -> Vec<u8> {
    let mut decoder = Decoder::new();
    decoder.push(Bytes::copy_from_slice(out));
    let mut body = Vec::new();
    while let Some(frame) = decoder.next_frame().unwrap() {
        assert_eq!(frame.event_type(), Some("PayloadPart"));
        assert!(!frame.payload_bytes().is_empty());
        body.extend_from_slice(frame.payload_bytes());
    }
    decoder.finish().unwrap();
    body
}

/// A stream of a container: its dialect, its body for pieces of text, and how a client reads a line of it.
struct Spoken {
    dialect: Dialect,
    body: fn(&[String]) -> String,
    line: fn(&str) -> Option<String>,
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn sse(pieces: &[String]) -> String {
    let event = |piece: &String| {
        format!(
            "data: {{\"id\":\"c-1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{}}}}}]}}\n\n",
            json(piece)
        )
    };
    let last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n";
    let events: String = pieces.iter().map(event).collect();
    format!(": warm\n{events}{last}data: [DONE]\n\n")
}

fn sse_line(line: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(line.strip_prefix("data: ")?).ok()?;
    Some(value["choices"][0]["delta"]["content"].as_str()?.to_owned())
}

fn tokens(pieces: &[String]) -> String {
    let token = |(id, piece): (usize, &String)| {
        format!(
            "{{\"token\":{{\"id\":{id},\"text\":{},\"log_prob\":-0.5}}}}\n",
            json(piece)
        )
    };
    pieces.iter().enumerate().map(token).collect()
}

fn token_line(line: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(value["token"]["text"].as_str()?.to_owned())
}

const SPOKEN: [Spoken; 3] = [
    Spoken {
        dialect: Dialect::OpenAiChat,
        body: sse,
        line: sse_line,
    },
    Spoken {
        dialect: Dialect::Tgi,
        body: tokens,
        line: token_line,
    },
    Spoken {
        dialect: Dialect::Text,
        body: |pieces| pieces.concat(),
        line: |line| Some(line.to_owned()),
    },
];

impl Spoken {
    fn text(&self, body: &[u8]) -> String {
        let body = std::str::from_utf8(body).unwrap();
        match self.dialect {
            Dialect::Text => body.to_owned(),
            _ => body.split(['\r', '\n']).filter_map(self.line).collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_leaves_is_the_redacted_text_wherever_it_is_cut(
        text in text(), sizes in prop::collection::vec(1usize..9, 1..5), spoken in 0..SPOKEN.len(),
        part_cuts in prop::collection::vec(any::<usize>(), 0..40), cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let spoken = &SPOKEN[spoken];
        let stream = parts((spoken.body)(&deltas(&text, &sizes)).as_bytes(), &part_cuts);
        let (out, body) = guarded(spoken.dialect, &stream, &cuts).unwrap();
        prop_assert_eq!(spoken.text(&body), redacted(&fixture().engine, &text));
        let (at_once, _) = guarded(spoken.dialect, &stream, &[]).unwrap();
        prop_assert_eq!(out, at_once, "what leaves depends on the parts, not on how they arrive");
        let whole = parts((spoken.body)(&deltas(&text, &sizes)).as_bytes(), &[]);
        let (_, of_whole) = guarded(spoken.dialect, &whole, &[]).unwrap();
        prop_assert_eq!(body, of_whole, "nor does the body on where the parts are cut");
    }

    #[test]
    fn a_clean_body_leaves_as_it_came(
        words in prop::collection::vec("[a-z]{1,6}", 0..20), spoken in 0..SPOKEN.len(),
        part_cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let spoken = &SPOKEN[spoken];
        let spaced: Vec<String> = words.iter().map(|word| format!("{word}, ")).collect();
        let body = (spoken.body)(&spaced).replace(": warm", ":");
        let (_, left) = guarded(spoken.dialect, &parts(body.as_bytes(), &part_cuts), &[]).unwrap();
        prop_assert_eq!(String::from_utf8(left).unwrap(), body);
    }

    #[test]
    fn no_part_of_a_key_leaves(
        size in 1usize..20, spoken in 0..SPOKEN.len(), part_cuts in prop::collection::vec(any::<usize>(), 0..30),
    ) {
        let secret = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(4);
        let text = format!("see {d}BEGIN PRIVATE KEY{d}\n{secret}\n{d}END PRIVATE KEY{d} ok", d = "-----");
        let spoken = &SPOKEN[spoken];
        let stream = parts((spoken.body)(&deltas(&text, &[size])).as_bytes(), &part_cuts);
        let (end, out) = guarded(spoken.dialect, &stream, &[]).unwrap_err();
        prop_assert_eq!(end, End::PolicyCut);
        let shown = String::from_utf8_lossy(&out).into_owned();
        prop_assert!(!shown.contains(&secret[..8]));
        prop_assert!(shown.contains("ModelStreamError"));
    }

    #[test]
    fn any_bytes_in_parts_are_cut_and_never_panic(
        body in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'{'), Just(b'"'), Just(b'\n'), Just(b':')], 0..200),
        cuts in prop::collection::vec(any::<usize>(), 0..9), spoken in 0..SPOKEN.len(),
    ) {
        let _ = guarded(SPOKEN[spoken].dialect, &parts(&body, &cuts), &cuts);
    }
}

/// What becomes of a body in one part.
fn left(dialect: Dialect, body: &str) -> Result<String, End> {
    let (_, body) = guarded(dialect, &parts(body.as_bytes(), &[]), &[]).map_err(|(end, _)| end)?;
    Ok(String::from_utf8(body).unwrap())
}

#[test]
fn what_is_held_at_the_end_leaves_in_a_line_of_its_own() {
    let held = |body: &str| left(Dialect::Json, body).unwrap();
    let tgi = format!(r#"{{"token":{{"text":"{MAIL}"}}}}"#);
    let expected = format!(
        "{{\"token\":{{\"text\":\"\"}}}}\n{{\"token\":{{\"text\":\"{}\"}}}}",
        "{EMAIL}"
    );
    assert_eq!(held(&tgi), expected, "no line ends the last value");
    assert_eq!(held(&format!("{tgi}\n")), format!("{expected}\n"));
    let event = format!("data: {tgi}\n\n");
    assert_eq!(
        held(&event),
        format!("data: {}\n\n", expected.replace('\n', "\n\ndata: "))
    );
}

#[test]
fn the_last_event_of_text_generation_inference_says_all_again() {
    let body = format!(
        "data:{{\"token\":{{\"id\":1,\"text\":\"to {MAIL}\",\"special\":false}},\"generated_text\":\"to {MAIL}\",\"details\":{{\"finish_reason\":\"length\",\"generated_tokens\":12,\"seed\":null}}}}\n\n"
    );
    let expected = body.replace(MAIL, "{EMAIL}").replace("\"id\":1", "\"id\":0");
    assert_eq!(left(Dialect::Tgi, &body).unwrap(), expected);
}

#[test]
fn names_of_events_pass_and_remarks_do_not() {
    let body =
        "event: message\nid: 7\ndata: {\"token\":{\"text\":\"hi, \"}}\n\nretry: 100\n\n: by ada\ndata:\n\n";
    let expected = body.replace(": by ada\ndata:\n", ":\n:\n");
    assert_eq!(left(Dialect::Json, body).unwrap(), expected);
    for odd in [
        "event: to ada\n",
        "note: x\n",
        "hello\n",
        "{\"a\":]}",
        "data: x\n",
        "}",
    ] {
        assert_eq!(left(Dialect::Json, odd).unwrap_err(), End::UpstreamError, "{odd}");
    }
}

#[test]
fn a_value_over_several_lines_is_one() {
    let body = "{\n  \"token\": {\n    \"text\": \"a } \\\" {, \"\n  }\n}\n";
    assert_eq!(left(Dialect::Json, body).unwrap(), body);
}

#[test]
fn a_body_that_ends_inside_a_unit_is_an_upstream_error() {
    for body in ["{\"token\":{\"text\":\"hi, \"}", "data: {\"token\"", "\"x"] {
        assert_eq!(
            left(Dialect::Tgi, body).unwrap_err(),
            End::UpstreamError,
            "{body}"
        );
    }
    let cut = parts(&"é".as_bytes()[..1], &[]);
    let (end, out) = guarded(Dialect::Text, &cut, &[]).unwrap_err();
    assert_eq!(end, End::UpstreamError);
    assert!(String::from_utf8_lossy(&out).contains("ModelStreamError"));
    let broken = parts(b"\xff", &[]);
    assert_eq!(
        guarded(Dialect::Text, &broken, &[]).unwrap_err().0,
        End::UpstreamError
    );
}

#[test]
fn what_cannot_be_read_passes_and_is_told() {
    let fixture = fixture();
    let mut guard = Guard::new(&fixture.engine, Protocol::SageMakerRuntime, Dialect::Opaque);
    let mut observed = fixture.observed();
    let stream = parts(b"\x00\xff\x89PNG", &[]);
    assert_eq!(guard.push(stream.clone(), &mut observed).ok(), Some(stream));
    assert!(observed.unscanned.contains(&Unscanned::EncodedPayload));
}

#[test]
fn errors_of_the_container_pass_without_what_they_quote() {
    for name in ["ModelStreamError", "InternalStreamFailure"] {
        let mut stream = BytesMut::from(&parts(b"{\"token\":{\"text\":\"half", &[])[..]);
        let message = format!("{{\"Message\":\"cannot say {MAIL}\",\"ErrorCode\":\"E1\"}}");
        eventstream::exception(name, message.as_bytes(), &mut stream).unwrap();
        let fixture = fixture();
        let mut guard = Guard::new(&fixture.engine, Protocol::SageMakerRuntime, Dialect::Tgi);
        let passed = guard.push(stream.freeze(), &mut fixture.observed()).ok().unwrap();
        let shown = String::from_utf8_lossy(&passed).into_owned();
        assert!(shown.contains(name) && shown.contains("cannot say {EMAIL}") && !shown.contains("ada@"));
        assert!(
            !shown.contains("half"),
            "what is not a whole value does not leave"
        );
        assert_eq!(guard.end(), End::UpstreamError);
        assert!(guard.finish(&mut fixture.observed()).is_ok());
    }
}
