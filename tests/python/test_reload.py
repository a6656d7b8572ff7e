"""SIGHUP: other rules without a restart, all or nothing."""

import signal
import threading

import pytest

from gateway import ROOT, wait_for
from test_limits import metric
from test_provider import post

pytestmark = pytest.mark.unwatched


def reloads(served, result):
    lines = metric(served, f'palisade_rulebook_reloads_total{{result="{result}"}}')
    return int(lines[0].rsplit(" ", 1)[1]) if lines else 0


def reload(served, result="adopted"):
    before = reloads(served, result)
    served.process.send_signal(signal.SIGHUP)
    wait_for(f"rules to be {result}", lambda: reloads(served, result) > before)


def test_a_tenant_is_suspended_and_comes_back_without_a_restart(serve):
    served = serve()
    registry = served.folder / "registry.toml"
    good = registry.read_text()
    assert post(served, tenant="research").status == 200
    suspended = good.replace('id = "research"\n', 'id = "research"\nsuspended = true\n', 1)
    assert suspended != good
    registry.write_text(suspended)
    assert post(served, tenant="research").status == 200, "nothing changes before the signal"
    reload(served)
    assert post(served, tenant="research").status == 403
    registry.write_text(good)
    reload(served)
    assert post(served, tenant="research").status == 200


def test_rules_that_cannot_be_used_change_nothing_and_are_named(serve):
    served = serve()
    registry = served.folder / "registry.toml"
    registry.write_text(registry.read_text().replace('jurisdiction = "EU"', 'jurisdiction = "Mars"', 1))
    reload(served, "refused")
    assert post(served).status == 200
    assert "`jurisdiction`" in served.output.read_text()


def test_other_policies_decide_and_records_name_them(serve, tmp_path):
    served = serve()
    bundle = tmp_path / "bundle"
    for path in sorted((ROOT / "policies" / "default").rglob("*")):
        if path.is_file() and path.parent.name != "tests":
            target = bundle / path.relative_to(ROOT / "policies" / "default")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text())
    assert post(served).status == 200
    closed = '@id("closed")\nforbid (principal, action in Palisade::Action::"Invoke", resource);\n'
    (bundle / "policies" / "closed.cedar").write_text(closed)
    served.config.write_text(served.config.read_text() + f'[policy]\nbundle = "{bundle}"\n')
    reload(served)
    assert post(served).status == 403
    (first, _), (second, _) = served.pairs()
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
