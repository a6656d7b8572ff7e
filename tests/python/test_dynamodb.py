"""A registry in a table of DynamoDB: several gateways on one, and what they do when it fails."""

import json
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from dynamodb import ENVIRONMENT, REGION, Emulator, Front
from gateway import binary, wait_for
from served import Provider, Served
from test_provider import post

pytestmark = pytest.mark.unwatched


@pytest.fixture(scope="module", params=["dynoxide", "moto"])
def emulator(request, tmp_path_factory):
    emulator = Emulator(request.param, tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


@pytest.fixture(scope="module")
def dynoxide(tmp_path_factory):
    emulator = Emulator("dynoxide", tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


def run(*args):
    done = subprocess.run([binary(), *args], capture_output=True, text=True, timeout=120, env=ENVIRONMENT)
    assert "panicked" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def registry(command, served, *args):
    return run("registry", command, *args, "--config", served.config)


def in_table(url, table, more=""):
    """Makes the registry of a gateway a table, before it starts."""

    def prepare(folder):
        config = folder / "palisade.toml"
        settings = f'dynamodb = {{ table = "{table}", region = "{REGION}", endpoint_url = "{url}"{more} }}'
        config.write_text(config.read_text().replace('file = "registry.toml"', settings))

    return prepare


def filled(url, table):
    """Makes the table too, and fills it."""

    def prepare(folder):
        in_table(url, table)(folder)
        config = folder / "palisade.toml"
        code, out, err = run("check", "--config", config)
        assert code == 1 and f"DynamoDB table {table} in {REGION}: there is no such table" in err, err
        code, out, err = run("registry", "create-table", "--config", config)
        assert (code, err) == (0, f"DynamoDB table {table} in {REGION} is made\n")
        code, out, err = run("check", "--config", config)
        assert code == 1 and "holds nothing: `palisade registry apply FILE` fills it" in err, err
        code, out, err = run("registry", "apply", folder / "registry.toml", "--config", config)
        assert code == 0 and out.endswith(f"DynamoDB table {table} in {REGION}: revision 1\n"), err

    return prepare


def change(served, old, new):
    file = served.folder / "registry.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    code, out, err = registry("apply", served, file)
    assert code == 0, err
    return out


def readiness(served):
    try:
        with urllib.request.urlopen(served.admin + "/readyz", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def reaches(served):
    return [record for record in served.log.read() if record["kind"] == "registry_reach"]


def test_a_table_is_as_good_as_a_file(emulator, tmp_path):
    served = Served(tmp_path / "one", Provider(), prepare=filled(emulator.url, "as-good"))
    code, out, err = registry("create-table", served)
    assert (code, err) == (0, f"DynamoDB table as-good in {REGION} is there\n")
    first, end = json.JSONDecoder().raw_decode(out)
    second = json.loads(out[end:])
    actions = [policy["Statement"][0]["Action"] for policy in (first, second)]
    assert set(actions[0]) == {"dynamodb:GetItem", "dynamodb:BatchGetItem"} < set(actions[1])
    assert first["Statement"][0]["Resource"] == f"arn:aws:dynamodb:{REGION}:*:table/as-good"
    assert post(served).status == 200
    assert change(served, "suspended = false", "suspended = true").startswith("~ tenant retail: suspended\n")
    wait_for("the tenant to be suspended", lambda: post(served).status == 403)
    change(served, "suspended = true", "suspended = false")
    wait_for("the tenant to be back", lambda: post(served).status == 200)
    code, out, _ = registry("show", served)
    assert code == 0 and len(out.splitlines()) == 24
    exported = tmp_path / "exported.toml"
    exported.write_text(registry("export", served)[1])
    code, out, _ = registry("diff", served, exported, "--prune")
    assert code == 0 and "24 as they are" in out
    changes = [record["entries"] for record in served.log.read() if record["kind"] == "registry_changed"]
    assert changes == [[{"became": "changed", "id": "retail", "of": "tenant"}]] * 2
    served.end()


def test_three_gateways_on_one_table(dynoxide, tmp_path):
    """One is killed, one is cut off from the table: it goes on for its time, says so, then refuses, and comes back by itself."""
    front = Front(dynoxide.url)
    one = Served(tmp_path / "one", Provider(), prepare=filled(dynoxide.url, "shared"))
    two = Served(tmp_path / "two", Provider(), prepare=in_table(dynoxide.url, "shared"))
    cut = Served(tmp_path / "cut", Provider(), prepare=in_table(front.url, "shared", ", stale_if_error_s = 5"))
    # Secrets of keys are files of the first; the others read them there.
    for served in (two, cut):
        served.secrets = one.secrets
        assert post(served).status == 200
    two.stop(signal.SIGKILL)

    front.fault = lambda *_: "cut"
    wait_for("the loss to be noted", lambda: reaches(cut))
    assert post(cut).status == 200
    decision = cut.pairs()[-1][0]
    assert decision["effect"] == "allow" and 0 <= decision["stale_s"] <= 5
    change(one, "suspended = false", "suspended = true")
    wait_for("the first to take it", lambda: post(one).status == 403)
    assert "stale_s" not in one.pairs()[-1][0]
    wait_for("the one that is cut off to refuse", lambda: post(cut).status == 503, 30)
    refused = post(cut)
    assert "has not been able to confirm its rules for too long" in refused.body.decode()
    decision = cut.pairs()[-1][0]
    assert (decision["effect"], decision["reason"], decision["tenant"]) == ("deny", "registry_unreachable", "retail")
    assert readiness(cut) == (503, "the store of the registry has not answered for too long\n")
    assert readiness(one) == (200, "ready\n")

    front.fault = lambda *_: None
    wait_for("it to take what it has missed", lambda: post(cut).status == 403, 30)
    assert readiness(cut) == (200, "ready\n")
    lost, found = reaches(cut)
    assert not lost["reachable"] and "DynamoDB table shared" in lost["why"]
    assert found["reachable"] and found["stale_s"] >= 5 and "why" not in found
    shown = run("audit", "show", cut.folder / "audit")[1]
    assert "its store does not answer, after" in shown and "its store answers again, after" in shown

    two.start()
    wait_for("the one that was killed to be as the others", lambda: post(two).status == 403)
    for served in (one, two, cut):
        served.end()
    front.close()


def off(seconds):
    """The environment of a process whose clock is off: `faketime` itself tells what it sets. Time that has passed is not changed by it."""
    told = subprocess.run(["faketime", "-f", f"{seconds:+d}s", "env"], capture_output=True, text=True, check=True, timeout=10).stdout
    set_by_it = dict(line.split("=", 1) for line in told.splitlines() if line.startswith(("LD_PRELOAD=", "FAKETIME")))
    assert set_by_it["LD_PRELOAD"] and set_by_it["FAKETIME"] == f"{seconds:+d}s"
    # What is shared between its processes lives as long as the one that asked.
    return {"LD_PRELOAD": set_by_it["LD_PRELOAD"], "FAKETIME": set_by_it["FAKETIME"], "DONT_FAKE_MONOTONIC": "1"}


def test_gateways_and_commands_whose_clocks_are_apart_see_the_same_registry(dynoxide, tmp_path):
    # As far apart as signatures allow: callers' clocks have to be right within five minutes.
    fast = Served(tmp_path / "fast", Provider(), prepare=filled(dynoxide.url, "apart"), environment=off(240))
    slow = Served(tmp_path / "slow", Provider(), prepare=in_table(dynoxide.url, "apart"), environment=off(-240))
    slow.secrets = fast.secrets
    file = fast.folder / "registry.toml"
    good = file.read_text()
    # Changes come from clocks a day ahead and a day behind, one after the other.
    for number, clock in enumerate([86_400, -86_400, 86_400, -86_400]):
        suspended = number % 2 == 0
        file.write_text(good.replace("suspended = false", "suspended = true") if suspended else good)
        command = [binary(), "registry", "apply", file, "--config", fast.config]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**ENVIRONMENT, **off(clock)})
        assert done.returncode == 0, done.stderr
        for served in (fast, slow):
            wait_for("the change", lambda: post(served).status == (403 if suspended else 200))
    times = [served.pairs()[-1][0]["time"] for served in (fast, slow)]
    assert 470e9 < times[0] - times[1] < 490e9, "their clocks are not apart"
    fast.end()
    slow.end()


def test_a_gateway_does_not_start_without_its_table(dynoxide, tmp_path):
    served = Served(tmp_path / "one", Provider(), prepare=filled(dynoxide.url, "gone"))
    served.stop()
    config = served.config.read_text()
    served.config.write_text(config.replace(dynoxide.url, "http://127.0.0.1:9"))
    code, _, err = run("serve", "--config", served.config)
    assert code == 1 and f"DynamoDB table gone in {REGION}" in err and "registry.dynamodb" in err, err
    served.provider.close()


def test_a_table_that_is_slow_or_fails_now_and_then_is_waited_for(dynoxide, tmp_path):
    front = Front(dynoxide.url)
    served = Served(tmp_path / "one", Provider(), prepare=filled(front.url, "slow"))
    faults = {
        "GetItem": lambda count: "throttle" if count % 3 == 1 else None,
        "BatchGetItem": lambda count: "part" if count % 2 else "fail" if count % 4 == 2 else None,
        "BatchWriteItem": lambda count: "part" if count % 2 else "throttle" if count % 4 == 2 else None,
        "Query": lambda count: "throttle" if count % 2 else None,
        "TransactWriteItems": lambda count: "lose" if count % 2 else None,
    }
    front.counts.clear()
    front.fault = lambda operation, count: faults[operation](count)
    for number in range(3):
        new = f"output_tokens_max = {number + 1}0001"
        text = (served.folder / "registry.toml").read_text()
        (served.folder / "registry.toml").write_text(re.sub(r"output_tokens_max = \d+", new, text))
        code, out, err = registry("apply", served, served.folder / "registry.toml")
        assert code == 0, err
        assert out.endswith(f"revision {number + 2}\n"), out
    front.fault = lambda *_: None
    assert registry("export", served)[1].count("output_tokens_max = 30001") == 3
    assert post(served).status == 200
    # At its limit for good: it is told, and nothing has changed.
    front.fault = lambda operation, _: "throttle" if operation == "BatchWriteItem" else None
    change_nothing = registry("apply", served, served.folder / "registry.toml")
    assert change_nothing[0] == 0
    (served.folder / "registry.toml").write_text(text)
    code, _, err = registry("apply", served, served.folder / "registry.toml")
    assert code == 2 and "ProvisionedThroughputExceededException" in err, err
    front.fault = lambda *_: None
    assert registry("export", served)[1].count("output_tokens_max = 30001") == 3
    served.end()
    front.close()


def test_of_two_that_change_a_table_at_one_time_one_is_told(emulator, tmp_path):
    """Each applies another file, again and again; killed now and then. The table is always one of the two, whole."""
    served = Served(tmp_path / "one", Provider(), prepare=filled(emulator.url, "contended"))
    text = (served.folder / "registry.toml").read_text()
    files = []
    for number in range(2):
        files.append(served.folder / f"registry-{number}.toml")
        files[-1].write_text(re.sub(r"output_tokens_max = \d+", f"output_tokens_max = {number + 1}0000", text))
    command = lambda path: [binary(), "registry", "apply", path, "--config", served.config]
    told, killed = [], 0
    for turn in range(9):
        running = [
            subprocess.Popen(command(path), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
            for path in files
        ]
        if turn % 3 == 2:
            time.sleep(0.05 * turn)
            running[turn % 2].send_signal(signal.SIGKILL)
            killed += 1
        for process in running:
            _, err = process.communicate(timeout=120)
            assert process.returncode in (0, 2, -signal.SIGKILL), err
            told += [err] if process.returncode == 2 else []
        limits = set(re.findall(r"output_tokens_max = (\d+)", registry("export", served)[1]))
        assert len(limits) == 1 or turn == 0
    assert killed and all("it was changed meanwhile" in err or "is writing" in err for err in told), told
    assert post(served).status == 200
    served.end()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('{ table = "a b", region = "eu-central-1" }', "`registry.dynamodb.table`: is 3 to 255 letters"),
        ('{ table = "abc", region = "Europe" }', "`registry.dynamodb.region`: is the name of an AWS region"),
        ('{ table = "abc", region = "eu-central-1", endpoint_url = "http://127.0.0.1:1@evil.example/" }', "begins with `https://`"),
        ('{ table = "abc", region = "eu-central-1", endpoint_url = "http://dynamodb.example" }', "begins with `https://`"),
        ('{ table = "abc", region = "eu-central-1", stale_if_error_s = 1 }', "a number of seconds from 5"),
        ('{ table = "abc" }', "missing field `region`"),
        ('{ table = "abc", region = "eu-central-1", tabel = 1 }', "unknown field `tabel`"),
    ],
)
def test_a_table_that_cannot_be_meant_is_named(settings, told, tmp_path):
    config = tmp_path / "palisade.toml"
    config.write_text(f'[registry]\ndynamodb = {settings}\n[upstream]\nregion = "eu-central-1"\n')
    code, _, err = run("check", "--config", config)
    assert code == 1 and told in err, err
