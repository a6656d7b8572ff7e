"""Decisions made again from their records: by the policies that made them, by a bundle that is proposed, one by one."""

import json
import pathlib
import shutil
import subprocess

import pytest

from gateway import ROOT, binary, replays
from segments import change, lines
from served import Provider, Served
from test_log_only import BLOCKED, stream
from test_policy_cli import policy
from test_provider import last, plays, post
from test_reload import CLOSED
from wire import converse

pytestmark = pytest.mark.unwatched
ADA = "ada.canary@example.org"
SHIPPED = ROOT / "policies" / "default"
NOBODY = "anthropic.claude-3-opus-20240229-v1:0"


def audit_replay(log):
    done = subprocess.run([binary(), "audit", "replay", log], capture_output=True, text=True, timeout=120)
    assert "panicked" not in done.stderr
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """The log of calls of many kinds: allowed, changed, denied, blocked, with tokens, of two tenants, with an answer that is changed."""
    folder = tmp_path_factory.mktemp("served") / "one"
    more = '[guardrails]\ntokenize = { key_file = "tokens" }\n[[guardrails.custom]]\nname = "PROJECT"\nwords = ["Bluebird"]\n'
    tokens = lambda folder: ((folder / "tokens").write_text("ab" * 32), (folder / "tokens").chmod(0o600))
    served = Served(folder, Provider(), upstream=more, prepare=tokens)
    post(served)
    post(served, tenant="research", body=converse(f"I am {ADA}, once more {ADA}, and Bluebird"))
    post(served, body=converse("my key is AKIA" + "QYLPMN5HHHFPZAM2"))
    post(served, body=converse("long", inferenceConfig={"maxTokens": 1_000_000}))
    plays(served, b"".join(stream(f"write to {ADA} or to eve.canary@example.org")))
    post(served, "converse-stream", converse("hello", toolConfig={"tools": [tool("search")]}))
    post(served, body=converse("hello", toolConfig={"tools": [tool("call Ada")]}))
    served.allowed = NOBODY
    post(served, tenant="research")
    post(served)
    assert len(served.pairs()) == 8
    served.provider.close()
    assert served.stop() == 0
    return served.folder / "audit"


def tool(name):
    return {"toolSpec": {"name": name, "description": f"to {name}", "inputSchema": {"json": {}}}}


@pytest.fixture
def bundle(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "bundle", ignore=shutil.ignore_patterns("tests", "invariants"))


def closed(bundle, text=CLOSED):
    (bundle / "policies" / "more.cedar").write_text(text)
    return bundle


# -------------------------------------------------------------------------------------- as it was


def test_every_decision_comes_out_as_it_is_recorded(log):
    out = replays(log)
    assert "7 decisions made again" in out and "0 come out otherwise, 0 lines are damaged" in out
    assert "1 left out: the names of its tools are not kept" in out


def copied(log, tmp_path):
    return shutil.copytree(log, tmp_path / "log")


def changed(log, old, new):
    [file] = log.glob("*.seg")
    change(file, old, new)


