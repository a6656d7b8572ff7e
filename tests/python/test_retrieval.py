"""What knowledge bases give: by boto3, to whom policy lets, of their own documents, without what may not be shown."""

import json
import os

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

import test_shapes
from gateway import body_of
from test_sdk import CARD

KNOWN = "KBP4L1S4D3"
URL = f"/knowledgebases/{KNOWN}/retrieve"
ASKED = {"retrievalQuery": {"text": "hello"}}
OWN = {"equals": {"key": "tenant", "value": "retail"}}
OTHER = {"equals": {"key": "tenant", "value": "markets"}}
NEW = {"greaterThan": {"key": "year", "value": 2025}}


@pytest.fixture
def agents(demo, monkeypatch):
    """A client of each tenant, by environment variables."""
    made = {}
    for tenant in ("retail", "markets", "research"):
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME", demo.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", demo.tenants[tenant].access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", demo.tenants[tenant].secret_access_key)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        made[tenant] = boto3.Session().client("bedrock-agent-runtime")
    yield made
    for client in made.values():
        client.close()


def texts(answer):
    return [result["content"]["text"] for result in answer["retrievalResults"]]


def retrieve(client, text="how soon?", known=KNOWN, **search):
    configuration = {"retrievalConfiguration": {"vectorSearchConfiguration": search}} if search else {}
    return client.retrieve(knowledgeBaseId=known, retrievalQuery={"text": text}, **configuration)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, 2),
        ({"numberOfResults": 3}, 2),
        ({"filter": NEW}, 1),
        ({"filter": OTHER}, 0),
        ({"filter": {"orAll": [OTHER, OWN]}}, 2),
        ({"filter": {"orAll": [OTHER, NEW]}}, 1),
        ({"filter": {"andAll": [OWN, NEW]}}, 1),
        ({"filter": {"notEquals": {"key": "tenant", "value": "retail"}}}, 0),
    ],
)
def test_a_tenant_gets_its_own_documents_whatever_filter_it_sends(search, found, agents, watch):
    answer = retrieve(agents["retail"], **search)
    assert len(texts(answer)) == found
    assert all(text.startswith("Cards are replaced") for text in texts(answer))
    (decision,) = watch.decisions()
    assert (decision["action"], decision["model"]["id"], decision["effect"]) == ("Retrieve", KNOWN, "allow")


def test_a_filter_of_the_other_kind_of_search_is_confined_too(demo, agents, watch):
    configuration = {"managedSearchConfiguration": {"filter": {"orAll": [OTHER, OWN]}, "rerankingModelType": "NONE"}}
    answer = agents["retail"].retrieve(knowledgeBaseId=KNOWN, retrievalQuery={"text": "q"}, retrievalConfiguration=configuration)
    assert len(texts(answer)) == 2
    sent = json.loads(body_of(demo.simulator.received()[-1]))
    assert sent["retrievalConfiguration"]["managedSearchConfiguration"]["filter"]["andAll"][0] == OWN


def test_what_may_not_go_to_a_knowledge_base_or_come_from_it_is_taken_out(demo, agents, watch):
    watch.canary(CARD)
    demo.simulator.script({"text": f"The card {CARD} was replaced."})
    answer = retrieve(agents["retail"], f"What of {CARD}?")
    assert texts(answer)[0] == "The card {CREDIT_DEBIT_CARD_NUMBER} was replaced."
    sent = json.loads(body_of(demo.simulator.received()[-1]))
    assert sent["retrievalQuery"] == {"text": "What of {CREDIT_DEBIT_CARD_NUMBER}?"}
    assert watch.decisions()[-1]["effect"] == "allow_modified"


def refused(client, **more):
    with pytest.raises(ClientError) as error:
        retrieve(client, **more)
    return error.value.response["Error"]["Code"]


def test_whoever_may_not_is_refused(agents, watch):
    assert refused(agents["research"]) == "AccessDeniedException"
    watch.refused("no_permit")


def test_a_knowledge_base_that_is_not_registered_is_not_reached(agents, watch):
    assert refused(agents["retail"], known="KBUNKNOWN1") == "ResourceNotFoundException"
    watch.refused("unroutable")


MODELS = "arn:aws:bedrock:us-east-1::foundation-model/"
RERANKER = MODELS + "cohere.rerank-v3-5:0"
FILTERED = {"metadataAttributes": [{"key": "year", "type": "NUMBER", "description": "when"}]}


