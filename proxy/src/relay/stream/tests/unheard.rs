//! Texts in members that nobody has heard of: each may be whole, or go on in the next event.

use super::*;
use serde_json::{Value, json};

const DIALECTS: [Dialect; 2] = [Dialect::Anthropic, Dialect::OpenAiChat];

/// The event of a dialect in which a member `later` says `text`, beside what is known.
fn event_of(dialect: Dialect, text: &str) -> Value {
    match dialect {
        Dialect::Anthropic => {
            json!({"type": "content_block_delta", "index": 1, "delta": {"type": "later_delta", "later": text}})
        }
        _ => json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000,
            "choices": [{"index": 0, "delta": {"later": text}, "finish_reason": null}]}),
    }
}

fn end_of(dialect: Dialect) -> Value {
    match dialect {
        Dialect::Anthropic => json!({"type": "content_block_stop", "index": 1}),
        _ => json!({"object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
    }
}

fn later(dialect: Dialect, event: &Value) -> Option<&str> {
    let delta = match dialect {
        Dialect::Anthropic => &event["delta"],
        _ => &event["choices"][0]["delta"],
    };
    delta["later"].as_str()
}

/// What leaves of `events`, or how the stream ended.
pub(super) fn sent(dialect: Dialect, events: &[Value]) -> Result<Vec<Value>, End> {
    let fixture = fixture();
    let mut units = Units::new(Framing::of(Protocol::SageMakerRuntime, Dialect::Json));
    let mut guard = Guard::new(&fixture.engine, Protocol::SageMakerRuntime, dialect);
    let mut observed = fixture.observed();
    let mut out = BytesMut::new();
    for event in events {
        let mut part = BytesMut::new();
        let headers = [(":event-type", "PayloadPart"), (":message-type", "event")];
        eventstream::encode(&headers, format!("{event}\n").as_bytes(), &mut part).unwrap();
        out.extend_from_slice(&guard.push(part.freeze(), &mut observed).map_err(|cut| cut.end)?);
    }
    out.extend_from_slice(&guard.finish(&mut observed).map_err(|cut| cut.end)?);
    units.push(out.freeze());
    let mut left = Vec::new();
    while let Some(unit) = units.next_unit().unwrap() {
        let Content::Event(json) = unit.content else {
            continue;
        };
        left.push(serde_json::from_slice(&json).unwrap());
    }
    Ok(left)
}

/// What the member says in all events together.
fn said(dialect: Dialect, pieces: &[String]) -> Result<String, End> {
    let mut events: Vec<Value> = pieces.iter().map(|piece| event_of(dialect, piece)).collect();
    events.push(end_of(dialect));
    let left = sent(dialect, &events)?;
    assert_eq!(left.last(), events.last());
    Ok(left.iter().filter_map(|event| later(dialect, event)).collect())
}

/// Which bytes are in no match of the pieces joined, and in none of a piece alone.
fn clear(pieces: &[String]) -> String {
    let engine = &fixture().engine;
    let lead = "later: ";
    let text = pieces.concat();
    let joined = engine.find(&format!("{lead}{text}"));
    let mut spans: Vec<_> = joined
        .iter()
        .map(|found| found.span.start - lead.len()..found.span.end - lead.len())
        .collect();
    let (mut at, lead) = (0, "\"later\":\"");
    for piece in pieces {
        let alone = engine.find(&format!("{lead}{piece}\""));
        spans.extend(alone.iter().map(|found| {
            let place = |offset: usize| at + offset - lead.len();
            place(found.span.start)..place(found.span.end)
        }));
        at += piece.len();
    }
    let is_clear = |(at, _): &(usize, char)| !spans.iter().any(|span| span.contains(at));
    text.char_indices().filter(is_clear).map(|(_, c)| c).collect()
}

/// The text without what stands in the place of values.
fn without_placeholders(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        rest = behind.split_once('}').unwrap().1;
    }
    out + rest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn exactly_what_is_found_in_the_joined_text_or_in_a_piece_stays(
        text in text(), sizes in prop::collection::vec(1usize..40, 1..5),
    ) {
        let pieces = deltas(&text, &sizes);
        for dialect in DIALECTS {
            // A word that has left and turns out to be part of a match ends the stream.
            match said(dialect, &pieces) {
                Ok(said) => prop_assert_eq!(without_placeholders(&said), clear(&pieces)),
                Err(end) => {
                    prop_assert_eq!(end, End::PolicyCut);
                    prop_assert!(pieces.first().is_some_and(|first| is_word(first.as_bytes())));
                }
            }
        }
    }

    #[test]
    fn a_whole_answer_is_treated_as_the_stream_of_the_same_content(text in text()) {
        let fixture = fixture();
        for dialect in DIALECTS {
            let body = json!({"later": text}).to_string();
            let document = Document::parse(Bytes::from(body)).unwrap();
            let map = dialect.response(&document);
            let found = find_at_once(&fixture.engine, &document, &map.regions);
            let edits = whole::edits(&document, &map.regions, &found, &mut fixture.observed());
            let edits = edits.unwrap_or_else(|_| panic!("was withheld"));
            let changed = splice(document.bytes(), &edits).unwrap();
            let changed: Value = serde_json::from_slice(&changed).unwrap();
            let streamed = said(dialect, std::slice::from_ref(&text));
            prop_assert_eq!(streamed.as_deref().ok(), changed["later"].as_str());
        }
    }
}

#[test]
fn what_is_held_leaves_in_an_event_of_the_same_shape_before_the_end() {
    for dialect in DIALECTS {
        let events = [
            event_of(dialect, "Write to "),
            event_of(dialect, "Ada"),
            end_of(dialect),
        ];
        let left = sent(dialect, &events).unwrap();
        let expected = ["Write ", "to ", "Ada"].map(|text| event_of(dialect, text));
        assert_eq!(
            left.split_last().unwrap(),
            (&end_of(dialect), expected.as_slice())
        );
    }
}

#[test]
fn whole_values_are_found_though_they_would_be_none_joined() {
    let ssn = ["536", "90", "4399"].concat();
    for dialect in DIALECTS {
        let mut event = event_of(dialect, "");
        match dialect {
            Dialect::Anthropic => event["delta"]["ssn"] = json!(ssn),
            _ => event["ssn"] = json!(ssn),
        }
        let left = sent(dialect, &[event.clone(), event.clone(), event, end_of(dialect)]).unwrap();
        let shown = Value::from(left).to_string();
        assert!(!shown.contains(&ssn), "{shown}");
        assert_eq!(shown.matches("{US_SOCIAL_SECURITY_NUMBER}").count(), 3, "{shown}");
    }
}

#[test]
fn words_of_settings_leave_at_once_and_as_they_are() {
    for dialect in DIALECTS {
        let mut events = ["thinking", "thinking", "answering"]
            .map(|word| event_of(dialect, word))
            .to_vec();
        events.push(end_of(dialect));
        assert_eq!(sent(dialect, &events).unwrap(), events);
    }
}

#[test]
fn what_could_go_on_unseen_cuts_the_stream() {
    let payload = "QUJD".repeat(400);
    let dialect = Dialect::Anthropic;
    let mut odd = event_of(dialect, "Hello there");
    odd["delta"] = json!({"a b": "Hello there"});
    for event in [event_of(dialect, &payload), odd] {
        assert_eq!(sent(dialect, &[event]), Err(End::PolicyCut));
    }
}
