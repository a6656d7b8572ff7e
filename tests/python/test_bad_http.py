"""HTTP that two implementations could read in two ways, or that nothing here answers: refused, recorded, not passed on."""

import gzip
import json
import threading
import time

import pytest

from gateway import body_of, wait_for
from people import Keys
from wire import Raw, bearer, call, converse, head, path_of

JSON = "content-type: application/json"
BODY = converse("hello")
MAX = 25_000_000


def target(demo, operation="converse"):
    return path_of(demo.allowed, operation)


def auth(demo):
    return f"authorization: {bearer(demo)['authorization']}"


def send(demo, *lines, body=BODY, path=None, **options):
    """One raw request; gives the answer, None for a closed connection."""
    with Raw(demo) as raw:
        raw.send(head(demo, path or target(demo), *lines, **options), body)
        return raw.answer()


def chunked(*pieces):
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


LENGTH = f"content-length: {len(BODY)}"

# Lines beside host and authorization, the body, and other options. Each must be refused with 400.
AMBIGUOUS = {
    "length_and_chunked": ([LENGTH, "transfer-encoding: chunked"], chunked(BODY)),
    "chunked_and_length": (["transfer-encoding: chunked", LENGTH], chunked(BODY)),
    "two_lengths": ([LENGTH, f"content-length: {len(BODY) + 1}"], BODY),
    "the_same_length_twice": ([LENGTH, LENGTH], BODY),
    "a_list_of_lengths": ([f"content-length: {len(BODY)}, {len(BODY)}"], BODY),
    "a_length_with_plus": ([f"content-length: +{len(BODY)}"], BODY),
    "a_hexadecimal_length": ([f"content-length: {len(BODY):#x}"], BODY),
    "a_negative_length": (["content-length: -1"], BODY),
    "an_empty_length": (["content-length:"], BODY),
    "a_length_beyond_numbers": (["content-length: 99999999999999999999999"], BODY),
    "a_gzip_transfer": (["transfer-encoding: gzip"], BODY),
    "gzip_then_chunked": (["transfer-encoding: gzip, chunked"], chunked(BODY)),
    "chunked_then_identity": (["transfer-encoding: chunked, identity"], chunked(BODY)),
    "chunked_twice": (["transfer-encoding: chunked", "transfer-encoding: chunked"], chunked(BODY)),
    "an_unknown_transfer": (["transfer-encoding: xchunked"], chunked(BODY)),
    "a_vertical_tab_before_chunked": (["transfer-encoding: \x0bchunked"], chunked(BODY)),
    "a_folded_header": (["transfer-encoding:\r\n chunked"], chunked(BODY)),
    "a_space_before_the_colon": (["transfer-encoding : chunked"], chunked(BODY)),
    "a_header_without_colon": ([LENGTH, "nonsense"], BODY),
    "a_null_in_a_header": ([LENGTH, "x-a: b\0c"], BODY),
    "a_bare_carriage_return": ([LENGTH, "x-a: b\rx-c: d"], BODY),
    "an_upgrade": ([LENGTH, "connection: upgrade", "upgrade: websocket"], BODY),
    "an_upgrade_to_h2c": (
        [LENGTH, "connection: upgrade, http2-settings", "upgrade: h2c", "http2-settings: AAMAAABk"],
        BODY,
    ),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_refuses_ambiguous_framing(name, demo, watch):
    lines, body = AMBIGUOUS[name]
    answer = send(demo, JSON, auth(demo), *lines, body=body)
    assert answer is not None, "closed without an answer"
    assert (answer.status, answer.error) == (400, "ValidationException")
    decision = watch.refused("malformed")
    assert decision["http"]["client_ip"] == "127.0.0.1"
    assert decision["request_id"] == answer.headers["x-amzn-requestid"]


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_smuggled_second_request_is_never_served(name, demo, watch):
    """Whatever the first is taken for, a second one hidden behind it must not reach the provider unseen."""
    lines, body = AMBIGUOUS[name]
    hidden = head(demo, path_of(demo.denied, "converse"), JSON, auth(demo), LENGTH).encode() + BODY
    with Raw(demo) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), *lines), body, hidden)
        raw.rest()
    for decision, _ in watch.settle():
        assert decision["effect"] == "deny"
    assert not watch.upstream()