def ranked_by(arn):
    return {
        "type": "BEDROCK_RERANKING_MODEL",
        "bedrockRerankingConfiguration": {
            "modelConfiguration": {"modelArn": arn},
            "numberOfRerankedResults": 3,
            "metadataConfiguration": {"selectionMode": "ALL"},
        },
    }


def filtered_by(arn):
    return {**FILTERED, "modelArn": arn}


def used(decision):
    return [(used["action"], used["id"]) for used in decision["question"]["uses"]]


def test_policy_is_asked_about_models_that_take_part_in_a_search(demo, agents, watch):
    nova = MODELS + "amazon.nova-lite-v1:0"
    search = {"rerankingConfiguration": ranked_by(RERANKER), "implicitFilterConfiguration": filtered_by(nova)}
    assert len(texts(retrieve(agents["retail"], **search))) == 2
    (decision,) = watch.decisions()
    assert (decision["action"], decision["model"]["id"]) == ("Retrieve", KNOWN)
    assert used(decision) == [("Rerank", "cohere.rerank-v3-5:0"), ("InvokeModel", "amazon.nova-lite-v1:0")]
    sent = json.loads(body_of(demo.simulator.received()[-1]))
    assert sent["retrievalConfiguration"]["vectorSearchConfiguration"] == {**search, "filter": OWN}


def test_a_managed_search_may_name_the_model_that_reranks(agents, watch):
    search = {"rerankingModelType": "CUSTOM", "rerankingConfiguration": ranked_by(RERANKER)}
    asked = {"retrievalConfiguration": {"managedSearchConfiguration": search}}
    assert len(texts(agents["retail"].retrieve(knowledgeBaseId=KNOWN, retrievalQuery={"text": "q"}, **asked))) == 2
    assert used(watch.decisions()[-1]) == [("Rerank", "cohere.rerank-v3-5:0")]


@pytest.mark.parametrize(
    ("part", "by"), [("rerankingConfiguration", ranked_by), ("implicitFilterConfiguration", filtered_by)]
)
@pytest.mark.parametrize(
    ("model", "code", "reason"),
    [
        (MODELS + "anthropic.claude-v9:0", "ResourceNotFoundException", "unroutable"),
        ("amazon.nova-lite-v1:0", "ValidationException", "malformed"),
        (None, "ValidationException", "malformed"),
        (MODELS + "FORBIDDEN", "AccessDeniedException", "policy"),
    ],
)
def test_a_model_that_may_not_take_part_in_a_search_is_refused_by_name(part, by, model, code, reason, demo, watch):
    model = model and model.replace("FORBIDDEN", demo.denied)
    search = {"vectorSearchConfiguration": {part: by(model)}}
    answer = test_shapes.post(demo, URL, {**ASKED, "retrievalConfiguration": search})
    assert answer.headers["x-amzn-errortype"] == code, answer.body
    decision = watch.refused(reason)
    if code == "ValidationException":
        assert f"retrievalConfiguration.vectorSearchConfiguration.{part}" in answer.body.decode()
    if code == "AccessDeniedException":
        assert demo.denied in answer.body.decode()
        assert used(decision) == [("Rerank" if by is ranked_by else "InvokeModel", demo.denied)]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("userContext", {"userId": "ceo"}),
        ("RetrievalConfiguration", {}),
        ("retrievalConfiguration", {"kendraSearchConfiguration": {}}),
        ("retrievalConfiguration", {"vectorSearchConfiguration": {"novel": 1}}),
        ("retrievalConfiguration", {"managedSearchConfiguration": {}}),
        ("retrievalConfiguration", {"managedSearchConfiguration": {"rerankingModelType": "MANAGED"}}),
        ("retrievalConfiguration", {"managedSearchConfiguration": {"rerankingModelType": "CUSTOM"}}),
        ("retrievalConfiguration", {"vectorSearchConfiguration": {"rerankingConfiguration": {"novel": 1}}}),
        ("retrievalConfiguration", {"vectorSearchConfiguration": {"rerankingConfiguration": {**ranked_by(RERANKER), "novel": 1}}}),
        ("retrievalConfiguration", {"vectorSearchConfiguration": {"implicitFilterConfiguration": {**filtered_by(RERANKER), "novel": 1}}}),
        ("retrievalConfiguration", []),
    ],
)
def test_what_could_find_more_than_may_be_found_is_refused(member, value, demo, watch):
    answer = test_shapes.post(demo, URL, {**ASKED, member: value})
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "ValidationException"), answer.body
    watch.refused("malformed")


