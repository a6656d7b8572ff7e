"""A provider in trouble, bodies of every size, clients that leave: each ends as it should and is recorded."""

import base64
import json
import socket
import time

import pytest
from botocore.exceptions import ClientError

from gateway import body_of, sha256, wait_for
from test_sdk import converse as ask
from test_sdk import converse_stream, invoke_stream, native, refusal
from wire import Raw, bearer, call, converse, framed, head, path_of, signed

JSON = {"content-type": "application/json"}


def post(demo, operation="converse", body=None, **options):
    return call(demo, path_of(demo.allowed, operation), body or converse("hello"), {**JSON, **bearer(demo)}, **options)


def results(completion):
    """What came of each sending of a call."""
    return [attempt["result"] for attempt in completion.get("attempts", [])]


ERRORS = {
    400: ("ValidationException", 1),
    404: ("ResourceNotFoundException", 1),
    408: ("ModelTimeoutException", 1),
    424: ("ModelErrorException", 1),
    429: ("ThrottlingException", 3),
    500: ("InternalServerException", 3),
    503: ("ServiceUnavailableException", 3),
}


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_of_the_provider_is_passed_on_and_retried_by_the_client_alone(status, demo, retail, watch):
    name, attempts = ERRORS[status]
    demo.simulator.script(*[{"status": status, "error": name, "message": "not now"}] * attempts)
    assert refusal(ask, retail, demo.allowed, "hello") == (name, "not now", attempts)
    pairs = watch.settle()
    assert len(pairs) == attempts == len(watch.upstream())
    for decision, completion in pairs:
        assert decision["effect"] == "allow"
        assert (completion["upstream_status"], completion["client_status"]) == (status, status)
        assert (results(completion), completion["end"]) == (["answered"], "completed")


@pytest.mark.parametrize("status", [401, 403])
def test_an_error_about_the_gateways_own_credentials_stays_here(status, demo, retail, watch):
    """The provider's words name the gateway's role and account; a tenant is told that the provider failed."""
    role = watch.canary("arn:aws:sts::111122223333:assumed-role/palisade")
    demo.simulator.script(
        {"status": status, "error": "AccessDeniedException", "message": f"User: {role} is not authorized"}
    )
    code, message, attempts = refusal(ask, retail, demo.allowed, "hello")
    assert (code, attempts) == ("ModelErrorException", 1)
    assert role not in message
    assert watch.one()[1]["upstream_status"] == status


def test_an_error_of_the_provider_that_quotes_the_prompt_is_redacted(demo, watch):
    watch.canary("eve@example.com")
    demo.simulator.script({"status": 400, "message": "cannot parse: write to eve@example.com"})
    answer = post(demo)
    assert answer.status == 400
    assert answer.json() == {"message": "cannot parse: write to {EMAIL}"}


@pytest.mark.parametrize("operation", ["converse-stream", "invoke-with-response-stream"])
def test_an_error_before_a_stream_is_an_error_response(operation, demo, watch):
    demo.simulator.script({"status": 429})
    answer = post(demo, operation, native(demo.allowed, "hello").encode())
    assert (answer.status, answer.error) == (429, "ThrottlingException")


def warm(demo, watch):
    """Leaves an idle connection to the provider in the pool: it is there once the exchange is over."""
    assert post(demo).status == 200
    watch.settle()


def test_a_request_that_may_have_been_read_is_never_sent_twice(demo, watch):
    """The provider reads it, then the pooled connection dies: the model may be at work on it, and is paid for."""
    warm(demo, watch)
    demo.simulator.script({"die_before_response": True})
    answer = post(demo)
    assert (answer.status, answer.error) == (503, "ServiceUnavailableException")
    _, (_, completion) = watch.settle()
    assert (completion["end"], results(completion)) == ("upstream_error", ["broken"])
    assert len(watch.upstream()) == 2


STREAMS = {"converse-stream": converse_stream, "invoke-with-response-stream": invoke_stream}


@pytest.mark.parametrize("operation", STREAMS)
@pytest.mark.parametrize("frames", [0, 1, 2, 5])
def test_a_stream_that_dies_ends_in_a_modelled_exception(operation, frames, demo, retail, watch):
    demo.simulator.script({"text": "one two three four five six", "chunk_chars": 3, "die_after": frames})
    with pytest.raises(ClientError) as caught:
        STREAMS[operation](retail, demo.allowed, "hello")
    assert caught.value.response["Error"]["Code"] == "modelStreamErrorException"
    _, completion = watch.one()
    assert completion["end"] == "upstream_error"
    assert completion["client_status"] == 200


