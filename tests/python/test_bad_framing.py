"""Attacks on hosts, framing and bodies: each is refused with its own error, recorded, and nothing of it reaches the provider."""

import gzip
import json
import socket

import pytest

from gateway import body_of
from test_bad_http import AMBIGUOUS, BODY, JSON, LENGTH, auth, chunked, send, target
from test_upstream import post
from wire import Raw, bearer, call, converse, head, path_of

MAIL = "eve@" + "example.com"
CARD = "4111" + "1111" * 3
KIND = {"content-type": "application/json"}


def refused(answer, watch, status, error, reason):
    """Refused so, and the decision."""
    assert answer is not None, "closed without an answer"
    assert (answer.status, answer.error) == (status, error)
    assert not watch.upstream()
    return watch.refused(reason)


@pytest.mark.parametrize("host", ["x/../key", "a?b", "a#b", "a b", "a,b", "[::1", "a:99999999", "../x", "u@h"])
def test_a_host_that_is_none(host, demo, watch):
    path, body = path_of(demo.allowed, "converse"), converse("hello")
    lines = [f"{name}: {value}" for name, value in {**KIND, **bearer(demo)}.items()]
    start = [f"POST {path} HTTP/1.1", f"host: {host}", *lines, f"content-length: {len(body)}"]
    with Raw(demo) as raw:
        answer = raw.send("\r\n".join([*start, "", ""]).encode(), body).answer()
    refused(answer, watch, 400, "ValidationException", "malformed")


SIZE = len(BODY)
CHUNKED = chunked(BODY)
FRAMING = {
    "a_parameter_of_chunked": (["transfer-encoding: chunked;x=y"], CHUNKED),
    "quoted_chunked": (['transfer-encoding: "chunked"'], CHUNKED),
    "chunked_and_a_comma": (["transfer-encoding: chunked,"], CHUNKED),
    "a_comma_and_chunked": (["transfer-encoding: ,chunked"], CHUNKED),
    "an_empty_transfer": (["transfer-encoding:"], BODY),
    "an_empty_transfer_and_a_length": (["transfer-encoding:", LENGTH], BODY),
    "chunked_and_an_empty_one": (["transfer-encoding: chunked", "transfer-encoding:"], CHUNKED),
    "a_vertical_tab_behind_chunked": (["transfer-encoding: chunked\x0b"], CHUNKED),
    "a_null_behind_chunked": (["transfer-encoding: chunked\0"], CHUNKED),
    "a_hard_blank_before_chunked": (["transfer-encoding: \xa0chunked"], CHUNKED),
    "a_carriage_return_behind_chunked": (["transfer-encoding: chunked\r"], CHUNKED),
    "chunked_behind_a_line_feed": ([LENGTH, "x-a: b\ntransfer-encoding: chunked"], BODY),
    "a_space_behind_content_length": ([f"content-length : {SIZE}"], BODY),
    "a_vertical_tab_behind_a_length": ([f"content-length: {SIZE}\x0b"], BODY),
    "a_length_with_a_point": ([f"content-length: {SIZE}.0"], BODY),
    "a_length_with_an_exponent": (["content-length: 1e2"], BODY),
    "a_length_with_an_underscore": ([f"content-length: {SIZE // 10}_{SIZE % 10}"], BODY),
    "a_length_of_two_words": ([f"content-length: {SIZE // 10} {SIZE % 10}"], BODY),
    "a_length_and_a_semicolon": ([f"content-length: {SIZE};"], BODY),
    "a_length_that_wraps_around": ([f"content-length: {2**64 + SIZE}"], BODY),
    "a_length_in_other_digits": (["content-length: \xd9\xa3"], BODY),
    "a_null_in_a_name": ([LENGTH, "x\0-a: b"], BODY),
    "a_space_in_a_name": ([LENGTH, "x a: b"], BODY),
    "a_letter_beyond_ascii_in_a_name": ([LENGTH, "x-\xff: b"], BODY),
    "an_empty_name": ([LENGTH, ": b"], BODY),
}


