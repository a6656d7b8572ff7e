"""A bundle that is only tried: asked about live calls off their way; what it says otherwise is counted and recorded."""

import shutil
import threading

import pytest

from gateway import ROOT, replays, verified, wait_for
from served import Provider, Served
from test_limits import metric
from test_log_only import ADA, BLOCKED, stream
from test_provider import last, plays, post
from test_reload import CLOSED, refused, reloads, rules
from wire import converse

pytestmark = pytest.mark.unwatched

ERRS = """@id("errs")
forbid (principal, action in Palisade::Action::"Invoke", resource)
when { context.inputTokens + 9223372036854775807 > 5 };
"""


@pytest.fixture
def tries(tmp_path):
    """A gateway with the bundle that ships, and beside it one with these policies more."""
    started = []

    def start(*policies, more="", without=()):
        bundle = tmp_path / "next"
        shutil.copytree(ROOT / "policies" / "default", bundle, ignore=shutil.ignore_patterns("tests", "invariants"))
        for number, text in enumerate(policies):
            (bundle / "policies" / f"more-{number}.cedar").write_text(text)
        for name, old, new in without:
            file = bundle / "policies" / name
            assert old in file.read_text()
            file.write_text(file.read_text().replace(old, new))
        upstream = f'[policy]\nshadow = "{bundle}"\n{more}'
        started.append(Served(tmp_path / "one", Provider(), upstream=upstream))
        return started[-1]

    yield start
    for served in started:
        served.end()
        replays(served.folder / "audit")
        verified(served.folder / "audit")


def differences(served, count=1):
    """The records of what the bundle says otherwise."""

    def found():
        return [record for record in served.log.read() if record["kind"] == "shadow"]

    wait_for("the shadow to say it", lambda: len(found()) >= count)
    assert len(found()) == count
    return found()


def asked(served):
    lines = metric(served, "palisade_shadow_asked_total")
    return int(lines[0].rsplit(" ", 1)[1]) if lines else 0


def test_what_it_would_refuse_is_recorded_and_nobody_is_refused(tries):
    served = tries(CLOSED)
    assert post(served).status == 200
    decision, _ = last(served)
    [record] = differences(served)
    assert record["decision"] == decision["id"] and record["request_id"] == decision["request_id"]
    assert record["changes"] == [{"is": "denied", "policies": ["closed"], "was": "allowed"}]
    assert record["tenant"] == "retail" and record["policy"] == rules(served)["shadow"] != decision["policy"]
    [line] = metric(served, "palisade_shadow_differences_total")
    assert 'tenant="retail"' in line and 'policy="closed"' in line and 'change="allowed to denied"' in line


def test_what_it_says_too_is_not_recorded(tries):
    served = tries()
    for text in ("hello", f"I am {ADA}"):
        assert post(served, body=converse(text)).status == 200
    wait_for("all to be asked", lambda: asked(served) == 4)
    assert [record for record in served.log.read() if record["kind"] == "shadow"] == []


def test_what_it_would_let_pass_is_recorded_too(tries):
    served = tries(without=[("limits.cedar", "context.maxTokens <= principal.limits.maxOutputTokens", "true")])
    assert post(served, body=converse("long", inferenceConfig={"maxTokens": 1_000_000})).status == 403
    [record] = differences(served)
    [change] = record["changes"]
    assert (change["was"], change["is"]) == ("denied", "allowed") and change["policies"]


def test_a_call_whose_body_nobody_read_may_be_allowed(tries):
    everybody = '@id("everybody")\npermit (principal, action, resource);\n'
    served = tries(everybody)
    served.allowed = "anthropic.claude-3-opus-20240229-v1:0"
    answer = post(served)
    decision, _ = last(served)
    if "question" not in decision:
        assert answer.status == 403
        [record] = differences(served)
        assert record["changes"] == [{"is": "open", "policies": [], "was": "denied"}]
    else:
        pytest.fail("the model is one that a permit's scope matches: choose another")


def test_findings_are_asked_about_in_prompts_and_answers(tries):
    served = tries(BLOCKED)
    plays(served, b"".join(stream(f"write to {ADA}")))
    assert post(served, "converse-stream", converse("hello")).status == 200
    [record] = differences(served)
    expected = {"category": "EMAIL", "count": 1, "place": "answer", "was": "redacted", "is": "block", "policies": ["no-addresses"]}
    assert record["changes"] == [expected]
    plays(served, b"".join(stream("hello")))
    assert post(served, "converse-stream", converse(f"I am {ADA}")).status == 200
    _, record = differences(served, 2)
    assert record["changes"] == [{"was": "allowed", "is": "blocked", "policies": ["no-addresses"]}]


def test_its_errors_touch_nobody(tries):
    served = tries(ERRS)
    assert post(served).status == 200
    [record] = differences(served)
    assert record["changes"] == [{"was": "allowed", "is": "denied", "policies": ["errs"]}]
    assert metric(served, "palisade_policy_errors_total") == []


def test_it_is_read_anew_and_one_that_cannot_be_used_is_named(tries, tmp_path):
    served = tries()
    before = rules(served)
    more = tmp_path / "next" / "policies" / "more.cedar"
    more.write_text("permit")
    problems = refused(served)
    assert "`policy.shadow`" in problems and "more.cedar" in problems
    assert rules(served)["shadow"] == before["shadow"]
    more.write_text(CLOSED)
    wait_for("it to be tried", lambda: rules(served)["shadow"] != before["shadow"])
    assert post(served).status == 200
    differences(served)
    activated = [record for record in served.log.read() if record["kind"] == "policy_activated"]
    assert activated[-1]["shadow"] == rules(served)["shadow"]["digest"]


def test_it_is_asked_about_calls_that_are_made_at_one_time(tries):
    served = tries(CLOSED)
    threads = [threading.Thread(target=lambda: [post(served) for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = differences(served, 80)
    assert len({record["decision"] for record in records}) == 80


def test_what_is_queued_when_it_stops_is_said(tries):
    served = tries(CLOSED)
    for _ in range(20):
        post(served)
    assert served.stop() == 0
    assert len([record for record in served.log.read() if record["kind"] == "shadow"]) == 20
    assert served.log.records[-1]["kind"] == "log_stopped"
