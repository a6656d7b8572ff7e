//! The invariants of the record schema: canonical as declared, closed, and read back as written.

use palisade_audit::canonical;
use palisade_audit::*;
use proptest::prelude::*;

fn finding() -> impl Strategy<Value = Finding> {
    (".{0,12}", 0u8..=100, any::<u32>(), ".{0,8}").prop_map(|(category, confidence, count, pointer)| {
        Finding {
            category,
            confidence,
            count,
            determining: vec!["b".into(), "a".into()],
            done: (count % 2 == 0).then_some(Treatment::Raw),
            treatment: Treatment::Redacted,
            place: "user".into(),
            pointer,
            told: (count % 3 == 0).then_some((count, confidence)),
        }
    })
}

fn decision() -> impl Strategy<Value = Record> {
    (
        ".{0,20}",
        prop::collection::vec(finding(), 0..3),
        any::<u64>(),
        any::<bool>(),
    )
        .prop_map(|(text, findings, time, some)| {
            Record::Decision(Decision {
                action: Action::Converse,
                coverage_gaps: vec![CoverageGap::Image],
                findings,
                log_only: some,
                time,
                model: some.then(|| ModelRef {
                    alias: (time % 2 == 0).then(|| text.clone()),
                    id: text.clone(),
                    facts: text.clone(),
                }),
                policy: some.then(PolicyRef::default),
                principal: some.then(|| {
                    Box::new(PrincipalRef {
                        id: text.clone(),
                        roles: vec![text.clone()],
                        ..PrincipalRef::default()
                    })
                }),
                http: Http {
                    sent_sha256: some.then(|| text.clone()),
                    ..Http::default()
                },
                question: some.then(|| {
                    Box::new(Question {
                        tools: vec![text.clone()],
                        purpose: text.clone().into(),
                        modalities: vec!["text".into()],
                        tools_withheld: Some(time),
                        uses: vec![UsedRef {
                            action: "Retrieve".into(),
                            facts: text.clone(),
                            id: text.clone(),
                        }],
                        ..Question::default()
                    })
                }),
                stale_s: some.then_some(time),
                translated_from: some.then(|| "openai-chat".into()),
                entries: time.is_multiple_of(5).then(|| {
                    Box::new(Entries {
                        first: vec![EntryRef {
                            id: text.clone(),
                            of: "key".into(),
                        }],
                        more: time.is_multiple_of(2).then_some(time),
                    })
                }),
                tenant: text,
                ..Decision::default()
            })
        })
}

fn completion() -> impl Strategy<Value = Record> {
    (
        ".{0,20}",
        prop::collection::vec(finding(), 0..3),
        any::<u64>(),
        any::<bool>(),
    )
        .prop_map(|(text, findings, number, some)| {
            Record::Completion(Completion {
                decision: text.clone(),
                findings,
                restored: vec![Restored {
                    category: text.clone(),
                    count: 1,
                    determining: vec![text.clone()],
                }],
                total_us: number,
                ttfb_us: some.then_some(number),
                upstream_request_id: some.then(|| text.clone()),
                upstream_status: some.then_some(200),
                usage: some.then(|| Usage {
                    input_tokens: Some(number),
                    ..Usage::default()
                }),
                coverage_gaps: vec![CoverageGap::Reference],
                ..Completion::default()
            })
        })
}

fn of_the_registry(time: u64, text: String) -> Record {
    let some = time.is_multiple_of(3);
    match time % 11 {
        8 => Record::RegistryChanged(RegistryChanged {
            entries: vec![ChangedEntry {
                became: "added".into(),
                id: text,
                of: "key".into(),
            }],
            more: some.then_some(time),
            time,
            ..RegistryChanged::default()
        }),
        _ => Record::RegistryReach(RegistryReach {
            reachable: !some,
            stale_s: time,
            time,
            why: some.then_some(text),
            ..RegistryReach::default()
        }),
    }
}

