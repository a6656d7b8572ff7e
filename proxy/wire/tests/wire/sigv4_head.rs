//! The parts of a signed head: the `Authorization` header and the date.

use palisade_wire::fault::Fault;
use palisade_wire::sigv4::{
    AmzDate, Authorization, Error, Head, PayloadHash, SigningKey, request_date, verify,
};
use proptest::prelude::*;

const BAD_CREDENTIALS: [&str; 10] = [
    "",
    "A",
    "/20261123/us-east-1/bedrock/aws4_request",
    "A/2026112/us-east-1/bedrock/aws4_request",
    "A/2026112x/us-east-1/bedrock/aws4_request",
    "A/20261123//bedrock/aws4_request",
    "A/20261123/US-EAST-1/bedrock/aws4_request",
    "A/20261123/us-east-1/bedrock/aws5_request",
    "A/20261123/us-east-1/bedrock/aws4_request/x",
    "A B/20261123/us-east-1/bedrock/aws4_request",
];

#[test]
fn refuses_malformed_authorization_headers() {
    let signature = "0".repeat(64);
    let with = |credential: &str, headers: &str, signature: &str| {
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={headers}, Signature={signature}")
    };
    let scope = "A/20261123/us-east-1/bedrock/aws4_request";
    let good = with(scope, "host;x-amz-date", &signature);
    assert!(Authorization::parse(&good).is_ok());
    assert!(Authorization::parse(&good.replace(", ", ",")).is_ok());
    let parsed = format!("{:?}", Authorization::parse(&good));
    assert!(!parsed.contains(&signature), "debug output shows no signature");

    check("", Error::MissingToken);
    check("  ", Error::MissingToken);
    check("Bearer", Error::Malformed);
    check("Bearer abc", Error::UnknownAlgorithm);
    check(&good.replace("HMAC", "ECDSA-P256"), Error::UnknownAlgorithm);
    check("AWS4-HMAC-SHA256 ", Error::Malformed);
    check(
        &good.replace(", SignedHeaders=host;x-amz-date", ""),
        Error::Malformed,
    );
    check(&format!("{good}, Signature={signature}"), Error::Malformed);
    check(&format!("{good}, Extra=1"), Error::Malformed);
    check(&format!("{good},"), Error::Malformed);
    for credential in BAD_CREDENTIALS {
        check(&with(credential, "host", &signature), Error::Malformed);
    }
    let long = "a".repeat(129);
    check(
        &with(
            &format!("{long}/20261123/us-east-1/bedrock/aws4_request"),
            "host",
            &signature,
        ),
        Error::Malformed,
    );
    for headers in [
        "",
        ";",
        "host;",
        "x-amz-date;host",
        "host;host",
        "Host",
        "ho st",
        ":path",
        "h\u{fc}",
    ] {
        check(&with(scope, headers, &signature), Error::Malformed);
    }
    for bad in [
        "",
        "0",
        &signature[1..],
        &format!("{signature}0"),
        &"G".repeat(64),
        &"A".repeat(64),
    ] {
        check(&with(scope, "host", bad), Error::Malformed);
    }
    let many: Vec<String> = (0..3000).map(|n| format!("h{n:04}")).collect();
    check(&with(scope, &many.join(";"), &signature), Error::Malformed);

    fn check(value: &str, want: Error) {
        assert_eq!(Authorization::parse(value).err(), Some(want), "{value}");
    }
}

#[test]
fn requires_host_and_date_to_be_signed_in_the_scope_of_the_day() {
    let scope = "20261123/us-east-1/bedrock/aws4_request";
    let key = SigningKey::derive("s", "20261123", "us-east-1", "bedrock");
    check(&key, scope, "host;x-amz-date", Error::SignatureMismatch);
    check(&key, scope, ":authority;x-amz-date", Error::SignatureMismatch);
    check(&key, scope, "accept;host;x-amz-date", Error::MissingHeader);
    check(&key, scope, "x-amz-date", Error::UnsignedHeader);
    check(&key, scope, "host", Error::UnsignedHeader);
    check(&key, scope, "date;host", Error::UnsignedHeader);
    let yesterday = SigningKey::derive("s", "20261122", "us-east-1", "bedrock");
    check(&yesterday, scope, "host;x-amz-date", Error::Scope);
    check(&yesterday, yesterday.scope(), "host;x-amz-date", Error::Scope);

    fn check(key: &SigningKey, scope: &str, signed: &str, want: Error) {
        let text = format!(
            "AWS4-HMAC-SHA256 Credential=A/{scope},SignedHeaders={signed},Signature={}",
            "0".repeat(64)
        );
        let authorization = Authorization::parse(&text).unwrap();
        let headers = [
            ("x-amz-date", "20261123T000000Z"),
            ("date", "Mon, 23 Nov 2026 00:00:00 GMT"),
        ];
        let head = Head {
            method: "POST",
            path: b"/m",
            query: b"",
            authority: "h",
            headers: headers.as_slice(),
        };
        assert_eq!(
            verify(&head, &authorization, key, &PayloadHash::of(b"")),
            Err(want),
            "{signed}"
        );
    }
}

