//! Tokens in streams: values come back under every chunking, where they may, and nowhere else.

use super::*;
use palisade_guardrails::{Category, TokenKey};

const MAIL: &str = "ada@example.org";
const PHONE: &str = "+49 30 901820";

struct Issued {
    fixture: Fixture,
    mail: String,
    phone: String,
}

fn issued_with(forms: Forms) -> Issued {
    let mut tokens = Tokens::new(TokenKey::new(&[7; 32]));
    let mail = tokens.issue(Category::EMAIL, MAIL).unwrap();
    let phone = tokens.issue(Category::PHONE, PHONE).unwrap();
    let fixture = Fixture {
        forms,
        tokens: Some(tokens),
        ..load()
    };
    Issued { fixture, mail, phone }
}

fn issued() -> &'static Issued {
    static ISSUED: OnceLock<Issued> = OnceLock::new();
    ISSUED.get_or_init(|| issued_with(Forms::new(MaskOf::These(BTreeSet::new()), None, false)))
}

/// Words, tokens as issued and as models bend them, forgeries, and values that nobody sent.
fn text() -> impl Strategy<Value = (String, String)> {
    let same = |text: &str| (text.to_owned(), text.to_owned());
    let Issued { mail, phone, .. } = issued();
    let bare = mail.trim_matches(['<', '>']);
    let word = prop_oneof![
        "[a-z]{1,8}".prop_map(|word| (word.clone(), word)),
        Just((mail.clone(), MAIL.to_owned())),
        Just((phone.clone(), PHONE.to_owned())),
        Just((bare.to_lowercase(), MAIL.to_owned())),
        Just((bare.replace('_', "\\_"), MAIL.to_owned())),
        Just((
            format!("password: {mail}, {phone}"),
            format!("password: {MAIL}, {PHONE}")
        )),
        Just(same("<EMAIL_00000000>")),
        Just(same("<EMAIL_")),
        Just(same("é€😀\"\\\n")),
        Just(("eve@example.com".to_owned(), "{EMAIL}".to_owned())),
        Just((
            "4111 1111 1111 1111".to_owned(),
            "{CREDIT_DEBIT_CARD_NUMBER}".to_owned()
        )),
    ];
    prop::collection::vec(word, 0..10).prop_map(|words| {
        let (said, shown): (Vec<_>, Vec<_>) = words.into_iter().unzip();
        (said.join(" ; "), shown.join(" ; "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn values_come_back_under_every_chunking(
        (said, shown) in text(), sizes in prop::collection::vec(1usize..9, 1..5),
        cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let fixture = &issued().fixture;
        let stream = converse(&[deltas(&said, &sizes)], false);
        let (_, got) = through(fixture, &stream, &cuts).unwrap();
        prop_assert_eq!(got.first().map_or("", String::as_str), shown.as_str());
    }

    #[test]
    fn a_whole_answer_is_changed_as_a_stream_is((said, shown) in text()) {
        let body = serde_json::json!({"output": {"message": {"content": [{"text": said}]}}, "stopReason": "end_turn"});
        prop_assert_eq!(whole(&issued().fixture, Dialect::Converse, &body).0, body.to_string().replace(
            &serde_json::to_string(&said).unwrap(), &serde_json::to_string(&shown).unwrap()));
    }
}

/// A whole answer as it leaves, and how many values of each category were put back.
fn whole(fixture: &Fixture, dialect: Dialect, body: &serde_json::Value) -> (String, Vec<(String, u32)>) {
    let document = Document::parse(Bytes::from(body.to_string())).unwrap();
    let map = dialect.response(&document);
    let mut observed = fixture.observed();
    let found = find_at_once(&fixture.engine, &document, &map.regions);
    let edits = super::whole::edits(&document, &map.regions, &found, &mut observed).unwrap();
    let out = String::from_utf8(splice(document.bytes(), &edits).unwrap()).unwrap();
    let (_, restored) = observed.treatments.into_records();
    let counts = restored.into_iter().map(|one| (one.category, one.count));
    (out, counts.collect())
}

#[test]
fn each_split_of_a_token_gives_the_value() {
    let Issued { fixture, mail, .. } = issued();
    for at in 0..=mail.len() {
        let (head, tail) = mail.split_at(at);
        let stream = converse(&[vec![format!("to {head}"), format!("{tail}.")]], false);
        let (_, got) = through(fixture, &stream, &[]).unwrap();
        assert_eq!(got, [format!("to {MAIL}.")], "split at {at}");
    }
}

#[test]
fn values_come_back_in_prose_and_not_in_arguments_or_under_signatures() {
    let open = issued_with(Forms::new(MaskOf::These(BTreeSet::new()), None, true));
    let closed = issued();
    let mail = &closed.mail;
    let content = |block: serde_json::Value| serde_json::json!({"output": {"message": {"content": [block]}}});
    let reasoning = |signature: Option<&str>| {
        content(
            serde_json::json!({"reasoningContent": {"reasoningText": {"text": mail, "signature": signature}}}),
        )
    };
    let tool =
        content(serde_json::json!({"toolUse": {"toolUseId": "t", "name": "n", "input": {"text": mail}}}));
    let arguments = serde_json::json!({"to": mail, "quoted": format!("\"{mail}\"")}).to_string();
    let openai = serde_json::json!({"choices": [{"message": {"content": mail, "tool_calls": [
        {"function": {"name": "n", "arguments": arguments}}]}}]});
    let cohere =
        serde_json::json!({"text": mail, "tool_calls": [{"name": "n", "parameters": {"text": mail}}]});
    // (dialect, answer, values put back by default, with the arguments of tools)
    let cases = [
        (Dialect::Converse, reasoning(Some("c2ln")), 0, 0),
        (
            Dialect::Converse,
            content(serde_json::json!({"reasoningContent": {"reasoningText": {"text": mail}}})),
            1,
            1,
        ),
        (Dialect::Converse, tool, 0, 1),
        (
            Dialect::Anthropic,
            serde_json::json!({"type": "message", "content": [{"type": "text", "text": mail}]}),
            1,
            1,
        ),
        (
            Dialect::Anthropic,
            serde_json::json!({"content": [{"type": "tool_use", "name": "n", "input": {"content": mail}}]}),
            0,
            1,
        ),
        (Dialect::Generic, openai, 1, 3),
        (Dialect::Generic, cohere, 1, 1),
        (
            Dialect::Generic,
            serde_json::json!({"anything": {"to": mail}}),
            0,
            0,
        ),
    ];
    for (dialect, body, by_default, with_arguments) in cases {
        for (fixture, expected) in [(&closed.fixture, by_default), (&open.fixture, with_arguments)] {
            let (out, counts) = whole(fixture, dialect, &body);
            let value: serde_json::Value = serde_json::from_str(&out).unwrap();
            assert_eq!(out.matches(MAIL).count(), expected, "{value}");
            let counted: u32 = counts.iter().map(|(_, count)| *count).sum();
            assert_eq!(usize::try_from(counted).unwrap(), expected, "{value}");
        }
    }
}

#[test]
fn a_value_in_arguments_is_spelt_as_json_twice() {
    let odd = "a\"b\\c";
    let mut tokens = Tokens::new(TokenKey::new(&[7; 32]));
    let token = tokens.issue(Category::EMAIL, odd).unwrap();
    let fixture = Fixture {
        forms: Forms::new(MaskOf::Everything, None, true),
        tokens: Some(tokens),
        ..load()
    };
    let arguments = serde_json::json!({ "to": token }).to_string();
    let body = serde_json::json!({"choices": [{"message": {"tool_calls": [{"function": {"arguments": arguments}}]}}]});
    let (out, _) = whole(&fixture, Dialect::Generic, &body);
    let out: serde_json::Value = serde_json::from_str(&out).unwrap();
    let arguments = &out["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"];
    let arguments: serde_json::Value = serde_json::from_str(arguments.as_str().unwrap()).unwrap();
    assert_eq!(arguments["to"], odd);
}

#[test]
fn a_mask_shows_the_last_four() {
    let masked = BTreeSet::from([Category::CREDIT_DEBIT_CARD_NUMBER]);
    let fixture = Fixture {
        forms: Forms::new(MaskOf::These(masked), None, false),
        ..load()
    };
    let said = "card 4111 1111 1111 1111, mail eve@example.com";
    for size in 1..8 {
        let stream = converse(&[deltas(said, &[size])], false);
        let (_, got) = through(&fixture, &stream, &[]).unwrap();
        assert_eq!(got, ["card **** **** **** 1111, mail {EMAIL}"]);
    }
    let forms = Forms::new(MaskOf::Everything, None, false);
    assert!(forms.masks(Category::EMAIL));
    assert!(!forms.masks(Category::SECRET_PRIVATE_KEY));
}

#[test]
fn what_a_request_issued_is_counted_over_all_places() {
    let Fixture {
        engine,
        permit,
        forms,
        seal,
        ..
    } = load();
    let permit = permit.with_tokens();
    let body = format!(
        r#"{{"system":[{{"text":"{MAIL}"}}],"messages":[{{"role":"user","content":[{{"text":"{MAIL}, bo@example.org"}}]}}]}}"#
    );
    let document = Document::parse(Bytes::from(body)).unwrap();
    let regions = Dialect::Converse.request(&document).unwrap().regions;
    let found = find_at_once(&engine, &document, &regions);
    let tokens = Tokens::new(TokenKey::new(&[7; 32]));
    let mut treatments = Treatments::of_request(&permit, &forms, &seal, Some(tokens));
    assert_eq!(treatments.edits(&document, &regions, &found).unwrap().len(), 3);
    let (findings, tokens) = treatments.into_parts();
    assert_eq!(findings.iter().map(|one| one.count).sum::<u32>(), 3);
    assert_eq!(tokens.unwrap().total(Category::EMAIL).0, 3);
}
