"""A gateway that is killed, whenever, and started again: nothing that was acknowledged is missing, and no decision stays unexplained."""

import http.client
import random
import signal
import threading
import time
from collections import Counter

import pytest

from gateway import wait_for
from served import Provider, Served, answer
from test_provider import post
from test_verify import audit, independent
from wire import converse

pytestmark = pytest.mark.unwatched


def completions(served):
    return [record for record in served.log.read() if record["kind"] == "completion"]


def verified(served):
    """The log after an orderly end, by both verifiers; and every decision made again."""
    log = served.folder / "audit"
    code, out = audit("verify", log, "--key", log / "signing-key.pub")
    assert code == 0, out
    assert independent("log", log, log / "signing-key.pub")[0] == 0
    code, out = audit("replay", log)
    assert code == 0 and "0 come out otherwise" in out, out


class Caller(threading.Thread):
    """One call that may be cut off."""

    def __init__(self, served, body=None):
        super().__init__(daemon=True)
        self.served, self.body, self.status = served, body, None
        self.start()

    def run(self):
        try:
            self.status = post(self.served, body=self.body).status
        except (OSError, http.client.HTTPException):
            self.status = "cut off"


def test_exchanges_that_a_crash_cut_off_are_ended_at_the_next_start(tmp_path):
    served = Served(tmp_path / "one", Provider())
    post(served)
    let_go = threading.Event()
    served.provider.play = lambda *_: let_go.wait(30)
    callers = [Caller(served) for _ in range(3)]
    wait_for("three calls upstream", lambda: len(served.provider.requests) == 4)
    served.stop(signal.SIGKILL)
    let_go.set()
    for caller in callers:
        caller.join()
    served.provider.play = lambda connection, _: connection.sendall(answer())
    served.start()
    post(served)
    served.provider.close()
    assert served.stop() == 0
    pairs = served.pairs()
    assert [caller.status for caller in callers] == ["cut off"] * 3
    assert Counter(completion["end"] for _, completion in pairs) == {"unknown_crash": 3, "completed": 2}
    crashed = [(decision, completion) for decision, completion in pairs if completion["end"] == "unknown_crash"]
    assert all(decision["request_id"] == completion["request_id"] for decision, completion in crashed)
    started = [record["index"] for record in served.log.records if record["kind"] == "log_started"]
    assert sorted(completion["index"] for _, completion in crashed) == [started[1] + 1 + n for n in range(3)]
    assert "unknown_crash" in audit("show", served.folder / "audit")[1]
    verified(served)


def test_exchanges_go_on_over_segments_and_a_crash_ends_those_that_were_decided_many_before(tmp_path):
    served = Served(tmp_path / "one", Provider(), audit="segment_bytes = 4096")
    let_go, held = threading.Event(), []

    def play(connection, request):
        if b"held" in request.body:
            held.append(request)
            let_go.wait(30)
        connection.sendall(answer())

    served.provider.play = play
    slow = Caller(served, converse("held"))
    wait_for("the call upstream", lambda: held)
    for _ in range(10):
        post(served)
    let_go.set()
    slow.join()
    assert slow.status == 200
    let_go.clear()
    held.clear()
    lost = Caller(served, converse("held"))
    wait_for("the call upstream", lambda: held)
    for _ in range(10):
        post(served)
    wait_for("the others' ends", lambda: len(completions(served)) == 21)
    served.stop(signal.SIGKILL)
    lost.join()
    served.start()
    served.provider.close()
    assert served.stop() == 0
    pairs = served.pairs()
    assert Counter(completion["end"] for _, completion in pairs) == {"completed": 21, "unknown_crash": 1}
    assert len(list((served.folder / "audit").glob("*.seg"))) > 5
    assert [record for record in served.log.records if record["kind"] == "ongoing"]
    verified(served)


@pytest.mark.parametrize("mode", ["strict", "relaxed"])
def test_nothing_that_was_acknowledged_is_missing_however_often_it_is_killed(tmp_path, mode):
    served = Served(tmp_path / "one", Provider(), audit=f'mode = "{mode}"\nsegment_bytes = 100000')
    acknowledged, stop = [], threading.Event()

    def client():
        while not stop.is_set():
            try:
                reply = post(served, timeout=5)
                acknowledged.append(reply.headers["x-amzn-requestid"])
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for each in clients:
        each.start()
    pauses = random.Random(5)
    for _ in range(5):
        time.sleep(0.3 + pauses.random() * 0.7)
        served.stop(signal.SIGKILL)
        served.start()
    time.sleep(0.5)
    stop.set()
    for each in clients:
        each.join()
    served.provider.close()
    assert served.stop() == 0
    pairs = served.pairs()
    decided = Counter(decision["request_id"] for decision, _ in pairs)
    assert set(decided.values()) == {1} and len(acknowledged) > 50
    missing = set(acknowledged) - set(decided)
    assert not missing, f"{len(missing)} of {len(acknowledged)}"
    assert [record["index"] for record in served.log.records] == list(range(len(served.log.records)))
    verified(served)
