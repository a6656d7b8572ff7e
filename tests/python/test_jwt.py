"""Bearer tokens over plain HTTP: the four operations, and every token that must not be believed."""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from gateway import Demo, wait_for
from test_sdk import MODELS, OPERATIONS, STREAMS, native, native_delta, native_text
from tokens import Mint, b64, b64_json, jwk
from wire import Answer, bearer, call, converse, path_of

PATHS = {
    "Converse": "converse",
    "ConverseStream": "converse-stream",
    "InvokeModel": "invoke",
    "InvokeModelWithResponseStream": "invoke-with-response-stream",
}


def ask(demo, operation, model, text, headers):
    native_body = operation.startswith("Invoke")
    body = native(model, text).encode() if native_body else converse(text)
    return call(demo, path_of(model, PATHS[operation]), body, {"content-type": "application/json", **headers})


def text_of(operation, model, answer: Answer):
    match operation:
        case "Converse":
            return answer.json()["output"]["message"]["content"][0]["text"]
        case "ConverseStream":
            events = [frame.json() for frame in answer.frames()]
            return "".join(event.get("delta", {}).get("text", "") for event in events)
        case "InvokeModel":
            return native_text(model, answer.json())
        case _:
            return "".join(native_delta(frame.native()) for frame in answer.frames())


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("model", MODELS, ids=["claude", "nova"])
def test_a_token_is_as_good_as_a_key(operation, model, demo, watch, canary):
    email = "grace@example.com"
    watch.canary(email)
    demo.simulator.script({"text": f"{email} it is", "chunk_chars": 2})
    answer = ask(demo, operation, model, f"{canary()} mail {email}", bearer(demo))
    assert answer.status == 200
    assert text_of(operation, model, answer) == "{EMAIL} it is"
    assert answer.headers["content-type"] == (
        "application/vnd.amazon.eventstream" if operation in STREAMS else "application/json"
    )
    decision, _ = watch.one()
    assert decision["principal"]["authentication"] == "jwt"
    assert decision["principal"]["type"] == "User"
    assert decision["effect"] == "allow_modified"
    (received,) = watch.upstream()
    assert "authorization" in dict(received["headers"])
    assert demo.tenants["retail"].jwt not in json.dumps(received)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_token_does_not_open_a_denied_model(operation, demo, watch):
    answer = ask(demo, operation, demo.denied, "hello", bearer(demo))
    assert (answer.status, answer.error) == (403, "AccessDeniedException")
    assert set(answer.json()) == {"message"}
    assert answer.headers["x-should-retry"] == "false"
    watch.refused("no_permit")


def test_tokens_of_two_tenants_differ(demo, watch):
    for tenant, status in [("markets", 200), ("research", 200), ("retail", 403)]:
        answer = ask(demo, "Converse", "anthropic.claude-3-opus-20240229-v1:0", "hello", bearer(demo, tenant))
        assert answer.status == status, tenant
    assert [decision["tenant"] for decision, _ in watch.settle()] == ["markets", "research", "retail"]


@pytest.mark.parametrize("algorithm", ["EdDSA"])
def test_a_token_of_another_key_of_the_issuer_is_good(algorithm, demo, tokens, watch):
    answer = ask(demo, "Converse", demo.allowed, "hello", authorization(tokens.token(algorithm)))
    assert answer.status == 200
    decision, _ = watch.one()
    assert decision["principal"]["credential"] == tokens.kid(algorithm)


def test_groups_that_the_tenant_does_not_list_are_ignored(demo, tokens, watch):
    groups = ["analyst", "admin", 'Palisade::Role::"red-team"', "red-team", '\n"}\n{']
    answer = ask(demo, "Converse", demo.allowed, "hello", authorization(tokens.token(groups=groups)))
    assert answer.status == 200
    decision, _ = watch.one()
    assert decision["principal"]["roles"] == ["analyst"]


def authorization(token):
    return {"authorization": f"Bearer {token}"}


def unsigned(mint, alg):
    return f"{b64_json({'alg': alg, 'typ': 'JWT', 'kid': mint.kid('EdDSA')})}.{b64_json(mint.valid())}."


def hs256_with_the_public_key(mint, algorithm):
    """The public key's PEM as an HMAC secret: PyJWT refuses to make such a token, so it is made by hand."""
    import hashlib
    import hmac

    parts = f"{b64_json({'alg': 'HS256', 'kid': mint.kid(algorithm)})}.{b64_json(mint.valid())}"
    return f"{parts}.{b64(hmac.new(mint.public_pem(algorithm), parts.encode(), hashlib.sha256).digest())}"


def cut(token):
    head, _, signature = token.split(".")
    return head, signature


def swapped_claims(mint):
    """A good token's header and signature around other claims."""
    good = mint.token().split(".")
    return ".".join([good[0], b64_json(mint.valid(tenant="research")), good[2]])


def flipped_signature(mint):
    head, claims, signature = mint.token().split(".")
    return f"{head}.{claims}.{('A' if signature[0] != 'A' else 'B') + signature[1:]}"


