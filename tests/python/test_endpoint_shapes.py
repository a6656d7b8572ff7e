"""As `test_native_shapes`, for the bodies of SageMaker endpoints, in the dialects that the registry knows."""

import json

import pytest

from served import answer
from test_native_shapes import CHAT, CHAT_ANSWER, CHAT_EVENTS, rows_of, with_value
from test_provider import chunk, last, plays, stream_head
from test_sagemaker import part, registered
from test_shapes import shows, table
from wire import call, signed

TOKEN = {"id": 3, "text": "yes", "logprob": -0.5, "special": False}
PARAMETERS = {
    "max_new_tokens": 9,
    "temperature": 0.5,
    "stop": ["so be it"],
    "details": True,
    "decoder_input_details": True,
    "adapter_id": "a1",
    "grammar": {"type": "regex", "value": "a b"},
}
TGI_ANSWER = {
    "generated_text": "yes",
    "details": {
        "finish_reason": "stop",
        "generated_tokens": 1,
        "seed": 7,
        "prefill": [TOKEN],
        "tokens": [TOKEN],
        "top_tokens": [[TOKEN]],
        "best_of_sequences": [{"generated_text": "no", "tokens": [TOKEN]}],
    },
}
EMBEDDINGS = {"embedding": [[0.125, 0.25]], "labels": ["so"], "score": 0.5, "meta": {"model_version": "v1", "rows": [1, "x"]}}
# What is sent, what comes back, and what comes back in a stream.
BODIES = {
    "openai-chat": (CHAT, CHAT_ANSWER, CHAT_EVENTS),
    "tgi": (
        {"inputs": "hello", "parameters": PARAMETERS, "stream": False},
        [TGI_ANSWER],
        [{"index": 1, "token": TOKEN, "top_tokens": [TOKEN]}, {"token": TOKEN, **TGI_ANSWER}],
    ),
    "jumpstart": (
        {
            "inputs": [[{"role": "system", "content": "be kind"}, {"role": "user", "content": "hello"}]],
            "text_inputs": "hello",
            "parameters": PARAMETERS,
        },
        [{"generation": {"role": "assistant", "content": "yes"}, "details": TGI_ANSWER["details"]}],
        [{"generation": "yes"}, {"generated_text": "yes"}, {"outputs": ["yes"], "later": {"note": "a b"}}],
    ),
    "json": (
        [{"rows": [{"who": "x", "n": 1, "deep": {"tags": ["t"]}}], "model": "m"}],
        EMBEDDINGS,
        [EMBEDDINGS, {"completion": "yes"}],
    ),
}


def post(served, dialect, body, operation="invocations"):
    path = f"/endpoints/{dialect}/{operation}"
    body = json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    return call(served, path, body, signed(served, "retail", path, body, headers, service="sagemaker"))


@pytest.fixture
def endpoints(serve):
    return registered(serve, *(f'name = "{dialect}"\ndialect = "{dialect}"' for dialect in BODIES))


@pytest.mark.unwatched
@pytest.mark.timeout(300)
@pytest.mark.parametrize("dialect", BODIES)
def test_requests(dialect, endpoints):
    whole, _, _ = BODIES[dialect]

    def outcome(path, kind, text):
        body = with_value(whole, path, kind, text)
        if body is None:
            return "-"
        before = len(endpoints.provider.requests)
        answered = post(endpoints, dialect, body)
        sent = [request.body for request in endpoints.provider.requests[before:]]
        if any(shows(body, text) for body in sent):
            treatments = {found["treatment"] for found in last(endpoints)[0].get("findings", [])}
            assert treatments == {"raw"} and path[0] == "tools", f"{path} lets a {kind} through: {text[:8]}"
            return "seen"
        return "taken out" if sent else "refused" if answered.status == 403 else "no such shape"

    table(f"endpoint-{dialect}-requests", rows_of(whole, outcome))


@pytest.mark.unwatched
@pytest.mark.timeout(300)
@pytest.mark.parametrize("dialect", BODIES)
def test_answers(dialect, endpoints):
    sent, whole, _ = BODIES[dialect]

    def outcome(path, kind, text):
        body = with_value(whole, path, kind, text)
        if body is None:
            return "-"
        plays(endpoints, answer(json.dumps(body).encode()))
        answered = post(endpoints, dialect, sent)
        assert not shows(answered.body, text), f"{path} lets a {kind} through: {text[:8]}"
        withheld = answered.status != 200 or b'"finish_reason":"content_filter"' in answered.body
        return "refused" if withheld else "taken out"

    table(f"endpoint-{dialect}-answers", rows_of(whole, outcome))


@pytest.mark.unwatched
@pytest.mark.timeout(300)
@pytest.mark.parametrize("dialect", BODIES)
def test_events(dialect, endpoints):
    sent, _, whole = BODIES[dialect]

    def outcome(path, kind, text):
        events = with_value(whole, path, kind, text)
        if events is None:
            return "-"
        frames = (chunk(part(json.dumps(event) + "\n")) for event in events)
        plays(endpoints, stream_head(), *frames, chunk(b""))
        got = post(endpoints, dialect, sent, "invocations-response-stream").frames()
        said = b"".join(frame.payload for frame in got if frame.kind == "PayloadPart")
        assert not shows(said, text), f"{path} lets a {kind} through: {text[:8]}"
        return "taken out" if got[-1].kind == "PayloadPart" else "cut"

    table(f"endpoint-{dialect}-events", rows_of(whole, outcome))
