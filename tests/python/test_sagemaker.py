"""SageMaker Runtime through an unmodified boto3: endpoints, their owners, and bodies of every kind."""

import json
import os

import boto3
import botocore.exceptions
import openai
import pytest
from botocore.config import Config

from served import answer
from test_provider import chunk, last, plays, stream_head
from wire import call, framed, signed

MAIL = "ada" + "@example.org"
CHAT = "application/json"


def client_of(url, credentials):
    return boto3.Session().client(
        "sagemaker-runtime",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        config=Config(retries={"total_max_attempts": 3}, connect_timeout=5, read_timeout=20),
    )


def chat(text):
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]})


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


# ------------------------------------------------------------------------------------------------- in the demo


@pytest.fixture(scope="module")
def retail_endpoints(demo):
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        yield client_of(demo.url, demo.tenants["retail"])


def test_an_endpoint_of_ones_own_is_called_and_guarded(demo, retail_endpoints):
    body = chat(f"I am Ada, {MAIL}")
    got = retail_endpoints.invoke_endpoint(
        EndpointName=demo.env["ENDPOINT"], ContentType=CHAT, Body=body, InferenceId="trace-1"
    )
    said = got["Body"].read().decode()
    assert MAIL not in said and "{EMAIL}" in said, "the simulated endpoint says what reached it"
    assert got["ContentType"] == CHAT and got["InvokedProductionVariant"] == "AllTraffic"
    received = demo.simulator.received()[-1]
    assert received["path"] == f"/endpoints/{demo.env['ENDPOINT']}/invocations"


def test_an_endpoint_of_another_tenant_is_denied(demo, retail_endpoints):
    before = demo.simulator.requests()
    status, code, _ = refused(
        retail_endpoints.invoke_endpoint, EndpointName=demo.env["FOREIGN_ENDPOINT"], ContentType=CHAT, Body=chat("hi")
    )
    assert (status, code) == (403, "AccessDeniedException")
    assert demo.simulator.requests() == before


def test_an_endpoint_that_nobody_knows_is_sagemakers_own_error(retail_endpoints):
    status, code, message = refused(
        retail_endpoints.invoke_endpoint, EndpointName="nobody-knows", ContentType=CHAT, Body=chat("hi")
    )
    assert (status, code) == (400, "ValidationError") and "not known" in message


@pytest.mark.parametrize(
    "body, content_type",
    [
        ('{"inputs": "in the shape of another"}', CHAT),
        ('{"messages": ', CHAT),
        ('["messages"]', CHAT),
        ('{"messages": []}', "text/csv"),
        ("", CHAT),
    ],
)
def test_a_body_that_is_not_what_the_registry_says_is_refused(demo, retail_endpoints, body, content_type):
    before = demo.simulator.requests()
    status, code, _ = refused(
        retail_endpoints.invoke_endpoint, EndpointName=demo.env["ENDPOINT"], ContentType=content_type, Body=body
    )
    assert (status, code) == (400, "ValidationError")
    assert demo.simulator.requests() == before


# ------------------------------------------------------------------------------------------------- of every kind

FACTS = """
owner = "retail"
provider = "meta"
family = "llama"
modalities = ["text"]
lifecycle = "approved"
jurisdictions = ["EU"]
classification_max = 2
"""


def registered(serve, *entries, groups="[]"):
    served = serve(prepare=lambda folder: _register(folder, entries, groups))
    served.client = client_of(served.url, served.tenants["retail"])
    return served


def _register(folder, entries, groups):
    registry = folder / "registry.toml"
    added = "".join(f"\n[[endpoint]]\n{entry}\ngroups = {groups}\n{FACTS}" for entry in entries)
    registry.write_text(registry.read_text() + added)