@pytest.mark.parametrize("name", FRAMING)
def test_refuses_framing_with(name, demo, watch):
    """A second request is hidden behind it, to the denied model: it is not served either."""
    assert name not in AMBIGUOUS
    lines, body = FRAMING[name]
    hidden = head(demo, path_of(demo.denied, "converse"), JSON, auth(demo), LENGTH).encode() + BODY
    with Raw(demo) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), *lines), body, hidden)
        answer = raw.answer()
        assert raw.rest() == b"", "the connection goes on"
    refused(answer, watch, 400, "ValidationException", "malformed")


START_LINES = {
    "a_tab": ("POST ", "POST\t"),
    "two_spaces": ("POST ", "POST  "),
    "a_word_more": ("HTTP/1.1", "HTTP/1.1 x"),
    "a_bare_carriage_return": ("HTTP/1.1\r\n", "HTTP/1.1\r"),
    "a_blank_before_the_first_header": ("HTTP/1.1\r\n", "HTTP/1.1\r\n x: y\r\n"),
}


@pytest.mark.parametrize("name", START_LINES)
def test_refuses_a_start_line_with(name, demo, watch):
    before, after = START_LINES[name]
    text = head(demo, target(demo), JSON, auth(demo), LENGTH)
    assert before in text
    with Raw(demo) as raw:
        answer = raw.send(text.replace(before, after, 1), BODY).answer()
    refused(answer, watch, 400, "ValidationException", "malformed")


HEX = b"%x" % SIZE
END = b"\r\n0\r\n\r\n"
CHUNKS = {
    "a_carriage_return_in_an_extension": HEX + b";a\rx\r\n" + BODY + END,
    "a_line_feed_behind_a_size": HEX + b"\n" + BODY + END,
    "two_bytes_in_the_place_of_a_line_break": HEX + b"\r\n" + BODY + b"XX0\r\n\r\n",
    "a_line_feed_behind_the_data": HEX + b"\r\n" + BODY + b"\n0\r\n\r\n",
    "line_feeds_at_the_end": HEX + b"\r\n" + BODY + b"\r\n0\n\n",
    "a_blank_before_a_size": b" " + HEX + b"\r\n" + BODY + END,
    "a_plus_before_a_size": b"+" + HEX + b"\r\n" + BODY + END,
    "an_underscore_in_a_size": HEX[:1] + b"_" + HEX[1:] + b"\r\n" + BODY + END,
    "no_size": b"\r\n" + BODY + END,
    "an_extension_without_size": b";\r\n" + BODY + END,
    "forty_zeroes_before_a_size": b"0" * 40 + HEX + b"\r\n" + BODY + END,
    "a_size_that_wraps_around": b"1" + b"0" * 16 + b"\r\n" + BODY + END,
}


@pytest.mark.parametrize("name", CHUNKS)
def test_refuses_chunked_bodies_with(name, demo, watch):
    with Raw(demo) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), "transfer-encoding: chunked"), CHUNKS[name])
        raw.socket.shutdown(socket.SHUT_WR)
        answer = raw.answer()
    refused(answer, watch, 400, "ValidationException", "malformed")


TRAILERS = ["content-length: 5", "transfer-encoding: chunked", "authorization: Bearer x", "content-encoding: gzip", "host: evil.example"]


@pytest.mark.parametrize("line", TRAILERS)
def test_what_stands_in_a_trailer_changes_nothing(line, demo, watch):
    body = b"%s\r\n%s\r\n0\r\n%s\r\n\r\n" % (HEX, BODY, line.encode())
    hidden = head(demo, path_of(demo.denied, "converse"), JSON, auth(demo), LENGTH).encode() + BODY
    with Raw(demo) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), "transfer-encoding: chunked"), body)
        first = raw.answer()
        second = raw.send(hidden).answer() if first.status == 200 else None
    assert first.status in (200, 400)
    assert second is None or (second.status, second.error) == (403, "AccessDeniedException")
    for received in watch.upstream():
        assert body_of(received) == BODY
        assert line.partition(": ")[2] not in dict(received["headers"]).values()


