#!/usr/bin/env python3
"""Verifies a log of Palisade from proxy/audit/FORMAT.md alone. Needs `cryptography` and nothing of Palisade.

  verifier.py log FOLDER KEY [CHECKPOINT...]   the log in FOLDER against its checkpoint, and others that were kept elsewhere
  verifier.py proof KEY PROOF RECORD           that RECORD, a file, stands in the log that PROOF, a file, speaks of
  verifier.py witness KEY WITNESS NOTE         that a witness, whose public key is in WITNESS, has signed the checkpoint in NOTE, a file

KEY is a file with a public key. Exit codes: 0 verified, 1 not what was signed, 2 something is not signed yet.
"""

import base64
import hashlib
import json
import pathlib
import struct
import sys
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    """Something is not what was signed."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Key:
    def __init__(self, text):
        # The largest log that it may sign: one that was replaced signs nothing any more.
        self.text, self.until = text.strip(), float("inf")
        self.name, identifier, encoded = self.text.split("+", 2)
        data = base64.b64decode(encoded, validate=True)
        self.id = sha256(self.name.encode(), b"\n", data)[:4]
        self.kind = data[0]
        if self.kind not in (1, 4) or len(data) != 33 or self.id.hex() != identifier:
            raise Wrong("the key is none")
        self.public = Ed25519PublicKey.from_public_bytes(data[1:])

    def cosigned(self, note):
        """When this witness saw a checkpoint, in seconds since the Unix epoch."""
        text, _, signatures = note.rpartition("\n\n")
        for line in signatures.splitlines():
            dash, name, signature = line.split(" ")
            data = base64.b64decode(signature, validate=True)
            if self.kind == 4 and (dash, name, data[:4]) == ("\u2014", self.name, self.id):
                time = int.from_bytes(data[4:12], "big")
                try:
                    self.public.verify(data[12:], f"cosignature/v1\ntime {time}\n{text}\n".encode())
                except InvalidSignature:
                    raise Wrong("a witness has a wrong signature") from None
                return time
        raise Wrong("the witness has not signed the checkpoint")

    def checkpoint(self, note):
        """(size, root) of a signed checkpoint."""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        for line in signatures.splitlines():
            dash, name, signature = line.split(" ")
            data = base64.b64decode(signature, validate=True)
            if (dash, name, data[:4]) != ("\u2014", self.name, self.id) or self.kind != 1:
                continue
            try:
                self.public.verify(data[4:], text.encode())
            except InvalidSignature:
                raise Wrong("a checkpoint has a wrong signature") from None
            origin, size, root = text.splitlines()[:3]
            if origin != self.name or str(int(size)) != size:
                raise Wrong("a checkpoint is of another log")
            return int(size), base64.b64decode(root, validate=True)
        raise Wrong("a checkpoint is not signed with the key")


class Tree:
    """The roots of perfect trees, the largest first, each with its number of leaves."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, record):
        peak, leaves = sha256(b"\0", record), 1
        while self.peaks and self.peaks[-1][1] == leaves:
            peak, leaves = sha256(b"\1", self.peaks.pop()[0], peak), leaves * 2
        self.peaks.append((peak, leaves))
        self.size += 1

    def root(self):
        peaks = [peak for peak, _ in self.peaks]
        root = peaks.pop() if peaks else sha256()
        while peaks:
            root = sha256(b"\1", peaks.pop(), root)
        return root