@pytest.mark.unwatched
@pytest.mark.parametrize(
    "dialect, content_type, body",
    [
        ("tgi", CHAT, json.dumps({"inputs": f"mail {MAIL}", "parameters": {"max_new_tokens": 9}})),
        ("jumpstart", CHAT, json.dumps({"inputs": [[{"role": "user", "content": f"mail {MAIL}"}]]})),
        ("json", CHAT, json.dumps([{"rows": [{"email": MAIL}]}])),
        ("text", "text/plain", f'say "hello" to {MAIL},\n\tplease \\n'),
        ("text", "text/csv", f"name,mail\nada,{MAIL}\n"),
    ],
)
def test_bodies_of_every_kind_are_guarded_both_ways(dialect, content_type, body, serve):
    served = registered(serve, f'name = "e"\ndialect = "{dialect}"')
    plays(served, answer(body.encode(), headers=[f"content-type: {content_type}"]))
    got = served.client.invoke_endpoint(EndpointName="e", ContentType=content_type, Body=body)
    expected = body.replace(MAIL, "{EMAIL}")
    sent = served.provider.requests[-1]
    assert sent.body.decode() == expected
    assert got["Body"].read().decode() == expected
    assert ("content-type", content_type) in sent.headers
    assert "/sagemaker/aws4_request" in dict(sent.headers)["authorization"]
    decision, completion = last(served)
    assert (decision["action"], decision["model"]["id"]) == ("InvokeEndpoint", "e")
    assert decision["findings"][0]["category"] == "EMAIL" and completion["findings"][0]["category"] == "EMAIL"


@pytest.mark.unwatched
def test_what_cannot_be_read_is_a_fact_for_policy(serve):
    entry = 'name = "e"\ndialect = "opaque"'
    image = bytes(range(256))
    served = registered(serve, entry)
    assert refused(served.client.invoke_endpoint, EndpointName="e", ContentType="image/png", Body=image)[0] == 403
    assert last(served)[0]["coverage_gaps"] == ["undecodable"] and not served.provider.requests
    served = registered(serve, entry, groups='["unscanned-allowed"]')
    plays(served, answer(image, headers=["content-type: image/png"]))
    got = served.client.invoke_endpoint(EndpointName="e", ContentType="image/png", Body=image)
    assert got["Body"].read() == image and served.provider.requests[-1].body == image
    assert last(served)[1]["coverage_gaps"] == ["undecodable"]


@pytest.mark.unwatched
def test_an_input_in_s3_is_a_fact_for_policy(serve):
    entry = 'name = "e"\ndialect = "json"'
    where = {"EndpointName": "e", "InputLocation": "s3://bucket/in.json", "InferenceId": "one"}
    served = registered(serve, entry)
    assert refused(served.client.invoke_endpoint_async, **where)[:2] == (403, "AccessDeniedException")
    decision, _ = last(served)
    assert (decision["action"], decision["coverage_gaps"]) == ("InvokeEndpointAsync", ["reference"])
    served = registered(serve, entry, groups='["unscanned-allowed"]')
    headers = ["x-amzn-sagemaker-outputlocation: s3://bucket/out"]
    plays(served, answer(b'{"InferenceId":"one"}', "202 Accepted", headers))
    got = served.client.invoke_endpoint_async(**where)
    assert (got["InferenceId"], got["OutputLocation"]) == ("one", "s3://bucket/out")
    assert ("x-amzn-sagemaker-inputlocation", "s3://bucket/in.json") in served.provider.requests[-1].headers
    path = "/endpoints/e/async-invocations"
    headers = {"x-amzn-sagemaker-inputlocation": where["InputLocation"]}
    beside = call(served, path, b"{}", signed(served, "retail", path, b"{}", headers, service="sagemaker"))
    assert beside.status == 400 and len(served.provider.requests) == 1, "nobody would look into a body beside it"


@pytest.mark.unwatched
def test_what_runs_behind_an_endpoint_is_chosen_from_the_registry(serve):
    served = registered(
        serve, 'name = "e"\ndialect = "json"', 'name = "e"\ncomponent = "llama"\ndialect = "tgi"'
    )
    call = served.client.invoke_endpoint
    call(EndpointName="e", ContentType=CHAT, Body='{"inputs": "x"}', InferenceComponentName="llama")
    assert last(served)[0]["model"]["id"] == "e/component=llama"
    assert ("x-amzn-sagemaker-inference-component", "llama") in served.provider.requests[-1].headers
    for choice in ({"InferenceComponentName": "other"}, {"TargetVariant": "v"}, {"TargetModel": "m.tar.gz"}):
        assert refused(call, EndpointName="e", ContentType=CHAT, Body="{}", **choice)[:2] == (400, "ValidationError")
    assert len(served.provider.requests) == 1


