"""The wire as tests need it: raw HTTP/1.1, signatures by botocore's own signer, frames by botocore's own decoder."""

import base64
import http.client
import io
import json
import socket
import struct
import urllib.parse
import zlib

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer

STREAM = "application/vnd.amazon.eventstream"


class Answer:
    """One response, read to its end."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def error(self):
        return self.headers.get("x-amzn-errortype")

    def json(self):
        return json.loads(self.body)

    def frames(self):
        return decode(self.body)


class Frame:
    """One event-stream message: its headers, and its payload as JSON where it is."""

    def __init__(self, message):
        self.headers = message.headers
        self.kind = message.headers.get(":event-type") or message.headers.get(":exception-type")
        self.is_exception = message.headers[":message-type"] == "exception"
        self.payload = message.payload

    def json(self):
        return json.loads(self.payload)

    def native(self):
        """The model's own event inside a chunk of InvokeModel."""
        return json.loads(base64.b64decode(self.json()["bytes"]))


def framed(headers, payload, checksum=0):
    """One event-stream frame, put together by hand (Smithy, "Amazon Event Stream Specification"); `checksum` spoils the
    last checksum."""
    block = b"".join(
        struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", 7, len(value)) + value.encode()
        for name, value in headers
    )
    prelude = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + block + payload
    return message + struct.pack(">I", zlib.crc32(message) ^ checksum)


def decode(data):
    """All frames of a body; botocore checks both checksums of each."""
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    frames = [Frame(message) for message in buffer]
    length = sum(len(frame.payload) for frame in frames)
    assert length <= len(data)
    return frames


def path_of(model, operation):
    return f"/model/{urllib.parse.quote(model, safe='')}/{operation}"


def signed(demo, tenant, path, body, headers=None, method="POST", region="us-east-1", service="bedrock", secret=None):
    """Headers for a request, signed by botocore with a tenant's key; keeps what is given."""
    who = demo.tenants[tenant]
    request = AWSRequest(method, demo.url.rstrip("/") + path, data=body, headers=headers or {})
    credentials = Credentials(who.access_key_id, secret or who.secret_access_key)
    SigV4Auth(credentials, service, region).add_auth(request)
    return dict(request.headers.items())


def bearer(demo, tenant="retail"):
    return {"authorization": f"Bearer {demo.tenants[tenant].jwt}"}


def call(demo, path, body=b"{}", headers=None, method="POST", timeout=30):
    """One request on a connection of its own, with the headers that http.client adds to those given."""
    connection = http.client.HTTPConnection(*demo.address, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def converse(text, **more):
    """A Converse body."""
    return json.dumps({"messages": [{"role": "user", "content": [{"text": text}]}], **more}).encode()


class Raw:
    """A connection on which a test writes bytes as it likes."""

    def __init__(self, demo, timeout=20):
        self.socket = socket.create_connection(demo.address, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        data = b"".join(part if isinstance(part, bytes) else part.encode("latin-1") for part in parts)
        self.socket.sendall(data)
        return self

    def answer(self, method="POST"):
        """The next response; None when the connection was closed instead."""
        response = http.client.HTTPResponse(self.socket, method=method)
        try:
            response.begin()
            return Answer(response)
        except (http.client.BadStatusLine, ConnectionResetError):
            return None

    def rest(self):
        """Everything until the connection is closed."""
        out = io.BytesIO()
        try:
            while data := self.socket.recv(65536):
                out.write(data)
        except ConnectionResetError:
            pass
        return out.getvalue()


def head(demo, path, *lines, method="POST", version="HTTP/1.1", host=True):
    """A request head with exactly these header lines after the host."""
    name, port = demo.address
    hosts = [f"host: {name}:{port}"] if host else []
    return "\r\n".join([f"{method} {path} {version}", *hosts, *lines, "", ""])
