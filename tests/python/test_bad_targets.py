"""Attacks on paths, models and regions: each is refused with its own error, or goes no further."""

import json

import pytest

from test_bad_framing import refused
from test_bad_http import BODY, JSON, LENGTH, auth, send, target
from test_provider import last
from test_provider import post as post_signed
from wire import bearer, call, path_of, signed

KIND = {"content-type": "application/json"}
ACCOUNT = "9" * 12
BEDROCK = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:"


FOUNDATION = "arn:aws:bedrock:us-east-1::foundation-model/"


SPELLINGS = {
    "raw": lambda arn: arn,
    "slash": lambda arn: arn.replace("/", "%2F"),
    "all": lambda arn: arn.replace("/", "%2f").replace(":", "%3a"),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_of_an_arn_is_one(spelling, demo, watch):
    """The same answer and the same path upstream, for a model that is allowed and for one that is not."""
    assert send(demo, JSON, auth(demo), LENGTH, path=f"/model/{spelling(FOUNDATION + demo.allowed)}/converse").status == 200
    (received,) = watch.upstream()
    assert received["path"] == path_of(demo.allowed, "converse")
    answer = send(demo, JSON, auth(demo), LENGTH, path=f"/model/{spelling(FOUNDATION + demo.denied)}/converse")
    assert (answer.status, answer.error) == (403, "AccessDeniedException")
    assert len(watch.upstream()) == 1
    decision, _ = watch.settle()[-1]
    assert (decision["reason"], decision["model"]["id"]) == ("no_permit", demo.denied)


MESSAGES = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 9}
PROTOCOLS = {
    "/v1/chat/completions": MESSAGES,
    "/openai/v1/chat/completions": MESSAGES,
    "/v1/messages": MESSAGES,
    "/anthropic/v1/messages": MESSAGES,
    "/v1/responses": {"input": "hi"},
}
# What stands in the place of `model`, and how that is refused.
NAMED_TWICE = {
    "twice": ('"model":"{allowed}","model":"{denied}"', 400, "malformed"),
    "twice_the_same": ('"model":"{allowed}","model":"{allowed}"', 400, "malformed"),
    "twice_in_disguise": ('"model":"{allowed}","mod\\u0065l":"{denied}"', 400, "malformed"),
    "in_a_list": ('"model":["{allowed}","{denied}"]', 400, "malformed"),
    "in_another_case": ('"Model":"{allowed}"', 400, "malformed"),
    "with_a_null": ('"model":"{allowed}\\u0000"', 404, "unroutable"),
    "with_a_path": ('"model":"{allowed}/../{denied}"', 404, "unroutable"),
    "with_a_line_break": ('"model":"x\\r\\nx-evil: 1"', 404, "unroutable"),
}


@pytest.mark.parametrize("path", PROTOCOLS)
@pytest.mark.parametrize("name", NAMED_TWICE)
def test_refuses_a_body_that_names_its_model(name, path, demo, watch):
    members, status, reason = NAMED_TWICE[name]
    rest = json.dumps(PROTOCOLS[path])[1:]
    body = "{" + members.format(allowed=demo.allowed, denied=demo.denied) + "," + rest
    answer = call(demo, path, body.encode(), {**KIND, **bearer(demo)})
    assert answer.status == status
    assert answer.json()["error"]["type"] in ("invalid_request_error", "not_found_error")
    assert "x-evil" not in answer.headers
    assert not watch.upstream()
    watch.refused(reason)


DEPUTIES = {
    "a_profile": f"{BEDROCK}inference-profile/us.amazon.nova-lite-v1:0",
    "an_application_profile": f"{BEDROCK}application-inference-profile/abcdef123456",
    "provisioned_throughput": f"{BEDROCK}provisioned-model/abcdef123456",
    "a_custom_model": f"{BEDROCK}custom-model/amazon.nova-lite-v1:0/abcdef123456",
    "an_imported_model": f"{BEDROCK}imported-model/abcdef123456",
    "a_prompt": f"{BEDROCK}prompt/PROMPT1234:3",
    "a_router": f"{BEDROCK}default-prompt-router/anthropic.claude:1",
    "an_endpoint": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/retail-chat",
    "the_endpoint_of_another_tenant": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/markets-chat",
}


@pytest.mark.parametrize("operation", ["converse", "invoke-with-response-stream"])
@pytest.mark.parametrize("name", DEPUTIES)
def test_what_another_account_has_is_not_reached(name, operation, demo, watch):
    answer = call(demo, path_of(DEPUTIES[name], operation), BODY, {**KIND, **bearer(demo)})
    refused(answer, watch, 404, "ResourceNotFoundException", "unroutable")


