"""What models write of what knowledge bases give: policy is asked about both, and a conversation is its caller's."""

import base64
import json
import re

import pytest
from botocore.exceptions import ClientError, EventStreamError

import test_shapes
from gateway import body_of
from test_retrieval import KNOWN, MODELS, OTHER, OWN, RERANKER, agent_model, agents, ranked_by, used
from test_sdk import CARD
from test_upstream import frame_bytes

NOVA = "amazon.nova-lite-v1:0"
URL = "/retrieveAndGenerate"
WRITING = "retrieveAndGenerateConfiguration"
agents = agents


def writing(model=MODELS + NOVA, known=KNOWN, **more):
    """What is asked for, of a knowledge base."""
    configuration = {"knowledgeBaseId": known, "modelArn": model, **more}
    return {"type": "KNOWLEDGE_BASE", "knowledgeBaseConfiguration": configuration}


def asked(text="how soon?", configuration=None, **more):
    return {"input": {"text": text}, WRITING: configuration or writing(), **more}


ASKED = asked("hello")


def sent(demo):
    return json.loads(body_of(demo.simulator.received()[-1]))


def streamed(client, **body):
    """The session, and the events."""
    answer = client.retrieve_and_generate_stream(**body)
    return answer["sessionId"], list(answer["stream"])


def said(events):
    return "".join(event["output"]["text"] for event in events if "output" in event)


def cited(events):
    parts = [event["citation"]["generatedResponsePart"] for event in events if "citation" in event]
    return "".join(part["textResponsePart"]["text"] for part in parts)


def test_policy_is_asked_about_the_model_and_the_knowledge_base(demo, agents, watch):
    answer = agents["retail"].retrieve_and_generate(**asked())
    assert answer["output"]["text"] == "Cards are replaced within three days."
    (decision,) = watch.decisions()
    assert (decision["action"], decision["model"]["id"], decision["effect"]) == ("RetrieveAndGenerate", NOVA, "allow")
    assert used(decision) == [("Retrieve", KNOWN)]
    search = sent(demo)[WRITING]["knowledgeBaseConfiguration"]["retrievalConfiguration"]
    assert search == {"vectorSearchConfiguration": {"filter": OWN}}
    references = answer["citations"][0]["retrievedReferences"]
    assert [reference["metadata"]["tenant"] for reference in references] == ["retail", "retail"]


def test_the_same_in_a_stream(agents, watch):
    search = {"vectorSearchConfiguration": {"filter": {"orAll": [OTHER, OWN]}, "rerankingConfiguration": ranked_by(RERANKER)}}
    body = asked(configuration=writing(retrievalConfiguration=search))
    session, events = streamed(agents["retail"], **body)
    assert said(events) == cited(events) == "Cards are replaced within three days."
    assert re.fullmatch(r"[0-9a-zA-Z._:-]{2,100}", session)
    (decision,) = watch.decisions()
    assert (decision["action"], decision["streaming"]) == ("RetrieveAndGenerateStream", True)
    assert used(decision) == [("Retrieve", KNOWN), ("Rerank", "cohere.rerank-v3-5:0")]


def test_what_is_found_is_taken_out_both_ways_wherever_events_cut_it(demo, agents, watch):
    watch.canary(CARD)
    mask = "{CREDIT_DEBIT_CARD_NUMBER}"
    for chars in (1, 7, 200):
        demo.simulator.script({"text": f"The card {CARD} was replaced.", "chunk_chars": chars})
        _, events = streamed(agents["retail"], **asked(f"What of {CARD}?"))
        assert said(events) == f"The card {mask} was replaced." == cited(events)
        assert sent(demo)["input"] == {"text": f"What of {mask}?"}
    demo.simulator.script({"text": f"The card {CARD} was replaced."})
    answer = agents["retail"].retrieve_and_generate(**asked())
    assert answer["output"]["text"] == answer["citations"][0]["generatedResponsePart"]["textResponsePart"]["text"]
    assert mask in answer["output"]["text"]


