"""OpenAI's own client, told the gateway's URL, against models of other makers: what it asks becomes Converse, and the answer is said in its words."""

import base64
import json

import openai
import pytest

from gateway import body_of
from test_sdk import CARD, EMAIL
from wire import call

CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
NOVA = "amazon.nova-lite-v1:0"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather somewhere.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def client(demo, tenant="retail", base="/openai/v1"):
    return openai.OpenAI(base_url=demo.url + base, api_key=demo.tenants[tenant].jwt, max_retries=0)


def user(text):
    return [{"role": "user", "content": text}]


def chat(demo, content="hello", model=NOVA, **more):
    messages = user(content) if isinstance(content, str) else content
    return client(demo).chat.completions.create(model=model, messages=messages, **more)


def sent(demo):
    """The body that the provider received last."""
    return json.loads(body_of(demo.simulator.received()[-1]))


@pytest.mark.parametrize("base", ["/openai/v1", "/v1"])
@pytest.mark.parametrize("model", [CLAUDE, NOVA])
def test_a_chat_with_a_model_of_another_maker(demo, model, base):
    demo.simulator.script({"text": "Hello there."})
    raw = client(demo, base=base).chat.completions.with_raw_response.create(model=model, messages=user("hello"), max_tokens=20, user="ada", seed=7)
    answer = raw.parse()
    choice = answer.choices[0]
    assert (choice.message.content, choice.finish_reason, choice.message.role) == ("Hello there.", "stop", "assistant")
    assert answer.model == model and answer.object == "chat.completion" and answer.id.startswith("chatcmpl-")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
    assert raw.headers["x-request-id"] == answer.id.removeprefix("chatcmpl-")
    # What is advice and cannot be carried over is told, not lost in silence.
    assert sorted(raw.headers["x-palisade-left-out"].split(", ")) == ["seed", "user"]
    assert sent(demo) == {"messages": [{"role": "user", "content": [{"text": "hello"}]}], "inferenceConfig": {"maxTokens": 20}}


