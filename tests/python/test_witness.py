"""A second Palisade that remembers how far a log had grown: what was cut, forked or replaced by an older copy is caught."""

import base64
import http.client
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import verifier
from gateway import binary, wait_for
from segments import change, lines
from served import Provider, Served
from test_provider import post, ready
from test_verify import audit, independent

pytestmark = pytest.mark.unwatched


class Witness:
    """`palisade audit witness`, of one log."""

    def __init__(self, folder, log_key):
        self.folder, self.log_key = folder, log_key
        self.key = folder / "witness.key"
        code, out = audit("keygen", "witness.example/w1", self.key, "--witness")
        assert code == 0 and "palisade audit witness --key" in out
        self.public = folder / "witness.key.pub"
        self.start(0)

    def start(self, port=None):
        self.output = (self.folder / "witness.out").open("w+")
        listen = f"127.0.0.1:{self.port if port is None else port}"
        keys = self.log_key if isinstance(self.log_key, list) else [self.log_key]
        arguments = ["--listen", listen, "--key", self.key, "--state", self.folder / "state"]
        arguments += [part for key in keys for part in ("--log", key)]
        self.process = subprocess.Popen(
            [binary(), "audit", "witness", *map(str, arguments)], stdout=self.output, stderr=subprocess.STDOUT
        )
        wait_for("the witness to listen", lambda: "listens on http://" in (self.folder / "witness.out").read_text())
        address = (self.folder / "witness.out").read_text().split("http://")[1].split("/")[0]
        self.port = int(address.split(":")[1])

    def config(self):
        return f'[[audit.witness]]\nurl = "http://127.0.0.1:{self.port}"\nkey = "{self.public}"\n'

    def ask(self, body, path="/add-checkpoint", method="POST"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body.encode() if isinstance(body, str) else body)
        reply = connection.getresponse()
        return reply.status, reply.headers["content-type"], reply.read().decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0
        self.output.close()


@pytest.fixture
def log_key(tmp_path):
    assert audit("keygen", "log.example/gateway", tmp_path / "audit.key")[0] == 0
    return tmp_path / "audit.key"


@pytest.fixture
def witness(tmp_path, log_key):
    witness = Witness(tmp_path, f"{log_key}.pub")
    yield witness
    if witness.process.poll() is None:
        witness.stop()


def gateway(folder, log_key, witness, **more):
    return Served(folder, Provider(), audit=f'signing_key = "{log_key}"\n{witness.config()}', **more)


def signed(log_key, size):
    """A checkpoint that the log never had, signed with its key."""
    name, encoded = (pathlib.Path(log_key).read_text().strip().split("+", 4)[at] for at in (2, 4))
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(encoded)[1:])
    text = f"{name}\n{size}\n{base64.b64encode(b'r' * 32).decode()}\n"
    key_id = verifier.Key(pathlib.Path(f"{log_key}.pub").read_text()).id
    line = base64.b64encode(key_id + private.sign(text.encode())).decode()
    return f"{text}\n\u2014 {name} {line}\n"


def size_of(note):
    return int(note.read_text().splitlines()[1])


def test_a_witness_says_what_it_has_seen_under_checkpoints(tmp_path, log_key, witness):
    served = gateway(tmp_path / "one", log_key, witness)
    log = served.folder / "audit"
    assert size_of(log / "witnessed") == 1, "at the start"
    decision = post(served).headers["x-amzn-requestid"]
    wait_for("the witness", lambda: size_of(log / "witnessed") >= 5)
    served.provider.close()
    assert served.stop() == 0
    assert size_of(log / "witnessed") == size_of(log / "checkpoint")
    code, out = audit("verify", log, "--key", f"{log_key}.pub", "--witness", witness.public)
    assert code == 0, out
    code, out = independent("witness", f"{log_key}.pub", witness.public, log / "witnessed")
    assert code == 0 and abs(int(out.split()[-1]) - time.time()) < 60
    assert audit("prove", log, "--request-id", decision, "--key", f"{log_key}.pub", "--out", tmp_path)[0] == 0
    proof = next(tmp_path.glob("*.tlog-proof"))
    assert "\u2014 witness.example/w1 " in proof.read_text()
    assert independent("proof", f"{log_key}.pub", proof, proof.with_suffix(".json"))[0] == 0
    (log / "witnessed").write_text((log / "checkpoint").read_text())
    code, out = audit("verify", log, "--key", f"{log_key}.pub", "--witness", witness.public)
    assert code == 2 and "witness.example/w1 has not signed it" in out


