"""Other rules without a restart, all or nothing: when their files change, and at SIGHUP."""

import json
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

import pytest

from gateway import ROOT, Demo, binary, wait_for
from test_limits import metric
from test_provider import post
from wire import bearer, call, path_of

pytestmark = pytest.mark.unwatched


def reloads(served, result):
    lines = metric(served, f'palisade_rulebook_reloads_total{{result="{result}"}}')
    return int(lines[0].rsplit(" ", 1)[1]) if lines else 0


def reload(served, result="adopted"):
    before = reloads(served, result)
    served.process.send_signal(signal.SIGHUP)
    wait_for(f"rules to be {result}", lambda: reloads(served, result) > before)


def rules(served):
    with urllib.request.urlopen(served.admin + "/rules", timeout=10) as response:
        return json.load(response)


def refused(served):
    """The problems of what lies on the disk, once it has been read."""
    wait_for("rules to be refused", lambda: rules(served)["refused"])
    return "\n".join(rules(served)["refused"]["problems"])


def own_bundle(served, folder):
    """Puts a copy of the bundle that ships in force, without its tests."""
    shipped = ROOT / "policies" / "default"
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("tests"))
    before = reloads(served, "adopted")
    served.config.write_text(served.config.read_text() + f'[policy]\nbundle = "{folder}"\n')
    wait_for("the bundle to be in force", lambda: reloads(served, "adopted") > before)
    return folder


CLOSED = '@id("closed")\nforbid (principal, action in Palisade::Action::"Invoke", resource);\n'


def test_a_tenant_is_suspended_and_comes_back_without_a_restart(serve):
    served = serve()
    registry = served.folder / "registry.toml"
    good = registry.read_text()
    assert post(served, tenant="research").status == 200
    suspended = good.replace('id = "research"\n', 'id = "research"\nsuspended = true\n', 1)
    assert suspended != good
    registry.write_text(suspended)
    wait_for("the tenant to be suspended", lambda: post(served, tenant="research").status == 403)
    registry.write_text(good)
    wait_for("the tenant to be back", lambda: post(served, tenant="research").status == 200)


def test_without_watching_it_takes_a_signal(serve):
    served = serve()
    served.config.write_text(served.config.read_text() + "[policy]\nwatch = false\n")
    wait_for("that to be read", lambda: reloads(served, "adopted") == 1)
    registry = served.folder / "registry.toml"
    registry.write_text(registry.read_text().replace('id = "research"\n', 'id = "research"\nsuspended = true\n', 1))
    time.sleep(1.5)
    assert post(served, tenant="research").status == 200
    reload(served)
    assert post(served, tenant="research").status == 403


def test_rules_that_cannot_be_used_change_nothing_and_are_named(serve):
    served = serve()
    registry = served.folder / "registry.toml"
    good, before = registry.read_text(), rules(served)
    registry.write_text(good.replace('jurisdiction = "EU"', 'jurisdiction = "Mars"', 1))
    assert "`jurisdiction`" in refused(served)
    assert metric(served, "palisade_rulebook_in_force") == ["palisade_rulebook_in_force 0"]
    assert rules(served)["policy"] == before["policy"] and rules(served)["since"] == before["since"]
    assert post(served).status == 200
    assert "`jurisdiction`" in served.output.read_text()
    registry.write_text(good)
    wait_for("the rules to be good again", lambda: rules(served)["refused"] is None)
    assert metric(served, "palisade_rulebook_in_force") == ["palisade_rulebook_in_force 1"]
    wait_for("the records", lambda: [r for r in served.log.read() if r["kind"] == "policy_activated"])
    [no] = [record for record in served.log.records if record["kind"] == "policy_refused"]
    [yes] = [record for record in served.log.records if record["kind"] == "policy_activated"]
    assert "`jurisdiction`" in "".join(no["problems"]) and no["policy"] == before["policy"]
    assert yes["policy"] == before["policy"] and yes["previous"] == before["policy"]["digest"]


def test_other_policies_decide_and_records_name_them(serve, tmp_path):
    served = serve()
    bundle = own_bundle(served, tmp_path / "bundle")
    assert post(served).status == 200
    (bundle / "policies" / "closed.cedar").write_text(CLOSED)
    wait_for("it to be closed", lambda: post(served).status == 403)
    (first, _), *_, (second, _) = served.pairs()
    assert first["policy"]["digest"] != second["policy"]["digest"]
    assert second["determining"] == ["closed"]


def test_no_request_is_refused_for_a_reload(serve):
    served = serve()
    statuses, stop = [], threading.Event()

    def calls():
        while not stop.is_set():
            statuses.append(post(served).status)

    threads = [threading.Thread(target=calls) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        reload(served)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200}


def cut_half_way(policies):
    path = policies / "limits.cedar"
    path.write_text(path.read_text()[:500])


def without_its_rest(policies):
    for path in policies.iterdir():
        path.unlink()


def a_link_out(policies):
    (policies / "secrets.cedar").symlink_to("/etc/passwd")


def megabytes(policies):
    with (policies / "large.cedar").open("w") as file:
        file.writelines(f'@id("p{n}")\nforbid (principal, action, resource);\n' for n in range(1_000_000))


def parentheses(policies):
    deep = "(" * 10_000 + "true" + ")" * 10_000
    (policies / "deep.cedar").write_text(f'@id("deep")\nforbid (principal, action, resource) when {{ {deep} }};\n')


def no_text(policies):
    (policies / "bytes.cedar").write_bytes(bytes(range(256)))


