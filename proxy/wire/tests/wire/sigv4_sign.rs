//! Signing: AWS's published examples, a signature of boto3, and the verifier.

use palisade_wire::sigv4::{
    AmzDate, Authorization, Error, Head, Headers, PayloadHash, SignRequest, SigningKey, request_date, sign,
    verify,
};
use proptest::prelude::*;

use super::sigv4_verify::{head, one, payload, secrets};

/// Examples that AWS publishes with their signatures: `ListUsers` of the IAM User Guide; of the Signature Version 4 test
/// suite `get-vanilla`, `get-vanilla-query-order-key-case`, `get-header-key-duplicate`, `get-header-value-trim`.
#[test]
fn signs_as_aws_documents() {
    let [_, _, secret] = secrets();
    let signed = |service: &str, query: &str, host: &str, headers: &[(&str, &[u8])]| {
        let key = SigningKey::derive(&secret, "20150830", "us-east-1", service);
        let request = SignRequest {
            method: "GET",
            path: "/",
            query,
            host,
            headers,
            payload: &PayloadHash::of(b""),
            unix_seconds: 1_440_938_160,
            access_key_id: "AKIDEXAMPLE",
            key: &key,
            session_token: None,
        };
        let signed = sign(&request).unwrap();
        assert_eq!(signed.x_amz_date.as_str(), "20150830T123600Z");
        signed.authorization
    };
    let content_type: (&str, &[u8]) = (
        "content-type",
        b"application/x-www-form-urlencoded; charset=utf-8",
    );
    for query in [
        "Action=ListUsers&Version=2010-05-08",
        "Version=2010%2d05-08&%41ction=ListUsers",
    ] {
        assert_eq!(
            signed("iam", query, "iam.amazonaws.com", &[content_type]),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }
    let suite = |query: &str, headers: &[(&str, &[u8])]| {
        let authorization = signed("service", query, "example.amazonaws.com", headers);
        authorization.rsplit_once('=').unwrap().1.to_owned()
    };
    assert_eq!(
        suite("", &[]),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    );
    assert_eq!(
        suite("Param2=value2&Param1=value1", &[]),
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    );
    assert_eq!(
        suite(
            "",
            &[
                ("my-header1", b"value2"),
                ("my-header1", b"value2"),
                ("my-header1", b"value1")
            ]
        ),
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
    );
    assert_eq!(
        suite(
            "",
            &[("my-header1", b" value1"), ("my-header2", b" \"a   b   c\"")]
        ),
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
    );
}

/// boto3 signs a request again as we do: same headers, same signature.
#[test]
fn signs_as_boto3_does() {
    let (capture, key) = one("boto3-invoke-guardrail-hdrs-008");
    let date = request_date(&head(&capture)).unwrap();
    let value = capture.header("authorization").unwrap();
    let authorization = Authorization::parse(str::from_utf8(value).unwrap()).unwrap();
    let own = ["host", "x-amz-date", "x-amz-security-token"];
    let names = authorization.signed_headers().filter(|name| !own.contains(name));
    let headers: Vec<_> = names.map(|name| (name, capture.header(name).unwrap())).collect();
    let request = SignRequest {
        method: &capture.method,
        path: str::from_utf8(&capture.path).unwrap(),
        query: "",
        host: &capture.authority,
        headers: &headers,
        payload: &payload(&capture),
        unix_seconds: date.unix_seconds(),
        access_key_id: "AKIDEXAMPLE",
        key: &key,
        session_token: capture
            .header("x-amz-security-token")
            .map(|token| str::from_utf8(token).unwrap()),
    };
    assert_eq!(sign(&request).unwrap().authorization.as_bytes(), value);
}

#[test]
fn refuses_to_sign_what_it_cannot() {
    let key = SigningKey::derive("s", "20261123", "us-east-1", "bedrock");
    let payload = PayloadHash::of(b"");
    let attempt = |path: &str, query: &str, headers: &[(&str, &[u8])], unix_seconds: i64| {
        let request = SignRequest {
            method: "POST",
            path,
            query,
            host: "h",
            headers,
            payload: &payload,
            unix_seconds,
            access_key_id: "AKIDEXAMPLE",
            key: &key,
            session_token: None,
        };
        sign(&request).map(|_| ())
    };
    let day = 1_795_392_000;
    assert_eq!(
        attempt("/a", "", &[("accept", b"*/*"), ("accept", b"x")], day),
        Ok(())
    );
    assert_eq!(attempt("/a", "", &[], day + 86_399), Ok(()));
    assert_eq!(attempt("/a", "", &[], day - 1), Err(Error::Scope));
    assert_eq!(attempt("/a", "", &[], day + 86_400), Err(Error::Scope));
    assert_eq!(attempt("/a", "", &[], -1), Err(Error::Date));
    assert_eq!(attempt("/a//b", "", &[], day), Err(Error::RequestLine));
    assert_eq!(attempt("/a", "&", &[], day), Err(Error::Query));
    assert_eq!(attempt("/a", "", &[("Accept", b"*/*")], day), Err(Error::Header));
    assert_eq!(attempt("/a", "", &[("host", b"h")], day), Err(Error::Header));
    assert_eq!(attempt("/a", "", &[("x-amz-date", b"")], day), Err(Error::Header));
    assert_eq!(
        attempt("/a", "", &[("accept", b"a\nhost:evil")], day),
        Err(Error::Header)
    );
}

/// Any header text.
fn header_value() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(
        prop_oneof![Just(b' '), Just(b'\t'), Just(b','), 0x21..=0xff_u8],
        0..30,
    )
}

