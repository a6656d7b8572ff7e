"""Records, logs, metrics and errors hold nothing of anybody's text: a word is put into every place there is."""

import base64
import copy
import json

import pytest

from test_places import ANTHROPIC, CLAUDE, CONVERSE, EMAIL, GENERIC, LLAMA, STREAMS, WHOLE, post
from test_upstream import frame_bytes
from wire import bearer, call, path_of

NOVA = "amazon.nova-lite-v1:0"
REQUESTS = (
    [("converse", NOVA, name, body) for name, body in CONVERSE.items()]
    + [
        ("invoke", CLAUDE, name, {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, **body})
        for name, body in ANTHROPIC.items()
    ]
    + [("invoke", LLAMA, name, body) for name, body in GENERIC.items()]
)


def secret(word):
    """A word that detectors take for an access key, so that findings are recorded where it stands."""
    return "AKIA" + word.upper().replace("CANARY", "")[-16:].translate(str.maketrans("0189XABCDEF", "WQRTYABCDEF"))


def placed(value, word):
    """Every variant of a body with the word in the place of one string, or as one more key of one object."""
    for path, node in list(nodes(value)):
        if isinstance(node, str):
            yield replaced(value, path, word)
        if isinstance(node, dict):
            yield replaced(value, path, {**node, word: {word: EMAIL}})
            yield replaced(value, path, {word: node})


def nodes(value, path=()):
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from nodes(inner, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    copied = copy.deepcopy(value)
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return copied


def told(answer, word):
    """An error must not say the word either."""
    if answer.status != 200:
        assert word.encode() not in answer.body and word not in str(answer.headers)


@pytest.mark.parametrize("operation, model, name, body", REQUESTS, ids=lambda part: part if isinstance(part, str) else "")
def test_a_word_in_every_place_of_a_request(operation, model, name, body, demo, watch, canary):
    for word in (canary(), watch.canary(secret(canary()))):
        for variant in placed(body, word):
            told(post(demo, operation, model, "research" if model == LLAMA else "retail", variant), word)


@pytest.mark.parametrize("name", WHOLE)
def test_a_word_in_every_place_of_a_whole_answer(name, demo, watch, canary):
    for word in (canary(), watch.canary(secret(canary()))):
        for variant in placed(WHOLE[name], word):
            demo.simulator.script({"raw_body_base64": base64.b64encode(json.dumps(variant).encode()).decode()})
            told(post(demo, "converse", NOVA, "retail", {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}), word)


@pytest.mark.parametrize("name", STREAMS)
def test_a_word_in_every_place_of_a_stream(name, demo, watch, canary):
    for word in (canary(), watch.canary(secret(canary()))):
        for at, (kind, payload) in enumerate(STREAMS[name]):
            for variant in placed(payload, word):
                frames = [*STREAMS[name][:at], (kind, variant), *STREAMS[name][at + 1 :]]
                data = b"".join(frame_bytes(kind, json.dumps(payload).encode()) for kind, payload in frames)
                demo.simulator.script({"raw_body_base64": base64.b64encode(data).decode()})
                post(demo, "converse-stream", NOVA, "retail", {"messages": []})


HEADERS = ["accept", "x-amzn-bedrock-accept", "x-amzn-bedrock-trace", "content-type", "user-agent", "x-amz-target", "cookie"]


@pytest.mark.parametrize("header", HEADERS)
def test_a_word_in_a_header(header, demo, watch, canary):
    word = canary()
    told(call(demo, path_of(NOVA, "converse"), b'{"messages":[]}', {**bearer(demo), header: f"({word})"}), word)


def test_a_word_as_method_path_model_or_credential(demo, watch, canary):
    word = canary()
    path = path_of(NOVA, "converse")
    told(call(demo, path, b"{}", bearer(demo), method=word.upper()), word)
    watch.canary(word.upper())
    for target in (f"/{word}", path_of(word, "converse"), f"{path}/{word}", f"{path}?{word}={word}"):
        told(call(demo, target, b"{}", bearer(demo)), word)
    for value in (f"Bearer {word}", f"Bearer {word}.{word}.{word}", word, f"AWS4-HMAC-SHA256 Credential={word}/{word}"):
        told(call(demo, path, b"{}", {"authorization": value}), word)
