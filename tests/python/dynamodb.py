"""DynamoDB on loopback: an emulator, and what can be put in front of it to make it fail."""

import http.client
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from gateway import binary, wait_for

REGION = "eu-central-1"
# Emulators take any; they are made up at run time because real ones look like this.
ENVIRONMENT = {**os.environ, "AWS_ACCESS_KEY_ID": "AKIA" + "E" * 16, "AWS_SECRET_ACCESS_KEY": "s" * 40}
ERRORS = "com.amazonaws.dynamodb.v20120810#"


class Emulator:
    """`dynoxide`, which is fast and faithful, or `moto`, which is somebody else's idea of the same."""

    def __init__(self, kind, folder):
        output = folder / f"{kind}-output"
        command = {
            "dynoxide": [Path(binary()).parent / "dynamodb"],
            "moto": [Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1", "-p", "0"],
        }[kind]
        with output.open("ab") as stream:
            self.process = subprocess.Popen(command, stdout=stream, stderr=stream, env=ENVIRONMENT)

        def address():
            assert self.process.poll() is None, output.read_text()
            words = output.read_text().split()
            return next((word for word in words if word.startswith("http://127.0.0.1:")), None)

        wait_for(f"{kind} to start", address, 30)
        self.url = address()

    def stop(self):
        self.process.kill()
        self.process.wait(10)


class Front:
    """Stands between a gateway and its table. `fault` is asked about each request: its operation, and how many of it there were.

    It answers None to pass it on, "cut" to answer nothing, "lose" to pass it on and answer nothing, "throttle", "fail", or "part" to carry out
    one part of a batch and leave the rest.
    """

    def __init__(self, url):
        self.host = url.removeprefix("http://")
        self.fault = lambda operation, count: None
        self.counts = {}
        self.lock = threading.Lock()
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                front.handle(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def handle(self, request):
        body = request.rfile.read(int(request.headers["content-length"]))
        operation = request.headers["x-amz-target"].partition(".")[2]
        with self.lock:
            count = self.counts[operation] = self.counts.get(operation, 0) + 1
        fault = self.fault(operation, count)
        if fault == "cut":
            request.close_connection = True
            return
        if fault in ("throttle", "fail"):
            status, error = (400, "ProvisionedThroughputExceededException") if fault == "throttle" else (500, "InternalServerError")
            return self.answer(request, status, json.dumps({"__type": ERRORS + error, "message": "no"}).encode())
        rest = None
        if fault == "part":
            body, rest = part(json.loads(body))
        connection = http.client.HTTPConnection(self.host, timeout=60)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "content-length")}
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        status, text = answer.status, answer.read()
        connection.close()
        if fault == "lose":
            request.close_connection = True
            return
        if rest:
            text = json.dumps(json.loads(text) | rest).encode()
        self.answer(request, status, text)

    @staticmethod
    def answer(request, status, text):
        request.send_response(status)
        request.send_header("content-type", "application/x-amz-json-1.0")
        request.send_header("content-length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def part(wanted):
    """The first of a batch, and what DynamoDB would say about the rest."""
    table, items = next(iter(wanted["RequestItems"].items()))
    if isinstance(items, dict):
        rest = items | {"Keys": items["Keys"][1:]}
        wanted["RequestItems"][table] = items | {"Keys": items["Keys"][:1]}
        left = {"UnprocessedKeys": {table: rest} if rest["Keys"] else {}}
    else:
        wanted["RequestItems"][table] = items[:1]
        left = {"UnprocessedItems": {table: items[1:]} if items[1:] else {}}
    return json.dumps(wanted).encode(), left
