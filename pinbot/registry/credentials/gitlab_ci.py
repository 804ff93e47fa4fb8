"""What a job of GitLab CI may log in with, for the registry and the dependency proxy of that GitLab alone.

https://docs.gitlab.com/ci/variables/predefined_variables/. Its token server is the GitLab itself, which is often
another host than the registry; the job is told its name too.
"""

from __future__ import annotations

from dataclasses import replace

from pinbot.errors import AddressRefused
from pinbot.registry.credentials._base import Login, Wanted, Who, login
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn
from pinbot.registry.options import fold

# The variables that hold a host, a user name and a password; a user name in quotes is one that never changes.
_LOGINS = (
    ("CI_REGISTRY", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD"),
    ("CI_REGISTRY", "'gitlab-ci-token'", "CI_JOB_TOKEN"),
    ("CI_DEPENDENCY_PROXY_SERVER", "CI_DEPENDENCY_PROXY_USER", "CI_DEPENDENCY_PROXY_PASSWORD"),
)


def _open(sources: Sources, _warn: Warn) -> Lookup:
    environ = sources.ambient.environ
    logins: dict[str, Login] = {}
    for host, user, password in _LOGINS if environ.get("GITLAB_CI") == "true" else ():
        name = user.strip("'") if user.startswith("'") else environ.get(user, "")
        found = login(name, environ.get(password, ""), f"GitLab's job ({password})")
        if found and (registry := _host(environ.get(host, ""))):
            realm = environ.get("CI_SERVER_HOST", "")
            logins.setdefault(registry, replace(found, realms=(realm,) if realm else ()))

    async def lookup(wanted: Wanted) -> Who | None:
        return logins.get(wanted.host.removesuffix(":443"))

    return lookup


def _host(written: str) -> str | None:
    try:
        # GitLab writes the usual port of https too, for its dependency proxy.
        return fold(written.removesuffix(":443"))
    except AddressRefused:
        return None


SOURCE = Source("GitLab CI", rank=80, open=_open)
