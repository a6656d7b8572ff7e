"""`palisade guardrails`: what is listed, found, replaced and measured, and what bad input is told."""

import json
import subprocess

import pytest

from gateway import binary

pytestmark = pytest.mark.unwatched

EMAIL = "ada" + "@" + "example.org"
CARD = " ".join(["4111", *["1111"] * 3])
SSN = "-".join(["536", "22", "8145"])
# Characters of two to four bytes before, between and after the values.
TEXT = f"é𝄞 mail {EMAIL},\nthe card is {CARD}\r\n\n— ssn: {SSN} 🙂\n"
FOUND = [("EMAIL", EMAIL), ("CREDIT_DEBIT_CARD_NUMBER", CARD), ("US_SOCIAL_SECURITY_NUMBER", SSN)]
WANTED = ["--categories", ",".join(category for category, _ in FOUND)]
REDACTED = TEXT
for category, value in FOUND:
    REDACTED = REDACTED.replace(value, "{" + category + "}")

CHUNKS = ["1", "2", "3", "7", "64", "16777216"]


def guardrails(*arguments, text=b""):
    """Runs a command on bytes, and gives exit code, output and complaint; the output stays bytes."""
    given = text.encode() if isinstance(text, str) else text
    done = subprocess.run(
        [binary(), "guardrails", *map(str, arguments)], input=given, capture_output=True, timeout=120
    )
    assert b"panicked" not in done.stderr
    return done.returncode, done.stdout, done.stderr.decode()


def lines(output):
    return [json.loads(line) for line in output.splitlines()]


# ------------------------------------------------------------------------------------------------------------- list


def test_list_has_every_category_once_with_what_recognises_it():
    code, output, _ = guardrails("list", "--format", "json")
    listed = lines(output)
    names = [line["category"] for line in listed]
    assert code == 0 and len(names) == len(set(names)) >= 85
    (card,) = [line for line in listed if line["category"] == "CREDIT_DEBIT_CARD_NUMBER"]
    assert card["parent"] == "PCI" and card["groups"] == ["PCI", "Financial", "PII"]
    assert "Luhn" in card["validator"] and card["source"]
    assert [line["category"] for line in listed if not line["source"]] == []


def test_list_reads_well_in_160_columns():
    code, output, _ = guardrails("list")
    head, *table = output.decode().splitlines()
    assert code == 0
    assert head.split() == ["CATEGORY", "PARENT", "ALONE/TOLD", "VALIDATOR", "SOURCE"]
    assert max(len(line) for line in [head, *table]) <= 160
    listed = lines(guardrails("list", "--format", "json")[1])
    wide, undetected = guardrails("list", "--wide")[1].decode().split("\n\n")
    wide = wide.splitlines()[1:]
    for line, whole, record in zip(table, wide, listed, strict=True):
        assert line.split()[:2] == [record["category"], record["parent"]]
        assert record["validator"] in whole and record["source"] in whole
    said = {record["category"]: record["undetected"] for record in listed if record["undetected"]}
    assert "EMAIL" in said and "UNDETECTED everywhere: " in undetected
    assert all(f"UNDETECTED of {category}: {what}" in undetected for category, what in said.items())


# ------------------------------------------------------------------------------------------------------------- scan


def test_scan_names_places_and_not_values():
    code, output, _ = guardrails("scan", *WANTED, text=TEXT)
    rows = [line.split() for line in output.decode().splitlines()]
    data = TEXT.encode()
    starts = [data.index(value.encode()) for _, value in FOUND]
    places = [f"{start}..{start + len(value)}" for start, (_, value) in zip(starts, FOUND, strict=True)]
    assert code == 0
    assert [row[0] for row in rows] == places
    assert [row[1] for row in rows] == ["1:9", "2:13", "4:8"]
    assert [row[2] for row in rows] == [category for category, _ in FOUND]
    assert all(60 <= int(row[3]) <= 100 and len(row) == 4 for row in rows)
    shown = guardrails("scan", *WANTED, "--show", text=TEXT)[1].decode()
    for _, value in FOUND:
        assert value not in output.decode() and value in shown


