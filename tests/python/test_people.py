"""People in the log: sealed under a key each, opened by FORMAT.md alone, erased for good while every proof holds."""

import hashlib
import json
import shutil
import signal
import subprocess
import threading

import pytest
from cryptography.exceptions import InvalidTag

from gateway import binary, replays, wait_for
from people import Keys
from served import Provider, Served
from test_provider import post
from wire import call, converse, path_of

pytestmark = pytest.mark.unwatched
ADA, BOB = "ada.canary@example.org", "bob|7"


@pytest.fixture
def serve(tokens, tmp_path):
    """Starts gateways that believe the issuer of `tokens`."""
    started = []

    def start(audit=""):
        side = tokens.demo.env["SIMULATOR_URL"]
        issuer = f'[[issuer]]\nissuer = "{side}"\naudience = "palisade"\ntenants = ["retail", "research"]\ninsecure_http = true'
        started.append(Served(tmp_path / f"served-{len(started)}", Provider(), audit=audit, upstream=issuer))
        return started[-1]

    yield start
    for served in started:
        served.end()


def asks(served, tokens, who, text="hello", tenant="retail"):
    headers = {"content-type": "application/json", "authorization": f"Bearer {tokens.token(sub=who, tenant=tenant)}"}
    return call(served, path_of(served.allowed, "converse"), converse(text), headers)


def palisade(*args):
    done = subprocess.run([binary(), *args], capture_output=True, text=True, timeout=120)
    assert "panicked" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def audit(command, served, *args):
    return palisade("audit", command, served.folder / "audit", *args)


def erase(served, who, *args, tenant="retail"):
    code, out, err = audit("erase", served, "--tenant", tenant, "--user", who, *args)
    assert code == 0, err
    return out


def decisions(served):
    return [decision for decision, _ in served.pairs()]


def keys_of(served):
    return Keys(served.folder / "audit" / "people")


def test_who_calls_and_from_where_is_sealed_and_opens_as_the_format_says(serve, tokens):
    served = serve()
    assert asks(served, tokens, ADA).status == asks(served, tokens, BOB).status == 200
    assert asks(served, tokens, ADA, tenant="research").status == 200
    ada, bob, other = decisions(served)
    text = served.log.text() + served.output.read_bytes()
    assert not [told for told in (ADA, BOB) if told.encode() in text]
    keys = keys_of(served)
    assert [keys.who(each) for each in (ada, bob, other)] == [ADA, BOB, ADA]
    assert sorted(keys.people.values()) == [("research", ADA), ("retail", ADA), ("retail", BOB)]
    assert keys.whence(ada) == "127.0.0.1"
    [facts] = [record for record in served.log.read() if record.get("digest") == ada["principal"]["facts"]]
    assert set(facts["facts"]) == {"sealed"}
    canonical = json.dumps(facts["facts"], separators=(",", ":")).encode()
    assert hashlib.sha256(canonical).hexdigest() == facts["digest"]
    opened = json.loads(keys.open("facts", facts["facts"]["sealed"]))
    assert (opened["tenant"], opened["id"]) == ("retail", ADA)
    with pytest.raises(InvalidTag):
        keys.open("facts", ada["principal"]["id"])
    folder = served.folder / "audit" / "people"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.json")} == {0o600}


def test_applications_are_no_people(serve):
    served = serve()
    post(served)
    [decision] = decisions(served)
    assert decision["principal"]["type"] == "Application" and decision["http"]["client_ip"] == "127.0.0.1"
    assert not keys_of(served).keys


def test_people_are_named_where_their_keys_are(serve, tokens, tmp_path):
    served = serve()
    request_id = asks(served, tokens, ADA).headers["x-amzn-requestid"]
    asks(served, tokens, BOB)
    served.pairs()
    _, told, _ = audit("show", served)
    assert f"retail/{ADA} by jwt" in told and "(sealed" not in told
    away = tmp_path / "kept-elsewhere"
    shutil.move(served.folder / "audit" / "people", away)
    _, told, _ = audit("show", served)
    assert ADA not in told and "retail/(sealed " in told
    _, told, _ = audit("show", served, "--people-keys", away)
    assert f"retail/{ADA} by jwt" in told
    _, as_it_is, _ = audit("show", served, "--format", "json", "--people-keys", away)
    assert as_it_is.splitlines() == [json.dumps(record, separators=(",", ":")) for record in served.log.read()]
    _, by_name, _ = audit("show", served, "--format", "json", "--people-keys", away, "--unsealed")
    records = [json.loads(line) for line in by_name.splitlines()]
    assert [record["principal"]["id"] for record in records if record["kind"] == "decision"] == [ADA, BOB]
    log = ("--audit", served.folder / "audit", "--request-id", request_id)
    code, told, _ = palisade("policy", "explain", *log, "--people-keys", away)
    assert code == 0 and ADA in told
    code, _, told = palisade("policy", "explain", *log)
    assert code != 0 and "sealed, and the key is not there" in told
    lines = tmp_path / "exported.jsonl"
    lines.write_text(by_name)
    shutil.copytree(served.folder / "audit" / "archive", tmp_path / "archive")
    code, told, _ = palisade("audit", "replay", lines)
    assert code == 0 and told.startswith("2 decisions made again")
    shutil.move(away, served.folder / "audit" / "people")


def test_decisions_about_people_are_made_again_and_left_out_without_their_keys(serve, tokens, tmp_path):
    served = serve()
    for who in (ADA, BOB, ADA):
        asks(served, tokens, who)
    served.pairs()
    code, told, _ = audit("replay", served)
    assert code == 0 and "3 decisions made again\n0 come out otherwise" in told
    code, told, _ = audit("replay", served, "--people-keys", tmp_path)
    assert code == 0 and "0 decisions made again\n3 left out: who called is sealed" in told


