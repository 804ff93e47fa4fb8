"""Certificates are verified always (T43, F17)."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from pinbot.errors import AddressRefused, CannotConnect, RedirectRefused, TlsFailed, UsageError
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.net.rules import OriginRules
from pinbot.net.tls import tls_context
from tests.fakes import faults
from tests.fakes.server import Reply, Server
from tests.net.world import get, patient

_PAST = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def _server(
    authority: trustme.CA, name: str, expires: datetime | None = None, most: ssl.TLSVersion | None = None
) -> Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=expires).configure_cert(context)
    if most:
        context.maximum_version = most
    return Server(lambda _: Reply(200, (), b"hello"), tls=context, name="localhost")


def _client(server: Server, ca_file: str | None) -> Client:
    return Client(rules={Origin.parse(server.url): OriginRules(ca_file=ca_file)}, world=patient())


def test_trusts_an_authority_from_the_settings(authority: trustme.CA, ca_file: str) -> None:
    with _server(authority, "localhost") as server:
        assert get(server.url, _client(server, ca_file)).body == b"hello"


def test_an_authority_is_trusted_for_its_own_host_only(authority: trustme.CA, ca_file: str) -> None:
    with _server(authority, "localhost") as one, _server(authority, "localhost") as other:
        one.faults.append(faults.redirect(other.url))
        with pytest.raises(TlsFailed):
            get(one.url, _client(one, ca_file))


def test_an_unknown_authority_is_refused_with_the_way_out(authority: trustme.CA) -> None:
    with _server(authority, "localhost") as server:
        with pytest.raises(TlsFailed, match=r"localhost: its certificate is not accepted: .*ca_file"):
            get(server.url, _client(server, None))
        assert server.log == []
        assert server.connections == 1, "a bad certificate is not tried again"


def test_another_name_is_refused(authority: trustme.CA, ca_file: str) -> None:
    with _server(authority, "other.example") as server, pytest.raises(TlsFailed, match="localhost"):
        get(server.url, _client(server, ca_file))


def test_an_expired_certificate_is_refused(authority: trustme.CA, ca_file: str) -> None:
    with _server(authority, "localhost", _PAST) as server, pytest.raises(TlsFailed, match="expired"):
        get(server.url, _client(server, ca_file))


def test_old_protocols_are_not_spoken() -> None:
    assert tls_context().minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_server_without_tls_is_a_sentence() -> None:
    with Server() as server, pytest.raises((TlsFailed, CannotConnect), match="TLS"):
        get(f"https://localhost:{server.port}/", Client(world=patient()))


def test_a_handshake_that_is_cut_is_no_certificate_trouble() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def cut() -> None:
            for _ in range(4):
                connection, _ = listener.accept()
                connection.recv(10)
                connection.close()

        threading.Thread(target=cut, daemon=True).start()
        with pytest.raises(CannotConnect, match="cut during the TLS handshake"):
            get(f"https://localhost:{listener.getsockname()[1]}/", Client(world=patient()))


def test_https_never_becomes_http(authority: trustme.CA, ca_file: str) -> None:
    with _server(authority, "localhost") as server, Server() as plain:
        server.faults.append(faults.redirect(plain.url))
        with pytest.raises(RedirectRefused, match="from https to http"):
            get(server.url, _client(server, ca_file))
        assert plain.log == []


def test_http_is_for_this_machine_or_where_it_is_allowed() -> None:
    with pytest.raises(AddressRefused, match="allow-http"):
        get("http://registry.example/", Client(world=patient()))


def test_a_file_without_certificates_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(UsageError, match=name):
            tls_context(str(tmp_path / name))
