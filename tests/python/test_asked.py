"""What policy reads of a request, through policy: under every name that a model family has for it, exact or refused."""

import json
import re

import pytest

from gateway import ROOT
from test_places import ASK, CLAUDE, JSON, LLAMA, post
from wire import bearer, call, path_of

NOVA = "amazon.nova-lite-v1:0"
TABLE = (ROOT / "proxy/wire/src/text/asked.rs").read_text().partition("OUTPUT_LIMITS")[2].partition("];")[0]
NAMES = re.findall(r'\(\s*"(\w+)"', TABLE)
TOO_MANY = 100_000  # retail may ask for 8,192, research for 32,768


def tenant_of(model):
    return "research" if model == LLAMA else "retail"


def bodies(name, value):
    """A body of each dialect that names the limit where its models read it, and where the error is said to be."""
    converse = {"messages": [ASK]}
    claude = {"anthropic_version": "bedrock-2023-05-31", "messages": [], name: value}
    return [
        ("converse", NOVA, {**converse, "additionalModelRequestFields": {name: value}}, "/additionalModelRequestFields"),
        ("converse", NOVA, {**converse, "inferenceConfig": {name: value}}, "/inferenceConfig"),
        ("invoke", CLAUDE, claude, ""),
        ("invoke", LLAMA, {"prompt": "hi", name: value}, ""),
        ("invoke", LLAMA, {"inputs": "hi", "parameters": {name: value}}, "/parameters"),
    ]


def test_the_table_is_read():
    assert len(NAMES) >= 10 and {"maxTokens", "max_gen_len"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_counts_under_every_name(name, demo, watch):
    for operation, model, body, _ in bodies(name, TOO_MANY):
        answer = post(demo, operation, model, tenant_of(model), body)
        assert answer.status == 403, (operation, model, answer.body)
    assert watch.upstream() == []
    assert {decision["effect"] for decision, _ in watch.settle()} == {"deny"}


@pytest.mark.parametrize("value", ['"100000"', "1e6", "100000.0", "1" * 23, "-1", "true", "{}"])
def test_a_limit_that_cannot_be_read_is_refused_with_its_place(value, demo, watch):
    for operation, model, body, place in bodies("max_tokens", "VALUE"):
        text = json.dumps(body).replace('"VALUE"', value).encode()
        answer = call(demo, path_of(model, operation), text, {**JSON, **bearer(demo, tenant_of(model))})
        assert (answer.status, answer.error) == (400, "ValidationException")
        assert f"unexpected shape at `{place}/max_tokens`" in answer.json()["message"]
    assert watch.upstream() == []
    assert {decision["reason"] for decision, _ in watch.settle()} == {"malformed"}