@pytest.mark.parametrize("chunk", CHUNKS)
def test_scan_finds_the_same_in_chunks_of(chunk, tmp_path):
    path = tmp_path / "text"
    path.write_text(TEXT * 3, newline="")
    code, output, _ = guardrails("scan", *WANTED, "--format", "json", "--show", "--chunk", chunk, path)
    data = (TEXT * 3).encode()
    assert code == 0
    assert [(line["category"], line["text"]) for line in lines(output)] == FOUND * 3
    for line in lines(output):
        before = data[: line["start"]]
        assert data[line["start"] : line["end"]].decode() == line["text"]
        assert line["line"] == before.count(b"\n") + 1
        assert line["column"] == len(before.decode().split("\n")[-1]) + 1


def test_scan_looks_for_every_category_unless_told_otherwise():
    code, output, _ = guardrails("scan", "--format", "json", "--show", text=TEXT)
    assert code == 0
    assert [(line["category"], line["text"]) for line in lines(output)] == FOUND


def test_scan_fails_on_request_when_it_finds_something():
    assert guardrails("scan", "--fail", *WANTED, text=TEXT)[0] == 1
    assert guardrails("scan", "--fail", *WANTED, text="nothing here")[0] == 0
    assert guardrails("scan", "--fail", "--categories", "UUID", text=TEXT)[0] == 0
    assert guardrails("scan", "--fail", "--categories", "EMAIL", "--min-confidence", 100, text=TEXT)[0] == 0


@pytest.mark.parametrize("chunk", CHUNKS)
def test_offsets_are_those_of_the_input_where_it_is_not_utf_8(chunk):
    data = b"\xff\xff\xe2\x82 " + EMAIL.encode() + b"\n\xf0\x9d \xc3" + EMAIL.encode() + b" \xe2\x82"
    code, output, _ = guardrails("scan", *WANTED, "--lossy", "--format", "json", "--chunk", chunk, text=data)
    found = [(line["start"], line["end"], line["line"], line["column"]) for line in lines(output)]
    first, second = data.index(EMAIL.encode()), data.rindex(EMAIL.encode())
    size = len(EMAIL)
    assert code == 0
    assert found == [(first, first + size, 1, 5), (second, second + size, 2, 4)]


# ----------------------------------------------------------------------------------------------------------- redact


@pytest.mark.parametrize("chunk", CHUNKS)
def test_redact_writes_the_same_in_chunks_of(chunk):
    code, output, _ = guardrails("redact", *WANTED, "--chunk", chunk, text=TEXT)
    assert (code, output.decode()) == (0, REDACTED)
    code, output, _ = guardrails("redact", *WANTED, "--mask", "--chunk", chunk, text=TEXT)
    assert code == 0
    for value, masked in [(EMAIL, "***@******e.org"), (CARD, "**** **** **** 1111"), (SSN, "***-**-8145")]:
        assert value not in output.decode() and masked in output.decode()


@pytest.mark.parametrize("body", [3, 60], ids=["short", "long"])
def test_a_key_in_many_parts_is_replaced_once(body):
    frame = ["-" * 5 + word + " PRIVATE " + "KEY" + "-" * 5 for word in ("BEGIN", "END")]
    key = "\n".join([frame[0], *["MIIEpAIB" * 8] * body, frame[1]])
    text = f"before\n{key}\nafter"
    outputs = set()
    for chunk in CHUNKS:
        redact = ["redact", "--categories", "SECRET_PRIVATE_KEY", "--chunk", chunk]
        assert guardrails(*redact, text=text)[1].decode() == "before\n{SECRET_PRIVATE_KEY}\nafter"
        outputs.add(guardrails(*redact, "--mask", text=text)[1])
    (masked,) = outputs
    assert b"MIIE" not in masked
    assert (b"{SECRET_PRIVATE_KEY}" in masked) == (body == 60), "what is too long for a mask is a placeholder"


def test_redact_passes_on_what_it_does_not_find_byte_for_byte(tmp_path):
    path = tmp_path / "text"
    data = ("héllo \x00\r\n\t\u200b\ufeff" * 20_000).encode()
    path.write_bytes(data)
    assert guardrails("redact", *WANTED, path) == (0, data, "")
    assert guardrails("redact", *WANTED, "-", text=data) == (0, data, "")
    assert guardrails("redact", *WANTED) == (0, b"", "")


