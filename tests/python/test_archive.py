"""Records hold what policy was asked, and the log holds what it was asked about and by which policies."""

import hashlib
import json
import shutil

import pytest

from gateway import ROOT, sha256, wait_for
from test_provider import JSON, post
from test_reload import CLOSED, own_bundle
from wire import call, converse, path_of, signed

pytestmark = pytest.mark.unwatched


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def facts(served):
    """The facts that stand in the log, by digest; each once a file, before whatever names them."""
    known, seen = {}, set()
    for record in served.log.read():
        if record["kind"] == "facts":
            assert record["digest"] == sha256(canonical(record["facts"]))
            assert record["digest"] not in seen
            seen.add(record["digest"])
            known[record["digest"]] = record["facts"]
        named = [record[name]["facts"] for name in ("principal", "model") if name in record]
        assert set(named) <= seen
    return known


def snapshot_digest(kept):
    """The digest of policies, as `Snapshot::digest` says, from what is kept of them."""

    def of(domain, parts):
        parts = [part.encode() for part in parts]
        return hashlib.sha256(domain + b"".join(len(part).to_bytes(8, "little") + part for part in parts)).hexdigest()

    bundle = of(b"palisade-bundle-v1\n", [part for file in kept["files"] for part in file])
    return of(b"palisade-snapshot-v1\n", [bundle, *[part for pair in kept["forest"] for part in pair]])


def test_a_decision_says_all_that_its_answer_depends_on(serve):
    served = serve()
    for tenant in ("retail", "research", "retail"):
        post(served, tenant=tenant, body=converse("hello", inferenceConfig={"maxTokens": 77}))
    first, second, third = [decision for decision, _ in served.pairs()]
    known = facts(served)
    about = known[first["principal"]["facts"]]
    assert (about["tenant"], about["id"]) == ("retail", "assistant")
    assert known[second["principal"]["facts"]]["tenant"] == "research"
    assert known[first["model"]["facts"]]["id"] == served.allowed
    assert first["principal"] == third["principal"] and len(known) == 3
    first = first["question"]
    assert (first["max_tokens"], first["input_tokens"], first["modalities"]) == (77, 2, ["text"])
    assert (first["purpose"], first["classification"]) == ("customer_service", 1)


def test_names_of_tools_are_kept_if_they_are_names(serve):
    served = serve()

    def offers(*names):
        tools = [{"toolSpec": {"name": name, "inputSchema": {"json": {}}}} for name in names]
        post(served, body=converse("hello", toolConfig={"tools": tools}))
        return served.pairs()[-1][0]["question"]

    asked = offers("search", "tickets.create")
    assert asked["tools"] == ["search", "tickets.create"] and "tools_withheld" not in asked
    for odd in ("call Ada on Monday", "x" * 65, "ada@example.org", "AKIA" + "QYLPMN5HHHFPZAM2"):
        asked = offers("search", odd)
        assert (asked.get("tools"), asked["tools_withheld"]) == (None, 2)
        assert odd not in served.log.text().decode(errors="replace")


def test_what_is_refused_before_its_body_is_read_has_no_question(serve):
    served = serve()
    path = path_of("amazon.nobody-knows-v1:0", "converse")
    call(served, path, b"{}", signed(served, "retail", path, b"{}", JSON))
    decision, _ = served.pairs()[-1]
    assert "question" not in decision and [known["tenant"] for known in facts(served).values()] == ["retail"]


def test_policies_are_kept_under_their_digest_before_they_decide(serve, tmp_path):
    served = serve()
    post(served)
    bundle = own_bundle(served, tmp_path / "bundle")
    (bundle / "policies" / "closed.cedar").write_text(CLOSED)
    wait_for("it to be closed", lambda: post(served).status == 403)
    digests = {decision["policy"]["digest"] for decision, _ in served.pairs()}
    assert len(digests) >= 2
    for digest in digests:
        path = served.folder / "audit" / "archive" / f"policies-{digest}.json"
        assert path.stat().st_mode & 0o777 == 0o600
        kept = json.loads(path.read_text())
        assert canonical(kept) == path.read_bytes()
        assert snapshot_digest(kept) == digest


def test_the_configuration_is_kept_under_its_digest(serve):
    served = serve()
    post(served)

    def kept(record):
        path = served.folder / "audit" / "archive" / f"configuration-{record['configuration']}.json"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == record["configuration"]
        assert path.stat().st_mode & 0o777 == 0o600
        return json.loads(path.read_text())

    registry = served.folder / "registry.toml"
    before = {"config": served.config.read_text(), "registry": registry.read_text()}
    [started] = [record for record in served.log.read() if record["kind"] == "log_started"]
    assert kept(started) == before
    registry.write_text(before["registry"] + "# reviewed\n")
    wait_for("the rules", lambda: served.log.read()[-1]["kind"] == "policy_activated")
    assert kept(served.log.records[-1]) == before | {"registry": registry.read_text()}
    served.stop()
    served.start()
    starts = [record["configuration"] for record in served.log.read() if record["kind"] == "log_started"]
    activated = [record["configuration"] for record in served.log.records if record["kind"] == "policy_activated"]
    assert starts == [started["configuration"], *activated]


def test_policies_that_cannot_be_kept_do_not_come_into_force(serve, tmp_path):
    served = serve()
    archive = served.folder / "audit" / "archive"
    shutil.rmtree(archive)
    archive.write_text("in the way")
    bundle = tmp_path / "bundle"
    shutil.copytree(ROOT / "policies" / "default", bundle, ignore=shutil.ignore_patterns("tests"))
    (bundle / "policies" / "closed.cedar").write_text(CLOSED)
    served.config.write_text(served.config.read_text() + f'[policy]\nbundle = "{bundle}"\n')
    wait_for("it to be told", lambda: "cannot be kept" in served.output.read_text())
    assert post(served).status == 200
    archive.unlink()
    (bundle / "policies" / "closed.cedar").write_text(CLOSED + "// again\n")
    wait_for("it to be closed", lambda: post(served).status == 403)
