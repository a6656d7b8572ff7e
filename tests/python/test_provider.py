"""A provider that misbehaves below the level of Bedrock's own errors, and limits that the demo leaves wide."""

import http.client
import resource
import select
import socket
import threading
import time
import uuid

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gateway import wait_for
from segments import of_the_log
from served import ACCESS_KEY_ID, OK, SECRET, SESSION_TOKEN, Provider, Served, answer
from test_upstream import delta
from wire import STREAM, Raw, call, converse, head, path_of, signed

pytestmark = pytest.mark.unwatched
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    served = Served(
        tmp_path_factory.mktemp("served") / "one",
        Provider(),
        upstream="response_timeout_ms = 700\nidle_timeout_ms = 700",
    )
    yield served
    served.provider.close()
    assert served.stop() == 0
    served.check()


def post(served, operation="converse", body=None, tenant="retail", headers=None, timeout=20):
    path = path_of(served.allowed, operation)
    body = converse("hello") if body is None else body
    return call(served, path, body, signed(served, tenant, path, body, {**JSON, **(headers or {})}), timeout=timeout)


def plays(served, *parts, close=False, pause=0):
    """Answers every request with these bytes."""

    def play(connection, _):
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        return close

    served.provider.play = play


def last(served):
    return served.pairs()[-1]


def stream_head(*headers):
    lines = ["HTTP/1.1 200 OK", f"content-type: {STREAM}", "transfer-encoding: chunked", *headers, "", ""]
    return "\r\n".join(lines).encode()


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


# ------------------------------------------------------------------------------------------------ what is sent


@pytest.mark.parametrize(
    "body", [converse("hello"), converse("mail eve@example.com, caf\u00e9")], ids=["plain", "redacted"]
)
def test_the_signature_is_the_one_that_botocore_computes(body, served):
    plays(served, answer())
    headers = {"accept": "application/json", "x-amzn-bedrock-trace": "ENABLED"}
    assert post(served, body=body, headers=headers).status == 200
    sent = served.provider.requests[-1]
    got = dict(sent.headers)
    names = got["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    kept = {
        name: value
        for name, value in sent.headers
        if name in names and name not in ("host", "x-amz-date", "x-amz-security-token")
    }
    request = AWSRequest("POST", f"http://{got['host']}{sent.path}", data=sent.body, headers=kept)
    request.context["timestamp"] = got["x-amz-date"]
    signer = SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET, SESSION_TOKEN), "bedrock", "eu-central-1")
    request.headers["X-Amz-Date"] = got["x-amz-date"]
    if "x-amz-security-token" in names:
        request.headers["X-Amz-Security-Token"] = SESSION_TOKEN
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    assert got["authorization"].endswith(f"Signature={signature}")
    assert got["x-amz-security-token"] == SESSION_TOKEN
    assert got["content-length"] == str(len(sent.body))
    assert [name for name, _ in sent.headers].count("host") == 1


def test_one_connection_serves_many_requests(served):
    plays(served, answer())
    before = served.provider.connections
    assert [post(served).status for _ in range(20)] == [200] * 20
    # A client can be quicker with its next request than the gateway is with putting the connection back.
    assert served.provider.connections - before <= 4


# -------------------------------------------------------------------------------------------- what is answered


def test_retry_headers_are_passed_on_and_the_rest_is_not(served):
    theirs = str(uuid.uuid4())
    extra = ["retry-after: 7", "x-amz-retry-after: 7000", "x-amzn-errortype: ThrottlingException", "server: AWS",
             "set-cookie: a=b", "x-amz-id-2: secret", "location: http://evil.example/", f"x-amzn-requestid: {theirs}"]  # fmt: skip
    plays(served, answer(b'{"message":"slow down"}', "429 Too Many Requests", extra))
    got = post(served)
    assert (got.status, got.error, got.json()) == (429, "ThrottlingException", {"message": "slow down"})
    assert (got.headers["retry-after"], got.headers["x-amz-retry-after"]) == ("7", "7000")
    allowed = {
        "content-type",
        "content-length",
        "date",
        "connection",
        "x-amzn-errortype",
        "x-amzn-requestid",
        "retry-after",
        "x-amz-retry-after",
    }
    assert set(got.headers) <= allowed
    _, completion = last(served)
    assert completion["upstream_request_id"] == theirs != got.headers["x-amzn-requestid"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed(status, served):
    target = Provider()
    plays(served, answer(b"{}", status, [f"location: http://127.0.0.1:{target.port}/"]))
    got = post(served)
    assert "location" not in got.headers
    assert not target.requests
    target.close()


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n"], ids=["100", "103"]
)
def test_interim_answers_are_skipped(interim, served):
    plays(served, interim, answer())
    got = post(served)
    assert (got.status, got.body) == (200, OK)


