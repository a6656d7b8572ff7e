"""Tenants, keys and models in a store: a plan first, all or nothing, in force without a start."""

import json
import re
import signal
import subprocess
import time
import tomllib
import urllib.request

import botocore.session
import pytest

from gateway import binary, replays, wait_for
from served import Provider, Served
from test_provider import JSON, post
from wire import call, signed

pytestmark = pytest.mark.unwatched
ANOTHER = '\n[[model]]\nid = "amazon.nova-micro-v1:0"\ngroups = ["general-purpose"]\nprovider = "amazon"\nfamily = "nova"\nmodalities = ["text"]\nlifecycle = "approved"\njurisdictions = ["EU"]\nclassification_max = 2\n'


def registry(command, *args):
    done = subprocess.run([binary(), "registry", command, *args], capture_output=True, text=True, timeout=120)
    assert "panicked" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def in_store(folder):
    """Makes the registry of a gateway a store, before it starts."""
    config = folder / "palisade.toml"
    config.write_text(config.read_text().replace('file = "registry.toml"', 'store = "registry.redb"'))
    done = subprocess.run([binary(), "check", "--config", config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "`palisade registry apply FILE` fills it" in done.stderr
    code, out, err = registry("apply", folder / "registry.toml", "--config", config)
    assert code == 0, err
    assert re.search(r"^24 new, 0 changed, 0 removed, 0 as they are$", out, re.MULTILINE), out
    assert out.endswith("registry.redb: revision 1\n")
    assert (folder / "registry.redb").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path / "one", Provider(), prepare=in_store)
    yield served
    served.end()


def apply(served, *args):
    return registry("apply", served.folder / "registry.toml", "--config", served.config, *args)


def change(served, old, new):
    file = served.folder / "registry.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_a_store_is_as_good_as_a_file_and_changes_come_into_force(served):
    assert post(served).status == 200
    model = "amazon.nova-micro-v1:0"
    served.allowed = model
    assert post(served).status in (403, 404)
    file = served.folder / "registry.toml"
    file.write_text(file.read_text() + ANOTHER)
    code, out, _ = apply(served)
    assert (code, out.splitlines()[0]) == (0, f"+ model {model}")
    began = time.monotonic()
    wait_for("the model", lambda: post(served).status == 200)
    assert time.monotonic() - began < 5
    change(served, "suspended = false", "suspended = true")
    code, out, _ = apply(served)
    assert (code, out.splitlines()[0]) == (0, "~ tenant retail: suspended")
    wait_for("the tenant to be suspended", lambda: post(served).status == 403)
    code, out, _ = apply(served)
    assert (code, out) == (0, "0 new, 0 changed, 0 removed, 25 as they are\n")
    changes = [record["entries"] for record in served.log.read() if record["kind"] == "registry_changed"]
    assert changes == [
        [{"became": "added", "id": model, "of": "model"}],
        [{"became": "changed", "id": "retail", "of": "tenant"}],
    ]
    shown = subprocess.run([binary(), "audit", "show", served.folder / "audit"], capture_output=True, text=True).stdout
    assert f"registry      added model {model}" in shown


def test_what_a_file_does_not_list_stays_unless_it_is_pruned(served):
    change(served, '[[key]]\nid = "PLSDRETAILASSISTANT1"', '[[key]]\nid = "PLSDRETAILASSISTANT2"')
    code, out, _ = registry("diff", served.folder / "registry.toml", "--config", served.config)
    assert code == 1 and "1 that the file does not list stay (`--prune` removes them)" in out
    code, out, _ = apply(served, "--dry-run", "--prune")
    assert code == 0 and "- key PLSDRETAILASSISTANT1" in out and "nothing was changed" in out
    assert post(served).status == 200
    assert apply(served, "--prune")[0] == 0
    wait_for("the key to be gone", lambda: post(served).status == 403)
    code, out, _ = registry("diff", served.folder / "registry.toml", "--config", served.config, "--prune")
    assert code == 0 and "24 as they are" in out


def test_what_cannot_be_used_changes_nothing(served):
    before = registry("export", "--config", served.config)[1]
    spoilt = [
        ('jurisdiction = "EU"', 'jurisdiction = "Mars"', "tenant retail"),
        ('tenant = "retail"', 'tenant = "nobody"', "names a tenant that is not listed"),
        ('application = "assistant"', 'application = "nobody"', "names an application that is not listed"),
        ('secret_file = "keys/retail"', 'secret_file = "keys/none"', "keys/none"),
        ("suspended = false", "suspnded = false", "suspnded"),
        ('id = "markets"', 'id = "retail"', "tenant retail is listed twice"),
    ]
    good = (served.folder / "registry.toml").read_text()
    for old, new, told in spoilt:
        (served.folder / "registry.toml").write_text(good)
        change(served, old, new)
        code, _, err = apply(served)
        assert code == 2 and told in err, err
    assert registry("export", "--config", served.config)[1] == before
    assert post(served).status == 200


def test_a_name_that_policies_use_is_not_taken_away(served, tmp_path):
    bundle = tmp_path / "bundle"
    assert subprocess.run([binary(), "policy", "new", bundle], timeout=60).returncode == 0
    served.config.write_text(served.config.read_text() + f'[policy]\nbundle = "{bundle}"\n')
    text = (served.folder / "registry.toml").read_text()
    for kind in ("tenant", "application", "key"):
        text = re.sub(rf'\[\[{kind}\]\](?:(?!\[\[).)*?"research"(?:(?!\[\[).)*', "", text, flags=re.DOTALL)
    (served.folder / "registry.toml").write_text(text)
    code, out, err = apply(served, "--prune")
    assert code == 2 and "- tenant research" in out and 'Palisade::Tenant::"research"' in err, err


def test_it_can_be_looked_at_and_written_out(served, tmp_path):
    code, out, _ = registry("show", "--config", served.config)
    assert code == 0 and len(out.splitlines()) == 24 and "application  retail/assistant" in out
    code, out, _ = registry("show", "tenant", "retail", "--config", served.config)
    assert code == 0 and tomllib.loads(out)["tenant"][0]["purpose"] == "customer_service"
    code, _, err = registry("show", "tenant", "nobody", "--config", served.config)
    assert code == 2 and "nothing is registered as nobody" in err
    code, _, err = registry("show", "tenat", "--config", served.config)
    assert code == 2 and "is one of tenant, group, model" in err
    exported = tmp_path / "exported.toml"
    exported.write_text(registry("export", "--config", served.config)[1])
    code, out, _ = registry("diff", exported, "--config", served.config, "--prune")
    assert code == 0 and "24 as they are" in out


def test_a_registry_in_a_file_is_not_applied_to(tmp_path):
    served = Served(tmp_path / "one", Provider())
    code, _, err = apply(served)
    assert code == 2 and "This is for `registry.store`" in err
    assert len(registry("show", "--config", served.config)[1].splitlines()) == 24
    served.end()
    config = served.config.read_text()
    served.config.write_text(config.replace('file = "registry.toml"', 'file = "registry.toml"\nstore = "registry.redb"'))
    done = subprocess.run([binary(), "check", "--config", served.config], capture_output=True, text=True)
    assert done.returncode == 1 and "set exactly one of `file`, `store` and `dynamodb`" in done.stderr


@pytest.mark.timeout(240)
def test_one_of_two_that_change_it_at_one_time_is_told(served):
    """Each applies another file, again and again; killed now and then. The store is always one of the two, whole."""
    folder = served.folder
    text = (folder / "registry.toml").read_text()
    files = []
    for number in range(2):
        path = folder / f"registry-{number}.toml"
        changed = text.replace("output_tokens_max = 8192", f"output_tokens_max = {number + 1}0000")
        path.write_text(changed.replace("output_tokens_max = 16384", f"output_tokens_max = {number + 1}0000"))
        files.append(path)
    command = lambda path: [binary(), "registry", "apply", path, "--config", served.config]
    told, killed = [], 0
    for turn in range(12):
        running = [subprocess.Popen(command(path), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for path in files]
        if turn % 3 == 2:
            time.sleep(0.02 * turn)
            running[turn % 2].send_signal(signal.SIGKILL)
            killed += 1
        for process in running:
            _, err = process.communicate(timeout=60)
            assert process.returncode in (0, 2, -signal.SIGKILL), err
            told += [err] if process.returncode == 2 else []
        out = registry("export", "--config", served.config)[1]
        limits = {t["id"]: t["limits"]["output_tokens_max"] for t in tomllib.loads(out)["tenant"]}
        assert limits["retail"] == limits["markets"] or turn == 0 and limits["retail"] == 8192
    assert killed and all("it was changed meanwhile" in err or "another process is writing" in err for err in told), told
    assert post(served).status == 200


def test_callers_are_told_that_a_model_ends_and_then_it_has(tmp_path):
    served = Served(tmp_path / "one", Provider())
    assert not {"sunset", "x-palisade-model-lifecycle"} & set(post(served).headers)
    approved = 'lifecycle = "approved"            # candidate approved deprecated end_of_life'
    change(served, approved, 'lifecycle = "deprecated"\nend_of_life = "2099-12-31"')
    wait_for("the header", lambda: post(served).headers.get("x-palisade-model-lifecycle") == "deprecated")
    assert post(served).headers["sunset"] == "Thu, 31 Dec 2099 23:59:59 GMT"
    stream = post(served, "converse-stream")
    assert stream.headers["sunset"] == "Thu, 31 Dec 2099 23:59:59 GMT"
    with urllib.request.urlopen(served.admin + "/metrics", timeout=10) as metrics:
        assert f'palisade_deprecated_model_answers_total{{model="{served.allowed}"}}' in metrics.read().decode()
    change(served, "2099-12-31", "2020-01-31")
    wait_for("its end", lambda: post(served).status == 403)
    assert served.pairs()[-1][0]["determining"] == ["model-lifecycle"]
    served.end()


def test_models_are_taken_over_from_what_the_aws_cli_prints(served, tmp_path):
    """botocore says what the lists look like; what is made of them can be applied and called."""
    arn = "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-micro-v1:0"
    model = {
        "modelArn": arn,
        "modelId": "amazon.nova-micro-v1:0",
        "modelName": "Nova Micro",
        "providerName": "Amazon",
        "inputModalities": ["TEXT"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": True,
        "inferenceTypesSupported": ["ON_DEMAND"],
        "modelLifecycle": {"status": "ACTIVE"},
    }
    profile = {
        "inferenceProfileId": "eu.amazon.nova-micro-v1:0",
        "inferenceProfileName": "EU Nova Micro",
        "inferenceProfileArn": "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.amazon.nova-micro-v1:0",
        "models": [{"modelArn": arn}],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }
    lists = {"modelSummaries": [model], "inferenceProfileSummaries": [profile]}
    shapes = botocore.session.get_session().get_service_model("bedrock")
    paths = []
    for operation, (name, summaries) in zip(("ListFoundationModels", "ListInferenceProfiles"), lists.items()):
        members = shapes.operation_model(operation).output_shape.members[name].member.members
        assert set(summaries[0]) <= set(members)
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(json.dumps({name: summaries}))

    def imported(*args):
        done = subprocess.run([binary(), "model", "import", *args], capture_output=True, text=True, timeout=60)
        assert "panicked" not in done.stderr
        return done

    done = imported(*paths, "--group", "general-purpose", "--classification-max", "2", "--approve")
    assert done.returncode == 0 and done.stderr == "2 entries, 0 left out\n"
    file = tmp_path / "models.toml"
    file.write_text(done.stdout)
    code, out, err = registry("apply", file, "--config", served.config)
    assert code == 0 and "+ model eu.amazon.nova-micro-v1:0" in out, err
    for served.allowed in (model["modelId"], profile["inferenceProfileId"]):
        wait_for("the model", lambda: post(served).status == 200)
    # Without `--approve` nobody may call them.
    file.write_text(imported(*paths, "--group", "general-purpose", "--classification-max", "2").stdout)
    assert registry("apply", file, "--config", served.config)[0] == 0
    wait_for("it to be no more than a candidate", lambda: post(served).status == 403)
    done = imported(served.config)
    assert done.returncode == 1 and f"{served.config}: is not what" in done.stderr


def test_an_arn_in_a_body_is_of_the_model_that_the_provider_takes_it_for(tmp_path):
    """Names in bodies go on as they are: an alias that looks like the ARN of another model must not be asked about in its place."""
    arn = "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-3-opus-20240229-v1:0"
    alias = f'\n[[alias]]\nid = "{arn}"\nmodel = "cohere.rerank-v3-5:0"\ntenant = "retail"\n'

    def with_alias(folder):
        registry_file = folder / "registry.toml"
        registry_file.write_text(registry_file.read_text() + alias)

    served = Served(tmp_path / "one", Provider(), prepare=with_alias)
    source = {"type": "INLINE", "inlineDocumentSource": {"type": "TEXT", "textDocument": {"text": "t"}}}
    by = {"modelConfiguration": {"modelArn": arn}}
    asked = {
        "queries": [{"type": "TEXT", "textQuery": {"text": "q"}}],
        "sources": [source],
        "rerankingConfiguration": {"type": "BEDROCK_RERANKING_MODEL", "bedrockRerankingConfiguration": by},
    }
    body = json.dumps(asked)
    answer = call(served, "/rerank", body, signed(served, "retail", "/rerank", body, JSON))
    assert answer.status == 403, answer.body
    assert served.pairs()[-1][0]["model"]["id"] == "anthropic.claude-3-opus-20240229-v1:0"
    assert not served.provider.requests
    served.end()


def test_an_alias_is_resolved_before_policy_is_asked(tmp_path):
    served = Served(tmp_path / "one", Provider())
    registry_file = served.folder / "registry.toml"
    good = registry_file.read_text()
    alias = lambda id, model, tenant=None: f'\n[[alias]]\nid = "{id}"\nmodel = "{model}"\n' + (
        f'tenant = "{tenant}"\n' if tenant else ""
    )
    lite, pro, opus = "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0", "anthropic.claude-3-opus-20240229-v1:0"
    own = alias("chat", pro) + alias("chat", lite, "retail") + alias("best", opus) + alias("ours", lite, "markets")
    registry_file.write_text(good + own)
    served.allowed = "chat"
    wait_for("the alias", lambda: post(served).status == 200)
    assert served.provider.requests[-1].path == "/model/amazon.nova-lite-v1%3A0/converse"
    decision, _ = served.pairs()[-1]
    assert (decision["model"]["id"], decision["model"]["alias"]) == (lite, "chat")
    # The same name is another model of another tenant, and one that is not permitted stays so.
    post(served, tenant="markets")
    assert served.pairs()[-1][0]["model"]["id"] == pro
    served.allowed = "best"
    assert post(served).status == 403 and served.pairs()[-1][0]["model"] | {"facts": 0} == {"alias": "best", "facts": 0, "id": opus}
    served.allowed = "ours"
    unknown = post(served)
    served.allowed = "nobodys"
    assert unknown.status == 404 == post(served).status
    served.allowed = lite
    assert post(served).status == 200 and "alias" not in served.pairs()[-1][0]["model"]
    for spoilt, told in (
        (alias(pro, lite), "is the id of a model"),
        (alias("a", "b"), "names a model that is not listed"),
        (alias("a", "chat"), "names a model that is not listed"),
        (alias("a", lite, "nobody"), "names a tenant that is not listed"),
        (alias("a b", lite), "an id is letters"),
        (alias("chat", lite), "is listed twice"),
    ):
        registry_file.write_text(good + own + spoilt)
        done = subprocess.run([binary(), "check", "--config", served.config], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and told in done.stderr, done.stderr
    registry_file.write_text(good + own)
    replays(served.folder / "audit")
    served.end()


def test_what_an_application_says_that_its_calls_are_for_is_recorded_if_its_tenant_allows_it(served):
    change(served, 'purpose = "customer_service" ', 'purpose = "customer_service"\npurposes = ["fraud_detection"]')
    change(served, 'id = "assistant"', 'id = "assistant"\npurpose = "fraud_detection"')
    code, out, err = apply(served)
    assert code == 0 and "~ application retail/assistant: purpose" in out and "~ tenant retail: purposes" in out, err

    def purpose():
        post(served)
        return served.pairs()[-1][0]["question"]["purpose"]

    wait_for("the purpose", lambda: purpose() == "fraud_detection")
    before = served.folder / "registry.toml"
    before = before.read_text()
    for text, why in [
        ("trading", "`trading` is none of the `purposes` of tenant retail"),
        ("tradng", "`purpose`: unknown Purpose"),
    ]:
        (served.folder / "registry.toml").write_text(before.replace('"assistant"\npurpose = "fraud_detection"', f'"assistant"\npurpose = "{text}"'))
        code, out, err = apply(served)
        assert code == 2 and "application assistant" in err and why in err, err
    assert purpose() == "fraud_detection"
