"""Which models there are, as SDKs ask it: from the registry, and only what the caller may use."""

import json
import re
import subprocess

import boto3
import botocore.exceptions
import anthropic
import openai
import pytest
from botocore.config import Config

from gateway import binary, replays, verified, wait_for
from served import Provider, Served
from test_provider import post
from wire import bearer, call, signed

pytestmark = pytest.mark.unwatched

LITE, PRO = "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0"
OPUS, LLAMA = "anthropic.claude-3-opus-20240229-v1:0", "meta.llama3-70b-instruct-v1:0"
PROFILE = "eu.amazon.nova-lite-v1:0"
BEHIND = [f"arn:aws:bedrock:{region}::foundation-model/{LITE}" for region in ("eu-central-1", "eu-west-1")]
MORE = f'''
[[model]]
id = "{PROFILE}"
name = "EU Nova Lite"
models = {json.dumps(BEHIND)}
groups = ["general-purpose"]
provider = "amazon"
family = "nova"
modalities = ["text", "image"]
lifecycle = "approved"
jurisdictions = ["EU"]
classification_max = 4

[[model]]
id = "us.meta.other-v1:0"
groups = ["research-only"]
provider = "meta"
family = "llama"
modalities = ["text"]
lifecycle = "approved"
jurisdictions = ["US"]
classification_max = 1

[[alias]]
id = "chat"
model = "{PRO}"

[[alias]]
id = "ours"
model = "{LITE}"
tenant = "markets"
'''


def more(folder):
    registry = folder / "registry.toml"
    registry.write_text(registry.read_text() + MORE)


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path / "one", Provider(), prepare=more)
    yield served
    served.end()
    verified(served.folder / "audit")
    replays(served.folder / "audit")


