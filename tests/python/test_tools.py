"""Tools that a call offers to the model: each is asked about, and one that may not be offered is named to its caller."""

import json

import pytest

from gateway import replays, wait_for
from test_provider import last, post
from test_reload import own_bundle
from wire import converse

pytestmark = pytest.mark.unwatched

NO_SHELL = """@id("no-shell")
@message("shells are for people")
forbid (principal, action == Palisade::Action::"UseTool", resource)
when { context.tool == "shell" || context.tool like "*_exec" };
"""


def offers(*names):
    tools = [{"toolSpec": {"name": name, "inputSchema": {"json": {}}}} for name in names]
    return converse("hello", toolConfig={"tools": tools})


@pytest.fixture
def served(serve, tmp_path):
    served = serve()
    bundle = tmp_path / "bundle"
    own_bundle(served, bundle)
    (bundle / "policies" / "tools.cedar").write_text(NO_SHELL)
    wait_for("the policy to be in force", lambda: post(served, body=offers("shell")).status == 403)
    return served


def test_a_tool_that_may_not_be_offered_is_refused_by_name(served):
    assert post(served, body=offers("search", "tickets")).status == 200
    decision, _ = last(served)
    assert "tools" in decision["determining"]
    for names, told in [(("search", "shell"), "shell"), (("remote_exec",), "remote_exec")]:
        answer = post(served, body=offers(*names))
        assert (answer.status, answer.error) == (403, "AccessDeniedException")
        assert answer.json()["message"] == f"shells are for people (tool `{told}`)"
        decision, _ = last(served)
        assert (decision["effect"], decision["determining"]) == ("deny", ["no-shell"])
    assert replays(served.folder / "audit")


def test_tools_in_the_model_s_own_words_are_asked_about_too(served):
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hello"}],
        "tools": [{"name": "shell", "input_schema": {"type": "object"}}],
    }
    served.allowed = "anthropic.claude-3-5-sonnet-20240620-v1:0"
    assert post(served, "invoke", json.dumps(body).encode()).status == 403
    extra = converse("hello", additionalModelRequestFields={"tools": [{"type": "custom", "name": "shell"}]})
    assert post(served, body=extra).status == 403


def test_an_odd_name_is_not_repeated(served):
    answer = post(served, body=offers("rm -rf </script> _exec"))
    assert answer.status == 403 and answer.json()["message"] == "shells are for people"
