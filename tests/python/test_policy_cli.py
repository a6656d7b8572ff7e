"""`palisade policy`: what people who write bundles are told."""

import json
import os
import pathlib
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

from gateway import ROOT, binary

pytestmark = pytest.mark.unwatched

SHIPPED = ROOT / "policies" / "default"


def policy(*arguments):
    """Runs a command; gives exit code, output and complaint."""
    done = subprocess.run([binary(), "policy", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert "panicked" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def bundle(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "bundle")


@pytest.fixture
def config(tmp_path):
    (tmp_path / "keys").mkdir()
    for tenant in ("retail", "markets", "research"):
        (tmp_path / "keys" / tenant).write_text("s" * 40)
    for name in ("palisade.toml", "registry.toml"):
        shutil.copy(ROOT / "config" / name, tmp_path)
    return tmp_path / "palisade.toml"


def written(bundle, text, name="policies/more.cedar"):
    (bundle / name).write_text(text)
    return bundle


def edited(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# ------------------------------------------------------------------------------------------------------------ check


def test_the_bundle_that_ships_is_good_and_its_cases_reach_every_condition():
    assert policy("check", SHIPPED)[:2][0] == 0
    code, out, _ = policy("test", SHIPPED, "--fail-unreached")
    assert code == 0 and out.splitlines()[-1].endswith(" passed, 0 failed") and "note" not in out


EXAMPLES = sorted(path.parent for path in (ROOT / "policies" / "examples").glob("*/schema.cedarschema"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_good_and_its_cases_reach_every_condition(example):
    assert policy("check", example)[0] == 0
    code, out, _ = policy("test", example, "--fail-unreached")
    assert code == 0 and "note" not in out
    assert (example / "schema.cedarschema").read_text() == (SHIPPED / "schema.cedarschema").read_text()
    assert (example / "README.md").exists()


def test_there_are_five_examples():
    assert len(EXAMPLES) == 5


def test_a_commit_of_a_bundle_that_is_wrong_is_refused(bundle, tmp_path):
    def git(*arguments):
        environment = {**os.environ, "PATH": f"{pathlib.Path(binary()).parent}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": "/dev/null"}
        identity = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout + done.stderr

    assert git("init", "-q")[0] == 0
    shutil.copy(ROOT / "policies" / "examples" / "ci" / "pre-commit", tmp_path / ".git" / "hooks")
    git("add", "bundle")
    code, out = git("commit", "-q", "-m", "good")
    assert code == 0 and "passed, 0 failed" in out
    edited(bundle / "policies" / "limits.cedar", "principal.suspended", "principal.suspend")
    git("add", "bundle")
    code, out = git("commit", "-q", "-m", "bad")
    assert code == 1 and "policies/limits.cedar:" in out and "policy `suspended`" in out


FAULTS = {
    "a_misspelt_operator": (
        '@id("a")\npermit (principal, action, resource)\nwhen { context = 1 };\n',
        ["policies/more.cedar:3:8", "3 | when { context = 1 };", "^", "try using '==' instead"],
    ),
    "an_unknown_type": ('@id("a")\nforbid (principal is Palisade::Robot, action, resource);\n', ["more.cedar:2:22", "Robot"]),
    "an_unknown_attribute": (
        '@id("a")\nforbid (principal, action, resource)\nwhen { principal.salary > 1 };\n',
        ["more.cedar:3:8", "policy `a`", "salary"],
    ),
    "no_id": ("forbid (principal, action, resource);\n", ["more.cedar:1:1", "no usable `@id`"]),
    "an_id_twice": ('@id("suspended")\nforbid (principal, action, resource);\n', ["`suspended` is taken by policies/limits.cedar"]),
    "a_misspelt_annotation": ('@id("a")\n@onwer("x")\nforbid (principal, action, resource);\n', ["more.cedar:2:1", "`@onwer`"]),
    "a_template": ('@id("a")\npermit (principal == ?principal, action, resource);\n', ["more.cedar:2:22", "is a template"]),
    "what_can_never_apply": (
        '@id("a")\nforbid (principal, action, resource)\nwhen { false };\n',
        ["policy `a`", "impossible"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_problem_is_told_with_place_excerpt_and_what_to_do(name, bundle):
    text, told = FAULTS[name]
    code, out, _ = policy("check", written(bundle, text))
    assert code == 1
    assert [part for part in told if part not in out] == [], out
    code, out, _ = policy("check", bundle, "--format", "json")
    problems = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and any(problem["path"] == "policies/more.cedar" for problem in problems)


def test_all_problems_of_all_files_are_told_at_once(bundle):
    written(bundle, FAULTS["no_id"][0], "policies/one.cedar")
    written(bundle, FAULTS["a_misspelt_operator"][0], "policies/two.cedar")
    (bundle / "notes.txt").write_text("hello")
    out = policy("check", bundle)[1]
    assert out.count("error: ") >= 3 and all(name in out for name in ("one.cedar", "two.cedar", "notes.txt"))


def test_names_are_held_against_a_registry(bundle, config):
    written(bundle, '@id("a")\npermit (principal in Palisade::Tenant::"reatil", action, resource);\n')
    assert policy("check", bundle)[0] == 0
    code, out, _ = policy("check", bundle, "--config", config)
    assert code == 1 and "reatil" in out and "retail" in out and "more.cedar:2" in out


def test_a_folder_that_is_no_bundle_is_said_to_be_none(tmp_path):
    assert policy("check", tmp_path / "nowhere")[0] == 2
    code, out, _ = policy("check", tmp_path)
    assert code == 1 and "schema.cedarschema" in out


# ------------------------------------------------------------------------------------------------------------- test


def test_a_case_that_fails_is_named_with_its_place_and_the_policies(bundle):
    edited(bundle / "tests" / "access.json", '"decision": "allow"', '"decision": "deny"')
    code, out, _ = policy("test", bundle)
    assert code == 1
    assert "FAIL tests/access.json:2:3: retail's people may call general-purpose models" in out
    assert "expects Deny, but retail-general-purpose makes it Allow" in out and out.splitlines()[-1].endswith(", 1 failed")
    code, out, _ = policy("test", bundle, "--format", "json")
    report = json.loads(out)
    assert code == 1 and len([case for case in report["cases"] if case["failure"]]) == 1
    code, out, _ = policy("test", bundle, "--format", "junit")
    suites = xml.etree.ElementTree.fromstring(out)
    assert code == 1 and {suite.get("name") for suite in suites} >= {"tests/access.json", "tests/findings.json"}
    [failure] = suites.iter("failure")
    assert "retail-general-purpose" in failure.get("message")


def test_what_no_case_shows_is_told(bundle):
    written(
        bundle,
        '@id("night")\nforbid (principal, action in Palisade::Action::"Invoke", resource)\n'
        "when { context.base.localHour < 3 && (context.inputTokens > 10 || principal.suspended) };\n",
    )
    code, out, _ = policy("test", bundle)
    notes = [line for line in out.splitlines() if "night" in line]
    assert code == 0
    assert [note.split("night: ")[1] for note in notes] == [
        "determines no case",
        "is true in no case: context.base.localHour < 3",
        "is false in no case: !(context.inputTokens <= 10)",
    ]
    assert policy("test", bundle, "--fail-unreached")[0] == 1


def test_an_invariant_refutes_a_case(bundle):
    shutil.rmtree(bundle / "invariants")
    (bundle / "invariants").mkdir()
    written(bundle, '@id("never")\nforbid (principal in Palisade::Tenant::"retail", action, resource);\n', "invariants/never.cedar")
    code, out, _ = policy("test", bundle)
    assert code == 1 and "the invariant `never` says never" in out


def test_a_bundle_that_cannot_be_used_is_not_tested(bundle):
    code, out, err = policy("test", written(bundle, FAULTS["no_id"][0]))
    assert code == 2 and out == "" and "more.cedar:1:1" in err


# ---------------------------------------------------------------------------------------------------------- explain

SONNET, OPUS, LITE = (
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "anthropic.claude-3-opus-20240229-v1:0",
    "amazon.nova-lite-v1:0",
)


def test_an_allowed_call_names_the_policy_with_its_text(config):
    code, out, _ = policy("explain", "--config", config, "retail/assistant", SONNET)
    assert code == 0
    assert "ALLOWED by\n  retail-general-purpose (policies/access.cedar:3)" in out
    assert 'resource in Palisade::ModelGroup::"general-purpose"' in out


def test_a_call_that_nothing_permits_is_told_what_would_have_to_change(config):
    code, out, _ = policy("explain", "--config", config, "retail/assistant", OPUS)
    assert code == 1 and "DENIED: it is forbidden by\n  eu-residency (policies/limits.cedar:33)" in out
    assert 'markets-frontier (policies/access.cedar:21) would permit it if\n    principal in Palisade::Tenant::"markets"' in out
    assert 'would permit it if\n    resource in Palisade::ModelGroup::"general-purpose"' in out


def test_a_condition_that_fails_is_told(config, bundle):
    written(
        bundle,
        '@id("small")\npermit (principal in Palisade::Tenant::"retail", action in Palisade::Action::"Invoke", resource)\n'
        'when { context.inputTokens > 5 && context.maxTokens < 10 }\nunless { principal.suspended };\n',
    )
    ask = ["explain", "--config", config, "--bundle", bundle, "retail/assistant", "markets-chat", "--action", "InvokeEndpoint"]
    code, out, _ = policy(*ask)
    assert code == 1 and "small (policies/more.cedar:1) would permit it if\n    when { context.maxTokens < 10 }" in out
    code, out, _ = policy(*ask, "--max-tokens", "9")
    assert code == 0 and "ALLOWED by\n  small (policies/more.cedar:1)" in out


def test_a_forbid_is_named_with_its_text(config):
    code, out, _ = policy("explain", "--config", config, "retail/assistant", LITE, "--max-tokens", "1000000")
    assert code == 1 and "DENIED: it is forbidden by\n  call-size (policies/limits.cedar:" in out
    assert "context.maxTokens <= principal.limits.maxOutputTokens" in out
    code, out, _ = policy("explain", "--config", config, "--user", "research/rui", LITE, "--gap", "image")
    assert code == 0 and "research-all-models" in out


FINDINGS = {
    "redacted": (["--category", "EMAIL"], 0, "EMAIL in user passes redacted: by personal-and-card-data-redacted"),
    "raw": (["--category", "EMAIL", "--place", "tool_definition"], 0, "passes as it is: by tool-definitions-as-they-are"),
    "blocked": (["--category", "AWS_ACCESS_KEY"], 1, "is blocked: by credentials-never"),
    "back": (["--category", "EMAIL", "--place", "answer"], 0, "passes redacted: by personal-and-card-data-redacted"),
    "unknown": (["--category", "NOTHING"], 1, "is blocked: nothing permits it in any form"),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_what_becomes_of_a_finding_is_told(name, config):
    more, expected, told = FINDINGS[name]
    code, out, _ = policy("explain", "--config", config, "retail/assistant", LITE, *more)
    assert code == expected and told in out, out


def test_a_key_for_tokens_is_minded(config):
    (config.parent / "tokens").write_text("ab" * 32)
    (config.parent / "tokens").chmod(0o600)
    edited(config, "# tokenize = { key_file = \"keys/tokens\" }", "tokenize = { key_file = \"tokens\" }")
    out = policy("explain", "--config", config, "retail/assistant", LITE, "--category", "EMAIL")[1]
    assert "EMAIL in user passes as a token: by personal-data-tokenized" in out


WRONG_QUESTIONS = {
    "nobody": (["retail/nobody", LITE], "is not known"),
    "no_tenant": (["assistant", LITE], "TENANT/ID"),
    "no_model": (["retail/assistant", "gpt"], "is no model or endpoint"),
    "no_operation": (["retail/assistant", LITE, "--action", "Invoke"], "use one of Converse"),
    "no_gap": (["retail/assistant", LITE, "--gap", "holes"], "expected one of"),
}


@pytest.mark.parametrize("name", WRONG_QUESTIONS)
def test_a_question_that_cannot_be_put_is_told_why(name, config):
    question, told = WRONG_QUESTIONS[name]
    code, out, err = policy("explain", "--config", config, *question)
    assert (code, out) == (2, "") and told in err


# -------------------------------------------------------------------------------------------- fmt, new and schema


def test_formatting_keeps_what_policies_say_and_is_done_once(bundle):
    ugly = '@id("a") // why\nforbid(principal,action,resource)when{ principal.suspended&&true==true };\n'
    written(bundle, ugly)
    code, out, _ = policy("fmt", bundle, "--check")
    assert code == 1 and "more.cedar would change" in out and (bundle / "policies" / "more.cedar").read_text() == ugly
    assert policy("fmt", bundle)[0] == 0
    text = (bundle / "policies" / "more.cedar").read_text()
    assert "// why" in text and "when { principal.suspended && true == true };" in text
    assert policy("fmt", bundle, "--check")[:2] == (0, "")
    assert policy("test", bundle)[0] == 0
    written(bundle, "permit (")
    assert policy("fmt", bundle)[0] == 2


def test_a_new_bundle_is_good_and_nothing_is_overwritten(tmp_path):
    code, out, _ = policy("new", tmp_path / "ours")
    assert code == 0 and "palisade policy check" in out
    assert policy("check", tmp_path / "ours")[0] == 0
    code, _, err = policy("new", tmp_path / "ours")
    assert code == 2 and "is there already" in err


def test_the_schema_is_printed():
    assert policy("schema") == (0, (SHIPPED / "schema.cedarschema").read_text(), "")
