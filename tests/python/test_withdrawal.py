"""A model is taken away while it answers: running streams finish, or are cut, as configured. Nothing new begins in either case."""

import threading

import pytest

from gateway import replays, wait_for
from served import Provider, Served
from test_provider import STREAM, post
from wire import decode, framed

pytestmark = pytest.mark.unwatched


def event(kind, payload):
    headers = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    return framed(headers.items(), payload)


def slowly(served, go_on):
    """The provider begins to answer, and ends when it may."""
    begun = threading.Event()

    def play(connection, _):
        connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-type: {STREAM}\r\nconnection: close\r\n\r\n".encode())
        connection.sendall(event("messageStart", b'{"role":"assistant"}'))
        connection.sendall(event("contentBlockDelta", b'{"contentBlockIndex":0,"delta":{"text":"one "}}'))
        begun.set()
        go_on.wait(30)
        connection.sendall(event("contentBlockDelta", b'{"contentBlockIndex":0,"delta":{"text":"two"}}'))
        connection.sendall(event("contentBlockStop", b'{"contentBlockIndex":0}') + event("messageStop", b'{"stopReason":"end_turn"}'))
        return True

    served.provider.play = play
    return begun


def taken(served, old, new):
    file = served.folder / "registry.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


WAYS = {
    "its tenant is suspended": ("suspended = false", "suspended = true"),
    "its life ends": ('lifecycle = "approved"            # candidate', 'lifecycle = "end_of_life" # candidate'),
    "it is listed no more": ('id = "amazon.nova-lite-v1:0"', 'id = "amazon.nova-lite-v9:0"'),
    "its group is granted to others": ('groups = ["general-purpose"]      #', 'groups = ["frontier"] #'),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("running", ["finish", "cut"])
def test_a_stream_whose_model_is_taken_away(running, way, tmp_path):
    def prepare(folder):
        config = folder / "palisade.toml"
        config.write_text(config.read_text() + f'[policy]\nrunning_streams = "{running}"\n')

    served = Served(tmp_path / "one", Provider(), prepare=prepare)
    go_on, answers = threading.Event(), []
    begun = slowly(served, go_on)
    caller = threading.Thread(target=lambda: answers.append(post(served, "converse-stream", timeout=60)))
    caller.start()
    assert begun.wait(20)
    # What changes nothing about it does not touch it.
    taken(served, "output_tokens_max = 16384", "output_tokens_max = 16000")
    wait_for("the change", lambda: [r for r in served.log.read() if r["kind"] == "registry_changed"])
    taken(served, *WAYS[way])
    wait_for("the change", lambda: len([r for r in served.log.read() if r["kind"] == "registry_changed"]) == 2)
    if running == "cut":
        caller.join(20)
        assert answers, "the stream goes on"
    go_on.set()
    caller.join(20)
    messages = decode(answers[0].body)
    decision, completion = served.pairs()[-1]
    assert decision["effect"] == "allow"
    if running == "finish":
        assert completion["end"] == "completed" and b"two" in answers[0].body
    else:
        assert completion["end"] == "withdrawn" and b"two" not in answers[0].body
        last = messages[-1]
        assert last.headers[":message-type"] == "exception" and b"the model has been withdrawn from you" in answers[0].body
    assert post(served).status in (403, 404)
    served.end()
    replays(served.folder / "audit")
