"""The registry over HTTP: who may do what is decided by Cedar, what is changed is whole, and everything leaves records."""

import http.client
import json
import re
import secrets
import subprocess
import threading
import time
import tomllib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
import schemathesis
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import HealthCheck, Phase, given, settings

from gateway import binary, replays, verified, wait_for
from served import Provider, Served
from test_provider import post
from tokens import jwk
from wire import Answer, call

pytestmark = pytest.mark.unwatched


class Issuer:
    """An identity provider with one key."""

    def __init__(self):
        self.key = ed25519.Ed25519PrivateKey.generate()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                text = json.dumps({"keys": [jwk(issuer.key, "EdDSA", "one")]}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def token(self, tenant, user, *groups, **claims):
        claims = {"iss": self.url, "aud": "palisade", "sub": user, "tenant": tenant, "groups": groups, "exp": time.time() + 3600, **claims}
        return jwt.encode(claims, self.key, "EdDSA", {"kid": "one"})


@pytest.fixture(scope="module")
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()


ROLES = ["analyst", "tenant-admin", "registry-admin", "red-team", "quant-researcher"]


def configured(issuer):
    def prepare(folder):
        config = folder / "palisade.toml"
        text = config.read_text().replace('file = "registry.toml"', 'store = "registry.redb"\nsealing = { key_file = "registry.key" }')
        config.write_text(
            text + f'[api]\naddress = "127.0.0.1:0"\n[[issuer]]\nissuer = "{issuer.url}"\njwks_url = "{issuer.url}/jwks.json"\n'
            'audience = "palisade"\ntenants = ["retail", "markets", "research"]\ninsecure_http = true\n'
        )
        (folder / "registry.key").write_text(b64encode(secrets.token_bytes(32)).decode())
        (folder / "registry.key").chmod(0o600)
        registry = folder / "registry.toml"
        registry.write_text(re.sub(r'(\[tenant\.user\][^\n]*\nroles = )\[.*?\]', lambda m: m[1] + json.dumps(ROLES), registry.read_text()))
        done = subprocess.run(
            [binary(), "registry", "apply", registry, "--config", config], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr

    return prepare


class Api:
    """The API as somebody sees it."""

    def __init__(self, served, token):
        self.address = served.env["API_URL"].removeprefix("http://")
        self.token = token

    def __call__(self, method, path, body=None, **headers):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, path, body, sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()


@pytest.fixture
def served(tmp_path, issuer):
    served = Served(tmp_path / "one", Provider(), prepare=configured(issuer))
    served.root = Api(served, issuer.token("research", "otto", "registry-admin"))
    served.ruth = Api(served, issuer.token("retail", "ruth", "tenant-admin"))
    served.ana = Api(served, issuer.token("retail", "ana", "analyst"))
    yield served
    served.end()
    verified(served.folder / "audit")
    replays(served.folder / "audit")


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"title", "status", "detail"} and body["status"] == answer.status
    return body["detail"]


APPLICATION = {"id": "reports", "tenant": "retail", "environment": "dev"}
MODEL = {
    "id": "amazon.nova-micro-v1:0", "groups": ["general-purpose"], "provider": "amazon", "family": "nova", "modalities": ["text"],
    "lifecycle": "approved", "jurisdictions": ["EU"], "classification_max": 2,
}  # fmt: skip


def test_a_model_comes_changes_and_goes(served):
    path = f"/v1/entries/model/{MODEL['id']}"
    assert problem(served.root("GET", path)) == f"no model is called {MODEL['id']}"
    made = served.root("PUT", path, MODEL, if_none_match="*")
    assert made.status == 201, made.body
    assert made.json()["entry"]["value"] == MODEL and made.headers["etag"] == made.json()["entry"]["etag"]
    served.allowed = MODEL["id"]
    wait_for("it to be callable", lambda: post(served).status == 200)
    assert served.root("PUT", path, MODEL, if_none_match="*").status == 412
    read = served.root("GET", path)
    assert (read.status, read.headers["etag"]) == (200, made.headers["etag"])
    changed = served.root("PUT", path, MODEL | {"lifecycle": "deprecated", "end_of_life": "2099-12-31"}, if_match=read.headers["etag"])
    assert changed.status == 200 and changed.headers["etag"] != read.headers["etag"]
    same = served.root("PUT", path, changed.json()["entry"]["value"])
    assert (same.status, same.json()["revision"]) == (200, changed.json()["revision"])
    stale = served.root("PUT", path, MODEL, if_match=read.headers["etag"])
    assert stale.status == 412 and "read it again" in problem(stale)
    assert served.root("DELETE", path, if_match=read.headers["etag"]).status == 412
    wait_for("its lifecycle", lambda: post(served).headers.get("x-palisade-model-lifecycle") == "deprecated")
    assert served.root("DELETE", path, if_match=changed.headers["etag"]).status == 200
    wait_for("its end", lambda: post(served).status == 404)
    assert served.root("DELETE", path).status == 404


def test_what_cannot_be_used_changes_nothing(served):
    before = served.root("GET", "/v1/registry").body
    for path, body, status, told in (
        ("model/amazon.nova-micro-v1:0", MODEL | {"provider": "nobody"}, 422, "`provider`"),
        ("model/another", MODEL, 400, "and the path says another"),
        ("model/amazon.nova-micro-v1:0", MODEL | {"colour": "blue"}, 400, "unknown field `colour`"),
        ("application/retail/reports", APPLICATION | {"tenant": "nobody"}, 400, "and the path says retail/reports"),
        ("application/nobody/reports", APPLICATION | {"tenant": "nobody"}, 422, "names a tenant that is not listed"),
        ("key/PLSDRETAILASSISTANT1", {"id": "PLSDRETAILASSISTANT1", "tenant": "retail", "application": "assistant", "secret_file": "/etc/passwd"}, 400, "keys are issued"),
        ("nothing/x", {}, 400, "a kind is one of tenant, group, model"),
        ("model/amazon.nova-micro-v1:0", "{", 400, "the body is no JSON object"),
        ("model/amazon.nova-micro-v1:0", "[]", 400, "the body is no JSON object"),
    ):  # fmt: skip
        answer = served.root("PUT", f"/v1/entries/{path}", body)
        assert answer.status == status and told in problem(answer), answer.body
    limits = {"output_tokens_max": 1, "default_output_tokens": 1, "input_tokens_max": 1}
    for path, body in (
        ("tenant/a%0Ab", {"id": "a\nb", "jurisdiction": "EU", "limits": limits}),
        ("group/a%00", {"id": "a\0"}),
        ("alias/retail/x%7F", {"id": "x\x7f", "tenant": "retail", "model": "amazon.nova-lite-v1:0"}),
        ("group/" + "g" * 2049, {"id": "g" * 2049}),
    ):
        answer = served.root("PUT", f"/v1/entries/{path}", body)
        assert answer.status == 422 and "no control characters" in problem(answer), answer.body
        assert str(served.folder) not in answer.body.decode()
    assert len(problem(served.root("POST", "/v1/registry", "a = " + "[" * 20_000))) <= 1_000
    used = served.root("DELETE", "/v1/entries/tenant/retail")
    assert used.status == 422 and "tenant that is not listed" in problem(used)
    assert served.root("GET", "/v1/registry").body == before
    assert post(served).status == 200


def test_keys_are_issued_rotated_and_revoked(served):
    issued = served.ruth("POST", "/v1/keys", {"tenant": "retail", "application": "assistant", "days": 30})
    assert issued.status == 201 and issued.headers["cache-control"] == "no-store", issued.body
    key = issued.json()

    def use(key):
        served.tenants["retail"].access_key_id = key["access_key_id"]
        served.tenants["retail"].secret_access_key = key["secret_access_key"]
        return post(served).status

    wait_for("the key", lambda: use(key) == 200)
    shown = served.ruth("GET", f"/v1/entries/key/{key['access_key_id']}")
    assert shown.json()["value"] == {"id": key["access_key_id"], "tenant": "retail", "application": "assistant", "issued": key["issued"], "expires": key["expires"]}
    rotated = served.ruth("POST", f"/v1/keys/{key['access_key_id']}/rotate", {"overlap_hours": 1})
    assert rotated.status == 201
    new = rotated.json()
    wait_for("the new key", lambda: use(new) == 200)
    assert use(key) == 200
    expires = served.ruth("GET", f"/v1/entries/key/{key['access_key_id']}").json()["value"]["expires"]
    assert expires < key["expires"]
    assert served.ruth("DELETE", f"/v1/entries/key/{key['access_key_id']}").status == 200
    wait_for("the end of the old", lambda: use(key) == 403)
    assert use(new) == 200
    for body in ({"tenant": "retail"}, {"tenant": "retail", "application": "assistant", "days": 0}, {"tenant": "retail", "application": "assistant", "secret": "x"}):
        assert served.ruth("POST", "/v1/keys", body).status == 400
    assert served.root("POST", "/v1/keys", {"tenant": "retail", "application": "nobody"}).status == 404
    assert served.root("POST", "/v1/keys/PLSDNOBODY/rotate").status == 404
    text = served.log.text() + (served.folder / "registry.redb").read_bytes()
    for secret in (key["secret_access_key"], new["secret_access_key"]):
        assert secret.encode() not in text
        assert secret.encode() not in served.root("GET", "/v1/entries?limit=1000").body


def test_a_file_is_applied_whole(served):
    exported = served.root("GET", "/v1/registry")
    assert exported.headers["content-type"] == "application/toml"
    registry = tomllib.loads(exported.body.decode())
    assert len(registry["tenant"]) == 3 and "key" not in registry
    text = exported.body.decode().replace("output_tokens_max = 8192", "output_tokens_max = 4096", 1)
    text += '\n[[alias]]\nid = "chat"\nmodel = "amazon.nova-lite-v1:0"\n'
    planned = served.root("POST", "/v1/registry?dry_run=true", text).json()["changes"]
    assert planned == [
        {"kind": "tenant", "id": "retail", "change": "changed"},
        {"kind": "alias", "id": "chat", "change": "added"},
    ]
    applied = served.root("POST", "/v1/registry", text)
    assert applied.status == 200 and applied.json()["changes"] == planned
    assert served.root("POST", "/v1/registry", text).json() == {"revision": applied.json()["revision"], "changes": []}
    for spoilt, status, told in (
        (text.replace('model = "amazon.nova-lite-v1:0"', 'model = "nothing"'), 422, "names a model that is not listed"),
        (text + '\n[[alias]]\nid = "chat"\nmodel = "amazon.nova-pro-v1:0"\n', 400, "alias chat is listed twice"),
        (text + '\n[[key]]\nid = "K"\ntenant = "retail"\napplication = "assistant"\nsecret_file = "/etc/passwd"\n', 400, "keys are issued"),
        ("[[tenant", 400, "the body is no registry file"),
    ):
        answer = served.root("POST", "/v1/registry", spoilt)
        assert answer.status == status and told in problem(answer), answer.body
    pruned = served.root("POST", "/v1/registry?prune=true&dry_run=true", text)
    assert pruned.status == 200 and all(change["kind"] == "key" for change in pruned.json()["changes"])


# What a tenant administrator reaches for, and whether it is theirs.
THEIRS = {
    "own application": ("PUT", "/v1/entries/application/retail/reports", APPLICATION, 201),
    "own alias": ("PUT", "/v1/entries/alias/retail/chat", {"id": "chat", "tenant": "retail", "model": "amazon.nova-lite-v1:0"}, 201),
    "own key": ("POST", "/v1/keys", {"tenant": "retail", "application": "assistant"}, 201),
    "own tenant": ("GET", "/v1/entries/tenant/retail", None, 200),
    "a model": ("GET", "/v1/entries/model/amazon.nova-lite-v1:0", None, 200),
    "own endpoint": ("GET", "/v1/entries/endpoint/retail-chat", None, (200, 404)),
}
OTHERS = {
    "another tenant's application": ("GET", "/v1/entries/application/markets/filings", None),
    "one of another tenant that is not there": ("GET", "/v1/entries/application/markets/nothing", None),
    "another tenant's application, changed": ("PUT", "/v1/entries/application/markets/filings", APPLICATION | {"id": "filings", "tenant": "markets"}),
    "another tenant's application, removed": ("DELETE", "/v1/entries/application/markets/filings", None),
    "another tenant's key": ("GET", "/v1/entries/key/PLSDMARKETSFILINGS01", None),
    "a key that is not there": ("GET", "/v1/entries/key/PLSDNOBODY", None),
    "another tenant's key, revoked": ("DELETE", "/v1/entries/key/PLSDMARKETSFILINGS01", None),
    "a key of another tenant's application": ("POST", "/v1/keys", {"tenant": "markets", "application": "filings"}),
    "another tenant's key, rotated": ("POST", "/v1/keys/PLSDMARKETSFILINGS01/rotate", {}),
    "a key that is not there, rotated": ("POST", "/v1/keys/PLSDNOBODY/rotate", {}),
    "another tenant": ("GET", "/v1/entries/tenant/markets", None),
    "their own limits": ("PUT", "/v1/entries/tenant/retail", {"id": "retail", "jurisdiction": "EU", "limits": {"output_tokens_max": 1, "default_output_tokens": 1, "input_tokens_max": 1}}),
    "a role": ("PUT", "/v1/entries/application/retail/reports", APPLICATION | {"roles": ["registry-admin"]}),
    "everybody's alias": ("PUT", "/v1/entries/alias/chat", {"id": "chat", "model": "amazon.nova-lite-v1:0"}),
    "another tenant's alias": ("PUT", "/v1/entries/alias/markets/chat", {"id": "chat", "tenant": "markets", "model": "amazon.nova-lite-v1:0"}),
    "a model, changed": ("PUT", f"/v1/entries/model/{MODEL['id']}", MODEL),
    "a model, removed": ("DELETE", "/v1/entries/model/amazon.nova-lite-v1:0", None),
    "an endpoint": ("PUT", "/v1/entries/endpoint/mine", {"name": "mine", "owner": "retail", "dialect": "json", "provider": "in_house", "family": "x", "modalities": ["text"], "lifecycle": "approved", "jurisdictions": ["EU"], "classification_max": 4}),
    "everything": ("POST", "/v1/registry", f'[[model]]\nid = "m"\ngroups = []\nprovider = "amazon"\nfamily = "x"\nmodalities = ["text"]\nlifecycle = "approved"\njurisdictions = ["EU"]\nclassification_max = 4\n'),
    "nothing but themselves": ("POST", "/v1/registry?prune=true", '[[application]]\nid = "assistant"\ntenant = "retail"\nenvironment = "prod"\n'),
}  # fmt: skip


def test_a_tenant_administrator_manages_what_is_the_tenants_and_nothing_else(served):
    before = served.root("GET", "/v1/registry").body
    listed = served.root("GET", "/v1/entries?limit=1000").json()["entries"]
    for what, (method, path, body) in OTHERS.items():
        answer = served.ruth(method, path, body)
        assert answer.status == 403 and problem(answer) == "you are not allowed to do this", (what, answer.body)
    assert served.root("GET", "/v1/registry").body == before
    for what, (method, path, body, status) in THEIRS.items():
        answer = served.ruth(method, path, body)
        assert answer.status in (status if isinstance(status, tuple) else (status,)), (what, answer.body)
    for entry in served.ruth("GET", "/v1/entries?limit=1000").json()["entries"]:
        owner = entry["id"] if entry["kind"] == "tenant" else entry["value"].get("tenant") or entry["value"].get("owner")
        assert owner == "retail" or entry["kind"] == "model", entry
    assert "markets" not in served.ruth("GET", "/v1/registry").body.decode()
    # Whoever is no administrator gets nothing at all.
    paths = ["/v1/entries", "/v1/registry", *[f"/v1/entries/{entry['kind']}/{entry['id']}" for entry in listed]]
    for path in paths:
        assert served.ana("GET", path).status == 403, path
    for method, path, body, _ in THEIRS.values():
        assert served.ana(method, path, body).status == 403, path
    # An application of the tenant's that has a role is not one that its administrator can get a key of.
    assert served.root("PUT", "/v1/entries/application/retail/reports", APPLICATION | {"roles": ["registry-admin"]}).status == 200
    assert served.ruth("POST", "/v1/keys", {"tenant": "retail", "application": "reports"}).status == 403
    # Nor one that a certificate of theirs may stand for.
    named = APPLICATION | {"roles": ["registry-admin"], "certificates": ["spiffe://example.org/retail/ruth"]}
    assert served.ruth("PUT", "/v1/entries/application/retail/reports", named).status == 403


def test_everything_leaves_records(served):
    served.ruth("PUT", "/v1/entries/application/retail/reports", APPLICATION)
    served.ruth("PUT", "/v1/entries/application/markets/reports", APPLICATION | {"tenant": "markets"})
    served.ruth("GET", "/v1/entries?kind=key")
    served.ruth("GET", "/v1/nothing")
    Api(served, "none")("GET", "/v1/entries")
    wait_for("the records", lambda: len(served.pairs()) == 5)
    told = [(d["action"], d["effect"], d["reason"], d.get("determining", []), c["client_status"], c["end"]) for d, c in served.pairs()]
    assert told[:4] == [
        ("PutEntry", "allow", "policy", ["tenant-administrators"], 201, "completed"),
        ("PutEntry", "deny", "no_permit", [], 403, "refused"),
        ("ReadEntry", "allow", "policy", ["tenant-administrators-read"], 200, "completed"),
        ("", "deny", "unroutable", [], 404, "refused"),
    ]
    assert told[4][1:3] == ("deny", "authentication") and told[4][4] == 401
    first, second, third = [decision for decision, _ in served.pairs()][:3]
    assert first["entries"] == {"first": [{"id": "retail/reports", "of": "application"}]}
    assert second["entries"]["first"] == [{"id": "markets/reports", "of": "application"}]
    assert third["entries"]["first"] == [{"id": "PLSDRETAILASSISTANT1", "of": "key"}]
    assert first["tenant"] == "retail" and first["principal"]["type"] == "User" and "ruth" not in json.dumps(first)
    shown = subprocess.run([binary(), "audit", "show", served.folder / "audit"], capture_output=True, text=True, timeout=60).stdout
    assert "PutEntry" in shown and "application retail/reports" in shown, shown


def test_pages_are_walked_to_the_end(served):
    everything = [(entry["kind"], entry["id"]) for entry in served.root("GET", "/v1/entries?limit=1000").json()["entries"]]
    walked, after = [], ""
    while True:
        page = served.root("GET", f"/v1/entries?limit=3{after}").json()
        walked += [(entry["kind"], entry["id"]) for entry in page["entries"]]
        if page["next"] is None:
            break
        after = f"&after={page['next'].replace('/', '%2F')}"
    assert walked == everything and len(walked) == len(set(walked)) >= 16
    assert {kind for kind, _ in [(e["kind"], 0) for e in served.root("GET", "/v1/entries?kind=model").json()["entries"]]} == {"model"}
    for query in ("limit=0", "limit=1001", "kind=nothing", "after=nothing/x", "colour=blue"):
        assert served.root("GET", f"/v1/entries?{query}").status == 400, query


def test_of_many_that_change_it_at_one_time_none_is_lost(served):
    def add(number):
        name = f"worker-{number}"
        return served.root("PUT", f"/v1/entries/application/retail/{name}", APPLICATION | {"id": name}).status

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(add, range(12)))
    listed = served.root("GET", "/v1/entries?kind=application&limit=1000").json()["entries"]
    assert statuses == [201] * 12
    assert {entry["id"] for entry in listed} >= {f"retail/worker-{number}" for number in range(12)}