@pytest.mark.timeout(120)
def test_a_million_keys_are_too_many(demo, watch):
    keys = ",".join(f'"k{number}":0' for number in range(1_000_000))
    body = converse("hello")[:-1] + b',"x":{' + keys.encode() + b"}}"
    answer = call(demo, target(demo), body, {**KIND, **bearer(demo)}, timeout=100)
    assert refused(answer, watch, 400, "ValidationException", "limit_exceeded")["limit"] == "nodes_max"


ENCODINGS = {
    "a_list": ["content-encoding: gzip, br, identity"],
    "two_headers": ["content-encoding: identity", "content-encoding: gzip"],
    "two_headers_the_other_way": ["content-encoding: gzip", "content-encoding: identity"],
    "nothing": ["content-encoding:"],
    "the_chunks_of_s3": ["content-encoding: aws-chunked"],
    "chunked": ["content-encoding: chunked"],
    "a_parameter": ["content-encoding: identity;q=1"],
}


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_refuses_a_body_encoded_as(packed, name, demo, watch):
    body = converse(f"mail {watch.canary(MAIL)}")
    body = gzip.compress(body) if packed else body
    answer = send(demo, JSON, auth(demo), f"content-length: {len(body)}", *ENCODINGS[name], body=body)
    refused(answer, watch, 400, "ValidationException", "malformed")


def test_a_bomb_is_not_unpacked(demo, watch):
    """A thousand to one: 24 MB from 24 kB."""
    body = gzip.compress(converse("a" * 24_000_000))
    assert len(body) < 30_000
    answer = send(demo, JSON, auth(demo), f"content-length: {len(body)}", "content-encoding: gzip", body=body)
    assert refused(answer, watch, 400, "ValidationException", "malformed")["http"].get("body_bytes", 0) <= len(body)


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain; charset=utf-7", "application/cbor"])
def test_a_body_is_json_whatever_it_is_called(kind, demo, watch):
    watch.canary(MAIL)
    body = converse(f"mail {MAIL}")
    answer = send(demo, f"content-type: {kind}", auth(demo), f"content-length: {len(body)}", body=body)
    assert answer.status == 200
    (received,) = watch.upstream()
    assert body_of(received) == body.replace(MAIL.encode(), b"{EMAIL}")
    assert dict(received["headers"])["content-type"] == "application/json"


OTHERS = {
    "multipart/form-data; boundary=x": b"--x\r\n\r\n" + BODY + b"\r\n--x--",
    "application/x-www-form-urlencoded": b"messages=" + BODY,
    "application/cbor": b"\xa1\x68messages\x80",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_refuses_a_body_that_is_what_it_is_called(kind, demo, watch):
    body = OTHERS[kind]
    answer = send(demo, f"content-type: {kind}", auth(demo), f"content-length: {len(body)}", body=body)
    refused(answer, watch, 400, "ValidationException", "malformed")


DISGUISES = {
    "a_zero_width_space": lambda text: "\u200b".join(text),
    "a_word_joiner": lambda text: text[:3] + "\u2060" + text[3:],
    "a_soft_hyphen": lambda text: text[:6] + "\u00ad" + text[6:],
    "full_width": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() or c in "@." else c for c in text),
    "digits_of_another_script": lambda text: "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in text),
    "escapes_of_an_escape": lambda text: text.replace("@", "\\u0040"),
}


@pytest.mark.parametrize("value, mark", [(MAIL, "{EMAIL}"), (CARD, "{CREDIT_DEBIT_CARD_NUMBER}")], ids=["address", "card"])
@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_hides_no_value_from_the_gateway(name, value, mark, demo, watch):
    hidden = DISGUISES[name](value)
    assert post(demo, body=converse(f"write {hidden} now")).status == 200
    (received,) = watch.upstream()
    assert json.loads(received["body"])["messages"][0]["content"][0]["text"] == f"write {mark} now"
