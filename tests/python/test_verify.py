"""A log that can be held against what was signed of it: nothing changed, nothing missing."""

import json
import random
import re
import shutil
import signal
import subprocess
import sys

import pytest

import verifier
from gateway import ROOT, binary, wait_for
from segments import change, lines, rewrite
from served import Provider, Served
from test_provider import post
from wire import converse

pytestmark = pytest.mark.unwatched


def audit(*arguments):
    done = subprocess.run([binary(), "audit", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert "panicked" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The folder of a log with some traffic, closed in order, and the key that was kept elsewhere."""
    place = tmp_path_factory.mktemp("log")
    served = Served(place / "one", Provider())
    for number in range(8):
        post(served, body=converse(f"hello {number}, I am ada@example.org"))
    served.provider.close()
    assert served.stop() == 0
    key = place / "kept.pub"
    shutil.copy(served.folder / "audit" / "signing-key.pub", key)
    return served.folder / "audit", key


@pytest.fixture
def log(stopped, tmp_path):
    """A copy of the log, to be spoilt, and the key."""
    folder, key = stopped
    return shutil.copytree(folder, tmp_path / "log"), key


def verify(log, *more):
    folder, key = log
    return audit("verify", folder, "--key", key, *more)


def file_of(log):
    [path] = log[0].glob("*.seg")
    return path


def test_a_log_that_was_closed_in_order_is_verified(log):
    code, out = verify(log)
    assert code == 0 and out.startswith("verified: ") and "1 checkpoints, 1 sets of policies" in out


def test_without_a_key_that_was_kept_elsewhere_nothing_is_verified(log):
    code, out = audit("verify", log[0])
    assert code == 3 and "UNVERIFIED: no trusted key" in out
    (log[0] / "signing-key.pub").unlink()
    code, out = audit("verify", log[0])
    assert code == 4 and "--key FILE" in out


def test_a_change_of_any_byte_is_found_with_the_record_that_it_harms(log):
    path = file_of(log)
    whole = path.read_bytes()
    ends = [whole.find(line.encode()) + len(line) for line in lines(path)]
    for place in random.Random(7).sample(range(len(whole)), 60):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << place % 8
        path.write_bytes(spoilt)
        code, out = verify(log)
        harmed = sum(end <= place for end in ends)
        named = [int(index) for index in re.findall(r"record (\d+)", out)]
        # What frames say of themselves stands before the first of their records and behind the last.
        assert code == 1 and {harmed, harmed - 1} & set(named), (place, harmed, out)
    path.write_bytes(whole)
    assert verify(log)[0] == 0


def test_a_change_that_is_a_record_all_the_same_is_found(log):
    path = file_of(log)
    change(path, '"tenant":"retail"', '"tenant":"market"')
    code, out = verify(log)
    assert code == 1 and f"records before {len(lines(path))} are not those that were signed" in out
    at = next(number for number, line in enumerate(lines(path)) if '"tenant":"market"' in line)
    assert f"record {at} is not the one that was signed" in out


def test_hashes_that_were_changed_are_told_from_records_that_were(log):
    hashes = log[0] / "hashes" / "0"
    whole = hashes.read_bytes()
    assert len(whole) == 32 * len(lines(file_of(log)))
    hashes.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    code, out = verify(log)
    assert code == 2 and "hashes: are not those of any checkpoint" in out
    hashes.write_bytes(whole + bytes(64))
    assert verify(log)[0] == 0, "what a crash left behind them is none"


def test_a_log_as_tiles_is_what_its_checkpoint_says(log, tmp_path):
    folder, _ = log
    code, out = audit("tiles", folder, tmp_path / "tiles")
    records = lines(file_of(log))
    assert code == 0 and f"2 files written, for the {len(records)} records of palisade.local/" in out
    leaves = (tmp_path / "tiles" / "tile" / "0" / f"000.p/{len(records)}").read_bytes()
    assert leaves == (folder / "hashes" / "0").read_bytes()
    bundle = (tmp_path / "tiles" / "tile" / "entries" / f"000.p/{len(records)}").read_bytes()
    assert bundle == b"".join(len(line.encode()).to_bytes(2, "big") + line.encode() for line in records)
    assert (tmp_path / "tiles" / "checkpoint").read_bytes() == (folder / "checkpoint").read_bytes()
    assert "0 files written" in audit("tiles", folder, tmp_path / "tiles")[1]
    change(file_of(log), '"tenant":"retail"', '"tenant":"market"')
    code, out = audit("tiles", folder, tmp_path / "other")
    assert code == 1 and "is not what its checkpoint says" in out and not (tmp_path / "other" / "checkpoint").exists()


def test_what_was_cut_is_missed(log):
    path = file_of(log)
    whole = lines(path)
    rewrite(path, whole[:-4])
    code, out = verify(log)
    assert code == 1 and f"the log was cut at record {len(whole) - 4}" in out
    rewrite(path, whole[:3] + whole[4:])
    code, out = verify(log)
    assert code == 1 and "record 3 says it is record 4" in out


def test_an_older_copy_is_found_by_a_checkpoint_that_was_kept(log, tmp_path):
    served = Served(tmp_path / "one", Provider())
    post(served)
    served.stop(signal.SIGKILL)
    served.provider.close()
    older = shutil.copytree(served.folder / "audit", tmp_path / "older")
    kept = tmp_path / "kept"
    shutil.copy(log[0] / "checkpoint", kept)
    code, out = audit("verify", older, "--key", older / "signing-key.pub", "--checkpoint", kept)
    assert code == 1 and "is not signed with the key" in out, "another log's"
    path = file_of(log)
    (log[0] / "checkpoint").unlink()
    whole = lines(path)
    rewrite(path, whole[:5])
    assert verify(log)[0] == 2
    code, out = verify(log, "--checkpoint", kept)
    assert code == 1 and f"is over {len(whole)} records, and 5 are there" in out


def test_what_is_not_signed_yet_is_told(tmp_path):
    served = Served(tmp_path / "one", Provider())
    post(served)
    served.stop(signal.SIGKILL)
    served.provider.close()
    log = served.folder / "audit"
    code, out = audit("verify", log, "--key", log / "signing-key.pub")
    assert code == 2 and "are under no checkpoint yet" in out


def test_a_configuration_that_is_gone_or_changed_is_told(log):
    [kept] = (log[0] / "archive").glob("configuration-*")
    kept.write_text(kept.read_text().replace("strict", "relaxed") + " ")
    code, out = verify(log)
    assert code == 1 and f"{kept.name}: its digest is" in out
    code, out = independent("log", log[0], log[0] / "signing-key.pub")
    assert code == 1 and "holds another configuration" in out
    kept.unlink()
    code, out = verify(log)
    assert code == 2 and kept.name in out


def test_policies_that_are_gone_or_changed_are_told(log):
    [kept] = (log[0] / "archive").glob("policies-*")
    text = kept.read_text()
    kept.write_text(text.replace("@owner", "@ticket", 1))
    assert verify(log)[0] == 1
    kept.unlink()
    code, out = verify(log)
    assert code == 2 and kept.name in out


def test_a_checkpoint_comes_out_every_second_while_it_runs(tmp_path):
    served = Served(tmp_path / "one", Provider())
    checkpoint = served.folder / "audit" / "checkpoint"
    post(served)
    wait_for("a checkpoint", lambda: checkpoint.exists() and int(checkpoint.read_text().splitlines()[1]) >= 5)
    first = checkpoint.read_text()
    assert first.startswith("palisade.local/") and "\n\n\u2014 palisade.local/" in first
    post(served)
    wait_for("the next", lambda: checkpoint.read_text() != first)
    served.provider.close()
    assert served.stop() == 0
    written = sum(len(lines(path)) for path in (served.folder / "audit").glob("*.seg"))
    assert int(checkpoint.read_text().splitlines()[1]) == written


def test_a_key_of_one_s_own_signs(tmp_path):
    code, out = audit("keygen", "example.com/palisade/eu-1", tmp_path / "audit.key")
    assert code == 0 and "example.com/palisade/eu-1+" in out
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600
    assert audit("keygen", "example.com/palisade/eu-1", tmp_path / "audit.key")[0] == 1
    code, out = audit("keygen", "two words", tmp_path / "other.key")
    assert code == 1 and "neither blanks nor" in out
    served = Served(tmp_path / "one", Provider(), audit=f'signing_key = "{tmp_path}/audit.key"')
    post(served)
    served.provider.close()
    assert served.stop() == 0
    log = served.folder / "audit"
    assert not (log / "signing-key").exists()
    code, out = audit("verify", log, "--key", tmp_path / "audit.key.pub")
    assert code == 0 and "example.com/palisade/eu-1" in out
    started = json.loads(lines(next(log.glob("*.seg")))[0])
    assert started["origin"] == "example.com/palisade/eu-1"


# ------------------------------------------------------------------- by code that shares nothing with the gateway

VERIFIER = ROOT / "tests" / "python" / "verifier.py"


def independent(*arguments):
    done = subprocess.run([sys.executable, VERIFIER, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_the_independent_verifier_says_the_same(log):
    folder, key = log
    assert independent("log", folder, key)[0] == 0
    path = file_of(log)
    whole = path.read_bytes()
    for place in random.Random(3).sample(range(len(whole)), 25):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << place % 8
        path.write_bytes(spoilt)
        assert independent("log", folder, key)[0] == 1, place
    path.write_bytes(whole)
    rewrite(path, lines(path)[:-2])
    code, out = independent("log", folder, key)
    assert code == 1 and "the log was cut" in out
    path.write_bytes(whole)
    [kept] = (folder / "archive").glob("policies-*")
    kept.write_text(kept.read_text().replace("@owner", "@ticket", 1))
    code, out = independent("log", folder, key)
    assert code == 1 and "holds other policies" in out


def test_the_example_of_the_format_is_one():
    blocks = (ROOT / "proxy" / "audit" / "FORMAT.md").read_text().split("```")
    [note] = [block.removeprefix("text\n") for block in blocks if "\u2014 palisade.local/" in block]
    [key] = [block.removeprefix("text\n") for block in blocks if re.fullmatch(r"text\n\S+\+[0-9a-f]{8}\+\S+\n", block)]
    size, root = verifier.Key(key).checkpoint(note)
    assert size == int(note.splitlines()[1]) and len(root) == 32
    with pytest.raises(verifier.Wrong):
        verifier.Key(key).checkpoint(note.replace(str(size), str(size + 1)))


def test_a_record_is_proven_to_somebody_who_has_no_log(log, tmp_path):
    folder, key = log
    whole = lines(file_of(log))
    decision = next(json.loads(line) for line in whole if '"kind":"decision"' in line)
    code, out = audit("prove", folder, "--request-id", decision["request_id"], "--out", tmp_path)
    assert code == 0 and f"stands among the {len(whole)} of palisade.local/" in out
    proofs = sorted(tmp_path.glob("*.tlog-proof"))
    assert len(proofs) == 2, "of the decision and of its completion"
    for proof in proofs:
        record = proof.with_suffix(".json")
        assert record.read_text() == whole[int(proof.stem)]
        code, out = independent("proof", key, proof, record)
        assert code == 0 and f"one of {len(whole)} of palisade.local/" in out
        other = tmp_path / "other"
        other.write_text(record.read_text().replace("retail", "market", 1).replace('"bytes"', '"bites"') + " ")
        assert independent("proof", key, proof, other)[0] == 1
        spoilt = proof.read_text().splitlines(keepends=True)
        (tmp_path / "spoilt").write_text("".join([*spoilt[:2], *spoilt[3:]]))
        assert independent("proof", key, tmp_path / "spoilt", record)[0] == 1
    assert audit("prove", folder, "--request-id", "nobody", "--out", tmp_path)[0] == 1


def test_a_log_that_was_changed_proves_nothing(log, tmp_path):
    path = file_of(log)
    decision = next(json.loads(line) for line in lines(path) if '"kind":"decision"' in line)
    change(path, '"streaming":false', '"streaming":true')
    code, out = audit("prove", log[0], "--request-id", decision["request_id"], "--out", tmp_path)
    assert code == 1 and "is not what its checkpoint says" in out