@pytest.mark.parametrize("model", [CLAUDE, NOVA])
def test_a_stream(demo, model):
    demo.simulator.script({"text": "One two three four.", "chunk_chars": 4})
    chunks = list(chat(demo, model=model, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "One two three four."
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0
    assert {(chunk.id, chunk.model, chunk.object) for chunk in chunks} == {(chunks[0].id, model, "chat.completion.chunk")}


@pytest.mark.parametrize("stream", [False, True])
def test_tools_go_round(demo, stream):
    demo.simulator.script({"tool_use": {"name": "weather", "input": {"city": "Bern"}}})
    question = [{"role": "system", "content": "Be brief."}, *user("weather in Bern?")]
    answer = chat(demo, question, model=CLAUDE, tools=[WEATHER], tool_choice="required", stream=stream)
    if stream:
        chunks = list(answer)
        calls = [chunk.choices[0].delta.tool_calls[0] for chunk in chunks if chunk.choices[0].delta.tool_calls]
        name, id = calls[0].function.name, calls[0].id
        arguments = "".join(call.function.arguments for call in calls)
        assert {call.index for call in calls} == {0} and calls[0].function.arguments == ""
        assert chunks[-1].choices[0].finish_reason == "tool_calls"
        said = {"role": "assistant", "content": None, "tool_calls": [{"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}]}
    else:
        said = answer.choices[0].message
        assert answer.choices[0].finish_reason == "tool_calls"
        id, name, arguments = said.tool_calls[0].id, said.tool_calls[0].function.name, said.tool_calls[0].function.arguments
    assert (name, json.loads(arguments)) == ("weather", {"city": "Bern"})
    assert sent(demo)["toolConfig"]["toolChoice"] == {"any": {}} and sent(demo)["system"] == [{"text": "Be brief."}]
    demo.simulator.script({"text": "Sunny."})
    answer = chat(demo, [*question, said, {"role": "tool", "tool_call_id": id, "content": "sun"}], model=CLAUDE, tools=[WEATHER])
    assert answer.choices[0].message.content == "Sunny."
    turns = sent(demo)["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[1]["content"] == [{"toolUse": {"toolUseId": id, "name": "weather", "input": {"city": "Bern"}}}]
    assert turns[2]["content"] == [{"toolResult": {"toolUseId": id, "content": [{"text": "sun"}]}}]


@pytest.mark.parametrize("stream", [False, True])
def test_personal_data_is_taken_out_both_ways(demo, watch, stream):
    watch.canary(CARD)
    demo.simulator.script({"text": f"Your card is {CARD}.", "chunk_chars": 3})
    answer = chat(demo, f"My card is {CARD}.", stream=stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in answer) if stream else answer.choices[0].message.content
    assert CARD not in text and "CREDIT_DEBIT_CARD_NUMBER" in text
    assert CARD not in json.dumps(sent(demo)) and "CREDIT_DEBIT_CARD_NUMBER" in json.dumps(sent(demo))
    (decision,) = watch.decisions()[-1:]
    assert decision["translated_from"] == "openai-chat"
    assert decision["effect"] == "allow_modified" and decision["action"] == ("ConverseStream" if stream else "Converse")


def test_a_model_that_is_not_allowed_or_not_there_is_told_as_openai_tells_it(demo):
    with pytest.raises(openai.PermissionDeniedError) as denied:
        chat(demo, model="meta.llama3-70b-instruct-v1:0")
    assert denied.value.code == "policy_denied" and denied.value.response.headers["x-should-retry"] == "false"
    with pytest.raises(openai.NotFoundError) as missing:
        chat(demo, model="gpt-4o")
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=demo.url + "/v1", api_key="none", max_retries=0).chat.completions.create(model=NOVA, messages=user("hello"))


@pytest.mark.parametrize(
    "status, error, kind",
    [
        (429, "ThrottlingException", openai.RateLimitError),
        (400, "ValidationException", openai.BadRequestError),
        (503, "ServiceUnavailableException", openai.InternalServerError),
        (404, "ResourceNotFoundException", openai.NotFoundError),
        (500, "InternalServerException", openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_of_the_provider_keep_their_class(demo, status, error, kind, stream):
    demo.simulator.script({"status": status, "error": error, "message": "the provider says no"})
    with pytest.raises(kind) as told:
        list(chat(demo, stream=stream)) if stream else chat(demo)
    assert "the provider says no" in str(told.value)


def test_a_stream_that_breaks_raises(demo):
    for reply in (
        {"text": "One two three.", "chunk_chars": 2, "exception_after": 3, "exception": "throttlingException", "message": "enough"},
        {"text": "One two three.", "chunk_chars": 2, "die_after": 3},
    ):
        demo.simulator.script(reply)
        with pytest.raises(openai.APIError):
            list(chat(demo, stream=True))


@pytest.mark.parametrize(
    "more, field",
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"temperature": 1.5}, "temperature"),
        ({"response_format": {"type": "json_object"}}, "response_format.type"),
        ({"reasoning_effort": "high"}, "reasoning_effort"),
        ({"extra_body": {"web_search_options": {}}}, "web_search_options"),
        ({"extra_body": {"made_up": 1}}, "made_up"),
        ({"parallel_tool_calls": False, "tools": [WEATHER]}, "parallel_tool_calls"),
    ],
)
def test_what_cannot_be_carried_over_is_an_error_that_names_the_field(demo, more, field):
    with pytest.raises(openai.BadRequestError) as told:
        chat(demo, **more)
    assert f"`{field}`" in str(told.value)


PNG = base64.b64encode(bytes([0x89]) + b"PNG\r\n\x1a\n" + b"\0" * 20).decode()


@pytest.mark.parametrize(
    "messages, field",
    [
        ([], "messages"),
        ([{"role": "assistant", "content": "hi"}], "messages"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}]}], "messages[0].content[0].image_url.url"),
        ([{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]}], "messages[0].content[0].type"),
        ([*user("hi"), {"role": "tool", "tool_call_id": "x", "content": "1"}], "messages"),
        ([*user("hi"), {"role": "assistant", "tool_calls": [{"id": "x", "type": "function", "function": {"name": "weather", "arguments": "{"}}]}], "messages[1].tool_calls[0].function.arguments"),
        ([{"role": "user", "content": 7}], "messages[0].content"),
        ([{"role": "user", "content": "hi", "made_up": 1}], "messages[0].made_up"),
    ],
)
def test_messages_that_cannot_be_carried_over_are_told_by_their_place(demo, messages, field):
    with pytest.raises(openai.BadRequestError) as told:
        chat(demo, messages)
    assert f"`{field}`" in str(told.value)