def test_an_older_copy_of_a_log_is_not_gone_on_with(tmp_path, log_key, witness):
    served = gateway(tmp_path / "one", log_key, witness)
    post(served)
    assert served.stop() == 0
    older = shutil.copytree(served.folder / "audit", tmp_path / "older")
    served.start()
    post(served)
    assert served.stop() == 0
    shutil.rmtree(served.folder / "audit")
    shutil.copytree(older, served.folder / "audit")
    with pytest.raises(AssertionError, match="replaced by an older copy"):
        served.start()
    shutil.rmtree(served.folder / "audit")
    with pytest.raises(AssertionError, match="witness witness.example/w1: it has seen a log of"):
        served.start()
    served.provider.close()


def test_a_log_that_is_written_twice_is_caught_and_nothing_is_acted_on_any_more(tmp_path, log_key, witness):
    one = gateway(tmp_path / "one", log_key, witness)
    post(one)
    wait_for("the witness", lambda: size_of(one.folder / "audit" / "witnessed") >= 5)

    def copied(folder):
        shutil.copytree(one.folder / "audit", folder / "audit")
        (folder / "audit" / ".next").unlink(missing_ok=True)

    two = gateway(tmp_path / "two", log_key, witness, prepare=copied)
    for _ in range(3):
        post(two)
    wait_for("the witness", lambda: size_of(two.folder / "audit" / "witnessed") > 8)
    assert post(one).status == 200, "nobody knows yet"
    wait_for("the fork to be known", lambda: ready(one) == 503)
    assert post(one).status == 503
    assert ready(two) == 200 and post(two).status == 200
    for served in (one, two):
        served.provider.close()
        assert served.stop() == 0


def test_a_witness_that_is_away_stops_nothing_and_remembers(tmp_path, log_key, witness):
    served = gateway(tmp_path / "one", log_key, witness)
    post(served)
    log = served.folder / "audit"
    wait_for("the witness", lambda: size_of(log / "witnessed") >= 5)
    witness.stop()
    before = size_of(log / "witnessed")
    assert post(served).status == 200
    wait_for("a checkpoint", lambda: size_of(log / "checkpoint") > before)
    assert size_of(log / "witnessed") == before
    witness.start()
    assert post(served).status == 200
    wait_for("the witness again", lambda: size_of(log / "witnessed") == size_of(log / "checkpoint") > before)
    served.provider.close()
    assert served.stop() == 0
    assert audit("verify", log, "--key", f"{log_key}.pub", "--witness", witness.public)[0] == 0


def test_what_a_witness_is_asked_wrongly_is_refused_as_the_specification_says(tmp_path, log_key, witness):
    served = gateway(tmp_path / "one", log_key, witness)
    post(served)
    served.provider.close()
    assert served.stop() == 0
    note = (served.folder / "audit" / "checkpoint").read_text()
    size = int(note.splitlines()[1])
    assert witness.ask(f"old {size}\n\n{note}")[0] == 200, "once more"
    assert witness.ask(f"old 0\n\n{note}") == (409, "text/x.tlog.size", f"{size}\n")
    assert witness.ask(f"old {size + 1}\n\n{note}")[0] == 400
    assert witness.ask(f"old {size}\n\n{note.replace('log.example', 'other.example', 1)}")[0] == 404
    assert witness.ask(f"old {size}\n\n{note.replace(str(size), str(size + 1), 1)}")[0] == 403
    for junk in ("", "old", "old 1", "\n\n", "old x\n\n" + note, b"\xff\xfe", "x" * 100_000, f"old {size}\nAAAA\n\n{note}"):
        assert witness.ask(junk)[0] in (400, 413), junk
    other = signed(log_key, size + 5)
    assert witness.ask(f"old {size}\n\n{other}")[0] == 422
    assert witness.ask(f"old {size}\n\n{signed(log_key, size)}")[0] == 409, "another root"
    kept = [path.read_text() for path in (tmp_path / "state").glob("evidence-*")]
    assert kept == [f"old {size}\n\n{signed(log_key, size)}"], "two trees of one size are kept"
    assert witness.ask(None, method="GET")[0] == 404
    assert witness.ask(None, "/healthz", "GET")[0] == 200
    assert witness.ask(f"old {size}\n\n{note}")[0] == 200


