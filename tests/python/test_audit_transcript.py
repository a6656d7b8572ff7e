"""One story of a log, as an auditor sees it: tests/transcripts/audit/story.txt. `UPDATE=1` writes it anew.

Traffic, a process that is killed in the middle of calls, a start, and then: is it whole, who can be shown what, does it come out again; and once
more after somebody has changed it."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import threading

import pytest

from gateway import ROOT, binary, wait_for
from segments import change
from served import Provider, Served, answer
from test_crash import Caller, completions
from test_log_only import ADA
from test_provider import post
from wire import converse

pytestmark = pytest.mark.unwatched
PATH = ROOT / "tests" / "transcripts" / "audit" / "story.txt"


class Story:
    def __init__(self, place):
        self.place, self.text = place, ""

    def happens(self, what):
        self.text += f"# {what}\n\n"

    def run(self, command):
        done = subprocess.run(
            [binary(), *shlex.split(command)], cwd=self.place, capture_output=True, text=True, timeout=120
        )
        self.text += f"$ palisade {command}\n{done.stdout}{done.stderr}[exit code {done.returncode}]\n\n"


def normalised(text):
    """Without what is another each time."""
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>", text)
    text = re.sub(r"\b\d{20}-\d{20}\.seg", "<segment>", text)
    text = re.sub(r"palisade\.local/[0-9a-f]{8}", "palisade.local/<name>", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "<time>", text)
    text = re.sub(r"\d+ ms\b", "<n> ms", text)
    return re.sub(r"\b[0-9a-f]{12}\b", "<digest>", text)


def test_a_story_of_a_log(tmp_path):
    story = Story(tmp_path)
    served = Served(tmp_path / "one", Provider())
    shutil.copy(served.folder / "audit" / "signing-key.pub", tmp_path / "kept.pub")
    story.happens("a gateway starts; somebody keeps its public key. One call is answered, one is refused, and one has an address in it")
    post(served)
    post(served, tenant="research", body=converse("long", inferenceConfig={"maxTokens": 1_000_000}))
    request_id = post(served, body=converse(f"I am {ADA}")).headers["x-amzn-requestid"]
    wait_for("its end", lambda: len(completions(served)) == 3)
    story.happens("another is under way when the process is killed (kill -9), and one is torn in the middle of its record")
    let_go = threading.Event()
    served.provider.play = lambda *_: let_go.wait(30)
    caller = Caller(served)
    wait_for("the call upstream", lambda: len(served.provider.requests) == 3)
    served.stop(signal.SIGKILL)
    let_go.set()
    caller.join()
    [segment] = (served.folder / "audit").glob("*.seg")
    with segment.open("r+b") as file:
        whole = file.read().rstrip(b"\0")
        file.seek(len(whole))
        file.write(b"\xffPF\x01half a frame")
    story.happens("the gateway is started again, answers one more call, and is stopped")
    served.provider.play = lambda connection, _: connection.sendall(answer())
    served.start()
    post(served)
    served.provider.close()
    assert served.stop() == 0
    (served.folder / "audit").rename(tmp_path / "audit")
    story.run("audit verify audit --key kept.pub")
    story.run("audit show audit")
    story.run(f"audit prove audit --request-id {request_id} --key kept.pub")
    story.run("audit replay audit")
    story.happens("somebody makes a denial an approval, with all checksums right")
    change(min((tmp_path / "audit").glob("*.seg")), '"effect":"deny"', '"effect":"allow"')
    story.run("audit verify audit --key kept.pub")
    story.run("audit replay audit")
    story.run(f"audit prove audit --request-id {request_id} --key kept.pub")
    text = normalised(story.text)
    if os.environ.get("UPDATE"):
        PATH.write_text(text)
    assert text == PATH.read_text(), "UPDATE=1 writes it anew, if that is what is meant"