MALFORMED = {
    "no_http": b"banana\r\n\r\n",
    "no_status": b"HTTP/1.1 \r\n\r\n",
    "a_status_of_words": b"HTTP/1.1 OK 200\r\n\r\n",
    "nothing": b"",
    "half_a_head": b"HTTP/1.1 200 OK\r\ncontent-le",
    "half_a_body": answer()[:-10],
    "a_broken_chunk": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
    + OK,
    "chunks_without_end": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    + chunk(OK[:20]),
    "two_lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 97\r\n\r\n" + OK,
    "half_a_json": answer(OK[:-1]),
    "compressed": answer(__import__("gzip").compress(OK), headers=["content-encoding: gzip"]),
    "html": answer(b"<html>", headers=["content-type: text/html"]),
    "a_duplicate_key": answer(b'{"output":{},"output":{"message":{"content":[{"text":"eve@example.com"}]}}}'),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_answer_becomes_an_error(name, served):
    plays(served, MALFORMED[name], close=True)
    got = post(served)
    assert (got.status, got.error) in ((503, "ServiceUnavailableException"), (424, "ModelErrorException"))
    assert set(got.json()) == {"message"}
    decision, completion = last(served)
    assert decision["effect"] == "allow"
    assert completion["end"] == "upstream_error"
    plays(served, answer())
    assert post(served).status == 200, "the next request must not meet what was left"


def test_bytes_after_an_answer_are_no_answer_to_the_next_request(served):
    """A response smuggled behind another one, on a connection that is used again."""
    evil = answer(b'{"message":"evil"}')
    plays(served, answer() + evil)
    assert post(served).body == OK
    plays(served, answer())
    for _ in range(3):
        assert post(served).body == OK


def test_an_idle_connection_that_was_closed_is_noticed(served):
    plays(served, answer(), close=True)
    assert post(served).status == 200
    time.sleep(0.05)
    plays(served, answer())
    before = len(served.provider.requests)
    assert post(served).status == 200
    assert len(served.provider.requests) == before + 1


def test_an_answer_before_the_body_was_read_is_passed_on(served):
    """The provider refuses early and closes, with most of the body still unread."""
    refusal = answer(
        b'{"message":"too large"}', "400 Bad Request", ["x-amzn-errortype: ValidationException", "connection: close"]
    )

    def accept(listener):
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(refusal)
            time.sleep(0.3)

    with socket.create_server(("127.0.0.1", 0)) as early:
        folder = served.folder.parent / "early"
        gateway = Served(folder, type("Early", (), {"port": early.getsockname()[1], "requests": []}))
        threading.Thread(target=accept, args=(early,), daemon=True).start()
        got = post(gateway, body=converse("a " * 200_000), tenant="research")
        assert gateway.stop() == 0
    # Some kernels drop the answer with the reset that follows it; then the provider counts as gone.
    assert (got.status, got.error) in ((400, "ValidationException"), (503, "ServiceUnavailableException"))


def test_an_unreachable_provider(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    gateway = Served(tmp_path / "unreachable", type("Nobody", (), {"port": port, "requests": []}))
    got = post(gateway)
    assert (got.status, got.error) == (503, "ServiceUnavailableException")
    decision, completion = last(gateway)
    assert (decision["effect"], completion["end"], "attempts" in completion) == ("allow", "upstream_error", False)
    assert gateway.stop() == 0


def test_a_silent_provider_times_out(served):
    plays(served, pause=1.5, close=True)
    served.provider.play = lambda connection, request: time.sleep(1.5) or True
    got = post(served)
    assert (got.status, got.error) == (408, "ModelTimeoutException")
    assert last(served)[1]["end"] == "timeout"


def test_a_stream_that_falls_silent_ends_in_a_modelled_exception(served):
    def play(connection, _):
        connection.sendall(stream_head() + chunk(delta("Once ")))
        time.sleep(1.5)
        return True

    served.provider.play = play
    frames = post(served, "converse-stream").frames()
    assert [frame.kind for frame in frames] == ["contentBlockDelta", "modelStreamErrorException"]
    assert last(served)[1]["end"] == "timeout"


@pytest.mark.parametrize("cut", ["close", "half_a_chunk", "no_last_chunk"])
def test_a_stream_that_is_cut_ends_in_a_modelled_exception(cut, served):
    tail = {"close": b"", "half_a_chunk": b"40\r\nabc", "no_last_chunk": b""}[cut]
    held = delta("and ada@exam") if cut == "no_last_chunk" else b""
    plays(served, stream_head() + chunk(delta("Once ")) + (chunk(held) if held else b"") + tail, close=True)
    answer_ = post(served, "converse-stream")
    frames = answer_.frames()
    assert frames[-1].kind == "modelStreamErrorException"
    assert b"ada@exam" not in answer_.body, "half of what may be an address must not leave at a cut"
    assert last(served)[1]["end"] == "upstream_error"


# ------------------------------------------------------------------------------------------------------ limits


def test_a_slow_head_is_cut_off(serve):
    served = serve(limits="head_timeout_ms = 300")
    for start in (b"", b"POST /model/x/converse HTTP/1.1\r\nhost: x\r\n"):
        with Raw(served, timeout=5) as raw:
            began = time.monotonic()
            raw.send(start)
            raw.rest()
            assert 0.2 < time.monotonic() - began < 3


def test_a_slow_second_head_is_cut_off(serve):
    served = serve(limits="head_timeout_ms = 500")
    path = path_of(served.allowed, "converse")
    body = converse("hello")
    headers = signed(served, "retail", path, body, JSON)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    with Raw(served, timeout=5) as raw:
        raw.send(head(served, path, *lines, f"content-length: {len(body)}"), body)
        assert raw.answer().status == 200
        raw.send("POST ")
        began = time.monotonic()
        raw.rest()
        assert time.monotonic() - began < 3


def test_a_slow_body_is_refused(serve):
    served = serve(limits="body_timeout_ms = 300")
    path = path_of(served.allowed, "converse")
    body = converse("hello")
    lines = [f"{name}: {value}" for name, value in signed(served, "retail", path, body, JSON).items()]
    with Raw(served, timeout=5) as raw:
        raw.send(head(served, path, *lines, f"content-length: {len(body)}"), body[:5])
        got = raw.answer()
    assert (got.status, got.error) == (400, "ValidationException")
    decision, _ = last(served)
    assert (decision["effect"], decision["reason"]) == ("deny", "malformed")
    assert not served.provider.requests


def test_a_client_that_does_not_read_is_cut_off_and_the_provider_cancelled(serve):
    served = serve(limits="write_timeout_ms = 400")
    sent = []

    def play(connection, _):
        connection.sendall(stream_head())
        try:
            for _ in range(4000):
                connection.sendall(chunk(delta("x " * 8000)))
                sent.append(1)
        except OSError:
            return True

    served.provider.play = play
    path = path_of(served.allowed, "converse-stream")
    body = converse("hello")
    lines = [f"{name}: {value}" for name, value in signed(served, "retail", path, body, JSON).items()]
    with Raw(served, timeout=5) as raw:
        raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.send(head(served, path, *lines, f"content-length: {len(body)}"), body)
        wait_for("the record", lambda: [r for r in served.log.read() if r["kind"] == "completion"], 10)
    assert last(served)[1]["end"] == "client_gone"
    assert len(sent) < 4000


def test_connections_are_capped(serve):
    """Of one connection too many, one is closed at once, not made to wait."""
    served = serve(limits="connections_max = 3")
    opened = [Raw(served).socket for _ in range(4)]
    (closed, *_), _, _ = select.select(opened, [], [], 10)
    assert closed.recv(1) == b""
    opened.remove(closed)
    assert select.select(opened, [], [], 0.3)[0] == [], "more were closed than needed"
    for connection in opened:
        connection.close()
    wait_for("a free place", lambda: attempt(served) == 200)


def attempt(served):
    try:
        return post(served).status
    except (OSError, http.client.HTTPException):
        return None


def test_bodies_in_flight_are_bounded_and_given_back(serve):
    # A body takes its size, and twice as much again while it is scanned.
    served = serve(limits="body_bytes_max = 100000\nbody_bytes_in_flight_max = 400000")
    release = threading.Event()

    def play(connection, _):
        release.wait(10)
        connection.sendall(answer())

    served.provider.play = play
    large = converse("a " * 45_000)
    first = []
    threads = [threading.Thread(target=lambda: first.append(post(served, body=large))) for _ in range(2)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        wait_for("it to arrive", lambda number=number: len(served.provider.requests) == number)
    third = post(served, body=large)
    release.set()
    for thread in threads:
        thread.join()
    assert [got.status for got in first] == [200, 200]
    assert (third.status, third.error) == (503, "ServiceUnavailableException")
    reasons = {decision["reason"] for decision, _ in served.pairs()}
    assert reasons == {"policy", "overloaded"}
    assert post(served, body=large).status == 200


def test_an_answer_that_is_too_large_is_refused(serve):
    served = serve(limits="body_bytes_max = 100000")
    plays(served, answer(b'{"output":"' + b"a" * 200_000 + b'"}'))
    got = post(served)
    assert (got.status, got.error) == (424, "ModelErrorException")


# -------------------------------------------------------------------------------------------------- the log fails


def ready(served):
    connection = http.client.HTTPConnection(*served.admin.removeprefix("http://").split(":"), timeout=5)
    connection.request("GET", "/readyz")
    status = connection.getresponse().status
    connection.close()
    return status


def numbered(served, count):
    """Calls one after the other; gives the statuses."""
    statuses = []
    for number in range(count):
        got = post(served, body=converse(f"hello {number}"))
        if got.status != 200:
            assert (got.status, got.error) == (503, "ServiceUnavailableException")
        statuses.append(got.status)
    return statuses


def test_a_log_file_that_fails_is_replaced_and_no_record_is_missing(serve):
    """The file may not grow beyond 200 kB, as on a disk with a quota: a record is cut in the middle, then written anew."""
    served = serve(file_bytes_max=200_000)
    assert set(numbered(served, 260)) == {200}
    pairs = served.pairs()
    # A batch that was half written stands in both files; what it says must be the same.
    told = {}
    for decision, _ in pairs:
        assert told.setdefault(decision["id"], decision["http"]) == decision["http"]
    assert len(told) == 260
    assert len(list(served.log.folder.glob("*.seg"))) > 1


def test_nothing_is_sent_while_the_log_cannot_be_written_and_the_loss_is_recorded(serve):
    """The file fails, and so does every fresh one, because something else stands where the folder was."""
    served = serve(file_bytes_max=200_000)
    assert ready(served) == 200
    folder, aside = served.log.folder, served.log.folder.with_name("aside")
    folder.rename(aside)
    folder.touch()
    statuses = numbered(served, 260)
    first = statuses.index(503)
    assert set(statuses[first:]) == {503}, "it must not serve again"
    assert len(served.provider.requests) == first
    assert ready(served) == 503
    assert call(served, "/nothing", b"{}", JSON).status == 403, "who is nobody gets nothing, whatever the log does"

    folder.unlink()
    aside.rename(folder)
    again = []
    wait_for("the log to be written again", lambda: again.append(attempt(served)) or again[-1] == 200)
    assert ready(served) == 200
    served.stop()
    records = of_the_log(served.log.folder)
    written = sum(record["kind"] in ("decision", "completion") for record in records)
    lost = sum(record["count"] for record in records if record["kind"] == "lost")
    exchanges = len(statuses) + 1 + len(again)
    assert lost == 2 * exchanges - written, "the log says how much is missing"


def test_a_full_disk_is_not_filled_with_empty_files(serve):
    """No file may hold more than 100 bytes, which is less than any record: every fresh file fails at once. Nor can the
    process's own messages be written, which must not end its threads."""
    served = serve(file_bytes_max=1_000_000)
    assert post(served).status == 200
    # One file is made ahead of its use.
    def files():
        return {path.name for path in served.log.folder.iterdir()} - {".next"}

    before = files()
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (100, 1_000_000))
    until = time.monotonic() + 1
    while time.monotonic() < until:
        assert post(served).status == 503
    assert files() == before
    assert b"\x1b" not in served.output.read_bytes(), "no colours where there is no terminal"
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    wait_for("the log to be written again", lambda: attempt(served) == 200)
    assert ready(served) == 200


# ------------------------------------------------------------------------------------------------------ stopping


def test_a_running_stream_is_finished_before_the_gateway_stops(serve):
    served = serve()

    def play(connection, _):
        connection.sendall(stream_head())
        for word in ("one ", "two ", "three ", "four "):
            connection.sendall(chunk(delta(word)))
            time.sleep(0.3)
        connection.sendall(b"0\r\n\r\n")

    served.provider.play = play
    got = []
    thread = threading.Thread(target=lambda: got.append(post(served, "converse-stream")))
    thread.start()
    wait_for("the stream", lambda: served.provider.requests)
    assert served.stop() == 0
    thread.join()
    text = "".join(frame.json()["delta"]["text"] for frame in got[0].frames())
    assert text == "one two three four "
    assert [record["kind"] for record in served.log.read()][-1] == "log_stopped"


@pytest.mark.parametrize("operation", ["converse-stream", "converse"])
def test_what_never_ends_is_told_at_the_drain_limit_and_recorded(operation, serve):
    served = serve(limits="drain_timeout_ms = 300")
    begin = stream_head() + chunk(delta("on ")) if operation == "converse-stream" else b""
    served.provider.play = lambda connection, _: connection.sendall(begin) or time.sleep(20)
    got = []
    thread = threading.Thread(target=lambda: got.append(post(served, operation)))
    thread.start()
    wait_for("the call", lambda: served.provider.requests)
    began = time.monotonic()
    assert served.stop() == 1, "exchanges that had to be cut are a failure that scripts can see"
    assert time.monotonic() - began < 8
    thread.join()
    if operation == "converse-stream":
        assert [frame.kind for frame in got[0].frames()] == ["contentBlockDelta", "serviceUnavailableException"]
    else:
        assert (got[0].status, got[0].error) == (503, "ServiceUnavailableException")
    decision, completion = last(served)
    assert decision["effect"] == "allow"
    assert completion["end"] == "stopped"
