"""Every member of every shape that botocore knows of Converse and ConverseStream, requests and answers: what becomes of an address, a card
number and a credential there. The tables in `tests/transcripts/shapes` say it; refreshed with `UPDATE=1`.

A value that goes through unseen fails the test, whatever the table says.
"""

import base64
import json
import os
from collections import Counter

import botocore.session
import pytest

from gateway import ROOT, body_of
from test_upstream import frame_bytes
from wire import bearer, call, path_of

NOVA = "amazon.nova-lite-v1:0"
JSON = {"content-type": "application/json"}
EMAIL = "eve.canary@example.com"
CARD = "4539 5383 0899 3519"
# As GitHub makes them, with a checksum; no secret.
KEY = "ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17"
VALUES = {"address": f"note {EMAIL} end", "card": f"card {CARD} end", "credential": KEY}
FOLDER = ROOT / "tests" / "transcripts" / "shapes"
MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")


def leaves(shape, path=(), seen=()):
    """The members that hold a value, each with its type; a shape that holds itself is gone into once."""
    if shape.name in seen and shape.type_name in ("structure", "list"):
        return
    seen = (*seen, shape.name)
    if getattr(shape, "is_document_type", False):
        yield path, "document"
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from leaves(member, (*path, name), seen)
    elif shape.type_name == "list":
        yield from leaves(shape.member, (*path, 0), seen)
    elif shape.type_name == "map":
        yield from leaves(shape.value, (*path, "any"), seen)
    else:
        yield path, shape.type_name


def grown(path, value):
    """The JSON in which `value` stands at `path`, and nothing else."""
    for step in reversed(path):
        value = [value] if step == 0 else {step: value}
    return value


def placed(path, kind, text):
    """The same for a value of a type: JSON for documents, base64 for bytes, a number of the digits for numbers."""
    if kind == "blob":
        return grown(path, base64.b64encode(text.encode()).decode())
    if kind == "document":
        return grown(path, {"deep": [text]})
    if kind in ("integer", "long", "float", "double"):
        digits = "".join(letter for letter in text if letter.isdigit())
        return grown(path, int(digits)) if len(digits) > 10 else None
    return None if kind == "boolean" else grown(path, text)


def shows(data, text):
    """Whether bytes give a value away, as it is or in base64."""
    value = {"note": EMAIL, "card": CARD}.get(text.split(" ")[0], text)
    spelt = [value, value.replace(" ", ""), base64.b64encode(text.encode()).decode()]
    return any(spelling.encode() in data for spelling in spelt)


ASKED = {"messages": [{"role": "user", "content": [{"text": "hello"}]}]}


def post(demo, url, body):
    return call(demo, url, json.dumps(body).encode(), {**JSON, **bearer(demo, "retail")})


def of_request(demo, watch, url, whole, path, kind, text):
    """What becomes of a value in a request: `taken out`, `refused` for itself or for content that cannot be looked into, or `seen` and let through,
    as policy says of definitions of tools."""
    body = placed(path, kind, text)
    if body is None:
        return "-"
    body = merged(whole, body)
    before = len(watch.upstream())
    answer = post(demo, url, body)
    sent = watch.upstream()[before:]
    if sent:
        if any(shows(body_of(received), text) for received in sent):
            treatments = {found["treatment"] for found in watch.decisions()[-1].get("findings", [])}
            assert treatments == {"raw"} and path[0] == "toolConfig", f"{path} lets a {kind} through: {text[:8]}"
            return "seen"
        return "taken out"
    assert answer.status in (400, 403, 404), (path, answer.status, answer.body)
    message = answer.json()["message"]
    if "cannot be scanned" in message:
        return "cannot be looked into"
    return "refused" if answer.status == 403 else "no such shape"


def merged(whole, part):
    """`whole` with what `part` has in its place."""
    both = isinstance(whole, dict) and isinstance(part, dict)
    return {**whole, **{key: merged(whole.get(key), value) for key, value in part.items()}} if both else part