UNUSABLE = {
    "cut_half_way": (cut_half_way, "limits.cedar:"),
    "a_link_out": (a_link_out, "secrets.cedar: leads out of the bundle"),
    "megabytes": (megabytes, "large.cedar: the bundle has more than 8000000 bytes"),
    "parentheses": (parentheses, "deep.cedar"),
    "no_text": (no_text, "bytes.cedar"),
    "a_misspelt_annotation": (lambda p: (p / "a.cedar").write_text(CLOSED.replace("@id", '@onwer("x")\n@id')), "a.cedar:1:1"),
    "an_id_twice": (lambda p: (p / "a.cedar").write_text(CLOSED + CLOSED), "a.cedar:3:1"),
    "no_id": (lambda p: (p / "a.cedar").write_text(CLOSED.partition("\n")[2]), "a.cedar:1:1"),
    "nobody_known": (
        lambda p: (p / "a.cedar").write_text(CLOSED.replace("principal", 'principal in Palisade::Tenant::"reatil"')),
        "reatil",
    ),
    "an_unknown_type": (
        lambda p: (p / "a.cedar").write_text(CLOSED.replace("principal", "principal is Palisade::Robot")),
        "a.cedar:2:",
    ),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_bundle_that_cannot_be_used_is_named_and_the_running_one_stays(name, serve, tmp_path):
    served = serve()
    bundle = own_bundle(served, tmp_path / "bundle")
    before = rules(served)
    spoil, told = UNUSABLE[name]
    spoil(bundle / "policies")
    assert told in refused(served)
    assert rules(served)["policy"] == before["policy"]
    assert post(served).status == 200


def test_a_bundle_that_is_copied_file_by_file_is_read_when_it_is_there(serve, tmp_path):
    served = serve()
    bundle = own_bundle(served, tmp_path / "bundle")
    digests = {rules(served)["policy"]["digest"]}
    for number in range(8):
        (bundle / "policies" / f"{number}.cedar").write_text(CLOSED.replace("closed", f"closed-{number}"))
        time.sleep(0.1)
    wait_for("it to be closed", lambda: post(served).status == 403)
    digests.add(rules(served)["policy"]["digest"])
    time.sleep(1)
    assert digests == digests | {rules(served)["policy"]["digest"]}, "no part of it was ever in force"


def palisade(*arguments):
    done = subprocess.run([binary(), "policy", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_a_signed_bundle_follows_only_older_ones_of_the_same_signer(serve, tmp_path):
    served = serve()
    bundle, key, other = tmp_path / "bundle", tmp_path / "policy", tmp_path / "other"
    shutil.copytree(ROOT / "policies" / "default", bundle, ignore=shutil.ignore_patterns("tests"))
    for pair in (key, other):
        assert palisade("keygen", pair)[0] == 0
        assert pair.stat().st_mode & 0o777 == 0o600
    assert palisade("keygen", key)[0] == 2, "no key is overwritten"

    def signed(sequence, by=key):
        code, out = palisade("sign", bundle, "--key", by, "--sequence", sequence)
        assert code == 0, out

    def told(word):
        wait_for(word, lambda: word in " ".join((rules(served)["refused"] or {}).get("problems", [])))

    served.config.write_text(
        served.config.read_text() + f'[policy]\nbundle = "{bundle}"\npublic_key = "{tmp_path}/policy.pub"\n'
    )
    told("the bundle is not signed")
    signed(5, by=other)
    told("is not signed with the key that is trusted here")
    signed(5)
    wait_for("it to be in force", lambda: rules(served)["sequence"] == 5)
    (bundle / "policies" / "closed.cedar").write_text(CLOSED)
    told("signs other files than are there")
    signed(4)
    told("number 5 is in force: an older one cannot follow")
    signed(5)
    told("another bundle signed as number 5 is in force")
    assert post(served).status == 200
    (bundle / "bundle.sig").write_text("{}")
    told("is no signature of a bundle")
    signed(6)
    wait_for("it to be closed", lambda: post(served).status == 403)
    assert rules(served)["sequence"] == 6


def test_what_is_no_bundle_or_no_key_signs_nothing(tmp_path):
    bundle = shutil.copytree(ROOT / "policies" / "default", tmp_path / "bundle")
    assert palisade("keygen", tmp_path / "policy")[0] == 0
    code, out = palisade("sign", bundle, "--key", tmp_path / "policy.pub", "--sequence", 1)
    assert code == 2 and "is no private key" in out
    (bundle / "policies" / "closed.cedar").write_text("permit (")
    code, out = palisade("sign", bundle, "--key", tmp_path / "policy", "--sequence", 1)
    assert code == 2 and "closed.cedar:1:" in out and not (bundle / "bundle.sig").exists()


def test_an_edit_takes_effect_in_the_running_demo(tmp_path):
    demo = Demo(tmp_path)
    try:
        policies = pathlib.Path(demo.env["POLICY_DIR"]) / "policies"
        assert call_demo(demo).status == 200
        (policies / "closed.cedar").write_text(CLOSED)
        # The cases of the bundle expect calls that are allowed now.
        assert "access.json" in refused(demo)
        assert call_demo(demo).status == 200
        shutil.rmtree(policies.parent / "tests")
        wait_for("it to be closed", lambda: call_demo(demo).status == 403)
    finally:
        assert demo.stop() == 0


def call_demo(demo):
    body = json.dumps({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}).encode()
    return call(demo, path_of(demo.allowed, "converse"), body, {"content-type": "application/json", **bearer(demo, "retail")})
