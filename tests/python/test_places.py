"""Every place of a body where text can stand: an address there is taken out or the call is refused, both ways."""

import base64
import copy
import json
import re

import pytest

from gateway import body_of
from test_upstream import frame_bytes
from wire import bearer, call, path_of

EMAIL = "eve@example.com"
CARD = 4111111111111111
JSON = {"content-type": "application/json"}
CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
LLAMA = "meta.llama3-70b-instruct-v1:0"
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()


def turn(*blocks, role="user"):
    return {"role": role, "content": list(blocks)}


ASK = turn({"text": "hello"})
HERE = f"note {EMAIL} end"

# Converse bodies, each with one address in one place.
CONVERSE = {
    "a_text": {"messages": [turn({"text": HERE})]},
    "an_earlier_turn": {"messages": [turn({"text": HERE}), turn({"text": "ok"}, role="assistant"), ASK]},
    "the_assistants_turn": {"messages": [ASK, turn({"text": HERE}, role="assistant"), ASK]},
    "the_system_prompt": {"messages": [ASK], "system": [{"text": HERE}]},
    "guarded_content": {"messages": [turn({"guardContent": {"text": {"text": HERE}}})]},
    "guarded_system_content": {"messages": [ASK], "system": [{"guardContent": {"text": {"text": HERE}}}]},
    "a_tool_result_text": {"messages": [turn({"toolResult": {"toolUseId": "t1", "content": [{"text": HERE}]}})]},
    "a_tool_result_json": {
        "messages": [turn({"toolResult": {"toolUseId": "t1", "content": [{"json": {"deep": [{"x": HERE}]}}]}})]
    },
    "a_key_of_a_tool_result": {
        "messages": [turn({"toolResult": {"toolUseId": "t1", "content": [{"json": {EMAIL: 1}}]}})]
    },
    "a_tool_use": {
        "messages": [
            ASK,
            turn({"toolUse": {"toolUseId": "t1", "name": "mail", "input": {"to": HERE}}}, role="assistant"),
            ASK,
        ]
    },
    "json_inside_a_tool_argument": {
        "messages": [
            ASK,
            turn(
                {"toolUse": {"toolUseId": "t1", "name": "m", "input": {"raw": json.dumps({"to": EMAIL})}}},
                role="assistant",
            ),
            ASK,
        ]
    },
    "reasoning": {
        "messages": [
            ASK,
            turn({"reasoningContent": {"reasoningText": {"text": HERE, "signature": "c2ln"}}}, role="assistant"),
            ASK,
        ]
    },
    "a_stop_sequence": {"messages": [ASK], "inferenceConfig": {"stopSequences": [HERE]}},
    "additional_fields": {"messages": [ASK], "additionalModelRequestFields": {"any": {"deep": [HERE]}}},
    "request_metadata": {"messages": [ASK], "requestMetadata": {"who": HERE}},
    "a_prompt_variable": {"messages": [ASK], "promptVariables": {"name": {"text": HERE}}},
    "the_text_of_a_document": {
        "messages": [turn({"text": "x"}, {"document": {"name": "d", "format": "txt", "source": {"text": HERE}}})]
    },
    "the_name_of_a_document": {
        "messages": [turn({"text": "x"}, {"document": {"name": HERE, "format": "txt", "source": {"text": "y"}}})]
    },
    "the_context_of_a_document": {
        "messages": [
            turn({"text": "x"}, {"document": {"name": "d", "context": HERE, "format": "txt", "source": {"text": "y"}}})
        ]
    },
    "the_bytes_of_a_text_document": {
        "messages": [
            turn(
                {"text": "x"},
                {
                    "document": {
                        "name": "d",
                        "format": "txt",
                        "source": {"bytes": base64.b64encode(HERE.encode() * 4).decode()},
                    }
                },
            )
        ]
    },
    "a_search_result": {
        "messages": [
            turn(
                {
                    "searchResult": {
                        "source": "s",
                        "title": "t",
                        "content": [{"text": HERE}],
                        "citations": {"enabled": True},
                    }
                }
            )
        ]
    },
    "a_citation": {
        "messages": [
            ASK,
            turn(
                {
                    "citationsContent": {
                        "content": [{"text": "x"}],
                        "citations": [{"title": HERE, "sourceContent": [{"text": HERE}]}],
                    }
                },
                role="assistant",
            ),
            ASK,
        ]
    },
    "a_block_nobody_knows": {"messages": [turn({"somethingNew": {"inner": HERE}})]},
    "a_member_nobody_knows": {"messages": [ASK], "somethingNew": {"inner": [HERE]}},
    "a_key_nobody_knows": {"messages": [ASK], "somethingNew": {EMAIL: 1}},
    "a_role": {"messages": [{"role": HERE, "content": [{"text": "x"}]}]},
    "two_of_them": {"messages": [turn({"text": f"{EMAIL},{EMAIL}"})]},
}

