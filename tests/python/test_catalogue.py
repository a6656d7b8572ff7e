"""The catalogue that ships is the price list of the pinned package, and `palisade model` makes of it what the registry takes."""

import json
import os
import subprocess
import tomllib

import catalogue
from gateway import binary


def palisade(*arguments):
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=60)


def test_the_catalogue_is_what_the_pinned_price_list_says():
    if os.environ.get("UPDATE"):
        catalogue.written()
    shipped = catalogue.FILE.read_text()
    assert shipped == catalogue.text(catalogue.made(json.loads(shipped)["as_of"])), "UPDATE=1 makes it anew"


def test_the_catalogue_is_shown_with_its_date_its_source_and_prices():
    done = palisade("model", "catalogue", "amazon.nova-lite")
    head, _, *rows = done.stdout.splitlines()
    assert done.returncode == 0 and "litellm" in head and json.loads(catalogue.FILE.read_text())["as_of"] in head
    nova = next(row for row in rows if row.startswith("amazon.nova-lite-v1:0"))
    assert nova.split()[1:3] == ["0.06", "0.24"] and nova.endswith("document image text -> text")
    none = palisade("model", "catalogue", "no-such-model")
    assert none.returncode == 1 and "no-such-model" in none.stderr


def test_a_registry_takes_all_entries_of_the_catalogue(tmp_path):
    done = palisade("model", "import", "--catalogue", "eu-central-1", "--approve", "--classification-max", "1")
    assert done.returncode == 0, done.stderr
    models = tomllib.loads(done.stdout)["model"]
    assert len(models) == len(json.loads(catalogue.FILE.read_text())["models"])
    (tmp_path / "registry.toml").write_text(done.stdout)
    (tmp_path / "palisade.toml").write_text('[registry]\nfile = "registry.toml"\n[upstream]\nregion = "eu-central-1"\n')
    checked = palisade("check", "--config", str(tmp_path / "palisade.toml"))
    assert checked.returncode == 0, checked.stderr
    both = palisade("model", "import", "list.json", "--catalogue", "eu-central-1")
    assert both.returncode == 2 and "cannot be used with" in both.stderr
