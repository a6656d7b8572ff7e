"""A running `palisade demo`, and what a test may ask of it: its log, its simulator, its output, its metrics."""

import base64
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections import Counter

from verifier import Segment

ROOT = pathlib.Path(__file__).resolve().parents[2]
TENANTS = ("retail", "markets", "research")
START_S = 60
SETTLE_S = 10


def binary():
    """The binary under test: `PALISADE_BIN`, or the debug build."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return pathlib.Path(os.environ.get("PALISADE_BIN", target / "debug" / "palisade"))


def wait_for(what, probe, timeout_s=SETTLE_S):
    """Polls `probe` until it gives something true, and gives that."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s} s for {what}")
        time.sleep(0.01)


def body_of(received):
    """The bytes of a received request's body."""
    body = received["body"]
    return base64.b64decode(body["base64"]) if isinstance(body, dict) else body.encode()


def replays(log):
    """Every decision of a log can be made again from it, and comes out as it is recorded."""
    again = subprocess.run([binary(), "audit", "replay", log], capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stdout + again.stderr
    return again.stdout


def verified(log):
    """A log that was closed in order is what its checkpoint says: to Palisade, and to code that shares nothing with it."""
    key = log / "signing-key.pub"
    for command in (
        [binary(), "audit", "verify", log, "--key", key],
        [sys.executable, ROOT / "tests" / "python" / "verifier.py", "log", log, key],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Credentials:
    """A tenant's key and token."""

    def __init__(self, tenant, env):
        prefix = tenant.upper()
        self.tenant = tenant
        self.access_key_id = env[f"{prefix}_ACCESS_KEY_ID"]
        self.secret_access_key = env[f"{prefix}_SECRET_ACCESS_KEY"]
        self.jwt = env[f"{prefix}_JWT"]


class Simulator:
    """The side port of the simulated provider."""

    def __init__(self, url):
        self.url = url

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def script(self, *replies):
        """Queues replies for the next calls, first in first out."""
        self.call("POST", "/script", {"replies": list(replies)})

    def waiting(self):
        return self.call("GET", "/script")["replies"]

    def received(self):
        """What has arrived since the test began, oldest first."""
        got = self.call("GET", "/received")
        return got if isinstance(got, list) else got["requests"]

    def forget(self):
        self.call("DELETE", "/received")

    def requests(self):
        """How many requests have ever arrived, refused ones included."""
        return self.call("GET", "/stats")["requests"]


class Log:
    """The audit log, read as it grows, from the files alone."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.offsets = {}
        self.records = []

    def read(self):
        """Every record so far. A frame counts once it is whole."""
        for path in sorted(self.folder.glob("*.seg")):
            at, first = self.offsets.get(path, (0, int(path.stem.split("-")[0])))
            segment, behind = Segment(path, at), 0
            while (frame := segment.frame(behind, first)) is not None:
                records, behind = frame
                first += len(records)
                self.records += [json.loads(record) for record in records]
            self.offsets[path] = (at + behind, first)
        return self.records

    def text(self):
        """The raw bytes of every file."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("*")) if path.is_file())


class Demo:
    """`palisade demo`, from start to stop."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.env_file = self.folder / "env"
        self.output = self.folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [binary(), "demo", "--port", "0", "--env-file", self.env_file, "--dir", self.folder / "data"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_for("the demo to start", self._started, START_S)
        lines = self.env_file.read_text().splitlines()
        self.env = dict(line.split("=", 1) for line in lines if "=" in line)
        self.url = self.env["PALISADE_URL"]
        self.admin = self.env["ADMIN_URL"]
        self.allowed = self.env["ALLOWED_MODEL"]
        self.denied = self.env["DENIED_MODEL"]
        self.tenants = {name: Credentials(name, self.env) for name in TENANTS}
        self.simulator = Simulator(self.env["SIMULATOR_URL"])
        self.log = Log(self.env["AUDIT_DIR"])

    def _started(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the demo ended with {self.process.returncode}:\n{self.output.read_text()}")
        return self.env_file.exists()

    @property
    def address(self):
        host, port = self.url.removeprefix("http://").rstrip("/").split(":")
        return host, int(port)

    def metrics(self):
        with urllib.request.urlopen(self.admin + "/metrics", timeout=10) as response:
            return response.read()

    def stop(self, how=signal.SIGINT):
        """Stops the demo and gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def models():
    """The models of the registry that the demo runs with, by id."""
    registry = tomllib.loads((ROOT / "config" / "registry.toml").read_text())
    return {model["id"]: model for model in registry["model"]}


class Watch:
    """One test's view: what happened since it began, and what must hold when it ends."""

    def __init__(self, demo):
        self.demo = demo
        self.canaries = set()
        self.aborted = False
        demo.simulator.forget()
        self.requests_before = demo.simulator.requests()
        self.records_before = len(demo.log.read())
        self.output_before = demo.output.stat().st_size

    def canary(self, text):
        """Notes something that must not show up in any log, metric or output; gives it back."""
        self.canaries.add(text.encode() if isinstance(text, str) else text)
        return text

    def records(self, kind=None):
        found = self.demo.log.read()[self.records_before :]
        return [record for record in found if kind is None or record["kind"] == kind]

    def decisions(self):
        return self.records("decision")

    def completions(self):
        return self.records("completion")

    def upstream(self):
        """What the provider received since the test began."""
        return self.demo.simulator.received()

    def settle(self):
        """Waits until every exchange has ended, and gives (decision, completion) pairs in the order of decisions."""
        quiet = {"records": -1, "since": time.monotonic()}

        def settled():
            records = self.records()
            if len(records) != quiet["records"]:
                quiet.update(records=len(records), since=time.monotonic())
            decided = {record["id"] for record in records if record["kind"] == "decision"}
            completed = {record["decision"] for record in records if record["kind"] == "completion"}
            return decided == completed and time.monotonic() - quiet["since"] > 0.04

        wait_for("a completion for every decision", settled)
        completions = {record["decision"]: record for record in self.completions()}
        return [(decision, completions[decision["id"]]) for decision in self.decisions()]

    def one(self):
        """The records of the one exchange there was."""
        # That of somebody unknown is not waited for, so it may come after the answer.
        wait_for("the exchange", self.settle)
        pairs = self.settle()
        assert len(pairs) == 1, f"expected one exchange, found {len(pairs)}"
        return pairs[0]

    def refused(self, reason=None):
        """The decision of the one exchange there was: refused, and nothing went upstream."""
        decision, completion = self.one()
        assert decision["effect"] == "deny"
        assert "sent_sha256" not in decision["http"]
        assert "attempts" not in completion
        assert self.demo.simulator.requests() == self.requests_before, "something went upstream"
        assert reason is None or decision["reason"] == reason, decision["reason"]
        return decision

    def check(self):
        """The invariants that hold after every test."""
        self.settle()
        self._each_decision_is_completed_once()
        self._each_upstream_request_was_decided_before()
        self._no_canary_leaked()

    def _each_decision_is_completed_once(self):
        records = self.demo.log.read()
        decided = Counter(record["id"] for record in records if record["kind"] == "decision")
        completed = Counter(record["decision"] for record in records if record["kind"] == "completion")
        assert decided == completed, "decisions and completions do not pair"
        assert all(count == 1 for count in decided.values()), "a decision was recorded twice"
        assert [record["index"] for record in records] == list(range(len(records))), "the log has gaps"
        assert not [record for record in records if record["kind"] == "lost"], "records were lost"
        assert not [record for record in records if record.get("end") == "abandoned"], "an exchange was abandoned"

    def _each_upstream_request_was_decided_before(self):
        received = self.upstream()
        seen = self.demo.simulator.requests() - self.requests_before
        # One that was cancelled before its body had arrived is counted but not listed.
        cancelled = seen - len(received)
        gone = [record for record in self.completions() if record["end"] in ("client_gone", "upstream_error")]
        assert 0 <= cancelled <= len(gone), f"the provider saw {seen} requests and lists {len(received)}"
        allowed = {}
        attempts = {record["decision"]: len(record.get("attempts", [])) for record in self.completions()}
        for decision in self.decisions():
            if decision["effect"] in ("allow", "allow_modified"):
                allowed.setdefault(decision["http"]["sent_sha256"], []).append(decision)
        for request in received:
            assert request["sigv4"] == "valid", request["sigv4"]
            digest = sha256(body_of(request))
            decisions = allowed.get(digest, [])
            assert decisions, "a request went upstream whose body no decision allows"
            earlier = [d for d in decisions if d["time"] // 1_000_000 <= request["received_at_ms"]]
            assert earlier, "a request went upstream before its decision"
        for digest, count in Counter(sha256(body_of(request)) for request in received).items():
            may = sum(max(1, attempts[decision["id"]]) for decision in allowed[digest])
            assert count <= may, f"{count} requests went upstream where {may} attempts are recorded"

    def _no_canary_leaked(self):
        with self.demo.output.open("rb") as file:
            file.seek(self.output_before)
            output = file.read()
        everywhere = {"audit log": self.demo.log.text(), "output": output, "metrics": self.demo.metrics()}
        secrets = {value.encode() for who in self.demo.tenants.values() for value in (who.secret_access_key, who.jwt)}
        for place, text in everywhere.items():
            leaked = [canary for canary in self.canaries | secrets if canary in text]
            assert not leaked, f"{len(leaked)} canaries in the {place}"
