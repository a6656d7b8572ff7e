use palisade_wire::sigv4::{Authorization, Error, Head, PayloadHash, SignRequest, SigningKey, sign, verify};

/// 2026-01-02T03:04:05Z.
const NOW: i64 = 1_767_323_045;

type Lines<'a> = Vec<(&'a str, &'a [u8])>;

/// A request as the seeds write it: method and target, the `Authorization` value, header lines, an empty line, a body.
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    authorization: &'a str,
    authority: &'a str,
    headers: Lines<'a>,
    body: &'a [u8],
}

/// Signature Version 4: nobody gets in who does not know the key, the canonical form is the same every time, and what
/// we sign ourselves is accepted as it is and refused once anything is changed.
pub fn sigv4(data: &[u8]) {
    let Some(request) = Request::read(data) else {
        return;
    };
    refuses_strangers(&request);
    accepts_its_own(&request);
}

impl<'a> Request<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut rest = data;
        let mut line = || {
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            let (line, tail) = rest.split_at(end);
            rest = &tail[1..];
            Some(line)
        };
        let text = |bytes| std::str::from_utf8(bytes).ok();
        let (method, target) = text(line()?)?.split_once(' ')?;
        let authorization = text(line()?)?;
        let mut headers = Vec::new();
        while let Some(line) = line().filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|byte| *byte == b':')?;
            headers.push((text(&line[..colon])?, &line[colon + 1..]));
        }
        let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let authority = text(host?.1)?;
        Some(Self {
            method,
            path,
            query,
            authorization,
            authority,
            headers,
            body: rest,
        })
    }

    fn check(&self, headers: &Lines<'_>, authorization: &str, key: &SigningKey) -> Result<(), Error> {
        let head = Head {
            method: self.method,
            path: self.path.as_bytes(),
            query: self.query.as_bytes(),
            authority: self.authority,
            headers: headers.as_slice(),
        };
        let authorization = Authorization::parse(authorization)?;
        verify(&head, &authorization, key, &PayloadHash::of(self.body))
    }
}

/// A secret that no input holds: nothing here puts it into one.
fn key(date: &str, region: &str, service: &str) -> SigningKey {
    SigningKey::derive(&["never", "sent"].concat(), date, region, service)
}

fn refuses_strangers(request: &Request<'_>) {
    let Ok(authorization) = Authorization::parse(request.authorization) else {
        return;
    };
    let key = key(authorization.date, authorization.region, authorization.service);
    assert_eq!(key.scope(), authorization.scope());
    assert!(
        authorization
            .signed_headers()
            .all(|name| authorization.signs(name))
    );
    let check = || request.check(&request.headers, request.authorization, &key);
    let verdict = check();
    assert!(verdict.is_err(), "accepted without the key");
    assert_eq!(check(), verdict);
}

fn accepts_its_own(request: &Request<'_>) {
    let key = key("20260102", "eu-west-1", "bedrock");
    let ours = |(name, _): &&(&str, &[u8])| is_signable(name);
    let mut headers: Lines<'_> = request.headers.iter().filter(ours).copied().collect();
    let payload = PayloadHash::of(request.body);
    let signed = sign(&SignRequest {
        method: request.method,
        path: request.path,
        query: request.query,
        host: request.authority,
        headers: &headers,
        payload: &payload,
        unix_seconds: NOW,
        access_key_id: "key-id",
        key: &key,
        session_token: None,
    });
    let Ok(signed) = signed else {
        return;
    };
    headers.push(("x-amz-date", signed.x_amz_date.as_str().as_bytes()));
    let check = |request: &Request<'_>| request.check(&headers, &signed.authorization, &key);
    assert_eq!(check(request), Ok(()));
    let path = format!("{}x", request.path);
    let query = format!("x=1&{}", request.query);
    let query = query.trim_end_matches('&');
    let body = [request.body, b"x"].concat();
    let authority = format!("{}x", request.authority);
    let method = if request.method == "PUT" { "POST" } else { "PUT" };
    let changed = [
        Request {
            path: &path,
            ..request.plain()
        },
        Request {
            query,
            ..request.plain()
        },
        Request {
            body: &body,
            ..request.plain()
        },
        Request {
            authority: &authority,
            ..request.plain()
        },
        Request {
            method,
            ..request.plain()
        },
    ];
    for changed in &changed {
        assert_eq!(check(changed), Err(Error::SignatureMismatch));
    }
    let mut headers = headers.clone();
    headers[0].1 = b"changed";
    let verdict = request.check(&headers, &signed.authorization, &key);
    assert!(verdict.is_err(), "a signed header was changed");
}

impl<'a> Request<'a> {
    fn plain(&self) -> Self {
        Self {
            headers: Vec::new(),
            ..*self
        }
    }
}

/// Lower-case names (RFC 9110 §5.1) that the signer does not set itself, and that say nothing of the body.
fn is_signable(name: &str) -> bool {
    let reserved = [
        "host",
        "authorization",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
    ];
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !reserved.contains(&name)
}