@pytest.mark.unwatched
def test_an_error_of_the_container_is_passed_on_without_what_it_quotes(serve):
    served = registered(serve, 'name = "e"\ndialect = "json"')
    quoted = json.dumps({"Message": f"cannot parse {MAIL}", "OriginalMessage": f"bad {MAIL}", "OriginalStatusCode": 500})
    plays(served, answer(quoted.encode(), "424 Failed Dependency", ["x-amzn-errortype: ModelError"]))
    status, code, message = refused(served.client.invoke_endpoint, EndpointName="e", ContentType=CHAT, Body="{}")
    assert (status, code) == (424, "ModelError") and MAIL not in message and "{EMAIL}" in message


# ----------------------------------------------------------------------------------------------------- streams


def part(data):
    data = data.encode() if isinstance(data, str) else data
    headers = [(":event-type", "PayloadPart"), (":content-type", "application/octet-stream")]
    return framed([*headers, (":message-type", "event")], data)


def exception(name, **body):
    headers = [(":exception-type", name), (":content-type", "application/json"), (":message-type", "exception")]
    return framed(headers, json.dumps(body).encode())


def streamed(served, *frames, close=False):
    plays(served, stream_head(), *(chunk(frame) for frame in frames), b"" if close else chunk(b""), close=close)
    got = served.client.invoke_endpoint_with_response_stream(EndpointName="e", ContentType=CHAT, Body=served.body)
    return b"".join(event["PayloadPart"]["Bytes"] for event in got["Body"]).decode()


def streaming(serve, dialect, body):
    served = registered(serve, f'name = "e"\ndialect = "{dialect}"')
    served.body = body
    return served


def cut_everywhere(body, step):
    data = body.encode()
    return [part(data[at : at + step]) for at in range(0, len(data), step)]


SSE = "".join(
    'data: {"choices":[{"index":0,"delta":{"content":%s}}]}\n\n' % json.dumps(text)
    for text in ("Write to ", "a", "da@exa", "mple.org", ", caf\u00e9 \u20ac. ")
)
SSE_END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":9}}\n\ndata: [DONE]\n\n'


def test_a_stream_in_the_demo_is_guarded(demo, retail_endpoints):
    got = retail_endpoints.invoke_endpoint_with_response_stream(
        EndpointName=demo.env["ENDPOINT"], ContentType=CHAT, Body=chat("hi"), Accept="text/event-stream"
    )
    assert got["InvokedProductionVariant"] == "AllTraffic"
    echo = b"".join(event["PayloadPart"]["Bytes"] for event in got["Body"]).decode()
    # The simulated endpoint sends the request back, which is no event that anybody knows: its text could go on in another.
    events = [json.loads(event) for event in echo.replace("}{", "}\n{").splitlines()]
    assert "".join(event["messages"][0]["content"] for event in events) == "hi"
    demo.simulator.script({"text": SSE + SSE_END, "chunk_chars": 7})
    got = retail_endpoints.invoke_endpoint_with_response_stream(
        EndpointName=demo.env["ENDPOINT"], ContentType=CHAT, Body=chat("hi")
    )
    body = b"".join(event["PayloadPart"]["Bytes"] for event in got["Body"]).decode()
    lines = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]
    text = "".join(line["choices"][0]["delta"].get("content", "") for line in lines)
    assert text == "Write to {EMAIL}, caf\u00e9 \u20ac. " and body.endswith(SSE_END)
    assert demo.simulator.received()[-1]["path"].endswith("/invocations-response-stream")