HOSTS = {
    "no_host": [],
    "two_hosts": ["host: a", "host: b"],
    "the_same_host_twice": ["host: a", "host: a"],
}


@pytest.mark.parametrize("name", HOSTS)
def test_refuses_a_request_with(name, demo, watch):
    answer = send(demo, *HOSTS[name], JSON, auth(demo), LENGTH, host=False)
    assert (answer.status, answer.error) == (400, "ValidationException")
    watch.refused("malformed")


def test_refuses_a_target_that_names_another_host(demo, watch):
    answer = send(demo, JSON, auth(demo), LENGTH, path="http://evil.example" + target(demo))
    assert answer.status == 400
    watch.refused("malformed")


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/3", "HTTP/1.2", "http/1.1", "ICAP/1.0"])
def test_other_versions_are_refused_or_served_alone(version, demo, watch):
    """HTTP/1.0 is a version like any other as long as its framing is plain; the connection ends with it."""
    with Raw(demo, timeout=5) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), LENGTH, version=version), BODY)
        answer = raw.answer()
        assert raw.rest() == b""
    if version == "HTTP/1.0":
        assert answer.status in (200, 400)
    else:
        assert answer is None or answer.status in (400, 505)
        assert not watch.upstream()


def test_http_1_0_with_chunks_is_refused(demo, watch):
    answer = send(demo, JSON, auth(demo), "transfer-encoding: chunked", body=chunked(BODY), version="HTTP/1.0")
    assert answer.status == 400
    watch.refused("malformed")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"])
def test_refuses_another_method(method, demo, watch):
    with Raw(demo) as raw:
        answer = raw.send(head(demo, target(demo), JSON, auth(demo), LENGTH, method=method), BODY).answer(method)
    assert (answer.status, answer.error) == (404, "ResourceNotFoundException")
    if method != "HEAD":
        assert set(answer.json()) == {"message"}
    assert watch.refused()["http"]["method"] == (method if method != "BREW" else "other")


def test_refuses_connect(demo, watch):
    answer = send(demo, auth(demo), path="bedrock-runtime.us-east-1.amazonaws.com:443", method="CONNECT", body=b"")
    assert answer is None or answer.status >= 400
    assert not watch.upstream()


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0\0\0\0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(60),
        b"POST\r\n\r\n",
        b"POST /\r\n\r\n",
        b"\n" * 100,
    ],
    ids=["nulls", "tls", "no_target", "no_version", "line_breaks"],
)
def test_what_is_no_http_reaches_nothing(garbage, demo, watch):
    with Raw(demo, timeout=5) as raw:
        raw.send(garbage)
        raw.socket.shutdown(1)
        raw.rest()
    assert not watch.upstream()


@pytest.mark.parametrize("size", [70_000, 2_000_000])
def test_refuses_a_head_that_is_too_large(size, demo, watch):
    with Raw(demo) as raw:
        try:
            raw.send(head(demo, target(demo), JSON, auth(demo), "x-pad: " + "a" * size, LENGTH), BODY)
            answer = raw.answer()
        except (BrokenPipeError, ConnectionResetError):
            answer = None
    assert answer is None or answer.status in (400, 431)
    assert not watch.upstream()


def test_refuses_too_many_headers(demo, watch):
    answer = send(demo, JSON, auth(demo), LENGTH, *[f"x-h{number}: 1" for number in range(120)])
    assert answer is None or answer.status in (400, 431)
    watch.refused("malformed")


# ---------------------------------------------------------------------------------------------------- bodies


def test_refuses_a_declared_length_that_is_too_large(demo, watch):
    answer = send(demo, JSON, auth(demo), f"content-length: {MAX + 1}", "expect: 100-continue", body=b"")
    assert (answer.status, answer.error) == (400, "ValidationException")
    watch.refused("limit_exceeded")


