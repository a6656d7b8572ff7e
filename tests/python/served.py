"""`palisade serve` in front of a provider that a test plays itself, byte by byte, with credentials that the test knows."""

import os
import resource
import signal
import socket
import subprocess
import threading
from collections import Counter

from gateway import ROOT, Credentials, Log, binary, sha256, wait_for

ACCESS_KEY_ID = "ASIA" + "GATEWAYOWNKEY0"
SECRET = "gateway-own-secret-" + "k" * 24
SESSION_TOKEN = "session-token-" + "t" * 40
KEYS = {
    "retail": "PLSDRETAILASSISTANT1",
    "markets": "PLSDMARKETSFILINGS01",
    "research": "PLSDRESEARCHNOTES001",
}
OK = b'{"output":{"message":{"role":"assistant","content":[{"text":"Hello."}]}},"stopReason":"end_turn"}'


def answer(body=OK, status="200 OK", headers=()):
    lines = [f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Request:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, self.version = lines[0].split(" ")
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        self.body = body


class Provider:
    """Listens on loopback; `play(connection, request)` answers each request, and gives True to close afterwards."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.play = lambda connection, request: connection.sendall(answer())
        self.requests = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                while request := self._read(connection):
                    self.requests.append(request)
                    if self.play(connection, request):
                        return
            except OSError:
                return

    @staticmethod
    def _read(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        while len(body) < length:
            body += connection.recv(65536)
        return Request(head, body)

    def close(self):
        self.listener.close()


class Served:
    """A gateway with its provider. Reads like a `Demo` where `wire` needs it."""

    def __init__(self, folder, provider, listen="", limits="", audit="", upstream="", file_bytes_max=None, prepare=None, environment=()):
        self.folder = folder
        self.provider = provider
        keys = folder / "keys"
        keys.mkdir(parents=True)
        env = {"AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": SESSION_TOKEN}
        secrets = {tenant: f"{tenant}-secret-" + "s" * 32 for tenant in KEYS}
        for tenant, secret in secrets.items():
            (keys / tenant).write_text(secret)
        (folder / "registry.toml").write_text((ROOT / "config" / "registry.toml").read_text())
        self.config = folder / "palisade.toml"
        self.config.write_text(
            f'[listen]\naddress = "127.0.0.1:0"\n{listen}\n[admin]\naddress = "127.0.0.1:0"\n'
            f"[limits]\n{limits}\n[audit]\n{audit}\n"
            f'[registry]\nfile = "registry.toml"\n'
            f'[upstream]\nregion = "eu-central-1"\nbedrock_url = "http://127.0.0.1:{provider.port}"\n'
            f'bedrock_agent_url = "http://127.0.0.1:{provider.port}"\nsagemaker_url = "http://127.0.0.1:{provider.port}"\n{upstream}\n'
        )
        if prepare:
            prepare(folder)
        self.output = folder / "output"
        self.env_file = folder / "env"
        self.file_bytes_max = file_bytes_max
        self.environment = {**os.environ, **env, **dict(environment)}
        self.secrets = secrets
        self.allowed = "amazon.nova-lite-v1:0"
        self.log = Log(folder / "audit")
        self.start()

    def start(self):
        """Starts it, also once more after it has ended."""
        self.env_file.unlink(missing_ok=True)

        def limit_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes_max, self.file_bytes_max))

        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [binary(), "serve", "--config", self.config, "--env-file", self.env_file],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                preexec_fn=limit_files if self.file_bytes_max else None,
            )
        wait_for("the gateway to start", self._started, 30)
        self.env = dict(line.split("=", 1) for line in self.env_file.read_text().splitlines())
        self.url, self.admin = self.env["PALISADE_URL"], self.env["ADMIN_URL"]
        fields = {}
        for tenant, key in KEYS.items():
            prefix = tenant.upper()
            fields |= {
                f"{prefix}_ACCESS_KEY_ID": key,
                f"{prefix}_SECRET_ACCESS_KEY": self.secrets[tenant],
                f"{prefix}_JWT": "",
            }
        self.tenants = {tenant: Credentials(tenant, fields) for tenant in KEYS}

    def _started(self):
        assert self.process.poll() is None, self.output.read_text()
        return self.env_file.exists()

    @property
    def address(self):
        host, port = self.url.partition("://")[2].split(":")
        return host, int(port)

    def pairs(self):
        """(decision, completion) of every exchange, once all have ended."""

        def ended():
            records = self.log.read()
            decided = [record["id"] for record in records if record["kind"] == "decision"]
            completed = {record["decision"]: record for record in records if record["kind"] == "completion"}
            return decided and set(decided) == set(completed)

        wait_for("a completion for every decision", ended)
        completions = {record["decision"]: record for record in self.log.records if record["kind"] == "completion"}
        return [(record, completions[record["id"]]) for record in self.log.records if record["kind"] == "decision"]

    def check(self):
        """What holds after every test: nothing was sent that was not decided before, and no secret is in the log."""
        text = self.log.text()
        records = self.log.read()
        decided = [record for record in records if record["kind"] == "decision"]
        allowed = [
            record["http"].get("sent_sha256")
            for record in decided
            if record["effect"] in ("allow", "allow_modified") or record.get("log_only")
        ]
        for digest in Counter(sha256(request.body) for request in self.provider.requests):
            assert digest in allowed, "a request went upstream that no decision allows"
        secrets = [SECRET, SESSION_TOKEN, *[who.secret_access_key for who in self.tenants.values()]]
        assert not [secret for secret in secrets if secret.encode() in text + self.output.read_bytes()]

    def end(self):
        """Stops it in order, and checks what holds after every test."""
        self.provider.close()
        assert self.stop() == 0
        self.check()

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)
