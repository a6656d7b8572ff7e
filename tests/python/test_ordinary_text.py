"""Ordinary text is left alone: at most one false alarm in 100 KB of source, licences, logs, JSON and prose.

Documentation has web, mail and network addresses in it, and those are what they look like. In the texts that are read from
this machine they do not count, unless a URL is only a dotted name. In the texts made here nothing should be found at all,
so everything counts.
"""

import collections
import json
import pathlib
import random
import subprocess
import sys
import sysconfig
import uuid

import pytest

from gateway import ROOT, binary

pytestmark = [pytest.mark.unwatched, pytest.mark.timeout(300)]

BYTES_A_FALSE_ALARM = 100_000
SOURCE_BYTES_MAX = 3_000_000
GENERATED_LINES = 4_000
PROSE = sorted((ROOT / "guardrails/tests/guardrails/ordinary").glob("*.txt"))
GENUINE = {"EMAIL", "IP_ADDRESS"}


def source():
    """The standard library's own modules, with their documentation, as much as is asked for."""
    folder = pathlib.Path(sysconfig.get_paths()["stdlib"])
    text = []
    size = 0
    for path in sorted(folder.glob("*.py")):
        if path.stem in sys.stdlib_module_names and size < SOURCE_BYTES_MAX:
            text.append(path.read_text(encoding="utf-8"))
            size += len(text[-1])
    assert size > SOURCE_BYTES_MAX / 2
    return "\n".join(text)


def licences():
    folders = [pathlib.Path(sysconfig.get_paths()["stdlib"]), pathlib.Path("/usr/share/common-licenses")]
    paths = [ROOT / "LICENSE", folders[0] / "LICENSE.txt", *sorted(folders[1].glob("*"))]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file())


def logs(dice):
    """What services write: times, levels, ids of requests, sizes and durations."""
    clock = 1_795_000_000_000
    lines = []
    for _ in range(GENERATED_LINES):
        clock += dice.randrange(900)
        second, fraction = divmod(clock, 1000)
        day, rest = divmod(second, 86400)
        at = f"2026-{day % 12 + 1:02}-{day % 28 + 1:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{fraction:03}Z"
        level = dice.choice(["INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"])
        request = uuid.UUID(int=dice.getrandbits(128), version=4)
        lines.append(
            dice.choice(
                [
                    f"{at} {level} request_id={request} status={dice.choice([200, 201, 404, 500])}"
                    f" bytes={dice.randrange(10**6)} duration={dice.random() * 900:.3f}ms",
                    f"{at} {level} [worker-{dice.randrange(16)}] trace={dice.getrandbits(128):032x} span={dice.getrandbits(64):016x}"
                    f" flushed {dice.randrange(5000)} rows in {dice.randrange(10**6)} us",
                    f"{clock} {level.lower()} pid={dice.randrange(40000)} thread={0x7F << 40 | dice.getrandbits(28) << 12 | 0x6C0} queue depth {dice.randrange(99)}/100",
                    f"[{at}] {level} commit {dice.getrandbits(160):040x} deployed as v{dice.randrange(9)}.{dice.randrange(30)}"
                    f".{dice.randrange(99)} (build {dice.randrange(10**5)}), {dice.randrange(100)} % of traffic",
                    f"{at} {level} heap {dice.randrange(10**10)} of {2**34} at 0x{dice.getrandbits(48):012x}, gc pause {dice.random():.6f} s",
                ]
            )
        )
    return "\n".join(lines)


def records(dice):
    """What programs hand each other: ids, hashes, versions, prices and dates."""
    lines = []
    for number in range(GENERATED_LINES):
        lines.append(
            json.dumps(
                {
                    "id": dice.randrange(10**9),
                    "uuid": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
                    "sku": f"{dice.choice('ABCDEF')}{dice.choice('XYZ')}-{dice.randrange(10**5):05}",
                    "sha256": f"{dice.getrandbits(256):064x}",
                    "etag": f'"{dice.getrandbits(128):032x}"',
                    "version": f"{dice.randrange(20)}.{dice.randrange(20)}.{dice.randrange(100)}",
                    "price": round(dice.random() * 10**4, 2),
                    "quantity": dice.randrange(500),
                    "created": f"20{dice.randrange(20, 27)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",
                    "updated_ms": 1_700_000_000_000 + dice.randrange(10**11),
                    "ratio": dice.random(),
                    "size": [dice.randrange(4000), dice.randrange(4000)],
                    "line": number,
                }
            )
        )
    return "\n".join(lines)


@pytest.fixture(scope="module")
def alarms(tmp_path_factory):
    """For each text its length in bytes and what was found in it; all are scanned at once, as building the engine takes longest."""
    texts = {"source": source(), "licences": licences(), "logs": logs(random.Random(1)), "records": records(random.Random(2))}
    texts |= {path.stem: path.read_text(encoding="utf-8") for path in PROSE}
    path = tmp_path_factory.mktemp("ordinary") / "texts"
    ends = {}
    with path.open("wb") as file:
        for name, text in texts.items():
            # Nothing that tells of a value in one text may stand near the next.
            file.write(text.encode() + b"\n" * 200)
            ends[name] = file.tell()
    scan = [binary(), "guardrails", "scan", "--format", "json", "--show", path]
    found = subprocess.run(scan, capture_output=True, timeout=240, check=True).stdout
    sorted_out = {name: (len(text.encode()), []) for name, text in texts.items()}
    for line in found.splitlines():
        finding = json.loads(line)
        name = next(name for name, end in ends.items() if finding["start"] < end)
        sorted_out[name][1].append(finding)
    return sorted_out


def false_alarms(name, findings):
    def genuine(finding):
        address = finding["category"] in GENUINE
        return address or finding["category"] == "URL" and ("://" in finding["text"] or finding["text"].startswith("www."))

    return [finding for finding in findings if name not in ("source", "licences") or not genuine(finding)]


@pytest.mark.parametrize("name", ["source", "licences", "logs", "records", *(path.stem for path in PROSE)])
def test_ordinary_text_is_left_alone(alarms, name):
    size, findings = alarms[name]
    counted = false_alarms(name, findings)
    told = collections.Counter((finding["category"], finding["text"]) for finding in counted)
    assert len(counted) <= size // BYTES_A_FALSE_ALARM, f"in {size} bytes: {told.most_common(20)}"


def test_values_are_found_at_all(alarms):
    """Guards the test above against a scan that finds nothing whatever it reads."""
    _, findings = alarms["source"]
    assert {"EMAIL", "URL"} <= {finding["category"] for finding in findings}


def test_prose_is_there_in_three_languages():
    assert [path.stem for path in PROSE] == ["english", "german", "spanish"]
    assert all(path.stat().st_size > 3_000 for path in PROSE)
