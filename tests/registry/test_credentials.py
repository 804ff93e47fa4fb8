"""Where registries are asked, and to whom their logins belong (T7)."""

from __future__ import annotations

import pytest

from pinbot.errors import UsageError
from pinbot.net.origin import Origin
from pinbot.registry.options import RegistryOptions, endpoint_of, fold
from pinbot.registry.token import may_have_login

ENDPOINTS: dict[str, tuple[str, RegistryOptions, str]] = {
    "Docker Hub": ("docker.io", RegistryOptions(), "https://registry-1.docker.io"),
    "another registry": ("ghcr.io", RegistryOptions(), "https://ghcr.io"),
    "a port": ("r.example:5000", RegistryOptions(), "https://r.example:5000"),
    "this machine": ("localhost:5000", RegistryOptions(), "http://localhost:5000"),
    "this machine by address": ("127.0.0.1:5000", RegistryOptions(), "http://127.0.0.1:5000"),
    "this machine by IPv6": ("[::1]:5000", RegistryOptions(), "http://[::1]:5000"),
    "this machine with a certificate": ("localhost:5000", RegistryOptions(ca_file="x"), "https://localhost:5000"),
    "http where it is allowed": ("r.example", RegistryOptions(allow_http=True), "http://r.example"),
    "an endpoint": ("docker.io", RegistryOptions(endpoint="http://localhost:1/"), "http://localhost:1"),
}


@pytest.mark.parametrize(("name", "options", "origin"), ENDPOINTS.values(), ids=ENDPOINTS)
def test_endpoint(name: str, options: RegistryOptions, origin: str) -> None:
    if origin.endswith(":1"):
        with pytest.raises(UsageError):
            endpoint_of(name, RegistryOptions(endpoint="http://localhost:1/x"))
        options = RegistryOptions(endpoint="http://localhost:1")
    assert str(endpoint_of(fold(name), options)) == origin


REALMS: dict[str, tuple[str, str, tuple[str, ...], bool]] = {
    "Docker Hub's own": ("https://auth.docker.io", "https://registry-1.docker.io", (), True),
    "GitLab's own": ("https://gitlab.com", "https://registry.gitlab.com", (), True),
    "the same host": ("https://ghcr.io", "https://ghcr.io", (), True),
    "the same host on another port": ("https://r.example:5001", "https://r.example:5000", (), True),
    "another host": ("https://evil.example", "https://ghcr.io", (), False),
    "Docker Hub's for another registry": ("https://auth.docker.io", "https://ghcr.io", (), False),
    "a subdomain": ("https://auth.r.example", "https://r.example", (), False),
    "a parent domain": ("https://example", "https://r.example", (), False),
    "one in the settings": ("https://sso.example", "https://r.example", ("sso.example",), True),
    "one in the settings on another port": ("https://sso.example:444", "https://r.example", ("sso.example:444",), True),
    "http for https": ("http://r.example", "https://r.example", ("r.example",), False),
    "http for http": ("http://localhost:5001", "http://localhost:5000", (), True),
}


@pytest.mark.parametrize(("realm", "registry", "token_hosts", "may"), REALMS.values(), ids=REALMS)
def test_who_may_have_a_login(realm: str, registry: str, token_hosts: tuple[str, ...], may: bool) -> None:
    assert may_have_login(Origin.parse(realm), Origin.parse(registry), token_hosts) is may