def test_nulls_are_as_good_as_nothing(demo, watch):
    search = {"rerankingModelType": "NONE", "filter": None, "rerankingConfiguration": None}
    asked = {**ASKED, "retrievalConfiguration": {"vectorSearchConfiguration": None, "managedSearchConfiguration": search}}
    assert test_shapes.post(demo, URL, asked).status == 200
    sent = json.loads(body_of(demo.simulator.received()[-1]))["retrievalConfiguration"]
    assert sent["vectorSearchConfiguration"] is None and sent["managedSearchConfiguration"]["filter"] == OWN


@pytest.mark.parametrize("path", ["/knowledgebases/KBP4L1S4D3/retrieve/", "/knowledgebases/KBP4L1S4D33/retrieve", "/knowledgebases/KB%2e/retrieve", "/knowledgebases//retrieve", "/knowledgebases/KBP4L1S4D3/generateQuery"])
def test_other_paths_lead_nowhere(path, demo, watch):
    answer = test_shapes.post(demo, path, ASKED)
    assert answer.status in (400, 404) and answer.headers["x-amzn-errortype"] in ("ValidationException", "ResourceNotFoundException")
    watch.refused("unroutable")


def rerank(client, query, texts, model=RERANKER):
    return client.rerank(**reranking(query, texts, model))


def reranking(query, texts, model=RERANKER):
    sources = [{"type": "INLINE", "inlineDocumentSource": {"type": "TEXT", "textDocument": {"text": text}}} for text in texts]
    configuration = {"modelConfiguration": {"modelArn": model}}
    return {
        "queries": [{"type": "TEXT", "textQuery": {"text": query}}],
        "sources": sources,
        "rerankingConfiguration": {"type": "BEDROCK_RERANKING_MODEL", "bedrockRerankingConfiguration": configuration},
    }


def test_texts_are_ordered_by_a_model(agents, watch):
    answer = rerank(agents["retail"], "lost cards", ["filings are due", "lost cards are replaced"])
    assert [result["index"] for result in answer["results"]] == [1, 0]
    (decision,) = watch.decisions()
    assert (decision["action"], decision["model"]["id"], decision["effect"]) == ("Rerank", "cohere.rerank-v3-5:0", "allow")
    assert decision["model"]["alias"] == RERANKER


def test_what_is_found_in_texts_and_queries_does_not_reach_the_model(demo, agents, watch):
    watch.canary(CARD)
    rerank(agents["retail"], f"card {CARD}", [f"The card {CARD} was replaced."])
    sent = json.loads(body_of(demo.simulator.received()[-1]))
    assert sent == reranking("card {CREDIT_DEBIT_CARD_NUMBER}", ["The card {CREDIT_DEBIT_CARD_NUMBER} was replaced."])


@pytest.mark.parametrize(
    ("tenant", "model", "code", "reason"),
    [
        ("retail", RERANKER.replace("rerank-v3-5", "rerank-v9"), "ResourceNotFoundException", "unroutable"),
        ("retail", "cohere.rerank-v3-5:0", "ValidationException", "malformed"),
        ("retail", "arn:aws:s3:::bucket", "ResourceNotFoundException", "unroutable"),
        ("markets", RERANKER.replace("cohere.rerank-v3-5:0", "meta.llama3-70b-instruct-v1:0"), "AccessDeniedException", "no_permit"),
    ],
)
def test_other_models_are_refused(tenant, model, code, reason, agents, watch):
    with pytest.raises(ClientError) as refused:
        rerank(agents[tenant], "q", ["t"], model)
    assert refused.value.response["Error"]["Code"] == code
    watch.refused(reason)


WALKS = {
    "Retrieve": (URL, ASKED),
    "Rerank": ("/rerank", reranking("hello", ["hello"])),
}


@pytest.mark.parametrize("operation", WALKS)
@pytest.mark.timeout(300)
def test_requests(operation, demo, watch, monkeypatch):
    monkeypatch.setattr(test_shapes, "MODEL", agent_model())
    test_shapes.requests_table(f"{operation.lower()}-requests", operation, *WALKS[operation], demo, watch)


@pytest.mark.parametrize("operation", WALKS)
@pytest.mark.timeout(300)
def test_answers(operation, demo, watch, monkeypatch):
    monkeypatch.setattr(test_shapes, "MODEL", agent_model())
    test_shapes.answers_table(f"{operation.lower()}-answers", operation, *WALKS[operation], demo)


def agent_model():
    return botocore.session.get_session().get_service_model("bedrock-agent-runtime")
