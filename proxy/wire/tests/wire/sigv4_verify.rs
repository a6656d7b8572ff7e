//! What real SDKs signed verifies, and nothing else does.

use palisade_wire::sigv4::{Authorization, Error, Head, PayloadHash, SigningKey, request_date, verify};

use super::captures::Capture;

/// The secrets of the captures: two toys, and the one of AWS's documentation, in parts.
pub(super) fn secrets() -> [String; 3] {
    let documented = ["wJalrXUtnFEMI/", "K7MDENG+bPxRfiCY", "EXAMPLEKEY"].concat();
    ["s".to_owned(), "secret".repeat(2), documented]
}

pub(super) fn head(capture: &Capture) -> Head<'_, [(String, Vec<u8>)]> {
    Head {
        method: &capture.method,
        path: &capture.path,
        query: &capture.query,
        authority: &capture.authority,
        headers: &capture.headers,
    }
}

pub(super) fn payload(capture: &Capture) -> PayloadHash {
    if capture.name.starts_with("js-bidi") {
        PayloadHash::event_stream()
    } else {
        PayloadHash::of(&capture.body)
    }
}

fn verify_with(capture: &Capture, key: &SigningKey, payload: &PayloadHash) -> Result<(), Error> {
    let value = capture.header("authorization").expect("signed");
    let authorization = Authorization::parse(str::from_utf8(value).unwrap())?;
    verify(&head(capture), &authorization, key, payload)
}

fn key_for(capture: &Capture, secret: &str) -> SigningKey {
    let value = capture.header("authorization").expect("signed");
    let authorization = Authorization::parse(str::from_utf8(value).unwrap()).unwrap();
    assert_eq!(authorization.access_key_id, "AKIDEXAMPLE");
    SigningKey::derive(
        secret,
        authorization.date,
        authorization.region,
        authorization.service,
    )
}

/// The captures, each with the key that verifies it.
fn verified() -> Vec<(Capture, SigningKey)> {
    let captures = Capture::all();
    assert_eq!(captures.len(), 64);
    let with_key = |capture: Capture| {
        let mut keys = secrets().map(|secret| key_for(&capture, &secret)).into_iter();
        let key = keys.find(|key| verify_with(&capture, key, &payload(&capture)).is_ok());
        let key = key.unwrap_or_else(|| panic!("{} verifies with no secret", capture.name));
        (capture, key)
    };
    captures.into_iter().map(with_key).collect()
}

/// A capture by name, with its key.
pub(super) fn one(name: &str) -> (Capture, SigningKey) {
    let mut all = verified().into_iter();
    all.find(|(capture, _)| capture.name == name)
        .expect("a capture of that name")
}

#[test]
fn verifies_every_capture_with_exactly_one_secret() {
    for (capture, _) in verified() {
        let accepted =
            |secret: &String| verify_with(&capture, &key_for(&capture, secret), &payload(&capture)) == Ok(());
        assert_eq!(
            secrets().iter().filter(|secret| accepted(secret)).count(),
            1,
            "{}",
            capture.name
        );
        let date = request_date(&head(&capture)).unwrap();
        assert_eq!(date.as_str().as_bytes(), capture.header("x-amz-date").unwrap());
        assert_eq!(date.check_skew(date.unix_seconds()), Ok(()));
    }
}

#[test]
fn refuses_every_changed_byte_of_path_and_signed_headers() {
    for (capture, key) in verified() {
        let payload = payload(&capture);
        let refused = |changed: &Capture, what: &str| {
            assert!(
                verify_with(changed, &key, &payload).is_err(),
                "{} accepted with {what} changed",
                capture.name
            );
        };
        for at in 0..capture.path.len() {
            let mut changed = capture.clone();
            changed.path[at] ^= 1;
            refused(&changed, "path");
        }
        let value = capture.header("authorization").unwrap().to_vec();
        let authorization = Authorization::parse(str::from_utf8(&value).unwrap()).unwrap();
        for name in authorization
            .signed_headers()
            .filter(|name| !matches!(*name, "host" | ":authority"))
        {
            let index = capture
                .headers
                .iter()
                .position(|(header, _)| header.eq_ignore_ascii_case(name))
                .unwrap();
            for at in 0..capture.headers[index].1.len() {
                let mut changed = capture.clone();
                changed.headers[index].1[at] ^= 1;
                refused(&changed, name);
            }
            let mut removed = capture.clone();
            removed.headers.remove(index);
            refused(&removed, name);
        }
        for at in 0..capture.authority.len() {
            let mut changed = capture.clone();
            changed.authority.replace_range(at..=at, "~");
            refused(&changed, "host");
        }
    }
}

#[test]
fn refuses_a_changed_body_query_or_method() {
    for (capture, key) in verified() {
        let stream = capture.name.starts_with("js-bidi");
        for at in (0..capture.body.len()).step_by(7).filter(|_| !stream) {
            let mut body = capture.body.clone();
            body[at] ^= 1;
            let error = verify_with(&capture, &key, &PayloadHash::of(&body)).unwrap_err();
            let declared = capture.header("x-amz-content-sha256").is_some();
            let want = if declared {
                Error::PayloadMismatch
            } else {
                Error::SignatureMismatch
            };
            assert_eq!(error, want, "{}", capture.name);
        }
        let mut changed = capture.clone();
        changed.query = b"a=b".to_vec();
        assert_eq!(
            verify_with(&changed, &key, &payload(&capture)),
            Err(Error::SignatureMismatch)
        );
        let mut changed = capture.clone();
        changed.method = "PUT".to_owned();
        assert_eq!(
            verify_with(&changed, &key, &payload(&capture)),
            Err(Error::SignatureMismatch)
        );
    }
}

