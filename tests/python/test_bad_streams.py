"""Attacks by streams, headers and guardrails of the caller's own: what may not be said is not."""

import base64
import gzip
import http.client
import json
import socket
import struct
import threading
import zlib

import pytest

from gateway import body_of
from test_bad_framing import refused
from test_bad_http import BODY, JSON, LENGTH, auth, send, target
from test_http2 import Connection, request
from test_provider import chunk, last, plays, stream_head
from test_upstream import delta, frame_bytes, post
from wire import Raw, bearer, call, converse, decode, framed, head, path_of, signed

MAIL = "eve@" + "example.com"
KIND = {"content-type": "application/json"}
ACCOUNT = "9" * 12
BEDROCK = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:"


def frame(headers, payload):
    """One frame with headers of any type; each value is a type byte and what follows it."""
    block = b"".join(struct.pack(">B", len(name)) + name.encode() + value for name, value in headers)
    prelude = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + block + payload
    return message + struct.pack(">I", zlib.crc32(message))


def text(value):
    return struct.pack(">BH", 7, len(value)) + value.encode()


def both(*payloads):
    return b"".join(frame_bytes("contentBlockDelta", payload) for payload in payloads)


TYPE, FORM, EVENT = (":event-type", text("contentBlockDelta")), (":content-type", text("application/json")), (":message-type", text("event"))
TOLD = json.dumps({"contentBlockIndex": 0, "delta": {"text": f"mail {MAIL} "}}).encode()
HALF = b'{"contentBlockIndex":0,"delta":{"text":"%s"}}'
SHORT = struct.pack(">II", 15, 0)
FRAMES = {
    "no_message_type": frame([TYPE, FORM], TOLD),
    "an_unknown_message_type": frame([TYPE, FORM, (":message-type", text("nonsense"))], TOLD),
    "an_error_instead_of_an_event": frame([(":error-code", text("x")), (":error-message", text(MAIL)), (":message-type", text("error"))], b""),
    "no_event_type": frame([FORM, EVENT], TOLD),
    "two_event_types": frame([TYPE, (":event-type", text("metadata")), FORM, EVENT], TOLD),
    "an_event_type_of_bytes": frame([(":event-type", struct.pack(">BH", 6, 17) + b"contentBlockDelta"), FORM, EVENT], TOLD),
    "a_compressed_payload": frame([TYPE, FORM, EVENT, (":content-encoding", text("gzip"))], gzip.compress(TOLD)),
    "an_empty_payload": frame([TYPE, FORM, EVENT], b""),
    "a_frame_shorter_than_a_frame_can_be": SHORT + struct.pack(">I", zlib.crc32(SHORT)) + bytes(20),
    "half_a_character_in_each_of_two_frames": both(HALF % b"eve@example\xc3", HALF % b"\xa9"),
    "half_a_surrogate_in_each_of_two_frames": both(HALF % b"eve@\\ud83d", HALF % b"\\ude00"),
    "half_a_document_in_each_of_two_frames": both(TOLD[:50], TOLD[50:]),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_stream_is_cut_at(name, demo, watch):
    """Nothing of the frame leaves, nor of those after it."""
    watch.canary(MAIL)
    data = delta("before ") + FRAMES[name] + delta("after")
    demo.simulator.script({"raw_body_base64": base64.b64encode(data).decode()})
    answer = post(demo, "converse-stream")
    *frames, end = answer.frames()
    assert end.kind == "modelStreamErrorException" and end.is_exception
    assert "".join(told.json().get("delta", {}).get("text", "") for told in frames) in ("", "before ")
    assert not [word for word in (b"eve@", b"after") if word in answer.body]
    assert watch.one()[1]["end"] == "upstream_error"


def test_an_exception_nobody_knows_ends_the_stream_without_what_it_quotes(demo, watch):
    watch.canary(MAIL)
    headers = [(":exception-type", "somethingNew"), (":content-type", "application/json"), (":message-type", "exception")]
    data = delta("before ") + framed(headers, json.dumps({"message": f"cannot say {MAIL}"}).encode())
    demo.simulator.script({"raw_body_base64": base64.b64encode(data).decode()})
    answer = post(demo, "converse-stream")
    assert MAIL.encode() not in answer.body
    assert watch.one()[1]["end"] == "upstream_error"


GUARDRAIL, VERSION, TRACE = "x-amzn-bedrock-guardrailidentifier", "x-amzn-bedrock-guardrailversion", "x-amzn-bedrock-trace"
GUARDRAILS = {
    "two_of_them": [f"{GUARDRAIL}: abc123", f"{GUARDRAIL}: other"],
    "two_in_other_cases": [f"{GUARDRAIL}: abc123", "X-Amzn-Bedrock-GuardrailIdentifier: other"],
    "the_same_twice": [f"{GUARDRAIL}: abc123", f"{GUARDRAIL.upper()}: abc123"],
    "a_list": [f"{GUARDRAIL}: abc123, other"],
    "a_path": [f"{GUARDRAIL}: ../../x"],
    "an_escaped_line_break": [f"{GUARDRAIL}: a%0d%0ax-evil:1"],
    "capitals": [f"{GUARDRAIL}: ABC123"],
    "an_arn_of_something_else": [f"{GUARDRAIL}: {BEDROCK}prompt/abc123"],
    "a_space_before_the_colon": [f"{GUARDRAIL} : abc123"],
    "two_versions": [f"{GUARDRAIL}: abc123", f"{VERSION}: 1", f"{VERSION}: 2"],
    "a_version_that_is_none": [f"{GUARDRAIL}: abc123", f"{VERSION}: v1"],
    "two_traces": [f"{TRACE}: DISABLED", f"{TRACE}: ENABLED"],
    "an_address": [f"{GUARDRAIL}: {MAIL}"],
}


@pytest.mark.parametrize("name", GUARDRAILS)
@pytest.mark.parametrize("operation", ["converse", "invoke"])
def test_refuses_a_guardrail_in_headers_with(operation, name, demo, watch):
    answer = send(demo, JSON, auth(demo), LENGTH, *GUARDRAILS[name], path=target(demo, operation))
    assert "x-evil" not in answer.headers
    refused(answer, watch, 400, "ValidationException", "malformed")


CONFIG = {"guardrailIdentifier": "abc123", "guardrailVersion": "1", "trace": "enabled", "streamProcessingMode": "async"}
OWN = {
    "headers": ({}, {GUARDRAIL: "abc123", VERSION: "1", TRACE: "DISABLED"}),
    "the_body": ({"guardrailConfig": CONFIG}, {}),
    "fields_of_the_model": ({"additionalModelRequestFields": {"amazon-bedrock-guardrailConfig": {"streamProcessingMode": "ASYNCHRONOUS"}}}, {}),
}


@pytest.mark.parametrize("name", OWN)
def test_a_guardrail_of_ones_own_does_not_take_the_place_of_the_gateways(name, demo, watch):
    """Asked to scan behind the stream, or not at all: values are taken out all the same, both ways."""
    watch.canary(MAIL)
    members, headers = OWN[name]
    demo.simulator.script({"text": f"Ask {MAIL}, she knows.", "chunk_chars": 3})
    answer = call(demo, target(demo, "converse-stream"), converse(f"mail {MAIL}", **members), {**KIND, **bearer(demo), **headers})
    said = "".join(told.json().get("delta", {}).get("text", "") for told in answer.frames())
    assert (answer.status, said) == (200, "Ask {EMAIL}, she knows.")
    (received,) = watch.upstream()
    assert json.loads(received["body"])["messages"][0]["content"][0]["text"] == "mail {EMAIL}"
    decision, _ = watch.one()
    assert decision["effect"] == "allow_modified"
    if members:
        assert decision["client_guardrail"] is True


TAG = "amazon-bedrock-guardrails-guardContent_xyz"
GUARD = {"guardContent": {"text": {"text": "harmless", "qualifiers": ["guard_content"]}}}
TAGGED = {
    "behind_guarded_content": ("converse", {"messages": [{"role": "user", "content": [GUARD, {"text": f"mail {MAIL}"}]}]}),
    "before_guarded_content": ("converse", {"messages": [{"role": "user", "content": [{"text": f"mail {MAIL}"}, GUARD]}]}),
    "in_an_earlier_turn": (
        "converse",
        {"messages": [{"role": role, "content": [block]} for role, block in (("user", {"text": MAIL}), ("assistant", {"text": "ok"}), ("user", GUARD))]},
    ),
    "outside_the_tags_of_a_native_body": (
        "invoke",
        {
            "messages": [{"role": "user", "content": [{"text": f"<{TAG}>harmless</{TAG}> mail {MAIL}"}]}],
            "amazon-bedrock-guardrailConfig": {"tagSuffix": "xyz", "streamProcessingMode": "ASYNCHRONOUS"},
        },
    ),
}


@pytest.mark.parametrize("name", TAGGED)
def test_tags_for_a_guardrail_hide_nothing_that_stands(name, demo, watch):
    watch.canary(MAIL)
    operation, body = TAGGED[name]
    assert post(demo, operation, json.dumps(body).encode()).status == 200
    (received,) = watch.upstream()
    assert body_of(received) == json.dumps(body).replace(MAIL, "{EMAIL}").encode()
    assert watch.one()[0]["effect"] == "allow_modified"


REFLECTED = {
    "the_path": lambda d: ("/model/x%0d%0ax-evil:1/converse", []),
    "the_name_of_an_operation": lambda d: (f"/model/{d.allowed}/converse%0d%0ax-evil:1", []),
    "the_query": lambda d: (target(d) + "?a=%0d%0ax-evil:1", []),
    "a_header_that_goes_on": lambda d: (target(d), ["accept: a%0d%0ax-evil:1"]),
    "a_header_of_sagemaker": lambda d: (
        f"/endpoints/{d.env['ENDPOINT']}/invocations",
        ["x-amzn-sagemaker-custom-attributes: a%0d%0ax-evil:1"],
    ),
}


@pytest.mark.parametrize("name", REFLECTED)
def test_a_line_break_is_not_reflected_from(name, demo, watch):
    path, lines = REFLECTED[name](demo)
    answer = send(demo, JSON, auth(demo), LENGTH, *lines, path=path)
    assert answer.status in (400, 404) and answer.error
    assert "x-evil" not in answer.headers and not [value for value in answer.headers.values() if "x-evil" in value]
    assert not watch.upstream()
    watch.refused()


@pytest.mark.unwatched
@pytest.mark.parametrize("value", ["a\rx-evil: 1", "a\r\n x-evil: 1", "a\0b"], ids=["carriage_return", "folded", "null"])
def test_a_line_break_in_a_header_of_the_provider_is_not_passed_on(value, serve):
    served = serve()
    head_ = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-amzn-bedrock-service-tier: {value}\r\ncontent-length: 2\r\n\r\n"
    plays(served, head_.encode() + b"{}", close=True)
    with Raw(served) as raw:
        path = path_of(served.allowed, "converse")
        lines = [f"{name}: {field}" for name, field in signed(served, "retail", path, BODY, KIND).items()]
        raw.send(head(served, path, *lines, f"content-length: {len(BODY)}", "connection: close"), BODY)
        got = raw.rest()
    assert got.startswith(b"HTTP/1.1 ")
    lines = got.partition(b"\r\n\r\n")[0].replace(b"\r", b"\n").split(b"\n")
    assert not [line for line in lines if line.strip().startswith(b"x-evil") or b"\0" in line]
    assert len(served.pairs()) == 1


def test_streams_of_one_connection_hear_their_own_words_only(demo, watch, canary):
    """Sixty over one connection, by three tenants in turn, over few connections to the provider."""
    tenants = ("retail", "markets", "research")
    words = [canary() for _ in range(60)]
    with Connection(demo, timeout=30) as connection:
        streams = [connection.send(request(demo, tenant=tenants[number % 3]), converse(word)) for number, word in enumerate(words)]
        answers = connection.finish(*streams)
    for word, answer in zip(words, answers, strict=True):
        assert answer["status"] == 200 and word.encode() in answer["body"]
        assert not [other for other in words if other != word and other.encode() in answer["body"]]
    by = {decision["http"]["sent_sha256"]: decision["tenant"] for decision, _ in watch.settle()}
    assert len(by) == 60 and sorted(by.values()) == sorted(tenants * 20)


def streaming(served, until):
    """A stream of which so much has been read, as (connection, response, body so far)."""
    connection = http.client.HTTPConnection(*served.address, timeout=20)
    path = path_of(served.allowed, "converse-stream")
    connection.request("POST", path, BODY, signed(served, "retail", path, BODY, KIND))
    response, data = connection.getresponse(), b""
    while not until(data):
        piece = response.read1(65536)
        assert piece, "the stream ended"
        data += piece
    return connection, response, data


@pytest.mark.unwatched
@pytest.mark.parametrize("frames", [1, 2, 3, 7])
def test_a_client_that_leaves_is_recorded_with_the_bytes_that_it_got(frames, serve):
    """The provider sends no more than the client reads, so that both count the same."""
    served = serve()
    whole = b"".join(frame_bytes("messageStart", b'{"role":"assistant"}') for _ in range(frames))

    def play(provider, _):
        provider.sendall(stream_head() + chunk(whole))
        return provider.recv(1) == b""

    served.provider.play = play
    connection, response, data = streaming(served, lambda data: len(data) >= len(whole))
    assert data == whole
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    response.close()
    connection.close()
    _, completion = last(served)
    assert (completion["end"], completion["client_status"], completion["client_bytes"]) == ("client_gone", 200, len(whole))


@pytest.mark.unwatched
@pytest.mark.parametrize("at", [b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"], ids=["two_bytes", "three_bytes", "four_bytes"])
def test_a_provider_that_resets_inside_a_character_ends_the_stream_in_order(at, serve):
    served, seen = serve(), threading.Event()
    begin = frame_bytes("messageStart", b'{"role":"assistant"}')
    cut = frame_bytes("contentBlockDelta", HALF % (b"eve@exam" + at))
    cut = cut[: cut.index(at) + len(at)]

    def play(provider, _):
        provider.sendall(stream_head() + chunk(begin))
        seen.wait(20)
        provider.sendall(b"%x\r\n" % (len(cut) + 9) + cut)
        provider.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return True

    served.provider.play = play
    connection, response, data = streaming(served, lambda data: data == begin)
    seen.set()
    data += response.read()
    connection.close()
    assert [told.kind for told in decode(data)] == ["messageStart", "modelStreamErrorException"]
    assert b"eve@" not in data
    assert last(served)[1]["end"] == "upstream_error"
