"""Who reads the log while it is written stands in it."""

import json
import os
import shutil
import subprocess

import pytest

from gateway import binary, verified, wait_for
from served import Provider, Served
from test_provider import post

pytestmark = pytest.mark.unwatched


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path / "one", Provider())
    post(served)
    served.pairs()
    yield served
    served.end()


def run(*command):
    done = subprocess.run([binary(), *command], capture_output=True, text=True, timeout=60)
    assert "panicked" not in done.stderr
    return done


def reads(served):
    return [record for record in served.log.read() if record["kind"] == "log_read"]


def recorded(served, count):
    wait_for("the records", lambda: len(reads(served)) >= count)
    found = reads(served)
    assert len(found) == count and {read["by"] for read in found} == {os.getuid()}
    return found


def test_each_command_that_shows_records_leaves_one(served, tmp_path):
    log = served.folder / "audit"
    request_id = served.pairs()[0][0]["request_id"]
    run("audit", "show", log)
    run("audit", "show", log, "--tenant", "retail", "--request-id", request_id)
    run("audit", "replay", log)
    run("policy", "explain", "--audit", log, "--request-id", request_id)
    run("policy", "replay", "--audit", log, "--bundle", "/nowhere")
    assert run("audit", "tiles", log, tmp_path / "tiles").returncode == 0
    prove = ("audit", "prove", log, "--request-id", request_id, "--out", tmp_path)
    wait_for("a checkpoint", lambda: run(*prove).returncode == 0)
    wait_for("the last", lambda: {"prove", "tiles"} <= {read["command"] for read in reads(served)})
    found = reads(served)
    one = {(read["command"], read.get("tenant"), read.get("request_id")) for read in found}
    assert one == {
        ("show", None, None),
        ("show", "retail", request_id),
        ("replay", None, None),
        ("policy explain", None, request_id),
        ("tiles", None, None),
        ("prove", None, request_id),
    }
    assert not any("names" in read for read in found)
    assert f"by user {os.getuid()} with `replay`" in run("audit", "show", log).stdout
    assert list((log / "reads").iterdir()) == [] or recorded(served, len(found) + 1)


def test_a_log_that_nobody_writes_is_left_as_it_is(served, tmp_path):
    copy = shutil.copytree(served.folder / "audit", tmp_path / "copy")
    before = sorted(copy.rglob("*"))
    assert run("audit", "show", copy).returncode == 0
    served.stop()
    log = served.folder / "audit"
    assert run("audit", "show", log).returncode == 0
    assert sorted(copy.rglob("*")) == before and not (log / "reads").exists()
    assert verified(log) is None and not reads(served)
    served.start()


def test_what_cannot_be_told_is_said_and_shown_all_the_same(served):
    log = served.folder / "audit"
    (log / "reads").write_text("in the way")
    done = run("audit", "show", log)
    assert done.returncode == 0 and "retail/" in done.stdout
    assert "this read is not recorded in the log" in done.stderr


def test_what_is_no_read_is_put_aside(served):
    log = served.folder / "audit"
    run("audit", "show", log)
    recorded(served, 1)
    folder = log / "reads"
    spoilt = {"a": "{", "b": '{"command": 1}', "c": "x" * 40_000, "d": json.dumps({"command": "show", "more": 1})}
    for name, text in spoilt.items():
        (folder / f"{name}.json").write_text(text)
    long = {"command": "show", "names": True, "request_id": "é" * 5_000, "tenant": None}
    (folder / "e.json").write_text(json.dumps(long, ensure_ascii=False))
    _, read = recorded(served, 2)
    assert (read["command"], read["names"], read["request_id"]) == ("show", True, "é" * 128)
    wait_for("them to be put aside", lambda: len(list(folder.glob("*.damaged"))) == 4)
    wait_for("what is done to be taken away", lambda: not list(folder.glob("*.json")))
    assert post(served).status == 200
