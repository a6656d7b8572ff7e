"""Keys that Palisade issues: shown once, sealed in the store, rotated with an overlap, revoked while everything runs."""

import datetime
import re
import secrets
import subprocess
import tomllib

import pytest

from gateway import Credentials, binary, wait_for
from served import Provider, Served
from test_provider import post
from test_registry import apply, change, in_store, registry

pytestmark = pytest.mark.unwatched


def with_sealing(folder):
    (folder / "registry.key").write_text(secrets.token_hex(32))
    (folder / "registry.key").chmod(0o600)
    config = folder / "palisade.toml"
    line = 'file = "registry.toml"'
    config.write_text(config.read_text().replace(line, line + '\nsealing = { key_file = "registry.key" }'))
    in_store(folder)


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path / "one", Provider(), prepare=with_sealing)
    yield served
    served.end()


def key(served, command, *args):
    done = subprocess.run(
        [binary(), "key", command, *args, "--config", served.config], capture_output=True, text=True, timeout=60
    )
    assert "panicked" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def credentials(printed):
    """The key that a command printed, as somebody who can sign with it."""
    fields = dict(line.split("=", 1) for line in printed.splitlines())
    assert re.fullmatch("PLSD[A-Z2-7]{16}", fields["AWS_ACCESS_KEY_ID"])
    assert re.fullmatch("[A-Za-z0-9+/]{40}", fields["AWS_SECRET_ACCESS_KEY"])
    named = {f"RETAIL_{name.removeprefix('AWS_')}": value for name, value in fields.items()}
    return Credentials("retail", {**named, "RETAIL_JWT": ""})


def issue(served, *args):
    code, out, err = key(served, "issue", "retail/assistant", *args)
    assert code == 0 and "its secret cannot be had again" in err
    return credentials(out)


def call(served, who):
    before = served.tenants["retail"]
    served.tenants["retail"] = who
    try:
        return post(served)
    finally:
        served.tenants["retail"] = before


def listed(served):
    code, out, err = key(served, "list")
    assert code == 0, err
    return {line.split()[0]: line for line in out.splitlines()}


def test_a_key_is_issued_used_and_revoked_while_everything_runs(served):
    who = issue(served, "--days", "30")
    wait_for("the key", lambda: call(served, who).status == 200)
    decision, _ = served.pairs()[-1]
    assert decision["principal"]["credential"] == who.access_key_id and decision["principal"]["id"] == "assistant"
    line = listed(served)[who.access_key_id]
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)
    assert f"retail/assistant  until {ends:%Y-%m-%d}T" in line and ", issued 20" in line
    code, out, _ = key(served, "list", "--last-use", "--application", "retail/assistant")
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert code == 0 and set(lines) == {who.access_key_id, "PLSDRETAILASSISTANT1"}
    assert f"used last {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H}" in lines[who.access_key_id]
    assert lines["PLSDRETAILASSISTANT1"].endswith(", not used in this log")
    code, out, _ = key(served, "revoke", who.access_key_id)
    assert code == 0 and out == f"{who.access_key_id} is revoked\n"
    wait_for("the key to be refused", lambda: call(served, who).status == 403)
    assert who.access_key_id not in listed(served) and post(served).status == 200
    code, _, err = key(served, "revoke", who.access_key_id)
    assert code == 2 and "no key is called" in err


def test_no_secret_stands_in_the_store_the_log_or_what_is_written_out(served):
    who = issue(served)
    wait_for("the key", lambda: call(served, who).status == 200)
    secret = who.secret_access_key.encode()
    out = registry("export", "--config", served.config)[1]
    [entry] = [entry for entry in tomllib.loads(out)["key"] if entry["id"] == who.access_key_id]
    assert set(entry) == {"id", "tenant", "application", "sealed", "issued"}
    kept = (served.folder / "registry.redb").read_bytes() + served.log.text() + served.output.read_bytes() + out.encode()
    kept += b"".join(path.read_bytes() for path in (served.folder / "audit" / "archive").iterdir())
    assert secret not in kept
    # What was written out can be taken in again, by whoever has the same secret.
    exported = served.folder / "exported.toml"
    exported.write_text(out)
    code, out, _ = registry("diff", exported, "--config", served.config, "--prune")
    assert code == 0, out


