//! Models that speak: what they write is guarded in pieces, and sound that says what was taken out is silenced.

use super::unheard::sent;
use super::*;
use serde_json::{Value, json};

fn event(name: &str, content: &str, members: Value) -> Value {
    let mut members = members;
    members["contentId"] = json!(content);
    members["completionId"] = json!("c1");
    json!({ "event": { name: members } })
}

/// A text, and the sound of it.
fn said(role: &str, pieces: &[&str]) -> Vec<Value> {
    let start = json!({ "type": "TEXT", "role": role, "additionalModelFields": "{\"generationStage\":\"SPECULATIVE\"}" });
    let mut events = vec![event("contentStart", "t", start)];
    events.extend(
        pieces
            .iter()
            .map(|piece| event("textOutput", "t", json!({ "content": piece, "role": role }))),
    );
    events.push(event("contentEnd", "t", json!({ "stopReason": "PARTIAL_TURN" })));
    events.push(event(
        "contentStart",
        "a",
        json!({ "type": "AUDIO", "role": "ASSISTANT" }),
    ));
    events.push(event("audioOutput", "a", json!({ "content": "AAEC" })));
    events.push(event("contentEnd", "a", json!({ "stopReason": "END_TURN" })));
    events
}

fn texts(events: &[Value]) -> String {
    let texts = events
        .iter()
        .filter_map(|event| event["event"]["textOutput"]["content"].as_str());
    texts.collect()
}

fn sounds(events: &[Value]) -> Vec<&str> {
    let sounds = events
        .iter()
        .filter_map(|event| event["event"]["audioOutput"]["content"].as_str());
    sounds.collect()
}

#[test]
fn sound_is_silenced_until_the_model_says_something_else() {
    let events = [
        said("ASSISTANT", &["Hello."]),
        said("ASSISTANT", &["Mail ada@exa", "mple.com now."]),
        said("USER", &["who?"]),
        said("ASSISTANT", &["Nobody."]),
    ];
    let left = sent(Dialect::Sonic, &events.concat()).unwrap();
    assert_eq!(texts(&left), "Hello.Mail {EMAIL} now.who?Nobody.");
    assert_eq!(sounds(&left), ["AAEC", "", "", "AAEC"]);
}

#[test]
fn sound_that_began_silent_stays_so_whatever_is_written_beside_it() {
    let mut events = said("ASSISTANT", &["Mail ada@example.com."]);
    let sound = events.split_off(events.len() - 2);
    let written = json!({ "type": "TEXT", "role": "ASSISTANT", "additionalModelFields": "{\"generationStage\":\"FINAL\"}" });
    let heard = json!({ "type": "TEXT", "role": "USER" });
    let next = json!({ "type": "TEXT", "role": "ASSISTANT" });
    for (id, start) in [("f", written), ("u", heard), ("n", next)] {
        events.push(event("contentStart", id, start));
        events.extend_from_slice(&sound[..1]);
        events.push(event("contentEnd", id, json!({})));
        events.extend_from_slice(&sound[..1]);
    }
    events.extend_from_slice(&sound[1..]);
    events.push(event("contentStart", "b", json!({ "type": "AUDIO" })));
    events.push(event("audioOutput", "b", json!({ "content": "AAEC" })));
    let left = sent(Dialect::Sonic, &events).unwrap();
    assert_eq!(sounds(&left), ["", "", "", "", "", "", "AAEC"]);
}

#[test]
fn sound_of_a_text_that_has_not_ended_is_not_heard() {
    let mut events = said("ASSISTANT", &["Mail ada@exam"]);
    let end = events.remove(2);
    events.insert(4, end);
    let left = sent(Dialect::Sonic, &events).unwrap();
    assert_eq!(sounds(&left), [""]);
}

#[test]
fn what_the_model_has_heard_silences_nothing() {
    let events = [
        said("USER", &["I am ada@example.com"]),
        said("ASSISTANT", &["Welcome."]),
    ];
    let left = sent(Dialect::Sonic, &events.concat()).unwrap();
    assert_eq!(texts(&left), "I am {EMAIL}Welcome.");
    // Of the first nobody has read what it says.
    assert_eq!(sounds(&left), ["", "AAEC"]);
}

#[test]
fn what_is_held_leaves_before_its_content_ends() {
    let left = sent(Dialect::Sonic, &said("ASSISTANT", &["mail ada@example.com"])).unwrap();
    let names: Vec<_> = left
        .iter()
        .map(|event| {
            event["event"]
                .as_object()
                .unwrap()
                .keys()
                .next()
                .unwrap()
                .as_str()
        })
        .collect();
    let end = names.iter().position(|name| *name == "contentEnd").unwrap();
    assert!(
        names.iter().rposition(|name| *name == "textOutput").unwrap() < end,
        "{names:?}"
    );
    assert_eq!((texts(&left).as_str(), sounds(&left)), ("mail {EMAIL}", vec![""]));
}

#[test]
fn arguments_of_tools_are_guarded() {
    let used = json!({ "content": "{\"to\":\"ada@example.com\"}", "toolName": "mail", "toolUseId": "t1", "role": "TOOL" });
    let left = sent(Dialect::Sonic, &[event("toolUse", "t", used)]).unwrap();
    let arguments: String = left
        .iter()
        .filter_map(|event| event["event"]["toolUse"]["content"].as_str())
        .collect();
    assert_eq!(arguments, "{\"to\":\"{EMAIL}\"}");
}

proptest! {
    #[test]
    fn however_a_text_is_cut_it_comes_out_the_same(sizes in prop::collection::vec(1usize..9, 1..8)) {
        let text = "Write to ada@example.com, or to bob@example.com, today.";
        let pieces = deltas(text, &sizes);
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let left = sent(Dialect::Sonic, &said("ASSISTANT", &pieces)).unwrap();
        prop_assert_eq!(texts(&left), "Write to {EMAIL}, or to {EMAIL}, today.");
        prop_assert_eq!(sounds(&left), [""]);
    }
}