def test_refuses_a_declared_length_that_is_too_large_and_sent(demo, watch):
    answer = call(demo, target(demo), bytes(MAX + 1), {"content-type": "application/json", **bearer(demo)})
    assert (answer.status, answer.error) == (400, "ValidationException")
    watch.refused("limit_exceeded")


def test_refuses_chunks_that_add_up_to_too_much(demo, watch):
    with Raw(demo) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), "transfer-encoding: chunked"))
        piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        try:
            for _ in range(24):
                raw.send(piece)
            raw.send(piece, b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = raw.answer()
    assert answer is not None, "closed without an answer"
    assert (answer.status, answer.error) == (400, "ValidationException")
    watch.refused("limit_exceeded")


@pytest.mark.parametrize(
    "encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "gzip, identity", "x-unknown", "identity, gzip"]
)
def test_refuses_an_encoded_body(encoding, demo, watch):
    body = gzip.compress(converse("mail eve@example.com"))
    answer = send(demo, JSON, auth(demo), f"content-encoding: {encoding}", f"content-length: {len(body)}", body=body)
    assert (answer.status, answer.error) == (400, "ValidationException")
    watch.refused("malformed")


def test_refuses_a_body_that_is_gzip_without_saying_so(demo, watch):
    body = gzip.compress(BODY)
    answer = send(demo, JSON, auth(demo), f"content-length: {len(body)}", body=body)
    assert (answer.status, answer.error) == (400, "ValidationException")
    watch.refused("malformed")


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "iso-8859-1"])
def test_a_charset_does_not_change_how_the_body_is_read(charset, demo, watch):
    """Either refused or read as UTF-8; never read as the charset says."""
    body = "+AGUAdgBlAEA-example.com" if charset == "utf-7" else "eve@example.com"
    kind = f"content-type: application/json; charset={charset}"
    raw = converse(body)
    answer = send(demo, kind, auth(demo), f"content-length: {len(raw)}", body=raw)
    assert answer.status in (200, 400)
    for received in watch.upstream():
        assert b"eve@example.com" not in body_of(received)


def test_half_a_body_is_recorded_and_not_sent_on(demo, watch):
    with Raw(demo) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), LENGTH), BODY[:10])
        time.sleep(0.1)
    wait_for("a decision", watch.decisions)
    watch.refused("client_gone")


def test_half_a_chunked_body_is_recorded_and_not_sent_on(demo, watch):
    with Raw(demo) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), "transfer-encoding: chunked"), b"10\r\n{")
        time.sleep(0.1)
    wait_for("a decision", watch.decisions)
    watch.refused()


BAD_CHUNKS = {
    "a_size_that_overflows": b"fffffffffffffffff\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a_size_that_is_no_number": b"zz\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a_negative_size": b"-1\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a_size_with_0x": b"0x%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    "bare_line_feeds": b"%x\n%s\n0\n\n" % (len(BODY), BODY),
    "a_chunk_longer_than_its_size": b"5\r\n%s\r\n0\r\n\r\n" % BODY,
    "an_extension_of_a_megabyte": b"%x;%s\r\n%s\r\n0\r\n\r\n" % (len(BODY), b"x" * 1_000_000, BODY),
}


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_refuses_chunks_with(name, demo, watch):
    with Raw(demo) as raw:
        try:
            raw.send(head(demo, target(demo), JSON, auth(demo), "transfer-encoding: chunked"), BAD_CHUNKS[name])
            raw.socket.shutdown(1)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass
        answer = raw.answer()
    assert answer is None or answer.status == 400
    wait_for("a decision", watch.decisions)
    watch.refused()


def test_takes_chunks_and_sends_them_on_with_their_length(demo, watch):
    body = converse("in pieces")
    pieces = [body[:1], body[1:20], body[20:]]
    answer = send(demo, JSON, auth(demo), "transfer-encoding: chunked", body=chunked(*pieces))
    assert answer.status == 200
    (received,) = watch.upstream()
    headers = dict(received["headers"])
    assert body_of(received) == body
    assert headers["content-length"] == str(len(body)) and "transfer-encoding" not in headers