ANTHROPIC = {
    "a_text": {"messages": [{"role": "user", "content": HERE}]},
    "a_block": {"messages": [{"role": "user", "content": [{"type": "text", "text": HERE}]}]},
    "the_system_text": {"system": HERE, "messages": [{"role": "user", "content": "x"}]},
    "a_system_block": {"system": [{"type": "text", "text": HERE}], "messages": [{"role": "user", "content": "x"}]},
    "a_tool_result": {
        "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": HERE}]}]
    },
    "a_tool_result_block": {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": HERE}]}],
            }
        ]
    },
    "a_tool_use": {
        "messages": [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "n", "input": {"a": [HERE]}}]}
        ]
    },
    "thinking": {
        "messages": [{"role": "assistant", "content": [{"type": "thinking", "thinking": HERE, "signature": "c2ln"}]}]
    },
    "a_text_document": {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": HERE}}],
            }
        ]
    },
    "metadata": {"messages": [{"role": "user", "content": "x"}], "metadata": {"user_id": EMAIL}},
    "a_stop_sequence": {"messages": [{"role": "user", "content": "x"}], "stop_sequences": [HERE]},
    "a_block_nobody_knows": {"messages": [{"role": "user", "content": [{"type": "new", "inner": HERE}]}]},
    "the_old_prompt": {"prompt": f"\n\nHuman: {HERE}\n\nAssistant:"},
}

GENERIC = {
    "a_prompt": {"prompt": HERE},
    "an_input_text": {"inputText": HERE},
    "chat_messages": {"messages": [{"role": "user", "content": HERE}]},
    "a_list_of_texts": {"texts": ["x", HERE]},
    "deep_inside": {"a": {"b": [{"c": HERE}]}},
    "base64_in_lines": {"a": base64.encodebytes(f"{HERE} and more words behind it, to fill a line or two".encode()).decode()},
    "a_key": {"a": {EMAIL: "x"}},
}

CASES = (
    [("converse", "amazon.nova-lite-v1:0", "retail", name, body) for name, body in CONVERSE.items()]
    + [
        ("invoke", CLAUDE, "retail", name, {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, **body})
        for name, body in ANTHROPIC.items()
    ]
    + [("invoke", LLAMA, "research", name, body) for name, body in GENERIC.items()]
)


def post(demo, operation, model, tenant, body):
    return call(demo, path_of(model, operation), json.dumps(body).encode(), {**JSON, **bearer(demo, tenant)})


def treated(value):
    """What a body is sent as: documents are encoded again, reasoning that would have to change under its signature is left out."""
    if isinstance(value, str) and value.endswith("\n"):
        # In lines, as MIME has it; written again in one.
        return base64.b64encode(treated(base64.b64decode(value).decode()).encode()).decode()
    if isinstance(value, str):
        return value.replace(EMAIL, "{EMAIL}")
    if isinstance(value, list):
        kept = [treated(item) for item in value if not (EMAIL in json.dumps(item) and signed(item))]
        left = {"text": "(reasoning left out)"}
        return kept or [{"type": "text", **left} if "type" in item else left for item in value[:1]]
    if not isinstance(value, dict):
        return value
    if set(value) == {"bytes"}:
        text = base64.b64decode(value["bytes"]).decode()
        return {"bytes": base64.b64encode(treated(text).encode()).decode()}
    return {treated(key): treated(inner) for key, inner in value.items()}


def signed(block):
    thought = block.get("reasoningContent", {}).get("reasoningText", block) if isinstance(block, dict) else {}
    return "signature" in thought


