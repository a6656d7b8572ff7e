"""Policy that is only watched: nothing is refused or changed, records say what would have been, credentials stay inside."""

import json
import shutil
import time

import pytest

from gateway import ROOT, wait_for
from served import Provider, Served
from test_limits import metric
from test_provider import JSON, chunk, last, plays, post, stream_head
from test_reload import CLOSED, reloads, rules
from test_upstream import delta
from wire import call, converse, decode, path_of, signed

pytestmark = pytest.mark.unwatched
ADA = "ada.canary@example.org"
KEY = "AKIA" + "QYLPMN5HHHFPZAM2"
BLOCKED = """@id("no-addresses")
forbid (principal, action in [Palisade::Action::"Disclose", Palisade::Action::"Reveal"], resource)
when { context.category in Palisade::DataCategory::"EMAIL" };
"""


def with_bundle(tmp_path, policy, *policies):
    """A gateway on a copy of the bundle that ships, with these policies beside."""
    bundle = tmp_path / "bundle"
    shutil.copytree(ROOT / "policies" / "default", bundle, ignore=shutil.ignore_patterns("tests"))
    for number, text in enumerate(policies):
        (bundle / "policies" / f"more-{number}.cedar").write_text(text)
    return Served(tmp_path / "one", Provider(), upstream=f'[policy]\nbundle = "{bundle}"\n{policy}')


@pytest.fixture
def watched(tmp_path):
    started = []

    def start(*policies, policy="log_only = true"):
        started.append(with_bundle(tmp_path, policy, *policies))
        return started[-1]

    yield start
    for served in started:
        served.end()


def sent(served):
    return served.provider.requests[-1].body.decode()


def test_a_call_that_nobody_permits_goes_on_and_its_record_says_so(watched):
    served = watched(CLOSED)
    assert post(served).status == 200
    decision, completion = last(served)
    assert (decision["effect"], decision["reason"], decision["determining"]) == ("deny", "policy", ["closed"])
    assert decision["log_only"] is True and completion["end"] == "completed"
    assert sent(served) == converse("hello").decode()


def test_a_model_that_no_permit_names_is_reached(watched, tmp_path):
    served = watched()
    for file in (tmp_path / "bundle" / "policies").iterdir():
        file.write_text("")
    (tmp_path / "bundle" / "policies" / "one.cedar").write_text('@id("one")\npermit (principal in Palisade::Tenant::"markets", action, resource);')
    shutil.rmtree(tmp_path / "bundle" / "invariants", ignore_errors=True)
    wait_for("the bundle to be in force", lambda: reloads(served, "adopted"))
    assert post(served).status == 200
    decision, _ = last(served)
    assert (decision["effect"], decision["reason"], decision["log_only"]) == ("deny", "no_permit", True)


def test_findings_pass_as_they_are_and_are_recorded_as_policy_treats_them(watched):
    served = watched(BLOCKED)
    plays(served, b"".join(stream(f"write to {ADA}")))
    got = post(served, "converse-stream", converse(f"I am {ADA}"))
    said = "".join(frame.json()["delta"]["text"] for frame in decode(got.body) if frame.kind == "contentBlockDelta")
    assert said == f"write to {ADA}" and ADA in sent(served)
    decision, completion = last(served)
    assert (decision["effect"], decision["reason"]) == ("deny", "finding")
    for record in (decision, completion):
        [finding] = record["findings"]
        assert (finding["category"], finding["treatment"], finding["done"]) == ("EMAIL", "block", "raw")
    assert completion["end"] == "completed"


def test_what_would_be_redacted_is_an_allow_modified(watched):
    served = watched()
    assert post(served, body=converse(f"I am {ADA}")).status == 200
    assert ADA in sent(served)
    decision, _ = last(served)
    [finding] = decision["findings"]
    assert (decision["effect"], finding["treatment"], finding["done"]) == ("allow_modified", "redacted", "raw")


def test_credentials_never_leave(watched):
    served = watched(CLOSED)
    plays(served, b"".join(stream(f"the key is {KEY}")))
    got = post(served, "converse-stream", converse(f"I am {ADA}, my key is {KEY}"))
    assert got.status == 200 and KEY.encode() not in got.body
    assert KEY not in sent(served) and ADA in sent(served)
    decision, completion = last(served)
    [finding] = [finding for finding in decision["findings"] if finding["category"] != "EMAIL"]
    assert (finding["treatment"], finding["done"]) == ("block", "redacted")
    assert [finding["done"] for finding in completion["findings"]] == ["redacted"]


def stream(text):
    yield stream_head()
    yield chunk(delta(text))
    yield b"0\r\n\r\n"


def test_one_tenant_is_watched_and_the_others_are_not(watched):
    served = watched(CLOSED, policy="")
    assert [post(served, tenant=tenant).status for tenant in ("retail", "research")] == [403, 403]
    registry = served.folder / "registry.toml"
    registry.write_text(registry.read_text().replace('id = "research"\n', 'id = "research"\nlog_only = true\n', 1))
    wait_for("the tenant to be watched", lambda: post(served, tenant="research").status == 200)
    assert post(served).status == 403
    assert rules(served)["log_only"] == ["research"]
    assert metric(served, "palisade_log_only_tenants") == ["palisade_log_only_tenants 1"]
    assert "log_only" not in last(served)[0]


def test_it_is_said_out_loud(watched):
    served = watched()
    assert rules(served)["log_only"] == ["markets", "research", "retail"]
    assert "log only" in served.output.read_text()


def test_what_is_no_question_of_policy_is_refused_as_ever(watched):
    served = watched()
    assert post(served, body=b"{").status == 400
    path = path_of("amazon.nobody-knows-v1:0", "converse")
    assert call(served, path, b"{}", signed(served, "retail", path, b"{}", JSON)).status == 404
    wrong = signed(served, "retail", path, b"{}", JSON, secret="wrong")
    assert call(served, path, b"{}", wrong).status == 403