#[test]
fn reads_the_date_header_when_there_is_no_other() {
    let date = |headers: &[(&str, &str)]| {
        let head = Head {
            method: "POST",
            path: b"/",
            query: b"",
            authority: "h",
            headers,
        };
        request_date(&head).map(|date| date.unix_seconds())
    };
    let http = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(date(&[http]), Ok(784_111_777));
    assert_eq!(
        date(&[http, ("X-Amz-Date", "20150830T123600Z")]),
        Ok(1_440_938_160)
    );
    assert_eq!(date(&[]), Err(Error::Date));
    assert_eq!(date(&[http, http]), Err(Error::Date));
    assert_eq!(
        date(&[http, ("x-amz-date", "")]),
        Err(Error::Date),
        "a bad date is no missing date"
    );
}

#[test]
fn refuses_dates_that_do_not_exist() {
    for text in [
        "20240229T235959Z",
        "20000229T000000Z",
        "19700101T000000Z",
        "99991231T235959Z",
    ] {
        let date = AmzDate::parse(text.as_bytes()).unwrap();
        assert_eq!(date.as_str(), text);
        assert_eq!(date.day(), &text[..8]);
    }
    for text in [
        "",
        "20230229T000000Z",
        "21000229T000000Z",
        "20231301T000000Z",
        "20230001T000000Z",
        "20230100T000000Z",
        "20230431T000000Z",
        "20230101T240000Z",
        "20230101T006000Z",
        "20230101T000060Z",
        "20230101t000000Z",
        "20230101T000000z",
        "20230101T000000",
        "20230101T000000Z ",
        "2023-01-01T00:00:00Z",
        "+2230101T000000Z",
        "19691231T235959Z",
        "2023010\u{661}T000000Z",
    ] {
        assert_eq!(AmzDate::parse(text.as_bytes()), Err(Error::Date), "{text}");
    }
    for text in [
        "",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08-49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
    ] {
        assert_eq!(AmzDate::parse_http(text.as_bytes()), Err(Error::Date), "{text}");
    }
}

#[test]
fn refuses_more_than_five_minutes_of_skew() {
    let date = AmzDate::from_unix(1_000_000).unwrap();
    for apart in [0, 299, 300] {
        assert_eq!(date.check_skew(1_000_000 + apart), Ok(()));
        assert_eq!(date.check_skew(1_000_000 - apart), Ok(()));
    }
    for apart in [301, 360, 1_000_000_000] {
        assert_eq!(date.check_skew(1_000_000 + apart), Err(Error::Skewed));
        assert_eq!(date.check_skew(1_000_000 - apart), Err(Error::Skewed));
    }
    assert_eq!(date.check_skew(i64::MIN), Err(Error::Skewed));
    assert_eq!(Error::Skewed.fault(), Fault::InvalidSignature);
}

#[test]
fn shows_no_key_in_debug_output() {
    let key = SigningKey::derive("s", "20261123", "us-east-1", "bedrock");
    assert_eq!(
        format!("{key:?}"),
        r#"SigningKey { scope: "20261123/us-east-1/bedrock/aws4_request", .. }"#
    );
}

/// Days counted one by one, without any formula: the reference for the date arithmetic.
#[test]
fn counts_days_as_the_calendar_does() {
    let mut unix_seconds = 0;
    for year in 1970..=2400 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let february = if leap { 29 } else { 28 };
        for (month, days) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
            for day in 1..=days {
                let text = format!("{year}{month:02}{day:02}T000000Z");
                let date = AmzDate::parse(text.as_bytes()).unwrap();
                assert_eq!(date.unix_seconds(), unix_seconds, "{text}");
                assert_eq!(AmzDate::from_unix(unix_seconds), Ok(date));
                unix_seconds += 86_400;
            }
        }
    }
}

proptest! {
    #[test]
    fn survives_any_authorization_header(text in ".{0,200}", tail in "[ -~]{0,120}") {
        let _ = Authorization::parse(&text);
        let _ = Authorization::parse(&format!("AWS4-HMAC-SHA256 {text}"));
        let _ = Authorization::parse(&format!("AWS4-HMAC-SHA256 Credential={tail}, SignedHeaders={text}"));
    }

    #[test]
    fn survives_any_request(
        path in prop::collection::vec(any::<u8>(), 0..60),
        query in prop::collection::vec(any::<u8>(), 0..60),
        lines in prop::collection::vec(("[a-zA-Z-]{0,12}", prop::collection::vec(any::<u8>(), 0..20)), 0..6),
    ) {
        let mut headers = lines;
        headers.push(("x-amz-date".to_owned(), b"20261123T000000Z".to_vec()));
        let head = Head {
            method: "POST",
            path: &path,
            query: &query,
            authority: "h",
            headers: headers.as_slice(),
        };
        let text = format!(
            "AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature={}",
            "0".repeat(64)
        );
        let key = SigningKey::derive("s", "20261123", "us-east-1", "bedrock");
        let authorization = Authorization::parse(&text).unwrap();
        prop_assert!(verify(&head, &authorization, &key, &PayloadHash::of(b"")).is_err());
    }

    #[test]
    fn survives_any_date(text in prop::collection::vec(any::<u8>(), 0..32), basic in "[0-9]{8}T[0-9]{6}Z") {
        for text in [text.as_slice(), basic.as_bytes()] {
            if let Ok(date) = AmzDate::parse(text) {
                prop_assert_eq!(date.as_str().as_bytes(), text);
                prop_assert_eq!(AmzDate::from_unix(date.unix_seconds()), Ok(date));
            }
            let _ = AmzDate::parse_http(text);
        }
    }
}