def test_redact_hands_out_what_is_ready_before_it_waits_for_more():
    command = [binary(), "guardrails", "redact", *WANTED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(f"mail {EMAIL} and so on, until the line is at its end\n".encode())
        process.stdin.flush()
        assert process.stdout.read(5 + len("{EMAIL}")) == b"mail {EMAIL}"
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.parametrize("command", ["scan", "redact"])
@pytest.mark.parametrize("chunk", CHUNKS)
def test_the_byte_that_is_not_utf_8_is_named(command, chunk):
    data = "é ".encode() + b"\xe2\x82 rest"
    code, _, complaint = guardrails(command, *WANTED, "--chunk", chunk, text=data)
    assert code == 2 and "standard input" in complaint and "byte 3" in complaint and "--lossy" in complaint
    code, output, _ = guardrails(command, *WANTED, "--lossy", "--chunk", chunk, text=data)
    assert code == 0
    assert output.decode() == ("é \ufffd rest" if command == "redact" else "")


# ------------------------------------------------------------------------------------------------------------- eval


@pytest.fixture
def labelled(tmp_path):
    """A file in which one address is labelled rightly, one too short, one is not there and one not labelled."""

    def line(text, values, only=("EMAIL", "UUID"), **more):
        spans = [
            {"category": category, "start": text.index(value), "end": text.index(value) + len(value)}
            for category, value in values
        ]
        return json.dumps({"text": text, "only": only, "spans": spans, **more})

    path = tmp_path / "labelled.jsonl"
    cases = [
        line(f"𝄞 to {EMAIL}", [("EMAIL", EMAIL)]),
        line(f"to {EMAIL}", [("EMAIL", EMAIL[1:])]),
        line("to nobody", [("EMAIL", "nobody")]),
        "",
        line(f"to {EMAIL}", []),
        line(f"to {EMAIL}", [], only=["UUID"]),
        line("to nowhere", [("EMAIL", "nowhere")], strong=False),
        line("in Main Street", [("STREET", "Main Street")], only=["STREET"]),
    ]
    path.write_text("\n".join(cases))
    return path


def test_eval_measures(labelled):
    code, output, _ = guardrails("eval", labelled, "--format", "json")
    report = json.loads(output)
    email = report["strong"]["categories"]["EMAIL"]
    exact, overlap = email["exact"], email["overlap"]
    assert code == 0
    assert email["cases"] == 4 and exact["cases_right"] == 1 and overlap["cases_right"] == 2
    assert [exact[key] for key in ("expected", "found", "missed")] == [3, 1, 2]
    assert [exact[key] for key in ("reported", "right", "false_alarms")] == [3, 1, 2]
    assert [overlap[key] for key in ("found", "right")] == [2, 2]
    assert exact["precision"] == exact["recall"] == pytest.approx(1 / 3)
    assert overlap["f1"] == pytest.approx(2 / 3)
    micro = report["strong"]["micro"]
    assert micro["cases"] == 5 and micro["exact"] == {**exact, "cases_right": 2}
    assert report["strong"]["categories"]["UUID"]["exact"]["precision"] is None
    assert report["weak"]["categories"]["EMAIL"]["exact"]["missed"] == 1
    assert report["unknown"] == {"STREET": 1} and report["cases_left_out"] == 1
    assert "errors" not in report
    twice = json.loads(guardrails("eval", labelled, labelled, "--format", "json")[1])
    assert twice["strong"]["micro"]["cases"] == 10


def test_eval_prints_a_table_and_as_many_errors_as_asked(labelled):
    code, output, _ = guardrails("eval", labelled)
    text = output.decode()
    (email,) = [line.split() for line in text.split("WEAK")[0].splitlines() if line.startswith("EMAIL")]
    (micro,) = [line.split() for line in text.split("WEAK")[0].splitlines() if line.startswith("all")]
    assert code == 0
    assert email == ["EMAIL", "4", "3", "25.0", *["0.333"] * 3, *["0.667"] * 3]
    assert micro == ["all", "(micro)", "5", "3", "40.0", *["0.333"] * 3, *["0.667"] * 3]
    assert "STREET (1 cases)" in text and EMAIL not in text and "⟦" not in text

    def told(*arguments):
        shown = guardrails("eval", labelled, *arguments)[1].decode().splitlines()
        return [sum(line.startswith(word) for line in shown) for word in ("missed", "false")]

    assert [told("--errors", count) for count in (0, 1, 2, 9)] == [[0, 0], [1, 1], [2, 2], [2, 2]]
    assert told("--errors", 9, "--weak") == [1, 0], "weak misses do not hide strong ones"
    shown = guardrails("eval", labelled, "--errors", 9)[1].decode()
    assert f"to a⟦{EMAIL[1:]}⟧" in shown and f"found instead: ⟦{EMAIL}⟧" in shown
    errors = json.loads(guardrails("eval", labelled, "--errors", 9, "--format", "json")[1])["errors"]
    assert [error["line"] for error in errors] == [2, 2, 3, 5]
    assert all(error["strong"] for error in errors)


def test_eval_leaves_out_what_is_less_sure(labelled):
    report = json.loads(guardrails("eval", labelled, "--min-confidence", 100, "--format", "json")[1])
    assert report["strong"]["micro"]["exact"]["reported"] == 0


# -------------------------------------------------------------------------------------------------------- bad input


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    path = tmp_path / "text"
    path.write_text(f"{EMAIL} " * 50_000)
    for arguments in (["list"], ["scan", *WANTED, path], ["redact", *WANTED, path]):
        command = [binary(), "guardrails", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.read(1)
            process.stdout.close()
            complaint = process.stderr.read()
            assert (process.wait(60), complaint) == (0, b""), arguments
    closed = f"'{binary()}' guardrails scan --fail --categories EMAIL '{path}' | head -c 1; echo ${{PIPESTATUS[0]}}"
    shown = subprocess.run(["bash", "-c", closed], capture_output=True, text=True, timeout=120)
    assert shown.stdout.endswith("1\n"), "what was found stays found"


# Arguments, and words that the complaint must hold.
WRONG = {
    "a_file_that_is_not_there": (["scan", "/nonexistent"], ["/nonexistent", "No such file"]),
    "a_folder": (["redact", "/"], ["cannot read /", "directory"]),
    "a_labelled_file_that_is_not_there": (["eval", "/nonexistent"], ["/nonexistent"]),
    "a_labelled_file_that_is_a_folder": (["eval", "/"], ["cannot read /", "directory"]),
    "no_labelled_file": (["eval"], ["FILE"]),
    "a_misspelt_category": (["scan", "--categories", "EMIAL"], ["EMIAL", "did you mean `EMAIL`?"]),
    "a_category_in_lower_case": (["redact", "--categories", "URL,email"], ["did you mean `EMAIL`?"]),
    "an_unknown_category": (["scan", "--categories", "QQQQQQ"], ["QQQQQQ", "guardrails list"]),
    "no_category": (["scan", "--categories", ""], ["--categories"]),
    "too_much_confidence": (["scan", "--min-confidence", "101"], ["--min-confidence", "101", "100"]),
    "no_number": (["eval", "--min-confidence", "high", "x"], ["--min-confidence", "high"]),
    "no_chunk": (["redact", "--chunk", "0"], ["--chunk", "0"]),
    "a_chunk_beyond_memory": (["scan", "--chunk", "16777217"], ["--chunk", "16777216"]),
    "no_region": (["scan", "--region", "usa"], ["--region", "usa", "two upper-case letters"]),
    "an_unknown_command": (["find"], ["find"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_complaint_names(name):
    arguments, words = WRONG[name]
    code, output, complaint = guardrails(*arguments)
    assert (code, output) == (2, b"")
    assert [word for word in words if word not in complaint] == [], complaint


# A line of a labelled file, and words that the complaint must hold.
BAD_LINES = {
    "no_json": ('{"text": private', ["not JSON"]),
    "no_object": ("[1]", ["not a JSON object"]),
    "another_form": ('{"region": "AC", "national": "62889"}', ["`text`", "`only`", "`spans`"]),
    "no_only": ('{"text": "private", "spans": []}', ["`only`"]),
    "a_span_past_the_end": (
        '{"text": "private", "only": [], "spans": [{"category": "URL", "start": 0, "end": 8}]}',
        ["`spans[0].end`", "7 code points"],
    ),
    "no_text": (b'{"text": "\xff"}', ["not UTF-8"]),
    "a_line_too_long": ("x" * (1 << 20), ["longer than 1 MiB"]),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_eval_names_file_and_line_of(name, labelled):
    line, words = BAD_LINES[name]
    data = line if isinstance(line, bytes) else line.encode()
    labelled.write_bytes(labelled.read_bytes() + b"\n" + data)
    code, _, complaint = guardrails("eval", labelled)
    assert code == 2 and str(labelled) in complaint and "line 9" in complaint
    assert [word for word in words if word not in complaint] == [], complaint
    assert "private" not in complaint


@pytest.mark.parametrize("command", [[], ["list"], ["scan"], ["redact"], ["eval"]], ids=" ".join)
def test_every_command_has_help(command):
    code, output, _ = guardrails(*command, "--help")
    assert code == 0 and b"Usage" in output and (not command or b"Example" in output)
