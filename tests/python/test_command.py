"""The commands: what the demo prints works when it is pasted, it stops in order, and the others say what is wrong."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from gateway import ROOT, Demo, binary
from segments import lines
from wire import Raw, bearer, call, converse, path_of

JSON = {"content-type": "application/json"}


def palisade(*arguments, **options):
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=60, **options)


def post(demo, text="hello"):
    return call(demo, path_of(demo.allowed, "converse"), converse(text), {**JSON, **bearer(demo)})


# ----------------------------------------------------------------------------------------------------- the demo


def pasted(demo):
    """The blocks of shell commands that the demo prints, in order."""
    return re.findall(r"^# \d+\. [^\n]*\n(.*?)\n\n", demo.output.read_text(), re.DOTALL | re.MULTILINE)


def shell(script):
    """Runs what a user would paste, with the Python of the tests in front."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    env = {**clean, "PATH": path, "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=env, timeout=60)


def test_the_boto3_lines_of_the_demo_work_when_they_are_pasted(demo, watch):
    """From top to bottom in one shell, each under the tenant whose variables were pasted last."""
    exports, outcomes = "", []
    for block in pasted(demo):
        if block.startswith("export AWS_"):
            exports = block
        elif block.startswith("python3 -c"):
            done = shell(f"{exports}\n{block}")
            assert "ada@example.com" not in done.stdout
            assert "ada@example.org" not in done.stdout, "what the endpoint's line sends"
            redacted = "{EMAIL}" in done.stdout
            denied = "AccessDeniedException" in done.stderr
            outcomes.append(
                "denied" if denied else "redacted" if redacted else "answered" if done.returncode == 0 else done.stderr
            )
    assert outcomes == ["denied", "redacted", "redacted", "answered"]


def test_the_lines_for_clients_of_other_makers_work_when_they_are_pasted(demo, watch):
    exports, *_ = pasted(demo)
    (block,) = [block for block in pasted(demo) if "import anthropic" in block]
    done = shell(f"{exports}\n{block}")
    assert done.returncode == 0, done.stderr
    openai, anthropic = done.stdout.splitlines()
    for said in (openai, anthropic):
        assert "{EMAIL}" in said and "ada@example" not in said
    assert {decision["translated_from"] for decision, _ in watch.settle()} == {"openai-chat", "anthropic-messages"}


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_curl_lines_of_the_demo_work_when_they_are_pasted(demo, watch):
    (block,) = [block for block in pasted(demo) if "curl" in block]
    assert shell(block).returncode == 0
    assert [decision["effect"] for decision, _ in watch.settle()] == ["allow", "deny", "allow_modified"]


@pytest.mark.skipif(not shutil.which("aws"), reason="the AWS CLI is not installed")
def test_the_aws_line_of_the_demo_works_when_it_is_pasted(demo, watch):
    exports, *_ = pasted(demo)
    (block,) = [block for block in pasted(demo) if block.startswith("aws ")]
    done = shell(f"{exports}\n{block}")
    assert done.returncode == 0 and "Hello, who are you?" in done.stdout


def test_the_demo_is_kept_to_loopback_and_its_secrets_to_their_owner(demo, watch):
    for path in (demo.env_file, *(demo.folder / "data" / "keys").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path.name
    for path in demo.log.folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name
    addresses = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True).stdout if shutil.which("ss") else ""
    ours = [line for line in addresses.splitlines() if f"pid={demo.process.pid}," in line]
    assert all(line.split()[3].startswith("127.0.0.1:") for line in ours)


@pytest.mark.unwatched
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
def test_idle_connections_do_not_hold_up_a_stop(how, tmp_path):
    demo = Demo(tmp_path)
    silent, used = Raw(demo), Raw(demo)
    lines = [f"{name}: {value}" for name, value in {**JSON, **bearer(demo)}.items()]
    body = converse("hello")
    name, port = demo.address
    used.send(
        "\r\n".join(
            [
                f"POST {path_of(demo.allowed, 'converse')} HTTP/1.1",
                f"host: {name}:{port}",
                *lines,
                f"content-length: {len(body)}",
                "",
                "",
            ]
        ),
        body,
    )
    assert used.answer().status == 200
    began = time.monotonic()
    assert demo.stop(how) == 0
    assert time.monotonic() - began < 3
    assert silent.rest() == b"" and used.rest() == b""
    kinds = [record["kind"] for record in demo.log.read()]
    assert kinds == ["log_started", "facts", "facts", "decision", "completion", "log_stopped"]


@pytest.mark.unwatched
def test_a_demo_can_be_started_again_in_its_folder(tmp_path):
    first = Demo(tmp_path)
    assert post(first).status == 200
    assert first.stop() == 0
    first.env_file.unlink()
    second = Demo(tmp_path)
    assert post(second).status == 200
    assert second.stop() == 0
    decisions = [record for record in second.log.read() if record["kind"] == "decision"]
    assert len(decisions) == 2