def test_a_value_that_begins_in_one_citation_and_ends_in_the_next_is_taken_out(demo, watch):
    watch.canary(CARD)
    part = lambda text: {"generatedResponsePart": {"textResponsePart": {"text": text}}, "retrievedReferences": []}
    texts = [f"The card {CARD[:9]}", f"{CARD[9:]} was", " replaced."]
    whole = {"output": {"text": "hello"}, "citations": [part(text) for text in texts], "sessionId": "a-session"}
    demo.simulator.script({"raw_body_base64": base64.b64encode(json.dumps(whole).encode()).decode()})
    answer = test_shapes.post(demo, URL, ASKED)
    assert answer.status == 200
    got = [citation["generatedResponsePart"]["textResponsePart"]["text"] for citation in answer.json()["citations"]]
    assert "".join(got) == "The card {CREDIT_DEBIT_CARD_NUMBER} was replaced."
    for nested in (False, True):
        events = [{"citation": part(text)} if nested else part(text) for text in texts]
        frames = [frame_bytes("output", b'{"text":"hello"}'), *[frame_bytes("citation", json.dumps(event).encode()) for event in events]]
        demo.simulator.script({"raw_body_base64": base64.b64encode(b"".join(frames)).decode()})
        answer = test_shapes.post(demo, URL + "Stream", ASKED)
        events = [json.loads(frame.payload) for frame in answer.frames() if frame.kind == "citation"]
        got = [(event["citation"] if nested else event)["generatedResponsePart"]["textResponsePart"]["text"] for event in events]
        assert "".join(got) == "The card {CREDIT_DEBIT_CARD_NUMBER} was replaced."


@pytest.mark.parametrize("streams", [False, True])
def test_a_value_that_is_all_of_a_citation_is_taken_out_whatever_comes_next(streams, demo, watch):
    """Joined to the next, it would be no value of its kind any more."""
    values = [CARD, "eve.canary@example.com", "DE89370400440532013000", "536-90-4399"]
    part = lambda text: {"generatedResponsePart": {"textResponsePart": {"text": text}}, "retrievedReferences": []}
    for value in values:
        watch.canary(value)
        texts = [f"My SSN, card, IBAN or mail is {value}", "The next", "5 of them."]
        if streams:
            frames = [frame_bytes("citation", json.dumps(part(text)).encode()) for text in texts]
            raw = frame_bytes("output", b'{"text":"hello"}') + b"".join(frames)
        else:
            raw = json.dumps({"output": {"text": "hello"}, "citations": [part(text) for text in texts], "sessionId": "ab"}).encode()
        demo.simulator.script({"raw_body_base64": base64.b64encode(raw).decode()})
        answer = test_shapes.post(demo, URL + ("Stream" if streams else ""), ASKED)
        assert answer.status == 200 and value.encode() not in answer.body, value
        citations = [json.loads(frame.payload) for frame in answer.frames() if frame.kind == "citation"] if streams else answer.json()["citations"]
        joined = "".join(citation["generatedResponsePart"]["textResponsePart"]["text"] for citation in citations)
        # What could begin a value leaves with what comes next, so a text may lose its last word to the next one.
        assert joined.endswith("The next5 of them."), joined


@pytest.mark.parametrize("split", [
    lambda half: ("novel", {"text": half}),
    lambda half: ("output", {"reasoning": half}),
    lambda half: ("citation", {"quote": half}),
    lambda half: ("citation", {"generatedResponsePart": {"textResponsePart": {"novel": half}}}),
    lambda half: ("guardrail", {"why": half}),
])
def test_what_nobody_knows_may_go_on_in_the_next_event(split, demo, watch):
    watch.canary(CARD)
    halves = [f"card {CARD[:9]}", f"{CARD[9:]} end"]
    frames = [frame_bytes(kind, json.dumps(event).encode()) for kind, event in map(split, halves)]
    demo.simulator.script({"raw_body_base64": base64.b64encode(b"".join(frames)).decode()})
    answer = test_shapes.post(demo, URL + "Stream", ASKED)
    assert answer.status == 200 and CARD[9:].strip().encode() not in answer.body


def test_a_conversation_goes_on_with_the_same_model_and_knowledge_base_only(demo, agents, watch):
    first = agents["retail"].retrieve_and_generate(**asked())["sessionId"]
    other_model = asked(configuration=writing(model=MODELS + "amazon.nova-pro-v1:0"), sessionId=first)
    for other in (other_model, {**own_documents(document("a")), "sessionId": first}):
        answer = test_shapes.post(demo, URL, other)
        assert answer.headers["x-amzn-errortype"] == "ValidationException", answer.body
        assert b"sessionId" in answer.body
    assert len(watch.upstream()) == 1