def test_takes_chunk_extensions_and_trailers_without_passing_them_on(demo, watch, canary):
    note = canary()
    body = b"%x;note=%s\r\n%s\r\n0\r\nx-trailer: %s\r\n\r\n" % (len(BODY), note.encode(), BODY, note.encode())
    answer = send(demo, JSON, auth(demo), "transfer-encoding: chunked", body=body)
    assert answer is None or answer.status in (200, 400)
    assert all(note not in json.dumps(received) for received in watch.upstream())


def test_expect_100_continue_is_answered_before_the_body(demo, watch):
    with Raw(demo) as raw:
        raw.send(head(demo, target(demo), JSON, auth(demo), LENGTH, "expect: 100-continue"))
        assert raw.socket.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        answer = raw.send(BODY).answer()
    assert answer.status == 200
    (received,) = watch.upstream()
    assert "expect" not in dict(received["headers"])


def test_expect_100_continue_is_refused_without_reading_the_body(demo, watch):
    path = path_of(demo.denied, "converse")
    with Raw(demo) as raw:
        raw.send(head(demo, path, JSON, auth(demo), LENGTH, "expect: 100-continue"))
        answer = raw.answer()
        assert (answer.status, answer.error) == (403, "AccessDeniedException")
        assert raw.rest() == b""
    watch.refused("no_permit")


# ------------------------------------------------------------------------------------------------ connections


def test_a_connection_lives_on_after_refusals(demo, watch):
    """Ten requests on one connection, every other one refused before or after its body was wanted."""
    kinds = [(target(demo), 200), (path_of(demo.denied, "converse"), 403), (target(demo), 200), ("/nothing", 404)]
    with Raw(demo) as raw:
        for path, status in kinds * 3:
            answer = raw.send(head(demo, path, JSON, auth(demo), LENGTH), BODY).answer()
            assert answer is not None, "the connection was closed"
            assert answer.status == status
    assert len(watch.settle()) == 12


@pytest.mark.parametrize("late", [False, True])
def test_pipelined_requests_are_answered_in_order(late, demo, watch):
    """Requests that follow in the same write, or while the first is being answered."""
    words = ["first", "second", "third"]
    with Raw(demo) as raw:
        for word in words:
            body = converse(word)
            raw.send(head(demo, target(demo), JSON, auth(demo), f"content-length: {len(body)}"), body)
            if late:
                time.sleep(0.002)
        raw.socket.shutdown(1)
        text = raw.rest()
    assert text.count(b"HTTP/1.1 200") == 3
    places = [text.index(word.encode()) for word in words]
    assert places == sorted(places)
    assert [completion["end"] for _, completion in watch.settle()] == ["completed"] * 3


def test_refuses_a_fragment_after_an_empty_line(demo, watch):
    with Raw(demo) as raw:
        lines = head(demo, target(demo) + "#x", JSON, auth(demo), LENGTH)
        answer = raw.send(b"\r\n", lines, BODY).answer()
    assert (answer.status, answer.error) == (400, "ValidationException")
    watch.refused("malformed")


