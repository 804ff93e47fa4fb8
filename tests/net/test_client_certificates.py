"""Client certificates and explicit proxies: each is bound to what the settings name, and shown to nobody else."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from pinbot.errors import TlsFailed, UsageError
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.net.proxy import Proxies, ProxyServer
from pinbot.net.rules import OriginRules
from pinbot.net.tls import ClientCertificate, tls_context
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.canary import canary, carries
from tests.fakes.server import Reply, Seen, Server
from tests.net.world import get, patient

NAME = "pinbot@client.example"


class Curious(Server):
    """Asks everyone for a certificate; keeps what it was shown, None for nothing."""

    def __init__(
        self, authority: trustme.CA, *, required: bool = False, most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        authority.configure_trust(context)
        context.maximum_version = most
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
        super().__init__(lambda _: Reply(200, (), b"hello"), tls=context, name="localhost")
        self.shown: list[bytes | None] = []

    def accept(self, connection: socket.socket) -> socket.socket:
        """Remember the certificate of a new connection."""
        wrapped = super().accept(connection)
        assert isinstance(wrapped, ssl.SSLSocket)
        self.shown.append(wrapped.getpeercert(binary_form=True))
        return wrapped


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ca.pem, me.pem, me.key, and the same key with a password."""
    folder: Path = tmp_path_factory.mktemp("mutual")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    mine = authority.issue_cert(NAME)
    mine.cert_chain_pems[0].write_to_path(str(folder / "me.pem"))
    mine.private_key_pem.write_to_path(str(folder / "me.key"))
    key = serialization.load_pem_private_key(mine.private_key_pem.bytes(), None)
    locked = serialization.BestAvailableEncryption(b"hunter2")
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    (folder / "locked.key").write_bytes(pem)
    (folder / "empty").write_text("")
    return folder


def mine(files: Path, key: str = "me.key") -> ClientCertificate:
    return ClientCertificate(str(files / "me.pem"), str(files / key))


def rules(files: Path, server: Server, **given: object) -> dict[Origin, OriginRules]:
    return {Origin.parse(server.url): OriginRules(ca_file=str(files / "ca.pem"), **given)}  # type: ignore[arg-type]


def test_a_client_certificate_opens_what_asks_for_one(authority: trustme.CA, files: Path) -> None:
    with Curious(authority, required=True) as server:
        client = Client(rules=rules(files, server, client_certificate=mine(files)), world=patient())
        assert get(server.url, client).body == b"hello"
        assert server.shown[0]


@pytest.mark.parametrize("most", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_without_one_the_sentence_says_what_is_missing(
    authority: trustme.CA, files: Path, most: ssl.TLSVersion
) -> None:
    with Curious(authority, required=True, most=most) as server, pytest.raises(TlsFailed, match="client-certificate"):
        get(server.url, Client(rules=rules(files, server), world=patient()))


def test_a_client_certificate_is_shown_to_its_own_origin_only(authority: trustme.CA, files: Path) -> None:
    with Curious(authority) as one, Curious(authority) as other:
        one.faults.append(faults.redirect(other.url))
        both = rules(files, one, client_certificate=mine(files)) | rules(files, other)
        assert get(one.url, Client(rules=both, world=patient())).body == b"hello"
        assert one.shown[0] is not None
        assert other.shown == [None]


def test_a_client_certificate_is_not_shown_on_behalf_of_a_stranger(authority: trustme.CA, files: Path) -> None:
    with Server() as stranger, Curious(authority) as other:
        stranger.faults.append(faults.redirect(other.url))
        known = rules(files, other, client_certificate=mine(files))
        assert get(stranger.url, Client(rules=known, world=patient())).body == b"hello"
        assert other.shown == [None]


def test_a_client_certificate_is_not_shown_to_a_proxy(authority: trustme.CA, files: Path) -> None:
    with Curious(authority) as proxy:
        origin = Origin.parse("http://registry.example")
        through = Proxies.through(ProxyServer(Origin.parse(proxy.url)))
        rule = OriginRules(True, str(files / "ca.pem"), mine(files), through)
        assert get("http://registry.example/", Client(rules={origin: rule}, world=patient())).body == b"hello"
        assert proxy.shown == [None]


@pytest.mark.parametrize("name", ["missing", "empty", "locked.key", "ca.pem"])
def test_a_key_that_cannot_be_used_is_a_sentence(files: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"{name}: they are no client certificate"):
        tls_context(None, mine(files, name))


def test_a_proxy_of_the_settings_gets_its_own_login_only() -> None:
    secret = canary("proxy")
    with Server(lambda _: Reply(200, (), b"by proxy")) as proxy:
        proxy.may_see.add(secret)
        server = ProxyServer(Origin.parse(proxy.url), "me", Secret(secret))
        rule = OriginRules(allow_http=True, proxies=Proxies.through(server))
        client = Client(rules={Origin.parse("http://registry.example"): rule}, world=patient())
        assert get("http://registry.example/v2/", client).body == b"by proxy"
        assert carries(proxy.log[0], secret)
        assert secret not in repr(rule)


def test_what_a_registry_leads_to_is_asked_through_its_proxy() -> None:
    def answer(seen: Seen) -> Reply:
        elsewhere = (("Location", "http://store.example/blob"),)
        return Reply(307, elsewhere) if "registry.example" in seen.target else Reply(200, (), b"blob")

    with Server(answer) as proxy:
        through = OriginRules(allow_http=True, proxies=Proxies.through(ProxyServer(Origin.parse(proxy.url))))
        named = {
            Origin.parse("http://registry.example"): through,
            Origin.parse("http://store.example"): OriginRules(allow_http=True),
        }
        assert get("http://registry.example/v2/", Client(rules=named, world=patient())).body == b"blob"
        assert [s.target for s in proxy.log] == ["http://registry.example/v2/", "http://store.example/blob"]


def test_a_registry_may_be_asked_directly_where_all_others_are_not() -> None:
    with Server(lambda _: Reply(200, (), b"direct")) as direct, Server() as proxy:
        everything = Proxies.through(ProxyServer(Origin.parse(proxy.url)))
        rule = {Origin.parse(direct.url): OriginRules(proxies=Proxies())}
        assert get(direct.url, Client(rules=rule, proxies=everything, world=patient())).body == b"direct"
        assert proxy.log == []


def test_no_proxy_makes_exceptions_from_the_one_of_the_settings() -> None:
    through = Proxies.through(ProxyServer(Origin.parse("http://proxy.example")), {"NO_PROXY": ".corp.example"})
    assert through.server_for(Origin.parse("https://r.corp.example")) is None
    assert through.server_for(Origin.parse("https://ghcr.io")) is not None
