"""The operator's own detectors, end to end: what they find is redacted by default, and never reaches the provider."""

import json
import subprocess

import pytest

from gateway import binary
from test_treatments import Gateway, user
from wire import decode

pytestmark = pytest.mark.unwatched

BADGE = "QX-748213"
PROJECT = "Operation Bluebird"
CLIENT = "Vandelay Industries"
GUARDRAILS = """
[[guardrails.custom]]
name = "STAFF_BADGE"
regex = "[A-Z]{2}-[0-9]{6}"
telling = ["badge", "staff pass"]

[[guardrails.custom]]
name = "PROJECT_CODENAME"
words = ["operation bluebird"]

[[guardrails.custom]]
name = "CLIENT_NAME"
words_file = "clients.txt"
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    folder = tmp_path_factory.mktemp("custom") / "one"
    folder.mkdir()
    (folder / "clients.txt").write_text(f"Art Corvelay\n{CLIENT}\n")
    gateway = Gateway(folder, GUARDRAILS)
    yield gateway
    gateway.provider.close()
    assert gateway.stop() == 0
    gateway.check()
    logged = gateway.log.text() + gateway.output.read_bytes()
    assert not [value for value in (BADGE, PROJECT, CLIENT) if value.lower().encode() in logged.lower()]


def text_of(sent):
    return json.loads(sent)["messages"][0]["content"][0]["text"]


def test_values_are_redacted_and_do_not_reach_the_provider(gateway):
    gateway.say(lambda _: "ok")
    said = gateway.said({"messages": [user(f"{PROJECT.upper()} for {CLIENT}, my badge is {BADGE}")]})
    assert said == "ok"
    assert text_of(gateway.received()) == "{PROJECT_CODENAME} for {CLIENT_NAME}, my badge is {STAFF_BADGE}"

    decision, _ = gateway.records()
    assert decision["effect"] == "allow_modified"
    found = {finding["category"]: finding for finding in decision["findings"]}
    assert set(found) == {"STAFF_BADGE", "PROJECT_CODENAME", "CLIENT_NAME"}
    for finding in found.values():
        assert (finding["treatment"], finding["count"]) == ("redacted", 1)
        assert finding["determining"] == ["custom-findings-redacted"]


def test_what_has_no_telling_word_and_what_is_no_whole_word_passes(gateway):
    gateway.say(lambda _: "ok")
    for text in [f"the part {BADGE} is in stock", f"badge x{BADGE}", f"un{PROJECT.lower()}s"]:
        gateway.said({"messages": [user(text)]})
        assert text_of(gateway.received()) == text


def test_values_in_answers_are_redacted_wherever_a_stream_cuts_them(gateway):
    gateway.say(lambda _: f"{PROJECT} has {CLIENT}")
    assert gateway.said({"messages": [user("hello")]}) == "{PROJECT_CODENAME} has {CLIENT_NAME}"
    for cut in range(1, 8):
        answer = f"staff pass {BADGE} for {PROJECT}"
        gateway.stream(
            lambda _, cut=cut: [{"text": answer[at : at + cut]} for at in range(0, len(answer), cut)]
        )
        assert gateway.streamed({"messages": [user("hello")]}) == "staff pass {STAFF_BADGE} for {PROJECT_CODENAME}"


def test_a_detector_that_cannot_be_built_is_named_by_check(gateway, tmp_path):
    (tmp_path / "keys").mkdir()
    for file in (gateway.folder / "keys").iterdir():
        (tmp_path / "keys" / file.name).write_text(file.read_text())
    (tmp_path / "registry.toml").write_text((gateway.folder / "registry.toml").read_text())
    broken = gateway.config.read_text().replace("clients.txt", "clients.txt\"\ncheck = \"luhn")
    config = tmp_path / "palisade.toml"
    config.write_text(broken)
    line = 1 + broken[: broken.rindex("[[guardrails.custom]]")].count("\n")
    got = subprocess.run([binary(), "check", "--config", config], capture_output=True, text=True, check=False)
    assert got.returncode != 0
    assert f"{config}, line {line}: `guardrails.custom.check`: CLIENT_NAME: " in got.stderr