@pytest.mark.parametrize(
    "operation, model, tenant, name, body", CASES, ids=lambda part: part if isinstance(part, str) else ""
)
def test_an_address_in_a_request(operation, model, tenant, name, body, demo, watch):
    watch.canary(EMAIL)
    answer = post(demo, operation, model, tenant, body)
    encoded = base64.b64encode(EMAIL.encode()).decode()[:10]
    for received in watch.upstream():
        sent = body_of(received).decode()
        assert EMAIL not in sent and encoded not in sent
        # Nothing else has changed.
        assert json.loads(sent) == treated(body)
    decision, _ = watch.one()
    if watch.upstream():
        assert decision["effect"] == "allow_modified"
        assert answer.status in (200, 400)
    else:
        assert (answer.status, decision["effect"]) in ((403, "deny"), (400, "deny"))


# A tool with addresses in its description, its examples and its choices, as each API has it.
SCHEMA = {
    "type": "object",
    "properties": {
        "to": {"type": "string", "enum": ["billing@shop.example", "cards@shop.example"], "default": EMAIL},
        EMAIL: {"description": HERE},
    },
}
TOOLS = {
    "converse": (
        "amazon.nova-lite-v1:0",
        {
            "messages": [ASK],
            "toolConfig": {
                "tools": [{"toolSpec": {"name": "t", "description": HERE, "inputSchema": {"json": SCHEMA}}}]
            },
        },
    ),
    "invoke": (
        CLAUDE,
        {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": "x"}],
            "tools": [{"name": "n", "description": HERE, "input_schema": SCHEMA}],
        },
    ),
}


@pytest.mark.parametrize("operation", TOOLS)
def test_an_address_in_a_tool_definition_is_nobodys(operation, demo, watch):
    model, body = TOOLS[operation]
    answer = post(demo, operation, model, "retail", body)
    assert answer.status == 200
    received = watch.upstream()[-1]
    assert json.loads(body_of(received)) == body
    decision, _ = watch.one()
    assert decision["effect"] == "allow"
    assert [(one["category"], one["treatment"], one["count"]) for one in decision["findings"]] == [("EMAIL", "raw", 6)]


def test_a_place_of_its_own_is_asked_about_on_its_own(demo, watch):
    model, body = TOOLS["converse"]
    spec = {"toolSpec": {"name": "u", "description": f"card {CARD}", "inputSchema": {"json": {}}}}
    body = {
        "messages": [turn({"text": HERE})],
        "toolConfig": {"tools": [*body["toolConfig"]["tools"], spec]},
    }
    assert post(demo, "converse", model, "retail", body).status == 200
    sent = json.loads(body_of(watch.upstream()[-1]))
    assert sent["messages"] == [turn({"text": "note {EMAIL} end"})]
    assert sent["toolConfig"]["tools"][0] == body["toolConfig"]["tools"][0]
    assert sent["toolConfig"]["tools"][1]["toolSpec"]["description"] == "card {CREDIT_DEBIT_CARD_NUMBER}"
    decision, _ = watch.one()
    findings = {(one["category"], one["treatment"]): one["count"] for one in decision["findings"]}
    assert findings == {("CREDIT_DEBIT_CARD_NUMBER", "redacted"): 1, ("EMAIL", "raw"): 6, ("EMAIL", "redacted"): 1}


@pytest.mark.parametrize("turns", [1, 3])
def test_keys_are_renamed_and_stay_distinct(turns, demo, watch):
    found = {"ann@mail.example": {"role": "admin"}, "bo@mail.example": {"role": "user"}, "10.1.2.3": "up"}
    result = turn({"toolResult": {"toolUseId": "t1", "content": [{"json": found}]}})
    body = {"messages": [result, turn({"text": "ok"}, role="assistant")] * (turns - 1) + [result]}
    assert post(demo, "converse", "amazon.nova-lite-v1:0", "retail", body).status == 200
    sent = json.loads(body_of(watch.upstream()[-1]))
    renamed = {"{EMAIL}": {"role": "admin"}, "{EMAIL}_2": {"role": "user"}, "{IP_ADDRESS}": "up"}
    for message in sent["messages"][::2]:
        assert message["content"][0]["toolResult"]["content"][0]["json"] == renamed
    assert watch.one()[0]["effect"] == "allow_modified"