@pytest.mark.parametrize("operation", STREAMS)
def test_a_clean_end_inside_a_frame_ends_in_a_modelled_exception(operation, demo, watch):
    whole = base64.b64encode(bytes(10)).decode()
    demo.simulator.script({"raw_body_base64": whole})
    frames = post(demo, operation, native(demo.allowed, "hello").encode()).frames()
    assert [frame.kind for frame in frames] == ["modelStreamErrorException"]
    assert watch.one()[1]["end"] == "upstream_error"


MODELLED = [
    "throttlingException",
    "modelStreamErrorException",
    "internalServerException",
    "serviceUnavailableException",
    "validationException",
]


@pytest.mark.parametrize("operation", STREAMS)
@pytest.mark.parametrize("name", MODELLED)
def test_an_exception_inside_a_stream_is_passed_on(operation, name, demo, retail, watch):
    reply = {"text": "one two three", "exception_after": 2, "exception": name, "message": "busy, says eve@example.com"}
    watch.canary("eve@example.com")
    demo.simulator.script(reply)
    with pytest.raises(ClientError) as caught:
        STREAMS[operation](retail, demo.allowed, "hello")
    assert caught.value.response["Error"] == {"Code": name, "Message": "busy, says {EMAIL}"}
    assert watch.one()[1]["end"] == "upstream_error"


