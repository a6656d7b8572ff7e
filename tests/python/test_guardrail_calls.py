"""Texts that are shown to guardrails of Bedrock's own, without a model: by boto3, with policy and detectors in between."""

import json

import pytest
from botocore.exceptions import ClientError

from gateway import body_of
from test_sdk import CARD, native, user
from test_shapes import answers_table, requests_table

GUARDRAIL = "gr7p4l1s4d30"
CHECKS = {"contentFilter": {"categories": [{"category": "INSULTS"}]}}
URLS = {"ApplyGuardrail": f"/guardrail/{GUARDRAIL}/version/1/apply", "InvokeGuardrailChecks": "/guardrail-checks/invoke"}
BODIES = {
    "ApplyGuardrail": {"source": "INPUT", "content": [{"text": {"text": "hello"}}]},
    "InvokeGuardrailChecks": {"messages": [{"role": "user", "content": [{"text": "hello"}]}], "checks": CHECKS},
}
each_operation = pytest.mark.parametrize("operation", URLS)


def apply(client, text, guardrail=GUARDRAIL):
    content = [{"text": {"text": text, "qualifiers": ["guard_content"]}}]
    return client.apply_guardrail(guardrailIdentifier=guardrail, guardrailVersion="1", source="OUTPUT", content=content)


def test_a_text_is_shown_to_a_guardrail(demo, retail, watch):
    answer = apply(retail, "hello")
    assert answer["action"] == "NONE" and answer["outputs"] == []
    (decision,) = watch.decisions()
    assert (decision["action"], decision["model"]["id"], decision["effect"]) == ("ApplyGuardrail", GUARDRAIL, "allow")
    assert demo.simulator.received()[-1]["path"] == URLS["ApplyGuardrail"]


def test_and_to_checks_that_need_none(retail, watch):
    answer = retail.invoke_guardrail_checks(**BODIES["InvokeGuardrailChecks"])
    assert answer["results"]["contentFilter"]["results"] == [{"category": "INSULTS", "severityScore": 0.0}]
    (decision,) = watch.decisions()
    assert (decision["action"], decision["model"]["id"]) == ("InvokeGuardrailChecks", "guardrail-checks")


def test_what_is_found_does_not_reach_the_guardrail(demo, retail, watch):
    watch.canary(CARD)
    apply(retail, f"My card is {CARD}.")
    shown = json.loads(body_of(demo.simulator.received()[-1]))
    assert shown["content"][0]["text"]["text"] == "My card is {CREDIT_DEBIT_CARD_NUMBER}."
    assert watch.decisions()[-1]["effect"] == "allow_modified"


def test_what_a_guardrail_puts_in_the_place_of_a_text_is_guarded(demo, retail, watch):
    watch.canary(CARD)
    demo.simulator.script({"text": f"I cannot say {CARD}."})
    answer = apply(retail, "hello")
    assert answer["action"] == "GUARDRAIL_INTERVENED"
    assert answer["outputs"] == [{"text": "I cannot say {CREDIT_DEBIT_CARD_NUMBER}."}]


@pytest.mark.parametrize(
    ("guardrail", "code"),
    [("unknown0", "ResourceNotFoundException"), ("arn:aws:bedrock:eu-west-1:123456789012:guardrail/gr7p4l1s4d30", "ResourceNotFoundException")],
)
def test_a_guardrail_that_is_not_registered_is_not_reached(guardrail, code, retail, watch):
    with pytest.raises(ClientError) as refused:
        apply(retail, "hello", guardrail)
    assert refused.value.response["Error"]["Code"] == code
    watch.refused("unroutable")


def test_one_that_nobody_granted_is_denied(clients, watch):
    with pytest.raises(ClientError) as denied:
        apply(clients["research"], "hello")
    assert denied.value.response["Error"]["Code"] == "AccessDeniedException"
    watch.refused("no_permit")


def test_a_guardrail_of_the_callers_own_is_recorded_wherever_it_is_named(demo, retail, watch):
    by_header = {"guardrailIdentifier": GUARDRAIL, "guardrailVersion": "1"}
    retail.invoke_model(modelId=demo.allowed, body=native(demo.allowed, "hello"), **by_header)
    retail.converse(modelId=demo.allowed, messages=user("hello"), guardrailConfig=by_header)
    retail.converse(modelId=demo.allowed, messages=user("hello"))
    assert [decision.get("client_guardrail", False) for decision in watch.decisions()] == [True, True, False]


@each_operation
@pytest.mark.timeout(300)
def test_requests(operation, demo, watch):
    requests_table(f"{operation.lower()}-requests", operation, URLS[operation], BODIES[operation], demo, watch)


@each_operation
@pytest.mark.timeout(300)
def test_answers(operation, demo, watch):
    answers_table(f"{operation.lower()}-answers", operation, URLS[operation], BODIES[operation], demo)
