"""Signature Version 4, both ways: what clients send must be theirs to the last byte, what arrives upstream must be ours."""

import datetime
import re

import boto3
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gateway import body_of
from wire import Raw, bearer, call, converse, head, path_of, signed

JSON = {"content-type": "application/json"}
SIGNATURE, UNKNOWN, INCOMPLETE, MISSING = (
    "InvalidSignatureException",
    "UnrecognizedClientException",
    "IncompleteSignatureException",
    "MissingAuthenticationTokenException",
)


class Signed:
    """A good signed request that a test spoils."""

    def __init__(self, demo, **options):
        self.path = path_of(demo.allowed, "converse")
        self.body = converse("hello")
        self.method = "POST"
        headers = {**JSON, "x-amzn-bedrock-trace": "DISABLED"}
        self.headers = signed(demo, "retail", self.path, self.body, headers, **options)

    def edit(self, pattern, replacement, header="Authorization"):
        before = self.headers[header]
        self.headers[header] = re.sub(pattern, replacement, before, count=1)
        assert self.headers[header] != before
        return self

    def send(self, demo):
        return call(demo, self.path, self.body, self.headers, self.method)


def flip(match):
    return "1" if match.group(0) != "1" else "2"


def shifted(demo, minutes, monkeypatch):
    """Signed at another time: botocore takes the time from one function."""
    import botocore.auth

    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: now.replace(tzinfo=None))
    return Signed(demo)


def with_path(signed_request, path):
    signed_request.path = path
    return signed_request


def with_body(signed_request, body):
    signed_request.body = body
    return signed_request


def with_header(signed_request, name, value):
    signed_request.headers[name] = value
    return signed_request


