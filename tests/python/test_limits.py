"""What one call may be made of: each limit says which it is, to the caller, in the record and as a metric."""

import http.client
import json
import pathlib
import socket
import subprocess
import threading
import time
import urllib.request

import pytest

from gateway import binary, wait_for
from served import answer
from test_provider import JSON, last, plays
from wire import call, head, path_of, signed

pytestmark = pytest.mark.unwatched
MAIL = "a@bc.example "


def converse(*blocks):
    return json.dumps({"messages": [{"role": "user", "content": list(blocks)}]}).encode()


def nested(depth):
    return {"toolUse": {"toolUseId": "t", "name": "n", "input": json.loads("[" * depth + "]" * depth)}}


# Each limit, a value for it, a body just within and one just over.
LIMITS = {
    "nodes_max": (100, converse(nested(1), *[{"text": "x"}] * 20), converse(*[{"text": "x"}] * 40)),
    "depth_max": (20, converse(nested(10)), converse(nested(20))),
    "regions_max": (50, converse(*[{"text": "x"}] * 50), converse(*[{"text": "x"}] * 51)),
    "decoded_bytes_max": (20_000, converse({"text": "x" * 19_000}), converse({"text": "x" * 20_001})),
    "findings_max": (100, converse({"text": MAIL * 100}), converse({"text": MAIL * 101})),
    "cpu_ms_max": (1, converse({"text": "x"}), converse({"text": "password= " * 200_000})),
    "body_bytes_max": (50_000, converse({"text": "x" * 40_000}), converse({"text": "x" * 50_000})),
}


def send(served, body, tenant="research"):
    path = path_of(served.allowed, "converse")
    return call(served, path, body, signed(served, tenant, path, body, JSON))


def metric(served, name):
    with urllib.request.urlopen(served.admin + "/metrics", timeout=10) as response:
        lines = response.read().decode().splitlines()
    return [line for line in lines if line.startswith(name)]


@pytest.mark.parametrize("limit", LIMITS)
def test_says_which_limit_a_request_is_over(limit, serve):
    most, within, over = LIMITS[limit]
    where = limit if limit == "body_bytes_max" else f"call.{limit}"
    served = serve(limits=f"{where} = {most}")
    assert send(served, within).status == 200
    refused = send(served, over)
    assert (refused.status, refused.error) == (400, "ValidationException")
    assert f"more than {most} " in refused.json()["message"] and f"`{limit}`" in refused.json()["message"]
    # Where the caller is not known yet, its record is not waited for.
    wait_for("the record", lambda: len(served.pairs()) == 2)
    decision, completion = last(served)
    assert (decision["effect"], decision["reason"], decision["limit"]) == ("deny", "limit_exceeded", limit)
    assert completion["end"] == "refused" and len(served.provider.requests) == 1
    if limit != "body_bytes_max":
        assert metric(served, f'palisade_limits_exceeded_total{{limit="{limit}"}} 1')


def withheld(served, source, bytes_sent=99_000):
    """A connection whose signature is wrong and whose body never ends."""
    path = path_of(served.allowed, "converse")
    headers = {**JSON, **signed(served, "retail", path, b"other", JSON, secret="wrong" * 8), "content-length": "100000"}
    lines = [f"{name}: {value}" for name, value in headers.items() if name.lower() != "host"]
    connection = socket.create_connection(served.address, 10, source_address=(source, 0))
    try:
        connection.sendall(head(served, path, *lines).encode() + b"x" * bytes_sent)
    except OSError:
        pass
    return connection


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"])
def test_bodies_withheld_by_who_has_no_secret_take_nothing_from_who_has_one(source, serve):
    served = serve(limits="body_bytes_max = 100000\nbody_bytes_in_flight_max = 500000\nunproven_bytes_max = 300000")
    held = [withheld(served, source) for _ in range(22)]
    time.sleep(0.3)
    for _ in range(5):
        assert send(served, converse({"text": "a " * 45_000})).status == 200
    for connection in held:
        connection.close()
    assert {decision["reason"] for decision, _ in served.pairs()} <= {"policy", "overloaded", "client_gone"}
    assert len(served.provider.requests) == 5


