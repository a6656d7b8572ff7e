"""Loops of ten turns with a tool and signed reasoning, with personal data in the prompt and in the reasoning, for every client."""

import json
import os
import re

import boto3
import pytest

import thinking
from gateway import ROOT
from thinking import TURNS, Thinker, mail

pytestmark = pytest.mark.unwatched

ADA = "ada.canary@example.org"


@pytest.fixture
def looped(serve, tmp_path):
    """A gateway in front of a provider that thinks; checks afterwards what the provider got."""
    key = tmp_path / "tokens"
    # Nobody's key, and always the same: the transcript has tokens.
    key.write_text("0123456789abcdef" * 4 + "\n")
    key.chmod(0o600)
    served = serve(upstream=f'[guardrails]\ntokenize = {{ key_file = "{key}" }}')
    thinker = Thinker()
    served.provider.play = thinker.play
    yield served
    assert not thinker.wrong and len(served.provider.requests) == TURNS
    last = served.provider.requests[-1].body.decode()
    assert ADA not in last and all(mail(turn) in last for turn in range(1, TURNS))
    # What providers cache of a turn is the beginning of the next one.
    bodies = [request.body.decode() for request in served.provider.requests]
    assert len({thinking.TOKEN.search(body)[0] for body in bodies}) == 1
    logged = served.log.text() + served.output.read_bytes()
    assert ADA.encode() not in logged and b".canary@" not in logged


def client_of(served):
    credentials = served.tenants["retail"]
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=served.url,
        region_name="eu-central-1",
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
    )


LOOPS = {
    "boto3": lambda served: thinking.boto(client_of(served), thinking.whole),
    "boto3_stream": lambda served: thinking.boto(client_of(served), thinking.streamed),
    "anthropic": lambda served: thinking.native(served, thinking.native_whole),
    "anthropic_stream": lambda served: thinking.native(served, thinking.native_streamed),
    "langchain": lambda served: thinking.langchain(served, thinking.langchain_whole),
    "langchain_stream": lambda served: thinking.langchain(served, thinking.langchain_streamed),
    "litellm": thinking.lite,
}


@pytest.mark.parametrize("client", LOOPS)
def test_a_tool_loop_with_thinking_runs_through(client, looped, monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    shown, said = LOOPS[client](looped)
    assert shown == [f"Turn {turn}: {{EMAIL}} may know; caf\u00e9." for turn in range(1, TURNS + 1)]
    assert said == f"Done for {ADA}."


def test_what_client_provider_and_log_see_of_a_loop(looped):
    """The transcript; refreshed with `UPDATE=1`."""
    got = []
    thinking.boto(client_of(looped), thinking.whole, got.append)
    sent = [json.loads(request.body)["messages"] for request in looped.provider.requests]
    lines = ["# A loop of ten turns with a tool and signed reasoning: what the client gets, what the provider gets back, what the log says."]
    for turn, (content, messages, (decision, completion)) in enumerate(zip(got, sent, looped.pairs(), strict=True), 1):
        lines += ["", f"== turn {turn}"]
        # What the client added since the last turn, as it reached the provider.
        lines += [f"provider got  {json.dumps(message)}" for message in messages[max(0, 2 * turn - 3) :]]
        lines += [f"client got    {json.dumps(block)}" for block in content]
        lines += [f"log, request  {told(finding)}" for finding in decision.get("findings", [])]
        lines += [f"log, answer   {told(finding)}" for finding in completion.get("findings", [])]
        lines += [f"log, restored {told(finding)}" for finding in completion.get("restored", [])]
    transcript = re.sub('"Palisade[^"]+"', '"<sealed>"', "\n".join(lines)) + "\n"
    path = ROOT / "tests" / "transcripts" / "loops" / "tool-loop.txt"
    if os.environ.get("UPDATE"):
        path.write_text(transcript)
    assert transcript == path.read_text(), "the transcript differs; look at it with UPDATE=1 and git diff"


def told(finding):
    return " ".join(str(finding[name]) for name in ("count", "category", "treatment") if name in finding)