def test_a_witness_says_what_is_wrong_with_what_it_is_given(tmp_path, log_key):
    code, out = audit("witness", "--key", log_key, "--state", tmp_path / "state", "--log", f"{log_key}.pub")
    assert code == 1 and "is not the key of a witness" in out
    key = tmp_path / "w.key"
    assert audit("keygen", "w.example", key, "--witness")[0] == 0
    code, out = audit("witness", "--key", key, "--state", tmp_path / "state", "--log", tmp_path / "nowhere.pub")
    assert code == 1 and "nowhere.pub" in out
    with pytest.raises(AssertionError, match="is not the key of a witness"):
        witness = f'[[audit.witness]]\nurl = "http://127.0.0.1:1"\nkey = "{log_key}.pub"'
        Served(tmp_path / "one", Provider(), audit=witness)
    with pytest.raises(AssertionError, match="audit.witness.url"):
        witness = f'[[audit.witness]]\nurl = "ftp://127.0.0.1:1"\nkey = "{key}.pub"'
        Served(tmp_path / "two", Provider(), audit=witness)


# ------------------------------------------------------------------------------------------ keys that change


def test_a_log_whose_key_changes_is_verified_with_the_old_key_and_with_the_new_one(tmp_path, log_key):
    served = Served(tmp_path / "one", Provider(), audit=f'signing_key = "{log_key}"')
    post(served)
    assert served.stop() == 0
    new = tmp_path / "new.key"
    assert audit("keygen", "log.example/gateway", new)[0] == 0
    config = served.config.read_text()
    served.config.write_text(config.replace(str(log_key), str(new)))
    with pytest.raises(AssertionError, match="was it signed with the key in"):
        served.start()
    served.config.write_text(config.replace(f'"{log_key}"', f'"{new}"\nretired_key = "{log_key}"'))
    served.start()
    post(served)
    assert served.stop() == 0
    served.config.write_text(config.replace(str(log_key), str(new)))
    served.start()
    served.provider.close()
    assert served.stop() == 0
    log = served.folder / "audit"
    rotations = [record for record in served.log.read() if record["kind"] == "key_rotated"]
    assert len(rotations) == 1
    for key in (log_key, new):
        assert audit("verify", log, "--key", f"{key}.pub")[0] == 0
        assert independent("log", log, f"{key}.pub")[0] == 0
    assert audit("keygen", "log.example/gateway", tmp_path / "other.key")[0] == 0
    assert audit("verify", log, "--key", tmp_path / "other.key.pub")[0] == 1
    segment = next(path for path in log.glob("*.seg") if any("key_rotated" in line for line in lines(path)))
    change(segment, rotations[0]["certificate"][:8], "AAAAAAAA")
    code, out = audit("verify", log, "--key", f"{log_key}.pub")
    assert code == 1 and "has not certified" in out
    assert independent("log", log, f"{log_key}.pub")[0] == 1
    assert "key rotated" in audit("show", log)[1]


def test_a_witness_goes_on_with_the_next_key_of_a_log(tmp_path, log_key, witness):
    served = gateway(tmp_path / "one", log_key, witness)
    assert served.stop() == 0
    witness.stop()
    new = tmp_path / "new.key"
    assert audit("keygen", "log.example/gateway", new)[0] == 0
    only_new = ["--key", witness.key, "--state", tmp_path / "state", "--log", f"{new}.pub"]
    code, out = audit("witness", *only_new)
    assert code == 1 and "name the one before with --log too" in out
    witness.log_key = [f"{log_key}.pub", f"{new}.pub"]
    witness.start()
    config = served.config.read_text()
    served.config.write_text(config.replace(f'"{log_key}"', f'"{new}"\nretired_key = "{log_key}"'))
    served.start()
    post(served)
    served.provider.close()
    assert served.stop() == 0
    log = served.folder / "audit"
    code, out = audit("verify", log, "--key", f"{log_key}.pub", "--witness", witness.public)
    assert code == 0, out


def test_a_key_of_another_name_does_not_take_over(tmp_path, log_key):
    assert audit("keygen", "other.example", tmp_path / "other.key")[0] == 0
    with pytest.raises(AssertionError, match="a log keeps its own"):
        Served(tmp_path / "one", Provider(), audit=f'signing_key = "{tmp_path}/other.key"\nretired_key = "{log_key}"')