struct Lines(Vec<(String, Vec<u8>)>);

impl Headers for Lines {
    fn for_each(&self, each: &mut dyn FnMut(&str, &[u8])) {
        self.0.for_each(each);
    }
}

proptest! {
    #[test]
    fn verifies_what_it_signs(
        segments in prop::collection::vec("[a-zA-Z0-9%:~!$ -]{1,12}", 0..5),
        query in prop::collection::vec(("[a-wA-W]{1,4}", "[ -~&&[^%&]]{0,6}"), 0..4),
        headers in prop::collection::btree_map("[a-w][a-z-]{0,8}", header_value(), 0..5),
        body in prop::collection::vec(any::<u8>(), 0..40),
        unix_seconds in 0..=253_402_300_799_i64,
        token in prop::option::of("[!-~]{1,30}"),
    ) {
        let date = AmzDate::from_unix(unix_seconds).unwrap();
        let key = SigningKey::derive("s", date.day(), "us-east-1", "sagemaker");
        let payload = PayloadHash::of(&body);
        let path = format!("/{}", segments.join("/"));
        let query = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let own = ["host", "date", "authorization"];
        let headers: Vec<_> = headers.iter().filter(|(name, _)| !own.contains(&name.as_str())).collect();
        let given: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let request = SignRequest {
            method: "POST",
            path: &path,
            query: &query,
            host: "h:1",
            headers: &given,
            payload: &payload,
            unix_seconds,
            access_key_id: "AKID",
            key: &key,
            session_token: token.as_deref(),
        };
        let signed = sign(&request).unwrap();
        let mut sent: Vec<_> = given.iter().map(|(name, value)| (name.to_uppercase(), value.to_vec())).collect();
        sent.push(("X-Amz-Date".to_owned(), signed.x_amz_date.as_str().into()));
        sent.extend(token.map(|token| ("X-Amz-Security-Token".to_owned(), token.into_bytes())));
        let lines = Lines(sent);
        let head = Head {
            method: "POST",
            path: path.as_bytes(),
            query: query.as_bytes(),
            authority: "h:1",
            headers: &lines,
        };
        let authorization = Authorization::parse(&signed.authorization).unwrap();
        prop_assert_eq!(verify(&head, &authorization, &key, &payload), Ok(()));
        let other = PayloadHash::of(&[body.as_slice(), b"x"].concat());
        prop_assert_eq!(verify(&head, &authorization, &key, &other), Err(Error::SignatureMismatch));
    }
}
