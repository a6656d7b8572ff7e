"""Anthropic's own client, told the gateway's URL: Claude gets what it sends as it is, models of other makers get it as Converse."""

import base64
import json

import anthropic
import pytest

from gateway import body_of
from test_openai import PNG, key_of, secret
from test_sdk import CARD
from wire import call

CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
NOVA = "amazon.nova-lite-v1:0"
WEATHER = {
    "name": "weather",
    "description": "The weather somewhere.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
each_model = pytest.mark.parametrize("model", [CLAUDE, NOVA], ids=["claude", "nova"])


def client(demo, tenant="retail", base="/anthropic"):
    return anthropic.Anthropic(base_url=demo.url + base, auth_token=demo.tenants[tenant].jwt, max_retries=0)


def user(text):
    return [{"role": "user", "content": text}]


def ask(demo, content="hello", model=NOVA, **more):
    messages = user(content) if isinstance(content, str) else content
    return client(demo).messages.create(model=model, messages=messages, max_tokens=more.pop("max_tokens", 64), **more)


def sent(demo):
    """The body that the provider received last."""
    return json.loads(body_of(demo.simulator.received()[-1]))


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


@pytest.mark.parametrize("base", ["/anthropic", ""])
@each_model
def test_a_message(demo, model, base):
    demo.simulator.script({"text": "Hello there."})
    raw = client(demo, base=base).messages.with_raw_response.create(model=model, messages=user("hello"), max_tokens=64, system="Be brief.", metadata={"user_id": "ada"})
    answer = raw.parse()
    assert (text_of(answer), answer.stop_reason, answer.role, answer.type) == ("Hello there.", "end_turn", "assistant", "message")
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0 and raw.headers["request-id"]
    path = demo.simulator.received()[-1]["path"]
    if model == CLAUDE:
        # As it was sent, but for what stands in the path, and what policy takes out.
        assert path.endswith("/invoke")
        assert sent(demo) == {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": user("hello"), "system": "Be brief.", "metadata": {"user_id": "{USERNAME}"}}
    else:
        assert path.endswith("/converse") and raw.headers["x-palisade-left-out"] == "metadata"
        assert sent(demo) == {"messages": [{"role": "user", "content": [{"text": "hello"}]}], "system": [{"text": "Be brief."}], "inferenceConfig": {"maxTokens": 64}}


@each_model
def test_a_stream(demo, model):
    demo.simulator.script({"text": "One two three four.", "chunk_chars": 4})
    with client(demo).messages.stream(model=model, messages=user("count"), max_tokens=64) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == text_of(final) == "One two three four."
    assert final.stop_reason == "end_turn" and final.usage.output_tokens > 0


@each_model
@pytest.mark.parametrize("stream", [False, True])
def test_tools_go_round(demo, model, stream):
    demo.simulator.script({"text": "Let me see.", "tool_use": {"name": "weather", "input": {"city": "Bern"}}})
    asked = {"model": model, "messages": user("weather in Bern?"), "max_tokens": 64, "tools": [WEATHER], "tool_choice": {"type": "any"}}
    if stream:
        with client(demo).messages.stream(**asked) as events:
            answer = events.get_final_message()
    else:
        answer = client(demo).messages.create(**asked)
    call = next(block for block in answer.content if block.type == "tool_use")
    assert (answer.stop_reason, text_of(answer), call.name, call.input) == ("tool_use", "Let me see.", "weather", {"city": "Bern"})
    demo.simulator.script({"text": "Sunny."})
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "sun", "is_error": False}, {"type": "text", "text": "So?"}]}
    said = {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in answer.content]}
    again = ask(demo, [*asked["messages"], said, result], model=model, tools=[WEATHER])
    assert text_of(again) == "Sunny."
    if model == NOVA:
        turns = sent(demo)["messages"]
        assert turns[1]["content"][1] == {"toolUse": {"toolUseId": call.id, "name": "weather", "input": {"city": "Bern"}}}
        assert turns[2]["content"] == [{"toolResult": {"toolUseId": call.id, "content": [{"text": "sun"}]}}, {"text": "So?"}]


