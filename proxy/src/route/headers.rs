//! The headers of a request that go on.

use crate::edge::Hardened;
use crate::refusal::Refusal;
use palisade_wire::bedrock::Operation;
use palisade_wire::header::Grammar;
use palisade_wire::sigv4::PayloadHash;
use palisade_wire::text::Form;

/// Headers with their values.
pub(super) type Headers = Vec<(&'static str, String)>;

const BOTH_WAYS: &str = "this operation goes both ways at once, which takes HTTP/2";

/// Adds what a body of Bedrock Runtime goes on under.
///
/// # Errors
/// [`Refusal::Malformed`] for a call that goes both ways at once over HTTP/1.1.
pub(super) fn of_body(head: &Hardened, operation: Operation, headers: &mut Headers) -> Result<(), Refusal> {
    if !operation.goes_both_ways() {
        // It is JSON whatever the client calls it (SDKs send `application/octet-stream` too).
        headers.push(("content-type", "application/json".to_owned()));
        return Ok(());
    }
    if head.version() != http::Version::HTTP_2 {
        return Err(Refusal::Malformed(BOTH_WAYS.to_owned()));
    }
    let hash = PayloadHash::event_stream().as_str().to_owned();
    headers.extend([
        ("content-type", "application/vnd.amazon.eventstream".to_owned()),
        ("x-amz-content-sha256", hash),
    ]);
    Ok(())
}

/// The media type that the body goes on under: the caller's, if it is one that the endpoint's bodies can have.
pub(super) fn content_type(head: &Hardened, form: Form) -> Result<Option<(&'static str, String)>, Refusal> {
    const NAME: &str = "content-type";
    let Some(sent) = header(head, NAME, Grammar::MediaTypes)? else {
        return Ok((form == Form::Json).then(|| (NAME, "application/json".to_owned())));
    };
    let kind = sent
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let fits = match form {
        Form::Json => kind == "application/json" || kind.ends_with("+json"),
        Form::Text => kind.starts_with("text/"),
        Form::Opaque => true,
    };
    // What clients send when nobody told them.
    if fits || kind == "application/octet-stream" {
        return Ok(Some((NAME, sent.to_owned())));
    }
    let why = "the bodies of this endpoint are not of this `content-type`";
    Err(Refusal::Malformed(why.to_owned()))
}

pub(super) fn forwarded(head: &Hardened) -> Result<Vec<(&'static str, String)>, Refusal> {
    let mut headers = Vec::new();
    for (name, grammar) in head.protocol().request_headers() {
        headers.extend(header(head, name, *grammar)?.map(|value| (*name, value.to_owned())));
    }
    Ok(headers)
}

/// A header that is passed on. It may stand there once: of two, nobody knows which counts.
pub(super) fn header<'h>(
    head: &'h Hardened,
    name: &str,
    grammar: Grammar,
) -> Result<Option<&'h str>, Refusal> {
    let mut values = head.headers().get_all(name).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().ok().filter(|value| grammar.holds(value)),
        (Some(_), Some(_)) => None,
    };
    let why = || Refusal::Malformed(format!("the value of `{name}` is not one that it can have"));
    value.map(Some).ok_or_else(why)
}
