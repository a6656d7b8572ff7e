"""Makes `proxy/registry/catalogue/bedrock.json` of the price list in the installed `litellm` (MIT): models of Bedrock, what they take and give, until when, and for
how much. `UPDATE=1 pytest test_catalogue.py` writes it anew after another version of that package was pinned in requirements.txt."""

import json
import re
from datetime import date
from decimal import Decimal
from importlib import metadata, util
from pathlib import Path

FILE = Path(__file__).parents[2] / "proxy" / "registry" / "catalogue" / "bedrock.json"
PROVIDERS = ("bedrock", "bedrock_converse")
PROFILES = ("us", "us-gov", "eu", "apac", "jp", "au", "in", "ca", "global")
# What AWS calls a model: its maker, its name. Other spellings in the list are that package's own.
ID = re.compile(rf"(?:({'|'.join(PROFILES)})\.)?([a-z0-9]+\.[a-z0-9][a-z0-9.:-]*)")
REGION = re.compile(r"bedrock/([a-z]{2}(?:-[a-z]+)+-\d)/(.+)")
COST = re.compile(r"(input|output|cache_creation_input|cache_read_input)_(?:cost_per_token|token_cost)(.*)")
METERS = {"input": "input", "output": "output", "cache_read_input": "cache_read", "cache_creation_input": "cache_write"}
# Of which a price is asked by something else than a token.
UNITS = {
    "output_cost_per_image": ("output", "image"),
    "input_cost_per_image": ("input", "image"),
    "input_cost_per_query": ("input", "query"),
    "input_cost_per_audio_token": ("input", "audio_token"),
    "output_cost_per_audio_token": ("output", "audio_token"),
    "input_cost_per_video_per_second": ("input", "video_second"),
    "input_cost_per_audio_per_second": ("input", "audio_second"),
}
TIERS = ("batches", "flex", "priority", "ultrafast")


def pico(amount):
    """Dollars as whole millionths of a millionth of one: all prices are whole numbers of them."""
    whole = Decimal(amount) * 10**12
    assert whole == whole.to_integral_value() and whole >= 0, amount
    return int(whole)


def price(name, amount):
    """What a member of the list says of a price; `None` if it is none."""
    if name in UNITS:
        meter, unit = UNITS[name]
        return {"meter": meter, "unit": unit, "pico_usd": pico(amount)}
    found = COST.fullmatch(name)
    if not found:
        return None
    row = {"meter": METERS[found[1]], "unit": "token"}
    rest = found[2]
    for tier in TIERS:
        if rest.endswith("_" + tier):
            row["tier"], rest = tier.replace("batches", "batch"), rest.removesuffix("_" + tier)
    if rest.startswith("_above_1hr"):
        row["meter"], rest = "cache_write_1h", rest.removeprefix("_above_1hr")
    if rest:
        row["above"] = 1000 * int(re.fullmatch(r"_above_(\d+)k_tokens", rest)[1])
    return {**row, "pico_usd": pico(amount)}


def prices(listed):
    rows = [price(name, amount) for name, amount in listed.items() if isinstance(amount, (int, Decimal)) and not isinstance(amount, bool)]
    return sorted(filter(None, rows), key=lambda row: (row["unit"], row["meter"], row.get("tier", ""), row.get("above", 0)))


def inputs(listed):
    """Modalities, in the words of the policy schema."""
    said = {name for name in listed.get("supported_modalities", ()) if name in ("text", "image", "audio", "video")}
    told = {"supports_vision": "image", "supports_image_input": "image", "supports_embedding_image_input": "image",
            "supports_pdf_input": "document", "supports_audio_input": "audio", "supports_video_input": "video"}
    return sorted({"text"} | said | {modality for name, modality in told.items() if listed.get(name)} | ({"image"} if listed["mode"] == "image_edit" else set()))


def outputs(listed):
    gives = {"embedding": "embedding", "image_generation": "image", "image_edit": "image"}.get(listed["mode"], "text")
    return sorted({gives} | ({"audio"} if listed.get("supports_audio_output") else set()))


def model(id, listed):
    row = {"id": id, "inputs": inputs(listed), "outputs": outputs(listed)}
    for name, said in (("context", "max_input_tokens"), ("output_max", "max_output_tokens"), ("end_of_life", "deprecation_date")):
        if listed.get(said) is not None:
            row[name] = listed[said]
    return {**row, "prices": prices(listed)}


def made(today):
    """The catalogue, of what is offered yet on a day."""
    # Found, not imported: the package would look for a newer list on the network.
    package = Path(util.find_spec("litellm").origin).parent / "model_prices_and_context_window_backup.json"
    every = json.loads(package.read_text(), parse_float=Decimal)
    offered = {key: listed for key, listed in every.items()
               if listed.get("litellm_provider") in PROVIDERS and listed.get("mode") in ("chat", "embedding", "image_generation", "image_edit", "rerank", "realtime")
               and listed.get("deprecation_date", "9999") > today}
    models = {key: model(key, listed) for key, listed in offered.items() if ID.fullmatch(key)}
    for key, listed in offered.items():
        regional = REGION.fullmatch(key)
        # A commitment has an id of its own at AWS, and so no place here.
        if regional and regional[2] in models:
            models[regional[2]]["prices"] += [{"region": regional[1], **row} for row in prices(listed)]
    return {"as_of": today, "source": f"litellm {metadata.version('litellm')}, model_prices_and_context_window_backup.json (MIT), github.com/BerriAI/litellm",
            "models": [models[id] for id in sorted(models)]}


def text(catalogue):
    """One model a line, so that changes can be read."""
    head = {**catalogue, "models": []}
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in catalogue["models"])
    return json.dumps(head, separators=(",", ":")).removesuffix("]}") + "\n" + rows + "\n]}\n"


def written():
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(made(date.today().isoformat())))