def test_who_is_erased_cannot_be_read_and_the_log_still_holds(serve, tokens, tmp_path):
    served = serve()
    request_id = asks(served, tokens, ADA).headers["x-amzn-requestid"]
    asks(served, tokens, BOB)
    before, bob = decisions(served)
    key = before["principal"]["id"].split(":")[1]
    told = erase(served, ADA, "--ticket", "PRIVACY-17")
    assert f"key {key} is destroyed, as a record of the log says" in told
    [erased] = [record for record in served.log.read() if record["kind"] == "erased"]
    assert (erased["key"], erased["ticket"]) == (key, "PRIVACY-17")
    keys = keys_of(served)
    assert key not in keys.keys and keys.who(bob) == BOB
    _, told, _ = audit("show", served)
    assert ADA not in told and f"what is sealed under {key[:12]}, for PRIVACY-17" in told
    # Who comes again is somebody else to whoever has erased them.
    asks(served, tokens, ADA)
    after = decisions(served)[-1]
    keys = keys_of(served)
    assert keys.who(after) == ADA and after["principal"]["id"].split(":")[1] != key
    key_of_log = served.folder / "audit" / "signing-key.pub"
    wait_for("a checkpoint", lambda: audit("verify", served, "--key", key_of_log)[0] == 0)
    assert audit("prove", served, "--request-id", request_id, "--out", tmp_path)[0] == 0
    code, told, _ = audit("replay", served)
    assert code == 0 and "2 decisions made again\n1 left out: who called is sealed" in told
    assert "nothing is sealed" in erase(served, "nobody")


def test_who_is_erased_while_nobody_writes_is_recorded_at_the_next_start(serve, tokens):
    served = serve()
    asks(served, tokens, ADA)
    served.pairs()
    assert served.stop() == 0
    assert "when a gateway next writes it" in erase(served, ADA)
    assert not keys_of(served).keys
    for _ in range(2):
        served.start()
        wait_for("the record", lambda: any(record["kind"] == "erased" for record in served.log.read()))
        served.stop()
    [erased] = [record for record in served.log.read() if record["kind"] == "erased"]
    assert "ticket" not in erased
    served.start()


def test_a_key_that_is_taken_away_by_hand_seals_nothing_more(serve, tokens):
    served = serve()
    asks(served, tokens, ADA)
    [path] = (served.folder / "audit" / "people").glob("*.json")
    path.unlink()

    def under_another_key():
        asks(served, tokens, ADA)
        return keys_of(served).keys

    wait_for("another key", under_another_key)
    assert keys_of(served).who(decisions(served)[-1]) == ADA


@pytest.mark.parametrize("mode", ["strict", "relaxed"])
def test_nothing_is_sealed_under_a_key_that_a_kill_can_lose(mode, serve, tokens):
    served = serve(f'mode = "{mode}"')
    sent = [asks(served, tokens, "first").status]

    def callers(number):
        for turn in range(1_000):
            try:
                sent.append(asks(served, tokens, f"{number}-{turn}").status)
            except OSError:
                return

    threads = [threading.Thread(target=callers, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    wait_for("many people", lambda: len(sent) > 60)
    served.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    served.start()
    keys = keys_of(served)
    people = {keys.who(record) for record in served.log.read() if record["kind"] == "decision"}
    assert len(people) >= len(sent)


def test_a_key_that_is_damaged_is_put_aside(serve, tokens):
    served = serve()
    asks(served, tokens, ADA)
    [path] = (served.folder / "audit" / "people").glob("*.json")
    whole = path.read_bytes()
    served.stop()
    path.write_bytes(whole[:40])
    served.start()
    assert asks(served, tokens, ADA).status == 200
    assert path.with_suffix(".damaged").read_bytes() == whole[:40]
    assert keys_of(served).who(decisions(served)[-1]) == ADA
    assert "the key of a person cannot be read" in served.output.read_text()


def test_nothing_is_sent_for_a_person_whose_key_cannot_be_kept(serve, tokens):
    served = serve()
    folder = served.folder / "audit" / "people"
    shutil.rmtree(folder)
    folder.write_text("no folder")
    assert asks(served, tokens, ADA).status == 503 and not served.provider.requests
    folder.unlink()
    wait_for("the log to heal", lambda: asks(served, tokens, ADA).status == 200)
    [decision] = [record for record in served.log.read() if record["kind"] == "decision"]
    assert keys_of(served).who(decision) == ADA


def test_plain_is_plain_and_keys_can_be_elsewhere(serve, tokens, tmp_path):
    plain = serve('personal_ids = "plain"')
    asks(plain, tokens, ADA)
    [decision] = decisions(plain)
    assert (decision["principal"]["id"], decision["http"]["client_ip"]) == (ADA, "127.0.0.1")
    assert not (plain.folder / "audit" / "people").exists()
    assert "nothing is sealed" in erase(plain, ADA)
    away = serve(f'people_keys = "{tmp_path / "keys"}"')
    asks(away, tokens, ADA)
    assert Keys(tmp_path / "keys").who(decisions(away)[0]) == ADA
    assert not (away.folder / "audit" / "people").exists()
    assert "is destroyed, as a record" in erase(away, ADA, "--people-keys", tmp_path / "keys")
    replays(plain.folder / "audit")


def test_what_an_erasure_is_for_names_nobody(serve):
    served = serve()
    for ticket in ("for Ada Lovelace", "", "x" * 65, "é"):
        code, _, told = audit("erase", served, "--tenant", "retail", "--user", ADA, "--ticket", ticket)
        assert code == 2 and "it must not name the person" in told
    code, _, told = palisade("audit", "erase", served.folder / "nowhere", "--tenant", "retail", "--user", ADA)
    assert code == 1 and "nowhere" in told
