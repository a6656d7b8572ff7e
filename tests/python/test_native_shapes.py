"""As `test_shapes`, for bodies of models' own APIs: every value of bodies that have all their members gives way, one after the other, to an
address, a card number and a credential. Numbers give way to the card's digits.
"""

import base64
import json

import pytest

from gateway import body_of
from test_records import replaced
from test_shapes import JSON, VALUES, shows, table, told
from test_upstream import frame_bytes
from wire import bearer, call, path_of

CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
LLAMA = "meta.llama3-70b-instruct-v1:0"
BINARY = base64.b64encode(bytes(range(128, 248))).decode()


def block(kind, **more):
    return {"type": kind, **more}


MESSAGES = {
    "anthropic_version": "bedrock-2023-05-31",
    "anthropic_beta": ["computer-use-2025-01-24"],
    "max_tokens": 64,
    "temperature": 0.5,
    "system": [block("text", text="be kind", cache_control={"type": "ephemeral", "ttl": "5m"})],
    "stop_sequences": ["so be it"],
    "metadata": {"user_id": "u1"},
    "context_management": {"edits": [{"type": "clear_tool_uses_20250919", "keep": {"type": "tool_uses", "value": 3}}]},
    "thinking": {"type": "enabled", "budget_tokens": 32},
    "tool_choice": {"type": "tool", "name": "look"},
    "tools": [
        {"name": "look", "description": "Looks.", "input_schema": {"type": "object", "properties": {"a": {"enum": ["b"]}}}},
        {"type": "bash_20250124", "name": "bash"},
    ],
    "messages": [
        {
            "role": "user",
            "content": [
                block("text", text="hello"),
                block("document", title="t", context="c", source=block("text", media_type="text/plain", data="words")),
                block("document", source=block("content", content=[block("text", text="part")])),
                block("search_result", title="t", source="s", content=[block("text", text="found")]),
            ],
        },
        {
            "role": "assistant",
            "content": [
                block("thinking", thinking="hm", signature=BINARY),
                block("redacted_thinking", data=BINARY),
                block("text", text="yes", citations=[block("char_location", cited_text="q", document_title="d")]),
                block("tool_use", id="toolu_1", name="look", input={"who": "x", "n": 1}),
                block("server_tool_use", id="srvtoolu_1", name="web_search", input={"query": "x"}),
                block("compaction", content="so far"),
            ],
        },
        {"role": "user", "content": [block("tool_result", tool_use_id="toolu_1", is_error=False, content=[block("text", text="w")])]},
    ],
}
CHAT = {
    "model": "m",
    "max_tokens": 64,
    "user": "u1",
    "stop": ["so be it"],
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "title": "t"}}},
    "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object"}}}],
    "metadata": {"team": "x"},
    "messages": [
        {"role": "system", "content": "be kind", "name": "n"},
        {"role": "user", "content": [{"type": "text", "text": "hello"}]},
        {
            "role": "assistant",
            "content": "yes ",
            "refusal": "no",
            "reasoning_content": "hm",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"who":"x"}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "w"},
    ],
}
COHERE = {
    "message": "hello",
    "preamble": "be kind",
    "conversation_id": "c1",
    "chat_history": [{"role": "USER", "message": "hi"}, {"role": "CHATBOT", "message": "yes"}],
    "documents": [{"id": "d1", "title": "t", "snippet": "words"}],
    "tools": [{"name": "look", "description": "Looks.", "parameter_definitions": {"who": {"description": "w", "type": "str"}}}],
    "tool_results": [{"call": {"name": "look", "parameters": {"who": "x"}}, "outputs": [{"text": "found"}]}],
}
OTHERS = {
    "prompt": "hello",
    "inputText": "hello",
    "texts": ["a b"],
    "query": "q",
    "textGenerationConfig": {"stopSequences": ["so be it"], "maxTokenCount": 64},
    "images": ["words"],
    "id": "i1",
    "created": 1731234567,
    "generation_id": "g1",
}
REQUESTS = {
    "messages": (CLAUDE, "retail", MESSAGES),
    "chat": (LLAMA, "research", CHAT),
    "cohere": (LLAMA, "research", COHERE),
    "others": (LLAMA, "research", OTHERS),
}
MESSAGES_ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "stop_reason": "end_turn",
    "stop_sequence": "so be it",
    "container": {"id": "c1", "expires_at": "2026-01-01T00:00:00Z"},
    "context_management": {"applied_edits": [{"type": "clear_tool_uses_20250919", "cleared_tool_uses": 3}]},
    "usage": {"input_tokens": 3, "output_tokens": 4, "service_tier": "standard"},
    "content": MESSAGES["messages"][1]["content"],
}
CHAT_ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1731234567,
    "model": "m",
    "system_fingerprint": "fp_1",
    "choices": [{"index": 0, "finish_reason": "stop", "logprobs": {"content": [{"token": "yes"}]}, "message": CHAT["messages"][2]}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4},
}
ANSWERS = {"messages": (CLAUDE, "retail", MESSAGES_ANSWER), "chat": (LLAMA, "research", CHAT_ANSWER)}


def delta(index, **more):
    return {"type": "content_block_delta", "index": index, "delta": more}