#[test]
fn refuses_every_changed_byte_of_the_authorization_header() {
    for (capture, key) in verified() {
        let index = capture
            .headers
            .iter()
            .position(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            .unwrap();
        let akid = capture.headers[index]
            .1
            .windows(11)
            .position(|text| text == b"AKIDEXAMPLE")
            .unwrap();
        let blank = capture.headers[index].1.iter().position(|b| *b == b',').unwrap() + 1;
        for at in
            (0..capture.headers[index].1.len()).filter(|at| !(akid..akid + 11).contains(at) && *at != blank)
        {
            let mut changed = capture.clone();
            changed.headers[index].1[at] ^= 1;
            assert!(
                verify_with(&changed, &key, &payload(&capture)).is_err(),
                "{} byte {at}",
                capture.name
            );
        }
    }
}

#[test]
fn refuses_unsigned_and_streaming_payloads_unless_asked() {
    let (bidi, key) = one("js-bidi-141");
    assert_eq!(verify_with(&bidi, &key, &PayloadHash::event_stream()), Ok(()));
    assert_eq!(
        verify_with(&bidi, &key, &PayloadHash::of(&bidi.body)),
        Err(Error::StreamingPayload)
    );
    assert_eq!(
        verify_with(&bidi, &key, &PayloadHash::of(b"")),
        Err(Error::StreamingPayload)
    );

    let (plain, key) = one("js-converse-136");
    let declare = |value: &str, payload: &PayloadHash| {
        let mut changed = plain.clone();
        let header = changed
            .headers
            .iter_mut()
            .find(|(name, _)| name == "x-amz-content-sha256")
            .unwrap();
        header.1 = value.as_bytes().to_vec();
        verify_with(&changed, &key, payload)
    };
    let body = PayloadHash::of(&plain.body);
    assert_eq!(declare(body.as_str(), &body), Ok(()));
    assert_eq!(declare("UNSIGNED-PAYLOAD", &body), Err(Error::UnsignedPayload));
    assert_eq!(
        declare("STREAMING-UNSIGNED-PAYLOAD-TRAILER", &body),
        Err(Error::StreamingPayload)
    );
    assert_eq!(
        declare(&body.as_str().to_uppercase(), &body),
        Err(Error::PayloadMismatch)
    );
    assert_eq!(declare("", &body), Err(Error::PayloadMismatch));
    assert_eq!(
        declare(body.as_str(), &PayloadHash::event_stream()),
        Err(Error::PayloadMismatch)
    );
    assert_eq!(
        declare("UNSIGNED-PAYLOAD", &PayloadHash::event_stream()),
        Err(Error::UnsignedPayload)
    );

    let (silent, key) = one("boto3-invoke-007");
    assert_eq!(
        verify_with(&silent, &key, &PayloadHash::event_stream()),
        Err(Error::PayloadMismatch)
    );
}

#[test]
fn refuses_injected_and_repeated_headers() {
    let (capture, key) = one("boto3-converse-fm-001");
    let with = |name: &str, value: &str| {
        let mut changed = capture.clone();
        changed.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        verify_with(&changed, &key, &payload(&capture))
    };
    assert_eq!(
        with("X-Amzn-Bedrock-GuardrailIdentifier", "g"),
        Err(Error::UnsignedHeader)
    );
    assert_eq!(with("x-amz-target", "t"), Err(Error::UnsignedHeader));
    assert_eq!(with("X-AMZN-anything", ""), Err(Error::UnsignedHeader));
    assert_eq!(
        with("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        Err(Error::UnsignedPayload)
    );
    assert_eq!(with("x-amz-content-sha256", payload(&capture).as_str()), Ok(()));
    assert_eq!(with("amz-sdk-request", "attempt=2"), Ok(()));
    assert_eq!(with("X-Amzn-Trace-Id", "Root=1"), Ok(()));
    assert_eq!(with("x-anything", "v"), Ok(()));
    assert_eq!(with("x-amz-date", "20261123T075937Z"), Err(Error::Date));
    assert_eq!(with("content-type", "text/plain"), Err(Error::SignatureMismatch));
}

#[test]
fn refuses_paths_and_queries_with_two_readings() {
    let (capture, key) = one("boto3-invoke-007");
    let at = |path: &str, query: &str| {
        let mut changed = capture.clone();
        changed.path = path.into();
        changed.query = query.into();
        verify_with(&changed, &key, &payload(&capture)).unwrap_err()
    };
    for path in [
        "",
        "model",
        "//model",
        "/model//x",
        "/model/./x",
        "/model/../x",
        "/..",
        "/model/x/",
        "/model/.",
        "*",
    ] {
        assert_eq!(at(path, ""), Error::RequestLine, "{path}");
    }
    for query in ["&", "a=b&", "&a=b", "=b", "%zz", "a=%2", "a=%", "a%=b"] {
        assert_eq!(at("/model/x", query), Error::Query, "{query}");
    }
    for query in [
        "X-Amz-Signature=00",
        "a=b&x-amz-algorithm=A",
        "X%2dAmz-Date=1",
        "%58-amz-security-token=",
    ] {
        assert_eq!(at("/model/x", query), Error::Presigned, "{query}");
    }
    for (path, query) in [
        ("/", ""),
        ("/model/..%2Fx", ""),
        ("/model/...", "a"),
        ("/m", "a=b=c&a&d="),
    ] {
        assert_eq!(at(path, query), Error::SignatureMismatch, "{path}");
    }
}
