"""Client certificates: an application is known by what its certificate names, when it shows nothing else."""

import datetime
import http.client
import json
import ssl

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway import wait_for
from served import Provider, Served
from test_tls import MESSAGES, certify, client, text_of

pytestmark = pytest.mark.unwatched

SPIFFE = "spiffe://example.org/retail/assistant"
# With all that RFC 4514 escapes; cryptography writes the same name.
SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Example, "Retail" + Co'),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "#1 unit "),
        x509.NameAttribute(NameOID.COMMON_NAME, "filings"),
    ]
)
ORGANISATION = x509.Name(list(SUBJECT)[:2]).rfc4514_string()
BOUNDS = {"retail": "spiffe://example.org/retail/", "markets": ORGANISATION}
PLAIN = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "workload")])


class Authority:
    """Issues certificates to clients."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"clients of {folder.name}")])
        certificate = self._build(self.name, self.key, [(x509.BasicConstraints(ca=True, path_length=None), True)])
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _build(self, subject, key, extensions, seconds=86_400):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(seconds=seconds))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name, subject=PLAIN, uris=(), seconds=86_400):
        """A certificate with its key; both files."""
        key = ec.generate_private_key(ec.SECP256R1())
        extensions = [(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]), False)]
        if uris:
            extensions.append((x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri) for uri in uris]), False))
        certificate = self._build(subject, key, extensions, seconds)
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        files[1].write_bytes(key.private_bytes(*private))
        return tuple(map(str, files))


def holds(folder, *pairs):
    """Gives applications certificates."""
    file = folder / "registry.toml"
    text = file.read_text()
    for application, name in pairs:
        text = text.replace(f'id = "{application}"\n', f'id = "{application}"\ncertificates = [{json.dumps(name)}]\n', 1)
    for tenant, bound in BOUNDS.items():
        text = text.replace(f'[[tenant]]\nid = "{tenant}"\n', f'[[tenant]]\nid = "{tenant}"\ncertificates = [{json.dumps(bound)}]\n', 1)
    file.write_text(text)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def served(tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("mtls")
    chain = certify(folder)
    served = Served(
        folder / "one",
        Provider(),
        listen=f'tls = {{ certificate = "{chain}", key = "{folder / "key.pem"}", client_ca = "{authority.file}" }}',
        prepare=lambda folder: holds(folder, ("assistant", SPIFFE), ("filings", SUBJECT.rfc4514_string())),
    )
    served.chain = chain
    yield served
    served.provider.close()
    assert served.stop() == 0
    served.check()


def post(served, files, headers=None, connection=None):
    """Converse over a connection that shows a certificate; its status and body."""
    connection = connection or connect(served, files)
    connection.request("POST", f"/model/{served.allowed}/converse", json.dumps({"messages": MESSAGES}), headers or {})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def connect(served, files):
    context = ssl.create_default_context(cafile=str(served.chain))
    if files:
        context.load_cert_chain(*files)
    return http.client.HTTPSConnection(*served.address, context=context, timeout=10)


def test_boto3_with_a_spiffe_id(served, authority):
    config = Config(signature_version=UNSIGNED, client_cert=authority.issue("spiffe", uris=[SPIFFE]), retries={"total_max_attempts": 1})
    unsigned = boto3.client("bedrock-runtime", endpoint_url=served.url, region_name="us-east-1", verify=str(served.chain), config=config)
    assert text_of(unsigned.converse(modelId=served.allowed, messages=MESSAGES)) == "Hello."
    who = served.pairs()[-1][0]["principal"]
    assert (who["authentication"], who["type"], who["id"], who["credential"]) == ("certificate", "Application", "assistant", SPIFFE)


def test_a_subject_is_spelt_as_rfc_4514_says(served, authority):
    assert post(served, authority.issue("subject", SUBJECT))[0] == 200
    who = served.pairs()[-1][0]["principal"]
    assert (who["id"], who["credential"]) == ("filings", SUBJECT.rfc4514_string())


def test_what_else_is_shown_counts_before_the_certificate(served, authority):
    who = served.tenants["markets"]
    options = {"aws_access_key_id": who.access_key_id, "aws_secret_access_key": who.secret_access_key}
    assert text_of(client(served, **options).converse(modelId=served.allowed, messages=MESSAGES)) == "Hello."
    files = authority.issue("both", uris=[SPIFFE])
    status, body = post(served, files, {"authorization": "Bearer a.b.c"})
    assert status == 403, body


@pytest.mark.parametrize(
    ("subject", "uris"),
    [
        (PLAIN, ["spiffe://example.org/markets/other"]),
        (PLAIN, []),
        (PLAIN, [SPIFFE, "spiffe://example.org/two"]),
        # A certificate with a SPIFFE id is that workload's, whatever else it names.
        (SUBJECT, ["spiffe://example.org/markets/other"]),
        (x509.Name([*SUBJECT, x509.NameAttribute(NameOID.SERIAL_NUMBER, "1")]), []),
        (x509.Name(list(SUBJECT)[::-1]), []),
    ],
    ids=["other id", "other subject", "two ids", "id before subject", "one attribute more", "reversed"],
)
def test_certificates_that_are_nobodys_do_not_count(subject, uris, served, authority):
    status, body = post(served, authority.issue("nobody", subject, uris))
    assert status == 403, body
    assert served.pairs()[-1][0]["reason"] == "authentication"


def test_without_a_certificate_something_else_must_be_shown(served):
    assert post(served, None)[0] == 403


def test_a_certificate_of_another_authority_fails_the_handshake(served, tmp_path):
    foreign = Authority(tmp_path / "foreign").issue("foreign", uris=[SPIFFE])
    with pytest.raises((ssl.SSLError, ConnectionError)):
        post(served, foreign)


def test_one_that_ends_while_its_connection_lives_counts_no_more(served, authority):
    files = authority.issue("short", uris=[SPIFFE], seconds=3)
    connection = connect(served, files)
    assert post(served, files, connection=connection)[0] == 200
    wait_for("the certificate to end", lambda: post(served, files, connection=connection)[0] == 403)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (SPIFFE, SUBJECT.rfc4514_string() + ",O=Other", "lets it have"),
        ("spiffe://example.org/markets/filings", SUBJECT.rfc4514_string(), "lets it have"),
        (ORGANISATION, SUBJECT.rfc4514_string(), "lets it have"),
        ("assistant", SUBJECT.rfc4514_string(), "a SPIFFE id, or a subject such as"),
    ],
    ids=["another end", "another's id", "another's subject", "no name"],
)
def test_names_that_cannot_be_are_told(first, second, told, tmp_path):
    served = Served(tmp_path / "one", Provider())
    served.stop()
    served.provider.close()
    holds(served.folder, ("assistant", first), ("filings", second))
    with pytest.raises(AssertionError, match=told):
        served.start()


def test_an_authority_that_cannot_be_read_is_told(tmp_path):
    chain = certify(tmp_path)
    (tmp_path / "empty.pem").write_text("nothing\n")
    listen = f'tls = {{ certificate = "{chain}", key = "{tmp_path / "key.pem"}", client_ca = "{tmp_path / "empty.pem"}" }}'
    provider = Provider()
    with pytest.raises(AssertionError, match="empty.pem"):
        Served(tmp_path / "one", provider, listen=listen)
    provider.close()