@pytest.mark.parametrize("region", ["us-west-2", "ap-southeast-2", "zz-nowhere-9", ""])
def test_a_model_of_another_region_may_be_another_model(region, demo, watch):
    answer = test_shapes.post(demo, URL, asked(configuration=writing(model=MODELS.replace("us-east-1", region) + NOVA)))
    assert answer.headers["x-amzn-errortype"] == "ResourceNotFoundException", answer.body
    watch.refused("unroutable")


def test_a_conversation_goes_on_for_its_caller_only(demo, agents, watch):
    first = agents["retail"].retrieve_and_generate(**asked())["sessionId"]
    assert not first.startswith("00000000")
    session, _ = streamed(agents["retail"], **asked(sessionId=first))
    known = sent(demo)["sessionId"]
    assert known.startswith("00000000-0000-4000-8000-") and session != known
    agents["retail"].retrieve_and_generate(**asked(sessionId=session))
    assert sent(demo)["sessionId"] == known
    before = len(watch.upstream())
    for client, other in [("markets", first), ("retail", known), ("retail", first[:-1]), ("retail", "ab")]:
        with pytest.raises(ClientError) as refused:
            agents[client].retrieve_and_generate(**asked(sessionId=other))
        assert refused.value.response["Error"]["Code"] in ("ValidationException", "AccessDeniedException")
    assert len(watch.upstream()) == before


def test_a_stream_that_may_not_be_shown_ends_as_a_guardrail_ends_it(demo, agents, watch):
    key = watch.canary("AKIA" + "QYLPMN5HHHFPZAM2")
    demo.simulator.script({"text": f"Use {key} for it. " * 3})
    _, events = streamed(agents["retail"], **asked())
    ends = [event["guardrail"]["action"] for event in events if "guardrail" in event]
    assert key not in said(events) and ends in ([], ["INTERVENED"])


def test_errors_in_a_stream_are_those_that_its_sdk_knows(demo, agents, watch):
    demo.simulator.script({"exception_after": 1, "exception": "throttlingException"})
    with pytest.raises(EventStreamError, match="throttlingException"):
        streamed(agents["retail"], **asked())
    demo.simulator.script({"text": "One two three.", "chunk_chars": 2, "die_after": 3})
    with pytest.raises(EventStreamError, match="dependencyFailedException"):
        streamed(agents["retail"], **asked())


@pytest.mark.parametrize(
    ("configuration", "code", "reason"),
    [
        (writing(model=MODELS + "amazon.nova-v9:0"), "ResourceNotFoundException", "unroutable"),
        (writing(known="KBUNKNOWN1"), "ResourceNotFoundException", "unroutable"),
        (writing(model=NOVA), "ValidationException", "malformed"),
        (writing(known="no id"), "ResourceNotFoundException", "unroutable"),
        (writing(known=None), "ValidationException", "malformed"),
        ({**writing(), "type": "EXTERNAL_SOURCES"}, "ValidationException", "malformed"),
        ({**writing(), "externalSourcesConfiguration": {"modelArn": MODELS + NOVA}}, "ValidationException", "malformed"),
        ({"type": "KNOWLEDGE_BASE"}, "ValidationException", "malformed"),
        ({**writing(), "novel": {}}, "ValidationException", "malformed"),
        (writing(novel=1), "ValidationException", "malformed"),
        (writing(orchestrationConfiguration={"queryTransformationConfiguration": {"modelArn": RERANKER}}), "ValidationException", "malformed"),
        (writing(generationConfiguration={"performanceConfig": {"novel": 1}}), "ValidationException", "malformed"),
        (writing(generationConfiguration={"promptTemplate": {"novel": "t"}}), "ValidationException", "malformed"),
        (writing(generationConfiguration={"guardrailConfiguration": {"novel": "t"}}), "ValidationException", "malformed"),
        (writing(generationConfiguration={"novel": 1}), "ValidationException", "malformed"),
        (writing(orchestrationConfiguration={"inferenceConfig": {"textInferenceConfig": {"maxTokens": "9"}}}), "ValidationException", "malformed"),
        (writing(model=MODELS + "DENIED"), "AccessDeniedException", "no_permit"),
    ],
)
def test_what_may_not_take_part_is_refused(configuration, code, reason, demo, watch):
    body = json.loads(json.dumps(asked(configuration=configuration)).replace("DENIED", demo.denied))
    answer = test_shapes.post(demo, URL, body)
    assert answer.headers["x-amzn-errortype"] == code, answer.body
    watch.refused(reason)


