"""TLS: the SDK of Python, which sends tokens over https only, and HTTP/2 by negotiation."""

import datetime
import ipaddress
import ssl
import socket

import boto3
import h2.connection
import h2.events
import pytest
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway import wait_for
from served import Provider, Served
from test_limits import metric

MESSAGES = [{"role": "user", "content": [{"text": "Hello."}]}]


def certify(folder):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "palisade test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "chain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*private))
    return folder / "chain.pem"


@pytest.fixture(scope="module")
def served(tmp_path_factory, demo):
    folder = tmp_path_factory.mktemp("tls")
    chain = certify(folder)
    side = demo.env["SIMULATOR_URL"]
    served = Served(
        folder / "one",
        Provider(),
        listen=f'tls = {{ certificate = "{chain}", key = "{folder / "key.pem"}" }}',
        upstream=f'[[issuer]]\nissuer = "{side}"\naudience = "palisade"\ntenants = ["retail"]\ninsecure_http = true',
    )
    served.chain = chain
    yield served
    served.provider.close()
    assert served.stop() == 0
    served.check()


def client(served, **options):
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10)
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=served.url,
        region_name="us-east-1",
        verify=str(served.chain),
        config=config,
        **options,
    )


def text_of(answer):
    return answer["output"]["message"]["content"][0]["text"]


def test_boto3_signs_over_https(served):
    who = served.tenants["retail"]
    signed = client(served, aws_access_key_id=who.access_key_id, aws_secret_access_key=who.secret_access_key)
    assert text_of(signed.converse(modelId=served.allowed, messages=MESSAGES)) == "Hello."


def test_boto3_sends_its_bearer_token_over_https(served, demo, monkeypatch):
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", demo.tenants["retail"].jwt)
    assert text_of(client(served).converse(modelId=served.allowed, messages=MESSAGES)) == "Hello."
    decision, _ = served.pairs()[-1]
    assert decision["principal"]["authentication"] == "jwt"


def test_http2_is_negotiated(served, demo):
    context = ssl.create_default_context(cafile=str(served.chain))
    context.set_alpn_protocols(["h2", "http/1.1"])
    body = b'{"messages":[{"role":"user","content":[{"text":"Hello."}]}]}'
    with context.wrap_socket(socket.create_connection(served.address, 10), server_hostname="127.0.0.1") as tls:
        assert tls.selected_alpn_protocol() == "h2"
        http2 = h2.connection.H2Connection()
        http2.initiate_connection()
        headers = [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", "{}:{}".format(*served.address)),
            (":path", f"/model/{served.allowed}/converse"),
            ("authorization", f"Bearer {demo.tenants['retail'].jwt}"),
        ]
        http2.send_headers(1, headers)
        http2.send_data(1, body, end_stream=True)
        tls.sendall(http2.data_to_send())
        status, ended = None, False
        while not ended:
            for event in http2.receive_data(tls.recv(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[b":status"]
                ended = ended or isinstance(event, h2.events.StreamEnded)
    assert status == b"200"
    decision, _ = served.pairs()[-1]
    assert decision["http"]["version"] == "HTTP/2.0"


@pytest.mark.parametrize("spoilt", ["chain.pem", "key.pem"])
def test_files_that_are_no_certificate_or_key_are_named(spoilt, tmp_path):
    certify(tmp_path)
    (tmp_path / spoilt).write_text("not a PEM file\n")
    provider = Provider()
    listen = f'tls = {{ certificate = "{tmp_path / "chain.pem"}", key = "{tmp_path / "key.pem"}" }}'
    with pytest.raises(AssertionError, match="cannot serve TLS with"):
        Served(tmp_path / "one", provider, listen=listen)
    provider.close()


def test_odd_handshakes_fill_no_log(served):
    before = served.output.read_bytes()
    for number in range(100):
        with socket.create_connection(served.address, timeout=10) as connection:
            connection.sendall(b"\x16\x03\x01" + bytes([number]) * 40)
    wait_for("the last one to be seen", lambda: metric(served, "palisade_log_lines_dropped_total"))
    said = served.output.read_bytes()[len(before) :]
    assert 1 <= said.count(b"\n") <= 10, said
