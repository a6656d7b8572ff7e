"""Free JSON knows its keys: what a key tells of its value is found as it is in the same JSON in a text."""

import base64
import json

import pytest

from gateway import body_of
from test_places import ASK, CLAUDE, LLAMA, post, turn, whole

NOVA = "amazon.nova-lite-v1:0"
SSN, PHONE = "536904399", "4155550132"
TOLD = {"ssn": SSN, "phone": PHONE}
NUMBERS = {"ssn": int(SSN), "phone": int(PHONE)}
LISTS = {"ssn": [SSN], "phone": [PHONE, PHONE]}
UNTOLD = {"order": SSN, "count": PHONE}


def converse(value):
    result = {"toolResult": {"toolUseId": "t", "content": [{"json": value}]}}
    use = {"toolUse": {"toolUseId": "t", "name": "n", "input": value}}
    return {
        "a_tool_result": {"messages": [turn(result)]},
        "a_tool_input": {"messages": [ASK, turn(use, role="assistant"), ASK]},
        "a_prompt_variable": {"messages": [ASK], "promptVariables": value},
        "additional_fields": {"messages": [ASK], "additionalModelRequestFields": {"deep": [value]}},
        "a_member_nobody_knows": {"messages": [ASK], "new": value},
    }


def cases(value):
    claude = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 9,
        "messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "n", "input": value}]}],
    }
    call = {"id": "c", "type": "function", "function": {"name": "n", "arguments": json.dumps(value)}}
    return [
        *[("converse", NOVA, name, body) for name, body in converse(value).items()],
        ("invoke", CLAUDE, "anthropic_input", claude),
        ("invoke", LLAMA, "an_unknown_body", {"prompt": "x", "customer": value}),
        ("invoke", LLAMA, "openai_arguments", {"messages": [{"role": "assistant", "tool_calls": [call]}]}),
    ]


NAMES = [name for _, _, name, _ in cases(TOLD)]


@pytest.mark.parametrize("value", [TOLD, NUMBERS, LISTS], ids=["strings", "numbers", "lists"])
@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_its_key_tells_of_is_taken_out_of_a_request(name, value, demo, watch):
    watch.canary(SSN), watch.canary(PHONE)
    operation, model, _, body = next(case for case in cases(value) if case[2] == name)
    answer = post(demo, operation, model, "research" if model == LLAMA else "retail", body)
    assert answer.status == 200, answer.body
    (received,) = watch.upstream()
    sent = body_of(received).decode()
    assert SSN not in sent and PHONE not in sent
    assert "{US_SOCIAL_SECURITY_NUMBER}" in sent and "{PHONE}" in sent
    found = {finding["category"] for finding in watch.one()[0]["findings"]}
    assert {"US_SOCIAL_SECURITY_NUMBER", "PHONE"} <= found


@pytest.mark.parametrize("name", NAMES)
def test_a_password_that_its_key_tells_of_is_refused(name, demo, watch, canary):
    secret = canary() + "X9!"
    operation, model, _, body = next(case for case in cases({"password": secret}) if case[2] == name)
    answer = post(demo, operation, model, "research" if model == LLAMA else "retail", body)
    assert answer.status == 403
    watch.refused("finding")


@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_no_key_tells_of_stays(name, demo, watch):
    operation, model, _, body = next(case for case in cases(UNTOLD) if case[2] == name)
    assert post(demo, operation, model, "research" if model == LLAMA else "retail", body).status == 200
    assert json.loads(body_of(watch.upstream()[0])) == body


def test_a_value_that_its_key_tells_of_is_taken_out_of_an_answer(demo, watch):
    watch.canary(SSN), watch.canary(PHONE)
    for value in (TOLD, NUMBERS, LISTS):
        content = [{"toolUse": {"toolUseId": "t", "name": "n", "input": value}}]
        demo.simulator.script(raw(whole(content)))
        answer = post(demo, "converse", NOVA, "retail", {"messages": [ASK]})
        assert answer.status == 200
        assert SSN.encode() not in answer.body and PHONE.encode() not in answer.body


def raw(answer):
    return {"raw_body_base64": base64.b64encode(json.dumps(answer).encode()).decode()}


def test_a_long_key_is_not_read_again_for_each_item(demo, watch):
    """No time is asserted: read again for each item, this would be gigabytes."""
    for letter in ("k", "ü"):  # the second is escaped in the body
        body = {"messages": [ASK], "promptVariables": {letter * 150_000: ["plain words"] * 100_000}}
        assert post(demo, "converse", NOVA, "research", body).status == 200