def test_whose_documents_are_found_is_not_the_callers_to_say(demo, watch):
    answer = test_shapes.post(demo, URL, {**ASKED, "userContext": {"userId": "ceo"}})
    assert answer.headers["x-amzn-errortype"] == "ValidationException"
    watch.refused("malformed")


def test_a_key_of_kms_is_not_used_for_callers(demo, watch):
    key = "arn:aws:kms:us-east-1:999999999999:key/00000000-0000-4000-8000-000000000000"
    answer = test_shapes.post(demo, URL, {**ASKED, "sessionConfiguration": {"kmsKeyArn": key}})
    assert answer.headers["x-amzn-errortype"] == "ValidationException"
    watch.refused("malformed")


def test_a_model_that_may_be_called_does_not_open_a_knowledge_base_that_may_not(agents, watch):
    """Another tenant's policy permits it models, and no knowledge base."""
    with pytest.raises(ClientError) as refused:
        agents["research"].retrieve_and_generate(**asked(configuration=writing(model=MODELS + "meta.llama3-70b-instruct-v1:0")))
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    decision = watch.refused()
    assert decision["reason"] in ("no_permit", "policy")


def own_documents(*sources):
    configuration = {"modelArn": MODELS + NOVA, "sources": list(sources)}
    return asked(configuration={"type": "EXTERNAL_SOURCES", "externalSourcesConfiguration": configuration})


def document(text, kind="text/plain"):
    data = base64.b64encode(text.encode()).decode()
    return {"sourceType": "BYTE_CONTENT", "byteContent": {"contentType": kind, "identifier": "notes", "data": data}}


def test_documents_that_callers_bring_along_are_read(demo, watch):
    watch.canary(CARD)
    assert test_shapes.post(demo, URL, own_documents(document(f"card {CARD}"))).status == 200
    (source,) = sent(demo)[WRITING]["externalSourcesConfiguration"]["sources"]
    assert base64.b64decode(source["byteContent"]["data"]) == b"card {CREDIT_DEBIT_CARD_NUMBER}"
    (decision,) = watch.decisions()
    assert "uses" not in decision["question"] and "coverage_gaps" not in decision


@pytest.mark.parametrize(
    ("source", "gaps"),
    [
        (document("%PDF-", "application/pdf"), ["document"]),
        ({"sourceType": "S3", "s3Location": {"uri": "s3://bucket/object"}}, ["document", "reference"]),
    ],
)
def test_what_cannot_be_read_of_them_policy_is_told(source, gaps, demo, watch):
    test_shapes.post(demo, URL, own_documents(source))
    (decision,) = watch.decisions()
    assert sorted(decision["coverage_gaps"]) == gaps


@pytest.mark.timeout(300)
def test_requests(demo, watch, monkeypatch):
    monkeypatch.setattr(test_shapes, "MODEL", agent_model())
    test_shapes.requests_table("retrieveandgenerate-requests", "RetrieveAndGenerate", URL, ASKED, demo, watch)


@pytest.mark.timeout(300)
def test_answers(demo, watch, monkeypatch):
    monkeypatch.setattr(test_shapes, "MODEL", agent_model())
    test_shapes.answers_table("retrieveandgenerate-answers", "RetrieveAndGenerate", URL, ASKED, demo)


def of_event(demo, path, kind, text):
    body = test_shapes.placed(path[1:], kind, text)
    if body is None:
        return "-"
    frames = [
        frame_bytes("output", b'{"text":"before "}'),
        frame_bytes(path[0], json.dumps(body).encode()),
        frame_bytes("output", b'{"text":" behind"}'),
    ]
    demo.simulator.script({"raw_body_base64": base64.b64encode(b"".join(frames)).decode()})
    answer = test_shapes.post(demo, URL + "Stream", ASKED)
    assert not test_shapes.shows(answer.body, text), f"{path} lets a {kind} through: {text[:8]}"
    whole = b"behind" in answer.body and b"withheld by policy" not in answer.body
    return "taken out" if whole else "cut"


@pytest.mark.timeout(300)
def test_events(demo, watch):
    shape = agent_model().operation_model("RetrieveAndGenerateStream").output_shape.members["stream"]
    events = [(path, kind) for path, kind in test_shapes.leaves(shape) if not path[0].endswith("Exception")]
    rows = [(test_shapes.told(path), kind, [of_event(demo, path, kind, text) for text in test_shapes.VALUES.values()]) for path, kind in events]
    test_shapes.table("retrieveandgenerate-events", rows)