@each_model
@pytest.mark.parametrize("stream", [False, True])
def test_personal_data_is_taken_out_both_ways(demo, watch, model, stream):
    watch.canary(CARD)
    demo.simulator.script({"text": f"Your card is {CARD}.", "chunk_chars": 3})
    if stream:
        with client(demo).messages.stream(model=model, messages=user(f"My card is {CARD}."), max_tokens=64) as events:
            text = "".join(events.text_stream)
    else:
        text = text_of(ask(demo, f"My card is {CARD}.", model))
    assert CARD not in text and "CREDIT_DEBIT_CARD_NUMBER" in text
    assert CARD not in json.dumps(sent(demo)) and "CREDIT_DEBIT_CARD_NUMBER" in json.dumps(sent(demo))
    (decision,) = watch.decisions()[-1:]
    assert decision["translated_from"] == "anthropic-messages" and decision["effect"] == "allow_modified"


def test_a_model_that_is_not_allowed_or_not_there_is_told_as_anthropic_tells_it(demo):
    with pytest.raises(anthropic.PermissionDeniedError) as denied:
        ask(demo, model="meta.llama3-70b-instruct-v1:0")
    assert denied.value.body["error"]["type"] == "permission_error" and denied.value.response.headers["x-should-retry"] == "false"
    with pytest.raises(anthropic.NotFoundError):
        ask(demo, model="claude-that-is-not-there")
    with pytest.raises(anthropic.AuthenticationError):
        anthropic.Anthropic(base_url=demo.url, auth_token="none", max_retries=0).messages.create(model=NOVA, messages=user("hello"), max_tokens=1)


@pytest.mark.parametrize(
    "status, error, kind",
    [
        (429, "ThrottlingException", anthropic.RateLimitError),
        (400, "ValidationException", anthropic.BadRequestError),
        (503, "ServiceUnavailableException", anthropic.InternalServerError),
        (500, "InternalServerException", anthropic.InternalServerError),
    ],
)
@each_model
@pytest.mark.parametrize("stream", [False, True])
def test_errors_of_the_provider_keep_their_class(demo, status, error, kind, model, stream):
    demo.simulator.script({"status": status, "error": error, "message": "the provider says no"})
    with pytest.raises(kind) as told:
        answer = ask(demo, model=model, stream=stream)
        list(answer)
    assert "the provider says no" in str(told.value)


@each_model
@pytest.mark.parametrize(
    "reply",
    [{"exception_after": 3, "exception": "throttlingException", "message": "enough"}, {"die_after": 3}],
    ids=["exception", "death"],
)
def test_a_stream_that_breaks_raises(demo, model, reply):
    demo.simulator.script({"text": "One two three.", "chunk_chars": 2, **reply})
    with pytest.raises(anthropic.APIError):
        with client(demo).messages.stream(model=model, messages=user("count"), max_tokens=64) as stream:
            list(stream.text_stream)


def test_flags_in_headers_go_to_claude_if_bedrock_knows_them(demo):
    betas = ["interleaved-thinking-2025-05-14", "made-up-2099-01-01"]
    raw = client(demo).messages.with_raw_response.create(model=CLAUDE, messages=user("hello"), max_tokens=8, extra_headers={"anthropic-beta": ",".join(betas)})
    assert sent(demo)["anthropic_beta"] == betas[:1] and raw.headers["x-palisade-left-out"] == "anthropic-beta"


@pytest.mark.parametrize(
    "more, field",
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "thinking"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0].type"),
        ({"tools": [WEATHER], "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}, "tool_choice.disable_parallel_tool_use"),
        ({"extra_body": {"mcp_servers": []}}, "mcp_servers"),
        ({"max_tokens": 0}, "max_tokens"),
    ],
)
def test_what_cannot_be_carried_over_is_an_error_that_names_the_field(demo, more, field):
    with pytest.raises(anthropic.BadRequestError) as told:
        ask(demo, **more)
    assert f"`{field}`" in str(told.value)


@pytest.mark.parametrize(
    "content, field",
    [
        ([{"type": "image", "source": {"type": "url", "url": "https://example.org/cat.png"}}], "messages[0].content[0].source.type"),
        ([{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}], "messages[0].content"),
        ([{"type": "server_tool_use", "id": "x", "name": "web_search", "input": {}}], "messages[0].content[0].type"),
        ([{"type": "tool_result", "tool_use_id": "x", "content": "1"}], "messages"),
        ([{"type": "text"}], "messages[0].content[0].text"),
    ],
)
def test_messages_that_cannot_be_carried_over_are_told_by_their_place(demo, content, field):
    with pytest.raises(anthropic.BadRequestError) as told:
        ask(demo, [{"role": "user", "content": content}])
    assert f"`{field}`" in str(told.value)


