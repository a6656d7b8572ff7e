"""Tokens that the demo's issuer could have given, and tokens it never would.

The keys made here are put into the issuer's key set beside the demo's own, so that only what a test changes is wrong.
"""

import base64
import json
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64_json(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return b64(text.encode())


def jwk(key, algorithm, kid):
    """The public half of a key, as a key set lists it."""
    public = json.loads(jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key()))
    return {**public, "kid": kid, "alg": algorithm, "use": "sig"}


class Mint:
    """Three keys of the issuer, one for each algorithm, and one that the issuer has never seen."""

    def __init__(self, demo):
        self.demo = demo
        self.claims = jwt.decode(demo.tenants["retail"].jwt, options={"verify_signature": False})
        self.keys = {
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        }
        self.foreign = ed25519.Ed25519PrivateKey.generate()
        self._publish()

    def _publish(self):
        """Adds the keys to the issuer's set."""
        self.own = self.demo.simulator.call("GET", "/jwks.json")["keys"]
        self.published = self.own + [jwk(key, algorithm, self.kid(algorithm)) for algorithm, key in self.keys.items()]
        self.publish(self.published)

    def publish(self, keys):
        self.demo.simulator.call("PUT", "/jwks.json", {"keys": keys})

    @staticmethod
    def kid(algorithm):
        return f"test-{algorithm.lower()}"

    def public_pem(self, algorithm):
        return (
            self.keys[algorithm]
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )

    def valid(self, **claims):
        """The claims of a good token, some changed; None takes one away."""
        now = int(time.time())
        merged = {**self.claims, "iat": now, "nbf": now - 10, "exp": now + 300, **claims}
        return {name: value for name, value in merged.items() if value is not None}

    def token(self, algorithm="EdDSA", key=None, headers=None, **claims):
        """A signed token of the issuer."""
        headers = {"kid": self.kid(algorithm), **(headers or {})}
        if headers["kid"] is None:
            del headers["kid"]
        return jwt.encode(self.valid(**claims), key or self.keys[algorithm], algorithm, headers)

    def raw(self, header, claims, algorithm="EdDSA"):
        """A token whose parts are given as text, truly signed with the algorithm's key."""
        parts = f"{b64_json(header)}.{b64_json(claims)}"
        signer = jwt.get_algorithm_by_name(algorithm)
        signature = signer.sign(parts.encode(), signer.prepare_key(self.keys[algorithm]))
        return f"{parts}.{b64(signature)}"
