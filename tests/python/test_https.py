"""What the clients of `test_clients.py` do, over https to the gateway's own certificate: the same tests, told only the URL and whom to trust."""

import subprocess
from types import SimpleNamespace

import litellm
import pytest

from gateway import Simulator, binary, wait_for
from served import ACCESS_KEY_ID, SECRET, Served
from test_clients import *  # noqa: F403 - the tests themselves
from test_tls import certify

pytestmark = pytest.mark.unwatched


class Behind:
    """The simulated provider as a process of its own, in the place of the harness's."""

    requests = ()

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "secret").write_text(SECRET)
        self.env_file = folder / "simulator.env"
        command = [binary().with_name("palisade-simulator"), "--access-key", ACCESS_KEY_ID]
        self.process = subprocess.Popen(
            [*command, "--secret-file", folder / "secret", "--env-file", self.env_file], stdout=subprocess.DEVNULL
        )
        wait_for("the simulator to start", self.env_file.exists, 30)
        env = dict(line.split("=", 1) for line in self.env_file.read_text().splitlines())
        self.port = int(env["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"].rsplit(":", 1)[1])
        self.side = Simulator(env["PALISADE_SIMULATOR_SIDE_URL"])

    def close(self):
        self.process.terminate()
        assert self.process.wait(30) == 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("https")
    chain = certify(folder)
    provider = Behind(folder)
    served = Served(folder / "one", provider, listen=f'tls = {{ certificate = "{chain}", key = "{folder / "key.pem"}" }}')
    served.chain, served.simulator = chain, provider.side
    yield served
    served.end()


@pytest.fixture(autouse=True)
def trust(demo, monkeypatch):
    """Where boto3, requests and httpx look for whom to trust; litellm keeps clients that have looked already."""
    litellm.in_memory_llm_clients_cache.flush_cache()
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(demo.chain))


@pytest.fixture
def watch(demo):
    """What a test asks of the one of the demo."""
    before = len(demo.log.read())

    def decisions():
        return [record for record in demo.log.read()[before:] if record["kind"] == "decision"]

    return SimpleNamespace(canary=lambda _: None, decisions=decisions)
