"""One demo for the whole run, SDK clients for its tenants, and the invariants after every test."""

import http.client
import itertools
import os
import signal
import uuid

import boto3
import pytest

from gateway import TENANTS, Demo, Watch, replays, verified
from served import Provider, Served
from tokens import Mint
from wire import bearer, call, converse, path_of


@pytest.fixture(scope="session")
def demos(tmp_path_factory):
    """Starts demos; all are stopped at the end and must have ended in order."""
    started = []

    def start():
        started.append(Demo(tmp_path_factory.mktemp("demo")))
        return started[-1]

    yield start
    codes = [demo.stop(signal.SIGINT) for demo in started]
    assert set(codes) <= {0}, f"demos ended with {codes}"
    for demo in started:
        replays(demo.log.folder)
        verified(demo.log.folder)


@pytest.fixture(scope="session")
def tokens(demos):
    """Mints tokens that the demo's issuer could have given, and ones it never would.

    Made with the demo, before the gateway has any reason to fetch the issuer's keys.
    """
    return Mint(demos())


@pytest.fixture(scope="session")
def demo(tokens):
    return tokens.demo


@pytest.fixture(autouse=True)
def watch(request):
    """Watches one test, and asserts the invariants when it is over."""
    if "unwatched" in request.keywords:
        yield None
        return
    demo = request.getfixturevalue("demo")
    watch = Watch(demo)
    yield watch
    left = len(demo.simulator.waiting())
    try:
        watch.check()
        assert left == 0, f"the test left {left} scripted replies"
    finally:
        use_up_replies(demo)


def use_up_replies(demo):
    """Calls until no scripted reply waits, so that a failed test does not spoil the next one."""
    while demo.simulator.waiting():
        try:
            call(demo, path_of(demo.allowed, "converse"), converse("next"), bearer(demo), timeout=1)
        except (OSError, http.client.HTTPException):
            pass


@pytest.fixture(scope="session")
def clients(demo):
    """An unmodified boto3 client for each tenant, set up by environment variables alone."""
    made = {}
    for tenant in TENANTS:
        credentials = demo.tenants[tenant]
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patch.delenv(name)
            patch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", demo.url)
            patch.setenv("AWS_ACCESS_KEY_ID", credentials.access_key_id)
            patch.setenv("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key)
            patch.setenv("AWS_REGION", "us-east-1")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            patch.setenv("AWS_CONFIG_FILE", os.devnull)
            patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            made[tenant] = boto3.Session().client("bedrock-runtime")
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def retail(clients):
    return clients["retail"]


@pytest.fixture
def sent(clients):
    """The bodies that boto3 has put on the wire during this test."""
    bodies = []

    def note(request, **_):
        bodies.append(request.body if isinstance(request.body, bytes) else request.body.encode())

    for client in clients.values():
        client.meta.events.register("before-send.bedrock-runtime", note)
    yield bodies
    for client in clients.values():
        client.meta.events.unregister("before-send.bedrock-runtime", note)


_numbers = itertools.count()


@pytest.fixture
def canary(watch):
    """Makes words that must not show up in any log; each is new."""
    return lambda: watch.canary(f"canary{next(_numbers)}x{uuid.uuid4().hex}")


@pytest.fixture
def serve(tmp_path):
    """Starts a gateway with limits of the test's own; checks and stops it."""
    started = []

    def start(**options):
        started.append(Served(tmp_path / f"served{len(started)}", Provider(), **options))
        return started[-1]

    yield start
    for served in started:
        served.provider.close()
        served.stop()
        served.check()