def test_who_has_to_give_way_is_told(serve):
    """More at once than the budget for strangers holds: each is answered, with a status that clients try again after."""
    served = serve(limits="body_bytes_max = 1000000\nbody_bytes_in_flight_max = 50000000\nunproven_bytes_max = 1000000")
    body, statuses = converse({"text": "a " * 450_000}), []
    threads = [threading.Thread(target=lambda: statuses.append(send(served, body).status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 8 and set(statuses) <= {200, 503} and 200 in statuses


def test_an_answer_that_is_over_a_limit_is_the_models_error(serve):
    served = serve(limits="call.findings_max = 100")
    text = json.dumps({"output": {"message": {"role": "assistant", "content": [{"text": MAIL * 101}]}}}).encode()
    plays(served, answer(text))
    refused = send(served, converse({"text": "hi"}))
    assert (refused.status, refused.error) == (424, "ModelErrorException")
    assert "`findings_max`" in refused.json()["message"]
    assert last(served)[1]["end"] == "upstream_error"


def test_a_body_of_many_findings_costs_its_length(serve):
    """No time is asserted: with work that grows as the square of the length these would not end."""
    served = serve(limits="call.findings_max = 1000000")
    tool = {"toolUse": {"toolUseId": "t", "name": "n", "input": {"x": json.dumps({"a": MAIL * 100_000})}}}
    for body in (converse({"text": MAIL * 200_000}), converse(tool), converse(*[{"text": MAIL}] * 50_000)):
        assert send(served, body).status == 200
        assert MAIL.strip().encode() not in served.provider.requests[-1].body


# -------------------------------------------------------------------------------- strangers: no secret, no cost to others


def anonymous(served):
    return call(served, path_of(served.allowed, "converse"), converse({"text": "hi"}), JSON)


def test_strangers_beyond_their_share_are_counted_and_take_nothing_from_others(serve):
    served = serve(audit="unidentified_burst = 5\nunidentified_per_minute = 0")
    refused = [anonymous(served) for _ in range(25)]
    assert {answer.status for answer in refused} == {403}
    assert send(served, converse({"text": "hi"})).status == 200
    assert served.stop() == 0
    records = served.log.read()
    decisions = [record for record in records if record["kind"] == "decision"]
    assert [record["tenant"] for record in decisions].count("") == 5 and len(decisions) == 6
    counts = [record for record in records if record["kind"] == "strangers"]
    assert [(record["client_ip"], record["reason"], record["count"]) for record in counts] == [
        ("127.0.0.1", "authentication", 20)
    ]
    shown = subprocess.run([binary(), "audit", "show", served.log.folder], capture_output=True, text=True, check=True)
    assert "20 refused from 127.0.0.1: authentication" in shown.stdout


def test_on_a_disk_below_its_floor_strangers_leave_no_records(serve):
    served = serve(audit=f"disk_floor_bytes = {2**62}")
    assert send(served, converse({"text": "hi"})).status == 200
    assert anonymous(served).status == 403
    assert send(served, converse({"text": "hi"})).status == 200
    assert served.stop() == 0
    assert all(record["tenant"] for record in served.log.read() if record["kind"] == "decision")


def test_idle_connections_of_strangers_give_way_and_no_others_do(serve):
    served = serve(limits="connections_max = 10")
    body = converse({"text": "hi"})
    path = path_of(served.allowed, "converse")
    kept = http.client.HTTPConnection(*served.address, timeout=10)

    def again():
        kept.request("POST", path, body, signed(served, "retail", path, body, JSON))
        answer = kept.getresponse()
        answer.read()
        return answer.status

    assert again() == 200
    socket_of = kept.sock
    flood = []
    for _ in range(4):
        flood += [socket.create_connection(served.address, 10, source_address=("127.0.0.2", 0)) for _ in range(20)]
        assert send(served, body).status == 200
        assert again() == 200 and kept.sock is socket_of
    for connection in flood:
        connection.close()


def resident_mib(served):
    lines = (pathlib.Path("/proc") / str(served.process.pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def test_memory_of_large_bodies_is_given_back(serve):
    served = serve()
    idle = resident_mib(served)
    body = converse({"text": "plain words here and there. " * 700_000})
    threads = [threading.Thread(target=send, args=(served, body)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(body) > 19_000_000
    wait_for("memory to be given back", lambda: resident_mib(served) < idle + 80, 60)
