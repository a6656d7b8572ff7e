"""HTTP/2 with prior knowledge, frame by frame: what the JavaScript SDK speaks, and what none should."""

import json
import socket
import time

import h2.config
import h2.connection
import h2.events
import pytest

from gateway import body_of, wait_for
from wire import bearer, converse, decode, path_of


class Connection:
    """A client that sends any header block: h2's own checks are off."""

    def __init__(self, demo, timeout=10):
        self.demo = demo
        self.socket = socket.create_connection(demo.address, timeout)
        config = h2.config.H2Configuration(
            client_side=True,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
            validate_inbound_headers=True,
        )
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.flush()
        self.answers = {}
        self.over = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def send(self, headers, body=b"", end=True):
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, headers, end_stream=end and not body)
        if body:
            self.h2.send_data(stream, body, end_stream=end)
        self.flush()
        self.answers[stream] = {"status": None, "headers": {}, "body": b"", "end": False, "reset": None}
        return stream

    def read(self):
        """Takes what has arrived; says whether the connection lives."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.over = True
            return False
        for event in self.h2.receive_data(data):
            answer = self.answers.get(getattr(event, "stream_id", None))
            match event:
                case h2.events.ResponseReceived():
                    fields = [
                        (str(n, "latin-1"), str(v, "latin-1")) if isinstance(n, bytes) else (n, v)
                        for n, v in event.headers
                    ]
                    answer["headers"] = dict(fields)
                    answer["status"] = int(answer["headers"][":status"])
                case h2.events.DataReceived():
                    answer["body"] += event.data
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.StreamEnded():
                    answer["end"] = True
                case h2.events.StreamReset():
                    answer["reset"] = event.error_code
                    answer["end"] = True
                case h2.events.ConnectionTerminated():
                    self.over = True
        self.flush_quietly()
        return not self.over

    def flush_quietly(self):
        try:
            self.flush()
        except OSError:
            self.over = True

    def finish(self, *streams):
        """Reads until these streams have ended, or the connection has."""
        while not self.over and not all(self.answers[stream]["end"] for stream in streams):
            self.read()
        return [self.answers[stream] for stream in streams]

    def ask(self, headers, body=b"", end=True):
        return self.finish(self.send(headers, body, end))[0]


def request(demo, operation="converse", tenant="retail", **changes):
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":authority": "{}:{}".format(*demo.address),
        ":path": path_of(demo.allowed, operation),
        "content-type": "application/json",
        **bearer(demo, tenant),
    }
    fields |= {name.replace("_", "-") if not name.startswith(":") else name: value for name, value in changes.items()}
    return [(name, value) for name, value in fields.items() if value is not None]


def test_answers_over_http2(demo, watch):
    with Connection(demo) as connection:
        answer = connection.ask(request(demo), converse("hello"))
    assert answer["status"] == 200
    assert "connection" not in answer["headers"] and "transfer-encoding" not in answer["headers"]
    decision, _ = watch.one()
    assert decision["http"]["version"] == "HTTP/2.0"


def test_a_refusal_leaves_the_connection_alive(demo, watch):
    denied = path_of(demo.denied, "converse")
    with Connection(demo) as connection:
        statuses = []
        for path in (denied, None, "/nothing", None):
            changes = {":path": path} if path else {}
            statuses.append(connection.ask(request(demo, **changes), converse("hello"))["status"])
    assert statuses == [403, 200, 404, 200]


BAD = {
    "transfer_encoding": [("transfer-encoding", "chunked")],
    "connection": [("connection", "keep-alive")],
    "another_host": [("host", "evil.example")],
    "upgrade": [("upgrade", "websocket")],
    "te_gzip": [("te", "gzip")],
    "a_line_break_in_a_value": [("x-a", "b\r\nx-evil: 1")],
    "a_null_in_a_value": [("x-a", "b\0c")],
    "an_upper_case_name": [("X-Upper", "1")],
    "a_pseudo_header_at_the_end": [(":path", "/model/other/converse")],
    "an_unknown_pseudo_header": [(":evil", "1")],
    "a_length_that_is_too_short": [("content-length", "3")],
    "a_length_that_is_too_long": [("content-length", "100000")],
    "two_lengths": [("content-length", "64"), ("content-length", "65")],
    "a_compressed_body": [("content-encoding", "gzip")],
}


@pytest.mark.parametrize("name", BAD)
def test_refuses_a_request_with(name, demo, watch):
    with Connection(demo, timeout=5) as connection:
        try:
            answer = connection.ask([*request(demo), *BAD[name]], converse("hello"))
        except TimeoutError:
            answer = {"status": None}
    assert answer["status"] in (None, 400), answer["status"]
    watch.settle()
    assert not watch.upstream()


PSEUDO = {
    "no_path": {":path": None},
    "an_empty_path": {":path": ""},
    "a_path_without_slash": {":path": "model/x/converse"},
    "a_path_with_a_space": {":path": "/model/a b/converse"},
    "a_path_with_a_line_break": {":path": "/model/x/converse HTTP/1.1\r\nhost: evil"},
    "a_path_that_is_a_url": {":path": "http://evil.example/model/x/converse"},
    "no_method": {":method": None},
    "a_method_with_a_space": {":method": "POST /x"},
    "no_authority": {":authority": None},
    "an_authority_with_a_path": {":authority": "x/../key"},
    "an_authority_with_a_query": {":authority": "a?b"},
    "connect": {":method": "CONNECT"},
}


@pytest.mark.parametrize("name", PSEUDO)
def test_refuses_a_head_with(name, demo, watch):
    with Connection(demo, timeout=5) as connection:
        try:
            answer = connection.ask(request(demo, **PSEUDO[name]), converse("hello"))
        except TimeoutError:
            answer = {"status": None}
    assert answer["status"] in (None, 400, 404), answer["status"]
    watch.settle()
    assert not watch.upstream()


def test_trailers_are_not_passed_on(demo, watch, canary):
    word = canary()
    with Connection(demo) as connection:
        stream = connection.send(request(demo), converse("hello"), end=False)
        connection.h2.send_headers(stream, [("x-trailer", word)], end_stream=True)
        connection.flush()
        (answer,) = connection.finish(stream)
    assert answer["status"] in (200, 400)
    assert all(word not in json.dumps(received) for received in watch.upstream())


def test_a_reset_stream_cancels_the_provider_and_no_other_stream(demo, watch):
    demo.simulator.script({"hang": True})
    with Connection(demo) as connection:
        hanging = connection.send(request(demo, "converse-stream"), converse("first"))
        wait_for("the request to arrive", watch.upstream)
        running = connection.send(request(demo, "converse-stream", "markets"), converse("second"))
        connection.h2.reset_stream(hanging, error_code=8)
        connection.flush()
        wait_for(
            "the provider to be cancelled",
            lambda: {body_of(r): r["outcome"] for r in watch.upstream()}.get(converse("first")) == "client_gone",
            2,
        )
        (answer,) = connection.finish(running)
    assert answer["status"] == 200
    text = "".join(frame.json().get("delta", {}).get("text", "") for frame in decode(answer["body"]))
    assert "second" in text
    ends = {completion["end"] for _, completion in watch.settle()}
    assert ends == {"client_gone", "completed"}


def test_who_calls_is_told_by_stream_and_not_by_connection(demo, watch):
    """One connection, three tenants, and one stream without any credential."""
    opus = path_of("anthropic.claude-3-opus-20240229-v1:0", "converse")
    with Connection(demo) as connection:
        streams = [
            connection.send(request(demo, tenant=tenant, **{":path": opus}), converse("x"))
            for tenant in ("markets", "retail", "research")
        ]
        streams.append(connection.send(request(demo, authorization=None, **{":path": opus}), converse("x")))
        answers = connection.finish(*streams)
    assert [answer["status"] for answer in answers] == [200, 403, 200, 403]


def test_a_body_that_comes_slowly_is_put_together(demo, watch):
    body = converse("piece by piece")
    with Connection(demo) as connection:
        stream = connection.send(request(demo), body[:1], end=False)
        for start in range(1, len(body), 10):
            time.sleep(0.005)
            connection.h2.send_data(stream, body[start : start + 10])
            connection.flush()
        connection.h2.send_data(stream, b"", end_stream=True)
        connection.flush()
        (answer,) = connection.finish(stream)
    assert answer["status"] == 200
    (received,) = watch.upstream()
    assert body_of(received) == body


def test_a_flood_of_empty_frames_stops(demo, watch):
    """Empty DATA frames cost the client nothing: the connection must not live on them for ever."""
    with Connection(demo, timeout=10) as connection:
        stream = connection.send(request(demo), b"{", end=False)
        sent = 0
        try:
            while sent < 200_000 and not connection.over:
                for _ in range(1000):
                    connection.h2.send_data(stream, b"")
                connection.flush()
                sent += 1000
        except OSError:
            pass
    wait_for("the decision", watch.decisions)
    watch.refused()


def test_a_stream_that_is_left_by_closing_the_connection_is_cancelled(demo, watch):
    demo.simulator.script({"text": "word " * 2000, "chunk_chars": 5, "delay_ms": 20})
    with Connection(demo) as connection:
        stream = connection.send(request(demo, "converse-stream"), converse("hello"))
        while not connection.answers[stream]["body"]:
            connection.read()
    wait_for("the provider to be cancelled", lambda: [r["outcome"] for r in watch.upstream()] == ["client_gone"], 3)
    assert watch.one()[1]["end"] == "client_gone"
