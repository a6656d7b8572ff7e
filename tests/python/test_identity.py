"""The samples in config/identity, each with a token of the shape that its provider gives, and with tokens that it must not take."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway import ROOT
from served import Provider, Served
from tokens import jwk
from wire import call, converse, path_of

pytestmark = pytest.mark.unwatched

ENTRA = "11111111-2222-3333-4444-555555555555"
# As the documentation of each shows them: what decides, and what stands around it.
TOKENS = {
    "cognito": {
        "iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE",
        "sub": "aaaaaaaa-bbbb-cccc-dddd-example",
        "cognito:groups": ["analyst", "branch"],
        "version": 2,
        "client_id": "2example1client",
        "origin_jti": "x",
        "token_use": "access",
        "scope": "openid",
        "username": "ada",
    },
    "entra": {
        "iss": f"https://login.microsoftonline.com/{ENTRA}/v2.0",
        "aud": "api://palisade",
        "azp": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
        "name": "Ada",
        "oid": "00000000-0000-0000-66f3-3332eca7ea81",
        "preferred_username": "ada",
        "roles": ["Palisade.Analyst"],
        "scp": "access_as_user",
        "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
        "tid": ENTRA,
        "ver": "2.0",
    },
    "okta": {
        "iss": "https://example.okta.com/oauth2/default",
        "aud": "api://palisade",
        "ver": 1,
        "jti": "AT.x",
        "cid": "0oa1",
        "uid": "00uid4BxXw6I6TV4m0g3",
        "scp": ["openid"],
        "sub": "ada",
        "groups": ["Everyone", "analyst"],
        "tenant": "retail",
    },
    "keycloak": {
        "iss": "https://keycloak.example.com/realms/example",
        "aud": ["palisade", "account"],
        "sub": "5f9f1c6e-1f1e-4f3e-9f9e-000000000001",
        "typ": "Bearer",
        "azp": "app",
        "realm_access": {"roles": ["offline_access", "analyst"]},
        "resource_access": {"account": {"roles": ["manage-account"]}},
        "scope": "openid",
        "preferred_username": "ada",
        "tenant": "retail",
    },
}
USERS = {"cognito": "sub", "entra": "oid", "okta": "uid", "keycloak": "sub"}


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def keys_url(key):
    """A provider's key set."""
    body = json.dumps({"keys": [jwk(key, "RS256", "one")]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/keys"
    server.shutdown()


@pytest.fixture(scope="module")
def served(tmp_path_factory, keys_url):
    """One gateway that trusts all of them."""

    def prepare(folder):
        config = folder / "palisade.toml"
        samples = "".join((ROOT / "config" / "identity" / f"{name}.toml").read_text() for name in TOKENS)
        # But for where the keys are.
        samples = re.sub(r"^jwks_url = .*\n", "", samples, flags=re.MULTILINE)
        samples = samples.replace("[[issuer]]\n", f'[[issuer]]\njwks_url = "{keys_url}"\ninsecure_http = true\n')
        config.write_text(config.read_text() + samples)

    served = Served(tmp_path_factory.mktemp("identity") / "one", Provider(), prepare=prepare)
    yield served
    served.end()


def ask(served, key, claims):
    now = int(time.time())
    token = jwt.encode({"iat": now, "exp": now + 300, **claims}, key, "RS256", {"kid": "one"})
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    return call(served, path_of(served.allowed, "converse"), converse("hello"), headers)


@pytest.mark.parametrize("provider", TOKENS)
def test_a_token_of_each_provider_is_somebody_of_a_tenant(served, key, provider):
    claims = TOKENS[provider]
    assert ask(served, key, claims).status == 200
    decision, _ = served.pairs()[-1]
    principal = decision["principal"]
    assert decision["tenant"] == "retail" and principal["authentication"] == "jwt" and principal["roles"] == ["analyst"]


def without(claims, name):
    return {other: value for other, value in claims.items() if other != name}


@pytest.mark.parametrize(
    "provider, claims",
    [
        ("cognito", {**TOKENS["cognito"], "client_id": "another"}),
        ("cognito", {**TOKENS["cognito"], "token_use": "id"}),
        ("cognito", without(TOKENS["cognito"], "client_id")),
        ("entra", {**TOKENS["entra"], "aud": "00000003-0000-0000-c000-000000000000"}),
        # Another directory, whose keys are the same.
        ("entra", {**TOKENS["entra"], "tid": "99999999-2222-3333-4444-555555555555"}),
        ("entra", {**TOKENS["entra"], "tid": "markets"}),
        ("okta", {**TOKENS["okta"], "tenant": "nobody"}),
        ("okta", without(TOKENS["okta"], "tenant")),
        ("okta", without(TOKENS["okta"], "uid")),
        ("keycloak", {**TOKENS["keycloak"], "aud": "account"}),
        ("keycloak", {**TOKENS["keycloak"], "tenant": ["retail"]}),
        ("keycloak", {**TOKENS["keycloak"], "iss": "https://keycloak.example.com/realms/other"}),
    ],
)
def test_what_the_sample_does_not_say_is_not_taken(served, key, provider, claims):
    assert ask(served, key, claims).status in (401, 403)


def test_groups_that_are_none_are_no_roles(served, key):
    for claims in ({"realm_access": "analyst"}, {"realm_access": {"roles": {"analyst": 1}}}, {"realm_access": None}):
        assert ask(served, key, {**TOKENS["keycloak"], "jti": str(claims), **claims}).status in (200, 403)
        assert "roles" not in served.pairs()[-1][0]["principal"]