def with_header(**headers):
    return lambda mint: mint.token(headers=headers)


def with_claims(**claims):
    return lambda mint: mint.token(**claims)


def claims_text(edit):
    """A truly signed token whose claims are edited as text: PyJWT would not write them."""
    return lambda mint: mint.raw({"alg": "EdDSA", "kid": mint.kid("EdDSA")}, edit(json.dumps(mint.valid())))


NOW = int(time.time())
SIGNATURE, UNKNOWN, EXPIRED, INCOMPLETE = (
    "InvalidSignatureException",
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
)
ANY = (SIGNATURE, UNKNOWN, EXPIRED, INCOMPLETE)

BAD_TOKENS = {
    "alg_none": (lambda mint: unsigned(mint, "none"), ANY),
    "alg_none_in_mixed_case": (lambda mint: unsigned(mint, "nOnE"), ANY),
    "no_signature_for_a_good_algorithm": (lambda mint: unsigned(mint, "EdDSA"), ANY),
    "hmac_with_the_rsa_public_key": (lambda mint: hs256_with_the_public_key(mint, "RS256"), ANY),
    "hmac_with_the_ed25519_public_key": (lambda mint: hs256_with_the_public_key(mint, "EdDSA"), ANY),
    "es256_under_an_rsa_key_id": (
        lambda mint: mint.token("ES256", headers={"kid": mint.kid("RS256")}),
        (SIGNATURE,),
    ),
    "an_algorithm_that_is_not_configured": (lambda mint: mint.token("RS256"), (SIGNATURE,)),
    "a_zero_es256_signature": (
        lambda mint: ".".join([*mint.token("ES256").split(".")[:2], b64(bytes(64))]),
        (SIGNATURE,),
    ),
    "a_foreign_key_under_a_known_id": (lambda mint: mint.token(key=mint.foreign), (SIGNATURE,)),
    "a_changed_signature": (flipped_signature, (SIGNATURE,)),
    "changed_claims": (swapped_claims, (SIGNATURE,)),
    "an_unknown_key_id": (with_header(kid="nobody"), (UNKNOWN,)),
    "a_key_id_that_is_a_path": (with_header(kid="../../dev/null"), (UNKNOWN, INCOMPLETE)),
    "a_key_id_that_is_sql": (with_header(kid="' OR 1=1 --"), (UNKNOWN, INCOMPLETE)),
    "a_key_id_with_line_breaks": (with_header(kid="a\r\nx-evil: 1"), (INCOMPLETE,)),
    "a_key_id_of_ten_kilobytes": (with_header(kid="k" * 10_000), (INCOMPLETE,)),
    "no_key_id": (with_header(kid=None), (INCOMPLETE,)),
    "an_embedded_key": (
        lambda mint: mint.token(
            key=mint.foreign,
            headers={"jwk": json.loads(jwt.get_algorithm_by_name("EdDSA").to_jwk(mint.foreign.public_key()))},
        ),
        (SIGNATURE,),
    ),
    "a_critical_extension": (with_header(crit=["exp2"], exp2=1), (INCOMPLETE,)),
    "an_empty_list_of_critical_extensions": (with_header(crit=[]), (INCOMPLETE,)),
    "expired": (with_claims(exp=NOW - 60), (EXPIRED,)),
    "not_valid_yet": (with_claims(nbf=NOW + 3600), (EXPIRED,)),
    "no_expiry": (with_claims(exp=None), (INCOMPLETE,)),
    "expiry_as_text": (claims_text(lambda text: text.replace('"exp": ', '"exp": "9', 1).replace("}", '"}', 1)), ANY),
    "expiry_beyond_numbers": (claims_text(lambda text: text[:-1] + ', "exp": 1e400}'), ANY),
    "a_claim_twice": (claims_text(lambda text: text[:-1] + ', "tenant": "research"}'), (INCOMPLETE,)),
    "a_subject_twice": (claims_text(lambda text: text[:-1] + ', "sub": "root"}'), (INCOMPLETE,)),
    "another_issuer": (with_claims(iss="https://evil.example"), (UNKNOWN,)),
    "an_issuer_with_a_slash_more": (lambda mint: mint.token(iss=mint.claims["iss"] + "/"), (UNKNOWN,)),
    "no_issuer": (with_claims(iss=None), (INCOMPLETE,)),
    "another_audience": (with_claims(aud="something-else"), (UNKNOWN,)),
    "no_audience": (with_claims(aud=None), (INCOMPLETE, UNKNOWN)),
    "an_unknown_tenant": (with_claims(tenant="nobody"), (UNKNOWN,)),
    "no_tenant": (with_claims(tenant=None), (UNKNOWN,)),
    "a_tenant_that_is_a_list": (with_claims(tenant=["retail", "research"]), (UNKNOWN,)),
    "an_empty_subject": (with_claims(sub=""), (UNKNOWN,)),
    "no_subject": (with_claims(sub=None), (UNKNOWN,)),
    "no_token_at_all": (lambda mint: "", ("MissingAuthenticationTokenException",)),
    "two_parts": (lambda mint: mint.token().rpartition(".")[0], (INCOMPLETE,)),
    "four_parts": (lambda mint: mint.token() + ".AAAA", (INCOMPLETE,)),
    "padded_base64": (lambda mint: mint.token().replace(".", "=.", 1), (INCOMPLETE,)),
    "not_base64": (lambda mint: "!!!.???.###", (INCOMPLETE,)),
    "claims_that_are_a_list": (claims_text(lambda text: f"[{text}]"), ANY),
    "claims_with_trailing_text": (claims_text(lambda text: text + "{}"), (INCOMPLETE,)),
    "seventeen_kilobytes": (with_claims(padding="x" * 17_000), (INCOMPLETE,)),
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_refuses_a_token_with(name, demo, tokens, watch, canary):
    make, codes = BAD_TOKENS[name]
    token = make(tokens)
    for part in token.split("."):
        if len(part) > 16:
            watch.canary(part)
    answer = ask(demo, "Converse", demo.allowed, canary(), authorization(token))
    assert (answer.status, answer.error in codes) == (403, True), answer.error
    assert set(answer.json()) == {"message"}
    assert answer.headers["x-should-retry"] == "false"
    decision = watch.refused("authentication")
    assert decision["tenant"] == "" and "principal" not in decision


def test_a_key_set_url_in_a_token_is_never_fetched(demo, tokens, watch):
    """The simulator's own port stands for the address: its counter would tell."""
    before = demo.simulator.call("GET", "/stats")["jwks_fetches"]
    url = demo.simulator.url + "/jwks.json"
    for name in ("jku", "x5u"):
        token = tokens.token(key=tokens.foreign, headers={name: url})
        answer = ask(demo, "Converse", demo.allowed, "hello", authorization(token))
        assert (answer.status, answer.error) == (403, SIGNATURE)
    assert demo.simulator.call("GET", "/stats")["jwks_fetches"] == before


def test_unknown_key_ids_do_not_flood_the_issuer(demo, tokens, watch):
    before = demo.simulator.call("GET", "/stats")["jwks_fetches"]
    for number in range(30):
        token = tokens.token(headers={"kid": f"nobody-{number}"})
        assert ask(demo, "Converse", demo.allowed, "hello", authorization(token)).error == UNKNOWN
    assert demo.simulator.call("GET", "/stats")["jwks_fetches"] - before <= 2


def test_a_new_key_of_the_issuer_is_found_without_a_restart(demo, tokens, watch):
    fresh = ed25519.Ed25519PrivateKey.generate()
    token = tokens.token(key=fresh, headers={"kid": "rotated"})
    tokens.publish([*tokens.published, jwk(fresh, "EdDSA", "rotated")])
    wait_for("the new key", lambda: ask(demo, "Converse", demo.allowed, "hello", authorization(token)).status == 200)


def test_keys_stay_in_use_while_the_issuer_is_broken(demo, tokens, watch):
    demo.simulator.call("PUT", "/jwks.json", {"error": "down for maintenance"})
    try:
        before = demo.simulator.call("GET", "/stats")["jwks_fetches"]

        def fetched():
            ask(demo, "Converse", demo.allowed, "hello", authorization(tokens.token(headers={"kid": "nobody-here"})))
            return demo.simulator.call("GET", "/stats")["jwks_fetches"] > before

        wait_for("a fetch that fails", fetched)
        assert ask(demo, "Converse", demo.allowed, "hello", authorization(tokens.token(sub="still-here"))).status == 200
    finally:
        tokens.publish(tokens.published)


@pytest.mark.unwatched
def test_without_keys_nobody_is_let_in_until_there_are_some(tmp_path):
    demo = Demo(tmp_path)
    mint = Mint(demo)
    demo.simulator.call("PUT", "/jwks.json", {"error": "not yet"})
    answer = ask(demo, "Converse", demo.allowed, "hello", bearer(demo))
    assert (answer.status, answer.error) == (503, "ServiceUnavailableException")
    assert demo.simulator.requests() == 0
    mint.publish(mint.own)
    wait_for("the keys", lambda: ask(demo, "Converse", demo.allowed, "hello", bearer(demo)).status == 200)
    assert demo.stop() == 0


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_matched_without_regard_to_case(scheme, demo, watch):
    headers = {"authorization": f"{scheme} {demo.tenants['retail'].jwt}"}
    assert ask(demo, "Converse", demo.allowed, "hello", headers).status == 200


@pytest.mark.parametrize("value", ["", "Basic YTpi", "Bearer", "Negotiate x", "AWS4-ECDSA-P256-SHA256 Credential=x"])
def test_refuses_another_kind_of_credential(value, demo, watch):
    answer = ask(demo, "Converse", demo.allowed, "hello", {"authorization": value} if value else {})
    assert answer.status == 403
    assert answer.error in ("MissingAuthenticationTokenException", INCOMPLETE)
    watch.refused("authentication")