def requests_table(name, operation, url, whole, demo, watch):
    """Walks over what an operation takes, but for what stands in the path of its URL."""
    shape = MODEL.operation_model(operation).input_shape
    named = {member for member, of in shape.members.items() if of.serialization.get("location") == "uri"}
    paths = [(path, kind) for path, kind in leaves(shape) if path[0] not in named]
    outcomes = lambda path, kind: [of_request(demo, watch, url, whole, path, kind, text) for text in VALUES.values()]
    table(name, [(told(path), kind, outcomes(path, kind)) for path, kind in paths])


def answers_table(name, operation, url, asked, demo):
    """Walks over what an operation gives."""
    shape = MODEL.operation_model(operation).output_shape
    outcomes = lambda path, kind: [of_answer(demo, url, asked, path, kind, text) for text in VALUES.values()]
    table(name, [(told(path), kind, outcomes(path, kind)) for path, kind in leaves(shape)])


def table(name, rows):
    counts = Counter(outcome for _, _, outcomes in rows for outcome in outcomes)
    lines = [f"# {name}: {len(rows)} members", *[f"# {outcome}: {count}" for outcome, count in sorted(counts.items())], ""]
    width = max(len(path) for path, _, _ in rows)
    for path, kind, outcomes in rows:
        each = "; ".join(f"{value} {outcome}" for value, outcome in zip(VALUES, outcomes, strict=True))
        lines.append(f"{path:{width}}  {kind:8}  {each}")
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), "the table differs; look at it with UPDATE=1 and git diff"


def told(path):
    return ".".join("[]" if step == 0 else step for step in path).replace(".[]", "[]")


@pytest.mark.timeout(300)
def test_requests(demo, watch):
    requests_table("converse-requests", "Converse", path_of(NOVA, "converse"), ASKED, demo, watch)


def of_answer(demo, url, asked, path, kind, text):
    body = placed(path, kind, text)
    if body is None:
        return "-"
    demo.simulator.script({"raw_body_base64": base64.b64encode(json.dumps(body).encode()).decode()})
    answer = post(demo, url, asked)
    assert not shows(answer.body, text), f"{path} lets a {kind} through: {text[:8]}"
    return "refused" if answer.status != 200 or b"withheld by policy" in answer.body else "taken out"


@pytest.mark.timeout(300)
def test_answers(demo, watch):
    answers_table("converse-answers", "Converse", path_of(NOVA, "converse"), ASKED, demo)


def of_event(demo, path, kind, text):
    body = placed(path[1:], kind, text)
    if body is None:
        return "-"
    if path[0].startswith("contentBlock"):
        body.setdefault("contentBlockIndex", 0)
    frames = [
        frame_bytes("messageStart", b'{"role":"assistant"}'),
        frame_bytes(path[0], json.dumps(body).encode()),
        frame_bytes("contentBlockStop", b'{"contentBlockIndex":0}'),
        frame_bytes("messageStop", b'{"stopReason":"end_turn"}'),
    ]
    demo.simulator.script({"raw_body_base64": base64.b64encode(b"".join(frames)).decode()})
    answer = post(demo, path_of(NOVA, "converse-stream"), ASKED)
    assert not shows(answer.body, text), f"{path} lets a {kind} through: {text[:8]}"
    assert answer.frames()[-1].kind == "messageStop" or answer.frames()[-1].kind.endswith("Exception")
    return "cut" if answer.frames()[-1].kind != "messageStop" or b"withheld by policy" in answer.body else "taken out"


@pytest.mark.timeout(300)
def test_events(demo, watch):
    shape = MODEL.operation_model("ConverseStream").output_shape.members["stream"]
    events = [(path, kind) for path, kind in leaves(shape) if not path[0].endswith("Exception")]
    rows = [(told(path), kind, [of_event(demo, path, kind, text) for text in VALUES.values()]) for path, kind in events]
    table("converse-events", rows)