@pytest.mark.unwatched
def test_a_port_that_is_taken_is_named(tmp_path):
    demo = Demo(tmp_path / "one")
    _, port = demo.address
    second = palisade("demo", "--port", str(port), "--dir", tmp_path / "two")
    assert second.returncode not in (0, 101)
    assert str(port) in second.stderr
    assert demo.stop() == 0


@pytest.mark.unwatched
def test_decisions_survive_a_kill(tmp_path):
    """What was answered before the kill is in the log after it: nothing waits in memory."""
    demo = Demo(tmp_path)
    for number in range(20):
        assert post(demo, f"number {number}").status == 200
    demo.process.kill()
    demo.process.wait()
    decisions = [record for record in demo.log.read() if record["kind"] == "decision"]
    assert len(decisions) == 20


# ------------------------------------------------------------------------------------------------- other commands


def test_audit_show_prints_every_exchange_readably(demo, watch):
    assert post(demo, "mail eve@example.com").status == 200
    assert call(demo, path_of(demo.denied, "converse"), converse("x"), {**JSON, **bearer(demo)}).status == 403
    pairs = watch.settle()
    shown = palisade("audit", "show", demo.log.folder)
    assert shown.returncode == 0, shown.stderr
    for words in (["retail", "Converse", demo.allowed, "EMAIL"], ["retail", demo.denied, "deny"]):
        assert all(word in shown.stdout for word in words), words
    assert pairs[0][0]["request_id"] in shown.stdout
    assert "eve@example.com" not in shown.stdout


def test_audit_show_filters_by_tenant(demo, watch):
    for tenant in ("markets", "research"):
        call(demo, path_of(demo.allowed, "converse"), converse("x"), {**JSON, **bearer(demo, tenant)})
    (first, _), (second, _) = watch.settle()
    shown = palisade("audit", "show", demo.log.folder, "--tenant", "research").stdout
    assert second["request_id"] in shown and first["request_id"] not in shown


def test_audit_show_names_a_line_that_is_damaged(demo, watch, tmp_path):
    assert post(demo).status == 200
    watch.settle()
    segment = min(demo.log.folder.glob("*.seg"))
    damaged = tmp_path / "damaged.jsonl"
    whole = lines(segment)
    damaged.write_text("".join(line + "\n" for line in [*whole[:2], '{"kind":"decision","half', *whole[2:]]))
    shown = palisade("audit", "show", damaged)
    assert "3" in shown.stderr + shown.stdout
    assert shown.returncode not in (0, 101), "a damaged log is no success"
    assert '{"kind":"decision","half' not in shown.stdout + shown.stderr


@pytest.mark.unwatched
@pytest.mark.parametrize(
    "arguments",
    [
        ["audit", "show", "/nonexistent"],
        ["check", "--config", "/nonexistent.toml"],
        ["serve", "--config", "/nonexistent.toml"],
    ],
    ids=lambda a: a[0],
)
def test_a_file_that_is_not_there_is_named(arguments):
    done = palisade(*arguments)
    assert done.returncode not in (0, 101)
    assert "/nonexistent" in done.stderr and "panicked" not in done.stderr


@pytest.mark.unwatched
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["demo", "--help"],
        ["serve", "--help"],
        ["check", "--help"],
        ["audit", "--help"],
        ["audit", "show", "--help"],
    ],
    ids=" ".join,
)
def test_every_command_has_help(arguments):
    done = palisade(*arguments)
    assert done.returncode == 0 and "Usage" in done.stdout
    assert arguments[0] in ("--help", "audit") or "Example" in done.stdout


@pytest.fixture
def folder(tmp_path):
    """The configuration that ships, in a folder of the test's own, with keys beside it."""
    for name in ("palisade.toml", "registry.toml"):
        shutil.copy(ROOT / "config" / name, tmp_path)
    (tmp_path / "keys").mkdir()
    for tenant in ("retail", "markets", "research"):
        (tmp_path / "keys" / tenant).write_text("s" * 40)
    return tmp_path


@pytest.mark.unwatched
def test_check_accepts_the_configuration_that_ships(folder):
    done = palisade("check", "--config", folder / "palisade.toml")
    assert done.returncode == 0, done.stderr


