"""Clients and frameworks, unmodified, told the gateway's URL: each chats, streams, calls a tool and goes on with its result, is refused once, meets an error of the provider and a
stream that is cut, and neither sends nor sees personal data. The table in the README is this one."""

import asyncio
import json

import anthropic
import boto3
import litellm
import openai
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from langchain_aws import ChatBedrockConverse
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.bedrock_converse import BedrockConverse
from strands import Agent
from strands import tool as strands_tool
from strands.models import BedrockModel

from gateway import body_of
from test_openai import key_of, secret
from test_sdk import CARD

NOVA = "amazon.nova-lite-v1:0"
CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
DENIED = "anthropic.claude-3-opus-20240229-v1:0"
REGION = "us-east-1"
ONCE = Config(retries={"total_max_attempts": 1})
HIDDEN = "{CREDIT_DEBIT_CARD_NUMBER}"


def weather(city: str) -> str:
    """The weather somewhere.

    Args:
        city: Where.
    """
    return f"sun in {city}"


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class Client:
    """What is asked of each of them."""

    model = NOVA
    # How often it tries at least.
    tries = 1

    def __init__(self, demo):
        self.demo = demo


class Langchain(Client):
    """langchain-aws, by Converse."""

    def make(self, model):
        credentials = self.demo.tenants["retail"]
        return ChatBedrockConverse(
            model=model,
            region_name=REGION,
            endpoint_url=self.demo.url,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            provider=model.split(".")[0],
            config=ONCE,
        )

    def chat(self, model, text):
        return self.make(model).invoke(text).text

    def stream(self, model, text):
        return "".join(chunk.text for chunk in self.make(model).stream(text))

    def tool(self, model, text):
        llm = self.make(model).bind_tools([tool(weather)])
        messages = [HumanMessage(text)]
        messages.append(llm.invoke(messages))
        (call,) = messages[-1].tool_calls
        messages.append(ToolMessage(weather(**call["args"]), tool_call_id=call["id"]))
        return call["args"], llm.invoke(messages).text