MESSAGES_EVENTS = [
    {"type": "message_start", "message": {**MESSAGES_ANSWER, "content": [], "stop_reason": None, "stop_sequence": None}},
    {"type": "content_block_start", "index": 0, "content_block": block("thinking", thinking="", signature="")},
    delta(0, type="thinking_delta", thinking="hm"),
    delta(0, type="signature_delta", signature=BINARY),
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": block("text", text="a ")},
    delta(1, type="text_delta", text="yes"),
    delta(1, type="citations_delta", citation=block("char_location", cited_text="q", document_title="d")),
    {"type": "content_block_stop", "index": 1},
    {"type": "content_block_start", "index": 2, "content_block": block("tool_use", id="toolu_1", name="look", input={})},
    delta(2, type="input_json_delta", partial_json='{"who":"x"}'),
    {"type": "content_block_stop", "index": 2},
    {"type": "content_block_start", "index": 3, "content_block": MESSAGES["messages"][1]["content"][4]},
    {"type": "content_block_stop", "index": 3},
    {"type": "content_block_start", "index": 4, "content_block": block("compaction", content="")},
    delta(4, type="compaction_delta", content="so far"),
    {"type": "content_block_stop", "index": 4},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": "so be it", "container": {"id": "c1"}},
        "context_management": MESSAGES_ANSWER["context_management"],
        "usage": {"output_tokens": 4},
    },
    {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 3}},
]
CHAT_EVENTS = [
    {**CHAT_ANSWER, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": CHAT["messages"][2]}], "usage": None},
    {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"content": "more"}, "finish_reason": "stop"}]},
]
EVENTS = {"messages": (CLAUDE, "retail", MESSAGES_EVENTS), "chat": (LLAMA, "research", CHAT_EVENTS)}


def places(value, path=()):
    """Where values stand; items of lists by their number."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))
    elif not isinstance(value, bool) and value is not None:
        yield path, "number" if isinstance(value, (int, float)) else "string"


def with_value(body, path, kind, text):
    """The body with a value in that place; nothing where a number could not hold it."""
    if kind == "number":
        digits = "".join(letter for letter in text if letter.isdigit())
        if len(digits) < 12:
            return None
        text = int(digits)
    return replaced(body, path, text)


def spelt(path):
    return told(tuple(0 if isinstance(step, int) else step for step in path))


def post(demo, model, tenant, body, operation="invoke"):
    return call(demo, path_of(model, operation), json.dumps(body).encode(), {**JSON, **bearer(demo, tenant)})


def rows_of(body, outcome):
    """The rows of a table; of places that are told alike, the outcome that comes first by its name."""
    rows = {}
    for path, kind in places(body):
        outcomes = [outcome(path, kind, text) for text in VALUES.values()]
        known = rows.setdefault((spelt(path), kind), outcomes)
        rows[spelt(path), kind] = [min(pair) for pair in zip(known, outcomes, strict=True)]
    return [(path, kind, outcomes) for (path, kind), outcomes in rows.items()]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", REQUESTS)
def test_requests(name, demo, watch):
    model, tenant, whole = REQUESTS[name]

    def outcome(path, kind, text):
        body = with_value(whole, path, kind, text)
        if body is None:
            return "-"
        before = len(watch.upstream())
        answer = post(demo, model, tenant, body)
        sent = watch.upstream()[before:]
        if any(shows(body_of(received), text) for received in sent):
            treatments = {found["treatment"] for found in watch.decisions()[-1].get("findings", [])}
            assert treatments == {"raw"} and path[0] == "tools", f"{path} lets a {kind} through: {text[:8]}"
            return "seen"
        return "taken out" if sent else "refused" if answer.status == 403 else "no such shape"

    table(f"{name}-requests", rows_of(whole, outcome))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name, demo, watch):
    model, tenant, whole = ANSWERS[name]

    def outcome(path, kind, text):
        body = with_value(whole, path, kind, text)
        if body is None:
            return "-"
        demo.simulator.script({"raw_body_base64": base64.b64encode(json.dumps(body).encode()).decode()})
        answer = post(demo, model, tenant, REQUESTS[name][2])
        assert not shows(answer.body, text), f"{path} lets a {kind} through: {text[:8]}"
        return "refused" if answer.status != 200 or b'"stop_reason":"refusal"' in answer.body else "taken out"

    table(f"{name}-answers", rows_of(whole, outcome))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", EVENTS)
def test_events(name, demo, watch):
    model, tenant, whole = EVENTS[name]

    def outcome(path, kind, text):
        events = with_value(whole, path, kind, text)
        if events is None:
            return "-"
        chunks = [{"bytes": base64.b64encode(json.dumps(event).encode()).decode()} for event in events]
        frames = b"".join(frame_bytes("chunk", json.dumps(chunk).encode()) for chunk in chunks)
        demo.simulator.script({"raw_body_base64": base64.b64encode(frames).decode()})
        answer = post(demo, model, tenant, REQUESTS[name][2], "invoke-with-response-stream")
        got = answer.frames()
        said = b"".join(base64.b64decode(frame.json()["bytes"]) for frame in got if frame.kind == "chunk")
        assert not shows(said, text), f"{path} lets a {kind} through: {text[:8]}"
        return "cut" if got[-1].kind != "chunk" or b'"stop_reason":"refusal"' in said else "taken out"

    table(f"{name}-events", rows_of(whole, outcome))