def client(served, tenant="retail"):
    who = served.tenants[tenant]
    return boto3.client(
        "bedrock",
        endpoint_url=served.url,
        region_name="eu-central-1",
        aws_access_key_id=who.access_key_id,
        aws_secret_access_key=who.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def models(served, tenant="retail", **filters):
    return [model["modelId"] for model in client(served, tenant).list_foundation_models(**filters)["modelSummaries"]]


def profiles(served, tenant="retail", **page):
    listed = client(served, tenant).get_paginator("list_inference_profiles").paginate(**page)
    return [profile["inferenceProfileId"] for page in listed for profile in page["inferenceProfileSummaries"]]


def change(served, old, new):
    file = served.folder / "registry.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("tenant", ["retail", "markets", "research"])
def test_what_is_listed_is_what_can_be_called(served, tenant):
    registered = re.findall(r'\[\[model\]\]\nid = "(.*?)"', (served.folder / "registry.toml").read_text())
    callable_ones = set()
    for served.allowed in registered:
        if post(served, tenant=tenant).status == 200:
            callable_ones.add(served.allowed)
    listed = models(served, tenant) + profiles(served, tenant)
    assert len(listed) == len(set(listed)) and set(listed) == callable_ones
    for id in registered:
        for get, name in (("get_foundation_model", "modelIdentifier"), ("get_inference_profile", "inferenceProfileIdentifier")):
            try:
                getattr(client(served, tenant), get)(**{name: id})
                assert id in listed
            except botocore.exceptions.ClientError as error:
                assert error.response["Error"]["Code"] == "ResourceNotFoundException"
                assert id not in listed or (get == "get_foundation_model") == (id in profiles(served, tenant))


def test_they_are_told_in_the_shapes_of_aws(served):
    [lite] = [model for model in client(served).list_foundation_models(byProvider="Amazon")["modelSummaries"] if model["modelId"] == LITE]
    assert lite == {
        "modelArn": f"arn:aws:bedrock:eu-central-1::foundation-model/{LITE}",
        "modelId": LITE,
        "modelName": LITE,
        "providerName": "Amazon",
        "inputModalities": ["TEXT", "IMAGE"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": True,
        "customizationsSupported": [],
        "inferenceTypesSupported": ["ON_DEMAND"],
        "modelLifecycle": {"status": "ACTIVE"},
    }
    assert client(served).get_foundation_model(modelIdentifier=LITE)["modelDetails"] == lite
    assert client(served).get_foundation_model(modelIdentifier=lite["modelArn"])["modelDetails"]["modelArn"] == lite["modelArn"]
    profile = client(served).get_inference_profile(inferenceProfileIdentifier=PROFILE)
    del profile["ResponseMetadata"]
    assert profile == {
        "inferenceProfileName": "EU Nova Lite",
        "inferenceProfileArn": f"arn:aws:bedrock:eu-central-1::inference-profile/{PROFILE}",
        "inferenceProfileId": PROFILE,
        "models": [{"modelArn": arn} for arn in BEHIND],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }
    assert models(served, byOutputModality="EMBEDDING") == models(served, byProvider="Meta") == []
    assert profiles(served, "research", PaginationConfig={"PageSize": 1}) == [PROFILE, "us.meta.other-v1:0"]
    assert profiles(served, "research", typeEquals="APPLICATION") == []
    change(served, 'lifecycle = "approved"            # candidate', 'lifecycle = "deprecated"\nend_of_life = "2099-12-31" #')
    get = lambda: client(served).get_foundation_model(modelIdentifier=LITE)["modelDetails"]["modelLifecycle"]
    wait_for("it to be deprecated", lambda: get()["status"] == "LEGACY")
    assert get()["endOfLifeTime"].isoformat() == "2099-12-31T23:59:59+00:00"


def test_a_profile_and_an_arn_are_the_model_behind_them(served):
    """To policy and to the record; the provider gets what was asked for, but for an ARN."""
    arn = client(served).get_inference_profile(inferenceProfileIdentifier=PROFILE)["inferenceProfileArn"]
    spellings = {PROFILE: PROFILE, arn: PROFILE, LITE: LITE, BEHIND[0]: LITE, BEHIND[1]: LITE}
    for served.allowed, sent in spellings.items():
        assert post(served).status == 200, served.allowed
        assert served.provider.requests[-1].path == f"/model/{sent.replace(':', '%3A')}/converse"
        model = served.pairs()[-1][0]["model"]
        assert (model["id"], model.get("alias")) == (LITE, None if served.allowed == LITE else served.allowed)
    # The profile may see class 4, what is behind it 2: the lower one counts.
    change(served, "classification = 1 ", "classification = 3 ")
    wait_for("the class to count", lambda: post(served).status == 403)
    for served.allowed in spellings:
        assert post(served).status == 403, served.allowed
    assert models(served) == [] == profiles(served)
    change(served, "classification = 3 ", "classification = 1 ")
    wait_for("it to be as before", lambda: post(served).status == 200)
    change(served, 'lifecycle = "approved"            # candidate', 'lifecycle = "end_of_life" #')
    for served.allowed in spellings:
        wait_for("its end", lambda: post(served).status == 403)
        assert served.pairs()[-1][0]["determining"] == ["model-lifecycle"]
    assert profiles(served) == []


def test_a_policy_that_names_a_model_means_all_ways_to_it(served, tmp_path):
    bundle = served.folder / "bundle"
    assert subprocess.run([binary(), "policy", "new", bundle], timeout=60).returncode == 0
    (bundle / "policies" / "mine.cedar").write_text(
        f'@id("no-lite")\n@owner("us")\n@description("Nobody may.")\nforbid (principal, action in Palisade::Action::"Invoke", resource == Palisade::Model::"{LITE}")\nwhen {{ context.base.clientIp.isLoopback() }};\n'
    )
    served.config.write_text(served.config.read_text() + f'[policy]\nbundle = "{bundle}"\n')
    for served.allowed in (LITE, PROFILE, BEHIND[0]):
        wait_for("the policy", lambda: post(served).status == 403)
        assert served.pairs()[-1][0]["determining"] == ["no-lite"]
    served.allowed = PRO
    assert post(served).status == 200
    assert LITE not in models(served) and profiles(served) == []


def test_tools_of_openai_list_them_too(demo):
    """With a bearer token; aliases are names like others."""
    asked = openai.OpenAI(base_url=demo.url + "/openai/v1", api_key=demo.tenants["retail"].jwt, max_retries=0)
    listed = [model.id for model in asked.models.list()]
    assert LITE in listed and LLAMA not in listed
    assert asked.models.retrieve(LITE).owned_by == "amazon"
    with pytest.raises(openai.NotFoundError):
        asked.models.retrieve(LLAMA)
    with pytest.raises((openai.AuthenticationError, openai.PermissionDeniedError)):
        openai.OpenAI(base_url=demo.url + "/v1", api_key="none", max_retries=0).models.list()


def test_each_question_is_recorded(served):
    client(served, "markets").list_foundation_models()
    decision, completion = served.pairs()[-1]
    assert (decision["action"], decision["effect"], decision["reason"], decision["tenant"]) == (
        "ListFoundationModels", "allow", "policy", "markets",
    )
    assert completion["end"] == "completed" and completion["client_status"] == 200
    with pytest.raises(botocore.exceptions.ClientError):
        client(served).get_foundation_model(modelIdentifier=OPUS)
    decision, _ = served.pairs()[-1]
    assert (decision["action"], decision["effect"], decision["reason"]) == ("GetFoundationModel", "deny", "unroutable")


def test_aliases_are_told_to_whom_they_belong(served):
    def names(tenant):
        answer = call(served, "/v1/models", b"", signed(served, tenant, "/v1/models", b"", {}, method="GET"), method="GET")
        assert answer.status == 200, answer.body
        return {model["id"] for model in json.loads(answer.body)["data"]}

    assert "chat" in names("retail") and "ours" not in names("retail")
    assert {"chat", "ours"} <= names("markets")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/foundation-models?byProvider=%00", 400),
        ("GET", "/inference-profiles?maxResults=0", 400),
        ("GET", "/inference-profiles?maxResults=1001", 400),
        ("GET", "/inference-profiles?nextToken=%20", 400),
        ("GET", "/foundation-models/..%2f", 400),
        ("GET", "/foundation-models/", 400),
        ("POST", "/foundation-models", 404),
        ("GET", "/foundation-models/x/y", 400),
        ("GET", "/foundation-modelsx", 404),
    ],
)
def test_what_is_no_question_is_refused(demo, method, path, status):
    answer = call(demo, path, b"", bearer(demo), method=method)
    assert answer.status == status, answer.body