class Litellm(Client):
    """litellm, by Converse."""

    def ask(self, model, messages, **more):
        credentials = self.demo.tenants["retail"]
        return litellm.completion(
            model=f"bedrock/converse/{model}",
            messages=messages,
            aws_bedrock_runtime_endpoint=self.demo.url,
            aws_region_name=REGION,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            num_retries=0,
            **more,
        )

    def chat(self, model, text):
        return self.ask(model, [{"role": "user", "content": text}]).choices[0].message.content

    def stream(self, model, text):
        chunks = self.ask(model, [{"role": "user", "content": text}], stream=True)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    def tool(self, model, text):
        tools = [{"type": "function", "function": {"name": "weather", "description": "The weather.", "parameters": SCHEMA}}]
        messages = [{"role": "user", "content": text}]
        said = self.ask(model, messages, tools=tools).choices[0].message
        (call,) = said.tool_calls
        arguments = json.loads(call.function.arguments)
        messages += [said.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": weather(**arguments)}]
        return arguments, self.ask(model, messages, tools=tools).choices[0].message.content


class LitellmAsOpenAi(Litellm):
    """litellm, by chat completions."""

    def ask(self, model, messages, **more):
        return litellm.completion(
            model=f"openai/{model}", messages=messages, api_base=self.demo.url + "/v1", api_key=key_of(self.demo), num_retries=0, max_retries=0, **more
        )


class AnthropicBedrock(Client):
    """anthropic's client for Bedrock, by InvokeModel."""

    model = CLAUDE

    def __init__(self, demo):
        credentials = demo.tenants["retail"]
        self.client = anthropic.AnthropicBedrock(
            base_url=demo.url, aws_region=REGION, aws_access_key=credentials.access_key_id, aws_secret_key=credentials.secret_access_key, max_retries=0
        )

    def ask(self, model, messages, **more):
        return self.client.messages.create(model=model, messages=messages, max_tokens=64, **more)

    @staticmethod
    def text(message):
        return "".join(block.text for block in message.content if block.type == "text")

    def chat(self, model, text):
        return self.text(self.ask(model, [{"role": "user", "content": text}]))

    def stream(self, model, text):
        with self.client.messages.stream(model=model, messages=[{"role": "user", "content": text}], max_tokens=64) as stream:
            return "".join(stream.text_stream)

    def tool(self, model, text):
        tools = [{"name": "weather", "description": "The weather.", "input_schema": SCHEMA}]
        messages = [{"role": "user", "content": text}]
        said = self.ask(model, messages, tools=tools)
        call = next(block for block in said.content if block.type == "tool_use")
        result = {"type": "tool_result", "tool_use_id": call.id, "content": weather(**call.input)}
        messages += [{"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in said.content]}, {"role": "user", "content": [result]}]
        return call.input, self.text(self.ask(model, messages, tools=tools))


class Strands(Client):
    """strands-agents, by Converse. Its agents go round by themselves."""

    def agent(self, model, streaming, tools=()):
        credentials = self.demo.tenants["retail"]
        session = boto3.Session(credentials.access_key_id, credentials.secret_access_key, region_name=REGION)
        model = BedrockModel(boto_session=session, endpoint_url=self.demo.url, model_id=model, boto_client_config=ONCE, streaming=streaming)
        return Agent(model=model, tools=list(tools), callback_handler=None, retry_strategy=None)

    def chat(self, model, text):
        return str(self.agent(model, False)(text)).rstrip("\n")

    def stream(self, model, text):
        async def said():
            return "".join([event["data"] async for event in self.agent(model, True).stream_async(text) if "data" in event])

        return asyncio.run(said())

    def tool(self, model, text):
        called = []

        @strands_tool(name="weather")
        def watched(city: str) -> str:
            """The weather somewhere."""
            called.append({"city": city})
            return weather(city)

        return called, str(self.agent(model, True, [watched])(text)).rstrip("\n")


class LlamaIndex(Client):
    """llama-index, by Converse."""

    tries = 2

    def make(self, model):
        credentials = self.demo.tenants["retail"]
        return BedrockConverse(
            model=model,
            region_name=REGION,
            endpoint_url=self.demo.url,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            max_retries=1,
            max_tokens=64,
        )

    def chat(self, model, text):
        return self.make(model).chat([ChatMessage(role="user", content=text)]).message.content

    def stream(self, model, text):
        return "".join(chunk.delta or "" for chunk in self.make(model).stream_chat([ChatMessage(role="user", content=text)]))

    def tool(self, model, text):
        llm, tools = self.make(model), [FunctionTool.from_defaults(weather)]
        history = [ChatMessage(role="user", content=text)]
        said = llm.chat_with_tools(tools, chat_history=history)
        (call,) = llm.get_tool_calls_from_response(said)
        history += [said.message, ChatMessage(role="tool", content=weather(**call.tool_kwargs), additional_kwargs={"tool_call_id": call.tool_id, "status": "success"})]
        return call.tool_kwargs, llm.chat_with_tools(tools, chat_history=history).message.content


class OpenAi(Client):
    """openai, by chat completions."""

    def __init__(self, demo):
        self.client = openai.OpenAI(base_url=demo.url + "/v1", api_key=key_of(demo), max_retries=0)

    def ask(self, model, messages, **more):
        return self.client.chat.completions.create(model=model, messages=messages, **more)

    chat, stream, tool = Litellm.chat, Litellm.stream, Litellm.tool


CLIENTS = [Langchain, Litellm, LitellmAsOpenAi, AnthropicBedrock, Strands, LlamaIndex, OpenAi]


@pytest.fixture(params=CLIENTS, ids=lambda client: client.__name__)
def client(request, demo):
    return request.param(demo)


@pytest.fixture(params=["chat", "stream"])
def ask(request, client):
    return getattr(client, request.param)


def test_a_chat(demo, client, ask):
    demo.simulator.script({"text": "Hello there.", "chunk_chars": 4})
    assert ask(client.model, "hello") == "Hello there."


def test_a_tool_goes_round(demo, client):
    demo.simulator.script({"tool_use": {"name": "weather", "input": {"city": "Bern"}}}, {"text": "Sunny."})
    called, said = client.tool(client.model, "weather in Bern?")
    assert called in ({"city": "Bern"}, [{"city": "Bern"}]) and said == "Sunny."
    assert "sun in Bern" in body_of(demo.simulator.received()[-1]).decode()


def test_personal_data_is_taken_out_both_ways(demo, watch, client, ask):
    watch.canary(CARD)
    demo.simulator.script({"text": f"Your card is {CARD}.", "chunk_chars": 3})
    assert ask(client.model, f"My card is {CARD}.") == f"Your card is {HIDDEN}."
    assert HIDDEN in body_of(demo.simulator.received()[-1]).decode()


def status_of(error):
    """The HTTP status behind an exception, whoever has wrapped it."""
    while error is not None:
        if isinstance(error, ClientError):
            return error.response["ResponseMetadata"]["HTTPStatusCode"]
        if isinstance(status := getattr(error, "status_code", None), int):
            return status
        error = error.__cause__ or error.__context__
    return None


def test_a_refusal_is_told_once(demo, watch, client, ask):
    with pytest.raises(Exception) as refused:
        ask(DENIED, "hello")
    assert status_of(refused.value) in (400, 401, 403), refused.value
    assert [decision["effect"] for decision in watch.decisions()] == ["deny"]


def test_an_error_of_the_provider_keeps_its_class(demo, client, ask):
    demo.simulator.script(*[{"status": 429, "error": "ThrottlingException", "message": "the provider says no"}] * client.tries)
    with pytest.raises(Exception) as failed:
        ask(client.model, "hello")
    assert status_of(failed.value) == 429 or "hrottl" in type(failed.value).__name__, failed.value


def test_a_stream_that_is_cut_ends_as_one_that_a_filter_stops(demo, client):
    demo.simulator.script({"text": f"Here it is: {secret()} - enjoy", "chunk_chars": 4})
    said = client.stream(client.model, "tell me")
    assert said.startswith("Here it is: ") and "enjoy" not in said and secret()[4:] not in said