def test_images_go_along_where_policy_lets_them(demo):
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": PNG}}
    content = [{"type": "text", "text": "what is it?"}, picture]
    with pytest.raises(anthropic.PermissionDeniedError):
        ask(demo, [{"role": "user", "content": content}])


def test_a_key_of_a_tenant_is_a_key_of_anthropics_client(demo, watch):
    key = key_of(demo)
    asked = {"model": NOVA, "messages": user("hello"), "max_tokens": 8}
    assert text_of(anthropic.Anthropic(base_url=demo.url, api_key=key, max_retries=0).messages.create(**asked))
    assert watch.decisions()[-1]["principal"]["authentication"] == "api_key"
    # Two that say different things: nobody knows which counts.
    for other, status in [(key_of(demo, "markets"), 401), (key, 200)]:
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}", "x-api-key": other}
        assert call(demo, "/v1/messages", json.dumps(asked), headers).status == status
    with pytest.raises(anthropic.AuthenticationError):
        anthropic.Anthropic(base_url=demo.url, api_key="sk-ant-none", max_retries=0).messages.create(**asked)


@each_model
def test_tokens_of_a_message_are_counted_by_bedrock(demo, watch, model):
    watch.canary(CARD)
    asked = {"model": model, "messages": user(f"My card is {CARD}."), "system": "Be brief.", "tools": [WEATHER]}
    assert client(demo).messages.count_tokens(**asked).input_tokens > 0
    received = demo.simulator.received()[-1]
    assert received["path"].endswith("/count-tokens")
    (form, asked_about), = sent(demo)["input"].items()
    if model == CLAUDE:
        body = json.loads(base64.b64decode(asked_about["body"]))
        assert form == "invokeModel" and body["max_tokens"] == 1 and body["tools"] == [WEATHER]
        assert body["messages"] == user("My card is {CREDIT_DEBIT_CARD_NUMBER}.")
    else:
        assert form == "converse" and sorted(asked_about) == ["messages", "system", "toolConfig"]
        assert asked_about["messages"][0]["content"] == [{"text": "My card is {CREDIT_DEBIT_CARD_NUMBER}."}]
    decision = watch.decisions()[-1]
    assert decision["action"] == "CountTokens" and decision["translated_from"] == "anthropic-count-tokens"


@each_model
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_may_not_be_shown_is_a_refusal(demo, watch, model, stream):
    demo.simulator.script({"text": f"Here it is: {secret()} - enjoy", "chunk_chars": 4})
    if stream:
        with client(demo).messages.stream(model=model, messages=user("tell me"), max_tokens=64) as events:
            answer = events.get_final_message()
        assert text_of(answer).startswith("Here it is: ")
    else:
        answer = ask(demo, "tell me", model)
    assert answer.stop_reason == "refusal" and secret()[4:] not in text_of(answer)
    assert watch.settle()[-1][1]["end"] == "policy_cut"


@pytest.mark.parametrize("stream", [False, True])
def test_and_for_who_calls_claude_by_bedrock(demo, watch, stream):
    demo.simulator.script({"text": f"Here it is: {secret()} - enjoy", "chunk_chars": 4})
    key = demo.tenants["retail"]
    client = anthropic.AnthropicBedrock(
        base_url=demo.url, aws_region="us-east-1", aws_access_key=key.access_key_id, aws_secret_key=key.secret_access_key, max_retries=0
    )
    request = {"model": CLAUDE, "messages": user("tell me"), "max_tokens": 64}
    if stream:
        with client.messages.stream(**request) as events:
            answer = events.get_final_message()
        assert text_of(answer) == "Here it is: "
    else:
        answer = client.messages.create(**request)
        assert answer.content == [] and answer.model == CLAUDE
    assert answer.stop_reason == "refusal"
    assert watch.settle()[-1][1]["end"] == "policy_cut"