def canonical(value):
    """RFC 8785 for what a log holds: no floats, and keys whose order by UTF-16 is that by code point."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


START, END = b"\xffPF\x01", b"\xffFP\x01"


class Segment:
    """A file of records, and which of its bytes are records of the log."""

    def __init__(self, path, skip=0):
        self.path = path
        self.first, self.number = (int(part) for part in path.stem.split("-"))
        with path.open("rb") as file:
            file.seek(skip)
            self.data = file.read()

    def frame(self, at, expected):
        """(records, where the next frame begins) of the frame at a place, which is to begin with record `expected`; None if there is none."""
        head = self.data[at : at + 40]
        if len(head) < 40:
            return None
        start, length, number, first, _, count, checksum = struct.unpack(">4sIQQQII", head)
        if start != START or zlib.crc32(head[:36]) != checksum or number != self.number or first != expected:
            return None
        rest, records = self.data[at + 40 : at + 40 + length], []
        for _ in range(count):
            size, checksum = struct.unpack_from(">II", rest)
            record, rest = rest[8 : 8 + size], rest[8 + size :]
            if len(record) != size or zlib.crc32(record) != checksum:
                return None
            records.append(record)
        end = at + 40 + length
        if rest or self.data[end : end + 4] != END:
            return None
        return records, end + 4

    def nothing_durable_behind(self, at, known):
        """What follows the last frame was never relied on, or records are missing that were durable."""
        while (at := self.data.find(START, at)) >= 0:
            head = self.data[at : at + 40]
            if len(head) == 40 and zlib.crc32(head[:36]) == int.from_bytes(head[36:], "big"):
                number, _, synced = struct.unpack(">QQQ", head[8:32])
                if number == self.number and synced > known:
                    raise Wrong(f"{self.path.name}: record {known} is damaged")
            at += 1

    def records(self):
        at, records = 0, []
        while True:
            try:
                frame = self.frame(at, self.first + len(records))
            except struct.error:
                frame = None
            if frame is None:
                self.nothing_durable_behind(at, self.first + len(records))
                return records
            records += frame[0]
            at = frame[1]


def segments(folder):
    return sorted((Segment(path) for path in pathlib.Path(folder).glob("*.seg")), key=lambda s: (s.first, s.number))


def records(folder):
    """Each record of the log, and the tree to it; checks what segments say of each other."""
    found, tree = segments(folder), Tree()
    for number, segment in enumerate(found):
        name, lines = segment.path.name, segment.records()
        if segment.first != tree.size:
            raise Wrong(f"{name} does not begin with record {tree.size}")
        if number + 1 < len(found):
            count = found[number + 1].first - segment.first
            if count > len(lines):
                raise Wrong(f"records of {name} are missing or damaged, from {segment.first + len(lines)} on")
            lines = lines[:count]
        for at, line in enumerate(lines):
            record = json.loads(line)
            if record["index"] != tree.size or canonical(record) != line:
                raise Wrong(f"record {tree.size} in {name} is not as it was written")
            if at == 0 and record["kind"] != "log_started":
                raise Wrong(f"{name} does not begin as a segment")
            if at == 0 and record.get("peaks", []) != [peak.hex() for peak, _ in tree.peaks]:
                raise Wrong(f"records before {tree.size} were changed")
            tree.push(line)
            yield record, tree


def verify_log(folder, key, kept):
    folder = pathlib.Path(folder)
    notes = [pathlib.Path(path) for path in kept]
    if (folder / "checkpoint").exists():
        notes.append(folder / "checkpoint")
    # Which keys are believed is known at the end.
    signed = [(int(lines[1]), base64.b64decode(lines[2])) for lines in (note.read_text().splitlines() for note in notes)]
    size, facts, policies, configurations, keys = 0, {}, set(), set(), [key]
    for record, tree in records(folder):
        size = tree.size
        for expected, root in signed:
            if expected == size and root != tree.root():
                raise Wrong(f"records before {size} are not those that were signed")
        if record["kind"] == "log_started":
            facts = {}
        if record["kind"] in ("log_started", "policy_activated"):
            configurations.add(record.get("configuration"))
        if record["kind"] == "key_rotated":
            for believed in [key for key in keys if key.text == record["previous"]]:
                keys.append(rotated(record))
                believed.until = record["index"]
        if record["kind"] == "facts":
            facts[record["digest"]] = record["facts"]
            if sha256(canonical(record["facts"])).hex() != record["digest"]:
                raise Wrong(f"the facts in record {record['index']} are not what their digest says")
        if record["kind"] == "decision":
            named = [record[name]["facts"] for name in ("principal", "model") if name in record]
            if not set(named) <= set(facts):
                raise Wrong(f"record {record['index']} names facts that the log does not hold")
            policies.add(record.get("policy", {}).get("digest"))
    for note in notes:
        believe(keys, note.read_text())
    for expected, _ in signed:
        if expected > size:
            raise Wrong(f"the log was cut: {expected} records were signed, and {size} are there")
    for digest in policies - {None}:
        verify_policies(folder / "archive" / f"policies-{digest}.json", digest)
    for digest in configurations - {None}:
        path = folder / "archive" / f"configuration-{digest}.json"
        if sha256(path.read_bytes()).hex() != digest:
            raise Wrong(f"{path.name} holds another configuration")
    return size, max([expected for expected, _ in signed], default=0)


def rotated(record):
    """The next key of a log, which the one before has certified."""
    previous, message = Key(record["previous"]), f"palisade-key-rotation-v1\n{record['next']}\n".encode()
    try:
        previous.public.verify(base64.b64decode(record["certificate"], validate=True), message)
    except InvalidSignature:
        raise Wrong(f"record {record['index']} names a key that the one before has not certified") from None
    return Key(record["next"])


def believe(keys, note):
    for number, key in enumerate(keys):
        try:
            size, root = key.checkpoint(note)
            if size > key.until:
                raise Wrong("a checkpoint is signed with a key that was replaced before")
            return size, root
        except Wrong:
            if number == len(keys) - 1:
                raise


def verify_policies(path, digest):
    kept = json.loads(path.read_text())

    def of(domain, parts):
        parts = [part.encode() for part in parts]
        return sha256(domain, *[len(part).to_bytes(8, "little") + part for part in parts]).hex()

    bundle = of(b"palisade-bundle-v1\n", [part for file in kept["files"] for part in file])
    forest = [part for pair in kept["forest"] for part in pair]
    if of(b"palisade-snapshot-v1\n", [bundle, *forest]) != digest:
        raise Wrong(f"{path.name} holds other policies")


def verify_proof(key, proof, record):
    """RFC 9162 section 2.1.3.2."""
    head, _, note = proof.partition("\n\n")
    version, index, *lines = head.splitlines()
    if version != "c2sp.org/tlog-proof@v1" or not index.startswith("index "):
        raise Wrong("this is no proof")
    size, root = key.checkpoint(note)
    node, last = int(index.removeprefix("index ")), size - 1
    if node > last:
        raise Wrong("the record is not under the checkpoint")
    result = sha256(b"\0", record)
    for line in lines:
        other = base64.b64decode(line, validate=True)
        if last == 0:
            raise Wrong("the proof is too long")
        if node % 2 == 1 or node == last:
            result = sha256(b"\1", other, result)
            while node % 2 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            result = sha256(b"\1", result, other)
        node, last = node >> 1, last >> 1
    if last != 0 or result != root:
        raise Wrong("the record is not the one that was signed")
    return size


def main(arguments):
    match arguments:
        case ["log", folder, key, *kept]:
            size, signed = verify_log(folder, Key(pathlib.Path(key).read_text()), kept)
            print(f"{size} records, {signed} of them signed")
            return 0 if signed == size else 2
        case ["proof", key, proof, record]:
            key = Key(pathlib.Path(key).read_text())
            size = verify_proof(key, pathlib.Path(proof).read_text(), pathlib.Path(record).read_bytes())
            print(f"the record is one of {size} of {key.name}")
            return 0
        case ["witness", key, witness, note]:
            note = pathlib.Path(note).read_text()
            size, _ = Key(pathlib.Path(key).read_text()).checkpoint(note)
            print(f"{size} records were seen at {Key(pathlib.Path(witness).read_text()).cosigned(note)}")
            return 0
    print(__doc__, file=sys.stderr)
    return 64


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Wrong, ValueError, KeyError, OSError) as why:
        print(f"not verified: {why}", file=sys.stderr)
        sys.exit(1)