# A file, what is replaced in it by what, and words that the complaint must hold.
WRONG = {
    "an_unknown_key": ("palisade.toml", "h2c = true", "h2d = true", ["palisade.toml", "h2d"]),
    "a_word_for_a_number": (
        "palisade.toml",
        "connections_max = 10000",
        'connections_max = "many"',
        ["palisade.toml", "connections_max"],
    ),
    "an_address_that_is_none": ("palisade.toml", '"127.0.0.1:8080"', '"localhost"', ["palisade.toml", "address"]),
    "an_unknown_mode": ("palisade.toml", 'mode = "strict"', 'mode = "often"', ["palisade.toml", "often"]),
    "an_unknown_algorithm": ("palisade.toml", '"RS256", "ES256"', '"HS256", "ES256"', ["HS256"]),
    "no_audience": ("palisade.toml", 'audience = "palisade"', "", ["audience"]),
    "a_registry_that_is_not_there": ("palisade.toml", '"registry.toml"', '"nowhere.toml"', ["nowhere.toml"]),
    "no_toml": ("palisade.toml", "[listen]", "[listen", ["palisade.toml"]),
    "an_unknown_jurisdiction": (
        "registry.toml",
        'jurisdiction = "EU"',
        'jurisdiction = "XX"',
        ["registry.toml", "jurisdiction", "retail"],
    ),
    "a_tenant_twice": ("registry.toml", 'id = "markets"', 'id = "retail"', ["registry.toml", "retail"]),
    "a_key_of_nobody": (
        "registry.toml",
        'application = "assistant"',
        'application = "nobody"',
        ["registry.toml", "PLSDRETAILASSISTANT1"],
    ),
    "a_secret_that_is_not_there": ("registry.toml", '"keys/retail"', '"keys/nowhere"', ["keys/nowhere"]),
    "a_secret_that_is_too_short": ("keys/retail", "s" * 40, "short", ["PLSDRETAILASSISTANT1"]),
    "a_secret_that_is_empty": ("keys/retail", "s" * 40, "", ["PLSDRETAILASSISTANT1"]),
}


@pytest.mark.unwatched
@pytest.mark.parametrize("name", WRONG)
def test_check_names_file_and_key_of(name, folder):
    file, before, after, words = WRONG[name]
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1))
    done = palisade("check", "--config", folder / "palisade.toml")
    assert done.returncode not in (0, 101), done.stdout
    assert "panicked" not in done.stderr
    missing = [word for word in words if word not in done.stderr]
    assert not missing, done.stderr


@pytest.mark.unwatched
def test_a_bundle_with_mistakes_is_refused_with_every_mistake(folder):
    bundle = folder / "policies"
    shutil.copytree(ROOT / "policies" / "default", bundle)
    text = (folder / "palisade.toml").read_text()
    (folder / "palisade.toml").write_text(text.replace('# bundle = "policies"', 'bundle = "policies"'))
    registry = (folder / "registry.toml").read_text()
    (folder / "registry.toml").write_text(
        registry.replace('["general-purpose"]', '["general-purpose", "unscanned-allowed"]')
    )
    assert palisade("check", "--config", folder / "palisade.toml").returncode == 0
    mistakes = [
        "permit (principal, action, resource) when { principal.nothing };",
        '@id("x") forbid (principal, action, resource) when { context.nowhere };',
    ]
    (bundle / "policies" / "zz.cedar").write_text("\n".join(mistakes))
    done = palisade("check", "--config", folder / "palisade.toml")
    assert done.returncode not in (0, 101)
    assert done.stderr.count("zz.cedar") >= 2, done.stderr
    serve = palisade(
        "serve",
        "--config",
        folder / "palisade.toml",
        env={**os.environ, "AWS_ACCESS_KEY_ID": "A" * 20, "AWS_SECRET_ACCESS_KEY": "s" * 40},
    )
    assert serve.returncode not in (0, 101) and "zz.cedar" in serve.stderr


@pytest.mark.unwatched
def test_serve_names_the_credential_that_is_missing(folder):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = palisade("serve", "--config", folder / "palisade.toml", env=clean)
    assert done.returncode not in (0, 101)
    assert "AWS_ACCESS_KEY_ID" in done.stderr


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.unwatched
def test_the_record_is_synced_before_the_first_byte_leaves(tmp_path):
    """Seen by the kernel: the decision is written, then synced, then the provider's socket is written to."""
    demo = Demo(tmp_path)
    assert post(demo, "warm").status == 200
    trace = tmp_path / "trace"
    tracer = subprocess.Popen(
        [
            "strace",
            "-f",
            "-s",
            "400",
            "-e",
            "trace=write,pwrite64,writev,sendto,sendmsg,fdatasync,fsync",
            "-o",
            trace,
            "-p",
            str(demo.process.pid),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    if "attached" not in tracer.stderr.readline():
        tracer.kill()
        demo.stop()
        pytest.skip("strace may not attach here")
    for number in range(5):
        assert post(demo, f"ordered {number}").status == 200
    tracer.send_signal(signal.SIGINT)
    tracer.wait(10)
    assert demo.stop() == 0
    order = []
    for line in trace.read_text(errors="replace").splitlines():
        if "pwrite64(" in line and '{\\"action\\"' in line:
            order.append("record")
        elif re.search(r"f(data)?sync\(\d+\)\s+= 0|f(data)?sync resumed>.*= 0", line):
            order.append("sync")
        elif "POST /model/" in line and ("write" in line or "send" in line):
            order.append("sent")
    sends = [index for index, word in enumerate(order) if word == "sent"]
    assert len(sends) == 5, order
    for start, index in zip([-1, *sends[:-1]], sends, strict=True):
        between = order[start + 1 : index]
        assert "record" in between, order
        assert "sync" in between[between.index("record") :], order
