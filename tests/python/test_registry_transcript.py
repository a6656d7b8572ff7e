"""A tenant comes to a running gateway, and a model goes: tests/transcripts/registry/onboarding.txt. `UPDATE=1` writes it anew."""

import json
import os
import re
import shlex
import subprocess
from base64 import b64encode

import boto3
import pytest
from botocore.config import Config

from gateway import ROOT, Credentials, binary, replays, verified, wait_for
from served import Provider, Served
from test_provider import post

pytestmark = pytest.mark.unwatched
PATH = ROOT / "tests" / "transcripts" / "registry" / "onboarding.txt"
MODEL = "amazon.nova-micro-v1:0"

TENANT = f"""
[[tenant]]
id = "insurance"
jurisdiction = "EU"
clearance = 2
limits = {{ output_tokens_max = 4096, default_output_tokens = 1024, input_tokens_max = 100000 }}

[[application]]
id = "claims"
tenant = "insurance"
environment = "prod"

[[model]]
id = "{MODEL}"
groups = ["small"]
provider = "amazon"
family = "nova"
modalities = ["text"]
lifecycle = "approved"
jurisdictions = ["EU"]
classification_max = 2
"""
GRANT = '\n[[grant]]\ntenant = "insurance"\ngroup = "small"\n'


class Story:
    def __init__(self, served):
        self.served, self.text = served, ""

    def happens(self, what):
        self.text += f"# {what}\n\n"

    def file(self, name, text):
        (self.served.folder / name).write_text(text)

    def run(self, command):
        done = subprocess.run(
            [binary(), *shlex.split(command)], cwd=self.served.folder, capture_output=True, text=True, timeout=120
        )
        self.text += f"$ palisade {command}\n{done.stdout}{done.stderr}[exit code {done.returncode}]\n\n"
        return done.stdout

    def call(self, until):
        """A call of the new application, once it comes out as it will."""
        seen = []

        def as_told():
            seen.append(post(self.served, tenant="insurance"))
            return until(seen[-1])

        wait_for("the call", as_told)
        answer = seen[-1]
        headers = [f"{name}: {answer.headers[name]}" for name in ("deprecation", "sunset", "x-palisade-model-lifecycle") if name in answer.headers]
        message = f": {answer.json()['message']}" if answer.status != 200 else ""
        self.text += "\n".join([f"> Converse {self.served.allowed} as insurance/claims", f"< {answer.status}{message}", *headers]) + "\n\n"

    def models(self):
        who = self.served.tenants["insurance"]
        client = boto3.client(
            "bedrock", endpoint_url=self.served.url, region_name="eu-central-1", config=Config(retries={"total_max_attempts": 1}),
            aws_access_key_id=who.access_key_id, aws_secret_access_key=who.secret_access_key,
        )  # fmt: skip
        found = [(model["modelId"], model["modelLifecycle"]["status"]) for model in client.list_foundation_models()["modelSummaries"]]
        self.text += "> ListFoundationModels as insurance/claims\n" + "".join(f"< {id} {status}\n" for id, status in found) + "\n"


def in_store(folder):
    config = folder / "palisade.toml"
    settings = 'store = "registry.redb"\nsealing = { key_file = "registry.key" }'
    config.write_text(config.read_text().replace('file = "registry.toml"', settings))
    (folder / "registry.key").write_text(b64encode(os.urandom(32)).decode())
    (folder / "registry.key").chmod(0o600)
    done = subprocess.run([binary(), "registry", "apply", "registry.toml", "--config", "palisade.toml"], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def normalised(text, key):
    text = text.replace(key["AWS_ACCESS_KEY_ID"], "<key>").replace(key["AWS_SECRET_ACCESS_KEY"], "<secret>")
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ", "<time>", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>", text)
    text = re.sub(r"\d+ (ms|bytes)\b", r"<n> \1", text)
    return re.sub(r"\b[0-9a-f]{12}\b", "<digest>", text)