def test_tools_of_anthropic_list_them_too_and_endpoints_that_chat_are_among_them(demo):
    jwt = demo.tenants["retail"].jwt
    given = {}
    for base in ("", "/anthropic"):
        asked = anthropic.Anthropic(base_url=demo.url + base, auth_token=jwt, max_retries=0)
        page = asked.models.list()
        given[base] = [model.id for model in page]
        assert page.has_more is False and page.first_id == given[base][0] and page.last_id == given[base][-1]
        one = asked.models.retrieve(demo.allowed)
        assert (one.id, one.type) == (demo.allowed, "model") and one.display_name
        with pytest.raises(anthropic.NotFoundError):
            asked.models.retrieve("anthropic.claude-3-opus-20240229-v1:0")
    told = [model.id for model in openai.OpenAI(base_url=demo.url + "/v1", api_key=jwt, max_retries=0).models.list()]
    assert given[""] == given["/anthropic"] == told
    # Retail's own endpoint, and not that of another tenant.
    assert demo.env["ENDPOINT"] in told and demo.env["FOREIGN_ENDPOINT"] not in told
    retail = openai.OpenAI(base_url=demo.url + "/v1", api_key=jwt, max_retries=0)
    assert retail.models.retrieve(demo.env["ENDPOINT"]).id == demo.env["ENDPOINT"]
    with pytest.raises(openai.NotFoundError):
        retail.models.retrieve(demo.env["FOREIGN_ENDPOINT"])
