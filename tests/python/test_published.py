"""What translated answers look like to who has read only what OpenAI and Anthropic publish: the types of their clients are made of their OpenAPI
documents. Clients read answers without checking them; here every member is held to its type, and what is required must be there."""

import json

import pytest
from anthropic.types import ErrorResponse, Message, MessageTokensCount, RawMessageStreamEvent
from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from test_openai import NOVA, WEATHER, secret, user
from wire import bearer, call

FUNCTION = WEATHER["function"]
TOOL = {"tool_use": {"name": "weather", "input": {"city": "Bern"}}}
REPLIES = {
    "text": {"text": "Hello there.", "chunk_chars": 4},
    "tool": TOOL,
    "withheld": {"text": f"Here it is: {secret()} - enjoy", "chunk_chars": 4},
    "cut short": {"text": "Hello there.", "chunk_chars": 4, "stop_reason": "max_tokens"},
}
PROTOCOLS = {
    "/v1/chat/completions": (ChatCompletion, ChatCompletionChunk, {"messages": user("hello"), "tools": [WEATHER]}),
    "/v1/responses": (
        Response,
        ResponseStreamEvent,
        {"input": "hello", "tools": [{"type": "function", "strict": False, **FUNCTION}]},
    ),
    "/v1/messages": (
        Message,
        RawMessageStreamEvent,
        {
            "messages": user("hello"),
            "max_tokens": 64,
            "tools": [{"name": "weather", "description": "The weather.", "input_schema": FUNCTION["parameters"]}],
        },
    ),
}
# What OpenAI's own answers have, and its document shows in its examples only: `store` of a response, `name` of `function_call_arguments.done`.
SHOWN = {".store", ".name"}
each_protocol = pytest.mark.parametrize("path", PROTOCOLS)
each_reply = pytest.mark.parametrize("reply", REPLIES)


def post(demo, path, body, **headers):
    headers = {"content-type": "application/json", **bearer(demo, "retail"), **headers}
    return call(demo, path, json.dumps(body).encode(), headers)


def held(kind, value):
    """Holds JSON to a published type, members that the type does not have included."""
    read = TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
    unknown = [path for path in unknown_in(read) if path.removeprefix(".response") not in SHOWN]
    assert not unknown, f"not published: {unknown}"
    return read


def unknown_in(read, path=""):
    """Members that are in no published type; `model_extra` holds what a type has no field for."""
    if isinstance(read, list):
        for item in read:
            yield from unknown_in(item, f"{path}[]")
    elif hasattr(read, "model_fields_set"):
        extra = read.model_extra or {}
        yield from (f"{path}.{name}" for name in extra)
        for name in type(read).model_fields:
            yield from unknown_in(getattr(read, name), f"{path}.{name}")


@each_protocol
@each_reply
def test_whole_answers(path, reply, demo, watch):
    whole, _, asked = PROTOCOLS[path]
    demo.simulator.script(REPLIES[reply])
    answer = post(demo, path, {"model": NOVA, **asked})
    assert answer.status == 200, answer.body
    held(whole, answer.json())


@each_protocol
@each_reply
def test_streams(path, reply, demo, watch):
    _, event, asked = PROTOCOLS[path]
    demo.simulator.script(REPLIES[reply])
    usage = {"stream_options": {"include_usage": True}} if path.endswith("completions") else {}
    answer = post(demo, path, {"model": NOVA, "stream": True, **usage, **asked})
    assert answer.status == 200, answer.body
    events = [line.removeprefix("data: ") for line in answer.body.decode().splitlines() if line.startswith("data: ")]
    assert len(events) > 3
    for told in events:
        if told != "[DONE]":
            held(event, json.loads(told))


def test_tokens_that_are_counted(demo, watch):
    _, _, asked = PROTOCOLS["/v1/messages"]
    asked = {name: value for name, value in asked.items() if name != "max_tokens"}
    held(MessageTokensCount, post(demo, "/v1/messages/count_tokens", {"model": NOVA, **asked}).json())


@pytest.mark.unwatched
def test_models(demo):
    answer = call(demo, "/v1/models", b"", bearer(demo, "retail"), "GET")
    listed = answer.json()
    assert listed["object"] == "list" and listed["data"]
    for model in listed["data"]:
        held(Model, model)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_errors_of_openai(path, demo, watch):
    """Source: OpenAI's document, `ErrorResponse`: four members, all required."""
    answer = post(demo, path, {"model": "unknown.model-v1:0", **PROTOCOLS[path][2]})
    assert answer.status == 404
    assert set(answer.json()) == {"error"} and set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_errors_of_anthropic(demo, watch):
    answer = post(demo, "/v1/messages", {"model": "unknown.model-v1:0", **PROTOCOLS["/v1/messages"][2]})
    assert answer.status == 404
    held(ErrorResponse, answer.json())
