"""Golden transcripts: what a client sent, what the provider received, what the client got, what was recorded.

One file a scenario in `tests/transcripts`; `UPDATE=1` rewrites them, and the diff is the review. What differs from run
to run is replaced by a word in angle brackets; ids are numbered in the order in which they first appear.
"""

import json
import os
import re
from dataclasses import dataclass, field

import pytest

from gateway import ROOT, body_of, sha256
from test_sagemaker import SSE, SSE_END, chat
from test_sdk import native, secrets
from wire import STREAM, bearer, call, converse, path_of, signed

FOLDER = ROOT / "tests" / "transcripts"
JSON = {"content-type": "application/json"}
NOVA = "amazon.nova-lite-v1:0"
CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
OPUS = "anthropic.claude-3-opus-20240229-v1:0"
EMAIL = "ada.lovelace@example.org"
CARD = "4111 1111 1111 1111"


@dataclass
class Scenario:
    """One exchange. `rules` are the ids of policies, and lines of the registry, that decide it."""

    story: str
    body: bytes
    rules: list
    model: str = NOVA
    endpoint: str = ""
    operation: str = "converse"
    tenant: str = "retail"
    credential: str = "key"
    reply: dict = field(default_factory=lambda: {"text": "Good morning."})
    upstream: bool = True
    spoil: tuple = ()
    hidden: list = field(default_factory=list)

    def target(self):
        """The path, and the service that it is signed for."""
        if self.endpoint:
            return f"/endpoints/{self.endpoint}/{self.operation}", "sagemaker"
        return path_of(self.model, self.operation), "bedrock"


GRANTED = ["retail-general-purpose", f'id = "{NOVA}"']
OWN = ["own-endpoints", 'name = "retail-chat"']
KEY = secrets()["aws"]

SCENARIOS = {
    "allowed": Scenario("An allowed call leaves byte for byte, signed anew.", converse("Good morning?"), GRANTED),
    "denied": Scenario(
        "Retail may not call a frontier model: refused before anything is sent, after one attempt.",
        converse("Good morning?"),
        ["markets-frontier", f'id = "{OPUS}"'],
        model=OPUS,
        upstream=False,
    ),
    "another-tenant": Scenario(
        "Markets may call the model that retail may not.",
        converse("Good morning?"),
        ["markets-frontier", f'id = "{OPUS}"'],
        model=OPUS,
        tenant="markets",
    ),
    "redacted-prompt": Scenario(
        "An e-mail address and a card number are taken out of the prompt; everything else leaves as it came.",
        converse(f"Write to {EMAIL} about card {CARD}, caf\u00e9."),
        [*GRANTED, "personal-and-card-data-redacted"],
    ),
    "redacted-stream": Scenario(
        "The model says an e-mail address, cut into frames of three characters: it is found across them.",
        converse("Who knows?"),
        [*GRANTED, "personal-and-card-data-redacted"],
        operation="converse-stream",
        reply={"text": f"Ask {EMAIL}, she knows.", "chunk_chars": 3, "frames_split_bytes": 50},
    ),
    "secret-refused": Scenario(
        "A prompt that holds an access key is refused.",
        converse(f"My key is {KEY}, is that safe?"),
        ["credentials-never"],
        upstream=False,
        hidden=[KEY],
    ),
    "secret-cut": Scenario(
        "The model begins to say a private key: the stream ends as a guardrail of Bedrock's own would end it, without a byte of the key.",
        converse("What is the key?"),
        ["credentials-never"],
        operation="converse-stream",
        reply={"text": f"Here it is: {secrets()['pem']}", "chunk_chars": 40},
    ),
    "bad-signature": Scenario(
        "A body that changed after it was signed.",
        converse("Good morning?"),
        [],
        upstream=False,
        spoil=(b"Good", b"Evil"),
    ),
    "malformed": Scenario(
        "A key given twice could be read in two ways.",
        b'{"messages":[],"messages":[]}',
        [],
        upstream=False,
    ),
    "unknown-model": Scenario(
        "A model that is not in the registry.", converse("Hello?"), [], "nobody.model-v1:0", upstream=False
    ),
    "throttled": Scenario(
        "The provider is busy; its error is passed on, and the client decides whether to try again.",
        converse("Good morning?"),
        GRANTED,
        reply={"status": 429, "message": "Too many requests, please wait."},
    ),
    "upstream-dies": Scenario(
        "The provider breaks off in the middle of a stream: the client gets an exception, not a short answer.",
        converse("Tell me a story."),
        GRANTED,
        operation="converse-stream",
        reply={"text": "Once upon a time there was", "chunk_chars": 10, "die_after": 3},
    ),
    "token": Scenario(
        "A token of the issuer instead of a key: the user and the groups come from its claims.",
        converse("Good morning?"),
        GRANTED,
        credential="token",
    ),
    "anthropic-stream": Scenario(
        "InvokeModel with Claude's own body and events, redacted both ways.",
        native(CLAUDE, f"Mail {EMAIL}").encode(),
        [f'id = "{CLAUDE}"', "personal-and-card-data-redacted"],
        model=CLAUDE,
        operation="invoke-with-response-stream",
        reply={"text": f"Mailed {EMAIL}.", "chunk_chars": 8},
    ),
    "endpoint": Scenario(
        "A SageMaker endpoint of one's own, signed for SageMaker; the simulated endpoint says what reached it.",
        chat(f"Write to {EMAIL}.").encode(),
        [*OWN, "personal-and-card-data-redacted"],
        endpoint="retail-chat",
        operation="invocations",
        reply={},
    ),
    "endpoint-stream": Scenario(
        "The events of an endpoint come in parts that are cut anywhere: what they say is guarded as one text.",
        chat("Who knows?").encode(),
        [*OWN, "personal-and-card-data-redacted"],
        endpoint="retail-chat",
        operation="invocations-response-stream",
        reply={"text": SSE + SSE_END, "chunk_chars": 50},
    ),
    "endpoint-of-another": Scenario(
        "The endpoint of another tenant, refused in SageMaker's own words.",
        chat("Good morning?").encode(),
        ["own-endpoints", 'name = "markets-chat"'],
        endpoint="markets-chat",
        operation="invocations",
        upstream=False,
    ),
}


