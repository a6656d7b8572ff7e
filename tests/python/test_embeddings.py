"""OpenAI's embeddings through its own client, against what each family of models answers."""

import json

import openai
import pytest

from served import Provider, Served, answer
from test_sdk import EMAIL

pytestmark = pytest.mark.unwatched

TITAN, COHERE, COHERE_4, NOVA = (
    "amazon.titan-embed-text-v2:0",
    "cohere.embed-multilingual-v3",
    "cohere.embed-v4:0",
    "amazon.nova-2-multimodal-embeddings-v1:0",
)
# Numbers that 32 bits hold, so that they come back as they were.
FIRST, SECOND = [0.5, -0.25, 0.0009765625], [0.125, 1.0, -2.0]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    def prepare(folder):
        registry = folder / "registry.toml"
        entry = '\n[[model]]\nid = "{}"\ngroups = ["general-purpose"]\nprovider = "{}"\nfamily = "embed"\nmodalities = ["text", "embedding"]\nlifecycle = "approved"\njurisdictions = ["EU"]\nclassification_max = 2\n'
        registry.write_text(registry.read_text() + "".join(entry.format(id, id.split(".")[0]) for id in (TITAN, COHERE, COHERE_4, NOVA)))

    served = Served(tmp_path_factory.mktemp("embeddings") / "one", Provider(), prepare=prepare)
    yield served
    served.end()


def embed(served, model, input, said, headers=(), **more):
    """What the client gives, and what the provider got."""
    served.provider.play = lambda connection, _: connection.sendall(answer(json.dumps(said).encode(), headers=headers))
    credentials = served.tenants["retail"]
    client = openai.OpenAI(base_url=served.url + "/v1", api_key=f"{credentials.access_key_id}.{credentials.secret_access_key}", max_retries=0)
    given = client.embeddings.create(model=model, input=input, **more)
    return given, json.loads(served.provider.requests[-1].body)


TOKENS = ("x-amzn-bedrock-input-token-count: 7",)


# The client asks for bytes unless it is told otherwise.
@pytest.mark.parametrize("form", [{}, {"encoding_format": "float"}], ids=["base64", "float"])
@pytest.mark.parametrize(
    "model, input, more, said, got, vectors",
    [
        (TITAN, "hi", {}, {"embedding": FIRST, "inputTextTokenCount": 7}, {"inputText": "hi"}, [FIRST]),
        (TITAN, ["hi"], {"dimensions": 256}, {"embedding": FIRST, "inputTextTokenCount": 7}, {"inputText": "hi", "dimensions": 256}, [FIRST]),
        (COHERE, ["hi", "ho"], {}, {"embeddings": [FIRST, SECOND]}, {"texts": ["hi", "ho"], "input_type": "search_document"}, [FIRST, SECOND]),
        (
            COHERE_4,
            ["hi", "ho"],
            {"extra_body": {"input_type": "query"}},
            {"embeddings": {"float": [FIRST, SECOND]}},
            {"texts": ["hi", "ho"], "input_type": "search_query", "output_dimension": 1536, "embedding_types": ["float"]},
            [FIRST, SECOND],
        ),
        (
            NOVA,
            "hi",
            {"dimensions": 384},
            {"embeddings": [{"embeddingType": "TEXT", "embedding": FIRST}]},
            {
                "schemaVersion": "nova-multimodal-embed-v1",
                "taskType": "SINGLE_EMBEDDING",
                "singleEmbeddingParams": {"embeddingPurpose": "GENERIC_INDEX", "embeddingDimension": 384, "text": {"truncationMode": "NONE", "value": "hi"}},
            },
            [FIRST],
        ),
    ],
    ids=["titan", "titan-256", "cohere", "cohere-4", "nova"],
)
def test_texts_become_vectors(served, model, input, more, said, got, vectors, form):
    given, sent = embed(served, model, input, said, TOKENS, **more, **form)
    assert [one.embedding for one in given.data] == vectors and [one.index for one in given.data] == list(range(len(vectors)))
    assert sent == got and given.model == model and given.usage.total_tokens == given.usage.prompt_tokens == 7
    assert served.provider.requests[-1].path.endswith("/invoke")


def test_personal_data_is_taken_out_of_what_is_embedded(served):
    _, sent = embed(served, COHERE, [f"mail {EMAIL}", "ho"], {"embeddings": [FIRST, SECOND]})
    assert sent["texts"] == ["mail {EMAIL}", "ho"]
    decision, _ = served.pairs()[-1]
    assert decision["translated_from"] == "openai-embeddings" and decision["effect"] == "allow_modified"


@pytest.mark.parametrize(
    "model, input, more, field",
    [
        (TITAN, ["hi", "ho"], {}, "input"),
        (TITAN, "hi", {"dimensions": 7}, "dimensions"),
        (COHERE, [[1, 2]], {}, "input"),
        (COHERE, [], {}, "input"),
        (COHERE, [""], {}, "input"),
        (COHERE, ["x"] * 97, {}, "input"),
        ("amazon.nova-lite-v1:0", "hi", {}, "model"),
        (COHERE, "hi", {"extra_body": {"made_up": 1}}, "made_up"),
    ],
)
def test_what_a_model_does_not_take_is_an_error_that_names_the_field(served, model, input, more, field):
    with pytest.raises(openai.BadRequestError) as told:
        embed(served, model, input, {}, **more)
    assert f"`{field}`" in str(told.value)


@pytest.mark.parametrize("said", [{}, {"embedding": "x"}, {"embeddings": {"int8": [[1]]}}, [1]])
def test_an_answer_that_holds_no_vectors_is_no_answer(served, said):
    with pytest.raises(openai.APIStatusError) as told:
        embed(served, TITAN, "hi", said)
    assert told.value.status_code >= 424
