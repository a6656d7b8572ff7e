"""OpenAI's Responses through its own client: what is asked becomes Converse, and nothing is kept between calls."""

import json

import openai
import pytest

from test_openai import NOVA, client, secret, sent
from test_sdk import CARD

CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "The weather somewhere.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def respond(demo, input="hello", model=NOVA, **more):
    return client(demo).responses.create(model=model, input=input, **more)


def streamed(demo, **asked):
    """The events of a stream, whose order clients rely on, and the response at its end."""
    events = list(client(demo).responses.create(stream=True, **asked))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] in ("response.completed", "response.incomplete")
    return events, events[-1].response


@pytest.mark.parametrize("base", ["/openai/v1", "/v1"])
@pytest.mark.parametrize("model", [CLAUDE, NOVA])
def test_a_response_of_a_model_of_another_maker(demo, model, base):
    demo.simulator.script({"text": "Hello there."})
    raw = client(demo, base=base).responses.with_raw_response.create(model=model, input="hello", instructions="Be brief.", max_output_tokens=20, user="ada", store=False)
    answer = raw.parse()
    assert (answer.output_text, answer.status, answer.model, answer.store) == ("Hello there.", "completed", model, False)
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 0
    assert answer.id == "resp_" + raw.headers["x-request-id"] and raw.headers["x-palisade-left-out"] == "user"
    assert sent(demo) == {"messages": [{"role": "user", "content": [{"text": "hello"}]}], "system": [{"text": "Be brief."}], "inferenceConfig": {"maxTokens": 20}}


def test_a_stream_repeats_at_its_end_what_it_said(demo):
    demo.simulator.script({"text": "One two three four.", "chunk_chars": 4})
    events, response = streamed(demo, model=NOVA, input="count")
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == response.output_text == "One two three four." and len(deltas) > 3
    order = [event.type.removeprefix("response.") for event in events if not event.type.endswith(".delta")]
    assert order == ["created", "in_progress", "output_item.added", "content_part.added", "output_text.done", "content_part.done", "output_item.done", "completed"]
    assert response.usage.output_tokens > 0
    ids = {event.item_id for event in events if hasattr(event, "item_id")}
    assert ids == {response.output[0].id}


@pytest.mark.parametrize("stream", [False, True])
def test_tools_go_round(demo, stream):
    demo.simulator.script({"text": "Let me see.", "tool_use": {"name": "weather", "input": {"city": "Bern"}}})
    asked = {"model": CLAUDE, "input": [{"role": "user", "content": "weather in Bern?"}], "tools": [WEATHER], "tool_choice": "required"}
    answer = streamed(demo, **asked)[1] if stream else client(demo).responses.create(**asked)
    call = answer.output[1]
    assert (answer.output_text, call.type, call.name, json.loads(call.arguments)) == ("Let me see.", "function_call", "weather", {"city": "Bern"})
    demo.simulator.script({"text": "Sunny."})
    history = [*asked["input"], *answer.output, {"type": "function_call_output", "call_id": call.call_id, "output": "sun"}]
    assert respond(demo, history, CLAUDE, tools=[WEATHER]).output_text == "Sunny."
    turns = sent(demo)["messages"]
    assert turns[1]["content"] == [{"text": "Let me see."}, {"toolUse": {"toolUseId": call.call_id, "name": "weather", "input": {"city": "Bern"}}}]
    assert turns[2]["content"] == [{"toolResult": {"toolUseId": call.call_id, "content": [{"text": "sun"}]}}]


@pytest.mark.parametrize("stream", [False, True])
def test_personal_data_is_taken_out_both_ways(demo, watch, stream):
    watch.canary(CARD)
    demo.simulator.script({"text": f"Your card is {CARD}.", "chunk_chars": 3})
    asked = {"model": NOVA, "input": f"My card is {CARD}."}
    answer = streamed(demo, **asked)[1] if stream else client(demo).responses.create(**asked)
    assert CARD not in answer.output_text and "CREDIT_DEBIT_CARD_NUMBER" in answer.output_text
    assert CARD not in json.dumps(sent(demo))
    assert watch.decisions()[-1]["translated_from"] == "openai-responses"


def test_an_answer_that_is_cut_short_is_incomplete(demo):
    for stop, reason in [("max_tokens", "max_output_tokens"), ("guardrail_intervened", "content_filter")]:
        for stream in (False, True):
            demo.simulator.script({"text": "One", "stop_reason": stop})
            answer = streamed(demo, model=NOVA, input="count")[1] if stream else respond(demo)
            assert (answer.status, answer.incomplete_details.reason) == ("incomplete", reason)


@pytest.mark.parametrize("reply", [{"exception_after": 3, "exception": "throttlingException", "message": "enough"}, {"die_after": 3}], ids=["exception", "death"])
def test_a_stream_that_breaks_raises(demo, reply):
    demo.simulator.script({"text": "One two three.", "chunk_chars": 2, **reply})
    with pytest.raises(openai.APIError):
        list(client(demo).responses.create(model=NOVA, input="count", stream=True))


def test_refusals_and_errors_keep_their_class(demo):
    with pytest.raises(openai.PermissionDeniedError):
        respond(demo, model="meta.llama3-70b-instruct-v1:0")
    demo.simulator.script({"status": 429, "error": "ThrottlingException", "message": "the provider says no"})
    with pytest.raises(openai.RateLimitError) as told:
        respond(demo)
    assert "the provider says no" in str(told.value)


@pytest.mark.parametrize(
    "more, field",
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format.type"),
        ({"reasoning": {"effort": "high"}}, "reasoning.effort"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0].type"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://example.org/cat.png"}]}]}, "input[0].content[0].image_url"),
        ({"input": [{"type": "function_call_output", "call_id": "x", "output": "1"}]}, "input"),
        ({"input": []}, "input"),
        ({"extra_body": {"made_up": 1}}, "made_up"),
    ],
)
def test_what_cannot_be_carried_over_is_an_error_that_names_the_field(demo, more, field):
    with pytest.raises(openai.BadRequestError) as told:
        respond(demo, **{"input": "hello", **more})
    assert f"`{field}`" in str(told.value)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_may_not_be_shown_is_incomplete(demo, stream):
    demo.simulator.script({"text": f"Here it is: {secret()} - enjoy", "chunk_chars": 4})
    answer = streamed(demo, model=NOVA, input="tell me")[1] if stream else respond(demo, "tell me")
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "content_filter")
    assert secret()[4:] not in answer.output_text
