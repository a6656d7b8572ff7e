"""Segments of a log, for tests that read them, or spoil them so that every checksum is right."""

import json
import struct
import zlib

from verifier import END, START, Segment, segments


def lines(path):
    """The records of a segment, as text."""
    return [record.decode() for record in Segment(path).records()]


def of_the_log(folder):
    """The records of a log, without those whose writing failed and that stand in the next segment, or in none."""
    found, records = segments(folder), []
    for number, segment in enumerate(found):
        end = found[number + 1].first if number + 1 < len(found) else None
        records += segment.records()[: end - segment.first if end is not None else None]
    return [json.loads(record) for record in records]


def rewrite(path, records):
    """Writes a segment that holds these records, in one frame."""
    segment = Segment(path)
    records = [record.encode() for record in records]
    entries = b"".join(struct.pack(">II", len(record), zlib.crc32(record)) + record for record in records)
    head = struct.pack(">4sIQQQI", START, len(entries), segment.number, segment.first, segment.first, len(records))
    path.write_bytes(head + struct.pack(">I", zlib.crc32(head)) + entries + END if records else b"")


def change(path, old, new):
    """Changes the first place in the records of a segment where `old` stands."""
    found = lines(path)
    at = next(number for number, line in enumerate(found) if old in line)
    found[at] = found[at].replace(old, new, 1)
    rewrite(path, found)
