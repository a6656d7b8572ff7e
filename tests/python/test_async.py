"""Asynchronous calls: output goes to places of one's own tenant only, and everybody sees their own."""

import base64
import json
import urllib.parse

import pytest
from botocore.exceptions import ClientError

import test_shapes
from gateway import body_of
from test_retrieval import used
from test_sdk import CARD
from wire import bearer, call, signed

REEL = "amazon.nova-reel-v1:1"
PLACE = "s3://palisade-demo-outputs/retail/"
URL = "/async-invoke"
JSON = {"content-type": "application/json"}


def film(text="a cat"):
    return {"taskType": "TEXT_VIDEO", "textToVideoParams": {"text": text}}


def to(place=PLACE + "films/"):
    return {"s3OutputDataConfig": {"s3Uri": place}}


def asked(text="a cat", place=PLACE + "films/", **more):
    return {"modelId": REEL, "modelInput": film(text), "outputDataConfig": to(place), **more}


ASKED = asked()


def start(client, text="a cat", place=PLACE + "films/", **more):
    return client.start_async_invoke(**asked(text, place, **more))["invocationArn"]


def sent(demo):
    return json.loads(body_of(demo.simulator.received()[-1]))


def test_a_call_is_started_of_a_model_for_a_place(demo, retail, watch):
    watch.canary(CARD)
    arn = start(retail, f"a cat with card {CARD}", clientRequestToken="mine-1")
    assert arn.startswith("arn:aws:bedrock:us-east-1:123456789012:async-invoke/")
    (decision,) = watch.decisions()
    assert (decision["action"], decision["model"]["id"], decision["effect"]) == ("StartAsyncInvoke", REEL, "allow_modified")
    assert used(decision) == [("StartAsyncInvoke", PLACE)]
    body = sent(demo)
    assert body["modelInput"] == film("a cat with card {CREDIT_DEBIT_CARD_NUMBER}")
    assert body["clientRequestToken"].startswith("palisade-") and body["clientRequestToken"].endswith("-mine-1")
    got = retail.get_async_invoke(invocationArn=arn)
    assert (got["status"], got["clientRequestToken"], got["outputDataConfig"]) == ("Completed", "mine-1", to())
    assert (got["invocationArn"], got["modelArn"].split("/")[1]) == (arn, REEL)
    decision = watch.decisions()[-1]
    assert (decision["action"], decision["model"]["id"]) == ("GetAsyncInvoke", PLACE)


def test_everybody_sees_their_own_only(demo, clients, watch):
    theirs = start(clients["markets"], place="s3://palisade-demo-outputs/markets/x", clientRequestToken="theirs-1")
    own = [start(clients["retail"], clientRequestToken=f"own-{number}") for number in range(2)]
    # A person of the same tenant is somebody else.
    body = json.dumps(asked(clientRequestToken="ada-1")).encode()
    answer = call(demo, URL, body, {**JSON, **bearer(demo, "retail")})
    assert answer.status == 200, answer.body
    adas = answer.json()["invocationArn"]
    listed = [one["invocationArn"] for page in clients["retail"].get_paginator("list_async_invokes").paginate() for one in page["asyncInvokeSummaries"]]
    assert [arn for arn in listed if arn in (*own, theirs, adas)] == own
    listed = json.loads(call(demo, URL, b"", bearer(demo, "retail"), method="GET").body)["asyncInvokeSummaries"]
    assert [one["invocationArn"] for one in listed if one["invocationArn"] in (*own, theirs, adas)] == [adas]
    assert listed[-1]["clientRequestToken"] == "ada-1"
    for client, arn in [("retail", theirs), ("markets", own[0]), ("retail", adas), ("retail", own[0][:-3] + "fff")]:
        with pytest.raises(ClientError) as refused:
            clients[client].get_async_invoke(invocationArn=arn)
        assert refused.value.response["Error"] == {"Code": "ValidationException", "Message": refused.value.response["Error"]["Message"]}
        assert "is not known here" in refused.value.response["Error"]["Message"]


def test_what_a_list_is_asked_for_goes_on(demo, retail, watch):
    retail.list_async_invokes(statusEquals="Completed", maxResults=5, sortOrder="Descending", submitTimeAfter="2026-01-01T00:00:00Z")
    received = demo.simulator.received()[-1]
    assert received["method"] == "GET" and body_of(received) == b""
    query = urllib.parse.parse_qs(received["query"])
    assert query == {
        "maxResults": ["5"],
        "sortOrder": ["Descending"],
        "statusEquals": ["Completed"],
        "submitTimeAfter": ["2026-01-01T00:00:00Z"],
    }
    assert watch.decisions()[-1]["action"] == "ListAsyncInvokes"


@pytest.mark.parametrize("query", ["novel=1", "maxResults=1&maxResults=2", "nextToken=ada%40example.org", "maxResults", "nextToken=%zz"])
def test_other_questions_are_refused(query, demo, watch):
    answer = call(demo, f"{URL}?{query}", b"", bearer(demo, "retail"), method="GET")
    assert answer.status == 400, answer.body
    watch.refused("unroutable")


