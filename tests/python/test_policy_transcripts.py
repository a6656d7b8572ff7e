"""What `palisade policy` says, command by command: tests/transcripts/policy. `UPDATE=1` writes them anew."""

import os
import re
import shlex
import shutil
import subprocess

import pytest

from gateway import ROOT, binary
from served import Provider, Served
from test_log_only import ADA
from test_provider import post
from test_reload import CLOSED
from wire import converse

pytestmark = pytest.mark.unwatched
FOLDER = ROOT / "tests" / "transcripts" / "policy"
BAD = """@id("offices")
@ownr("facilities")
forbid (principal in Palisade::Tenant::"retail", action in Palisade::Action::"Invoke", resource)
when { principal.desk == "open" };
"""

COMMANDS = {
    "new": ["policy new ours"],
    "check": ["policy check ours", "policy check bad", "policy check bad --format json"],
    "test": ["policy test ours", "policy test failing", "policy test failing --format junit"],
    "fmt": ["policy fmt ours --check", "policy fmt bad --check"],
    "schema": ["policy schema"],
    "sign": ["policy keygen key", "policy sign ours --key key --sequence 7"],
    "explain": [
        "policy explain --config palisade.toml retail/assistant amazon.nova-lite-v1:0 --category EMAIL",
        "policy explain --config palisade.toml retail/assistant anthropic.claude-3-opus-20240229-v1:0",
        "policy explain --audit audit --request-id REQUEST",
    ],
    "replay": [
        "policy replay --audit audit --bundle ours",
        "policy replay --audit audit --bundle closed",
        "policy replay --audit audit --bundle closed --format json",
        "audit replay audit",
    ],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a configuration, a log of three calls, and bundles that are good, bad, and another than that in force."""
    place = tmp_path_factory.mktemp("place")
    served = Served(place / "one", Provider())
    post(served)
    post(served, body=converse(f"I am {ADA}"))
    post(served, tenant="research", body=converse("long", inferenceConfig={"maxTokens": 1_000_000}))
    (_, _), (second, _), _ = served.pairs()
    served.provider.close()
    assert served.stop() == 0
    for name in ("registry.toml", "keys", "audit"):
        (served.folder / name).rename(place / name)
    shutil.copy(ROOT / "config" / "palisade.toml", place)
    shipped = ROOT / "policies" / "default"
    shutil.copytree(shipped, place / "ours")
    shutil.copytree(shipped, place / "closed", ignore=shutil.ignore_patterns("invariants", "tests"))
    shutil.copytree(shipped, place / "failing")
    for name in ("closed", "failing"):
        (place / name / "policies" / "closed.cedar").write_text(CLOSED)
    shutil.copytree(shipped, place / "bad")
    (place / "bad" / "policies" / "bad.cedar").write_text(BAD)
    return place, second["request_id"]


def told(place, request_id, command):
    arguments = shlex.split(command.replace("REQUEST", request_id))
    done = subprocess.run([binary(), *arguments], cwd=place, capture_output=True, text=True, timeout=120)
    text = f"$ palisade {command}\n{done.stdout}{done.stderr}[exit code {done.returncode}]\n"
    text = text.replace(request_id, "REQUEST").replace(str(place), "")
    text = re.sub(r"\b[0-9a-f]{64}\b", "<digest>", text)
    text = re.sub(r'"(now_ms|local_hour)":\d+', r'"\1":"<\1>"', text)
    text = re.sub(r'"business_day":\w+', '"business_day":"<business_day>"', text)
    return re.sub(r"\b[A-Za-z0-9+/]{43}=", "<key>", text)


@pytest.mark.parametrize("name", COMMANDS)
def test_command(name, place):
    folder, request_id = place
    if name == "new":
        shutil.rmtree(folder / "ours")
    text = "\n".join(told(folder, request_id, command) for command in COMMANDS[name])
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), f"what `palisade policy {name}` says has changed; UPDATE=1 writes it anew"


def test_every_transcript_has_a_command():
    assert sorted(COMMANDS) == sorted(path.stem for path in FOLDER.glob("*.txt"))