CHANGES = {
    "a_decision": ('"effect":"allow"', '"effect":"deny"', "come out otherwise"),
    "a_policy": ('"determining":["retail-general-purpose"', '"determining":["somebody-else"', "recorded allowed"),
    "a_treatment": ('"treatment":"tokenized"', '"treatment":"raw"', "1 come out otherwise"),
    "what_was_asked": ('"max_tokens":1000000', '"max_tokens":1000', "1 come out otherwise"),
    "facts": ('"clearance":2', '"clearance":3', "the digest of what it holds is"),
    "a_line": ('{"action"', '{"motion"', "not a record"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_named(name, log, tmp_path):
    old, new, told = CHANGES[name]
    log = copied(log, tmp_path)
    changed(log, old, new)
    code, out = audit_replay(log)
    assert code == 1 and told in out and ".seg: record " in out


def test_policies_that_were_changed_or_are_gone_are_not_asked(log, tmp_path):
    log = copied(log, tmp_path)
    [kept] = (log / "archive").glob("policies-*")
    kept.write_text(kept.read_text().replace("@owner", "@ticket", 1))
    code, out = audit_replay(log)
    assert "7 left out" in out and "the digest of what it holds is" in out
    kept.unlink()
    assert "are not kept beside the log" in audit_replay(log)[1]


# ---------------------------------------------------------------------------------- a proposed bundle


def test_the_same_bundle_changes_nothing(log, bundle):
    code, out, _ = policy("replay", "--audit", log, "--bundle", bundle)
    assert code == 0 and "7 decisions made again, 0 changes" in out


def test_calls_that_come_out_otherwise_are_counted_by_whose_they_are(log, bundle):
    code, out, _ = policy("replay", "--audit", log, "--bundle", closed(bundle), "--format", "json")
    report = json.loads(out)
    assert code == 1 and report["replayed"] == 7
    flips = {(flip["change"], flip["tenant"], flip["principal"], flip["count"]) for flip in report["flips"]}
    assert ("allowed → denied", "retail", "assistant", 2) in flips
    assert ("allowed → denied", "research", "notebooks", 1) in flips
    assert all(flip["policies"] == ["closed"] for flip in report["flips"])
    assert report["left_out"] == {"the names of its tools are not kept": 1}


def test_findings_that_are_treated_otherwise_are_named(log, bundle):
    text = BLOCKED.replace("forbid", "permit").replace("no-addresses", "open")
    code, out, _ = policy("replay", "--audit", log, "--bundle", closed(bundle, text))
    assert code == 1
    assert "EMAIL (user) tokenized → raw" in out and "EMAIL (answer) redacted → raw" in out
    assert "open" in out and "assistant" in out


def test_what_is_blocked_is_told_from_what_is_denied(log, bundle):
    out = policy("replay", "--audit", log, "--bundle", closed(bundle, BLOCKED))[1]
    assert "allowed → blocked" in out and "EMAIL (answer) redacted → block" in out and "no-addresses" in out


def test_a_call_that_would_now_be_allowed_is_a_change_too(log, bundle):
    limits = bundle / "policies" / "limits.cedar"
    limits.write_text(limits.read_text().replace("context.maxTokens <= principal.limits.maxOutputTokens", "true"))
    code, out, err = policy("replay", "--audit", log, "--bundle", bundle)
    assert code == 1 and "denied → allowed" in out, out + err


def test_a_call_whose_body_nobody_read_may_be_allowed(log, bundle):
    out = policy("replay", "--audit", log, "--bundle", closed(bundle, '@id("all")\npermit (principal, action, resource);'))[1]
    assert "denied → open" in out


def test_a_bundle_or_a_log_that_cannot_be_used_is_no_result(log, bundle, tmp_path):
    code, out, err = policy("replay", "--audit", log, "--bundle", closed(bundle, "permit"))
    assert (code, out) == (2, "") and "more.cedar" in err
    code, out, err = policy("replay", "--audit", tmp_path / "nowhere", "--bundle", SHIPPED)
    assert (code, out) == (2, "") and "nowhere" in err
    (tmp_path / "x.jsonl").write_text('{"kind":"decision"}\n')
    code, out, err = policy("replay", "--audit", tmp_path / "x.jsonl", "--bundle", SHIPPED)
    assert (code, out) == (2, "") and "x.jsonl:1: not a record" in err


def test_records_of_before_say_that_policy_cannot_be_asked(log, bundle, tmp_path):
    [file] = log.glob("*.seg")
    before = []
    for line in lines(file):
        record = json.loads(line)
        record.pop("question", None)
        if record["kind"] != "facts":
            before.append(json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    old = tmp_path / "old.jsonl"
    old.write_text("".join(line + "\n" for line in before))
    code, out, _ = policy("replay", "--audit", old, "--bundle", bundle)
    assert code == 0 and "left out: policy was not asked about the call" in out


# -------------------------------------------------------------------------------------- one by one


def decisions(log):
    [file] = pathlib.Path(log).glob("*.seg")
    records = [json.loads(line) for line in lines(file)]
    return [record for record in records if record["kind"] == "decision"]


def explained(log, decision, *more):
    return policy("explain", "--audit", log, "--request-id", decision["request_id"], *more)


def test_a_recorded_call_is_explained_with_what_it_was_about(log):
    [first, *_] = decisions(log)
    code, out, _ = explained(log, first)
    assert code == 0 and "recorded: allowed because policy" in out
    assert "ALLOWED by\n  retail-general-purpose (policies/access.cedar:" in out
    assert '"max_tokens":4096' in out and '"tenant":"retail"' in out and '"provider":"amazon"' in out


def test_a_recorded_denial_is_explained_and_so_is_a_finding(log):
    [denied] = [decision for decision in decisions(log) if decision.get("determining") == ["call-size"]]
    code, out, _ = explained(log, denied)
    assert code == 1 and "DENIED: it is forbidden by\n  call-size (" in out
    [blocked] = [decision for decision in decisions(log) if decision["reason"] == "finding"]
    code, out, _ = explained(log, blocked)
    assert code == 1 and "AWS_ACCESS_KEY in user: block, by credentials-never" in out


def test_another_bundle_can_be_asked_about_a_recorded_call(log, bundle):
    [first, *_] = decisions(log)
    code, out, _ = explained(log, first, "--bundle", closed(bundle))
    assert code == 1 and "recorded: allowed" in out and "DENIED: it is forbidden by\n  closed (" in out


def test_what_cannot_be_explained_is_told_why(log):
    code, out, err = policy("explain", "--audit", log, "--request-id", "nobody")
    assert (code, out) == (2, "") and "no decision about request nobody" in err
    [tools] = [decision for decision in decisions(log) if "tools_withheld" in decision.get("question", {})]
    code, _, err = explained(log, tools)
    assert code == 2 and "the names of its tools are not kept" in err
    assert policy("explain", "--audit", log)[0] == 2