def test_who_is_nobody_and_what_is_nothing(served, issuer):
    for path in ("/healthz", "/readyz", "/openapi.json"):
        assert Api(served, None)("GET", path).status == 200
    assert Api(served, None)("GET", "/readyz").json() == {"status": "ready"}
    for token in (None, "none", issuer.token("retail", "ruth", "tenant-admin", exp=1), issuer.token("nobody", "ruth", "tenant-admin")):
        answer = Api(served, token)("GET", "/v1/entries")
        assert answer.status == 401 and problem(answer)
    # A role that the tenant does not list is none.
    other = Api(served, issuer.token("retail", "eve", "superuser", "Registry-Admin"))
    assert other("GET", "/v1/entries").status == 403
    assert served.root("PATCH", "/v1/entries").status == 405
    assert served.root("GET", "/v1").status == 404
    assert served.root("GET", "/v1/entries/model/%FF").status == 400
    # The listener for calls has none of it.
    for path in ("/v1/entries", "/v1/keys", "/v1/registry", "/openapi.json", "/healthz"):
        assert call(served, path, b"", {"authorization": f"Bearer {served.root.token}"}, method="GET").status == 404, path


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('[registry]\nfile = "r"\n[api]\naddress = "127.0.0.1:0"', "`api`: changes a store"),
        ('[registry]\nstore = "r"\n[api]\naddress = "0.0.0.0:0"', "`api.address`: is one of this machine, or has `tls`"),
        ('[registry]\nstore = "r"\n[api]\nadress = "127.0.0.1:0"', "unknown field `adress`"),
    ],
)
def test_an_api_that_cannot_be_meant_is_named(settings, told, tmp_path):
    config = tmp_path / "palisade.toml"
    config.write_text(f'{settings}\n[upstream]\nregion = "eu-central-1"\n')
    done = subprocess.run([binary(), "check", "--config", config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and told in done.stderr, done.stderr


@schemathesis.serializer("application/toml")
def as_text(_context, value):
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def test_it_is_what_its_description_says(served):
    """Schemathesis makes requests out of the description, good and bad ones, and holds the answers against it."""
    document = Api(served, None)("GET", "/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.base_url = served.env["API_URL"]
    # What an entry may be depends on all others.
    schema.config.checks.positive_data_acceptance.expected_statuses += ["400", "412", "422"]
    tried = set()

    @schema.auth()
    class Root:
        def get(self, _case, _context):
            return served.root.token

        def set(self, case, token, _context):
            case.headers["authorization"] = f"Bearer {token}"

    for result in schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=40,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def holds(case):
            tried.add((case.method, case.path))
            case.call_and_validate()

        holds()
    assert len(tried) == sum(len({"get", "put", "post", "delete"} & set(item)) for item in document["paths"].values())

