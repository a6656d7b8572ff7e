"""People in a log, opened from proxy/audit/FORMAT.md alone."""

import base64
import json

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Keys:
    """The keys of people, and what FORMAT.md says of them."""

    def __init__(self, folder):
        found = [json.loads(path.read_text()) for path in folder.glob("[!.]*.json")]
        self.people = {kept["id"]: (kept["tenant"], kept["user"]) for kept in found}
        self.keys = {kept["id"]: AESGCM(base64.b64decode(kept["key"])) for kept in found}

    def open(self, part, text):
        mark, key, sealed = text.split(":")
        assert mark == "sealed"
        sealed = base64.b64decode(sealed, validate=True)
        return self.keys[key].decrypt(sealed[:12], sealed[12:], f"palisade-sealed-v1\n{part}\n{key}".encode()).decode()

    def who(self, decision):
        return self.open("principal.id", decision["principal"]["id"])

    def whence(self, decision):
        return self.open("http.client_ip", decision["http"]["client_ip"])