def rule(name):
    """A policy by its id, or a registry entry by the line that names it."""
    if " = " in name:
        tables = (ROOT / "config" / "registry.toml").read_text().split("\n\n")
        (table,) = [table for table in tables if f"\n{name}\n" in f"\n{table}\n"]
        facts = [line.split("#")[0].strip() for line in table.splitlines() if not line.startswith("# ")]
        return "\n".join(["# config/registry.toml", *[line for line in facts if line]])
    for path in sorted((ROOT / "policies" / "default" / "policies").glob("*.cedar")):
        found = re.search(rf'^@id\("{re.escape(name)}"\)\n.*?^[^\n]*;$', path.read_text(), re.DOTALL | re.MULTILINE)
        if found:
            return f"// {path.relative_to(ROOT)}\n{found.group(0)}"
    raise AssertionError(f"no policy `{name}`")


SECRET = {
    "date": "<date>",
    "x-amz-date": "<date>",
    "content-length": None,
    "connection": None,
    "transfer-encoding": None,
    "server": None,
}


class Normal:
    """Replaces what differs from run to run."""

    def __init__(self, demo, hidden):
        self.ids = {}
        data = (demo.folder / "data" / "palisade.toml").read_text()
        simulator = re.search(r'bedrock_url = "http://([^"]+)"', data).group(1)
        self.places = {demo.url.removeprefix("http://"): "<gateway>", simulator: "<simulator>"}
        self.hidden = hidden

    def text(self, text):
        for secret in self.hidden:
            text = text.replace(secret, "<secret>")
        for place, name in self.places.items():
            text = text.replace(place, name)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", self._id, text)
        text = re.sub(r"Signature=[0-9a-f]{64}", "Signature=<signature>", text)
        text = re.sub(r"Credential=(PLSD\w+|\w+)/\d{8}/", self._credential, text)
        text = re.sub(r"Bearer [\w.-]+", "Bearer <token>", text)
        text = re.sub(r'"p":"\w*"', '"p":"<padding>"', text)
        return re.sub(r'("id":"(?:msg|tooluse)_)[\w-]+"', r'\1<id>"', text)

    def _id(self, match):
        return self.ids.setdefault(match.group(0), f"<id {len(self.ids) + 1}>")

    @staticmethod
    def _credential(match):
        key = match.group(1) if match.group(1).startswith("PLSD") else "<gateway key>"
        return f"Credential={key}/<day>/"

    def headers(self, headers):
        shown = []
        for name, value in sorted((name.lower(), value) for name, value in headers):
            replacement = SECRET.get(name, value)
            if replacement is not None:
                shown.append(f"{name}: {replacement}")
        return self.text("\n".join(shown))

    def record(self, record, sent):
        record = dict(record)
        for name in ("time", "index", "total_us", "ttfb_us"):
            if name in record:
                record[name] = f"<{name}>"
        if record["kind"] == "completion" and record["client_status"] == 200:
            record["client_bytes"] = "<client_bytes>"  # `p` is of random length
        if "policy" in record:
            record["policy"] = {**record["policy"], "digest": "<digest>"}
        if record.get("principal", {}).get("type") == "User":
            record["principal"] = {**record["principal"], "facts": "<digest>", "id": "<sealed>"}
            record["http"] = {**record["http"], "client_ip": "<sealed>"}
        if "question" in record:
            clock = {name: f"<{name}>" for name in ("business_day", "local_hour", "now_ms")}
            record["question"] = {**record["question"], **clock}
        http = record.get("http", {})
        if http.get("sent_sha256"):
            same = http["sent_sha256"] == sent
            record["http"] = {**http, "sent_sha256": "<SHA-256 of what upstream received>" if same else "<other>"}
        return self.text(json.dumps(record, indent=1, ensure_ascii=False))