@pytest.mark.unwatched
@pytest.mark.parametrize("step", [1, 5, 4096])
def test_the_joined_parts_are_guarded_wherever_they_are_cut(step, serve):
    served = streaming(serve, "openai-chat", chat(f"who is {MAIL}?"))
    body = streamed(served, *cut_everywhere(SSE + SSE_END, step))
    assert "{EMAIL}, caf" in body and "example" not in body and body.endswith(SSE_END)
    decision, completion = last(served)
    assert decision["action"] == "InvokeEndpointWithResponseStream"
    assert completion["end"] == "completed" and completion["usage"]["output_tokens"] == 9
    assert completion["finish_reason"] == "stop" and completion["findings"][0]["category"] == "EMAIL"
    assert served.provider.requests[-1].body.decode() == chat("who is {EMAIL}?")


@pytest.mark.unwatched
def test_a_stream_of_text_is_one_text(serve):
    served = streaming(serve, "text", "hello")
    plays(served, stream_head(), *(chunk(frame) for frame in cut_everywhere(f"caf\u00e9: {MAIL}, ok", 3)), chunk(b""))
    got = served.client.invoke_endpoint_with_response_stream(EndpointName="e", ContentType="text/plain", Body="hello")
    said = b"".join(event["PayloadPart"]["Bytes"] for event in got["Body"]).decode()
    assert said == "caf\u00e9: {EMAIL}, ok"


@pytest.mark.unwatched
@pytest.mark.parametrize(
    "frames, close, end",
    [
        ([part('{"token":{"text":"half')], False, "upstream_error"),
        ([part("data: no json\n")], False, "upstream_error"),
        ([part('{"token":{"text":"x"}}\n')[:-1] + b"\0"], False, "upstream_error"),
        ([part('{"token":{"text":"x"}}\n'), part("{}\n")[:9]], False, "upstream_error"),
        ([part('{"token":{"text":"x"}}\n')], True, "upstream_error"),
        ([part(b'{"token":{"text":"\xff"}}\n')], False, "upstream_error"),
        ([part('{"token":{"text":"x"}}\n'), exception("ModelStreamError", Message="bad", ErrorCode="E")], False, None),
        ([exception("InternalStreamFailure", Message=f"cannot say {MAIL}")], False, None),
    ],
    ids=["inside a value", "no json", "bad crc", "inside a frame", "cut off", "no utf-8", "its error", "a failure"],
)
def test_a_stream_that_breaks_ends_with_an_error_that_the_sdk_knows(frames, close, end, serve):
    served = streaming(serve, "tgi", '{"inputs":"x"}')
    with pytest.raises(botocore.exceptions.EventStreamError) as caught:
        streamed(served, *frames, close=close)
    code = "InternalStreamFailure" if b"InternalStreamFailure" in frames[0] else "ModelStreamError"
    assert code in str(caught.value) and MAIL not in str(caught.value)
    assert last(served)[1]["end"] == (end or "upstream_error")
    assert len(served.provider.requests) == 1


ATTRIBUTES = {
    "a_card": "card=4111" + "111111111111",
    "a_key": "k=AKIA" + "QYLPMN5HFIQR7XYA",
    "an_ssn": "ssn=536-90-" + "4399",
}


@pytest.mark.parametrize("held", ATTRIBUTES)
def test_a_header_that_goes_on_may_hold_nothing(held, demo, retail_endpoints):
    before = demo.simulator.requests()
    status, code, message = refused(
        retail_endpoints.invoke_endpoint,
        EndpointName=demo.env["ENDPOINT"],
        ContentType=CHAT,
        Body=chat("hi"),
        CustomAttributes=ATTRIBUTES[held],
    )
    assert (status, code) == (400, "ValidationError")
    assert "x-amzn-sagemaker-custom-attributes" in message and ATTRIBUTES[held] not in message
    assert demo.simulator.requests() == before
    retail_endpoints.invoke_endpoint(
        EndpointName=demo.env["ENDPOINT"], ContentType=CHAT, Body=chat("hi"), CustomAttributes="trace=a1b2;part=3"
    )


def asked_by_openai(served):
    credentials = served.tenants["retail"]
    return openai.OpenAI(base_url=served.url + "/v1", api_key=f"{credentials.access_key_id}.{credentials.secret_access_key}", max_retries=0)


