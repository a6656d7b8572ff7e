"""An unmodified boto3, told the gateway's URL by environment variables: the four operations, allowed and refused."""

import json

import pytest
from botocore.exceptions import ClientError

from gateway import body_of

EMAIL = "ada.lovelace@example.org"
CARD = "4111 1111 1111 1111"


def user(text):
    return [{"role": "user", "content": [{"text": text}]}]


def claude(text, **more):
    message = {"role": "user", "content": text}
    return json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": [message], **more})


def nova(text):
    return json.dumps({"schemaVersion": "messages-v1", "messages": user(text)})


NATIVE = {"anthropic": claude, "amazon": nova}


def native(model, text):
    return NATIVE[model.split(".")[0]](text)


def native_text(model, body):
    if model.startswith("anthropic."):
        return "".join(block.get("text", "") for block in body["content"])
    return "".join(block.get("text", "") for block in body["output"]["message"]["content"])


def native_delta(event):
    """The text of one native event, of Claude or of Nova."""
    delta = event.get("delta") or event.get("contentBlockDelta", {}).get("delta", {})
    return delta.get("text", "")


def converse(client, model, text):
    answer = client.converse(modelId=model, messages=user(text))
    return "".join(block["text"] for block in answer["output"]["message"]["content"])


def converse_stream(client, model, text):
    events = list(client.converse_stream(modelId=model, messages=user(text))["stream"])
    assert "messageStop" in events[-2] and "metadata" in events[-1]
    return "".join(event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event)


def invoke(client, model, text):
    answer = client.invoke_model(modelId=model, body=native(model, text))
    return native_text(model, json.loads(answer["body"].read()))


def invoke_stream(client, model, text):
    answer = client.invoke_model_with_response_stream(modelId=model, body=native(model, text))
    events = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]
    return "".join(native_delta(event) for event in events)


OPERATIONS = {
    "Converse": converse,
    "ConverseStream": converse_stream,
    "InvokeModel": invoke,
    "InvokeModelWithResponseStream": invoke_stream,
}
STREAMS = ["ConverseStream", "InvokeModelWithResponseStream"]
MODELS = ["anthropic.claude-3-5-sonnet-20240620-v1:0", "amazon.nova-lite-v1:0"]

each_operation = pytest.mark.parametrize("operation", OPERATIONS)
each_model = pytest.mark.parametrize("model", MODELS, ids=["claude", "nova"])


def refusal(function, *arguments):
    """The error that a call raises: its code and how many attempts it took."""
    with pytest.raises(ClientError) as caught:
        function(*arguments)
    response = caught.value.response
    attempts = response["ResponseMetadata"]["RetryAttempts"] + 1
    return response["Error"]["Code"], response["Error"]["Message"], attempts


@each_operation
@each_model
def test_an_allowed_model_answers(operation, model, retail, watch, sent, canary):
    prompt, said = canary(), canary()
    watch.demo.simulator.script({"text": said})
    assert OPERATIONS[operation](retail, model, prompt) == said
    decision, completion = watch.one()
    assert (decision["effect"], decision["reason"]) == ("allow", "policy")
    assert decision["action"] == operation
    assert decision["tenant"] == "retail"
    assert decision["model"]["id"] == model
    assert decision["streaming"] == (operation in STREAMS)
    assert decision["determining"] == ["retail-general-purpose"]
    assert (completion["end"], completion["client_status"], len(completion["attempts"])) == ("completed", 200, 1)
    assert completion["usage"]["output_tokens"] > 0
    (received,) = watch.upstream()
    assert body_of(received) == sent[0]


@each_operation
def test_a_denied_model_is_refused_after_one_attempt(operation, demo, retail, watch, canary):
    code, _, attempts = refusal(OPERATIONS[operation], retail, demo.denied, canary())
    assert (code, attempts) == ("AccessDeniedException", 1)
    decision = watch.refused("no_permit")
    assert decision["action"] == operation
    assert decision["principal"]["credential"] == demo.tenants["retail"].access_key_id


@pytest.mark.parametrize("tenant", ["markets", "research"])
def test_another_tenant_may_use_what_retail_may_not(tenant, demo, clients, watch):
    models = ["anthropic.claude-3-opus-20240229-v1:0", "meta.llama3-70b-instruct-v1:0"]
    open_to = {"markets": [models[0]], "research": models}[tenant]
    for model in models:
        if model in open_to:
            assert converse(clients[tenant], model, "hello")
        else:
            assert refusal(converse, clients[tenant], model, "hello")[0] == "AccessDeniedException"
        assert refusal(converse, clients["retail"], model, "hello")[0] == "AccessDeniedException"
    assert {decision["tenant"] for decision, _ in watch.settle()} == {tenant, "retail"}
    assert demo.denied in models