fn of_the_log() -> impl Strategy<Value = Record> {
    (any::<u64>(), ".{0,20}").prop_map(|(time, mode)| match time % 11 {
        8 | 9 => of_the_registry(time, mode),
        7 => Record::LogRead(LogRead {
            command: mode.clone(),
            names: time % 2 == 0,
            tenant: (time % 3 == 0).then_some(mode),
            time,
            ..LogRead::default()
        }),
        6 => Record::Erased(Erased {
            key: mode.clone(),
            ticket: (time % 3 == 0).then_some(mode),
            time,
            ..Erased::default()
        }),
        0 => Record::LogStarted(LogStarted {
            origin: (time % 16 == 0).then(|| mode.clone()),
            peaks: vec![mode.clone()],
            time,
            torn_bytes: (time % 2 == 0).then_some(time),
            mode,
            ..LogStarted::default()
        }),
        5 => Record::KeyRotated(KeyRotated {
            next: mode,
            time,
            ..KeyRotated::default()
        }),
        3 => Record::ClockStep(ClockStep {
            by_ms: -(i64::from(time as u32)),
            time,
            ..ClockStep::default()
        }),
        4 => Record::Ongoing(Ongoing {
            exchanges: vec![OngoingExchange {
                decision: mode.clone(),
                request_id: mode,
            }],
            time,
            ..Ongoing::default()
        }),
        1 => Record::LogStopped(LogStopped {
            time,
            ..LogStopped::default()
        }),
        2 => Record::Lost(Lost {
            time,
            ..Lost::default()
        }),
        _ => Record::Strangers(Strangers {
            client_ip: mode,
            time,
            ..Strangers::default()
        }),
    })
}

fn of_rules() -> impl Strategy<Value = Record> {
    (any::<u64>(), ".{0,20}").prop_map(|(time, mode)| match time % 4 {
        0 => Record::PolicyActivated(PolicyActivated {
            previous: mode,
            time,
            ..PolicyActivated::default()
        }),
        1 => Record::PolicyRefused(PolicyRefused {
            problems: vec![mode],
            time,
            ..PolicyRefused::default()
        }),
        2 => Record::Shadow(Shadow {
            changes: vec![
                Changed::default(),
                Changed {
                    category: Some(mode.clone()),
                    count: Some(1),
                    is: "raw".into(),
                    place: Some(mode.clone()),
                    policies: vec![mode],
                    was: "block".into(),
                },
            ],
            ..Shadow::default()
        }),
        _ => Record::Facts(Facts {
            facts: [
                ("b".to_owned(), mode.clone().into()),
                ("a".to_owned(), time.into()),
            ]
            .into_iter()
            .collect(),
            digest: mode,
            ..Facts::default()
        }),
    })
}

proptest! {
    #[test]
    fn fields_as_declared_are_canonical_and_read_back(record in prop_oneof![decision(), completion(), of_the_log(), of_rules()]) {
        let mut line = Vec::new();
        canonical::append(&record, &mut line).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        prop_assert_eq!(&canonical::canonicalize(&value).unwrap(), &line);

        let read = read_line(std::str::from_utf8(&line).unwrap()).unwrap();
        let brief = read_brief(std::str::from_utf8(&line).unwrap()).unwrap();
        prop_assert_eq!(brief.index, record.index());
        prop_assert_eq!(read, Entry::Known(Box::new(record)));
    }

    #[test]
    fn any_bytes_are_a_record_or_an_error(line in ".{0,200}") {
        let _ = read_line(&line);
    }
}

#[test]
fn refuses_a_record_with_a_member_too_many() {
    let mut line = Vec::new();
    canonical::append(&Record::Lost(Lost::default()), &mut line).unwrap();
    let text = String::from_utf8(line).unwrap();
    assert!(read_line(&text).is_ok());
    assert!(read_line(&text.replacen('{', "{\"prompt\":\"x\",", 1)).is_err());
}

#[test]
fn names_are_the_words_of_the_record() {
    let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    for effect in [Effect::Allow, Effect::AllowModified, Effect::Deny] {
        assert_eq!(word(serde_json::to_value(effect).unwrap()), effect.name());
    }
    for reason in [
        Reason::Policy,
        Reason::NoPermit,
        Reason::AuditUnavailable,
        Reason::ClientGone,
    ] {
        assert_eq!(word(serde_json::to_value(reason).unwrap()), reason.name());
    }
    for end in [
        End::Completed,
        End::ClientGone,
        End::PolicyCut,
        End::UpstreamError,
    ] {
        assert_eq!(word(serde_json::to_value(end).unwrap()), end.name());
    }
}