def test_a_tenant_comes_and_a_model_goes(tmp_path):
    served = Served(tmp_path / "one", Provider(), prepare=in_store)
    served.allowed = MODEL
    story = Story(served)
    apply = "registry apply insurance.toml --config palisade.toml"
    story.happens("insurance.toml lists a tenant, its application and a model")
    story.file("insurance.toml", TENANT)
    story.run(apply)
    story.happens("the application gets a key")
    issued = story.run("key issue insurance/claims --days 90 --config palisade.toml")
    key = dict(line.split("=", 1) for line in issued.splitlines())
    fields = {f"INSURANCE_{name.removeprefix('AWS_')}": value for name, value in key.items()} | {"INSURANCE_JWT": ""}
    served.tenants["insurance"] = Credentials("insurance", fields)
    story.call(lambda answer: answer.status == 403 and b"allowed" in answer.body)
    story.happens("nobody has granted it anything: insurance.toml gets a grant")
    story.file("insurance.toml", TENANT + GRANT)
    story.run(apply)
    story.call(lambda answer: answer.status == 200)
    story.models()
    story.happens("the model is to be replaced, and its end is announced")
    ending = TENANT.replace('lifecycle = "approved"', 'lifecycle = "approved"\ndeprecated_from = "2026-01-01"\nend_of_life = "2099-12-31"')
    story.file("insurance.toml", ending + GRANT)
    story.run(apply)
    story.call(lambda answer: "sunset" in answer.headers)
    story.models()
    story.happens("and it ends")
    story.file("insurance.toml", ending.replace('"approved"', '"end_of_life"') + GRANT)
    story.run(apply)
    story.call(lambda answer: answer.status == 403)
    story.models()
    story.run("registry show grant insurance/small --config palisade.toml")
    served.end()
    verified(served.folder / "audit")
    replays(served.folder / "audit")
    changes = [record["entries"] for record in served.log.read() if record["kind"] == "registry_changed"]
    story.happens("what the log says of the registry")
    for entries in changes:
        story.text += "; ".join(f"{entry['became']} {entry['of']} {entry['id']}" for entry in entries) + "\n"
    text = normalised(story.text, key)
    if os.environ.get("UPDATE"):
        PATH.write_text(text)
    assert text == PATH.read_text()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('[[group]]\nid = "a"\nwithin = ["b"]\n[[group]]\nid = "b"\nwithin = ["c"]\n[[group]]\nid = "c"\nwithin = ["a"]\n', "group a`: is within itself"),
        ('[[group]]\nid = "a"\nwithin = ["a"]\n', "group a`: is within itself"),
        ('[[group]]\nid = "a"\nwithin = ["b"]\n', "is within a group that is not listed"),
        ('[[group]]\nid = "a"\n[[group]]\nid = "a"\n', "group a`: is listed twice"),
        ('[[grant]]\ntenant = "nobody"\ngroup = "frontier"\n', "grant nobody/frontier`: names a tenant that is not listed"),
        ('[[grant]]\ntenant = "retail"\ngroup = "fronteer"\n', "grant retail/fronteer`: names a group that no model is in"),
        ('[[grant]]\ntenant = "retail"\ngroup = "frontier"\nteam = "a"\nrole = "b"\n', "set one of `team` and `role`"),
        ('[[grant]]\ntenant = "retail"\ngroup = "frontier"\n' * 2, "is listed twice"),
    ],
)  # fmt: skip
def test_groups_and_grants_that_cannot_be_meant_are_named(lines, told, tmp_path):
    served = Served(tmp_path / "one", Provider())
    served.end()
    file = served.folder / "registry.toml"
    file.write_text(file.read_text() + "\n" + lines)
    done = subprocess.run([binary(), "check", "--config", served.config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and told in done.stderr, done.stderr


def test_a_grant_is_for_whom_it_names_and_holds_what_its_group_holds(tmp_path):
    """`frontier` is within `everything`, which retail's contact centre is granted; its application is of that team."""
    served = Served(tmp_path / "one", Provider())
    file = served.folder / "registry.toml"
    good = file.read_text().replace('groups = ["research-only"]', 'groups = ["frontier"]').replace('jurisdictions = ["US"]', 'jurisdictions = ["EU"]')
    served.allowed = "meta.llama3-70b-instruct-v1:0"
    assert post(served).status == 403
    group = '\n[[group]]\nid = "everything"\n[[group]]\nid = "frontier"\nwithin = ["everything"]\n[[grant]]\ntenant = "retail"\ngroup = "everything"\n'
    for scope, status in (('team = "contact-centre"', 200), ('team = "branch"', 403), ('role = "analyst"', 403), ("", 200)):
        file.write_text(good + group + scope)
        wait_for(scope, lambda: post(served).status == status)
    assert served.pairs()[-1][0]["determining"] == ["granted"]
    served.end()
    replays(served.folder / "audit")


def test_grants_that_policies_cannot_read_are_told(tmp_path):
    served = Served(tmp_path / "one", Provider())
    served.end()
    bundle = served.folder / "bundle"
    assert subprocess.run([binary(), "policy", "new", bundle], capture_output=True, timeout=60).returncode == 0
    schema = bundle / "schema.cedarschema"
    schema.write_text(re.sub(r"    granted\?: Set<ModelGroup>,.*\n", "", schema.read_text()))
    access = bundle / "policies" / "access.cedar"
    access.write_text(re.sub(r'@id\("granted"\)(?:(?!@id).)*', "", access.read_text(), flags=re.DOTALL))
    cases = bundle / "tests" / "access.json"
    cases.write_text(json.dumps([case for case in json.loads(cases.read_text()) if "gina" not in json.dumps(case)]))
    people = bundle / "tests" / "entities.json"
    people.write_text(json.dumps([entity for entity in json.loads(people.read_text()) if "gina" not in json.dumps(entity)]))
    served.config.write_text(served.config.read_text() + f'[policy]\nbundle = "{bundle}"\n')
    check = lambda: subprocess.run([binary(), "check", "--config", served.config], capture_output=True, text=True, timeout=60)
    done = check()
    assert done.returncode == 0, done.stderr
    file = served.folder / "registry.toml"
    file.write_text(file.read_text() + '\n[[grant]]\ntenant = "retail"\ngroup = "frontier"\n')
    done = check()
    assert done.returncode == 1 and "grants would do nothing" in done.stderr, done.stderr


def test_the_log_says_where_a_model_of_ones_own_comes_from(tmp_path):
    served = Served(tmp_path / "one", Provider())
    file = served.folder / "registry.toml"
    good = file.read_text()
    job = "arn:aws:sagemaker:eu-central-1:123456789012:training-job/claims-3"
    lineage = f'[model.lineage]\nversion = "3"\nartifact = "s3://models/claims/3"\ntraining_job = "{job}"\n'
    model = TENANT[TENANT.index("[[model]]"):].replace('provider = "amazon"', 'provider = "in_house"').replace('"small"', '"general-purpose"')
    file.write_text(good + "\n" + model + lineage)
    done = subprocess.run([binary(), "check", "--config", served.config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and f"model {MODEL}`: `lineage.approved_by` says who" in done.stderr, done.stderr
    file.write_text(good + "\n" + model + lineage + 'approved_by = "model-risk"\n')
    served.allowed = MODEL
    wait_for("the model", lambda: post(served).status == 200)
    decision = served.pairs()[-1][0]
    [facts] = [record["facts"] for record in served.log.read() if record["kind"] == "facts" and record["digest"] == decision["model"]["facts"]]
    assert facts["lineage"] == {"artifact": "s3://models/claims/3", "training_job": job, "version": "3"}
    served.end()
    replays(served.folder / "audit")
