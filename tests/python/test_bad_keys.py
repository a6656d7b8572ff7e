"""Attacks on the keys of issuers, and on tokens: none is believed, and nothing of it reaches the provider."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from people import Keys
from served import Provider, Served
from test_bad_http import BODY, target
from test_provider import last
from test_provider import post as post_signed
from tokens import jwk
from wire import call, converse, path_of

KIND = {"content-type": "application/json"}


class Issuer:
    """An identity provider on loopback with one key; `play(handler)` answers each request for its keys."""

    def __init__(self, play=None):
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.asked = []
        self.over = threading.Event()
        self.play = play or (lambda handler: handler.say(self.keys()))
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked.append(self.path)
                try:
                    issuer.play(self)
                except OSError:
                    pass
                finally:
                    self.close_connection = True

            def say(self, body, status=200, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keys(self, padding=0):
        return json.dumps({"keys": [jwk(self.key, "EdDSA", "one")], "padding": "x" * padding}).encode()

    def token(self, tenant="retail", key=None, **claims):
        now = int(time.time())
        claims = {"iss": self.url, "aud": "palisade", "sub": "ann", "tenant": tenant, "iat": now, "exp": now + 300, **claims}
        return jwt.encode(claims, key or self.key, "EdDSA", {"kid": "one"})

    def entry(self, tenants=("retail",), keys="/keys"):
        at = f'jwks_url = "{self.url}{keys}"\n' if keys else ""
        return f'[[issuer]]\nissuer = "{self.url}"\n{at}audience = "palisade"\ntenants = {json.dumps(tenants)}\ninsecure_http = true\n'

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def issuers():
    """Makes issuers, and closes them."""
    made = []

    def make(play=None):
        made.append(Issuer(play))
        return made[-1]

    yield make
    for issuer in made:
        issuer.close()


@pytest.fixture
def believing(tmp_path, issuers):
    """Starts gateways that believe such issuers."""
    started = []

    def start(*entries):
        started.append(Served(tmp_path / f"believing{len(started)}", Provider(), upstream="".join(entries)))
        return started[-1]

    yield start
    for served in started:
        served.end()


def shown(served, token):
    return call(served, path_of(served.allowed, "converse"), converse("hello"), {**KIND, "authorization": f"Bearer {token}"})


def endless(piece, pause=0.0, most=50_000_000):
    """Sends the beginning of a key set, and then more and more of it."""

    def play(handler):
        handler.send_response(200)
        handler.send_header("content-length", str(most))
        handler.end_headers()
        handler.sent = handler.wfile.write(b'{"keys":[],"padding":"')
        while handler.sent < most and not handler.server.issuer.over.wait(pause):
            handler.sent += handler.wfile.write(piece)
            handler.server.issuer.sent = handler.sent

    return play


def unusable(served, token, issuer):
    """Without keys nobody is let in, and that is recorded as what it is."""
    answer = shown(served, token)
    assert (answer.status, answer.error) == (503, "ServiceUnavailableException")
    assert not served.provider.requests
    decision, completion = last(served)
    assert (decision["effect"], decision["reason"], decision["tenant"]) == ("deny", "authentication", "")
    assert completion["end"] == "refused"
    assert issuer.asked, "the keys were asked for"


@pytest.mark.unwatched
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_the_keys_is_not_followed(status, issuers, believing):
    """The other server has the very keys, so that following it would let the token in."""
    other = issuers()
    issuer = issuers(lambda handler: handler.say(b"", status, location=other.url + "/keys"))
    other.key = issuer.key
    served = believing(issuer.entry())
    unusable(served, issuer.token(), issuer)
    assert not other.asked


@pytest.mark.unwatched
def test_keys_beyond_a_megabyte_are_not_taken(issuers, believing):
    issuer = issuers()
    issuer.play = lambda handler: handler.say(issuer.keys(1024 * 1024))
    unusable(believing(issuer.entry()), issuer.token(), issuer)


@pytest.mark.unwatched
def test_keys_below_a_megabyte_are_taken(issuers, believing):
    issuer = issuers()
    issuer.play = lambda handler: handler.say(issuer.keys(1000 * 1000))
    assert shown(believing(issuer.entry()), issuer.token()).status == 200


@pytest.mark.unwatched
@pytest.mark.parametrize("piece, pause", [(b"x" * 65536, 0.0), (b"x", 0.05)], ids=["fifty_megabytes", "byte_by_byte"])
def test_keys_that_do_not_end_are_given_up(piece, pause, issuers, believing):
    issuer = issuers(endless(piece, pause))
    issuer.server.issuer = issuer
    served = believing(issuer.entry())
    began = time.monotonic()
    unusable(served, issuer.token(), issuer)
    assert time.monotonic() - began < 20
    assert issuer.sent < 25_000_000, "it was read to the end"
    assert post_signed(served).status == 200, "others are served meanwhile"


DISCOVERIES = {
    "is_in_order": lambda i: {"issuer": i.url, "jwks_uri": f"{i.url}/keys"},
    "names_another_issuer": lambda i: {"issuer": "https://evil.example", "jwks_uri": f"{i.url}/keys"},
    "names_the_issuer_with_a_slash_more": lambda i: {"issuer": i.url + "/", "jwks_uri": f"{i.url}/keys"},
    "leads_to_a_file": lambda i: {"issuer": i.url, "jwks_uri": "file:///etc/passwd"},
    "leads_to_data": lambda i: {"issuer": i.url, "jwks_uri": "data:application/json;base64," + base64.b64encode(i.keys()).decode()},
    "leads_nowhere": lambda i: {"issuer": i.url},
    "leads_to_a_list": lambda i: {"issuer": i.url, "jwks_uri": [f"{i.url}/keys"]},
}


@pytest.mark.unwatched
@pytest.mark.parametrize("name", DISCOVERIES)
def test_a_discovery_document_is_followed_only_if_it_is_in_order(name, issuers, believing):
    issuer = issuers()

    def play(handler):
        is_keys = handler.path == "/keys"
        handler.say(issuer.keys() if is_keys else json.dumps(DISCOVERIES[name](issuer)).encode())

    issuer.play = play
    served = believing(issuer.entry(keys=""))
    if name == "is_in_order":
        assert shown(served, issuer.token()).status == 200
        return
    unusable(served, issuer.token(), issuer)
    assert "/keys" not in issuer.asked


@pytest.mark.unwatched
def test_a_key_counts_for_its_own_issuer_only(issuers, believing):
    """Both call their key the same, and the same user; each speaks for one tenant."""
    one, other = issuers(), issuers()
    served = believing(one.entry(["retail"]), other.entry(["markets"]))
    assert shown(served, one.token("retail")).status == 200
    assert shown(served, other.token("markets")).status == 200
    assert [decision["tenant"] for decision, _ in served.pairs()] == ["retail", "markets"]
    assert set(Keys(served.log.folder / "people").people.values()) == {("retail", "ann"), ("markets", "ann")}
    sent = len(served.provider.requests)
    bad = {
        "the key of another": (one.token("retail", key=other.key), "InvalidSignatureException"),
        "the tenant of another": (one.token("markets"), "UnrecognizedClientException"),
        "the name of another": (other.token("retail", iss=one.url), "InvalidSignatureException"),
    }
    for what, (token, error) in bad.items():
        answer = shown(served, token)
        assert (answer.status, answer.error) == (403, error), what
        assert last(served)[0]["reason"] == "authentication", what
    assert len(served.provider.requests) == sent


def test_a_token_that_begins_as_a_known_one_is_another(demo, tokens, watch):
    """Once the first has been verified and is remembered, one that differs behind its first bytes only is not taken for it."""
    good = tokens.token()
    headers = {**KIND, "authorization": f"Bearer {good}"}
    assert call(demo, target(demo), BODY, headers).status == 200
    sent = len(watch.upstream())
    before, signature = good.rsplit(".", 1)
    middle = len(signature) // 2
    flipped = "A" if signature[middle] != "A" else "B"
    others = [f"{before}.{signature[:middle]}{flipped}{signature[middle + 1 :]}", good[:-1], good + "A", good + "=", good.replace(".", "..", 1)]
    others.append(".".join([good.split(".")[0], tokens.token(tenant="research").split(".")[1], signature]))
    for other in others:
        assert other[:20] == good[:20] and other != good
        answer = call(demo, target(demo), BODY, {**KIND, "authorization": f"Bearer {other}"})
        assert (answer.status, answer.error in ("InvalidSignatureException", "IncompleteSignatureException")) == (403, True), answer.error
        assert watch.settle()[-1][0]["reason"] == "authentication"
    assert len(watch.upstream()) == sent