def test_a_card_that_is_a_number(demo, watch):
    body = {
        "messages": [
            turn({"toolResult": {"toolUseId": "t", "content": [{"json": {"card": CARD, "small": 12, "price": 1.5}}]}})
        ]
    }
    post(demo, "converse", "amazon.nova-lite-v1:0", "retail", body)
    for received in watch.upstream():
        assert str(CARD) not in received["body"]
        inner = json.loads(received["body"])["messages"][0]["content"][0]["toolResult"]["content"][0]["json"]
        assert inner == {"card": "{CREDIT_DEBIT_CARD_NUMBER}", "small": 12, "price": 1.5}


UNSCANNABLE = {
    "an_image": {"image": {"format": "png", "source": {"bytes": PIXEL}}},
    "an_image_in_s3": {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://bucket/key"}}}},
    "a_pdf": {"document": {"format": "pdf", "name": "d", "source": {"bytes": PIXEL}}},
    "a_video": {"video": {"format": "mp4", "source": {"bytes": PIXEL}}},
    "audio": {"audio": {"format": "mp3", "source": {"bytes": PIXEL}}},
}


@pytest.mark.parametrize("name", UNSCANNABLE)
@pytest.mark.parametrize("tenant", ["retail", "markets"])
def test_what_cannot_be_scanned_is_refused(name, tenant, demo, watch):
    body = {"messages": [turn({"text": "look"}, UNSCANNABLE[name])]}
    answer = post(demo, "converse", CLAUDE, tenant, body)
    assert (answer.status, answer.error) == (403, "AccessDeniedException")
    decision = watch.refused("policy")
    assert decision["determining"] == ["unscanned-content"]
    assert decision["coverage_gaps"]


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("form", ["txt", "md", "csv", "html"])
def test_documents_that_are_text_are_read_and_written_again(form, demo, watch):
    rows = f"id,ssn,mail\n1,536904399,{EMAIL}\n2,219091234,caf\u00e9\n"
    clean, marked = encoded("nothing here, caf\u00e9"), encoded(rows)
    blocks = [{"document": {"name": n, "format": form, "source": {"bytes": b}}} for n, b in (("a", clean), ("b", marked))]
    assert post(demo, "converse", CLAUDE, "retail", {"messages": [turn({"text": "look"}, *blocks)]}).status == 200
    [received] = watch.upstream()
    sent = [block["document"]["source"]["bytes"] for block in json.loads(received["body"])["messages"][0]["content"][1:]]
    assert sent[0] == clean
    ssn = "{US_SOCIAL_SECURITY_NUMBER}"
    assert base64.b64decode(sent[1]).decode() == f"id,ssn,mail\n1,{ssn},{{EMAIL}}\n2,{ssn},caf\u00e9\n"
    decision, _ = watch.one()
    assert decision.get("coverage_gaps", []) == [] and {found["category"] for found in decision["findings"]} == {
        "EMAIL",
        "US_SOCIAL_SECURITY_NUMBER",
    }


@pytest.mark.parametrize("data", [b"\xff\xfe\x00t", b"a\x00b"], ids=["utf16", "binary"])
def test_what_is_no_text_is_no_text_document(data, demo, watch):
    source = {"bytes": base64.b64encode(data).decode()}
    body = {"messages": [turn({"text": "x"}, {"document": {"name": "d", "format": "txt", "source": source}})]}
    assert post(demo, "converse", CLAUDE, "retail", body).status == 403
    assert watch.refused("policy")["coverage_gaps"] == ["document"]


def test_documents_of_anthropic_that_are_text_are_read(demo, watch):
    source = {"type": "base64", "media_type": "text/csv", "data": encoded(f"mail\n{EMAIL}\n")}
    document = {"type": "document", "source": source}
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [turn(document)]}
    assert post(demo, "invoke", CLAUDE, "retail", body).status == 200
    [received] = watch.upstream()
    got = json.loads(received["body"])["messages"][0]["content"][0]["source"]["data"]
    assert base64.b64decode(got).decode() == "mail\n{EMAIL}\n"