@each_operation
@each_model
def test_personal_data_is_gone_from_what_the_model_receives(operation, model, retail, watch, sent):
    watch.canary(EMAIL), watch.canary(CARD)
    OPERATIONS[operation](retail, model, f"Write to {EMAIL} about card {CARD}, please.")
    (received,) = watch.upstream()
    redacted = sent[0].replace(EMAIL.encode(), b"{EMAIL}").replace(CARD.encode(), b"{CREDIT_DEBIT_CARD_NUMBER}")
    assert body_of(received) == redacted != sent[0]
    decision, _ = watch.one()
    assert decision["effect"] == "allow_modified"
    found = {finding["category"]: finding["treatment"] for finding in decision["findings"]}
    assert found == {"EMAIL": "redacted", "CREDIT_DEBIT_CARD_NUMBER": "redacted"}


@each_operation
@each_model
def test_redaction_keeps_the_spelling_of_everything_else(operation, model, retail, watch, sent):
    OPERATIONS[operation](retail, model, f'caf\u00e9 \U0001f600 \t"quoted" \\ {EMAIL} \u2028/\u007f')
    (received,) = watch.upstream()
    assert body_of(received) == sent[0].replace(EMAIL.encode(), b"{EMAIL}") != sent[0]


@each_operation
@each_model
def test_an_email_that_the_model_says_is_gone_from_the_answer(operation, model, retail, watch):
    watch.canary(EMAIL)
    watch.demo.simulator.script({"text": f"Ask {EMAIL}, she knows.", "chunk_chars": 4})
    assert OPERATIONS[operation](retail, model, "who knows?") == "Ask {EMAIL}, she knows."
    _, completion = watch.one()
    (finding,) = completion["findings"]
    assert (finding["category"], finding["treatment"], finding["count"]) == ("EMAIL", "redacted", 1)


@pytest.mark.parametrize("operation", STREAMS)
@each_model
@pytest.mark.parametrize("split", [None, 1, 5, 100], ids=lambda split: f"split-{split}")
@pytest.mark.parametrize("chars", [1, 2, 3, 7, 1000])
def test_an_email_is_found_across_frames_and_chunks(operation, model, chars, split, retail, watch):
    said = f"First {EMAIL}; then {CARD}. An at @ sign, 4111, \u00fcml\u00e4uts \U0001f600, ada@"
    expected = "First {EMAIL}; then {CREDIT_DEBIT_CARD_NUMBER}. An at @ sign, 4111, \u00fcml\u00e4uts \U0001f600, ada@"
    reply = {"text": said, "chunk_chars": chars}
    watch.demo.simulator.script(reply if split is None else {**reply, "frames_split_bytes": split})
    assert OPERATIONS[operation](retail, model, "go on") == expected
    _, completion = watch.one()
    assert completion["end"] == "completed"


def secrets():
    """Secrets, put together here so that none stands in a file."""
    lines = ["MIIEowIBAAKCAQEA" + "qX0" * 16, "AbCdEfGhIjKlMnOpQrStUvWxYz012345" * 2, "Zz9yXw=="]
    name = "RSA PRIVATE " + "KEY"
    return {
        "aws": "AKIA" + "Z7QX4N2LT5KWP3VB",
        "pem": "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----"]),
    }


@each_operation
@pytest.mark.parametrize("kind", secrets())
def test_a_secret_in_a_prompt_is_refused(operation, kind, demo, retail, watch):
    secret = secrets()[kind]
    for line in secret.splitlines():
        watch.canary(line)
    code, message, attempts = refusal(OPERATIONS[operation], retail, demo.allowed, f"my key is {secret} ok?")
    assert (code, attempts) == ("AccessDeniedException", 1)
    assert secret not in message
    decision = watch.refused("finding")
    assert [finding["treatment"] for finding in decision["findings"]] == ["block"]


