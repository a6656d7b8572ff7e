"""Everything at once: many clients, good, bad and impatient, in front of a provider in trouble.

No single outcome is expected; the invariants of `gateway.Watch` must hold over all of them, no answer may hold another
client's words, and nothing may be left behind.
"""

import http.client
import os
import random
import threading
import uuid

import pytest

from gateway import TENANTS, wait_for
from wire import Raw, bearer, call, converse, head, path_of, signed

SEED = int(os.environ.get("PALISADE_SEED", "20261123"))
JSON = {"content-type": "application/json"}
THREADS = 8
CALLS = int(os.environ.get("PALISADE_CASES", "40"))

# What the provider does to the next calls, whoever they are from.
TROUBLE = [
    {},
    {"chunk_chars": 1},
    {"chunk_chars": 2, "delay_ms": 2, "frames_split_bytes": 13},
    {"status": 429},
    {"status": 500},
    {"die_before_response": True},
    {"die_after": 3, "chunk_chars": 3},
    {"exception_after": 2},
    {"first_delay_ms": 30},
    {"raw_body_base64": "AAAA"},
]


class Visitor(threading.Thread):
    """One client: makes its calls, and remembers an answer that holds words of another."""

    def __init__(self, demo, number, words):
        super().__init__()
        self.demo, self.dice, self.words = demo, random.Random(SEED + number), words
        self.tenant = TENANTS[number % len(TENANTS)]
        self.word = words[number]
        self.wrong = []

    def run(self):
        acts = [
            self.whole,
            self.whole,
            self.stream,
            self.stream,
            self.denied,
            self.forged,
            self.malformed,
            self.leaves,
            self.half,
        ]
        for _ in range(CALLS):
            try:
                self.note(self.dice.choice(acts)())
            except (OSError, http.client.HTTPException) as error:
                if not isinstance(
                    error, (ConnectionResetError, http.client.IncompleteRead, http.client.RemoteDisconnected)
                ):
                    self.wrong.append(repr(error))

    def note(self, body):
        text = (body or b"").decode("latin-1")
        self.wrong += [
            f"an answer for {self.word} holds {word}" for word in self.words if word in text and word != self.word
        ]

    def post(self, path, body, headers=None):
        if headers is None:
            by_key = self.dice.random() < 0.5
            headers = (
                signed(self.demo, self.tenant, path, body, JSON)
                if by_key
                else {**JSON, **bearer(self.demo, self.tenant)}
            )
        return call(self.demo, path, body, headers).body

    def text(self):
        return converse(f"{self.word} mail eve@example.com")

    def whole(self):
        return self.post(path_of(self.demo.allowed, "converse"), self.text())

    def stream(self):
        return self.post(path_of(self.demo.allowed, "converse-stream"), self.text())

    def denied(self):
        return self.post(path_of("nobody.model-v1:0", "converse"), self.text())

    def forged(self):
        path = path_of(self.demo.allowed, "converse")
        return self.post(path, self.text(), signed(self.demo, self.tenant, path, self.text(), JSON, secret="x" * 40))

    def malformed(self):
        return self.post(path_of(self.demo.allowed, "converse"), self.text()[:-2])

    def raw(self, operation, body, sent):
        lines = [
            f"{name}: {value}"
            for name, value in {**JSON, **bearer(self.demo, self.tenant), "content-length": len(body)}.items()
        ]
        raw = Raw(self.demo)
        raw.send(head(self.demo, path_of(self.demo.allowed, operation), *lines), body[:sent])
        return raw

    def leaves(self):
        body = self.text()
        with self.raw(self.dice.choice(["converse", "converse-stream"]), body, len(body)) as raw:
            raw.socket.settimeout(self.dice.choice([0.001, 0.01, 0.05]))
            try:
                return raw.socket.recv(200)
            except TimeoutError:
                return b""

    def half(self):
        body = self.text()
        with self.raw("converse", body, self.dice.randrange(len(body))):
            return b""


@pytest.mark.timeout(300)
def test_the_invariants_hold_whatever_happens_at_once(demo, watch, canary):
    watch.canary("eve@example.com")
    dice = random.Random(SEED)
    demo.simulator.script(*[dice.choice(TROUBLE) for _ in range(THREADS * CALLS // 3)])
    words = [canary() for _ in range(THREADS)]
    visitors = [Visitor(demo, number, words) for number in range(THREADS)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert not [wrong for visitor in visitors for wrong in visitor.wrong]
    while demo.simulator.waiting():
        call(demo, path_of(demo.allowed, "converse"), converse(uuid.uuid4().hex), {**JSON, **bearer(demo)})

    pairs = watch.settle()
    assert len(pairs) >= THREADS * CALLS * 0.8
    ends = {completion["end"] for _, completion in pairs}
    assert {"completed", "refused", "client_gone", "upstream_error"} <= ends
    wait_for("connections to be closed", lambda: open_files(demo) < 60)


def open_files(demo):
    return len(os.listdir(f"/proc/{demo.process.pid}/fd"))