def test_images_go_along_where_policy_lets_them(demo):
    picture = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{PNG}"}}
    with pytest.raises(openai.PermissionDeniedError):
        chat(demo, [{"role": "user", "content": [{"type": "text", "text": "what is it?"}, picture]}])
    research = client(demo, "research").chat.completions
    demo.simulator.script({"text": "A cat."})
    content = [{"type": "text", "text": "what is it?"}, picture]
    answer = research.create(model="anthropic.claude-3-opus-20240229-v1:0", messages=[{"role": "user", "content": content}])
    assert answer.choices[0].message.content == "A cat."
    assert sent(demo)["messages"][0]["content"][1] == {"image": {"format": "png", "source": {"bytes": PNG}}}


def key_of(demo, tenant="retail"):
    """A tenant's key in the form in which it stands where clients put a key of their own."""
    credentials = demo.tenants[tenant]
    return f"{credentials.access_key_id}.{credentials.secret_access_key}"


def test_a_key_of_a_tenant_is_a_key_of_openais_client(demo, watch):
    asked = openai.OpenAI(base_url=demo.url + "/v1", api_key=key_of(demo), max_retries=0)
    demo.simulator.script({"text": "Hello there."})
    assert asked.chat.completions.create(model=NOVA, messages=user("hello")).choices[0].message.content == "Hello there."
    principal = watch.decisions()[-1]["principal"]
    assert principal["authentication"] == "api_key" and principal["credential"] == demo.tenants["retail"].access_key_id


@pytest.mark.parametrize("spoil", [lambda key: key + "x", lambda key: key.replace("PLSD", "PLSE"), lambda key: key.partition(".")[0] + ".", lambda key: key.partition(".")[0]])
def test_another_key_is_none(demo, spoil):
    asked = openai.OpenAI(base_url=demo.url + "/v1", api_key=spoil(key_of(demo)), max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        asked.chat.completions.create(model=NOVA, messages=user("hello"))


def secret():
    return "AKIA" + "Q3EGRZ7LKSTU2VXA"


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_may_not_be_shown_ends_as_openais_filter_ends_it(demo, watch, stream):
    demo.simulator.script({"text": f"Here it is: {secret()} - enjoy", "chunk_chars": 4})
    answer = chat(demo, "tell me", stream=stream)
    if stream:
        chunks = list(answer)
        said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert said.startswith("Here it is: ") and chunks[-1].choices[0].finish_reason == "content_filter"
    else:
        choice = answer.choices[0]
        said = choice.message.content or ""
        assert choice.finish_reason == "content_filter" and answer.usage.completion_tokens > 0
    assert secret()[4:] not in said
    _, completion = watch.settle()[-1]
    assert completion["end"] == "policy_cut" and completion["findings"][0]["treatment"] == "block"


def test_a_schema_is_scanned_as_what_it_says(demo, watch):
    watch.canary(EMAIL)
    # Spelt as no detector would know it, and as many clients spell what is not ASCII.
    spelt = "ada\\u002elovelace\\u0040example.org"
    body = (
        f'{{"model":"{NOVA}","messages":[{{"role":"user","content":"hi"}}],"response_format":{{"type":"json_schema",'
        f'"json_schema":{{"name":"a","schema":{{"type":"object","description":"ask {spelt}"}}}}}}}}'
    )
    headers = {"content-type": "application/json", "authorization": f"Bearer {demo.tenants['retail'].jwt}"}
    assert call(demo, "/v1/chat/completions", body, headers).status == 200
    schema = sent(demo)["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]
    assert json.loads(schema) == {"type": "object", "description": "ask {EMAIL}"}