BAD = {
    "a_changed_path": (lambda d: with_path(Signed(d), path_of("amazon.nova-pro-v1:0", "converse")), (SIGNATURE,)),
    "another_operation": (lambda d: with_path(Signed(d), path_of(d.allowed, "converse-stream")), (SIGNATURE,)),
    "an_added_query": (lambda d: with_path(Signed(d), path_of(d.allowed, "converse") + "?a=b"), (SIGNATURE,)),
    "a_changed_body": (lambda d: with_body(Signed(d), converse("hellp")), (SIGNATURE,)),
    "an_empty_body": (lambda d: with_body(Signed(d), b""), (SIGNATURE,)),
    "a_changed_date": (lambda d: Signed(d).edit(r"\d(?=Z$)", flip, "X-Amz-Date"), (SIGNATURE,)),
    "a_changed_signed_header": (lambda d: with_header(Signed(d), "x-amzn-bedrock-trace", "ENABLED"), (SIGNATURE,)),
    "a_changed_content_type": (lambda d: with_header(Signed(d), "content-type", "text/plain"), (SIGNATURE,)),
    "a_changed_signature": (lambda d: Signed(d).edit(r"(?<=Signature=).", flip), (SIGNATURE,)),
    "the_last_digit_of_the_signature": (lambda d: Signed(d).edit(r".$", flip), (SIGNATURE,)),
    "a_short_signature": (lambda d: Signed(d).edit(r".$", ""), (SIGNATURE, INCOMPLETE)),
    "no_signature": (lambda d: Signed(d).edit(r", Signature=.*", ""), (INCOMPLETE,)),
    "no_signed_headers": (lambda d: Signed(d).edit(r"SignedHeaders=[^,]*, ", ""), (INCOMPLETE,)),
    "no_credential": (lambda d: Signed(d).edit(r"Credential=[^,]*, ", ""), (INCOMPLETE,)),
    "host_not_signed": (lambda d: Signed(d).edit(r"host;", ""), (SIGNATURE, INCOMPLETE)),
    "date_not_signed": (lambda d: Signed(d).edit(r";x-amz-date", ""), (SIGNATURE, INCOMPLETE)),
    "an_option_not_signed": (
        lambda d: with_header(Signed(d), "x-amzn-bedrock-guardrailidentifier", "g"),
        (INCOMPLETE,),
    ),
    "another_region": (lambda d: Signed(d).edit(r"us-east-1", "eu-west-1"), (SIGNATURE,)),
    "another_day": (lambda d: Signed(d).edit(r"/2\d{7}/", "/20200101/"), (SIGNATURE,)),
    "another_service": (lambda d: Signed(d, service="s3"), (SIGNATURE,)),
    "another_terminator": (lambda d: Signed(d).edit(r"aws4_request", "aws5_request"), (SIGNATURE, INCOMPLETE)),
    "another_secret": (lambda d: Signed(d, secret="x" * 40), (SIGNATURE,)),
    "an_unknown_key": (lambda d: Signed(d).edit(r"Credential=\w+", "Credential=PLSDNOBODY0000000000"), (UNKNOWN,)),
    "another_tenants_key": (
        lambda d: Signed(d).edit(r"Credential=\w+", "Credential=PLSDRESEARCHNOTES001"),
        (SIGNATURE,),
    ),
    "a_key_id_that_breaks_out": (
        lambda d: Signed(d).edit(r"Credential=\w+", "Credential=../x"),
        ANY := (UNKNOWN, INCOMPLETE),
    ),
    "an_unsigned_payload": (
        lambda d: with_header(Signed(d), "x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        (SIGNATURE, INCOMPLETE),
    ),
    "a_wrong_payload_hash": (
        lambda d: with_header(Signed(d), "x-amz-content-sha256", "0" * 64),
        (SIGNATURE, INCOMPLETE),
    ),
    "no_date": (lambda d: without(Signed(d), "X-Amz-Date"), (SIGNATURE, INCOMPLETE)),
    "no_credential_at_all": (lambda d: without(Signed(d), "Authorization"), (MISSING,)),
}


def without(signed_request, name):
    del signed_request.headers[name]
    return signed_request


def test_the_unspoiled_request_is_good(demo, watch):
    assert Signed(demo).send(demo).status == 200


@pytest.mark.parametrize("name", BAD)
def test_refuses_a_signed_request_with(name, demo, watch):
    make, codes = BAD[name]
    request = make(demo)
    answer = request.send(demo)
    assert (answer.status, answer.error in codes) == (403, True), answer.error
    assert set(answer.json()) == {"message"}
    decision = watch.refused("authentication")
    assert decision["tenant"] == "" and "principal" not in decision


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24 * 365])
def test_refuses_a_date_that_is_off(minutes, demo, watch, monkeypatch):
    answer = shifted(demo, minutes, monkeypatch).send(demo)
    assert (answer.status, answer.error) == (403, SIGNATURE)
    assert "date" in answer.headers, "SDKs correct their clocks by it"
    watch.refused("authentication")


@pytest.mark.parametrize("minutes", [-4, 4])
def test_accepts_a_date_that_is_a_little_off(minutes, demo, watch, monkeypatch):
    assert shifted(demo, minutes, monkeypatch).send(demo).status == 200


def test_refuses_a_signature_in_the_query(demo, watch):
    who = demo.tenants["retail"]
    path = path_of(demo.allowed, "converse")
    request = AWSRequest("POST", demo.url + path, data=converse("hello"), headers=JSON)
    SigV4QueryAuth(Credentials(who.access_key_id, who.secret_access_key), "bedrock", "us-east-1").add_auth(request)
    answer = call(demo, request.url.removeprefix(demo.url), converse("hello"), JSON)
    assert (answer.status, answer.error) == (403, MISSING)
    watch.refused("authentication")


def test_refuses_two_credentials(demo, watch):
    good = Signed(demo)
    lines = [f"{name}: {value}" for name, value in good.headers.items()]
    lines += [f"authorization: {bearer(demo)['authorization']}", f"content-length: {len(good.body)}"]
    with Raw(demo) as raw:
        answer = raw.send(head(demo, good.path, *lines), good.body).answer()
    assert answer.status == 403
    watch.refused("authentication")


def test_a_session_token_that_was_signed_is_accepted_but_goes_no_further(demo, watch, canary):
    token = canary()
    path, body = path_of(demo.allowed, "converse"), converse("hello")
    headers = signed(demo, "retail", path, body, {**JSON, "X-Amz-Security-Token": token})
    assert call(demo, path, body, headers).status == 200
    (received,) = watch.upstream()
    assert token not in str(received)


