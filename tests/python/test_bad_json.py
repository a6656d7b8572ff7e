"""Bodies that are no strict JSON: refused in the operation's own words, whole, with nothing sent on."""

import pytest

from wire import bearer, call, converse, path_of

PII = "eve@example.com"
OK = f'"messages":[{{"role":"user","content":[{{"text":"hi {PII}"}}]}}]'

BAD = {
    "nothing": b"",
    "one_byte": b"{",
    "a_space": b" ",
    "not_json": b"hello",
    "half_a_document": f"{{{OK}"[:-3].encode(),
    "two_documents": f"{{{OK}}}{{{OK}}}".encode(),
    "trailing_text": f"{{{OK}}} x".encode(),
    "trailing_null_byte": f"{{{OK}}}\0".encode(),
    "a_byte_order_mark": b"\xef\xbb\xbf" + f"{{{OK}}}".encode(),
    "utf16": f"{{{OK}}}".encode("utf-16"),
    "utf32": f"{{{OK}}}".encode("utf-32"),
    "a_duplicate_key": f"{{{OK},{OK}}}".encode(),
    "a_duplicate_key_in_disguise": f'{{{OK},"mess\\u0061ges":[]}}'.encode(),
    "a_duplicate_key_deep_inside": b'{"messages":[{"role":"user","content":[{"text":"a","text":"b"}]}]}',
    "a_lone_high_surrogate": f'{{{OK},"x":"\\ud83d"}}'.encode(),
    "a_lone_low_surrogate": f'{{{OK},"x":"\\ude00"}}'.encode(),
    "surrogates_the_wrong_way_round": f'{{{OK},"x":"\\ude00\\ud83d"}}'.encode(),
    "a_lone_surrogate_in_a_key": f'{{{OK},"\\ud83d":1}}'.encode(),
    "invalid_utf8": f'{{{OK},"x":"'.encode() + b'\xff"}',
    "overlong_utf8": f'{{{OK},"x":"'.encode() + b'\xc0\xaf"}',
    "a_surrogate_in_utf8": f'{{{OK},"x":"'.encode() + b'\xed\xa0\x80"}',
    "a_raw_line_break_in_a_string": f'{{{OK},"x":"a\nb"}}'.encode(),
    "a_raw_null_in_a_key": f'{{{OK},"a\0":1}}'.encode(),
    "an_unknown_escape": f'{{{OK},"x":"\\x41"}}'.encode(),
    "a_short_escape": f'{{{OK},"x":"\\u12"}}'.encode(),
    "nan": f'{{{OK},"x":NaN}}'.encode(),
    "infinity": f'{{{OK},"x":-Infinity}}'.encode(),
    "a_leading_zero": f'{{{OK},"x":01}}'.encode(),
    "a_plus": f'{{{OK},"x":+1}}'.encode(),
    "a_bare_point": f'{{{OK},"x":1.}}'.encode(),
    "a_number_beyond_doubles": f'{{{OK},"x":1e400}}'.encode(),
    "hexadecimal": f'{{{OK},"x":0x10}}'.encode(),
    "a_comment": f"{{{OK}/* x */}}".encode(),
    "a_trailing_comma": f"{{{OK},}}".encode(),
    "single_quotes": b"{'messages':[]}",
    "depth_of_65": f'{{{OK},"x":{"[" * 64}{"]" * 64}}}'.encode(),
    "depth_of_10000": f'{{{OK},"x":{"[" * 10_000}{"]" * 10_000}}}'.encode(),
    "depth_never_closed": b'{"x":' + b"[" * 100_000,
    "a_list": b"[]",
    "a_text": b'"hello"',
    "null": b"null",
}

OPERATIONS = ["converse", "converse-stream", "invoke", "invoke-with-response-stream"]


def ask(demo, operation, body):
    return call(demo, path_of(demo.allowed, operation), body, {"content-type": "application/json", **bearer(demo)})


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("operation", ["converse", "invoke-with-response-stream"])
def test_refuses(name, operation, demo, watch):
    watch.canary(PII)
    answer = ask(demo, operation, BAD[name])
    assert (answer.status, answer.error) == (400, "ValidationException")
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"message"}
    assert PII not in answer.json()["message"]
    assert answer.headers["x-should-retry"] == "false"
    too_deep = name.startswith("depth_")
    decision = watch.refused("limit_exceeded" if too_deep else "malformed")
    assert decision.get("limit") == ("depth_max" if too_deep else None)
    assert decision["http"]["body_bytes"] == len(BAD[name])
    assert decision["tenant"] == "retail"
    assert answer.headers["x-amzn-requestid"] == decision["request_id"]


ODD = {
    "white_space_around": f" \n\t{{{OK}}}\r\n ".encode(),
    "depth_of_60": f'{{{OK},"x":{"[" * 58}{"]" * 58}}}'.encode(),
    "twenty_digits": f'{{{OK},"x":12345678901234567890}}'.encode(),
    "minus_zero": f'{{{OK},"x":-0}}'.encode(),
    "an_escaped_null": f'{{{OK},"x":"\\u0000"}}'.encode(),
    "escaped_slashes": f'{{{OK},"x":"\\/\\b\\f"}}'.encode(),
    "paired_surrogates": f'{{{OK},"x":"\\ud83d\\ude00"}}'.encode(),
    "raw_utf8": f'{{{OK},"x":"\u00fc\U0001f600\u2028"}}'.encode(),
    "keys_that_differ_in_case": f'{{{OK},"Messages":1}}'.encode(),
}


@pytest.mark.parametrize("name", ODD)
def test_takes_what_is_odd_but_valid_and_changes_only_the_finding(name, demo, watch):
    from gateway import body_of

    watch.canary(PII)
    ask(demo, "converse", ODD[name])
    (received,) = watch.upstream()
    assert body_of(received) == ODD[name].replace(PII.encode(), b"{EMAIL}")


@pytest.mark.parametrize("spelling", ["eve\\u0040example.com", "\\u0065ve@example\\u002ecom", "eve@ex\\u0061mple.com"])
def test_escapes_do_not_hide_a_finding(spelling, demo, watch):
    body = converse("PLACE").replace(b"PLACE", spelling.encode())
    assert ask(demo, "converse", body).status == 200
    decision, _ = watch.one()
    assert decision["effect"] == "allow_modified"
    (received,) = watch.upstream()
    assert received["body"] == body.decode().replace(spelling, "{EMAIL}")