SEALED = base64.b64encode(bytes(range(128, 248))).decode()


@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
def test_reasoning_that_the_provider_encrypted_goes_back_in_the_next_turn(operation, demo, watch):
    thought = {"reasoningContent": {"redactedContent": SEALED}}
    body = {"output": {"message": {"role": "assistant", "content": [thought, {"text": "Yes."}]}}, "stopReason": "end_turn"}
    demo.simulator.script({"raw_body_base64": base64.b64encode(json.dumps(body).encode()).decode()})
    said = post(demo, "converse", CLAUDE, "retail", {"messages": [turn({"text": "think"})]}).json()
    assert said["output"]["message"]["content"][0] == thought
    watch.upstream()
    history = [turn({"text": "think"}), said["output"]["message"], turn({"text": "go on"})]
    assert post(demo, operation, CLAUDE, "retail", {"messages": history}).status == 200
    received = watch.upstream()[-1]
    assert json.loads(received["body"])["messages"][1]["content"][0] == thought


def test_what_is_no_encrypted_reasoning_is_read(demo, watch):
    thought = {"reasoningContent": {"redactedContent": f"{CARD}"}}
    post(demo, "converse", CLAUDE, "retail", {"messages": [turn({"text": "a"}), {"role": "assistant", "content": [thought]}]})
    for received in watch.upstream():
        assert str(CARD) not in received["body"]


OPEN = [("research", "amazon.nova-pro-v1:0"), ("markets", "anthropic.claude-3-opus-20240229-v1:0")]


@pytest.mark.parametrize("name", UNSCANNABLE)
@pytest.mark.parametrize("tenant, model", OPEN, ids=["tenant", "model"])
def test_what_cannot_be_scanned_may_be_sent_where_policy_allows_it_and_is_recorded(name, tenant, model, demo, watch):
    body = {"messages": [turn({"text": f"look {EMAIL}"}, UNSCANNABLE[name])]}
    post(demo, "converse", model, tenant, body)
    decision, _ = watch.one()
    assert decision["effect"] == "allow_modified"
    assert decision["coverage_gaps"]
    (received,) = watch.upstream()
    assert json.loads(received["body"]) == json.loads(json.dumps(body).replace(EMAIL, "{EMAIL}"))


# What a model may answer, each with one address in one place.
ANSWERS = {
    "a_text": [{"text": HERE}],
    "two_texts": [{"text": "x"}, {"text": HERE}],
    "reasoning": [{"reasoningContent": {"reasoningText": {"text": HERE, "signature": "c2ln"}}}],
    "a_tool_use": [{"toolUse": {"toolUseId": "t", "name": "n", "input": {"to": HERE}}}],
    "a_key_of_a_tool_use": [{"toolUse": {"toolUseId": "t", "name": "n", "input": {EMAIL: 1}}}],
    "a_citation": [{"citationsContent": {"content": [{"text": HERE}], "citations": [{"title": HERE}]}}],
    "a_block_nobody_knows": [{"new": {"inner": HERE}}],
}


