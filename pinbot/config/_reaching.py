"""How hosts are reached, as the settings have it: a proxy, and a certificate that says who we are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pinbot.config.secrets import SecretSource, secret
from pinbot.config.section import Section


@dataclass(frozen=True, slots=True)
class ClientCertificateSettings:
    """Two files in PEM: the certificate, with what leads to its authority, and its key."""

    cert: str
    key: str


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """The proxy to ask through: its URL without a login, None for none, and the login."""

    url: str | None = None
    username: str | None = None
    password: SecretSource | None = None


def client_certificate(section: Section) -> ClientCertificateSettings:
    """Return the files of a client certificate. Raises SettingsError."""
    cert, key = section.file("cert"), section.file("key")
    section.nothing_else()
    if cert is None or key is None:
        missing = "cert" if cert is None else "key"
        raise section.fail(missing, "a client certificate needs `cert`, a file in PEM, and `key`, the file of its key")
    return ClientCertificateSettings(cert, key)


def proxy(section: Section, key: str = "proxy") -> ProxySettings | None:
    """Return the proxy: a URL, false for none, or `{url, username, password}`. Raises SettingsError."""
    if isinstance(section.raw(key), Mapping):
        return section.section(key, _with_login, None)
    url = section.text_or_off(key)
    if url is None:
        return None
    return ProxySettings() if url == "off" else ProxySettings(_checked(section, key, url))


def _with_login(section: Section) -> ProxySettings:
    url, username = section.text("url"), section.text("username")
    password = section.section("password", secret, None)
    section.nothing_else()
    if (username is None) != (password is None):
        raise section.fail("username" if password is None else "password", "username and password go together")
    return ProxySettings(_checked(section, "url", url or ""), username, password)


def _checked(section: Section, key: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        host, has_login, _ = parts.hostname, "@" in parts.netloc, parts.port
    except ValueError:
        host, has_login = None, False
    if has_login:
        # The URL is not shown: it holds a password.
        raise section.fail(key, f"the login of the proxy is not to be in its URL: {key}: {{url, username, password}}")
    if not host or parts.scheme not in {"http", "https"} or parts.path not in {"", "/"} or parts.query:
        raise section.fail(key, f"{key} must be the URL of a proxy, http://HOST:PORT (or https://), or false")
    return url
