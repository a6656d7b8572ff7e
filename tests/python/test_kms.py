"""Keys that AWS KMS holds closed: moto's server is KMS."""

import base64
import os
import signal
import subprocess

import boto3
import pytest

from dynamodb import ENVIRONMENT, REGION, Emulator
from gateway import binary, wait_for
from served import Provider, Served
from test_keys import call, issue, key
from test_registry import in_store

pytestmark = pytest.mark.unwatched


@pytest.fixture
def kms(tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, ENVIRONMENT[name])
    emulator = Emulator("moto", tmp_path)
    yield emulator
    emulator.stop()


class Keys:
    """Two keys of KMS, and what one of them has closed."""

    def __init__(self, url):
        self.url = url
        self.client = boto3.client("kms", region_name=REGION, endpoint_url=url)
        self.id, self.other = (self.client.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))

    def closed(self, count=32):
        made = self.client.generate_data_key_without_plaintext(KeyId=self.id, NumberOfBytes=count)
        return base64.b64encode(made["CiphertextBlob"]).decode()


def configured(folder, keys, closed, key_id=None):
    (folder / "registry.key").write_text(closed)
    place = f'file = "registry.key", region = "{REGION}", key_id = "{key_id or keys.id}", endpoint_url = "{keys.url}"'
    config = folder / "palisade.toml"
    line = 'file = "registry.toml"'
    config.write_text(config.read_text().replace(line, f"{line}\nsealing = {{ kms = {{ {place} }} }}"))


def test_secrets_of_keys_are_sealed_under_what_kms_opens_and_it_is_asked_once(kms, tmp_path):
    keys = Keys(kms.url)

    def prepare(folder):
        configured(folder, keys, keys.closed())
        in_store(folder)

    served = Served(tmp_path / "one", Provider(), prepare=prepare)
    try:
        who = issue(served)
        wait_for("the key", lambda: call(served, who).status == 200)
        other = issue(served)
        kms.stop()
        # Whoever starts now cannot read the registry, but the gateway has opened it already: its changes go on without KMS.
        code, _, err = key(served, "revoke", who.access_key_id)
        assert code != 0 and "`registry.sealing.kms`" in err and "does not answer" in err
        wait_for("the other key", lambda: call(served, other).status == 200)
        reads = served.output.read_text().count("other rules are in force")
        served.process.send_signal(signal.SIGHUP)
        wait_for("the rules to be read again", lambda: served.output.read_text().count("other rules are in force") > reads)
        assert call(served, other).status == 200
    finally:
        served.end()


@pytest.mark.parametrize(
    "fault, why",
    [
        # So says moto; AWS says IncorrectKeyException.
        ("another key", "does not open it: AccessDeniedException"),
        ("no key", "does not open it: NotFoundException"),
        ("hostile bytes", "does not open it: InvalidCiphertextException"),
        ("no base64", "is not base64"),
        ("too short", "does not hold 32 bytes"),
        ("nothing", "is none that KMS has closed"),
    ],
)
def test_what_kms_does_not_open_is_told_before_anything_starts(kms, tmp_path, fault, why):
    keys = Keys(kms.url)
    closed = {
        "hostile bytes": base64.b64encode(os.urandom(200)).decode(),
        "no base64": "%%%",
        "too short": keys.closed(31),
        "nothing": "",
    }.get(fault, keys.closed())
    named = {"another key": keys.other, "no key": "alias/nobody"}.get(fault)
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "palisade.toml").write_text(f'[registry]\nfile = "registry.toml"\n[upstream]\nregion = "{REGION}"\n')
    (folder / "registry.toml").write_text("")
    configured(folder, keys, closed, named)
    done = subprocess.run([binary(), "check", "--config", folder / "palisade.toml"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "registry.sealing.kms" in done.stderr and why in done.stderr, done.stderr
