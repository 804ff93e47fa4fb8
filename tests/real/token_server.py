"""A token server as docker-registry wants one (https://distribution.github.io/distribution/spec/auth/token/).

Tokens are JWTs signed with RS256 whose `x5c` header carries the certificate that the registry trusts.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.fakes.server import Seen, Watched, watch

ISSUER, SERVICE = "tests", "registry of the tests"


@dataclass
class TokenServer:
    """Gives a token for pulling to whoever names `user` and `password`; wrong ones, or none, get a 401.

    `identity` is a refresh token, which it changes for the same by POST
    (https://distribution.github.io/distribution/spec/auth/oauth/).
    """

    user: str
    password: str
    certificate: Path
    identity: str = "refresh-me"
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._fresh: list[Seen] = []
        watch(Watched(lambda: self.realm, self._taken, lambda: (self.password,), set, lambda: self._is_over))
        self._is_over = False
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._der = _certificate(self._key).public_bytes(serialization.Encoding.DER)
        self.certificate.write_bytes(_certificate_pem(self._der))
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """Answers one request."""

            def do_GET(self) -> None:
                """Give a token, or say 401."""
                self._send(*outer.answer(self.path, self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                """Change a refresh token for a token, or say 401."""
                self._send(*outer.exchange(self.rfile.read(int(self.headers["Content-Length"])).decode()))

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def realm(self) -> str:
        """The URL that a challenge names."""
        return f"http://127.0.0.1:{self._server.server_port}/token"

    def answer(self, target: str, authorization: str) -> tuple[int, bytes]:
        """Return status and body for one request."""
        query = parse_qs(urlsplit(target).query)
        self.asked.append(query)
        self._fresh.append(Seen("GET", target, {"authorization": authorization}))
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, b'{"details": "incorrect username or password"}'
        token = self._token([_access(one) for scope in query.get("scope", []) for one in scope.split()])
        return 200, json.dumps({"token": token, "expires_in": 300}).encode()

    def _taken(self) -> list[Seen]:
        fresh, self._fresh = self._fresh, []
        return fresh

    def exchange(self, body: str) -> tuple[int, bytes]:
        """Return status and body for one POST."""
        form = parse_qs(body)
        self.asked.append(form)
        self._fresh.append(Seen("POST", "/token", {}, body.encode()))
        if form.get("grant_type") != ["refresh_token"] or form.get("refresh_token") != [self.identity]:
            return 401, b'{"details": "invalid refresh token"}'
        token = self._token([_access(scope) for scope in form.get("scope", [])])
        return 200, json.dumps({"access_token": token, "expires_in": 300}).encode()

    def _token(self, access: list[dict[str, Any]]) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": self.user, "aud": SERVICE, "iat": now, "nbf": now - 5, "exp": now + 300}
        chain = [base64.b64encode(self._der).decode()]
        return jwt.encode({**claims, "access": access}, self._key, "RS256", headers={"x5c": chain})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._is_over = True


def _access(scope: str) -> dict[str, Any]:
    kind, rest = scope.split(":", 1)
    name, actions = rest.rsplit(":", 1)
    return {"type": kind, "name": name, "actions": [a for a in actions.split(",") if a == "pull"]}


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tokens")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


def _certificate_pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
