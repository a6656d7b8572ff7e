"""A provider whose model thinks, under signatures, and calls a tool nine times before it answers; and the loops of clients around it.

Like the real ones it refuses reasoning that is not, letter for letter, what it has signed, and turns whose reasoning is missing.
"""

import base64
import hashlib
import json
import re

import anthropic
import litellm
from langchain_aws import ChatBedrockConverse
from langchain_core.messages import HumanMessage, ToolMessage

from served import answer
from test_provider import chunk, stream_head
from test_upstream import frame_bytes

CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
TURNS = 10
TOKEN = re.compile(r"<[A-Z_]+_[0-9a-z]{8}>")
ASK = "Find everybody who knows ada.canary@example.org."
SCHEMA = {"type": "object", "properties": {"who": {"type": "string"}}}


def mail(turn):
    return f"person{turn}.canary@example.net"


class Thinker:
    """`play` for a provider. What it holds against a request stands in `wrong`."""

    def __init__(self):
        self.signed = {}
        self.wrong = []

    def think(self, turn):
        text = f"Turn {turn}: {mail(turn)} may know; caf\u00e9."
        signature = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        self.signed[signature] = text
        return text, signature

    def play(self, connection, request):
        body = json.loads(request.body)
        native = "/invoke" in request.path
        history = [message for message in body["messages"] if message["role"] == "assistant"]
        for message in history:
            thoughts = [thought for block in message["content"] if (thought := self.thought(block))]
            if not thoughts or any(self.signed.get(signature) != text for text, signature in thoughts):
                self.wrong.append(message)
                error = {"message": "`thinking` blocks in the assistant messages cannot be modified"}
                return connection.sendall(answer(json.dumps(error).encode(), "400 Bad Request"))
        turn = len(history) + 1
        who = TOKEN.search(request.body.decode())[0]
        blocks = [self.block(native, *self.think(turn))]
        if turn < TURNS:
            use = {"name": "look", "input": {"who": who, "turn": turn}}
            blocks.append(
                {"type": "tool_use", "id": f"t{turn}", **use} if native else {"toolUse": {"toolUseId": f"t{turn}", **use}}
            )
        else:
            blocks.append({"type": "text", "text": f"Done for {who}."} if native else {"text": f"Done for {who}."})
        reason = "tool_use" if turn < TURNS else "end_turn"
        send = {
            "converse": self.converse,
            "converse-stream": self.converse_stream,
            "invoke": self.invoke,
            "invoke-with-response-stream": self.invoke_stream,
        }[request.path.rsplit("/", 1)[1]]
        send(connection, blocks, reason)

    @staticmethod
    def thought(block):
        if block.get("type") == "thinking":
            return block["thinking"], block["signature"]
        text = block.get("reasoningContent", {}).get("reasoningText")
        return text and (text["text"], text.get("signature"))

    @staticmethod
    def block(native, text, signature):
        if native:
            return {"type": "thinking", "thinking": text, "signature": signature}
        return {"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}}

    @staticmethod
    def converse(connection, blocks, reason):
        message = {"role": "assistant", "content": blocks}
        usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
        body = {"output": {"message": message}, "stopReason": reason, "usage": usage, "metrics": {"latencyMs": 1}}
        connection.sendall(answer(json.dumps(body).encode()))

    @staticmethod
    def invoke(connection, blocks, reason):
        body = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": blocks}
        body |= {"stop_reason": reason, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
        connection.sendall(answer(json.dumps(body).encode()))

    @staticmethod
    def converse_stream(connection, blocks, reason):
        events = [("messageStart", {"role": "assistant"})]
        for index, block in enumerate(blocks):
            deltas = []
            if use := block.get("toolUse"):
                start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
                events.append(("contentBlockStart", {"contentBlockIndex": index, "start": start}))
                deltas = [{"toolUse": {"input": piece}} for piece in pieces(json.dumps(use["input"]))]
            elif "text" in block:
                deltas = [{"text": piece} for piece in pieces(block["text"])]
            else:
                thought = block["reasoningContent"]["reasoningText"]
                deltas = [{"reasoningContent": {"text": piece}} for piece in pieces(thought["text"])]
                deltas.append({"reasoningContent": {"signature": thought["signature"]}})
            events += [("contentBlockDelta", {"contentBlockIndex": index, "delta": delta}) for delta in deltas]
            events.append(("contentBlockStop", {"contentBlockIndex": index}))
        events.append(("messageStop", {"stopReason": reason}))
        usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
        events.append(("metadata", {"usage": usage, "metrics": {"latencyMs": 1}}))
        send(connection, [frame_bytes(kind, json.dumps(payload).encode()) for kind, payload in events])

    @staticmethod
    def invoke_stream(connection, blocks, reason):
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": []}
        message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
        events = [{"type": "message_start", "message": message}]
        for index, block in enumerate(blocks):
            kind = block["type"]
            start = {**block, **{"input": {}, "text": "", "thinking": "", "signature": ""}}
            start = {key: start[key] for key in block}
            deltas = {
                "tool_use": lambda b: [("input_json_delta", "partial_json", p) for p in pieces(json.dumps(b["input"]))],
                "text": lambda b: [("text_delta", "text", p) for p in pieces(b["text"])],
                "thinking": lambda b: [
                    *[("thinking_delta", "thinking", p) for p in pieces(b["thinking"])],
                    ("signature_delta", "signature", b["signature"]),
                ],
            }[kind](block)
            events.append({"type": "content_block_start", "index": index, "content_block": start})
            for name, field, piece in deltas:
                delta = {"type": name, field: piece}
                events.append({"type": "content_block_delta", "index": index, "delta": delta})
            events.append({"type": "content_block_stop", "index": index})
        delta = {"stop_reason": reason, "stop_sequence": None}
        events += [{"type": "message_delta", "delta": delta, "usage": {"output_tokens": 1}}, {"type": "message_stop"}]
        chunks = [{"bytes": base64.b64encode(json.dumps(event).encode()).decode()} for event in events]
        send(connection, [frame_bytes("chunk", json.dumps(payload).encode()) for payload in chunks])


def pieces(text, size=3):
    return [text[at : at + size] for at in range(0, len(text), size)]


def send(connection, frames):
    connection.sendall(stream_head() + b"".join(chunk(frame) for frame in frames) + b"0\r\n\r\n")


# ----------------------------------------------------------------------------------------------------- clients
# Each asks, runs the tool as often as the model says, and gives the thoughts that it was shown and the last text.


def boto(client, ask, note=lambda content: None):
    tools = {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": SCHEMA}}}]}
    messages = [{"role": "user", "content": [{"text": ASK}]}]
    shown = []
    while True:
        content, reason = ask(client, {"modelId": CLAUDE, "messages": messages, "toolConfig": tools})
        note(content)
        shown += [
            block["reasoningContent"]["reasoningText"]["text"] for block in content if "reasoningContent" in block
        ]
        messages.append({"role": "assistant", "content": content})
        if reason != "tool_use":
            return shown, content[-1]["text"]
        uses = [block["toolUse"] for block in content if "toolUse" in block]
        results = [{"toolResult": {"toolUseId": use["toolUseId"], "content": [{"text": "nobody"}]}} for use in uses]
        messages.append({"role": "user", "content": results})


def whole(client, request):
    got = client.converse(**request)
    return got["output"]["message"]["content"], got["stopReason"]


def streamed(client, request):
    blocks, reason = {}, None
    for event in client.converse_stream(**request)["stream"]:
        if start := event.get("contentBlockStart"):
            blocks[start["contentBlockIndex"]] = {"toolUse": {**start["start"]["toolUse"], "input": ""}}
        if piece := event.get("contentBlockDelta"):
            index, delta = piece["contentBlockIndex"], piece["delta"]
            if "text" in delta:
                blocks.setdefault(index, {"text": ""})["text"] += delta["text"]
            elif "toolUse" in delta:
                blocks[index]["toolUse"]["input"] += delta["toolUse"]["input"]
            else:
                empty = {"reasoningContent": {"reasoningText": {"text": ""}}}
                thought = blocks.setdefault(index, empty)["reasoningContent"]["reasoningText"]
                for name, value in delta["reasoningContent"].items():
                    thought[name] = thought.get(name, "") + value
        reason = event.get("messageStop", {}).get("stopReason", reason)
    content = [blocks[index] for index in sorted(blocks)]
    for block in content:
        if use := block.get("toolUse"):
            use["input"] = json.loads(use["input"])
    return content, reason


def native(served, ask):
    credentials = served.tenants["retail"]
    client = anthropic.AnthropicBedrock(
        base_url=served.url,
        aws_access_key=credentials.access_key_id,
        aws_secret_key=credentials.secret_access_key,
        aws_region="eu-central-1",
        max_retries=0,
    )
    messages = [{"role": "user", "content": ASK}]
    request = {
        "model": CLAUDE,
        "max_tokens": 1000,
        "thinking": {"type": "enabled", "budget_tokens": 900},
        "tools": [{"name": "look", "input_schema": SCHEMA}],
    }
    shown = []
    while True:
        got = ask(client, {**request, "messages": messages})
        shown += [block.thinking for block in got.content if block.type == "thinking"]
        messages.append({"role": "assistant", "content": got.content})
        if got.stop_reason != "tool_use":
            return shown, got.content[-1].text
        uses = [block.id for block in got.content if block.type == "tool_use"]
        results = [{"type": "tool_result", "tool_use_id": use, "content": "nobody"} for use in uses]
        messages.append({"role": "user", "content": results})


def native_whole(client, request):
    return client.messages.create(**request)


def native_streamed(client, request):
    with client.messages.stream(**request) as stream:
        return stream.get_final_message()


def langchain(served, ask):
    credentials = served.tenants["retail"]
    model = ChatBedrockConverse(
        model=CLAUDE,
        endpoint_url=served.url,
        region_name="eu-central-1",
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
    ).bind_tools([{"name": "look", "description": "Looks somebody up.", "input_schema": SCHEMA}])
    messages = [HumanMessage(ASK)]
    shown = []
    while True:
        got = ask(model, messages)
        blocks = [block for block in got.content if isinstance(block, dict)]
        shown += [block["reasoning_content"]["text"] for block in blocks if block["type"] == "reasoning_content"]
        messages.append(got)
        if not got.tool_calls:
            return shown, "".join(block["text"] for block in blocks if block["type"] == "text")
        messages += [ToolMessage("nobody", tool_call_id=use["id"]) for use in got.tool_calls]


def langchain_whole(model, messages):
    return model.invoke(messages)


def langchain_streamed(model, messages):
    first, *rest = model.stream(messages)
    for piece in rest:
        first += piece
    return first


def lite(served):
    credentials = served.tenants["retail"]
    messages = [{"role": "user", "content": ASK}]
    request = {
        "model": f"bedrock/converse/{CLAUDE}",
        "aws_bedrock_runtime_endpoint": served.url,
        "aws_access_key_id": credentials.access_key_id,
        "aws_secret_access_key": credentials.secret_access_key,
        "aws_region_name": "eu-central-1",
        "tools": [{"type": "function", "function": {"name": "look", "parameters": SCHEMA}}],
        "num_retries": 0,
    }
    shown = []
    while True:
        message = litellm.completion(**request, messages=messages).choices[0].message
        shown += [block["thinking"] for block in message.thinking_blocks]
        messages.append(message.model_dump())
        if not message.tool_calls:
            return shown, message.content
        results = [{"role": "tool", "tool_call_id": use.id, "content": "nobody"} for use in message.tool_calls]
        messages += results
