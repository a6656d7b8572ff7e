use proptest::prelude::*;

use super::*;

fn document(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

fn check_refused(text: impl AsRef<[u8]>, kind: ErrorKind, offset: usize) {
    let text = text.as_ref();
    let refusal = Document::parse(Bytes::copy_from_slice(text)).expect_err("accepted");
    assert_eq!(
        refusal,
        Error { offset, kind },
        "{}",
        String::from_utf8_lossy(text)
    );
}

#[test]
fn refuses_what_two_parsers_could_read_in_two_ways() {
    use ErrorKind::*;
    let cases: &[(&[u8], ErrorKind, usize)] = &[
        (b"", Empty, 0),
        (b" \n\t", Empty, 3),
        (b"\xEF\xBB\xBF{}", ByteOrderMark, 0),
        (b"{} {}", Trailing, 3),
        (b"1 2", Trailing, 2),
        (b"{} // note", Trailing, 3),
        (b"/* note */ {}", Unexpected, 0),
        (b"NaN", Unexpected, 0),
        (b"Infinity", Unexpected, 0),
        (b"-Infinity", InvalidNumber, 0),
        (b"'a'", Unexpected, 0),
        (b"{a:1}", Unexpected, 1),
        (b"[1,]", Unexpected, 3),
        (b"[,1]", Unexpected, 1),
        (b"[1 2]", Unexpected, 3),
        (b"{\"a\":1,}", Unexpected, 7),
        (b"{\"a\" 1}", Unexpected, 5),
        (b"{\"a\":}", Unexpected, 5),
        (b"[1}", Unexpected, 2),
        (b"{\"a\":1]", Unexpected, 6),
        (b"]", Unexpected, 0),
        (b"trve", Unexpected, 0),
        (b"tru", Unfinished, 0),
        (b"[", Unfinished, 1),
        (b"\"abc", Unfinished, 4),
        (b"\"abc\\", Unfinished, 4),
        (b"\"\\u00", Unfinished, 1),
        (b"01", InvalidNumber, 0),
        (b"-", InvalidNumber, 0),
        (b"1.", InvalidNumber, 0),
        (b".5", Unexpected, 0),
        (b"+1", Unexpected, 0),
        (b"1e", InvalidNumber, 0),
        (b"1e+", InvalidNumber, 0),
        (b"[1e999]", NumberRange, 1),
        (b"\"a\nb\"", Control, 2),
        (b"\"a\0b\"", Control, 2),
        (b"\"\\x\"", InvalidEscape, 1),
        (b"\"\\u00zz\"", InvalidEscape, 1),
        (b"\"\\ud800\"", LoneSurrogate, 1),
        (b"\"\\udc00\"", LoneSurrogate, 1),
        (b"\"\\ud800\\u0041\"", LoneSurrogate, 1),
        (b"\"\\ud800x\"", LoneSurrogate, 1),
        (b"[\"\xC3\"]", InvalidUtf8, 2),
        (b"\"\xED\xA0\x80\"", InvalidUtf8, 1),
    ];
    for (text, kind, offset) in cases {
        check_refused(text, *kind, *offset);
    }
}

#[test]
fn refuses_duplicate_keys_however_they_are_written() {
    check_refused(r#"{"messages":1,"messages":2}"#, ErrorKind::DuplicateKey, 14);
    check_refused(r#"{"messages":1,"mess\u0061ges":2}"#, ErrorKind::DuplicateKey, 14);
    check_refused(r#"{"\u00fc":1,"b":2,"ü":3}"#, ErrorKind::DuplicateKey, 18);
    check_refused(r#"[{"a":{"b":1,"c":[],"b":{}}}]"#, ErrorKind::DuplicateKey, 20);
    document(r#"{"a":{"a":1},"b":{"a":1},"A":1}"#);
}

#[test]
fn refuses_one_twin_among_very_many_keys() {
    let keys = |last: &str| {
        let members: Vec<String> = (0..200_000).map(|key| format!("\"{key}\":0")).collect();
        format!("{{{},\"{last}\":0}}", members.join(","))
    };
    assert_eq!(document(&keys("x")).root().members().count(), 200_001);
    let twin = keys(r"1\u00300");
    check_refused(
        &twin,
        ErrorKind::DuplicateKey,
        twin.len() - r#""1\u00300":0}"#.len(),
    );
}

#[test]
fn refuses_depth_over_the_limit() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    document(&nested(DEPTH_MAX));
    check_refused(nested(DEPTH_MAX + 1), ErrorKind::TooDeep, DEPTH_MAX);
    check_refused("[".repeat(1_000_000), ErrorKind::TooDeep, DEPTH_MAX);
}

#[test]
fn refuses_more_nodes_than_the_tape_may_hold() {
    let text = "[".to_owned() + &"0,".repeat(NODES_MAX) + "0]";
    let refusal = Document::parse(Bytes::from(text)).unwrap_err();
    assert_eq!(refusal.kind, ErrorKind::TooLarge);
}

#[test]
fn errors_and_debug_hold_no_content() {
    let refusal = Document::parse(Bytes::from_static(b"{\"a\": hush}")).unwrap_err();
    assert_eq!(refusal.to_string(), "unexpected byte at byte 6");
    let document = document(r#"{"a":"hush"}"#);
    let edit = Edit {
        extent: Extent::Literal,
        span: 5..11,
        text: "hush".into(),
    };
    let shown = format!("{document:?} {:?} {edit:?}", document.root());
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn reads_values() {
    let text = r#" {"s":"a\n\ud83d\ude00","n":18446744073709551615,"f":1.5,"t":true,"z":null,"l":[1,[2],{}],"e":""} "#;
    let document = document(text);
    let root = document.root();
    let get = |key| root.get(key).unwrap();
    assert_eq!(get("s").as_str().unwrap(), "a\n\u{1F600}");
    assert!(matches!(root.get("e").unwrap().as_str(), Some(Cow::Borrowed(""))));
    assert_eq!(get("n").as_u64(), Some(u64::MAX));
    assert_eq!((get("f").as_u64(), get("s").as_u64()), (None, None));
    assert_eq!((get("t").as_bool(), get("z").as_bool()), (Some(true), None));
    assert!(get("z").is_null() && root.get("missing").is_none() && get("n").as_str().is_none());
    assert_eq!(
        get("l").items().map(Value::kind).collect::<Vec<_>>(),
        [Kind::Number, Kind::Array, Kind::Object]
    );
    assert_eq!(get("s").items().count() + get("l").members().count(), 0);
    assert_eq!(&text[get("l").span()], "[1,[2],{}]");
    assert_eq!(get("l").nodes().count(), get("l").len());
    assert_eq!(document.literal(&get("s").span()), "a\n\u{1F600}");
    assert_eq!(document.literal(&get("f").span()), "1.5");
    assert_eq!(document.literal(&(5..9999)), "");
}

#[test]
fn pointers_name_places_but_not_contents() {
    let text = r#"{"messages":[0,{"text":"x"}],"an@b.c":{"text":"y"},"First_Last-Name":"z"}"#;
    let document = document(text);
    let at = |needle: &str| document.pointer(text.find(needle).unwrap());
    let cases = [
        ("{\"messages\"", ""),
        ("\"messages\"", "/messages"),
        ("[0", "/messages"),
        ("0,", "/messages/0"),
        ("\"x\"", "/messages/1/text"),
        ("\"y\"", "/*/text"),
        ("\"an@", "/*"),
        ("\"First_Last", "/*"),
        ("\"z\"", "/*"),
    ];
    for (needle, pointer) in cases {
        assert_eq!(at(needle), pointer, "{needle}");
    }
}

#[test]
fn refuses_edits_out_of_order() {
    let edit = |span| Edit {
        extent: Extent::Literal,
        span,
        text: "x".into(),
    };
    let text = br#"["a","b"]"#;
    let spliced = |edits: &[Edit<'_>]| splice(text, edits);
    assert_eq!(spliced(&[edit(1..4), edit(5..8)]).unwrap(), br#"["x","x"]"#);
    assert_eq!(spliced(&[edit(5..8), edit(1..4)]), Err(SpliceError { index: 1 }));
    assert_eq!(spliced(&[edit(1..4), edit(3..8)]), Err(SpliceError { index: 1 }));
    assert_eq!(spliced(&[edit(5..10)]), Err(SpliceError { index: 0 }));
}

/// The same value as another parser would build it.
fn rebuilt(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::String => value.as_str().unwrap().into(),
        Kind::Array => value.items().map(rebuilt).collect(),
        Kind::Object => {
            let member = |(key, value): (Value<'_>, _)| (key.as_str().unwrap().into_owned(), rebuilt(value));
            value.members().map(member).collect()
        }
        _ => serde_json::from_slice(value.raw()).unwrap(),
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{0,2}",
        ".{0,6}",
        Just("\"\\\u{0}\u{1F600}\u{FFFF}\n".to_owned())
    ]
}

fn any_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(|number| serde_json::json!(number)),
        any_text().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((any_text(), inner), 0..20)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// A document as some client would print it.
fn any_document() -> impl Strategy<Value = String> {
    (any_value(), any::<bool>(), any::<bool>()).prop_map(|(value, pretty, ascii)| {
        let text = if pretty {
            serde_json::to_string_pretty(&value)
        } else {
            serde_json::to_string(&value)
        };
        let escape = |unit: u16| format!("\\u{unit:04x}");
        let escaped = |character: char| {
            character
                .encode_utf16(&mut [0; 2])
                .iter()
                .map(|unit| escape(*unit))
                .collect()
        };
        let keep = |character: char| character.is_ascii() || !ascii;
        text.unwrap()
            .chars()
            .map(|c| if keep(c) { c.to_string() } else { escaped(c) })
            .collect()
    })
}

/// Pieces that turn one document into a near miss.
fn any_mutation() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    let piece = prop::sample::select(vec![
        "", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "0", "1e9", "-", ".", "e", "null",
        "true", " ", "\n", "/", "\u{7f}", "\u{1}", "\u{feff}", "\"a\":1,",
    ]);
    let bytes = prop_oneof![
        4 => piece.prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    (any::<prop::sample::Index>(), 0_usize..3, bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn reads_what_another_parser_reads(text in any_document()) {
        let document = document(&text);
        let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(rebuilt(document.root()), theirs);
    }

    #[test]
    fn accepts_nothing_that_another_parser_refuses(
        text in any_document(),
        mutations in prop::collection::vec(any_mutation(), 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for (at, cut, piece) in mutations {
            let at = at.index(bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, piece);
        }
        let theirs = serde_json::from_slice::<serde_json::Value>(&bytes);
        match (Document::parse(Bytes::from(bytes.clone())), theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(rebuilt(ours.root()), theirs),
            (Ok(_), Err(error)) => prop_assert!(false, "accepted {:?}: {}", String::from_utf8_lossy(&bytes), error),
            (Err(error), Ok(_)) => prop_assert!(
                matches!(error.kind, ErrorKind::DuplicateKey | ErrorKind::TooDeep),
                "refused {:?}: {}", String::from_utf8_lossy(&bytes), error
            ),
            (Err(error), Err(_)) => prop_assert!(error.offset <= bytes.len()),
        }
    }

    #[test]
    fn splices_literals_and_nothing_else(
        text in any_document(),
        picks in prop::collection::vec((any::<bool>(), any_text()), 60),
    ) {
        let before = document(&text);
        prop_assert_eq!(splice(text.as_bytes(), &[]).unwrap(), text.as_bytes());
        let leaf = |value: &Value<'_>| matches!(value.kind(), Kind::String | Kind::Number);
        let nodes: Vec<Value<'_>> = before.root().nodes().collect();
        let edits: Vec<(usize, Edit<'_>)> = nodes.iter().enumerate().filter(|(_, node)| leaf(node))
            .zip(&picks).filter(|(_, (picked, _))| *picked)
            .map(|((index, node), (_, text))| (index, Edit { span: node.span(), extent: Extent::Literal, text: text.into() }))
            .collect();
        let spans: Vec<Edit<'_>> = edits.iter().map(|(_, edit)| edit.clone()).collect();
        let spliced = splice(text.as_bytes(), &spans).unwrap();
        let after = Document::parse(Bytes::from(spliced)).unwrap();
        prop_assert_eq!(after.root().len(), nodes.len());
        for (index, (old, new)) in nodes.iter().zip(after.root().nodes()).enumerate() {
            match edits.iter().find(|(edited, _)| *edited == index) {
                Some((_, edit)) => prop_assert_eq!(new.as_str().unwrap(), edit.text.as_ref()),
                None if matches!(old.kind(), Kind::Array | Kind::Object) => {
                    prop_assert_eq!((old.kind(), old.len()), (new.kind(), new.len()));
                }
                None => prop_assert_eq!(old.raw(), new.raw()),
            }
        }
    }

    #[test]
    fn replaces_a_part_and_keeps_the_spelling_of_the_rest(
        pieces in prop::collection::vec(prop_oneof![
            "[a-z]{1,4}".prop_map(|text| (text.clone(), text)),
            Just(("\u{fc}".to_owned(), r"\u00fc".to_owned())),
            Just(("\u{fc}".to_owned(), "\u{fc}".to_owned())),
            Just(("\u{1f600}".to_owned(), r"\ud83d\ude00".to_owned())),
            Just(("/".to_owned(), r"\/".to_owned())),
            Just(("\n".to_owned(), r"\n".to_owned())),
        ], 1..12),
        picks in prop::collection::vec(any::<bool>(), 12),
    ) {
        let literal: String = pieces.iter().map(|(_, encoded)| encoded.as_str()).collect();
        let before = document(&format!("[\"{literal}\"]"));
        let span = before.root().items().next().unwrap().span();
        let mut at = 0;
        let mut parts = Vec::new();
        let mut expected = String::new();
        for ((decoded, encoded), picked) in pieces.iter().zip(&picks) {
            if *picked {
                parts.push(at..at + decoded.len());
            }
            expected.push_str(if *picked { r#"{\"}"# } else { encoded });
            at += decoded.len();
        }
        let edits: Vec<Edit<'_>> = before.within(&span, &parts).into_iter()
            .map(|span| Edit { span, extent: Extent::Part, text: "{\"}".into() }).collect();
        let after = splice(before.bytes(), &edits).unwrap();
        prop_assert_eq!(String::from_utf8(after).unwrap(), format!("[\"{expected}\"]"));
    }
}