@pytest.mark.parametrize(
    ("place", "code", "reason"),
    [
        ("s3://palisade-demo-outputs/markets/", "ValidationException", "unroutable"),
        ("s3://palisade-demo-outputs/retail", "ValidationException", "unroutable"),
        ("s3://palisade-demo-outputs/", "ValidationException", "unroutable"),
        ("S3://palisade-demo-outputs/retail/", "ValidationException", "unroutable"),
        ("s3://elsewhere/retail/", "ValidationException", "unroutable"),
        (PLACE + "../markets/x", "ValidationException", "unroutable"),
        (PLACE + "%2e%2e/markets/x", "ValidationException", "unroutable"),
        (PLACE + "/x", "ValidationException", "unroutable"),
        (PLACE + "x?versionId=1", "ValidationException", "unroutable"),
        (PLACE + "x\0", "ValidationException", "unroutable"),
        (7, "ValidationException", "malformed"),
        (None, "ValidationException", "malformed"),
    ],
)
def test_output_goes_to_no_other_place(place, code, reason, demo, watch):
    answer = test_shapes.post(demo, URL, asked(place=place))
    assert answer.headers["x-amzn-errortype"] == code, answer.body
    watch.refused(reason)


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"modelId": "amazon.nova-reel-v9:0"}, "ResourceNotFoundException", "unroutable"),
        ({"modelId": None}, "ValidationException", "malformed"),
        ({"modelId": "arn:aws:s3:::bucket"}, "ResourceNotFoundException", "unroutable"),
        ({"modelId": "DENIED"}, "AccessDeniedException", "no_permit"),
        ({"novel": {}}, "ValidationException", "malformed"),
        ({"outputDataConfig": {**to(), "novel": 1}}, "ValidationException", "malformed"),
        ({"outputDataConfig": {"s3OutputDataConfig": {"s3Uri": PLACE, "novel": 1}}}, "ValidationException", "malformed"),
        ({"clientRequestToken": "x" * 250}, "ValidationException", "malformed"),
        ({"clientRequestToken": "a b"}, "ValidationException", "malformed"),
        ({"clientRequestToken": 7}, "ValidationException", "malformed"),
        ({"modelInput": "text"}, "ValidationException", "malformed"),
        ({"clientRequestToken": ""}, "ValidationException", "malformed"),
        ({"outputDataConfig": {"s3OutputDataConfig": {"s3Uri": PLACE, "bucketOwner": "999999999999"}}}, "ValidationException", "malformed"),
        ({"outputDataConfig": {"s3OutputDataConfig": {"s3Uri": PLACE, "kmsKeyId": "arn:aws:kms:us-west-2:999999999999:key/a"}}}, "ValidationException", "malformed"),
    ],
)
def test_what_cannot_be_started(changes, code, reason, demo, watch):
    body = json.loads(json.dumps({**ASKED, **changes}).replace("DENIED", demo.denied))
    answer = test_shapes.post(demo, URL, body)
    assert answer.headers["x-amzn-errortype"] == code, answer.body
    watch.refused(reason)


def test_a_tenant_without_a_place_has_no_such_calls(demo, clients, watch):
    for ask in (lambda: start(clients["research"]), clients["research"].list_async_invokes):
        with pytest.raises(ClientError) as refused:
            ask()
        assert refused.value.response["Error"]["Code"] in ("ValidationException", "AccessDeniedException")
    assert not watch.upstream()


def test_a_token_of_another_cannot_be_had_by_spelling_its_mark(demo, clients, watch):
    start(clients["markets"], place="s3://palisade-demo-outputs/markets/x")
    mark = sent(demo)["clientRequestToken"].rsplit("-", 5)[0] + "-"
    arn = start(clients["retail"], clientRequestToken=mark + "x")
    with pytest.raises(ClientError):
        clients["markets"].get_async_invoke(invocationArn=arn)
    assert clients["retail"].get_async_invoke(invocationArn=arn)["clientRequestToken"] == mark + "x"


@pytest.mark.parametrize(
    "source",
    [
        {"mediaSource": {"s3Location": {"uri": "s3://palisade-demo-outputs/markets/x/output.mp4"}}},
        {"images": ["s3:\\/\\/elsewhere/x.png"]},
        {"deep": [{"S3Uri": "elsewhere"}]},
        {"video": "S3://elsewhere/x"},
    ],
)
def test_what_lies_in_s3_is_a_fact_for_policy_wherever_it_is_named(source, demo, watch):
    body = json.dumps({**ASKED, "modelInput": {**film(), **source}}).replace("\\\\/", "\\/").encode()
    answer = call(demo, URL, body, {**JSON, **bearer(demo, "retail")})
    assert answer.status == 403, answer.body
    assert "reference" in watch.refused("policy")["coverage_gaps"]


def test_what_others_do_does_not_keep_a_list_from_anybody(demo, clients, watch):
    key = watch.canary("AKIA" + "QYLPMN5HHHFPZAM2")
    theirs = {"clientRequestToken": "theirs", "failureMessage": f"key {key}", "outputDataConfig": to()}
    listed = {"asyncInvokeSummaries": [theirs], "nextToken": "4539538308993519"}
    for raw, status in [(listed, 200), (theirs, 400)]:
        demo.simulator.script({"raw_body_base64": base64.b64encode(json.dumps(raw).encode()).decode()})
        path = URL if raw is listed else URL + "/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aasync-invoke%2F0123456789ab"
        answer = call(demo, path, b"", bearer(demo, "retail"), method="GET")
        assert answer.status == status and key.encode() not in answer.body
    assert not any("findings" in completion for completion in watch.completions())


def test_a_get_with_a_body_is_refused(demo, watch):
    body = b'{"note":"text"}'
    answer = call(demo, URL, body, signed(demo, "retail", URL, body, JSON, method="GET"), method="GET")
    assert answer.status == 400, answer.body
    watch.refused("malformed")


@pytest.mark.timeout(300)
def test_requests(demo, watch):
    test_shapes.requests_table("startasyncinvoke-requests", "StartAsyncInvoke", URL, ASKED, demo, watch)


@pytest.mark.timeout(300)
def test_answers(demo, watch):
    test_shapes.answers_table("startasyncinvoke-answers", "StartAsyncInvoke", URL, ASKED, demo)