def frame_bytes(kind, payload, checksum=0):
    """One event of Bedrock; `checksum` spoils the last checksum."""
    headers = [(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")]
    return framed(headers, payload, checksum)


def delta(text):
    return frame_bytes("contentBlockDelta", json.dumps({"contentBlockIndex": 0, "delta": {"text": text}}).encode())


BROKEN_STREAMS = {
    "a_wrong_message_checksum": frame_bytes("contentBlockDelta", b"{}", checksum=1),
    "a_wrong_prelude_checksum": b"\0\0\0\x40\0\0\0\x10\0\0\0\0" + bytes(52),
    "a_length_of_two_gigabytes": b"\x7f\xff\xff\xff\0\0\0\x10" + bytes(200),
    "headers_longer_than_the_frame": b"\0\0\0\x20\0\0\xff\xff" + bytes(24),
    "a_payload_that_is_no_json": frame_bytes("contentBlockDelta", b"hello"),
    "a_payload_with_a_duplicate_key": frame_bytes("contentBlockDelta", b'{"delta":{"text":"a","text":"b"}}'),
    "text_instead_of_frames": b"data: {}\n\n" * 10,
}


@pytest.mark.parametrize("name", BROKEN_STREAMS)
def test_a_stream_with_this_is_cut(name, demo, watch):
    """What came before may leave; what is broken may not, nor anything after it."""
    data = delta("before ") + BROKEN_STREAMS[name] + delta("after")
    demo.simulator.script({"raw_body_base64": base64.b64encode(data).decode()})
    answer = post(demo, "converse-stream")
    frames = answer.frames()
    assert frames[-1].kind == "modelStreamErrorException"
    text = "".join(frame.json().get("delta", {}).get("text", "") for frame in frames[:-1])
    assert text in ("", "before ")
    assert b"after" not in answer.body
    assert watch.one()[1]["end"] == "upstream_error"


def test_an_unknown_event_with_text_passes_without_what_it_says_together(demo, watch):
    watch.canary("eve@example.com")
    events = [b'{"deep":{"note":"mail eve@"}}', b'{"deep":{"note":"example.com"}}', b'{"deep":{"note":" now"}}']
    data = b"".join(frame_bytes("somethingNew", event) for event in events) + frame_bytes("messageStop", b'{"stopReason":"end_turn"}')
    demo.simulator.script({"raw_body_base64": base64.b64encode(data).decode()})
    frames = post(demo, "converse-stream").frames()
    assert "".join(frame.json()["deep"]["note"] for frame in frames[:-1]) == "mail {EMAIL} now"
    assert {frame.kind for frame in frames[:-1]} == {"somethingNew"} and frames[-1].kind == "messageStop"
    assert watch.one()[1]["end"] == "completed"


def test_an_unknown_event_that_cannot_be_read_ends_the_stream(demo, watch):
    """Its text might go on in the next one, and nobody could tell: nothing of it leaves."""
    watch.canary("eve@example.com")
    event = frame_bytes("somethingNew", b'{"deep":{"a note":"mail eve@example.com"}}')
    demo.simulator.script({"raw_body_base64": base64.b64encode(delta("hi ") + event + delta("there")).decode()})
    answer = post(demo, "converse-stream")
    assert [frame.kind for frame in answer.frames()] == ["contentBlockDelta", "validationException"]
    assert b"mail" not in answer.body and b"there" not in answer.body
    assert watch.one()[1]["end"] == "policy_cut"


def test_a_whole_answer_that_is_no_json_is_an_error_of_the_model(demo, watch):
    demo.simulator.script(
        {"raw_body_base64": base64.b64encode(b"<html>oops</html>").decode(), "content_type": "text/html"}
    )
    answer = post(demo)
    assert (answer.status, answer.error) == (424, "ModelErrorException")
    assert watch.one()[1]["end"] == "upstream_error"


def test_a_frame_without_findings_leaves_byte_for_byte(demo, watch):
    data = (
        delta("One. ")
        + delta("Two, ")
        + frame_bytes("metadata", b'{ "usage" : {"inputTokens": 1, "outputTokens":2} , "p":"xy"}')
    )
    demo.simulator.script({"raw_body_base64": base64.b64encode(data).decode(), "frames_split_bytes": 7})
    assert post(demo, "converse-stream").body == data


# --------------------------------------------------------------------------------------------- clients that leave


def open_stream(demo, reply, operation="converse-stream"):
    demo.simulator.script(reply)
    body = converse("hello")
    raw = Raw(demo)
    lines = [f"{name}: {value}" for name, value in {**JSON, **bearer(demo), "content-length": len(body)}.items()]
    return raw.send(head(demo, path_of(demo.allowed, operation), *lines), body)


def outcome(watch):
    return [received["outcome"] for received in watch.upstream()]


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
def test_a_client_that_leaves_a_silent_model_cancels_it_at_once(operation, how, demo, watch):
    raw = open_stream(demo, {"hang": True}, operation)
    wait_for("the request to arrive", watch.upstream)
    if how == "reset":
        raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    left = time.monotonic()
    raw.socket.close()
    wait_for("the provider to be cancelled", lambda: outcome(watch) == ["client_gone"], 2)
    assert time.monotonic() - left < 1
    decision, completion = watch.one()
    assert decision["effect"] == "allow"
    assert (completion["end"], results(completion)) == ("client_gone", ["given_up"])


@pytest.mark.parametrize("frames", [1, 2, 3, 10])
def test_a_client_that_leaves_a_running_stream_cancels_it_at_once(frames, demo, watch):
    raw = open_stream(demo, {"text": "word " * 2000, "chunk_chars": 5, "delay_ms": 20})
    wait_for("frames", lambda: watch.upstream() and watch.upstream()[0]["frames"] >= frames)
    assert raw.socket.recv(100)
    raw.socket.close()
    wait_for("the provider to be cancelled", lambda: outcome(watch) == ["client_gone"], 2)
    assert watch.upstream()[0]["frames"] < 200
    _, completion = watch.one()
    assert (completion["end"], completion["client_status"]) == ("client_gone", 200)
    assert completion["client_bytes"] > 0


@pytest.mark.parametrize("delay_ms", [0, 200, 1500])
def test_a_client_that_closes_its_half_is_answered(delay_ms, demo, watch):
    """Half a close is told from a whole one by interim answers, which every client passes over."""
    demo.simulator.script({"text": "here", "delay_ms": delay_ms})
    body = converse("patience")
    lines = [f"{name}: {value}" for name, value in {**JSON, **bearer(demo), "content-length": len(body)}.items()]
    with Raw(demo) as raw:
        raw.send(head(demo, path_of(demo.allowed, "converse"), *lines), body)
        raw.socket.shutdown(socket.SHUT_WR)
        answer = raw.answer()
    assert answer.status == 200 and b"here" in answer.body
    assert watch.one()[1]["end"] == "completed"


@pytest.mark.parametrize("frames", [1, 5])
def test_a_client_that_closes_its_half_reads_the_whole_stream(frames, demo, watch):
    raw = open_stream(demo, {"text": "word " * 20, "chunk_chars": 5, "delay_ms": 20})
    wait_for("frames", lambda: watch.upstream() and watch.upstream()[0]["frames"] >= frames)
    raw.socket.shutdown(socket.SHUT_WR)
    assert raw.answer().frames()[-1].kind == "metadata"
    assert watch.one()[1]["end"] == "completed"


@pytest.mark.parametrize("late", [0, 0.1])
@pytest.mark.parametrize("bytes_after", [b"\r\n", b"\r\n\r\n"])
def test_a_stray_line_break_after_the_body_cancels_nothing(bytes_after, late, demo, watch):
    demo.simulator.script({"text": "here", "delay_ms": 300})
    body = converse("patience")
    lines = [f"{name}: {value}" for name, value in {**JSON, **bearer(demo), "content-length": len(body)}.items()]
    request = (head(demo, path_of(demo.allowed, "converse"), *lines), body)
    with Raw(demo) as raw:
        raw.send(*request, *([] if late else [bytes_after]))
        time.sleep(late)
        raw.send(*([bytes_after] if late else []))
        assert raw.answer().status == 200
        assert raw.send(*request).answer().status == 200
    assert [completion["end"] for _, completion in watch.settle()] == ["completed", "completed"]


def test_the_decision_is_on_disk_before_the_model_has_anything(demo, watch):
    """Read from the file, not through the gateway, while the provider holds the request."""
    raw = open_stream(demo, {"hang": True}, "converse")
    received = wait_for("the request to arrive", watch.upstream)
    digest = sha256(body_of(received[0])).encode()
    assert digest in demo.log.text()
    raw.socket.close()
    wait_for("the provider to be cancelled", lambda: outcome(watch) == ["client_gone"], 2)


def test_the_first_frames_do_not_wait_for_the_last(demo, watch):
    raw = open_stream(demo, {"text": "abcdef", "chunk_chars": 1, "delay_ms": 150})
    began = time.monotonic()
    seen = b""
    while b"contentBlockDelta" not in seen:
        seen += raw.socket.recv(65536)
    first = time.monotonic() - began
    while b"metadata" not in seen:
        seen += raw.socket.recv(65536)
    total = time.monotonic() - began
    assert first < total / 2, (first, total)
    raw.socket.close()


def test_words_are_held_only_while_they_could_be_a_finding(demo, watch):
    """A word that can still become an address waits, as `ada (at)` could; once it cannot, it leaves with the next frame."""
    parts = ["plain words, ", "and ada@exam", "ple, no more", " done."]
    data = b"".join(delta(part) for part in parts)
    demo.simulator.script({"raw_body_base64": base64.b64encode(data).decode()})
    frames = post(demo, "converse-stream").frames()
    text = "".join(frame.json()["delta"]["text"] for frame in frames)
    assert text == "".join(parts)
    assert frames[0].json()["delta"]["text"].startswith("plain words")


# -------------------------------------------------------------------------------------------------- body sizes


def body_of_size(size):
    """A Converse body of exactly so many bytes."""
    empty = len(converse(""))
    return converse("a " * ((size - empty) // 2) + "b" * ((size - empty) % 2))


KIB = 1024
SIZES = [64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 128 * KIB, 1_000_000, 5_000_000, 24_000_000]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.timeout(120)
def test_a_body_of_this_size_arrives_whole(size, demo, watch):
    body = body_of_size(size)
    path = path_of(demo.allowed, "converse")
    headers = signed(demo, "research", path, body, JSON)
    answer = call(demo, path, body, headers, timeout=100)
    decision, _ = watch.one()
    assert decision["http"]["body_bytes"] == size == len(body)
    if answer.status == 200:
        (received,) = watch.upstream()
        assert sha256(body_of(received)) == sha256(body) == decision["http"]["sent_sha256"]
    else:
        # More tokens than the tenant's tier allows in one call: a matter of policy, not of size.
        assert (answer.status, decision["determining"]) == (403, ["call-size"])
        assert size > 4_000_000


@pytest.mark.parametrize("body", [b"", b"1"], ids=["none", "one_byte"])
def test_a_body_too_small_to_be_json_is_refused(body, demo, watch):
    answer = call(demo, path_of(demo.allowed, "converse"), body, {**JSON, **bearer(demo)})
    assert (answer.status, answer.error) == (400, "ValidationException")
    assert watch.refused("malformed")["http"]["body_bytes"] == len(body)


@pytest.mark.parametrize("size", [64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 1_900_000])
@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
def test_an_answer_of_this_size_arrives_whole(operation, size, demo, retail, watch):
    said = ("0123456789 abcdef " * (size // 18 + 1))[:size]
    demo.simulator.script({"text": said, "chunk_chars": 8192})
    got = (ask if operation == "converse" else converse_stream)(retail, demo.allowed, "hello")
    assert sha256(got.encode()) == sha256(said.encode())


def test_an_email_across_the_seam_of_64_kib_is_found(demo, retail, watch):
    watch.canary("eve@example.com")
    for offset in range(-20, 3, 2):
        text = "x " * ((64 * KIB + offset - 60) // 2)
        ask(retail, demo.allowed, text + " eve@example.com")
    for received in watch.upstream():
        assert b"{EMAIL}" in body_of(received) and b"eve@" not in body_of(received)