def credentials(demo, scenario, path, service):
    if scenario.credential == "token":
        return {**JSON, **bearer(demo, scenario.tenant)}
    return signed(demo, scenario.tenant, path, scenario.body, JSON, service=service)


def frames(answer, normal):
    lines = []
    for frame in answer.frames():
        kind = ("exception " if frame.is_exception else "") + frame.kind
        payload = frame.payload.decode()
        if frame.kind == "chunk":
            payload = json.dumps(frame.native(), ensure_ascii=False, separators=(",", ":"))
        lines.append(f"[{kind}] {normal.text(payload)}")
    return "\n".join(lines)


def perform(demo, watch, scenario):
    """Runs a scenario and gives its transcript."""
    normal = Normal(demo, scenario.hidden)
    if scenario.upstream and scenario.reply:
        demo.simulator.script(scenario.reply)
    path, service = scenario.target()
    headers = credentials(demo, scenario, path, service)
    body = scenario.body.replace(*scenario.spoil) if scenario.spoil else scenario.body
    answer = call(demo, path, body, headers)
    pairs, received = watch.settle(), watch.upstream()

    parts = [f"# {scenario.story}"]
    parts += [f"== what decides\n{chr(10).join(rule(name) for name in scenario.rules)}"] if scenario.rules else []
    request = normal.headers([("host", demo.url.removeprefix("http://")), *headers.items()])
    parts.append(f"== client sends\nPOST {path}\n{request}\n\n{normal.text(body.decode())}")
    for got in received:
        shown = normal.headers(map(tuple, got["headers"]))
        parts.append(f"== upstream receives\n{got['method']} {got['path']}\n{shown}\n\n{normal.text(got['body'])}")
    if not received:
        parts.append("== upstream receives\nnothing")
    is_stream = answer.headers["content-type"] == STREAM
    shown = frames(answer, normal) if is_stream else normal.text(answer.body.decode())
    parts.append(f"== client receives\n{answer.status}\n{normal.headers(answer.headers.items())}\n\n{shown}")
    sent = sha256(body_of(received[-1])) if received else None
    records = [normal.record(record, sent) for pair in pairs for record in pair]
    parts.append("== records\n" + "\n".join(records))
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("name", SCENARIOS)
def test_transcript(name, demo, watch):
    transcript = perform(demo, watch, SCENARIOS[name])
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(transcript)
    assert path.exists(), f"no transcript {path.name}; write it with UPDATE=1"
    assert transcript == path.read_text(), "the transcript differs; look at it with UPDATE=1 and git diff"


@pytest.mark.unwatched
def test_every_transcript_has_a_scenario():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(SCENARIOS)
