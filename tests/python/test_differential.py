"""Random bodies, compared with Python's own reading of JSON: what goes upstream is what came, but for the findings.

Seeded, so that a failure comes back; `PALISADE_SEED` and `PALISADE_CASES` change what is tried.
"""

import json
import os
import random

import pytest

from gateway import body_of
from test_sdk import converse_stream
from wire import Raw, bearer, converse, head, path_of

SEED = int(os.environ.get("PALISADE_SEED", "20261123"))
CASES = int(os.environ.get("PALISADE_CASES", "150"))
EMAIL = "eve@example.com"
WORDS = [
    "hello",
    "caf\u00e9",
    "\U0001f600",
    "\u2028",
    "a@b",
    "@",
    "4111",
    '"quoted"',
    "back\\slash",
    "\t",
    "{EMAIL}",
    ".",
    "",
    " ",
]


def text(dice):
    parts = [dice.choice(WORDS) for _ in range(dice.randrange(6))]
    if dice.random() < 0.4:
        parts.insert(dice.randrange(len(parts) + 1), f" {EMAIL} ")
    return " ".join(parts)


def spelled(dice, value):
    """A string literal in one of its many spellings; addresses stay in plain letters, so that they can be found."""
    out = []
    for char in value:
        plain = char.isascii() and char.isprintable() and char not in '"\\'
        in_address = char in EMAIL
        if plain and (in_address or dice.random() < 0.9):
            out.append(char)
        elif dice.random() < 0.5 and ord(char) > 0x7F:
            out.append(char)
        else:
            out.append(json.dumps(char)[1:-1] if not plain else f"\\u{ord(char):04x}")
    return '"' + "".join(out) + '"'


def space(dice):
    return dice.choice(["", "", "", " ", "\n", "\t "])


def literal(dice, value):
    """A value as JSON text, with white space where it may stand."""
    gap = lambda: space(dice)  # noqa: E731
    match value:
        case dict():
            members = [
                f"{gap()}{spelled(dice, key)}{gap()}:{gap()}{literal(dice, item)}" for key, item in value.items()
            ]
            return "{" + f"{gap()},".join(members) + gap() + "}"
        case list():
            return "[" + f"{gap()},".join(gap() + literal(dice, item) for item in value) + gap() + "]"
        case str():
            return spelled(dice, value)
        case _:
            return json.dumps(value)


def free(dice, depth=0):
    kind = dice.randrange(7 if depth < 4 else 5)
    if kind == 5:
        return [free(dice, depth + 1) for _ in range(dice.randrange(4))]
    if kind == 6:
        return {f"k{number}": free(dice, depth + 1) for number in range(dice.randrange(4))}
    return [None, True, dice.randrange(-999, 999), dice.random(), text(dice)][kind]


def body(dice):
    blocks = [{"text": text(dice) or "x"} for _ in range(dice.randrange(1, 4))]
    value = {"messages": [{"role": "user", "content": blocks}]}
    if dice.random() < 0.5:
        value["system"] = [{"text": text(dice) or "y"}]
    if dice.random() < 0.5:
        value["additionalModelRequestFields"] = {"extra": free(dice)}
    return literal(dice, value).encode()


def mutated(dice, data):
    """One byte changed, dropped, doubled or put in."""
    at = dice.randrange(len(data))
    byte = bytes([dice.choice(b'{}[]",:\\ u0\x00\xff\xed')])
    return dice.choice([data[:at] + byte + data[at + 1 :], data[:at] + data[at + 1 :], data[:at] + byte + data[at:]])


def strict(data):
    """Python's reading, made strict: no key twice, no lone surrogate, no NaN, UTF-8 only. None when it refuses."""

    def members(pairs):
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    def refuse(_):
        raise ValueError("no number")

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=members, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError):
        return None


class Line:
    """One connection for many requests."""

    def __init__(self, demo, operation="converse"):
        self.demo, self.operation, self.raw = demo, operation, Raw(demo)
        self.authorization = f"authorization: {bearer(demo)['authorization']}"

    def post(self, data):
        start = head(
            self.demo,
            path_of(self.demo.allowed, self.operation),
            "content-type: application/json",
            self.authorization,
            f"content-length: {len(data)}",
        )
        try:
            answer = self.raw.send(start, data).answer()
        except BrokenPipeError:
            answer = None
        if answer is None:
            self.raw = Raw(self.demo)
            answer = self.raw.send(start, data).answer()
        return answer


@pytest.mark.timeout(300)
def test_valid_bodies_change_only_where_a_finding_is(demo, watch):
    dice = random.Random(SEED)
    line = Line(demo)
    watch.canary(EMAIL)
    sent = [body(dice) for _ in range(CASES)]
    for data in sent:
        assert line.post(data).status == 200, data
    received = [body_of(request) for request in watch.upstream()]
    for data, got in zip(sent, received, strict=True):
        assert got == data.replace(EMAIL.encode(), b"{EMAIL}")


@pytest.mark.timeout(300)
def test_mutated_bodies_are_read_as_strictly_as_python_reads_them(demo, watch):
    dice = random.Random(SEED + 1)
    line = Line(demo)
    for _ in range(CASES):
        data = mutated(dice, body(dice))
        before = len(watch.upstream())
        answer = line.post(data)
        value = strict(data)
        if not isinstance(value, dict):
            assert answer.status == 400, data
        if len(watch.upstream()) > before:
            got = strict(body_of(watch.upstream()[-1]))
            assert value is not None, data
            assert EMAIL not in json.dumps(got, ensure_ascii=False), data


@pytest.mark.timeout(300)
def test_streams_are_redacted_alike_under_every_cut(demo, retail, watch):
    """The same text whole, and cut in random ways: the client reads the same."""
    dice = random.Random(SEED + 2)
    for _ in range(max(10, CASES // 10)):
        said = " ".join(text(dice) for _ in range(4)) + " end"
        reads = set()
        for chars in (100_000, dice.randrange(1, 9), 1):
            demo.simulator.script({"text": said, "chunk_chars": chars, "frames_split_bytes": dice.randrange(1, 400)})
            reads.add(converse_stream(retail, demo.allowed, "go"))
        assert reads == {said.replace(EMAIL, "{EMAIL}")}


@pytest.mark.timeout(300)
def test_no_path_of_random_parts_leads_to_the_denied_model(demo, watch):
    """Whatever is put together of these parts, the decision and what goes upstream name the same, allowed model."""
    dice = random.Random(SEED + 3)
    parts = [
        "/",
        "model",
        demo.allowed,
        demo.denied,
        "converse",
        "%2F",
        "%2f",
        "..",
        ".",
        "%2e",
        "%252F",
        ";",
        "?",
        "#",
        "%00",
        "\\",
        "//",
        "%3A",
        ":0",
    ]
    authorization = f"authorization: {bearer(demo)['authorization']}"
    data = converse("hello")
    for _ in range(CASES):
        path = (
            "/model/"
            + "".join(dice.choice(parts) for _ in range(dice.randrange(1, 8)))
            + dice.choice(["/converse", "", "/invoke"])
        )
        with Raw(demo) as raw:
            raw.send(
                head(demo, path, "content-type: application/json", authorization, f"content-length: {len(data)}"), data
            )
            raw.answer()
    for request in watch.upstream():
        assert request["path"] == path_of(demo.allowed, "converse") or request["path"] == path_of(
            demo.allowed, "invoke"
        )