REGIONS = ["us-east-1.evil.com#", "us-east-1.evil.com", "us-east-1@evil.com", "us_east_1", "us-east-1/..", "", "*", "us-east-1%23"]


@pytest.mark.parametrize("region", REGIONS)
def test_refuses_an_arn_of_a_region_that_is_none(region, demo, watch):
    model = f"arn:aws:bedrock:{region}::foundation-model/{demo.allowed}"
    answer = call(demo, path_of(model, "converse"), BODY, {**KIND, **bearer(demo)})
    refused(answer, watch, 400, "ValidationException", "unroutable")


@pytest.mark.parametrize("where", ["aws:bedrock:us-west-2", "aws:bedrock:ap-south-1", "aws-cn:bedrock:cn-north-1", "aws-us-gov:bedrock:us-gov-west-1"])
def test_the_region_of_an_arn_goes_no_further(where, demo, watch):
    """Where the provider is stands in the configuration alone."""
    answer = call(demo, path_of(f"arn:{where}::foundation-model/{demo.allowed}", "converse"), BODY, {**KIND, **bearer(demo)})
    assert answer.status == 200
    (received,) = watch.upstream()
    assert received["path"] == path_of(demo.allowed, "converse")
    assert where.rpartition(":")[2] not in json.dumps(received["headers"])


@pytest.mark.parametrize("region", ["us-east-1.evil.com#", "evil.com/x", "../x", "us-east-1@evil.com"])
def test_refuses_a_signature_for_a_region_that_is_none(region, demo, watch):
    headers = signed(demo, "retail", target(demo), BODY, KIND, region=region)
    refused(call(demo, target(demo), BODY, headers), watch, 403, "IncompleteSignatureException", "authentication")


def test_the_region_that_a_client_signs_for_goes_no_further(demo, watch):
    headers = signed(demo, "retail", target(demo), BODY, KIND, region="ap-south-1")
    assert call(demo, target(demo), BODY, headers).status == 200
    (received,) = watch.upstream()
    assert "/us-east-1/bedrock/" in dict(received["headers"])["authorization"]
    assert "ap-south-1" not in json.dumps(received["headers"])


ENDPOINTS = [
    "{}%40evil.com%2F", "{}@evil.com", "{}%40evil.com", "..", "%2e%2e", "..%2F{}", "x%2F..%2F{}", "{}.evil.com", "{}:443", "{}%23", "{}%3Fx",
    "{}%00", "{}%20", "{}%0d%0ax-evil:1", "http:%2F%2Fevil.com", "%EF%BC%8F{}", "{}\\",
]  # fmt: skip


@pytest.mark.parametrize("spelling", ENDPOINTS)
@pytest.mark.parametrize("operation", ["invocations", "invocations-response-stream", "async-invocations"])
def test_refuses_an_endpoint_by_the_name_of(operation, spelling, demo, watch):
    name = spelling.format(demo.env["ENDPOINT"])
    answer = send(demo, JSON, auth(demo), LENGTH, path=f"/endpoints/{name}/{operation}")
    assert "x-evil" not in answer.headers
    refused(answer, watch, 400, "ValidationError", "unroutable")


PROFILES = """
[[model]]
id = "eu.amazon.nova-lite-v1:0"
groups = ["general-purpose"]
provider = "amazon"
family = "nova"
modalities = ["text"]
lifecycle = "approved"
jurisdictions = {}
classification_max = 2
"""


@pytest.mark.unwatched
@pytest.mark.parametrize("places, status", [(["EU"], 200), (["EU", "US"], 403), (["US"], 403)], ids=["all", "one_of_two", "none"])
def test_a_profile_is_allowed_where_every_place_of_it_is(places, status, serve):
    def register(folder):
        registry = folder / "registry.toml"
        registry.write_text(registry.read_text() + PROFILES.format(json.dumps(places)))

    served = serve(prepare=register)
    served.allowed = "eu.amazon.nova-lite-v1:0"
    answer = post_signed(served)
    decision, _ = last(served)
    assert answer.status == status and len(served.provider.requests) == (status == 200)
    if status == 403:
        assert answer.error == "AccessDeniedException"
        assert (decision["effect"], decision["reason"], decision["determining"]) == ("deny", "policy", ["eu-residency"])