def whole(content, **more):
    return {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn", **more}


WHOLE = {
    **{name: whole(content) for name, content in ANSWERS.items()},
    "a_trace": whole([{"text": "x"}], trace={"guardrail": {"modelOutput": [HERE]}}),
    "additional_fields": whole([{"text": "x"}], additionalModelResponseFields={"a": HERE}),
    "a_member_nobody_knows": whole([{"text": "x"}], new={"inner": [HERE]}),
    "a_stop_reason": {**whole([{"text": "x"}]), "stopReason": HERE},
}


@pytest.mark.parametrize("name", WHOLE)
def test_an_address_in_a_whole_answer(name, demo, watch):
    watch.canary(EMAIL)
    demo.simulator.script({"raw_body_base64": base64.b64encode(json.dumps(WHOLE[name]).encode()).decode()})
    answer = post(demo, "converse", "amazon.nova-lite-v1:0", "retail", {"messages": [ASK]})
    assert EMAIL.encode() not in answer.body
    if answer.status == 200:
        got = json.dumps(answer.json())
        if name == "reasoning":
            # The old signature does not hold for another text.
            got, sealed = re.subn(r'"Palisade[^"]+"', '"c2ln"', got)
            assert sealed == 1
        assert json.loads(got) == json.loads(json.dumps(WHOLE[name]).replace(EMAIL, "{EMAIL}"))
        assert watch.one()[1]["findings"]


def delta(index, **inner):
    return {"contentBlockIndex": index, "delta": inner}


def halves(index, make, left, right):
    return [("contentBlockDelta", delta(index, **make(left))), ("contentBlockDelta", delta(index, **make(right)))]


STOP = [("contentBlockStop", {"contentBlockIndex": 0})]
END = [("messageStop", {"stopReason": "end_turn"}), ("metadata", {"usage": {"inputTokens": 1, "outputTokens": 1}})]
LEFT, RIGHT = "note eve@exam", "ple.com end"

STREAMS = {
    "a_text": [*halves(0, lambda t: {"text": t}, LEFT, RIGHT), *STOP, *END],
    "reasoning": [*halves(0, lambda t: {"reasoningContent": {"text": t}}, LEFT, RIGHT), *STOP, *END],
    "a_tool_use": [*halves(0, lambda t: {"toolUse": {"input": t}}, '{"to":"' + LEFT, RIGHT + '"}'), *STOP, *END],
    "a_tool_use_in_escapes": [
        *halves(0, lambda t: {"toolUse": {"input": t}}, '{"to":"eve\\u00', '40example.com"}'),
        *STOP,
        *END,
    ],
    "a_tool_result": [("contentBlockDelta", delta(0, toolResult=[{"text": HERE}])), *STOP, *END],
    "a_citation": [
        ("contentBlockDelta", delta(0, citation={"title": HERE, "sourceContent": [{"text": HERE}]})),
        *STOP,
        *END,
    ],
    "two_blocks_that_take_turns": [
        ("contentBlockDelta", delta(0, text=LEFT)),
        ("contentBlockDelta", delta(1, text="other words ")),
        ("contentBlockDelta", delta(0, text=RIGHT)),
        ("contentBlockStop", {"contentBlockIndex": 1}),
        *STOP,
        *END,
    ],
    "no_stop_frame": [*halves(0, lambda t: {"text": t}, LEFT, RIGHT), *END],
    "no_end_at_all": halves(0, lambda t: {"text": t}, LEFT, RIGHT),
    "a_trace_in_the_metadata": [
        ("metadata", {"usage": {"inputTokens": 1}, "trace": {"guardrail": {"modelOutput": [HERE]}}})
    ],
    "a_start_with_text": [
        ("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": {"name": HERE, "toolUseId": "t"}}}),
        *STOP,
        *END,
    ],
    "fields_of_the_end": [("messageStop", {"stopReason": "end_turn", "additionalModelResponseFields": {"a": HERE}})],
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("split", [None, 9])
def test_an_address_in_a_stream(name, split, demo, watch):
    watch.canary(EMAIL)
    data = b"".join(frame_bytes(kind, json.dumps(payload).encode()) for kind, payload in copy.deepcopy(STREAMS[name]))
    reply = {"raw_body_base64": base64.b64encode(data).decode()}
    demo.simulator.script(reply if split is None else {**reply, "frames_split_bytes": split})
    answer = post(demo, "converse-stream", "amazon.nova-lite-v1:0", "retail", {"messages": [ASK]})
    frames = answer.frames()
    texts = {}
    for frame in frames:
        payload = frame.json()
        for key, part in payload.get("delta", {}).items():
            piece = (
                part
                if isinstance(part, str)
                else part.get("text") or part.get("input") or ""
                if isinstance(part, dict)
                else ""
            )
            place = (payload["contentBlockIndex"], key)
            texts[place] = texts.get(place, "") + piece
    joined = " ".join(texts.values())
    assert EMAIL not in joined and "\\u0040" not in joined
    assert EMAIL.encode() not in answer.body
    _, completion = watch.one()
    assert completion["findings"]
    if completion["end"] == "completed":
        kinds = [frame.kind for frame in frames]
        assert [kind for kind, _ in STREAMS[name] if kind not in kinds] == [], "a frame is missing"
        assert b"{EMAIL}" in answer.body or "{EMAIL}" in joined