def test_many_connections_at_once_keep_their_answers_apart(demo, watch, canary):
    words = [canary() for _ in range(24)]
    got = {}

    def one(word):
        tenant = ("retail", "markets", "research")[words.index(word) % 3]
        answer = call(demo, target(demo), converse(word), {"content-type": "application/json", **bearer(demo, tenant)})
        got[word] = answer.body.decode()

    threads = [threading.Thread(target=one, args=(word,)) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for word in words:
        assert word in got[word]
        assert not [other for other in words if other != word and other in got[word]]


# ------------------------------------------------------------------------------------------------------ paths


# A path, as a function of the demo. Each leads nowhere, and none may lead to the denied model.
PATHS = {
    "an_encoded_climb": lambda d: f"/model/{d.allowed}%2F..%2F{d.denied}/converse",
    "a_climb": lambda d: f"/model/{d.allowed}/converse/../../{d.denied}/converse",
    "a_dot_segment": lambda d: f"/model/./{d.allowed}/converse",
    "an_encoded_dot_segment": lambda d: f"/model/%2e%2e/model/{d.allowed}/converse",
    "a_double_slash": lambda d: f"//model/{d.allowed}/converse",
    "a_double_slash_inside": lambda d: f"/model//{d.allowed}/converse",
    "a_trailing_slash": lambda d: f"/model/{d.allowed}/converse/",
    "a_colon_encoded_twice": lambda d: f"/model/{d.allowed.replace(':', '%253A')}/converse",
    "a_session_parameter": lambda d: f"/model/{d.allowed};jsessionid=1/converse",
    "a_null_byte": lambda d: f"/model/{d.allowed}%00/converse",
    "a_line_break": lambda d: f"/model/{d.allowed}%0d%0ax-evil:1/converse",
    "overlong_utf8": lambda d: f"/model/{d.allowed}%c0%af/converse",
    "invalid_utf8": lambda d: f"/model/{d.allowed}%ff/converse",
    "a_backslash": lambda d: f"/model\\{d.allowed}\\converse",
    "an_encoded_backslash": lambda d: f"/model/{d.allowed}%5c..%5c{d.denied}/converse",
    "upper_case": lambda d: f"/Model/{d.allowed}/Converse",
    "a_trailing_dot": lambda d: f"/model/{d.allowed}./converse",
    "a_trailing_space": lambda d: f"/model/{d.allowed}%20/converse",
    "a_full_width_slash": lambda d: f"/model/{d.allowed}%EF%BC%8Fconverse",
    "half_an_escape": lambda d: f"/model/{d.allowed}%2/converse",
    "a_wrong_escape": lambda d: f"/model/{d.allowed}%zz/converse",
    "a_fragment": lambda d: f"/model/{d.allowed}/converse#x",
    "a_query": lambda d: f"/model/{d.allowed}/converse?x=1",
    "no_model": lambda d: "/model//converse",
    "no_model_at_all": lambda d: "/model/converse",
    "an_unknown_operation": lambda d: f"/model/{d.allowed}/complete",
    "the_root": lambda d: "/",
    "the_control_plane": lambda d: "/foundation-models",
    "an_operation_that_needs_http_2": lambda d: f"/model/{d.allowed}/invoke-with-bidirectional-stream",
    "async_invoke": lambda d: "/async-invoke",
    "a_guardrail": lambda d: "/guardrail/abc123/version/1/apply",
    "the_admin_page": lambda d: "/metrics",
    "the_health_page": lambda d: "/healthz",
    "the_simulators_side": lambda d: "/received",
    "a_model_id_of_three_kilobytes": lambda d: f"/model/{'a' * 3000}/converse",
    "a_path_of_nine_kilobytes": lambda d: f"/model/{'a' * 9000}/converse",
}


@pytest.mark.parametrize("name", PATHS)
def test_refuses_a_path_with(name, demo, watch):
    answer = send(demo, JSON, auth(demo), LENGTH, path=PATHS[name](demo))
    assert answer is not None, "closed without an answer"
    assert (answer.status, answer.error) in ((400, "ValidationException"), (404, "ResourceNotFoundException"))
    assert set(answer.json()) == {"message"}
    watch.refused()


@pytest.mark.parametrize("path", ["/model/{0}/converse", "/model/{1}/converse"], ids=["raw", "encoded"])
def test_both_spellings_of_a_model_are_one(path, demo, watch):
    spelled = path.format(demo.allowed, demo.allowed.replace(":", "%3A"))
    assert send(demo, JSON, auth(demo), LENGTH, path=spelled).status == 200
    (received,) = watch.upstream()
    assert received["path"] == path_of(demo.allowed, "converse")


ERROR_SHAPES = {
    "/openai/v1/audio/speech": "error",
    "/v1/images/generations": "error",
    "/anthropic/v1/complete": "error",
    "/endpoints/scoring/invocations": "Message",
    "/model/x/converse": "message",
}


@pytest.mark.parametrize("path", ERROR_SHAPES)
def test_an_error_has_the_shape_that_the_path_has(path, demo, watch):
    answer = send(demo, JSON, auth(demo), LENGTH, path=path)
    assert answer.status in (400, 404)
    assert ERROR_SHAPES[path] in answer.json()
    watch.refused("unroutable")


# ---------------------------------------------------------------------------------------------------- headers

DROPPED = {
    "x-amz-security-token": "stolen",
    "x-amz-date": "20200101T000000Z",
    "x-amz-content-sha256": "0" * 64,
    "x-amz-target": "AmazonBedrock.Other",
    "x-amzn-bedrock-kms-key": "k",
    "x-forwarded-for": "10.1.2.3",
    "x-forwarded-host": "evil.example",
    "forwarded": "for=10.1.2.3",
    "x-http-method-override": "DELETE",
    "cookie": "a=b",
    "te": "trailers",
    "proxy-authorization": "Basic x",
    "connection": "x-amz-date, content-type, authorization, host",
    "keep-alive": "timeout=5",
    "accept-encoding": "gzip",
    "range": "bytes=0-1",
    "x-original-url": "/model/other/invoke",
}


@pytest.mark.parametrize("name", DROPPED)
def test_a_header_that_could_act_upstream_is_dropped(name, demo, watch):
    value = DROPPED[name]
    answer = send(demo, JSON, auth(demo), LENGTH, f"{name}: {value}")
    assert answer.status == 200
    (received,) = watch.upstream()
    values = [text for header, text in received["headers"] if header == name]
    assert value not in values
    assert {"host", "authorization", "content-type", "x-amz-date"} <= {header for header, _ in received["headers"]}
    decision, _ = watch.one()
    assert Keys(demo.log.folder / "people").whence(decision) == "127.0.0.1"


def test_only_listed_headers_reach_the_provider(demo, watch, canary):
    word = canary()
    answer = send(
        demo, JSON, auth(demo), LENGTH, f"x-anything: {word}", f"x-amz-anything: {word}", f"x-amzn-bedrock-new: {word}"
    )
    assert answer.status == 200
    (received,) = watch.upstream()
    assert word not in json.dumps(received["headers"])


def test_refuses_request_metadata_in_a_header(demo, watch, canary):
    answer = send(demo, JSON, auth(demo), LENGTH, f'x-amzn-bedrock-request-metadata: {{"a":"{canary()}"}}')
    assert (answer.status, answer.error) == (400, "ValidationException")
    watch.refused("malformed")


LOG_BREAKERS = ["line\\nbreak", "\x1b[31mred", "\u202egnal", '"}}\n{"kind":"decision"', "\\u0000", "' OR 1=1 --"]


@pytest.mark.parametrize("text", LOG_BREAKERS)
def test_text_of_a_client_cannot_forge_a_record(text, demo, watch):
    """In the prompt, and in the path where it can be put."""
    body = json.dumps({"messages": [{"role": "user", "content": [{"text": text}]}]}).encode()
    send(demo, JSON, auth(demo), f"content-length: {len(body)}", body=body)
    escaped = "".join(f"%{byte:02X}" for byte in text.encode())
    send(demo, JSON, auth(demo), LENGTH, path=f"/model/{escaped}/converse")
    assert len(watch.settle()) == 2


def test_a_denied_and_an_unknown_tenant_are_told_the_same(demo, tokens, watch):
    answers = []
    for claims in ({"tenant": "nobody"}, {"tenant": "somebody"}, {"sub": ""}):
        headers = {"content-type": "application/json", "authorization": f"Bearer {tokens.token(**claims)}"}
        answers.append(call(demo, target(demo), BODY, headers))
    assert len({(answer.status, answer.error, answer.body) for answer in answers}) == 1


def test_the_data_port_has_no_admin_pages_and_the_admin_port_no_models(demo, watch):
    import http.client

    connection = http.client.HTTPConnection(*demo.admin.removeprefix("http://").split(":"), timeout=10)
    for path, status in [("/healthz", 200), ("/readyz", 200), ("/metrics", 200), (target(demo), 404)]:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.request("POST", target(demo), BODY)
    assert connection.getresponse().status == 405
    connection.close()