@pytest.mark.parametrize("operation", STREAMS)
@pytest.mark.parametrize("chars", [1, 3, 16, 10_000])
@pytest.mark.parametrize("kind", secrets())
def test_a_secret_that_the_model_says_ends_the_stream(operation, chars, kind, demo, retail, watch):
    secret = secrets()[kind]
    for line in secret.splitlines():
        watch.canary(line)
    watch.demo.simulator.script({"text": f"Here it is: {secret} - enjoy", "chunk_chars": chars})
    text, stop = "", None
    if operation == "ConverseStream":
        for event in retail.converse_stream(modelId=demo.allowed, messages=user("key?"))["stream"]:
            text += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
            stop = event.get("messageStop", {}).get("stopReason", stop)
        assert stop == "guardrail_intervened"
    else:
        body = native(demo.allowed, "key?")
        for event in retail.invoke_model_with_response_stream(modelId=demo.allowed, body=body)["body"]:
            told = json.loads(event["chunk"]["bytes"])
            text += native_delta(told)
            stop = told.get("messageStop", {}).get("stopReason", stop)
        assert stop == "content_filtered"
    text = text.removesuffix("[The rest of the answer was withheld by policy.]")
    assert "Here it is: ".startswith(text)
    _, completion = watch.one()
    assert completion["end"] == "policy_cut"


@pytest.mark.parametrize("operation", ["Converse", "InvokeModel"])
@pytest.mark.parametrize("kind", secrets())
def test_a_secret_in_a_whole_answer_is_withheld(operation, kind, demo, retail, watch):
    secret = secrets()[kind]
    watch.canary(secret.splitlines()[0])
    watch.demo.simulator.script({"text": f"Here it is: {secret}"})
    if operation == "Converse":
        answer = retail.converse(modelId=demo.allowed, messages=user("key?"))
        assert answer["stopReason"] == "guardrail_intervened"
    else:
        answer = retail.invoke_model(modelId=demo.allowed, body=native(demo.allowed, "key?"))
        answer = json.loads(answer["body"].read())
        assert answer["stopReason"] == "content_filtered"
    assert answer["output"]["message"]["content"] == [{"text": "[The answer was withheld by policy.]"}]
    assert answer["usage"]["outputTokens"] > 0
    _, completion = watch.one()
    assert (completion["end"], completion["client_status"]) == ("policy_cut", 200)


def test_the_request_id_is_the_one_in_the_records(demo, retail, watch):
    answer = retail.converse(modelId=demo.allowed, messages=user("hello"))
    decision, completion = watch.one()
    assert answer["ResponseMetadata"]["RequestId"] == decision["request_id"] == completion["request_id"]


def test_an_unknown_model_is_not_found(retail, watch):
    code, _, attempts = refusal(converse, retail, "anthropic.claude-99-v1:0", "hello")
    assert (code, attempts) == ("ResourceNotFoundException", 1)
    watch.refused("unroutable")


def test_tool_use_streams_with_its_arguments_redacted(demo, retail, watch):
    tool = {"name": "mail", "input": {"to": EMAIL, "n": 3}}
    watch.canary(EMAIL)
    watch.demo.simulator.script({"text": "Sending.", "tool_use": tool, "chunk_chars": 3})
    spec = {"toolSpec": {"name": "mail", "inputSchema": {"json": {"type": "object"}}}}
    stream = retail.converse_stream(modelId=demo.allowed, messages=user("mail her"), toolConfig={"tools": [spec]})
    deltas = [event["contentBlockDelta"]["delta"] for event in stream["stream"] if "contentBlockDelta" in event]
    arguments = "".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta)
    assert json.loads(arguments) == {"to": "{EMAIL}", "n": 3}


def test_the_readme_of_the_sdk_works_with_a_system_prompt_and_limits(demo, retail, watch, sent):
    retail.converse(
        modelId=demo.allowed,
        messages=user("hello"),
        system=[{"text": f"You serve {EMAIL}."}],
        inferenceConfig={"maxTokens": 100, "temperature": 0.5},
        additionalModelRequestFields={"top_k": 7},
    )
    (received,) = watch.upstream()
    assert body_of(received) == sent[0].replace(EMAIL.encode(), b"{EMAIL}")


@pytest.mark.parametrize("form", ["converse", "invokeModel"])
def test_tokens_are_counted_without_personal_data(form, retail, watch, sent):
    watch.canary(CARD)
    model, text = MODELS[0], f"My card is {CARD}."
    asked = {"messages": user(text)} if form == "converse" else {"body": claude(text)}
    answer = retail.count_tokens(modelId=model, input={form: asked})
    assert answer["inputTokens"] > 0
    (decision,) = watch.decisions()
    assert (decision["action"], decision["effect"]) == ("CountTokens", "allow_modified")


def test_tokens_of_a_model_that_may_not_be_called_are_not_counted(retail, watch):
    with pytest.raises(ClientError) as denied:
        retail.count_tokens(modelId="anthropic.claude-3-opus-20240229-v1:0", input={"converse": {"messages": user("hello")}})
    assert denied.value.response["Error"]["Code"] == "AccessDeniedException"
