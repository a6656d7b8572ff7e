"""System calls of the log that fail, one kind at a time: callers are told, nothing that was acknowledged is missing, and it heals by itself."""

import shutil
import signal
import subprocess
import time
import urllib.request
from collections import Counter

import pytest

from gateway import wait_for
from served import Provider, Served
from test_crash import verified
from test_provider import post, ready
from test_verify import audit

pytestmark = [
    pytest.mark.unwatched,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed"),
]


class Injected:
    """A gateway some of whose system calls fail while this is entered."""

    def __init__(self, served, what):
        self.arguments = ["strace", "-f", "-qq", "-e", f"inject={what}", "-o", served.folder / "trace", "-p", served.process.pid]

    def __enter__(self):
        arguments = [str(argument) for argument in self.arguments]
        self.tracer = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
        if self.tracer.poll() is not None:
            pytest.skip("strace may not attach here")

    def __exit__(self, *_):
        self.tracer.send_signal(signal.SIGINT)
        self.tracer.wait(10)


FAULTS = [
    "fdatasync:error=EIO:when=1",
    "fdatasync:error=EIO:when=2+3",
    "fdatasync:error=ENOSPC:when=1..4",
    "pwrite64:error=ENOSPC:when=1",
    "pwrite64:error=EIO:when=2+2",
    "fsync:error=EIO:when=1+2",
    "rename,renameat,renameat2:error=EACCES:when=1..3",
    "ftruncate:error=EIO",
    "mkdir,openat:error=EMFILE:when=2+3",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_calls_that_fail_lose_nothing_that_was_acknowledged(tmp_path, fault):
    served = Served(tmp_path / "one", Provider(), audit="segment_bytes = 4096")
    acknowledged = [post(served).headers["x-amzn-requestid"]]
    statuses = []
    with Injected(served, fault):
        for _ in range(25):
            reply = post(served)
            statuses.append(reply.status)
            if reply.status == 200:
                acknowledged.append(reply.headers["x-amzn-requestid"])
    assert set(statuses) <= {200, 503}, statuses
    wait_for("the log to be written again", lambda: post(served).status == 200 and ready(served) == 200)
    served.provider.close()
    assert served.stop() == 0
    records = served.log.read()
    decided = Counter(record["request_id"] for record in records if record["kind"] == "decision")
    assert set(acknowledged) <= set(decided), "a call was acted on without its decision"
    told = [request.body for request in served.provider.requests]
    assert len(told) <= sum(record["kind"] == "decision" and record["effect"] == "allow" for record in records)
    verified(served)


def test_in_best_effort_calls_go_on_and_the_log_says_how_much_it_lost(tmp_path):
    served = Served(tmp_path / "one", Provider(), audit='mode = "best_effort"')
    assert post(served).status == 200
    wait_for("its records", lambda: len(served.log.read()) >= 3)
    with Injected(served, "pwrite64:error=ENOSPC"):
        statuses = {post(served).status for _ in range(20)}
        assert statuses == {200} and ready(served) == 200
        assert b"palisade_audit_lost_total" in urllib.request.urlopen(served.admin + "/metrics").read()
    assert post(served).status == 200
    wait_for("the loss", lambda: any(record["kind"] == "lost" for record in served.log.read()))
    served.provider.close()
    assert served.stop() == 0
    records = served.log.read()
    lost = sum(record["count"] for record in records if record["kind"] == "lost")
    written = sum(record["kind"] in ("decision", "completion") for record in records)
    assert written + lost >= 2 * 22, (written, lost)
    verified(served)


def test_a_disk_that_hangs_is_a_disk_that_fails_until_it_goes_on(tmp_path):
    served = Served(tmp_path / "one", Provider(), audit="sync_timeout_ms = 300")
    assert post(served).status == 200
    with Injected(served, "fdatasync:delay_enter=3000000:when=1"):
        began = time.monotonic()
        assert post(served).status == 503
        assert ready(served) == 503
        assert time.monotonic() - began < 2.5, "nobody waits for the disk"
        wait_for("the disk to go on", lambda: ready(served) == 200 or post(served).status == 200)
    assert post(served).status == 200
    served.provider.close()
    assert served.stop() == 0
    code, out = audit("verify", served.folder / "audit", "--key", served.folder / "audit" / "signing-key.pub")
    assert code == 0, out