@pytest.mark.unwatched
def test_a_chat_endpoint_is_a_model_of_openais_client(serve):
    served = registered(serve, 'name = "e"\ndialect = "openai-chat"')
    message = {"role": "assistant", "content": f"Ask {MAIL}."}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "x", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    plays(served, answer(json.dumps(body).encode()))
    given = asked_by_openai(served).chat.completions.create(model="e", messages=[{"role": "user", "content": f"who is {MAIL}?"}], temperature=1.5)
    assert given.choices[0].message.content == "Ask {EMAIL}."
    sent = json.loads(served.provider.requests[-1].body)
    assert sent == {"messages": [{"role": "user", "content": "who is {EMAIL}?"}], "temperature": 1.5}
    assert served.provider.requests[-1].path == "/endpoints/e/invocations"
    decision, _ = last(served)
    assert (decision["action"], decision["translated_from"]) == ("InvokeEndpoint", "openai-chat")


@pytest.mark.unwatched
@pytest.mark.parametrize("step", [1, 7, 4096])
@pytest.mark.parametrize("form", ["events", "lines", "lines without an end"])
def test_a_stream_of_a_chat_endpoint_is_one_of_openais(serve, form, step):
    served = registered(serve, 'name = "e"\ndialect = "openai-chat"')
    body = SSE + SSE_END
    if form != "events":
        # As LMI writes them: no `data:`, no `[DONE]`.
        body = "".join(line.removeprefix("data: ") + "\n" for line in body.splitlines() if line.startswith("data: {"))
    if form == "lines without an end":
        body = body.rstrip("\n")
    plays(served, stream_head(), *(chunk(frame) for frame in cut_everywhere(body, step)), chunk(b""))
    chunks = list(asked_by_openai(served).chat.completions.create(model="e", messages=[{"role": "user", "content": "hi"}], stream=True))
    text = "".join(piece.choices[0].delta.content or "" for piece in chunks)
    assert text == "Write to {EMAIL}, caf\u00e9 \u20ac. " and chunks[-1].choices[0].finish_reason == "stop"
    assert json.loads(served.provider.requests[-1].body)["stream"] is True


@pytest.mark.unwatched
@pytest.mark.parametrize("frames", [[part(SSE)], [part(SSE), exception("ModelStreamError", Message="bad", ErrorCode="E")]], ids=["in the middle", "its error"])
def test_a_stream_of_a_chat_endpoint_that_ends_early_raises(serve, frames):
    served = registered(serve, 'name = "e"\ndialect = "openai-chat"')
    plays(served, stream_head(), *(chunk(frame) for frame in frames), chunk(b""))
    with pytest.raises(openai.APIError):
        list(asked_by_openai(served).chat.completions.create(model="e", messages=[{"role": "user", "content": "hi"}], stream=True))


@pytest.mark.unwatched
def test_a_chat_endpoint_that_says_what_may_not_be_shown_is_stopped_by_a_filter(serve):
    served = registered(serve, 'name = "e"\ndialect = "openai-chat"')
    secret = "AKIA" + "Q3EGRZ7LKSTU2VXA"
    said = "".join('data: {"choices":[{"index":0,"delta":{"content":%s}}]}\n\n' % json.dumps(text) for text in ("Here: ", secret, " ok"))
    plays(served, stream_head(), *(chunk(frame) for frame in cut_everywhere(said + SSE_END, 64)), chunk(b""))
    chunks = list(asked_by_openai(served).chat.completions.create(model="e", messages=[{"role": "user", "content": "hi"}], stream=True))
    text = "".join(piece.choices[0].delta.content or "" for piece in chunks)
    assert text.startswith("Here: ") and secret[4:] not in text and chunks[-1].choices[0].finish_reason == "content_filter"


@pytest.mark.unwatched
def test_other_endpoints_and_other_protocols_are_told_what_they_are(serve):
    served = registered(serve, 'name = "e"\ndialect = "tgi"')
    with pytest.raises(openai.BadRequestError, match="form of their own"):
        asked_by_openai(served).chat.completions.create(model="e", messages=[{"role": "user", "content": "hi"}])
    served = registered(serve, 'name = "e"\ndialect = "openai-chat"')
    with pytest.raises(openai.BadRequestError, match="chat completions only"):
        asked_by_openai(served).responses.create(model="e", input="hi")