def signed_for(demo, token, tenant="retail", **spoilt):
    path, body = path_of(demo.allowed, "converse"), converse("hello")
    headers = signed(demo, tenant, path, body, {**JSON, "X-Amz-Security-Token": token})
    return call(demo, path, body, {**headers, **spoilt})


def test_an_application_signs_for_the_user_of_a_token(demo, watch):
    token = demo.tenants["retail"].jwt
    assert signed_for(demo, token).status == 200
    (decision,) = watch.decisions()
    who = decision["principal"]
    assert (who["authentication"], who["type"], who["credential"]) == ("sigv4_jwt", "User", demo.tenants["retail"].access_key_id)
    (received,) = watch.upstream()
    assert token not in str(received)


def test_and_so_do_sdks(demo, watch):
    key = demo.tenants["retail"]
    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=demo.url,
        region_name="us-east-1",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        aws_session_token=key.jwt,
    )
    client.converse(modelId=demo.allowed, messages=[{"role": "user", "content": [{"text": "hello"}]}])
    assert watch.decisions()[-1]["principal"]["type"] == "User"


def with_another_signature(token):
    head, claims, signature = token.split(".")
    return f"{head}.{claims}.{signature[::-1]}"


@pytest.mark.parametrize(
    "token",
    [
        lambda tenants: tenants["markets"].jwt,
        lambda tenants: with_another_signature(tenants["retail"].jwt),
        lambda _: "a.b.c",
    ],
    ids=["another tenant's", "signed by nobody", "no token"],
)
def test_but_not_for_users_of_another_tenant_or_of_nobody(token, demo, watch):
    answer = signed_for(demo, token(demo.tenants))
    assert answer.status == 403, answer.body
    watch.refused("authentication")


def test_and_not_with_a_token_that_was_put_in_afterwards(demo, watch):
    answer = signed_for(demo, demo.tenants["retail"].jwt, **{"X-Amz-Security-Token": demo.tenants["markets"].jwt})
    assert answer.status == 403
    watch.refused("authentication")


def test_replays_are_told_apart_by_their_records(demo, watch):
    request = Signed(demo)
    assert [request.send(demo).status for _ in range(2)] == [200, 200]
    pairs = watch.settle()
    assert len({decision["request_id"] for decision, _ in pairs}) == 2


def test_the_upstream_signature_is_what_botocore_would_sign(demo, watch):
    """The gateway's own credentials are fresh in each demo and in no file, so its signature cannot be computed here
    whole: what goes into it can. The simulator recomputes the rest (`sigv4`), with code of its own folder."""
    headers = {**JSON, **bearer(demo), "accept": "application/json", "x-amzn-bedrock-trace": "ENABLED"}
    assert call(demo, path_of(demo.allowed, "converse"), converse("hello"), headers).status == 200
    (received,) = watch.upstream()
    assert received["sigv4"] == "valid"
    got = dict(received["headers"])
    credential, names, signature = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
        got["authorization"],
    ).groups()
    day, region, service, end = credential.split("/")[1:]
    assert (region, service, end) == ("us-east-1", "bedrock", "aws4_request")
    assert got["x-amz-date"].startswith(day)
    assert names.split(";") == sorted(names.split(";"))
    assert {"host", "x-amz-date", "content-type", "accept", "x-amzn-bedrock-trace"} <= set(names.split(";"))
    assert int(got["content-length"]) == len(body_of(received))
    assert credential.split("/")[0] not in {who.access_key_id for who in demo.tenants.values()}
    assert signature


@pytest.mark.parametrize("credential", ["signature", "token"])
@pytest.mark.parametrize("spelling", ["{}/", "/{}", "/.{}", "/x/..{}"])
def test_a_path_that_is_spelt_otherwise_is_told_so(spelling, credential, demo, watch):
    path, body = spelling.format(path_of(demo.allowed, "converse")), converse("hello")
    headers = signed(demo, "retail", path, body, JSON) if credential == "signature" else {**JSON, **bearer(demo)}
    answer = call(demo, path, body, headers)
    assert (answer.status, answer.error) == (400, "ValidationException")
    assert "the path or the model id in it is not well-formed" in answer.json()["message"]
    watch.refused("unroutable")