def test_a_key_is_rotated_with_an_overlap(served):
    old = issue(served)
    wait_for("the key", lambda: call(served, old).status == 200)
    code, out, _ = key(served, "rotate", old.access_key_id, "--overlap-hours", "2", "--days", "7")
    assert code == 0
    new = credentials(out)
    wait_for("the other key", lambda: call(served, new).status == 200)
    assert call(served, old).status == 200
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
    lines = listed(served)
    assert f"until {ends:%Y-%m-%dT%H}" in lines[old.access_key_id]
    # What ends sooner is not made to end later.
    assert key(served, "rotate", old.access_key_id, "--overlap-hours", "100")[0] == 0
    assert listed(served)[old.access_key_id] == lines[old.access_key_id]
    assert key(served, "rotate", old.access_key_id, "--overlap-hours", "0")[0] == 0
    wait_for("the old one to end", lambda: call(served, old).status == 403)
    answer = call(served, old)
    assert answer.error == "ExpiredTokenException"
    assert "EXPIRED" in listed(served)[old.access_key_id]
    # Whoever does not have it is not told that it was ever good.
    liar = credentials(f"AWS_ACCESS_KEY_ID={old.access_key_id}\nAWS_SECRET_ACCESS_KEY={'x' * 40}")
    assert call(served, liar).error != "ExpiredTokenException"


def test_issued_keys_stay_when_a_file_is_applied_and_go_with_their_application(served):
    who = issue(served)
    code, out, _ = apply(served, "--prune")
    assert code == 0 and "0 new, 0 changed, 0 removed" in out
    code, out, err = apply(served, "--prune", "--dry-run")
    assert code == 0 and who.access_key_id in listed(served)
    text = (served.folder / "registry.toml").read_text()
    for kind, name in (("application", "assistant"), ("key", "PLSDRETAILASSISTANT1")):
        text = re.sub(rf'\[\[{kind}\]\]\nid = "{name}"(?:(?!\n\[\[).)*', "", text, flags=re.DOTALL)
    (served.folder / "registry.toml").write_text(text)
    code, out, err = apply(served, "--prune")
    assert code == 0, err
    assert f"- key {who.access_key_id}" in out and "- application retail/assistant" in out
    assert out.index(who.access_key_id) < out.index("application retail/assistant")


def test_what_was_sealed_for_another_is_none(served):
    who = issue(served)
    exported = served.folder / "exported.toml"
    text = registry("export", "--config", served.config)[1]
    [table] = [table for table in text.split("[[") if who.access_key_id in table]
    exported.write_text(text.replace(table, table.replace('tenant = "retail"', 'tenant = "markets"').replace("assistant", "filings")))
    code, _, err = registry("apply", exported, "--config", served.config)
    assert code == 2 and f"key {who.access_key_id}" in err and "sealed for another key" in err
    (served.folder / "registry.key").write_text(secrets.token_hex(32))
    done = subprocess.run([binary(), "check", "--config", served.config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "under another secret than `registry.sealing`" in done.stderr
    (served.folder / "registry.key").chmod(0o604)
    done = subprocess.run([binary(), "check", "--config", served.config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "`registry.sealing.key_file`" in done.stderr and "chmod 600" in done.stderr


def test_keys_are_issued_to_applications_in_a_store_that_can_seal(served, tmp_path):
    code, _, err = key(served, "issue", "retail/nobody")
    assert code == 2 and "names an application that is not listed" in err
    code, _, err = key(served, "issue", "retail")
    assert code == 2 and "TENANT/APPLICATION" in err
    code, _, err = key(served, "issue", "retail/assistant", "--days", "0")
    assert code == 2 and "--days" in err
    served.config.write_text(served.config.read_text().replace("sealing = {", "# {"))
    code, _, err = key(served, "issue", "retail/assistant")
    assert code == 2 and "no `registry.sealing`" in err and "openssl rand" in err
    other = Served(tmp_path / "file", Provider())
    code, _, err = key(other, "issue", "retail/assistant")
    assert code == 2 and ("registry.sealing" in err or "registry.store" in err)
    assert len(listed(other)) == 3
    change(other, 'secret_file = "keys/retail"', 'secret_file = "keys/retail"\nexpires = "2020-01-01T00:00:00Z"')
    wait_for("the key to end", lambda: post(other).status == 403)
    assert "EXPIRED 2020-01-01T00:00:00Z" in listed(other)["PLSDRETAILASSISTANT1"]
    change(other, "2020-01-01T00:00:00Z", "2020-01-01")
    wait_for("it to be told", lambda: "is no time such as" in other.output.read_text())
    other.end()
